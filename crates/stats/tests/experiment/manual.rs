//! The numbers of the manual's page are computed here, by the calls it shows, and looked for in its text.

use stats::bootstrap::percentiles;
use stats::experiment::arm::Arm;
use stats::experiment::bayes::{Better, Prior, posterior};
use stats::experiment::bootstrap;
use stats::experiment::cuped::{adjust, adjust_ratio};
use stats::experiment::effect::{Effect, Scale, compare};
use stats::experiment::fieller::{Pair, Set, fieller};
use stats::experiment::geo;
use stats::experiment::interrupted::{self, interrupted};
use stats::experiment::metrics;
use stats::experiment::moments::Moments;
use stats::experiment::plan::Plan;
use stats::experiment::power::{Clusters, Design, Outcome, minimum_effect, power, sample_size};
use stats::experiment::quantile;
use stats::experiment::roi::incremental_return;
use stats::experiment::srm;
use stats::experiment::staggered::{By, Controls, Panel, group_time};
use stats::experiment::strata::{Stratum, post_stratify};
use stats::experiment::synthetic::{Setting, placebo};

const PAGE: &str = include_str!("../../../../docs/manual/stats/experiments.md");

#[track_caller]
fn says(sentence: &str) {
    assert!(PAGE.contains(sentence), "the page does not say: {sentence}");
}

fn read(plan: Plan, effect: &Effect) -> String {
    let found = plan.judge(effect).unwrap();
    let Effect { value, standard_error, .. } = found.effect;
    let (low, high, p) = (found.interval.low, found.interval.high, found.p_value);
    format!("effect {value:.6}, standard error {standard_error:.6}, interval {low:.6} to {high:.6}, p {p:.6}")
}

fn fixed(effect: &Effect) -> String {
    read(Plan::completed(0.95).unwrap(), effect)
}

fn proportions(scale: Scale) -> Effect {
    compare(&Arm::proportion(1_000, 10_000).unwrap(), &Arm::proportion(1_080, 10_000).unwrap(), scale)
        .unwrap()
}

#[test]
fn proportions_and_plans() {
    let absolute = proportions(Scale::Absolute);
    says(&format!("fixed, absolute: {}", fixed(&absolute)));
    says(&format!("fixed, relative: {}", fixed(&proportions(Scale::Relative))));
    says(&format!("sequence: {}", read(Plan::sequence(0.95, 5_000).unwrap(), &absolute)));
    says(&format!("mixture: {}", read(Plan::mixture(0.95, 0.01).unwrap(), &absolute)));
    let prior = Prior::Normal { scale: Scale::Relative, mean: 0.0, standard_deviation: 0.1 };
    for (name, prior) in [("flat prior", Prior::Flat), ("prior of 10 %", prior)] {
        let found = posterior(&absolute, &prior, Better::Higher).unwrap();
        says(&format!(
            "{name}: mean {:.6}, P(win) {:.4}, expected loss of control {:.6}, of treatment {:.6}",
            found.mean, found.p_win, found.control_loss, found.treatment_loss
        ));
    }
}

#[test]
fn means_ratios_and_clusters() {
    let control = Moments::from_sums(260, [1_184_248.292_76], [[13_182_781_867.016_876]]).unwrap();
    let treatment = Moments::from_sums(185, [1_174_591.553_1], [[18_846_517_608.708_443]]).unwrap();
    let arm = |moments: &Moments<1>| Arm::mean(moments).unwrap();
    says(&fixed(&compare(&arm(&control), &arm(&treatment), Scale::Absolute).unwrap()));

    // Sales and orders of five customers per arm.
    let sales = [[30.0, 12.0, 55.0, 20.0, 8.0], [41.0, 18.0, 70.0, 26.0, 10.0]];
    let orders = [[3.0, 1.0, 5.0, 2.0, 1.0], [3.0, 2.0, 5.0, 2.0, 1.0]];
    let ratio =
        |arm: usize| Arm::ratio(&Moments::from_columns([&sales[arm][..], &orders[arm]]).unwrap()).unwrap();
    says(&format!("ratio: {}", fixed(&compare(&ratio(0), &ratio(1), Scale::Absolute).unwrap())));

    let clustered = |values: &[f64]| Arm::clustered(values, &[1, 1, 2, 2, 3, 3]).unwrap();
    let (control, treatment) =
        (clustered(&[1.0, 2.0, 4.0, 5.0, 3.0, 3.0]), clustered(&[4.0, 4.0, 6.0, 8.0, 5.0, 3.0]));
    says(&format!("stores: {}", fixed(&compare(&control, &treatment, Scale::Absolute).unwrap())));
}

#[test]
fn covariates_and_strata() {
    let arm = |sum: f64, squares: f64, products: f64| {
        Moments::from_sums(2_000, [sum, 9_489.0], [[squares, products], [products, 60_609.3]]).unwrap()
    };
    let adjusted =
        adjust(&arm(11_587.76, 79_964.617_6, 67_529.652), &arm(11_987.76, 84_598.832, 69_376.896)).unwrap();
    says(&format!("theta {:.6}, variance ratio {:.4}", adjusted.theta, adjusted.variance_ratio));
    says(&format!("cuped: {}", fixed(&adjusted.effect(Scale::Absolute).unwrap())));

    let four = |lift: f64| {
        let before = [20.0, 9.0, 48.0, 17.0, 30.0];
        let orders = [2.0, 1.0, 5.0, 2.0, 3.0];
        let after = [22.0 + lift, 10.0, 55.0 + 2.0 * lift, 16.0 + lift, 34.0];
        let orders_after = [2.0, 1.0, 5.0, 2.0, 3.0];
        Moments::from_columns([&after[..], &orders_after, &before, &orders]).unwrap()
    };
    let adjusted = adjust_ratio(&four(0.0), &four(3.0)).unwrap();
    says(&format!("ratio theta {:.6}, variance ratio {:.4}", adjusted.theta, adjusted.variance_ratio));

    let stratum = |control, treatment| Stratum {
        control: Arm::proportion(control, 1_000).unwrap(),
        treatment: Arm::proportion(treatment, 1_000).unwrap(),
    };
    let effect = post_stratify(&[stratum(50, 70), stratum(300, 340)], Scale::Absolute).unwrap();
    says(&format!("strata: {}", fixed(&effect)));
}

#[test]
fn quantiles_and_bootstrap() {
    let control: Vec<f64> = (1..=200).map(f64::from).collect();
    let treatment: Vec<f64> = (1..=200).map(|i| f64::from(i) * 1.3).collect();
    let arm = |values: &[f64]| quantile::arm(values, 0.5).unwrap();
    says(&format!("median: {}", fixed(&compare(&arm(&control), &arm(&treatment), Scale::Absolute).unwrap())));
    let replicates = bootstrap::difference(&control, &treatment, Scale::Absolute, 2_000, 1).unwrap();
    let (low, high) = percentiles(&replicates, 0.95).unwrap();
    says(&format!("bootstrap: {low:.3} to {high:.3}"));
}

#[test]
fn ratios_of_samples_and_many_metrics() {
    let found = srm::check(&[9_400, 600], &[95.0, 5.0], srm::Limits::default()).unwrap();
    says(&format!(
        "chi-square {:.4}, p {:.3e}, largest gap {:.3}",
        found.chi_square, found.p_value, found.largest_gap
    ));
    let adjusted: Vec<String> = metrics::adjust(&[0.003, 0.04, 0.021, 0.6], 0.05)
        .unwrap()
        .iter()
        .map(|metric| format!("{:.4} {}", metric.adjusted, if metric.is_discovery { "yes" } else { "no" }))
        .collect();
    says(&adjusted.join(", "));
}

#[test]
fn before_the_start() {
    let one = Outcome::Mean { control_deviation: 1.0, treatment_deviation: 1.0 };
    let plain = Design::default();
    says(&format!("{} per arm", sample_size(&plain, one, 0.2, 0.8).unwrap().control));
    let halved = Design { covariate: 0.7, ..plain };
    says(&format!(
        "{} per arm with a covariate of correlation 0.7",
        sample_size(&halved, one, 0.2, 0.8).unwrap().control
    ));
    let clusters = Clusters { size: 50.0, variation: 0.4, correlation: 0.02 };
    let stores = Design { clusters: Some(clusters), ..plain };
    says(&format!("{} per arm in stores of 50", sample_size(&stores, one, 0.2, 0.8).unwrap().control));
    let share = Outcome::Proportion { control: 0.1 };
    says(&format!("power {:.4}", power(&plain, share, 0.008, 10_000.0).unwrap()));
    let holdout = Design { ratio: 19.0, ..plain };
    says(&format!("smallest effect {:.5}", minimum_effect(&holdout, share, 5_000.0, 0.8).unwrap()));
}

#[test]
fn money() {
    let set = |denominator_variance: f64| {
        let pair = Pair {
            numerator: 3.0,
            numerator_variance: 0.25,
            denominator: 1.5,
            denominator_variance,
            covariance: 0.05,
        };
        match fieller(&pair, 0.95, f64::INFINITY).unwrap() {
            Set::Between { low, high } => format!("{low:.4} to {high:.4}"),
            Set::Outside { below, above } => format!("at most {below:.4} or at least {above:.4}"),
            other => format!("{other:?}"),
        }
    };
    says(&format!("with variance 0.04: {}", set(0.04)));
    says(&format!("with variance 0.81: {}", set(0.81)));
    let arm = |sums: [f64; 2], squares: [[f64; 2]; 2]| Moments::from_sums(1_000, sums, squares).unwrap();
    let control = arm([20_000.0, 0.0], [[464_000.0, 0.0], [0.0, 0.0]]);
    let treatment = arm([23_000.0, 1_500.0], [[593_000.0, 36_000.0], [0.0, 6_000.0]]);
    let found = incremental_return(&control, &treatment, 0.95).unwrap();
    let Set::Between { low, high } = found.roi_set else { panic!("{found:?}") };
    says(&format!(
        "margin {:.2}, cost {:.2}, profit {:.2} ({:.3} to {:.3}), return {:.3} ({low:.3} to {high:.3})",
        found.margin,
        found.cost,
        found.profit,
        found.profit_interval.low,
        found.profit_interval.high,
        found.roi
    ));
}

#[test]
fn designs_without_a_draw() {
    // Four stores; the first two start in period 2.
    let outcomes =
        [10.0, 11.0, 15.0, 17.0, 20.0, 21.0, 26.0, 28.0, 5.0, 6.0, 7.0, 8.0, 30.0, 31.0, 31.0, 33.0];
    let first_treated = [Some(2), Some(2), None, None];
    let panel = Panel { periods: 4, outcomes: &outcomes, first_treated: &first_treated, clusters: None };
    let found = group_time(&panel, Controls::NeverTreated).unwrap();
    for cell in &found.cells {
        says(&format!(
            "| {} | {} | {:.2} | {:.4} |",
            cell.group, cell.period, cell.effect, cell.standard_error
        ));
    }
    let all = found.averages(By::All)[0];
    says(&format!("all: {:.3}, standard error {:.4}", all.effect, all.standard_error));

    // Six markets of a formula; the first is half the second and half the third, and 8 above them from period
    // 20 on.
    let wave = |market: f64| -> Vec<f64> {
        (0..30)
            .map(|t| 50.0 + 10.0 * market + 6.0 * (0.7 * f64::from(t) * (1.0 + 0.2 * market)).sin())
            .collect()
    };
    let mut markets: Vec<Vec<f64>> = (0..6).map(|market| wave(f64::from(market))).collect();
    markets[0] = (0..30).map(|t| 0.5 * (markets[1][t] + markets[2][t]) + (t as f64 * 2.3).sin()).collect();
    markets[0][20..].iter_mut().for_each(|value| *value += 8.0);
    let slices: Vec<&[f64]> = markets.iter().map(Vec::as_slice).collect();
    let found = placebo(slices[0], &slices[1..], Setting { before: 20, is_centred: true }).unwrap();
    says(&format!(
        "effect {:.3}, weights {:.3} and {:.3}, placebo p {:.4}",
        found.synthetic.effect, found.synthetic.weights[0], found.synthetic.weights[1], found.p_value
    ));
    let found = geo::measure(&slices, &[0], 20, 0.9).unwrap();
    says(&format!("lift {:.4}, total {:.2}, p {:.4}", found.lift, found.total, found.p_value));

    let series: Vec<f64> = (0..40)
        .map(|t: i32| {
            let (t, after) = (f64::from(t), f64::from(t >= 24));
            100.0
                + 0.8 * t
                + after * (12.0 - 0.5 * (t - 24.0))
                + 5.0 * (1.7 * t).sin()
                + 3.0 * (0.9 * t * t).cos()
        })
        .collect();
    let setting = interrupted::Setting { start: 24, season: None, lags: Some(3), level: 0.95 };
    let found = interrupted(&series, setting).unwrap();
    says(&format!(
        "step {:.3} ({:.3} to {:.3}), bend {:.3}, total {:.1}",
        found.step.value,
        found.step.interval.low,
        found.step.interval.high,
        found.bend.value,
        found.total.value
    ));
}
