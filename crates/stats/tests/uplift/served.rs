//! Served scores mean what they say.

use stats::table::Table;
use stats::uplift::{
    Base, Learner, Meta, Settings, Trial, aipw, best_linear_predictor, cross_fit_means, fit,
};

use crate::planted::{Planted, draw, nothing, one_action_on_a_chance, two_actions};

/// Effect scores of an arm.
fn gain(trial: &Trial, arm: usize) -> Vec<f64> {
    let base = Base::linear(trial.is_binary());
    let scores = aipw(trial, &cross_fit_means(trial, &base, 3, 1).unwrap()).unwrap();
    scores.iter().map(|row| row[arm] - row[0]).collect()
}

/// The slope of effects on scores in rows the models had not seen, over all models together.
fn slope(gain: &[f64], scores: &[Table], arm: usize) -> f64 {
    let said: Vec<f64> = scores.iter().flat_map(|table| table.iter().map(|row| row[arm - 1])).collect();
    let model: Vec<usize> = (0..said.len()).map(|place| place / gain.len()).collect();
    best_linear_predictor(&said, &gain.repeat(scores.len()), &model).unwrap().slope.unwrap()
}

#[test]
fn shrinking_mends_the_slope_of_scores_that_say_too_much() {
    let world = one_action_on_a_chance();
    let fresh = draw(&world, 30_000, 99);
    let trees = Learner {
        meta: Meta::T,
        base: Base::Boosted(stats::propensity::Trees {
            trees: 60,
            learning_rate: 0.15,
            depth: 4,
            leaf_weight: 2.0,
        }),
    };
    let (mut raw, mut served) = (vec![], vec![]);
    for seed in 0..4 {
        let Planted { trial, .. } = draw(&world, 12_000, 20 + seed);
        let fitted = fit(&trial, &trees, &Settings { folds: 3, seed }).unwrap();
        raw.push(fitted.effects.of(fresh.trial.table()).unwrap());
        served.push(fitted.effects(fresh.trial.table()).unwrap());
    }
    let gain = gain(&fresh.trial, 1);
    let (raw, served) = (slope(&gain, &raw, 1), slope(&gain, &served, 1));
    assert!(raw < 0.75, "the raw scores must overstate: {raw}");
    assert!((0.7..1.3).contains(&served), "{served}");
}

#[test]
fn scores_that_are_right_are_left_as_they_are() {
    let fresh = draw(&two_actions(), 20_000, 98);
    let planted = draw(&two_actions(), 6_000, 31);
    let fitted = fit(&planted.trial, &Learner::usual(false), &Settings::default()).unwrap();
    for arm in [1, 2] {
        let calibration = fitted.calibration[arm - 1];
        assert!(calibration.kept > 0.9 && calibration.arm == arm, "{calibration:?}");
        let slope = slope(&gain(&fresh.trial, arm), &[fitted.effects(fresh.trial.table()).unwrap()], arm);
        assert!((0.9..1.1).contains(&slope), "arm {arm}: {slope}");
    }
}

/// Trees stopped early say too little: differences are stretched as far as two errors leave no doubt, and the check on
/// rows that neither model nor shrinkage had seen says so.
#[test]
fn scores_that_say_too_little_are_stretched() {
    let planted = draw(&two_actions(), 12_000, 33);
    let timid = stats::propensity::Trees { trees: 20, learning_rate: 0.03, depth: 4, leaf_weight: 10.0 };
    let learner = Learner { meta: Meta::T, base: Base::Boosted(timid) };
    let fitted = fit(&planted.trial, &learner, &Settings { folds: 3, seed: 1 }).unwrap();
    for calibration in &fitted.calibration {
        let (raw, check) = (calibration.line.slope.unwrap(), calibration.check.slope.unwrap());
        assert!(raw > 1.5 && calibration.kept > 1.4 && calibration.kept < raw, "{calibration:?}");
        assert!((0.9..1.3).contains(&check), "{calibration:?}");
    }
}

#[test]
fn where_nothing_differs_little_is_kept_and_nothing_served() {
    let (mut kept, mut served) = (vec![], 0);
    for seed in 0..12 {
        let planted = draw(&nothing(false), 1_500, 300 + seed);
        let fitted = fit(&planted.trial, &Learner::usual(false), &Settings { folds: 3, seed }).unwrap();
        let scores = fitted.effects(planted.trial.table()).unwrap();
        for arm in &fitted.calibration {
            kept.push(arm.kept);
            served += usize::from(arm.withheld.is_none());
            let is_flat = scores.iter().all(|row| row[arm.arm - 1] == arm.line.average);
            assert_eq!(is_flat, arm.withheld.is_some(), "{arm:?}");
        }
    }
    assert!(stats::describe::mean(&kept) < 0.35, "{kept:?}");
    assert!(served <= 1, "{served} of 24 serve differences that are not there");
}

#[test]
fn the_mean_of_served_scores_is_the_average_effect() {
    let planted = draw(&two_actions(), 3_000, 41);
    for meta in [Meta::S, Meta::T, Meta::X, Meta::R, Meta::Dr] {
        let learner = Learner { meta, base: Base::Ridge { ridge: 1.0 } };
        let served = fit(&planted.trial, &learner, &Settings { folds: 3, seed: 1 }).unwrap();
        let scores = served.effects(planted.trial.table()).unwrap();
        for calibration in &served.calibration {
            let mean = scores.iter().map(|row| row[calibration.arm - 1]).sum::<f64>() / scores.rows() as f64;
            assert!((mean - calibration.line.average).abs() < 1e-9, "{meta:?}");
        }
    }
}
