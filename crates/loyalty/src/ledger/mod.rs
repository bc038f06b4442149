//! The points ledger of one member in one wallet: double entry, append-only, in the wallet's smallest unit.
//!
//! A command (earn, spend, hold …) is judged against the account and becomes one [`Posting`]: lines that sum to
//! zero, chained to the posting before by a hash. The account is nothing but the fold of its postings, so a replay
//! gives the same account, at any point in time.
//!
//! What time alone does (a lot expires, a hold lapses, pending points become usable) is posted by
//! [`Account::advance`], at the instant it was due and in the order it was due, before any command is judged. A job
//! that calls `advance` often, late, twice or never therefore leaves the same chain, hash for hash. A fact that
//! arrives late is posted now and keeps its own time in the lot and in its [`Cause`]: the chain's time never runs
//! backwards.
//!
//! The ledger does not know why points are earned or what they buy: no rules, tiers, money or clock here.

mod account;
mod balance;
mod chain;
mod command;
mod lots;

pub use account::{Account, Hold, Lot, Spent};
pub use balance::{Balance, Totals, balance_at, replay};
pub use chain::{Fault, Hash, verify};
pub use command::{Deficit, Moved, Opening, Refused, Taken};

use crate::name::Name;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A lot's number in its account: the first lot is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LotId(pub u32);

/// Where points are. Signs are those of the pot: points earned are a negative line on `Issued` and a positive one on
/// a lot; all pots together always hold zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pot {
    /// Where points come from.
    Issued,
    /// Points of the member, pending or usable.
    Lot(LotId),
    /// Points set aside for a redemption, by the hold's id.
    Held(Name),
    /// What the member owes after a clawback beyond the balance; zero or negative.
    Owed,
    /// Points spent for good.
    Redeemed,
    /// Points that ran out of time.
    Expired,
    /// Points taken back because what earned them came back.
    ClawedBack,
    /// Pending points whose condition never came true.
    Cancelled,
    /// Points on their way between members; zero over all members together.
    Transferred,
    /// Points taken off by hand.
    Adjusted,
}

/// One side of a posting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Where.
    pub pot: Pot,
    /// How many smallest units, signed.
    pub amount: i64,
}

/// What a posting does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Posted {
    /// Points earned under a rule.
    Earn,
    /// Points given by hand.
    AdjustUp,
    /// Points taken by hand.
    AdjustDown,
    /// Pending points become usable.
    Activate,
    /// Pending points whose condition did not come true.
    Cancel,
    /// Points set aside.
    Hold,
    /// A hold given back, by hand or because it lapsed.
    Release,
    /// A hold made final.
    Capture,
    /// Points spent at once.
    Spend,
    /// Spent points given back.
    Refund,
    /// Earned points taken back.
    Clawback,
    /// A clawback undone.
    Reinstate,
    /// Usable points pay what was owed.
    Repay,
    /// A lot ran out of time.
    Expire,
    /// A lot's dates changed; no points move.
    Extend,
    /// Points leave for another member.
    TransferOut,
    /// Points come from another member.
    TransferIn,
    /// All points leave because this member was merged into another.
    MergeOut,
    /// Points come from a merged member.
    MergeIn,
}

/// Why a posting was made: the fact behind it and, for earnings, the rule as it stood.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cause {
    /// What kind of fact: `order`, `return`, `event`, `redemption`, `time`, `staff` …
    pub kind: Name,
    /// Its id.
    pub id: Name,
    /// The rule, for points that a rule gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Name>,
    /// Which version of the rule: the hash of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Name>,
    /// Who pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funder: Option<Name>,
}

impl Cause {
    /// A cause without a rule.
    pub fn new(kind: &str, id: &str) -> Cause {
        Cause { kind: kind.into(), id: id.into(), rule: None, version: None, funder: None }
    }
}

/// When a lot becomes usable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// It is usable.
    Usable,
    /// From an instant.
    At(Timestamp),
    /// When an event comes; cancelled where it has not come before `until`.
    On {
        /// The event's name.
        event: Name,
        /// The end, exclusive; absent means it may wait for ever.
        until: Option<Timestamp>,
    },
}

/// What a posting says about lots and holds besides amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Terms {
    /// A new lot. Its number is the next one.
    Lot {
        /// When the points were earned, by the fact's own time.
        earned_at: Timestamp,
        /// When they become usable.
        start: Start,
        /// When they stop being usable, exclusive; absent means never.
        expires_at: Option<Timestamp>,
        /// The lot these points belonged to, where they were given back or came from another member.
        origin: Option<LotId>,
    },
    /// A lot gets other dates.
    Dates {
        /// Which.
        lot: LotId,
        /// When usable.
        start: Start,
        /// Until when.
        expires_at: Option<Timestamp>,
    },
    /// A new hold.
    Hold {
        /// Its id.
        hold: Name,
        /// When it lapses by itself.
        expires_at: Timestamp,
    },
}

/// One immutable step of the ledger: lines that sum to zero, chained to the step before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Its place in the account, from 0.
    pub number: u64,
    /// When it took effect; never before the posting before it.
    pub at: Timestamp,
    /// What it does.
    pub kind: Posted,
    /// Why.
    pub cause: Cause,
    /// The entries; they sum to zero.
    pub lines: Vec<Line>,
    /// Dates of lots and holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Terms>,
    /// Hash of this posting and, through it, of all before.
    pub hash: Hash,
}

impl Posting {
    /// What the posting did to what the member has (lots, held points, debt together).
    pub fn change(&self) -> i64 {
        let own = |pot: &Pot| matches!(pot, Pot::Lot(_) | Pot::Held(_) | Pot::Owed);
        self.lines.iter().filter(|line| own(&line.pot)).map(|line| line.amount).sum()
    }

    /// Sum of the lines on one pot.
    pub fn on(&self, pot: &Pot) -> i64 {
        self.lines.iter().filter(|line| line.pot == *pot).map(|line| line.amount).sum()
    }
}
