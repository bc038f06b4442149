//! The tables of a program file, as written. Unknown keys are errors; every number with a fraction is text.

mod campaign;
mod earning;
mod ladder;
mod reward;
mod wallet;

pub use campaign::{Mission, MissionCounts, Referral, Surprise};
pub use earning::{
    Around, Band, Basis, Budget, Counts, Earning, Festival, Fixed, Group, Multiply, Pending, PerAmount,
    PerUnit, Scope, Several, Side,
};
pub use ladder::{AsOf, Benefit, Counted, Downgrade, Ladder, Tier, Window};
pub use reward::{Limit, Pool, Price, Reward, RewardKind, Voucher};
pub use wallet::{AppliesTo, Expiry, Wallet};

use super::Lang;
use crate::name::Name;
use crate::number::Number;
use crate::time::{Length, Period};
use domain::Currency;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Words in several languages: one text for all, or one per language code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Words {
    /// The same in every language.
    One(String),
    /// By language: `en`, `vi`, `zh`.
    Many(BTreeMap<String, String>),
}

impl Words {
    /// The text in a language; what was written in one kind of Chinese serves readers of the other; else in English,
    /// else in whichever there is.
    pub fn in_language(&self, code: &str) -> &str {
        match self {
            Words::One(text) => text,
            Words::Many(texts) => texts
                .get(code)
                .or_else(|| texts.get(other_chinese(code)?))
                .or_else(|| texts.get("en"))
                .or_else(|| texts.values().next())
                .map_or("", |text| text),
        }
    }
}

/// The code of the other way to write Chinese.
fn other_chinese(code: &str) -> Option<&'static str> {
    match code {
        "zh" => Some("zh-Hant"),
        "zh-Hant" => Some("zh"),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Words, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "words in quotes, or one text per language such as { en = \"beans\", vi = \"hạt\" }",
                )
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Words, E> {
                said(text).map(Words::One)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Words, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some((code, text)) = map.next_entry::<String, String>()? {
                    if !Lang::ALL.iter().any(|lang| lang.code() == code) {
                        return Err(A::Error::custom(format!(
                            "'{code}' is no language of the rule book: write en, vi, zh or zh-Hant"
                        )));
                    }
                    texts.insert(code, said(&text)?);
                }
                if texts.is_empty() {
                    return Err(A::Error::custom("a name without words: write at least { en = \"…\" }"));
                }
                Ok(Words::Many(texts))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

/// A text that says something.
fn said<E: Error>(text: &str) -> Result<String, E> {
    match text.trim().is_empty() {
        true => Err(E::custom("a name is empty: write what people read there")),
        false => Ok(text.to_owned()),
    }
}

/// `[program]`: once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Its id.
    pub id: Name,
    /// Its name.
    pub name: Words,
    /// IANA zone of the program's days.
    pub zone: String,
    /// Currency of amounts that do not name one.
    pub currency: Currency,
    /// Where the facts come from and which source is followed where they differ.
    #[serde(default)]
    pub sources: Vec<String>,
    /// How long after an anonymous bill a member may claim it.
    pub claim_within: Option<Length>,
    /// How long after an order a return takes points back; absent means always.
    pub return_within: Option<Length>,
}

fn yes() -> bool {
    true
}

/// How often or how much at most, per member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// In what: an order, a day, week, month or year of the zone, or the rule's whole life.
    pub per: CapPer,
    /// At most so many points.
    pub points: Option<Number>,
    /// At most so many times.
    pub times: Option<u32>,
}

/// What a cap counts over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum CapPer {
    Order,
    Day,
    Week,
    Month,
    Year,
    Lifetime,
}

impl CapPer {
    /// The calendar period, where it is one.
    pub fn period(self) -> Option<Period> {
        match self {
            CapPer::Order => None,
            CapPer::Day => Some(Period::Day),
            CapPer::Week => Some(Period::Week),
            CapPer::Month => Some(Period::Month),
            CapPer::Year => Some(Period::Year),
            CapPer::Lifetime => Some(Period::Lifetime),
        }
    }
}

fn the_shop() -> Name {
    "shop".into()
}

/// `[[funder]]`: who pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Funder {
    /// Its id.
    pub id: Name,
    /// Its name.
    pub name: Words,
}

/// Points given as a present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gift {
    /// The wallet.
    pub wallet: Name,
    /// How many.
    pub points: Number,
    /// Who pays.
    #[serde(default = "the_shop")]
    pub funder: Name,
}

fn yearly() -> Period {
    Period::Year
}

fn once() -> u32 {
    1
}
