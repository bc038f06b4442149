//! What points buy, how fast they may be spent, and pools that share them.

use super::{Cap, Words, once, the_shop};
use crate::name::Name;
use crate::number::Number;
use crate::time::{Length, Period};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

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
    #[serde(default, with = "super::super::day")]
    pub from: Option<Date>,
    /// The day after the last.
    #[serde(default, with = "super::super::day")]
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
    /// `#` is a digit or letter, 6 to 16 of them; anything else stands for itself.
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
