//! Key drivers: which ratings go with the outcome, when the ratings go with each other.
//!
//! LMG (Lindeman, Merenda and Gold 1980; Grömping 2006, Journal of Statistical Software 17(1)) is the Shapley
//! value of R²: a driver's gain in R² averaged over all orders of entering. Johnson's relative weights (2000,
//! Multivariate Behavioral Research 35:1) come close at the cost of an eigenvalue problem. Both sum to R² and
//! neither says what would happen if a rating were changed: that is what experiments are for.

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use super::matrix::{correlate, correlations, eigen};
use crate::inputs::{BadInput, between};
use crate::optimize::{Matrix, inverse};
use crate::table::Table;

/// Up to so many drivers all subsets are worked out; beyond, orders of entering are sampled.
const EXACT: usize = 15;
const ORDERS: usize = 2_000;

/// One driver.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Driver {
    /// Share of the outcome's variance by LMG; 0 or more, and they sum to R².
    pub lmg: f64,
    /// Share of the outcome's variance by Johnson's relative weight; they sum to R².
    pub johnson: f64,
    /// Correlation with the outcome: its sign is the driver's direction.
    pub correlation: f64,
    /// Standardised regression coefficient.
    pub beta: f64,
    /// R² of this driver alone.
    pub first: f64,
    /// Gain in R² when it enters last.
    pub last: f64,
    /// Pratt's product of coefficient and correlation; sums to R², and may be negative.
    pub pratt: f64,
    /// Variance inflation 1 / (1 − R² on the other drivers): above 10 the drivers can hardly be told apart.
    pub inflation: f64,
}

/// All drivers of an outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drivers {
    /// Rows.
    pub rows: u64,
    /// Share of the outcome's variance that goes with the drivers together.
    pub r_squared: f64,
    /// In the order of the columns.
    pub drivers: Vec<Driver>,
    /// Whether LMG was averaged over sampled orders, as beyond 15 drivers.
    pub is_sampled: bool,
}

/// Importance of every column of `table` for `outcome`. `seed` is used beyond 15 drivers only.
///
/// # Errors
/// [`BadInput`] for fewer rows than drivers and two, for a constant column, and for columns that repeat each
/// other.
pub fn drivers(table: &Table, outcome: &[f64], seed: u64) -> Result<Drivers, BadInput> {
    enough(table)?;
    let matrix = correlations(table, outcome)?;
    let found = importance(&matrix, seed)?;
    Ok(Drivers { rows: table.rows() as u64, is_sampled: table.columns() > EXACT, ..found })
}

fn enough(table: &Table) -> Result<(), BadInput> {
    if table.rows() < table.columns() + 2 {
        let (setting, value) = ("rows", table.rows() as f64);
        return Err(BadInput::Setting { setting, value, range: "at least two more than there are drivers" });
    }
    Ok(())
}

fn importance(matrix: &Matrix, seed: u64) -> Result<Drivers, BadInput> {
    let p = matrix.len() - 1;
    let inner: Matrix = matrix[..p].iter().map(|row| row[..p].to_vec()).collect();
    let why = "columns repeat each other or add up to each other; leave one of them out";
    let collinear = BadInput::Uninformative { what: "key drivers", why };
    let inverted = inverse(&inner).ok_or(collinear.clone())?;
    if (0..p).any(|j| inverted[j][j] > 1e9) {
        return Err(collinear);
    }
    let r: Vec<f64> = matrix[p][..p].to_vec();
    let beta: Vec<f64> = inverted.iter().map(|row| row.iter().zip(&r).map(|(a, b)| a * b).sum()).collect();
    let r_squared: f64 = beta.iter().zip(&r).map(|(beta, r)| beta * r).sum::<f64>().clamp(0.0, 1.0);
    let lmg = if p <= EXACT { over_subsets(matrix) } else { over_orders(matrix, seed) };
    let johnson = relative_weights(&inner, &r);
    let drivers = (0..p).map(|j| Driver {
        lmg: lmg[j],
        johnson: johnson[j],
        correlation: r[j],
        beta: beta[j],
        first: r[j] * r[j],
        last: beta[j] * beta[j] / inverted[j][j],
        pratt: beta[j] * r[j],
        inflation: inverted[j][j],
    });
    Ok(Drivers { rows: 0, r_squared, drivers: drivers.collect(), is_sampled: false })
}

/// Sweeps one variable into the regression (Goodnight 1979): the last diagonal entry becomes 1 − R².
fn sweep(a: &mut Matrix, k: usize) {
    let pivot = a[k][k].max(1e-15);
    let size = a.len();
    for i in (0..size).filter(|i| *i != k) {
        let factor = a[i][k] / pivot;
        for j in (0..size).filter(|j| *j != k) {
            a[i][j] -= factor * a[k][j];
        }
    }
    for i in (0..size).filter(|i| *i != k) {
        // The entries of variables already in are not needed again, those still out are.
        a[i][k] /= pivot;
        a[k][i] /= pivot;
    }
    a[k][k] = 1.0 / pivot;
}

fn unexplained(a: &Matrix) -> f64 {
    a[a.len() - 1][a.len() - 1]
}

/// The Shapley value of R² over all subsets.
fn over_subsets(matrix: &Matrix) -> Vec<f64> {
    let p = matrix.len() - 1;
    let mut r2 = vec![0.0; 1 << p];
    fn fill(a: &Matrix, from: usize, subset: usize, r2: &mut [f64]) {
        for j in from..a.len() - 1 {
            let mut with = a.clone();
            sweep(&mut with, j);
            r2[subset | 1 << j] = 1.0 - unexplained(&with);
            fill(&with, j + 1, subset | 1 << j, r2);
        }
    }
    fill(matrix, 0, 0, &mut r2);
    // size! (p − size − 1)! / p! for a subset of that size.
    let mut weight = vec![1.0 / p as f64; p];
    for size in 1..p {
        weight[size] = weight[size - 1] * size as f64 / (p - size) as f64;
    }
    let mut lmg = vec![0.0; p];
    for subset in 0..r2.len() {
        let size = subset.count_ones() as usize;
        for (j, sum) in lmg.iter_mut().enumerate().filter(|(j, _)| subset & (1 << j) == 0) {
            *sum += weight[size] * (r2[subset | 1 << j] - r2[subset]);
        }
    }
    lmg
}

/// The same averaged over random orders of entering.
fn over_orders(matrix: &Matrix, seed: u64) -> Vec<f64> {
    let p = matrix.len() - 1;
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..p).collect();
    let mut lmg = vec![0.0; p];
    for _ in 0..ORDERS {
        order.shuffle(&mut random);
        let mut a = matrix.clone();
        for j in &order {
            let before = unexplained(&a);
            sweep(&mut a, *j);
            lmg[*j] += (before - unexplained(&a)) / ORDERS as f64;
        }
    }
    lmg
}

/// Johnson's weights: the drivers' nearest uncorrelated counterparts carry the outcome, and hand it back.
fn relative_weights(inner: &Matrix, r: &[f64]) -> Vec<f64> {
    let p = r.len();
    let (values, vectors) = eigen(inner);
    let power = |exponent: f64, i: usize, j: usize| -> f64 {
        (0..p).map(|k| vectors[i][k] * values[k].max(0.0).powf(exponent) * vectors[j][k]).sum()
    };
    let coefficients: Vec<f64> = (0..p).map(|i| (0..p).map(|j| power(-0.5, i, j) * r[j]).sum()).collect();
    (0..p).map(|j| (0..p).map(|k| (power(0.5, j, k) * coefficients[k]).powi(2)).sum()).collect()
}

/// Percentile intervals of one driver's importance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DriverInterval {
    /// Lower and upper end of LMG.
    pub lmg: (f64, f64),
    /// Lower and upper end of Johnson's weight.
    pub johnson: (f64, f64),
}

/// Bootstraps rows for intervals of every driver's importance (Efron's percentiles). A resample in which the
/// drivers cannot be told apart is drawn again, up to as many times as there are replicates.
///
/// # Errors
/// As [`drivers`]; for fewer than 20 replicates, a level outside (0, 1), or where most resamples cannot be
/// used.
pub fn bootstrap_drivers(
    table: &Table,
    outcome: &[f64],
    replicates: usize,
    level: f64,
    seed: u64,
) -> Result<Vec<DriverInterval>, BadInput> {
    between("level", level, 0.0, 1.0)?;
    if replicates < 20 {
        let value = replicates as f64;
        return Err(BadInput::Setting { setting: "replicates", value, range: "20 or more" });
    }
    let found = drivers(table, outcome, seed)?;
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut kept: Vec<Drivers> = Vec::with_capacity(replicates);
    for _ in 0..2 * replicates {
        let rows: Vec<usize> = (0..table.rows()).map(|_| random.random_range(0..table.rows())).collect();
        kept.extend(correlate(table, outcome, &rows).and_then(|matrix| importance(&matrix, seed)));
        if kept.len() == replicates {
            break;
        }
    }
    if kept.len() < replicates {
        let why =
            "most resamples have a constant column or columns that repeat each other; collect more rows";
        return Err(BadInput::Uninformative { what: "bootstrap of key drivers", why });
    }
    let ends = |of: &dyn Fn(&Drivers) -> f64| {
        let mut values: Vec<f64> = kept.iter().map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| values[((share * values.len() as f64) as usize).min(values.len() - 1)];
        (at(0.5 - 0.5 * level), at(0.5 + 0.5 * level))
    };
    Ok((0..found.drivers.len())
        .map(|j| DriverInterval {
            lmg: ends(&|drivers| drivers.drivers[j].lmg),
            johnson: ends(&|drivers| drivers.drivers[j].johnson),
        })
        .collect())
}
