//! Returns: whole, by line, in part, in any number and order, before the order comes, and taken back again.
//!
//! What must be taken back is always computed from what has come back in all, never from the step: a line's points
//! times the part of the line that came back, rounded down, less what was called for before. So parts sum exactly to
//! the whole in any order, a line that came back whole has no points left, and undoing a return is the same sum with
//! less come back.

use super::{Books, Output, posted, present, refused};
use crate::fact::Return;
use crate::ledger::{Cause, LotId, Opening, Posted, Start};
use crate::member::{AwardRecord, CardRecord, Member, ReturnRecord, SpentRecord};
use crate::name::Name;
use crate::number::share;
use crate::program::{Lang, Program};
use crate::words::length;
use domain::Points;
use jiff::Timestamp;
use jiff::civil::Date;

pub(super) fn back(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    back: &Return,
    out: &mut Vec<Output>,
) {
    let Some(owner) = books.shared.owners.get(&back.order).cloned() else {
        return wait(books, back, out);
    };
    let Some(member) = present(program, books, now, &owner, &back.id, out) else { return };
    let Some(record) = member.orders.get_mut(&back.order) else {
        return refused(&back.id, "unknown_order", format!("order {} is not kept any more", back.order), out);
    };
    if record.returns.contains_key(&back.id) {
        return out.push(Output::Repeated { id: back.id.clone() });
    }
    let mut came = ReturnRecord { lines: vec![(0, 0); record.lines.len()], is_undone: false };
    if back.lines.is_empty() {
        for (line, came) in record.lines.iter().zip(&mut came.lines) {
            *came = (line.quantity_milli - line.returned_milli, 0);
        }
    }
    for asked in &back.lines {
        let Some(place) = record.lines.iter().position(|line| line.id == asked.line && line.id != "") else {
            let known: Vec<&str> =
                record.lines.iter().map(|line| line.id.as_str()).filter(|id| !id.is_empty()).collect();
            let why =
                format!("order {} has no line '{}'; lines: {}", back.order, asked.line, known.join(", "));
            return refused(&back.id, "unknown_line", why, out);
        };
        let line = &record.lines[place];
        let so_far = &mut came.lines[place];
        let is_whole = asked.quantity_milli == 0 && asked.amount_minor == 0;
        let units_left = line.quantity_milli - line.returned_milli;
        let quantity_milli = if is_whole { units_left - so_far.0 } else { asked.quantity_milli };
        let (Some(milli), Some(minor)) =
            (so_far.0.checked_add(quantity_milli), so_far.1.checked_add(asked.amount_minor))
        else {
            return refused(&back.id, "too_much", "the amounts are beyond all measure", out);
        };
        let money_left = line.paid_minor - line.refunded_minor;
        if asked.quantity_milli < 0 || asked.amount_minor < 0 || milli > units_left || minor > money_left {
            let why = format!(
                "line '{}' has {units_left} thousandths and {money_left} minor units that can come back",
                asked.line
            );
            return refused(&back.id, "too_much", why, out);
        }
        *so_far = (milli, minor);
    }
    let within = program.head.return_within;
    if let Some(within) = within.filter(|within| now >= within.after(record.ordered_at, &program.zone)) {
        let why = format!("the order is older than {}", length(within, Lang::En));
        return refused(&back.id, "too_late", why, out);
    }
    for (line, (milli, minor)) in record.lines.iter_mut().zip(&came.lines) {
        line.returned_milli += milli;
        line.refunded_minor += minor;
    }
    record.returns.insert(back.id.clone(), came);
    let owner = member.id.clone();
    settle(program, member, &back.order, &back.id, now, out);
    cards(books, &owner, &back.order, &back.id, now, out);
    vouchers(program, books, &owner, &back.order, &back.id, now, out);
    crate::referral::after_return(program, books, &owner, &back.order, now, out);
}

fn wait(books: &mut Books, back: &Return, out: &mut Vec<Output>) {
    let waiting = books.shared.early.entry(back.order.clone()).or_default();
    if waiting.iter().any(|known| known.id == back.id) {
        return out.push(Output::Repeated { id: back.id.clone() });
    }
    waiting.push(back.clone());
    out.push(Output::Waiting { id: back.id.clone(), what: format!("order {}", back.order) });
}

pub(super) fn undone(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    id: &Name,
    order: &Name,
    out: &mut Vec<Output>,
) {
    if let Some(waiting) = books.shared.early.get_mut(order) {
        let before = waiting.len();
        waiting.retain(|back| back.id != *id);
        if waiting.len() == before {
            refused(id, "unknown_return", format!("no return '{id}' waits for order {order}"), out);
        }
        return;
    }
    let Some(owner) = books.shared.owners.get(order).cloned() else {
        return refused(id, "unknown_return", format!("order {order} is not known"), out);
    };
    let Some(member) = present(program, books, now, &owner, id, out) else { return };
    let Some(record) = member.orders.get_mut(order) else { return };
    let Some(came) = record.returns.get_mut(id) else {
        return refused(id, "unknown_return", format!("order {order} has no return '{id}'"), out);
    };
    if came.is_undone {
        return out.push(Output::Repeated { id: id.clone() });
    }
    came.is_undone = true;
    let lines = came.lines.clone();
    for (line, (milli, minor)) in record.lines.iter_mut().zip(&lines) {
        line.returned_milli -= milli;
        line.refunded_minor -= minor;
    }
    settle(program, member, order, id, now, out);
    let owner = member.id.clone();
    cards(books, &owner, order, id, now, out);
    vouchers(program, books, &owner, order, id, now, out);
    crate::referral::after_order(program, books, &owner, order, now, out);
}

/// Give gift cards back what came back of their part of the bill; where a return is undone they pay again.
pub(super) fn cards(
    books: &mut Books,
    owner: &Name,
    order: &Name,
    id: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let (members, shared) = (&mut books.members, &mut books.shared);
    let Some(record) = members.get_mut(owner).and_then(|member| member.orders.get_mut(order)) else { return };
    let (back, bill) = record.money_back();
    let mut again = Vec::new();
    for card in &mut record.cards {
        let step = share(card.amount_minor, back, bill) - card.refunded_minor;
        let answer = match step.signum() {
            1 => crate::gift_card::refund(shared, &card.code, step, &card.payment, now, out),
            -1 => {
                // Each payment has a name of its own, also where one card pays several times.
                let payment: Name = format!("{order}/{id}/{}", again.len()).as_str().into();
                card.amount_minor += step;
                let amount_minor = -step;
                let paid = crate::gift_card::pay(shared, &card.code, amount_minor, &payment, now, out);
                if paid.is_ok() {
                    again.push(CardRecord {
                        code: card.code.clone(),
                        payment,
                        amount_minor,
                        refunded_minor: 0,
                    });
                }
                paid
            }
            _ => continue,
        };
        card.refunded_minor += step;
        if let Err(why) = answer {
            refused(id, "gift_card", format!("gift card {}: {why}", card.code), out);
        }
    }
    record.cards.extend(again);
}

/// Vouchers an order used can be used again once all of it came back, and live at least as long as points that come
/// back do; where the return is undone they are used up again.
fn vouchers(
    program: &Program,
    books: &mut Books,
    owner: &Name,
    order: &Name,
    id: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let (members, shared) = (&mut books.members, &mut books.shared);
    let Some(record) = members.get_mut(owner).and_then(|member| member.orders.get_mut(order)) else { return };
    let is_back = record.is_back();
    for used in record.vouchers.iter_mut().filter(|used| used.is_back != is_back) {
        let Some(row) = shared.vouchers.get_mut(&used.code) else { continue };
        if is_back {
            let reward = program.rewards.iter().find(|reward| reward.id == row.reward);
            let wallet = reward.and_then(|reward| reward.prices.first()).map(|price| &price.wallet);
            let grace = wallet.map(|wallet| program.wallets[program.known_wallet(wallet)].restore_grace);
            row.uses_left = row.uses_left.saturating_add(1);
            row.until = grace.map_or(row.until, |grace| row.until.max(grace.after(now, &program.zone)));
        } else if row.uses_left > 0 {
            row.uses_left -= 1;
        } else {
            refused(id, "voucher", format!("voucher {} was used elsewhere meanwhile", used.code), out);
            continue;
        }
        used.is_back = is_back;
    }
}

/// Bring points, sums, tiers and missions in line with what has come back of an order in all.
pub(super) fn settle(
    program: &Program,
    member: &mut Member,
    order: &Name,
    id: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let Some(mut record) = member.orders.remove(order) else { return };
    let cause = Cause::new("return", id.as_str());
    let (ordered_at, day) = (record.ordered_at, record.day);
    for award in &mut record.awards {
        let parts = award.per_line.iter().zip(&record.lines);
        let due: i64 = parts.map(|(units, line)| share(*units, line.returned().0, line.returned().1)).sum();
        let step = due - award.clawed;
        let cause = Cause {
            rule: Some(award.rule.clone()),
            version: Some(award.working.version.clone()),
            funder: Some(award.working.funder.clone()),
            ..cause.clone()
        };
        if step > 0 {
            award.forgone += take_back(program, member, award.wallet, award.lot, step, cause, now, out);
        } else if step < 0 {
            // What the policy let go was never taken: it is not given back either.
            let let_go = award.forgone.min(-step);
            award.forgone -= let_go;
            give_again(program, member, award, (ordered_at, day), -step - let_go, cause, now, out);
        }
        award.clawed = due;
    }
    let (back, bill) = record.money_back();
    let mut again = Vec::new();
    for spent in &mut record.spent {
        again.extend(refund(program, member, spent, (ordered_at, day), (back, bill), &cause, now, out));
    }
    record.spent.extend(again);
    for (rule, first, amount, off) in &mut record.summed {
        let due = share(*amount, back, bill);
        member.tallies.sum_mut(rule, *first).amount -= due - *off;
        *off = due;
    }
    crate::mission::after_return(program, member, order, &record, now, out);
    member.orders.insert(order.clone(), record);
    super::order::count(program, member, order, now, out);
}

/// Take points back by the wallet's policy; answers how many the policy let go.
#[expect(clippy::too_many_arguments, reason = "one posting, said in full")]
pub(crate) fn take_back(
    program: &Program,
    member: &mut Member,
    wallet: usize,
    lot: LotId,
    units: i64,
    cause: Cause,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> i64 {
    let Some(points) = Points::new(units).filter(|points| points.units() > 0) else { return 0 };
    let deficit = program.wallets[wallet].deficit;
    let id = cause.id.clone();
    let mut postings = Vec::new();
    let taken = member.accounts[wallet].claw_back(now, points, &[lot], deficit, cause, &mut postings);
    posted(program, &member.id, wallet, postings, out);
    match taken {
        Ok(taken) => taken.forgone,
        Err(why) => {
            refused(&id, "points_gone", why.to_string(), out);
            units
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one posting, said in full")]
fn give_again(
    program: &Program,
    member: &mut Member,
    award: &mut AwardRecord,
    ordered: (Timestamp, Date),
    units: i64,
    cause: Cause,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let Some(points) = Points::new(units).filter(|points| points.units() > 0) else { return };
    let wallet = award.wallet;
    let opening = dates(program, member, wallet, ordered, now);
    let at_least = program.wallets[wallet].restore_grace.after(now, &program.zone);
    let id = cause.id.clone();
    let mut postings = Vec::new();
    let account = &mut member.accounts[wallet];
    let given = match account.lot(award.lot) {
        Some(_) => account.reinstate(now, award.lot, points, at_least, cause, &mut postings),
        None => account
            .restore(now, Posted::Reinstate, points, opening, cause, &mut postings)
            .map(|lot| award.lot = lot),
    };
    posted(program, &member.id, wallet, postings, out);
    if let Err(why) = given {
        refused(&id, "ledger", why.to_string(), out);
    }
}

/// Dates for points of an order whose lot stayed with another member: those they would have had, and at least the
/// wallet's grace.
fn dates(
    program: &Program,
    member: &Member,
    wallet: usize,
    ordered: (Timestamp, Date),
    now: Timestamp,
) -> Opening {
    let at_least = program.wallets[wallet].restore_grace.after(now, &program.zone);
    let end = super::time::end_of(program, member, wallet, ordered, member.active_at, program.day(now));
    Opening { earned_at: ordered.0, start: Start::Usable, expires_at: end.map(|end| end.max(at_least)) }
}

/// Points the order was paid with come back in proportion; where a return is undone they are spent again, under an id
/// of their own, so that they can come back once more.
#[expect(clippy::too_many_arguments, reason = "one posting, said in full")]
fn refund(
    program: &Program,
    member: &mut Member,
    spent: &mut SpentRecord,
    ordered: (Timestamp, Date),
    (back, bill): (i64, i64),
    cause: &Cause,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> Option<SpentRecord> {
    let wallet = spent.wallet;
    let due = share(spent.units, back, bill);
    let step = due - spent.refunded;
    let points = Points::new(step.abs()).filter(|points| points.units() > 0)?;
    let mut postings = Vec::new();
    let opening = dates(program, member, wallet, ordered, now);
    let account = &mut member.accounts[wallet];
    let answer = if step > 0 {
        let at_least = program.wallets[wallet].restore_grace.after(now, &program.zone);
        // What was spent before a merge was spent from lots that stayed behind.
        let given = match account.spent(spent.redemption.as_str()) {
            Some(_) => account.refund(now, &spent.redemption, points, at_least, &mut postings),
            None => {
                let cause = Cause::new("redemption", spent.redemption.as_str());
                account.restore(now, Posted::Refund, points, opening, cause, &mut postings).map(drop)
            }
        };
        given.map(|()| {
            spent.refunded += step;
            None
        })
    } else {
        let id = format!("{}/{}", spent.redemption, cause.id);
        spent.refunded += step;
        spent.units += step;
        let again = account.spend(now, points, Cause::new("redemption", &id), &mut postings);
        match again {
            Ok(()) => {
                Ok(Some(SpentRecord { redemption: id.as_str().into(), wallet, units: -step, refunded: 0 }))
            }
            Err(_) => {
                let deficit = program.wallets[wallet].deficit;
                account.claw_back(now, points, &[], deficit, cause.clone(), &mut postings).map(|_| None)
            }
        }
    };
    posted(program, &member.id, wallet, postings, out);
    answer.unwrap_or_else(|why| {
        refused(&cause.id, "points_gone", why.to_string(), out);
        None
    })
}
