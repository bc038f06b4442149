//! The command line of `perennial stats`, in the terms of the field.

mod deciding;
mod designs;
mod experiments;
mod feedback;
mod learning;

pub use deciding::{BetterArg, Context, Explore, RuleArg, Shrink, SurveySize};
pub use designs::{ControlsArg, Did, Geo, GeoPower, Interrupted, Synthetic};
pub use experiments::{Ab, Bayes, Comparison, Fdr, Metric, Power, Quantiles, Roi, ScaleArg, Srm};
pub use feedback::{Acsi, Alpha, Conjoint, Csat, Drivers, Kano, KanoTableArg, Maxdiff, Rake};
pub use learning::{BaseArg, Curve, Gate, Learning, MetaArg, Ope, Uplift};

use clap::{Args as ClapArgs, Subcommand};
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
