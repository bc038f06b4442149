//! Arms of an experiment: compared, planned, checked.

use super::{BetterArg, Input, Sample, positive, share};
use clap::{Args as ClapArgs, ValueEnum};

/// Arms of an experiment and how they are compared: roles arm, value, denominator, count
#[derive(Debug, ClapArgs)]
pub struct Comparison {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// What is compared; a ratio is of the sums of value and denominator.
    #[arg(long, value_enum, default_value_t = Metric::Mean)]
    pub metric: Metric,
    /// The arm that the others are compared with; found where it is called control or 0.
    #[arg(long, value_name = "ARM")]
    pub control: Option<String>,
    /// Differences, or differences as a share of control.
    #[arg(long, value_enum, default_value_t = ScaleArg::Absolute)]
    pub scale: ScaleArg,
    /// Adjust by this column, measured before the start (CUPED).
    #[arg(long, value_name = "COLUMN")]
    pub cuped: Option<String>,
    /// Of a ratio, the column of the denominator before the start.
    #[arg(long, value_name = "COLUMN", requires = "cuped")]
    pub cuped_denominator: Option<String>,
    /// Whole clusters were randomised; this column names them.
    #[arg(long, value_name = "COLUMN")]
    pub cluster: Option<String>,
    /// Post-stratify by this column.
    #[arg(long, value_name = "COLUMN")]
    pub strata: Option<String>,
}

/// `stats ab`
#[derive(Debug, ClapArgs)]
pub struct Ab {
    /// What is compared.
    #[command(flatten)]
    pub comparison: Comparison,
    /// Read as a confidence sequence, valid at every look, tightest at this many customers of both arms; without,
    /// this is the one reading of a completed experiment.
    #[arg(long, value_name = "N", conflicts_with = "mixture", value_parser = clap::value_parser!(u64).range(1..))]
    pub sequential: Option<u64>,
    /// Read as a mixture sequential test for effects of about this size.
    #[arg(long, value_name = "EFFECT", value_parser = positive)]
    pub mixture: Option<f64>,
}

/// `stats bayes`
#[derive(Debug, ClapArgs)]
pub struct Bayes {
    /// What is compared.
    #[command(flatten)]
    pub comparison: Comparison,
    /// The standard deviation of effects as expected before, on the scale of --scale; without, nothing is expected.
    #[arg(long, value_name = "SD", value_parser = positive)]
    pub prior_deviation: Option<f64>,
    /// The mean of effects as expected before.
    #[arg(
        long,
        value_name = "EFFECT",
        default_value_t = 0.0,
        requires = "prior_deviation",
        allow_negative_numbers = true
    )]
    pub prior_mean: f64,
    /// Which way the metric should go.
    #[arg(long, value_enum, default_value_t = BetterArg::Higher)]
    pub better: BetterArg,
}

/// `stats srm`: roles arm, count
#[derive(Debug, ClapArgs)]
pub struct Srm {
    /// What to read.
    #[command(flatten)]
    pub input: Input,
    /// Configured shares, such as control=95,treatment=5; without, equal.
    #[arg(long, value_name = "ARM=SHARE,…", value_delimiter = ',')]
    pub shares: Vec<String>,
    /// Alarm below this p-value ...
    #[arg(long, value_name = "P", default_value_t = 0.001, value_parser = share)]
    pub alarm: f64,
    /// ... if also an arm is off its expected count by more than this share.
    #[arg(long, value_name = "SHARE", default_value_t = 0.01)]
    pub gap: f64,
}

/// `stats power`
#[derive(Debug, ClapArgs)]
pub struct Power {
    /// The control arm's proportion, where the outcome is one.
    #[arg(long, value_name = "SHARE", conflicts_with = "deviation", value_parser = share)]
    pub proportion: Option<f64>,
    /// Standard deviation of a mean's outcome per customer.
    #[arg(long, value_name = "SD", default_value_t = 1.0, value_parser = positive)]
    pub deviation: f64,
    /// Standard deviation in the treatment arm, if another.
    #[arg(long, value_name = "SD", value_parser = positive)]
    pub treatment_deviation: Option<f64>,
    /// The absolute effect; with it and without --size, the sample size is found.
    #[arg(long, value_name = "EFFECT", allow_negative_numbers = true)]
    pub effect: Option<f64>,
    /// Customers of the control arm; alone, the smallest effect is found; with --effect, the power.
    #[arg(long, value_name = "N")]
    pub size: Option<f64>,
    /// The power wanted.
    #[arg(long, value_name = "SHARE", default_value_t = 0.8, value_parser = share)]
    pub power: f64,
    /// Treatment customers per control customer: 19 for a holdout of 5 percent.
    #[arg(long, value_name = "RATIO", default_value_t = 1.0, value_parser = positive)]
    pub ratio: f64,
    /// Correlation with a covariate from before the start.
    #[arg(long, value_name = "R", default_value_t = 0.0, allow_negative_numbers = true)]
    pub covariate: f64,
    /// Mean customers per cluster, where clusters are randomised.
    #[arg(long, value_name = "N", requires = "icc")]
    pub cluster_size: Option<f64>,
    /// Standard deviation of the clusters' size over its mean.
    #[arg(long, value_name = "CV", default_value_t = 0.0)]
    pub cluster_variation: f64,
    /// Intraclass correlation of the outcome.
    #[arg(long, value_name = "RHO", requires = "cluster_size")]
    pub icc: Option<f64>,
    /// Confidence level of the test.
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = share)]
    pub level: f64,
}

/// `stats roi`: roles arm, margin, cost, count
#[derive(Debug, ClapArgs)]
pub struct Roi {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// The arm that the others are compared with; found where it is called control or 0.
    #[arg(long, value_name = "ARM")]
    pub control: Option<String>,
}

/// `stats quantiles`: roles arm, value, count
#[derive(Debug, ClapArgs)]
pub struct Quantiles {
    /// What to read.
    #[command(flatten)]
    pub sample: Sample,
    /// The quantiles.
    #[arg(long, value_name = "Q,…", value_delimiter = ',', default_values_t = [0.5, 0.9], value_parser = share)]
    pub quantile: Vec<f64>,
    /// The arm that the others are compared with; found where it is called control or 0.
    #[arg(long, value_name = "ARM")]
    pub control: Option<String>,
    /// Whole clusters were randomised; this column names them.
    #[arg(long, value_name = "COLUMN")]
    pub cluster: Option<String>,
}

/// `stats fdr`: roles metric, p
#[derive(Debug, ClapArgs)]
pub struct Fdr {
    /// What to read.
    #[command(flatten)]
    pub input: Input,
    /// Share of discoveries that may be false.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = share)]
    pub rate: f64,
}

/// Metrics of `ab`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Metric {
    Mean,
    Proportion,
    Ratio,
}

/// Scales of effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScaleArg {
    Absolute,
    Relative,
}
