//! Thompson sampling with probabilities that can be logged.
//!
//! The chance that an action is the best under what is believed has no closed form for more than two actions. It is
//! counted over seeded trials, no action is left below 1/trials, and the action is then drawn from these very
//! probabilities ([`super::explore::draw`]): what is logged is exactly what was drawn from, whatever the number of trials.

use rand::SeedableRng;
use rand_distr::{Beta, Distribution, Normal};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use super::Refused;
use super::explore::with_floors;
use super::gate::best;
use crate::inputs::{BadInput, not_empty};

/// What is believed of an action's worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Belief {
    /// A worth that is about normal.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        deviation: f64,
    },
    /// A rate, times what one success is worth, less a cost.
    Rate {
        /// Successes and the prior's.
        successes: f64,
        /// Failures and the prior's.
        failures: f64,
        /// The worth of one success.
        value: f64,
        /// The cost of the action.
        cost: f64,
    },
}

/// The probability of each action: its share of `trials` in which a draw of it was the highest, not below 1/trials.
pub fn thompson(beliefs: &[Belief], trials: usize, seed: u64) -> Result<Vec<f64>, Refused> {
    not_empty("beliefs", beliefs)?;
    if trials < beliefs.len() || trials > 10_000_000 {
        let (setting, value, range) = ("trials", trials as f64, "the number of actions to 10000000");
        return Err(BadInput::Setting { setting, value, range }.into());
    }
    let samplers = beliefs.iter().enumerate().map(|(row, belief)| sampler(row, belief));
    let samplers: Vec<Sampler> = samplers.collect::<Result<_, _>>()?;
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut wins = vec![0.0_f64; beliefs.len()];
    for _ in 0..trials {
        let worth: Vec<f64> = samplers.iter().map(|sampler| sampler.draw(&mut random)).collect();
        wins[best(&worth)] += 1.0;
    }
    let counted: Vec<f64> = wins.iter().map(|count| count / trials as f64).collect();
    with_floors(&counted, &vec![1.0 / trials as f64; counted.len()])
}

enum Sampler {
    Normal(Normal<f64>),
    Rate(Beta<f64>, f64, f64),
}

impl Sampler {
    fn draw(&self, random: &mut Pcg64Mcg) -> f64 {
        match self {
            Sampler::Normal(normal) => normal.sample(random),
            Sampler::Rate(beta, value, cost) => value * beta.sample(random) - cost,
        }
    }
}

fn sampler(row: usize, belief: &Belief) -> Result<Sampler, BadInput> {
    let refuse = |value, range| BadInput::OutOfRange { what: "beliefs", row, value, range };
    match *belief {
        Belief::Normal { mean, deviation } => {
            let bad = if mean.is_finite() { deviation } else { mean };
            let is_fine = mean.is_finite() && deviation >= 0.0 && deviation.is_finite();
            let normal = Normal::new(mean, deviation).ok().filter(|_| is_fine);
            normal
                .map(Sampler::Normal)
                .ok_or_else(|| refuse(bad, "a finite mean and a deviation of 0 or more"))
        }
        Belief::Rate { successes, failures, value, cost } => {
            if !value.is_finite() || !cost.is_finite() {
                return Err(refuse(value, "a finite value and cost"));
            }
            let is_fine = [successes, failures].iter().all(|count| *count > 0.0 && count.is_finite());
            let beta = is_fine.then(|| Beta::new(successes, failures).ok()).flatten();
            let beta = beta.ok_or_else(|| refuse(successes, "counts above 0, the prior's included"))?;
            Ok(Sampler::Rate(beta, value, cost))
        }
    }
}
