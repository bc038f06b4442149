//! The command line of segments and campaigns.

use super::LANGUAGES;
use assets::Lang;
use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

/// `segment`
#[derive(Debug, ClapArgs)]
pub struct Segment {
    /// What to do.
    #[command(subcommand)]
    pub command: SegmentCommand,
}

/// What can be done with segments.
#[derive(Debug, Subcommand)]
pub enum SegmentCommand {
    /// Read definitions and say what is wrong with them.
    Check(SegmentCheck),
    /// Count who is in a segment, by its name or its file.
    Count(SegmentCount),
    /// The segments that are kept.
    List,
}

/// `segment check`
#[derive(Debug, ClapArgs)]
pub struct SegmentCheck {
    /// Definitions, as TOML.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Keep them under their names, each new text as a new version.
    #[arg(long)]
    pub keep: bool,
}

/// `segment count`
#[derive(Debug, ClapArgs)]
pub struct SegmentCount {
    /// A kept segment, or a definition as a .toml file.
    #[arg(value_name = "NAME|FILE")]
    pub input: String,
    /// As of this day, if not the day of the last fact.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<jiff::civil::Date>,
}

/// `campaign`
#[derive(Debug, ClapArgs)]
pub struct Campaign {
    /// What to do.
    #[command(subcommand)]
    pub command: CampaignCommand,
}

/// What can be done with campaigns.
#[derive(Debug, Subcommand)]
pub enum CampaignCommand {
    /// Size a plan on the shop's own past, and keep it; refused where it could not be told whether it paid.
    Plan(CampaignPlan),
    /// Choose the people as of now, leave a share alone by lot, and keep who is where.
    Freeze(CampaignFreeze),
    /// Write the list of people to contact, for a vendor or the staff.
    Export(CampaignExport),
    /// Take back what became of it: sent, failed, answered, opted out, or what the staff ticked.
    Results(CampaignResults),
    /// What came back, person by person, and the order that followed.
    Outcomes(CampaignOutcomes),
    /// What it brought, against those who were left alone.
    Measure(CampaignMeasure),
    /// Decide, and end it.
    Close(CampaignClose),
    /// All campaigns.
    List,
    /// One campaign from end to end.
    Show(CampaignShow),
    /// The share of customers nobody ever writes to for advertising; without a share, what it is.
    Holdout(CampaignHoldout),
}

/// `campaign plan`
#[derive(Debug, ClapArgs)]
pub struct CampaignPlan {
    /// The plan, as TOML.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// As of this day, if not the day of the last fact.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<jiff::civil::Date>,
}

/// `campaign freeze`
#[derive(Debug, ClapArgs)]
pub struct CampaignFreeze {
    /// The campaign.
    #[arg(value_name = "NAME")]
    pub campaign: String,
    /// As of this day, if not the day of the last fact.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<jiff::civil::Date>,
}

/// `campaign export`
#[derive(Debug, ClapArgs)]
pub struct CampaignExport {
    /// The campaign.
    #[arg(value_name = "NAME")]
    pub campaign: String,
    /// The columns: email, sms, zalo, excel, staff-calls, one of your own by name, or a .toml file.
    #[arg(long, value_name = "NAME|FILE", default_value = "excel")]
    pub layout: String,
    /// Where to write it.
    #[arg(long, value_name = "FILE", required_unless_present = "verify")]
    pub out: Option<PathBuf>,
    /// Language of the headers.
    #[arg(long, value_name = LANGUAGES, default_value_t = Lang::En)]
    pub lang: Lang,
    /// In a roll-out: only those whose start has come by this day.
    #[arg(long, value_name = "DATE")]
    pub upto: Option<jiff::civil::Date>,
    /// Write nothing; say whether this file is one that left, whole.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub verify: Option<PathBuf>,
}

/// `campaign results`
#[derive(Debug, ClapArgs)]
pub struct CampaignResults {
    /// The campaign.
    #[arg(value_name = "NAME")]
    pub campaign: String,
    /// What came back: CSV or Excel, with a column that says who and one that says what.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `campaign outcomes`
#[derive(Debug, ClapArgs)]
pub struct CampaignOutcomes {
    /// The campaign.
    #[arg(value_name = "NAME")]
    pub campaign: String,
    /// Write everybody with the order that followed, as CSV; no names and no addresses.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// As of this day, if not the day of the last fact.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<jiff::civil::Date>,
}

/// `campaign measure`
#[derive(Debug, ClapArgs)]
pub struct CampaignMeasure {
    /// The campaign.
    #[arg(value_name = "NAME")]
    pub campaign: String,
    /// Write the page, too.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Language of the page and of what is said.
    #[arg(long, value_name = LANGUAGES, default_value_t = Lang::En)]
    pub lang: Lang,
    /// As of this day, if not the day of the last fact.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<jiff::civil::Date>,
}

/// `campaign close`
#[derive(Debug, ClapArgs)]
pub struct CampaignClose {
    /// The campaign.
    #[arg(value_name = "NAME")]
    pub campaign: String,
    /// What is decided, if not what the measurement advises.
    #[arg(long, value_name = "keep|change|stop", value_parser = ["keep", "change", "stop"])]
    pub decision: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
}

/// `campaign show`
#[derive(Debug, ClapArgs)]
pub struct CampaignShow {
    /// The campaign.
    #[arg(value_name = "NAME")]
    pub campaign: String,
}

/// `campaign holdout`
#[derive(Debug, ClapArgs)]
pub struct CampaignHoldout {
    /// Such as 0.02; a larger share later keeps those of the smaller.
    #[arg(long, value_name = "SHARE")]
    pub share: Option<f64>,
}
