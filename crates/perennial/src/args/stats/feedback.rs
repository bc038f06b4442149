//! What customers say.

use super::{Input, Sample, positive};
use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

/// `stats csat`: roles score, count
#[derive(Debug, ClapArgs)]
pub struct Csat {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// Points of the scale, from 1.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(2..=100))]
    pub points: u8,
    /// How many of them, from the top, are satisfied.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub boxes: usize,
}

/// `stats acsi`: roles satisfaction, expectations, ideal, count
#[derive(Debug, ClapArgs)]
pub struct Acsi {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// Weights of satisfaction, expectations and ideal, summing to 1; without, equal.
    #[arg(long, value_name = "S,E,I", value_delimiter = ',')]
    pub weights: Vec<f64>,
}

/// `stats kano`: roles feature, functional, dysfunctional, count
#[derive(Debug, ClapArgs)]
pub struct Kano {
    /// What to read.
    #[command(flatten)]
    pub input: Input,
    /// The evaluation table. Answers are 1 like, 2 must be, 3 neutral, 4 live with, 5 dislike; of three, 1 to 3.
    #[arg(long, value_enum, default_value_t = KanoTableArg::Cqm1993)]
    pub table: KanoTableArg,
}

/// `stats maxdiff`: roles respondent, task, item, pick; or item, shown, best, worst
#[derive(Debug, ClapArgs)]
pub struct Maxdiff {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// Add each respondent's utilities (empirical Bayes); needs tasks.
    #[arg(long)]
    pub individual: bool,
}

/// `stats conjoint`: roles set, chosen; every other column but respondent is an attribute
#[derive(Debug, ClapArgs)]
pub struct Conjoint {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// The columns that are attributes.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub attributes: Vec<String>,
    /// The attribute that is the price; the others are then also worth money.
    #[arg(long, value_name = "COLUMN")]
    pub price: Option<String>,
}

/// `stats drivers`: role outcome; every other column is a driver
#[derive(Debug, ClapArgs)]
pub struct Drivers {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// The columns that are drivers.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub drivers: Vec<String>,
    /// Bootstrap replicates for intervals; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(..=20_000))]
    pub replicates: u32,
    /// Seed of the bootstrap.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
}

/// `stats alpha`: every column is an item
#[derive(Debug, ClapArgs)]
pub struct Alpha {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// The columns that are items.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub items: Vec<String>,
}

/// `stats rake`: roles value, weight
#[derive(Debug, ClapArgs)]
pub struct Rake {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// A column and its groups' true sizes, such as region:north=60,south=40; once for each margin.
    #[arg(long, value_name = "COLUMN:GROUP=SIZE,…", required = true)]
    pub margin: Vec<String>,
    /// Cut weights at this many times their mean.
    #[arg(long, value_name = "TIMES", value_parser = positive)]
    pub trim: Option<f64>,
    /// Clusters as sampled, for the error of the mean.
    #[arg(long, value_name = "COLUMN")]
    pub cluster: Option<String>,
    /// Strata as sampled, for the error of the mean.
    #[arg(long, value_name = "COLUMN")]
    pub strata: Option<String>,
    /// Write the weights as CSV instead of into the JSON.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Evaluation tables of `kano`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KanoTableArg {
    #[value(name = "cqm-1993")]
    Cqm1993,
    #[value(name = "pouliot-1993")]
    Pouliot1993,
    ThreeAnswers,
}
