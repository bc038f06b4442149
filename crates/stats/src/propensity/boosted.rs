//! Boosted trees (the forust library), behind the same questions as the regression.

use forust_ml::gradientbooster::GradientBooster;
use forust_ml::objective::ObjectiveType;
use forust_ml::{Matrix, gradientbooster};
use serde::{Deserialize, Serialize};

use super::logistic::logistic;
use crate::inputs::{BadInput, same_rows};
use crate::table::Table;

/// How the trees are grown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Trees {
    /// How many.
    pub trees: usize,
    /// How much of each is used.
    pub learning_rate: f64,
    /// How deep.
    pub depth: usize,
    /// The least weight of a leaf (about a fifth of its rows).
    pub leaf_weight: f64,
}

impl Default for Trees {
    fn default() -> Trees {
        Trees { trees: 120, learning_rate: 0.06, depth: 4, leaf_weight: 5.0 }
    }
}

/// Trees that have been grown.
#[derive(Serialize, Deserialize)]
pub struct Boosted {
    booster: GradientBooster,
}

impl std::fmt::Debug for Boosted {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Boosted").field("trees", &self.booster.trees.len()).finish()
    }
}

impl Boosted {
    /// Grows trees on the columns of a table. The same rows, settings and seed give the same trees.
    pub fn fit(table: &Table, happened: &[bool], trees: &Trees, seed: u64) -> Result<Boosted, BadInput> {
        let row_numbers: Vec<usize> = (0..table.rows()).collect();
        same_rows("table", &row_numbers, "happened", happened)?;
        let mut booster = gradientbooster::GradientBooster::default()
            .set_objective_type(ObjectiveType::LogLoss)
            .set_iterations(trees.trees)
            .set_learning_rate(trees.learning_rate as f32)
            .set_max_depth(trees.depth)
            .set_min_leaf_weight(trees.leaf_weight as f32)
            .set_seed(seed)
            .set_parallel(false);
        let columns = table.by_column();
        let outcome: Vec<f64> = happened.iter().map(|is| f64::from(u8::from(*is))).collect();
        let matrix = Matrix::new(&columns, table.rows(), table.columns());
        booster.fit_unweighted(&matrix, &outcome, None).map_err(|_| BadInput::Uninformative {
            what: "boosted trees",
            why: "no tree could be grown on these columns; use the regression",
        })?;
        Ok(Boosted { booster })
    }

    /// The probability of each row.
    pub fn probabilities(&self, table: &Table) -> Vec<f64> {
        let columns = table.by_column();
        let matrix = Matrix::new(&columns, table.rows(), table.columns());
        self.booster.predict(&matrix, false).into_iter().map(logistic).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::logistic::tests::planted;
    use super::*;
    use crate::accuracy::area_under_curve;

    #[test]
    fn a_planted_bend_is_learnt_and_the_same_seed_gives_the_same_trees() {
        let (table, happened) = planted(4_000, 1.0, 3);
        let model = Boosted::fit(&table, &happened, &Trees::default(), 7).unwrap();
        let predicted = model.probabilities(&table);
        assert!(predicted.iter().all(|p| (0.0..=1.0).contains(p)));
        assert!(area_under_curve(&predicted, &happened).unwrap().unwrap() > 0.8);
        let again = Boosted::fit(&table, &happened, &Trees::default(), 7).unwrap();
        assert_eq!(predicted, again.probabilities(&table));
    }
}
