//! One series, one moment at which something changed: interrupted time series by segmented regression.
//!
//! outcome = level + slope t + step [t ≥ start] + bend (t − start)[t ≥ start] + season, by least squares
//! (Wagner et al. 2002), with standard errors of Newey and West (1987) because neighbouring periods err
//! alike: Bartlett's kernel, a small-sample factor n/(n − k) and normal intervals. It is the weakest design
//! here: whatever else happened at that moment is in the answer.

use super::plan::Interval;
use crate::inputs::{BadInput, between, finite};
use crate::optimize::inverse;
use crate::special::normal_quantile;
use crate::table::Table;
use serde::Serialize;

/// How a series is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// The first period of the new regime, from 0.
    pub start: usize,
    /// Length of the season (7 for days of the week); `None` without one.
    pub season: Option<usize>,
    /// How many periods back errors are alike; `None` for ⌊4 (n/100)^(2/9)⌋ (Newey and West 1994).
    pub lags: Option<usize>,
    /// Confidence level.
    pub level: f64,
}

/// A coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Newey–West standard error.
    pub standard_error: f64,
    /// It lies here.
    pub interval: Interval,
    /// Of zero, two-sided.
    pub p_value: f64,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Interrupted {
    /// Level at period 0 (of the first day of the season).
    pub level: Estimate,
    /// Change per period before the start.
    pub slope: Estimate,
    /// Jump at the start.
    pub step: Estimate,
    /// Change of slope from the start on.
    pub bend: Estimate,
    /// Sum over all periods from the start of what would otherwise not have been.
    pub total: Estimate,
    /// Lags used.
    pub lags: usize,
    /// Durbin and Watson's statistic of the residuals: about 2 where neighbours are not alike.
    pub durbin_watson: f64,
}

/// Reads an interrupted series, one value per period.
///
/// Refuses fewer than three periods on either side, fewer periods than coefficients, and a series that is its
/// own line exactly.
pub fn interrupted(series: &[f64], setting: Setting) -> Result<Interrupted, BadInput> {
    finite("series", series)?;
    between("level", setting.level, 0.0, 1.0)?;
    let periods = series.len();
    let season = setting.season.unwrap_or(1);
    let wide = 4 + season.saturating_sub(1);
    if season == 0 || season > periods {
        let (setting, range) = ("season", "at least 1 and at most the length of the series");
        return Err(BadInput::Setting { setting, value: season as f64, range });
    }
    let after = periods.saturating_sub(setting.start);
    if setting.start < 3 || after < 3 || periods <= wide {
        let why = "it needs three periods on each side of the start, and more periods than coefficients";
        return Err(BadInput::Uninformative { what: "the interrupted series", why });
    }
    let lags = setting.lags.unwrap_or((4.0 * (periods as f64 / 100.0).powf(2.0 / 9.0)) as usize);
    if lags >= periods {
        let range = "fewer than the periods";
        return Err(BadInput::Setting { setting: "lags", value: lags as f64, range });
    }
    let rows = Table::new(wide, (0..periods).flat_map(|t| row(t, setting.start, season, periods)).collect())?;
    let (coefficients, bread) = solve(&rows, series)?;
    let residuals = left_over(&rows, series, &coefficients);
    let squares: f64 = residuals.iter().map(|residual| residual * residual).sum();
    let mean = crate::describe::mean(series);
    let spread: f64 = series.iter().map(|value| (value - mean).powi(2)).sum();
    if squares <= 1e-24 * spread.max(mean * mean * f64::EPSILON) {
        let why = "the series follows its lines exactly; there is no chance to judge by";
        return Err(BadInput::Uninformative { what: "the interrupted series", why });
    }
    let covariance = newey_west(&rows, &residuals, &bread, lags);
    let estimate = |combination: &[f64]| {
        let value = dot(combination, &coefficients);
        let along: Vec<f64> = covariance.iter().map(|row| dot(row, combination)).collect();
        let standard_error = dot(combination, &along).max(0.0).sqrt();
        let half = normal_quantile(0.5 + 0.5 * setting.level) * standard_error;
        let p_value = crate::discoveries::two_sided(value / standard_error);
        Estimate {
            value,
            standard_error,
            interval: Interval { low: value - half, high: value + half },
            p_value,
        }
    };
    // Slopes are fitted per length of the series, for the sake of the matrix.
    let unit = |place: usize, size: f64| {
        let mut combination = vec![0.0; wide];
        combination[place] = size;
        combination
    };
    let per_period = 1.0 / periods as f64;
    let mut total = unit(2, after as f64);
    total[3] = (0..after).map(|age| age as f64 * per_period).sum();
    let turns: f64 = residuals.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
    Ok(Interrupted {
        level: estimate(&unit(0, 1.0)),
        slope: estimate(&unit(1, per_period)),
        step: estimate(&unit(2, 1.0)),
        bend: estimate(&unit(3, per_period)),
        total: estimate(&total),
        lags,
        durbin_watson: turns / squares,
    })
}

/// The row of a period: level, slope, step, bend and the days of the season but the first.
fn row(t: usize, start: usize, season: usize, periods: usize) -> impl Iterator<Item = f64> {
    let share = |t: usize| t as f64 / periods as f64;
    let (step, bend) = if t >= start { (1.0, share(t - start)) } else { (0.0, 0.0) };
    let days = (1..season).map(move |day| f64::from(u8::from(t % season == day)));
    [1.0, share(t), step, bend].into_iter().chain(days)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// What the coefficients leave of each period.
fn left_over(rows: &Table, series: &[f64], coefficients: &[f64]) -> Vec<f64> {
    rows.iter().zip(series).map(|(row, seen)| seen - dot(row, coefficients)).collect()
}

/// Least squares: coefficients and (X'X)⁻¹.
fn solve(rows: &Table, series: &[f64]) -> Result<(Vec<f64>, Vec<Vec<f64>>), BadInput> {
    let wide = rows.columns();
    let mut squares = vec![vec![0.0; wide]; wide];
    rows.iter().for_each(|row| add_product(&mut squares, 1.0, row, row));
    let Some(bread) = inverse(&squares) else {
        let why = "level, slope and season cannot be told apart; take a shorter season or more periods";
        return Err(BadInput::Uninformative { what: "the interrupted series", why });
    };
    let mut coefficients = vec![0.0; wide];
    // A second step, on what the first left over, takes off what the normal equations lost.
    for _ in 0..2 {
        let mut right = vec![vec![0.0; wide]];
        let left = left_over(rows, series, &coefficients);
        rows.iter().zip(&left).for_each(|(row, left)| add_product(&mut right, *left, &[1.0], row));
        coefficients
            .iter_mut()
            .zip(&bread)
            .for_each(|(coefficient, row)| *coefficient += dot(row, &right[0]));
    }
    Ok((coefficients, bread))
}

/// Adds the outer product of two columns, times a factor, to a matrix.
fn add_product(matrix: &mut [Vec<f64>], factor: f64, left: &[f64], right: &[f64]) {
    for (sums, left) in matrix.iter_mut().zip(left) {
        let times = factor * left;
        sums.iter_mut().zip(right).for_each(|(sum, right)| *sum += times * right);
    }
}

/// (X'X)⁻¹ S (X'X)⁻¹ n/(n − k), S = Σ over lags of Bartlett's weight times the products of scores.
fn newey_west(rows: &Table, residuals: &[f64], bread: &[Vec<f64>], lags: usize) -> Vec<Vec<f64>> {
    let (periods, wide) = (rows.rows(), bread.len());
    let weights: Vec<f64> = (0..=lags)
        .map(|lag| (1.0 - lag as f64 / (lags + 1) as f64) * if lag == 0 { 0.5 } else { 1.0 })
        .collect();
    // Of a period and those before it, weighted; with the same turned round it is S.
    let mut half = vec![vec![0.0; wide]; wide];
    let mut before = vec![0.0; wide];
    for t in 0..periods {
        before.fill(0.0);
        for (lag, weight) in weights.iter().enumerate().take(t + 1) {
            let factor = weight * residuals[t - lag];
            before.iter_mut().zip(rows.row(t - lag)).for_each(|(sum, value)| *sum += factor * value);
        }
        add_product(&mut half, residuals[t], rows.row(t), &before);
    }
    let meat = |i: usize, j: usize| half[i][j] + half[j][i];
    let factor = periods as f64 / (periods - wide) as f64;
    let half: Vec<Vec<f64>> = bread
        .iter()
        .map(|row| (0..wide).map(|j| (0..wide).map(|k| row[k] * meat(k, j)).sum::<f64>()).collect())
        .collect();
    half.iter().map(|row| bread.iter().map(|column| factor * dot(row, column)).collect()).collect()
}
