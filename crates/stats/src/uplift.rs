//! What an action changes, customer by customer: learnt from randomised data, calibrated, measured.
//!
//! A score that ranks well can still be wrong by a factor of five in money, and a model can lose to "the same for
//! everybody". So every learner here is cross-fitted, its scores are shrunk by their own calibration before they are
//! served ([`fit`]), and every curve and coefficient carries the name of the convention it follows and a standard
//! error. The probabilities of assignment are known, because the shop drew them; they are never estimated here.
//! Whether to personalise at all is for [`crate::policy::gate`].
//!
//! Arms are numbered from 0, which is the control ("do nothing"). Tables of effects have one row per customer and one
//! column per arm but the control.

mod base;
mod calibrate;
mod causalml;
mod cost_curve;
mod curve;
mod groups;
mod learner;
mod ranking;
mod rate;
mod refused;
mod ridge;
mod scores;
mod served;
mod sklift;
mod trees;
mod trial;

pub use base::Base;
pub use calibrate::{BestLinearPredictor, best_linear_predictor};
pub use causalml::Causalml;
pub use cost_curve::{CostCurve, CostPoint, cost_curve};
pub use curve::{Metric, WithError, measure, measure_with_error};
pub use groups::{GroupEffect, effect_by_group};
pub use learner::{Effects, Learner, Meta};
pub use ranking::Ranking;
pub use rate::{Weighting, rate, rate_with_error, toc};
pub use refused::Refused;
pub use ridge::Ridge;
pub use scores::{AverageEffect, aipw, average_effects, cross_fit_means};
pub use served::{ArmCalibration, CrossFitted, Served, Settings, Withheld, cross_fit, fit};
pub use sklift::{Sklift, Strategy};
pub use trees::Level;
pub use trial::{Assignment, Trial};

pub(crate) use served::nuisance;
pub(crate) use trial::mean_and_error;
