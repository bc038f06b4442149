//! What an action is worth in each segment, when little has been tried there: effects of experiments.
//!
//! A play file says what to expect (a prior), experiments say what was seen, and segments lend each other what they
//! have in common. The model is normal–normal: the effect θ of a segment is drawn from N(m, τ²), a reading of it from
//! N(θ, its error²); m ~ N(mean, deviation²) and τ ~ half-normal(between) come from the play file. How alike segments
//! are (τ) is learnt from the readings and integrated over rather than guessed (Gelman et al. 2013, section 5.4;
//! Morris 1983 for the plug-in form), so that three segments do not claim to know it. The answer is the same whether
//! readings come one by one or all at once.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::Refused;
use crate::inputs::BadInput;

const GRID: usize = 400;

/// What a play file expects of an action.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectPrior {
    /// The effect expected in a typical segment, in the unit of the outcome.
    pub mean: f64,
    /// How far off that may be (standard deviation).
    pub deviation: f64,
    /// How far segments may lie apart (scale of a half-normal): 0 says they are all alike.
    pub between: f64,
}

impl EffectPrior {
    fn check(&self) -> Result<(), BadInput> {
        crate::inputs::finite("prior mean", &[self.mean])?;
        crate::inputs::not_negative("prior deviation", &[self.deviation])?;
        crate::inputs::not_negative("prior between", &[self.between])
    }
}

/// What an experiment found in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The segment, from 0.
    pub segment: usize,
    /// The effect found.
    pub effect: f64,
    /// Its standard error, above 0.
    pub standard_error: f64,
}

/// What is believed of one segment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SegmentEffect {
    /// The segment.
    pub segment: usize,
    /// Its readings.
    pub readings: usize,
    /// The mean effect.
    pub mean: f64,
    /// Its standard deviation.
    pub deviation: f64,
    /// How much of the mean is the segment's own readings, 0 to 1; the rest is the other segments and the play file.
    pub own_weight: f64,
}

impl SegmentEffect {
    /// What giving the action is worth here: effect times the worth of one unit of outcome, less the cost; mean and
    /// standard deviation.
    pub fn net(&self, value: f64, cost: f64) -> (f64, f64) {
        (value * self.mean - cost, value.abs() * self.deviation)
    }

    /// The chance that giving the action is worth more than its cost, taking belief as normal.
    pub fn chance_worthwhile(&self, value: f64, cost: f64) -> f64 {
        let (mean, deviation) = self.net(value, cost);
        if deviation > 0.0 {
            Normal::standard().cdf(mean / deviation)
        } else {
            f64::from(u8::from(mean > 0.0))
        }
    }
}

/// What is believed of all segments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effects {
    /// The mean over segments, m.
    pub mean: f64,
    /// Its standard deviation.
    pub mean_deviation: f64,
    /// How far segments lie apart, τ: the mean of what is believed.
    pub between: f64,
    /// Each segment, from 0; those without readings have what the others and the play file say.
    pub segments: Vec<SegmentEffect>,
}

/// Updates a play file's expectation by the readings of experiments, for segments 0 to `segments` − 1.
pub fn effects(prior: &EffectPrior, segments: usize, readings: &[Reading]) -> Result<Effects, Refused> {
    prior.check()?;
    let pooled = pool(segments, readings)?;
    let points = grid(prior, &pooled);
    let posteriors: Vec<Given> = points.iter().map(|(tau, _)| given(prior, &pooled, *tau)).collect();
    let weights =
        weigh(points.iter().zip(&posteriors).map(|((_, ln_prior), of)| ln_prior + of.ln_likelihood));
    let mixture = |of: &dyn Fn(usize) -> (f64, f64)| -> (f64, f64) {
        let mean: f64 = weights.iter().enumerate().map(|(k, weight)| weight * of(k).0).sum();
        let spread = |(k, weight): (usize, &f64)| weight * (of(k).1 + (of(k).0 - mean).powi(2));
        (mean, weights.iter().enumerate().map(spread).sum::<f64>().sqrt())
    };
    let of_segment = |(segment, pooled): (usize, &Pooled)| {
        let at = |k: usize| posterior(pooled, points[k].0, &posteriors[k]);
        let (mean, deviation) = mixture(&|k| (at(k).0, at(k).1));
        let own_weight = weights.iter().enumerate().map(|(k, weight)| weight * at(k).2).sum();
        SegmentEffect { segment, readings: pooled.readings, mean, deviation, own_weight }
    };
    let (mean, mean_deviation) = mixture(&|k| (posteriors[k].mean, posteriors[k].variance));
    let between = weights.iter().zip(&points).map(|(weight, (tau, _))| weight * tau).sum();
    let segments = pooled.iter().enumerate().map(of_segment).collect();
    Ok(Effects { mean, mean_deviation, between, segments })
}

/// The readings of a segment as one: inverse-variance mean and its variance (infinite without any).
struct Pooled {
    readings: usize,
    effect: f64,
    variance: f64,
}

fn pool(segments: usize, readings: &[Reading]) -> Result<Vec<Pooled>, Refused> {
    let mut sums = vec![(0, 0.0, 0.0); segments];
    for (row, reading) in readings.iter().enumerate() {
        let refuse = |what, value, range| Err(BadInput::OutOfRange { what, row, value, range }.into());
        let Some(sum) = sums.get_mut(reading.segment) else {
            return refuse("segment", reading.segment as f64, "below the number of segments");
        };
        let precision = reading.standard_error.powi(-2);
        if !reading.effect.is_finite() {
            return refuse("effect", reading.effect, "a finite number");
        }
        if !(reading.standard_error > 0.0 && precision.is_finite() && precision > 0.0) {
            return refuse("standard_error", reading.standard_error, "above 0 and finite");
        }
        *sum = (sum.0 + 1, sum.1 + precision * reading.effect, sum.2 + precision);
    }
    let pooled = sums.into_iter().map(|(readings, weighted, precision)| match readings {
        0 => Pooled { readings, effect: 0.0, variance: f64::INFINITY },
        _ => Pooled { readings, effect: weighted / precision, variance: 1.0 / precision },
    });
    Ok(pooled.collect())
}

/// Values of τ with the logarithm of the prior mass each stands for: evenly spaced on a logarithmic scale, from far
/// below the smallest error to far above the play file's scale.
fn grid(prior: &EffectPrior, pooled: &[Pooled]) -> Vec<(f64, f64)> {
    if prior.between == 0.0 {
        return vec![(0.0, 0.0)];
    }
    let errors = pooled.iter().map(|pooled| pooled.variance.sqrt());
    let low = errors.fold(prior.between, f64::min) * 1e-3;
    let step = (8.0 * prior.between / low).ln() / (GRID - 1) as f64;
    let point = |k: usize| {
        let tau = low * (step * k as f64).exp();
        (tau, tau.ln() - 0.5 * (tau / prior.between).powi(2))
    };
    (0..GRID).map(point).collect()
}

/// What is known of m given τ.
struct Given {
    mean: f64,
    variance: f64,
    ln_likelihood: f64,
}

fn given(prior: &EffectPrior, pooled: &[Pooled], tau: f64) -> Given {
    let known = || pooled.iter().filter(|pooled| pooled.readings > 0);
    let spread = |pooled: &Pooled| pooled.variance + tau * tau;
    let precision: f64 = known().map(|pooled| 1.0 / spread(pooled)).sum();
    let weighted: f64 = known().map(|pooled| (pooled.effect - prior.mean) / spread(pooled)).sum();
    // Written about the prior's mean and multiplied through by its variance, so that a deviation of 0 is no division.
    let shrink = 1.0 + prior.deviation.powi(2) * precision;
    let variance = prior.deviation.powi(2) / shrink;
    let shift = variance * weighted;
    let squares: f64 = known().map(|pooled| (pooled.effect - prior.mean).powi(2) / spread(pooled)).sum();
    let logs: f64 = known().map(|pooled| spread(pooled).ln()).sum();
    let ln_likelihood = -0.5 * (logs + shrink.ln() + squares - shift * weighted);
    Given { mean: prior.mean + shift, variance, ln_likelihood }
}

/// Mean, variance and own weight of a segment's effect given τ.
fn posterior(pooled: &Pooled, tau: f64, given: &Given) -> (f64, f64, f64) {
    if pooled.readings == 0 {
        return (given.mean, tau * tau + given.variance, 0.0);
    }
    let own = tau * tau / (tau * tau + pooled.variance);
    let mean = own * pooled.effect + (1.0 - own) * given.mean;
    (mean, own * pooled.variance + (1.0 - own).powi(2) * given.variance, own)
}

/// Logarithms to shares that sum to 1.
pub(super) fn weigh(ln_values: impl Iterator<Item = f64>) -> Vec<f64> {
    let ln_values: Vec<f64> = ln_values.collect();
    let sum = crate::special::ln_sum_exp(&ln_values);
    ln_values.iter().map(|value| (value - sum).exp()).collect()
}
