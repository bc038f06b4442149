//! Does the model follow what happened: tracking over time, and forecasts by past frequency.

use super::history::{History, Refused};
use super::model::Model;
use rayon::prelude::*;

/// Expected repeat orders of a cohort by each of `times`, cumulated from the beginning. `first_orders` are the times of
/// the customers' first orders on the same axis; `weights` are customers per entry.
pub fn expected_cumulative(
    model: &Model,
    first_orders: &[f64],
    weights: Option<&[f64]>,
    times: &[f64],
) -> Result<Vec<f64>, Refused> {
    if let Some(weights) = weights
        && weights.len() != first_orders.len()
    {
        return Err(Refused::Lengths {
            column: "weights",
            rows: weights.len(),
            expected: first_orders.len(),
        });
    }
    for (column, values) in
        [("first_orders", first_orders), ("times", times), ("weights", weights.unwrap_or(&[]))]
    {
        if let Some(row) = values.iter().position(|v| !v.is_finite()) {
            return Err(Refused::NotFinite { column, row, value: values[row] });
        }
    }
    // Cohorts begin on few distinct days, and expectations depend on the difference alone.
    let mut births: Vec<(f64, f64)> =
        first_orders.iter().enumerate().map(|(i, t)| (*t, weights.map_or(1.0, |w| w[i]))).collect();
    births.sort_by(|a, b| a.0.total_cmp(&b.0));
    let births: Vec<(f64, f64)> =
        births.chunk_by(|a, b| a.0 == b.0).map(|c| (c[0].0, c.iter().map(|b| b.1).sum())).collect();
    let newcomer = model.newcomer();
    let expected = |time: &f64| {
        let born = births.partition_point(|b| b.0 < *time);
        let mut sum = 0.0;
        for some in births[..born].chunks(8) {
            let (mut ages, mut answers) = ([0.0; 8], [0.0; 8]);
            ages.iter_mut().zip(some).for_each(|(age, b)| *age = time - b.0);
            newcomer.expected_orders_at(&ages[..some.len()], &mut answers[..some.len()]);
            sum += some.iter().zip(&answers).map(|(b, e)| b.1 * e).sum::<f64>();
        }
        sum
    };
    Ok(times.par_iter().map(expected).collect())
}

/// Differences of a cumulative curve: what falls into each period.
pub fn increments(cumulative: &[f64]) -> Vec<f64> {
    let before = std::iter::once(0.0).chain(cumulative.iter().copied());
    cumulative.iter().zip(before).map(|(now, before)| now - before).collect()
}

/// Customers with one past frequency, and the orders they made later against the orders expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Repeat orders in the calibration period; the last bin holds this many or more.
    pub frequency: u64,
    /// Customers.
    pub customers: f64,
    /// Mean of the orders they made in the holdout period.
    pub actual: f64,
    /// Mean of the orders the model expected.
    pub expected: f64,
}

/// Conditional expectations by calibration frequency: `later` are the orders of each row within `horizon` after the
/// history ends. Frequencies from `top` up share the last bin; empty bins are left out.
pub fn by_frequency(
    model: &Model,
    history: &History,
    later: &[f64],
    horizon: f64,
    top: u64,
) -> Result<Vec<Bin>, Refused> {
    history.check()?;
    if later.len() != history.rows() {
        return Err(Refused::Lengths { column: "later", rows: later.len(), expected: history.rows() });
    }
    if let Some(row) = later.iter().position(|v| !v.is_finite()) {
        return Err(Refused::NotFinite { column: "later", row, value: later[row] });
    }
    let mut bins: Vec<Bin> =
        (0..=top).map(|frequency| Bin { frequency, customers: 0.0, actual: 0.0, expected: 0.0 }).collect();
    let expected: Vec<f64> = (0..history.rows())
        .into_par_iter()
        .map(|row| {
            model.expected_orders(history.frequency[row], history.recency[row], history.age[row], horizon)
        })
        .collect();
    for row in 0..history.rows() {
        let bin = &mut bins[(history.frequency[row] as u64).min(top) as usize];
        let weight = history.weight(row);
        bin.customers += weight;
        bin.actual += weight * later[row];
        bin.expected += weight * expected[row];
    }
    bins.retain(|bin| bin.customers > 0.0);
    for bin in &mut bins {
        bin.actual /= bin.customers;
        bin.expected /= bin.customers;
    }
    Ok(bins)
}

/// Customers expected to have 0, 1, … repeat orders at their ages, the last entry for `top` or more: the fit histogram
/// to hold against the counts.
pub fn expected_frequencies(model: &Model, history: &History, top: u64) -> Result<Vec<f64>, Refused> {
    history.check()?;
    let mut ages: Vec<(f64, f64)> =
        (0..history.rows()).map(|i| (history.age[i], history.weight(i))).collect();
    ages.sort_by(|a, b| a.0.total_cmp(&b.0));
    let newcomer = model.newcomer();
    let mut counts = vec![0.0; top as usize + 1];
    for same in ages.chunk_by(|a, b| a.0 == b.0) {
        let customers: f64 = same.iter().map(|a| a.1).sum();
        let mut left = 1.0;
        for (count, chance) in counts.iter_mut().zip(newcomer.order_chances(same[0].0, top as usize)) {
            *count += customers * chance;
            left -= chance;
        }
        counts[top as usize] += customers * f64::max(left, 0.0);
    }
    Ok(counts)
}
