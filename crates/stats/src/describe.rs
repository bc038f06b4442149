//! Small descriptions of a column: quantiles, mean, spread, ranks.
//!
//! Quantiles are Hyndman and Fan's type 7 (linear between order statistics), the default of R and NumPy, so that
//! an analyst's own check agrees to the last digit.

/// The `q`-quantile of values already sorted in rising order, `q` in `[0, 1]`; `None` when there are no values.
///
/// ```
/// assert_eq!(stats::describe::quantile(&[1.0, 2.0, 4.0, 8.0], 0.5), Some(3.0));
/// ```
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = q.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    let share = place - below as f64;
    Some(sorted[below] * (1.0 - share) + sorted[above] * share)
}

/// The median of values in any order; `None` when there are none.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(&sorted(values), 0.5)
}

/// A rising copy; values that are not numbers go last.
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut copy = values.to_vec();
    copy.sort_unstable_by(f64::total_cmp);
    copy
}

/// The arithmetic mean; zero when there are no values.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// The sample standard deviation (divisor n − 1); zero below two values.
pub fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// Row numbers in rising order of value; equal values keep their order in the column.
pub fn order(values: &[f64]) -> Vec<usize> {
    // As whole numbers with their rows behind them they are compared at once, without a jump through memory; flipping
    // every bit of negative ones, and the sign of the others, gives the order of `total_cmp`.
    let rising = |value: &f64| {
        let bits = value.to_bits();
        bits ^ if bits >> 63 == 1 { u64::MAX } else { 1 << 63 }
    };
    let with_row = |(row, value): (usize, &f64)| u128::from(rising(value)) << 64 | row as u128;
    let mut keys: Vec<u128> = values.iter().enumerate().map(with_row).collect();
    keys.sort_unstable();
    keys.into_iter().map(|key| key as usize).collect()
}

/// Ranks from 1; equal values share the mean of the ranks they occupy.
pub fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let order = order(values);
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && values[order[end]] == values[order[start]] {
            end += 1;
        }
        for row in &order[start..end] {
            ranks[*row] = (start + 1 + end) as f64 / 2.0;
        }
        start = end;
    }
    ranks
}

/// Pearson's correlation; `None` when either column is constant or shorter than two rows.
pub fn correlation(left: &[f64], right: &[f64]) -> Option<f64> {
    let (left_mean, right_mean) = (mean(left), mean(right));
    let (mut both, mut lefts, mut rights) = (0.0, 0.0, 0.0);
    for (l, r) in left.iter().zip(right) {
        both += (l - left_mean) * (r - right_mean);
        lefts += (l - left_mean).powi(2);
        rights += (r - right_mean).powi(2);
    }
    let scale = (lefts * rights).sqrt();
    (scale > 0.0 && scale.is_finite()).then(|| (both / scale).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_order_are_those_of_a_stable_sort() {
        let values =
            [2.0, -1.5, f64::INFINITY, -0.0, 0.0, 2.0, f64::NAN, -1e-300, f64::NEG_INFINITY, -1.5, 1e-9];
        let mut rows: Vec<usize> = (0..values.len()).collect();
        rows.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        assert_eq!(order(&values), rows);
    }

    #[test]
    fn quantiles_are_hyndman_fan_type_7() {
        let values = [2.0, 4.0, 4.0, 5.0, 7.0, 9.0];
        for (q, expected) in [(0.0, 2.0), (0.25, 4.0), (0.5, 4.5), (0.9, 8.0), (1.0, 9.0)] {
            assert!((quantile(&values, q).unwrap() - expected).abs() < 1e-12, "quantile {q}");
        }
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(median(&[3.0]), Some(3.0));
    }

    #[test]
    fn ties_share_a_rank() {
        assert_eq!(mid_ranks(&[10.0, 20.0, 10.0, 30.0]), vec![1.5, 3.0, 1.5, 4.0]);
        assert_eq!(order(&[2.0, 1.0, 2.0]), vec![1, 0, 2]);
    }

    #[test]
    fn correlation_needs_spread() {
        assert_eq!(correlation(&[1.0, 2.0], &[2.0, 4.0]), Some(1.0));
        assert_eq!(correlation(&[1.0, 1.0], &[2.0, 4.0]), None);
        assert!((standard_deviation(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]) - 2.138_089_935).abs() < 1e-8);
    }
}
