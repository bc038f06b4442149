//! Many metrics of one experiment: which of them moved, with the share of false findings held down.
//!
//! Benjamini and Hochberg (1995): the adjusted p-value of a metric is the smallest rate of false discoveries
//! at which it would be among them. Valid when metrics are independent or positively dependent, as a shop's
//! usually are. Always-valid p-values of sequences may go in as well; the control then holds at each look.

use crate::describe::order;
use crate::discoveries::discoveries;
use crate::inputs::{BadInput, between};
use serde::Serialize;

/// A metric among others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Adjusted {
    /// Its p-value as given.
    pub p_value: f64,
    /// The smallest rate at which it is a discovery.
    pub adjusted: f64,
    /// Whether it is one at the rate asked for.
    pub is_discovery: bool,
}

/// Adjusts p-values, one per metric in any order; at most the share `rate` of discoveries is expected to be
/// false.
pub fn adjust(p_values: &[f64], rate: f64) -> Result<Vec<Adjusted>, BadInput> {
    between("rate", rate, 0.0, 1.0)?;
    if let Some(row) = p_values.iter().position(|p| !(0.0..=1.0).contains(p)) {
        let range = "from 0 to 1";
        return Err(BadInput::OutOfRange { what: "p-value", row, value: p_values[row], range });
    }
    let order = order(p_values);
    let rising: Vec<f64> = order.iter().map(|row| p_values[*row]).collect();
    let found = discoveries(&rising, rate);
    let all = rising.len() as f64;
    let untouched = |p: &f64| Adjusted { p_value: *p, adjusted: 1.0, is_discovery: false };
    let mut adjusted: Vec<Adjusted> = p_values.iter().map(untouched).collect();
    let mut smallest = 1.0f64;
    for (place, row) in order.iter().enumerate().rev() {
        smallest = smallest.min(rising[place] * all / (place as f64 + 1.0));
        adjusted[*row].adjusted = smallest;
        adjusted[*row].is_discovery = place < found;
    }
    Ok(adjusted)
}
