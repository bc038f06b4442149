//! Rewards: what points buy, whether a member can have it and why not, and the redemption in one step or two.

use crate::judge::{Books, Output, Shared, advance, card_posted, posted, present, refused, touch};
use crate::ledger::{Account, Cause, Opening, Posting, Refused, Start};
use crate::member::Member;
use crate::name::Name;
use crate::number::{Ratio, Rounding, share};
use crate::program::spec::{CapPer, Price, Reward, RewardKind};
use crate::program::{Lang, Program};
use crate::voucher::code;
use domain::Points;
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
    #[error("choose one of {0:?}")]
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

fn tally_key(spec: &Reward) -> Name {
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
fn quote(
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

fn limit_key(wallet: &Name) -> Name {
    format!("spend:{wallet}").as_str().into()
}

fn cap_of(period: crate::time::Period) -> CapPer {
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

/// Buy a reward at once, or set its points aside with `hold`.
pub(crate) fn redeem(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    ask: &crate::fact::Redeem,
    hold: bool,
    out: &mut Vec<Output>,
) {
    lapse(program, books, now, out);
    let Some(member) = present(program, books, now, &ask.member, &ask.id, out) else { return };
    if member.redemptions.contains_key(&ask.id) {
        return out.push(Output::Repeated { id: ask.id.clone() });
    }
    let owner = member.id.clone();
    let (members, shared) = (&mut books.members, &mut books.shared);
    let member = members.get_mut(&owner).expect("present");
    let mut held = match quote(program, shared, member, ask, now) {
        Ok(held) => held,
        Err(reasons) => {
            let code = match &reasons[0] {
                Unavailable::InsufficientPoints { .. } => "insufficient_points",
                Unavailable::OutOfStock => "out_of_stock",
                Unavailable::NeedsConfirmation => "needs_confirmation",
                Unavailable::TooFast { .. } => "too_fast",
                _ => "unavailable",
            };
            let why: Vec<String> = reasons.iter().map(|reason| told(program, &ask.reward, reason)).collect();
            return refused(&ask.id, code, format!("{}: {}", ask.reward, why.join("; ")), out);
        }
    };
    let points = Points::new(held.units).unwrap_or_default();
    let mut postings: Vec<Posting> = Vec::new();
    let account = &mut member.accounts[held.wallet];
    let cause = Cause { rule: Some(held.reward.clone()), ..Cause::new("redemption", ask.id.as_str()) };
    let until = hold.then(|| ask.until.unwrap_or_else(|| HOLD_LASTS.after(now, &program.zone)));
    let answer = match until {
        Some(until) => account.hold(now, points, until, cause, &mut postings),
        None => account.spend(now, points, cause, &mut postings),
    };
    posted(program, &owner, held.wallet, postings, out);
    if let Err(why) = answer {
        return refused(&ask.id, "ledger", why.to_string(), out);
    }
    at_till(program, shared, &held, held.units);
    *shared.given.entry(held.reward.clone()).or_default() += 1;
    match until {
        Some(until) => _ = shared.lapses.insert((until, owner, ask.id.clone())),
        None => deliver(program, member, shared, &ask.id, &mut held, now, out),
    }
    member.redemptions.insert(ask.id.clone(), held);
    touch(program, member, now, out);
}

/// Why not, with points as people count them.
fn told(program: &Program, reward: &Name, reason: &Unavailable) -> String {
    let spec = program.rewards.iter().find(|spec| spec.id == *reward);
    let wallet = spec.and_then(|spec| spec.prices.first()).map(|price| program.known_wallet(&price.wallet));
    let Some(wallet) = wallet else { return reason.to_string() };
    let points = |units: i64| crate::words::points(program, wallet, units, Lang::En);
    match reason {
        Unavailable::InsufficientPoints { price, missing } => {
            format!("it costs {}, {} are missing", points(*price), points(*missing))
        }
        Unavailable::TooFast { left } => {
            format!("points are spent too fast: {} can still be spent this period", points(*left))
        }
        Unavailable::OutsideShare { least, most } => {
            format!("pay with {} to {}", points(*least), points(*most))
        }
        other => other.to_string(),
    }
}

/// Count points spent at a till, or take them off again.
fn at_till(program: &Program, shared: &mut Shared, held: &Held, units: i64) {
    let Some(till) = &held.till else { return };
    let wallet = &program.wallets[held.wallet].id;
    let limits =
        program.limits.iter().filter(|limit| limit.wallet == *wallet && limit.points_per_till.is_some());
    let mut firsts: Vec<Date> = limits.map(|limit| limit.per.first_day(held.day)).collect();
    firsts.sort_unstable();
    firsts.dedup();
    for first in firsts {
        *shared.tills.entry((till.clone(), held.wallet, first)).or_default() += units;
    }
}

/// Free what holds that are over had set aside: the points were free at that instant; the stock and the till's limit
/// are free for whoever asks next. Of members who are not in the books nothing is freed.
pub(crate) fn lapse(program: &Program, books: &mut Books, now: Timestamp, out: &mut Vec<Output>) {
    let (members, shared) = (&mut books.members, &mut books.shared);
    let due = shared.lapses.iter().take_while(|(until, ..)| *until <= now);
    let due: Vec<_> = due.filter(|(_, owner, _)| members.contains_key(owner)).cloned().collect();
    for entry in due {
        shared.lapses.remove(&entry);
        let (_, owner, id) = entry;
        let member = members.get_mut(&owner).expect("looked up above");
        if member.redemptions.get(&id).is_some_and(|held| is_over(member, &id, held, now)) {
            advance(program, member, now, out);
            let held = member.redemptions.remove(&id).expect("looked up above");
            free(program, shared, &held);
        }
    }
}

/// Whether a hold that was never captured is over. One that was released and made again lives its own time.
fn is_over(member: &Member, id: &Name, held: &Held, now: Timestamp) -> bool {
    let hold = member.accounts[held.wallet].holds().get(id);
    held.is_open && hold.is_none_or(|hold| hold.expires_at <= now)
}

/// When the open holds of a member are over, by member and redemption, as [`Shared::lapses`] has them: a caller who keeps
/// members in a database puts them back from here.
pub fn lapses(member: &Member) -> impl Iterator<Item = (Timestamp, Name, Name)> + '_ {
    let open = member.redemptions.iter().filter(|(_, held)| held.is_open);
    open.map(|(id, held)| {
        let hold = member.accounts[held.wallet].holds().get(id);
        (hold.map_or(member.advanced_to, |hold| hold.expires_at), member.id.clone(), id.clone())
    })
}

/// What a hold had set aside beside points is free again: its place in the stock, and the till's limit.
pub(crate) fn free(program: &Program, shared: &mut Shared, held: &Held) {
    at_till(program, shared, held, -held.units);
    give_stock_back(shared, held);
}

/// How long a hold lasts where nothing is said.
const HOLD_LASTS: crate::time::Length = crate::time::Length { count: 15, unit: crate::time::Unit::Minute };

fn distinct(all: impl Iterator<Item = CapPer>) -> Vec<CapPer> {
    let mut seen = Vec::new();
    all.for_each(|per| {
        if !seen.contains(&per) {
            seen.push(per);
        }
    });
    seen
}

/// Hand the reward over: count it, make the code, load the card.
fn deliver(
    program: &Program,
    member: &mut Member,
    shared: &mut Shared,
    id: &Name,
    held: &mut Held,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    held.is_open = false;
    held.day = program.day(now);
    let owner = &member.id;
    let spec = program.rewards.iter().find(|spec| spec.id == held.reward).expect("quoted");
    for per in distinct(spec.limits.iter().map(|limit| limit.per)) {
        member.tallies.add(&tally_key(spec), per, held.day, held.units);
    }
    let wallet_id = &program.wallets[held.wallet].id;
    let limits = program.limits.iter().filter(|limit| limit.wallet == *wallet_id);
    for per in distinct(limits.map(|limit| cap_of(limit.per))) {
        member.tallies.add(&limit_key(wallet_id), per, held.day, held.units);
    }
    let made = shared.made.entry(spec.id.clone()).or_default();
    held.code = match (&spec.voucher, spec.kind) {
        (_, RewardKind::ExternalCode) => {
            let codes = shared.codes.entry(spec.id.clone()).or_default();
            (!codes.is_empty()).then(|| codes.remove(0))
        }
        (Some(voucher), _) => {
            let fresh = code(&voucher.pattern, shared.seed, spec.id.as_str(), *made);
            *made += 1;
            Some(fresh.as_str().into())
        }
        _ => None,
    };
    if let (Some(voucher), Some(code)) = (&spec.voucher, &held.code) {
        let until = voucher.valid.after(now, &program.zone);
        let value_minor = held.value_minor.unwrap_or(0);
        let row = Voucher {
            reward: spec.id.clone(),
            member: owner.clone(),
            until,
            uses_left: voucher.uses,
            value_minor,
        };
        shared.vouchers.insert(code.clone(), row);
    }
    if spec.kind == RewardKind::StoredValue
        && let (Some(code), Some(value)) = (&held.code, held.value_minor)
    {
        load_card(program, shared, code, value, id, now, out);
    }
    out.push(Output::Rewarded {
        member: owner.clone(),
        redemption: id.clone(),
        reward: spec.id.clone(),
        code: held.code.clone(),
        value_minor: held.value_minor,
        product: held.product.clone(),
    });
}

/// The wallet of a gift card's ledger, whose owner is its code.
pub const CARD: &str = "card";

/// Put money on a gift card. A card is a ledger of its own, in minor units.
pub fn load_card(
    program: &Program,
    shared: &mut Shared,
    code: &Name,
    value_minor: i64,
    id: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let open = || Account::open(program.head.id.as_str(), code.as_str(), CARD);
    let card = shared.cards.entry(code.clone()).or_insert_with(open);
    let opening = Opening { earned_at: now, start: Start::Usable, expires_at: None };
    if let Some(value) = Points::new(value_minor).filter(|value| value.units() > 0) {
        let mut postings = Vec::new();
        let loaded = card.earn(now, value, opening, Cause::new("load", id.as_str()), &mut postings);
        debug_assert!(loaded.is_ok(), "a card holds far less than the ledger can");
        card_posted(code, postings, out);
    }
}

/// Pay with a gift card. The bill's id names the payment, so that it can be given back.
pub fn pay_by_card(
    shared: &mut Shared,
    code: &Name,
    amount_minor: i64,
    bill: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> Result<(), Refused> {
    let none = || Refused::InsufficientPoints {
        requested: Points::new(amount_minor).unwrap_or_default(),
        available: Points::ZERO,
    };
    let card = shared.cards.get_mut(code).ok_or_else(none)?;
    let amount = Points::new(amount_minor).ok_or(Refused::NothingToMove)?;
    let mut postings = Vec::new();
    let answer = card.spend(now, amount, Cause::new("bill", bill.as_str()), &mut postings);
    card_posted(code, postings, out);
    answer
}

/// Give part of a payment back to its card.
pub fn refund_card(
    shared: &mut Shared,
    code: &Name,
    amount_minor: i64,
    bill: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> Result<(), Refused> {
    let missing = || Refused::BeyondSpent {
        redemption: bill.clone(),
        left: Points::ZERO,
        requested: Points::new(amount_minor).unwrap_or_default(),
    };
    let card = shared.cards.get_mut(code).ok_or_else(missing)?;
    let amount = Points::new(amount_minor).ok_or(Refused::NothingToMove)?;
    let mut postings = Vec::new();
    let answer = card.refund(now, bill, amount, now, &mut postings);
    card_posted(code, postings, out);
    answer
}

pub(crate) fn capture(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    member: &Name,
    id: &Name,
    out: &mut Vec<Output>,
) {
    let Some(member) = present(program, books, now, member, id, out) else { return };
    let owner = member.id.clone();
    let (members, shared) = (&mut books.members, &mut books.shared);
    let member = members.get_mut(&owner).expect("present");
    let Some(mut held) = member.redemptions.get(id).cloned() else {
        return refused(
            id,
            "no_such_hold",
            "there is no hold of that id: it was never made, it was released, or it lapsed",
            out,
        );
    };
    if !held.is_open {
        return out.push(Output::Repeated { id: id.clone() });
    }
    let mut postings = Vec::new();
    let answer = member.accounts[held.wallet].capture(now, id, None, &mut postings);
    posted(program, &owner, held.wallet, postings, out);
    match answer {
        Ok(_) => {
            deliver(program, member, shared, id, &mut held, now, out);
            member.redemptions.insert(id.clone(), held);
        }
        Err(why) => {
            // The hold lapsed by itself: what it had set aside is free again.
            member.redemptions.remove(id);
            free(program, shared, &held);
            refused(id, "no_such_hold", why.to_string(), out);
        }
    }
}

fn give_stock_back(shared: &mut Shared, held: &Held) {
    if let Some(given) = shared.given.get_mut(&held.reward) {
        *given = given.saturating_sub(1);
    }
}

pub(crate) fn release(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    member: &Name,
    id: &Name,
    out: &mut Vec<Output>,
) {
    let Some(member) = present(program, books, now, member, id, out) else { return };
    let owner = member.id.clone();
    let (members, shared) = (&mut books.members, &mut books.shared);
    let member = members.get_mut(&owner).expect("present");
    let Some(held) = member.redemptions.get(id).filter(|held| held.is_open).cloned() else {
        return refused(
            id,
            "no_such_hold",
            "no hold of that id is open: it was captured, released, or it lapsed",
            out,
        );
    };
    let mut postings = Vec::new();
    let answer = member.accounts[held.wallet].release(now, id, &mut postings);
    posted(program, &owner, held.wallet, postings, out);
    member.redemptions.remove(id);
    free(program, shared, &held);
    if let Err(why) = answer {
        refused(id, "no_such_hold", why.to_string(), out);
    }
}

/// Give a whole redemption back, while its voucher is unused.
pub(crate) fn refund(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    member: &Name,
    id: &Name,
    out: &mut Vec<Output>,
) {
    let Some(member) = present(program, books, now, member, id, out) else { return };
    let owner = member.id.clone();
    let (members, shared) = (&mut books.members, &mut books.shared);
    let member = members.get_mut(&owner).expect("present");
    let Some(held) = member.redemptions.get(id).filter(|held| !held.is_open).cloned() else {
        return refused(
            id,
            "no_such_redemption",
            "nothing of that id was redeemed, or it was given back",
            out,
        );
    };
    let spec = program.rewards.iter().find(|spec| spec.id == held.reward);
    let uses = spec.and_then(|spec| spec.voucher.as_ref()).map_or(0, |voucher| voucher.uses);
    let voucher = held.code.as_ref().and_then(|code| shared.vouchers.get(code));
    if voucher.is_some_and(|voucher| voucher.uses_left < uses) {
        return refused(id, "used", "the voucher was used", out);
    }
    let card = held.code.as_ref().and_then(|code| shared.cards.get(code));
    if card.is_some_and(|card| card.usable() < held.value_minor.unwrap_or(0)) {
        return refused(id, "used", "the gift card was paid with", out);
    }
    let at_least = program.wallets[held.wallet].restore_grace.after(now, &program.zone);
    let account = &mut member.accounts[held.wallet];
    let left = account.spent(id.as_str()).map_or(0, |spent| spent.amount - spent.refunded);
    let mut postings = Vec::new();
    let answer = account.refund(now, id, Points::new(left).unwrap_or_default(), at_least, &mut postings);
    posted(program, &owner, held.wallet, postings, out);
    if let Err(why) = answer {
        return refused(id, "ledger", why.to_string(), out);
    }
    member.redemptions.remove(id);
    give_stock_back(shared, &held);
    for per in spec.map_or_else(Vec::new, |spec| distinct(spec.limits.iter().map(|limit| limit.per))) {
        member.tallies.take_off(
            &format!("reward:{}", held.reward).as_str().into(),
            per,
            held.day,
            held.units,
        );
    }
    if let Some(code) = &held.code {
        shared.vouchers.remove(code);
        if let Some(card) = shared.cards.get_mut(code) {
            let rest = Points::new(card.usable()).filter(|rest| rest.units() > 0);
            if let Some(rest) = rest {
                let mut postings = Vec::new();
                let taken = card.adjust(now, rest, None, Cause::new("refund", id.as_str()), &mut postings);
                debug_assert!(taken.is_ok(), "the rest is there");
                card_posted(code, postings, out);
            }
        }
    }
}
