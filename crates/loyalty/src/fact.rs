//! What happened, as the engine reads it: one JSON object a line, amounts in minor units, quantities in thousandths.

use crate::name::Name;
use domain::Currency;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One fact with the instant at which it became known. `"type"` says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it became known; the stream is in this order. Late facts carry their own time beside it.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Fact {
    /// A customer becomes a member.
    Join(Join),
    /// Something was bought.
    Order(Order),
    /// The source tells an order anew: what it says now replaces what it said before.
    OrderUpdated {
        /// When the source changed it. What is older than what we know changes nothing; without it the last to come
        /// is taken for the newest.
        #[serde(default)]
        updated_at: Option<Timestamp>,
        /// The whole order as it stands now.
        order: Order,
    },
    /// An order is off: all that is left of it comes back.
    OrderCancelled {
        /// The order.
        order: Name,
    },
    /// Something came back.
    Return(Return),
    /// A return is taken back: the customer keeps the goods after all.
    ReturnUndone {
        /// The return.
        id: Name,
        /// The order.
        order: Name,
    },
    /// Anything else that happened to a member.
    Event(Custom),
    /// A member claims an anonymous bill.
    Claim(Claim),
    /// Points set aside for a reward.
    Hold(Redeem),
    /// A reward bought at once.
    Redeem(Redeem),
    /// A hold made final.
    Capture {
        /// The member.
        member: Name,
        /// The hold.
        id: Name,
    },
    /// A hold given back.
    Release {
        /// The member.
        member: Name,
        /// The hold.
        id: Name,
    },
    /// A redemption given back.
    Refund {
        /// The member.
        member: Name,
        /// The redemption.
        id: Name,
    },
    /// A benefit of the member's tier, used once.
    Benefit(UseBenefit),
    /// A use of a benefit taken back.
    BenefitUndone {
        /// The member.
        member: Name,
        /// The use.
        id: Name,
    },
    /// Points given or taken by staff.
    Adjust {
        /// The member.
        member: Name,
        /// Its id.
        id: Name,
        /// The wallet.
        wallet: Name,
        /// Smallest units, signed.
        units: i64,
    },
    /// Points sent to another member.
    Transfer {
        /// From.
        member: Name,
        /// To.
        to: Name,
        /// Its id.
        id: Name,
        /// The wallet.
        wallet: Name,
        /// Smallest units.
        units: i64,
    },
    /// A member joins or leaves a household's pool, or puts points in or takes them out.
    Pool(Pool),
    /// A member turns out to be the same person as another.
    Merge {
        /// Who ends.
        member: Name,
        /// Who goes on.
        into: Name,
    },
    /// They were two after all.
    Unmerge {
        /// Who was merged.
        member: Name,
    },
    /// Time passes; nothing else happens.
    Tick,
}

impl Fact {
    /// What names it: its own id, or the member it is about.
    pub fn id(&self) -> Name {
        match self {
            Fact::Join(join) => join.member.clone(),
            Fact::Order(order) | Fact::OrderUpdated { order, .. } => order.id.clone(),
            Fact::OrderCancelled { order } => order.clone(),
            Fact::Return(back) => back.id.clone(),
            Fact::Event(custom) => custom.id.clone(),
            Fact::Claim(claim) => {
                claim.order.clone().or_else(|| claim.invoice.clone()).unwrap_or_else(|| claim.member.clone())
            }
            Fact::Hold(redeem) | Fact::Redeem(redeem) => redeem.id.clone(),
            Fact::Pool(pool) => pool.id.clone(),
            Fact::Benefit(ask) => ask.id.clone(),
            Fact::ReturnUndone { id, .. }
            | Fact::Capture { id, .. }
            | Fact::Release { id, .. }
            | Fact::Refund { id, .. }
            | Fact::BenefitUndone { id, .. }
            | Fact::Adjust { id, .. }
            | Fact::Transfer { id, .. } => id.clone(),
            Fact::Merge { member, .. } | Fact::Unmerge { member } => member.clone(),
            Fact::Tick => "tick".into(),
        }
    }

    /// The member it names.
    pub fn member(&self) -> Option<&Name> {
        match self {
            Fact::Join(Join { member, .. })
            | Fact::Event(Custom { member, .. })
            | Fact::Claim(Claim { member, .. })
            | Fact::Hold(Redeem { member, .. })
            | Fact::Redeem(Redeem { member, .. })
            | Fact::Pool(Pool { member, .. })
            | Fact::Benefit(UseBenefit { member, .. })
            | Fact::BenefitUndone { member, .. }
            | Fact::Capture { member, .. }
            | Fact::Release { member, .. }
            | Fact::Refund { member, .. }
            | Fact::Adjust { member, .. }
            | Fact::Transfer { member, .. }
            | Fact::Merge { member, .. }
            | Fact::Unmerge { member } => Some(member),
            Fact::Order(order) | Fact::OrderUpdated { order, .. } => order.member.as_ref(),
            Fact::OrderCancelled { .. } | Fact::Return(_) | Fact::ReturnUndone { .. } | Fact::Tick => None,
        }
    }
}

/// A customer becomes a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The member.
    pub member: Name,
    /// Month and day, with or without the year.
    #[serde(default)]
    pub birthday: Option<crate::time::MonthDay>,
    /// Segments the member is in.
    #[serde(default)]
    pub segments: Vec<Name>,
    /// The member who brought this one.
    #[serde(default)]
    pub referred_by: Option<Name>,
    /// What friend and referrer might share: `device:abc`, `card:123`.
    #[serde(default)]
    pub marks: Vec<Name>,
}

/// Something was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Its id.
    pub id: Name,
    /// Who; absent on an anonymous bill.
    #[serde(default)]
    pub member: Option<Name>,
    /// When it was bought; absent means when it became known.
    #[serde(default)]
    pub ordered_at: Option<Timestamp>,
    /// Where.
    #[serde(default)]
    pub store: Option<Name>,
    /// At which till.
    #[serde(default)]
    pub till: Option<Name>,
    /// How: `till`, `web`, `app`.
    #[serde(default)]
    pub channel: Option<Name>,
    /// The currency; absent means the program's.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// What.
    pub lines: Vec<Line>,
    /// How it was paid.
    #[serde(default)]
    pub tenders: Vec<Tender>,
    /// Shipping.
    #[serde(default)]
    pub shipping_minor: i64,
    /// The number on an invoice, by which the bill may be claimed.
    #[serde(default)]
    pub invoice: Option<Name>,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its id in the order.
    pub id: Name,
    /// The product.
    pub product: Name,
    /// Its category.
    #[serde(default = "none")]
    pub category: Name,
    /// Thousandths of a unit.
    #[serde(default = "one")]
    pub quantity_milli: i64,
    /// Price of the line before discount, tax in it.
    pub gross_minor: i64,
    /// What was taken off, zero or more.
    #[serde(default)]
    pub discount_minor: i64,
    /// The tax in what was paid.
    #[serde(default)]
    pub tax_minor: i64,
}

impl Line {
    /// What was paid for the line.
    pub fn paid_minor(&self) -> i64 {
        self.gross_minor.saturating_sub(self.discount_minor)
    }
}

fn none() -> Name {
    "".into()
}

fn one() -> i64 {
    1000
}

/// One way an order was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tender {
    /// `card`, `cash`, `voucher`, `gift_card`, `points`.
    pub kind: Name,
    /// How much.
    pub amount_minor: i64,
    /// Of a voucher or gift card its code, of points the redemption.
    #[serde(default)]
    pub code: Option<Name>,
}

impl Order {
    /// What was paid for all lines, without shipping. Saturates.
    pub fn paid_minor(&self) -> i64 {
        self.lines.iter().fold(0i64, |sum, line| sum.saturating_add(line.paid_minor()))
    }

    /// Units bought, in thousandths.
    pub fn quantity_milli(&self) -> i64 {
        self.lines.iter().fold(0i64, |sum, line| sum.saturating_add(line.quantity_milli))
    }
}

/// Something came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// Its id.
    pub id: Name,
    /// The order.
    pub order: Name,
    /// Which lines; none means all that is left.
    #[serde(default)]
    pub lines: Vec<ReturnLine>,
}

/// What of a line came back: a quantity, or an amount of money for goods that stay; with neither, all that is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnLine {
    /// The line of the order.
    pub line: Name,
    /// Thousandths of a unit.
    #[serde(default)]
    pub quantity_milli: i64,
    /// Money given back without goods.
    #[serde(default)]
    pub amount_minor: i64,
}

/// Anything else that happened: `review`, `survey_answered`, `profile_completed`, `check_in`, `delivered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custom {
    /// Its id: the same id again has no effect.
    pub id: Name,
    /// The member.
    pub member: Name,
    /// What.
    pub name: Name,
    /// When; absent means when it became known.
    #[serde(default)]
    pub happened_at: Option<Timestamp>,
    /// The order it is about.
    #[serde(default)]
    pub order: Option<Name>,
    /// The store.
    #[serde(default)]
    pub store: Option<Name>,
}

/// A member claims an anonymous bill, by its number, its invoice, or day and amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The member.
    pub member: Name,
    /// The order's id.
    #[serde(default)]
    pub order: Option<Name>,
    /// The invoice number.
    #[serde(default)]
    pub invoice: Option<Name>,
    /// The day, with `amount_minor`.
    #[serde(default)]
    pub on: Option<Date>,
    /// What was paid.
    #[serde(default)]
    pub amount_minor: Option<i64>,
    /// The store, with `on`.
    #[serde(default)]
    pub store: Option<Name>,
}

/// What a member does with a household's pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// The member.
    pub member: Name,
    /// Its id.
    pub id: Name,
    /// The household.
    pub household: Name,
    /// What.
    pub does: PoolStep,
    /// To join: the program's pool.
    #[serde(default)]
    pub pool: Option<Name>,
    /// To give or take: smallest units.
    #[serde(default)]
    pub units: i64,
}

/// A step of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolStep {
    /// Join the household; the first to join founds it.
    Join,
    /// Leave it. What was put in stays.
    Leave,
    /// Put points in.
    Give,
    /// Take points out.
    Take,
}

/// A member uses a benefit of their tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseBenefit {
    /// The member.
    pub member: Name,
    /// Its id: the same id again has no effect.
    pub id: Name,
    /// The benefit.
    pub benefit: Name,
    /// When; absent means when it became known. The tier and the quota are those of that day.
    #[serde(default)]
    pub happened_at: Option<Timestamp>,
}

/// A reward for points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redeem {
    /// The member.
    pub member: Name,
    /// The redemption's id.
    pub id: Name,
    /// The reward.
    pub reward: Name,
    /// With a choice: the product.
    #[serde(default)]
    pub product: Option<Name>,
    /// With part payment: how many smallest units of the wallet.
    #[serde(default)]
    pub units: Option<i64>,
    /// With part payment: what the bill comes to.
    #[serde(default)]
    pub bill_minor: Option<i64>,
    /// At which till.
    #[serde(default)]
    pub till: Option<Name>,
    /// The member has proven who they are a second time.
    #[serde(default)]
    pub is_confirmed: bool,
    /// A hold: when it lapses.
    #[serde(default)]
    pub until: Option<Timestamp>,
}
