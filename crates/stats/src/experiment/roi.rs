//! Incremental return on investment: what a unit of money spent brought beyond itself.
//!
//! iROI = (incremental margin − incremental cost) / incremental cost, each a difference of means per customer
//! between the arms. Cost is measured, not planned: control customers may cost something too, and treated
//! ones cost as much as they redeem. The interval is Fieller's ([`super::fieller`]); margin and cost of a
//! customer vary together and their covariance is in it.

use super::fieller::{Pair, Set, fieller};
use super::moments::Moments;
use super::plan::Interval;
use super::student;
use crate::inputs::{BadInput, between};
use serde::Serialize;

/// Money per customer, treatment minus control, and what it says of the return.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Return {
    /// Incremental margin before the cost of treatment, per treated customer.
    pub margin: f64,
    /// Incremental cost, per treated customer.
    pub cost: f64,
    /// Margin minus cost.
    pub profit: f64,
    /// Interval of the profit.
    pub profit_interval: Interval,
    /// (margin − cost) / cost.
    pub roi: f64,
    /// Where it may lie; not always an interval.
    pub roi_set: Set,
}

/// Column 0 is margin before the cost of treatment, column 1 that cost, one row per customer, in the same
/// unit of money. Welch's degrees of freedom of the profit serve both intervals.
///
/// Refuses an incremental cost of exactly zero: look at the profit then, or at the margin alone.
pub fn incremental_return(
    control: &Moments<2>,
    treatment: &Moments<2>,
    level: f64,
) -> Result<Return, BadInput> {
    between("level", level, 0.0, 1.0)?;
    let (left, right) = (control.at_least_two()?, treatment.at_least_two()?);
    let step = |column: usize| treatment.means[column] - control.means[column];
    let noise = |i: usize, j: usize| control.covariance(i, j) / left + treatment.covariance(i, j) / right;
    let (margin, cost) = (step(0), step(1));
    if cost == 0.0 {
        let why = "treatment cost nothing; there is no return to speak of, look at the margin";
        return Err(BadInput::Uninformative { what: "the return", why });
    }
    let profit_noise = |arm: &Moments<2>, units: f64| {
        (arm.covariance(0, 0) - 2.0 * arm.covariance(0, 1) + arm.covariance(1, 1)).max(0.0) / units
    };
    let (control_noise, treatment_noise) = (profit_noise(control, left), profit_noise(treatment, right));
    let variance = control_noise + treatment_noise;
    if !(variance > 0.0 && variance.is_finite()) {
        let why = "profit does not vary in either arm; wait for more customers";
        return Err(BadInput::Uninformative { what: "the return", why });
    }
    let freedom = super::effect::satterthwaite(control_noise, left, treatment_noise, right);
    let profit = margin - cost;
    let half = student::critical(level, freedom) * variance.sqrt();
    let pair = Pair {
        numerator: margin,
        numerator_variance: noise(0, 0),
        denominator: cost,
        denominator_variance: noise(1, 1),
        covariance: noise(0, 1),
    };
    Ok(Return {
        margin,
        cost,
        profit,
        profit_interval: Interval { low: profit - half, high: profit + half },
        roi: margin / cost - 1.0,
        roi_set: fieller(&pair, level, freedom)?.shifted(-1.0),
    })
}
