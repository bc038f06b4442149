//! Whatever comes in, a number or a refusal comes out.

use proptest::prelude::*;
use stats::propensity::Trees;
use stats::table::Table;
use stats::uplift::{
    Assignment, Base, Learner, Meta, Metric, Ranking, Refused, Settings, Sklift, Trial, fit, measure,
};

fn trial(columns: usize, values: Vec<f64>, arm: &[usize], outcome: &[f64]) -> Result<Trial, Refused> {
    Trial::new(Table::new(columns, values)?, arm, outcome, &Assignment::equal(2)?)
}

#[test]
fn refusals_say_what_and_what_to_do() {
    for (refused, words) in [
        (trial(1, vec![1.0; 3], &[0, 1], &[0.0; 2]).unwrap_err(), "table has 3 rows and arm has 2"),
        (
            trial(1, vec![1.0; 2], &[0, 2], &[0.0; 2]).unwrap_err(),
            "arm row 1 is 2; the assignment has arms 0 to 1",
        ),
        (trial(1, vec![1.0; 2], &[0, 0], &[0.0; 2]).unwrap_err(), "arm 1 has 0 rows; at least 2 are needed"),
        (trial(1, vec![1.0; 2], &[0, 1], &[0.0, f64::NAN]).unwrap_err(), "outcome row 1 is NaN"),
        (Assignment::shares(&[1.0]).unwrap_err(), "1 arm is named"),
        (Assignment::shares(&[0.5, 0.6]).unwrap_err(), "sum to 1.1"),
        (Assignment::shares(&[1.0, 0.0]).unwrap_err(), "without overlap"),
        (Assignment::shares(&[f64::NAN, 0.5]).unwrap_err(), "sum to NaN"),
        (Ranking::new(&[1.0], &[true], &[1.0]).unwrap_err(), "arm 0 has 0 rows"),
    ] {
        assert!(refused.to_string().contains(words), "{refused}");
    }
}

#[test]
fn logistic_learners_and_coefficients_of_shares_refuse_amounts() {
    let rows: Vec<f64> = (0..20).map(f64::from).collect();
    let arm: Vec<usize> = (0..20).map(|i| i % 2).collect();
    let trial = trial(1, rows.clone(), &arm, &rows).unwrap();
    let learner = Learner { meta: Meta::T, base: Base::Logistic { ridge: 1.0 } };
    assert!(matches!(learner.fit(&trial, 2, 0), Err(Refused::NotBinary { .. })));
    let treated: Vec<bool> = arm.iter().map(|arm| *arm == 1).collect();
    let ranking = Ranking::new(&rows, &treated, &rows).unwrap();
    for metric in [Sklift::QiniAuc, Sklift::QiniAucNoNegative, Sklift::UpliftAuc] {
        assert!(matches!(measure(&ranking, &Metric::Sklift(metric)), Err(Refused::NotBinary { .. })));
    }
}

#[test]
fn impossible_settings_are_refused() {
    let rows: Vec<f64> = (0..40).map(f64::from).collect();
    let arm: Vec<usize> = (0..40).map(|i| i % 2).collect();
    let trial = trial(1, rows.clone(), &arm, &rows).unwrap();
    let with = |base| Learner { meta: Meta::T, base }.fit(&trial, 2, 0);
    assert!(with(Base::Ridge { ridge: -1.0 }).is_err() && with(Base::Ridge { ridge: f64::NAN }).is_err());
    for trees in [
        Trees { trees: 0, ..Trees::default() },
        Trees { depth: 0, ..Trees::default() },
        Trees { learning_rate: 0.0, ..Trees::default() },
        Trees { leaf_weight: f64::NAN, ..Trees::default() },
    ] {
        assert!(with(Base::Boosted(trees)).is_err(), "{trees:?}");
    }
    for folds in [0, 1, 2_000] {
        assert!(fit(&trial, &Learner::usual(false), &Settings { folds, seed: 0 }).is_err(), "{folds} folds");
    }
    let fitted = Learner::usual(false).fit(&trial, 2, 0).unwrap();
    assert!(fitted.of(&Table::new(2, vec![1.0, 2.0]).unwrap()).is_err());
    assert!(trial.take(&[]).is_err() && trial.take(&[99]).is_err());
}

/// Constant columns, one column repeated, outcomes all alike, few rows, huge numbers.
#[test]
fn degenerate_trials_give_numbers_or_refusals() {
    let arm: Vec<usize> = (0..24).map(|i| i % 2).collect();
    let columns: [fn(usize) -> [f64; 2]; 4] = [
        |_| [5.0, 5.0],
        |i| [i as f64, i as f64],
        |i| [1e300 * i as f64, -1e300],
        |i| [1e-300 * i as f64, f64::from(u8::from(i == 3))],
    ];
    let outcomes: [fn(usize) -> f64; 5] = [
        |_| 0.0,
        |_| 1.0,
        |i| f64::from(u8::from(i == 7)),
        |i| 1e300 * if i % 3 == 0 { 1.0 } else { -1.0 },
        |i| i as f64,
    ];
    for column in columns {
        for outcome in outcomes {
            let values: Vec<f64> = (0..24).flat_map(column).collect();
            let outcome: Vec<f64> = (0..24).map(outcome).collect();
            let trial = trial(2, values, &arm, &outcome).unwrap();
            for meta in [Meta::S, Meta::T, Meta::X, Meta::R, Meta::Dr] {
                for base in [Base::linear(trial.is_binary()), Base::Ridge { ridge: 0.0 }, Base::boosted()] {
                    let served = fit(&trial, &Learner { meta, base }, &Settings { folds: 2, seed: 0 });
                    if let Ok(effects) = served.and_then(|served| served.effects(trial.table())) {
                        assert!(
                            effects.iter().flatten().all(|effect| effect.is_finite()),
                            "{meta:?} {base:?}"
                        );
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_small_trial_gives_numbers_or_a_refusal(
        rows in prop::collection::vec((-1e3..1e3f64, 0..3i32, 0..2usize, prop::bool::ANY), 1..30),
    ) {
        let values = rows.iter().flat_map(|row| [row.0, f64::from(row.1)]).collect();
        let arm: Vec<usize> = rows.iter().map(|row| row.2).collect();
        let outcome: Vec<f64> = rows.iter().map(|row| f64::from(u8::from(row.3))).collect();
        if let Ok(trial) = trial(2, values, &arm, &outcome) {
            for learner in [Learner::usual(true), Learner { meta: Meta::Dr, base: Base::Ridge { ridge: 1.0 } }] {
                if let Ok(served) = fit(&trial, &learner, &Settings { folds: 2, seed: 3 }) {
                    let effects = served.effects(trial.table()).unwrap();
                    prop_assert!(effects.iter().flatten().all(|effect| effect.is_finite()));
                    prop_assert!(served.calibration.iter().all(|arm| (0.0..=1.0).contains(&arm.kept)));
                }
            }
        }
    }
}
