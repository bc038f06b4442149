//! What is refused, and in which words.

use stats::allocation::{Customer, Offers, Refused, Rules, allocate, plan};

fn table() -> Offers {
    Offers::even(1, 2, vec![1.0, 2.0, 3.0, 4.0], vec![1, 2, 3, 4]).unwrap()
}

#[test]
fn numbers_that_cannot_be_used() {
    let value = Offers::even(1, 1, vec![1.0, f64::NAN], vec![1, 1]).unwrap_err();
    assert_eq!(value.to_string(), "customer 1, offer 0: value is NaN; supply a finite number below 1e100");
    let used = Offers::even(1, 1, vec![1.0], vec![i64::MIN]).unwrap_err();
    assert!(matches!(used, Refused::Use { customer: 0, offer: 0, limit: 0, used: i64::MIN }));
    assert!(matches!(Offers::even(2, 1, vec![1.0], vec![1]), Err(Refused::Shape { expected: 2, .. })));
    assert!(matches!(Offers::new(1, vec![0, 2, 1], vec![1.0], vec![1]), Err(Refused::Shape { .. })));
    assert!(matches!(Offers::new(1, vec![], vec![], vec![]), Err(Refused::Shape { .. })));
    assert!(matches!(Offers::new(0, vec![0], vec![], vec![]), Err(Refused::NoLimit)));
    assert!(matches!(Offers::even(1, 0, vec![1.0], vec![1]), Err(Refused::Shape { .. })));
    assert!(matches!(table().with_caps(vec![1]), Err(Refused::Shape { expected: 2, .. })));
}

#[test]
fn rules_that_cannot_be_kept() {
    let least = allocate(&table(), &Rules::budget(-1)).unwrap_err();
    assert_eq!(least.to_string(), "limit 0 cannot be kept: 0 is used at least, -1 is allowed");
    for floor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let rules = Rules { limits: vec![5], roi_floor: Some(floor) };
        assert!(matches!(allocate(&table(), &rules), Err(Refused::Floor(_))), "{floor}");
    }
    let rules = Rules { limits: vec![], roi_floor: None };
    assert_eq!(allocate(&table(), &rules), Err(Refused::NoLimit));
    let two = Rules { limits: vec![5, 5], roi_floor: None };
    assert!(matches!(allocate(&table(), &two), Err(Refused::Customer { customer: 0, .. })));
    // Each of two limits could be reached alone: offers bring in one and use up the other.
    let torn = Offers::even(2, 2, vec![1.0; 4], vec![-2, 2, 2, -2, -2, 2, 2, -2]).unwrap();
    let rules = Rules { limits: vec![-3, -3], roi_floor: None };
    assert_eq!(allocate(&torn, &rules), Err(Refused::Together));
}

#[test]
fn start_prices_are_checked() {
    let offers = table();
    let ask = |start: &[f64]| plan(&mut |each| offers.visit(each), &Rules::budget(3), Some(start));
    assert!(matches!(ask(&[-1.0]), Err(Refused::Start { limit: 0, .. })));
    assert!(matches!(ask(&[f64::NAN]), Err(Refused::Start { .. })));
    assert!(matches!(ask(&[1.0, 1.0]), Err(Refused::Shape { .. })));
}

#[test]
fn a_source_that_changes_is_noticed() {
    let mut calls = 0;
    let mut pass = |each: &mut dyn FnMut(Customer<'_>)| {
        calls += 1;
        for _ in 0..calls.min(2) {
            each(Customer { value: &[1.0], uses: &[1], cap: i64::MAX });
        }
    };
    assert_eq!(plan(&mut pass, &Rules::budget(1), None), Err(Refused::Changed));
}

#[test]
fn nobody_and_nothing_to_offer_are_no_accidents() {
    let nobody = Offers::new(1, vec![0], vec![], vec![]).unwrap();
    let found = allocate(&nobody, &Rules::budget(10)).unwrap();
    assert_eq!((found.plan.value, found.plan.bound, found.chosen.len()), (0.0, 0.0, 0));
    let empty = Offers::new(2, vec![0, 0, 0], vec![], vec![]).unwrap();
    let rules = Rules { limits: vec![1, 0], roi_floor: Some(2.0) };
    let found = allocate(&empty, &rules).unwrap();
    assert_eq!((found.chosen, found.plan.gap()), (vec![None, None], 0.0));
}
