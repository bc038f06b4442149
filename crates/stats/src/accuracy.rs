//! How good a forecast was, on time it had not seen.
//!
//! Every measure names its denominator, because the literature divides by different things under one name, and every
//! forecast is shown beside naive ones ([`naive`]) that are hard to beat. [`judge`] compares them on the same rows
//! and names the winner, or says that the naive one wins.

pub mod baskets;
pub mod naive;

mod deciles;
mod judging;
mod levels;
mod probabilities;
mod rankings;

pub use deciles::{DecileRow, Deciles, deciles};
pub use judging::{Candidate, Loss, Outcome, Placed, Verdict, judge};
pub use levels::{Errors, errors};
pub use probabilities::{Calibration, ProbabilityScore, calibration, probability_score};
pub use rankings::{area_under_curve, average_precision, captured, normalised_gini, spearman};
