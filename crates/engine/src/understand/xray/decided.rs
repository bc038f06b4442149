//! What was done about earlier reports, and what came of it.

use super::Estimate;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A campaign that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// Its name.
    pub campaign: String,
    /// What it is called on pages.
    pub title: String,
    /// What was done.
    pub action: String,
    /// The sentence of a report it began with, where it was one.
    pub sentence: Option<String>,
    /// The segment it was for, where it was one.
    pub segment: Option<String>,
    /// The shop's day on which it was decided.
    pub decided_on: Date,
    /// `keep`, `change`, `stop`.
    pub decision: String,
    /// Why, in the words of who decided.
    pub note: String,
    /// Whether it was read before it was decided.
    pub was_measured: bool,
    /// What decided: `margin` (minor units), `orders`, `bought` (people).
    pub metric: String,
    /// What all who were contacted brought beyond what they would have; absent where that could not be told from nothing.
    pub brought: Option<Estimate>,
}
