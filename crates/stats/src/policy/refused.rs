//! What a policy is refused for.

use crate::inputs::BadInput;
use crate::uplift;

/// Why a policy cannot be judged, or a probability not be given.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// A column or a setting is not usable.
    #[error(transparent)]
    Input(#[from] BadInput),
    /// The trial is not usable.
    #[error(transparent)]
    Uplift(uplift::Refused),
    /// Probabilities that are none.
    #[error("{what} of row {row} sum to {sum}; each must be 0 or more and their sum 1")]
    NotProbabilities {
        /// Whose probabilities.
        what: &'static str,
        /// The row, from 0.
        row: usize,
        /// Their sum.
        sum: f64,
    },
    /// An action that is not among those of the log.
    #[error("action row {row} is {action}; the log has actions 0 to {last}")]
    UnknownAction {
        /// The row, from 0.
        row: usize,
        /// The action.
        action: usize,
        /// The highest action.
        last: usize,
    },
    /// An action was taken that could not have been.
    #[error(
        "row {row} took action {action}, whose logged probability is 0; the log is wrong: repair what writes it"
    )]
    ImpossibleAction {
        /// The row, from 0.
        row: usize,
        /// The action.
        action: usize,
    },
    /// The estimator needs a model of rewards.
    #[error(
        "{estimator} needs expected rewards (rows × actions); fit them on other rows, or ask for IPS or SNIPS"
    )]
    NoRewardModel {
        /// The estimator.
        estimator: &'static str,
    },
    /// The policy would do what the log never could.
    #[error(
        "the policy gives action {action} in row {row} (and {rows} rows have such actions), which the log never could; \
         it cannot be judged from this log: add exploration first"
    )]
    NoSupport {
        /// The first such action.
        action: usize,
        /// Its row.
        row: usize,
        /// Rows with such an action.
        rows: usize,
    },
    /// The weights do not average 1, so the logged probabilities are not those that were drawn from.
    #[error(
        "weights average {mean} (standard error {standard_error}), more than {limit} errors from 1: the logged \
         probabilities are not those that were drawn from"
    )]
    WrongProbabilities {
        /// The mean weight.
        mean: f64,
        /// Its standard error.
        standard_error: f64,
        /// How many errors are let pass.
        limit: f64,
    },
    /// Too little of the log resembles the policy.
    #[error(
        "the log of {rows} rows is worth {effective:.1} rows of this policy; at least {needed} are needed: run it"
    )]
    FewEffective {
        /// Effective rows.
        effective: f64,
        /// How many are needed.
        needed: f64,
        /// Rows of the log.
        rows: usize,
    },
}

impl From<uplift::Refused> for Refused {
    fn from(refused: uplift::Refused) -> Refused {
        match refused {
            uplift::Refused::Input(input) => Refused::Input(input),
            other => Refused::Uplift(other),
        }
    }
}

/// Refuses a row of probabilities that are none.
pub(super) fn probabilities(what: &'static str, row: usize, values: &[f64]) -> Result<(), Refused> {
    // Four sums side by side, and the signs of all values at once: a log has a row per decision, and each would wait for
    // its additions and comparisons otherwise.
    let (fours, rest) = values.as_chunks::<4>();
    let (mut lanes, mut signs) = ([0.0; 4], 0);
    for four in fours {
        for (lane, p) in lanes.iter_mut().zip(four) {
            *lane += p;
            signs |= p.to_bits();
        }
    }
    let sum: f64 = rest.iter().sum::<f64>() + lanes.iter().sum::<f64>();
    signs = rest.iter().fold(signs, |signs, p| signs | p.to_bits());
    // Only -0.0 has a sign and is no less than 0.
    let has_negative = signs >> 63 == 1 && values.iter().any(|p| *p < 0.0);
    let is_fine = (sum - 1.0).abs() <= 1e-6 && !has_negative;
    if is_fine { Ok(()) } else { Err(Refused::NotProbabilities { what, row, sum }) }
}
