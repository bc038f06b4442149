//! Cronbach's alpha: whether the items of a scale measure one thing.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use crate::inputs::{BadInput, between};
use crate::table::Table;

/// One item of a scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Item {
    /// Mean answer.
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
    /// Correlation with the sum of all items, itself included.
    pub item_total: Option<f64>,
    /// Correlation with the sum of the others; below 0.30 an item is weak, below 0 it is worded the other way
    /// round.
    pub item_rest: Option<f64>,
    /// Alpha of the scale without it; `None` for a scale of two.
    pub alpha_if_dropped: Option<f64>,
}

/// A scale's reliability.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alpha {
    /// k / (k − 1) × (1 − Σ item variances / variance of the sum) (Cronbach 1951). May be negative.
    pub raw: f64,
    /// Lower end of Feldt's interval (1965, Psychometrika 30:357).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Alpha of standardised items, k r̄ / (1 + (k − 1) r̄); `None` where an item is constant.
    pub standardised: Option<f64>,
    /// Mean correlation between items; `None` where an item is constant.
    pub mean_correlation: Option<f64>,
    /// The items in the order of the columns.
    pub items: Vec<Item>,
}

/// Reliability of a scale whose items are the columns, respondents the rows.
///
/// # Errors
/// [`BadInput`] for fewer than two items or three rows, or a sum that does not vary.
pub fn alpha(answers: &Table, level: f64) -> Result<Alpha, BadInput> {
    between("level", level, 0.0, 1.0)?;
    let (k, n) = (answers.columns(), answers.rows());
    if k < 2 || n < 3 {
        let why = "a scale needs at least two items and three respondents";
        return Err(BadInput::Uninformative { what: "alpha", why });
    }
    let covariance = covariances(answers);
    let all: Vec<usize> = (0..k).collect();
    let raw = alpha_of(&covariance, &all).ok_or(BadInput::Uninformative {
        what: "alpha",
        why: "the sum of the items is the same for everybody; check that answers were read as numbers",
    })?;
    let freedom = ((n - 1) as f64, ((n - 1) * (k - 1)) as f64);
    let setting = BadInput::Setting { setting: "rows", value: n as f64, range: "at least three" };
    let ratio = FisherSnedecor::new(freedom.0, freedom.1).map_err(|_| setting)?;
    let end = |share: f64| 1.0 - (1.0 - raw) * ratio.inverse_cdf(share);
    let mean_correlation = mean_correlation(&covariance);
    let items = (0..k).map(|j| item(answers, &covariance, j)).collect();
    Ok(Alpha {
        raw,
        low: end(0.5 + 0.5 * level),
        high: end(0.5 - 0.5 * level),
        standardised: mean_correlation
            .map(|r| k as f64 * r / (1.0 + (k as f64 - 1.0) * r))
            .filter(|a| a.is_finite()),
        mean_correlation,
        items,
    })
}

fn covariances(answers: &Table) -> Vec<Vec<f64>> {
    let (k, n) = (answers.columns(), answers.rows() as f64);
    let means: Vec<f64> = (0..k).map(|j| answers.iter().map(|row| row[j]).sum::<f64>() / n).collect();
    let of = |i: usize, j: usize| {
        answers.iter().map(|row| (row[i] - means[i]) * (row[j] - means[j])).sum::<f64>() / (n - 1.0)
    };
    (0..k).map(|i| (0..k).map(|j| of(i, j)).collect()).collect()
}

/// Variance of the sum of some items.
fn variance_of_sum(covariance: &[Vec<f64>], items: &[usize]) -> f64 {
    items.iter().map(|i| items.iter().map(|j| covariance[*i][*j]).sum::<f64>()).sum()
}

fn alpha_of(covariance: &[Vec<f64>], items: &[usize]) -> Option<f64> {
    let k = items.len() as f64;
    let single: f64 = items.iter().map(|i| covariance[*i][*i]).sum();
    let total = variance_of_sum(covariance, items);
    let is_spread = single.is_finite() && total > 1e-12 * single;
    (k >= 2.0 && is_spread).then(|| k / (k - 1.0) * (1.0 - single / total))
}

fn mean_correlation(covariance: &[Vec<f64>]) -> Option<f64> {
    let k = covariance.len();
    let (mut sum, mut pairs) = (0.0, 0.0);
    for i in 0..k {
        for j in 0..i {
            let size = covariance[i][i] * covariance[j][j];
            if size <= 0.0 {
                return None;
            }
            sum += covariance[i][j] / size.sqrt();
            pairs += 1.0;
        }
    }
    Some(sum / pairs)
}

fn item(answers: &Table, covariance: &[Vec<f64>], j: usize) -> Item {
    let all: Vec<usize> = (0..covariance.len()).collect();
    let rest: Vec<usize> = all.iter().copied().filter(|i| *i != j).collect();
    let variance = covariance[j][j];
    let with = |items: &[usize]| {
        let size = variance * variance_of_sum(covariance, items);
        let shared: f64 = items.iter().map(|i| covariance[j][*i]).sum();
        (size > 0.0).then(|| (shared / size.sqrt()).clamp(-1.0, 1.0))
    };
    Item {
        mean: answers.iter().map(|row| row[j]).sum::<f64>() / answers.rows() as f64,
        deviation: variance.sqrt(),
        item_total: with(&all),
        item_rest: with(&rest),
        alpha_if_dropped: alpha_of(covariance, &rest),
    }
}
