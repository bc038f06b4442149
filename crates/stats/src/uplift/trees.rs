//! Boosted trees (the forust library) for a level: squared error, weighted rows.

use forust_ml::Matrix;
use forust_ml::gradientbooster::GradientBooster;
use forust_ml::objective::ObjectiveType;
use serde::{Deserialize, Serialize};

use super::Refused;
use crate::inputs::BadInput;
use crate::propensity::Trees;
use crate::table::Table;

/// Rows a unit of [`Trees::leaf_weight`] stands for: at a share p the log loss weighs a row p(1 − p), about a fifth.
const ROWS_PER_WEIGHT: f64 = 5.0;

/// Trees grown on a level.
#[derive(Serialize, Deserialize)]
pub struct Level {
    booster: GradientBooster,
    /// The library computes in single precision: the target is brought to mean 0 and spread 1.
    centre: f64,
    spread: f64,
}

impl std::fmt::Debug for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Level").field("trees", &self.booster.trees.len()).finish()
    }
}

impl Level {
    /// Grows trees on a target; `weights` count rows (all 1 where `None`). The same rows, settings and seed give the
    /// same trees.
    pub fn fit(
        table: &Table,
        target: &[f64],
        weights: Option<&[f64]>,
        trees: &Trees,
        seed: u64,
    ) -> Result<Level, Refused> {
        let mut weights = weights.map_or_else(|| vec![1.0; table.rows()], <[f64]>::to_vec);
        let mean = crate::describe::mean(&weights);
        weights.iter_mut().for_each(|weight| *weight /= mean);
        let centre = crate::describe::mean(target);
        let spread = Some(crate::describe::standard_deviation(target)).filter(|s| *s > 0.0).unwrap_or(1.0);
        let scaled: Vec<f64> = target.iter().map(|value| (value - centre) / spread).collect();
        super::refused::in_range("boosted trees", &scaled)?;
        let mut booster = GradientBooster::default()
            .set_objective_type(ObjectiveType::SquaredLoss)
            .set_iterations(trees.trees)
            .set_learning_rate(trees.learning_rate as f32)
            .set_max_depth(trees.depth)
            .set_min_leaf_weight((trees.leaf_weight * ROWS_PER_WEIGHT) as f32)
            .set_seed(seed)
            .set_parallel(false);
        let columns = table.by_column();
        let matrix = Matrix::new(&columns, table.rows(), table.columns());
        booster.fit(&matrix, &scaled, &weights, None).map_err(|_| BadInput::Uninformative {
            what: "boosted trees",
            why: "no tree could be grown on these columns; use the ridge",
        })?;
        Ok(Level { booster, centre, spread })
    }

    /// The value of each row.
    pub fn values(&self, table: &Table) -> Vec<f64> {
        let columns = table.by_column();
        let matrix = Matrix::new(&columns, table.rows(), table.columns());
        let back = |value| self.centre + self.spread * value;
        self.booster.predict(&matrix, false).into_iter().map(back).collect()
    }
}
