//! What a budget buys: cumulative gain against cumulative cost, for any number of arms.
//!
//! Sverdrup, Wu, Athey and Wager (2023): give each customer, step by step, the arm with the best predicted gain per
//! unit of cost still on offer (the upper convex hull of their own options), and add up unbiased scores along the way.
//! With one action this is the cost curve of Du, Lee and Ghaffarizadeh (2019).

use serde::Serialize;

use super::Refused;
use crate::inputs::{BadInput, not_negative, same_rows};
use crate::table::Table;

/// One point of the curve, per customer of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CostPoint {
    /// Cost spent per customer.
    pub cost: f64,
    /// Gain over the control per customer.
    pub gain: f64,
    /// The standard error of the gain.
    pub standard_error: f64,
    /// Predicted gain per unit of cost of the last step: the price at which it is still taken.
    pub price: f64,
}

/// A cost curve, cheapest gain first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CostCurve {
    /// Points of rising cost, at most one for each step, from (0, 0).
    pub points: Vec<CostPoint>,
    /// Area under the curve over that of the rectangle around it (AUCC of Du et al.): 0.5 is a random order. `None`
    /// where the last gain or cost is not above 0.
    pub area: Option<f64>,
}

impl CostCurve {
    /// The gain a budget per customer buys, between points by a straight line (a share of the customers of a step).
    pub fn gain_at(&self, cost: f64) -> f64 {
        let after = self.points.partition_point(|point| point.cost <= cost);
        match (self.points[..after].last(), self.points.get(after)) {
            (Some(low), Some(high)) => {
                low.gain + (high.gain - low.gain) * (cost - low.cost) / (high.cost - low.cost)
            }
            (Some(last), None) => last.gain,
            (None, _) => 0.0,
        }
    }
}

/// A step of one customer from one option to a dearer one.
struct Step {
    price: f64,
    row: usize,
    cost: f64,
    gain: f64,
}

/// The curve of a policy that ranks by `predicted` gains (rows × actions, over the control) and pays `costs` (same
/// shape, 0 or more), judged by effect scores (same shape: Γ(a) − Γ(0) of rows the predictions had not seen).
/// Actions predicted to lose are never taken; steps of equal price are taken together.
pub fn cost_curve(predicted: &Table, costs: &Table, effect_scores: &Table) -> Result<CostCurve, Refused> {
    for (name, other) in [("costs", costs), ("effect_scores", effect_scores)] {
        same_rows("predicted", &vec![0; predicted.rows()], name, &vec![0; other.rows()])?;
        if other.columns() != predicted.columns() {
            let (setting, value) = (name, other.columns() as f64);
            return Err(BadInput::Setting { setting, value, range: "as many columns as predicted" }.into());
        }
    }
    costs.iter().try_for_each(|row| not_negative("costs", row))?;
    let mut steps: Vec<Step> = (0..predicted.rows())
        .flat_map(|row| hull(row, predicted.row(row), costs.row(row), effect_scores.row(row)))
        .collect();
    steps.sort_by(|a, b| b.price.total_cmp(&a.price));
    let points = walk(&steps, predicted.rows());
    let area = points.last().filter(|end| end.gain > 0.0 && end.cost > 0.0).map(|end| {
        let under: f64 =
            points.windows(2).map(|p| (p[1].cost - p[0].cost) * (p[0].gain + p[1].gain) / 2.0).sum();
        under / (end.gain * end.cost)
    });
    super::refused::in_range("cost curve", &points.iter().map(|point| point.gain).collect::<Vec<_>>())?;
    Ok(CostCurve { points, area })
}

/// The steps along the upper convex hull of a customer's options, from nothing upward.
fn hull(row: usize, predicted: &[f64], costs: &[f64], scores: &[f64]) -> Vec<Step> {
    let mut options: Vec<(f64, f64, f64)> =
        predicted.iter().zip(costs).zip(scores).map(|((gain, cost), score)| (*cost, *gain, *score)).collect();
    options.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let price = |from: (f64, f64, f64), to: (f64, f64, f64)| {
        if to.0 > from.0 { (to.1 - from.1) / (to.0 - from.0) } else { f64::INFINITY }
    };
    let mut taken = vec![(0.0, 0.0, 0.0)];
    for option in options {
        let is_better = |taken: &[(f64, f64, f64)]| taken.last().is_some_and(|last| option.1 > last.1);
        if !is_better(&taken) {
            continue;
        }
        while let [.., before, last] = taken[..] {
            if price(before, last) > price(last, option) {
                break;
            }
            taken.pop();
        }
        taken.push(option);
    }
    let step = |pair: &[(f64, f64, f64)]| Step {
        price: price(pair[0], pair[1]),
        row,
        cost: pair[1].0 - pair[0].0,
        gain: pair[1].2 - pair[0].2,
    };
    taken.windows(2).map(step).collect()
}

fn walk(steps: &[Step], rows: usize) -> Vec<CostPoint> {
    let n = rows as f64;
    let mut held = vec![0.0; rows];
    let (mut cost, mut gain, mut squares) = (0.0, 0.0, 0.0);
    let mut points = vec![CostPoint { cost: 0.0, gain: 0.0, standard_error: 0.0, price: f64::INFINITY }];
    for equals in steps.chunk_by(|a, b| a.price == b.price) {
        for step in equals {
            let (before, after) = (held[step.row], held[step.row] + step.gain);
            held[step.row] = after;
            squares += after * after - before * before;
            (cost, gain) = (cost + step.cost, gain + step.gain);
        }
        let variance = ((squares - gain * gain / n) / (n - 1.0).max(1.0)).max(0.0);
        let price = equals[0].price;
        points.push(CostPoint {
            cost: cost / n,
            gain: gain / n,
            standard_error: (variance / n).sqrt(),
            price,
        });
    }
    points
}
