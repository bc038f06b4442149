//! What the files of a take-over hold, once read.

use crate::people::consents::Said;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Everything the files hold.
#[derive(Debug, Default)]
pub struct Book {
    /// Members, in the order of their file.
    pub members: Vec<Member>,
    /// Gift cards: code and minor units.
    pub gift_cards: Vec<(String, i64)>,
    /// What the old system says each member has: member's place, wallet's place, smallest units.
    pub balances: Vec<(usize, usize, i64)>,
    /// Sums the old system says.
    pub totals: BTreeMap<String, i64>,
    /// Places of members by the old system's key.
    pub(super) places: HashMap<String, usize>,
}

/// A member as the old system knows them.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
pub struct Member {
    /// The old system's key.
    pub key: String,
    /// Line in `members.csv`; not part of what they are.
    #[serde(skip)]
    pub line: u64,
    /// When they joined.
    pub joined_on: Date,
    /// When they were last active.
    pub last_active_on: Option<Date>,
    /// Identifiers beside the key: kind and value, as written.
    pub keys: Vec<(String, String)>,
    /// The line of each of them in its file; not part of what they are.
    #[serde(skip)]
    pub key_lines: Vec<u64>,
    /// What is known of them.
    pub fields: BTreeMap<String, String>,
    /// The shop's own attributes.
    pub attributes: BTreeMap<String, String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Points with their dates.
    pub lots: Vec<Lot>,
    /// Tiers: ladder's place, tier's place, first day, day of the end (exclusive).
    pub tiers: Vec<(usize, usize, Date, Option<Date>)>,
    /// What counts on a ladder: its place, day, units.
    pub progress: Vec<(usize, Date, i64)>,
    /// Vouchers.
    pub vouchers: Vec<Voucher>,
    /// Consents.
    pub consents: Vec<Consent>,
}

/// Points earned together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lot {
    /// The wallet's place.
    pub wallet: usize,
    /// Smallest units.
    pub units: i64,
    /// When they were earned.
    pub earned_at: Timestamp,
    /// When they can be used, where that is later.
    pub usable_from: Option<Timestamp>,
    /// When they end, exclusive.
    pub expires_at: Option<Timestamp>,
    /// The old system's word for where they come from.
    pub reference: String,
}

/// A voucher that can still be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Voucher {
    /// Its code.
    pub code: String,
    /// The reward.
    pub reward: String,
    /// The end, exclusive.
    pub ends_at: Timestamp,
    /// How often it can be used.
    pub uses_left: i64,
    /// Money off, minor units.
    pub value_minor: i64,
}

/// A consent with the proof there is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Consent {
    /// What was said.
    pub said: Said,
    /// Where it was said, in the old system's words.
    pub source: String,
    /// Line in `consents.csv`; not part of what was said.
    #[serde(skip)]
    pub line: u64,
}
