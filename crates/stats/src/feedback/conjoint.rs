//! Choice-based conjoint: what attributes are worth, from choices among a few alternatives.
//!
//! McFadden's conditional (multinomial) logit (1974): an alternative's utility is the sum of its attributes
//! times their coefficients, and it is chosen with probability e^utility over the sum of those of its set.
//! Maximum likelihood by Newton's method; the log-likelihood is concave, so there is one optimum.

use serde::Serialize;

use crate::discoveries::two_sided;
use crate::inputs::{BadInput, between};
use crate::optimize::{Matrix, inverse};
use crate::special::ln_sum_exp;
use crate::table::Table;

use super::scores::{Estimate, z};

/// Choice sets: rows of attributes, set after set, and which alternative of each was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Choices {
    table: Table,
    starts: Vec<usize>,
    chosen: Vec<usize>,
}

impl Choices {
    /// `sizes[s]` rows of the table are the alternatives of set `s`; `chosen[s]` is the chosen one, from 0.
    ///
    /// # Errors
    /// [`BadInput`] where sizes do not add up to the rows, a set has fewer than two alternatives, or the
    /// chosen one is not among them.
    pub fn new(table: Table, sizes: &[usize], chosen: Vec<usize>) -> Result<Choices, BadInput> {
        crate::inputs::same_rows("choice sets", sizes, "chosen", &chosen)?;
        let mut starts = vec![0_usize];
        for (row, (size, chosen)) in sizes.iter().zip(&chosen).enumerate() {
            if *size < 2 || chosen >= size {
                let (what, value) = ("choice set", *chosen as f64);
                let range = "one of at least two alternatives, counted from 0";
                return Err(BadInput::OutOfRange { what, row, value, range });
            }
            starts.push(starts[row].saturating_add(*size));
        }
        if starts.last() != Some(&table.rows()) {
            let left_rows = *starts.last().unwrap_or(&0);
            let (left, right) = ("alternatives in the sets", "table");
            return Err(BadInput::Lengths { left, left_rows, right, right_rows: table.rows() });
        }
        Ok(Choices { table, starts, chosen })
    }

    fn sets(&self) -> impl Iterator<Item = (std::ops::Range<usize>, usize)> + '_ {
        self.starts.windows(2).zip(&self.chosen).map(|(ends, chosen)| (ends[0]..ends[1], *chosen))
    }
}

/// A fitted conditional logit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conjoint {
    /// Choice sets.
    pub sets: u64,
    /// One per attribute, in units of utility.
    pub coefficients: Vec<f64>,
    /// From the inverse of the information matrix.
    pub standard_errors: Vec<f64>,
    /// Two-sided p-values against 0.
    pub p_values: Vec<f64>,
    /// Covariance of the coefficients.
    pub covariance: Matrix,
    /// At the optimum.
    pub log_likelihood: f64,
    /// With all coefficients 0.
    pub null_log_likelihood: f64,
    /// McFadden's 1 − optimum / null.
    pub pseudo_r_squared: f64,
    /// Newton steps.
    pub steps: u32,
}

/// What one unit of an attribute is worth in money.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WillingnessToPay {
    /// Index of the attribute.
    pub attribute: usize,
    /// −coefficient / price coefficient, with the delta method's standard error and interval.
    pub worth: Estimate,
}

const STEPS_AT_MOST: u32 = 100;
/// Utility per standard deviation of an attribute beyond which choices are decided by it alone.
const SEPARATED: f64 = 15.0;

/// Fits the logit.
///
/// # Errors
/// [`BadInput::Uninformative`] where attributes repeat each other or do not differ within sets, and where an
/// attribute decides every choice so that its coefficient is infinite.
pub fn conjoint(choices: &Choices) -> Result<Conjoint, BadInput> {
    let table = &choices.table;
    let p = table.columns();
    let scales = scales(table);
    let mut beta = vec![0.0; p];
    let mut at = likelihood(choices, &beta, &scales);
    let null_log_likelihood = at.value;
    let same = BadInput::Uninformative {
        what: "conjoint",
        why: "attributes repeat each other or do not differ within sets; leave one of them out",
    };
    let mut steps = 0;
    loop {
        let inverted = inverse(&at.information).ok_or(same.clone())?;
        let step: Vec<f64> =
            inverted.iter().map(|row| row.iter().zip(&at.gradient).map(|(a, g)| a * g).sum()).collect();
        let gain: f64 = step.iter().zip(&at.gradient).map(|(s, g)| s * g).sum();
        if gain <= 1e-18 * (1.0 + at.value.abs()) || steps == STEPS_AT_MOST {
            break;
        }
        steps += 1;
        let mut length = 1.0;
        let next = loop {
            let moved: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b + length * s).collect();
            let there = likelihood(choices, &moved, &scales);
            if there.value >= at.value - 1e-13 * at.value.abs() || length < 1e-6 {
                break (moved, there);
            }
            length *= 0.5;
        };
        (beta, at) = next;
        if beta.iter().any(|b| b.abs() > SEPARATED) {
            let why =
                "an attribute decides every choice, so its worth has no end; vary it less or ask more people";
            return Err(BadInput::Uninformative { what: "conjoint", why });
        }
    }
    let inverted = inverse(&at.information).ok_or(same)?;
    let covariance: Matrix =
        (0..p).map(|i| (0..p).map(|j| inverted[i][j] / (scales[i] * scales[j])).collect()).collect();
    let coefficients: Vec<f64> = beta.iter().zip(&scales).map(|(b, scale)| b / scale).collect();
    let standard_errors: Vec<f64> = (0..p).map(|j| covariance[j][j].sqrt()).collect();
    let p_values = coefficients.iter().zip(&standard_errors).map(|(b, error)| two_sided(b / error)).collect();
    Ok(Conjoint {
        sets: choices.chosen.len() as u64,
        coefficients,
        standard_errors,
        p_values,
        covariance,
        log_likelihood: at.value,
        null_log_likelihood,
        pseudo_r_squared: 1.0 - at.value / null_log_likelihood,
        steps,
    })
}

/// Standard deviations of the columns, 1 where they are constant.
fn scales(table: &Table) -> Vec<f64> {
    let n = table.rows() as f64;
    (0..table.columns())
        .map(|j| {
            let mean = table.iter().map(|row| row[j]).sum::<f64>() / n;
            let spread = (table.iter().map(|row| (row[j] - mean).powi(2)).sum::<f64>() / n).sqrt();
            if spread > 0.0 && spread.is_finite() { spread } else { 1.0 }
        })
        .collect()
}

struct At {
    value: f64,
    gradient: Vec<f64>,
    information: Matrix,
}

fn likelihood(choices: &Choices, beta: &[f64], scales: &[f64]) -> At {
    let p = beta.len();
    let mut at = At { value: 0.0, gradient: vec![0.0; p], information: vec![vec![0.0; p]; p] };
    let mut utilities = Vec::new();
    let mut mean = vec![0.0; p];
    let mut centred = vec![0.0; p];
    for (rows, chosen) in choices.sets() {
        let scaled = |row: usize, j: usize| choices.table.row(row)[j] / scales[j];
        utilities.clear();
        utilities.extend(rows.clone().map(|row| (0..p).map(|j| beta[j] * scaled(row, j)).sum::<f64>()));
        let total = ln_sum_exp(&utilities);
        at.value += utilities[chosen] - total;
        mean.fill(0.0);
        for (row, utility) in rows.clone().zip(&utilities) {
            let share = (utility - total).exp();
            (0..p).for_each(|j| mean[j] += share * scaled(row, j));
        }
        for (place, (row, utility)) in rows.zip(&utilities).enumerate() {
            let share = (utility - total).exp();
            (0..p).for_each(|j| centred[j] = scaled(row, j) - mean[j]);
            for i in 0..p {
                if place == chosen {
                    at.gradient[i] += centred[i];
                }
                for j in 0..p {
                    at.information[i][j] += share * centred[i] * centred[j];
                }
            }
        }
    }
    at
}

impl Conjoint {
    /// What every other attribute is worth in units of the attribute `price`.
    ///
    /// # Errors
    /// [`BadInput::Setting`] for an unknown attribute; [`BadInput::Uninformative`] where the price
    /// coefficient is not clearly below 0 at the level, since worth would then be a ratio to nothing.
    pub fn willingness_to_pay(&self, price: usize, level: f64) -> Result<Vec<WillingnessToPay>, BadInput> {
        between("level", level, 0.0, 1.0)?;
        let range = "the index of an attribute";
        let setting = BadInput::Setting { setting: "price", value: price as f64, range };
        let per_unit = *self.coefficients.get(price).ok_or(setting)?;
        if per_unit + z(level) * self.standard_errors[price] >= 0.0 {
            let why = "choices do not clearly fall with the price, so nothing has one; widen its range";
            return Err(BadInput::Uninformative { what: "willingness to pay", why });
        }
        let worth = |attribute: usize| {
            let b = self.coefficients[attribute];
            let (to_b, to_price) = (-1.0 / per_unit, b / (per_unit * per_unit));
            let c = &self.covariance;
            let variance = to_b * to_b * c[attribute][attribute]
                + 2.0 * to_b * to_price * c[attribute][price]
                + to_price * to_price * c[price][price];
            let ends = (f64::NEG_INFINITY, f64::INFINITY);
            let worth = Estimate::normal(-b / per_unit, variance.max(0.0).sqrt(), level, ends);
            WillingnessToPay { attribute, worth }
        };
        Ok((0..self.coefficients.len()).filter(|attribute| *attribute != price).map(worth).collect())
    }
}

/// Shares of choice among alternatives (rows of attributes) at given coefficients; they sum to 1.
///
/// # Errors
/// [`BadInput::Lengths`] where columns and coefficients differ in number, [`BadInput::NotFinite`] for a
/// coefficient.
pub fn shares(coefficients: &[f64], alternatives: &Table) -> Result<Vec<f64>, BadInput> {
    if coefficients.len() != alternatives.columns() {
        let (left, right) = ("coefficients", "columns of the alternatives");
        let (left_rows, right_rows) = (coefficients.len(), alternatives.columns());
        return Err(BadInput::Lengths { left, left_rows, right, right_rows });
    }
    crate::inputs::finite("coefficients", coefficients)?;
    let utility = |row: &[f64]| row.iter().zip(coefficients).map(|(x, b)| x * b).sum::<f64>();
    let utilities: Vec<f64> = alternatives.iter().map(utility).collect();
    crate::inputs::finite("utilities", &utilities)?;
    // Divided and not subtracted in logarithms: a huge utility has no digits left for ln 2.
    let most = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = utilities.iter().map(|utility| (utility - most).exp()).collect();
    let total: f64 = weights.iter().sum();
    Ok(weights.iter().map(|weight| weight / total).collect())
}
