//! Which forecast to use: the one with the least error on held-out rows, if it beats the naive ones.

use serde::Serialize;

use crate::inputs::{BadInput, finite, not_empty, same_rows};

/// What an error costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// |predicted − actual|; the mean is MAE.
    Absolute,
    /// (predicted − actual)²; the mean is the Brier score where actuals are 0 and 1.
    Squared,
    /// Negative log-likelihood of a 0/1 outcome; predictions are probabilities.
    Logarithmic,
}

/// A forecast that wants to be used.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its name, as printed.
    pub name: &'a str,
    /// Whether it is a naive baseline.
    pub is_naive: bool,
    /// Its predictions, one per row.
    pub predicted: &'a [f64],
}

/// A forecast in its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placed {
    /// Its name.
    pub name: String,
    /// Whether it is naive.
    pub is_naive: bool,
    /// Mean loss per row.
    pub loss: f64,
    /// Mean loss of the best naive forecast less this one's; above zero is better than naive. `None` when no naive
    /// forecast was given.
    pub gain_over_naive: Option<f64>,
    /// Standard error of that gain over rows, paired.
    pub gain_standard_error: Option<f64>,
}

/// Who won.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A model has less error than every naive forecast, by more than two standard errors.
    ModelWins,
    /// A model has less error than every naive forecast, but chance could have done it.
    ModelWinsNarrowly,
    /// No model has less error than the best naive forecast; the naive one is to be used.
    NaiveWins,
    /// There was no naive forecast to compare with.
    NotCompared,
}

/// The comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// All candidates, least loss first; equal losses put the naive first, then keep the order given.
    pub places: Vec<Placed>,
    /// Who won; the winner is the first place.
    pub outcome: Outcome,
}

impl Verdict {
    /// The forecast to use.
    pub fn winner(&self) -> &Placed {
        &self.places[0]
    }
}

/// Compares candidates on the same held-out rows.
pub fn judge(candidates: &[Candidate], actual: &[f64], loss: Loss) -> Result<Verdict, BadInput> {
    not_empty("candidates", candidates)?;
    not_empty("actual", actual)?;
    finite("actual", actual)?;
    let mut losses = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        same_rows("predicted", candidate.predicted, "actual", actual)?;
        finite("predicted", candidate.predicted)?;
        losses.push(row_losses(candidate.predicted, actual, loss)?);
    }
    let means: Vec<f64> = losses.iter().map(|rows| crate::describe::mean(rows)).collect();
    let naive = (0..candidates.len())
        .filter(|index| candidates[*index].is_naive)
        .min_by(|a, b| means[*a].total_cmp(&means[*b]));
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|a, b| {
        means[*a].total_cmp(&means[*b]).then(candidates[*b].is_naive.cmp(&candidates[*a].is_naive))
    });
    let places: Vec<Placed> = order
        .into_iter()
        .map(|index| Placed {
            name: candidates[index].name.to_owned(),
            is_naive: candidates[index].is_naive,
            loss: means[index],
            gain_over_naive: naive.map(|naive| means[naive] - means[index]),
            gain_standard_error: naive.map(|naive| standard_error(&losses[naive], &losses[index])),
        })
        .collect();
    let first = &places[0];
    let outcome = match (first.is_naive, first.gain_over_naive, first.gain_standard_error) {
        (true, ..) => Outcome::NaiveWins,
        (false, Some(gain), Some(error)) if gain > 2.0 * error => Outcome::ModelWins,
        (false, Some(_), _) => Outcome::ModelWinsNarrowly,
        (false, None, _) => Outcome::NotCompared,
    };
    Ok(Verdict { places, outcome })
}

fn row_losses(predicted: &[f64], actual: &[f64], loss: Loss) -> Result<Vec<f64>, BadInput> {
    let rows = predicted.iter().zip(actual).enumerate();
    rows.map(|(row, (p, a))| match loss {
        Loss::Absolute => Ok((p - a).abs()),
        Loss::Squared => Ok((p - a).powi(2)),
        Loss::Logarithmic if (0.0..=1.0).contains(p) && (*a == 0.0 || *a == 1.0) => {
            Ok(-(if *a == 1.0 { *p } else { 1.0 - p }).max(1e-15).ln())
        }
        Loss::Logarithmic => {
            let (what, range) = ("predicted", "a probability of an actual that is 0 or 1");
            Err(BadInput::OutOfRange { what, row, value: *p, range })
        }
    })
    .collect()
}

fn standard_error(left: &[f64], right: &[f64]) -> f64 {
    let differences: Vec<f64> = left.iter().zip(right).map(|(l, r)| l - r).collect();
    crate::describe::standard_deviation(&differences) / (differences.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate<'a>(name: &'a str, is_naive: bool, predicted: &'a [f64]) -> Candidate<'a> {
        Candidate { name, is_naive, predicted }
    }

    #[test]
    fn the_least_error_wins_and_is_named() {
        let actual: Vec<f64> = (0..200).map(|i| f64::from(i % 5)).collect();
        let close: Vec<f64> = actual.iter().map(|a| a + 0.1).collect();
        let mean = vec![2.0; 200];
        let verdict = judge(
            &[candidate("population mean", true, &mean), candidate("bg_nbd", false, &close)],
            &actual,
            Loss::Absolute,
        )
        .unwrap();
        assert_eq!((verdict.winner().name.as_str(), verdict.outcome), ("bg_nbd", Outcome::ModelWins));
        assert!((verdict.winner().gain_over_naive.unwrap() - 1.1).abs() < 1e-9);
    }

    #[test]
    fn a_model_equal_to_the_naive_one_does_not_win() {
        let actual = [1.0, 2.0, 3.0];
        let same = [2.0; 3];
        let both = [candidate("model", false, &same), candidate("population mean", true, &same)];
        let verdict = judge(&both, &actual, Loss::Squared).unwrap();
        assert_eq!(
            (verdict.winner().name.as_str(), verdict.outcome),
            ("population mean", Outcome::NaiveWins)
        );
    }

    #[test]
    fn a_lucky_model_wins_narrowly() {
        let actual = [1.0, 2.0, 3.0, 4.0];
        let both = [
            candidate("model", false, &[1.0, 2.0, 3.4, 2.0]),
            candidate("last window", true, &[1.5, 2.5, 2.5, 3.0]),
        ];
        assert_eq!(judge(&both, &actual, Loss::Absolute).unwrap().outcome, Outcome::ModelWinsNarrowly);
        assert_eq!(judge(&both[..1], &actual, Loss::Absolute).unwrap().outcome, Outcome::NotCompared);
    }

    #[test]
    fn bad_rows_are_refused() {
        assert!(judge(&[], &[1.0], Loss::Absolute).is_err());
        assert!(judge(&[candidate("a", false, &[1.0])], &[1.0, 2.0], Loss::Absolute).is_err());
        assert!(judge(&[candidate("a", false, &[1.5])], &[1.0], Loss::Logarithmic).is_err());
    }
}
