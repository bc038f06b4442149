//! What was not drawn customer by customer: groups, markets, one series.

use super::{Input, Sample};
use clap::{Args as ClapArgs, ValueEnum};

/// `stats did`: roles unit, period, outcome, first_treated, cluster
#[derive(Debug, ClapArgs)]
pub struct Did {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// Who stands in for the treated.
    #[arg(long, value_enum, default_value_t = ControlsArg::NeverTreated)]
    pub controls: ControlsArg,
}

/// `stats synthetic`: role period; every other column is a unit
#[derive(Debug, ClapArgs)]
pub struct Synthetic {
    /// What to read.
    #[command(flatten)]
    pub input: Input,
    /// The column of the treated unit.
    #[arg(long, value_name = "COLUMN")]
    pub treated: String,
    /// The first treated period as the file names it; without a column of periods, the number of its row, from 1.
    #[arg(long, value_name = "PERIOD")]
    pub start: String,
    /// Compare distances from each unit's own mean before the start.
    #[arg(long)]
    pub centred: bool,
}

/// `stats geo`: role period; every other column is a market
#[derive(Debug, ClapArgs)]
pub struct Geo {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// The columns of the treated markets.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', required = true)]
    pub treated: Vec<String>,
    /// The first treated period as the file names it; without a column of periods, the number of its row, from 1.
    #[arg(long, value_name = "PERIOD")]
    pub start: String,
}

/// `stats geo-power`: role period; every other column is a market
#[derive(Debug, ClapArgs)]
pub struct GeoPower {
    /// What to read: the history, without a test in it.
    #[command(flatten)]
    pub sample: Sample,
    /// The columns of the markets that would be treated.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', required = true)]
    pub treated: Vec<String>,
    /// How many periods the test would last.
    #[arg(long, value_name = "PERIODS")]
    pub periods: usize,
    /// The lifts to plant, as shares of sales.
    #[arg(long, value_name = "LIFT,…", value_delimiter = ',', default_values_t = [0.0, 0.05, 0.1, 0.2], allow_negative_numbers = true)]
    pub lifts: Vec<f64>,
    /// In how many windows of the history, each a period earlier than the one before.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub windows: usize,
}

/// `stats interrupted`: roles period, value
#[derive(Debug, ClapArgs)]
pub struct Interrupted {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// The first period of the new regime as the file names it; without a column of periods, the number of its
    /// row, from 1.
    #[arg(long, value_name = "PERIOD")]
    pub start: String,
    /// Length of the season, such as 7 for days of the week.
    #[arg(long, value_name = "PERIODS")]
    pub season: Option<usize>,
    /// How many periods back errors are alike; found from the length of the series (Newey and West 1994).
    #[arg(long, value_name = "PERIODS")]
    pub lags: Option<usize>,
}

/// Controls of `did`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ControlsArg {
    NeverTreated,
    NotYetTreated,
}
