//! Synthetic control: what the treated unit would have done, as a weighted mean of units that were not
//! treated.
//!
//! Abadie, Diamond and Hainmueller (2010): weights at or above zero that sum to one and follow the treated
//! series before the start, and an inference that treats every donor as if it had been treated. Each series
//! may first be taken as its distance from its own mean before the start (Doudchenko and Imbens 2016; Ferman
//! and Pinto 2021), which lets a large unit be followed by small ones. Weights are found by accelerated
//! projected gradients on the simplex (Beck and Teboulle 2009, with restarts), to a certified gap from the
//! optimum.

use crate::inputs::{BadInput, finite, not_empty};
use serde::Serialize;

/// What the method needs to know beside the series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Periods before the start: the first `before` of every series.
    pub before: usize,
    /// Whether series are compared as distances from their own means before the start.
    pub is_centred: bool,
}

/// The treated unit beside its synthetic self.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Synthetic {
    /// One weight per donor, at or above zero, with sum one.
    pub weights: Vec<f64>,
    /// The synthetic series, all periods.
    pub series: Vec<f64>,
    /// Treated minus synthetic, all periods.
    pub gaps: Vec<f64>,
    /// Mean gap after the start.
    pub effect: f64,
    /// Root mean square gap before it.
    pub error_before: f64,
    /// Root mean square gap after it.
    pub error_after: f64,
    /// Root of squared gaps before the start over those of equal weights: 0 is a perfect fit, 1 no better
    /// than the plain mean.
    pub scaled_imbalance: f64,
}

/// A placebo test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placebo {
    /// The treated unit.
    pub synthetic: Synthetic,
    /// Its error after the start over that before.
    pub ratio: f64,
    /// The same for each donor, as if treated, with the others as donors.
    pub donor_ratios: Vec<f64>,
    /// Share of all units, the treated one counted, whose ratio is at least the treated one's.
    pub p_value: f64,
}

/// Fits one unit. All series are of one length, with a period or more after the start.
pub fn synthetic(treated: &[f64], donors: &[&[f64]], setting: Setting) -> Result<Synthetic, BadInput> {
    check(treated, donors, setting)?;
    Ok(build(treated, donors, setting))
}

/// Fits the treated unit and, in turn, every donor.
///
/// Refuses fewer than two donors. With D donors no p-value is below 1/(D + 1).
pub fn placebo(treated: &[f64], donors: &[&[f64]], setting: Setting) -> Result<Placebo, BadInput> {
    check(treated, donors, setting)?;
    if donors.len() < 2 {
        let why = "a placebo test needs two donors or more";
        return Err(BadInput::Uninformative { what: "the placebo test", why });
    }
    let synthetic = build(treated, donors, setting);
    let ratio = ratio(&synthetic);
    let donor_ratios: Vec<f64> = (0..donors.len())
        .map(|place| {
            let others: Vec<&[f64]> =
                donors.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, d)| *d).collect();
            self::ratio(&build(donors[place], &others, setting))
        })
        .collect();
    let as_large = donor_ratios.iter().filter(|other| **other >= ratio).count();
    let p_value = (1 + as_large) as f64 / (1 + donors.len()) as f64;
    Ok(Placebo { synthetic, ratio, donor_ratios, p_value })
}

/// A perfect fit before the start has a ratio of its own: infinite if anything follows, else none.
fn ratio(fit: &Synthetic) -> f64 {
    if fit.error_after == 0.0 { 0.0 } else { fit.error_after / fit.error_before.max(f64::MIN_POSITIVE) }
}

fn check(treated: &[f64], donors: &[&[f64]], setting: Setting) -> Result<(), BadInput> {
    finite("treated", treated)?;
    not_empty("donors", donors)?;
    for donor in donors {
        crate::inputs::same_rows("treated", treated, "donor", donor)?;
        finite("donor", donor)?;
    }
    let least = if setting.is_centred { 2 } else { 1 };
    if setting.before < least || setting.before >= treated.len() {
        let (name, range) = ("periods before the start", "at least 1 (2 if centred), and fewer than all");
        return Err(BadInput::Setting { setting: name, value: setting.before as f64, range });
    }
    Ok(())
}

fn build(treated: &[f64], donors: &[&[f64]], setting: Setting) -> Synthetic {
    let level = |series: &[f64]| {
        if setting.is_centred { crate::describe::mean(&series[..setting.before]) } else { 0.0 }
    };
    let own = level(treated);
    let levels: Vec<f64> = donors.iter().map(|donor| level(donor)).collect();
    let target: Vec<f64> = treated[..setting.before].iter().map(|value| value - own).collect();
    let columns: Vec<Vec<f64>> = donors
        .iter()
        .zip(&levels)
        .map(|(donor, level)| donor[..setting.before].iter().map(|value| value - level).collect())
        .collect();
    let weights = simplex_weights(&target, &columns);
    let following = |weights: &[f64]| -> Vec<f64> {
        (0..treated.len())
            .map(|t| {
                own + weights
                    .iter()
                    .zip(donors.iter().zip(&levels))
                    .map(|(weight, (donor, level))| weight * (donor[t] - level))
                    .sum::<f64>()
            })
            .collect()
    };
    let series = following(&weights);
    let gaps: Vec<f64> = treated.iter().zip(&series).map(|(seen, made)| seen - made).collect();
    let (before, after) = gaps.split_at(setting.before);
    let equal = following(&vec![1.0 / donors.len() as f64; donors.len()]);
    let equal_gaps: Vec<f64> =
        treated[..setting.before].iter().zip(&equal).map(|(seen, made)| seen - made).collect();
    let (error_before, equal_error) = (root_mean_square(before), root_mean_square(&equal_gaps));
    Synthetic {
        effect: crate::describe::mean(after),
        error_after: root_mean_square(after),
        scaled_imbalance: if equal_error > 0.0 { error_before / equal_error } else { 0.0 },
        error_before,
        weights,
        series,
        gaps,
    }
}

fn root_mean_square(values: &[f64]) -> f64 {
    (values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64).sqrt()
}

/// Weights w on the simplex that minimise ‖target − Σ w column‖².
pub(crate) fn simplex_weights(target: &[f64], columns: &[Vec<f64>]) -> Vec<f64> {
    let donors = columns.len();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    // With weights that sum to one, ‖target − Σ w column‖² = w' G w for the columns' distances from the
    // target.
    let gaps: Vec<Vec<f64>> =
        columns.iter().map(|column| column.iter().zip(target).map(|(c, t)| c - t).collect()).collect();
    let gram: Vec<Vec<f64>> = gaps.iter().map(|a| gaps.iter().map(|b| dot(a, b)).collect()).collect();
    // The largest row sum bounds the largest eigenvalue.
    let lipschitz =
        gram.iter().map(|row| row.iter().map(|v| v.abs()).sum::<f64>()).fold(f64::MIN_POSITIVE, f64::max);
    let slope = |w: &[f64]| -> Vec<f64> { gram.iter().map(|row| dot(row, w)).collect() };
    let scale = (0..donors).map(|i| gram[i][i]).fold(f64::MIN_POSITIVE, f64::max);
    // Frank and Wolfe's gap: how far the objective may still be above its minimum.
    let is_best = |w: &[f64]| {
        let at = slope(w);
        dot(&at, w) - at.iter().copied().fold(f64::INFINITY, f64::min) <= 1e-13 * scale
    };
    let mut weights = vec![1.0 / donors as f64; donors];
    let (mut ahead, mut momentum) = (weights.clone(), 1.0f64);
    for round in 1..=20_000 {
        let at = slope(&ahead);
        let step: Vec<f64> = ahead.iter().zip(&at).map(|(w, s)| w - s / lipschitz).collect();
        let next = onto_simplex(&step);
        let uphill: f64 = (0..donors).map(|i| at[i] * (next[i] - weights[i])).sum();
        let grown = if uphill > 0.0 { 1.0 } else { 0.5 * (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt()) };
        let carry = if uphill > 0.0 { 0.0 } else { (momentum - 1.0) / grown };
        ahead = (0..donors).map(|i| next[i] + carry * (next[i] - weights[i])).collect();
        momentum = grown;
        weights = next;
        if round % 10 == 0
            && let Some(exact) = on_support(&gram, &weights).filter(|exact| is_best(exact))
        {
            return exact;
        }
        if is_best(&weights) {
            break;
        }
    }
    weights
}

/// The minimum of w' G w with sum 1 over the donors that have weight, which is in proportion to G⁻¹ 1 there: where
/// gradients have found the right donors, this is the answer to the last digit.
fn on_support(gram: &[Vec<f64>], weights: &[f64]) -> Option<Vec<f64>> {
    let with_weight: Vec<usize> = (0..weights.len()).filter(|donor| weights[*donor] > 0.0).collect();
    let square: Vec<f64> =
        with_weight.iter().flat_map(|i| with_weight.iter().map(move |j| gram[*i][*j])).collect();
    let solved = crate::propensity::solve_cholesky(&square, &vec![1.0; with_weight.len()], 0.0)?;
    let sum: f64 = solved.iter().sum();
    let mut exact = vec![0.0; weights.len()];
    with_weight.iter().zip(&solved).for_each(|(donor, value)| exact[*donor] = value / sum);
    exact.iter().all(|weight| *weight >= 0.0).then_some(exact)
}

/// The nearest point of the simplex (Held, Wolfe and Crowder 1974).
fn onto_simplex(point: &[f64]) -> Vec<f64> {
    let mut falling = point.to_vec();
    falling.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut sum, mut shift) = (0.0, 0.0);
    for (place, value) in falling.iter().enumerate() {
        sum += value;
        let candidate = (sum - 1.0) / (place + 1) as f64;
        if *value > candidate {
            shift = candidate;
        }
    }
    point.iter().map(|value| (value - shift).max(0.0)).collect()
}
