//! Base learners: what estimates a mean given the features.

use serde::{Deserialize, Serialize};

use super::refused::{binary, in_range};
use super::{Level, Refused, Ridge};
use crate::inputs::BadInput;
use crate::propensity::{Boosted, Logistic, Trees};
use crate::table::Table;

/// What estimates a mean given the features.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Least squares with this ridge on standardised columns.
    Ridge {
        /// The ridge.
        ridge: f64,
    },
    /// Logistic regression with this ridge, for outcomes of 0 and 1; effects are then fitted by least squares.
    Logistic {
        /// The ridge.
        ridge: f64,
    },
    /// Boosted trees: log loss for outcomes of 0 and 1, squared error otherwise.
    Boosted(Trees),
}

impl Base {
    /// The regression for this kind of outcome: logistic where it is 0 or 1, least squares otherwise, ridge 1.
    pub fn linear(is_binary: bool) -> Base {
        if is_binary { Base::Logistic { ridge: 1.0 } } else { Base::Ridge { ridge: 1.0 } }
    }

    /// Trees for effects, which are small beside the noise: 100 of depth 4, at least about 200 rows in a leaf.
    pub fn boosted() -> Base {
        Base::Boosted(Trees { trees: 100, learning_rate: 0.05, depth: 4, leaf_weight: 40.0 })
    }

    /// Estimates the mean outcome.
    pub(super) fn level(
        &self,
        table: &Table,
        outcome: &[f64],
        is_binary: bool,
        seed: u64,
    ) -> Result<Mean, Refused> {
        if outcome.iter().all(|value| *value == outcome[0]) {
            return Ok(Mean::Constant(outcome[0]));
        }
        let happened = || -> Vec<bool> { outcome.iter().map(|value| *value == 1.0).collect() };
        match self {
            Base::Ridge { ridge } => Ok(Mean::Ridge(Ridge::fit(table, outcome, None, *ridge)?)),
            Base::Logistic { ridge } => {
                binary("a logistic base learner", outcome)?;
                Ok(Mean::Logistic(Logistic::fit(table, &happened(), *ridge)?))
            }
            Base::Boosted(trees) => match grown(trees)? {
                trees if is_binary => {
                    Ok(Mean::Share(Box::new(Boosted::fit(table, &happened(), &trees, seed)?)))
                }
                trees => Ok(Mean::Level(Box::new(Level::fit(table, outcome, None, &trees, seed)?))),
            },
        }
    }

    /// Regresses a pseudo-outcome (an effect in the mean) on the features.
    pub(super) fn effect(
        &self,
        table: &Table,
        target: &[f64],
        weights: Option<&[f64]>,
        seed: u64,
    ) -> Result<Mean, Refused> {
        in_range("pseudo-outcomes", target)?;
        match self {
            Base::Ridge { ridge } | Base::Logistic { ridge } => {
                Ok(Mean::Ridge(Ridge::fit(table, target, weights, *ridge)?))
            }
            Base::Boosted(trees) => {
                Ok(Mean::Level(Box::new(Level::fit(table, target, weights, &grown(trees)?, seed)?)))
            }
        }
    }
}

/// Refuses settings no tree can be grown with.
fn grown(trees: &Trees) -> Result<Trees, BadInput> {
    let refuse = |setting, value, range| Err(BadInput::Setting { setting, value, range });
    if !(1..=10_000).contains(&trees.trees) {
        return refuse("trees", trees.trees as f64, "1 to 10000");
    }
    if !(1..=16).contains(&trees.depth) {
        return refuse("depth", trees.depth as f64, "1 to 16");
    }
    if !(trees.learning_rate > 0.0 && trees.learning_rate <= 1.0) {
        return refuse("learning_rate", trees.learning_rate, "above 0 and at most 1");
    }
    if !(trees.leaf_weight >= 0.0 && trees.leaf_weight.is_finite()) {
        return refuse("leaf_weight", trees.leaf_weight, "0 or more");
    }
    Ok(*trees)
}

/// A fitted mean.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mean {
    Constant(f64),
    Ridge(Ridge),
    Logistic(Logistic),
    Level(Box<Level>),
    Share(Box<Boosted>),
}

impl Mean {
    /// The mean of each row.
    pub(super) fn of(&self, table: &Table) -> Vec<f64> {
        match self {
            Mean::Constant(value) => vec![*value; table.rows()],
            Mean::Ridge(fit) => table.iter().map(|row| fit.value(row)).collect(),
            Mean::Logistic(fit) => table.iter().map(|row| fit.probability(row)).collect(),
            Mean::Level(fit) => fit.values(table),
            Mean::Share(fit) => fit.probabilities(table),
        }
    }
}
