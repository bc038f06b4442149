//! Raking, post-stratification, trimming, variances.

use super::data::{Schools, schools};
use super::scores::near;
use stats::feedback::*;

/// California's schools by type: elementary, high, middle; and by whether the target was met.
const KINDS: [f64; 3] = [4_421.0, 755.0, 1_018.0];
const MET: [f64; 2] = [1_072.0, 5_122.0];
const WEIGHT: f64 = 33.846_996_307_373;

fn survey<'a>(
    schools: &'a Schools,
    weights: &'a [f64],
    population: &'a [f64],
    by: &'a [&'a [u32]],
) -> Survey<'a> {
    let (clusters, population) = (Some(schools.district.as_slice()), Some(population));
    Survey { weights, strata: None, clusters, population, calibrated: by }
}

/// R's survey 4.1 on `apiclus1`: 15 of 757 districts drawn whole.
#[test]
fn cluster_sample_of_schools() {
    let schools = schools();
    assert_eq!(schools.score.len(), 183);
    let (weights, population) = (vec![WEIGHT; 183], vec![757.0; 183]);
    let survey = survey(&schools, &weights, &population, &[]);
    let mean = estimate_mean(&schools.score, &survey, 0.95).unwrap().estimate;
    near(mean.value, 644.169, 5e-4);
    near(mean.standard_error, 23.5422, 5e-5);
    let total = estimate_total(&schools.pupils, &survey, 0.95).unwrap().estimate;
    near(total.value, 3_404_940.0, 1.0);
    near(total.standard_error, 932_235.0, 1.0);
}

/// The same, post-stratified by type of school.
#[test]
fn post_stratified_schools() {
    let schools = schools();
    let weighted = post_stratify(&[WEIGHT; 183], &schools.kind, &KINDS).unwrap();
    let (population, by) = (vec![757.0; 183], [schools.kind.as_slice()]);
    let survey = survey(&schools, &weighted.weights, &population, &by);
    let mean = estimate_mean(&schools.score, &survey, 0.95).unwrap().estimate;
    near(mean.value, 642.311, 5e-4);
    near(mean.standard_error, 23.9205, 5e-5);
    let total = estimate_total(&schools.pupils, &survey, 0.95).unwrap().estimate;
    near(total.value, 3_680_893.0, 1.0);
    near(total.standard_error, 406_293.0, 1.0);
}

/// Raked by type and by target met: the mean of R's survey (as checked by Survey.jl), which stops once
/// margins are within one school; ours goes on.
#[test]
fn raked_schools() {
    let schools = schools();
    let margins =
        [Margin { groups: &schools.kind, sizes: &KINDS }, Margin { groups: &schools.met, sizes: &MET }];
    let raked = rake(&[WEIGHT; 183], &margins).unwrap();
    assert!(raked.error < 1e-9 && raked.design_effect > 1.0);
    let (population, by) = (vec![757.0; 183], [schools.kind.as_slice(), schools.met.as_slice()]);
    let mean =
        estimate_mean(&schools.score, &survey(&schools, &raked.weights, &population, &by), 0.95).unwrap();
    near(mean.estimate.value, 641.230_246_862, 1e-3);
}

/// A simple random sample has the textbook's standard error √((1 − f) s² / n).
#[test]
fn simple_random_sample() {
    let values = [3.0, 5.0, 8.0, 4.0, 10.0];
    let survey = Survey { weights: &[20.0; 5], population: Some(&[100.0; 5]), ..Survey::default() };
    let found = estimate_mean(&values, &survey, 0.95).unwrap();
    near(found.estimate.value, 6.0, 1e-12);
    near(found.estimate.standard_error, (0.95 * 8.5 / 5.0_f64).sqrt(), 1e-12);
    assert_eq!(found.weight_effect, 1.0);
    // Two strata: variances of the parts add up.
    let survey = Survey { strata: Some(&[0, 0, 1, 1, 1]), population: None, ..survey };
    let total = estimate_total(&values, &survey, 0.95).unwrap();
    let parts: f64 = 400.0 * (2.0 * 2.0 + 3.0 * 28.0 / 3.0);
    near(total.estimate.standard_error, parts.sqrt(), 1e-9);
}

/// Younger customers answer half as often and are less content: weighting brings the mean back, and its
/// interval covers.
#[test]
fn planted_non_response_is_corrected() {
    use rand::{RngExt, SeedableRng};
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(13);
    let (mut raw, mut weighted, mut covered) = (0.0, 0.0, 0);
    for _ in 0..500 {
        let (mut groups, mut values) = (Vec::new(), Vec::new());
        while values.len() < 150 {
            let young = random.random::<f64>() < 0.5;
            if random.random::<f64>() < if young { 0.2 } else { 0.4 } {
                groups.push(u32::from(young));
                let mean = if young { 6.0 } else { 8.0 };
                values.push(mean + 4.0 * (random.random::<f64>() - 0.5));
            }
        }
        let fixed = post_stratify(&[1.0; 150], &groups, &[0.5, 0.5]).unwrap();
        let by = [groups.as_slice()];
        let survey = Survey { weights: &fixed.weights, calibrated: &by, ..Survey::default() };
        let found = estimate_mean(&values, &survey, 0.95).unwrap().estimate;
        raw += values.iter().sum::<f64>() / 150.0 / 500.0;
        weighted += found.value / 500.0;
        covered += u32::from(found.low <= 7.0 && 7.0 <= found.high);
    }
    assert!((raw - 7.33).abs() < 0.03, "raw {raw}");
    near(weighted, 7.0, 0.02);
    near(f64::from(covered) / 500.0, 0.95, 0.03);
}

#[test]
fn trimming_keeps_the_total() {
    let weights = [1.0, 1.0, 1.0, 1.0, 16.0];
    let found = trim(&weights, 2.0).unwrap();
    near(found.weights.iter().sum(), 20.0, 1e-9);
    near(found.weights[4], 8.0, 1e-9);
    assert_eq!(found.cut, 1);
    assert!(found.design_effect < found.design_effect_before);
    near(design_effect(&weights).unwrap(), 5.0 * 260.0 / 400.0, 1e-12);
    assert_eq!(trim(&[1.0, 1.0], 1.5).unwrap().cut, 0);
    assert!(
        trim(&weights, 1.0).is_err() && design_effect(&[1.0, 0.0]).is_err() && design_effect(&[]).is_err()
    );
}

#[test]
fn margins_that_cannot_be_met_are_refused() {
    let of = |groups: &[u32], sizes: &[f64]| post_stratify(&[1.0, 1.0], groups, sizes);
    assert!(of(&[0, 1], &[1.0, 1.0]).is_ok());
    // Nobody of group 1 answered; an unknown group; a size of 0 where somebody did.
    assert!(of(&[0, 0], &[1.0, 1.0]).is_err());
    assert!(of(&[0, 2], &[1.0, 1.0]).is_err());
    assert!(of(&[0, 1], &[1.0, 0.0]).is_err());
    assert!(of(&[0], &[1.0]).is_err());
    let one = Margin { groups: &[0, 1], sizes: &[1.0, 1.0] };
    let other = Margin { groups: &[0, 1], sizes: &[2.0, 1.0] };
    assert!(rake(&[1.0, 1.0], &[one, other]).is_err());
    let against = Margin { groups: &[0, 1], sizes: &[0.5, 1.5] };
    assert!(rake(&[1.0, 1.0], &[one, against]).is_err());
    let alone = Survey { weights: &[1.0, 1.0], strata: Some(&[0, 1]), ..Survey::default() };
    assert!(estimate_mean(&[1.0, 2.0], &alone, 0.95).is_err());
    let small = Survey { weights: &[1.0, 1.0], population: Some(&[1.0, 1.0]), ..Survey::default() };
    assert!(estimate_mean(&[1.0, 2.0], &small, 0.95).is_err());
}
