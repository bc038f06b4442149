//! What learns from trials and logs: uplift, the gate, off-policy evaluation.

use super::{Sample, positive, share};
use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

/// A trial with features, and how it is learnt from: roles arm, outcome, score, count
#[derive(Debug, ClapArgs)]
pub struct Learning {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// The arm that is doing nothing; found where it is called control or 0.
    #[arg(long, value_name = "ARM")]
    pub control: Option<String>,
    /// By which chances arms were drawn, such as control=0.1,mail=0.9; without, those in columns chance_ARM, else equal.
    #[arg(long, value_name = "ARM=CHANCE,…", value_delimiter = ',')]
    pub shares: Vec<String>,
    /// The columns that are features; without, every column without a role.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub features: Vec<String>,
    /// How regressions are put together.
    #[arg(long, value_enum, default_value_t = MetaArg::T)]
    pub learner: MetaArg,
    /// What the regressions are: linear (logistic for yes and no), or boosted trees.
    #[arg(long, value_enum, default_value_t = BaseArg::Linear)]
    pub base: BaseArg,
    /// Parts the rows are cut in; each is judged by models of the others.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub folds: usize,
    /// Seed of the cuts and of half-samples.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
}

/// `stats uplift`: roles arm, outcome, score, count; other columns are features
#[derive(Debug, ClapArgs)]
pub struct Uplift {
    /// What to learn from.
    #[command(flatten)]
    pub learning: Learning,
    /// The share of the best, for uplift at k of a score.
    #[arg(long, value_name = "SHARE", default_value_t = 0.3, value_parser = share)]
    pub share: f64,
    /// Half-samples for the errors of a score's metrics; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(..=20_000))]
    pub replicates: u32,
    /// The effect in each group of this column, with interval.
    #[arg(long, value_name = "COLUMN")]
    pub by: Option<String>,
    /// Write the fitted scores as CSV instead of into the JSON.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `stats curve`: roles arm, outcome, count; columns predicted_ARM and cost_ARM; other columns are features
#[derive(Debug, ClapArgs)]
pub struct Curve {
    /// What to learn from.
    #[command(flatten)]
    pub learning: Learning,
    /// What each action costs, such as mail=0.8, where the file has no columns cost_ARM.
    #[arg(long, value_name = "ARM=COST,…", value_delimiter = ',')]
    pub costs: Vec<String>,
    /// How many points of the curve are printed; all are in the details.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub points: u32,
}

/// `stats gate`: roles arm, outcome, count; other columns are features
#[derive(Debug, ClapArgs)]
pub struct Gate {
    /// What to learn from.
    #[command(flatten)]
    pub learning: Learning,
    /// What one unit of outcome is worth.
    #[arg(long, value_name = "MONEY", default_value_t = 1.0, value_parser = positive)]
    pub worth: f64,
    /// What each action costs, such as mail=0.8; without, nothing.
    #[arg(long, value_name = "ARM=COST,…", value_delimiter = ',')]
    pub costs: Vec<String>,
    /// Judge at every look, tightest at this many rows; without, at this one look.
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..))]
    pub planned: Option<u64>,
}

/// `stats ope`: roles action, reward, customer, count; columns logged_ACTION, policy_ACTION, expected_ACTION
#[derive(Debug, ClapArgs)]
pub struct Ope {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// The largest weight of clipped IPS, Switch-DR and DRos.
    #[arg(long, value_name = "WEIGHT", default_value_t = 10.0, value_parser = positive)]
    pub weight_limit: f64,
    /// Resamples for intervals.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(2..=20_000))]
    pub replicates: u32,
    /// Seed of the resamples.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Bare numbers of small logs, without intervals and checks: to compare packages, not to decide by.
    #[arg(long)]
    pub bare: bool,
}

/// Meta-learners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MetaArg {
    S,
    T,
    X,
    R,
    Dr,
}

/// Regressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BaseArg {
    Linear,
    Boosted,
}
