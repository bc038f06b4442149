//! Before the start: how many customers, how small an effect, how sure to see it.
//!
//! Means have the power of the two-sided t-test with Welch's degrees of freedom (noncentral t; Cohen 1988,
//! chapter 2), proportions that of the two-sided z-test with the pooled variance under no effect (Fleiss,
//! Levin and Paik 2003, section 4.2). Clusters multiply the variance by 1 + ((1 + cv²) m − 1) ρ (Donner and
//! Klar 2000; Eldridge, Ashby and Kerry 2006), a covariate of correlation r with the outcome by 1 − r² (Deng
//! et al. 2013). What is solved for is searched for on the power itself, so the three functions agree.

use super::student::{critical, noncentral_cdf, normal_cdf};
use crate::inputs::{BadInput, between};
use crate::special::normal_quantile;
use serde::{Deserialize, Serialize};

/// Customers randomised in groups, such as by store.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Clusters {
    /// Mean customers per cluster.
    pub size: f64,
    /// Standard deviation of the size over its mean; zero for clusters of one size.
    pub variation: f64,
    /// Intraclass correlation of the outcome.
    pub correlation: f64,
}

/// What is the same whatever is solved for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// Confidence level of the two-sided test.
    pub level: f64,
    /// Treatment customers per control customer: 1 for equal arms, 19 for a 5 % control.
    pub ratio: f64,
    /// Correlation of the outcome with a covariate from before the start; zero without one.
    pub covariate: f64,
    /// Set where clusters are randomised.
    pub clusters: Option<Clusters>,
}

impl Default for Design {
    fn default() -> Self {
        Design { level: 0.95, ratio: 1.0, covariate: 0.0, clusters: None }
    }
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A mean; standard deviations per customer of each arm.
    Mean {
        /// Of the control arm.
        control_deviation: f64,
        /// Of the treatment arm.
        treatment_deviation: f64,
    },
    /// A proportion; the control arm's.
    Proportion {
        /// From 0 to 1.
        control: f64,
    },
}

/// Customers of each arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// Control.
    pub control: u64,
    /// Treatment.
    pub treatment: u64,
}

/// Probability of finding an absolute effect of `effect` with `control` customers in the control arm.
pub fn power(design: &Design, outcome: Outcome, effect: f64, control: f64) -> Result<f64, BadInput> {
    let inflation = check(design, outcome)?;
    if !effect.is_finite() {
        return Err(BadInput::Setting { setting: "effect", value: effect, range: "finite" });
    }
    let clusters = control / design.clusters.map_or(1.0, |clusters| clusters.size);
    // Two, but for rounding.
    let least = 2.0 - 1e-9;
    if !(clusters >= least && clusters * design.ratio >= least && control.is_finite()) {
        let (setting, range) = ("control customers", "finite, and two units or more in each arm");
        return Err(BadInput::Setting { setting, value: control, range });
    }
    match outcome {
        Outcome::Proportion { control: share } if !(0.0..=1.0).contains(&(share + effect)) => {
            let (setting, range) = ("effect", "such that the treated proportion stays from 0 to 1");
            Err(BadInput::Setting { setting, value: effect, range })
        }
        _ => Ok(of(design, outcome, effect, control, inflation)),
    }
}

/// Fewest customers that find `effect` with probability `power`.
///
/// Refuses an effect of zero and one that would take more than 10¹⁵ customers.
pub fn sample_size(design: &Design, outcome: Outcome, effect: f64, wanted: f64) -> Result<Sizes, BadInput> {
    between("power", wanted, 0.0, 1.0)?;
    let fewest = fewest(design)?;
    power(design, outcome, effect, fewest)?;
    let inflation = check(design, outcome)?;
    let enough = |control: f64| of(design, outcome, effect, control, inflation) >= wanted;
    let (mut low, mut high) = (fewest.ceil() - 1.0, fewest.ceil());
    while !enough(high) {
        (low, high) = (high, 2.0 * high);
        if high > 1e15 {
            let why = "no number of customers up to 10^15 finds this effect; look for a larger one";
            return Err(BadInput::Uninformative { what: "the sample size", why });
        }
    }
    while high - low > 1.0 {
        let middle = ((low + high) * 0.5).floor();
        if enough(middle) { high = middle } else { low = middle }
    }
    Ok(Sizes { control: high as u64, treatment: (high * design.ratio).ceil() as u64 })
}

/// The smallest positive absolute effect that `control` customers find with probability `wanted`.
///
/// Refuses a wanted power at or below 1 − level, and proportions where even the largest effect is not found.
pub fn minimum_effect(design: &Design, outcome: Outcome, control: f64, wanted: f64) -> Result<f64, BadInput> {
    let inflation = check(design, outcome)?;
    if !(wanted > 1.0 - design.level && wanted < 1.0) {
        return Err(BadInput::Setting {
            setting: "power",
            value: wanted,
            range: "above 1 - level and below 1",
        });
    }
    power(design, outcome, 0.0, control)?;
    let at = |effect: f64| of(design, outcome, effect, control, inflation);
    let (mut low, mut high) = match outcome {
        Outcome::Mean { control_deviation, treatment_deviation } => {
            let mut high = (control_deviation + treatment_deviation) / control.sqrt();
            while at(high) < wanted && high < 1e300 {
                high *= 2.0;
            }
            (0.0, high)
        }
        Outcome::Proportion { control: share } => (0.0, 1.0 - share),
    };
    if at(high) < wanted {
        let why = "with so few customers even the largest effect would not be found";
        return Err(BadInput::Uninformative { what: "the minimum effect", why });
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if at(middle) >= wanted { high = middle } else { low = middle }
    }
    Ok(high)
}

/// Two units in each arm, in customers of the control arm.
fn fewest(design: &Design) -> Result<f64, BadInput> {
    check_design(design)?;
    let size = design.clusters.map_or(1.0, |clusters| clusters.size);
    Ok(2.0 * size * (1.0 / design.ratio).max(1.0))
}

fn check_design(design: &Design) -> Result<f64, BadInput> {
    between("level", design.level, 0.0, 1.0)?;
    let refuse = |setting, value, range| Err(BadInput::Setting { setting, value, range });
    if !(design.ratio > 0.0 && design.ratio.is_finite()) {
        return refuse("ratio", design.ratio, "above 0 and finite");
    }
    if design.covariate.is_nan() || design.covariate.abs() >= 1.0 {
        return refuse("covariate", design.covariate, "a correlation above -1 and below 1");
    }
    let unexplained = 1.0 - design.covariate * design.covariate;
    let Some(Clusters { size, variation, correlation }) = design.clusters else { return Ok(unexplained) };
    if !(size >= 1.0 && size.is_finite()) {
        return refuse("cluster size", size, "at least 1 and finite");
    }
    if !(variation >= 0.0 && variation.is_finite()) {
        return refuse("variation of cluster size", variation, "at least 0 and finite");
    }
    if !(0.0..=1.0).contains(&correlation) {
        return refuse("intraclass correlation", correlation, "from 0 to 1");
    }
    Ok(unexplained * (1.0 + ((1.0 + variation * variation) * size - 1.0) * correlation))
}

/// The factor on variances.
fn check(design: &Design, outcome: Outcome) -> Result<f64, BadInput> {
    let inflation = check_design(design)?;
    match outcome {
        Outcome::Mean { control_deviation, treatment_deviation } => {
            for value in [control_deviation, treatment_deviation] {
                if !(value > 0.0 && value.is_finite()) {
                    let (setting, range) = ("standard deviation", "above 0 and finite");
                    return Err(BadInput::Setting { setting, value, range });
                }
            }
        }
        Outcome::Proportion { control } => between("control proportion", control, 0.0, 1.0)?,
    }
    Ok(inflation)
}

fn of(design: &Design, outcome: Outcome, effect: f64, control: f64, inflation: f64) -> f64 {
    let treatment = control * design.ratio;
    match outcome {
        Outcome::Mean { control_deviation, treatment_deviation } => {
            let left = control_deviation * control_deviation * inflation / control;
            let right = treatment_deviation * treatment_deviation * inflation / treatment;
            // Spreads below what numbers can hold hide nothing, and beyond it anything.
            if left + right == 0.0 {
                return 1.0;
            }
            if !(left + right).is_finite() {
                return 1.0 - design.level;
            }
            let size = design.clusters.map_or(1.0, |clusters| clusters.size);
            let freedom = super::effect::satterthwaite(left, control / size, right, treatment / size);
            let shift = effect.abs() / (left + right).sqrt();
            let t = critical(design.level, freedom);
            1.0 - noncentral_cdf(t, freedom, shift) + noncentral_cdf(-t, freedom, shift)
        }
        Outcome::Proportion { control: share } => {
            let treated = share + effect;
            let pooled = (share + design.ratio * treated) / (1.0 + design.ratio);
            let under_none = pooled * (1.0 - pooled) * inflation * (1.0 / control + 1.0 / treatment);
            let under_some =
                (share * (1.0 - share) / control + treated * (1.0 - treated) / treatment) * inflation;
            let reach = normal_quantile(0.5 + 0.5 * design.level) * under_none.sqrt();
            let spread = under_some.sqrt();
            normal_cdf((effect.abs() - reach) / spread) + normal_cdf((-effect.abs() - reach) / spread)
        }
    }
}
