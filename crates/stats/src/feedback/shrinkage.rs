//! Small stores: what few answers say, drawn towards what all stores are like.
//!
//! A store with five answers heads or ends every ranking by chance. Empirical Bayes estimates how much stores
//! really differ and weighs each store's own answers against that: the beta-binomial for shares (by maximum
//! likelihood), the normal model for means (Efron and Morris 1975) with the variance between stores by Paule
//! and Mandel (1982).

use serde::Serialize;
use statrs::distribution::{Beta, ContinuousCDF};

use super::scores::z;
use crate::inputs::{BadInput, between, finite, not_empty, same_rows};
use crate::optimize::{Limits, from_starts};
use crate::special::{Rising, logistic, rise};

/// One store, drawn towards the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shrunk {
    /// What the store's own answers say; `None` without any.
    pub own: Option<f64>,
    /// What to show.
    pub value: f64,
    /// Lower end of the posterior interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Weight of the store's own answers, 0 to 1.
    pub own_weight: f64,
}

/// How shares differ between stores: a beta distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SharePrior {
    /// First parameter: as many successes seen before.
    pub alpha: f64,
    /// Second parameter: as many failures.
    pub beta: f64,
}

impl SharePrior {
    /// Mean share.
    pub fn mean(&self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    /// By the mean m and variance v of the raw shares: α + β = m (1 − m) / v − 1. A start, since it takes the
    /// noise of few answers for difference between stores.
    ///
    /// # Errors
    /// [`BadInput`] for fewer than two stores with answers, or shares that are all equal or all 0 and 1.
    pub fn by_moments(successes: &[u64], trials: &[u64]) -> Result<SharePrior, BadInput> {
        check(successes, trials)?;
        let raw: Vec<f64> = successes
            .iter()
            .zip(trials)
            .filter(|(_, n)| **n > 0)
            .map(|(k, n)| *k as f64 / *n as f64)
            .collect();
        let n = raw.len() as f64;
        let mean = raw.iter().sum::<f64>() / n;
        let variance = raw.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let precision = mean * (1.0 - mean) / variance - 1.0;
        if !(precision > 0.0 && precision.is_finite()) {
            let why = "shares are all equal, or all 0 and 1; collect more answers";
            return Err(BadInput::Uninformative { what: "prior of shares", why });
        }
        Ok(SharePrior { alpha: mean * precision, beta: (1.0 - mean) * precision })
    }

    /// By maximum likelihood of the beta-binomial. Stores that differ by no more than chance give a prior so
    /// narrow that all get the common share.
    ///
    /// # Errors
    /// [`BadInput`] for fewer than two stores with answers, or where all answers are alike.
    pub fn by_likelihood(successes: &[u64], trials: &[u64]) -> Result<SharePrior, BadInput> {
        check(successes, trials)?;
        let (hits, all) = (sum(successes), sum(trials));
        if hits == 0.0 || hits == all {
            let why = "every answer is the same; collect more answers";
            return Err(BadInput::Uninformative { what: "prior of shares", why });
        }
        let pooled = (hits / (all - hits)).ln();
        let starts = [1.0, 3.0, 6.0].map(|precision| vec![pooled, precision]);
        let objective = |at: &[f64], gradient: &mut [f64]| likelihood(at, gradient, successes, trials);
        let found = from_starts(objective, &starts, Limits { gradient: 1e-7, ..Limits::default() });
        let (mean, precision) = (logistic(found[0].at[0]), found[0].at[1].exp());
        Ok(SharePrior { alpha: mean * precision, beta: (1.0 - mean) * precision })
    }
}

fn sum(counts: &[u64]) -> f64 {
    counts.iter().map(|count| *count as f64).sum()
}

/// Minus the log-likelihood at the logit of the mean and the logarithm of the precision.
fn likelihood(at: &[f64], gradient: &mut [f64], successes: &[u64], trials: &[u64]) -> f64 {
    let (mean, precision) = (logistic(at[0]), at[1].exp());
    let (alpha, beta) = (mean * precision, (1.0 - mean) * precision);
    let (mut value, mut to_alpha, mut to_beta) = (0.0, 0.0, 0.0);
    for (hits, all) in successes.iter().zip(trials) {
        let yes = rise(Rising::default(), alpha, 0, *hits);
        let no = rise(Rising::default(), beta, 0, all - hits);
        let both = rise(Rising::default(), precision, 0, *all);
        value += yes.ln + no.ln - both.ln;
        to_alpha += yes.inverse - both.inverse;
        to_beta += no.inverse - both.inverse;
    }
    gradient[0] = -(to_alpha - to_beta) * precision * mean * (1.0 - mean);
    gradient[1] = -(to_alpha * alpha + to_beta * beta);
    -value
}

fn check(successes: &[u64], trials: &[u64]) -> Result<(), BadInput> {
    same_rows("successes", successes, "trials", trials)?;
    if let Some(row) = successes.iter().zip(trials).position(|(hits, all)| hits > all) {
        let value = successes[row] as f64;
        return Err(BadInput::OutOfRange { what: "successes", row, value, range: "at most the trials" });
    }
    if trials.iter().filter(|all| **all > 0).count() < 2 {
        let why = "fewer than two stores have answers; how stores differ needs at least two";
        return Err(BadInput::Uninformative { what: "shrinkage", why });
    }
    Ok(())
}

/// Shares of all stores under a prior: the posterior mean (k + α) / (n + α + β) and its central interval.
///
/// # Errors
/// [`BadInput`] for more successes than trials, a level outside (0, 1) or a prior that is not positive.
pub fn shrink_shares(
    successes: &[u64],
    trials: &[u64],
    prior: &SharePrior,
    level: f64,
) -> Result<Vec<Shrunk>, BadInput> {
    between("level", level, 0.0, 1.0)?;
    not_empty("trials", trials)?;
    let precision = prior.alpha + prior.beta;
    let setting = |value| BadInput::Setting { setting: "prior", value, range: "two finite numbers above 0" };
    if !(prior.alpha > 0.0 && prior.beta > 0.0 && precision.is_finite()) {
        return Err(setting(precision));
    }
    same_rows("successes", successes, "trials", trials)?;
    let one = |(row, (hits, all)): (usize, (&u64, &u64))| {
        if hits > all {
            let (what, value) = ("successes", *hits as f64);
            return Err(BadInput::OutOfRange { what, row, value, range: "at most the trials" });
        }
        let (k, n) = (*hits as f64, *all as f64);
        let (alpha, beta) = (prior.alpha + k, prior.beta + n - k);
        let posterior = Beta::new(alpha, beta).map_err(|_| setting(alpha))?;
        let value = alpha / (alpha + beta);
        Ok(Shrunk {
            own: (*all > 0).then(|| k / n),
            value,
            low: posterior.inverse_cdf(0.5 - 0.5 * level).min(value),
            high: posterior.inverse_cdf(0.5 + 0.5 * level).max(value),
            own_weight: n / (n + precision),
        })
    };
    successes.iter().zip(trials).enumerate().map(one).collect()
}

/// How means differ between stores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanPrior {
    /// Mean of the stores' true means.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Variance between stores beyond chance; 0 where chance explains all.
    pub between: f64,
}

impl MeanPrior {
    /// From the stores' means and their standard errors: the variance at which Σ (y − μ)² / (s² + variance)
    /// equals the number of stores less one.
    ///
    /// # Errors
    /// [`BadInput`] for fewer than two stores, or a standard error that is not above 0.
    pub fn paule_mandel(means: &[f64], standard_errors: &[f64]) -> Result<MeanPrior, BadInput> {
        same_rows("means", means, "standard errors", standard_errors)?;
        finite("means", means)?;
        finite("standard errors", standard_errors)?;
        if let Some(row) = standard_errors.iter().position(|error| !(*error > 1e-150 && *error < 1e150)) {
            let (what, value) = ("standard error", standard_errors[row]);
            return Err(BadInput::OutOfRange { what, row, value, range: "above 0 and within reason" });
        }
        if means.len() < 2 {
            let why = "how stores differ needs at least two";
            return Err(BadInput::Uninformative { what: "shrinkage", why });
        }
        let freedom = means.len() as f64 - 1.0;
        let spread = |between: f64| {
            let (mean, _) = pooled(means, standard_errors, between);
            let terms = means.iter().zip(standard_errors);
            terms.map(|(y, s)| ((y - mean) / (s * s + between).sqrt()).powi(2)).sum::<f64>()
        };
        let mut between = 0.0;
        if spread(0.0) > freedom {
            let widest = means.iter().copied().fold(f64::NEG_INFINITY, f64::max)
                - means.iter().copied().fold(f64::INFINITY, f64::min);
            if widest.is_nan() || widest >= 1e150 {
                let why = "means are too large to square; rescale them";
                return Err(BadInput::Uninformative { what: "shrinkage", why });
            }
            let (mut low, mut high) = (0.0, widest * widest);
            for _ in 0..200 {
                between = 0.5 * (low + high);
                if spread(between) > freedom { low = between } else { high = between }
            }
        }
        let (mean, standard_error) = pooled(means, standard_errors, between);
        Ok(MeanPrior { mean, standard_error, between })
    }
}

/// The mean weighted by 1 / (s² + between), and its standard error.
fn pooled(means: &[f64], standard_errors: &[f64], between: f64) -> (f64, f64) {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (y, s) in means.iter().zip(standard_errors) {
        let weight = 1.0 / (s * s + between);
        sum += weight * y;
        weights += weight;
    }
    (sum / weights, weights.sqrt().recip())
}

/// Means of all stores under a prior: B μ + (1 − B) y with B = s² / (s² + variance between). The interval
/// holds the uncertainty of μ as well.
///
/// # Errors
/// [`BadInput`] for columns that differ in length or hold something unusable, or a level outside (0, 1).
pub fn shrink_means(
    means: &[f64],
    standard_errors: &[f64],
    prior: &MeanPrior,
    level: f64,
) -> Result<Vec<Shrunk>, BadInput> {
    between("level", level, 0.0, 1.0)?;
    same_rows("means", means, "standard errors", standard_errors)?;
    finite("means", means)?;
    crate::inputs::not_negative("standard errors", standard_errors)?;
    finite("prior", &[prior.mean, prior.standard_error])?;
    crate::inputs::not_negative("prior variance", &[prior.between])?;
    let one = |(y, s): (&f64, &f64)| {
        let own = s * s;
        // Without any error and any difference between stores, the store's own mean stands.
        let shrink = if own + prior.between > 0.0 { own / (own + prior.between) } else { 0.0 };
        let value = shrink * prior.mean + (1.0 - shrink) * y;
        let deviation = ((1.0 - shrink) * own + (shrink * prior.standard_error).powi(2)).sqrt();
        let half = z(level) * deviation;
        Shrunk { own: Some(*y), value, low: value - half, high: value + half, own_weight: 1.0 - shrink }
    };
    Ok(means.iter().zip(standard_errors).map(one).collect())
}
