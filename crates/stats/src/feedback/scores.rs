//! NPS, CSAT, CES and ACSI, each under the name of its definition.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::discoveries::two_sided;
use crate::inputs::{BadInput, between, finite, not_empty};
use crate::proportion::share;

/// A number with its standard error and interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    /// A normal interval, cut where the scale ends.
    pub(super) fn normal(value: f64, standard_error: f64, level: f64, ends: (f64, f64)) -> Estimate {
        let half = z(level) * standard_error;
        Estimate { value, standard_error, low: (value - half).max(ends.0), high: (value + half).min(ends.1) }
    }
}

/// The standard normal quantile of a two-sided level.
pub(super) fn z(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + 0.5 * level)
}

/// Net promoter score, −100 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Nps {
    /// `nps 0-6/7-8/9-10`.
    pub definition: &'static str,
    /// Answers.
    pub answers: u64,
    /// 100 (promoters − detractors) / n with the plain normal (Wald) interval, not cut at ±100. It is too
    /// narrow for few answers and of width 0 where all are of one kind: show [`Nps::adjusted`].
    pub wald: Estimate,
    /// The adjusted Wald estimate: three answers are added, three quarters of one on each end (Rocks 2016,
    /// The American Statistician 70:365), the interval cut at ±100.
    pub adjusted: Estimate,
    /// Two-sided p-value of the plain estimate against 0; `None` where its standard error is 0.
    pub p_value: Option<f64>,
}

const NPS: &str = "nps 0-6/7-8/9-10";

/// The score of so many promoters, passives and detractors: with shares p and d, NPS = p − d and its variance
/// is (p + d − (p − d)²) / n, times 100.
///
/// # Errors
/// [`BadInput`] without any answer, or with a level outside (0, 1).
pub fn nps(promoters: u64, passives: u64, detractors: u64, level: f64) -> Result<Nps, BadInput> {
    between("level", level, 0.0, 1.0)?;
    let (p, n, d) =
        (promoters as f64, promoters as f64 + passives as f64 + detractors as f64, detractors as f64);
    if n == 0.0 {
        return Err(BadInput::Empty { what: "nps answers" });
    }
    let (value, error) = net(p, d, n);
    let wald = Estimate::normal(100.0 * value, 100.0 * error, level, (f64::NEG_INFINITY, f64::INFINITY));
    let p_value = (error > 0.0).then(|| two_sided(value / error));
    let (value, error) = net(p + 0.75, d + 0.75, n + 3.0);
    let adjusted = Estimate::normal(100.0 * value, 100.0 * error, level, (-100.0, 100.0));
    let answers = promoters.saturating_add(passives).saturating_add(detractors);
    Ok(Nps { definition: NPS, answers, wald, adjusted, p_value })
}

/// Difference of two shares of one sample and its standard error.
fn net(up: f64, down: f64, n: f64) -> (f64, f64) {
    let value = (up - down) / n;
    let variance = ((up + down) / n - value * value).max(0.0);
    (value, (variance / n).sqrt())
}

/// Promoters, passives and detractors among answers from 0 to 10.
///
/// # Errors
/// [`BadInput::OutOfRange`] for an answer above 10.
pub fn nps_counts(answers: &[u8]) -> Result<(u64, u64, u64), BadInput> {
    let (mut promoters, mut passives, mut detractors) = (0, 0, 0);
    for (row, answer) in answers.iter().enumerate() {
        match answer {
            0..=6 => detractors += 1,
            7..=8 => passives += 1,
            9..=10 => promoters += 1,
            _ => {
                let value = f64::from(*answer);
                return Err(BadInput::OutOfRange { what: "nps answer", row, value, range: "0 to 10" });
            }
        }
    }
    Ok((promoters, passives, detractors))
}

/// One score less another, of independent samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// From the plain scores.
    pub wald: Estimate,
    /// From the adjusted scores; use this one.
    pub adjusted: Estimate,
    /// Two-sided p-value of the adjusted difference.
    pub p_value: f64,
    /// Whether the adjusted interval leaves 0 out: only then may an arrow be drawn.
    pub is_clear: bool,
}

/// The first score less the second.
///
/// # Errors
/// [`BadInput::Setting`] with a level outside (0, 1).
pub fn nps_difference(first: &Nps, second: &Nps, level: f64) -> Result<Difference, BadInput> {
    between("level", level, 0.0, 1.0)?;
    let of = |a: &Estimate, b: &Estimate, ends| {
        let error = a.standard_error.hypot(b.standard_error);
        Estimate::normal(a.value - b.value, error, level, ends)
    };
    let wald = of(&first.wald, &second.wald, (f64::NEG_INFINITY, f64::INFINITY));
    let adjusted = of(&first.adjusted, &second.adjusted, (-200.0, 200.0));
    // The adjusted score of any sample has a positive error.
    let p_value = two_sided(adjusted.value / adjusted.standard_error);
    let is_clear = adjusted.low > 0.0 || adjusted.high < 0.0;
    Ok(Difference { wald, adjusted, p_value, is_clear })
}

/// Answers needed so that a share of about `share` is known to ± `half_width`: z² p (1 − p) / e², with the
/// finite correction n / (1 + (n − 1) / N) where the `population` is known.
///
/// # Errors
/// [`BadInput::Setting`] where a number is outside its range.
pub fn sample_size_share(
    share: f64,
    half_width: f64,
    level: f64,
    population: Option<u64>,
) -> Result<u64, BadInput> {
    between("share", share, 0.0, 1.0)?;
    sample_size(share * (1.0 - share), half_width, level, population)
}

/// Answers needed so that an NPS with these shares of promoters and detractors is known to ± `half_width`
/// points.
///
/// # Errors
/// [`BadInput::Setting`] where a number is outside its range or the shares exceed 1 together.
pub fn sample_size_nps(
    promoters: f64,
    detractors: f64,
    half_width: f64,
    level: f64,
    population: Option<u64>,
) -> Result<u64, BadInput> {
    for (setting, value) in [("promoters", promoters), ("detractors", detractors)] {
        if !(0.0..=1.0).contains(&value) || promoters + detractors > 1.0 {
            return Err(BadInput::Setting { setting, value, range: "a share, and at most 1 together" });
        }
    }
    let net = promoters - detractors;
    sample_size(promoters + detractors - net * net, half_width / 100.0, level, population)
}

fn sample_size(variance: f64, half_width: f64, level: f64, population: Option<u64>) -> Result<u64, BadInput> {
    between("half_width", half_width, 0.0, 1.0)?;
    between("level", level, 0.0, 1.0)?;
    let n = z(level).powi(2) * variance / (half_width * half_width);
    let needed = population.map_or(n, |all| n / (1.0 + (n - 1.0).max(0.0) / (all.max(1) as f64)));
    Ok((needed - 1e-9).ceil().max(1.0) as u64)
}

/// Customer satisfaction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Csat {
    /// `csat top-k-box wilson`.
    pub definition: &'static str,
    /// Answers.
    pub answers: u64,
    /// Share of answers in the top boxes, 0 to 1.
    pub top: f64,
    /// Lower end (Wilson 1927).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Mean answer, counted from 1.
    pub mean: f64,
    /// Standard deviation of the answers; `None` for one answer.
    pub deviation: Option<f64>,
}

/// The share in the top `boxes` of a scale, with Wilson's interval. `counts` are the answers to each point of
/// the scale from worst to best; two boxes of five are usual.
///
/// # Errors
/// [`BadInput`] without answers, or with more boxes than points.
pub fn csat(counts: &[u64], boxes: usize, level: f64) -> Result<Csat, BadInput> {
    between("level", level, 0.0, 1.0)?;
    if boxes == 0 || boxes >= counts.len() {
        let value = boxes as f64;
        return Err(BadInput::Setting {
            setting: "boxes",
            value,
            range: "from 1 to one less than the scale's points",
        });
    }
    let (answers, mean, deviation) = moments(counts)?;
    let top = counts[counts.len() - boxes..].iter().sum();
    let share = share(top, answers, level).ok_or(BadInput::Empty { what: "csat answers" })?;
    let definition = "csat top-box wilson";
    Ok(Csat { definition, answers, top: share.value, low: share.low, high: share.high, mean, deviation })
}

/// Answers, mean from 1 and standard deviation of counted points of a scale.
fn moments(counts: &[u64]) -> Result<(u64, f64, Option<f64>), BadInput> {
    let answers = counts.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
    if answers == 0 {
        return Err(BadInput::Empty { what: "answers" });
    }
    let n = answers as f64;
    let points = || counts.iter().enumerate().map(|(at, count)| (at as f64 + 1.0, *count as f64));
    let mean = points().map(|(point, count)| point * count).sum::<f64>() / n;
    let squares: f64 = points().map(|(point, count)| count * (point - mean) * (point - mean)).sum();
    Ok((answers, mean, (answers > 1).then(|| (squares / (n - 1.0)).sqrt())))
}

/// Which of the published, incompatible customer effort scores. All start from "made it easy for me to handle
/// my issue", 1 (strongly disagree) to 7 (strongly agree).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum CesForm {
    /// Share of answers from 5 up, in percent, with Wilson's interval.
    ShareAgreeing,
    /// Mean answer, 1 to 7.
    Mean,
    /// Percent of 6 and 7 less percent of 1 to 3; 4 and 5 are neutral.
    TopLessBottom,
}

impl CesForm {
    /// The name under which a score of this form is kept.
    pub fn definition(self) -> &'static str {
        match self {
            CesForm::ShareAgreeing => "ces-2.0 share 5-7",
            CesForm::Mean => "ces-2.0 mean",
            CesForm::TopLessBottom => "ces-2.0 6-7 less 1-3",
        }
    }
}

/// A customer effort score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ces {
    /// The form's name.
    pub definition: &'static str,
    /// Answers.
    pub answers: u64,
    /// The score with its interval.
    pub score: Estimate,
}

/// The effort score of counted answers from 1 to 7.
///
/// # Errors
/// [`BadInput`] without answers; the mean needs two.
pub fn ces(counts: &[u64; 7], form: CesForm, level: f64) -> Result<Ces, BadInput> {
    between("level", level, 0.0, 1.0)?;
    let (answers, mean, deviation) = moments(counts)?;
    let n = answers as f64;
    let score = match form {
        CesForm::ShareAgreeing => {
            let agreeing = share(counts[4..].iter().sum(), answers, level);
            let found = agreeing.ok_or(BadInput::Empty { what: "ces answers" })?;
            let standard_error = 100.0 * (found.value * (1.0 - found.value) / n).sqrt();
            let (low, high) = (100.0 * found.low, 100.0 * found.high);
            Estimate { value: 100.0 * found.value, standard_error, low, high }
        }
        CesForm::Mean => {
            let why = "one answer has no spread; collect at least two";
            let deviation = deviation.ok_or(BadInput::Uninformative { what: "ces mean", why })?;
            Estimate::normal(mean, deviation / n.sqrt(), level, (1.0, 7.0))
        }
        CesForm::TopLessBottom => {
            let (top, bottom) = (counts[5..].iter().sum::<u64>(), counts[..3].iter().sum::<u64>());
            let (value, error) = net(top as f64, bottom as f64, n);
            Estimate::normal(100.0 * value, 100.0 * error, level, (-100.0, 100.0))
        }
    };
    Ok(Ces { definition: form.definition(), answers, score })
}

/// An American-customer-satisfaction index, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Acsi {
    /// `acsi weighted`.
    pub definition: &'static str,
    /// Respondents.
    pub respondents: u64,
    /// The weights of satisfaction, expectations met and closeness to the ideal.
    pub weights: [f64; 3],
    /// Mean index with its normal interval.
    pub index: Estimate,
}

/// One respondent's index: ((S − 1) w₁ + (E − 1) w₂ + (P − 1) w₃) / 9 × 100, answers from 1 to 10, weights
/// summing to 1. The official weights are proprietary and differ by industry; equal weights are (S + E + P −
/// 3) / 27 × 100.
///
/// # Errors
/// [`BadInput`] for answers outside 1 to 10, or weights that are negative or do not sum to 1.
pub fn acsi_one(answers: [f64; 3], weights: [f64; 3]) -> Result<f64, BadInput> {
    check_weights(&weights)?;
    for (row, value) in answers.into_iter().enumerate() {
        if !(1.0..=10.0).contains(&value) {
            return Err(BadInput::OutOfRange { what: "acsi answer", row, value, range: "1 to 10" });
        }
    }
    Ok(answers.iter().zip(weights).map(|(answer, weight)| (answer - 1.0) * weight).sum::<f64>() / 9.0 * 100.0)
}

/// The mean index of a survey.
///
/// # Errors
/// As [`acsi_one`]; and with fewer than two respondents.
pub fn acsi(answers: &[[f64; 3]], weights: [f64; 3], level: f64) -> Result<Acsi, BadInput> {
    between("level", level, 0.0, 1.0)?;
    not_empty("acsi answers", answers)?;
    let scores: Vec<f64> =
        answers.iter().map(|answer| acsi_one(*answer, weights)).collect::<Result<_, _>>()?;
    let n = scores.len() as f64;
    if scores.len() < 2 {
        let why = "one respondent has no spread; collect at least two";
        return Err(BadInput::Uninformative { what: "acsi", why });
    }
    let mean = scores.iter().sum::<f64>() / n;
    let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let index = Estimate::normal(mean, (variance / n).sqrt(), level, (0.0, 100.0));
    Ok(Acsi { definition: "acsi weighted", respondents: scores.len() as u64, weights, index })
}

fn check_weights(weights: &[f64; 3]) -> Result<(), BadInput> {
    finite("acsi weights", weights)?;
    let sum: f64 = weights.iter().sum();
    if weights.iter().any(|weight| *weight < 0.0) || (sum - 1.0).abs() > 1e-6 {
        return Err(BadInput::Setting {
            setting: "sum of acsi weights",
            value: sum,
            range: "1, each 0 or more",
        });
    }
    Ok(())
}
