//! Regression or trees: decided on the next window of time.

use serde::Serialize;

use super::cross_fit::{Fitted, Learner, Settings, fit};
use super::{Trees, boosted};
use crate::accuracy::{Candidate, Loss, ProbabilityScore, Verdict, judge, probability_score};
use crate::inputs::BadInput;
use crate::table::Table;

/// Features as they stood on a day, and what happened in the horizon after it.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// One row per customer.
    pub table: &'a Table,
    /// Whether they ordered.
    pub happened: &'a [bool],
}

/// What was found best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The regression.
    Logistic,
    /// The trees.
    Boosted,
}

/// The model to use, fitted on both windows, and how it was chosen.
#[derive(Debug)]
pub struct Chosen {
    /// The kind that won.
    pub kind: Kind,
    /// The model, fitted again on the rows of both windows.
    pub fitted: Fitted,
    /// The regression on the later window.
    pub logistic: ProbabilityScore,
    /// The trees on the later window; `None` when they could not be grown.
    pub boosted: Option<ProbabilityScore>,
    /// The comparison by Brier score, with the earlier window's base rate as the naive forecast.
    pub verdict: Verdict,
}

/// Fits both on the earlier window, scores both on the later one, and takes the trees only if their Brier score is
/// better by more than two standard errors: equal is not good enough for the harder one to explain.
pub fn choose(
    earlier: Window,
    later: Window,
    ridge: f64,
    trees: &boosted::Trees,
    settings: &Settings,
) -> Result<Chosen, BadInput> {
    let (simple, hard) = (Learner::Logistic { ridge }, Learner::Boosted(Trees { ..*trees }));
    let predict = |learner: &Learner| -> Result<Vec<f64>, BadInput> {
        let (fitted, _) = fit(earlier.table, earlier.happened, learner, settings)?;
        Ok(fitted.probabilities(later.table))
    };
    let by_regression = predict(&simple)?;
    let by_trees = predict(&hard).ok();
    let actual: Vec<f64> = later.happened.iter().map(|is| f64::from(u8::from(*is))).collect();
    let base = earlier.happened.iter().filter(|is| **is).count() as f64 / earlier.happened.len() as f64;
    let naive = vec![base; actual.len()];
    let candidate = |name, is_naive, predicted| Candidate { name, is_naive, predicted };
    let mut kind = Kind::Logistic;
    let mut candidates =
        vec![candidate("base_rate", true, naive.as_slice()), candidate("logistic", false, &by_regression)];
    if let Some(by_trees) = &by_trees {
        candidates.push(candidate("boosted", false, by_trees));
        // The regression takes the place of the naive forecast the trees have to beat.
        let duel = [candidate("logistic", true, &by_regression), candidate("boosted", false, by_trees)];
        if judge(&duel, &actual, Loss::Squared)?.outcome == crate::accuracy::Outcome::ModelWins {
            kind = Kind::Boosted;
        }
    }
    let verdict = judge(&candidates, &actual, Loss::Squared)?;
    let both = earlier.table.stacked(later.table)?;
    let outcomes = [earlier.happened, later.happened].concat();
    let learner = if kind == Kind::Boosted { hard } else { simple };
    let (fitted, _) = fit(&both, &outcomes, &learner, settings)?;
    Ok(Chosen {
        kind,
        fitted,
        logistic: probability_score(&by_regression, later.happened)?,
        boosted: by_trees.map(|predicted| probability_score(&predicted, later.happened)).transpose()?,
        verdict,
    })
}

#[cfg(test)]
mod tests {
    use super::super::logistic::tests::planted;
    use super::*;

    fn chosen(bend: f64) -> Chosen {
        let (earlier, later) = (planted(4_000, bend, 8), planted(4_000, bend, 9));
        choose(
            Window { table: &earlier.0, happened: &earlier.1 },
            Window { table: &later.0, happened: &later.1 },
            1.0,
            &Trees::default(),
            &Settings::default(),
        )
        .unwrap()
    }

    #[test]
    fn a_straight_world_keeps_the_regression() {
        let chosen = chosen(0.0);
        assert_eq!(chosen.kind, Kind::Logistic);
        assert_eq!(chosen.verdict.winner().name, "logistic");
        assert!(chosen.logistic.brier < chosen.logistic.brier_of_base_rate);
    }

    #[test]
    fn a_bent_world_is_given_to_the_trees() {
        let chosen = chosen(1.0);
        assert_eq!(chosen.kind, Kind::Boosted);
        assert!(chosen.boosted.unwrap().brier < chosen.logistic.brier);
    }
}
