//! Curves and scores as causalml 0.18.0 defines them.
//!
//! Its curves have a point for every row and begin with an interpolation from 0 to the first row at which both arms
//! have been seen; a score is the mean height of the curve, and its random line is the straight one. causalml leaves
//! the order of equal scores to its sort; here they stand in reverse order of row, as in [`super::Ranking`].

use serde::{Deserialize, Serialize};

use super::Refused;
use super::ranking::{Ranking, Sums};
use crate::inputs::BadInput;

/// A metric of causalml.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Causalml {
    /// `auuc_score`: the mean of the cumulative gain.
    Auuc {
        /// Divided by the size of the whole gain.
        normalize: bool,
    },
    /// `qini_score`: the mean of the Qini curve less that of the straight line.
    Qini {
        /// Divided by the size of the whole gain.
        normalize: bool,
    },
}

impl Causalml {
    pub(super) fn of(&self, ranking: &Ranking) -> Result<f64, Refused> {
        let (heights, normalize) = match self {
            Causalml::Auuc { normalize } => {
                let lift = heights(ranking, |sums| {
                    (sums.treated > 0.0 && sums.control > 0.0).then(|| sums.difference())
                });
                (lift.iter().enumerate().map(|(row, lift)| lift * row as f64).collect::<Vec<_>>(), normalize)
            }
            Causalml::Qini { normalize } => {
                let rise =
                    |sums: &Sums| sums.treated_outcome - sums.control_outcome * sums.treated / sums.control;
                (heights(ranking, |sums| (sums.control > 0.0).then(|| rise(sums))), normalize)
            }
        };
        let end = heights.last().copied().unwrap_or(0.0);
        let random = if matches!(self, Causalml::Qini { .. }) { end / 2.0 } else { 0.0 };
        let mean = heights.iter().sum::<f64>() / heights.len() as f64 - random;
        if !normalize {
            return Ok(mean);
        }
        if end == 0.0 {
            let why = "the whole gain is 0, by which the score is divided; ask for it unnormalised";
            return Err(BadInput::Uninformative { what: "normalised causalml score", why }.into());
        }
        Ok(mean / end.abs())
    }

    pub(super) fn name(&self) -> String {
        let flag = |is: &bool| if *is { "True" } else { "False" };
        match self {
            Causalml::Auuc { normalize } => format!("causalml.auuc_score(normalize={})", flag(normalize)),
            Causalml::Qini { normalize } => format!("causalml.qini_score(normalize={})", flag(normalize)),
        }
    }
}

/// Heights at 0, 1, … rows; rows before the first known height are interpolated from 0.
fn heights(ranking: &Ranking, height: impl Fn(&Sums) -> Option<f64>) -> Vec<f64> {
    let known: Vec<Option<f64>> = std::iter::once(None).chain(ranking.sums().map(|s| height(&s))).collect();
    let first = known.iter().position(Option::is_some).unwrap_or(known.len());
    let start = known.get(first).copied().flatten().unwrap_or(0.0);
    let filled = |(row, height): (usize, &Option<f64>)| height.unwrap_or(start * row as f64 / first as f64);
    known.iter().enumerate().map(filled).collect()
}
