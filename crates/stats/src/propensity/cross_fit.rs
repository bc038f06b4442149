//! A model with its calibration, learnt on rows the model had not seen.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use super::{Boosted, Calibrator, Logistic, Method, Trees};
use crate::accuracy::{ProbabilityScore, probability_score};
use crate::inputs::BadInput;
use crate::table::Table;

/// What learns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Learner {
    /// Logistic regression with this ridge.
    Logistic {
        /// The ridge.
        ridge: f64,
    },
    /// Boosted trees.
    Boosted(Trees),
}

/// How it learns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Parts the rows are cut in; each part is predicted by a model of the others.
    pub folds: usize,
    /// The map learnt on those predictions.
    pub calibration: Method,
    /// The seed of the cut and of the trees.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { folds: 5, calibration: Method::Platt, seed: 0 }
    }
}

/// What was learnt.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// A regression.
    Logistic(Logistic),
    /// Trees.
    Boosted(Box<Boosted>),
}

impl Model {
    fn probabilities(&self, table: &Table) -> Vec<f64> {
        match self {
            Model::Logistic(model) => table.iter().map(|row| model.probability(row)).collect(),
            Model::Boosted(model) => model.probabilities(table),
        }
    }
}

/// A model fitted on all rows, with its calibration.
#[derive(Debug, Serialize, Deserialize)]
pub struct Fitted {
    /// The model.
    pub model: Model,
    /// The map from what it says to what happens.
    pub calibrator: Calibrator,
}

impl Fitted {
    /// The calibrated probability of each row.
    pub fn probabilities(&self, table: &Table) -> Vec<f64> {
        self.model.probabilities(table).into_iter().map(|p| self.calibrator.apply(p)).collect()
    }
}

/// Fits and calibrates; also returns the score of the predictions for rows not seen, before calibration.
pub fn fit(
    table: &Table,
    happened: &[bool],
    learner: &Learner,
    settings: &Settings,
) -> Result<(Fitted, ProbabilityScore), BadInput> {
    let model = learn(table, happened, learner, settings.seed)?;
    if settings.folds < 2 || settings.folds > table.rows() {
        let (setting, value) = ("folds", settings.folds as f64);
        return Err(BadInput::Setting { setting, value, range: "2 or more, and no more than the rows" });
    }
    let mut rows: Vec<usize> = (0..table.rows()).collect();
    rows.shuffle(&mut Pcg64Mcg::seed_from_u64(settings.seed));
    let mut unseen = vec![0.0; table.rows()];
    for fold in 0..settings.folds {
        let bound = |fold: usize| fold * rows.len() / settings.folds;
        let held = &rows[bound(fold)..bound(fold + 1)];
        let others: Vec<usize> = [&rows[..bound(fold)], &rows[bound(fold + 1)..]].concat();
        let outcomes: Vec<bool> = others.iter().map(|row| happened[*row]).collect();
        let predicted = match learn(&table.take(&others), &outcomes, learner, settings.seed) {
            Ok(model) => model.probabilities(&table.take(held)),
            // With very few of one outcome a fold can miss it altogether; its base rate is then all there is.
            Err(BadInput::Uninformative { .. }) => vec![f64::from(u8::from(outcomes[0])); held.len()],
            Err(refused) => return Err(refused),
        };
        held.iter().zip(predicted).for_each(|(row, p)| unseen[*row] = p);
    }
    let calibrator = Calibrator::fit(settings.calibration, &unseen, happened)?;
    Ok((Fitted { model, calibrator }, probability_score(&unseen, happened)?))
}

fn learn(table: &Table, happened: &[bool], learner: &Learner, seed: u64) -> Result<Model, BadInput> {
    match learner {
        Learner::Logistic { ridge } => Logistic::fit(table, happened, *ridge).map(Model::Logistic),
        Learner::Boosted(trees) => {
            Boosted::fit(table, happened, trees, seed).map(Box::new).map(Model::Boosted)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::logistic::tests::planted;
    use super::*;

    #[test]
    fn calibrated_probabilities_mean_what_they_say_on_new_rows() {
        let (table, happened) = planted(6_000, 0.0, 4);
        let (new_table, new_happened) = planted(20_000, 0.0, 5);
        for calibration in [Method::None, Method::Platt, Method::Isotonic] {
            let settings = Settings { calibration, ..Settings::default() };
            let learner = Learner::Logistic { ridge: 1.0 };
            let (fitted, unseen) = fit(&table, &happened, &learner, &settings).unwrap();
            let score = probability_score(&fitted.probabilities(&new_table), &new_happened).unwrap();
            let line = score.calibration.unwrap();
            // The staircase is steeper in the tails, where few rows decide.
            assert!(
                (line.slope - 1.0).abs() < 0.12 && line.intercept.abs() < 0.1,
                "{calibration:?} {line:?}"
            );
            assert!((score.auc.unwrap() - unseen.auc.unwrap()).abs() < 0.02);
        }
    }

    #[test]
    fn columns_that_mean_nothing_predict_nothing() {
        let (table, _) = planted(4_000, 0.0, 6);
        let (_, unrelated) = planted(4_000, 0.0, 7);
        let (_, score) =
            fit(&table, &unrelated, &Learner::Logistic { ridge: 1.0 }, &Settings::default()).unwrap();
        assert!((score.auc.unwrap() - 0.5).abs() < 0.03, "{score:?}");
    }

    #[test]
    fn impossible_folds_are_refused() {
        let table = Table::new(1, vec![1.0, 2.0]).unwrap();
        let learner = Learner::Logistic { ridge: 1.0 };
        assert!(fit(&table, &[true, false], &learner, &Settings::default()).is_err());
        let settings = Settings { folds: 2, ..Settings::default() };
        assert!(fit(&table, &[true, false], &learner, &settings).is_ok());
    }
}
