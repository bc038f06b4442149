//! Experiments that cannot fool their owner: what was planned, what was seen, and how sure one can be of it.
//!
//! An analysis has four steps, each a small function. Rows, or the sums that SQL made of them, become
//! [`moments::Moments`]; these become one [`arm::Arm`] per arm (a mean, a proportion, a ratio, a quantile,
//! with or without a covariate from before the start); two arms become an [`effect::Effect`]; and a
//! [`plan::Plan`], whose mode was chosen before the first customer came, reads an interval off it. No other
//! public function turns an effect of an experiment into a frequentist interval, so that a fixed horizon and
//! a sequence cannot be mixed.
//!
//! Around them: [`power`] before the start, [`srm`] during it, [`metrics`] where many outcomes are looked at,
//! [`bayes`] for those who ask for the probability to win, [`roi`] for money. Where customers cannot be
//! randomised one by one: [`staggered`] (difference in differences), [`synthetic`] and [`geo`] (markets),
//! [`interrupted`] (one series).
//!
//! Nothing here knows a calendar, a currency or a file. Units are those of the customer's outcome column.
//!
//! ```
//! use stats::experiment::{arm::Arm, effect::{Scale, compare}, plan::Plan};
//!
//! let control = Arm::proportion(1_000, 10_000)?;
//! let treatment = Arm::proportion(1_080, 10_000)?;
//! let effect = compare(&control, &treatment, Scale::Absolute)?;
//! let reading = Plan::completed(0.95)?.judge(&effect)?;
//! assert!((reading.p_value - 0.063_856_6).abs() < 1e-6);
//! # Ok::<(), stats::experiment::plan::Refused>(())
//! ```

pub mod arm;
pub mod bayes;
pub mod bootstrap;
pub mod cuped;
pub mod effect;
pub mod fieller;
pub mod geo;
pub mod interrupted;
pub mod metrics;
pub mod moments;
pub mod plan;
pub mod power;
pub mod quantile;
pub mod roi;
pub mod sequence;
pub mod srm;
pub mod staggered;
pub mod strata;
pub mod student;
pub mod synthetic;
