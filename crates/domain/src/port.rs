//! The doors: what the engine asks of the outside, as traits over plain columns. Each has real implementations
//! elsewhere; nothing else in the house gets a trait.

use crate::column::Batch;
use crate::fact::Table;
use crate::id::Id;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::error::Error;

/// The world said no: a disk, a database, a damaged file. Keeps its source.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    /// What was being done, to what, and what to do about it.
    pub what: String,
    /// The error underneath.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A failure with nothing underneath.
    pub fn new(what: impl Into<String>) -> Failure {
        Failure { what: what.into(), source: None }
    }

    /// A failure because of another error.
    pub fn because(what: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
        Failure { what: what.into(), source: Some(source.into()) }
    }
}

/// A part of the facts: what is absent narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only {
    /// One store, by the shop's key.
    pub store: Option<String>,
    /// One channel, as the files say it.
    pub channel: Option<String>,
    /// Orders from this day on.
    pub from: Option<Date>,
    /// Orders up to this day, inclusive.
    pub to: Option<Date>,
    /// These customers, by our ids; nobody who is unknown.
    pub customers: Option<Vec<String>>,
}

impl Only {
    /// Whether it is all of them.
    pub fn is_everything(&self) -> bool {
        *self == Only::default()
    }
}

/// Runs relations by name (`customer.rfm`).
pub trait Insights: Send + Sync {
    /// Make a table of inputs known under `name` (`run.parameters`, `fits.latest`), replacing what was there.
    fn provide(&self, name: &str, rows: Batch) -> Result<(), Failure>;

    /// All rows of a relation.
    fn run(&self, relation: &str) -> Result<Batch, Failure>;

    /// Compute a relation once and keep its rows for the relations that read it.
    fn keep(&self, relation: &str) -> Result<u64, Failure>;
}

/// Facts of one table out of the log, and what they stand in place of.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The table.
    pub table: Table,
    /// The rows, with the table's columns; absent optional ones may be left out.
    pub rows: Batch,
    /// Whose rows elsewhere these replace, though there be none of them here: orders, by `source` and `order_id`, where
    /// the table is [`Table::Lines`], since an order is corrected as a whole; else facts, by `row_key`.
    pub instead_of: Batch,
}

/// What the log has that the lake does not show yet.
pub trait Log: Send + Sync {
    /// Hand out all of it, a batch after the other; no two batches replace the same. Answers the versions of the lake
    /// it goes with, read as of the same instant: a fact is in those versions, or here, or here in their place.
    fn unsealed(
        &self,
        each: &mut dyn FnMut(Facts) -> Result<(), Failure>,
    ) -> Result<Vec<(Table, u64)>, Failure>;
}

/// The lake: fact tables that are appended to exactly once.
pub trait Lake: Send + Sync {
    /// Start to write the facts of `import`. Nothing is visible before [`Lake::commit`].
    fn stage(&self, import: Id) -> Result<Box<dyn Staging>, Failure>;

    /// Start to write facts out of the log that take the place of others. Nothing is visible before [`Lake::commit`].
    fn stage_log(&self, seal: Id) -> Result<Box<dyn Replacing>, Failure>;

    /// Make a prepared import visible, table by table, each under the import's application transaction id. Doing it
    /// again changes nothing. Returns the version of every table afterwards.
    fn commit(&self, prepared: &Prepared) -> Result<Vec<(Table, u64)>, Failure>;
}

/// The bit of a row's ordinal above which its file's number stands: an import may read many files, and equal rows
/// of two files are the same fact while equal rows of one file are two.
pub const FILE_SHIFT: u32 = 40;

/// An import being written.
pub trait Staging: Send {
    /// Write rows. The batch has the table's columns (absent optional ones may be left out) plus `row` (Int): the
    /// ordinal of the row in the import, its file's number above [`FILE_SHIFT`], by which repeats and contradictions
    /// are told.
    fn write(&mut self, table: Table, rows: Batch) -> Result<(), Failure>;

    /// Drop what the lake already has, and end with a plan that [`Lake::commit`] can carry out after any crash.
    ///
    /// Identity is `row_key`. Where it equals `content_key` a row is its content, and the lake keeps as many equal
    /// rows as the fullest single file has brought: repeats within a file count, overlapping files add nothing.
    /// Where it differs the key is the source's own (order and line, return id): one row each, the first wins, and a
    /// row with the same key and other content is reported as a contradiction.
    fn finish(self: Box<Self>) -> Result<Prepared, Failure>;
}

/// Facts out of the log being written.
pub trait Replacing: Send {
    /// Write facts, each of which has come once. What they replace will leave the lake.
    fn write(&mut self, facts: Facts) -> Result<(), Failure>;

    /// Find what leaves the lake, and end with a plan that [`Lake::commit`] can carry out after any crash.
    fn finish(self: Box<Self>) -> Result<Prepared, Failure>;
}

/// What an import will do to the lake; durable in state before it is carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    /// The import.
    pub import: Id,
    /// Per table: what happens.
    pub tables: Vec<PreparedTable>,
}

/// What an import will do to one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreparedTable {
    /// The table.
    pub table: Table,
    /// Rows that are new.
    pub rows_new: u64,
    /// Rows the lake has already.
    pub rows_known: u64,
    /// Ordinals of rows whose key is taken by other content: to be listed as rejected.
    pub contradictions: Vec<u64>,
    /// The files to add, in the lake's own words.
    pub actions: String,
}

/// What the clock says; the binary has the real one, tests and replays their own.
pub trait Clock: Send + Sync {
    /// Microseconds since 1970-01-01 UTC.
    fn now_micros(&self) -> i64;
}
