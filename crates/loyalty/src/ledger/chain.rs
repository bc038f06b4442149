//! The hash chain: each posting's hash covers its content and the hash before, so that nobody can change, drop or
//! reorder a posting without every later hash being wrong.

use super::{Account, Line, Posting, Pot, Start, Terms};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A BLAKE3 hash, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(blake3::Hash::from_bytes(self.0).to_hex().as_str())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex()[..8])
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hash = blake3::Hash::from_hex(&text).map_err(serde::de::Error::custom)?;
        Ok(Hash(*hash.as_bytes()))
    }
}

/// What a chain begins with: the identity of the account, so that a chain cannot be moved to another member.
pub(super) fn genesis(program: &str, member: &str, wallet: &str) -> Hash {
    let mut bytes = Vec::new();
    for text in ["perennial ledger 1", program, member, wallet] {
        put_text(&mut bytes, text);
    }
    Hash(*blake3::hash(&bytes).as_bytes())
}

/// The hash of a posting after `previous`.
pub(super) fn hash(previous: Hash, posting: &Posting) -> Hash {
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(&previous.0);
    bytes.extend_from_slice(&posting.number.to_le_bytes());
    put_time(&mut bytes, posting.at);
    bytes.push(posting.kind as u8);
    let cause = &posting.cause;
    put_text(&mut bytes, cause.kind.as_str());
    put_text(&mut bytes, cause.id.as_str());
    for part in [&cause.rule, &cause.version, &cause.funder] {
        bytes.push(u8::from(part.is_some()));
        put_text(&mut bytes, part.as_ref().map_or("", |name| name.as_str()));
    }
    bytes.extend_from_slice(&(posting.lines.len() as u64).to_le_bytes());
    for line in &posting.lines {
        put_line(&mut bytes, line);
    }
    bytes.extend_from_slice(&(posting.terms.len() as u64).to_le_bytes());
    for terms in &posting.terms {
        put_terms(&mut bytes, terms);
    }
    Hash(*blake3::hash(&bytes).as_bytes())
}

// Every variable part carries its length: no two different postings have the same bytes.
fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn put_time(bytes: &mut Vec<u8>, at: Timestamp) {
    bytes.extend_from_slice(&at.as_nanosecond().to_le_bytes());
}

fn put_maybe_time(bytes: &mut Vec<u8>, at: Option<Timestamp>) {
    bytes.push(u8::from(at.is_some()));
    put_time(bytes, at.unwrap_or(Timestamp::UNIX_EPOCH));
}

fn put_line(bytes: &mut Vec<u8>, line: &Line) {
    let (tag, number, text) = match &line.pot {
        Pot::Issued => (0u8, 0, ""),
        Pot::Lot(lot) => (1, lot.0, ""),
        Pot::Held(hold) => (2, 0, hold.as_str()),
        Pot::Owed => (3, 0, ""),
        Pot::Redeemed => (4, 0, ""),
        Pot::Expired => (5, 0, ""),
        Pot::ClawedBack => (6, 0, ""),
        Pot::Cancelled => (7, 0, ""),
        Pot::Transferred => (8, 0, ""),
        Pot::Adjusted => (9, 0, ""),
    };
    bytes.push(tag);
    bytes.extend_from_slice(&number.to_le_bytes());
    put_text(bytes, text);
    bytes.extend_from_slice(&line.amount.to_le_bytes());
}

fn put_start(bytes: &mut Vec<u8>, start: &Start) {
    match start {
        Start::Usable => bytes.push(0),
        Start::At(at) => {
            bytes.push(1);
            put_time(bytes, *at);
        }
        Start::On { event, until } => {
            bytes.push(2);
            put_text(bytes, event.as_str());
            put_maybe_time(bytes, *until);
        }
    }
}

fn put_terms(bytes: &mut Vec<u8>, terms: &Terms) {
    match terms {
        Terms::Lot { earned_at, start, expires_at, origin } => {
            bytes.push(0);
            put_time(bytes, *earned_at);
            put_start(bytes, start);
            put_maybe_time(bytes, *expires_at);
            bytes.push(u8::from(origin.is_some()));
            bytes.extend_from_slice(&origin.map_or(0, |lot| lot.0).to_le_bytes());
        }
        Terms::Dates { lot, start, expires_at } => {
            bytes.push(1);
            bytes.extend_from_slice(&lot.0.to_le_bytes());
            put_start(bytes, start);
            put_maybe_time(bytes, *expires_at);
        }
        Terms::Hold { hold, expires_at } => {
            bytes.push(2);
            put_text(bytes, hold.as_str());
            put_time(bytes, *expires_at);
        }
    }
}

/// What is wrong with a chain, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A posting is missing, doubled or out of place.
    #[error("posting {found} stands where posting {expected} belongs: look for a lost or repeated row")]
    OutOfPlace {
        /// The number that belongs here.
        expected: u64,
        /// The number found.
        found: u64,
    },
    /// The content is not what was hashed.
    #[error("posting {0} does not match its hash: it, or one before it, was changed after it was written")]
    Altered(u64),
    /// The lines do not sum to zero.
    #[error("posting {number} does not balance: its lines sum to {sum}")]
    Unbalanced {
        /// Which.
        number: u64,
        /// What they sum to.
        sum: i128,
    },
    /// Time runs backwards.
    #[error("posting {0} is dated before the posting that precedes it")]
    Backwards(u64),
    /// A pot holds less than nothing, or a line names a lot or hold that does not exist.
    #[error("posting {number}: {what}")]
    Impossible {
        /// Which.
        number: u64,
        /// What.
        what: String,
    },
}

/// Check a whole account from its first posting: order, hashes, balance of every posting, no lot or hold below zero,
/// nothing spent from an expired or pending lot. Returns all faults; empty means proven.
pub fn verify(program: &str, member: &str, wallet: &str, postings: &[Posting]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut account = Account::open(program, member, wallet);
    let mut previous = genesis(program, member, wallet);
    for (place, posting) in postings.iter().enumerate() {
        let expected = place as u64;
        let number = posting.number;
        if number != expected {
            faults.push(Fault::OutOfPlace { expected, found: number });
        }
        if hash(previous, posting) != posting.hash {
            faults.push(Fault::Altered(number));
        }
        let sum: i128 = posting.lines.iter().map(|line| i128::from(line.amount)).sum();
        if sum != 0 {
            faults.push(Fault::Unbalanced { number, sum });
        }
        if place > 0 && posting.at < postings[place - 1].at {
            faults.push(Fault::Backwards(number));
        }
        if let Err(what) = account.check_and_apply(posting) {
            faults.push(Fault::Impossible { number, what });
        }
        previous = posting.hash;
    }
    faults
}
