//! Monotone maps from what a model says to what happens.

use serde::{Deserialize, Serialize};

use super::logistic::logistic;
use crate::accuracy::calibration;
use crate::describe::order;
use crate::inputs::{BadInput, not_empty, same_rows};

/// Which map to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Leave probabilities as they are.
    None,
    /// A line on log-odds (Platt 1999): two numbers, for few rows.
    Platt,
    /// A rising staircase (pool adjacent violators), joined by straight lines: for many rows.
    Isotonic,
}

/// A learnt map. It never turns an order of two customers round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Calibrator {
    /// The same probability.
    None,
    /// A line on log-odds.
    Platt {
        /// Its slope, zero or more.
        slope: f64,
        /// Its intercept.
        intercept: f64,
    },
    /// Points of a rising line.
    Isotonic {
        /// What the model said, rising.
        said: Vec<f64>,
        /// What happened, never falling.
        happened: Vec<f64>,
    },
}

impl Calibrator {
    /// Learns a map from predictions for rows the model had not seen. Where a line cannot be told (all predictions or
    /// all outcomes alike), Platt leaves probabilities as they are.
    pub fn fit(method: Method, predicted: &[f64], happened: &[bool]) -> Result<Calibrator, BadInput> {
        not_empty("happened", happened)?;
        same_rows("predicted", predicted, "happened", happened)?;
        Ok(match method {
            Method::None => Calibrator::None,
            Method::Platt => match calibration(predicted, happened)? {
                Some(line) if line.slope >= 0.0 => {
                    Calibrator::Platt { slope: line.slope, intercept: line.intercept }
                }
                _ => Calibrator::None,
            },
            Method::Isotonic => isotonic(predicted, happened),
        })
    }

    /// The calibrated probability.
    pub fn apply(&self, probability: f64) -> f64 {
        match self {
            Calibrator::None => probability,
            Calibrator::Platt { slope, intercept } => {
                let odds = (probability.max(1e-9) / (1.0 - probability).max(1e-9)).ln();
                logistic(intercept + slope * odds)
            }
            Calibrator::Isotonic { said, happened } => interpolate(said, happened, probability),
        }
    }
}

/// Pools neighbours until what happened never falls, then keeps the middle of each pool as a point.
fn isotonic(predicted: &[f64], happened: &[bool]) -> Calibrator {
    struct Pool {
        lowest: f64,
        highest: f64,
        said: f64,
        happened: f64,
        rows: f64,
    }
    let mean = |pool: &Pool| pool.happened / pool.rows;
    let mut pools: Vec<Pool> = Vec::new();
    for row in order(predicted) {
        let said = predicted[row];
        let happened = f64::from(u8::from(happened[row]));
        pools.push(Pool { lowest: said, highest: said, said, happened, rows: 1.0 });
        while let [.., before, last] = &pools[..] {
            if before.highest < last.lowest && mean(before) <= mean(last) {
                break;
            }
            if let Some(last) = pools.pop()
                && let Some(before) = pools.last_mut()
            {
                before.highest = last.highest;
                before.said += last.said;
                before.happened += last.happened;
                before.rows += last.rows;
            }
        }
    }
    // The mean of a pool's predictions lies inside it up to rounding; the clamp keeps the points rising.
    let said = |pool: &Pool| (pool.said / pool.rows).clamp(pool.lowest, pool.highest);
    // Ends where nothing or everything happened would promise certainty; Laplace's rule for all rows bounds them.
    let least = 1.0 / (predicted.len() as f64 + 2.0);
    Calibrator::Isotonic {
        said: pools.iter().map(said).collect(),
        happened: pools.iter().map(|pool| mean(pool).clamp(least, 1.0 - least)).collect(),
    }
}

fn interpolate(said: &[f64], happened: &[f64], at: f64) -> f64 {
    let above = said.partition_point(|value| *value <= at);
    match (above.checked_sub(1), said.get(above)) {
        (None, _) => happened[0],
        (Some(below), None) => happened[below],
        (Some(below), Some(next)) => {
            let share = (at - said[below]) / (next - said[below]);
            happened[below] + share * (happened[above] - happened[below])
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pools_of_a_short_column() {
        let map =
            Calibrator::fit(Method::Isotonic, &[0.1, 0.2, 0.3, 0.4, 0.5], &[false, true, false, true, true])
                .unwrap();
        let found: Vec<f64> = [0.0, 0.1, 0.25, 0.4, 0.9].iter().map(|p| map.apply(*p)).collect();
        assert!(
            found
                .iter()
                .zip([1.0 / 7.0, 1.0 / 7.0, 0.5, 6.0 / 7.0, 6.0 / 7.0])
                .all(|(a, b)| (a - b).abs() < 1e-9),
            "{found:?}"
        );
    }

    #[test]
    fn nothing_to_learn_leaves_probabilities_alone() {
        let map = Calibrator::fit(Method::Platt, &[0.3, 0.3], &[true, false]).unwrap();
        assert_eq!(map, Calibrator::None);
        assert!(Calibrator::fit(Method::Platt, &[], &[]).is_err());
    }

    proptest! {
        #[test]
        fn order_is_never_turned_round(
            rows in prop::collection::vec((0.0..=1.0f64, prop::bool::ANY), 1..60),
            coarse in prop::bool::ANY,
        ) {
            let (predicted, happened): (Vec<f64>, Vec<bool>) = rows
                .into_iter()
                .map(|(p, is)| (if coarse { (p * 4.0).round() / 4.0 } else { p }, is))
                .unzip();
            for method in [Method::Platt, Method::Isotonic] {
                let map = Calibrator::fit(method, &predicted, &happened).unwrap();
                let line: Vec<f64> = (0..=20).map(|step| map.apply(f64::from(step) / 20.0)).collect();
                prop_assert!(line.iter().all(|p| (0.0..=1.0).contains(p)), "{:?}", line);
                prop_assert!(line.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12));
            }
        }
    }
}
