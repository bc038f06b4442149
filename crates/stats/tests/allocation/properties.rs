//! Whatever the instance: the bound is the optimum of the relaxation, the rules hold, and units do not
//! matter.

use super::oracle::optimum;
use proptest::prelude::*;
use stats::allocation::{Offers, Refused, Rules, allocate, choose};

/// Up to 12 customers with up to 5 offers each, and the limits.
fn instance(limits: usize) -> impl Strategy<Value = (Offers, Vec<i64>)> {
    let offer = (-3.0..20.0f64, prop::collection::vec(-8..30i64, limits));
    let customer = prop::collection::vec(offer, 0..5);
    let caps = prop::collection::vec(prop_oneof![3 => Just(i64::MAX), 1 => 0..25i64], 12);
    (prop::collection::vec(customer, 1..12), caps, prop::collection::vec(-5..60i64, limits)).prop_map(
        move |(customers, mut caps, allowed)| {
            caps.truncate(customers.len());
            let mut starts = vec![0];
            let (mut value, mut uses) = (Vec::new(), Vec::new());
            for (v, u) in customers.into_iter().flat_map(|customer| {
                starts.push(starts.last().unwrap() + customer.len());
                customer
            }) {
                value.push(v);
                uses.extend(u);
            }
            (Offers::new(limits, starts, value, uses).unwrap().with_caps(caps).unwrap(), allowed)
        },
    )
}

fn against_the_oracle(offers: &Offers, rules: &Rules) -> Result<(), TestCaseError> {
    let reference = optimum(offers, rules, false);
    match allocate(offers, rules) {
        Ok(found) => {
            let reference = reference.unwrap_or(f64::NAN);
            let size = 1e-7 + 1e-8 * reference.abs();
            prop_assert!(
                (found.plan.bound - reference).abs() <= size,
                "bound {} reference {}",
                found.plan.bound,
                reference
            );
            for (used, limit) in found.plan.uses.iter().zip(&rules.limits) {
                prop_assert!(*used <= i128::from(*limit));
            }
            prop_assert!(rules.roi_floor.is_none_or(|f| found.plan.value >= f * found.plan.uses[0] as f64));
            prop_assert!(found.plan.value <= reference + size);
            prop_assert!(found.plan.gap() >= 0.0 && found.plan.gap().is_finite());
            if rules.limits.len() == 1 && rules.roi_floor.is_none() {
                prop_assert!(found.plan.exceptions.len() <= offers.len());
            }
        }
        // Where whole offers cannot keep the rules although parts of them could, refusing is right; a
        // relaxation that is solvable with room to spare must not be refused.
        Err(Refused::OutOfReach { .. }) => prop_assert!(reference.is_none()),
        Err(refusal) => {
            let whole = if reference.is_some() { optimum(offers, rules, true) } else { None };
            let has_income = rules.limits.iter().any(|limit| *limit < 0);
            prop_assert!(whole.is_none() || has_income, "refused {} where {:?} was possible", refusal, whole);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn one_budget_matches_microlp((offers, limits) in instance(1)) {
        against_the_oracle(&offers, &Rules { limits, roi_floor: None })?;
    }

    #[test]
    fn one_budget_and_a_floor_match_microlp((offers, limits) in instance(1), floor in 0.05..3.0f64) {
        against_the_oracle(&offers, &Rules { limits, roi_floor: Some(floor) })?;
    }

    #[test]
    fn several_limits_match_microlp((offers, limits) in instance(3)) {
        against_the_oracle(&offers, &Rules { limits, roi_floor: None })?;
    }

    #[test]
    fn several_limits_and_a_floor_match_microlp((offers, limits) in instance(2), floor in 0.05..3.0f64) {
        against_the_oracle(&offers, &Rules { limits, roi_floor: Some(floor) })?;
    }

    #[test]
    fn more_budget_is_never_worth_less((offers, limits) in instance(1), more in 0..40i64) {
        let of = |limit: i64| allocate(&offers, &Rules::budget(limit)).map(|found| found.plan);
        if let (Ok(less), Ok(more)) = (of(limits[0]), of(limits[0] + more)) {
            prop_assert!(more.bound >= less.bound - 1e-9);
            prop_assert!(more.prices[0] <= less.prices[0] + 1e-9);
        }
    }

    /// Money in other units, value in other units, customers in another order: the same bound.
    #[test]
    fn units_and_order_do_not_matter(
        (offers, limits) in instance(1),
        unit in 1..1000i64,
        scale in 0.01..100.0f64,
    ) {
        let rows: Vec<usize> = (0..offers.len()).rev().collect();
        let (mut starts, mut value, mut uses) = (vec![0], Vec::new(), Vec::new());
        let mut caps = Vec::new();
        for row in rows {
            let customer = offers.customer(row);
            value.extend(customer.value.iter().map(|v| v * scale));
            uses.extend(customer.uses.iter().map(|u| u * unit));
            caps.push(customer.cap.saturating_mul(unit));
            starts.push(value.len());
        }
        let turned = Offers::new(1, starts, value, uses).unwrap().with_caps(caps).unwrap();
        let one = allocate(&offers, &Rules::budget(limits[0]));
        let other = allocate(&turned, &Rules::budget(limits[0] * unit));
        match (one, other) {
            (Ok(one), Ok(other)) => {
                let size = 1.0 + other.plan.bound.abs();
                prop_assert!((one.plan.bound * scale - other.plan.bound).abs() < 1e-9 * size);
                prop_assert!(
                    (one.plan.prices[0] * scale / unit as f64 - other.plan.prices[0]).abs()
                        < 1e-9 * (1.0 + one.plan.prices[0]) * scale
                );
            }
            (one, other) => prop_assert!(one.is_err() && other.is_err()),
        }
    }

    #[test]
    fn any_customer_and_prices_give_an_offer_that_pays(
        value in prop::collection::vec(
            prop_oneof![-10.0..10.0f64, Just(f64::NAN), Just(f64::INFINITY)],
            0..6,
        ),
        prices in prop::collection::vec(prop_oneof![0.0..3.0f64, Just(f64::NAN)], 0..3),
        used in -20..20i64,
    ) {
        let uses = vec![used; value.len() * prices.len()];
        let customer = stats::allocation::Customer { value: &value, uses: &uses, cap: i64::MAX };
        if let Some(offer) = choose(&prices, &customer) {
            let paid: f64 = prices.iter().map(|price| price * used as f64).sum();
            prop_assert!(value[offer as usize] - paid > 0.0);
        }
    }
}
