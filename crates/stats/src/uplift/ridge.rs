//! Weighted least squares with a ridge.

use serde::{Deserialize, Serialize};

use super::Refused;
use super::refused::in_range;
use crate::propensity::solve_cholesky;
use crate::table::{Scale, Table};

/// A fitted ridge regression (Hoerl and Kennard 1970) on standardised columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ridge {
    /// The value of a row with every column at its mean.
    pub intercept: f64,
    /// Per standard deviation of each column.
    pub coefficients: Vec<f64>,
    /// The scale of the columns.
    pub scale: Scale,
}

impl Ridge {
    /// Fits a target. `weights` count rows (all 1 where `None`); `ridge` is the weight of the sum of squared
    /// coefficients beside the sum of squared errors; the intercept is free.
    pub fn fit(table: &Table, target: &[f64], weights: Option<&[f64]>, ridge: f64) -> Result<Ridge, Refused> {
        if !(ridge >= 0.0 && ridge.is_finite()) {
            let (setting, value) = ("ridge", ridge);
            return Err(crate::inputs::BadInput::Setting { setting, value, range: "0 or more" }.into());
        }
        let scale = Scale::new(table);
        let size = table.columns() + 1;
        let mut gram = vec![0.0; size * size];
        let mut moments = vec![0.0; size];
        let mut padded = vec![1.0; size];
        for (row, values) in table.iter().enumerate() {
            padded[1..].iter_mut().zip(scale.row(values)).for_each(|(to, from)| *to = from);
            let weight = weights.map_or(1.0, |weights| weights[row]);
            for (i, left) in padded.iter().enumerate() {
                let scaled = weight * left;
                moments[i] += scaled * target[row];
                let line = &mut gram[i * size..i * size + i + 1];
                line.iter_mut().zip(&padded).for_each(|(to, right)| *to += scaled * right);
            }
        }
        (1..size).for_each(|i| gram[i * size + i] += ridge);
        in_range("ridge regression", &gram)?;
        let mut beta = solve(&gram, &moments);
        in_range("ridge regression", &beta)?;
        let coefficients = beta.split_off(1);
        Ok(Ridge { intercept: beta[0], coefficients, scale })
    }

    /// The value of a row.
    pub fn value(&self, row: &[f64]) -> f64 {
        self.intercept + self.scale.row(row).zip(&self.coefficients).map(|(x, c)| x * c).sum::<f64>()
    }
}

/// Columns that repeat each other make the matrix singular without a ridge; a growing diagonal mends it.
fn solve(gram: &[f64], moments: &[f64]) -> Vec<f64> {
    let size = moments.len();
    let largest = (0..size).map(|i| gram[i * size + i]).fold(1e-12, f64::max);
    let mut extra = 0.0;
    loop {
        if let Some(beta) = solve_cholesky(gram, moments, extra) {
            return beta;
        }
        extra = if extra == 0.0 { 1e-10 * largest } else { extra * 10.0 };
        if !extra.is_finite() {
            return vec![0.0; size];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_points_by_hand() {
        // y = 1 + 2x exactly; weights must not matter then, and a ridge pulls the slope to 2·Σz²/(Σz² + ridge).
        let table = Table::new(1, vec![0.0, 1.0, 2.0, 3.0]).unwrap();
        let target = [1.0, 3.0, 5.0, 7.0];
        for weights in [None, Some(&[1.0, 5.0, 2.0, 1.0][..])] {
            let fit = Ridge::fit(&table, &target, weights, 0.0).unwrap();
            assert!((fit.value(&[10.0]) - 21.0).abs() < 1e-9);
        }
        let pulled = Ridge::fit(&table, &target, None, 4.0).unwrap();
        assert!((pulled.value(&[1.5]) - 4.0).abs() < 1e-12);
        assert!((pulled.value(&[2.5]) - 4.0 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn repeated_and_constant_columns_give_finite_numbers_and_overflow_is_refused() {
        let table = Table::new(3, vec![0.0, 0.0, 5.0, 1.0, 1.0, 5.0, 2.0, 2.0, 5.0]).unwrap();
        let fit = Ridge::fit(&table, &[0.0, 1.0, 2.0], None, 0.0).unwrap();
        assert!((fit.value(&[3.0, 3.0, 5.0]) - 3.0).abs() < 1e-6);
        assert!(Ridge::fit(&table, &[0.0, 1.0, 2.0], None, -1.0).is_err());
        let far = Table::new(1, vec![-1e300, 1e300]).unwrap();
        assert!(matches!(
            Ridge::fit(&far, &[1e300, -1e300], None, 1.0),
            Ok(_) | Err(Refused::Overflow { .. })
        ));
    }
}
