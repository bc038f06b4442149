//! What an account holds at an instant, and the counters of its whole life.

use super::{Account, Posted, Posting, Pot, Start};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Counters of an account's whole life: reconciliation is a subtraction.
///
/// `usable + pending + held − owed` is always `earned + reinstated + refunded + adjusted_up + transferred_in −
/// (spent + expired + clawed_back + cancelled + adjusted_down + transferred_out)`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Earned under rules.
    pub earned: i64,
    /// Given by hand.
    pub adjusted_up: i64,
    /// Taken by hand.
    pub adjusted_down: i64,
    /// Spent for good.
    pub spent: i64,
    /// Given back after being spent.
    pub refunded: i64,
    /// Taken back because the order came back.
    pub clawed_back: i64,
    /// Given again because a return was undone.
    pub reinstated: i64,
    /// Ran out of time.
    pub expired: i64,
    /// Never became usable.
    pub cancelled: i64,
    /// Came from other members.
    pub transferred_in: i64,
    /// Went to other members.
    pub transferred_out: i64,
}

impl Totals {
    pub(super) fn add(&mut self, posting: &Posting) {
        for line in &posting.lines {
            let (amount, kind) = (line.amount, posting.kind);
            match line.pot {
                Pot::Issued if kind == Posted::AdjustUp => self.adjusted_up -= amount,
                Pot::Issued => self.earned -= amount,
                Pot::Adjusted => self.adjusted_down += amount,
                Pot::Redeemed if amount < 0 => self.refunded -= amount,
                Pot::Redeemed => self.spent += amount,
                Pot::ClawedBack if amount < 0 => self.reinstated -= amount,
                Pot::ClawedBack => self.clawed_back += amount,
                Pot::Expired => self.expired += amount,
                Pot::Cancelled => self.cancelled += amount,
                Pot::Transferred if amount < 0 => self.transferred_in -= amount,
                Pot::Transferred => self.transferred_out += amount,
                Pot::Lot(_) | Pot::Held(_) | Pot::Owed => {}
            }
        }
    }

    /// What the counters say the member has: lots, held points and debt together.
    pub fn net(&self) -> i64 {
        let plus = self.earned + self.reinstated + self.refunded + self.adjusted_up + self.transferred_in;
        let minus = self.spent + self.expired + self.clawed_back + self.cancelled;
        plus - minus - self.adjusted_down - self.transferred_out
    }
}

/// What an account holds at an instant, in smallest units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// At this instant.
    pub at: Timestamp,
    /// Can be spent.
    pub available: i64,
    /// Earned, not usable yet.
    pub pending: i64,
    /// Set aside by open holds.
    pub held: i64,
    /// Owed after a clawback, zero or more.
    pub owed: i64,
    /// Counters of the whole life.
    pub totals: Totals,
    /// When and how many usable points will expire, soonest first, unless spent before.
    pub expirations: Vec<(Timestamp, i64)>,
    /// When and how many pending points will become usable, soonest first.
    pub activations: Vec<(Timestamp, i64)>,
}

impl Account {
    /// The balance at `at`, which is not before the last posting. Nothing is posted.
    pub fn balance(&self, at: Timestamp) -> Balance {
        if self.next_due_at().is_some_and(|due| due <= at) {
            let mut later = self.clone();
            later.advance(at, &mut Vec::new());
            return later.balance_now(at);
        }
        self.balance_now(at)
    }

    fn balance_now(&self, at: Timestamp) -> Balance {
        let mut pending = 0;
        let mut activations = Vec::new();
        for (_, lot) in self.lots.iter().filter(|(_, lot)| lot.left > 0 && lot.start != Start::Usable) {
            pending += lot.left;
            if let Start::At(begin) = lot.start {
                activations.push((begin, lot.left));
            }
        }
        let expirations = self.usable_lots().filter_map(|lot| {
            let lot = &self.lots[lot];
            Some((lot.expires_at?, lot.left))
        });
        Balance {
            at,
            available: self.usable(),
            pending,
            held: self.holds.values().flat_map(|hold| &hold.parts).map(|(_, amount)| amount).sum(),
            owed: self.owed(),
            totals: self.totals,
            expirations: joined(expirations.collect()),
            activations: joined(activations),
        }
    }
}

fn joined(mut dated: Vec<(Timestamp, i64)>) -> Vec<(Timestamp, i64)> {
    dated.sort_unstable();
    dated.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            earlier.1 += later.1;
        }
        same
    });
    dated
}

/// The account after all postings that took effect up to and including `at`.
pub fn replay(program: &str, member: &str, wallet: &str, postings: &[Posting], at: Timestamp) -> Account {
    let mut account = Account::open(program, member, wallet);
    for posting in postings.iter().take_while(|posting| posting.at <= at) {
        account.apply(posting);
    }
    account
}

/// The balance at any instant, from the postings alone. Whether a job had posted an expiry by then makes no
/// difference.
pub fn balance_at(program: &str, member: &str, wallet: &str, postings: &[Posting], at: Timestamp) -> Balance {
    replay(program, member, wallet, postings, at).balance(at)
}
