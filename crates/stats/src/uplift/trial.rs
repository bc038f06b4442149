//! A randomised trial: who was in which arm, by which known chance, and what happened.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use super::Refused;
use crate::inputs::{finite, same_rows};
use crate::table::Table;

const FEWEST_PER_ARM: usize = 2;

/// The known chance of each arm, the control first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    shares: Vec<f64>,
    /// One row per customer where chances differ; empty where `shares` holds for all.
    by_row: Option<Table>,
}

impl Assignment {
    /// The same chances for every row, the control's first; each above 0, their sum 1 within 1e-9.
    pub fn shares(shares: &[f64]) -> Result<Assignment, Refused> {
        check(0, shares)?;
        Ok(Assignment { shares: shares.to_vec(), by_row: None })
    }

    /// Equal chances of this many arms.
    pub fn equal(arms: usize) -> Result<Assignment, Refused> {
        Assignment::shares(&vec![1.0 / arms.max(1) as f64; arms])
    }

    /// Chances of each row (rows × arms), as a log of decisions holds them.
    pub fn by_row(chances: Table) -> Result<Assignment, Refused> {
        chances.iter().enumerate().try_for_each(|(row, chances)| check(row, chances))?;
        let rows = chances.rows() as f64;
        let mut shares = vec![0.0; chances.columns()];
        for row in chances.iter() {
            shares.iter_mut().zip(row).for_each(|(share, chance)| *share += chance / rows);
        }
        Ok(Assignment { shares, by_row: Some(chances) })
    }

    /// How many arms, with the control.
    pub fn arms(&self) -> usize {
        self.shares.len()
    }

    /// The chance of an arm in a row.
    pub fn of(&self, row: usize, arm: usize) -> f64 {
        self.by_row.as_ref().map_or(self.shares[arm], |chances| chances.row(row)[arm])
    }

    /// The mean chance of an arm.
    pub fn mean(&self, arm: usize) -> f64 {
        self.shares[arm]
    }

    fn take(&self, rows: &[usize]) -> Assignment {
        let by_row = self.by_row.as_ref().map(|chances| chances.take(rows));
        Assignment { shares: self.shares.clone(), by_row }
    }
}

fn check(row: usize, chances: &[f64]) -> Result<(), Refused> {
    if chances.len() < 2 {
        return Err(Refused::NoAction { arms: chances.len() });
    }
    let sum: f64 = chances.iter().sum();
    if sum.is_nan() || (sum - 1.0).abs() > 1e-9 || chances.iter().any(|chance| *chance < 0.0) {
        return Err(Refused::NotProbabilities { row, sum });
    }
    match chances.iter().position(|chance| *chance <= 0.0) {
        Some(arm) => Err(Refused::NoOverlap { row, arm, probability: chances[arm] }),
        None => Ok(()),
    }
}

/// The rows of a trial, checked. One row is one customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    table: Table,
    arm: Vec<usize>,
    outcome: Vec<f64>,
    assignment: Assignment,
    is_binary: bool,
}

impl Trial {
    /// A trial of customers with features (`table`, one row each), the arm each was drawn into (0 is the control), and
    /// an outcome (0 or 1, or any finite number).
    pub fn new(
        table: Table,
        arm: &[usize],
        outcome: &[f64],
        assignment: &Assignment,
    ) -> Result<Trial, Refused> {
        let row_numbers: Vec<usize> = (0..table.rows()).collect();
        same_rows("table", &row_numbers, "arm", arm)?;
        same_rows("arm", arm, "outcome", outcome)?;
        if let Some(chances) = &assignment.by_row {
            same_rows("assignment", &vec![0; chances.rows()], "arm", arm)?;
        }
        finite("outcome", outcome)?;
        let arms = assignment.arms();
        if let Some(row) = arm.iter().position(|arm| *arm >= arms) {
            return Err(Refused::UnknownArm { row, arm: arm[row], last: arms - 1 });
        }
        let is_binary = outcome.iter().all(|value| *value == 0.0 || *value == 1.0);
        let trial = Trial {
            table,
            arm: arm.to_vec(),
            outcome: outcome.to_vec(),
            assignment: assignment.clone(),
            is_binary,
        };
        trial.needs(FEWEST_PER_ARM)?;
        Ok(trial)
    }

    /// The features.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The arm of each row.
    pub fn arm(&self) -> &[usize] {
        &self.arm
    }

    /// The outcome of each row.
    pub fn outcome(&self) -> &[f64] {
        &self.outcome
    }

    /// The known chances.
    pub fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.arm.len()
    }

    /// How many arms, with the control.
    pub fn arms(&self) -> usize {
        self.assignment.arms()
    }

    /// Whether every outcome is 0 or 1.
    pub fn is_binary(&self) -> bool {
        self.is_binary
    }

    /// The trial of some of the rows.
    pub fn take(&self, rows: &[usize]) -> Result<Trial, Refused> {
        if let Some(row) = rows.iter().find(|row| **row >= self.rows()) {
            let range = "below the number of rows";
            let (setting, value) = ("row", *row as f64);
            return Err(crate::inputs::BadInput::Setting { setting, value, range }.into());
        }
        crate::inputs::not_empty("rows", rows)?;
        let trial = self.take_any(rows);
        trial.needs(FEWEST_PER_ARM)?;
        Ok(trial)
    }

    /// The trial of some of the rows, to be scored and not to be learnt from: an arm may be missing.
    pub(crate) fn take_any(&self, rows: &[usize]) -> Trial {
        Trial {
            table: self.table.take(rows),
            arm: rows.iter().map(|row| self.arm[*row]).collect(),
            outcome: rows.iter().map(|row| self.outcome[*row]).collect(),
            assignment: self.assignment.take(rows),
            // A part of a yes-or-no outcome is one; a part of another is still fitted as the whole is.
            is_binary: self.is_binary,
        }
    }

    /// The rows of one arm.
    pub(super) fn rows_of(&self, arm: usize) -> Vec<usize> {
        (0..self.rows()).filter(|row| self.arm[*row] == arm).collect()
    }

    /// Refuses a trial with fewer rows than this in any arm.
    pub(crate) fn needs(&self, needed: usize) -> Result<(), Refused> {
        let mut rows = vec![0; self.arms()];
        self.arm.iter().for_each(|arm| rows[*arm] += 1);
        match rows.iter().position(|rows| *rows < needed) {
            Some(arm) => Err(Refused::FewRows { arm, rows: rows[arm], needed }),
            None => Ok(()),
        }
    }

    /// Deals the rows into folds, each arm by itself: the fold of every row.
    pub(crate) fn folds(&self, folds: usize, seed: u64) -> Result<Vec<usize>, Refused> {
        if !(2..=1_000).contains(&folds) {
            let (setting, value) = ("folds", folds as f64);
            return Err(crate::inputs::BadInput::Setting { setting, value, range: "2 to 1000" }.into());
        }
        // Every part must keep the fewest rows of each arm when any fold is left out.
        self.needs(FEWEST_PER_ARM * folds.min(FEWEST_PER_ARM + 1))?;
        Ok(deal(&self.arm, folds, seed))
    }
}

/// Deals rows into folds so that each kind of row is spread evenly.
fn deal(kind: &[usize], folds: usize, seed: u64) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..kind.len()).collect();
    rows.shuffle(&mut Pcg64Mcg::seed_from_u64(seed));
    let kinds = kind.iter().max().map_or(0, |last| last + 1);
    let mut next = vec![0; kinds];
    let mut fold = vec![0; kind.len()];
    for row in rows {
        fold[row] = next[kind[row]] % folds;
        next[kind[row]] += 1;
    }
    fold
}

/// The mean of a column and its standard error.
pub(crate) fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let error = crate::describe::standard_deviation(values) / (values.len().max(1) as f64).sqrt();
    (crate::describe::mean(values), error)
}
