//! What must hold for any data, and that no data make it panic.

use proptest::prelude::*;
use stats::bootstrap::{percentiles, sums};
use stats::experiment::arm::Arm;
use stats::experiment::bayes::{Better, Prior, posterior};
use stats::experiment::bootstrap;
use stats::experiment::cuped::adjust;
use stats::experiment::effect::{Scale, compare};
use stats::experiment::fieller::{Pair, fieller};
use stats::experiment::geo;
use stats::experiment::interrupted::{Setting, interrupted};
use stats::experiment::metrics;
use stats::experiment::moments::Moments;
use stats::experiment::plan::Plan;
use stats::experiment::power::{Clusters, Design, Outcome, minimum_effect, power, sample_size};
use stats::experiment::quantile;
use stats::experiment::roi::incremental_return;
use stats::experiment::srm;
use stats::experiment::staggered::{Controls, Panel, group_time};
use stats::experiment::synthetic::{self, placebo};
use stats::table::Table;

fn column(rows: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-50.0..150.0f64, rows)
}

/// Numbers a file may hold.
fn anything() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -10.0..10.0f64,
        2 => Just(0.0),
        1 => Just(1.0),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-1e308), Just(1e-310), Just(1e154)],
    ]
}

fn mean(values: &[f64]) -> Option<Arm> {
    Arm::mean(&Moments::from_columns([values]).ok()?).ok()
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-7 * (1.0 + left.abs().max(right.abs()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_units_and_origin_do_not_matter(
        control in column(4..40), treatment in column(4..40), unit in 0.01..1000.0f64,
        origin in -100.0..100.0f64,
    ) {
        let plan = Plan::sequence(0.95, 50).unwrap();
        let judge = |c: &[f64], t: &[f64]| {
            let effect = compare(&mean(c).unwrap(), &mean(t).unwrap(), Scale::Absolute).unwrap();
            plan.judge(&effect).unwrap()
        };
        let plain = judge(&control, &treatment);
        let turned = |values: &[f64]| values.iter().rev().map(|v| unit * (v - origin)).collect::<Vec<f64>>();
        let other = judge(&turned(&control), &turned(&treatment));
        prop_assert!(close(plain.interval.low * unit, other.interval.low));
        prop_assert!(close(plain.interval.high * unit, other.interval.high));
        prop_assert!(close(plain.p_value, other.p_value));
        // Which arm is called control changes the sign and nothing else.
        let swapped = judge(&treatment, &control);
        prop_assert!(close(plain.interval.low, -swapped.interval.high));
        prop_assert!(close(plain.p_value, swapped.p_value));
    }

    #[test]
    fn a_sequence_contains_the_fixed_interval_and_the_p_value_agrees_with_the_interval(
        control in column(30..60), treatment in column(30..60), tuned in 10u64..10_000, level in 0.6..0.99f64,
    ) {
        let effect = compare(&mean(&control).unwrap(), &mean(&treatment).unwrap(), Scale::Absolute).unwrap();
        let fixed = Plan::completed(level).unwrap().judge(&effect).unwrap();
        let sequence = Plan::sequence(level, tuned).unwrap().judge(&effect).unwrap();
        prop_assert!(sequence.interval.high >= fixed.interval.high);
        prop_assert!(sequence.p_value >= fixed.p_value * 0.999);
        for reading in [fixed, sequence] {
            let excludes = reading.interval.low > 0.0 || reading.interval.high < 0.0;
            prop_assert_eq!(excludes, reading.is_detected);
        }
        // The sequence is the mixture test with the spread it was tuned to.
        let spread = stats::experiment::sequence::tuning(1.0 - level, tuned as f64)
            * effect.standard_error * effect.units.sqrt();
        let mixture = Plan::mixture(level, spread).unwrap().judge(&effect).unwrap();
        prop_assert!(close(mixture.interval.low, sequence.interval.low));
    }

    #[test]
    fn a_covariate_is_worth_the_same_in_any_units(
        rows in prop::collection::vec((-10.0..10.0f64, -10.0..10.0f64), 8..60), unit in 0.01..100.0f64,
        origin in -50.0..50.0f64,
    ) {
        let (outcome, noise): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
        let covariate: Vec<f64> = outcome.iter().zip(&noise).map(|(o, n)| o + n).collect();
        let half = outcome.len() / 2;
        let run = |covariate: &[f64]| {
            let arm = |from: usize, to: usize| {
                Moments::from_columns([&outcome[from..to], &covariate[from..to]]).unwrap()
            };
            adjust(&arm(0, half), &arm(half, outcome.len())).unwrap()
        };
        let plain = run(&covariate);
        let other = run(&covariate.iter().map(|c| unit * (c - origin)).collect::<Vec<f64>>());
        prop_assert!(close(plain.theta, other.theta * unit));
        let effect = |adjusted: stats::experiment::cuped::Adjusted| adjusted.effect(Scale::Absolute).unwrap();
        prop_assert!(close(effect(plain).value, effect(other).value));
        prop_assert!(close(plain.variance_ratio, other.variance_ratio));
    }

    #[test]
    fn power_grows_with_customers_and_effect_and_falls_with_clusters(
        customers in 30.0..5_000.0f64, effect in 0.01..0.3f64, ratio in 0.2..10.0f64, icc in 0.0..0.5f64,
        share in 0.05..0.6f64,
    ) {
        let design = Design { ratio, ..Design::default() };
        let clustered =
            Design { clusters: Some(Clusters { size: 2.0, variation: 0.3, correlation: icc }), ..design };
        let helped = Design { covariate: 0.6, ..design };
        for outcome in [
            Outcome::Mean { control_deviation: 1.0, treatment_deviation: 1.4 },
            Outcome::Proportion { control: share },
        ] {
            let at = |design: &Design, effect: f64, customers: f64| {
                power(design, outcome, effect, customers).unwrap()
            };
            let plain = at(&design, effect, customers);
            prop_assert!((0.0..=1.0).contains(&plain));
            prop_assert!(at(&design, effect, 2.0 * customers) >= plain - 1e-9);
            prop_assert!(at(&design, 1.2 * effect, customers) >= plain - 1e-9);
            prop_assert!(at(&clustered, effect, customers) <= plain + 1e-9);
            prop_assert!(at(&helped, effect, customers) >= plain - 1e-9);
        }
        let outcome = Outcome::Mean { control_deviation: 1.0, treatment_deviation: 1.0 };
        let least = minimum_effect(&design, outcome, customers, 0.8).unwrap();
        prop_assert!((power(&design, outcome, least, customers).unwrap() - 0.8).abs() < 1e-6);
        let sizes = sample_size(&design, outcome, effect, 0.8).unwrap();
        prop_assert!(power(&design, outcome, effect, sizes.control as f64).unwrap() >= 0.8);
    }

    #[test]
    fn a_ratio_is_in_the_set_exactly_where_its_test_accepts_it(
        n in -5.0..5.0f64, d in -5.0..5.0f64, vn in 0.01..4.0f64, vd in 0.01..4.0f64, r in -0.95..0.95f64,
        theta in -20.0..20.0f64,
    ) {
        let covariance = r * (vn * vd).sqrt();
        let (numerator, numerator_variance, denominator, denominator_variance) = (n, vn, d, vd);
        let pair = Pair { numerator, numerator_variance, denominator, denominator_variance, covariance };
        let set = fieller(&pair, 0.9, f64::INFINITY).unwrap();
        let z = (n - theta * d).abs() / (vn - 2.0 * theta * covariance + theta * theta * vd).sqrt();
        if (z - 1.644_853_626_951).abs() > 1e-6 {
            prop_assert_eq!(set.contains(theta), z < 1.644_853_626_951);
        }
        prop_assert!(set.contains(n / d));
    }

    #[test]
    fn losses_and_chances_of_a_posterior_agree(
        value in -3.0..3.0f64, error in 0.01..2.0f64, expected in -1.0..1.0f64, spread in 0.01..5.0f64,
    ) {
        let effect = stats::experiment::effect::Effect {
            scale: Scale::Absolute,
            value,
            standard_error: error,
            degrees_of_freedom: 100.0,
            units: 100.0,
            baseline: 2.0,
        };
        let (mean, standard_deviation) = (expected / 2.0, spread / 2.0);
        let prior = Prior::Normal { scale: Scale::Relative, mean, standard_deviation };
        let same = Prior::Normal { scale: Scale::Absolute, mean: expected, standard_deviation: spread };
        let read = posterior(&effect, &prior, Better::Higher).unwrap();
        let other = posterior(&effect, &same, Better::Higher).unwrap();
        prop_assert!(close(read.mean, other.mean) && close(read.p_win, other.p_win));
        prop_assert!((read.control_loss - read.treatment_loss - read.mean).abs() < 1e-9);
        prop_assert!(read.control_loss >= 0.0 && read.treatment_loss >= 0.0);
        prop_assert!(read.standard_deviation <= error.min(spread) * (1.0 + 1e-12));
        let less = posterior(&effect, &same, Better::Lower).unwrap();
        prop_assert!(close(less.p_win, 1.0 - read.p_win) && close(less.control_loss, read.treatment_loss));
    }

    #[test]
    fn adjusted_p_values_keep_their_order_and_never_shrink(p in prop::collection::vec(0.0..=1.0f64, 0..30)) {
        let found = metrics::adjust(&p, 0.1).unwrap();
        for a in &found {
            prop_assert!(a.adjusted >= a.p_value - 1e-15 && a.adjusted <= 1.0);
            prop_assert!(found.iter().all(|b| a.p_value > b.p_value || a.adjusted <= b.adjusted));
        }
    }

    #[test]
    fn the_bootstrap_is_the_same_on_any_number_of_cores_and_stays_in_range(
        values in column(1..60), seed in any::<u64>(),
    ) {
        let resample = || sums(&Table::new(1, values.clone()).unwrap(), 17, seed).unwrap();
        let once = resample();
        let again = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(resample);
        prop_assert_eq!(&once, &again);
        let low = values.iter().copied().fold(f64::INFINITY, f64::min) - 1e-9;
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max) + 1e-9;
        prop_assert!(once.iter().all(|r| r[1] > 0.0 && (low..=high).contains(&(r[0] / r[1]))));
    }

    /// Whatever comes in, what comes out is a refusal or finite.
    #[test]
    fn nonsense_is_refused_and_nothing_panics(
        a in prop::collection::vec(anything(), 0..24), b in prop::collection::vec(anything(), 0..24),
        s in anything(), t in anything(),
        counts in prop::collection::vec(0u64..50, 0..4), place in 0usize..30,
    ) {
        for scale in [Scale::Absolute, Scale::Relative] {
            if let (Some(control), Some(treatment)) = (mean(&a), mean(&b))
                && let Ok(effect) = compare(&control, &treatment, scale)
            {
                let sequence = Plan::sequence(0.95, place as u64);
                for plan in [Plan::completed(0.95), sequence, Plan::mixture(0.95, s), Plan::fixed(s, 1)] {
                    if let Some(reading) = plan.ok().and_then(|plan| plan.judge(&effect).ok()) {
                        let is_p = (0.0..=1.0).contains(&reading.p_value);
                        prop_assert!(is_p && !reading.interval.low.is_nan(), "{:?}", reading);
                    }
                }
                let prior = Prior::Normal { scale: Scale::Absolute, mean: t, standard_deviation: s };
                if let Ok(read) = posterior(&effect, &prior, Better::Higher) {
                    prop_assert!((0.0..=1.0).contains(&read.p_win), "{:?}", read);
                }
            }
            let _ = bootstrap::difference(&a, &b, scale, 5, 1);
        }
        let ids: Vec<u64> = (0..a.len() as u64).map(|i| i % 5).collect();
        if let Ok(arm) = Arm::clustered(&a, &ids) {
            prop_assert!(arm.variance >= 0.0, "{:?}", arm);
        }
        let _ = (quantile::arm(&a, s), quantile::clustered_arm(&a, &ids, 0.5));
        let _ = quantile::bootstrap_difference(&a, &b, t, 3, 1);
        let shares: Vec<f64> = a.iter().take(counts.len()).copied().collect();
        if let Ok(found) = srm::check(&counts, &shares, srm::Limits::default()) {
            prop_assert!((0.0..=1.0).contains(&found.p_value), "{:?}", found);
        }
        let (numerator, numerator_variance, denominator, denominator_variance) = (s, t, t, s);
        let pair =
            Pair { numerator, numerator_variance, denominator, denominator_variance, covariance: 0.0 };
        let _ = (fieller(&pair, 0.95, 10.0), metrics::adjust(&a, 0.05), percentiles(&a, s));
        if let (Ok(left), Ok(right)) = (Moments::from_columns([&a, &a]), Moments::from_columns([&b, &b])) {
            let _ = (adjust(&left, &right), incremental_return(&left, &right, 0.9), Arm::ratio(&left));
        }
        let clusters = Some(Clusters { size: t, variation: s, correlation: s });
        let design = Design { ratio: s, covariate: t, clusters, level: 0.95 };
        let plain = Design { ratio: 1.0 + s.abs(), ..Design::default() };
        for design in [design, plain] {
            let mean = Outcome::Mean { control_deviation: t, treatment_deviation: 1.0 };
            for outcome in [mean, Outcome::Proportion { control: t }] {
                let _ = (power(&design, outcome, s, 50.0), sample_size(&design, outcome, s, 0.8));
                let _ = minimum_effect(&design, outcome, 50.0, 0.8);
            }
        }
        let setting = Setting { start: place, season: Some(place / 4), lags: None, level: 0.9 };
        if let Ok(found) = interrupted(&a, setting) {
            prop_assert!(found.step.standard_error >= 0.0, "{:?}", found);
        }
        if a.len() > 3 {
            let quarter = a.len() / 4;
            let rows: Vec<&[f64]> = a.chunks_exact(quarter).collect();
            let setting = synthetic::Setting { before: place.min(quarter), is_centred: place % 2 == 0 };
            let _ = (placebo(rows[0], &rows[1..], setting), geo::measure(&rows, &[place % 5], place, 0.8));
            let firsts: Vec<Option<usize>> =
                (0..rows.len()).map(|row| [None, Some(1), Some(place)][row % 3]).collect();
            let outcomes = &a[..quarter * rows.len()];
            let panel = Panel { periods: quarter, outcomes, first_treated: &firsts, clusters: None };
            let _ = group_time(&panel, Controls::NotYetTreated);
        }
    }
}
