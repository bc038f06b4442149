//! Answers for many customers at once, on all cores, and totals with an honest interval.

use super::fit::Fit;
use super::history::{History, Refused, group};
use super::model::Model;
use crate::special::normal_quantile;
use rayon::prelude::*;

/// What to compute for each customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Time ahead for orders.
    pub horizon: f64,
    /// Probability the range of orders should hold; None to skip the range.
    pub level: Option<f64>,
    /// Continuous discount rate per unit of time for the discounted orders within the horizon; zero for none.
    pub rate: f64,
}

/// The answers for one customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Probability of being active.
    pub p_alive: f64,
    /// Probability of no order within the horizon.
    pub p_no_order: f64,
    /// Expected orders within the horizon.
    pub expected_orders: f64,
    /// The same, discounted.
    pub discounted_orders: f64,
    /// Fewest orders of the range; the expectation if no range was asked for.
    pub low: f64,
    /// Most orders of the range; the expectation if no range was asked for.
    pub high: f64,
}

/// Scores every row; one score per row, in order. The numbers are those of [`Model`]'s functions for one customer.
pub fn score_all(model: &Model, history: &History, request: &Request) -> Result<Vec<Score>, Refused> {
    history.check()?;
    for (setting, value) in [("horizon", request.horizon), ("rate", request.rate)] {
        if !value.is_finite() || value < 0.0 {
            return Err(Refused::Setting { setting, value, range: "zero or more" });
        }
    }
    let one = |row: usize| {
        let standing = model.standing(history.frequency[row], history.recency[row], history.age[row]);
        let (expected_orders, discounted_orders) =
            standing.plain_with_discounted(request.horizon, request.rate);
        let range = request.level.map(|level| standing.order_range(request.horizon, level));
        Score {
            p_alive: standing.p_alive(),
            p_no_order: standing.p_no_order(request.horizon),
            expected_orders,
            discounted_orders,
            low: range.map_or(expected_orders, |r| r.low),
            high: range.map_or(expected_orders, |r| r.high),
        }
    };
    Ok((0..history.rows()).into_par_iter().with_min_len(1024).map(one).collect())
}

/// Orders all customers together will make, with what makes the figure uncertain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Total {
    /// Expected orders.
    pub expected: f64,
    /// Standard deviation from chance: rates and leaving of the customers, and the orders themselves.
    pub chance: f64,
    /// Standard error from the parameters being estimates; None where the fit has no covariance.
    pub parameters: Option<f64>,
    /// Fewest orders, at the level asked for.
    pub low: f64,
    /// Most orders.
    pub high: f64,
}

impl Fit {
    /// Forecast of the orders of all customers within `horizon`, by the fitted model.
    ///
    /// Chance is added up over independent customers, the parameters enter by the delta method, and the interval is
    /// normal. It does not know of seasons, new customers or a changing world. Where attrition is not identified, fit
    /// the NBD and ask that fit.
    pub fn total(&self, history: &History, horizon: f64, level: f64) -> Result<Total, Refused> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Refused::Setting { setting: "level", value: level, range: "between 0 and 1" });
        }
        let groups = group(history)?;
        let rows = groups.weights.len();
        let sum = |term: &(dyn Fn(usize) -> f64 + Sync)| {
            let parts: Vec<f64> = (0..rows.div_ceil(1024))
                .into_par_iter()
                .map(|c| (c * 1024..((c + 1) * 1024).min(rows)).map(|i| groups.weights[i] * term(i)).sum())
                .collect();
            parts.iter().sum::<f64>()
        };
        let standing =
            |model: &Model, i: usize| model.standing(groups.frequency[i], groups.recency[i], groups.age[i]);
        let expected = sum(&|i| standing(&self.model, i).expected_orders(horizon));
        let chance = sum(&|i| standing(&self.model, i).order_moments(horizon).1).sqrt();
        let parameters = self.covariance.as_ref().map(|covariance| {
            let all = self.model.parameters();
            let extra = all.len() - covariance.len();
            let slopes: Vec<f64> = (0..covariance.len())
                .map(|j| {
                    if covariance[j][j] == 0.0 {
                        return 0.0;
                    }
                    let step = 1e-4 * all[extra + j];
                    let side = |sign: f64| {
                        let mut moved = all.clone();
                        moved[extra + j] += sign * step;
                        let model = Model::from_parts(self.model.name(), &moved).unwrap_or(self.model);
                        sum(&|i| standing(&model, i).expected_orders(horizon))
                    };
                    (side(1.0) - side(-1.0)) / (2.0 * step)
                })
                .collect();
            let variance: f64 = (0..slopes.len())
                .flat_map(|i| (0..slopes.len()).map(move |j| (i, j)))
                .map(|(i, j)| slopes[i] * covariance[i][j] * slopes[j])
                .sum();
            variance.max(0.0).sqrt()
        });
        let width = normal_quantile(0.5 + 0.5 * level) * chance.hypot(parameters.unwrap_or(0.0));
        Ok(Total { expected, chance, parameters, low: (expected - width).max(0.0), high: expected + width })
    }
}
