//! Effects on quantiles: the median basket, the slowest tenth of deliveries.
//!
//! A quantile's standard error is read off the order statistics about it: the count of rows below it is
//! binomial (or, for rows in clusters, a ratio with the delta method's variance), and the values at its ends
//! one z to either side give the error in units of the outcome (Deng, Knoblich and Lu 2018, section 4). The
//! bootstrap needs no resampling: the rank of a resampled quantile is Binomial(n + 1, q) (Schultzberg and
//! Ankargren 2022).

use super::arm::{Arm, cluster_totals};
use super::moments::Moments;
use crate::describe::{quantile, sorted};
use crate::inputs::{BadInput, between, finite, not_empty, same_rows};
use rand::SeedableRng;
use rand_distr::{Binomial, Distribution};
use rand_pcg::Pcg64Mcg;

/// Distance in standard errors at which the order statistics are read.
const Z: f64 = 1.959_963_984_540_054;

/// The `q`-quantile of one arm with independent rows, to be given to [`super::effect::compare`].
///
/// Refuses samples so small that the interval about the quantile leaves them.
pub fn arm(values: &[f64], q: f64) -> Result<Arm, BadInput> {
    check(values, q)?;
    let n = values.len() as f64;
    let rising = sorted(values);
    let value = quantile(&rising, q).unwrap_or(f64::NAN);
    around(&rising, q, value, (q * (1.0 - q) / n).sqrt(), n)
}

/// The same where clusters were randomised: `clusters[i]` is the cluster of row i.
pub fn clustered_arm(values: &[f64], clusters: &[u64], q: f64) -> Result<Arm, BadInput> {
    check(values, q)?;
    same_rows("values", values, "clusters", clusters)?;
    let rising = sorted(values);
    let value = quantile(&rising, q).unwrap_or(f64::NAN);
    let below: Vec<f64> = values.iter().map(|v| f64::from(u8::from(*v <= value))).collect();
    let (totals, sizes) = cluster_totals(&below, clusters)?;
    let share = Arm::ratio(&Moments::from_columns([&totals, &sizes])?)?;
    around(&rising, q, value, share.standard_error(), share.units)
}

fn check(values: &[f64], q: f64) -> Result<(), BadInput> {
    between("q", q, 0.0, 1.0)?;
    not_empty("values", values)?;
    finite("value", values)
}

fn around(rising: &[f64], q: f64, value: f64, share_error: f64, units: f64) -> Result<Arm, BadInput> {
    let (from, to) = (q - Z * share_error, q + Z * share_error);
    if units < 2.0 || from <= 0.0 || to >= 1.0 {
        let why = "too few rows for this quantile; its interval leaves the sample";
        return Err(BadInput::Uninformative { what: "the quantile", why });
    }
    let at = |q: f64| quantile(rising, q).unwrap_or(f64::NAN);
    let error = (at(to) - at(from)) / (2.0 * Z);
    Ok(Arm::plain(units, value, error * error * units))
}

/// Bootstrap replicates of treatment quantile minus control quantile, rows independent.
pub fn bootstrap_difference(
    control: &[f64],
    treatment: &[f64],
    q: f64,
    replicates: usize,
    seed: u64,
) -> Result<Vec<f64>, BadInput> {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut draw = |values: &[f64]| -> Result<Vec<f64>, BadInput> {
        check(values, q)?;
        let rising = sorted(values);
        let Ok(ranks) = Binomial::new(rising.len() as u64 + 1, q) else {
            return Err(BadInput::Setting { setting: "q", value: q, range: "above 0 and below 1" });
        };
        let at = |rank: u64| rising[(rank.max(1) as usize - 1).min(rising.len() - 1)];
        Ok((0..replicates).map(|_| at(ranks.sample(&mut random))).collect())
    };
    let (left, right) = (draw(control)?, draw(treatment)?);
    Ok(left.iter().zip(&right).map(|(left, right)| right - left).collect())
}
