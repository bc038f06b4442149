//! The command line: what may be said, in words a shopkeeper understands.

pub mod campaign;
pub mod door;
pub mod people;
mod record;
pub mod stats;

pub use record::{Audit, Backup, Db, DbCommand, ProgramInstall, Record, Restore, Work};

use assets::Lang;
use clap::{Args as ClapArgs, CommandFactory, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

use self::campaign::{Campaign as CampaignArgs, Segment as SegmentArgs};
use self::door::{AttributeArgs, ConfigArgs, KeyArgs, Serve, StaffArgs, WebhookArgs};
use self::people::{Customer, Takeover};
use self::stats::Stats as StatsArgs;

/// What `--lang` takes, as help shows it.
const LANGUAGES: &str = "en|vi|zh|zh-Hant";

/// Perennial makes a shop's customers come back, and proves it.
///
/// Drop in your order export and read who your customers are, what they are worth and who is leaving:
///
///   perennial import orders orders.csv --shop "Corner shop" --currency VND
///   perennial xray --out xray.html
///
/// or, with nothing set up:  perennial xray --orders orders.csv
#[derive(Debug, Parser)]
#[command(name = "perennial", version, verbatim_doc_comment, disable_help_subcommand = true)]
pub struct Args {
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct Common {
    /// The folder in which everything we keep lives.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "PERENNIAL_DATA",
        default_value = "./perennial-data"
    )]
    pub data: PathBuf,
    /// Where customers, points, imports and settings are kept, if not in the data folder: sqlite:PATH or
    /// postgres://USER@HOST/DATABASE.
    #[arg(long, global = true, value_name = "URL", env = "PERENNIAL_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// Where facts are kept, if not in the data folder: a folder, or a URL such as s3://bucket/shop.
    #[arg(long, global = true, value_name = "URL", env = "PERENNIAL_LAKE")]
    pub lake: Option<String>,
    /// Print one JSON document on standard output and nothing else there.
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress, no advice; only results and errors.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// How much memory queries may use before they go to disk, in MiB.
    #[arg(long, global = true, value_name = "MIB", default_value_t = 2048)]
    pub memory: usize,
    /// A folder of your own templates, words and relations, laid out like ours; what is in it wins.
    #[arg(long, global = true, value_name = "DIR", env = "PERENNIAL_ASSETS")]
    pub assets: Option<PathBuf>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Import the sample shops that come with the program, write their reports, and say where to look.
    Demo(Demo),
    /// Read files of orders, customers, returns, products, feedback, events or costs.
    ///
    /// Format, encoding, columns and dates are found out and printed; each can be said otherwise. Importing the same
    /// file twice, or two that overlap, counts nothing twice.
    Import(Import),
    /// Write the report: who the customers are, what they are worth, who is leaving, how sure we are.
    Xray(Xray),
    /// Fit one model to a summary file (one row per customer) and print its parameters.
    Fit(Fit),
    /// One statistic of a small file: experiments, feedback, uplift, policies, allocation; to be checked against any other package.
    ///
    /// Each takes a file with a header (CSV, semicolons, tabs or blanks) and answers with estimate, standard error,
    /// interval, number of rows and method. Columns with their usual names are found; any other is named with
    /// `--map role=COLUMN`. With `--json` every number comes in full.
    #[command(disable_help_subcommand = true)]
    Stats(StatsArgs),
    /// Make the data of a simulated market, with the truth beside it.
    World(World),
    /// A loyalty program as files: check it, read it in words, try it on facts, on a basket, on your own history.
    Program(ProgramArgs),
    /// People: find, enrol, show, merge, export, forget; cards, consents, requests.
    #[command(disable_help_subcommand = true)]
    Customer(Customer),
    /// Take over a program that runs elsewhere: members, points, tiers, vouchers, consents from files, to the unit.
    Takeover(Takeover),
    /// Named sets of customers, as files: check them, count who is in them.
    #[command(disable_help_subcommand = true)]
    Segment(SegmentArgs),
    /// Act on customers and know what it brought: plan, freeze, export, take results back, measure, decide.
    #[command(disable_help_subcommand = true)]
    Campaign(CampaignArgs),
    /// Look after the lake: compact many small files into few, remove left-overs.
    Lake(LakeArgs),
    /// Open the door: an HTTP API for tills, web shops and apps, until stopped.
    Serve(Serve),
    /// Keys of tills, web shops and apps: make, list, revoke.
    Key(KeyArgs),
    /// The shop's own attributes of customers: what they hold, which are sensitive, the keys that seal those.
    #[command(disable_help_subcommand = true)]
    Attribute(AttributeArgs),
    /// Who works here: ask in, list, show out.
    Staff(StaffArgs),
    /// Tell others what happens: signed webhooks, what they were told, and how it went.
    Webhook(WebhookArgs),
    /// How the server is configured, and where each value came from.
    Config(ConfigArgs),
    /// Commands that move points, as JSON lines on standard input; one line of answer each, written when it is durable.
    Record(Record),
    /// Do what is due by itself: points run out, tiers are reviewed, events go to the lake, reports are written.
    Work(Work),
    /// Check everything we keep, and say what is wrong.
    Verify,
    /// Say what is configured, reachable and missing, and which data each thing we can do needs.
    Doctor,
    /// List who changed what, newest first.
    Audit(Audit),
    /// Take everything out into a folder, while others work, and check it.
    Backup(Backup),
    /// Put a backup back into an empty data folder, or an empty database, and check it.
    Restore(Restore),
    /// The database: bring its tables forward, say how it stands, try a URL.
    Db(Db),
    /// Ask a question in SQL over the relations, read-only. Without a question, list the relations.
    Sql(Sql),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// `demo`
#[derive(Debug, ClapArgs)]
pub struct Demo {
    /// Where to put the sample data and reports.
    #[arg(long, value_name = "DIR", default_value = "demo")]
    pub out: PathBuf,
    /// Language of the reports.
    #[arg(long, value_name = LANGUAGES)]
    pub lang: Option<Lang>,
    /// Open the console on the corner shop, until stopped, in place of writing reports.
    #[arg(long)]
    pub serve: bool,
    /// Where to listen with --serve; without, 127.0.0.1:8080, or any free port where that is taken.
    #[arg(long, value_name = "ADDR", requires = "serve")]
    pub listen: Option<String>,
}

/// `import`
#[derive(Debug, ClapArgs)]
pub struct Import {
    /// What the files hold.
    #[arg(value_enum)]
    pub kind: KindArg,
    /// Files: CSV, TSV, Excel, JSON lines, Parquet, plain or gz, zst, zip; patterns such as 'till/*.csv'; - for
    /// standard input.
    #[arg(value_name = "FILE", required_unless_present = "watch")]
    pub files: Vec<String>,
    /// How to read them.
    #[command(flatten)]
    pub reading: Reading,
    /// Keep this mapping under a name, to be used again with --mapping NAME.
    #[arg(long, value_name = "NAME")]
    pub save_mapping: Option<String>,
    /// Import every file that appears in a folder, until stopped.
    #[arg(long, value_name = "DIR", conflicts_with = "files")]
    pub watch: Option<PathBuf>,
    /// Look at the folder once, and end.
    #[arg(long, requires = "watch")]
    pub once: bool,
    /// Only say what was detected; import nothing.
    #[arg(long)]
    pub detect: bool,
}

/// How files are to be read; whatever is not said is found out.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct Reading {
    /// The column for a role, by header or number: --map customer="Mã KH", --map 1=customer,2=date.
    #[arg(long = "map", value_name = "ROLE=COLUMN")]
    pub maps: Vec<String>,
    /// A mapping saved by name, or a TOML file.
    #[arg(long, value_name = "NAME")]
    pub mapping: Option<String>,
    /// The name of the shop.
    #[arg(long, value_name = "NAME")]
    pub shop: Option<String>,
    /// The system the files come from, where one shop has several; keys of customers and orders are its own.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// The currency, such as VND, CNY or USD.
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    /// The shop's time zone, such as Asia/Ho_Chi_Minh.
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
    /// The order of day and month in dates such as 03/02/2026.
    #[arg(long, value_name = "ORDER", value_parser = ["dmy", "mdy", "ymd"])]
    pub date_order: Option<String>,
    /// The character encoding, such as utf-8, windows-1258, gb18030, big5, tcvn3, vni.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// What stands between columns: comma, semicolon, tab, pipe, space.
    #[arg(long, value_name = "SIGN")]
    pub delimiter: Option<String>,
    /// Whether the first row names the columns.
    #[arg(long, value_name = "yes|no", value_parser = ["yes", "no"])]
    pub header: Option<String>,
    /// The decimal sign: point or comma.
    #[arg(long, value_name = "SIGN", value_parser = ["point", "comma"])]
    pub decimal: Option<String>,
    /// The sheet of an Excel file.
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Whether a row is a whole order or a line of one.
    #[arg(long, value_name = "orders|lines", value_parser = ["orders", "lines"])]
    pub layout: Option<String>,
    /// A customer key that stands for nobody (walk-in); may be given several times.
    #[arg(long, value_name = "KEY")]
    pub walk_in: Vec<String>,
    /// A customer key that is somebody, however it looks; may be given several times.
    #[arg(long, value_name = "KEY")]
    pub known_customer: Vec<String>,
    /// The last day of observation, if not the day of the last fact.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<jiff::civil::Date>,
    /// What to do with bad rows: keep them aside and go on, or stop.
    #[arg(long, value_name = "reject|stop", value_parser = ["reject", "stop"], default_value = "reject")]
    pub on_bad: String,
}

/// `xray`
#[derive(Debug, ClapArgs)]
pub struct Xray {
    /// Order files to report on with nothing set up; without, the report is on the data folder.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub orders: Vec<String>,
    /// How to read them.
    #[command(flatten)]
    pub reading: Reading,
    /// What the report says.
    #[command(flatten)]
    pub report: Report,
    /// The page to write.
    #[arg(long, value_name = "FILE", default_value = "xray.html")]
    pub out: PathBuf,
    /// Write every number of the report as JSON, too.
    #[arg(long, value_name = "FILE")]
    pub out_json: Option<PathBuf>,
    /// Write one row per customer, too: .parquet or .csv.
    #[arg(long, value_name = "FILE")]
    pub out_scores: Option<PathBuf>,
}

/// What a report says, and how.
#[derive(Debug, Clone, ClapArgs)]
pub struct Report {
    /// Where the history is parted to judge the models: they learn before this day and are tried after it.
    #[arg(long, value_name = "DATE")]
    pub calibration_end: Option<jiff::civil::Date>,
    /// How far ahead "will buy again" looks, such as 90d.
    #[arg(long, value_name = "DAYS", default_value = "90d", value_parser = days)]
    pub horizon: u32,
    /// Margin as a share of sales, such as 0.3, or "column" to use the cost in the files.
    #[arg(long, value_name = "SHARE|column")]
    pub margin: Option<String>,
    /// What a year's waiting costs: later money is worth less by this share.
    #[arg(long, value_name = "RATE", default_value_t = 0.1)]
    pub discount_rate: f64,
    /// Language of the report.
    #[arg(long, value_name = LANGUAGES, default_value_t = Lang::En)]
    pub lang: Lang,
}

impl Report {
    /// What is taken where nobody says otherwise.
    pub fn usual() -> Report {
        Report { calibration_end: None, horizon: 90, margin: None, discount_rate: 0.1, lang: Lang::En }
    }
}

fn days(text: &str) -> Result<u32, String> {
    let number = text.trim_end_matches(['d', 'D']);
    match number.parse::<u32>() {
        Ok(days) if (1..=3_660).contains(&days) => Ok(days),
        _ => Err("expected days from 1d to 3660d, such as 90d".to_owned()),
    }
}

/// `fit`
#[derive(Debug, ClapArgs)]
pub struct Fit {
    /// The model.
    #[arg(value_enum)]
    pub model: ModelArg,
    /// A summary with a header: one row per customer (or per group of equal customers).
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The column for a role: --map frequency=x --map recency=t_x --map age=T (also spend, weight, lost).
    #[arg(long = "map", value_name = "ROLE=COLUMN")]
    pub maps: Vec<String>,
    /// Also predict, per row, what happens in this many units of the file's time.
    #[arg(long, value_name = "T")]
    pub predict: Option<f64>,
    /// Write the predictions as CSV instead of into the JSON.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `world`
#[derive(Debug, ClapArgs)]
pub struct World {
    /// How many customers.
    #[arg(long, value_name = "N", default_value_t = 1_500)]
    pub customers: u32,
    /// How many weeks.
    #[arg(long, value_name = "W", default_value_t = 78)]
    pub weeks: u32,
    /// The same seed gives the same bytes.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Where to put orders, returns, customers, feedback and the truth.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Only what happened from this day on.
    #[arg(long, value_name = "DATE")]
    pub from: Option<jiff::civil::Date>,
    /// Only what happened before this day.
    #[arg(long, value_name = "DATE")]
    pub until: Option<jiff::civil::Date>,
    /// A list of customers to whom something was done, by a column customer_id, email or phone as in contacts.csv; they
    /// order more for a while.
    #[arg(long, value_name = "FILE", requires = "contacted_on")]
    pub contacted: Option<PathBuf>,
    /// When it was done.
    #[arg(long, value_name = "DATE")]
    pub contacted_on: Option<jiff::civil::Date>,
    /// How many orders more it brings a customer, on average.
    #[arg(long, value_name = "ORDERS", default_value_t = 0.5)]
    pub lift: f64,
    /// For how many days.
    #[arg(long, value_name = "DAYS", default_value_t = 28)]
    pub lift_days: u32,
}

/// `program`
#[derive(Debug, ClapArgs)]
#[command(disable_help_subcommand = true)]
pub struct ProgramArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ProgramCommand,
}

/// What can be done with a program.
#[derive(Debug, Subcommand)]
pub enum ProgramCommand {
    /// Read the files of a program and say what is wrong with them: file, line, and the mend.
    Check(ProgramCheck),
    /// Print the rule book: the program in words, made from its rules.
    Show(ProgramShow),
    /// Facts in, entries out: run a stream of orders, returns and events through a program, as JSON lines.
    Simulate(ProgramSimulate),
    /// Say in words why every entry of a simulation is what it is, and why what was refused was.
    Explain(ProgramExplain),
    /// Say in words what changes from one program to another.
    Diff(ProgramDiff),
    /// What a basket is worth to the member and to the shop, and how far it is to the next reward.
    Calculate(ProgramCalculate),
    /// What outstanding points mean in the accounts: movement, liability, journal of a month.
    Liability(ProgramLiability),
    /// Put a program in force: its files become the next version in the record.
    Install(ProgramInstall),
    /// Run the shop's own history through two programs and write what each would have done.
    Backtest(ProgramBacktest),
}

/// `program check`
#[derive(Debug, ClapArgs)]
pub struct ProgramCheck {
    /// The folder of the program's .toml files.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// `program show`
#[derive(Debug, ClapArgs)]
pub struct ProgramShow {
    /// The folder of the program's .toml files.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The language.
    #[arg(long, value_name = LANGUAGES, default_value_t = Lang::En)]
    pub lang: Lang,
    /// Write a page instead of Markdown.
    #[arg(long)]
    pub html: bool,
    /// Write it to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Facts for a program to judge.
#[derive(Debug, Clone, ClapArgs)]
pub struct Facts {
    /// Facts, one JSON object a line, in the order in which they became known; - for standard input.
    #[arg(long, value_name = "FILE")]
    pub events: PathBuf,
    /// What codes and surprises are drawn from: the same seed gives the same.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// The language of explanations.
    #[arg(long, value_name = LANGUAGES, default_value_t = Lang::En)]
    pub lang: Lang,
}

/// `program simulate`
#[derive(Debug, ClapArgs)]
pub struct ProgramSimulate {
    /// The folder of the program's .toml files.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// What happens.
    #[command(flatten)]
    pub facts: Facts,
    /// Write the lines to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `program explain`
#[derive(Debug, ClapArgs)]
pub struct ProgramExplain {
    /// The folder of the program's .toml files.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// What happens.
    #[command(flatten)]
    pub facts: Facts,
    /// Only entries of this member.
    #[arg(long, value_name = "ID")]
    pub member: Option<String>,
    /// Only entries of this wallet.
    #[arg(long, value_name = "ID")]
    pub wallet: Option<String>,
    /// Only entries because of this order, return, event or redemption.
    #[arg(long, value_name = "ID")]
    pub because: Option<String>,
}

/// `program diff`
#[derive(Debug, ClapArgs)]
pub struct ProgramDiff {
    /// The folder of the program as it is.
    #[arg(value_name = "A")]
    pub before: PathBuf,
    /// The folder of the program as it would be.
    #[arg(value_name = "B")]
    pub after: PathBuf,
    /// The language.
    #[arg(long, value_name = LANGUAGES, default_value_t = Lang::En)]
    pub lang: Lang,
}

/// `program calculate`
#[derive(Debug, ClapArgs)]
pub struct ProgramCalculate {
    /// The folder of the program's .toml files.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The basket as JSON, an order as a simulation reads it: {"lines": [{"product": "latte", "gross_minor": 45000}]};
    /// - for standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "amount")]
    pub basket: Option<PathBuf>,
    /// A basket of one line of this amount, such as 120000 or 12.50.
    #[arg(long, value_name = "AMOUNT", conflicts_with = "basket")]
    pub amount: Option<String>,
    /// When it is bought, such as 2026-03-10 or 2026-03-10T08:30; facts of --events that are later are left out.
    /// Without it, now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<jiff::civil::DateTime>,
    /// What the member did before, as a simulation reads it; without, the member is new.
    #[arg(long, value_name = "FILE", requires = "member")]
    pub events: Option<PathBuf>,
    /// Which member of --events.
    #[arg(long, value_name = "ID", requires = "events")]
    pub member: Option<String>,
    /// The shop's margin as a share of sales, such as 0.3.
    #[arg(long, value_name = "SHARE", default_value = "0.3")]
    pub margin: String,
    /// The language.
    #[arg(long, value_name = LANGUAGES, default_value_t = Lang::En)]
    pub lang: Lang,
}

/// `program liability`
#[derive(Debug, ClapArgs)]
pub struct ProgramLiability {
    /// The folder of the program's .toml files.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// What happens.
    #[command(flatten)]
    pub facts: Facts,
    /// The month to close, such as 2026-03.
    #[arg(long, value_name = "YEAR-MONTH")]
    pub month: String,
    /// What the accounts say of points.
    #[arg(long, value_enum, default_value_t = PolicyArg::RelativePrice)]
    pub policy: PolicyArg,
    /// How many months a point lives, where it has an end.
    #[arg(long, value_name = "N")]
    pub life_months: Option<usize>,
}

/// `program backtest`
#[derive(Debug, ClapArgs)]
pub struct ProgramBacktest {
    /// The folder of the program that is tried.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The folder of the program it is tried against.
    #[arg(long, value_name = "DIR")]
    pub against: PathBuf,
    /// The first day; without, the first day of your orders.
    #[arg(long, value_name = "DATE")]
    pub from: Option<jiff::civil::Date>,
    /// The last day; without, the last day of your orders.
    #[arg(long, value_name = "DATE")]
    pub to: Option<jiff::civil::Date>,
    /// The page to write.
    #[arg(long, value_name = "FILE", default_value = "backtest.html")]
    pub out: PathBuf,
    /// Write every number as JSON, too.
    #[arg(long, value_name = "FILE")]
    pub out_json: Option<PathBuf>,
    /// The language.
    #[arg(long, value_name = LANGUAGES, default_value_t = Lang::En)]
    pub lang: Lang,
}

/// `lake`
#[derive(Debug, ClapArgs)]
#[command(disable_help_subcommand = true)]
pub struct LakeArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: LakeCommand,
}

/// What can be done to the lake.
#[derive(Debug, Subcommand)]
pub enum LakeCommand {
    /// Make one file of each month that has many, and remove what nothing refers to.
    Compact,
    /// List tables, versions and rows, with the folders other programs can open.
    Show,
    /// Append what was recorded live and is not in the lake yet.
    Seal(LakeSeal),
}

/// `lake seal`
#[derive(Debug, ClapArgs)]
pub struct LakeSeal {
    /// The most events taken at once; memory is bounded by it.
    #[arg(long, value_name = "EVENTS", default_value_t = engine::collect::live::seal::EVENTS_PER_SEAL)]
    pub batch: i64,
}

/// `sql`
#[derive(Debug, ClapArgs)]
pub struct Sql {
    /// One query, such as "select * from customer.rfm limit 10".
    pub query: Option<String>,
    /// The last day of observation.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<jiff::civil::Date>,
}

/// What files hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindArg {
    Orders,
    Customers,
    Returns,
    Products,
    Feedback,
    Events,
    Costs,
}

/// What accounts may say of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyArg {
    /// The points' share of the price is revenue as they are redeemed (IFRS 15, ASC 606); shares are exact.
    RelativePrice,
    /// The same with shares in whole per cent.
    RelativePriceWholePercent,
    /// The fair value of all outstanding points is deferred (Vietnam).
    FairValue,
    /// What they are expected to cost is a provision.
    Provision,
    /// Nothing.
    None,
}

/// Models of `fit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ModelArg {
    BgNbd,
    MbgNbd,
    ParetoNbd,
    GammaGamma,
    BgBb,
    Sbg,
}

/// Print completions for a shell.
pub fn completions(shell: clap_complete::Shell) {
    clap_complete::generate(shell, &mut Args::command(), "perennial", &mut std::io::stdout());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn horizons_are_days() {
        assert_eq!(days("90d"), Ok(90));
        assert_eq!(days("365"), Ok(365));
        assert!(days("0d").is_err() && days("soon").is_err());
    }
}
