//! Small stores.

use super::scores::near;
use rand::SeedableRng;
use rand_distr::{Beta, Binomial, Distribution, Normal};
use stats::feedback::*;

/// Gelman et al., Bayesian Data Analysis, table 5.1: tumours among rats of 70 earlier groups.
const RATS: &str = "0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 1/19 1/19
 1/18 1/18 2/25 2/24 2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 2/17 7/49 7/47 3/20 3/20 2/13 9/48
 10/50 4/20 4/20 4/20 4/20 4/20 4/20 4/20 10/48 4/19 4/19 4/19 5/22 11/46 12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20
 6/20 16/52 15/47 15/46 9/24";

fn rats() -> (Vec<u64>, Vec<u64>) {
    let pair = |word: &str| {
        word.split_once('/').map(|(k, n)| (k.parse::<u64>().unwrap(), n.parse::<u64>().unwrap())).unwrap()
    };
    RATS.split_whitespace().map(pair).unzip()
}

/// The book's section 5.1: mean 0.136, standard deviation 0.103, so Beta(1.4, 8.6), and 4 of 14 becomes
/// Beta(5.4, 18.6) with mean 0.223.
#[test]
fn rat_tumours_of_gelman() {
    let (successes, trials) = rats();
    assert_eq!(trials.len(), 70);
    let prior = SharePrior::by_moments(&successes, &trials).unwrap();
    near(prior.alpha, 1.4, 0.05);
    near(prior.beta, 8.6, 0.05);
    near(prior.mean(), 0.136, 5e-4);
    let book = SharePrior { alpha: 1.4, beta: 8.6 };
    let found = shrink_shares(&[4], &[14], &book, 0.95).unwrap()[0];
    // The book has 0.223 from parameters it does not round.
    near(found.value, 0.223, 0.0025);
    near(found.own_weight, 14.0 / 24.0, 1e-12);
    assert!(found.low < found.value && found.value < found.own.unwrap() && found.value < found.high);
}

#[test]
fn planted_shares_are_recovered_and_shrinking_pays() {
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(17);
    let truth = Beta::new(12.0, 4.0).unwrap();
    let (mut shares, mut successes, mut trials) = (Vec::new(), Vec::new(), Vec::new());
    for store in 0..2_000_u64 {
        let share: f64 = truth.sample(&mut random);
        let n = 3 + store % 20;
        shares.push(share);
        successes.push(Binomial::new(n, share).unwrap().sample(&mut random));
        trials.push(n);
    }
    let prior = SharePrior::by_likelihood(&successes, &trials).unwrap();
    near(prior.mean(), 0.75, 0.01);
    near(prior.alpha + prior.beta, 16.0, 3.0);
    let shrunk = shrink_shares(&successes, &trials, &prior, 0.9).unwrap();
    let error = |of: &dyn Fn(&Shrunk) -> f64| {
        shrunk.iter().zip(&shares).map(|(store, truth)| (of(store) - truth).powi(2)).sum::<f64>()
    };
    assert!(error(&|store| store.value) < 0.5 * error(&|store| store.own.unwrap()));
    let covered =
        shrunk.iter().zip(&shares).filter(|(store, truth)| store.low <= **truth && **truth <= store.high);
    near(covered.count() as f64 / 2_000.0, 0.9, 0.025);
}

/// An A/A run: stores that are all the same are shown as the same.
#[test]
fn equal_stores_are_not_ranked() {
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(23);
    let same = Binomial::new(12, 0.6).unwrap();
    let successes: Vec<u64> = (0..300).map(|_| same.sample(&mut random)).collect();
    let trials = vec![12; 300];
    let prior = SharePrior::by_likelihood(&successes, &trials).unwrap();
    let shrunk = shrink_shares(&successes, &trials, &prior, 0.95).unwrap();
    let spread = shrunk.iter().map(|s| s.value).fold(0.0, f64::max)
        - shrunk.iter().map(|s| s.value).fold(1.0, f64::min);
    assert!(spread < 0.15, "{spread}");
}

/// The trials of BCG vaccine (Colditz et al. 1994) as R's metafor has them: Paule and Mandel's variance is
/// 0.3181.
#[test]
fn vaccine_trials_of_metafor() {
    let trials: [[f64; 4]; 13] = [
        [4.0, 119.0, 11.0, 128.0],
        [6.0, 300.0, 29.0, 274.0],
        [3.0, 228.0, 11.0, 209.0],
        [62.0, 13_536.0, 248.0, 12_619.0],
        [33.0, 5_036.0, 47.0, 5_761.0],
        [180.0, 1_361.0, 372.0, 1_079.0],
        [8.0, 2_537.0, 10.0, 619.0],
        [505.0, 87_886.0, 499.0, 87_892.0],
        [29.0, 7_470.0, 45.0, 7_232.0],
        [17.0, 1_699.0, 65.0, 1_600.0],
        [186.0, 50_448.0, 141.0, 27_197.0],
        [5.0, 2_493.0, 3.0, 2_338.0],
        [27.0, 16_886.0, 29.0, 17_825.0],
    ];
    let means: Vec<f64> =
        trials.iter().map(|t| (t[0] / (t[0] + t[1]) / (t[2] / (t[2] + t[3]))).ln()).collect();
    let errors: Vec<f64> = trials
        .iter()
        .map(|t| (1.0 / t[0] - 1.0 / (t[0] + t[1]) + 1.0 / t[2] - 1.0 / (t[2] + t[3])).sqrt())
        .collect();
    let prior = MeanPrior::paule_mandel(&means, &errors).unwrap();
    near(prior.between, 0.3181, 5e-5);
    let shrunk = shrink_means(&means, &errors, &prior, 0.95).unwrap();
    // A large trial keeps its own result, a small one is drawn to the mean.
    assert!(shrunk[7].own_weight > 0.98 && shrunk[11].own_weight < 0.5);
    for (trial, mean) in shrunk.iter().zip(&means) {
        assert!((trial.value - prior.mean).abs() <= (mean - prior.mean).abs());
    }
}

#[test]
fn planted_means_are_covered() {
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(29);
    let (mut truth, mut means, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for store in 0..1_500 {
        let own: f64 = Normal::new(50.0, 3.0).unwrap().sample(&mut random);
        let error = 1.0 + f64::from(store % 10);
        truth.push(own);
        means.push(Normal::new(own, error).unwrap().sample(&mut random));
        errors.push(error);
    }
    let prior = MeanPrior::paule_mandel(&means, &errors).unwrap();
    near(prior.between, 9.0, 1.5);
    let shrunk = shrink_means(&means, &errors, &prior, 0.9).unwrap();
    let covered =
        shrunk.iter().zip(&truth).filter(|(store, truth)| store.low <= **truth && **truth <= store.high);
    near(covered.count() as f64 / 1_500.0, 0.9, 0.025);
}
