//! Redemptions: a reward bought at once, or held and then captured or released, and given back.

use crate::gift_card;
use crate::judge::{Books, Output, Shared, advance, posted, present, refused, touch};
use crate::ledger::{Cause, Posting};
use crate::member::Member;
use crate::name::Name;
use crate::program::spec::{CapPer, RewardKind};
use crate::program::{Lang, Program};
use crate::reward::{Held, Unavailable, Voucher, cap_of, limit_key, quote, tally_key};
use crate::voucher::code;
use domain::Points;
use jiff::Timestamp;
use jiff::civil::Date;

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
        gift_card::load(program, shared, code, value, id, now, out);
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
        gift_card::empty(shared, code, Cause::new("refund", id.as_str()), now, out);
    }
}
