//! Several limits at once.

use super::instances::{uniform, with_slots};
use super::oracle::optimum;
use stats::allocation::{Offers, Rules, allocate, choose, plan};

#[test]
fn three_limits_leave_less_than_a_millionth() {
    let (offers, limits) = with_slots(100_000, 100.0);
    let rules = Rules { limits: limits.clone(), roi_floor: None };
    let found = allocate(&offers, &rules).unwrap();
    let plan = &found.plan;
    assert!(plan.gap() <= 1e-6, "gap {}", plan.gap());
    for (used, limit) in plan.uses.iter().zip(&limits) {
        assert!(*used <= i128::from(*limit));
    }
    assert!(plan.prices.iter().all(|price| *price > 0.0), "{:?}", plan.prices);
    let alone = |index: usize| choose(&plan.prices, &offers.customer(index));
    let differ = (0..offers.len()).filter(|index| alone(*index) != found.chosen[*index]).count();
    assert!(differ < 200, "{differ} of 100,000 were decided otherwise than at the prices");
}

#[test]
fn yesterdays_prices_lead_to_the_same_optimum() {
    let (offers, limits) = with_slots(4_000, 100.0);
    let rules = Rules { limits, roi_floor: None };
    let cold = allocate(&offers, &rules).unwrap().plan;
    let start: Vec<f64> = cold.prices.iter().map(|price| price * 1.1).collect();
    let warm = plan(&mut |each| offers.visit(each), &rules, Some(&start)).unwrap();
    assert!((warm.bound / cold.bound - 1.0).abs() < 1e-9, "{} {}", warm.bound, cold.bound);
}

/// Segments again: with equal customers whole segments are torn, and the mixture splits them.
#[test]
fn equal_customers_are_mixed() {
    let customers = 9_000;
    let mut value = Vec::new();
    let mut uses = Vec::new();
    for i in 0..customers {
        let worth = [3.0, 5.0, 8.0][i % 3];
        value.extend([worth, 0.9 * worth, 0.6 * worth]);
        uses.extend([300, 1, 0, 150, 0, 1, 50, 0, 0]);
    }
    let offers = Offers::even(3, 3, value, uses).unwrap();
    let rules = Rules { limits: vec![1_000_000, 2_000, 2_500], roi_floor: None };
    let found = allocate(&offers, &rules).unwrap().plan;
    assert!(found.gap() < 1e-3, "{} {:?} {:?}", found.gap(), found.uses, found.prices);
    let few: Vec<f64> = (0..30)
        .flat_map(|i| {
            let worth = [3.0, 5.0, 8.0][i % 3];
            [worth, 0.9 * worth, 0.6 * worth]
        })
        .collect();
    // A three-hundredth of the base has a three-hundredth of the optimum.
    let small = Offers::even(3, 3, few, [300, 1, 0, 150, 0, 1, 50, 0, 0].repeat(30)).unwrap();
    let smaller = Rules { limits: vec![1_000_000 * 30 / 9_000, 2_000, 2_500], roi_floor: None };
    let unlimited_slots =
        allocate(&offers, &Rules { limits: vec![1_000_000, 600_000, 750_000], roi_floor: None });
    let reference = optimum(&small, &smaller, false).unwrap();
    let bound = unlimited_slots.unwrap().plan.bound / 300.0;
    assert!((bound / reference - 1.0).abs() < 2e-3, "{bound} {reference}");
}

/// A budget, a capacity and an ROI floor together.
#[test]
fn a_floor_beside_limits_is_kept() {
    let (offers, mut limits) = with_slots(10_000, 100.0);
    limits[0] = i64::MAX;
    let rules = Rules { limits, roi_floor: Some(0.03) };
    let found = allocate(&offers, &rules).unwrap().plan;
    assert!(found.value >= 0.03 * found.uses[0] as f64);
    assert!(found.gap() < 1e-5, "{}", found.gap());
    let without = allocate(&offers, &Rules { roi_floor: None, ..rules }).unwrap().plan;
    assert!(without.bound > found.bound && without.value < 0.03 * without.uses[0] as f64);
}

/// Some limits ask for income: offers with negative use must bring it.
#[test]
fn a_negative_limit_is_reached() {
    let customers = 400;
    let value: Vec<f64> =
        (0..customers * 2).map(|i| uniform(i, 5) - if i % 2 == 0 { 0.8 } else { 0.0 }).collect();
    let uses: Vec<i64> = (0..customers * 2)
        .flat_map(|i| {
            let size = (uniform(i, 6) * 50.0) as i64;
            if i % 2 == 0 { [-size, 1] } else { [size, 0] }
        })
        .collect();
    let offers = Offers::even(2, 2, value, uses).unwrap();
    let rules = Rules { limits: vec![-3_000, 300], roi_floor: None };
    let found = allocate(&offers, &rules).unwrap().plan;
    assert!(found.uses[0] <= -3_000 && found.uses[1] <= 300, "{:?}", found.uses);
    let reference = optimum(&offers, &rules, false).unwrap();
    assert!((found.bound / reference - 1.0).abs() < 1e-9, "{} {reference}", found.bound);
    assert!(found.gap() < 1e-2, "{}", found.gap());
}
