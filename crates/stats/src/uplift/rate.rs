//! Rank-weighted average treatment effects: does treating those ranked first do better than treating anybody?
//!
//! Yadlowsky, Fleming, Shah, Brunskill and Wager (2025). The targeting curve is TOC(u) = mean score among the best
//! share u, less the mean of all; a RATE is its area, plain (AUTOC) or weighted by u (QINI). Unlike the coefficients of
//! [`super::Sklift`] it works for any outcome and any probabilities, because it takes scores (see [`super::aipw`]).

use serde::{Deserialize, Serialize};

use super::curve::half_samples;
use super::{Refused, WithError};
use crate::inputs::{finite, not_empty, same_rows};

/// How the targeting curve is weighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// Evenly: finds a small group with large effects.
    Autoc,
    /// By the share treated: finds effects spread over many.
    Qini,
}

/// The targeting curve at shares 1/n, 2/n, …, 1. Rows of equal priority share their mean score.
pub fn toc(priority: &[f64], effect_scores: &[f64]) -> Result<Vec<f64>, Refused> {
    let ranked = ranked(priority, effect_scores)?;
    let mean = crate::describe::mean(&ranked);
    Ok(curve(ranked.iter().copied(), mean).collect())
}

/// A rank-weighted average effect.
pub fn rate(priority: &[f64], effect_scores: &[f64], weighting: Weighting) -> Result<f64, Refused> {
    Ok(area(&ranked(priority, effect_scores)?, weighting))
}

/// A rank-weighted average effect with its standard error over half-samples. Under no difference between customers,
/// value ÷ error is about standard normal.
pub fn rate_with_error(
    priority: &[f64],
    effect_scores: &[f64],
    weighting: Weighting,
    replicates: usize,
    seed: u64,
) -> Result<WithError, Refused> {
    let ranked = ranked(priority, effect_scores)?;
    let standard_error = half_samples(ranked.len(), replicates, seed, |keep| {
        let part: Vec<f64> =
            ranked.iter().zip(keep).filter(|(_, keep)| **keep).map(|(score, _)| *score).collect();
        (!part.is_empty()).then(|| area(&part, weighting))
    })?;
    Ok(WithError { value: area(&ranked, weighting), standard_error })
}

/// Scores in falling order of priority, equal priorities given their mean.
fn ranked(priority: &[f64], effect_scores: &[f64]) -> Result<Vec<f64>, Refused> {
    not_empty("priority", priority)?;
    same_rows("priority", priority, "effect_scores", effect_scores)?;
    finite("priority", priority)?;
    finite("effect_scores", effect_scores)?;
    let mut order = crate::describe::order(priority);
    order.reverse();
    let mut ranked: Vec<f64> = order.iter().map(|row| effect_scores[*row]).collect();
    let mut start = 0;
    for equals in order.chunk_by(|a, b| priority[*a] == priority[*b]) {
        let end = start + equals.len();
        let mean = crate::describe::mean(&ranked[start..end]);
        ranked[start..end].fill(mean);
        start = end;
    }
    super::refused::in_range("rank-weighted effect", &ranked)?;
    Ok(ranked)
}

fn curve(ranked: impl Iterator<Item = f64>, mean: f64) -> impl Iterator<Item = f64> {
    ranked.enumerate().scan(0.0, move |sum, (place, score)| {
        *sum += score;
        Some(*sum / (place + 1) as f64 - mean)
    })
}

fn area(ranked: &[f64], weighting: Weighting) -> f64 {
    let rows = ranked.len() as f64;
    let weigh = |(place, height): (usize, f64)| match weighting {
        Weighting::Autoc => height,
        Weighting::Qini => height * (place + 1) as f64 / rows,
    };
    curve(ranked.iter().copied(), crate::describe::mean(ranked)).enumerate().map(weigh).sum::<f64>() / rows
}
