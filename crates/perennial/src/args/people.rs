//! The command line of `perennial customer` and `perennial takeover`.

use super::LANGUAGES;
use assets::Lang;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `customer`
#[derive(Debug, ClapArgs)]
#[command(disable_help_subcommand = true)]
pub struct Customer {
    /// Who is at work, for the proof of what was done: staff:7, owner.
    #[arg(long, global = true, value_name = "WHO", default_value = "owner")]
    pub by: String,
    /// The system this comes from: cards and numbers of a shop's own are its source's.
    #[arg(long, global = true, value_name = "NAME", default_value = "till")]
    pub source: String,
    /// The country by which telephone numbers without one are read, two letters; without it, that of the shop.
    #[arg(long, global = true, value_name = "XX")]
    pub country: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: CustomerCommand,
}

/// What can be done with customers. WHO is an id (cus_…), an identifier in any spelling, or words that only one has.
#[derive(Debug, Subcommand)]
pub enum CustomerCommand {
    /// Find people by an identifier, the end of a number, or words of a name without accents.
    Find(Find),
    /// Show one: who it is, what they agreed to, what they have.
    Show(Who),
    /// Enrol somebody; a telephone number is enough.
    Enrol(Enrol),
    /// Change what is known of somebody.
    Set(Set),
    /// Keep what somebody said about being written to, or answer a request for confirmation.
    Consent(ConsentArgs),
    /// Keep what somebody said of the shop: a score, words, a complaint. Without WHO nobody knows who it was.
    Feedback(FeedbackArgs),
    /// Give a card, or say that one was lost or found, or that a number was given up.
    Card(Card),
    /// Make two customers one.
    Merge(Merge),
    /// They were two after all.
    Unmerge(Who),
    /// One person's data, all of it, as JSON and as a page.
    Export(Export),
    /// Forget a person: the ledger and the statistics stay, and say nothing of who it was.
    Erase(Erase),
    /// Keep what somebody asks about their data, with the days the law gives; without WHO, what is open.
    Request(Request),
    /// The shop's rules for identifiers: what is blocked, how many of a kind, what is shared.
    Rules(RulesArgs),
    /// Write where every customer stands, and what they brought and cost, as of today.
    Tend(Tend),
    /// Write what a message to somebody, or serving them, has cost.
    Charge(Charge),
}

/// One customer.
#[derive(Debug, ClapArgs)]
pub struct Who {
    /// Who.
    #[arg(value_name = "WHO")]
    pub who: String,
}

/// `customer find`
#[derive(Debug, ClapArgs)]
pub struct Find {
    /// What is remembered.
    #[arg(value_name = "TEXT", required_unless_present = "duplicates")]
    pub text: Option<String>,
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// List those who may be one person, with the evidence.
    #[arg(long, conflicts_with = "text")]
    pub duplicates: bool,
}

/// What is said of somebody.
#[derive(Debug, ClapArgs)]
pub struct Said {
    /// The name, as the person writes it.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The birthday: 1990-03-31, or 03-31.
    #[arg(long, value_name = "DAY")]
    pub birthday: Option<String>,
    /// A field: --set language=vi; an empty value takes it away.
    #[arg(long, value_name = "FIELD=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// An attribute of the shop's own: --attribute shoe=38.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub attribute: Vec<(String, String)>,
    /// A tag to put on.
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// A tag to take off.
    #[arg(long, value_name = "TAG")]
    pub untag: Vec<String>,
}

/// `customer enrol`
#[derive(Debug, ClapArgs)]
pub struct Enrol {
    /// Telephone number.
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
    /// E-mail address.
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Card.
    #[arg(long, value_name = "NUMBER")]
    pub card: Vec<String>,
    /// Another identifier: --key external_id=K-17.
    #[arg(long, value_name = "KIND=VALUE", value_parser = pair)]
    pub key: Vec<(String, String)>,
    /// What else they say.
    #[command(flatten)]
    pub said: Said,
    /// What they agree to: --consent sms:marketing. None is fine.
    #[arg(long, value_name = "CHANNEL:PURPOSE", requires = "text_version")]
    pub consent: Vec<String>,
    /// The version of the text they were shown.
    #[arg(long, value_name = "VERSION")]
    pub text_version: Option<String>,
    /// Join this program; without it all that are installed.
    #[arg(long, value_name = "ID")]
    pub program: Vec<String>,
    /// Join no program.
    #[arg(long, conflicts_with = "program")]
    pub no_program: bool,
    /// The member who brought them.
    #[arg(long, value_name = "WHO")]
    pub referred_by: Option<String>,
    /// The number belongs to somebody else now: the former owner loses it, and this is somebody new.
    #[arg(long)]
    pub new_owner: bool,
}

/// `customer set`
#[derive(Debug, ClapArgs)]
pub struct Set {
    /// Who.
    #[arg(value_name = "WHO")]
    pub who: String,
    /// What they say.
    #[command(flatten)]
    pub said: Said,
}

/// `customer consent`
#[derive(Debug, ClapArgs)]
pub struct ConsentArgs {
    /// Who.
    #[arg(value_name = "WHO", required_unless_present = "file")]
    pub who: Option<String>,
    /// In place of one person a list: a column customer_id, phone or email, and, where not all agreed, a column consent.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["who", "status", "language", "address", "evidence", "confirm"],
          requires_all = ["channel", "text_version", "said_on"])]
    pub file: Option<PathBuf>,
    /// email, sms, zalo, whatsapp, call, push, post.
    #[arg(long, value_name = "CHANNEL", required_unless_present = "confirm")]
    pub channel: Option<String>,
    /// marketing, survey, profiling.
    #[arg(long, value_name = "PURPOSE", default_value = "marketing")]
    pub purpose: String,
    /// What was said.
    #[arg(long, value_enum, required_unless_present_any = ["confirm", "file"])]
    pub status: Option<StatusArg>,
    /// The version of the text they were shown.
    #[arg(long, value_name = "VERSION", default_value = "")]
    pub text_version: String,
    /// The language of that text.
    #[arg(long, value_name = "LANG", default_value = "")]
    pub language: String,
    /// The address, where it is not the customer's own for that channel.
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<String>,
    /// What else proves it.
    #[arg(long, value_name = "TEXT")]
    pub evidence: Option<String>,
    /// Of a list: the day they said so.
    #[arg(long, value_name = "DATE", requires = "file")]
    pub said_on: Option<jiff::civil::Date>,
    /// Of a list: where the law is.
    #[arg(long, value_name = "vn|eu|cn", default_value = "vn", requires = "file")]
    pub jurisdiction: String,
    /// Answer this request for confirmation: the second half of a double opt-in.
    #[arg(long, value_name = "REQUEST", conflicts_with_all = ["channel", "status"])]
    pub confirm: Option<String>,
}

/// `customer feedback`
#[derive(Debug, ClapArgs)]
pub struct FeedbackArgs {
    /// Who, where known.
    #[arg(value_name = "WHO")]
    pub who: Option<String>,
    /// The source's own id of it; the same again has no effect.
    #[arg(long, value_name = "ID")]
    pub id: String,
    /// What they said.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub text: String,
    /// The score they gave.
    #[arg(long, value_name = "POINTS")]
    pub score: Option<String>,
    /// The top of the scale.
    #[arg(long, value_name = "POINTS", requires = "score")]
    pub of: Option<String>,
    /// survey, review, complaint, or a word of your own.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// The order it is about.
    #[arg(long, value_name = "ORDER")]
    pub order: Option<String>,
    /// Where.
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// till, web, app.
    #[arg(long, value_name = "CHANNEL")]
    pub channel: Option<String>,
    /// When, if not now: 2026-03-01T08:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<jiff::Timestamp>,
}

/// What was said about being written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatusArg {
    /// Yes.
    Granted,
    /// No.
    Denied,
    /// No more.
    Withdrawn,
    /// Asked, and to be confirmed.
    Pending,
}

/// `customer card`
#[derive(Debug, ClapArgs)]
pub struct Card {
    /// What became of it.
    #[arg(value_enum)]
    pub what: CardArg,
    /// Whose.
    #[arg(value_name = "WHO")]
    pub who: String,
    /// Which: the number of a card, or with --of phone a telephone number.
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// What it is a number of.
    #[arg(long, value_name = "KIND", default_value = "card_number")]
    pub of: String,
    /// With lost: the card given in its place.
    #[arg(long, value_name = "NUMBER")]
    pub instead: Option<String>,
}

/// What became of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CardArg {
    /// A further one was given.
    Give,
    /// It was lost: whoever shows it is nobody.
    Lost,
    /// It was found again.
    Found,
    /// It was given up, and may become somebody else's.
    End,
}

/// `customer merge`
#[derive(Debug, ClapArgs)]
pub struct Merge {
    /// Who ends.
    #[arg(value_name = "FROM")]
    pub from: String,
    /// Who goes on.
    #[arg(value_name = "INTO")]
    pub into: String,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "staff decided")]
    pub because: String,
}

/// `customer export`
#[derive(Debug, ClapArgs)]
pub struct Export {
    /// Who.
    #[arg(value_name = "WHO")]
    pub who: String,
    /// Write the document here instead of on standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the page for reading here.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// The language of explanations and of the page.
    #[arg(long, value_name = LANGUAGES, default_value_t = Lang::En)]
    pub lang: Lang,
}

/// `customer erase`
#[derive(Debug, ClapArgs)]
pub struct Erase {
    /// Who: an id or an identifier.
    #[arg(value_name = "WHO")]
    pub who: String,
    /// Yes, for good.
    #[arg(long)]
    pub yes: bool,
    /// Write the certificate here as well.
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
}

/// `customer request`
#[derive(Debug, ClapArgs)]
pub struct Request {
    /// Who asks.
    #[arg(value_name = "WHO", requires = "what")]
    pub who: Option<String>,
    /// What.
    #[arg(value_enum, value_name = "WHAT")]
    pub what: Option<AskedArg>,
    /// Say that a request is done.
    #[arg(long, value_name = "REQUEST", conflicts_with = "who")]
    pub done: Option<String>,
    /// Say that a request was answered.
    #[arg(long, value_name = "REQUEST", conflicts_with_all = ["who", "done"])]
    pub answered: Option<String>,
}

/// What a person asks about their data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AskedArg {
    /// To see it.
    Access,
    /// To set it right.
    Correct,
    /// To be forgotten.
    Erase,
    /// To take back a consent.
    Withdraw,
    /// To object to what is done with it.
    Object,
}

/// `customer rules`
#[derive(Debug, ClapArgs)]
pub struct RulesArgs {
    /// A value nobody is known by, such as the shop's own number.
    #[arg(long, value_name = "VALUE")]
    pub block: Vec<String>,
    /// A value that is somebody's after all.
    #[arg(long, value_name = "VALUE")]
    pub unblock: Vec<String>,
    /// How many of a kind one may have: --limit phone=3.
    #[arg(long, value_name = "KIND=N", value_parser = limit)]
    pub limit: Vec<(String, usize)>,
    /// A kind that many share, such as a tablet in the shop: it never makes two customers one.
    #[arg(long, value_name = "KIND")]
    pub shared: Vec<String>,
    /// A kind that is one person's.
    #[arg(long, value_name = "KIND")]
    pub personal: Vec<String>,
    /// Kinds in the order in which they count: --order card_number,phone.
    #[arg(long, value_name = "KIND,KIND", value_delimiter = ',')]
    pub order: Vec<String>,
}

/// `customer tend`
#[derive(Debug, ClapArgs)]
pub struct Tend {
    /// What the shop keeps of a sale, as a share: 0.4. Without it no margin is written.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub margin: Option<i64>,
}

/// `customer charge`
#[derive(Debug, ClapArgs)]
pub struct Charge {
    /// Who: an id, an identifier, or words of the name.
    #[arg(value_name = "WHO")]
    pub who: String,
    /// What cost something: a message to them, or serving them.
    #[arg(value_enum, value_name = "WHAT")]
    pub kind: CostArg,
    /// What it cost, in minor units of the shop's currency.
    #[arg(value_name = "MINOR", value_parser = clap::value_parser!(i64).range(1..))]
    pub cost: i64,
    /// Its id: of the message, of the case. The same id again changes nothing.
    #[arg(long, value_name = "ID")]
    pub cause: String,
    /// The day, where it is not today.
    #[arg(long, value_name = "DAY")]
    pub on: Option<jiff::civil::Date>,
}

/// What may cost something besides rewards.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum CostArg {
    /// A message.
    Contact,
    /// Serving them.
    Service,
}

/// `takeover`
#[derive(Debug, ClapArgs)]
pub struct Takeover {
    /// The folder with members.csv and the other files.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The program that goes on: the folder of its .toml files, or the id of one that is installed. Without it only
    /// customers and consents are taken over.
    #[arg(long, value_name = "DIR|ID")]
    pub program: Option<String>,
    /// What the old system is called.
    #[arg(long, value_name = "NAME", default_value = "old")]
    pub source: String,
    /// The country by which telephone numbers without one are read, two letters; without it, that of the shop.
    #[arg(long, value_name = "XX")]
    pub country: Option<String>,
    /// Write nothing: hold what we have against the files of the old system, and list the differences.
    #[arg(long)]
    pub compare: bool,
    /// Who is at work, for the proof of consents.
    #[arg(long, value_name = "WHO", default_value = "owner")]
    pub by: String,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

fn limit(text: &str) -> Result<(String, usize), String> {
    let (kind, count) = pair(text)?;
    Ok((kind, count.trim().parse().map_err(|_| "expected KIND=N with a whole number".to_owned())?))
}

/// A share of one, in thousandths.
fn share(text: &str) -> Result<i64, String> {
    let wrong = || "expected a share between 0 and 1 with at most three decimals, such as 0.4".to_owned();
    let milli = domain::money::Decimal::parse(text).ok().filter(|number| number.scale <= 3);
    let milli = milli.and_then(|number| number.rescale(3)).ok_or_else(wrong)?;
    if (0..=1000).contains(&milli) { Ok(milli) } else { Err(wrong()) }
}
