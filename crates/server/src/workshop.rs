//! What is more than a question to the lake: acting on customers by file, bringing files in, an analyst's own query. The
//! binary wires it; here it is known by what it does.

use domain::column::Batch;
use domain::port::Failure;
use engine::collect::detected::{Detected, Question};
use engine::collect::import::Summary;
use engine::collect::role::Import;
use jiff::civil::Date;
use loyalty::program::Program;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Store;

/// State to write in, and what belongs to the shop's folder.
pub struct Desk {
    /// State.
    pub store: Store,
    /// What draws and references are made with.
    pub secret: [u8; 32],
    /// The data folder.
    pub folder: PathBuf,
}

/// A file with how it is to be read.
pub struct Given<'a> {
    /// What is in it.
    pub kind: Import,
    /// Where it lies.
    pub path: &'a Path,
    /// What was said of its columns, `role=number`; the rest is found out.
    pub maps: &'a [String],
    /// What was said of how it is written.
    pub how: &'a How,
}

/// How a file is written, where somebody says; what is empty is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct How {
    /// One of [`How::DATES`].
    pub date_order: String,
    /// One of [`How::DECIMALS`].
    pub decimal: String,
    /// One of [`How::LAYOUTS`].
    pub layout: String,
}

impl How {
    /// Orders of day, month and year.
    pub const DATES: [&'static str; 3] = ["dmy", "mdy", "ymd"];
    /// Marks before decimals.
    pub const DECIMALS: [&'static str; 2] = ["point", "comma"];
    /// What a row of a file of orders is.
    pub const LAYOUTS: [&'static str; 2] = ["orders", "lines"];
}

/// Why a file was not read: a sentence for whoever brought it, or an accident.
pub enum Stopped {
    /// It follows from the file or from what was said of it.
    Refused(String),
    /// A disk, a database.
    Failed(Failure),
}

/// What two programs would have done, of a shop's own past.
pub type Tried = engine::design::backtest::Document;
/// Runs the shop's past, from a day to a day, through two programs; the last hears how many order lines of how many are judged.
pub type TryOnPast = dyn Fn([&Program; 2], (Option<Date>, Option<Date>), &dyn Fn(u64, u64)) -> Result<Tried, Stopped>
    + Send
    + Sync;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// The name of its folder.
    pub name: String,
    /// Whether it was seen through.
    pub is_whole: bool,
    /// As of when, in microseconds since 1970.
    pub taken_at: i64,
    /// Rows of the record.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What the last check found.
    pub checked: Option<Checked>,
}

/// What a check of a backup found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// When, in microseconds since 1970.
    pub at: i64,
    /// What is wrong with it; empty where it is good.
    pub wrong: String,
}

/// What files have told of a person, by all the ids they have had: lines of orders as JSON, by time.
pub type History = dyn Fn(&[String]) -> Result<Vec<serde_json::Value>, Failure> + Send + Sync;

/// Something about backups, with the name of one where it is about one.
pub type Backups<T> = dyn Fn(&str) -> Result<T, Failure> + Send + Sync;
/// Opens state.
pub type OpenDesk = dyn Fn() -> Result<Desk, Failure> + Send + Sync;
/// Finds out how a file is to be read, and what is uncertain of it.
pub type Look = dyn Fn(&Given<'_>) -> Result<(Detected, Vec<Question>), Stopped> + Send + Sync;
/// Brings a file in; the second hears how many bytes of how many are read.
pub type Bring = dyn Fn(&Given<'_>, &dyn Fn(u64, u64)) -> Result<Summary, Stopped> + Send + Sync;
/// Runs one query over relations that only reads, and answers so many rows of it at most.
pub type Query = dyn Fn(&str, usize) -> Result<Batch, Failure> + Send + Sync;

/// What can be done.
#[derive(Clone)]
pub struct Workshop {
    /// Opens state.
    pub desk: Arc<OpenDesk>,
    /// Looks at a file.
    pub look: Arc<Look>,
    /// Brings a file in.
    pub bring: Arc<Bring>,
    /// Asks.
    pub query: Arc<Query>,
    /// What files have told of a person.
    pub history: Arc<History>,
    /// Tries two programs on the past.
    pub try_on_past: Arc<TryOnPast>,
    /// Makes a backup of that name.
    pub make_backup: Arc<Backups<()>>,
    /// The backups there are, newest first; the name is not looked at.
    pub list_backups: Arc<Backups<Vec<Backup>>>,
    /// Reads every file of a backup again, and writes down what it found.
    pub check_backup: Arc<Backups<()>>,
}
