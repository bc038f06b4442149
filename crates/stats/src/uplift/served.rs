//! Scores fit to be served: cross-fitted, then shrunk by their own calibration.

use serde::{Deserialize, Serialize};

use super::scores::{aipw, contrast, cross_fit_means};
use super::{Base, BestLinearPredictor, Effects, Learner, Refused, Trial, best_linear_predictor};
use crate::table::Table;

/// How scores are cross-fitted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Parts the rows are cut in; each is scored by models of the others.
    pub folds: usize,
    /// The seed of the cut and of the trees.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { folds: 5, seed: 0 }
    }
}

/// How the scores of one arm are shrunk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ArmCalibration {
    /// The arm, from 1.
    pub arm: usize,
    /// The regression of effects on scores of rows not seen.
    pub line: BestLinearPredictor,
    /// The slope, clipped to 0 to 1: what is kept of the differences between customers.
    pub kept: f64,
    /// The mean of the model's raw scores in its own rows.
    pub centre: f64,
}

/// A fitted learner with its calibration.
#[derive(Debug, Serialize, Deserialize)]
pub struct Served {
    /// The learner that was fitted.
    pub learner: Learner,
    /// The model, fitted on all rows.
    pub effects: Effects,
    /// One calibration per arm but the control.
    pub calibration: Vec<ArmCalibration>,
}

impl Served {
    /// Shrunk effects of each row: rows × (arms − 1), each average + kept · (raw − centre). A lower bound or a price
    /// may be put on these; never on raw scores.
    pub fn effects(&self, table: &Table) -> Result<Table, Refused> {
        let raw = self.effects.of(table)?;
        let shrunk = |(raw, arm): (&f64, &ArmCalibration)| arm.line.average + arm.kept * (raw - arm.centre);
        let values = raw.iter().flat_map(|row| row.iter().zip(&self.calibration).map(shrunk)).collect();
        Ok(Table::new(raw.columns(), values)?)
    }
}

/// Fits a learner, measures on rows each part had not seen how much of its differences is real, and keeps that much.
pub fn fit(trial: &Trial, learner: &Learner, settings: &Settings) -> Result<Served, Refused> {
    let unseen = unseen(trial, learner, settings)?;
    let effects = learner.fit(trial, settings.folds, settings.seed)?;
    let raw = effects.of(trial.table())?;
    let calibration = (1..trial.arms()).map(|arm| {
        let predicted: Vec<f64> = unseen.effects.iter().map(|row| row[arm - 1]).collect();
        let line = best_linear_predictor(&predicted, &contrast(&unseen.scores, arm), &unseen.fold)?;
        let kept = line.slope.unwrap_or(0.0).clamp(0.0, 1.0);
        let centre = raw.iter().map(|row| row[arm - 1]).sum::<f64>() / raw.rows() as f64;
        Ok(ArmCalibration { arm, line, kept, centre })
    });
    let calibration = calibration.collect::<Result<_, Refused>>()?;
    Ok(Served { learner: *learner, effects, calibration })
}

/// Scores of rows by models that had not seen them.
struct Unseen {
    fold: Vec<usize>,
    /// Raw effects: rows × (arms − 1).
    effects: Table,
    /// AIPW scores: rows × arms.
    scores: Table,
}

fn unseen(trial: &Trial, learner: &Learner, settings: &Settings) -> Result<Unseen, Refused> {
    let fold = trial.folds(settings.folds, settings.seed)?;
    let (rows, arms) = (trial.rows(), trial.arms());
    let mut effects = vec![0.0; rows * (arms - 1)];
    let mut means = vec![0.0; rows * arms];
    let mut has_means = true;
    for held in 0..settings.folds {
        let inside: Vec<usize> = (0..rows).filter(|row| fold[*row] == held).collect();
        if inside.is_empty() {
            continue;
        }
        let others: Vec<usize> = (0..rows).filter(|row| fold[*row] != held).collect();
        let fitted = learner.fit(&trial.take(&others)?, settings.folds, settings.seed)?;
        let table = trial.table().take(&inside);
        place(&mut effects, &inside, &fitted.of(&table)?);
        match fitted.means(&table)? {
            Some(of_arms) => place(&mut means, &inside, &of_arms),
            None => has_means = false,
        }
    }
    let means = if has_means {
        Table::new(arms, means)?
    } else {
        cross_fit_means(trial, &nuisance(learner, trial.is_binary()), settings.folds, settings.seed)?
    };
    let scores = aipw(trial, &means)?;
    Ok(Unseen { fold, effects: Table::new(arms - 1, effects)?, scores })
}

/// What estimates means where the learner has none: a regression, which can hardly be wrong by much.
pub(crate) fn nuisance(learner: &Learner, is_binary: bool) -> Base {
    match learner.base {
        Base::Boosted(_) => Base::linear(is_binary),
        linear => linear,
    }
}

fn place(all: &mut [f64], rows: &[usize], part: &Table) {
    let columns = part.columns();
    for (row, values) in rows.iter().zip(part.iter()) {
        all[row * columns..(row + 1) * columns].copy_from_slice(values);
    }
}
