//! Shifted-beta-geometric: contracts that are renewed each period or not, and say so.
//!
//! Each customer cancels at each renewal with their own constant probability (beta over customers: `alpha`, `beta`).
//! Cohort retention rises with age because those who cancel easily are gone first, not because anybody grows more
//! loyal. Source: Fader & Hardie 2007, "How to project customer retention"; residual values: Fader & Hardie 2010.

use super::climb::{Climbed, climb_with, estimates, held, ridges};
use super::fit::{Convergence, Estimate, Limit};
use super::history::{FEWEST_CUSTOMERS, Refused};
use crate::optimize::Matrix;
use crate::special::{Rising, rise};
use serde::{Deserialize, Serialize};

/// Customers who began together: how many cancelled at the end of each period, and how many are still there.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// Cancelled at the end of period 1, 2, …
    pub lost: Vec<f64>,
    /// There after the last of these.
    pub left: f64,
}

impl Cohort {
    /// From counts of customers at the start and after each period: 1000, 869, 743, …
    pub fn from_survivors(survivors: &[f64]) -> Result<Cohort, Refused> {
        let Some(left) = survivors.last().copied() else {
            return Err(Refused::Empty { needed: FEWEST_CUSTOMERS });
        };
        for (row, value) in survivors.iter().copied().enumerate() {
            if !value.is_finite() {
                return Err(Refused::NotFinite { column: "survivors", row, value });
            }
            if value < 0.0 {
                return Err(Refused::Negative { column: "survivors", row, value });
            }
            if row > 0 && value > survivors[row - 1] {
                return Err(Refused::Uninformative(
                    "survivors rise from one period to the next; a cohort can only shrink",
                ));
            }
        }
        Ok(Cohort { lost: survivors.windows(2).map(|w| w[0] - w[1]).collect(), left })
    }
}

/// The model with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// Beta parameter of cancelling.
    pub alpha: f64,
    /// Beta parameter of renewing.
    pub beta: f64,
}

/// A fitted contract model and its report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContractFit {
    /// The model.
    pub model: Contract,
    /// Alpha and beta.
    pub estimates: Vec<Estimate>,
    /// Their covariance; None where the likelihood has no clear curvature.
    pub covariance: Option<Matrix>,
    /// Total log-likelihood.
    pub log_likelihood: f64,
    /// Log-likelihood if all customers cancelled with one probability, which is the geometric model.
    pub common_log_likelihood: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Bayes' criterion.
    pub bic: f64,
    /// Customers.
    pub customers: f64,
    /// The geometric model, if the fit ran into it.
    pub limits: Vec<Limit>,
    /// How the search went.
    pub convergence: Convergence,
}

/// Fits the model to one cohort or several of different ages.
pub fn fit_contract(cohorts: &[Cohort]) -> Result<ContractFit, Refused> {
    let counts = Counts::new(cohorts)?;
    let objective = |counts: &Counts, theta: &[f64], gradient: &mut [f64]| counts.evaluate(theta, gradient);
    let odds = (counts.cancelled() / counts.renewed()).ln();
    let starts = [1.0, 10.0, 0.2].map(|size: f64| vec![size.ln() + odds, size.ln()]);
    let climbed = climb_with(counts.customers, &counts, None, objective, &starts);
    let limits = ridges(
        &climbed,
        &[(0, 1)],
        |theta, g| counts.evaluate(theta, g),
        |_, t| Limit::CommonDropout { probability: crate::special::logistic(t[0] - t[1]) },
    );
    let held = held(&limits);
    let covariance = climbed.covariance(|theta, g| counts.evaluate(theta, g), &held, counts.customers);
    let model = Contract { alpha: climbed.theta[0].exp(), beta: climbed.theta[1].exp() };
    let (estimates, covariance) =
        estimates(&["alpha", "beta"], &[model.alpha, model.beta], covariance, &held);
    let Climbed { log_likelihood, convergence, .. } = climbed;
    let chance = counts.cancelled() / (counts.cancelled() + counts.renewed());
    Ok(ContractFit {
        model,
        estimates,
        covariance,
        log_likelihood,
        common_log_likelihood: counts.cancelled() * chance.ln() + counts.renewed() * (-chance).ln_1p(),
        aic: 4.0 - 2.0 * log_likelihood,
        bic: 2.0 * counts.customers.ln() - 2.0 * log_likelihood,
        customers: counts.customers,
        limits: limits.into_iter().map(|l| l.0).collect(),
        convergence,
    })
}

/// Cancelled in period t, and last seen after period t, over all cohorts.
struct Counts {
    lost: Vec<f64>,
    left: Vec<f64>,
    customers: f64,
}

impl Counts {
    fn new(cohorts: &[Cohort]) -> Result<Counts, Refused> {
        let periods = cohorts.iter().map(|c| c.lost.len()).max().unwrap_or(0);
        let mut counts =
            Counts { lost: vec![0.0; periods + 1], left: vec![0.0; periods + 1], customers: 0.0 };
        for cohort in cohorts {
            for (row, value) in cohort.lost.iter().copied().chain([cohort.left]).enumerate() {
                if !value.is_finite() {
                    return Err(Refused::NotFinite { column: "lost", row, value });
                }
                if value < 0.0 {
                    return Err(Refused::Negative { column: "lost", row, value });
                }
                counts.customers += value;
            }
            cohort.lost.iter().enumerate().for_each(|(t, lost)| counts.lost[t + 1] += lost);
            counts.left[cohort.lost.len()] += cohort.left;
        }
        if counts.customers < FEWEST_CUSTOMERS as f64 {
            return Err(Refused::TooFew { customers: counts.customers, needed: FEWEST_CUSTOMERS });
        }
        if counts.cancelled() <= 0.0 {
            return Err(Refused::Uninformative("nobody has cancelled yet; wait for the first cancellations"));
        }
        if counts.renewed() <= 0.0 {
            return Err(Refused::Uninformative("nobody has renewed; there is no retention to learn"));
        }
        Ok(counts)
    }

    fn cancelled(&self) -> f64 {
        self.lost.iter().sum()
    }

    /// Renewals made by all customers together.
    fn renewed(&self) -> f64 {
        (1..self.lost.len()).map(|t| (t - 1) as f64 * self.lost[t] + t as f64 * self.left[t]).sum()
    }

    fn evaluate(&self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let (alpha, beta) = (theta[0].exp(), theta[1].exp());
        let (mut stay, mut all) = (Rising::default(), Rising::default());
        let mut value = 0.0;
        gradient.fill(0.0);
        for t in 1..self.lost.len() {
            let from = t as u64 - 1;
            all = rise(all, alpha + beta, from, from + 1);
            let lost = self.lost[t];
            value += lost * (theta[0] + stay.ln - all.ln);
            gradient[0] += lost * (1.0 / alpha - all.inverse);
            gradient[1] += lost * (stay.inverse - all.inverse);
            stay = rise(stay, beta, from, from + 1);
            let left = self.left[t];
            value += left * (stay.ln - all.ln);
            gradient[0] -= left * all.inverse;
            gradient[1] += left * (stay.inverse - all.inverse);
        }
        gradient[0] *= alpha;
        gradient[1] *= beta;
        value
    }
}

impl Contract {
    /// Probability of being a customer still after `periods` renewals; fractions are dropped.
    pub fn survival(&self, periods: f64) -> f64 {
        self.survival_from(0.0, periods)
    }

    /// Probability of renewing once more for a customer who has renewed `age` times.
    pub fn retention(&self, age: f64) -> f64 {
        let age = age.max(0.0).floor();
        (self.beta + age) / (self.alpha + self.beta + age)
    }

    /// Probability of `periods` more renewals for a customer who has renewed `age` times.
    pub fn survival_from(&self, age: f64, periods: f64) -> f64 {
        let (age, periods) = (age.clamp(0.0, 1e9).floor(), periods.clamp(0.0, 1e9).floor());
        let (from, to) = (age as u64, (age + periods) as u64);
        let zero = Rising::default();
        (rise(zero, self.beta, from, to).ln - rise(zero, self.alpha + self.beta, from, to).ln).exp().min(1.0)
    }

    /// Expected further renewals within `periods` of a customer who has renewed `age` times, the m-th divided by
    /// (1 + `discount`)^m: the discounted residual lifetime, or its plain expectation at discount zero. `periods` may
    /// be infinite; without a discount the answer then is too, unless `alpha` is above one.
    pub fn expected_renewals(&self, age: f64, periods: f64, discount: f64) -> f64 {
        let age = age.clamp(0.0, 1e9).floor();
        let discount = discount.max(0.0);
        if periods.is_infinite() && discount == 0.0 {
            return if self.alpha > 1.0 { (self.beta + age) / (self.alpha - 1.0) } else { f64::INFINITY };
        }
        let (mut term, mut sum, mut m) = (1.0, 0.0, 0.0);
        while m + 1.0 <= periods && m < 1e7 {
            term *= self.retention(age + m) / (1.0 + discount);
            sum += term;
            m += 1.0;
            if term < 1e-15 * sum {
                break;
            }
        }
        sum
    }
}
