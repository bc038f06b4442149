//! A lower bound that may be looked at every day.
//!
//! A test made for one look finds a gain in one of four trials of nothing when it is looked at daily for a month. The
//! asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024, proposition on one-sided
//! bounds) holds at all looks together: with n values, mean m and spread s,
//! m − s · √( 2(nρ² + 1) / (nρ)² · ln(1 + √(nρ² + 1) / (2α)) )
//! lies above the truth at any n, ever, with chance α at most (as the first look goes late). ρ is chosen so that the
//! bound is tightest near a planned number of values. [`crate::experiment::sequence`] says when to use which sequence.

use serde::{Deserialize, Serialize};

use super::Refused;
use crate::experiment::sequence::reach_below;
use crate::inputs::{BadInput, between, finite};

/// How a sequence of bounds is drawn; chosen once, before the first look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The chance of ever being wrong.
    pub alpha: f64,
    /// The number of values at which the bound is tightest.
    pub planned_rows: f64,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan { alpha: 0.05, planned_rows: 20_000.0 }
    }
}

impl Plan {
    pub(super) fn check(&self) -> Result<(), BadInput> {
        between("alpha", self.alpha, 0.0, 0.5)?;
        if self.planned_rows >= 1.0 && self.planned_rows.is_finite() {
            return Ok(());
        }
        let (setting, value) = ("planned_rows", self.planned_rows);
        Err(BadInput::Setting { setting, value, range: "1 or more" })
    }

    /// How many standard errors the bound lies below the mean of n values.
    pub fn reach(&self, rows: f64) -> f64 {
        reach_below(self.alpha, rows, self.planned_rows)
    }
}

/// Values as they come in, in the order they come.
///
/// For the gate the values are gains of rows the policy had not been fitted on: score each day's rows with the policy
/// fitted on the days before and add the differences. Then the bound holds whatever is learnt in between.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// How many values.
    pub rows: f64,
    /// Their mean.
    pub mean: f64,
    /// Their sum of squares about the mean.
    pub squares: f64,
}

impl Running {
    /// Adds values (Welford 1962).
    pub fn add(&mut self, values: &[f64]) -> Result<(), Refused> {
        finite("values", values)?;
        for value in values {
            self.rows += 1.0;
            let step = value - self.mean;
            self.mean += step / self.rows;
            self.squares += step * (value - self.mean);
        }
        Ok(())
    }

    /// The standard error of the mean; 0 below two values.
    pub fn standard_error(&self) -> f64 {
        if self.rows < 2.0 { 0.0 } else { (self.squares / (self.rows - 1.0) / self.rows).sqrt() }
    }

    /// The bound below which the truth is never, but for `alpha`; minus infinity below two values.
    pub fn lower(&self, plan: &Plan) -> Result<f64, Refused> {
        plan.check()?;
        if self.rows < 2.0 {
            return Ok(f64::NEG_INFINITY);
        }
        Ok(self.mean - plan.reach(self.rows) * self.standard_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_by_hand() {
        // n = 100, ρ² = 1/100: √(2 · 2 / 1 · ln(1 + √2 / 0.1)) standard errors.
        let alpha = 0.05_f64;
        let log = -2.0 * (2.0 * alpha).ln();
        let plan = Plan { alpha, planned_rows: 100.0 * (log + (1.0 + log).ln()) };
        let expected = (4.0 * (1.0 + 2.0_f64.sqrt() / 0.1).ln()).sqrt();
        assert!((plan.reach(100.0) - expected).abs() < 1e-12);
    }

    #[test]
    fn the_bound_is_tightest_near_the_plan_and_wider_than_one_look() {
        let plan = Plan { alpha: 0.05, planned_rows: 1_000.0 };
        let reach = |rows: f64| plan.reach(rows);
        assert!(reach(1_000.0) < reach(50.0) && reach(1_000.0) < reach(1e6));
        assert!([10.0, 1e3, 1e5].iter().all(|rows| reach(*rows) > 1.645));
    }

    #[test]
    fn values_added_in_parts_are_the_values_added_at_once() {
        let (mut parts, mut once) = (Running::default(), Running::default());
        parts.add(&[1.0, 2.0]).unwrap();
        parts.add(&[4.0]).unwrap();
        once.add(&[1.0, 2.0, 4.0]).unwrap();
        assert_eq!(parts, once);
        assert!((once.mean - 7.0 / 3.0).abs() < 1e-15 && (once.squares - 14.0 / 3.0).abs() < 1e-12);
        assert_eq!(Running::default().lower(&Plan::default()).unwrap(), f64::NEG_INFINITY);
        assert!(once.add(&[f64::NAN]).is_err());
        assert!(once.lower(&Plan { alpha: 0.9, planned_rows: 1.0 }).is_err());
    }
}
