//! How good probabilities were.

use serde::Serialize;

use super::rankings::{area_under_curve, average_precision, captured};
use crate::inputs::{BadInput, not_empty, same_rows};

/// Everything a page shows about predicted probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ProbabilityScore {
    /// Rows compared.
    pub rows: u64,
    /// The share that happened.
    pub base_rate: f64,
    /// The mean probability.
    pub mean_predicted: f64,
    /// Area under the ROC curve; `None` when all outcomes are alike.
    pub auc: Option<f64>,
    /// Average precision; `None` when nothing happened.
    pub average_precision: Option<f64>,
    /// Mean squared difference between probability and outcome.
    pub brier: f64,
    /// The Brier score of saying the base rate for everybody.
    pub brier_of_base_rate: f64,
    /// Mean negative log-likelihood in nats, probabilities kept 1e-15 away from 0 and 1.
    pub log_loss: f64,
    /// The share of outcomes among the tenth with the highest probability over the base rate.
    pub top_decile_lift: Option<f64>,
    /// Slope and intercept of outcome on log-odds; `None` when they cannot be told.
    pub calibration: Option<Calibration>,
}

/// A straight line from predicted to actual log-odds: slope 1 and intercept 0 when probabilities mean what they say,
/// a slope below 1 when they are too extreme (Cox 1958).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Calibration {
    /// The slope.
    pub slope: f64,
    /// The intercept, with the slope free.
    pub intercept: f64,
}

/// Scores probabilities against outcomes.
pub fn probability_score(predicted: &[f64], happened: &[bool]) -> Result<ProbabilityScore, BadInput> {
    checked(predicted, happened)?;
    let rows = happened.len() as f64;
    let outcome: Vec<f64> = happened.iter().map(|is| f64::from(u8::from(*is))).collect();
    let base_rate = outcome.iter().sum::<f64>() / rows;
    let brier = predicted.iter().zip(&outcome).map(|(p, y)| (p - y).powi(2)).sum::<f64>() / rows;
    let log_loss = predicted.iter().zip(happened).map(|(p, is)| loss(*p, *is)).sum::<f64>() / rows;
    Ok(ProbabilityScore {
        rows: happened.len() as u64,
        base_rate,
        mean_predicted: predicted.iter().sum::<f64>() / rows,
        auc: area_under_curve(predicted, happened)?,
        average_precision: average_precision(predicted, happened)?,
        brier,
        brier_of_base_rate: base_rate * (1.0 - base_rate),
        log_loss,
        top_decile_lift: captured(predicted, &outcome, 0.1)?.map(|share| share / 0.1),
        calibration: calibration(predicted, happened)?,
    })
}

fn checked(predicted: &[f64], happened: &[bool]) -> Result<(), BadInput> {
    not_empty("happened", happened)?;
    same_rows("predicted", predicted, "happened", happened)?;
    match predicted.iter().position(|p| !(0.0..=1.0).contains(p)) {
        Some(row) => {
            let value = predicted[row];
            Err(BadInput::OutOfRange { what: "predicted", row, value, range: "between 0 and 1" })
        }
        None => Ok(()),
    }
}

fn loss(probability: f64, happened: bool) -> f64 {
    let right = if happened { probability } else { 1.0 - probability };
    -right.max(1e-15).ln()
}

/// The calibration line by Newton's method; `None` when predictions are all alike, outcomes are all alike, or the
/// predictions separate the outcomes so that no finite line exists.
pub fn calibration(predicted: &[f64], happened: &[bool]) -> Result<Option<Calibration>, BadInput> {
    checked(predicted, happened)?;
    let yes = happened.iter().filter(|is| **is).count();
    if yes == 0 || yes == happened.len() {
        return Ok(None);
    }
    let odds: Vec<f64> = predicted.iter().map(|p| (p.max(1e-9) / (1.0 - p).max(1e-9)).ln()).collect();
    let (mut intercept, mut slope) = (0.0, 1.0);
    for _ in 0..100 {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (x, is) in odds.iter().zip(happened) {
            let p = 1.0 / (1.0 + (-(intercept + slope * x)).exp());
            let (residual, weight) = (f64::from(u8::from(*is)) - p, p * (1.0 - p));
            g0 += residual;
            g1 += residual * x;
            h00 += weight;
            h01 += weight * x;
            h11 += weight * x * x;
        }
        let determinant = h00 * h11 - h01 * h01;
        if determinant <= 1e-10 * h00 * h11 || !determinant.is_finite() {
            return Ok(None);
        }
        let step = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant);
        // A damped step keeps the line finite while it is far from the answer.
        let shrink = (2.0 / (step.0.abs().max(step.1.abs()))).min(1.0);
        intercept += shrink * step.0;
        slope += shrink * step.1;
        if step.0.abs().max(step.1.abs()) < 1e-10 {
            return Ok(Some(Calibration { slope, intercept }));
        }
        if slope.abs() > 100.0 || intercept.abs() > 100.0 {
            return Ok(None);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    fn drawn(truth: impl Fn(f64) -> f64, seed: u64) -> (Vec<f64>, Vec<bool>) {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        (0..40_000)
            .map(|_| {
                let p: f64 = random.random_range(0.02..0.98);
                (p, random.random::<f64>() < truth(p))
            })
            .unzip()
    }

    #[test]
    fn honest_probabilities_have_slope_one_and_intercept_zero() {
        let (predicted, happened) = drawn(|p| p, 8);
        let line = calibration(&predicted, &happened).unwrap().unwrap();
        assert!((line.slope - 1.0).abs() < 0.04 && line.intercept.abs() < 0.04, "{line:?}");
        let score = probability_score(&predicted, &happened).unwrap();
        assert!(score.brier < score.brier_of_base_rate && score.top_decile_lift.unwrap() > 1.5);
    }

    #[test]
    fn planted_overconfidence_is_read_from_the_slope() {
        let squeeze = |p: f64| {
            let odds = (p / (1.0 - p)).ln();
            1.0 / (1.0 + (-(0.3 + 0.5 * odds)).exp())
        };
        let (predicted, happened) = drawn(squeeze, 9);
        let line = calibration(&predicted, &happened).unwrap().unwrap();
        assert!((line.slope - 0.5).abs() < 0.03 && (line.intercept - 0.3).abs() < 0.04, "{line:?}");
    }

    #[test]
    fn what_cannot_be_told_is_none_and_never_a_nan() {
        assert_eq!(calibration(&[0.2, 0.4], &[true, true]).unwrap(), None);
        assert_eq!(calibration(&[0.3, 0.3, 0.3], &[true, false, true]).unwrap(), None);
        assert_eq!(calibration(&[0.1, 0.2, 0.8, 0.9], &[false, false, true, true]).unwrap(), None);
        let score = probability_score(&[0.0, 1.0], &[true, false]).unwrap();
        assert!(score.log_loss.is_finite() && score.brier == 1.0);
        assert!(probability_score(&[1.2], &[true]).is_err());
        assert!(probability_score(&[f64::NAN], &[true]).is_err());
    }
}
