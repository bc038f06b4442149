//! What the models look at: eleven columns of a customer's orders up to a day.

/// How many columns.
pub const FEATURES: usize = 11;

/// Their names, in order. Each is the natural logarithm of one plus what it says.
pub const FEATURE_NAMES: [&str; FEATURES] = [
    "order_days",
    "days_since_last",
    "age_days",
    "recency_days",
    "mean_value",
    "total_value",
    "mean_gap_days",
    "silence_in_gaps",
    "order_days_30",
    "order_days_90",
    "order_days_180",
];

/// The orders of one shop-local day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderDay {
    /// The day, counted from any origin.
    pub day: i32,
    /// What it brought, any unit; below zero counts as zero.
    pub value: f64,
}

/// The columns of one customer as they stood at the end of day `cut`; `None` for a customer not yet seen then.
/// `days` must be rising; those after the cut are not looked at, so the same list serves shifted windows.
pub fn features(days: &[OrderDay], cut: i32) -> Option<[f64; FEATURES]> {
    let known = &days[..days.partition_point(|order| order.day <= cut)];
    let (first, last) = (known.first()?, known.last()?);
    let count = known.len() as f64;
    let total: f64 = known.iter().map(|order| order.value.max(0.0)).sum();
    let since = |day: i32| f64::from(cut.abs_diff(day));
    let recency_days = f64::from(last.day.abs_diff(first.day));
    // One-time buyers have no gap of their own; the time since their order stands in for it.
    let mean_gap =
        if known.len() > 1 { (recency_days / (count - 1.0)).max(1.0) } else { since(first.day).max(1.0) };
    let lately = |window: f64| known.iter().filter(|order| since(order.day) < window).count() as f64;
    let columns = [
        count,
        since(last.day),
        since(first.day),
        recency_days,
        total / count,
        total,
        mean_gap,
        since(last.day) / mean_gap,
        lately(30.0),
        lately(90.0),
        lately(180.0),
    ];
    columns.iter().all(|value| value.is_finite()).then(|| columns.map(f64::ln_1p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_orders_are_not_seen() {
        let days = [(0, 10.0), (40, 30.0), (200, 99.0)].map(|(day, value)| OrderDay { day, value });
        let row = features(&days, 50).unwrap().map(|value| value.exp_m1());
        let expected = [2.0, 10.0, 50.0, 40.0, 20.0, 40.0, 40.0, 0.25, 1.0, 2.0, 2.0];
        assert!(row.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{row:?}");
        assert_eq!(features(&days, -1), None);
        assert_eq!(features(&[], 5), None);
        assert!(features(&days[..1], 0).unwrap().iter().all(|value| value.is_finite()));
    }
}
