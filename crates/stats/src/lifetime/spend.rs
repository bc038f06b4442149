//! Gamma-gamma: what a customer spends per order, shrunk towards what customers spend.
//!
//! Each order of a customer is gamma with shape `p` and the customer's own scale, which varies over customers
//! (`q`, `gamma`); spend must not depend on how often they order. Source: Fader, Hardie & Lee 2005, "RFM and CLV";
//! Fader & Hardie 2013, "The gamma-gamma model of monetary value".
//!
//! Three traps of the peers are closed. Rows that cannot be modelled (no order, zero or negative spend) are left out
//! and counted. With `q` ≤ 1 the mean over customers is infinite and the usual formula negative: the median is
//! answered instead and the model says so. And the correlation of frequency and spend, which should be about zero, is
//! always reported.

use super::climb::{climb_with, estimates};
use super::fit::{Convergence, Estimate};
use super::history::{FEWEST_CUSTOMERS, Refused};
use crate::optimize::Matrix;
use crate::special::{digamma, gamma_quantile, ln_gamma};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Which middle of a customer's possible mean spend is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Centre {
    /// The expectation.
    Mean,
    /// The median, because the fitted expectation over customers is infinite.
    Median,
}

/// The model with its parameters; money in the unit it was fitted in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spend {
    /// Shape of one order.
    pub p: f64,
    /// Shape of the scales over customers.
    pub q: f64,
    /// Rate parameter of the scales, in money.
    pub gamma: f64,
}

/// Rows left out of a fit, in customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Excluded {
    /// Without an order to average.
    pub without_orders: f64,
    /// With a mean of zero.
    pub zero_spend: f64,
    /// With a mean below zero.
    pub negative_spend: f64,
}

/// A fitted spend model and its report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpendFit {
    /// The model.
    pub model: Spend,
    /// Mean, or median as the flagged fallback.
    pub centre: Centre,
    /// p, q and gamma.
    pub estimates: Vec<Estimate>,
    /// Their covariance; None where the likelihood has no clear curvature.
    pub covariance: Option<Matrix>,
    /// Total log-likelihood, in the caller's money.
    pub log_likelihood: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Bayes' criterion.
    pub bic: f64,
    /// Customers used.
    pub customers: f64,
    /// Customers left out.
    pub excluded: Excluded,
    /// Pearson correlation of number of orders and mean spend over the customers used; None if either is constant.
    pub correlation: Option<f64>,
    /// Mean over the customers used of their mean spend.
    pub observed_mean: f64,
    /// How the search went.
    pub convergence: Convergence,
}

/// Fits mean spend per order.
///
/// `orders` and `mean_spend` have one row per customer: the number of orders the mean is over (usually the repeat
/// orders) and the mean itself, returns already netted. `weights` are customers per row.
pub fn fit_spend(orders: &[f64], mean_spend: &[f64], weights: Option<&[f64]>) -> Result<SpendFit, Refused> {
    let rows = Rows::new(orders, mean_spend, weights)?;
    let objective = |rows: &Rows, theta: &[f64], gradient: &mut [f64]| rows.evaluate(theta, gradient);
    // Money is scaled to mean one, and gamma p / (q − 1) is the mean.
    let starts =
        [(2.0f64, 3.0f64), (6.0, 4.0), (1.0, 1.5)].map(|(p, q)| vec![p.ln(), q.ln(), ((q - 1.0) / p).ln()]);
    let climbed = climb_with(rows.customers, &rows, None, objective, &starts);
    let covariance = climbed.covariance(|theta, g| rows.evaluate(theta, g), &[], rows.customers);
    let t = &climbed.theta;
    let model = Spend { p: t[0].exp(), q: t[1].exp(), gamma: t[2].exp() * rows.unit };
    let (estimates, covariance) =
        estimates(&["p", "q", "gamma"], &[model.p, model.q, model.gamma], covariance, &[]);
    let log_likelihood = climbed.log_likelihood - rows.customers * rows.unit.ln();
    Ok(SpendFit {
        model,
        centre: model.centre(),
        estimates,
        covariance,
        log_likelihood,
        aic: 6.0 - 2.0 * log_likelihood,
        bic: 3.0 * rows.customers.ln() - 2.0 * log_likelihood,
        customers: rows.customers,
        excluded: rows.excluded,
        correlation: rows.correlation,
        observed_mean: rows.unit,
        convergence: climbed.convergence,
    })
}

impl Spend {
    /// Makes the model from p, q and gamma.
    pub fn from_parts(parameters: &[f64]) -> Result<Spend, Refused> {
        match parameters {
            [p, q, gamma] if parameters.iter().all(|v| v.is_finite() && *v > 0.0) => {
                Ok(Spend { p: *p, q: *q, gamma: *gamma })
            }
            _ => Err(Refused::Parameters {
                model: "gamma-gamma",
                expected: "p, q, gamma",
                given: parameters.to_vec(),
            }),
        }
    }

    /// Mean where it exists; the median where q ≤ 1. For q just above one the mean exists but is not to be trusted.
    pub fn centre(&self) -> Centre {
        if self.q > 1.0 { Centre::Mean } else { Centre::Median }
    }

    /// Expected spend per order of a customer with `orders` orders of `mean_spend` on average (the median if
    /// [`Spend::centre`] says so); with no orders, or a mean that is not positive, that of a new customer.
    pub fn expected_spend(&self, orders: f64, mean_spend: f64) -> f64 {
        let (shape, rate) = self.scale(orders, mean_spend);
        match self.centre() {
            Centre::Mean => self.p * rate / (shape - 1.0),
            Centre::Median => self.p * rate / gamma_quantile(shape, 0.5),
        }
    }

    /// Expected spend per order of a new customer.
    pub fn expected_spend_new(&self) -> f64 {
        self.expected_spend(0.0, 0.0)
    }

    /// Range that holds the customer's long-run mean spend with probability `level`, cut evenly at both ends: the
    /// posterior of their scale is gamma, so this is closed form.
    pub fn spend_range(&self, orders: f64, mean_spend: f64, level: f64) -> (f64, f64) {
        let (shape, rate) = self.scale(orders, mean_spend);
        let tail = 0.5 * (1.0 - level.clamp(0.0, 0.999_999));
        let at = |p: f64| self.p * rate / gamma_quantile(shape, p);
        (at(1.0 - tail), at(tail).min(f64::MAX))
    }

    /// Posterior of the customer's scale: gamma with this shape and rate.
    fn scale(&self, orders: f64, mean_spend: f64) -> (f64, f64) {
        if orders > 0.0 && mean_spend > 0.0 {
            (self.q + self.p * orders, self.gamma + orders * mean_spend)
        } else {
            (self.q, self.gamma)
        }
    }
}

struct Rows {
    unit: f64,
    customers: f64,
    excluded: Excluded,
    correlation: Option<f64>,
    /// Distinct numbers of orders with customers at each.
    orders_at: Vec<(f64, f64)>,
    /// (orders, total spend scaled, weight).
    rows: Vec<(f64, f64, f64)>,
    /// Σ weight·orders·ln(total spend), and Σ weight·ln(mean spend), scaled.
    ln_totals: f64,
    ln_means: f64,
}

impl Rows {
    fn new(orders: &[f64], mean_spend: &[f64], weights: Option<&[f64]>) -> Result<Rows, Refused> {
        if orders.is_empty() {
            return Err(Refused::Empty { needed: FEWEST_CUSTOMERS });
        }
        for (column, rows) in
            [("mean_spend", mean_spend.len()), ("weights", weights.map_or(orders.len(), <[f64]>::len))]
        {
            if rows != orders.len() {
                return Err(Refused::Lengths { column, rows, expected: orders.len() });
            }
        }
        let mut excluded = Excluded::default();
        let mut kept = Vec::with_capacity(orders.len());
        for row in 0..orders.len() {
            let (count, mean, weight) = (orders[row], mean_spend[row], weights.map_or(1.0, |w| w[row]));
            for (column, value) in [("orders", count), ("mean_spend", mean), ("weights", weight)] {
                if !value.is_finite() || value.abs() > 1e15 {
                    return Err(Refused::NotFinite { column, row, value });
                }
                if value < 0.0 && column != "mean_spend" {
                    return Err(Refused::Negative { column, row, value });
                }
            }
            if count.fract() != 0.0 || count > 1e9 {
                return Err(Refused::NotACount { column: "orders", row, value: count });
            }
            if count == 0.0 {
                excluded.without_orders += weight;
            } else if mean == 0.0 {
                excluded.zero_spend += weight;
            } else if mean < 0.0 {
                excluded.negative_spend += weight;
            } else if weight > 0.0 {
                kept.push((count, mean, weight));
            }
        }
        let customers: f64 = kept.iter().map(|r| r.2).sum();
        if customers < FEWEST_CUSTOMERS as f64 {
            return Err(Refused::TooFew { customers, needed: FEWEST_CUSTOMERS });
        }
        let average = |value: &dyn Fn(&(f64, f64, f64)) -> f64| {
            kept.iter().map(|r| r.2 * value(r)).sum::<f64>() / customers
        };
        let (orders_mean, unit) = (average(&|r| r.0), average(&|r| r.1));
        let product = average(&|r| (r.0 - orders_mean) * (r.1 - unit));
        let spread = (average(&|r| (r.0 - orders_mean).powi(2)) * average(&|r| (r.1 - unit).powi(2))).sqrt();
        let mut sorted: Vec<(f64, f64)> = kept.iter().map(|r| (r.0, r.2)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let orders_at =
            sorted.chunk_by(|a, b| a.0 == b.0).map(|c| (c[0].0, c.iter().map(|r| r.1).sum())).collect();
        let rows: Vec<_> = kept.iter().map(|r| (r.0, r.0 * r.1 / unit, r.2)).collect();
        if rows.iter().all(|r| r.1 / r.0 == rows[0].1 / rows[0].0) {
            return Err(Refused::Uninformative(
                "every customer spends the same; use that amount, no model is needed",
            ));
        }
        Ok(Rows {
            unit,
            customers,
            excluded,
            correlation: (spread > 0.0).then(|| product / spread),
            orders_at,
            ln_totals: rows.iter().map(|r| r.2 * r.0 * r.1.ln()).sum(),
            ln_means: rows.iter().map(|r| r.2 * (r.1 / r.0).ln()).sum(),
            rows,
        })
    }

    fn evaluate(&self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let (p, q, gamma) = (theta[0].exp(), theta[1].exp(), theta[2].exp());
        let mut value = p * self.ln_totals - self.ln_means + self.customers * (q * theta[2] - ln_gamma(q));
        let mut slopes =
            [self.ln_totals, self.customers * (theta[2] - digamma(q)), self.customers * q / gamma];
        for (orders, customers) in &self.orders_at {
            let (own, all) = (p * orders, p * orders + q);
            value += customers * (ln_gamma(all) - ln_gamma(own));
            let reach = digamma(all);
            slopes[0] += customers * orders * (reach - digamma(own));
            slopes[1] += customers * reach;
        }
        // A fixed chunk size and order of addition make the sum the same on any number of threads.
        let parts: Vec<[f64; 4]> = self
            .rows
            .par_chunks(8192)
            .map(|chunk| {
                let mut sums = [0.0; 4];
                for (orders, total, weight) in chunk {
                    let (all, shape) = (gamma + total, p * orders + q);
                    let ln = weight * all.ln();
                    sums[0] += shape * ln;
                    sums[1] += orders * ln;
                    sums[2] += ln;
                    sums[3] += weight * shape / all;
                }
                sums
            })
            .collect();
        for sums in parts {
            value -= sums[0];
            slopes.iter_mut().zip(&sums[1..]).for_each(|(slope, sum)| *slope -= sum);
        }
        gradient[0] = p * slopes[0];
        gradient[1] = q * slopes[1];
        gradient[2] = gamma * slopes[2];
        value
    }
}
