//! What an action is worth in each segment, when little has been tried there: counts of yes and no.
//!
//! The beta–binomial counterpart of [`super::context`]: the rate of a segment is drawn from Beta(m·k, (1 − m)·k), the
//! successes among its customers by that rate. A play file says what rate to expect and how many customers that
//! expectation is worth; m and the likeness k of segments are learnt from the counts and integrated over (Gelman et al.
//! 2013, section 5.3). Keep one set of segments for the action and one for doing nothing; the difference of the two is
//! the effect.

use serde::{Deserialize, Serialize};

use super::Refused;
use super::context::{SegmentEffect, weigh};
use crate::inputs::{BadInput, between};
use crate::special::{ln_gamma, logistic};

const RATES: usize = 48;
const LIKENESSES: usize = 32;
/// Standard deviation of ln k about the play file's likeness: a factor of e² either way is no surprise.
const LIKENESS_SPREAD: f64 = 1.0;

/// What a play file expects of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatePrior {
    /// The rate expected in a typical segment, above 0 and below 1.
    pub rate: f64,
    /// How many customers that expectation is worth.
    pub customers: f64,
    /// How alike segments are: how many customers of its own a segment needs to count as much as the others.
    pub likeness: f64,
}

/// Customers of a segment, and how many of them did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The segment, from 0.
    pub segment: usize,
    /// Customers.
    pub customers: u64,
    /// Those of them who did.
    pub successes: u64,
}

/// What is believed of one segment's rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SegmentRate {
    /// The segment.
    pub segment: usize,
    /// Its customers so far.
    pub customers: u64,
    /// The mean rate.
    pub mean: f64,
    /// Its standard deviation.
    pub deviation: f64,
    /// How much of the mean is the segment's own customers, 0 to 1.
    pub own_weight: f64,
}

/// Updates a play file's expectation by counts, for segments 0 to `segments` − 1.
pub fn rates(prior: &RatePrior, segments: usize, counts: &[Count]) -> Result<Vec<SegmentRate>, Refused> {
    between("prior rate", prior.rate, 0.0, 1.0)?;
    between("prior customers", prior.customers, 0.0, 1e9)?;
    between("prior likeness", prior.likeness, 0.0, 1e6)?;
    let pooled = pool(segments, counts)?;
    let points = grid(prior, &pooled);
    let weights = weigh(points.iter().map(|(_, _, ln_mass)| *ln_mass));
    let believed = |(segment, (customers, successes)): (usize, &(u64, u64))| {
        let (n, y) = (*customers as f64, *successes as f64);
        let (mut first, mut second, mut own) = (0.0, 0.0, 0.0);
        for (weight, (mean, likeness, _)) in weights.iter().zip(&points) {
            let total = likeness + n;
            let rate = (mean * likeness + y) / total;
            first += weight * rate;
            second += weight * rate * (rate * total + 1.0) / (total + 1.0);
            own += weight * n / total;
        }
        let deviation = (second - first * first).max(0.0).sqrt();
        SegmentRate { segment, customers: *customers, mean: first, deviation, own_weight: own }
    };
    Ok(pooled.iter().enumerate().map(believed).collect())
}

/// What the action changes in a segment: its rate less that of doing nothing. `own_weight` is the smaller of the two.
pub fn difference(action: &SegmentRate, nothing: &SegmentRate) -> SegmentEffect {
    SegmentEffect {
        segment: action.segment,
        readings: usize::from(action.customers > 0 && nothing.customers > 0),
        mean: action.mean - nothing.mean,
        deviation: action.deviation.hypot(nothing.deviation),
        own_weight: action.own_weight.min(nothing.own_weight),
    }
}

fn pool(segments: usize, counts: &[Count]) -> Result<Vec<(u64, u64)>, Refused> {
    let mut sums = vec![(0_u64, 0_u64); segments];
    for (row, count) in counts.iter().enumerate() {
        let refuse = |what, value, range| Err(BadInput::OutOfRange { what, row, value, range }.into());
        let Some(sum) = sums.get_mut(count.segment) else {
            return refuse("segment", count.segment as f64, "below the number of segments");
        };
        if count.successes > count.customers {
            return refuse("successes", count.successes as f64, "at most the customers");
        }
        *sum = (sum.0.saturating_add(count.customers), sum.1.saturating_add(count.successes));
    }
    Ok(sums)
}

/// ln of the chance of y successes among n, but for the binomial coefficient, which is the same everywhere.
fn ln_beta_binomial(n: f64, y: f64, a: f64, b: f64) -> f64 {
    ln_gamma(a + y) - ln_gamma(a) + ln_gamma(b + n - y) - ln_gamma(b) + ln_gamma(a + b) - ln_gamma(a + b + n)
}

/// Points (m, k) with the logarithm of their posterior mass: k evenly on a logarithmic scale, and for each k the
/// logit of m evenly over six standard deviations to either side of its mode.
fn grid(prior: &RatePrior, pooled: &[(u64, u64)]) -> Vec<(f64, f64, f64)> {
    let mut points = Vec::with_capacity(RATES * LIKENESSES);
    for j in 0..LIKENESSES {
        let z = 4.0 * (2.0 * (j as f64 + 0.5) / LIKENESSES as f64 - 1.0);
        let likeness = prior.likeness * (z * LIKENESS_SPREAD).exp();
        let ln_mass = |logit: f64| ln_mass(prior, pooled, likeness, logit);
        let mode = peak(&ln_mass);
        let step = 1e-3;
        let curvature = (2.0 * ln_mass(mode) - ln_mass(mode - step) - ln_mass(mode + step)) / (step * step);
        let deviation = if curvature > 1e-2 { curvature.powf(-0.5) } else { 10.0 };
        let width = 12.0 * deviation / RATES as f64;
        for i in 0..RATES {
            let logit = mode + width * (i as f64 + 0.5 - RATES as f64 / 2.0);
            points.push((logistic(logit), likeness, ln_mass(logit) + width.ln() - 0.5 * z * z));
        }
    }
    points
}

/// ln of prior and likelihood at a logit of m, given k: Beta in m is Beta in the logit times dm/dlogit = m(1 − m).
fn ln_mass(prior: &RatePrior, pooled: &[(u64, u64)], likeness: f64, logit: f64) -> f64 {
    let mean = logistic(logit).clamp(1e-12, 1.0 - 1e-12);
    let (a, b) = (prior.rate * prior.customers, (1.0 - prior.rate) * prior.customers);
    let seen = pooled.iter().filter(|(customers, _)| *customers > 0);
    let of = |(n, y): &(u64, u64)| {
        ln_beta_binomial(*n as f64, *y as f64, mean * likeness, (1.0 - mean) * likeness)
    };
    a * mean.ln() + b * (1.0 - mean).ln() + seen.map(of).sum::<f64>()
}

/// The place of the maximum of a function with one peak, between −25 and 25 (golden section, Kiefer 1953).
fn peak(height: &impl Fn(f64) -> f64) -> f64 {
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-25.0, 25.0);
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (height(left), height(right));
    while high - low > 1e-4 {
        if at_left > at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = height(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = height(right);
        }
    }
    (low + high) / 2.0
}
