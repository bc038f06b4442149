//! Post-stratification: the effect within each stratum, weighted by the strata's shares of all customers.
//!
//! Strata are known before the start (country, tier, store) and the draw need not have been stratified. The
//! variance is that of the effect on the population the customers come from: Σ W² v over strata, and Σ W
//! (effect − mean)² / n because the shares themselves are a draw (Miratrix, Sekhon and Yu 2013, with their
//! conditional variance as first term).

use super::arm::Arm;
use super::effect::{Effect, Scale};
use crate::inputs::{BadInput, not_empty};

/// The two arms within one stratum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    /// Control customers of the stratum.
    pub control: Arm,
    /// Its treated customers.
    pub treatment: Arm,
}

/// The effect over all strata. A stratum that lacks an arm has no [`Stratum`]: merge it with a neighbour
/// first.
///
/// Covariate-adjusted arms are taken as adjusted. Refuses no strata and strata none of which varies.
pub fn post_stratify(strata: &[Stratum], scale: Scale) -> Result<Effect, BadInput> {
    not_empty("strata", strata)?;
    let size = |stratum: &Stratum| stratum.control.units + stratum.treatment.units;
    let units: f64 = strata.iter().map(size).sum();
    let weighted = |of: &dyn Fn(&Stratum) -> f64| strata.iter().map(|s| size(s) / units * of(s)).sum::<f64>();
    let squared =
        |of: &dyn Fn(&Stratum) -> f64| strata.iter().map(|s| (size(s) / units).powi(2) * of(s)).sum::<f64>();

    let difference = |s: &Stratum| s.treatment.adjusted - s.control.adjusted;
    let noise = |s: &Stratum| {
        s.control.adjusted_variance / s.control.units + s.treatment.adjusted_variance / s.treatment.units
    };
    let mean = weighted(&difference);
    let between = weighted(&|s| (difference(s) - mean).powi(2)) / units;
    let variance = squared(&noise) + between;
    if !(variance > 0.0 && variance.is_finite()) {
        let why = "no arm varies in any stratum; wait for more customers or choose another metric";
        return Err(BadInput::Uninformative { what: "the stratified comparison", why });
    }
    let baseline = weighted(&|s| s.control.value);
    let (value, variance) = match scale {
        Scale::Absolute => (mean, variance),
        Scale::Relative => {
            if baseline <= 0.0 {
                let why = "the control value is not above zero; compare absolutely";
                return Err(BadInput::Uninformative { what: "the relative comparison", why });
            }
            let value = mean / baseline;
            let base_noise = squared(&|s| s.control.variance / s.control.units)
                + weighted(&|s| (s.control.value - baseline).powi(2)) / units;
            let shared = weighted(&|s| (difference(s) - mean) * (s.control.value - baseline)) / units
                - squared(&|s| s.control.covariance / s.control.units);
            let numerator = variance - 2.0 * value * shared + value * value * base_noise;
            (value, numerator / (baseline * baseline))
        }
    };
    Ok(Effect {
        scale,
        value,
        standard_error: variance.max(f64::MIN_POSITIVE).sqrt(),
        degrees_of_freedom: freedom(strata, units),
        units,
        baseline,
    })
}

/// Satterthwaite's degrees of freedom of Σ W² v over all arms of all strata.
fn freedom(strata: &[Stratum], units: f64) -> f64 {
    let (mut total, mut quartic) = (0.0, 0.0);
    for stratum in strata {
        let weight = ((stratum.control.units + stratum.treatment.units) / units).powi(2);
        for arm in [stratum.control, stratum.treatment] {
            let part = weight * arm.adjusted_variance / arm.units;
            total += part;
            quartic += part * part / (arm.units - 1.0);
        }
    }
    if quartic > 0.0 { total * total / quartic } else { (units - 2.0 * strata.len() as f64).max(1.0) }
}
