//! Errors of a forecast of amounts or counts.

use serde::Serialize;

use crate::inputs::{BadInput, finite, not_empty, same_rows};

/// How far a forecast was off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Errors {
    /// Rows compared.
    pub rows: u64,
    /// Mean of what happened.
    pub mean_actual: f64,
    /// Mean of what was predicted.
    pub mean_predicted: f64,
    /// Mean absolute error per row.
    pub mae: f64,
    /// Root of the mean squared error per row.
    pub rmse: f64,
    /// Sum of absolute errors over the sum of actuals; `None` when that sum is not above zero.
    pub wape: Option<f64>,
    /// Sum predicted over sum actual, less 1; `None` when the sum of actuals is not above zero.
    pub bias: Option<f64>,
}

/// Compares predictions with what happened, row by row.
pub fn errors(predicted: &[f64], actual: &[f64]) -> Result<Errors, BadInput> {
    not_empty("actual", actual)?;
    same_rows("predicted", predicted, "actual", actual)?;
    finite("predicted", predicted)?;
    finite("actual", actual)?;
    let rows = actual.len() as f64;
    let off = || predicted.iter().zip(actual).map(|(p, a)| p - a);
    let absolute: f64 = off().map(f64::abs).sum();
    let (sum_predicted, sum_actual): (f64, f64) = (predicted.iter().sum(), actual.iter().sum());
    let of_actual = |part: f64| (sum_actual > 0.0).then(|| part / sum_actual);
    Ok(Errors {
        rows: actual.len() as u64,
        mean_actual: sum_actual / rows,
        mean_predicted: sum_predicted / rows,
        mae: absolute / rows,
        rmse: (off().map(|e| e * e).sum::<f64>() / rows).sqrt(),
        wape: of_actual(absolute),
        bias: of_actual(sum_predicted - sum_actual),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_rows_by_hand() {
        let found = errors(&[1.0, 2.0, 3.0, 6.0], &[0.0, 2.0, 5.0, 3.0]).unwrap();
        assert_eq!((found.mae, found.wape, found.bias), (1.5, Some(0.6), Some(0.2)));
        assert!((found.rmse - 3.5_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn without_actuals_there_is_no_share() {
        let found = errors(&[1.0], &[0.0]).unwrap();
        assert_eq!((found.mae, found.wape, found.bias), (1.0, None, None));
        assert!(errors(&[], &[]).is_err());
        assert!(errors(&[1.0], &[1.0, 2.0]).is_err());
        assert!(errors(&[f64::NAN], &[1.0]).is_err());
    }
}
