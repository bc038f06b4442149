//! Uplift on real trials, where their data are given (see [`crate::reference`]).

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use stats::describe::{mean, standard_deviation};
use stats::table::Table;
use stats::uplift::{
    Assignment, Base, Learner, Metric, Ranking, Settings, Sklift, Strategy, Trial, aipw, average_effects,
    best_linear_predictor, cross_fit_means, fit, measure,
};

use crate::hillstrom::hillstrom;
use crate::reference::{number, read, rows};

/// Twenty half-splits against bars from other packages' learners on their own half-splits: a mean Qini of 0.060 and a
/// mean uplift at 30 % of 0.072. The latter is the best figure of its kind and is met here only within two standard
/// errors of twenty splits. A served score's slope is to lie in 0.7 to 1.3.
#[test]
fn hillstrom_visits_over_twenty_half_splits() {
    let Some(trial) = hillstrom("visit") else { return };
    let (mut qini, mut best_third, mut raw, mut served_slope) = (vec![], vec![], vec![], vec![]);
    for seed in 0..20 {
        let mut order: Vec<usize> = (0..trial.rows()).collect();
        order.shuffle(&mut Pcg64Mcg::seed_from_u64(seed));
        let (train, test) = order.split_at(trial.rows() / 2);
        let (train, test) = (trial.take(train).unwrap(), trial.take(test).unwrap());
        let served = fit(&train, &Learner::usual(true), &Settings { folds: 5, seed }).unwrap();
        let column = |table: Table| table.by_column();
        let scores = column(served.effects(test.table()).unwrap());
        let treated: Vec<bool> = test.arm().iter().map(|arm| *arm == 1).collect();
        let ranking = Ranking::new(&scores, &treated, test.outcome()).unwrap();
        qini.push(measure(&ranking, &Metric::Sklift(Sklift::QiniAuc)).unwrap());
        let at = Sklift::UpliftAt { strategy: Strategy::ByGroup, share: 0.3 };
        best_third.push(measure(&ranking, &Metric::Sklift(at)).unwrap());
        let means = cross_fit_means(&test, &Base::linear(true), 3, seed).unwrap();
        let gain: Vec<f64> = aipw(&test, &means).unwrap().iter().map(|row| row[1] - row[0]).collect();
        let slope = |scores: &[f64]| {
            best_linear_predictor(scores, &gain, &vec![0; gain.len()]).unwrap().slope.unwrap()
        };
        raw.push(slope(&column(served.effects.of(test.table()).unwrap())));
        served_slope.push(slope(&scores));
    }
    println!(
        "Qini {:.4}, uplift@30 {:.4}, slope raw {:.2}, served {:.2} ({:.2} to {:.2})",
        mean(&qini),
        mean(&best_third),
        mean(&raw),
        mean(&served_slope),
        served_slope.iter().copied().fold(f64::INFINITY, f64::min),
        served_slope.iter().copied().fold(0.0, f64::max),
    );
    assert!(mean(&qini) >= 0.060, "{}", mean(&qini));
    let (third, error) = (mean(&best_third), standard_deviation(&best_third) / 20_f64.sqrt());
    assert!(third >= 0.069 && third + 2.0 * error >= 0.072, "{third} ± {error}");
    assert!((0.7..=1.3).contains(&mean(&served_slope)), "{}", mean(&served_slope));
}

/// The experiment of LaLonde (1986) in the rows of Dehejia and Wahba: 185 trained, 260 not, a difference of 1,794
/// dollars in the earnings of 1978.
#[test]
fn training_raised_earnings_by_1794_dollars() {
    let Some(text) = read("causal/lalonde/nsw_mixtape.csv") else { return };
    let rows = rows(&text);
    let features = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"];
    let values = rows.iter().flat_map(|row| features.map(|name| number(row, name))).collect();
    let arm: Vec<usize> = rows.iter().map(|row| number(row, "treat") as usize).collect();
    let earned: Vec<f64> = rows.iter().map(|row| number(row, "re78")).collect();
    let assignment = Assignment::shares(&[260.0 / 445.0, 185.0 / 445.0]).unwrap();
    let trial = Trial::new(Table::new(8, values).unwrap(), &arm, &earned, &assignment).unwrap();
    // Means that do not depend on the features leave the plain difference.
    let of = |arm: usize| -> Vec<f64> {
        trial.arm().iter().zip(&earned).filter(|(a, _)| **a == arm).map(|(_, y)| *y).collect()
    };
    let flat = [mean(&of(0)), mean(&of(1))];
    let flat = Table::new(2, (0..445).flat_map(|_| flat).collect()).unwrap();
    let plain = average_effects(&aipw(&trial, &flat).unwrap())[0];
    assert!((plain.effect - 1_794.34).abs() < 0.01, "{plain:?}");
    let means = cross_fit_means(&trial, &Base::Ridge { ridge: 10.0 }, 5, 1).unwrap();
    let adjusted = average_effects(&aipw(&trial, &means).unwrap())[0];
    assert!((adjusted.effect - 1_794.34).abs() < adjusted.standard_error, "{adjusted:?}");
}
