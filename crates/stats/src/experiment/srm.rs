//! Sample ratio mismatch: did customers arrive in the shares that were configured?
//!
//! If not, something between the draw and the data drops customers of one arm, and no effect read from the
//! rest can be trusted. Pearson's χ² against **configured** shares (Fabijan et al. 2019), with two conditions
//! before it alarms: a small p-value, and a gap that matters, because among millions of customers a gap of a
//! fifth of a percent is "significant" and harmless. An arm configured to nothing is no arm and has no degree
//! of freedom.

use crate::inputs::{BadInput, not_empty, not_negative, same_rows};
use serde::Serialize;
use statrs::function::gamma::gamma_ur;

/// When to alarm; both must hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// p-values below this (default 0.001).
    pub p_value: f64,
    /// An arm off its expected count by more than this share of it (default 0.01).
    pub gap: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { p_value: 0.001, gap: 0.01 }
    }
}

/// What the counts say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The counts are what the shares would give.
    Matched,
    /// The difference is not chance, and too small to matter.
    Immaterial,
    /// Do not read this experiment; find what loses customers.
    Mismatched,
    /// An arm with share zero has customers.
    Stray {
        /// The arm, from 0.
        arm: usize,
    },
}

/// The test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Srm {
    /// Pearson's χ² over arms with a share.
    pub chi_square: f64,
    /// Those arms minus one.
    pub degrees_of_freedom: usize,
    /// Probability of a χ² as large by chance.
    pub p_value: f64,
    /// Largest |count / expected − 1| over those arms.
    pub largest_gap: f64,
    /// What to do.
    pub verdict: Verdict,
}

/// Compares customers per arm with configured shares, which are divided by their sum. Needs two arms with a
/// share and one customer.
pub fn check(counts: &[u64], shares: &[f64], limits: Limits) -> Result<Srm, BadInput> {
    not_empty("counts", counts)?;
    same_rows("counts", counts, "shares", shares)?;
    not_negative("share", shares)?;
    let whole: f64 = shares.iter().sum();
    let live: Vec<(f64, f64)> =
        counts.iter().zip(shares).filter(|(_, s)| **s > 0.0).map(|(c, s)| (*c as f64, s / whole)).collect();
    let total: f64 = live.iter().map(|(count, _)| count).sum();
    if live.len() < 2 || total < 1.0 || !whole.is_finite() {
        let why = "it needs two arms with a share above zero and a customer in one of them";
        return Err(BadInput::Uninformative { what: "the sample ratio", why });
    }
    let chi_square: f64 =
        live.iter().map(|(count, share)| (count - total * share).powi(2) / (total * share)).sum();
    if !chi_square.is_finite() {
        let why = "a share is so small that nobody can be expected there; give it zero or more";
        return Err(BadInput::Uninformative { what: "the sample ratio", why });
    }
    let gap = |(count, share): &(f64, f64)| (count / (total * share) - 1.0).abs();
    let largest_gap = live.iter().map(gap).fold(0.0, f64::max);
    let degrees_of_freedom = live.len() - 1;
    let p_value =
        if chi_square > 0.0 { gamma_ur(0.5 * degrees_of_freedom as f64, 0.5 * chi_square) } else { 1.0 };
    let stray = counts.iter().zip(shares).position(|(count, share)| *count > 0 && *share == 0.0);
    let verdict = match stray {
        Some(arm) => Verdict::Stray { arm },
        None if p_value >= limits.p_value => Verdict::Matched,
        None if largest_gap <= limits.gap => Verdict::Immaterial,
        None => Verdict::Mismatched,
    };
    Ok(Srm { chi_square, degrees_of_freedom, p_value, largest_gap, verdict })
}
