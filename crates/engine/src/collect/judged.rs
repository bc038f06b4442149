//! What judging a piece gives: rows for tables, customer keys and persons, rejects, and counts.

use super::refused::Reason;
use super::role::Role;
use super::table::{Filled, NOBODY};
use domain::fact::Table;
use rustc_hash::FxHashMap;

/// A row that is no fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reject {
    pub line: u64,
    /// Column from 0, where one is to blame.
    pub column: Option<usize>,
    pub value: String,
    pub reason: Reason,
}

/// Lines that are not data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// Blank lines.
    pub blank: u64,
    /// Totals and subtotals.
    pub totals: u64,
    /// The header again, as on every page of a print.
    pub headers: u64,
}

impl Skipped {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.blank + self.totals + self.headers
    }

    fn add(&mut self, other: &Skipped) {
        self.blank += other.blank;
        self.totals += other.totals;
        self.headers += other.headers;
    }
}

/// Rows counted by what was special about them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Rows read: every record below the header.
    pub read: u64,
    /// Rows that became facts.
    pub accepted: u64,
    /// Rows that became both a sale and its return, because the order was cancelled.
    pub cancelled: u64,
    /// Accepted rows without a customer, for any reason.
    pub anonymous: u64,
    /// Of those, with a placeholder as the customer.
    pub walk_in: u64,
    /// Of those, with a marketplace as the customer.
    pub marketplace: u64,
    /// Of those, bought by staff.
    pub staff: u64,
    /// Of those, with a masked key such as `090****567`.
    pub masked: u64,
    /// Returns, and of those how many have found their order.
    pub returns: u64,
    /// Returns with a known order.
    pub returns_joined: u64,
    /// Birthdays left out as placeholders.
    pub birthdays_left_out: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Counts) {
        self.read += other.read;
        self.accepted += other.accepted;
        self.cancelled += other.cancelled;
        self.anonymous += other.anonymous;
        self.walk_in += other.walk_in;
        self.marketplace += other.marketplace;
        self.staff += other.staff;
        self.masked += other.masked;
        self.returns += other.returns;
        self.returns_joined += other.returns_joined;
        self.birthdays_left_out += other.birthdays_left_out;
    }
}

/// A customer of a piece, as the shop knows them.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Which kind of key.
    pub role: Option<Role>,
    pub key: String,
    /// What else the row says about the person: role and cell.
    pub about: Vec<(Role, String)>,
}

/// What a customer said, and the key of the fact it belongs to.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub row_key: u128,
    pub who: u32,
    pub text: String,
}

/// A piece, judged.
pub(super) struct Judged {
    pub file: usize,
    pub tables: Vec<Filled>,
    pub known: Vec<Known>,
    pub said: Vec<Said>,
    pub rejects: Vec<Reject>,
    pub skipped: Skipped,
    pub counts: Counts,
    /// (pair, row in the first table): lines that a return may look for.
    pub sought: Vec<(u64, String)>,
    /// Bytes of the piece's keys by number.
    numbers: FxHashMap<String, u32>,
    /// First and last day of accepted rows.
    pub days: Option<(i32, i32)>,
}

impl Judged {
    pub(super) fn new(file: usize, tables: &[Table]) -> Judged {
        Judged {
            file,
            tables: tables.iter().map(|table| Filled::new(*table)).collect(),
            known: Vec::new(),
            said: Vec::new(),
            rejects: Vec::new(),
            skipped: Skipped::default(),
            counts: Counts::default(),
            sought: Vec::new(),
            numbers: FxHashMap::default(),
            days: None,
        }
    }

    /// The number of a customer key within the piece; `true` where it is new.
    pub(super) fn number(&mut self, role: Role, key: &str) -> (u32, bool) {
        if let Some(number) = self.numbers.get(key) {
            return (*number, false);
        }
        let number = self.known.len() as u32;
        assert!(number < NOBODY, "a piece has fewer customers than bytes");
        self.numbers.insert(key.to_owned(), number);
        self.known.push(Known { role: Some(role), key: key.to_owned(), about: Vec::new() });
        (number, true)
    }

    pub(super) fn saw_day(&mut self, day: i32) {
        self.days = Some(self.days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
    }

    pub(super) fn skip(&mut self, skipped: Skipped) {
        self.skipped.add(&skipped);
    }
}

impl std::ops::AddAssign for Skipped {
    fn add_assign(&mut self, other: Skipped) {
        self.add(&other);
    }
}
