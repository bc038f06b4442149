//! Forecasts anybody can make in a spreadsheet. A model earns its place by beating these on held-out time.

use serde::Serialize;

use crate::inputs::{BadInput, not_empty, not_negative, same_rows};

/// The customer goes on as before: orders so far over the days known, times the horizon. A customer known for less
/// than a day counts as known for one.
pub fn own_past_rate(orders: f64, known_days: f64, horizon_days: f64) -> f64 {
    orders / known_days.max(1.0) * horizon_days
}

/// Everybody gets the mean of a past window.
pub fn population_mean(past: &[f64]) -> Result<Vec<f64>, BadInput> {
    not_empty("past", past)?;
    Ok(vec![crate::describe::mean(past); past.len()])
}

/// Everybody repeats the last window, scaled when it was longer or shorter than the horizon.
pub fn last_window(past: &[f64], window_days: f64, horizon_days: f64) -> Result<Vec<f64>, BadInput> {
    if !(window_days > 0.0 && horizon_days.is_finite()) {
        return Err(BadInput::Setting { setting: "window_days", value: window_days, range: "above 0" });
    }
    Ok(past.iter().map(|value| value * horizon_days / window_days).collect())
}

/// "Silent for longer than so many days means gone": the rule managers use, which Wübben and von Wangenheim (2008)
/// found as good as the models at telling active from inactive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Hiatus {
    /// The longest silence, in days, of a customer called active.
    pub cutoff_days: f64,
    /// The share of customers within it who ordered again.
    pub active_within: f64,
    /// The share of customers beyond it who ordered again.
    pub active_beyond: f64,
}

impl Hiatus {
    /// Learns the cut-off with the fewest wrong calls on a past window (the shortest, if several are as good), from
    /// one row per customer: days of silence at its start and whether an order came within it.
    pub fn new(silent_days: &[f64], ordered: &[bool]) -> Result<Hiatus, BadInput> {
        not_empty("silent_days", silent_days)?;
        same_rows("silent_days", silent_days, "ordered", ordered)?;
        not_negative("silent_days", silent_days)?;
        let order = crate::describe::order(silent_days);
        let all_yes = ordered.iter().filter(|is| **is).count() as f64;
        let all = ordered.len() as f64;
        let share = |yes: f64, of: f64, other: f64| if of > 0.0 { yes / of } else { other };
        let base = all_yes / all;
        // Calling everybody gone is the cut-off of no days at all.
        let mut best = (all_yes, Hiatus { cutoff_days: 0.0, active_within: base, active_beyond: base });
        let (mut within, mut yes) = (0.0, 0.0);
        for group in order.chunk_by(|a, b| silent_days[*a] == silent_days[*b]) {
            within += group.len() as f64;
            yes += group.iter().filter(|row| ordered[**row]).count() as f64;
            let wrong = (within - yes) + (all_yes - yes);
            if wrong < best.0 {
                let rule = Hiatus {
                    cutoff_days: silent_days[group[0]],
                    active_within: yes / within,
                    active_beyond: share(all_yes - yes, all - within, base),
                };
                best = (wrong, rule);
            }
        }
        Ok(best.1)
    }

    /// Whether the rule calls this customer active.
    pub fn is_active(&self, silent_days: f64) -> bool {
        silent_days <= self.cutoff_days
    }

    /// The probability of an order that goes with the call.
    pub fn probability(&self, silent_days: f64) -> f64 {
        if self.is_active(silent_days) { self.active_within } else { self.active_beyond }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cut_off_that_errs_least_is_found() {
        let silent = [1.0, 5.0, 10.0, 20.0, 40.0, 90.0, 200.0];
        let ordered = [true, false, true, true, false, false, false];
        let rule = Hiatus::new(&silent, &ordered).unwrap();
        assert_eq!((rule.cutoff_days, rule.active_within, rule.active_beyond), (20.0, 0.75, 0.0));
        assert!(rule.is_active(20.0) && !rule.is_active(20.5));
        assert_eq!(rule.probability(3.0), 0.75);
    }

    #[test]
    fn naive_amounts() {
        assert_eq!(own_past_rate(4.0, 80.0, 20.0), 1.0);
        assert!(own_past_rate(0.0, 0.0, 20.0).is_finite());
        assert_eq!(population_mean(&[1.0, 3.0]).unwrap(), [2.0, 2.0]);
        assert_eq!(last_window(&[2.0], 30.0, 90.0).unwrap(), [6.0]);
        assert!(population_mean(&[]).is_err() && last_window(&[2.0], 0.0, 90.0).is_err());
    }
}
