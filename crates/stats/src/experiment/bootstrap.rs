//! The bootstrap of an effect between arms, where no formula is trusted.
//!
//! Arms are resampled apart by [`crate::bootstrap`]; to resample clusters, pass one row per cluster.

use super::effect::Scale;
use crate::bootstrap::sums;
use crate::inputs::{BadInput, not_empty};
use crate::table::Table;

/// Replicates of the effect of treatment on a mean, the arms resampled apart. Relative to a control mean that
/// comes out at or below zero in some replicate is refused.
pub fn difference(
    control: &[f64],
    treatment: &[f64],
    scale: Scale,
    replicates: usize,
    seed: u64,
) -> Result<Vec<f64>, BadInput> {
    let left = means(control, replicates, seed)?;
    let right = means(treatment, replicates, !seed)?;
    if scale == Scale::Relative && left.iter().any(|mean| *mean <= 0.0) {
        let why = "the control mean is not clearly above zero; compare absolutely";
        return Err(BadInput::Uninformative { what: "the relative comparison", why });
    }
    let effect = |(control, treatment): (&f64, &f64)| match scale {
        Scale::Absolute => treatment - control,
        Scale::Relative => (treatment - control) / control,
    };
    Ok(left.iter().zip(&right).map(effect).collect())
}

fn means(values: &[f64], replicates: usize, seed: u64) -> Result<Vec<f64>, BadInput> {
    not_empty("values", values)?;
    let drawn = sums(&Table::new(1, values.to_vec())?, replicates, seed)?;
    Ok(drawn.iter().map(|row| row[0] / row[1]).collect())
}
