//! The command line of `perennial stats`, in the terms of the field.

mod deciding;
mod learning;

pub use deciding::{BetterArg, Context, Explore, RuleArg, Shrink, SurveySize};
pub use learning::{BaseArg, Curve, Gate, Learning, MetaArg, Ope, Uplift};

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `stats`
#[derive(Debug, ClapArgs)]
#[command(disable_help_subcommand = true)]
pub struct Stats {
    /// Which statistic.
    #[command(subcommand)]
    pub command: StatsCommand,
}

/// The statistics.
#[derive(Debug, Subcommand)]
pub enum StatsCommand {
    /// Compare arms of an experiment: means, proportions or ratios (Welch), with CUPED, clusters, strata, sequences.
    Ab(Ab),
    /// The Bayesian read-out of an experiment: the chance that an arm is better, and what a wrong choice would cost.
    Bayes(Bayes),
    /// Sample ratio mismatch: customers per arm against the configured shares (chi-square).
    Srm(Srm),
    /// Power, sample size or minimum detectable effect, before an experiment; needs no file.
    Power(Power),
    /// Incremental return on investment with Fieller's interval: margin and cost per customer and arm.
    Roi(Roi),
    /// Compare quantiles of arms.
    Quantiles(Quantiles),
    /// Adjust p-values of many metrics (Benjamini and Hochberg).
    Fdr(Fdr),
    /// Difference in differences by group and time (Callaway and Sant'Anna): unit, period, outcome, first_treated.
    Did(Did),
    /// Synthetic control with placebo test: one column per unit, one row per period.
    Synthetic(Synthetic),
    /// Geo test: treated markets against their synthetic selves, with interval; one column per market.
    Geo(Geo),
    /// Power of a geo test on its own history: how often a lift planted there is found.
    GeoPower(GeoPower),
    /// Interrupted time series: step, bend and total from a start on (Newey and West).
    Interrupted(Interrupted),
    /// Net promoter score with adjusted Wald interval; by group where the file has a column group.
    Nps(Sample),
    /// Customer satisfaction: share of the top boxes (Wilson).
    Csat(Csat),
    /// Customer effort score in its three forms, answers 1 to 7.
    Ces(Sample),
    /// American-customer-satisfaction index: satisfaction, expectations, ideal, each 1 to 10.
    Acsi(Acsi),
    /// Kano: category, better and worse per feature, from functional and dysfunctional answers.
    Kano(Kano),
    /// MaxDiff: scores, closed-form logit, shares; from tasks (respondent, task, item, pick) or counts.
    Maxdiff(Maxdiff),
    /// Choice-based conjoint: conditional logit of set, chosen and attributes; willingness to pay.
    Conjoint(Conjoint),
    /// Key drivers of an outcome: LMG and Johnson's relative weights.
    Drivers(Drivers),
    /// Cronbach's alpha with item statistics.
    Alpha(Alpha),
    /// Rake survey weights to known margins; weighted mean with its linearised error.
    Rake(Rake),
    /// Uplift: how well a score ranks (Qini, AUUC, uplift at k, RATE), or a learner fitted to features and calibrated.
    Uplift(Uplift),
    /// What a budget buys: gain against cost when those with the best predicted gain per cost come first.
    Curve(Curve),
    /// The do-no-harm gate: does personalising gain over every uniform action?
    Gate(Gate),
    /// Off-policy evaluation of a log of decisions: IPS, SNIPS, DR, Switch-DR, DRos, or why the log cannot tell.
    Ope(Ope),
    /// Probabilities of actions that can be logged: inverse gap, softmax, epsilon, Thompson.
    Explore(Explore),
    /// What an action is worth in each segment: what a play file expects, updated by experiments.
    Context(Context),
    /// Small stores drawn towards what all stores are like (empirical Bayes): shares or means.
    Shrink(Shrink),
    /// How many answers a survey needs for a margin of error; needs no file.
    SurveySize(SurveySize),
    /// Allocate offers under a budget: customer, offer, value, cost.
    Allocate(Allocate),
}

/// A file and how to read it.
#[derive(Debug, ClapArgs)]
pub struct Input {
    /// A file with a header: CSV, semicolons, tabs or blanks, or Parquet.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The column for a role, by header or number: --map value=spend --map arm=3.
    #[arg(long = "map", value_name = "ROLE=COLUMN")]
    pub maps: Vec<String>,
}

/// A file, and how sure intervals are.
#[derive(Debug, ClapArgs)]
pub struct Sample {
    /// The file.
    #[command(flatten)]
    pub input: Input,
    /// Confidence level of intervals.
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = share)]
    pub level: f64,
}

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

/// `stats allocate`: roles customer, offer, value, cost
#[derive(Debug, ClapArgs)]
pub struct Allocate {
    /// What to read.
    #[command(flatten)]
    pub input: Input,
    /// What may be spent, in the unit of the costs, which are whole numbers (minor units of money).
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub budget: i64,
    /// Another limit: a column of uses and what they may add up to, such as calls=200; once for each.
    #[arg(long, value_name = "COLUMN=N")]
    pub limit: Vec<String>,
    /// Most that one customer may cost.
    #[arg(long, value_name = "N")]
    pub cap: Option<i64>,
    /// Least value per unit of cost, over all.
    #[arg(long, value_name = "RATIO", value_parser = positive)]
    pub roi_floor: Option<f64>,
    /// Prices to begin the search from, such as yesterday's: the budget's first, then one per --limit. They change the
    /// time taken and not the optimum.
    #[arg(long, value_name = "PRICE", value_delimiter = ',', value_parser = not_negative)]
    pub start: Vec<f64>,
    /// Read the file pass after pass instead of into memory, for more customers than memory holds. The rows of a
    /// customer must stand together.
    #[arg(long, requires = "out")]
    pub stream: bool,
    /// Write the offer of each customer as CSV instead of into the JSON.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
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

/// Controls of `did`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ControlsArg {
    NeverTreated,
    NotYetTreated,
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

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| *number > 0.0 && *number < 1.0);
    number.ok_or_else(|| "expected a number between 0 and 1, such as 0.95".to_owned())
}

fn not_negative(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| *number >= 0.0 && number.is_finite());
    number.ok_or_else(|| "expected a number of 0 or more".to_owned())
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| *number > 0.0 && number.is_finite());
    number.ok_or_else(|| "expected a number above 0".to_owned())
}
