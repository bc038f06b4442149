//! Whatever comes in, what comes out is a finite number or a refusal that says why.

use proptest::prelude::*;
use stats::lifetime::fit::{Family, fit, log_likelihood};
use stats::lifetime::history::{History, Refused, group};
use stats::lifetime::model::Model;
use stats::lifetime::spend::{Spend, fit_spend};

/// Parameters from the tiny to the huge, as a ridge or a boundary leaves them.
fn parameter() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.05..20.0f64, 1 => (-14.0..13.0f64).prop_map(f64::exp), 1 => Just(1.0)]
}

fn model() -> impl Strategy<Value = Model> {
    let names = ["nbd", "bg-nbd", "mbg-nbd", "pareto-nbd", "cnbd-k", "bg-cnbd-k", "mbg-cnbd-k", "bg-bb"];
    (0..names.len(), [parameter(), parameter(), parameter(), parameter()], 1..=4u32).prop_map(
        move |(i, p, k)| {
            let size = if i == 0 || i == 4 { 2 } else { 4 };
            let mut parameters = p[..size].to_vec();
            if names[i].ends_with("-k") {
                parameters.insert(0, f64::from(k));
            }
            Model::from_parts(names[i], &parameters).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_finite_customer_gives_an_answer_that_is_not_a_number(
        model in model(),
        x in prop_oneof![Just(0.0), (0..500u32).prop_map(f64::from), -3.0..1e4f64],
        tx in prop_oneof![0.0..60.0f64, -5.0..1e6f64],
        age in prop_oneof![0.0..80.0f64, -5.0..1e6f64, Just(0.0), Just(1e-9)],
        t in prop_oneof![3 => 0.0..60.0f64, 1 => -5.0..5e3f64],
        rate in prop_oneof![Just(0.0), 0.0..0.1f64],
    ) {
        let standing = model.standing(x, tx, age);
        let what = format!("{model:?} {x} {tx} {age} {t}");
        let (alive, later, none) = (standing.p_alive(), standing.p_alive_at(t), standing.p_no_order(t));
        for p in [alive, later, none] {
            prop_assert!((0.0..=1.0).contains(&p), "{}: {}", what, p);
        }
        prop_assert!(later <= alive + 1e-9, "{}: {} {}", what, later, alive);
        let expected = standing.expected_orders(t);
        prop_assert!(expected.is_finite() && expected >= 0.0, "{}: {}", what, expected);
        prop_assert!(standing.expected_orders(t + 1.0) >= expected * (1.0 - 1e-6), "{}", what);
        // Orders beyond the first make the expectation at least the chance of any order.
        prop_assert!(expected >= (1.0 - none) * (1.0 - 1e-6) - 1e-9, "{}: {} {}", what, expected, none);
        let discounted = standing.discounted_orders(0.0, t, rate);
        prop_assert!(discounted.is_finite() && discounted >= -1e-9, "{}: {}", what, discounted);
        prop_assert!(discounted <= expected * (1.0 + 1e-6) + 1e-9, "{}: {} {}", what, discounted, expected);
        if expected < 1e3 {
            let range = standing.order_range(t, 0.9);
            prop_assert!(range.low <= range.high, "{}: {:?}", what, range);
        }
    }

    #[test]
    fn no_customer_gives_a_likelihood_that_is_not_a_number(
        model in model(),
        x in prop_oneof![Just(0u32), 0..500u32],
        share in 0.001..=1.0f64,
        age in prop_oneof![1.0..80.0f64, 1e-6..1e6f64],
    ) {
        let whole = model.name() == "bg-bb";
        let x = if whole { x.min(80) } else { x };
        let age = if whole { f64::from(x.max(1)) + (age % 40.0).floor() } else { age };
        let recency = match (x, whole) {
            (0, _) => 0.0,
            (_, true) => f64::from(x) + ((age - f64::from(x)) * share).floor(),
            _ => age * share,
        };
        let columns = [[f64::from(x)], [recency], [age]];
        let history = History::new(&columns[0], &columns[1], &columns[2]);
        let value = log_likelihood(&model, &history).unwrap();
        prop_assert!(value.is_finite(), "{:?} {} {} {}: {}", model, x, recency, age, value);
        if x == 0 {
            prop_assert!(value <= 1e-9, "a probability above one: {:?} {}", model, value);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_small_history_is_fitted_or_refused(
        rows in prop::collection::vec((0..6u32, 0.01..=1.0f64, 0.5..60.0f64), 0..40),
        family in prop_oneof![
            Just(Family::NBD), Just(Family::BG_NBD), Just(Family::MBG_NBD), Just(Family::PARETO_NBD)
        ],
    ) {
        let x: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
        let tx: Vec<f64> = rows.iter().map(|r| if r.0 == 0 { 0.0 } else { r.1 * r.2 }).collect();
        let age: Vec<f64> = rows.iter().map(|r| r.2).collect();
        match fit(family, &History::new(&x, &tx, &age)) {
            Ok(fit) => {
                prop_assert!(fit.log_likelihood.is_finite());
                prop_assert!(fit.log_likelihood >= fit.without_attrition_log_likelihood - 0.01, "{:?}", fit);
                for estimate in &fit.estimates {
                    prop_assert!(estimate.value.is_finite() && estimate.value > 0.0);
                    prop_assert!(estimate.standard_error.is_none_or(|e| e.is_finite()));
                }
                prop_assert!(fit.model.expected_orders_new(10.0).is_finite());
            }
            Err(refused) => prop_assert!(!refused.to_string().is_empty()),
        }
    }

    #[test]
    fn every_small_set_of_spends_is_fitted_or_refused(
        rows in prop::collection::vec((0..4u32, -5.0..200.0f64), 0..40),
    ) {
        let orders: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
        let means: Vec<f64> = rows.iter().map(|r| r.1).collect();
        if let Ok(fit) = fit_spend(&orders, &means, None) {
            for (count, mean) in orders.iter().zip(&means) {
                let expected = fit.model.expected_spend(*count, *mean);
                prop_assert!(expected.is_finite() && expected > 0.0, "{:?} {}", fit, expected);
                let (low, high) = fit.model.spend_range(*count, *mean, 0.9);
                prop_assert!(low <= high && low >= 0.0 && high.is_finite());
            }
        }
    }
}

#[test]
fn names_and_parameters_are_refused_in_words() {
    let refused = |name: &str, p: &[f64]| Model::from_parts(name, p).unwrap_err().to_string();
    assert!(
        refused("bgnbd", &[1.0; 4]).starts_with("model 'bgnbd' does not exist; known models: nbd, bg-nbd")
    );
    assert_eq!(
        refused("bg-nbd", &[1.0, 2.0]),
        "model bg-nbd takes positive finite parameters (r, alpha, a, b); got [1.0, 2.0]"
    );
    assert_eq!(
        refused("mbg-cnbd-k", &[13.0, 1.0, 1.0, 1.0, 1.0]),
        "regularity 13 is out of range; use 1 (as it comes) to 12 (like a clock)"
    );
    assert!(Spend::from_parts(&[1.0, -2.0, 3.0]).is_err());
    assert_eq!(Family::named("pareto_nbd"), Ok(Family::PARETO_NBD));
    for name in ["nbd", "bg-nbd", "mbg-nbd", "pareto-nbd", "bg-bb"] {
        let model =
            Model::from_parts(name, if name == "nbd" { &[1.0, 2.0] } else { &[1.0, 2.0, 3.0, 4.0] }).unwrap();
        assert_eq!(Model::from_parts(model.name(), &model.parameters()).unwrap(), model);
    }
}

#[test]
fn discrete_histories_refuse_fractions_and_impossible_counts() {
    let n = 12;
    let fitted = |x: f64, tx: f64, age: f64| {
        fit(Family::BG_BB, &History::new(&vec![x; n], &vec![tx; n], &vec![age; n])).unwrap_err()
    };
    assert!(matches!(fitted(1.0, 1.5, 6.0), Refused::NotACount { column: "recency", .. }));
    assert!(matches!(fitted(3.0, 2.0, 6.0), Refused::FrequencyBeyondRecency { .. }));
    assert!(matches!(fitted(0.0, 0.0, 6.0), Refused::AllOnePurchase { .. }));
    assert!(group(&History::new(&[], &[], &[])).is_err());
}
