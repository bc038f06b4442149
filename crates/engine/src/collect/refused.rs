//! How an import says no: to the whole file ([`Refused`]), to one row of it ([`Reason`]), or because the world
//! failed (`domain::port::Failure`).

use domain::port::Failure;
use std::fmt;

/// Why a file cannot be imported as it is. The shop's to answer: each message says what, which and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing was named.
    #[error("no file given; name at least one file, or - for standard input")]
    NoInput,
    /// A pattern or path that leads nowhere.
    #[error("{0}: no such file; check the path, or quote the pattern if it has * in it")]
    NoSuchFile(String),
    /// No byte in it.
    #[error("{0} is empty; export it again")]
    Empty(String),
    /// A header and nothing under it.
    #[error("{0} has a header and no rows; export it again with the orders in it")]
    NoRows(String),
    /// Not a table at all.
    #[error(
        "{0} is a binary file of a kind that is not read here; known kinds: CSV, TSV, Excel (xlsx, xls), JSON lines, Parquet, each plain or as gz, zst, zip"
    )]
    Binary(String),
    /// JSON of another shape.
    #[error(
        "{0} is JSON, but not JSON lines: write each row as one object on a line of its own, without a list around them"
    )]
    NotJsonLines(String),
    /// A compressed file that ends early or is damaged.
    #[error("{file}: the compressed data is damaged or ends early ({detail}); copy or export it again")]
    Damaged {
        /// The file.
        file: String,
        /// What the decoder said.
        detail: String,
    },
    /// One record beyond the bound that keeps memory bounded.
    #[error(
        "{file} line {line}: one row is longer than {limit_bytes} bytes; a quotation mark may be open, or --delimiter or --encoding be wrong"
    )]
    RowTooLong {
        /// The file.
        file: String,
        /// Line at which the row begins, from 1.
        line: u64,
        /// The bound.
        limit_bytes: usize,
    },
    /// More columns than a table of a shop has.
    #[error("{file} has {found} columns; at most {limit} are read: is --delimiter right?")]
    TooManyColumns {
        /// The file.
        file: String,
        /// How many there are.
        found: usize,
        /// The bound.
        limit: usize,
    },
    /// Every date reads both ways.
    #[error(
        "{file}: the dates of column '{column}' read as day first and as month first alike (such as {example}); say which with --date-order dmy or --date-order mdy"
    )]
    DateOrder {
        /// The file.
        file: String,
        /// The column's name or number.
        column: String,
        /// One such date.
        example: String,
    },
    /// Every amount reads both ways.
    #[error(
        "{file}: column '{column}' has amounts such as {example}, where the mark may stand for thousands or for decimals; say which with --decimal point or --decimal comma"
    )]
    DecimalMark {
        /// The file.
        file: String,
        /// The column's name or number.
        column: String,
        /// One such amount.
        example: String,
    },
    /// A column that the kind of import cannot do without.
    #[error(
        "{file}: no column for {role} was recognised among: {columns}; name it with --map {role}=COLUMN{hint}"
    )]
    NoColumn {
        /// The file.
        file: String,
        /// The missing role.
        role: String,
        /// The columns there are.
        columns: String,
        /// More to know, or nothing.
        hint: String,
    },
    /// `--map` names a column that is not there.
    #[error("--map {role}={column}: {file} has no such column; it has: {columns}")]
    NoSuchColumn {
        /// The file.
        file: String,
        /// The role.
        role: String,
        /// What was asked for.
        column: String,
        /// The columns there are.
        columns: String,
    },
    /// `--map` says something that is not understood.
    #[error("--map {text}: expected ROLE=COLUMN or NUMBER=ROLE; roles of this import: {roles}")]
    BadMap {
        /// What was given.
        text: String,
        /// The roles there are.
        roles: String,
    },
    /// An option that is not understood.
    #[error("{option} {value}: {expected}")]
    BadOption {
        /// The option.
        option: &'static str,
        /// What was given.
        value: String,
        /// What would be understood.
        expected: String,
    },
    /// A mapping file that cannot be used.
    #[error("mapping {name}: {detail}")]
    BadMapping {
        /// Its name.
        name: String,
        /// What is wrong with it.
        detail: String,
    },
    /// No row was fit to be imported.
    #[error(
        "{file}: all {rows} rows were rejected, the first at line {line} because of: {reason}; the rejected rows are in {rejects}"
    )]
    NothingAccepted {
        /// The file.
        file: String,
        /// Rows read.
        rows: u64,
        /// Line of the first one.
        line: u64,
        /// Why that one.
        reason: String,
        /// Where they are.
        rejects: String,
    },
    /// A bad row, where the shop wants none.
    #[error(
        "{file} line {line}, column '{column}', value '{value}': {reason}; nothing was imported (--on-bad stop)"
    )]
    BadRow {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// What stood there.
        value: String,
        /// Why it is bad.
        reason: String,
    },
}

/// How an import ends when it does not end well.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The input is refused: exit code 1.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The world failed: exit code 3.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Why one row is not a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// A needed cell is blank.
    Missing,
    /// The cell is no date or time in the form of its column.
    NotADate,
    /// The cell is no number in the form of its column.
    NotANumber,
    /// A number with more digits than an amount has.
    TooLarge,
    /// Before the first day that is believed.
    TooEarly,
    /// After the last day that is believed.
    TooLate,
    /// A price below zero that is not a return.
    NegativePrice,
    /// An amount in another currency than the shop's.
    OtherCurrency,
    /// Bytes that are not text in the file's encoding.
    Encoding,
    /// More cells than the header has.
    TooManyCells,
    /// A quotation mark that is never closed.
    OpenQuote,
    /// JSON that is not an object.
    NotAnObject,
    /// A customer key that is too long or holds a NUL.
    NotAKey,
    /// The key belongs to other content.
    Contradiction,
}

impl Reason {
    /// All of them.
    pub const ALL: [Reason; 14] = [
        Reason::Missing,
        Reason::NotADate,
        Reason::NotANumber,
        Reason::TooLarge,
        Reason::TooEarly,
        Reason::TooLate,
        Reason::NegativePrice,
        Reason::OtherCurrency,
        Reason::Encoding,
        Reason::TooManyCells,
        Reason::OpenQuote,
        Reason::NotAnObject,
        Reason::NotAKey,
        Reason::Contradiction,
    ];

    /// A word for it, by which others say it in their language.
    pub const fn code(self) -> &'static str {
        match self {
            Reason::Missing => "missing",
            Reason::NotADate => "not-a-date",
            Reason::NotANumber => "not-a-number",
            Reason::TooLarge => "too-large",
            Reason::TooEarly => "too-early",
            Reason::TooLate => "too-late",
            Reason::NegativePrice => "negative-price",
            Reason::OtherCurrency => "other-currency",
            Reason::Encoding => "encoding",
            Reason::TooManyCells => "too-many-cells",
            Reason::OpenQuote => "open-quote",
            Reason::NotAnObject => "not-an-object",
            Reason::NotAKey => "not-a-key",
            Reason::Contradiction => "contradiction",
        }
    }

    /// A sentence for the rejects file.
    pub const fn text(self) -> &'static str {
        match self {
            Reason::Missing => "the cell is blank and is needed",
            Reason::NotADate => "not a date in the form of this column",
            Reason::NotANumber => "not a number in the form of this column",
            Reason::TooLarge => "more digits than an amount can have",
            Reason::TooEarly => {
                "before the first day that is believed; a mapping can set another one: earliest"
            }
            Reason::TooLate => "after the last day that is believed; a mapping can set another one: latest",
            Reason::NegativePrice => "a price below zero that is not a return",
            Reason::OtherCurrency => {
                "another currency than the shop's; import it apart with --currency and --source"
            }
            Reason::Encoding => "bytes that are not text in the encoding of the file; see --encoding",
            Reason::TooManyCells => {
                "more cells than the header has; a delimiter may stand unquoted in a cell"
            }
            Reason::OpenQuote => "a quotation mark opened here is never closed",
            Reason::NotAKey => "no key of a customer: longer than 512 bytes, or with a NUL in it",
            Reason::NotAnObject => "not a JSON object",
            Reason::Contradiction => {
                "the same key was brought before with other content; the first one stays"
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
