//! What is believed and what is tried: priors, exploration, small stores, sizes of surveys.

use super::{Input, Sample, not_negative, positive, share};
use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

/// `stats explore`: roles action, score, floor; for Thompson mean, deviation, or successes, failures, value, cost
#[derive(Debug, ClapArgs)]
pub struct Explore {
    /// What to read: one row per action.
    #[command(flatten)]
    pub input: Input,
    /// How probabilities follow from scores or beliefs.
    #[arg(long, value_enum, default_value_t = RuleArg::InverseGap)]
    pub rule: RuleArg,
    /// Of the inverse gap: larger explores less; 0 is even.
    #[arg(long, value_name = "GAMMA", default_value_t = 10.0, value_parser = not_negative)]
    pub gamma: f64,
    /// Of softmax: larger explores more.
    #[arg(long, value_name = "T", default_value_t = 1.0, value_parser = positive)]
    pub temperature: f64,
    /// Of epsilon: the share that explores.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    pub epsilon: f64,
    /// Of Thompson: draws that are counted; no action is left below one in so many.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..=10_000_000))]
    pub trials: u32,
    /// Of Thompson: seed of the draws.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Take an action by this number from 0 up to 1, such as a hash of the decision's id.
    #[arg(long, value_name = "U", value_parser = not_negative)]
    pub draw: Option<f64>,
}

/// `stats context`: roles segment, effect, standard_error; or segment, arm, customers, successes
#[derive(Debug, ClapArgs)]
pub struct Context {
    /// What to read: one row per reading of an experiment.
    #[command(flatten)]
    pub sample: Sample,
    /// A play file, or any TOML file with a table [effect] (mean, deviation, between) or [rate] (action, nothing,
    /// customers, likeness).
    #[arg(long, value_name = "FILE")]
    pub prior: PathBuf,
    /// A segment of which nothing has been read yet; may be given several times.
    #[arg(long, value_name = "SEGMENT")]
    pub segment: Vec<String>,
    /// What one unit of outcome is worth.
    #[arg(long, value_name = "MONEY", default_value_t = 1.0, value_parser = positive)]
    pub worth: f64,
    /// What the action costs.
    #[arg(long, value_name = "MONEY", default_value_t = 0.0, allow_negative_numbers = true)]
    pub cost: f64,
    /// Of counts, the arm that is doing nothing; found where it is called control, nothing or 0.
    #[arg(long, value_name = "ARM")]
    pub control: Option<String>,
}

/// `stats shrink`: roles store, successes, trials; or store, mean, standard_error
#[derive(Debug, ClapArgs)]
pub struct Shrink {
    /// What to read: one row per store.
    #[command(flatten)]
    pub sample: Sample,
}

/// `stats survey-size`
#[derive(Debug, ClapArgs)]
pub struct SurveySize {
    /// The margin of error: 0.05 for a share, 5 for a net promoter score.
    #[arg(long, value_name = "MARGIN", value_parser = positive)]
    pub margin: f64,
    /// The share expected; 0.5 needs most.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, value_parser = share, conflicts_with = "promoters")]
    pub share: f64,
    /// The share of promoters expected, for a net promoter score.
    #[arg(long, value_name = "SHARE", requires = "detractors", value_parser = share)]
    pub promoters: Option<f64>,
    /// The share of detractors expected.
    #[arg(long, value_name = "SHARE", requires = "promoters", value_parser = not_negative)]
    pub detractors: Option<f64>,
    /// How many there are to ask, where they are few.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub population: Option<u64>,
    /// Confidence level.
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = share)]
    pub level: f64,
}

/// Rules of exploration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RuleArg {
    InverseGap,
    Softmax,
    Epsilon,
    Thompson,
}

/// Which way a metric should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BetterArg {
    Higher,
    Lower,
}
