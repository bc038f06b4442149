//! Looking every day.

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;
use stats::policy::sequence::{Plan, Running};

/// Thirty looks at a gain that is not there: how often a bound says at some look that it is.
#[test]
fn peeking_thirty_times_fools_one_look_bounds_and_not_the_sequence() {
    let (mut naive, mut sequence) = (0, 0);
    let (runs, looks, rows) = (1_000, 30, 200);
    let plan = Plan { alpha: 0.05, planned_rows: 3_000.0 };
    for seed in 0..runs {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut gain = Running::default();
        let (mut is_naive, mut is_sequence) = (false, false);
        for _ in 0..looks {
            let values: Vec<f64> = (0..rows).map(|_| StandardNormal.sample(&mut random)).collect();
            gain.add(&values).unwrap();
            is_naive |= gain.mean - 1.645 * gain.standard_error() > 0.0;
            is_sequence |= gain.lower(&plan).unwrap() > 0.0;
        }
        naive += u64::from(is_naive);
        sequence += u64::from(is_sequence);
    }
    assert!(naive > runs / 6, "one-look bounds must be fooled here: {naive} of {runs}");
    assert!(sequence <= runs / 20, "{sequence} of {runs}");
}

#[test]
fn a_gain_that_is_there_is_found_within_the_plan() {
    let plan = Plan { alpha: 0.05, planned_rows: 5_000.0 };
    let found = (0..100).filter(|seed| {
        let mut random = Pcg64Mcg::seed_from_u64(*seed);
        let mut gain = Running::default();
        let values = (0..5_000).map(|_| {
            let z: f64 = StandardNormal.sample(&mut random);
            0.08 + z
        });
        gain.add(&values.collect::<Vec<_>>()).unwrap();
        gain.lower(&plan).unwrap() > 0.0
    });
    let found = found.count();
    assert!(found >= 95, "{found} of 100");
}
