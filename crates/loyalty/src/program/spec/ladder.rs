//! Tiers.

use super::{Around, Gift, Words, yearly};
use crate::name::Name;
use crate::number::Number;
use crate::time::{Length, MonthDay, Period};
use serde::{Deserialize, Serialize};

/// `[[ladder]]`: a scale of tiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// Its id.
    pub id: Name,
    /// Its name.
    pub name: Words,
    /// What is counted.
    pub counts: Counted,
    /// With `points`: the wallet whose earned points count (never its balance).
    pub wallet: Option<Name>,
    /// Over what.
    pub window: Window,
    /// With a rolling window: how long.
    pub length: Option<Length>,
    /// With `calendar_year`: the day the year begins.
    #[serde(default = "new_year")]
    pub year_begins: MonthDay,
    /// How long a tier lasts once reached.
    pub lasts: Option<Length>,
    /// A tier lasts until the end of the year after the one it was reached in.
    #[serde(default)]
    pub lasts_next_year: bool,
    /// Extra time before a tier is lost.
    pub grace: Option<Length>,
    /// What happens at the end.
    #[serde(default)]
    pub downgrade: Downgrade,
    /// The tier an order sees: now, or as it was at the end of the day before.
    #[serde(default)]
    pub as_of: AsOf,
    /// How long ahead a member is told that a tier will be lost.
    pub warn: Option<Length>,
    /// The levels, lowest first.
    pub tier: Vec<Tier>,
}

fn new_year() -> MonthDay {
    MonthDay { month: 1, day: 1 }
}

/// What a ladder counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Points earned in a wallet.
    Points,
    /// Money spent.
    Spend,
    /// Orders.
    Orders,
    /// Days with an order.
    Visits,
}

/// Over what a ladder counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The last so long.
    Rolling,
    /// The calendar year, or a year that begins on another day.
    CalendarYear,
    /// Years counted from the day of joining.
    Anniversary,
    /// Since the present tier was reached.
    TierStart,
}

/// What happens when a tier ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Downgrade {
    /// Nothing: a tier once reached is kept.
    None,
    /// One level down.
    OneStep,
    /// To whatever the window now gives.
    #[default]
    ReEvaluate,
}

/// The moment whose tier an order sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AsOf {
    /// At the order.
    #[default]
    Now,
    /// At the end of the day before the order.
    PreviousDay,
}

/// One level of a ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Its id, unique in the program.
    pub id: Name,
    /// Its name.
    pub name: Words,
    /// What it takes.
    pub threshold: Number,
    /// Never lost once reached.
    #[serde(default)]
    pub keep: bool,
    /// Points on reaching it.
    pub bonus: Option<Gift>,
    /// What members of the tier may use.
    #[serde(default)]
    pub benefits: Vec<Benefit>,
}

/// Something a tier grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    /// Its id.
    pub id: Name,
    /// Its name.
    pub name: Words,
    /// How often in the period; absent means always.
    pub quota: Option<u32>,
    /// The period of the quota.
    #[serde(default = "yearly")]
    pub per: Period,
    /// Only around the member's birthday.
    pub birthday: Option<Around>,
}
