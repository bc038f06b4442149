//! How often intervals hold what they say, in ten thousand seeded repetitions; three standard errors of such
//! a share are 0.0065.

use crate::simulate::{normal, normals, seeded, share};
use rand_distr::{Binomial, ChiSquared, Distribution};
use stats::bootstrap::percentiles;
use stats::describe::standard_deviation;
use stats::experiment::arm::Arm;
use stats::experiment::bootstrap;
use stats::experiment::cuped::{adjust, adjust_ratio};
use stats::experiment::effect::{Effect, Scale, compare};
use stats::experiment::fieller::{Pair, fieller};
use stats::experiment::moments::Moments;
use stats::experiment::plan::{Plan, Reading};
use stats::experiment::quantile;
use stats::experiment::staggered::{By, Controls, Panel, group_time};
use stats::experiment::strata::{Stratum, post_stratify};

const RUNS: u64 = 10_000;

fn read(effect: &Effect) -> Reading {
    Plan::completed(0.95).unwrap().judge(effect).unwrap()
}

fn holds(reading: &Reading, truth: f64) -> bool {
    reading.interval.low <= truth && truth <= reading.interval.high
}

#[track_caller]
fn nominal(found: f64) {
    assert!((found - 0.95).abs() <= 0.01, "covers {found}, not 0.95 within 0.01");
}

fn mean_arm(values: &[f64]) -> Arm {
    Arm::mean(&Moments::from_columns([values]).unwrap()).unwrap()
}

#[test]
fn welch_with_unequal_arms_and_spreads() {
    nominal(share(RUNS, |run| {
        let mut random = seeded(run);
        let control: Vec<f64> = normals(&mut random, 12).iter().map(|z| 10.0 + 3.0 * z).collect();
        let treatment: Vec<f64> = normals(&mut random, 40).iter().map(|z| 11.0 + z).collect();
        holds(&read(&compare(&mean_arm(&control), &mean_arm(&treatment), Scale::Absolute).unwrap()), 1.0)
    }));
}

#[test]
fn relative_differences() {
    nominal(share(RUNS, |run| {
        let mut random = seeded(run);
        let control: Vec<f64> = normals(&mut random, 300).iter().map(|z| 10.0 + 4.0 * z).collect();
        let treatment: Vec<f64> = normals(&mut random, 300).iter().map(|z| 12.0 + 4.0 * z).collect();
        holds(&read(&compare(&mean_arm(&control), &mean_arm(&treatment), Scale::Relative).unwrap()), 0.2)
    }));
}

#[test]
fn proportions() {
    nominal(share(RUNS, |run| {
        let mut random = seeded(run);
        let mut arm =
            |p| Arm::proportion(Binomial::new(3_000, p).unwrap().sample(&mut random), 3_000).unwrap();
        holds(&read(&compare(&arm(0.10), &arm(0.13), Scale::Absolute).unwrap()), 0.03)
    }));
}

/// A covariate of correlation 0.8 must narrow the interval to 0.6 of its width and still cover.
#[test]
fn cuped_covers_and_narrows() {
    let mut widths = [0.0, 0.0];
    nominal(share(RUNS, |run| {
        let mut random = seeded(run);
        let mut arm = |shift: f64| {
            let before = normals(&mut random, 150);
            let after: Vec<f64> =
                before.iter().map(|before| shift + 0.8 * before + 0.6 * normal(&mut random)).collect();
            Moments::from_columns([&after, &before]).unwrap()
        };
        let (control, treatment) = (arm(0.0), arm(0.1));
        let adjusted = adjust(&control, &treatment).unwrap();
        let reading = read(&adjusted.effect(Scale::Absolute).unwrap());
        widths[0] += reading.interval.high - reading.interval.low;
        widths[1] += 2.0 * 1.972 * ((adjusted.control.variance + adjusted.treatment.variance) / 150.0).sqrt();
        holds(&reading, 0.1)
    }));
    assert!((widths[0] / widths[1] - 0.6).abs() < 0.01, "{widths:?}");
}

/// Sales per order with customers randomised: a customer's orders are alike, and heavy customers have many.
fn shopper(random: &mut rand_pcg::Pcg64Mcg, lift: f64) -> [f64; 4] {
    let taste = normal(random);
    let mut period = |lift: f64| {
        let orders = 1.0 + Binomial::new(8, 0.3).unwrap().sample(random) as f64;
        (orders * (20.0 + 5.0 * taste + lift) + orders.sqrt() * 4.0 * normal(random), orders)
    };
    let (before, orders_before) = period(0.0);
    let (after, orders_after) = period(lift);
    [after, orders_after, before, orders_before]
}

#[test]
fn ratios_with_and_without_a_covariate() {
    let mut widths = [0.0, 0.0];
    let mut plain_holds = 0;
    nominal(share(RUNS, |run| {
        let mut random = seeded(run);
        let mut arm = |lift: f64| {
            let rows: Vec<[f64; 4]> = (0..250).map(|_| shopper(&mut random, lift)).collect();
            let column = |place: usize| -> Vec<f64> { rows.iter().map(|row| row[place]).collect() };
            let columns = [column(0), column(1), column(2), column(3)];
            let both = Moments::from_columns([&columns[0][..], &columns[1]]).unwrap();
            (Arm::ratio(&both).unwrap(), Moments::from_columns(columns.each_ref().map(|c| &c[..])).unwrap())
        };
        let (control, treatment) = (arm(0.0), arm(1.0));
        let plain = read(&compare(&control.0, &treatment.0, Scale::Absolute).unwrap());
        let adjusted = adjust_ratio(&control.1, &treatment.1).unwrap();
        let adjusted = read(&adjusted.effect(Scale::Absolute).unwrap());
        widths[0] += adjusted.interval.high - adjusted.interval.low;
        widths[1] += plain.interval.high - plain.interval.low;
        plain_holds += u64::from(holds(&plain, 1.0));
        holds(&adjusted, 1.0)
    }));
    nominal(plain_holds as f64 / RUNS as f64);
    assert!(widths[0] < 0.7 * widths[1], "{widths:?}");
}

/// Forty stores of unequal size, randomised whole: treating customers as independent covers half the time.
#[test]
fn clusters_cover_and_rows_do_not() {
    let mut naive = 0;
    let found = share(RUNS, |run| {
        let mut random = seeded(run);
        let mut arm = |first: u64| -> (Vec<f64>, Vec<u64>) {
            let mut rows = (Vec::new(), Vec::new());
            for store in first..first + 40 {
                let level = 0.5 * normal(&mut random);
                for _ in 0..10 + store % 7 {
                    rows.0.push(level + normal(&mut random));
                    rows.1.push(store);
                }
            }
            rows
        };
        let (control, treatment) = (arm(0), arm(40));
        let rows = compare(&mean_arm(&control.0), &mean_arm(&treatment.0), Scale::Absolute).unwrap();
        naive += u64::from(holds(&read(&rows), 0.0));
        let clustered = |arm: &(Vec<f64>, Vec<u64>)| Arm::clustered(&arm.0, &arm.1).unwrap();
        let effect = compare(&clustered(&control), &clustered(&treatment), Scale::Absolute).unwrap();
        holds(&read(&effect), 0.0)
    });
    nominal(found);
    assert!(naive < 8 * RUNS / 10, "rows taken as independent cover {naive} of {RUNS}");
}

/// Strata with different levels, effects and draws of their sizes.
#[test]
fn post_stratified_effects_on_the_population() {
    let truth = 0.5 * 0.0 + 0.3 * 1.0 + 0.2 * 3.0;
    for scale in [Scale::Absolute, Scale::Relative] {
        let base = 0.5 * 10.0 + 0.3 * 14.0 + 0.2 * 20.0;
        let truth = if scale == Scale::Absolute { truth } else { truth / base };
        nominal(share(RUNS, |run| {
            let mut random = seeded(run);
            let mut rows: [[Vec<f64>; 2]; 3] = Default::default();
            for customer in 0..600 {
                let u = rand_distr::Uniform::new(0.0, 1.0).unwrap().sample(&mut random);
                let stratum = if u < 0.5 {
                    0
                } else if u < 0.8 {
                    1
                } else {
                    2
                };
                let (level, lift) = [(10.0, 0.0), (14.0, 1.0), (20.0, 3.0)][stratum];
                let arm = customer % 2;
                rows[stratum][arm].push(level + lift * arm as f64 + 2.0 * normal(&mut random));
            }
            let strata: Vec<Stratum> = rows
                .iter()
                .map(|[control, treatment]| Stratum {
                    control: mean_arm(control),
                    treatment: mean_arm(treatment),
                })
                .collect();
            holds(&read(&post_stratify(&strata, scale).unwrap()), truth)
        }));
    }
}

/// Fieller is exact for normal estimates of known variance, also where the denominator is hardly different
/// from zero and most sets are not intervals.
#[test]
fn fieller_with_clear_and_unclear_denominators() {
    for (denominator, share_unbounded) in [(8.0, 0.0), (2.0, 0.484), (0.5, 0.921)] {
        let mut unbounded = 0;
        nominal(share(RUNS, |run| {
            let mut random = seeded(run);
            let (first, second) = (normal(&mut random), normal(&mut random));
            let pair = Pair {
                numerator: 3.0 + first,
                numerator_variance: 1.0,
                denominator: denominator + 0.5 * first + 0.75f64.sqrt() * second,
                denominator_variance: 1.0,
                covariance: 0.5,
            };
            let set = fieller(&pair, 0.95, f64::INFINITY).unwrap();
            unbounded += u64::from(!matches!(set, stats::experiment::fieller::Set::Between { .. }));
            set.contains(3.0 / denominator)
        }));
        // |denominator| below 1.96 standard errors.
        let found = unbounded as f64 / RUNS as f64;
        assert!((found - share_unbounded).abs() < 0.015, "{found} of the sets are no intervals");
    }
}

/// One arm's running mean and centred squares, fed by looks of `count` normal rows at a time, exactly
/// distributed.
struct Stream {
    moments: Option<Moments<1>>,
}

impl Stream {
    fn feed(&mut self, random: &mut rand_pcg::Pcg64Mcg, count: u64, shift: f64) -> Arm {
        let n = count as f64;
        let mean = shift + normal(random) / n.sqrt();
        let squares = ChiSquared::new(n - 1.0).unwrap().sample(random);
        let look = Moments { count, means: [mean], products: [[squares]] };
        let all = self.moments.map_or(look, |before| before.merge(&look));
        self.moments = Some(all);
        Arm::mean(&all).unwrap()
    }
}

/// Thirty looks at a thousand customers more per arm each.
fn looks(run: u64, shift: f64) -> Vec<Effect> {
    let mut random = seeded(run);
    let (mut control, mut treatment) = (Stream { moments: None }, Stream { moments: None });
    (0..30)
        .map(|_| {
            let (control, treatment) =
                (control.feed(&mut random, 1_000, 0.0), treatment.feed(&mut random, 1_000, shift));
            compare(&control, &treatment, Scale::Absolute).unwrap()
        })
        .collect()
}

/// Thirty looks at an experiment that does nothing: the plain interval excludes zero at some look in a
/// quarter of the runs, sequences in less than the five percent they promise.
#[test]
fn sequences_hold_at_all_looks_and_the_plain_interval_does_not() {
    let ever = |plan: Plan| {
        share(RUNS, |run| looks(run, 0.0).iter().any(|look| plan.judge(look).unwrap().is_detected))
    };
    let peeking = ever(Plan::completed(0.95).unwrap());
    assert!((0.24..0.32).contains(&peeking), "peeking cries in {peeking}");
    for plan in [
        Plan::sequence(0.95, 5_000).unwrap(),
        Plan::sequence(0.95, 60_000).unwrap(),
        Plan::mixture(0.95, 0.02).unwrap(),
    ] {
        let cries = ever(plan);
        assert!(cries <= 0.05, "{plan:?} cries in {cries}");
    }
    let once = share(RUNS, |run| read(&looks(run, 0.0)[29]).is_detected);
    assert!((once - 0.05).abs() <= 0.01, "one look cries in {once}");
}

/// With an effect the sequence holds it at every look, and finds it less often than a fixed horizon does.
#[test]
fn sequences_cover_a_planted_effect_and_cost_power() {
    let plan = Plan::sequence(0.95, 60_000).unwrap();
    let (mut found, mut found_at_the_end) = (0, 0);
    let runs = 3_000;
    let covered = share(runs, |run| {
        let looks = looks(run, 0.02);
        let readings: Vec<Reading> = looks.iter().map(|look| plan.judge(look).unwrap()).collect();
        found += u64::from(readings.iter().any(|reading| reading.is_detected));
        found_at_the_end += u64::from(read(&looks[29]).is_detected);
        readings.iter().all(|reading| holds(reading, 0.02))
    });
    assert!(covered >= 0.95, "{covered}");
    let (sequence, fixed) = (found as f64 / runs as f64, found_at_the_end as f64 / runs as f64);
    assert!((0.28..0.45).contains(&sequence), "{sequence}");
    assert!((fixed - 0.68).abs() < 0.03, "{fixed}");
}

/// Medians of a skewed metric. Order statistics and the rank bootstrap both cover.
#[test]
fn medians() {
    let runs = 4_000;
    let draw = |random: &mut rand_pcg::Pcg64Mcg, scale: f64| -> Vec<f64> {
        normals(random, 400).iter().map(|z| scale * z.exp()).collect()
    };
    let found = share(runs, |run| {
        let mut random = seeded(run);
        let arm = |values: Vec<f64>| quantile::arm(&values, 0.5).unwrap();
        let (control, treatment) = (arm(draw(&mut random, 1.0)), arm(draw(&mut random, 1.3)));
        holds(&read(&compare(&control, &treatment, Scale::Absolute).unwrap()), 0.3)
    });
    assert!((found - 0.95).abs() <= 0.015, "{found}");
    let found = share(1_000, |run| {
        let mut random = seeded(run);
        let (control, treatment) = (draw(&mut random, 1.0), draw(&mut random, 1.3));
        let replicates = quantile::bootstrap_difference(&control, &treatment, 0.5, 1_000, run).unwrap();
        let (low, high) = percentiles(&replicates, 0.95).unwrap();
        low <= 0.3 && 0.3 <= high
    });
    assert!((found - 0.95).abs() <= 0.02, "{found}");
}

/// Slow customers are slow in all their visits: the ninth decile of visits, customers randomised.
#[test]
fn clustered_quantiles() {
    let found = share(2_000, |run| {
        let mut random = seeded(run);
        let mut arm = || {
            let mut rows = (Vec::new(), Vec::new());
            for customer in 0..300 {
                let habit = normal(&mut random);
                for _ in 0..5 {
                    rows.0.push(habit + 0.5 * normal(&mut random));
                    rows.1.push(customer);
                }
            }
            quantile::clustered_arm(&rows.0, &rows.1, 0.9).unwrap()
        };
        holds(&read(&compare(&arm(), &arm(), Scale::Absolute).unwrap()), 0.0)
    });
    assert!((found - 0.95).abs() <= 0.02, "{found}");
}

/// The bootstrap's error is the formula's, and its interval covers.
#[test]
fn bootstrap_of_means() {
    let mut random = seeded(3);
    let control: Vec<f64> = normals(&mut random, 4_000).iter().map(|z| z.exp()).collect();
    let treatment: Vec<f64> = normals(&mut random, 2_000).iter().map(|z| 1.1 * z.exp()).collect();
    for scale in [Scale::Absolute, Scale::Relative] {
        let replicates = bootstrap::difference(&control, &treatment, scale, 4_000, 5).unwrap();
        let formula = compare(&mean_arm(&control), &mean_arm(&treatment), scale).unwrap();
        let ratio = standard_deviation(&replicates) / formula.standard_error;
        assert!((ratio - 1.0).abs() < 0.04, "{ratio}");
    }
    let found = share(1_000, |run| {
        let mut random = seeded(run);
        let (control, treatment) = (normals(&mut random, 200), normals(&mut random, 200));
        let replicates = bootstrap::difference(&control, &treatment, Scale::Absolute, 600, run).unwrap();
        let (low, high) = percentiles(&replicates, 0.95).unwrap();
        low <= 0.0 && 0.0 <= high
    });
    assert!((found - 0.95).abs() <= 0.02, "{found}");
}

/// Staggered start among 200 units, with units' own levels and errors that are alike over time.
#[test]
fn difference_in_differences() {
    let found = share(2_000, |run| {
        let mut random = seeded(run);
        let mut outcomes = Vec::new();
        let firsts: Vec<Option<usize>> =
            (0..200).map(|unit| [None, Some(2), Some(3), None][unit % 4]).collect();
        for first in &firsts {
            let (level, mut wander) = (3.0 * normal(&mut random), 0.0);
            for period in 0..5 {
                wander = 0.6 * wander + normal(&mut random);
                let lift =
                    first.filter(|first| period >= *first).map_or(0.0, |first| 1.0 + (period - first) as f64);
                outcomes.push(level + 0.5 * period as f64 + wander + lift);
            }
        }
        let panel = Panel { periods: 5, outcomes: &outcomes, first_treated: &firsts, clusters: None };
        let all = group_time(&panel, Controls::NotYetTreated).unwrap().averages(By::All)[0];
        // Group 2 is seen at ages 0, 1, 2 and group 3 at 0, 1: effects 1, 2, 3, 1, 2.
        (all.effect - 1.8).abs() <= 1.96 * all.standard_error
    });
    assert!((found - 0.95).abs() <= 0.02, "{found}");
}
