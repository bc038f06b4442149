//! Climbing a likelihood: starts, a sample of the rows first, curvature, and the ridges that lead to infinity.
//!
//! Shared by every family; knows parameters as logarithms and nothing of what they mean.

use super::fit::{Convergence, Estimate, Limit};
use super::rows::Rows;
use crate::optimize::{self, Limits, Matrix, Minimum};

/// Turns the covariance of logarithms into that of the parameters, and names both.
pub(crate) fn estimates(
    names: &[&str],
    values: &[f64],
    covariance: Option<Matrix>,
    held: &[usize],
) -> (Vec<Estimate>, Option<Matrix>) {
    let covariance = covariance.map(|logs| {
        let cell = |i: usize, j: usize| logs[i][j] * values[i] * values[j];
        (0..values.len()).map(|i| (0..values.len()).map(|j| cell(i, j)).collect()).collect::<Matrix>()
    });
    let estimates = (0..names.len())
        .map(|i| Estimate {
            name: names[i].to_string(),
            value: values[i],
            standard_error: covariance.as_ref().filter(|_| !held.contains(&i)).map(|c| c[i][i].sqrt()),
        })
        .collect();
    (estimates, covariance)
}

/// The parameters that limits hold.
pub(crate) fn held(limits: &[(Limit, Vec<usize>)]) -> Vec<usize> {
    limits.iter().flat_map(|l| l.1.clone()).collect()
}

/// The top of a likelihood.
pub(crate) struct Climbed {
    pub theta: Vec<f64>,
    /// In the objective's own time.
    pub log_likelihood: f64,
    pub convergence: Convergence,
}

pub(crate) fn climb(
    rows: &Rows,
    sample: Option<&Rows>,
    objective: impl Fn(&Rows, &[f64], &mut [f64]) -> f64,
    starts: &[Vec<f64>],
) -> Climbed {
    let customers = sample.map(|s| s.totals.customers);
    climb_with(rows.totals.customers, rows, sample.zip(customers), objective, starts)
}

/// Climbs from every start, on a sample first where one is given, and then with all rows from the sample's best.
pub(crate) fn climb_with<D>(
    customers: f64,
    data: &D,
    sample: Option<(&D, f64)>,
    objective: impl Fn(&D, &[f64], &mut [f64]) -> f64,
    starts: &[Vec<f64>],
) -> Climbed {
    // Minus the mean over customers, so that tolerances mean the same for any number of them.
    let loss = |data: &D, customers: f64, theta: &[f64], gradient: &mut [f64]| {
        let value = objective(data, theta, gradient);
        gradient.iter_mut().for_each(|g| *g /= -customers);
        -value / customers
    };
    let limits = Limits::default();
    let (near, near_customers) = sample.unwrap_or((data, customers));
    let near_loss = |t: &[f64], g: &mut [f64]| loss(near, near_customers, t, g);
    // Where a sample only shows the way, its own optimum need not be found to the last digit.
    let near_limits = if sample.is_some() { Limits { gradient: 1e-6, ..limits } } else { limits };
    let found = optimize::from_starts(near_loss, starts, near_limits);
    let agreeing = found.iter().filter(|m| (m.value - found[0].value) * near_customers < 0.01).count();
    let mut evaluations: usize = found.iter().map(|m| m.evaluations).sum();
    let mut best: Minimum = found[0].clone();
    let every: Vec<usize> = (0..best.at.len()).collect();
    if sample.is_some() {
        let curvature = optimize::inverse(&optimize::hessian(near_loss, &best.at, &every));
        best = optimize::minimise(|t, g| loss(data, customers, t, g), &best.at, curvature.as_ref(), limits);
        evaluations += best.evaluations;
    }
    let mut gradient = vec![0.0; best.at.len()];
    let value = loss(data, customers, &best.at, &mut gradient);
    Climbed {
        log_likelihood: -value * customers,
        convergence: Convergence {
            is_converged: value.is_finite() && best.gradient_norm < 1e-6,
            iterations: best.iterations,
            evaluations,
            gradient_norm: best.gradient_norm,
            starts: starts.len(),
            starts_agreeing: agreeing,
        },
        theta: best.at,
    }
}

impl Climbed {
    /// Covariance of the logarithms of the parameters, with zeros for those held.
    pub fn covariance(
        &self,
        objective: impl Fn(&[f64], &mut [f64]) -> f64,
        held: &[usize],
        customers: f64,
    ) -> Option<Matrix> {
        let size = self.theta.len();
        let free: Vec<usize> = (0..size).filter(|i| !held.contains(i)).collect();
        let curvature = optimize::hessian(
            |theta, gradient| {
                let value = objective(theta, gradient);
                gradient.iter_mut().for_each(|g| *g = -*g / customers);
                -value
            },
            &self.theta,
            &free,
        );
        let inverted = optimize::inverse(&curvature)?;
        let mut covariance = vec![vec![0.0; size]; size];
        for (i, row) in free.iter().zip(&inverted) {
            for (j, cell) in free.iter().zip(row) {
                covariance[*i][*j] = cell / customers;
            }
        }
        Some(covariance)
    }
}

/// The ridges of a family with attrition; the gain over the family without decides whether anybody leaves at all.
pub(crate) fn limits_with_attrition(
    found: &Climbed,
    beside: &Climbed,
    objective: impl Fn(&[f64], &mut [f64]) -> f64,
    name: impl Fn(usize, &[f64]) -> Limit,
) -> Vec<(Limit, Vec<usize>)> {
    if found.log_likelihood - beside.log_likelihood < 1e-3 {
        let mut limits = vec![(Limit::NobodyLeaves, vec![2, 3])];
        limits.extend(ridges(found, &[(0, 1)], objective, name));
        return limits;
    }
    ridges(found, &[(0, 1), (2, 3)], objective, name)
}

/// Pairs of parameters that are large, and could be larger in the same ratio without the likelihood noticing. The first
/// of the pair is held; the second then carries the uncertainty of the ratio.
pub(crate) fn ridges(
    found: &Climbed,
    pairs: &[(usize, usize)],
    objective: impl Fn(&[f64], &mut [f64]) -> f64,
    name: impl Fn(usize, &[f64]) -> Limit,
) -> Vec<(Limit, Vec<usize>)> {
    const LARGE: f64 = 30.0;
    const UNNOTICED: f64 = 0.01;
    let mut limits = Vec::new();
    for (pair, (first, second)) in pairs.iter().enumerate() {
        if found.theta[*first] < LARGE.ln() {
            continue;
        }
        let mut further = found.theta.clone();
        let step = 11.0 - further[*first].max(further[*second]).min(10.0);
        further[*first] += step;
        further[*second] += step;
        let there = objective(&further, &mut vec![0.0; further.len()]);
        if there >= found.log_likelihood - UNNOTICED {
            limits.push((name(pair, &found.theta), vec![*first]));
        }
    }
    limits
}
