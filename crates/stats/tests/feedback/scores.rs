//! NPS, CSAT, CES, ACSI and the sizes of surveys.

use stats::feedback::*;

pub fn near(found: f64, published: f64, within: f64) {
    assert!((found - published).abs() <= within, "{found} is not {published}");
}

/// R package NPS 1.1 for 15 promoters, 13 passives, 8 detractors.
#[test]
fn nps_of_the_r_package() {
    let found = nps(15, 13, 8, 0.95).unwrap();
    near(found.wald.value, 19.4444, 1e-4);
    near((found.wald.standard_error / 100.0).powi(2) * 36.0, 0.601080, 1e-6);
    near(found.wald.standard_error, 12.9216, 1e-4);
    near(found.wald.low, -5.8813, 1e-4);
    near(found.wald.high, 44.7702, 1e-4);
    near(found.p_value.unwrap(), 0.132374, 1e-6);
    near(found.adjusted.value, 17.95, 0.005);
    near(found.adjusted.low + 6.0, -0.28, 0.005);
    near(found.adjusted.high, 42.18, 0.005);
}

/// R package NPS 1.1: 120/60/20 less 15/13/8.
#[test]
fn nps_difference_of_the_r_package() {
    let (first, second) = (nps(120, 60, 20, 0.95).unwrap(), nps(15, 13, 8, 0.95).unwrap());
    let found = nps_difference(&first, &second, 0.95).unwrap();
    near(found.wald.value, 30.5556, 1e-4);
    near(found.wald.standard_error, 13.7647, 1e-4);
    near(found.wald.low, 3.5773, 1e-4);
    near(found.wald.high, 57.5339, 1e-4);
    near(found.adjusted.value, 31.3124, 1e-4);
    near(found.adjusted.standard_error, 13.2364, 1e-4);
    near(found.p_value, 0.0180, 5e-5);
    assert!(found.is_clear);
}

#[test]
fn nps_at_the_edges() {
    let all = nps(10, 0, 0, 0.95).unwrap();
    assert_eq!((all.wald.standard_error, all.p_value), (0.0, None));
    near(all.adjusted.low, 47.5, 0.05);
    assert_eq!(all.adjusted.high, 100.0);
    // Nine promoters of ten: the plain interval runs past 100, the adjusted one is cut.
    let nine = nps(9, 1, 0, 0.95).unwrap();
    assert!(nine.wald.high > 100.0 && nine.adjusted.high == 100.0);
    assert!(nps(0, 0, 0, 0.95).is_err());
    assert_eq!(nps_counts(&[0, 6, 7, 8, 9, 10]).unwrap(), (2, 2, 2));
    assert!(nps_counts(&[11]).is_err());
}

#[test]
fn csat_with_wilson() {
    let found = csat(&[3, 4, 6, 47, 40], 2, 0.95).unwrap();
    assert_eq!(found.top, 0.87);
    near(found.low, 0.7902, 5e-5);
    near(found.high, 0.9224, 5e-5);
    near(found.mean, 4.17, 1e-12);
    let all = csat(&[0, 0, 0, 4, 6], 2, 0.95).unwrap();
    near(all.low, 0.7225, 5e-5);
    assert_eq!(all.high, 1.0);
    assert!(csat(&[0; 5], 2, 0.95).is_err() && csat(&[1, 2], 2, 0.95).is_err());
}

/// The same hundred answers are 70, 5.01 or 30, depending on whose score is meant.
#[test]
fn ces_has_three_forms() {
    let counts = [4, 6, 5, 15, 25, 30, 15];
    let share = ces(&counts, CesForm::ShareAgreeing, 0.95).unwrap();
    let mean = ces(&counts, CesForm::Mean, 0.95).unwrap();
    let net = ces(&counts, CesForm::TopLessBottom, 0.95).unwrap();
    near(share.score.value, 70.0, 1e-9);
    near(mean.score.value, 5.01, 1e-9);
    near(net.score.value, 30.0, 1e-9);
    assert!(share.definition != mean.definition && mean.definition != net.definition);
    for score in [share.score, mean.score, net.score] {
        assert!(score.low < score.value && score.value < score.high);
    }
}

/// The weights of the State of Ohio (Verint 2013), and equal ones.
#[test]
fn acsi_of_ohio() {
    let (ohio, equal) = ([0.3885, 0.3190, 0.2925], [1.0 / 3.0; 3]);
    near(acsi_one([8.0, 7.0, 6.0], ohio).unwrap(), 67.7333, 1e-4);
    near(acsi_one([8.0, 7.0, 6.0], equal).unwrap(), 66.6667, 1e-4);
    near(acsi_one([9.0, 8.0, 8.0], ohio).unwrap(), 82.0944, 1e-4);
    near(acsi_one([9.0, 8.0, 8.0], equal).unwrap(), 81.4815, 1e-4);
    near(acsi_one([10.0; 3], ohio).unwrap(), 100.0, 1e-9);
    near(acsi_one([1.0; 3], ohio).unwrap(), 0.0, 1e-9);
    let survey = acsi(&[[8.0, 7.0, 6.0], [9.0, 8.0, 8.0]], equal, 0.95).unwrap();
    near(survey.index.value, (18.0 + 22.0) / 54.0 * 100.0, 1e-9);
    assert!(acsi_one([8.0, 7.0, 6.0], [0.5, 0.5, 0.5]).is_err());
    assert!(acsi_one([0.0, 7.0, 6.0], equal).is_err());
}

#[test]
fn answers_needed() {
    assert_eq!(sample_size_share(0.5, 0.05, 0.95, None).unwrap(), 385);
    assert_eq!(sample_size_share(0.5, 0.05, 0.95, Some(1_000)).unwrap(), 278);
    assert_eq!(sample_size_nps(0.5, 0.1, 5.0, 0.95, None).unwrap(), 677);
    assert_eq!(sample_size_nps(0.5, 0.1, 10.0, 0.95, None).unwrap(), 170);
    assert_eq!(sample_size_nps(0.4, 0.3, 5.0, 0.95, None).unwrap(), 1_061);
    assert!(sample_size_nps(0.7, 0.6, 5.0, 0.95, None).is_err());
}

/// Rocks (2016): with few answers the plain interval covers too rarely, the adjusted one about as often as it
/// says.
#[test]
fn adjusted_intervals_cover() {
    use rand::{RngExt, SeedableRng};
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(7);
    let (mut plain, mut adjusted) = (0, 0);
    for _ in 0..20_000 {
        let mut counts = [0_u64; 3];
        for _ in 0..12 {
            let draw: f64 = random.random();
            counts[if draw < 0.7 {
                0
            } else if draw < 0.9 {
                1
            } else {
                2
            }] += 1;
        }
        let found = nps(counts[0], counts[1], counts[2], 0.95).unwrap();
        plain += u32::from(found.wald.low <= 60.0 && 60.0 <= found.wald.high);
        adjusted += u32::from(found.adjusted.low <= 60.0 && 60.0 <= found.adjusted.high);
    }
    let (plain, adjusted) = (f64::from(plain) / 20_000.0, f64::from(adjusted) / 20_000.0);
    assert!(adjusted > 0.93 && adjusted > plain, "plain {plain} adjusted {adjusted}");
}
