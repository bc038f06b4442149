//! Rewards: what points buy, and whether a member can have it and why not. What is done about it is
//! [`crate::redemption`].

use crate::judge::Shared;
use crate::member::Member;
use crate::name::Name;
use crate::number::{Ratio, Rounding, share};
use crate::program::Program;
use crate::program::spec::{CapPer, Price, Reward, RewardKind};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A redemption as far as capture, release and refund need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The reward.
    pub reward: Name,
    /// Place of the wallet.
    pub wallet: usize,
    /// Smallest units.
    pub units: i64,
    /// The product chosen.
    pub product: Option<Name>,
    /// Money off, where it is money.
    pub value_minor: Option<i64>,
    /// Not captured yet.
    pub is_open: bool,
    /// The code it became.
    pub code: Option<Name>,
    /// The day it was asked for, or captured: what limits count it on.
    pub day: Date,
    /// The till it was asked for at.
    pub till: Option<Name>,
}

/// A voucher that was given out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    /// The reward it is of.
    pub reward: Name,
    /// Who has it.
    pub member: Name,
    /// The end, exclusive.
    pub until: Timestamp,
    /// How often it can still be used.
    pub uses_left: u32,
    /// Money off.
    pub value_minor: i64,
}

/// Why a member cannot have a reward now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Unavailable {
    /// There is no such reward.
    #[error("there is no such reward")]
    Unknown,
    /// Not yet.
    #[error("it begins on {on}")]
    NotYet {
        /// First day.
        on: Date,
    },
    /// Over.
    #[error("it ended before {on}")]
    Ended {
        /// The day after the last.
        on: Date,
    },
    /// All were given.
    #[error("none is left")]
    OutOfStock,
    /// No price is for this member's tier and segments.
    #[error("it is not for this member's tier or segment")]
    NoPrice,
    /// Too few points.
    #[error("it costs {price} smallest units of points, {missing} are missing")]
    InsufficientPoints {
        /// Smallest units.
        price: i64,
        /// Smallest units.
        missing: i64,
    },
    /// The member had it as often as the period allows.
    #[error("it was had as often as allowed per {per}")]
    LimitReached {
        /// The period.
        per: Name,
    },
    /// Points are being spent too fast.
    #[error("points are spent too fast: {left} smallest units can still be spent this period")]
    TooFast {
        /// Smallest units.
        left: i64,
    },
    /// A second factor is needed.
    #[error("it needs a second proof of who is asking: send is_confirmed")]
    NeedsConfirmation,
    /// With a choice: not one of the products.
    #[error("choose one of {}", .0.join(", "))]
    NotAChoice(Vec<Name>),
    /// With part payment: fewer points than the least, or more than the share of the bill.
    #[error("pay with {least} to {most} smallest units")]
    OutsideShare {
        /// Smallest units.
        least: i64,
        /// Smallest units.
        most: i64,
    },
}

/// The price that is for a member: the first that fits tier and segments.
pub fn price<'a>(
    program: &Program,
    reward: &'a Reward,
    member: &Member,
    day: Date,
) -> Option<(usize, &'a Price)> {
    let tiers = member.tiers_on(program, day);
    let fits = |price: &&Price| {
        let tier = price.tiers.is_empty() || price.tiers.iter().any(|tier| tiers.contains(&tier));
        let segment =
            price.segments.is_empty() || price.segments.iter().any(|one| member.segments.contains(one));
        tier && segment
    };
    reward.prices.iter().find(fits).map(|price| (program.known_wallet(&price.wallet), price))
}

/// Whether a member can have a reward: wallet and price in smallest units, or all reasons why not.
pub fn availability(
    program: &Program,
    shared: &Shared,
    member: &Member,
    reward: &str,
    now: Timestamp,
) -> Result<(usize, i64), Vec<Unavailable>> {
    let Some(spec) = program.rewards.iter().find(|spec| spec.id == *reward) else {
        return Err(vec![Unavailable::Unknown]);
    };
    let day = program.day(now);
    let mut reasons = Vec::new();
    if let Some(from) = spec.from.filter(|from| day < *from) {
        reasons.push(Unavailable::NotYet { on: from });
    }
    if let Some(until) = spec.until.filter(|until| day >= *until) {
        reasons.push(Unavailable::Ended { on: until });
    }
    // What is set aside by a hold is counted as given.
    let given = shared.given.get(&spec.id).copied().unwrap_or(0);
    let codes = || shared.codes.get(&spec.id).map_or(0, Vec::len);
    if spec.stock.is_some_and(|stock| given >= stock)
        || (spec.kind == RewardKind::ExternalCode && codes() == 0)
    {
        reasons.push(Unavailable::OutOfStock);
    }
    let (open_times, open_points) = open(member, |held| held.reward == spec.id);
    for limit in &spec.limits {
        let used = member.tallies.tally(&tally_key(spec), limit.per, day);
        let reached = limit.times.is_some_and(|times| used.times.saturating_add(open_times) >= times);
        let spent = limit.points.zip(spec.prices.first()).is_some_and(|(points, price)| {
            used.points.saturating_add(open_points)
                >= program.units(program.known_wallet(&price.wallet), points)
        });
        if reached || spent {
            reasons.push(Unavailable::LimitReached { per: crate::earning::label(limit.per).into() });
        }
    }
    let Some((wallet, price)) = price(program, spec, member, day) else {
        reasons.push(Unavailable::NoPrice);
        return Err(reasons);
    };
    let least = spec.minimum.filter(|_| spec.kind == RewardKind::PartialPayment).unwrap_or(price.points);
    let units = program.units(wallet, least);
    let available = member.accounts[wallet].balance(now.max(member.accounts[wallet].at())).available;
    if available < units {
        reasons.push(Unavailable::InsufficientPoints { price: units, missing: units - available });
    }
    if reasons.is_empty() { Ok((wallet, units)) } else { Err(reasons) }
}

/// Holds of a member that are still open: how many, and the points set aside for them. The member was brought up to
/// now, so a hold that is over is not among them.
fn open(member: &Member, wanted: impl Fn(&Held) -> bool) -> (u32, i64) {
    let is_held = |id: &Name, held: &Held| {
        held.is_open && wanted(held) && member.accounts[held.wallet].holds().contains_key(id)
    };
    let holds = member.redemptions.iter().filter(|(id, held)| is_held(id, held));
    holds.fold((0, 0), |(times, points), (_, held)| (times + 1, points + held.units))
}

/// Under what name redemptions of a reward are counted.
pub(crate) fn tally_key(spec: &Reward) -> Name {
    format!("reward:{}", spec.id).as_str().into()
}

/// Money that so many points pay, and how many points at most pay a bill.
///
/// Points pay at the reward's ratio, rounded down to the minor unit; at most `share_percent` of the bill.
pub fn part_payment(
    program: &Program,
    spec: &Reward,
    price: &Price,
    units: i64,
    bill: i64,
) -> Option<(i64, i64)> {
    let wallet = program.known_wallet(&price.wallet);
    let value = program.minor(spec.value?);
    let per = program.units(wallet, price.points);
    let worth = share_of(value, units, per)?;
    let payable = share(bill, i64::from(spec.share_percent.unwrap_or(100)), 100);
    let most = Ratio::new(i128::from(payable) * i128::from(per), i128::from(value))?.round(Rounding::Down)?;
    Some((worth, most))
}

fn share_of(value: i64, units: i64, per: i64) -> Option<i64> {
    Ratio::new(i128::from(value) * i128::from(units), i128::from(per))?.round(Rounding::Down)
}

/// What a redemption takes and gives, or why not.
pub(crate) fn quote(
    program: &Program,
    shared: &Shared,
    member: &Member,
    ask: &crate::fact::Redeem,
    now: Timestamp,
) -> Result<Held, Vec<Unavailable>> {
    let (wallet, least) = availability(program, shared, member, ask.reward.as_str(), now)?;
    let spec = program.rewards.iter().find(|spec| spec.id == ask.reward).expect("it is available");
    let (mut units, mut value_minor) = (least, spec.value.map(|value| program.minor(value)));
    if spec.kind == RewardKind::PartialPayment {
        let (_, price) = price(program, spec, member, program.day(now)).expect("it is available");
        let asked = ask.units.unwrap_or(least);
        let bill = ask.bill_minor.unwrap_or(i64::MAX);
        let (worth, most) =
            part_payment(program, spec, price, asked, bill).ok_or_else(|| vec![Unavailable::NoPrice])?;
        // A whole bill is paid by the fewest points that reach it.
        let least = if spec.whole_bill { most.max(least) } else { least };
        if asked < least || asked > most || (spec.whole_bill && worth != bill) {
            return Err(vec![Unavailable::OutsideShare { least, most }]);
        }
        let available = member.accounts[wallet].balance(now.max(member.accounts[wallet].at())).available;
        if asked > available {
            return Err(vec![Unavailable::InsufficientPoints { price: asked, missing: asked - available }]);
        }
        (units, value_minor) = (asked, Some(worth));
    }
    let product = match spec.kind {
        RewardKind::Choice => match &ask.product {
            Some(product) if spec.products.contains(product) => Some(product.clone()),
            _ => return Err(vec![Unavailable::NotAChoice(spec.products.clone())]),
        },
        _ => spec.products.first().cloned(),
    };
    let above = spec.confirm_above.map(|most| program.units(wallet, most));
    if above.is_some_and(|above| units > above) && !ask.is_confirmed {
        return Err(vec![Unavailable::NeedsConfirmation]);
    }
    let (day, till) = (program.day(now), ask.till.clone());
    speed(program, shared, member, wallet, units, till.as_ref(), day)?;
    let reward = spec.id.clone();
    Ok(Held { reward, wallet, units, product, value_minor, is_open: true, code: None, day, till })
}

/// Under what name points spent from a wallet are counted.
pub(crate) fn limit_key(wallet: &Name) -> Name {
    format!("spend:{wallet}").as_str().into()
}

/// The cap that counts in a period.
pub(crate) fn cap_of(period: crate::time::Period) -> CapPer {
    match period {
        crate::time::Period::Day => CapPer::Day,
        crate::time::Period::Week => CapPer::Week,
        crate::time::Period::Month => CapPer::Month,
        crate::time::Period::Year => CapPer::Year,
        crate::time::Period::Lifetime => CapPer::Lifetime,
    }
}

/// Spending limits of the wallet, per member and per till.
fn speed(
    program: &Program,
    shared: &Shared,
    member: &Member,
    wallet: usize,
    units: i64,
    till: Option<&Name>,
    day: Date,
) -> Result<(), Vec<Unavailable>> {
    let (open_times, open_points) = open(member, |held| held.wallet == wallet);
    for limit in program.limits.iter().filter(|limit| limit.wallet == program.wallets[wallet].id) {
        let used = member.tallies.tally(&limit_key(&limit.wallet), cap_of(limit.per), day);
        let points = used.points.saturating_add(open_points);
        let left = limit.points.map(|most| (program.units(wallet, most) - points).max(0));
        if left.is_some_and(|left| units > left) {
            return Err(vec![Unavailable::TooFast { left: left.unwrap_or(0) }]);
        }
        if limit.times.is_some_and(|times| used.times.saturating_add(open_times) >= times) {
            return Err(vec![Unavailable::TooFast { left: 0 }]);
        }
        if let (Some(till), Some(most)) = (till, limit.points_per_till) {
            let first = limit.per.first_day(day);
            let at_till = shared.tills.get(&(till.clone(), wallet, first)).copied().unwrap_or(0);
            let left = (program.units(wallet, most) - at_till).max(0);
            if units > left {
                return Err(vec![Unavailable::TooFast { left }]);
            }
        }
    }
    Ok(())
}
