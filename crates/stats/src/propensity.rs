//! Will this customer order within the horizon: regularised logistic regression, calibrated, and boosting only where
//! it earns its place.
//!
//! On public order files a logistic regression on a handful of recency, frequency and value columns ties or beats
//! boosted trees, so it is what is used unless the trees win on held-out *time* ([`choose`]): trained on one window,
//! scored on the next. Probabilities are calibrated by a monotone map learnt on predictions the model made for rows
//! it had not seen (cross-fitting), so that 0.3 means three in ten.

mod boosted;
mod calibrator;
mod choose;
mod cross_fit;
mod features;
mod logistic;

pub use boosted::{Boosted, Trees};
pub use calibrator::{Calibrator, Method};
pub use choose::{Chosen, Kind, Window, choose};
pub use cross_fit::{Fitted, Learner, Model, Settings, fit};
pub use features::{FEATURE_NAMES, FEATURES, OrderDay, features};
pub use logistic::Logistic;
pub(crate) use logistic::solve_cholesky;
