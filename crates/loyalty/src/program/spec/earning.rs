//! How points are earned: rules, what of an order counts, windows, caps, budgets, and groups of rules.

use super::{Cap, Words, the_shop, yes};
use crate::name::Name;
use crate::number::Number;
use crate::time::{Day, Hours, Length, MonthDay, Period};
use domain::Currency;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What of an order counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Basis {
    /// `after` (what is paid) or `before` the discount.
    pub discount: Side,
    /// Whether tax counts.
    pub tax: Counts,
    /// Whether shipping counts.
    pub shipping: Counts,
    /// Whether the part paid with points counts.
    pub points_paid: Counts,
    /// The part paid with these tenders does not count.
    pub exclude_tenders: Vec<Name>,
    /// Lines of these categories do not count.
    pub exclude_categories: Vec<Name>,
    /// Lines of these products do not count.
    pub exclude_products: Vec<Name>,
}

impl Default for Basis {
    fn default() -> Basis {
        Basis {
            discount: Side::After,
            tax: Counts::Included,
            shipping: Counts::Excluded,
            points_paid: Counts::Excluded,
            exclude_tenders: Vec::new(),
            exclude_categories: Vec::new(),
            exclude_products: Vec::new(),
        }
    }
}

/// Before or after the discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Side {
    Before,
    After,
}

/// Whether something counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Counts {
    Included,
    Excluded,
}

/// `per_amount`: points for every so much money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerAmount {
    /// For every so much.
    pub every: Number,
    /// So many points.
    pub points: Number,
    /// Only whole multiples of `every` count.
    #[serde(default = "yes")]
    pub whole: bool,
    /// Nothing below this amount.
    pub minimum: Option<Number>,
    /// Floor per bill or per line.
    #[serde(default)]
    pub per: Scope,
}

/// Whether fractions are dropped once per bill or on each line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Scope {
    #[default]
    Bill,
    Line,
}

/// One band of `bands`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// From this amount.
    pub from: Number,
    /// Below this amount; the last band has none.
    pub below: Option<Number>,
    /// So many points for an amount in the band.
    pub points: Number,
}

/// `fixed`: so many points a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    /// How many.
    pub points: Number,
    /// Only where the amount that counts is at least this.
    pub minimum: Option<Number>,
}

/// `per_unit`: points for each unit bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerUnit {
    /// How many points.
    pub points: Number,
}

/// `multiply`: a bonus on what other rules gave for the same order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Multiply {
    /// The rules whose points are multiplied.
    pub of: Vec<Name>,
    /// By how much in all: 2 doubles, so that the bonus is as much again.
    pub by: Number,
}

/// `pending`: points that wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// That long.
    pub delay: Option<Length>,
    /// Until this day.
    #[serde(default, with = "super::super::day")]
    pub until: Option<Date>,
    /// Until this event comes.
    pub event: Option<Name>,
    /// With `event`: cancelled where it has not come within that time.
    pub within: Option<Length>,
}

/// How much all members together get at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// So many points.
    pub points: Number,
    /// In each such period.
    #[serde(default = "lifetime")]
    pub period: Period,
    /// Each store has a budget of its own.
    #[serde(default)]
    pub per_store: bool,
}

fn lifetime() -> Period {
    Period::Lifetime
}

/// A window around the member's birthday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Around {
    /// Days before.
    #[serde(default)]
    pub days_before: u16,
    /// Days after; 0 and 0 is the day alone.
    #[serde(default)]
    pub days_after: u16,
    /// The whole calendar month.
    #[serde(default)]
    pub month: bool,
}

/// A window around a festival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Festival {
    /// A Gregorian day of the year, every year.
    pub on: Option<MonthDay>,
    /// A lunar day of the year, `01-01` for Tết.
    pub lunar: Option<MonthDay>,
    /// Which almanac: Vietnam's (UTC+7) or China's (UTC+8).
    #[serde(default)]
    pub almanac: crate::lunar::Almanac,
    /// Days before.
    #[serde(default)]
    pub days_before: u16,
    /// Days after.
    #[serde(default)]
    pub days_after: u16,
}

/// `[[earning]]`: one version of an earning rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earning {
    /// Its id; versions of a rule share it.
    pub id: Name,
    /// Its name.
    pub name: Option<Words>,
    /// The wallet points go to.
    pub wallet: Name,
    /// First day.
    #[serde(default, with = "super::super::day")]
    pub from: Option<Date>,
    /// The day after the last.
    #[serde(default, with = "super::super::day")]
    pub until: Option<Date>,
    /// Orders in this currency; absent means the program's.
    pub currency: Option<Currency>,
    /// The event that earns; absent means an order.
    pub event: Option<Name>,
    /// Condition on order, member and event (CEL).
    pub when: Option<String>,
    /// Condition on each line (CEL); lines that fail do not count.
    pub lines: Option<String>,
    /// Days of the week.
    #[serde(default)]
    pub days: Vec<Day>,
    /// Time of day.
    pub hours: Option<Hours>,
    /// Around the member's birthday.
    pub birthday: Option<Around>,
    /// Around a festival.
    pub festival: Option<Festival>,
    /// Only in these stores.
    #[serde(default)]
    pub stores: Vec<Name>,
    /// Only in these channels.
    #[serde(default)]
    pub channels: Vec<Name>,
    /// Only members in one of these tiers.
    #[serde(default)]
    pub tiers: Vec<Name>,
    /// Points for every so much money.
    pub per_amount: Option<PerAmount>,
    /// Points by the band the amount falls in.
    #[serde(default)]
    pub bands: Vec<Band>,
    /// Points per unit.
    pub per_unit: Option<PerUnit>,
    /// So many points a time.
    pub fixed: Option<Fixed>,
    /// A bonus on what other rules gave.
    pub multiply: Option<Multiply>,
    /// What a tier multiplies the points by.
    #[serde(default)]
    pub by_tier: BTreeMap<Name, Number>,
    /// Amounts of all receipts in the period count together, each receipt earning the difference.
    pub sum_over: Option<Period>,
    /// What of the order counts.
    #[serde(default)]
    pub basis: Basis,
    /// The group whose policy decides when several rules match.
    pub group: Option<Name>,
    /// Within a group: higher goes first.
    #[serde(default)]
    pub priority: i32,
    /// Caps per member.
    #[serde(default)]
    pub caps: Vec<Cap>,
    /// Budgets over all members.
    #[serde(default)]
    pub budgets: Vec<Budget>,
    /// Points that wait.
    pub pending: Option<Pending>,
    /// Points of this rule run out that long after they are earned, whatever the wallet says.
    pub expires_after: Option<Length>,
    /// Who pays.
    #[serde(default = "the_shop")]
    pub funder: Name,
}

/// `[[group]]`: what happens when several of its rules match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its id.
    pub id: Name,
    /// What happens.
    pub policy: Several,
    /// Where this group gives points, these groups give none.
    #[serde(default)]
    pub excludes: Vec<Name>,
}

/// What happens when several rules of a group match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Several {
    /// All count.
    Sum,
    /// The one that gives most.
    Best,
    /// The first by priority, then by place in the file.
    First,
}
