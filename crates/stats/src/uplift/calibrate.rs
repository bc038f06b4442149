//! Do scores mean what they say: the best linear predictor of the effect.

use serde::{Deserialize, Serialize};

use super::Refused;
use crate::inputs::{finite, not_empty, same_rows};

/// The regression of the effect on what was predicted for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BestLinearPredictor {
    /// The average effect.
    pub average: f64,
    /// Its standard error.
    pub average_error: f64,
    /// How much the effect rises when the prediction rises by one: 1 is right, below 1 overstates the differences
    /// between customers, 0 says nothing about them. `None` where all predictions are alike.
    pub slope: Option<f64>,
    /// Its standard error, robust to unequal variance (HC1).
    pub slope_error: Option<f64>,
}

/// Regresses effect scores (Γ(a) − Γ(0), see [`super::aipw`]) on predictions made for rows not seen (Chernozhukov,
/// Demirer, Duflo and Fernández-Val 2018). `fold` tells which model predicted a row; predictions are compared within a
/// fold only, since the means of two models differ for reasons that say nothing about customers. Give zeros where one
/// model predicted all.
pub fn best_linear_predictor(
    predicted: &[f64],
    effect_scores: &[f64],
    fold: &[usize],
) -> Result<BestLinearPredictor, Refused> {
    not_empty("predicted", predicted)?;
    same_rows("predicted", predicted, "effect_scores", effect_scores)?;
    same_rows("predicted", predicted, "fold", fold)?;
    finite("predicted", predicted)?;
    finite("effect_scores", effect_scores)?;
    let (average, average_error) = super::mean_and_error(effect_scores);
    let said = within(predicted, fold);
    let seen = within(effect_scores, fold);
    let spread: f64 = said.iter().map(|x| x * x).sum();
    let largest = predicted.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let rows = predicted.len() as f64;
    // Rounding leaves a trace of spread in equal predictions.
    if spread <= rows * (1e-12 * largest).powi(2) || spread == 0.0 {
        return Ok(BestLinearPredictor { average, average_error, slope: None, slope_error: None });
    }
    let slope = said.iter().zip(&seen).map(|(x, y)| x * y).sum::<f64>() / spread;
    let meat: f64 = said.iter().zip(&seen).map(|(x, y)| (x * (y - slope * x)).powi(2)).sum();
    let error = (meat * rows / (rows - 2.0).max(1.0)).sqrt() / spread;
    super::refused::in_range("best linear predictor", &[slope, error])?;
    Ok(BestLinearPredictor { average, average_error, slope: Some(slope), slope_error: Some(error) })
}

/// A column less the mean of its fold.
fn within(values: &[f64], fold: &[usize]) -> Vec<f64> {
    let mut sums: std::collections::BTreeMap<usize, (f64, f64)> = Default::default();
    for (value, fold) in values.iter().zip(fold) {
        let sum = sums.entry(*fold).or_default();
        *sum = (sum.0 + value, sum.1 + 1.0);
    }
    values.iter().zip(fold).map(|(value, fold)| value - sums[fold].0 / sums[fold].1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_by_hand() {
        // x centred: −1.5, −0.5, 0.5, 1.5; Σx² = 5; Σxy = −1.5·0 − 0.5·2 + 0.5·1 + 1.5·3 = 4.
        let line = best_linear_predictor(&[1.0, 2.0, 3.0, 4.0], &[0.0, 2.0, 1.0, 3.0], &[0; 4]).unwrap();
        assert!((line.slope.unwrap() - 0.8).abs() < 1e-12 && (line.average - 1.5).abs() < 1e-12);
        // Residuals −0.3, 0.9, −0.9, 0.3: Σx²e² = 2·(2.25·0.09 + 0.25·0.81) = 0.81; HC1 doubles it.
        assert!((line.slope_error.unwrap() - 1.62_f64.sqrt() / 5.0).abs() < 1e-12);
    }

    #[test]
    fn levels_of_folds_do_not_count_and_equal_predictions_have_no_slope() {
        let line =
            best_linear_predictor(&[1.0, 2.0, 101.0, 102.0], &[0.0, 1.0, 0.0, 1.0], &[0, 0, 1, 1]).unwrap();
        assert!((line.slope.unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(best_linear_predictor(&[0.1; 3], &[0.0, 1.0, 5.0], &[0; 3]).unwrap().slope, None);
        assert!(best_linear_predictor(&[], &[], &[]).is_err());
        assert!(best_linear_predictor(&[f64::NAN], &[0.0], &[0]).is_err());
    }
}
