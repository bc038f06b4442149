//! Two arms become one effect: the difference, or the difference as a share of the control arm.
//!
//! Standard errors do not pool the arms' variances (Welch 1947), degrees of freedom are Satterthwaite's
//! (1946). The relative difference has the delta method's variance, in which the control arm counts twice:
//! above and below the line.

use super::arm::Arm;
use crate::inputs::BadInput;
use serde::{Deserialize, Serialize};

/// How two arms are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Treatment minus control, in units of the metric.
    Absolute,
    /// (Treatment − control) / control: 0.08 is eight percent more.
    Relative,
}

/// What treatment did, and how it would vary among repeated experiments. [`super::plan`] reads intervals off
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// What `value` is measured in.
    pub scale: Scale,
    /// The effect.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Satterthwaite's degrees of freedom.
    pub degrees_of_freedom: f64,
    /// Randomised units of both arms.
    pub units: f64,
    /// The control arm's value, as seen.
    pub baseline: f64,
}

/// The effect of `treatment` against `control`.
///
/// Refuses two arms without any spread, and a relative comparison with a control value at or below zero.
pub fn compare(control: &Arm, treatment: &Arm, scale: Scale) -> Result<Effect, BadInput> {
    let (control_variance, treatment_variance) =
        (control.adjusted_variance / control.units, treatment.adjusted_variance / treatment.units);
    let difference = treatment.adjusted - control.adjusted;
    let variance = control_variance + treatment_variance;
    if !(variance > 0.0 && variance.is_finite() && difference.is_finite()) {
        let why = "neither arm varies; wait for more customers or choose another metric";
        return Err(BadInput::Uninformative { what: "the comparison", why });
    }
    let (value, variance) = match scale {
        Scale::Absolute => (difference, variance),
        Scale::Relative => {
            let base = control.value;
            if base <= 0.0 {
                let why = "the control value is not above zero; compare absolutely";
                return Err(BadInput::Uninformative { what: "the relative comparison", why });
            }
            let value = difference / base;
            // Var(N/D) for N = difference and D = control value, which share the control arm.
            let shared = 2.0 * value * control.covariance + value * value * control.variance;
            (value, (variance + shared / control.units) / (base * base))
        }
    };
    let freedom = satterthwaite(control_variance, control.units, treatment_variance, treatment.units);
    if !(variance > 0.0 && variance.is_finite() && value.is_finite()) {
        let why = "its variance is beyond what numbers can hold; rescale the metric";
        return Err(BadInput::Uninformative { what: "the comparison", why });
    }
    Ok(Effect {
        scale,
        value,
        standard_error: variance.sqrt(),
        degrees_of_freedom: freedom,
        units: control.units + treatment.units,
        baseline: control.value,
    })
}

/// Degrees of freedom of a sum of two variances of means, each from so many units.
pub(crate) fn satterthwaite(left: f64, left_units: f64, right: f64, right_units: f64) -> f64 {
    let total = left + right;
    let (left, right) = (left / total, right / total);
    1.0 / (left * left / (left_units - 1.0) + right * right / (right_units - 1.0))
}
