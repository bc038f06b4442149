//! Simulated customers whose hidden parameters are known: every fit must find them again.

use crate::simulate::{People, Truth, simulate};
use rand::SeedableRng;
use rand_distr::{Distribution, Exp1, Gamma};
use rand_pcg::Pcg64Mcg;
use stats::lifetime::coin::Dropout;
use stats::lifetime::fit::{Attrition, Family, Fit, Limit, fit, fit_regularity};
use stats::lifetime::history::History;
use stats::lifetime::model::Model;
use stats::lifetime::score::{Request, order_ranges, score_all};
use stats::lifetime::spend::{Centre, fit_spend};

fn check_recovered(fit: &Fit, truth: [f64; 4]) {
    assert!(fit.convergence.is_converged, "{:?}", fit.convergence);
    for (estimate, truth) in fit.estimates.iter().zip(truth) {
        let error = estimate.standard_error.expect("an ordinary optimum has curvature");
        assert!(
            (estimate.value - truth).abs() < 4.0 * error,
            "{} {estimate:?}, planted {truth}",
            fit.model.name()
        );
    }
}

#[test]
fn planted_parameters_are_found_within_their_standard_errors() {
    let bg = simulate(Truth::Bg { k: 1 }, [0.243, 4.414, 0.793, 2.426], 60_000, 50.0, 0.0, 1);
    check_recovered(&fit(Family::BG_NBD, &bg.history()).unwrap(), [0.243, 4.414, 0.793, 2.426]);
    let mbg = simulate(Truth::Mbg { k: 1 }, [0.6, 7.0, 0.8, 1.5], 60_000, 50.0, 0.0, 2);
    check_recovered(&fit(Family::MBG_NBD, &mbg.history()).unwrap(), [0.6, 7.0, 0.8, 1.5]);
    let pareto = simulate(Truth::Pareto, [0.6, 10.0, 0.6, 12.0], 30_000, 50.0, 0.0, 3);
    check_recovered(&fit(Family::PARETO_NBD, &pareto.history()).unwrap(), [0.6, 10.0, 0.6, 12.0]);
    let nbd = simulate(Truth::Nbd, [0.9, 8.0, 1.0, 1.0], 20_000, 40.0, 0.0, 4);
    check_recovered(&fit(Family::NBD, &nbd.history()).unwrap(), [0.9, 8.0, 0.0, 0.0]);
}

#[test]
fn regular_buyers_are_recognised_and_forecast_better() {
    let planted = [1.4, 3.0, 0.5, 2.5];
    let people = simulate(Truth::Mbg { k: 3 }, planted, 6_000, 52.0, 26.0, 5);
    let fits = fit_regularity(Dropout::AfterAll, &people.history(), 6).unwrap();
    assert_eq!(fits[0].model.parameters()[0], 3.0);
    assert_eq!(fits[0].model.name(), "mbg-cnbd-k");
    check_recovered(&fits[0], planted);
    let plain = fits.iter().find(|f| f.model.name() == "mbg-nbd").unwrap();
    let error = |fit: &Fit| {
        (0..people.frequency.len())
            .map(|i| {
                let e =
                    fit.model.expected_orders(people.frequency[i], people.recency[i], people.age[i], 26.0);
                (e - people.later[i]).abs()
            })
            .sum::<f64>()
    };
    assert!(error(&fits[0]) < 0.97 * error(plain), "{} {}", error(&fits[0]), error(plain));
    let bg = simulate(Truth::Bg { k: 2 }, planted, 6_000, 52.0, 0.0, 6);
    let fits = fit_regularity(Dropout::AfterRepeats, &bg.history(), 4).unwrap();
    assert_eq!(fits[0].model.parameters()[0], 2.0);
    assert!(
        fit_regularity(Dropout::AfterAll, &History::new(&bg.frequency, &bg.recency, &bg.age), 4).is_err()
    );
}

#[test]
fn nobody_leaving_is_said_and_not_hidden() {
    let people = simulate(Truth::Nbd, [0.9, 8.0, 1.0, 1.0], 8_000, 40.0, 0.0, 7);
    for family in [Family::BG_NBD, Family::MBG_NBD, Family::PARETO_NBD] {
        let fit = fit(family, &people.history()).unwrap();
        assert!(matches!(fit.attrition, Attrition::NotIdentified { .. }), "{family:?} {:?}", fit.attrition);
        assert_eq!(fit.advised().name(), "nbd");
        assert!(fit.log_likelihood >= fit.without_attrition_log_likelihood - 1e-3);
        let age = 40.0;
        assert!(
            (fit.model.expected_orders_new(age) / fit.advised().expected_orders_new(age) - 1.0).abs() < 0.01
        );
    }
}

#[test]
fn ridges_are_named_with_their_ratio() {
    // With one rate of leaving for all, about half of all samples have their optimum at infinity.
    let mut named = 0;
    for seed in 20..26 {
        let people = simulate(Truth::CommonDeath, [0.8, 8.0, 1.0, 25.0], 4_000, 50.0, 0.0, seed);
        let fitted = fit(Family::PARETO_NBD, &people.history()).unwrap();
        if let [Limit::CommonDeathRate { rate }] = fitted.limits[..] {
            named += 1;
            assert!((rate * 25.0 - 1.0).abs() < 0.15, "{fitted:?}");
            assert!(
                fitted.estimates[2].standard_error.is_none() && fitted.estimates[3].standard_error.is_some()
            );
        }
    }
    assert!((1..=6).contains(&named), "{named}");
    let mut named = 0;
    for seed in 30..36 {
        let people = simulate(Truth::CommonCoin, [0.8, 8.0, 0.2, 0.8], 4_000, 50.0, 0.0, seed);
        let fitted = fit(Family::BG_NBD, &people.history()).unwrap();
        if let [Limit::CommonDropout { probability }] = fitted.limits[..] {
            named += 1;
            assert!((probability - 0.2).abs() < 0.02, "{fitted:?}");
        }
    }
    assert!((1..=6).contains(&named), "{named}");
    // One rate for all: counts are Poisson, r and alpha go to infinity together.
    let mut random = Pcg64Mcg::seed_from_u64(10);
    let mut people = People::default();
    for _ in 0..4_000 {
        let (mut x, mut last, mut now) = (0.0, 0.0, 0.0);
        loop {
            let gap: f64 = Exp1.sample(&mut random);
            now += gap * 8.0;
            if now > 40.0 {
                break;
            }
            x += 1.0;
            last = now;
        }
        people.frequency.push(x);
        people.recency.push(last);
        people.age.push(40.0);
    }
    let history = History::new(&people.frequency, &people.recency, &people.age);
    let fitted = fit(Family::NBD, &history).unwrap();
    assert!(
        fitted
            .limits
            .iter()
            .any(|l| matches!(l, Limit::CommonOrderRate { rate } if (rate * 8.0 - 1.0).abs() < 0.03))
            || fitted.estimates[0].value > 30.0,
        "{fitted:?}"
    );
    for estimate in &fitted.estimates {
        assert!(estimate.value.is_finite() && estimate.standard_error.is_none_or(f64::is_finite));
    }
}

#[test]
fn totals_and_ranges_hold_what_they_promise() {
    let planted = [0.6, 7.0, 0.8, 1.5];
    let mut held = 0;
    for seed in 0..40 {
        let people = simulate(Truth::Mbg { k: 1 }, planted, 2_000, 40.0, 20.0, 100 + seed);
        let fit = fit(Family::MBG_NBD, &people.history()).unwrap();
        let total = fit.total(&people.history(), 20.0, 0.8).unwrap();
        let actual: f64 = people.later.iter().sum();
        assert!(total.parameters.unwrap() > 0.0 && total.chance > 0.0);
        held += u32::from(total.low <= actual && actual <= total.high);
    }
    assert!((24..=39).contains(&held), "an 80 % interval held {held} of 40 times");

    let people = simulate(Truth::Pareto, [0.6, 10.0, 0.6, 12.0], 20_000, 40.0, 20.0, 12);
    let model = Model::from_parts("pareto-nbd", &[0.6, 10.0, 0.6, 12.0]).unwrap();
    let request = Request { horizon: 20.0, rate: 0.002 };
    let scores = score_all(&model, &people.history(), &request).unwrap();
    let ranges = order_ranges(&model, &people.history(), 20.0, 0.9).unwrap();
    let inside = ranges.iter().zip(&people.later).filter(|(r, l)| r.low <= **l && **l <= r.high).count();
    assert!(inside as f64 > 0.9 * 20_000.0, "{inside}");
    let none = people.later.iter().filter(|l| **l == 0.0).count() as f64;
    let expected: f64 = scores.iter().map(|s| s.p_no_order).sum();
    assert!((none / expected - 1.0).abs() < 0.02, "{none} {expected}");
    assert!(scores.iter().all(|s| s.discounted_orders <= s.expected_orders));
}

#[test]
fn spend_is_recovered_and_its_trap_flagged() {
    let mut random = Pcg64Mcg::seed_from_u64(13);
    let spend = |p: f64, q: f64, gamma: f64, customers: usize, random: &mut Pcg64Mcg| {
        let (mut orders, mut means) = (Vec::new(), Vec::new());
        for i in 0..customers {
            let scale: f64 = Gamma::new(q, 1.0 / gamma).unwrap().sample(random);
            let count = 1 + i % 7;
            let one = Gamma::new(p, 1.0 / scale).unwrap();
            orders.push(count as f64);
            means.push((0..count).map(|_| one.sample(random)).sum::<f64>() / count as f64);
        }
        (orders, means)
    };
    let (mut orders, mut means) = spend(6.25, 3.74, 15.44, 20_000, &mut random);
    orders.extend([0.0, 2.0, 3.0, 4.0]);
    means.extend([0.0, 0.0, -5.0, -1.0]);
    let fit = fit_spend(&orders, &means, None).unwrap();
    for (estimate, truth) in fit.estimates.iter().zip([6.25, 3.74, 15.44]) {
        assert!((estimate.value - truth).abs() < 4.0 * estimate.standard_error.unwrap(), "{estimate:?}");
    }
    let left_out = fit.excluded;
    assert_eq!((left_out.without_orders, left_out.zero_spend, left_out.negative_spend), (1.0, 1.0, 2.0));
    assert!(fit.correlation.unwrap().abs() < 0.03);
    let (low, high) = fit.model.spend_range(3.0, 40.0, 0.9);
    let middle = fit.model.expected_spend(3.0, 40.0);
    assert!(low < middle && middle < high && low > 0.0);
    assert!((fit.model.expected_spend_new() - 6.25 * 15.44 / 2.74).abs() < 1.0);

    let (orders, means) = spend(3.0, 0.8, 10.0, 8_000, &mut random);
    let heavy = fit_spend(&orders, &means, None).unwrap();
    assert_eq!(heavy.centre, Centre::Median);
    for (count, mean) in [(0.0, 0.0), (1.0, 12.0), (50.0, 90.0)] {
        let expected = heavy.model.expected_spend(count, mean);
        assert!(expected > 0.0 && expected.is_finite(), "{expected}");
    }
    assert!(fit_spend(&[1.0; 20], &[5.0; 20], None).is_err());
    assert!(fit_spend(&[1.0; 20], &[f64::NAN; 20], None).is_err());
    assert!(fit_spend(&[0.0; 20], &[0.0; 20], None).is_err());
}
