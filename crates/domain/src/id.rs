//! Prefixed, time-ordered ids: `cus_01jdx…`. The prefix says what the id names, the rest sorts by creation.
//!
//! The 26 characters are Crockford base 32 of 48 bits of milliseconds and 80 bits of chance (the ULID layout), in
//! lower case. Both are arguments, so that a test or a replay gets the same ids again.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const BODY: usize = 26;

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `cus_`, a customer.
    Customer,
    /// `ord_`, an order.
    Order,
    /// `imp_`, one run of an import.
    Import,
    /// `stf_`, somebody who works in the shop.
    Staff,
    /// `sea_`, one batch of the log on its way into the lake.
    Seal,
}

impl Kind {
    /// The letters before the underscore.
    pub const fn prefix(self) -> &'static str {
        match self {
            Kind::Customer => "cus",
            Kind::Order => "ord",
            Kind::Import => "imp",
            Kind::Staff => "stf",
            Kind::Seal => "sea",
        }
    }
}

/// A prefixed id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    kind: Kind,
    body: u128,
}

impl Id {
    /// An id made at `millis` (Unix milliseconds, the low 48 bits count) with 80 bits of `chance`.
    pub fn new(kind: Kind, millis: u64, chance: u128) -> Id {
        let time = u128::from(millis & 0xffff_ffff_ffff) << 80;
        Id { kind, body: time | (chance & ((1 << 80) - 1)) }
    }

    /// An id with a given body; for ids that must come out of their content, such as an import's.
    pub fn from_body(kind: Kind, body: u128) -> Id {
        Id { kind, body }
    }

    /// What it names.
    pub fn kind(self) -> Kind {
        self.kind
    }

    /// The 128 bits behind the letters.
    pub fn body(self) -> u128 {
        self.body
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = [0u8; BODY];
        for (place, letter) in letters.iter_mut().enumerate() {
            let shift = 5 * (BODY - 1 - place);
            *letter = ALPHABET[((self.body >> shift) & 31) as usize];
        }
        let text = std::str::from_utf8(&letters).expect("the alphabet is ASCII");
        write!(f, "{}_{}", self.kind.prefix(), text)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no id of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an id: expected a prefix such as 'cus_' and 26 letters or digits")]
pub struct NotAnId(pub String);

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Id, NotAnId> {
        let no = || NotAnId(text.to_owned());
        let (prefix, body) = text.split_once('_').ok_or_else(no)?;
        let kind = [Kind::Customer, Kind::Order, Kind::Import, Kind::Staff, Kind::Seal]
            .into_iter()
            .find(|kind| kind.prefix() == prefix)
            .ok_or_else(no)?;
        if body.len() != BODY || body.as_bytes()[0] > b'7' {
            return Err(no());
        }
        let mut value = 0u128;
        for byte in body.bytes() {
            let digit = ALPHABET.iter().position(|&letter| letter == byte).ok_or_else(no)?;
            value = (value << 5) | digit as u128;
        }
        Ok(Id { kind, body: value })
    }
}

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let id = Id::new(Kind::Customer, 1_762_000_000_000, 0x1234_5678_9abc_def0_1234);
        let text = id.to_string();
        assert_eq!(text.len(), 30);
        assert_eq!(text.parse::<Id>(), Ok(id));
        assert!("cus_short".parse::<Id>().is_err());
        assert!("xxx_01jbhv9w00000000000000000".parse::<Id>().is_err());
    }

    #[test]
    fn later_ids_sort_later_as_text() {
        let early = Id::new(Kind::Order, 1_000, u128::MAX).to_string();
        let late = Id::new(Kind::Order, 1_001, 0).to_string();
        assert!(early < late, "{early} {late}");
    }
}
