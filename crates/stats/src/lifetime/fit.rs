//! Maximum likelihood for every repeat-buying family, and what a fit must admit about itself.
//!
//! Parameters are sought as logarithms, in time rescaled to the mean age, on grouped rows, with exact gradients, from
//! several starts. Beside each family the one in which nobody leaves (NBD) is fitted to the same rows: if the likelihood
//! rises by less than two nats, the data do not show that anybody leaves, and the fit says so ([`Attrition`]) instead
//! of reporting P(alive) = 1 for all. Optima at infinity are normal on shop data (every customer leaves at the same
//! rate, say); they are recognised and reported as the limiting model with its finite ratio ([`Limit`]).

use super::climb::{Climbed, climb, climb_with, estimates, held, limits_with_attrition, ridges};
use super::coin::{self, Coin, Dropout};
use super::discrete::{self, BgBb, Cells};
use super::history::{History, Refused};
use super::model::{MOST_REGULAR, Model};
use super::pareto::{self, Pareto};
use super::rows::Rows;
use crate::optimize::Matrix;
use crate::special::ln_gamma;
use serde::{Deserialize, Serialize};

/// What can be fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Family {
    /// A coin after each order, gaps with the given Erlang shape.
    Coin {
        /// When customers leave.
        dropout: Dropout,
        /// Erlang shape of the gaps, 1 to 12.
        regularity: u32,
    },
    /// Pareto/NBD.
    Pareto,
    /// BG/BB, in discrete time.
    BgBb,
}

impl Family {
    /// Nobody leaves.
    pub const NBD: Family = Family::Coin { dropout: Dropout::Never, regularity: 1 };
    /// BG/NBD.
    pub const BG_NBD: Family = Family::Coin { dropout: Dropout::AfterRepeats, regularity: 1 };
    /// MBG/NBD, the default.
    pub const MBG_NBD: Family = Family::Coin { dropout: Dropout::AfterAll, regularity: 1 };
    /// Pareto/NBD.
    pub const PARETO_NBD: Family = Family::Pareto;
    /// BG/BB.
    pub const BG_BB: Family = Family::BgBb;

    /// The family of a model name without k ([`Model::from_parts`]); underscores are read as hyphens.
    pub fn named(name: &str) -> Result<Family, Refused> {
        match name.replace('_', "-").as_str() {
            "nbd" => Ok(Family::NBD),
            "bg-nbd" => Ok(Family::BG_NBD),
            "mbg-nbd" => Ok(Family::MBG_NBD),
            "pareto-nbd" => Ok(Family::Pareto),
            "bg-bb" => Ok(Family::BgBb),
            _ => Err(Refused::UnknownModel(name.to_string())),
        }
    }
}

/// A parameter with its uncertainty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The letter of the literature.
    pub name: String,
    /// Its value, in the caller's unit of time.
    pub value: f64,
    /// Its standard error; none for a parameter held at a limit, or where the likelihood has no clear curvature.
    pub standard_error: Option<f64>,
}

/// Whether the data show that customers leave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Attrition {
    /// They do: the likelihood gains this over the model in which nobody leaves.
    Identified {
        /// Gain in log-likelihood.
        gain_nats: f64,
    },
    /// They do not: use the model in which nobody leaves ([`Fit::advised`]), and do not read P(alive).
    NotIdentified {
        /// Gain in log-likelihood, under [`LEAST_GAIN`].
        gain_nats: f64,
    },
}

/// Gain in log-likelihood under which attrition counts as not identified.
pub const LEAST_GAIN: f64 = 2.0;

/// A simpler model that the fit ran into: its parameters went to infinity or zero with a finite ratio.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Limit {
    /// Nobody leaves.
    NobodyLeaves,
    /// Every customer leaves with the same probability after an order (or before an occasion).
    CommonDropout {
        /// That probability.
        probability: f64,
    },
    /// Every customer leaves at the same rate.
    CommonDeathRate {
        /// Per unit of time.
        rate: f64,
    },
    /// Every customer orders at the same rate while active.
    CommonOrderRate {
        /// Orders per unit of time.
        rate: f64,
    },
    /// Every customer orders with the same probability at each occasion.
    CommonOrderChance {
        /// That probability.
        probability: f64,
    },
}

/// How the search went.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Convergence {
    /// The gradient vanished.
    pub is_converged: bool,
    /// Iterations of the search that won.
    pub iterations: usize,
    /// Passes over the rows, all searches together.
    pub evaluations: usize,
    /// Largest gradient entry by the logarithm of a parameter, per customer.
    pub gradient_norm: f64,
    /// Starting points tried.
    pub starts: usize,
    /// Of these, how many ended within a hundredth of a nat of the best.
    pub starts_agreeing: usize,
}

/// A fitted model and its report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// The model, ready to predict in the caller's unit of time.
    pub model: Model,
    /// Parameters in the order of the literature.
    pub estimates: Vec<Estimate>,
    /// Covariance of the estimates; rows and columns of parameters held at a limit are zero. None where the likelihood
    /// has no clear curvature.
    pub covariance: Option<Matrix>,
    /// Total log-likelihood, in the caller's unit of time.
    pub log_likelihood: f64,
    /// Akaike's criterion, 2k − 2 ln L.
    pub aic: f64,
    /// Bayes' criterion, k ln(customers) − 2 ln L.
    pub bic: f64,
    /// Customers.
    pub customers: f64,
    /// Customers with a repeat order.
    pub repeaters: f64,
    /// Repeat orders.
    pub orders: f64,
    /// The model in which nobody leaves, on the same rows.
    pub without_attrition: Model,
    /// Its log-likelihood.
    pub without_attrition_log_likelihood: f64,
    /// Whether the data show that customers leave.
    pub attrition: Attrition,
    /// Simpler models the fit ran into; empty for an ordinary optimum.
    pub limits: Vec<Limit>,
    /// How the search went.
    pub convergence: Convergence,
}

impl Fit {
    /// The model to predict with: this one, or the one in which nobody leaves if attrition is not identified.
    pub fn advised(&self) -> Model {
        match self.attrition {
            Attrition::Identified { .. } => self.model,
            Attrition::NotIdentified { .. } => self.without_attrition,
        }
    }
}

/// Fits a family to a history of customers or of groups; both give the same optimum.
///
/// For regularity above 1 the log-likelihood holds the density of the gaps only if the history has `log_gaps`; the
/// parameters are the same either way.
pub fn fit(family: Family, history: &History) -> Result<Fit, Refused> {
    match family {
        Family::Coin { dropout, regularity } => {
            if !(1..=MOST_REGULAR).contains(&regularity) {
                return Err(Refused::Regularity(regularity));
            }
            Ok(fit_continuous(&Rows::new(history, history.check_fittable()?)?, Some((dropout, regularity))))
        }
        Family::Pareto => Ok(fit_continuous(&Rows::new(history, history.check_fittable()?)?, None)),
        Family::BgBb => {
            let totals = history.check_fittable()?;
            Ok(fit_discrete(&Cells::new(history)?, totals))
        }
    }
}

/// Fits a coin family for each degree of regularity from 1 to `highest` and returns the fits, best first. The history
/// needs `log_gaps`, without which degrees cannot be compared.
pub fn fit_regularity(dropout: Dropout, history: &History, highest: u32) -> Result<Vec<Fit>, Refused> {
    if !(1..=MOST_REGULAR).contains(&highest) {
        return Err(Refused::Regularity(highest));
    }
    if history.log_gaps.is_none() {
        return Err(Refused::GapsMissing);
    }
    let rows = Rows::new(history, history.check_fittable()?)?;
    let mut fits: Vec<Fit> = (1..=highest).map(|k| fit_continuous(&rows, Some((dropout, k)))).collect();
    fits.sort_by(|a, b| b.log_likelihood.total_cmp(&a.log_likelihood));
    Ok(fits)
}

/// Log-likelihood of a history under a given model, in the caller's unit of time: for held-out customers, for other
/// people's parameters. The terms are those of [`Fit::log_likelihood`].
pub fn log_likelihood(model: &Model, history: &History) -> Result<f64, Refused> {
    let ln = |values: &[f64]| values.iter().map(|v| v.ln()).collect::<Vec<f64>>();
    if let Model::BgBb(m) = model {
        let cells = Cells::new(history)?;
        return Ok(discrete::evaluate(&cells, &ln(&[m.alpha, m.beta, m.gamma, m.delta]), &mut [0.0; 4]));
    }
    let rows = Rows::new(history, history.check()?)?;
    let (scale, value) = match model {
        Model::Coin(m) => {
            let mut theta = ln(&[m.r, m.alpha / rows.unit]);
            if m.dropout != Dropout::Never {
                theta.extend(ln(&[m.a, m.b]));
            }
            let value = coin::evaluate(m.dropout, m.regularity, &rows, &theta, &mut [0.0; 4]);
            (f64::from(m.regularity), value)
        }
        Model::Pareto(m) => {
            let theta = ln(&[m.r, m.alpha / rows.unit, m.s, m.beta / rows.unit]);
            (1.0, pareto::evaluate(&rows, &theta, &mut [0.0; 4]))
        }
        Model::BgBb(_) => (1.0, 0.0),
    };
    Ok(value + constant(&rows, scale))
}

/// The terms of a log-likelihood that hold no parameter, and the change back to the caller's time.
fn constant(rows: &Rows, regularity: f64) -> f64 {
    let orders = rows.totals.orders;
    let gaps = rows.log_gaps.map_or(0.0, |sum| (regularity - 1.0) * sum - orders * ln_gamma(regularity));
    gaps - regularity * orders * rows.unit.ln()
}

/// Rows beyond which the starts are tried on a sample first.
const SAMPLE_ABOVE: usize = 6_000;
const SAMPLE: usize = 1_000;

fn fit_continuous(rows: &Rows, coin: Option<(Dropout, u32)>) -> Fit {
    let (dropout, regularity) = coin.unwrap_or((Dropout::Never, 1));
    let sample = (rows.len() > SAMPLE_ABOVE).then(|| rows.thinned(SAMPLE));
    let scale = f64::from(regularity);
    let pace = rows.totals.orders * rows.unit / rows.totals.exposure * scale;
    let plain = |rows: &Rows, theta: &[f64], gradient: &mut [f64]| {
        coin::evaluate(Dropout::Never, regularity, rows, theta, gradient)
    };
    let starts = [0.4, 2.0].map(|r: f64| vec![r.ln(), (r / pace).ln()]);
    let beside = climb(rows, sample.as_ref(), plain, &starts);
    let shift = constant(rows, scale);
    let coin_model = |dropout, theta: &[f64]| {
        let (r, alpha) = (theta[0].exp(), theta[1].exp() * rows.unit);
        let (a, b) = if theta.len() == 4 { (theta[2].exp(), theta[3].exp()) } else { (0.0, 1.0) };
        Model::Coin(Coin { dropout, regularity, r, alpha, a, b })
    };
    let without = (coin_model(Dropout::Never, &beside.theta), beside.log_likelihood + shift);
    let (r, alpha) = (beside.theta[0], beside.theta[1]);
    let near = |dr: f64, second: f64, third: f64| vec![r + dr, alpha, second.ln(), third.ln()];

    let common_rate = |t: &[f64]| Limit::CommonOrderRate { rate: (t[0] - t[1]).exp() / rows.unit / scale };
    let (climbed, limits, model);
    let names: &[&str];
    match coin {
        Some((Dropout::Never, _)) => {
            limits = ridges(&beside, &[(0, 1)], |theta, g| plain(rows, theta, g), |_, t| common_rate(t));
            names = &["r", "alpha"];
            model = without.0;
            climbed = beside;
        }
        Some(_) => {
            let objective = |rows: &Rows, theta: &[f64], gradient: &mut [f64]| {
                coin::evaluate(dropout, regularity, rows, theta, gradient)
            };
            let starts = [near(0.3, 0.6, 1.5), near(0.0, 0.05, 1.0), near(0.2, 2.0, 12.0)];
            let found = climb(rows, sample.as_ref(), objective, &starts);
            limits = limits_with_attrition(
                &found,
                &beside,
                |theta, g| objective(rows, theta, g),
                |pair, t| {
                    if pair == 0 {
                        common_rate(t)
                    } else {
                        Limit::CommonDropout { probability: crate::special::logistic(t[2] - t[3]) }
                    }
                },
            );
            names = &["r", "alpha", "a", "b"];
            model = coin_model(dropout, &found.theta);
            climbed = found;
        }
        None => {
            let objective =
                |rows: &Rows, theta: &[f64], gradient: &mut [f64]| pareto::evaluate(rows, theta, gradient);
            let starts = [near(0.2, 0.6, 0.4), near(0.0, 0.05, 0.5), near(0.2, 2.0, 4.0)];
            let found = climb(rows, sample.as_ref(), objective, &starts);
            limits = limits_with_attrition(
                &found,
                &beside,
                |theta, g| objective(rows, theta, g),
                |pair, t| {
                    if pair == 0 {
                        common_rate(t)
                    } else {
                        Limit::CommonDeathRate { rate: (t[2] - t[3]).exp() / rows.unit }
                    }
                },
            );
            names = &["r", "alpha", "s", "beta"];
            let t = &found.theta;
            model = Model::Pareto(Pareto {
                r: t[0].exp(),
                alpha: t[1].exp() * rows.unit,
                s: t[2].exp(),
                beta: t[3].exp() * rows.unit,
            });
            climbed = found;
        }
    }
    let held = held(&limits);
    let covariance = match coin {
        Some((dropout, _)) => climbed.covariance(
            |theta, g| coin::evaluate(dropout, regularity, rows, theta, g),
            &held,
            rows.totals.customers,
        ),
        None => climbed.covariance(|theta, g| pareto::evaluate(rows, theta, g), &held, rows.totals.customers),
    };
    report(Found { model, names, climbed, covariance, held, limits, without, shift, totals: rows.totals })
}

fn fit_discrete(cells: &Cells, totals: super::history::Totals) -> Fit {
    let objective = |_: &(), theta: &[f64], gradient: &mut [f64]| discrete::evaluate(cells, theta, gradient);
    let starts = [vec![0.0, 0.0], vec![1.0, -0.5]];
    let beside = climb_with(totals.customers, &(), None, objective, &starts);
    let (order, pass) = (beside.theta[0], beside.theta[1]);
    let near = |leave: f64, stay: f64| vec![order, pass, leave.ln(), stay.ln()];
    let starts = [near(0.6, 2.5), near(0.05, 1.0), near(2.0, 20.0)];
    let found = climb_with(totals.customers, &(), None, objective, &starts);
    let limits = limits_with_attrition(
        &found,
        &beside,
        |t, g| discrete::evaluate(cells, t, g),
        |pair, t| {
            let probability = crate::special::logistic(t[2 * pair] - t[2 * pair + 1]);
            if pair == 0 {
                Limit::CommonOrderChance { probability }
            } else {
                Limit::CommonDropout { probability }
            }
        },
    );
    let held = held(&limits);
    let covariance = found.covariance(|t, g| discrete::evaluate(cells, t, g), &held, totals.customers);
    let model = |theta: &[f64]| {
        // Without attrition leaving has a probability too small to matter to anybody.
        let (gamma, delta) = theta.get(2..4).map_or((1e-9, 1.0), |t| (t[0].exp(), t[1].exp()));
        Model::BgBb(BgBb { alpha: theta[0].exp(), beta: theta[1].exp(), gamma, delta })
    };
    report(Found {
        model: model(&found.theta),
        names: &["alpha", "beta", "gamma", "delta"],
        covariance,
        held,
        limits,
        without: (model(&beside.theta), beside.log_likelihood),
        shift: 0.0,
        totals,
        climbed: found,
    })
}

/// Everything a report is made of.
struct Found {
    model: Model,
    names: &'static [&'static str],
    climbed: Climbed,
    /// Of the logarithms.
    covariance: Option<Matrix>,
    held: Vec<usize>,
    limits: Vec<(Limit, Vec<usize>)>,
    without: (Model, f64),
    shift: f64,
    totals: super::history::Totals,
}

fn report(found: Found) -> Fit {
    let Found { model, names, climbed, covariance, held, limits, without, shift, totals } = found;
    let all = model.parameters();
    let (estimates, covariance) = estimates(names, &all[all.len() - names.len()..], covariance, &held);
    let log_likelihood = climbed.log_likelihood + shift;
    let gain_nats = (log_likelihood - without.1).max(0.0);
    let size = names.len() as f64;
    Fit {
        model,
        estimates,
        covariance,
        log_likelihood,
        aic: 2.0 * size - 2.0 * log_likelihood,
        bic: size * totals.customers.ln() - 2.0 * log_likelihood,
        customers: totals.customers,
        repeaters: totals.repeaters,
        orders: totals.orders,
        without_attrition: without.0,
        without_attrition_log_likelihood: without.1,
        attrition: if gain_nats < LEAST_GAIN {
            Attrition::NotIdentified { gain_nats }
        } else {
            Attrition::Identified { gain_nats }
        },
        limits: limits.into_iter().map(|l| l.0).collect(),
        convergence: climbed.convergence,
    }
}
