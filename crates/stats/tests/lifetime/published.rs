//! Values printed in the papers and in the walkthroughs of their software, each named after its source.

use crate::cdnow;
use stats::lifetime::contract::{Cohort, fit_contract};
use stats::lifetime::fit::{Attrition, Family, Fit, fit};
use stats::lifetime::history::{History, group};
use stats::lifetime::model::Model;
use stats::lifetime::spend::{Centre, fit_spend};
use stats::lifetime::track::{by_frequency, expected_cumulative, increments};

fn check_fit(fit: &Fit, log_likelihood: f64, parameters: &[f64], relative: f64) {
    assert!(
        (fit.log_likelihood - log_likelihood).abs() < 1e-3,
        "{} {}",
        fit.model.name(),
        fit.log_likelihood
    );
    assert!(fit.convergence.is_converged, "{:?}", fit.convergence);
    for (estimate, known) in fit.estimates.iter().zip(parameters) {
        assert!((estimate.value / known - 1.0).abs() < relative, "{estimate:?}, published {known}");
    }
}

#[test]
fn cdnow_sample_matches_fader_hardie_lee_2005_and_the_btyd_walkthrough() {
    let c = cdnow::sample();
    let history = History::new(&c.frequency, &c.recency, &c.age);
    check_fit(&fit(Family::NBD, &history).unwrap(), -9763.658, &[0.38476, 12.0724], 1e-4);
    let bg = fit(Family::BG_NBD, &history).unwrap();
    check_fit(&bg, -9582.429, &[0.24260, 4.41360, 0.79292, 2.42589], 2e-4);
    assert!(
        matches!(bg.attrition, Attrition::Identified { gain_nats } if (gain_nats - 181.229).abs() < 2e-3)
    );
    let mbg = fit(Family::MBG_NBD, &history).unwrap();
    check_fit(&mbg, -9582.136, &[0.52484, 6.18308, 0.89136, 1.61400], 2e-4);
    let pareto = fit(Family::PARETO_NBD, &history).unwrap();
    check_fit(&pareto, -9594.976, &[0.55315, 10.5763, 0.60625, 11.6715], 5e-4);
    for (estimate, known) in pareto.estimates.iter().zip([0.0476, 0.843, 0.187, 6.21]) {
        let error = estimate.standard_error.unwrap();
        assert!((error / known - 1.0).abs() < 5e-3, "{estimate:?}, published {known}");
    }
    for fit in [&bg, &mbg, &pareto] {
        assert!(fit.limits.is_empty());
        assert!(fit.convergence.starts_agreeing >= 2, "{:?}", fit.convergence);
    }
}

#[test]
fn cdnow_master_matches_the_measured_oracle() {
    let c = cdnow::master();
    let history = History::new(&c.frequency, &c.recency, &c.age);
    assert_eq!(c.frequency.len(), 23_570);
    assert_eq!(group(&history).unwrap().weights.len(), 8_685);
    check_fit(&fit(Family::NBD, &history).unwrap(), -96_845.344, &[0.38725, 12.2713], 1e-4);
    check_fit(&fit(Family::BG_NBD, &history).unwrap(), -95_368.444, &[0.2516, 4.7889, 0.7234, 2.1611], 1e-3);
    check_fit(&fit(Family::MBG_NBD, &history).unwrap(), -95_336.958, &[0.6371, 7.3103, 0.8075, 1.2284], 1e-3);
    check_fit(
        &fit(Family::PARETO_NBD, &history).unwrap(),
        -95_415.119,
        &[0.59742, 11.5857, 0.52219, 8.8278],
        1e-3,
    );
}

fn check_predictions(model: Model, table: &str) {
    for line in table.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let v: Vec<f64> = fields[1..].iter().map(|f| f.parse().unwrap()).collect();
        let (answer, expected, tolerance) = match (fields[0], v.as_slice()) {
            ("expected", [x, tx, age, t, e, tolerance]) => {
                (model.expected_orders(*x, *tx, *age, *t), *e, *tolerance)
            }
            ("alive", [x, tx, age, p, tolerance]) => (model.p_alive(*x, *tx, *age), *p, *tolerance),
            ("new", [t, e, tolerance]) => (model.expected_orders_new(*t), *e, *tolerance),
            _ => panic!("unknown line {line}"),
        };
        assert!((answer - expected).abs() <= tolerance, "{} {line}: {answer}", model.name());
    }
}

#[test]
fn cdnow_predictions_match_the_btyd_walkthrough_and_hardies_sheet() {
    let c = cdnow::sample();
    let history = History::new(&c.frequency, &c.recency, &c.age);
    check_predictions(
        fit(Family::BG_NBD, &history).unwrap().model,
        "expected 26 30.857142857 31 52 25.7566 2e-3
         alive 26 30.857142857 31 0.96885 2e-5
         expected 2 30.428571429 38.857142857 39 1.226 1e-3
         new 52 1.4440 1e-4
         expected 10 20 39 52 0.34746 2e-4
         expected 15 20 39 52 0.042834 3e-5
         expected 20 20 39 52 0.0041590 4e-6
         expected 25 20 39 52 0.00035837 5e-7
         new 0.142857 0.0078 1e-3
         new 1 0.0532 1e-3
         new 3 0.1506 1e-3
         new 31.8571 1.0405 1e-3
         new 32 1.0437 1e-3
         new 78 1.8576 1e-3",
    );
    check_predictions(
        fit(Family::PARETO_NBD, &history).unwrap().model,
        "expected 26 30.857142857 31 52 25.456 2e-3
         alive 26 30.857142857 31 0.99787 1e-5
         new 52 1.4734 1e-4
         expected 10 20 39 52 0.70623 4e-4
         expected 15 20 39 52 0.14424 2e-4
         expected 20 20 39 52 0.022507 3e-5
         expected 25 20 39 52 0.0030927 4e-6",
    );
}

#[test]
fn pareto_traps_of_lifetimes_do_not_jump() {
    check_predictions(
        Model::from_parts("pareto-nbd", &[0.55, 10.58, 0.61, 11.67]).unwrap(),
        "expected 132 200 200 10 6.2060517890 1e-8
         expected 133 200 200 10 6.2528722476 1e-8",
    );
    let extreme = Model::from_parts("pareto_nbd", &[10.465, 0.00799, 3.0516, 2.820]).unwrap();
    let alive = extreme.p_alive(400.0, 5.0, 6.0);
    assert!((0.0..1e-20).contains(&alive), "{alive}");
}

#[test]
fn donations_match_fader_hardie_shang_2010() {
    // Frequency, recency and number of donors after six yearly appeals.
    let cells = [
        (0, 0, 3464),
        (1, 1, 1091),
        (1, 2, 277),
        (1, 3, 129),
        (1, 4, 78),
        (1, 5, 119),
        (1, 6, 129),
        (2, 2, 613),
        (2, 3, 255),
        (2, 4, 155),
        (2, 5, 173),
        (2, 6, 234),
        (3, 3, 322),
        (3, 4, 181),
        (3, 5, 225),
        (3, 6, 357),
        (4, 4, 240),
        (4, 5, 284),
        (4, 6, 512),
        (5, 5, 335),
        (5, 6, 728),
        (6, 6, 1203),
    ];
    let frequency: Vec<f64> = cells.iter().map(|c| f64::from(c.0)).collect();
    let recency: Vec<f64> = cells.iter().map(|c| f64::from(c.1)).collect();
    let donors: Vec<f64> = cells.iter().map(|c| f64::from(c.2)).collect();
    let age = vec![6.0; cells.len()];
    let fit = fit(Family::BG_BB, &History::new(&frequency, &recency, &age).weighted(&donors)).unwrap();
    assert_eq!(fit.customers, 11_104.0);
    check_fit(&fit, -33_225.581, &[1.2035, 0.7497, 0.6568, 2.7838], 1e-3);
    check_predictions(
        fit.model,
        "new 10 3.1798 2e-4
         expected 0 0 6 10 0.13022 2e-5
         expected 4 5 6 10 3.62786 3e-4",
    );
}

#[test]
fn contract_cohorts_match_fader_hardie_2007() {
    let check = |survivors: [f64; 8], alpha: f64, beta: f64, log_likelihood: f64| {
        let cohort = Cohort::from_survivors(&survivors).unwrap();
        let fit = fit_contract(std::slice::from_ref(&cohort)).unwrap();
        assert!((fit.model.alpha / alpha - 1.0).abs() < 1e-4, "{:?}", fit.model);
        assert!((fit.model.beta / beta - 1.0).abs() < 1e-4, "{:?}", fit.model);
        assert!((fit.log_likelihood - log_likelihood).abs() < 1e-3, "{}", fit.log_likelihood);
        assert!(fit.convergence.is_converged && fit.limits.is_empty());
        assert!(fit.estimates.iter().all(|e| e.standard_error.is_some()));
        // The same customers as two cohorts, one seen for three years only, say almost the same.
        let halves = [
            Cohort { lost: cohort.lost.iter().map(|l| l / 2.0).collect(), left: cohort.left / 2.0 },
            Cohort { lost: cohort.lost[..3].iter().map(|l| l / 2.0).collect(), left: survivors[3] / 2.0 },
        ];
        let young = fit_contract(&halves).unwrap();
        assert!((young.model.survival(7.0) - survivors[7] / 1000.0).abs() < 0.02);
    };
    check([1000.0, 869.0, 743.0, 653.0, 593.0, 551.0, 517.0, 491.0], 0.66809, 3.80610, -1611.158);
    check([1000.0, 631.0, 468.0, 382.0, 326.0, 289.0, 262.0, 241.0], 0.70408, 1.18204, -1680.265);
}

#[test]
fn cdnow_spend_matches_fader_hardie_2013_and_the_measured_oracle() {
    let c = cdnow::sample();
    let fit = fit_spend(&c.frequency, &c.spend, None).unwrap();
    assert!((fit.log_likelihood + 4055.918).abs() < 2e-2, "{}", fit.log_likelihood);
    for (estimate, known) in fit.estimates.iter().zip([6.25, 3.74, 15.44]) {
        assert!((estimate.value / known - 1.0).abs() < 3e-3, "{estimate:?}, published {known}");
        assert!(estimate.standard_error.is_some());
    }
    assert_eq!(fit.customers, 946.0);
    assert_eq!(fit.excluded.without_orders, 1411.0);
    assert!((fit.correlation.unwrap() - 0.114).abs() < 1e-3, "{:?}", fit.correlation);
    assert_eq!(fit.centre, Centre::Mean);

    let c = cdnow::master();
    let fit = fit_spend(&c.frequency, &c.spend, None).unwrap();
    assert!((fit.log_likelihood + 40_763.476).abs() < 2e-2, "{}", fit.log_likelihood);
    for (estimate, known) in fit.estimates.iter().zip([6.2754, 3.6245, 14.984]) {
        assert!((estimate.value / known - 1.0).abs() < 1e-3, "{estimate:?}, published {known}");
    }
    assert_eq!((fit.customers, fit.excluded.zero_spend), (9_450.0, 1.0));
    assert!((fit.correlation.unwrap() - 0.080).abs() < 1e-3, "{:?}", fit.correlation);
}

#[test]
fn cdnow_tracking_and_conditional_expectations_match_the_btyd_walkthrough() {
    let c = cdnow::sample();
    let history = History::new(&c.frequency, &c.recency, &c.age);
    let weeks: Vec<f64> = (1..=26).map(f64::from).collect();
    let (pareto, bg) = (fit(Family::PARETO_NBD, &history).unwrap(), fit(Family::BG_NBD, &history).unwrap());
    let actual: Vec<f64> = weeks.iter().map(|w| c.repeats.iter().filter(|r| *r < w).count() as f64).collect();
    assert_eq!(increments(&actual)[19..25], [73.0, 55.0, 70.0, 33.0, 56.0, 99.0]);
    assert_eq!(actual[24], 1_672.0);
    let tables: [(&Fit, [f64; 6], f64, [f64; 8]); 2] = [
        (
            &pareto,
            [78.3, 76.4, 74.6, 73.0, 71.4, 69.9],
            1_674.3,
            [0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403],
        ),
        (
            &bg,
            [76.9, 74.9, 73.0, 71.3, 69.7, 68.2],
            1_669.6,
            [0.225, 0.523, 1.044, 1.520, 2.164, 2.654, 3.504, 6.157],
        ),
    ];
    for (fit, weekly, by_week_25, conditional) in tables {
        let curve = expected_cumulative(&fit.model, &c.born, None, &weeks).unwrap();
        // The walkthrough rounds birthdays to its own grid; a third of an order a week lies in that.
        for (ours, theirs) in increments(&curve)[19..25].iter().zip(weekly) {
            assert!((ours - theirs).abs() < 0.6, "{ours} {theirs}");
        }
        assert!((curve[24] / by_week_25 - 1.0).abs() < 0.01, "{}", curve[24]);
        let bins = by_frequency(&fit.model, &history, &c.later, 39.0, 7).unwrap();
        let known = [0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359];
        let customers = [1411.0, 439.0, 214.0, 100.0, 62.0, 38.0, 29.0, 64.0];
        for (i, bin) in bins.iter().enumerate() {
            assert_eq!(bin.customers, customers[i]);
            assert!((bin.actual - known[i]).abs() < 6e-4, "{bin:?}");
            assert!((bin.expected - conditional[i]).abs() < 2e-3, "{} {bin:?}", fit.model.name());
        }
    }
    assert_eq!(c.later.iter().sum::<f64>(), 1_882.0);
    assert_eq!(c.frequency.iter().sum::<f64>(), 2_457.0);
}
