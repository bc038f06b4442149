//! How long customers stay: Kaplan–Meier curves, a log-rank test, and cohort retention tables.
//!
//! Kaplan and Meier (1958) for the curve, Greenwood (1926) for its variance, and the log(−log) interval of
//! Kalbfleisch and Prentice, which never leaves [0, 1]. Durations are in any unit; a censored duration is one whose
//! end has not been seen yet.

mod cohorts;
mod curve;
mod log_rank;

pub use cohorts::{Cell, Cohort, Order, retention};
pub use curve::{Curve, Grouped, Interval, Point, group, kaplan_meier};
pub use log_rank::{LogRank, log_rank};
