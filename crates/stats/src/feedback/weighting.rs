//! Weights for who did not answer: post-stratification, raking, trimming, and what they cost in precision.
//!
//! Raking is iterative proportional fitting (Deming and Stephan 1940); post-stratification is the case of one
//! margin. Variances are those of Taylor's linearisation for a stratified cluster sample with replacement
//! corrections (Särndal, Swensson and Wretman 1992, chapter 5), on residuals from which the calibration
//! margins have been taken out: a calibrated estimate varies as its residuals do (Deville and Särndal 1992).

use serde::Serialize;
use std::collections::BTreeMap;

use super::scores::Estimate;
use crate::inputs::{BadInput, between, finite, not_empty, same_rows};

/// A way of grouping respondents whose true sizes are known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin<'a> {
    /// Group of each respondent, counted from 0.
    pub groups: &'a [u32],
    /// Size of each group in the population (counts or shares; all margins must add up to the same).
    pub sizes: &'a [f64],
}

/// Weights that meet the margins.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Raked {
    /// One per respondent.
    pub weights: Vec<f64>,
    /// Rounds over all margins.
    pub rounds: u32,
    /// Largest relative difference left between a group's weight and its size.
    pub error: f64,
    /// Kish's design effect of the weights: variance grows by this factor.
    pub design_effect: f64,
    /// Respondents that an unweighted sample of equal precision would have.
    pub effective: f64,
}

const ROUNDS_AT_MOST: u32 = 5_000;
const CLOSE: f64 = 1e-12;

/// Multiplies starting weights until every margin is met.
///
/// # Errors
/// [`BadInput`] for weights or sizes that are not positive where somebody answered, for a group of the
/// population in which nobody answered (merge it), for margins that add up differently, and where the margins
/// contradict each other.
pub fn rake(weights: &[f64], margins: &[Margin<'_>]) -> Result<Raked, BadInput> {
    check(weights, margins)?;
    let mut weights = weights.to_vec();
    let mut rounds = 0;
    let mut error = f64::INFINITY;
    while error > CLOSE && rounds < ROUNDS_AT_MOST {
        rounds += 1;
        for margin in margins {
            let sums = sums(&weights, margin);
            for (weight, group) in weights.iter_mut().zip(margin.groups) {
                *weight *= margin.sizes[*group as usize] / sums[*group as usize];
            }
        }
        let now = margins.iter().map(|margin| off(&weights, margin)).fold(0.0, f64::max);
        // Rounding keeps a table of many groups from getting closer than this.
        if now >= error && now < 1e-9 {
            error = now;
            break;
        }
        error = now;
    }
    if error.is_nan() || error >= 1e-6 {
        let why = "no weights meet all margins: groups that should overlap have nobody in common; merge some";
        return Err(BadInput::Uninformative { what: "raking", why });
    }
    let design_effect = design_effect(&weights)?;
    let effective = weights.len() as f64 / design_effect;
    Ok(Raked { weights, rounds, error, design_effect, effective })
}

/// Multiplies starting weights so that each group adds up to its size.
///
/// # Errors
/// As [`rake`].
pub fn post_stratify(weights: &[f64], groups: &[u32], sizes: &[f64]) -> Result<Raked, BadInput> {
    rake(weights, &[Margin { groups, sizes }])
}

fn sums(weights: &[f64], margin: &Margin<'_>) -> Vec<f64> {
    let mut sums = vec![0.0; margin.sizes.len()];
    weights.iter().zip(margin.groups).for_each(|(weight, group)| sums[*group as usize] += weight);
    sums
}

fn off(weights: &[f64], margin: &Margin<'_>) -> f64 {
    let relative = |(sum, size): (f64, &f64)| if *size > 0.0 { (sum / size - 1.0).abs() } else { 0.0 };
    sums(weights, margin).into_iter().zip(margin.sizes).map(relative).fold(0.0, f64::max)
}

fn check(weights: &[f64], margins: &[Margin<'_>]) -> Result<(), BadInput> {
    not_empty("weights", weights)?;
    not_empty("margins", margins)?;
    check_weights(weights)?;
    let total: f64 = margins[0].sizes.iter().sum();
    for margin in margins {
        same_rows("weights", weights, "groups", margin.groups)?;
        crate::inputs::not_negative("group size", margin.sizes)?;
        let sum: f64 = margin.sizes.iter().sum();
        if !(sum > 0.0 && (sum / total - 1.0).abs() < 1e-6) {
            return Err(BadInput::Setting {
                setting: "sum of a margin",
                value: sum,
                range: "the same for all margins",
            });
        }
        let mut answered = vec![false; margin.sizes.len()];
        for (row, group) in margin.groups.iter().enumerate() {
            let (what, value) = ("group", f64::from(*group));
            let known = margin.sizes.get(*group as usize).filter(|size| **size > 0.0);
            known.ok_or(BadInput::OutOfRange { what, row, value, range: "a group with a size above 0" })?;
            answered[*group as usize] = true;
        }
        if let Some(row) = (0..answered.len()).find(|group| !answered[*group] && margin.sizes[*group] > 0.0) {
            let (what, range) = ("group size", "0 where nobody answered; merge the group with another");
            return Err(BadInput::OutOfRange { what, row, value: margin.sizes[row], range });
        }
    }
    Ok(())
}

fn check_weights(weights: &[f64]) -> Result<(), BadInput> {
    finite("weight", weights)?;
    match weights.iter().position(|weight| *weight <= 0.0) {
        Some(row) => Err(BadInput::OutOfRange { what: "weight", row, value: weights[row], range: "above 0" }),
        None => Ok(()),
    }
}

/// Kish's design effect n Σ w² / (Σ w)² (1965): 1 for equal weights.
///
/// # Errors
/// [`BadInput`] for no weights or one that is not above 0.
pub fn design_effect(weights: &[f64]) -> Result<f64, BadInput> {
    not_empty("weights", weights)?;
    check_weights(weights)?;
    let largest = weights.iter().copied().fold(0.0, f64::max);
    let (sum, squares) = weights.iter().fold((0.0, 0.0), |(sum, squares), weight| {
        let w = weight / largest;
        (sum + w, squares + w * w)
    });
    Ok(weights.len() as f64 * squares / (sum * sum))
}

/// Weights without extremes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trimmed {
    /// One per respondent; they add up to what they did before.
    pub weights: Vec<f64>,
    /// How many were cut.
    pub cut: u64,
    /// Design effect before.
    pub design_effect_before: f64,
    /// Design effect after.
    pub design_effect: f64,
}

/// Cuts weights at `most` times their mean and spreads what was cut over the others in proportion, until none
/// is above. Trimming trades a little bias for variance; margins met before are met no longer, so rake again
/// or report both.
///
/// # Errors
/// [`BadInput`] as [`design_effect`], and unless `most` is above 1.
pub fn trim(weights: &[f64], most: f64) -> Result<Trimmed, BadInput> {
    let design_effect_before = design_effect(weights)?;
    if !(most > 1.0 && most.is_finite()) {
        return Err(BadInput::Setting { setting: "most", value: most, range: "above 1" });
    }
    let total: f64 = weights.iter().sum();
    let cap = most * total / weights.len() as f64;
    let mut trimmed = weights.to_vec();
    let mut is_cut = vec![false; weights.len()];
    loop {
        let over = trimmed.iter().zip(&mut is_cut).filter(|(weight, cut)| !**cut && **weight > cap);
        let newly = over.map(|(_, cut)| *cut = true).count();
        if newly == 0 {
            break;
        }
        let cut = is_cut.iter().filter(|cut| **cut).count() as f64;
        let free: f64 = trimmed.iter().zip(&is_cut).filter(|(_, cut)| !**cut).map(|(weight, _)| weight).sum();
        let factor = (total - cut * cap) / free;
        for (weight, cut) in trimmed.iter_mut().zip(&is_cut) {
            *weight = if *cut { cap } else { *weight * factor };
        }
    }
    let cut = is_cut.iter().filter(|cut| **cut).count() as u64;
    let design_effect = design_effect(&trimmed)?;
    Ok(Trimmed { weights: trimmed, cut, design_effect_before, design_effect })
}

/// How a sample was drawn and weighted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Survey<'a> {
    /// Final weight of each respondent, above 0.
    pub weights: &'a [f64],
    /// Stratum of each; none is one stratum.
    pub strata: Option<&'a [u32]>,
    /// Cluster of each, as it was sampled (a store, a household); none is every respondent alone.
    pub clusters: Option<&'a [u32]>,
    /// Clusters (or, without clusters, people) in the population of each respondent's stratum, for the finite
    /// correction; none is a population beyond counting.
    pub population: Option<&'a [f64]>,
    /// Groupings that the weights were calibrated to.
    pub calibrated: &'a [&'a [u32]],
}

/// A weighted estimate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SurveyEstimate {
    /// With its linearised standard error and normal interval.
    pub estimate: Estimate,
    /// Respondents.
    pub respondents: u64,
    /// Kish's design effect of the weights.
    pub weight_effect: f64,
}

/// The weighted mean Σ w y / Σ w.
///
/// # Errors
/// [`BadInput`] where columns differ in length or hold something unusable, and for a stratum with one
/// cluster.
pub fn estimate_mean(values: &[f64], survey: &Survey<'_>, level: f64) -> Result<SurveyEstimate, BadInput> {
    check_survey(values, survey, level)?;
    let total: f64 = survey.weights.iter().sum();
    let mean = survey.weights.iter().zip(values).map(|(w, y)| w * y).sum::<f64>() / total;
    let residuals = values.iter().map(|y| (y - mean) / total).collect();
    finish(mean, residuals, survey, level)
}

/// The weighted total Σ w y.
///
/// # Errors
/// As [`estimate_mean`].
pub fn estimate_total(values: &[f64], survey: &Survey<'_>, level: f64) -> Result<SurveyEstimate, BadInput> {
    check_survey(values, survey, level)?;
    let total = survey.weights.iter().zip(values).map(|(w, y)| w * y).sum();
    finish(total, values.to_vec(), survey, level)
}

fn check_survey(values: &[f64], survey: &Survey<'_>, level: f64) -> Result<(), BadInput> {
    between("level", level, 0.0, 1.0)?;
    not_empty("values", values)?;
    finite("values", values)?;
    same_rows("values", values, "weights", survey.weights)?;
    check_weights(survey.weights)?;
    for groups in
        [survey.strata, survey.clusters].into_iter().flatten().chain(survey.calibrated.iter().copied())
    {
        same_rows("values", values, "groups", groups)?;
    }
    if let Some(population) = survey.population {
        same_rows("values", values, "population", population)?;
        if let Some(row) = population.iter().position(|size| size.is_nan() || *size < 1.0) {
            let (what, value) = ("population", population[row]);
            return Err(BadInput::OutOfRange { what, row, value, range: "1 or more" });
        }
    }
    Ok(())
}

fn finish(
    value: f64,
    mut residuals: Vec<f64>,
    survey: &Survey<'_>,
    level: f64,
) -> Result<SurveyEstimate, BadInput> {
    take_out(&mut residuals, survey);
    let variance = variance(&residuals, survey)?;
    let ends = (f64::NEG_INFINITY, f64::INFINITY);
    if !value.is_finite() || !variance.is_finite() {
        let why = "values or weights are too large to square; rescale them";
        return Err(BadInput::Uninformative { what: "survey estimate", why });
    }
    Ok(SurveyEstimate {
        estimate: Estimate::normal(value, variance.sqrt(), level, ends),
        respondents: residuals.len() as u64,
        weight_effect: design_effect(survey.weights)?,
    })
}

/// Takes the weighted means of the calibration groups out, one grouping after another, until nothing changes.
fn take_out(residuals: &mut [f64], survey: &Survey<'_>) {
    let size = residuals.iter().map(|e| e.abs()).fold(0.0, f64::max);
    for _ in 0..ROUNDS_AT_MOST {
        let mut moved = 0.0_f64;
        for groups in survey.calibrated {
            let mut sums: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
            for ((group, weight), residual) in groups.iter().zip(survey.weights).zip(residuals.iter()) {
                let sum = sums.entry(*group).or_default();
                (sum.0, sum.1) = (sum.0 + weight * residual, sum.1 + weight);
            }
            for (group, residual) in groups.iter().zip(residuals.iter_mut()) {
                let (sum, weight) = sums[group];
                *residual -= sum / weight;
                moved = moved.max((sum / weight).abs());
            }
        }
        if moved <= 1e-13 * size {
            return;
        }
    }
}

/// Σ over strata of (1 − f) n / (n − 1) Σ (z − z̄)², where z are the weighted residuals summed by cluster.
fn variance(residuals: &[f64], survey: &Survey<'_>) -> Result<f64, BadInput> {
    let mut strata: BTreeMap<u32, (BTreeMap<u32, f64>, f64)> = BTreeMap::new();
    for (row, residual) in residuals.iter().enumerate() {
        let stratum = survey.strata.map_or(0, |strata| strata[row]);
        let cluster = survey.clusters.map_or(row as u32, |clusters| clusters[row]);
        let population = survey.population.map_or(f64::INFINITY, |population| population[row]);
        let entry = strata.entry(stratum).or_insert_with(|| (BTreeMap::new(), population));
        *entry.0.entry(cluster).or_default() += survey.weights[row] * residual;
    }
    let mut variance = 0.0;
    for (sums, population) in strata.values() {
        let n = sums.len() as f64;
        let sampled = n / population;
        if sampled > 1.0 {
            let range = "at least the number of clusters sampled";
            return Err(BadInput::Setting { setting: "population", value: *population, range });
        }
        if sums.len() < 2 {
            let why = "a stratum has a single cluster, so its spread is unknown; merge it with another";
            return Err(BadInput::Uninformative { what: "survey variance", why });
        }
        let mean = sums.values().sum::<f64>() / n;
        let squares: f64 = sums.values().map(|z| (z - mean) * (z - mean)).sum();
        variance += (1.0 - sampled) * n / (n - 1.0) * squares;
    }
    Ok(variance)
}
