//! Joining, points by hand, transfers, merging and parting of members.

use super::{Books, Output, posted, present, refused, resolve};
use crate::earning::{Tallies, expires_at, policy};
use crate::fact::Join;
use crate::ledger::{Cause, LotId, Moved, Opening, Posted, Start};
use crate::member::{AwardRecord, Member, OrderRecord};
use crate::name::Name;
use crate::program::spec::CapPer;
use crate::program::{Lang, Program, Rule};
use crate::words::points as points_in_words;
use domain::Points;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

pub(super) fn join(program: &Program, books: &mut Books, now: Timestamp, join: &Join, out: &mut Vec<Output>) {
    if books.members.contains_key(&join.member) {
        return out.push(Output::Repeated { id: join.member.clone() });
    }
    let mut member = Member::new(program, &join.member, now);
    member.birthday = join.birthday;
    member.segments = join.segments.iter().cloned().collect();
    member.marks = join.marks.iter().cloned().collect();
    books.members.insert(join.member.clone(), member);
    if let Some(referrer) = &join.referred_by {
        crate::referral::joined(program, books, &join.member, referrer, out);
    }
}

type Change<'a> = (&'a Name, &'a Name, &'a Name, i64);

fn wallet(program: &Program, id: &Name, wallet: &Name, out: &mut Vec<Output>) -> Option<usize> {
    let place = program.wallet(wallet.as_str());
    if place.is_none() {
        let known: Vec<&str> = program.wallets.iter().map(|wallet| wallet.id.as_str()).collect();
        refused(id, "unknown_wallet", format!("no wallet '{wallet}'; known: {}", known.join(", ")), out);
    }
    place
}

pub(super) fn adjust(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    change: Change,
    out: &mut Vec<Output>,
) {
    let (member, id, name, units) = change;
    let Some(place) = wallet(program, id, name, out) else { return };
    let Some(member) = present(program, books, now, member, id, out) else { return };
    if !member.events.insert(id.clone()) {
        return out.push(Output::Repeated { id: id.clone() });
    }
    let Some(points) = units.checked_abs().and_then(Points::new) else {
        return refused(id, "too_large", "the amount is beyond all measure", out);
    };
    let opening = (units > 0).then(|| {
        let today = program.day(now);
        let tiers = member.tiers_on(program, today);
        let expires_at = policy(program, place, today, member.joined_on, &tiers)
            .and_then(|policy| expires_at(program, policy, now, member.active_at));
        Opening { earned_at: now, start: Start::Usable, expires_at }
    });
    let mut postings = Vec::new();
    let answer =
        member.accounts[place].adjust(now, points, opening, Cause::new("staff", id.as_str()), &mut postings);
    posted(program, &member.id, place, postings, out);
    if let Err(why) = answer {
        member.events.remove(id);
        refused(id, "ledger", why.to_string(), out);
    }
}

pub(super) fn transfer(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    transfer: (&Name, &Name, &Name, &Name, i64),
    out: &mut Vec<Output>,
) {
    let (from, to, id, name, units) = transfer;
    let Some(place) = wallet(program, id, name, out) else { return };
    let (from, to) = (resolve(books, from), resolve(books, to));
    let Some(member) = present(program, books, now, &from, id, out) else { return };
    if member.events.contains(id) {
        return out.push(Output::Repeated { id: id.clone() });
    }
    if from == to {
        return refused(id, "same_member", "giver and receiver are one member", out);
    }
    if present(program, books, now, &to, id, out).is_none() {
        return;
    }
    let today = program.day(now);
    let member = books.members.get_mut(&from).expect("present");
    let Some(most) = program.wallets[place].transfer_per_month else {
        return refused(id, "no_transfers", format!("points of '{name}' cannot be sent to others"), out);
    };
    let key: Name = format!("transfer:{name}").as_str().into();
    let used = member.tallies.tally(&key, CapPer::Month, today).points;
    let left = (program.units(place, most) - used).max(0);
    let Some(points) = Points::new(units) else {
        return refused(id, "too_large", "send an amount above zero", out);
    };
    if units > left {
        let left = points_in_words(program, place, left, Lang::En);
        return refused(id, "over_limit", format!("{left} can still be sent this month"), out);
    }
    let cause = Cause::new("transfer", id.as_str());
    let mut postings = Vec::new();
    let sent = member.accounts[place].transfer_out(now, points, cause.clone(), &mut postings);
    posted(program, &from, place, postings, out);
    let moved = match sent {
        Ok(moved) => moved,
        Err(why) => return refused(id, "insufficient_points", why.to_string(), out),
    };
    member.events.insert(id.clone());
    member.tallies.add(&key, CapPer::Month, today, units);
    receive(program, books, now, &to, place, Posted::TransferIn, &moved, 0, cause, out);
}

#[expect(clippy::too_many_arguments, reason = "one posting, said in full")]
fn receive(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    to: &Name,
    wallet: usize,
    kind: Posted,
    moved: &[Moved],
    owed: i64,
    cause: Cause,
    out: &mut Vec<Output>,
) -> Vec<LotId> {
    let Some(member) = books.members.get_mut(to) else { return Vec::new() };
    let mut postings = Vec::new();
    let id = cause.id.clone();
    let lots = member.accounts[wallet].receive(now, kind, moved, owed, cause, &mut postings);
    posted(program, to, wallet, postings, out);
    lots.unwrap_or_else(|why| {
        refused(&id, "ledger", why.to_string(), out);
        Vec::new()
    })
}

/// No lot has this number: a return of points whose lot is spent takes others by the policy.
const NO_LOT: LotId = LotId(u32::MAX);

pub(super) fn merge(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    from: &Name,
    into: &Name,
    out: &mut Vec<Output>,
) {
    let into = resolve(books, into);
    if let Some((known, _)) = books.members.get(from).and_then(|member| member.merged.as_ref()) {
        if resolve(books, known) == into {
            return out.push(Output::Repeated { id: from.clone() });
        }
        let why = format!("'{from}' is merged into '{known}' already: part it first");
        return refused(from, "merged", why, out);
    }
    if into == *from {
        return refused(from, "same_member", "a member cannot be merged into itself", out);
    }
    if present(program, books, now, &into, from, out).is_none() {
        return;
    }
    let Some(member) = present(program, books, now, from, from, out) else { return };
    let cause = Cause::new("merge", from.as_str());
    let mut sent = Vec::new();
    for wallet in 0..member.accounts.len() {
        let mut postings = Vec::new();
        sent.push(member.accounts[wallet].merge_out(now, cause.clone(), &mut postings));
        posted(program, from, wallet, postings, out);
    }
    let lapsed = member.redemptions.extract_if(.., |_, held| held.is_open).map(|(_, held)| held);
    let lapsed: Vec<crate::reward::Held> = lapsed.collect();
    let tallies = member.tallies.clone();
    let orders = std::mem::take(&mut member.orders);
    let counted: Vec<BTreeMap<Date, i64>> = member.standings.iter().map(|row| row.counted.clone()).collect();
    // What stays here is what did not come from orders: the orders go along.
    for (place, standing) in member.standings.iter_mut().enumerate() {
        for record in orders.values() {
            *standing.counted.entry(record.day).or_default() -= record.counted[place].1;
        }
    }
    orders.values().for_each(|record| uncount_order(program, &mut member.tallies, record));
    let (events, count) = (member.events.clone(), member.orders_count);
    let uses = member.benefits_used.clone();
    let mut lots = Vec::new();
    for (wallet, (moved, owed)) in sent.iter().enumerate() {
        let cause = cause.clone();
        lots.push(receive(program, books, now, &into, wallet, Posted::MergeIn, moved, *owed, cause, out));
    }
    let place_of = |wallet: usize, lot: LotId| {
        let place = sent[wallet].0.iter().position(|part| part.from == lot);
        place.and_then(|place| lots[wallet].get(place)).copied().unwrap_or(NO_LOT)
    };
    let target = books.members.get_mut(&into).expect("present");
    for (id, mut record) in orders {
        for award in &mut record.awards {
            award.lot = place_of(award.wallet, award.lot);
        }
        target.orders.insert(id, record);
    }
    target.events.extend(events);
    // Two cards of one person are one member for quotas, too.
    crate::benefit::merge(uses, target);
    target.orders_count += count;
    // Two cards of one person are one member for caps, too.
    target.tallies.absorb(&tallies);
    for (place, counted) in counted.into_iter().enumerate() {
        for (day, units) in counted {
            *target.standings[place].counted.entry(day).or_default() += units;
        }
        super::refresh(program, target, place, now, program.day(now), out);
    }
    crate::pool::merged(&mut books.shared, from, &into);
    let member = books.members.get_mut(from).expect("present");
    member.merged = Some((into, lots));
    member.merged_from = sent.iter().map(|(moved, _)| moved.iter().map(|part| part.from).collect()).collect();
    // The points of open holds went along, so nothing is set aside any more, in the stock and at the till neither.
    lapsed.iter().for_each(|held| crate::redemption::free(program, &mut books.shared, held));
}

pub(super) fn unmerge(
    program: &Program,
    books: &mut Books,
    now: Timestamp,
    from: &Name,
    out: &mut Vec<Output>,
) {
    let Some((into, mut lots)) = books.members.get(from).and_then(|member| member.merged.clone()) else {
        return refused(from, "not_merged", format!("'{from}' is not merged into anybody"), out);
    };
    if let Some((on, _)) = books.members.get(&into).and_then(|member| member.merged.as_ref()) {
        let why = format!("'{into}' was merged into '{on}' since: part '{into}' first");
        return refused(from, "merged", why, out);
    }
    let member = books.members.get_mut(from).expect("looked up above");
    let lots_before = std::mem::take(&mut member.merged_from);
    member.merged = None;
    let cause = Cause::new("unmerge", from.as_str());
    if present(program, books, now, &into, from, out).is_none() {
        return;
    }
    // Its own orders, and those of members that were merged into it.
    let mine = books.shared.owners.iter().filter(|(_, owner)| resolve(books, owner) == *from);
    let mine: Vec<Name> = mine.map(|(order, _)| order.clone()).collect();
    let origins_there = origins(&books.members[&into]);
    let target = books.members.get_mut(&into).expect("present");
    // Points an order was given again since belong to it, and go where it goes.
    for award in mine.iter().filter_map(|id| target.orders.get(id)).flat_map(|record| &record.awards) {
        if award.lot != NO_LOT && !lots[award.wallet].contains(&award.lot) {
            lots[award.wallet].push(award.lot);
        }
    }
    let mut sent: Vec<Vec<Moved>> = Vec::new();
    for (wallet, lots) in lots.iter().enumerate() {
        let mut postings = Vec::new();
        sent.push(target.accounts[wallet].unmerge_out(now, lots, cause.clone(), &mut postings));
        posted(program, &into, wallet, postings, out);
    }
    let orders: Vec<_> =
        mine.iter().filter_map(|id| target.orders.remove(id).map(|row| (id.clone(), row))).collect();
    target.orders_count -= orders.len() as i64;
    let tallies = books.members[from].tallies.clone();
    let target = books.members.get_mut(&into).expect("present");
    target.tallies.part_with(&tallies);
    orders.iter().for_each(|(_, record)| uncount_order(program, &mut target.tallies, record));
    let events = target.events.clone();
    let uses = std::mem::take(&mut books.members.get_mut(from).expect("looked up above").benefits_used);
    let uses = crate::benefit::part(uses, books.members.get_mut(&into).expect("present"));
    let member = books.members.get_mut(from).expect("looked up above");
    member.benefits_used = uses;
    // What was told of the one while they were two in one was told: a repetition still has no effect.
    member.events.extend(events);
    orders.iter().for_each(|(_, record)| count_order(program, &mut member.tallies, record));
    for (place, standing) in member.standings.iter_mut().enumerate() {
        for (_, record) in &orders {
            *standing.counted.entry(record.day).or_default() += record.counted[place].1;
        }
    }
    let counted: Vec<BTreeMap<Date, i64>> = member.standings.iter().map(|row| row.counted.clone()).collect();
    let mut back = Vec::new();
    for (wallet, moved) in sent.iter().enumerate() {
        back.push(receive(program, books, now, from, wallet, Posted::MergeIn, moved, 0, cause.clone(), out));
    }
    let target = books.members.get_mut(&into).expect("present");
    for (place, counted) in counted.iter().enumerate() {
        for (day, units) in counted {
            *target.standings[place].counted.entry(*day).or_default() -= units;
        }
        super::refresh(program, target, place, now, program.day(now), out);
    }
    let member = books.members.get_mut(from).expect("looked up above");
    for (id, mut record) in orders {
        for award in &mut record.awards {
            let place = sent[award.wallet].iter().position(|part| part.from == award.lot);
            award.lot = place.and_then(|place| back[award.wallet].get(place)).copied().unwrap_or(NO_LOT);
        }
        member.orders.insert(id, record);
    }
    member.advanced_to = now;
    for place in 0..program.ladders.len() {
        super::refresh(program, member, place, now, program.day(now), out);
    }
    crate::pool::parted(&mut books.shared, from, &into);
    let origins_here = origins(&books.members[from]);
    for wallet in 0..lots.len() {
        // Which lot was which: here before the merge, there, and here again.
        let before = |part: &Moved| {
            let there = origin(&origins_there[wallet], part.from).unwrap_or(part.from);
            let place = lots[wallet].iter().position(|lot| *lot == there)?;
            lots_before.get(wallet)?.get(place).copied()
        };
        let known: Vec<Option<LotId>> = sent[wallet].iter().map(before).collect();
        follow(books, from, wallet, &origins_here[wallet], &known, &back[wallet]);
    }
}

/// What an order came to in caps and in sums over receipts goes where the order goes.
fn count_order(program: &Program, tallies: &mut Tallies, record: &OrderRecord) {
    for award in &record.awards {
        if let Some(rule) = rated_by(program, award) {
            tallies.count(rule, award.working.units, record.day);
        }
    }
    for (rule, first, amount, off) in &record.summed {
        tallies.sum_mut(rule, *first).amount += amount - off;
    }
}

fn uncount_order(program: &Program, tallies: &mut Tallies, record: &OrderRecord) {
    for award in &record.awards {
        if let Some(rule) = rated_by(program, award) {
            tallies.uncount(rule, award.working.units, record.day);
        }
    }
    for (rule, first, amount, off) in &record.summed {
        tallies.sum_mut(rule, *first).amount -= amount - off;
    }
}

/// The version of the rule that gave it, where the program still has it.
pub(super) fn rated_by<'a>(program: &'a Program, award: &AwardRecord) -> Option<&'a Rule> {
    program.versions(award.rule.as_str()).find(|rule| rule.version == award.working.version)
}

/// Members that were merged into `from` before find their points by the lots these are again: `known` are the lots of
/// old, `back` those of now.
fn follow(
    books: &mut Books,
    from: &Name,
    wallet: usize,
    origins: &[Option<LotId>],
    known: &[Option<LotId>],
    back: &[LotId],
) {
    for inner in books.members.values_mut() {
        let Some((_, theirs)) = inner.merged.as_mut().filter(|(into, _)| into == from) else { continue };
        let is_theirs = |old: LotId| {
            let of_old = origin(origins, old);
            theirs[wallet].contains(&old) || of_old.is_some_and(|lot| theirs[wallet].contains(&lot))
        };
        let fresh = known.iter().zip(back).filter(|(old, _)| old.is_some_and(is_theirs));
        theirs[wallet] = fresh.map(|(_, new)| *new).collect();
    }
}

/// For each lot of each wallet, the one it was given back from.
fn origins(member: &Member) -> Vec<Vec<Option<LotId>>> {
    member.accounts.iter().map(|account| account.lots().map(|(_, lot)| lot.origin).collect()).collect()
}

fn origin(origins: &[Option<LotId>], lot: LotId) -> Option<LotId> {
    origins.get(lot.0 as usize).copied().flatten()
}
