//! The whale curve with its doubt: how much of the value comes from how few, and how sure one can be of it.
//!
//! The customers seen are taken as a draw from those the shop could have had. Intervals are normal, with standard errors
//! by linearisation: Langel and Tillé (2013) for the Gini index, the same method for a share of the best. They cost
//! one pass over sorted values, where a bootstrap of a million customers costs hundreds. Values may be negative, as
//! margins are; then the curve rises above the whole and comes back.

use crate::inputs::{BadInput, finite, not_empty};
use serde::Serialize;

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounded {
    /// The figure.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A point of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Share of customers, best first.
    pub customers: f64,
    /// Share of the value they bring.
    pub value: Bounded,
}

/// How value is concentrated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Whale {
    /// From none to all.
    pub curve: Vec<Point>,
    /// Gini index of the base itself: 0 where all bring the same, (n − 1)/n where one brings everything.
    pub gini: Bounded,
    /// Share of value from the best tenth (rounded up to whole customers).
    pub top_10_share: Bounded,
    /// Share of value from the best fifth.
    pub top_20_share: Bounded,
    /// Fewest customers that bring half of the value.
    pub customers_for_half: u64,
}

/// The concentration of values, one per customer in any order, with a curve of `points` steps and intervals that reach
/// `z` standard errors to each side. Refuses values whose sum is not above zero: shares of it mean nothing.
pub fn whale(values: &[f64], points: usize, z: f64) -> Result<Whale, BadInput> {
    not_empty("values", values)?;
    finite("values", values)?;
    let mut falling = values.to_vec();
    falling.sort_by(|a, b| b.total_cmp(a));
    let total: f64 = falling.iter().sum();
    if total <= 0.0 {
        let why = "their sum is not above zero; look at sales in place of margins";
        return Err(BadInput::Uninformative { what: "shares of these values", why });
    }
    let customers = falling.len();
    let running: Vec<f64> = falling
        .iter()
        .scan(0.0, |sum, value| {
            *sum += value;
            Some(*sum)
        })
        .collect();
    let share = |of_customers: f64| {
        let place = ((customers as f64 * of_customers).ceil() as usize).clamp(1, customers);
        bounded(running[place - 1] / total, share_error(&falling, &running, place, total), z)
    };
    let steps = points.clamp(1, customers);
    let nothing = Point { customers: 0.0, value: Bounded { value: 0.0, low: 0.0, high: 0.0 } };
    let curve = std::iter::once(nothing).chain((1..=steps).map(|step| {
        let place = (customers * step).div_ceil(steps);
        let error = share_error(&falling, &running, place, total);
        Point {
            customers: place as f64 / customers as f64,
            value: bounded(running[place - 1] / total, error, z),
        }
    }));
    Ok(Whale {
        curve: curve.collect(),
        gini: gini(&falling, &running, total, z),
        top_10_share: share(0.1),
        top_20_share: share(0.2),
        customers_for_half: running
            .iter()
            .position(|sum| 2.0 * sum >= total)
            .map_or(0, |place| place as u64 + 1),
    })
}

fn bounded(value: f64, error: f64, z: f64) -> Bounded {
    Bounded { value, low: value - z * error, high: value + z * error }
}

/// Standard error of the share of the best `place` customers. A customer above the threshold q moves the share by
/// (x − q)(1) + p·q − L·x over the mean, one below it by p·q − L·x.
fn share_error(falling: &[f64], running: &[f64], place: usize, total: f64) -> f64 {
    let customers = falling.len() as f64;
    if place == falling.len() {
        return 0.0;
    }
    let (threshold, of_customers) = (falling[place - 1], place as f64 / customers);
    let (share, mean) = (running[place - 1] / total, total / customers);
    let moves = falling.iter().enumerate().map(|(row, value)| {
        let above = if row < place { value - threshold } else { 0.0 };
        (above + of_customers * threshold - share * value) / mean
    });
    (moves.map(|move_by| move_by * move_by).sum::<f64>()).sqrt() / customers
}

/// The Gini index with its error: the linearised variable of Langel and Tillé (2013), section 4.
fn gini(falling: &[f64], running: &[f64], total: f64, z: f64) -> Bounded {
    let customers = falling.len();
    let n = customers as f64;
    let rank = |row: usize| (customers - row) as f64;
    let weighted: f64 = falling.iter().enumerate().map(|(row, value)| rank(row) * value).sum();
    let value = 2.0 * weighted / (n * total) - (n + 1.0) / n;
    let moves = falling.iter().enumerate().map(|(row, own)| {
        let rank = rank(row);
        let smaller = (total - running[row] + own) / rank;
        (2.0 * rank * (own - smaller) + total - n * own - value * (total + n * own)) / (n * total)
    });
    let moves: Vec<f64> = moves.collect();
    let spread = crate::describe::standard_deviation(&moves) * n.sqrt();
    bounded(value, spread, z)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concentration::{self, GiniConvention, top_share};
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    /// Values with a long tail, as customers have.
    fn long_tailed(customers: usize) -> Vec<f64> {
        let mut random = Pcg64Mcg::seed_from_u64(7);
        (0..customers).map(|_| (1.2 * random.random_range(-2.0..2.0f64)).exp()).collect()
    }

    #[test]
    fn figures_are_those_of_the_plain_functions() {
        let values = long_tailed(1_000);
        let found = whale(&values, 50, 1.96).unwrap();
        let plain = concentration::gini(&values, GiniConvention::Population).unwrap();
        assert!((found.gini.value - plain).abs() < 1e-12);
        assert_eq!(found.curve.len(), 51);
        let last = found.curve[50];
        assert_eq!(
            (last.customers, last.value.low, last.value.high),
            (1.0, last.value.value, last.value.value)
        );
    }

    #[test]
    fn intervals_are_those_of_the_bootstrap() {
        let values = long_tailed(2_000);
        let found = whale(&values, 10, 1.96).unwrap();
        let resampled = top_share(&values, 0.2, 0.95, 800, 3).unwrap();
        let (width, other) =
            (found.top_20_share.high - found.top_20_share.low, resampled.high - resampled.low);
        assert!((width / other - 1.0).abs() < 0.15, "{width} {other}");
        let ginis: Vec<f64> = (0..400)
            .map(|draw| {
                let mut random = Pcg64Mcg::seed_from_u64(draw);
                let again: Vec<f64> =
                    (0..values.len()).map(|_| values[random.random_range(0..values.len())]).collect();
                concentration::gini(&again, GiniConvention::Population).unwrap()
            })
            .collect();
        let error = crate::describe::standard_deviation(&ginis);
        let found = (found.gini.high - found.gini.low) / (2.0 * 1.96);
        assert!((found / error - 1.0).abs() < 0.15, "{found} {error}");
    }

    #[test]
    fn all_alike_and_all_from_one() {
        let alike = whale(&[5.0; 40], 4, 1.96).unwrap();
        assert!(alike.gini.value.abs() < 1e-12 && alike.gini.high.abs() < 1e-9);
        assert_eq!((alike.top_10_share.value, alike.customers_for_half), (0.1, 20));
        let mut one = vec![0.0; 39];
        one.push(8.0);
        let one = whale(&one, 4, 1.96).unwrap();
        assert!((one.gini.value - 39.0 / 40.0).abs() < 1e-12);
        assert_eq!((one.top_10_share.value, one.customers_for_half), (1.0, 1));
    }

    #[test]
    fn losses_lift_the_curve_above_the_whole() {
        let curve = whale(&[10.0, 5.0, -3.0], 3, 1.96).unwrap().curve;
        assert_eq!(curve[2].value.value, 1.25);
        assert_eq!(curve[3].value.value, 1.0);
        assert!(whale(&[1.0, -1.0], 3, 1.96).is_err() && whale(&[], 3, 1.96).is_err());
        assert!(whale(&[f64::NAN], 3, 1.96).is_err());
        assert_eq!(whale(&[4.0], 3, 1.96).unwrap().curve.len(), 2);
    }
}
