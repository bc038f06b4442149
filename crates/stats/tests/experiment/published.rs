//! Values of papers, textbooks and reference software, each named after its source.

use crate::simulate::near;
use stats::experiment::arm::Arm;
use stats::experiment::cuped::adjust;
use stats::experiment::effect::{Scale, compare};
use stats::experiment::interrupted::{Setting, interrupted};
use stats::experiment::metrics;
use stats::experiment::moments::Moments;
use stats::experiment::plan::{Plan, Reading};
use stats::experiment::power::{Design, Outcome, minimum_effect, power, sample_size};
use stats::experiment::sequence;
use stats::experiment::srm::{self, Verdict};
use stats::experiment::staggered::{Average, By, Controls, Panel, group_time};

fn welch(control: &Moments<1>, treatment: &Moments<1>) -> Reading {
    let arm = |moments| Arm::mean(moments).unwrap();
    let effect = compare(&arm(control), &arm(treatment), Scale::Absolute).unwrap();
    Plan::completed(0.95).unwrap().judge(&effect).unwrap()
}

/// Student (1908), the sleep data, as printed by R's `t.test(extra ~ group, data = sleep)`: t = 1.8608, df =
/// 17.776, p = 0.07939, interval −0.2054832 to 3.3654832.
#[test]
fn sleep_welch_as_r_prints_it() {
    let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    let read = welch(&Moments::from_columns([&first]).unwrap(), &Moments::from_columns([&second]).unwrap());
    near(read.effect.value / read.effect.standard_error, 1.8608, 5e-5);
    near(read.effect.degrees_of_freedom, 17.776, 5e-4);
    near(read.p_value, 0.07939, 5e-6);
    near(read.interval.low, -0.205_483_2, 5e-8);
    near(read.interval.high, 3.365_483_2, 5e-8);
}

/// LaLonde (1986) in the sample of Dehejia and Wahba (1999): the experiment's own answer is 1,794 dollars.
/// Sums of the 445 rows; interval and p-value by scipy 1.17.1.
#[test]
fn national_supported_work_dehejia_wahba_1999() {
    let control = Moments::from_sums(260, [1_184_248.292_76], [[13_182_781_867.016_876]]).unwrap();
    let treatment = Moments::from_sums(185, [1_174_591.553_1], [[18_846_517_608.708_443]]).unwrap();
    let read = welch(&control, &treatment);
    assert_eq!(read.effect.value.round(), 1794.0);
    near(read.effect.degrees_of_freedom, 307.132_493_111_588_5, 1e-6);
    near(read.p_value, 0.007_892_977_714_517_34, 1e-10);
    near(read.interval.low, 474.010_469_8, 1e-5);
    near(read.interval.high, 3_114.674_338_7, 1e-5);
}

/// Hillstrom's women's mail, spend with last year's spend for covariate: a covariate that knows nothing takes
/// nothing away. Theta is from within the arms; over both arms as one it would be 0.00103465, which holds a
/// trace of the effect.
#[test]
fn hillstrom_spend_with_history() {
    let control = [13_908.33, 5_132_245.81, 2_870_050.362_1, 4_267_933.839_9, 2_597_172_414.556_3];
    let treatment = [23_038.11, 5_187_130.98, 4_911_446.576_3, 7_513_096.192_3, 2_652_326_978.521];
    let arm =
        |count, f: [f64; 5]| Moments::from_sums(count, [f[0], f[1]], [[f[2], f[3]], [f[3], f[4]]]).unwrap();
    let adjusted = adjust(&arm(21_306, control), &arm(21_387, treatment)).unwrap();
    near(adjusted.theta, 0.001_031_942_87, 1e-11);
    near(adjusted.variance_ratio, 0.999_62, 5e-6);
}

/// Cohen (1988), table 2.4.1: customers per arm at α = 0.05 and 0.01, two-sided. His table rounds to the
/// nearest; ours is the fewest that reach the power. Fractional sizes behind both by statsmodels 0.15.0.
#[test]
fn sample_sizes_cohen_1988() {
    let outcome = Outcome::Mean { control_deviation: 1.0, treatment_deviation: 1.0 };
    for (level, effect, wanted, fractional) in [
        (0.95, 0.2, 0.8, 393.405_693),
        (0.95, 0.5, 0.8, 63.765_611),
        (0.95, 0.8, 0.8, 25.524_572),
        (0.95, 0.2, 0.9, 526.333_189),
        (0.95, 0.5, 0.7, 50.353_622),
        (0.99, 0.2, 0.8, 585.609_265),
        (0.99, 0.5, 0.9, 120.705_485),
        (0.99, 0.8, 0.7, 31.730_290),
    ] {
        let design = Design { level, ..Design::default() };
        let sizes = sample_size(&design, outcome, effect, wanted).unwrap();
        assert_eq!(sizes.control as f64, f64::ceil(fractional), "{level} {effect} {wanted}");
        assert_eq!(sizes.control, sizes.treatment);
        near(power(&design, outcome, effect, fractional).unwrap(), wanted, 1e-7);
        near(minimum_effect(&design, outcome, fractional, wanted).unwrap(), effect, 1e-7);
    }
}

/// R's `power.t.test(n = 20, delta = 1, sd = 1)` prints 0.8689528 (upper tail alone; both tails by
/// statsmodels: 0.8689530), and unequal arms by scipy 1.17.1's noncentral t with Welch's degrees of freedom;
/// `power.prop.test` prints its manual's examples: n = 50 of .50 against .75 has power 0.7401659 (upper tail
/// alone; the lower adds 1.3e-6); .90 needs n = 76.7.
#[test]
fn powers_of_the_r_manual() {
    let outcome = Outcome::Mean { control_deviation: 1.0, treatment_deviation: 1.0 };
    near(power(&Design::default(), outcome, 1.0, 20.0).unwrap(), 0.868_953_027_7, 1e-8);
    let thrice = Design { ratio: 3.0, ..Design::default() };
    near(power(&thrice, outcome, 0.5, 40.0).unwrap(), 0.770_091_246_085, 1e-9);
    let outcome = Outcome::Proportion { control: 0.5 };
    near(power(&Design::default(), outcome, 0.25, 50.0).unwrap(), 0.740_165_9, 2e-6);
    near(power(&Design::default(), outcome, 0.25, 76.7).unwrap(), 0.9, 1e-4);
    assert_eq!(sample_size(&Design::default(), outcome, 0.25, 0.9).unwrap().control, 77);
}

/// A 5 % holdout of a million customers whose spend has standard deviation 11.59 and mean 0.653 sees 22.8 %
/// of the mean, and 16.6 % with a 10 % holdout (our reference on Hillstrom-like spend).
#[test]
fn holdouts_against_all_other_customers() {
    let outcome = Outcome::Mean { control_deviation: 11.59, treatment_deviation: 11.59 };
    for (share, expected) in [(0.02, 0.355), (0.05, 0.228), (0.10, 0.166)] {
        let design = Design { ratio: (1.0 - share) / share, ..Design::default() };
        let found = minimum_effect(&design, outcome, share * 1e6, 0.8).unwrap();
        near(found / 0.653, expected, 5e-4);
    }
}

/// The mixture likelihood ratio of Robbins (1970) by quadrature: ∫ N(x; θ, V) N(θ; 0, τ²) dθ / N(x; 0, V) at
/// the edge of the interval is 1/α, and its inverse is the p-value.
#[test]
fn mixture_sequential_test_is_robbins_integral() {
    let (alpha, error, spread) = (0.05, 0.013, 0.02);
    let ratio = |x: f64| {
        let steps = 40_000;
        let width = 24.0 * spread / steps as f64;
        let inside = |place: i32| {
            let theta = -12.0 * spread + (f64::from(place) + 0.5) * width;
            let against = (x * x - (x - theta).powi(2)) / (2.0 * error * error);
            (against - theta * theta / (2.0 * spread * spread)).exp()
        };
        (0..steps).map(inside).sum::<f64>() * width / (spread * (2.0 * std::f64::consts::PI).sqrt())
    };
    let half = sequence::half_width(alpha, error, spread);
    near(ratio(half) * alpha, 1.0, 1e-6);
    near(sequence::p_value(half, error, spread), alpha, 1e-12);
    near(sequence::p_value(0.03, error, spread), 1.0 / ratio(0.03), 1e-7);
}

/// Fabijan et al.'s case of a 95/5 split read as configured, and Cookie Cats (44,700 and 45,489): between 1 %
/// and 0.1 %.
#[test]
fn sample_ratios_against_configured_shares() {
    let limits = srm::Limits::default();
    let found = srm::check(&[9_400, 600], &[95.0, 5.0], limits).unwrap();
    near(found.p_value, 4.47e-6, 5e-9);
    assert_eq!(found.verdict, Verdict::Mismatched);
    assert_eq!(srm::check(&[9_500, 500], &[0.95, 0.05], limits).unwrap().p_value, 1.0);
    assert_eq!(srm::check(&[44_700, 45_489], &[0.5, 0.5], limits).unwrap().verdict, Verdict::Matched);
    // An arm of share zero is no arm: the same p-value with and without it.
    let with = srm::check(&[9_400, 0, 600], &[95.0, 0.0, 5.0], limits).unwrap();
    assert_eq!((with.degrees_of_freedom, with.p_value), (1, found.p_value));
    let stray = srm::check(&[9_400, 3, 600], &[95.0, 0.0, 5.0], limits).unwrap();
    assert_eq!(stray.verdict, Verdict::Stray { arm: 1 });
    // A fifth of a percent among a hundred million is not chance, and does not matter.
    let huge = srm::check(&[50_100_000, 49_900_000], &[1.0, 1.0], limits).unwrap();
    assert!(huge.p_value < 1e-80);
    assert_eq!(huge.verdict, Verdict::Immaterial);
}

/// Benjamini and Hochberg (1995), section 4.1, with the adjusted values R's `p.adjust(p, "BH")` has: min over
/// larger p of 15 p / rank.
#[test]
fn infarction_trial_benjamini_hochberg_1995() {
    let mut p = vec![
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
        0.6528, 0.7590, 1.0,
    ];
    p.reverse();
    let found = metrics::adjust(&p, 0.05).unwrap();
    assert_eq!(found.iter().filter(|metric| metric.is_discovery).count(), 4);
    near(found[14].adjusted, 0.0015, 1e-12);
    near(found[11].adjusted, 0.0095 * 15.0 / 4.0, 1e-12);
    near(found[10].adjusted, 0.0201 * 15.0 / 5.0, 1e-12);
    near(found[8].adjusted, 0.0298 * 15.0 / 7.0, 1e-12);
    assert!(found.iter().all(|metric| metric.is_discovery == (metric.adjusted <= 0.05)));
}

/// Cluster-robust errors of statsmodels 0.15.0 (no small-sample factor) on a made-up table: each arm's is
/// ours without G/(G − 1).
#[test]
fn clustered_means_of_statsmodels() {
    let table = |arm: u64| -> (Vec<f64>, Vec<u64>) {
        (0..200u64)
            .map(|i| ((i * i + 3 * i) % 17, 3.0 * (i as f64).sin()))
            .filter(|(cluster, _)| cluster % 2 == arm)
            .map(|(cluster, wave)| (wave + (cluster % 5) as f64 + 0.7 * arm as f64, cluster))
            .unzip()
    };
    for (arm, clusters, value, error) in [
        (0, 5.0, 1.342_677_43, 0.740_213_417_580_651_7),
        (1, 4.0, 1.342_677_43 + 0.638_111_75, 0.538_691_504),
    ] {
        let (values, numbers) = table(arm);
        let found = Arm::clustered(&values, &numbers).unwrap();
        assert_eq!(found.units, clusters);
        near(found.value, value, 2e-8);
        near(found.standard_error() * ((clusters - 1.0) / clusters).sqrt(), error, 1e-9);
    }
}

fn wavy_line() -> Vec<f64> {
    (0..40)
        .map(|period: i32| {
            let t = f64::from(period);
            let after = f64::from(period >= 24);
            100.0
                + 0.8 * t
                + after * (12.0 - 0.5 * (t - 24.0))
                + 5.0 * (1.7 * t).sin()
                + 3.0 * (0.9 * t * t).cos()
        })
        .collect()
}

/// Newey–West by statsmodels 0.15.0 (`cov_type="HAC"`, `use_correction=True`) on the same made-up series.
#[test]
fn interrupted_series_of_statsmodels() {
    let series = wavy_line();
    let read = |season, lags| {
        let setting = Setting { start: 24, season, lags: Some(lags), level: 0.95 };
        interrupted(&series, setting).unwrap()
    };
    let found = read(None, 3);
    for (estimate, value, error) in [
        (found.level, 100.436_888_80, 1.159_580_84),
        (found.slope, 0.753_050_52, 0.083_606_84),
        (found.step, 9.925_892_85, 1.584_398_31),
        (found.bend, -0.173_495_73, 0.138_990_18),
        (found.total, 137.994_798_199, 28.488_316_554),
    ] {
        near(estimate.value, value, 1e-7);
        near(estimate.standard_error, error, 1e-7);
    }
    near(found.bend.p_value, 0.211_936_278, 1e-7);
    near(found.durbin_watson, 2.115_753_593_367, 1e-9);
    near(read(None, 0).step.standard_error, 2.708_949_97, 1e-7);
    let seasonal = read(Some(7), 3);
    near(seasonal.step.value, 10.486_918_03, 1e-7);
    near(seasonal.step.standard_error, 1.397_536_07, 1e-7);
    near(seasonal.bend.standard_error, 0.196_190_32, 1e-7);
}

/// Sixty units by a formula: never treated, or treated from period 2, 3 or 4 on.
fn staggered_waves() -> (Vec<f64>, Vec<Option<usize>>) {
    let firsts: Vec<Option<usize>> =
        (0..60).map(|u| [None, Some(2), Some(3), Some(4), None][u % 5]).collect();
    let mut outcomes = Vec::new();
    for (unit, first) in firsts.iter().enumerate() {
        let u = unit as f64;
        for period in 0..5usize {
            let t = (period + 1) as f64;
            let mut y =
                2.0 * (1.3 * u).sin() + 0.5 * t * (0.7 * u).cos() + (u * t * 0.37).sin() * 1.5 + 0.4 * t;
            if let Some(first) = first.filter(|first| period >= *first) {
                y += 1.0 + 0.5 * (period - first) as f64 + 0.3 * (first - 2) as f64;
            }
            outcomes.push(y);
        }
    }
    (outcomes, firsts)
}

fn check_averages(found: &[Average], expected: &[(i64, f64, f64)]) {
    assert_eq!(found.len(), expected.len());
    for (average, (key, effect, error)) in found.iter().zip(expected) {
        assert_eq!(average.key, *key);
        near(average.effect, *effect, 1e-10);
        near(average.standard_error, *error, 1e-10);
    }
}

/// Callaway and Sant'Anna (2021) as csdid 0.4.3 computes it (outcome regression, no covariates, analytic
/// errors).
#[test]
fn group_time_effects_of_csdid() {
    let (outcomes, first_treated) = staggered_waves();
    let panel = Panel { periods: 5, outcomes: &outcomes, first_treated: &first_treated, clusters: None };
    let never = group_time(&panel, Controls::NeverTreated).unwrap();
    let cells = [
        (2, 1, -0.028_868_455_521_636_582, 0.626_663_917_693_923_9),
        (2, 2, 1.305_010_746_594_897, 0.449_335_453_904_849_36),
        (2, 3, 1.678_566_846_309_756_5, 0.471_603_274_570_955_47),
        (2, 4, 2.056_734_759_430_303, 0.335_781_767_644_838_2),
        (3, 1, -0.051_207_424_186_191_01, 0.602_077_555_119_023_4),
        (3, 2, 0.514_094_853_834_696_6, 0.476_013_510_729_621_2),
        (3, 3, 0.836_580_722_730_059_7, 0.568_587_204_237_669_2),
        (3, 4, 1.084_850_024_775_37, 0.531_465_362_424_258_7),
        (4, 1, -0.046_490_243_620_115_14, 0.575_724_265_802_581_7),
        (4, 2, 0.366_940_176_783_346_2, 0.487_423_282_324_335_4),
        (4, 3, -0.493_963_646_541_425_9, 0.507_401_345_719_709_4),
        (4, 4, 1.532_546_582_147_511_5, 0.599_213_741_135_940_7),
    ];
    assert_eq!(never.cells.len(), cells.len());
    for (cell, (group, period, effect, error)) in never.cells.iter().zip(cells) {
        assert_eq!((cell.group, cell.period, cell.treated, cell.controls), (group, period, 12, 24));
        near(cell.effect, effect, 1e-10);
        near(cell.standard_error, error, 1e-10);
    }
    check_averages(&never.averages(By::All), &[(0, 1.415_714_946_997_983_3, 0.249_591_550_217_844_57)]);
    check_averages(
        &never.averages(By::Group),
        &[
            (2, 1.680_104_117_444_985_6, 0.296_285_419_579_770_8),
            (3, 0.960_715_373_752_714_9, 0.490_359_277_126_450_2),
            (4, 1.532_546_582_147_511_5, 0.599_213_741_135_940_7),
        ],
    );
    let later = group_time(&panel, Controls::NotYetTreated).unwrap();
    check_averages(&later.averages(By::All), &[(0, 1.413_504_438_294_426, 0.257_829_024_278_762_2)]);
    check_averages(
        &later.averages(By::Age),
        &[
            (-3, -0.026_471_273_693_158_27, 0.523_135_897_929_232_5),
            (-2, 0.081_603_738_052_180_5, 0.389_928_875_735_175_15),
            (-1, -0.035_542_074_512_634_886, 0.300_218_356_319_238_9),
            (0, 1.206_177_947_555_033_4, 0.304_074_737_501_722_26),
            (1, 1.402_879_013_835_576_2, 0.356_838_089_023_533_26),
            (2, 2.056_734_759_430_303, 0.335_781_767_644_838_24),
        ],
    );
    check_averages(
        &later.averages(By::Period),
        &[
            (2, 1.084_751_988_940_386_7, 0.412_964_342_111_897_36),
            (3, 1.361_071_637_236_492_2, 0.377_940_727_387_469_26),
            (4, 1.558_043_788_784_394_8, 0.347_892_584_580_550_6),
        ],
    );
}
