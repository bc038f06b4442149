//! Customers of a two-armed trial in order of a score, best first.

use super::Refused;
use crate::inputs::{finite, not_empty, same_rows};

/// Rows of a two-armed trial, best score first. Equal scores stand in reverse order of row, as in scikit-uplift, whose
/// curves step over them together.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    pub(super) score: Vec<f64>,
    pub(super) treated: Vec<bool>,
    pub(super) outcome: Vec<f64>,
}

impl Ranking {
    /// Orders rows by score. Both arms must have rows.
    pub fn new(score: &[f64], treated: &[bool], outcome: &[f64]) -> Result<Ranking, Refused> {
        not_empty("score", score)?;
        same_rows("score", score, "treated", treated)?;
        same_rows("score", score, "outcome", outcome)?;
        finite("score", score)?;
        finite("outcome", outcome)?;
        let mut order = crate::describe::order(score);
        order.reverse();
        let ranking = Ranking {
            score: order.iter().map(|row| score[*row]).collect(),
            treated: order.iter().map(|row| treated[*row]).collect(),
            outcome: order.iter().map(|row| outcome[*row]).collect(),
        };
        match ranking.missing_arm() {
            Some(arm) => Err(Refused::FewRows { arm, rows: 0, needed: 1 }),
            None => Ok(ranking),
        }
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.score.len()
    }

    /// The rows for which `keep` holds, in the same order; `None` if an arm loses all its rows.
    pub(super) fn part(&self, keep: &[bool]) -> Option<Ranking> {
        let kept = || (0..self.rows()).filter(|place| keep[*place]);
        let part = Ranking {
            score: kept().map(|place| self.score[place]).collect(),
            treated: kept().map(|place| self.treated[place]).collect(),
            outcome: kept().map(|place| self.outcome[place]).collect(),
        };
        part.missing_arm().is_none().then_some(part)
    }

    fn missing_arm(&self) -> Option<usize> {
        [false, true].iter().position(|arm| !self.treated.contains(arm))
    }

    /// Sums over the first 1, 2, … rows.
    pub(super) fn sums(&self) -> impl Iterator<Item = Sums> + '_ {
        self.treated.iter().zip(&self.outcome).scan(Sums::default(), |sums, (treated, outcome)| {
            sums.add(*treated, 1.0, *outcome);
            Some(*sums)
        })
    }
}

/// Rows and outcomes of both arms.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    pub treated: f64,
    pub control: f64,
    pub treated_outcome: f64,
    pub control_outcome: f64,
}

impl Sums {
    pub fn add(&mut self, treated: bool, rows: f64, outcome: f64) {
        if treated {
            self.treated += rows;
            self.treated_outcome += outcome;
        } else {
            self.control += rows;
            self.control_outcome += outcome;
        }
    }

    pub fn rows(&self) -> f64 {
        self.treated + self.control
    }

    /// Difference of means, a mean of no rows being 0.
    pub fn difference(&self) -> f64 {
        let mean = |sum: f64, rows: f64| if rows == 0.0 { 0.0 } else { sum / rows };
        mean(self.treated_outcome, self.treated) - mean(self.control_outcome, self.control)
    }
}
