//! What another policy would have earned, from a log of this one.
//!
//! The estimators of the Open Bandit Pipeline (Saito, Aihara, Matsutani and Narita 2021) by its names and conventions,
//! with the checks it leaves to its user: [`evaluate`] refuses where the log cannot tell. [`estimate`] gives the bare
//! number, to compare with other packages. Caps and fatigue make rewards depend on history, so that even a good
//! estimate screens policies; an experiment decides.

use serde::{Deserialize, Serialize};

use super::Refused;
use crate::bootstrap;
use crate::inputs::{BadInput, between, finite, not_empty, same_rows};
use crate::table::Table;

/// Errors the mean weight may lie from 1.
const WEIGHT_ERRORS: f64 = 3.0;
/// Effective rows below which nothing is said, whatever the size of the log.
const FEWEST_EFFECTIVE: f64 = 200.0;
/// The same as a share of the rows.
const LEAST_EFFECTIVE_SHARE: f64 = 0.01;

/// A log of decisions and the policy to judge by it, checked.
#[derive(Debug, Clone)]
pub struct Log<'a> {
    actions: &'a [usize],
    rewards: &'a [f64],
    logged: &'a Table,
    policy: &'a Table,
    expected: Option<&'a Table>,
    cluster: Option<&'a [usize]>,
    weights: Vec<f64>,
}

impl<'a> Log<'a> {
    /// `actions` taken and `rewards` had (margin less cost), one row per decision; `logged` and `policy` are the
    /// probabilities of every action (rows × actions) under the policy that ran and the one to judge.
    pub fn new(
        actions: &'a [usize],
        rewards: &'a [f64],
        logged: &'a Table,
        policy: &'a Table,
    ) -> Result<Log<'a>, Refused> {
        not_empty("actions", actions)?;
        same_rows("actions", actions, "rewards", rewards)?;
        finite("rewards", rewards)?;
        for (what, table) in [(LOGGED, logged), (POLICY, policy)] {
            same_rows("actions", actions, what, &vec![(); table.rows()])?;
        }
        same_columns(POLICY, policy, logged)?;
        let mut weights = Vec::with_capacity(actions.len());
        for (row, ((action, logged), policy)) in
            actions.iter().zip(logged.iter()).zip(policy.iter()).enumerate()
        {
            weights.push(weight(row, *action, logged, policy)?);
        }
        Ok(Log { actions, rewards, logged, policy, expected: None, cluster: None, weights })
    }

    /// With expected rewards of every action (rows × actions), by a model that had not seen the row.
    pub fn expecting(self, expected: &'a Table) -> Result<Log<'a>, Refused> {
        same_rows("actions", self.actions, "expected rewards", &vec![(); expected.rows()])?;
        same_columns("expected rewards", expected, self.logged)?;
        Ok(Log { expected: Some(expected), ..self })
    }

    /// With the customer of each row: intervals then let a customer's rows resemble each other.
    pub fn clustered(self, cluster: &'a [usize]) -> Result<Log<'a>, Refused> {
        same_rows("actions", self.actions, "cluster", cluster)?;
        Ok(Log { cluster: Some(cluster), ..self })
    }

    /// How many times likelier the policy was to do what was done, row by row.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    fn summed(&self, rows: &Table) -> Result<Table, BadInput> {
        match self.cluster {
            Some(cluster) => bootstrap::by_cluster(rows, cluster),
            None => Ok(rows.clone()),
        }
    }
}

const LOGGED: &str = "logged probabilities";
const POLICY: &str = "policy probabilities";

/// Checks a row while it is at hand, for a log is as long as memory is slow: how many times likelier the policy was to
/// do what was done.
fn weight(row: usize, action: usize, logged: &[f64], policy: &[f64]) -> Result<f64, Refused> {
    super::refused::probabilities(LOGGED, row, logged)?;
    super::refused::probabilities(POLICY, row, policy)?;
    let last = logged.len() - 1;
    let chance = *logged.get(action).ok_or(Refused::UnknownAction { row, action, last })?;
    if chance <= 0.0 {
        return Err(Refused::ImpossibleAction { row, action });
    }
    Ok(policy[action] / chance)
}

fn same_columns(what: &'static str, table: &Table, other: &Table) -> Result<(), BadInput> {
    if table.columns() == other.columns() {
        return Ok(());
    }
    let (setting, value) = (what, table.columns() as f64);
    Err(BadInput::Setting { setting, value, range: "as many columns as there are logged actions" })
}

/// An estimator. w is the weight, q the expected reward, r the reward, π the policy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimator {
    /// Mean of w·r (Horvitz and Thompson 1952).
    Ips,
    /// Mean of min(w, limit)·r.
    ClippedIps {
        /// The largest weight.
        limit: f64,
    },
    /// Σw·r / Σw (Swaminathan and Joachims 2015).
    Snips,
    /// Mean of Σπ·q.
    Dm,
    /// Mean of Σπ·q + w·(r − q) (Dudík, Langford and Li 2011).
    Dr,
    /// The same with w divided by its mean.
    Sndr,
    /// DR that trusts the model alone where w is above the limit (Wang, Agarwal and Dudík 2017).
    SwitchDr {
        /// The limit.
        limit: f64,
    },
    /// DR with w shrunk to limit·w / (w² + limit) (Su, Dimakopoulou, Krishnamurthy and Dudík 2020).
    Dros {
        /// The limit: 0 is DM, infinity DR.
        limit: f64,
    },
}

impl Estimator {
    /// What the literature calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Estimator::Ips => "IPS",
            Estimator::ClippedIps { .. } => "clipped IPS",
            Estimator::Snips => "SNIPS",
            Estimator::Dm => "DM",
            Estimator::Dr => "DR",
            Estimator::Sndr => "SNDR",
            Estimator::SwitchDr { .. } => "Switch-DR",
            Estimator::Dros { .. } => "DRos",
        }
    }

    fn is_normalised(&self) -> bool {
        matches!(self, Estimator::Snips | Estimator::Sndr)
    }

    fn needs_model(&self) -> bool {
        !matches!(self, Estimator::Ips | Estimator::ClippedIps { .. } | Estimator::Snips)
    }

    /// The weight as the estimator uses it.
    fn weight(&self, weight: f64) -> f64 {
        match *self {
            Estimator::Ips | Estimator::Snips | Estimator::Dr | Estimator::Sndr => weight,
            Estimator::ClippedIps { limit } => weight.min(limit),
            Estimator::Dm => 0.0,
            Estimator::SwitchDr { limit } => {
                if weight <= limit {
                    weight
                } else {
                    0.0
                }
            }
            Estimator::Dros { limit } if limit == f64::INFINITY => weight,
            Estimator::Dros { limit: 0.0 } => 0.0,
            Estimator::Dros { limit } => limit * weight / (weight * weight + limit),
        }
    }

    fn check(&self, log: &Log) -> Result<(), Refused> {
        if let Estimator::ClippedIps { limit } | Estimator::SwitchDr { limit } | Estimator::Dros { limit } =
            *self
            && (limit.is_nan() || limit < 0.0)
        {
            return Err(BadInput::Setting { setting: "limit", value: limit, range: "0 or more" }.into());
        }
        if self.needs_model() && log.expected.is_none() {
            return Err(Refused::NoRewardModel { estimator: self.name() });
        }
        Ok(())
    }
}

/// What all estimators of a log have in common.
struct Common<'a> {
    weights: &'a [f64],
    /// Per row what the model says of the policy; empty without a model.
    said: Vec<f64>,
    /// Per row what the model missed of the reward.
    missed: Vec<f64>,
}

impl<'a> Common<'a> {
    fn new(log: &'a Log) -> Common<'a> {
        let weights = log.weights();
        let Some(expected) = log.expected else {
            return Common { weights, said: Vec::new(), missed: Vec::new() };
        };
        let rows = log.policy.iter().zip(expected.iter()).zip(log.rewards.iter().zip(log.actions));
        let (said, missed) = rows
            .map(|((policy, expected), (reward, action))| {
                (bootstrap::product(policy, expected), reward - expected[*action])
            })
            .unzip();
        Common { weights, said, missed }
    }

    /// Of a row, what the model alone says, and what the weighted rest adds.
    fn part(&self, log: &Log, estimator: &Estimator, row: usize) -> [f64; 2] {
        let weight = estimator.weight(self.weights[row]);
        match estimator.needs_model() {
            true => [self.said[row], weight * self.missed[row]],
            false => [0.0, weight * log.rewards[row]],
        }
    }

    /// The sum over all rows of what the weighted rest adds.
    fn added(&self, log: &Log, estimator: &Estimator) -> f64 {
        let rest = if estimator.needs_model() { &self.missed } else { log.rewards };
        match estimator {
            Estimator::Dm => 0.0,
            Estimator::Ips | Estimator::Snips | Estimator::Dr | Estimator::Sndr => {
                bootstrap::product(self.weights, rest)
            }
            other => {
                let weights: Vec<f64> = self.weights.iter().map(|weight| other.weight(*weight)).collect();
                bootstrap::product(&weights, rest)
            }
        }
    }
}

/// The bare number, without any check of whether the log can tell. For comparison with other packages; to decide by,
/// use [`evaluate`].
pub fn estimate(log: &Log, estimator: &Estimator) -> Result<f64, Refused> {
    estimates(log, std::slice::from_ref(estimator)).map(|values| values[0])
}

/// The bare numbers of several estimators, for what they share is worked out once; see [`estimate`].
pub fn estimates(log: &Log, estimators: &[Estimator]) -> Result<Vec<f64>, Refused> {
    estimators.iter().try_for_each(|estimator| estimator.check(log))?;
    bare(log, &Common::new(log), estimators)
}

fn bare(log: &Log, common: &Common, estimators: &[Estimator]) -> Result<Vec<f64>, Refused> {
    let rows = common.weights.len() as f64;
    let (weight, said) = (common.weights.iter().sum::<f64>(), common.said.iter().sum::<f64>());
    let one = |estimator: &Estimator| {
        let said = if estimator.needs_model() { said } else { 0.0 };
        let divisor = if estimator.is_normalised() { weight } else { rows };
        said / rows + common.added(log, estimator) / divisor
    };
    let values: Vec<f64> = estimators.iter().map(one).collect();
    finite("estimate", &values)?;
    Ok(values)
}

/// How well the log covers the policy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coverage {
    /// Decisions in the log.
    pub rows: usize,
    /// The mean weight: 1 but for chance.
    pub mean_weight: f64,
    /// Its standard error, by customer where given.
    pub mean_weight_error: f64,
    /// The largest weight.
    pub max_weight: f64,
    /// Kish's effective sample (Σw)² / Σw²: about how many rows of its own the policy would have needed.
    pub effective_sample: f64,
    /// Rows in which the policy gives an action the log never could.
    pub unsupported_rows: usize,
    /// The first of them, with the action.
    pub first_unsupported: Option<(usize, usize)>,
}

impl Coverage {
    /// The effective sample needed: 200, and 1 % of the rows.
    pub fn needed(&self) -> f64 {
        FEWEST_EFFECTIVE.max(LEAST_EFFECTIVE_SHARE * self.rows as f64)
    }

    /// Why the policy cannot be judged by this log, if it cannot.
    pub fn refusal(&self) -> Option<Refused> {
        if let Some((row, action)) = self.first_unsupported {
            return Some(Refused::NoSupport { action, row, rows: self.unsupported_rows });
        }
        if self.effective_sample < self.needed() {
            let (effective, needed) = (self.effective_sample, self.needed());
            return Some(Refused::FewEffective { effective, needed, rows: self.rows });
        }
        let (mean, standard_error) = (self.mean_weight, self.mean_weight_error);
        // Equal policies have equal weights, and rounding for their only error.
        if (mean - 1.0).abs() > WEIGHT_ERRORS * standard_error + 1e-9 {
            return Some(Refused::WrongProbabilities { mean, standard_error, limit: WEIGHT_ERRORS });
        }
        None
    }
}

/// Measures how well a log covers a policy.
pub fn coverage(log: &Log) -> Result<Coverage, Refused> {
    let weights = log.weights();
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    let impossible = |row: usize| {
        let pairs = log.policy.row(row).iter().zip(log.logged.row(row));
        pairs
            .enumerate()
            .find(|(_, (policy, logged))| **policy > 0.0 && **logged <= 0.0)
            .map(|(a, _)| (row, a))
    };
    let mut unsupported = (0..weights.len()).filter_map(impossible);
    let first_unsupported = unsupported.next();
    let mean_weight = sum / weights.len() as f64;
    let rows = Table::new(1, weights.iter().map(|weight| weight - mean_weight).collect())?;
    let clusters = log.summed(&rows)?;
    let (_, error) = crate::uplift::mean_and_error(&clusters.by_column());
    Ok(Coverage {
        rows: weights.len(),
        mean_weight,
        mean_weight_error: error * clusters.rows() as f64 / weights.len() as f64,
        max_weight: weights.iter().copied().fold(0.0, f64::max),
        effective_sample: if squares > 0.0 { sum * sum / squares } else { 0.0 },
        unsupported_rows: usize::from(first_unsupported.is_some()) + unsupported.count(),
        first_unsupported,
    })
}

/// How intervals are made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Resamples.
    pub replicates: usize,
    /// The level of the intervals.
    pub level: f64,
    /// The seed of the resamples.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { replicates: 1_000, level: 0.95, seed: 0 }
    }
}

/// One estimate with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimator.
    pub estimator: Estimator,
    /// Reward per decision.
    pub value: f64,
    /// The spread of the resamples.
    pub standard_error: f64,
    /// The lower end of the percentile interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Estimates of one policy, and how well the log covers it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// How well the log covers the policy.
    pub coverage: Coverage,
    /// What it earned as it ran: the mean reward.
    pub logged_value: f64,
    /// The estimates asked for.
    pub estimates: Vec<Estimate>,
}

/// Estimates with intervals by bootstrap of customers, or a refusal where the log cannot tell.
pub fn evaluate(log: &Log, estimators: &[Estimator], settings: &Settings) -> Result<Evaluation, Refused> {
    between("level", settings.level, 0.0, 1.0)?;
    not_empty("estimators", estimators)?;
    let coverage = coverage(log)?;
    if let Some(refusal) = coverage.refusal() {
        return Err(refusal);
    }
    estimators.iter().try_for_each(|estimator| estimator.check(log))?;
    let common = Common::new(log);
    let values = bare(log, &common, estimators)?;
    let mut rows = Vec::with_capacity(common.weights.len() * (2 + 2 * estimators.len()));
    for (row, weight) in common.weights.iter().enumerate() {
        rows.extend([1.0, *weight]);
        estimators.iter().for_each(|estimator| rows.extend(common.part(log, estimator, row)));
    }
    let clusters = log.summed(&Table::new(2 + 2 * estimators.len(), rows)?)?;
    let drawn = bootstrap::sums(&clusters, settings.replicates, settings.seed)?;
    let estimates = estimators.iter().zip(values).enumerate().map(|(place, (estimator, value))| {
        let replicate = |sums: &[f64]| {
            let divisor = if estimator.is_normalised() { sums[1] } else { sums[0] };
            sums[2 + 2 * place] / sums[0] + sums[3 + 2 * place] / divisor
        };
        let replicates: Vec<f64> = drawn.iter().map(replicate).filter(|value| value.is_finite()).collect();
        let (low, high) = bootstrap::percentiles(&replicates, settings.level)?;
        let standard_error = crate::describe::standard_deviation(&replicates);
        Ok(Estimate { estimator: *estimator, value, standard_error, low, high })
    });
    let estimates = estimates.collect::<Result<_, BadInput>>()?;
    let logged_value = crate::describe::mean(log.rewards);
    Ok(Evaluation { coverage, logged_value, estimates })
}
