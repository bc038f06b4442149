//! Counted probabilities against those that have a closed form.

use statrs::distribution::{ContinuousCDF, Normal};
use stats::policy::thompson::{Belief, thompson};

#[test]
fn two_normal_beliefs_are_chosen_by_the_chance_of_being_better() {
    let beliefs =
        [Belief::Normal { mean: 1.0, deviation: 0.6 }, Belief::Normal { mean: 0.5, deviation: 0.8 }];
    let expected = Normal::standard().cdf(0.5);
    let found = thompson(&beliefs, 200_000, 1).unwrap();
    assert!((found[0] - expected).abs() < 4.0 * (0.25_f64 / 200_000.0).sqrt(), "{found:?} {expected}");
    assert_eq!(found, thompson(&beliefs, 200_000, 1).unwrap());
}

#[test]
fn a_rate_is_worth_its_value_less_its_cost() {
    let rate = |cost| Belief::Rate { successes: 30.0, failures: 70.0, value: 10.0, cost };
    let nothing = Belief::Normal { mean: 0.0, deviation: 0.0 };
    let even = thompson(&[nothing, rate(3.0)], 20_000, 2).unwrap();
    assert!((even[1] - 0.5).abs() < 0.03, "{even:?}");
    let dear = thompson(&[nothing, rate(9.0)], 20_000, 2).unwrap();
    assert_eq!(dear[1], 1.0 / 20_000.0);
}

#[test]
fn probabilities_sum_to_one_and_none_is_below_the_floor() {
    let beliefs: Vec<Belief> =
        (0..20).map(|i| Belief::Normal { mean: f64::from(i), deviation: 0.1 }).collect();
    let found = thompson(&beliefs, 1_000, 3).unwrap();
    assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(found.iter().all(|p| *p >= 1e-3 - 1e-15));
}

#[test]
fn beliefs_that_are_none_are_refused() {
    let rate = |successes, failures| Belief::Rate { successes, failures, value: 1.0, cost: 0.0 };
    for belief in [
        Belief::Normal { mean: f64::NAN, deviation: 1.0 },
        Belief::Normal { mean: 0.0, deviation: -1.0 },
        Belief::Normal { mean: 0.0, deviation: f64::INFINITY },
        rate(0.0, 1.0),
        rate(1.0, f64::NAN),
    ] {
        assert!(thompson(&[belief], 100, 0).is_err(), "{belief:?}");
    }
    assert!(thompson(&[], 100, 0).is_err());
    assert!(thompson(&[rate(1.0, 1.0); 3], 2, 0).is_err());
}
