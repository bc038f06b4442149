//! The tables of a program file, as written. Unknown keys are errors; every number with a fraction is text.

use crate::name::Name;
use crate::number::{Number, Rounding};
use crate::time::{Day, Hours, Length, MonthDay, Period};
use domain::Currency;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Words in several languages: one text for all, or one per language code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// The same in every language.
    One(String),
    /// By language: `en`, `vi`, `zh`.
    Many(BTreeMap<String, String>),
}

impl Words {
    /// The text in a language, else in English, else in whichever there is.
    pub fn in_language(&self, code: &str) -> &str {
        match self {
            Words::One(text) => text,
            Words::Many(texts) => texts
                .get(code)
                .or_else(|| texts.get("en"))
                .or_else(|| texts.values().next())
                .map_or("", |text| text),
        }
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

/// `[[wallet]]`: one kind of points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wallet {
    /// Its id.
    pub id: Name,
    /// Its name.
    pub name: Words,
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

fn down() -> Rounding {
    Rounding::Down
}
fn clamp() -> crate::ledger::Deficit {
    crate::ledger::Deficit::Clamp
}
fn no_time() -> Length {
    Length { count: 0, unit: crate::time::Unit::Second }
}
fn yes() -> bool {
    true
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
    #[serde(default, with = "super::day")]
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
    #[serde(default, with = "super::day")]
    pub until: Option<Date>,
    /// Until this event comes.
    pub event: Option<Name>,
    /// With `event`: cancelled where it has not come within that time.
    pub within: Option<Length>,
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
    #[serde(default, with = "super::day")]
    pub from: Option<Date>,
    /// The day after the last.
    #[serde(default, with = "super::day")]
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

fn the_shop() -> Name {
    "shop".into()
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

/// `[[funder]]`: who pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Funder {
    /// Its id.
    pub id: Name,
    /// Its name.
    pub name: Words,
}

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

fn yearly() -> Period {
    Period::Year
}

/// `[[reward]]`: what points buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reward {
    /// Its id.
    pub id: Name,
    /// Its name.
    pub name: Words,
    /// What it is.
    pub kind: RewardKind,
    /// What it costs; the first price that fits the member counts.
    pub prices: Vec<Price>,
    /// Its value to the member: money off, stored value, or the price of the goods.
    pub value: Option<Number>,
    /// What it costs the shop.
    pub cost: Option<Number>,
    /// The products: the one, or those to choose among.
    #[serde(default)]
    pub products: Vec<Name>,
    /// First day.
    #[serde(default, with = "super::day")]
    pub from: Option<Date>,
    /// The day after the last.
    #[serde(default, with = "super::day")]
    pub until: Option<Date>,
    /// How many there are.
    pub stock: Option<u32>,
    /// How often a member may have it.
    #[serde(default)]
    pub limits: Vec<Cap>,
    /// With `partial_payment`: at least so many points.
    pub minimum: Option<Number>,
    /// With `partial_payment`: only for a whole bill.
    #[serde(default)]
    pub whole_bill: bool,
    /// With `partial_payment`: at most this share of the bill, in per cent.
    pub share_percent: Option<u8>,
    /// The voucher it becomes.
    pub voucher: Option<Voucher>,
    /// A second factor is asked for above so many points.
    pub confirm_above: Option<Number>,
    /// Who pays.
    #[serde(default = "the_shop")]
    pub funder: Name,
}

/// What a reward is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RewardKind {
    /// Money off.
    Discount,
    /// A product.
    Product,
    /// One of several products.
    Choice,
    /// Money on a gift card.
    StoredValue,
    /// A code from a pool that another company gave.
    ExternalCode,
    /// Points as part of the payment, at a ratio.
    PartialPayment,
}

/// One price of a reward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The wallet.
    pub wallet: Name,
    /// How many points; with `partial_payment`, how many points the value is worth.
    pub points: Number,
    /// Only for these tiers.
    #[serde(default)]
    pub tiers: Vec<Name>,
    /// Only for members of these segments.
    #[serde(default)]
    pub segments: Vec<Name>,
}

/// The code a reward becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voucher {
    /// `#` is a digit or letter, anything else stands for itself.
    pub pattern: String,
    /// How long it is valid.
    pub valid: Length,
    /// How often it can be used.
    #[serde(default = "once")]
    pub uses: u32,
    /// Vouchers that share a group cannot be used on one bill.
    pub exclusive: Option<Name>,
    /// Cannot be used together with any other voucher.
    #[serde(default)]
    pub alone: bool,
    /// Only on bills of at least this amount.
    pub minimum: Option<Number>,
}

fn once() -> u32 {
    1
}

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
    #[serde(default, with = "super::day")]
    pub from: Option<Date>,
    /// The day after the last.
    #[serde(default, with = "super::day")]
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
    /// Flagged where friend and referrer share one of these: `device`, `address`, `card`, `phone`.
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
    #[serde(default, with = "super::day")]
    pub from: Option<Date>,
    /// The day after the last.
    #[serde(default, with = "super::day")]
    pub until: Option<Date>,
}

/// `[[pool]]`: points shared by a household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Its id.
    pub id: Name,
    /// The wallet.
    pub wallet: Name,
    /// How many members at most.
    pub members: u32,
    /// How many points a member may take out in a calendar month.
    pub take_per_month: Option<Number>,
}

/// `[[limit]]`: how fast points may be spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The wallet.
    pub wallet: Name,
    /// In which period.
    pub per: Period,
    /// At most so many points by one member.
    pub points: Option<Number>,
    /// At most so many redemptions by one member.
    pub times: Option<u32>,
    /// At most so many points at one till.
    pub points_per_till: Option<Number>,
}
