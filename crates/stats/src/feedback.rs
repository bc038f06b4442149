//! What customers say, as numbers: scores, Kano, MaxDiff, conjoint, key drivers, reliability, weights, small
//! stores.
//!
//! Every score exists in several published, incompatible forms, so each of ours carries the name of its
//! definition and its formula, and comes with an interval. What the answers cannot tell is `None` or a
//! refusal, never a zero.

mod conjoint;
mod drivers;
mod kano;
mod matrix;
mod maxdiff;
mod reliability;
mod scores;
mod shrinkage;
mod weighting;

pub use conjoint::{Choices, Conjoint, WillingnessToPay, conjoint, shares};
pub use drivers::{Driver, DriverInterval, Drivers, bootstrap_drivers, drivers};
pub use kano::{
    Category, Continuous, Fong, KanoCounts, KanoScores, KanoSummary, KanoTable, Quadrant, Side, classify,
    continuous, kano,
};
pub use maxdiff::{
    Counts, Design, ItemScore, Personal, Task, closed_form, count, design, individual, root_likelihood,
};
pub use reliability::{Alpha, Item, alpha};
pub use scores::{
    Acsi, Ces, CesForm, Csat, Difference, Estimate, Nps, acsi, acsi_one, ces, csat, nps, nps_counts,
    nps_difference, sample_size_nps, sample_size_share,
};
pub use shrinkage::{MeanPrior, SharePrior, Shrunk, shrink_means, shrink_shares};
pub use weighting::{
    Margin, Raked, Survey, SurveyEstimate, Trimmed, design_effect, estimate_mean, estimate_total,
    post_stratify, rake, trim,
};
