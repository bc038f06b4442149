//! What uplift refuses to compute on.

use crate::inputs::BadInput;

/// Why a trial, a score or a setting cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// A column or a setting is not usable.
    #[error(transparent)]
    Input(#[from] BadInput),
    /// There is no second arm.
    #[error("{arms} arm is named; at least a control (arm 0) and one action are needed")]
    NoAction {
        /// How many arms the assignment has.
        arms: usize,
    },
    /// A row is in an arm that was never planned.
    #[error("arm row {row} is {arm}; the assignment has arms 0 to {last}")]
    UnknownArm {
        /// The row, from 0.
        row: usize,
        /// Its arm.
        arm: usize,
        /// The highest arm planned.
        last: usize,
    },
    /// An arm has too few rows.
    #[error("arm {arm} has {rows} rows; at least {needed} are needed: leave the arm out or collect more")]
    FewRows {
        /// The arm.
        arm: usize,
        /// Its rows.
        rows: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The probabilities of a row are not those of a draw.
    #[error("assignment probabilities of row {row} sum to {sum}; they must be above 0 and sum to 1")]
    NotProbabilities {
        /// The row, from 0; 0 where one set holds for all rows.
        row: usize,
        /// Their sum.
        sum: f64,
    },
    /// A row could never have been in an arm, so nothing can be learnt about it there.
    #[error(
        "assignment probability of arm {arm} is {probability} in row {row}; leave out rows or arms without overlap"
    )]
    NoOverlap {
        /// The row, from 0.
        row: usize,
        /// The arm.
        arm: usize,
        /// Its probability.
        probability: f64,
    },
    /// The outcome is not yes or no where it must be.
    #[error("outcome row {row} is {value}; {method} needs outcomes of 0 or 1")]
    NotBinary {
        /// The method asked for.
        method: &'static str,
        /// The row, from 0.
        row: usize,
        /// The value.
        value: f64,
    },
    /// Numbers ran out of range on the way.
    #[error(
        "{what} overflowed; bring the columns and the outcome to units in which they are below a billion"
    )]
    Overflow {
        /// What was being computed.
        what: &'static str,
    },
}

/// Refuses outcomes other than 0 and 1.
pub(super) fn binary(method: &'static str, outcome: &[f64]) -> Result<(), Refused> {
    match outcome.iter().position(|value| *value != 0.0 && *value != 1.0) {
        Some(row) => Err(Refused::NotBinary { method, row, value: outcome[row] }),
        None => Ok(()),
    }
}

/// Refuses results that are not numbers.
pub(super) fn in_range(what: &'static str, values: &[f64]) -> Result<(), Refused> {
    if values.iter().all(|value| value.is_finite()) { Ok(()) } else { Err(Refused::Overflow { what }) }
}
