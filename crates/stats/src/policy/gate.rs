//! The do-no-harm gate: personalise only where it has been shown to beat the best single action for everybody.
//!
//! On public mailing data an argmax over a boosted model earns a fifth less than "the same mail to everybody". So the
//! policy is learnt on some rows and its gain over *every* uniform action is estimated on others (augmented
//! inverse-probability scores with the known probabilities). The gate opens when the lower bound of each of those
//! gains is above 0. Since all of them must be, no correction for having picked the best uniform action is needed:
//! each bound may be wrong with chance `alpha`, and the gate is wrongly open only if the one of the truly best action is.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Refused;
use super::sequence::{Plan, Running};
use crate::inputs::{BadInput, finite};
use crate::table::Table;
use crate::uplift::{self, Learner, Served, Trial, aipw, mean_and_error};

/// Errors the mean weight of an arm may lie from 1 before the stated probabilities are disbelieved. The gate is asked
/// every day, so this is looser than for a single evaluation.
const WEIGHT_ERRORS: f64 = 4.0;
/// The bounds are asymptotic: below this many rows in an arm nothing is said.
const FEWEST_PER_ARM: usize = 50;

/// What an outcome is worth and what actions cost, in one unit of money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// The worth of one unit of outcome.
    pub value: f64,
    /// The cost of each action given, that of doing nothing first.
    pub costs: Vec<f64>,
}

impl Objective {
    /// Outcome for its own sake: worth 1, nothing costs.
    pub fn outcome(arms: usize) -> Objective {
        Objective { value: 1.0, costs: vec![0.0; arms] }
    }

    fn check(&self, arms: usize) -> Result<(), Refused> {
        finite("costs", &self.costs)?;
        finite("value", &[self.value])?;
        if self.costs.len() != arms {
            let (left, right) = ("costs", "arms");
            return Err(
                BadInput::Lengths { left, left_rows: self.costs.len(), right, right_rows: arms }.into()
            );
        }
        Ok(())
    }
}

/// How the gate judges.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What learns; `None` for the usual one.
    pub learner: Option<Learner>,
    /// Parts the rows are cut in; each is judged by a policy learnt on the others.
    pub folds: usize,
    /// Parts the others are cut in to calibrate that policy.
    pub inner_folds: usize,
    /// The bound.
    pub bound: Bound,
    /// The seed of the cuts.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { learner: None, folds: 5, inner_folds: 3, bound: Bound::default(), seed: 0 }
    }
}

/// Which lower bound opens the gate; chosen once, before the first look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Holds at every look.
    Sequence(Plan),
    /// Holds at one look, fixed beforehand.
    OneLook {
        /// The chance of being wrong.
        alpha: f64,
    },
}

impl Default for Bound {
    fn default() -> Bound {
        Bound::Sequence(Plan::default())
    }
}

impl Bound {
    fn lower(&self, gain: &Running) -> Result<f64, Refused> {
        match self {
            Bound::Sequence(plan) => gain.lower(plan),
            Bound::OneLook { alpha } => {
                use statrs::distribution::{ContinuousCDF, Normal};
                crate::inputs::between("alpha", *alpha, 0.0, 0.5)?;
                Ok(gain.mean + Normal::standard().inverse_cdf(*alpha) * gain.standard_error())
            }
        }
    }
}

/// What personalising gains over one action for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gain {
    /// The uniform action.
    pub over: usize,
    /// What that action is worth per customer.
    pub uniform_value: f64,
    /// The gain per customer.
    pub gain: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Its lower bound.
    pub lower: f64,
}

/// The gate's answer, with the figures behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether to personalise.
    pub is_open: bool,
    /// The uniform action to give while the gate is shut: the best by estimate.
    pub best_uniform: usize,
    /// What the policy is worth per customer.
    pub policy_value: f64,
    /// The standard error of that.
    pub policy_error: f64,
    /// The share of customers the policy gives each action.
    pub shares: Vec<f64>,
    /// The gain over each uniform action.
    pub gains: Vec<Gain>,
}

impl Verdict {
    /// The gain over the best uniform action.
    pub fn gain(&self) -> &Gain {
        &self.gains[self.best_uniform]
    }
}

/// Judges a personalised policy on a trial: learnt, shrunk and scored on disjoint parts of its rows.
pub fn judge(trial: &Trial, objective: &Objective, settings: &Settings) -> Result<Verdict, Refused> {
    objective.check(trial.arms())?;
    trial.needs(FEWEST_PER_ARM)?;
    weights_average_one(trial)?;
    let fold = trial.folds(settings.folds, settings.seed)?;
    let parts: Vec<Part> = (0..settings.folds)
        .into_par_iter()
        .map(|held| judge_part(trial, &fold, held, objective, settings))
        .collect::<Result<_, Refused>>()?;
    verdict(&parts, trial.arms(), &settings.bound)
}

/// What each action is worth for each row (rows × arms, "nothing" worth 0): shrunk effects at the objective's value, less
/// costs beyond those of doing nothing. They put actions in order for a policy that the gate judges by its gain; what is
/// said of one customer in money is [`Served::effects`], which may withhold.
pub fn worth(served: &Served, table: &Table, objective: &Objective) -> Result<Table, Refused> {
    objective.check(served.effects.arms())?;
    let effects = served.shrunk(table)?;
    let mut values = Vec::with_capacity(table.rows() * objective.costs.len());
    for row in effects.iter() {
        values.push(0.0);
        let costs = objective.costs[1..].iter().map(|cost| cost - objective.costs[0]);
        values.extend(row.iter().zip(costs).map(|(effect, cost)| objective.value * effect - cost));
    }
    Ok(Table::new(objective.costs.len(), values)?)
}

/// The action worth most, the lowest number among equals.
pub fn best(worth: &[f64]) -> usize {
    (1..worth.len()).fold(0, |best, action| if worth[action] > worth[best] { action } else { best })
}

/// Rows judged by a policy that had not seen them.
struct Part {
    /// The action of each row.
    actions: Vec<usize>,
    /// The net scores of each row and arm.
    scores: Table,
}

fn judge_part(
    trial: &Trial,
    fold: &[usize],
    held: usize,
    objective: &Objective,
    settings: &Settings,
) -> Result<Part, Refused> {
    let rows = |inside: bool| -> Vec<usize> {
        (0..trial.rows()).filter(|row| (fold[*row] == held) == inside).collect()
    };
    let (train, test) = (trial.take(&rows(false))?, rows(true));
    let learner = settings.learner.unwrap_or_else(|| Learner::usual(trial.is_binary()));
    let cross_fit = uplift::Settings { folds: settings.inner_folds, seed: settings.seed };
    let served = uplift::fit(&train, &learner, &cross_fit)?;
    let table = trial.table().take(&test);
    let actions = worth(&served, &table, objective)?.iter().map(best).collect();
    let means = match served.effects.means(&table)? {
        Some(means) => means,
        None => {
            let base = uplift::nuisance(&learner, trial.is_binary());
            let plain = Learner { meta: uplift::Meta::T, base }.fit(&train, 2, settings.seed)?;
            plain.means(&table)?.ok_or(uplift::Refused::Overflow { what: "means by arm" })?
        }
    };
    let scores = aipw(&trial.take_any(&test), &means)?;
    let net = scores
        .iter()
        .flat_map(|row| row.iter().zip(&objective.costs).map(|(score, cost)| objective.value * score - cost))
        .collect();
    Ok(Part { actions, scores: Table::new(trial.arms(), net)? })
}

fn verdict(parts: &[Part], arms: usize, bound: &Bound) -> Result<Verdict, Refused> {
    let rows = || parts.iter().flat_map(|part| part.actions.iter().zip(part.scores.iter()));
    let earned: Vec<f64> = rows().map(|(action, scores)| scores[*action]).collect();
    let (policy_value, policy_error) = mean_and_error(&earned);
    let gains: Vec<Gain> = (0..arms)
        .map(|over| {
            let mut gain = Running::default();
            gain.add(&rows().map(|(action, scores)| scores[*action] - scores[over]).collect::<Vec<_>>())?;
            let uniform_value = policy_value - gain.mean;
            let (standard_error, lower) = (gain.standard_error(), bound.lower(&gain)?);
            Ok(Gain { over, uniform_value, gain: gain.mean, standard_error, lower })
        })
        .collect::<Result<_, Refused>>()?;
    let best_uniform = best(&gains.iter().map(|gain| gain.uniform_value).collect::<Vec<_>>());
    let share = |arm| rows().filter(|(action, _)| **action == arm).count() as f64 / earned.len() as f64;
    Ok(Verdict {
        is_open: gains.iter().all(|gain| gain.lower > 0.0),
        best_uniform,
        policy_value,
        policy_error,
        shares: (0..arms).map(share).collect(),
        gains,
    })
}

/// Refuses a trial whose arms did not come about by the probabilities stated: 1{A = a}/p(a) must average 1.
fn weights_average_one(trial: &Trial) -> Result<(), Refused> {
    for arm in 0..trial.arms() {
        let weight =
            |row: usize| f64::from(u8::from(trial.arm()[row] == arm)) / trial.assignment().of(row, arm);
        let weights: Vec<f64> = (0..trial.rows()).map(weight).collect();
        let (mean, standard_error) = mean_and_error(&weights);
        if (mean - 1.0).abs() > WEIGHT_ERRORS * standard_error + 1e-9 {
            return Err(Refused::WrongProbabilities { mean, standard_error, limit: WEIGHT_ERRORS });
        }
    }
    Ok(())
}
