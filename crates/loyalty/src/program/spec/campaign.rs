//! Missions, referral and surprises.

use super::{Gift, Words, once, yearly, yes};
use crate::name::Name;
use crate::number::Number;
use crate::time::{Length, Period};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `[[mission]]`: a target, a period, a prize.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mission {
    /// Its id.
    pub id: Name,
    /// Its name.
    pub name: Words,
    /// What is counted.
    pub counts: MissionCounts,
    /// With `events`: which.
    pub event: Option<Name>,
    /// Only these lines (CEL).
    pub lines: Option<String>,
    /// Condition (CEL).
    pub when: Option<String>,
    /// How much of it.
    pub target: Number,
    /// In which period.
    pub period: Period,
    /// So many periods in a row; 1 is no streak.
    #[serde(default = "once")]
    pub streak: u32,
    /// Whether it can be completed again in a later period.
    #[serde(default = "yes")]
    pub again: bool,
    /// First day.
    #[serde(default, with = "super::super::day")]
    pub from: Option<Date>,
    /// The day after the last.
    #[serde(default, with = "super::super::day")]
    pub until: Option<Date>,
    /// The points.
    pub gift: Option<Gift>,
    /// A badge.
    pub badge: Option<Words>,
}

/// What a mission counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissionCounts {
    /// Orders.
    Orders,
    /// Money spent on the lines that count.
    Spend,
    /// Units bought.
    Units,
    /// Days with an order.
    Visits,
    /// Events of one name.
    Events,
}

/// `[[referral]]`: a member brings a friend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Referral {
    /// Its id.
    pub id: Name,
    /// The friend's first order of at least this amount makes it good.
    pub minimum: Number,
    /// It must come within that time of joining.
    pub within: Length,
    /// What the member gets.
    pub referrer: Option<Gift>,
    /// What the friend gets.
    pub friend: Option<Gift>,
    /// A referrer gets at most so many in a calendar month; more are flagged.
    pub per_month: Option<u32>,
    /// Flagged where friend and referrer share a mark of one of these kinds: `device`, `address`, `card`, `phone`, or
    /// whatever word stands before the colon of `marks`.
    #[serde(default)]
    pub flag_same: Vec<Name>,
    /// Points wait that long, so that the friend's order can come back first.
    pub delay: Option<Length>,
}

/// `[[surprise]]`: an unannounced gift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surprise {
    /// Its id.
    pub id: Name,
    /// Condition on order and member (CEL).
    pub when: Option<String>,
    /// One in so many eligible orders is chosen.
    pub one_in: u32,
    /// Per cent of the chosen who are held out and get nothing.
    pub holdout_percent: u8,
    /// All gifts together give at most so many points.
    pub budget: Number,
    /// At most once per member in the period.
    #[serde(default = "yearly")]
    pub once_per: Period,
    /// The points.
    pub gift: Gift,
    /// First day.
    #[serde(default, with = "super::super::day")]
    pub from: Option<Date>,
    /// The day after the last.
    #[serde(default, with = "super::super::day")]
    pub until: Option<Date>,
}
