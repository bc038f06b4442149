//! Belief by segment against a published example and against planted segments.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;
use stats::policy::context::{EffectPrior, Reading, effects};
use stats::policy::rates::{Count, RatePrior, difference, rates};

const SCHOOLS: [(f64, f64); 8] = [
    (28.0, 15.0),
    (8.0, 10.0),
    (-3.0, 16.0),
    (7.0, 11.0),
    (-1.0, 9.0),
    (1.0, 11.0),
    (18.0, 10.0),
    (12.0, 18.0),
];

fn readings(values: &[(f64, f64)]) -> Vec<Reading> {
    let reading = |(segment, value): (usize, &(f64, f64))| Reading {
        segment,
        effect: value.0,
        standard_error: value.1,
    };
    values.iter().enumerate().map(reading).collect()
}

/// The eight schools of Rubin (1981) under flat priors, as in Gelman et al. (2013), section 5.5: the posterior means of
/// the model as every sampler's introduction prints them (mean 7.9, spread 6.6, schools 11.4 to 5.1).
#[test]
fn eight_schools_rubin_1981() {
    let flat = EffectPrior { mean: 0.0, deviation: 1e5, between: 1e4 };
    let found = effects(&flat, 8, &readings(&SCHOOLS)).unwrap();
    assert!((found.mean - 7.9).abs() < 0.1 && (found.between - 6.6).abs() < 0.15, "{found:?}");
    let published = [11.4, 7.9, 6.1, 7.7, 5.1, 6.1, 10.6, 8.5];
    for (segment, published) in found.segments.iter().zip(published) {
        assert!((segment.mean - published).abs() < 0.15, "{segment:?} {published}");
    }
}

#[test]
fn a_play_file_is_read_and_a_new_shop_starts_with_it() {
    let prior: EffectPrior =
        serde_json::from_str(r#"{"mean": 0.03, "deviation": 0.02, "between": 0.01}"#).unwrap();
    let start = effects(&prior, 3, &[]).unwrap();
    for segment in &start.segments {
        assert!((segment.mean - 0.03).abs() < 1e-12 && segment.own_weight == 0.0);
        // 0.02² for the mean and 0.01² for a half-normal's square.
        assert!((segment.deviation - 0.000_5_f64.sqrt()).abs() < 1e-4, "{segment:?}");
        // 100 a conversion at a cost of 1: worth 2 in the mean.
        assert!((segment.net(100.0, 1.0).0 - 2.0).abs() < 1e-9);
        assert!((0.75..0.9).contains(&segment.chance_worthwhile(100.0, 1.0)));
    }
    assert!(serde_json::from_str::<EffectPrior>(r#"{"mean": 1, "deviation": 1, "betwen": 1}"#).is_err());
}

#[test]
fn readings_one_by_one_or_together_in_any_order_say_the_same() {
    let prior = EffectPrior { mean: 0.0, deviation: 1.0, between: 0.5 };
    let twice = [(0, 1.0, 0.4), (1, 0.2, 0.3), (0, 0.6, 0.4)]
        .map(|(segment, effect, standard_error)| Reading { segment, effect, standard_error });
    let pooled = [(1, 0.2, 0.3), (0, 0.8, 0.4 / 2.0_f64.sqrt())]
        .map(|(segment, effect, standard_error)| Reading { segment, effect, standard_error });
    let (a, b) = (effects(&prior, 2, &twice).unwrap(), effects(&prior, 2, &pooled).unwrap());
    for (a, b) in a.segments.iter().zip(&b.segments) {
        assert!((a.mean - b.mean).abs() < 1e-9 && (a.deviation - b.deviation).abs() < 1e-9, "{a:?} {b:?}");
    }
}

/// Segments drawn as the model says: 90 % of truths lie within 1.645 deviations of belief, and belief is nearer to them
/// than the readings are.
#[test]
fn belief_is_calibrated_and_better_than_the_readings_alone() {
    let prior = EffectPrior { mean: 1.0, deviation: 0.5, between: 0.4 };
    let mut random = Pcg64Mcg::seed_from_u64(5);
    let (mut covered, mut all, mut belief, mut alone) = (0, 0, 0.0, 0.0);
    for _ in 0..150 {
        let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
        let (mean, between) = (1.0 + 0.5 * normal(), 0.4 * normal().abs());
        let truth: Vec<f64> = (0..6).map(|_| mean + between * normal()).collect();
        let seen: Vec<(f64, f64)> = truth.iter().map(|truth| (truth + 0.6 * normal(), 0.6)).collect();
        let found = effects(&prior, 6, &readings(&seen)).unwrap();
        for ((segment, truth), seen) in found.segments.iter().zip(&truth).zip(&seen) {
            covered += usize::from((segment.mean - truth).abs() < 1.645 * segment.deviation);
            all += 1;
            belief += (segment.mean - truth).powi(2);
            alone += (seen.0 - truth).powi(2);
        }
    }
    let share = f64::from(covered as u32) / f64::from(all as u32);
    assert!((0.86..0.94).contains(&share), "{share}");
    assert!(belief < 0.6 * alone, "{belief} {alone}");
}

#[test]
fn rates_of_planted_segments_are_found_and_calibrated() {
    let prior = RatePrior { rate: 0.2, customers: 50.0, likeness: 40.0 };
    let mut random = Pcg64Mcg::seed_from_u64(6);
    let (mut covered, mut all, mut belief, mut alone) = (0, 0, 0.0, 0.0);
    for _ in 0..80 {
        let mut rate_of = |a: f64, b: f64| rand_distr::Beta::new(a, b).unwrap().sample(&mut random);
        let mean: f64 = rate_of(10.0, 40.0);
        let truth: Vec<f64> = (0..8).map(|_| rate_of(40.0 * mean, 40.0 * (1.0 - mean))).collect();
        let counts: Vec<Count> = truth
            .iter()
            .enumerate()
            .map(|(segment, rate)| {
                let successes = (0..30).filter(|_| random.random::<f64>() < *rate).count() as u64;
                Count { segment, customers: 30, successes }
            })
            .collect();
        let found = rates(&prior, 8, &counts).unwrap();
        for ((segment, truth), count) in found.iter().zip(&truth).zip(&counts) {
            covered += usize::from((segment.mean - truth).abs() < 1.645 * segment.deviation);
            all += 1;
            belief += (segment.mean - truth).powi(2);
            alone += (count.successes as f64 / 30.0 - truth).powi(2);
        }
    }
    let share = f64::from(covered as u32) / f64::from(all as u32);
    assert!((0.86..0.94).contains(&share), "{share}");
    assert!(belief < 0.75 * alone, "{belief} {alone}");
}

/// A segment of many customers speaks for itself; one of none repeats the play file and the others.
#[test]
fn customers_outweigh_the_play_file_in_the_end() {
    let prior = RatePrior { rate: 0.5, customers: 2.0, likeness: 20.0 };
    let counts = [(0, 1_000_000, 100_000), (1, 1_000_000, 110_000), (2, 1_000_000, 90_000)]
        .map(|(segment, customers, successes)| Count { segment, customers, successes });
    let found = rates(&prior, 4, &counts).unwrap();
    assert!((found[0].mean - 0.1).abs() < 1e-4 && found[0].own_weight > 0.999, "{found:?}");
    assert!((found[3].mean - 0.11).abs() < 0.02 && found[3].own_weight == 0.0, "{found:?}");
    let start = rates(&prior, 1, &[]).unwrap()[0];
    assert!((start.mean - 0.5).abs() < 1e-3, "{start:?}");
    let effect = difference(&found[1], &found[0]);
    assert!((effect.mean - 0.01).abs() < 1e-4 && (effect.deviation - 0.000_434).abs() < 2e-5, "{effect:?}");
}

#[test]
fn nonsense_is_refused() {
    let prior = EffectPrior { mean: 0.0, deviation: 1.0, between: 1.0 };
    for (effect, standard_error, segment) in
        [(f64::NAN, 1.0, 0), (1.0, 0.0, 0), (1.0, f64::INFINITY, 0), (1.0, 1e-200, 0), (1.0, 1.0, 5)]
    {
        assert!(effects(&prior, 2, &[Reading { segment, effect, standard_error }]).is_err());
    }
    assert!(effects(&EffectPrior { between: -1.0, ..prior }, 1, &[]).is_err());
    assert!(effects(&EffectPrior { mean: f64::NAN, ..prior }, 1, &[]).is_err());
    let good = RatePrior { rate: 0.2, customers: 10.0, likeness: 20.0 };
    for prior in [
        RatePrior { rate: 0.0, ..good },
        RatePrior { customers: f64::NAN, ..good },
        RatePrior { likeness: f64::INFINITY, ..good },
    ] {
        assert!(rates(&prior, 1, &[]).is_err(), "{prior:?}");
    }
    assert!(rates(&good, 1, &[Count { segment: 0, customers: 1, successes: 2 }]).is_err());
    assert!(rates(&good, 1, &[Count { segment: 1, customers: 1, successes: 1 }]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn belief_lies_between_the_reading_and_everything_else(
        values in prop::collection::vec((-1e3..1e3f64, 1e-3..1e3f64), 1..12),
        mean in -1e3..1e3f64, deviation in 0.0..1e3f64, between in 0.0..1e3f64,
    ) {
        let found = effects(&EffectPrior { mean, deviation, between }, values.len(), &readings(&values)).unwrap();
        let low = values.iter().map(|value| value.0).fold(mean, f64::min) - 1e-6;
        let high = values.iter().map(|value| value.0).fold(mean, f64::max) + 1e-6;
        for segment in &found.segments {
            prop_assert!((low..=high).contains(&segment.mean), "{:?}", segment);
            prop_assert!(segment.deviation >= 0.0 && (0.0..=1.0 + 1e-9).contains(&segment.own_weight));
        }
    }

    #[test]
    fn rates_stay_rates(
        counts in prop::collection::vec((0..100_000u64, 0.0..=1.0f64), 1..6),
        rate in 0.001..0.999f64, customers in 0.1..1e5f64, likeness in 0.1..1e5f64,
    ) {
        let counts: Vec<Count> = counts
            .iter()
            .enumerate()
            .map(|(segment, (n, share))| {
                Count { segment, customers: *n, successes: (*n as f64 * share) as u64 }
            })
            .collect();
        for segment in rates(&RatePrior { rate, customers, likeness }, counts.len(), &counts).unwrap() {
            prop_assert!((0.0..=1.0).contains(&segment.mean) && segment.deviation < 0.51, "{:?}", segment);
        }
    }
}
