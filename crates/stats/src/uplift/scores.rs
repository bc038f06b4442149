//! Augmented inverse-probability scores: one unbiased guess of every arm's outcome for every row.

use serde::Serialize;

use super::learner::{across, per_arm};
use super::refused::in_range;
use super::{Base, Refused, Trial, mean_and_error};
use crate::inputs::same_rows;
use crate::table::Table;

/// The mean outcome of each row and arm (rows × arms), each by regressions that had not seen the row.
pub fn cross_fit_means(trial: &Trial, base: &Base, folds: usize, seed: u64) -> Result<Table, Refused> {
    let fold = trial.folds(folds, seed)?;
    let mut columns = vec![vec![0.0; trial.rows()]; trial.arms()];
    for held in 0..folds {
        let rows: Vec<usize> = (0..trial.rows()).filter(|row| fold[*row] == held).collect();
        if rows.is_empty() {
            continue;
        }
        let others: Vec<usize> = (0..trial.rows()).filter(|row| fold[*row] != held).collect();
        let table = trial.table().take(&rows);
        for (column, mean) in columns.iter_mut().zip(per_arm(&trial.take(&others)?, base, seed)?) {
            rows.iter().zip(mean.of(&table)).for_each(|(row, value)| column[*row] = value);
        }
    }
    across(&columns, "means by arm")
}

/// Scores Γ(i, a) = μ(a | x) + 1{A = a} · (Y − μ(a | x)) / p(a) for every row and arm, given means (rows × arms) by
/// regressions that had not seen the row (Robins, Rotnitzky and Zhao 1994). With known p their mean is unbiased for
/// the outcome under "arm a for everybody" whatever the regressions are.
pub fn aipw(trial: &Trial, means: &Table) -> Result<Table, Refused> {
    same_rows("means", &vec![0; means.rows()], "trial", trial.arm())?;
    if means.columns() != trial.arms() {
        let (setting, value, range) = ("columns of means", means.columns() as f64, "the number of arms");
        return Err(crate::inputs::BadInput::Setting { setting, value, range }.into());
    }
    let mut values = Vec::with_capacity(means.rows() * means.columns());
    for (row, means) in means.iter().enumerate() {
        values.extend_from_slice(means);
        let arm = trial.arm()[row];
        let place = values.len() - trial.arms() + arm;
        values[place] += (trial.outcome()[row] - means[arm]) / trial.assignment().of(row, arm);
    }
    in_range("scores", &values)?;
    Ok(Table::new(trial.arms(), values)?)
}

/// Γ(i, arm) − Γ(i, control) of each row.
pub(crate) fn contrast(scores: &Table, arm: usize) -> Vec<f64> {
    scores.iter().map(|row| row[arm] - row[0]).collect()
}

/// What an arm changes on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AverageEffect {
    /// The arm, from 1.
    pub arm: usize,
    /// The mean difference from the control.
    pub effect: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// The average effect of each arm but the control, from scores (rows × arms).
pub fn average_effects(scores: &Table) -> Vec<AverageEffect> {
    (1..scores.columns())
        .map(|arm| {
            let (effect, standard_error) = mean_and_error(&contrast(scores, arm));
            AverageEffect { arm, effect, standard_error }
        })
        .collect()
}
