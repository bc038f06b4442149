//! Wallets, and when their points run out.

use super::{Words, yes};
use crate::name::Name;
use crate::number::{Number, Rounding};
use crate::time::{Length, MonthDay, Period};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `[[wallet]]`: one kind of points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wallet {
    /// Its id.
    pub id: Name,
    /// Its name.
    pub name: Words,
    /// What a single point is called, where that is another word: `bean` of the beans. Words without a language are
    /// English. In a language without a plural the word stands beside every number, with its measure word: `颗豆` of
    /// the `豆`.
    pub one: Option<Words>,
    /// Digits after the point: 1 lets 1.2 points exist.
    #[serde(default)]
    pub precision: u32,
    /// How fractions below the precision are rounded.
    #[serde(default = "down")]
    pub rounding: Rounding,
    /// What a return does when the points are gone.
    #[serde(default = "clamp")]
    pub deficit: crate::ledger::Deficit,
    /// Points given back live at least that long.
    #[serde(default = "no_time")]
    pub restore_grace: Length,
    /// Whether points buy anything; status credits do not.
    #[serde(default = "yes")]
    pub spendable: bool,
    /// What one point costs the shop when it is spent, in the program's currency.
    pub worth: Option<Number>,
    /// How many points a member may send to others in a calendar month; absent means none.
    pub transfer_per_month: Option<Number>,
}

impl Wallet {
    /// What its points are called in a language, beside the number one or any other.
    pub fn called(&self, is_one: bool, code: &str) -> &str {
        let has_plural = code == "en";
        let one = self.one.as_ref().filter(|_| is_one || !has_plural).and_then(|one| match one {
            Words::One(text) => (code == "en").then_some(text.as_str()),
            Words::Many(texts) => {
                texts.get(code).or_else(|| texts.get(super::other_chinese(code)?)).map(String::as_str)
            }
        });
        one.unwrap_or_else(|| self.name.in_language(code))
    }
}

fn down() -> Rounding {
    Rounding::Down
}

fn clamp() -> crate::ledger::Deficit {
    crate::ledger::Deficit::Clamp
}

fn no_time() -> Length {
    Length { count: 0, unit: crate::time::Unit::Second }
}

/// For whose points a change of policy counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppliesTo {
    /// Points earned from then on; points there already keep their dates.
    NewPoints,
    /// All points: those there already get the date the new policy gives them.
    AllPoints,
    /// Members who joined from then on; earlier members keep the old policy for new points too.
    NewMembers,
}

/// `[[expiry]]`: one version of when a wallet's points run out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expiry {
    /// The wallet.
    pub wallet: Name,
    /// First day of this version; absent means always.
    #[serde(default, with = "super::super::day")]
    pub from: Option<Date>,
    /// Whose points it counts for.
    #[serde(default = "new_points")]
    pub applies_to: AppliesTo,
    /// Only while the member is in one of these tiers.
    #[serde(default)]
    pub tiers: Vec<Name>,
    /// Points never run out.
    #[serde(default)]
    pub never: bool,
    /// That long after they were earned.
    pub after: Option<Length>,
    /// Rounded up to the end of the day, month or year.
    pub round: Option<Period>,
    /// On this day of the year, every year.
    pub on: Option<MonthDay>,
    /// With `on`: points younger than this live until the year after.
    pub at_least: Option<Length>,
    /// That long after the member's last activity.
    pub idle: Option<Length>,
    /// Activity moves the end of all points by that much, once a calendar month.
    pub extend: Option<Length>,
}

fn new_points() -> AppliesTo {
    AppliesTo::NewPoints
}
