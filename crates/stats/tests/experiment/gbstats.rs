//! Every figure of GrowthBook's statistics engine (growthbook/growthbook, packages/stats, commit 8f1db445)
//! that we were given, to 1e-8. The figures are its own output on the inputs in the file; its two defects (an
//! arm of share zero counted as a degree of freedom, a prior not carried between scales) are not among them
//! and not ours.

use crate::simulate::near;
use stats::experiment::arm::Arm;
use stats::experiment::bayes::{Better, Prior, posterior};
use stats::experiment::cuped::adjust;
use stats::experiment::effect::{Effect, Scale, compare};
use stats::experiment::moments::Moments;
use stats::experiment::plan::Plan;
use stats::experiment::srm;

const FIGURES: &str = include_str!("gbstats.txt");

fn numbers(list: &str) -> Vec<f64> {
    list.split(',').map(|number| number.parse().unwrap()).collect()
}

fn both(f: &[f64]) -> Moments<2> {
    Moments::from_sums(f[0] as u64, [f[1], f[3]], [[f[2], f[5]], [f[5], f[4]]]).unwrap()
}

/// Control, treatment and, for CUPED, theta.
fn arms(kind: &str, control: &[f64], treatment: &[f64]) -> (Arm, Arm, Option<f64>) {
    let arm = |f: &[f64]| match kind {
        "proportion" => Arm::proportion(f[0] as u64, f[1] as u64).unwrap(),
        "mean" => Arm::mean(&Moments::from_sums(f[0] as u64, [f[1]], [[f[2]]]).unwrap()).unwrap(),
        other => panic!("{other}"),
    };
    if kind == "cuped" {
        let adjusted = adjust(&both(control), &both(treatment)).unwrap();
        return (adjusted.control, adjusted.treatment, Some(adjusted.theta));
    }
    (arm(control), arm(treatment), None)
}

fn check(effect: &Effect, analysis: &str, figures: &[f64]) {
    let prior = Prior::Normal { scale: Scale::Relative, mean: 0.0, standard_deviation: 0.1 };
    let (found, interval, rest) = match analysis {
        "fixed" | "sequence" => {
            let plan = if analysis == "fixed" { Plan::completed(0.95) } else { Plan::sequence(0.95, 5000) };
            let reading = plan.unwrap().judge(effect).unwrap();
            near(effect.standard_error, figures[3], 1e-8);
            (effect.value, reading.interval, vec![reading.p_value])
        }
        "flat" | "prior" => {
            let prior = if analysis == "flat" { Prior::Flat } else { prior };
            let read = posterior(effect, &prior, Better::Higher).unwrap();
            near(read.standard_deviation, figures[3], 1e-8);
            let rest = vec![read.p_win, read.control_loss, read.treatment_loss];
            (read.mean, read.interval(0.95).unwrap(), rest)
        }
        other => panic!("{other}"),
    };
    near(found, figures[0], 1e-8);
    near(interval.low, figures[1], 1e-8);
    near(interval.high, figures[2], 1e-8);
    for (found, expected) in rest.iter().zip(&figures[4..]) {
        near(*found, *expected, 1e-8);
    }
}

#[test]
fn effects_of_growthbook() {
    let mut arms_now = None;
    let mut checked = 0;
    for line in FIGURES.lines().filter(|line| !line.starts_with('#') && !line.starts_with("srm")) {
        let cells: Vec<&str> = line.split(';').collect();
        match cells[0] {
            "case" => arms_now = Some(arms(cells[1], &numbers(cells[2]), &numbers(cells[3]))),
            "theta" => near(arms_now.unwrap().2.unwrap(), cells[1].parse().unwrap(), 1e-12),
            analysis => {
                let scale = if cells[1] == "absolute" { Scale::Absolute } else { Scale::Relative };
                let (control, treatment, _) = arms_now.unwrap();
                let figures: Vec<f64> = cells[2..].iter().map(|cell| cell.parse().unwrap()).collect();
                check(&compare(&control, &treatment, scale).unwrap(), analysis, &figures);
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 64);
}

#[test]
fn sample_ratios_of_growthbook() {
    let mut checked = 0;
    for line in FIGURES.lines().filter(|line| line.starts_with("srm")) {
        let cells: Vec<&str> = line.split(';').collect();
        let counts: Vec<u64> = numbers(cells[1]).iter().map(|count| *count as u64).collect();
        let found = srm::check(&counts, &numbers(cells[2]), srm::Limits::default()).unwrap();
        near(found.p_value, cells[3].parse().unwrap(), 1e-8);
        checked += 1;
    }
    assert_eq!(checked, 4);
}
