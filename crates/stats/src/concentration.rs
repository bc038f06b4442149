//! How unevenly sales are spread over customers: Lorenz curve, Gini, deciles, top shares, whale curve.
//!
//! Every share divides by the total of the same column. The Lorenz curve and the Gini index are defined for values
//! of zero or more and are refused otherwise; the whale curve is for profit, where some customers cost money and
//! the curve rises above the total before it comes back to it.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use crate::describe::{quantile, sorted};
use crate::inputs::{BadInput, between, finite, not_empty, not_negative};

/// A point of a cumulative curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Share of the customers counted so far.
    pub customers: f64,
    /// Share of the total value they hold.
    pub value: f64,
}

/// The divisor of the Gini index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GiniConvention {
    /// The base itself: 0 to (n − 1)/n.
    Population,
    /// Multiplied by n/(n − 1), unbiased when the base is a sample; 0 to 1.
    Sample,
}

/// One tenth of the customers, best first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decile {
    /// 1 is the tenth with the most value.
    pub decile: u8,
    /// Customers in it. Tenths differ by at most one customer.
    pub customers: u64,
    /// Their value.
    pub value: f64,
    /// Their value as a share of the total.
    pub share: f64,
    /// The smallest value in it.
    pub least: f64,
    /// The largest value in it.
    pub greatest: f64,
}

/// A figure with its bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The Lorenz curve with at most `points` steps, poorest customers first, from (0, 0) to (1, 1).
pub fn lorenz(values: &[f64], points: usize) -> Result<Vec<CurvePoint>, BadInput> {
    not_negative("value", values)?;
    let total = positive_total(values)?;
    Ok(cumulative(&sorted(values), total, points))
}

/// The whale curve with at most `points` steps, most valuable customers first. It may rise above 1.
pub fn whale_curve(values: &[f64], points: usize) -> Result<Vec<CurvePoint>, BadInput> {
    finite("value", values)?;
    let total = positive_total(values)?;
    Ok(cumulative(&falling(values), total, points))
}

/// The Gini index: 0 when all customers bring the same, near 1 when one brings everything.
pub fn gini(values: &[f64], convention: GiniConvention) -> Result<f64, BadInput> {
    not_negative("value", values)?;
    let total = positive_total(values)?;
    let n = values.len() as f64;
    let weighted: f64 = sorted(values).iter().enumerate().map(|(i, v)| (i + 1) as f64 * v).sum();
    let population = (2.0 * weighted / (n * total) - (n + 1.0) / n).max(0.0);
    match convention {
        GiniConvention::Population => Ok(population),
        GiniConvention::Sample if values.len() > 1 => Ok(population * n / (n - 1.0)),
        GiniConvention::Sample => Ok(0.0),
    }
}

/// Tenths of the customers, best first. Customer number i of n (from 0, best first) is in tenth ⌊10·i/n⌋ + 1, so
/// fewer than ten customers leave some tenths empty.
pub fn deciles(values: &[f64]) -> Result<Vec<Decile>, BadInput> {
    finite("value", values)?;
    let total = positive_total(values)?;
    let falling = falling(values);
    let n = falling.len();
    let bound = |decile: usize| (decile * n).div_ceil(10);
    Ok((0..10)
        .map(|index| {
            let part = &falling[bound(index)..bound(index + 1)];
            let value: f64 = part.iter().sum();
            Decile {
                decile: index as u8 + 1,
                customers: part.len() as u64,
                value,
                share: value / total,
                least: part.last().copied().unwrap_or(0.0),
                greatest: part.first().copied().unwrap_or(0.0),
            }
        })
        .collect())
}

/// The share of the total held by the most valuable `fraction` of the customers, with a percentile bootstrap
/// interval of probability `level` over `resamples` draws of the whole base.
///
/// A fraction that falls between two customers takes that part of the next one, so the figure does not jump when
/// one customer joins.
pub fn top_share(
    values: &[f64],
    fraction: f64,
    level: f64,
    resamples: usize,
    seed: u64,
) -> Result<Estimate, BadInput> {
    finite("value", values)?;
    between("fraction", fraction, 0.0, 1.0)?;
    between("level", level, 0.0, 1.0)?;
    positive_total(values)?;
    let falling = falling(values);
    let ones = vec![1_u32; falling.len()];
    let value = weighted_top_share(&falling, &ones, fraction).unwrap_or(1.0);
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut counts = vec![0_u32; falling.len()];
    let mut draws = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        counts.fill(0);
        for _ in 0..falling.len() {
            counts[random.random_range(0..falling.len())] += 1;
        }
        // A draw whose total is zero or less has no share; only bases with many losses produce one.
        draws.extend(weighted_top_share(&falling, &counts, fraction));
    }
    let draws = sorted(&draws);
    let end = |q| quantile(&draws, q).unwrap_or(value);
    Ok(Estimate { value, low: end((1.0 - level) / 2.0), high: end((1.0 + level) / 2.0) })
}

/// `falling` from best to worst, each counted `counts` times.
fn weighted_top_share(falling: &[f64], counts: &[u32], fraction: f64) -> Option<f64> {
    let customers: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    let mut room = customers as f64 * fraction;
    let (mut top, mut total) = (0.0, 0.0);
    for (value, count) in falling.iter().zip(counts) {
        let count = f64::from(*count);
        total += value * count;
        top += value * count.min(room);
        room -= count.min(room);
    }
    (total > 0.0).then(|| top / total)
}

fn falling(values: &[f64]) -> Vec<f64> {
    let mut copy = sorted(values);
    copy.reverse();
    copy
}

fn positive_total(values: &[f64]) -> Result<f64, BadInput> {
    not_empty("value", values)?;
    let total: f64 = values.iter().sum();
    if total > 0.0 && total.is_finite() {
        return Ok(total);
    }
    Err(BadInput::Uninformative { what: "shares of value", why: "the total is not above zero" })
}

fn cumulative(ordered: &[f64], total: f64, points: usize) -> Vec<CurvePoint> {
    let n = ordered.len();
    let steps = points.clamp(1, n);
    let mut curve = vec![CurvePoint { customers: 0.0, value: 0.0 }];
    let (mut counted, mut sum) = (0, 0.0);
    for step in 1..=steps {
        let until = step * n / steps;
        sum += ordered[counted..until].iter().sum::<f64>();
        counted = until;
        curve.push(CurvePoint { customers: counted as f64 / n as f64, value: sum / total });
    }
    curve
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_distr::{Distribution, Pareto};

    use super::*;

    #[test]
    fn four_customers_worked_by_hand() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert!((gini(&values, GiniConvention::Population).unwrap() - 0.25).abs() < 1e-12);
        assert!((gini(&values, GiniConvention::Sample).unwrap() - 1.0 / 3.0).abs() < 1e-12);
        let curve: Vec<f64> = lorenz(&values, 4).unwrap().iter().map(|point| point.value).collect();
        assert!(curve.iter().zip([0.0, 0.1, 0.3, 0.6, 1.0]).all(|(a, b)| (a - b).abs() < 1e-12));
        let top = top_share(&values, 0.25, 0.9, 50, 1).unwrap();
        assert!((top.value - 0.4).abs() < 1e-12 && top.low <= top.high);
    }

    #[test]
    fn equal_customers_have_no_concentration() {
        let values = [7.0; 40];
        assert!(gini(&values, GiniConvention::Population).unwrap().abs() < 1e-12);
        assert!(deciles(&values).unwrap().iter().all(|decile| (decile.share - 0.1).abs() < 1e-12));
        let top = top_share(&values, 0.2, 0.95, 20, 3).unwrap();
        assert!((top.value - 0.2).abs() < 1e-12 && (top.low - 0.2).abs() < 1e-12);
    }

    #[test]
    fn whale_curve_rises_above_the_total_when_some_customers_cost_money() {
        let curve = whale_curve(&[10.0, 5.0, -3.0, -2.0], 4).unwrap();
        assert!((curve[2].value - 1.5).abs() < 1e-12 && (curve[4].value - 1.0).abs() < 1e-12);
        assert!(lorenz(&[10.0, -3.0], 4).is_err());
        assert!(whale_curve(&[1.0, -3.0], 4).is_err());
    }

    #[test]
    fn planted_pareto_gini_and_top_share_are_inside_the_interval() {
        // A Pareto law with exponent a has Gini 1/(2a − 1) and top share p^(1 − 1/a).
        let exponent = 3.0;
        let law = Pareto::new(1.0, exponent).unwrap();
        let mut random = Pcg64Mcg::seed_from_u64(20);
        let values: Vec<f64> = (0..20_000).map(|_| law.sample(&mut random)).collect();
        let found = gini(&values, GiniConvention::Sample).unwrap();
        assert!((found - 0.2).abs() < 0.01, "gini {found}");
        let top = top_share(&values, 0.2, 0.99, 200, 21).unwrap();
        let planted = 0.2_f64.powf(1.0 - 1.0 / exponent);
        assert!(top.low < planted && planted < top.high, "{top:?} without {planted}");
        assert_eq!(top, top_share(&values, 0.2, 0.99, 200, 21).unwrap());
    }

    proptest! {
        #[test]
        fn shares_add_up(values in prop::collection::vec(0.0..1e9f64, 1..200)) {
            prop_assume!(values.iter().sum::<f64>() > 0.0);
            let deciles = deciles(&values).unwrap();
            prop_assert_eq!(deciles.iter().map(|decile| decile.customers).sum::<u64>(), values.len() as u64);
            prop_assert!((deciles.iter().map(|decile| decile.share).sum::<f64>() - 1.0).abs() < 1e-9);
            let gini = gini(&values, GiniConvention::Sample).unwrap();
            prop_assert!((0.0..=1.0 + 1e-9).contains(&gini));
            let curve = lorenz(&values, 10).unwrap();
            prop_assert!(curve.iter().all(|point| point.value <= point.customers + 1e-9));
        }
    }
}
