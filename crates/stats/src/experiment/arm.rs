//! One arm of an experiment, reduced to a value and its variance.
//!
//! A mean, a proportion, a ratio of two sums and a mean over clusters differ in how the variance is found and
//! in nothing after that. A ratio's is the delta method's (Deng, Knoblich and Lu 2018, section 2). A mean of
//! orders whose customers, or of customers whose stores, were randomised is a ratio too: of cluster totals to
//! cluster sizes. Its variance is then the cluster-robust one (Liang and Zeger 1986) with the factor G/(G −
//! 1) per arm, G clusters.

use super::moments::Moments;
use crate::inputs::{BadInput, same_rows};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An arm: the value of a metric and how it would vary among repeated experiments.
///
/// Variances are per randomised unit; divided by `units` they are those of the value itself. `adjusted` is
/// the value cleaned of a covariate ([`super::cuped`]); without one the three of it repeat the plain ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// Randomised units (customers; clusters where clusters were randomised).
    pub units: f64,
    /// The metric as seen.
    pub value: f64,
    /// Its variance per unit.
    pub variance: f64,
    /// The metric with the covariate's share taken out.
    pub adjusted: f64,
    /// Variance per unit of the adjusted value.
    pub adjusted_variance: f64,
    /// Covariance per unit of the two.
    pub covariance: f64,
}

impl Arm {
    /// A value with its variance per unit, without a covariate.
    pub(crate) fn plain(units: f64, value: f64, variance: f64) -> Arm {
        Arm { units, value, variance, adjusted: value, adjusted_variance: variance, covariance: variance }
    }

    /// A share of customers: variance p (1 − p).
    ///
    /// Refuses fewer than two units and more successes than units.
    pub fn proportion(successes: u64, units: u64) -> Result<Arm, BadInput> {
        let (hits, n) = (successes as f64, units as f64);
        if successes > units {
            return Err(BadInput::OutOfRange {
                what: "successes",
                row: 0,
                value: hits,
                range: "at most the number of units",
            });
        }
        if units < 2 {
            let why = "an arm of fewer than two units has no spread to judge by";
            return Err(BadInput::Uninformative { what: "the arm", why });
        }
        let share = hits / n;
        Ok(Arm::plain(n, share, share * (1.0 - share)))
    }

    /// A mean per customer.
    pub fn mean(values: &Moments<1>) -> Result<Arm, BadInput> {
        let n = values.at_least_two()?;
        Ok(Arm::plain(n, values.means[0], values.covariance(0, 0)))
    }

    /// A ratio of two sums, such as sales per order with customers randomised: column 0 over column 1, one
    /// row per randomised unit.
    pub fn ratio(sums: &Moments<2>) -> Result<Arm, BadInput> {
        let n = sums.at_least_two()?;
        let below = positive_mean(sums.means[1])?;
        let value = sums.means[0] / below;
        let variance = sums.covariance(0, 0) - 2.0 * value * sums.covariance(0, 1)
            + value * value * sums.covariance(1, 1);
        // Where numerator and denominator move as one, rounding may leave a trace below zero.
        Ok(Arm::plain(n, value, (variance / (below * below)).max(0.0)))
    }

    /// A mean per row where whole clusters were randomised: `clusters[i]` is the cluster of row i, any number
    /// per cluster.
    pub fn clustered(values: &[f64], clusters: &[u64]) -> Result<Arm, BadInput> {
        let (totals, sizes) = cluster_totals(values, clusters)?;
        Arm::ratio(&Moments::from_columns([&totals, &sizes])?)
    }

    /// Standard error of the value as seen.
    pub fn standard_error(&self) -> f64 {
        (self.variance / self.units).sqrt()
    }
}

/// Total and number of rows of each cluster, in the order of their numbers.
pub fn cluster_totals(values: &[f64], clusters: &[u64]) -> Result<(Vec<f64>, Vec<f64>), BadInput> {
    same_rows("values", values, "clusters", clusters)?;
    crate::inputs::finite("value", values)?;
    let mut sums: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
    for (value, cluster) in values.iter().zip(clusters) {
        let sum = sums.entry(*cluster).or_default();
        *sum = (sum.0 + value, sum.1 + 1.0);
    }
    Ok(sums.into_values().unzip())
}

pub(crate) fn positive_mean(mean: f64) -> Result<f64, BadInput> {
    if mean > 0.0 {
        return Ok(mean);
    }
    let why = "the denominator's mean is not above zero; a ratio to it has no meaning";
    Err(BadInput::Uninformative { what: "the ratio", why })
}
