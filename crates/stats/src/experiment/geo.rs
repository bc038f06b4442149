//! Geo tests: some markets are treated, the others stand in for what would have been.
//!
//! The treated markets' mean is followed by a synthetic control ([`super::synthetic`], centred) and the
//! effect judged by moving-block permutation of the gaps under the effect tested (Chernozhukov, Wüthrich and
//! Zhu 2021), as GeoLift does. With T periods no p-value is below 1/T. Power is found on the history itself:
//! lifts are planted in windows that passed without a test, and the share that is found is counted.

use super::plan::Interval;
use super::synthetic::{Setting, Synthetic, synthetic};
use crate::inputs::{BadInput, between, not_empty};
use serde::Serialize;

/// What a geo test says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GeoEffect {
    /// The treated markets' mean beside its synthetic self.
    pub synthetic: Synthetic,
    /// Effect per market and period.
    pub effect: f64,
    /// It lies here, if it was the same in every period of the test. Infinite where the history is too short
    /// for the level.
    pub interval: Interval,
    /// Effect over all treated markets and periods.
    pub total: f64,
    /// Total over what would have been.
    pub lift: f64,
    /// Of no effect, two-sided.
    pub p_value: f64,
}

/// One row of a power curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GeoPower {
    /// The lift planted.
    pub lift: f64,
    /// Share of windows in which it was found.
    pub found: f64,
    /// Mean lift estimated.
    pub estimated: f64,
    /// Windows tried.
    pub windows: usize,
}

/// Measures a test on the markets numbered in `treated`, from period `before` to the end.
///
/// `markets` are series of one length. Refuses no treated market, none left to compare with, and a number
/// that is no market.
pub fn measure(
    markets: &[&[f64]],
    treated: &[usize],
    before: usize,
    level: f64,
) -> Result<GeoEffect, BadInput> {
    between("level", level, 0.0, 1.0)?;
    let (mean, donors) = split(markets, treated)?;
    let fit = synthetic(&mean, &donors, Setting { before, is_centred: true })?;
    let periods = mean.len() - before;
    let p_value = p_value(&mean, &donors, before, 0.0)?;
    let expected: f64 = fit.series[before..].iter().sum();
    let total = fit.effect * periods as f64;
    Ok(GeoEffect {
        effect: fit.effect,
        interval: interval(&mean, &donors, before, level, &fit)?,
        total: total * treated.len() as f64,
        lift: if expected == 0.0 { f64::NAN } else { total / expected },
        p_value,
        synthetic: fit,
    })
}

/// How often a test of `periods` periods on these markets would find each lift, tried on the last `windows`
/// windows of the history, each one period earlier than the last, with what lies before it.
pub fn power(
    markets: &[&[f64]],
    treated: &[usize],
    periods: usize,
    lifts: &[f64],
    windows: usize,
    level: f64,
) -> Result<Vec<GeoPower>, BadInput> {
    between("level", level, 0.0, 1.0)?;
    let (mean, donors) = split(markets, treated)?;
    crate::inputs::finite("lift", lifts)?;
    // Half of what is left must remain to be learned from.
    if periods == 0 || windows == 0 || (periods + windows) * 2 > mean.len() {
        let (setting, range) =
            ("periods plus windows", "at least 1 each, and at most half of the history together");
        return Err(BadInput::Setting { setting, value: (periods + windows) as f64, range });
    }
    let mut rows = Vec::with_capacity(lifts.len());
    for lift in lifts {
        let (mut found, mut estimated) = (0, 0.0);
        for window in 0..windows {
            let end = mean.len() - window;
            let before = end - periods;
            let mut planted = mean[..end].to_vec();
            planted[before..].iter_mut().for_each(|value| *value *= 1.0 + lift);
            let cut: Vec<&[f64]> = donors.iter().map(|donor| &donor[..end]).collect();
            let fit = synthetic(&planted, &cut, Setting { before, is_centred: true })?;
            let expected: f64 = fit.series[before..].iter().sum();
            estimated += fit.effect * periods as f64 / expected;
            found += usize::from(p_value(&planted, &cut, before, 0.0)? <= 1.0 - level);
        }
        let tries = windows as f64;
        rows.push(GeoPower {
            lift: *lift,
            found: found as f64 / tries,
            estimated: estimated / tries,
            windows,
        });
    }
    Ok(rows)
}

/// The treated markets' mean and the other markets.
fn split<'a>(markets: &[&'a [f64]], treated: &[usize]) -> Result<(Vec<f64>, Vec<&'a [f64]>), BadInput> {
    not_empty("markets", markets)?;
    not_empty("treated", treated)?;
    for market in markets {
        crate::inputs::same_rows("the first market", markets[0], "another market", market)?;
        crate::inputs::finite("market", market)?;
    }
    for (row, number) in treated.iter().enumerate() {
        if *number >= markets.len() || treated[..row].contains(number) {
            let range = "the number of a market, once";
            return Err(BadInput::OutOfRange { what: "treated", row, value: *number as f64, range });
        }
    }
    let donors: Vec<&[f64]> =
        markets.iter().enumerate().filter(|(number, _)| !treated.contains(number)).map(|(_, m)| *m).collect();
    not_empty("untreated markets", &donors)?;
    let mean = (0..markets[0].len())
        .map(|t| treated.iter().map(|number| markets[*number][t]).sum::<f64>() / treated.len() as f64)
        .collect();
    Ok((mean, donors))
}

/// The p-value of a constant effect of `effect`: weights are fitted to all periods with that effect taken
/// off, and the total gap in the test, whatever its sign, is compared with that of every shift of the gaps
/// round the circle. The total is the statistic with power against an effect of one sign, which is what a
/// campaign has.
fn p_value(mean: &[f64], donors: &[&[f64]], before: usize, effect: f64) -> Result<f64, BadInput> {
    let mut free = mean.to_vec();
    free[before..].iter_mut().for_each(|value| *value -= effect);
    let columns: Vec<Vec<f64>> = donors.iter().map(|donor| centred(donor)).collect();
    let target = centred(&free);
    let weights = super::synthetic::simplex_weights(&target, &columns);
    let gap = |t: usize| {
        let made: f64 = weights.iter().zip(&columns).map(|(weight, column)| weight * column[t]).sum();
        target[t] - made
    };
    let periods = mean.len();
    let gaps: Vec<f64> = (0..periods).map(gap).collect();
    let length = periods - before;
    let sum = |start: usize| (0..length).map(|step| gaps[(start + step) % periods]).sum::<f64>().abs();
    let seen = sum(before);
    let slack = 1e-12 * seen;
    let as_large = (0..periods).filter(|start| sum(*start) >= seen - slack).count();
    Ok(as_large as f64 / periods as f64)
}

fn centred(series: &[f64]) -> Vec<f64> {
    let mean = crate::describe::mean(series);
    series.iter().map(|value| value - mean).collect()
}

/// All constant effects that are not refused at the level: ends found by stepping out and halving.
fn interval(
    mean: &[f64],
    donors: &[&[f64]],
    before: usize,
    level: f64,
    fit: &Synthetic,
) -> Result<Interval, BadInput> {
    let alpha = 1.0 - level;
    if 1.0 / mean.len() as f64 > alpha {
        return Ok(Interval { low: f64::NEG_INFINITY, high: f64::INFINITY });
    }
    let unit = (fit.error_before + fit.effect.abs() * 0.05).max(1e-9 * (1.0 + fit.effect.abs()));
    let mut ends = [fit.effect; 2];
    for (end, sign) in ends.iter_mut().zip([-1.0, 1.0]) {
        let (mut inside, mut step) = (fit.effect, 0.5 * unit);
        let mut outside = inside + sign * step;
        while p_value(mean, donors, before, outside)? > alpha {
            (inside, step) = (outside, 2.0 * step);
            outside = inside + sign * step;
            if step > 1e6 * unit {
                outside = sign * f64::INFINITY;
                break;
            }
        }
        for _ in 0..if outside.is_finite() { 14 } else { 0 } {
            let middle = 0.5 * (inside + outside);
            if p_value(mean, donors, before, middle)? > alpha {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        *end = outside;
    }
    Ok(Interval { low: ends[0], high: ends[1] })
}
