//! Controlled experiments using pre-experiment data: the share of an outcome that was known before the start,
//! taken out.
//!
//! Deng, Xu, Kohavi and Walker (2013). The coefficient is pooled over both arms, θ = Σ n cov / Σ n var, so
//! that it is one number and cannot absorb a part of the effect. A ratio is adjusted through its linearised
//! form (Deng, Knoblich and Lu 2018): each unit's (numerator − ratio × denominator) / mean denominator,
//! before and after the start. The covariate must be measured before the start; one that treatment can change
//! biases the answer, and no formula can tell.

use super::arm::{Arm, positive_mean};
use super::effect::{Effect, Scale, compare};
use super::moments::Moments;
use crate::inputs::BadInput;
use serde::Serialize;

/// Both arms cleaned of the covariate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Adjusted {
    /// The pooled coefficient.
    pub theta: f64,
    /// Variance of the difference with the covariate over that without it: 0.5 means half the customers would
    /// do.
    pub variance_ratio: f64,
    /// Control.
    pub control: Arm,
    /// Treatment.
    pub treatment: Arm,
}

impl Adjusted {
    /// The effect, as [`compare`] gives it.
    pub fn effect(&self, scale: Scale) -> Result<Effect, BadInput> {
        compare(&self.control, &self.treatment, scale)
    }
}

/// One arm's outcome and covariate per unit: values, variances and their covariance.
struct Both {
    units: f64,
    after: f64,
    before: f64,
    after_variance: f64,
    before_variance: f64,
    covariance: f64,
}

/// Means: column 0 is the outcome, column 1 the covariate, one row per customer.
pub fn adjust(control: &Moments<2>, treatment: &Moments<2>) -> Result<Adjusted, BadInput> {
    pooled(mean(control)?, mean(treatment)?)
}

/// Ratios: columns 0 and 1 are numerator and denominator after the start, columns 2 and 3 the same before it.
/// With totals and sizes of clusters in their place it adjusts cluster-randomised means.
pub fn adjust_ratio(control: &Moments<4>, treatment: &Moments<4>) -> Result<Adjusted, BadInput> {
    pooled(ratio(control)?, ratio(treatment)?)
}

fn mean(arm: &Moments<2>) -> Result<Both, BadInput> {
    Ok(Both {
        units: arm.at_least_two()?,
        after: arm.means[0],
        before: arm.means[1],
        after_variance: arm.covariance(0, 0),
        before_variance: arm.covariance(1, 1),
        covariance: arm.covariance(0, 1),
    })
}

fn ratio(arm: &Moments<4>) -> Result<Both, BadInput> {
    let units = arm.at_least_two()?;
    let (below_after, below_before) = (positive_mean(arm.means[1])?, positive_mean(arm.means[3])?);
    let (after, before) = (arm.means[0] / below_after, arm.means[2] / below_before);
    // Weights of the four columns in the linearised outcome and in the linearised covariate.
    let lines = [
        [1.0 / below_after, -after / below_after, 0.0, 0.0],
        [0.0, 0.0, 1.0 / below_before, -before / below_before],
    ];
    let form = |left: usize, right: usize| -> f64 {
        (0..4)
            .flat_map(|i| (0..4).map(move |j| (i, j)))
            .map(|(i, j)| lines[left][i] * lines[right][j] * arm.covariance(i, j))
            .sum()
    };
    Ok(Both {
        units,
        after,
        before,
        after_variance: form(0, 0).max(0.0),
        before_variance: form(1, 1).max(0.0),
        covariance: form(0, 1),
    })
}

fn pooled(control: Both, treatment: Both) -> Result<Adjusted, BadInput> {
    let moved = control.units * control.covariance + treatment.units * treatment.covariance;
    let spread = control.units * control.before_variance + treatment.units * treatment.before_variance;
    if !(spread > 0.0 && spread.is_finite() && moved.is_finite()) {
        let why = "the covariate does not vary; compare without it";
        return Err(BadInput::Uninformative { what: "the adjustment", why });
    }
    let theta = moved / spread;
    let arm = |both: &Both| {
        let covariance = both.after_variance - theta * both.covariance;
        Arm {
            units: both.units,
            value: both.after,
            variance: both.after_variance,
            adjusted: both.after - theta * both.before,
            adjusted_variance: (covariance - theta * both.covariance + theta * theta * both.before_variance)
                .max(0.0),
            covariance,
        }
    };
    let (control, treatment) = (arm(&control), arm(&treatment));
    let plain = control.variance / control.units + treatment.variance / treatment.units;
    let cleaned = control.adjusted_variance / control.units + treatment.adjusted_variance / treatment.units;
    let variance_ratio = if plain > 0.0 { cleaned / plain } else { 1.0 };
    Ok(Adjusted { theta, variance_ratio, control, treatment })
}
