//! Corrections: a source tells an order anew, and what it says now replaces what it said before.
//!
//! The ledger follows by reversal and re-rating: what is left of the points is taken back, the order is rated again
//! under the rules of its own time, with the room in caps and budgets that it had taken, and what came back of it comes
//! back of it once more. What was paid with is not spent twice: of gift cards and points the difference moves, where the
//! source says anew how it was paid, and vouchers stay as they were.

use super::order::{enter, order as first_told, sound, spent};
use super::points::rated_by;
use super::returns::{cards, settle, take_back};
use super::{Books, Output, present, refused, resolve};
use crate::fact::{Order, Tender};
use crate::ledger::Cause;
use crate::member::{AwardRecord, CardRecord, Member, OrderRecord, ReturnRecord};
use crate::name::Name;
use crate::number::share;
use crate::program::Program;
use crate::program::spec::Counted;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// `updated_at` is when the source changed it, where it says so: what is older than what we know changes nothing.
pub(super) fn updated(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    updated_at: Option<Timestamp>,
    order: &Order,
    out: &mut Vec<Output>,
) {
    if let Some((ordered_at, _)) = books.shared.anonymous.get(&order.id) {
        let ordered_at = order.ordered_at.or(Some(*ordered_at));
        return bill(program, books, now, updated_at, &Order { ordered_at, ..order.clone() }, out);
    }
    let Some(owner) = books.shared.owners.get(&order.id).cloned() else {
        first_told(program, books, now, order, out);
        return changed_at(books, &order.id, updated_at);
    };
    if let Err(why) = sound(order) {
        return refused(&order.id, "malformed", why, out);
    }
    let named = order.member.as_ref().map(|member| resolve(books, member));
    if named.is_some_and(|named| named != resolve(books, &owner)) {
        let why = "another member has this order: part or merge the members, or cancel it and send a new one";
        return refused(&order.id, "another_member", why, out);
    }
    let Some(member) = present(program, books, now, &owner, &order.id, out) else { return };
    let holder = member.id.clone();
    let Some(before) = member.orders.remove(&order.id) else {
        return refused(&order.id, "unknown_order", format!("order {} is not kept any more", order.id), out);
    };
    if updated_at.is_some() && updated_at <= before.updated_at {
        member.orders.insert(order.id.clone(), before);
        return out.push(Output::Repeated { id: order.id.clone() });
    }
    let let_go = reverse(program, member, &before, &order.id, now, out);
    room(program, books, &holder, &before, order);
    let member = books.members.get_mut(&holder).expect("present");
    crate::mission::order_gone(member, &order.id);
    // The rules see the member as at first: a first order stays one.
    let orders_count = member.orders_count;
    member.orders_count = before.orders_before.unwrap_or(orders_count - 1);
    let again = Order {
        ordered_at: order.ordered_at.or(Some(before.ordered_at)),
        member: Some(holder.clone()),
        tenders: order.tenders.iter().map(|tender| Tender { code: None, ..tender.clone() }).collect(),
        ..order.clone()
    };
    let entered = enter(program, books, now, &holder, &again, out);
    assert!(entered.is_some(), "the member was present a moment ago");
    books.shared.owners.insert(order.id.clone(), owner);
    let member = books.members.get_mut(&holder).expect("present");
    member.orders_count = orders_count;
    crate::mission::settle_all(program, member, now, out);
    let record = member.orders.get_mut(&order.id).expect("just entered");
    record.updated_at = updated_at.or(before.updated_at);
    carry_over(record, before);
    keep_let_go(program, member, &order.id, let_go, now, out);
    points_paid(member, order);
    settle(program, member, &order.id, &order.id, now, out);
    cards_paid(books, &holder, order, now, out);
}

/// The codes that a way of paying names in a correction: `None` where the correction does not say how it was paid, or
/// says it without a code, so that nothing can be told.
fn named<'a>(order: &'a Order, kind: &str) -> Option<Vec<&'a Tender>> {
    let of: Vec<&Tender> = order.tenders.iter().filter(|tender| tender.kind == *kind).collect();
    (!order.tenders.is_empty() && of.iter().all(|tender| tender.code.is_some())).then_some(of)
}

/// Points belong to the redemptions the source names now. One that is named no more has paid something else, unless some
/// of it was given back through this order.
fn points_paid(member: &mut Member, order: &Order) {
    let Some(tenders) = named(order, "points") else { return };
    let codes: Vec<&Name> = tenders.iter().filter_map(|tender| tender.code.as_ref()).collect();
    let Some(known) = member.orders.get(&order.id).map(|record| record.spent.clone()) else { return };
    let is_known = |code: &&&Name| known.iter().any(|spent| spent.redemption == ***code);
    let new: Vec<_> =
        codes.iter().filter(|code| !is_known(code)).filter_map(|code| spent(member, code)).collect();
    let Some(record) = member.orders.get_mut(&order.id) else { return };
    record.spent.retain(|spent| spent.refunded > 0 || codes.contains(&&spent.redemption));
    record.spent.extend(new);
}

/// Gift cards pay what the source says now, less what came back of it: the difference is taken from the card, or given
/// back to it.
fn cards_paid(books: &mut Books, holder: &Name, order: &Order, now: Timestamp, out: &mut Vec<Output>) {
    let Some(tenders) = named(order, "gift_card") else { return };
    let (members, shared) = (&mut books.members, &mut books.shared);
    let record = members.get_mut(holder).and_then(|member| member.orders.get_mut(&order.id));
    let Some(record) = record.filter(|record| !record.is_foreign) else { return };
    let of_bill = record.money_back();
    let mut wanted: BTreeMap<Name, i64> = record.cards.iter().map(|card| (card.code.clone(), 0)).collect();
    for tender in tenders {
        let Some(code) = &tender.code else { continue };
        let sum = wanted.entry(code.clone()).or_default();
        *sum = sum.saturating_add(tender.amount_minor.max(0));
    }
    for (code, wanted) in wanted {
        let of = record.cards.iter().filter(|card| card.code == code);
        let paid = of.fold(0i64, |sum, card| sum.saturating_add(card.amount_minor));
        if wanted > paid {
            // Each payment has a name of its own, by which it can be given back.
            let payment: Name = format!("{}/updated/{}", order.id, record.cards.len()).as_str().into();
            let amount_minor = wanted - paid;
            let refunded_minor = share(amount_minor, of_bill.0, of_bill.1);
            let step = amount_minor - refunded_minor;
            let answer = match step {
                0 => Ok(()),
                _ => crate::gift_card::pay(shared, &code, step, &payment, now, out),
            };
            match answer {
                Ok(()) => record.cards.push(CardRecord { code, payment, amount_minor, refunded_minor }),
                Err(why) => refused(&order.id, "gift_card", format!("gift card {code}: {why}"), out),
            }
            continue;
        }
        let mut less = paid - wanted;
        for card in record.cards.iter_mut().rev().filter(|card| card.code == code) {
            let amount_minor = card.amount_minor - less.min(card.amount_minor);
            less -= card.amount_minor - amount_minor;
            let still_paid = card.amount_minor - card.refunded_minor;
            let step = still_paid - (amount_minor - share(amount_minor, of_bill.0, of_bill.1));
            if step > 0
                && let Err(why) = crate::gift_card::refund(shared, &code, step, &card.payment, now, out)
            {
                refused(&order.id, "gift_card", format!("gift card {code}: {why}"), out);
                continue;
            }
            card.amount_minor = amount_minor;
            card.refunded_minor = amount_minor - (still_paid - step.max(0));
        }
    }
    let id = format!("updated/{}", record.cards.len());
    cards(books, holder, &order.id, &id.as_str().into(), now, out);
}

/// A bill that nobody has claimed, told anew; it may name its member now.
fn bill(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    updated_at: Option<Timestamp>,
    order: &Order,
    out: &mut Vec<Output>,
) {
    let before = books.shared.bills_updated.get(&order.id).copied();
    if updated_at.is_some() && updated_at <= before {
        return out.push(Output::Repeated { id: order.id.clone() });
    }
    if let Err(why) = sound(order) {
        return refused(&order.id, "malformed", why, out);
    }
    if let Some(member) = order.member.as_ref().filter(|id| !books.members.contains_key(&resolve(books, id)))
    {
        return refused(&order.id, "unknown_member", format!("'{member}' is not a member"), out);
    }
    books.shared.anonymous.remove(&order.id);
    books.shared.bills_updated.remove(&order.id);
    first_told(program, books, now, order, out);
    changed_at(books, &order.id, updated_at.or(before));
}

/// Remember when its source last changed an order or a bill, where it has said so.
pub(super) fn changed_at(books: &mut Books, order: &Name, at: Option<Timestamp>) {
    let Some(at) = at else { return };
    if books.shared.anonymous.contains_key(order) {
        books.shared.bills_updated.insert(order.clone(), at);
    } else if let Some(owner) = books.shared.owners.get(order) {
        let holder = resolve(books, owner);
        let record = books.members.get_mut(&holder).and_then(|member| member.orders.get_mut(order));
        if let Some(record) = record {
            record.updated_at = Some(at);
        }
    }
}

/// Take back what is left of an order's points; by wallet, how many the policy let go.
fn reverse(
    program: &Program,
    member: &mut Member,
    before: &OrderRecord,
    order: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> BTreeMap<usize, i64> {
    let mut let_go = BTreeMap::new();
    for award in &before.awards {
        let left = given(award) - award.clawed;
        let cause = Cause {
            rule: Some(award.rule.clone()),
            version: Some(award.working.version.clone()),
            funder: Some(award.working.funder.clone()),
            ..Cause::new("order_updated", order.as_str())
        };
        *let_go.entry(award.wallet).or_default() +=
            take_back(program, member, award.wallet, award.lot, left, cause, now, out);
    }
    for (rule, first, amount, off) in &before.summed {
        member.tallies.sum_mut(rule, *first).amount -= amount - off;
    }
    for (place, ladder) in program.ladders.iter().enumerate() {
        let standing = &mut member.standings[place];
        if ladder.counts == Counted::Visits {
            let mut on_day = member.orders.values().filter(|record| record.day == before.day);
            let is_visited = on_day.any(|record| record.counted[place].1 > 0);
            standing.counted.insert(before.day, i64::from(is_visited));
        } else if let Some(counted) = standing.counted.get_mut(&before.day) {
            *counted = counted.saturating_sub(before.counted[place].1);
        }
    }
    let_go
}

/// What a rule gave for the order, before anything came back.
fn given(award: &AwardRecord) -> i64 {
    award.working.units
}

/// Give back the room that an order's points had taken in caps and budgets.
fn room(program: &Program, books: &mut Books, holder: &Name, before: &OrderRecord, order: &Order) {
    let Some(member) = books.members.get_mut(holder) else { return };
    for award in &before.awards {
        let Some(rule) = rated_by(program, award) else { continue };
        member.tallies.uncount(rule, given(award), before.day);
        books.shared.budgets.give_back(rule, given(award), order.store.as_ref(), before.day);
    }
}

/// What had come back, and how it was paid, goes over to the new record, line by line.
fn carry_over(record: &mut OrderRecord, before: OrderRecord) {
    let place_of = |place: usize| {
        let id = &before.lines.get(place)?.id;
        record.lines.iter().position(|line| line.id == *id)
    };
    let places: Vec<Option<usize>> = (0..before.lines.len()).map(place_of).collect();
    for (id, back) in &before.returns {
        let mut lines = vec![(0, 0); record.lines.len()];
        for ((milli, minor), place) in back.lines.iter().zip(&places) {
            let Some(place) = *place else { continue };
            let line = &mut record.lines[place];
            let milli = (*milli).min(line.quantity_milli - line.returned_milli);
            let minor = (*minor).min(line.paid_minor - line.refunded_minor);
            lines[place] = (milli, minor);
            if !back.is_undone {
                line.returned_milli += milli;
                line.refunded_minor += minor;
            }
        }
        record.returns.insert(id.clone(), ReturnRecord { lines, is_undone: back.is_undone });
    }
    record.orders_before = before.orders_before;
    record.spent = before.spent;
    record.cards = before.cards;
    record.vouchers = before.vouchers;
}

/// What the policy let go when the points were taken back is not given a second time.
fn keep_let_go(
    program: &Program,
    member: &mut Member,
    order: &Name,
    mut let_go: BTreeMap<usize, i64>,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let Some(record) = member.orders.get(order) else { return };
    let awards: Vec<_> = record.awards.iter().map(|award| (award.wallet, award.lot, given(award))).collect();
    for (wallet, lot, units) in awards {
        let Some(left) = let_go.get_mut(&wallet) else { continue };
        let step = units.min(*left);
        *left -= step;
        let cause = Cause::new("order_updated", order.as_str());
        take_back(program, member, wallet, lot, step, cause, now, out);
    }
}
