//! The Bayesian read-out: how probable it is that treatment is better, and what a wrong choice would cost.
//!
//! The estimate is taken as normal about the true effect; the prior is flat or normal (conjugate). A prior
//! names its scale, and is carried to the scale of the effect through the control value, so that one prior of
//! ±10 % serves both. The expected loss of an arm is E max(other − this, 0). With a flat prior P(win) is one
//! minus the one-sided p-value and peeking misleads in the same way.

use super::effect::{Effect, Scale};
use super::plan::Interval;
use super::student::normal_cdf;
use crate::inputs::{BadInput, between};
use crate::special::normal_quantile;
use serde::{Deserialize, Serialize};

/// What is believed of the effect before the data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "prior")]
pub enum Prior {
    /// Nothing.
    Flat,
    /// Normal, on the scale named.
    Normal {
        /// What mean and standard deviation are measured in.
        scale: Scale,
        /// The effect expected.
        mean: f64,
        /// How far from it effects usually are.
        standard_deviation: f64,
    },
}

/// Which way the metric should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better (sales).
    Higher,
    /// Less is better (complaints).
    Lower,
}

/// What is believed after the data: a normal distribution, and two decisions' worth of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Posterior {
    /// Expected effect, on the scale of the effect read.
    pub mean: f64,
    /// Its standard deviation.
    pub standard_deviation: f64,
    /// Probability that treatment is the better arm.
    pub p_win: f64,
    /// Expected loss of choosing control, in units of the effect.
    pub control_loss: f64,
    /// Expected loss of choosing treatment.
    pub treatment_loss: f64,
}

impl Posterior {
    /// The effect lies between these with probability `level`, as much outside to either side.
    pub fn interval(&self, level: f64) -> Result<Interval, BadInput> {
        between("level", level, 0.0, 1.0)?;
        let half = normal_quantile(0.5 + 0.5 * level) * self.standard_deviation;
        Ok(Interval { low: self.mean - half, high: self.mean + half })
    }
}

/// Updates `prior` by an effect.
///
/// Refuses a prior that is not proper (standard deviation at or below zero), and one on the other scale when
/// the control value is not above zero, as then the two scales have no rate of exchange.
pub fn posterior(effect: &Effect, prior: &Prior, better: Better) -> Result<Posterior, BadInput> {
    let variance = effect.standard_error * effect.standard_error;
    if !(variance > 0.0 && variance.is_finite() && effect.value.is_finite()) {
        let why = "the effect or its standard error is not a positive finite number";
        return Err(BadInput::Uninformative { what: "the read-out", why });
    }
    let (mean, variance) = match *prior {
        Prior::Flat => (effect.value, variance),
        Prior::Normal { scale, mean, standard_deviation } => {
            if !(standard_deviation > 0.0 && standard_deviation.is_finite() && mean.is_finite()) {
                let (setting, range) = ("prior standard deviation", "above 0, with a finite mean");
                return Err(BadInput::Setting { setting, value: standard_deviation, range });
            }
            let rate = exchange(scale, effect)?;
            let (prior_mean, prior_variance) = (mean * rate, (standard_deviation * rate).powi(2));
            let weight = prior_variance / (prior_variance + variance);
            (weight * effect.value + (1.0 - weight) * prior_mean, weight * variance)
        }
    };
    if !(variance > 0.0 && variance.is_finite() && mean.is_finite()) {
        let why = "effect and prior are too far apart in size for numbers to hold both; state the prior anew";
        return Err(BadInput::Uninformative { what: "the read-out", why });
    }
    let spread = variance.sqrt();
    let sign = if better == Better::Higher { 1.0 } else { -1.0 };
    let z = sign * mean / spread;
    Ok(Posterior {
        mean,
        standard_deviation: spread,
        p_win: normal_cdf(z),
        control_loss: spread * unit_loss(-z),
        treatment_loss: spread * unit_loss(z),
    })
}

/// How many units of the effect's scale one unit of the prior's is.
fn exchange(prior: Scale, effect: &Effect) -> Result<f64, BadInput> {
    if prior == effect.scale {
        return Ok(1.0);
    }
    if effect.baseline <= 0.0 {
        let why = "the control value is not above zero; state the prior on the scale of the effect";
        return Err(BadInput::Uninformative { what: "the prior", why });
    }
    Ok(if prior == Scale::Relative { effect.baseline } else { 1.0 / effect.baseline })
}

/// E max(−X, 0) for X normal about z with spread one: φ(z) − z (1 − Φ(z)).
fn unit_loss(z: f64) -> f64 {
    let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if z < 3.0 {
        return density - z * normal_cdf(-z);
    }
    // Far out the two terms agree in all their digits. With Mills' ratio as a continued fraction 1/(z + c),
    // the difference is density · c/(z + c).
    let c = (2..120).rev().fold(0.0, |tail, k| f64::from(k) / (z + tail));
    let c = 1.0 / (z + c);
    density * c / (z + c)
}
