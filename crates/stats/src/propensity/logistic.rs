//! Logistic regression with a ridge, by Newton's method with Cholesky steps.

use serde::{Deserialize, Serialize};

use crate::inputs::{BadInput, same_rows};
use crate::table::{Scale, Table};

const STEPS_AT_MOST: usize = 100;

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    /// Log-odds of a customer with every column at its mean.
    pub intercept: f64,
    /// Log-odds per standard deviation of each column.
    pub coefficients: Vec<f64>,
    /// The scale of the columns.
    pub scale: Scale,
    /// The ridge the fit was made with.
    pub ridge: f64,
    /// Newton steps taken.
    pub steps: u32,
    /// Whether the last step was too small to matter.
    pub has_converged: bool,
    /// The log-likelihood, without the ridge.
    pub log_likelihood: f64,
}

impl Logistic {
    /// Fits outcomes to the columns of a table. `ridge` is the weight of half the sum of squared coefficients on
    /// standardised columns (1 is a good start, 0 is plain maximum likelihood); the intercept is free.
    pub fn fit(table: &Table, happened: &[bool], ridge: f64) -> Result<Logistic, BadInput> {
        let row_numbers: Vec<usize> = (0..table.rows()).collect();
        same_rows("table", &row_numbers, "happened", happened)?;
        if !(ridge >= 0.0 && ridge.is_finite()) {
            return Err(BadInput::Setting { setting: "ridge", value: ridge, range: "0 or more" });
        }
        let yes = happened.iter().filter(|is| **is).count();
        if yes == 0 || yes == happened.len() {
            let why = "every row has the same outcome; choose a horizon in which some order and some do not";
            return Err(BadInput::Uninformative { what: "propensity", why });
        }
        let scale = Scale::new(table);
        let scaled = scale.apply(table);
        let share = yes as f64 / happened.len() as f64;
        let mut beta = vec![0.0; table.columns() + 1];
        beta[0] = (share / (1.0 - share)).ln();
        let mut value = objective(&scaled, happened, &beta, ridge);
        let (mut steps, mut has_converged) = (0, false);
        while steps < STEPS_AT_MOST as u32 && !has_converged {
            steps += 1;
            let step = newton_step(&scaled, happened, &beta, ridge);
            let mut length = 1.0;
            loop {
                let next: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b + length * s).collect();
                let next_value = objective(&scaled, happened, &next, ridge);
                if next_value >= value - 1e-12 * value.abs() {
                    let moved = step.iter().map(|s| (length * s).abs()).fold(0.0, f64::max);
                    has_converged = moved < 1e-9;
                    (beta, value) = (next, next_value);
                    break;
                }
                length /= 2.0;
                if length < 1e-10 {
                    has_converged = true;
                    break;
                }
            }
        }
        let log_likelihood = objective(&scaled, happened, &beta, 0.0);
        let coefficients = beta.split_off(1);
        Ok(Logistic { intercept: beta[0], coefficients, scale, ridge, steps, has_converged, log_likelihood })
    }

    /// The probability for one row.
    pub fn probability(&self, row: &[f64]) -> f64 {
        let sum: f64 = self.scale.row(row).zip(&self.coefficients).map(|(x, c)| x * c).sum();
        logistic(self.intercept + sum)
    }
}

pub(super) fn logistic(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

fn odds(beta: &[f64], row: &[f64]) -> f64 {
    beta[0] + beta[1..].iter().zip(row).map(|(b, x)| b * x).sum::<f64>()
}

fn objective(table: &Table, happened: &[bool], beta: &[f64], ridge: f64) -> f64 {
    let likelihood: f64 = table
        .iter()
        .zip(happened)
        .map(|(row, is)| {
            let z = if *is { odds(beta, row) } else { -odds(beta, row) };
            // ln of 1/(1 + e^−z), without overflow.
            z.min(0.0) - (-z.abs()).exp().ln_1p()
        })
        .sum();
    likelihood - ridge / 2.0 * beta[1..].iter().map(|b| b * b).sum::<f64>()
}

fn newton_step(table: &Table, happened: &[bool], beta: &[f64], ridge: f64) -> Vec<f64> {
    let size = beta.len();
    let mut gradient = vec![0.0; size];
    let mut hessian = vec![0.0; size * size];
    let mut padded = vec![1.0; size];
    for (row, is) in table.iter().zip(happened) {
        padded[1..].copy_from_slice(row);
        let p = logistic(odds(beta, row));
        let (residual, weight) = (f64::from(u8::from(*is)) - p, p * (1.0 - p));
        for i in 0..size {
            gradient[i] += residual * padded[i];
            let scaled = weight * padded[i];
            for j in 0..=i {
                hessian[i * size + j] += scaled * padded[j];
            }
        }
    }
    for i in 1..size {
        gradient[i] -= ridge * beta[i];
        hessian[i * size + i] += ridge;
    }
    // Columns that repeat each other make the matrix singular without a ridge; a growing diagonal mends it.
    let mut extra = 0.0;
    loop {
        if let Some(step) = solve_cholesky(&hessian, &gradient, extra) {
            return step;
        }
        let largest = (0..size).map(|i| hessian[i * size + i]).fold(1e-12, f64::max);
        extra = if extra == 0.0 { 1e-10 * largest } else { extra * 10.0 };
        if !extra.is_finite() {
            return vec![0.0; size];
        }
    }
}

/// Solves (A + extra·I) x = b for a symmetric A given by its lower triangle; `None` when not positive definite.
pub(crate) fn solve_cholesky(matrix: &[f64], right: &[f64], extra: f64) -> Option<Vec<f64>> {
    let size = right.len();
    let mut lower = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..=i {
            let inner: f64 = (0..j).map(|k| lower[i * size + k] * lower[j * size + k]).sum();
            let rest = matrix[i * size + j] - inner;
            if i == j {
                let pivot = rest + extra;
                if pivot.is_nan() || pivot <= 1e-13 * matrix[i * size + i].abs() || pivot <= 0.0 {
                    return None;
                }
                lower[i * size + i] = pivot.sqrt();
            } else {
                lower[i * size + j] = rest / lower[j * size + j];
            }
        }
    }
    let mut solution = right.to_vec();
    for i in 0..size {
        let inner: f64 = (0..i).map(|k| lower[i * size + k] * solution[k]).sum();
        solution[i] = (solution[i] - inner) / lower[i * size + i];
    }
    for i in (0..size).rev() {
        let inner: f64 = (i + 1..size).map(|k| lower[k * size + i] * solution[k]).sum();
        solution[i] = (solution[i] - inner) / lower[i * size + i];
    }
    Some(solution)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_distr::{Distribution, StandardNormal};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    /// Rows of two columns whose log-odds are −0.5 + 1.2·x + `bend`·(y² − 1).
    pub fn planted(rows: usize, bend: f64, seed: u64) -> (Table, Vec<bool>) {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let (mut values, mut happened) = (Vec::new(), Vec::new());
        for _ in 0..rows {
            let (x, y): (f64, f64) = (StandardNormal.sample(&mut random), StandardNormal.sample(&mut random));
            values.extend([x, y]);
            happened.push(random.random::<f64>() < logistic(-0.5 + 1.2 * x + bend * (y * y - 1.0)));
        }
        (Table::new(2, values).unwrap(), happened)
    }

    #[test]
    fn planted_coefficients_are_recovered() {
        let (table, happened) = planted(30_000, 0.0, 1);
        let model = Logistic::fit(&table, &happened, 1.0).unwrap();
        let per_unit = model.coefficients[0] / model.scale.deviations[0];
        assert!(model.has_converged && model.steps < 15);
        assert!((per_unit - 1.2).abs() < 0.05 && model.coefficients[1].abs() < 0.04, "{model:?}");
        assert!((model.probability(&[0.0, 0.0]) - logistic(-0.5)).abs() < 0.01);
    }

    #[test]
    fn at_the_maximum_the_mean_probability_is_the_base_rate() {
        let (table, happened) = planted(500, 0.0, 2);
        let model = Logistic::fit(&table, &happened, 0.0).unwrap();
        let mean: f64 = table.iter().map(|row| model.probability(row)).sum::<f64>() / 500.0;
        let base = happened.iter().filter(|is| **is).count() as f64 / 500.0;
        assert!((mean - base).abs() < 1e-9);
    }

    #[test]
    fn separable_repeated_and_constant_columns_still_give_finite_numbers() {
        let table = Table::new(3, vec![0.0, 0.0, 5.0, 1.0, 1.0, 5.0, 2.0, 2.0, 5.0, 3.0, 3.0, 5.0]).unwrap();
        let happened = [false, false, true, true];
        for ridge in [0.0, 1e-6, 1.0] {
            let model = Logistic::fit(&table, &happened, ridge).unwrap();
            assert!(model.coefficients.iter().all(|c| c.is_finite()), "ridge {ridge}");
            assert!(model.probability(&[3.0, 3.0, 5.0]) > 0.5);
        }
    }

    #[test]
    fn one_sided_outcomes_are_refused() {
        let table = Table::new(1, vec![1.0, 2.0]).unwrap();
        assert!(Logistic::fit(&table, &[true, true], 1.0).is_err());
        assert!(Logistic::fit(&table, &[true], 1.0).is_err());
        assert!(Logistic::fit(&table, &[true, false], -1.0).is_err());
    }

    proptest! {
        #[test]
        fn any_table_is_fitted_without_a_nan(
            rows in prop::collection::vec((-1e3..1e3f64, 0..3i32, prop::bool::ANY), 4..40),
        ) {
            let table =
                Table::new(2, rows.iter().flat_map(|row| [row.0, f64::from(row.1)]).collect()).unwrap();
            let happened: Vec<bool> = rows.iter().map(|row| row.2).collect();
            if let Ok(model) = Logistic::fit(&table, &happened, 1.0) {
                prop_assert!(model.has_converged);
                prop_assert!(table.iter().all(|row| (0.0..=1.0).contains(&model.probability(row))));
            }
        }
    }
}
