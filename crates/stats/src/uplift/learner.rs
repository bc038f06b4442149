//! Meta-learners: ways of putting regressions together so that they estimate an effect.

use serde::{Deserialize, Serialize};

use super::base::Mean;
use super::refused::in_range;
use super::scores::{aipw, contrast, cross_fit_means};
use super::{Base, Refused, Trial};
use crate::inputs::BadInput;
use crate::table::{Scale, Table};

/// How regressions are put together. Künzel, Sekhon, Bickel and Yu (2019) name S, T and X; Nie and Wager (2021) R;
/// Kennedy (2023) DR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meta {
    /// One regression of the outcome on features and arm (with their products, for the linear ones).
    S,
    /// One regression per arm; an effect is their difference.
    T,
    /// T, then each arm's own differences from what the other arm's regression imputes, regressed again.
    X,
    /// Residual of the outcome on residual of the arm.
    R,
    /// Doubly robust scores regressed on the features.
    Dr,
}

/// A meta-learner with its base.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Learner {
    /// How regressions are put together.
    pub meta: Meta,
    /// The regression.
    pub base: Base,
}

impl Learner {
    /// The default: one regression per arm, logistic for outcomes of 0 and 1 and least squares otherwise. On public
    /// mailing data it ranks no worse than anything boosted, is better calibrated, and a person can read it.
    pub fn usual(is_binary: bool) -> Learner {
        Learner { meta: Meta::T, base: Base::linear(is_binary) }
    }

    /// Fits to all rows of a trial. `folds` are those of the inner cross-fitting that R and DR need.
    pub fn fit(&self, trial: &Trial, folds: usize, seed: u64) -> Result<Effects, Refused> {
        let base = &self.base;
        let shape = match self.meta {
            Meta::S => single(trial, base, seed)?,
            Meta::T => Shape::PerArm(per_arm(trial, base, seed)?),
            Meta::X => imputed(trial, base, seed)?,
            Meta::R => residual(trial, base, folds, seed)?,
            Meta::Dr => doubly_robust(trial, base, folds, seed)?,
        };
        Ok(Effects { arms: trial.arms(), columns: trial.table().columns(), shape })
    }
}

/// A fitted effect of every arm.
#[derive(Debug, Serialize, Deserialize)]
pub struct Effects {
    arms: usize,
    columns: usize,
    shape: Shape,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    /// S: the mean given features and arm.
    Single { scale: Scale, has_products: bool, mean: Mean },
    /// T: a mean per arm, the control first.
    PerArm(Vec<Mean>),
    /// X: per action, the effect as seen from the control and from the action, and the weight of the former.
    Imputed(Vec<(Mean, Mean, f64)>),
    /// R and DR: an effect per action.
    Direct(Vec<Mean>),
}

impl Effects {
    /// How many arms, with the control.
    pub fn arms(&self) -> usize {
        self.arms
    }

    /// Effects of each row: rows × (arms − 1), in the unit of the outcome.
    pub fn of(&self, table: &Table) -> Result<Table, Refused> {
        self.same_columns(table)?;
        let columns: Vec<Vec<f64>> = match &self.shape {
            Shape::Direct(means) => means.iter().map(|mean| mean.of(table)).collect(),
            Shape::Imputed(pairs) => pairs
                .iter()
                .map(|(control, action, weight)| {
                    let blend = |(c, a): (f64, f64)| weight * c + (1.0 - weight) * a;
                    control.of(table).into_iter().zip(action.of(table)).map(blend).collect()
                })
                .collect(),
            Shape::Single { .. } | Shape::PerArm(_) => {
                let means = self.means_by_arm(table)?;
                let from_control = |mean: &Vec<f64>| mean.iter().zip(&means[0]).map(|(m, c)| m - c).collect();
                means[1..].iter().map(from_control).collect()
            }
        };
        across(&columns, "uplift scores")
    }

    /// Means of each row and arm (rows × arms) where the learner has them (S and T).
    pub fn means(&self, table: &Table) -> Result<Option<Table>, Refused> {
        self.same_columns(table)?;
        match &self.shape {
            Shape::Single { .. } | Shape::PerArm(_) => {
                across(&self.means_by_arm(table)?, "means by arm").map(Some)
            }
            Shape::Imputed(_) | Shape::Direct(_) => Ok(None),
        }
    }

    fn means_by_arm(&self, table: &Table) -> Result<Vec<Vec<f64>>, Refused> {
        match &self.shape {
            Shape::PerArm(means) => Ok(means.iter().map(|mean| mean.of(table)).collect()),
            Shape::Single { scale, has_products, mean } => (0..self.arms)
                .map(|arm| {
                    Ok(mean.of(&with_arm(table, scale, *has_products, self.arms, &vec![arm; table.rows()])?))
                })
                .collect(),
            Shape::Imputed(_) | Shape::Direct(_) => Ok(vec![]),
        }
    }

    fn same_columns(&self, table: &Table) -> Result<(), BadInput> {
        if table.columns() == self.columns {
            return Ok(());
        }
        let (left, right) = ("columns of the table", "columns of the fit");
        Err(BadInput::Lengths { left, left_rows: table.columns(), right, right_rows: self.columns })
    }
}

/// Columns put side by side.
pub(super) fn across(columns: &[Vec<f64>], what: &'static str) -> Result<Table, Refused> {
    let rows = columns[0].len();
    let values: Vec<f64> = (0..rows).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    in_range(what, &values)?;
    Ok(Table::new(columns.len(), values)?)
}

fn single(trial: &Trial, base: &Base, seed: u64) -> Result<Shape, Refused> {
    let scale = Scale::new(trial.table());
    let has_products = !matches!(base, Base::Boosted(_));
    let table = with_arm(trial.table(), &scale, has_products, trial.arms(), trial.arm())?;
    let mean = base.level(&table, trial.outcome(), trial.is_binary(), seed)?;
    Ok(Shape::Single { scale, has_products, mean })
}

/// Features, an indicator of each action, and (for linear bases) their products.
fn with_arm(
    table: &Table,
    scale: &Scale,
    has_products: bool,
    arms: usize,
    arm: &[usize],
) -> Result<Table, Refused> {
    let mut values = Vec::new();
    for (row, arm) in table.iter().zip(arm) {
        values.extend(scale.row(row));
        for action in 1..arms {
            let is = f64::from(u8::from(action == *arm));
            values.push(is);
            if has_products {
                values.extend(scale.row(row).map(|value| is * value));
            }
        }
    }
    let columns = table.columns() + (arms - 1) * (1 + if has_products { table.columns() } else { 0 });
    in_range("standardised features", &values)?;
    Ok(Table::new(columns, values)?)
}

pub(super) fn per_arm(trial: &Trial, base: &Base, seed: u64) -> Result<Vec<Mean>, Refused> {
    (0..trial.arms())
        .map(|arm| {
            let rows = trial.rows_of(arm);
            let outcome: Vec<f64> = rows.iter().map(|row| trial.outcome()[*row]).collect();
            base.level(&trial.table().take(&rows), &outcome, trial.is_binary(), seed)
        })
        .collect()
}

fn imputed(trial: &Trial, base: &Base, seed: u64) -> Result<Shape, Refused> {
    let means = per_arm(trial, base, seed)?;
    let control_rows = trial.rows_of(0);
    let control_table = trial.table().take(&control_rows);
    let pairs = (1..trial.arms()).map(|arm| {
        let rows = trial.rows_of(arm);
        let table = trial.table().take(&rows);
        let gained: Vec<f64> =
            rows.iter().zip(means[0].of(&table)).map(|(row, mean)| trial.outcome()[*row] - mean).collect();
        let missed: Vec<f64> = control_rows
            .iter()
            .zip(means[arm].of(&control_table))
            .map(|(row, mean)| mean - trial.outcome()[*row])
            .collect();
        let (control, action) = (trial.assignment().mean(0), trial.assignment().mean(arm));
        let from_control = base.effect(&control_table, &missed, None, seed)?;
        Ok((from_control, base.effect(&table, &gained, None, seed)?, action / (control + action)))
    });
    Ok(Shape::Imputed(pairs.collect::<Result<_, Refused>>()?))
}

fn residual(trial: &Trial, base: &Base, folds: usize, seed: u64) -> Result<Shape, Refused> {
    let means = cross_fit_means(trial, base, folds, seed)?;
    let fits = (1..trial.arms()).map(|arm| {
        let rows: Vec<usize> =
            (0..trial.rows()).filter(|row| [0, arm].contains(&trial.arm()[*row])).collect();
        let (mut target, mut weights) = (Vec::new(), Vec::new());
        for row in &rows {
            let (control, action) = (trial.assignment().of(*row, 0), trial.assignment().of(*row, arm));
            let share = action / (control + action);
            let mean = (1.0 - share) * means.row(*row)[0] + share * means.row(*row)[arm];
            let surprise = f64::from(u8::from(trial.arm()[*row] == arm)) - share;
            target.push((trial.outcome()[*row] - mean) / surprise);
            weights.push(surprise * surprise);
        }
        base.effect(&trial.table().take(&rows), &target, Some(&weights), seed)
    });
    Ok(Shape::Direct(fits.collect::<Result<_, _>>()?))
}

fn doubly_robust(trial: &Trial, base: &Base, folds: usize, seed: u64) -> Result<Shape, Refused> {
    let scores = aipw(trial, &cross_fit_means(trial, base, folds, seed)?)?;
    let fits = (1..trial.arms()).map(|arm| base.effect(trial.table(), &contrast(&scores, arm), None, seed));
    Ok(Shape::Direct(fits.collect::<Result<_, _>>()?))
}
