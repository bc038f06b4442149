//! Referral: a member brings a friend, and both get something once the friend's first good order has stood the test.
//!
//! States: in progress (joined, no good order yet) → pending (the order came; points wait) → approved; or flagged,
//! where something looks like one person twice, until staff send `referral_approved` or `referral_rejected`. A friend
//! whose order comes back goes back to in progress, and the points with it.

use crate::fact::Custom;
use crate::judge::{Books, Output, advance, give, resolve};
use crate::ledger::{Cause, LotId};
use crate::name::Name;
use crate::program::Program;
use crate::program::spec::{CapPer, Referral};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a referral stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Joined, no good order yet.
    InProgress,
    /// The order came; points wait.
    Pending,
    /// Held for a look by staff.
    Flagged,
    /// Done.
    Approved,
    /// Staff said no.
    Rejected,
    /// The time passed without a good order.
    Lapsed,
}

/// A friend's side of a referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brought {
    /// Which.
    pub referral: usize,
    /// Who brought the friend.
    pub by: Name,
    /// How it stands.
    pub state: State,
    /// The order that made it good.
    pub order: Option<Name>,
    /// Points given: member, wallet, lot.
    pub given: Vec<(Name, usize, LotId)>,
    /// What raised a flag.
    pub flags: Vec<Name>,
}

pub(crate) fn joined(program: &Program, books: &mut Books, friend: &Name, by: &Name, out: &mut Vec<Output>) {
    let by = resolve(books, by);
    let Some(referral) =
        (!program.referrals.is_empty() && books.members.contains_key(&by) && by != *friend).then_some(0)
    else {
        return crate::judge::refused(friend, "no_referral", format!("'{by}' cannot refer '{friend}'"), out);
    };
    let brought =
        Brought { referral, by, state: State::InProgress, order: None, given: vec![], flags: vec![] };
    tell(friend, &brought, out);
    books.members.get_mut(friend).expect("just joined").referral = Some(brought);
}

fn tell(friend: &Name, brought: &Brought, out: &mut Vec<Output>) {
    out.push(Output::Referral {
        member: friend.clone(),
        referrer: brought.by.clone(),
        state: brought.state,
        flags: brought.flags.clone(),
    });
}

/// What of an order is still bought.
fn kept(books: &Books, friend: &Name, order: &Name) -> i64 {
    let record = books.members.get(friend).and_then(|member| member.orders.get(order));
    let lines = record.filter(|record| !record.is_foreign).map_or(&[][..], |record| &record.lines);
    lines.iter().filter(|line| line.id != "").map(|line| line.paid_minor - line.returned_minor()).sum()
}

pub(crate) fn after_order(
    program: &Program,
    books: &mut Books,
    friend: &Name,
    order: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let Some(member) = books.members.get(friend) else { return };
    let Some(brought) = member.referral.clone().filter(|brought| brought.state == State::InProgress) else {
        return;
    };
    let spec = &program.referrals[brought.referral];
    if kept(books, friend, order) < program.minor(spec.minimum) {
        return;
    }
    let mut brought = Brought { order: Some(order.clone()), ..brought };
    if now >= spec.within.after(member.joined_at, &program.zone) {
        brought.state = State::Lapsed;
    } else {
        brought.flags = flags(program, books, spec, friend, &brought.by, now);
        brought.state = if brought.flags.is_empty() { State::Pending } else { State::Flagged };
    }
    store(program, books, friend, brought, now, out);
}

fn flags(
    program: &Program,
    books: &Books,
    spec: &Referral,
    friend: &Name,
    by: &Name,
    now: Timestamp,
) -> Vec<Name> {
    let (Some(friend), Some(referrer)) = (books.members.get(friend), books.members.get(by)) else {
        return vec![];
    };
    let shared = friend.marks.intersection(&referrer.marks);
    let kind = |mark: &Name| mark.as_str().split(':').next().unwrap_or_default().to_owned();
    let watched = |kind: &String| spec.flag_same.iter().any(|watched| watched == kind.as_str());
    let mut flags: Vec<Name> =
        shared.map(kind).filter(watched).map(|kind| format!("same {kind}").as_str().into()).collect();
    flags.dedup();
    let used = referrer.tallies.tally(&key(spec), CapPer::Month, program.day(now)).times;
    if spec.per_month.is_some_and(|most| used >= most) {
        flags.push("too many this month".into());
    }
    flags
}

fn key(spec: &Referral) -> Name {
    format!("referral:{}", spec.id).as_str().into()
}

/// Keep the new state; where it is pending, give both sides their points, which wait for the delay.
fn store(
    program: &Program,
    books: &mut Books,
    friend: &Name,
    mut brought: Brought,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let spec = &program.referrals[brought.referral];
    if brought.state == State::Pending {
        let start_at = spec.delay.map(|delay| delay.after(now, &program.zone));
        if start_at.is_none() {
            brought.state = State::Approved;
        }
        let by = resolve(books, &brought.by);
        for (id, gift) in [(&by, &spec.referrer), (friend, &spec.friend)] {
            let (Some(gift), Some(member)) = (gift, books.members.get_mut(id)) else { continue };
            advance(program, member, now, out);
            let cause = Cause {
                rule: Some(spec.id.clone()),
                funder: Some(gift.funder.clone()),
                ..Cause::new("referral", friend.as_str())
            };
            if let Some((wallet, lot)) = give(program, member, gift, cause, start_at, now, out) {
                brought.given.push((id.clone(), wallet, lot));
            }
        }
        if let Some(member) = books.members.get_mut(&by) {
            member.tallies.add(&key(spec), CapPer::Month, program.day(now), 0);
        }
    }
    tell(friend, &brought, out);
    if let Some(member) = books.members.get_mut(friend) {
        member.referral = Some(brought);
    }
}

pub(crate) fn after_return(
    program: &Program,
    books: &mut Books,
    friend: &Name,
    order: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let Some(brought) = books.members.get(friend).and_then(|member| member.referral.clone()) else { return };
    let standing = matches!(brought.state, State::Pending | State::Approved | State::Flagged);
    let spec = &program.referrals[brought.referral];
    if !standing
        || brought.order.as_ref() != Some(order)
        || kept(books, friend, order) >= program.minor(spec.minimum)
    {
        return;
    }
    take(program, books, friend, Brought { state: State::InProgress, order: None, ..brought }, now, out);
}

fn take(
    program: &Program,
    books: &mut Books,
    friend: &Name,
    mut brought: Brought,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    for (id, wallet, lot) in std::mem::take(&mut brought.given) {
        let Some(member) = books.members.get_mut(&id) else { continue };
        advance(program, member, now, out);
        let amount = member.accounts[wallet].lot(lot).map_or(0, |lot| lot.amount);
        let spec = &program.referrals[brought.referral];
        let gift = if id == *friend { &spec.friend } else { &spec.referrer };
        let cause = Cause {
            rule: Some(spec.id.clone()),
            funder: gift.as_ref().map(|gift| gift.funder.clone()),
            ..Cause::new("referral", friend.as_str())
        };
        crate::judge::take_back(program, member, wallet, lot, amount, cause, now, out);
    }
    tell(friend, &brought, out);
    if let Some(member) = books.members.get_mut(friend) {
        member.referral = Some(brought);
    }
}

/// Staff decide on a flagged referral by an event of the friend.
pub(crate) fn after_event(
    program: &Program,
    books: &mut Books,
    friend: &Name,
    custom: &Custom,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let Some(brought) = books.members.get(friend).and_then(|member| member.referral.clone()) else { return };
    match custom.name.as_str() {
        "referral_approved" if brought.state == State::Flagged => {
            store(program, books, friend, Brought { state: State::Pending, ..brought }, now, out);
        }
        "referral_rejected" if matches!(brought.state, State::Flagged | State::Pending | State::Approved) => {
            take(program, books, friend, Brought { state: State::Rejected, ..brought }, now, out);
        }
        _ => {}
    }
}

/// How a referral stands at `at`: pending turns into approved when the delay is over.
pub fn state_at(books: &Books, friend: &Name, at: Timestamp) -> Option<State> {
    let brought = books.members.get(friend)?.referral.as_ref()?;
    let waits = |(id, wallet, lot): &(Name, usize, LotId)| {
        // One that is spent and forgotten does not wait.
        let row = books.members.get(id).and_then(|member| member.accounts.get(*wallet)?.find_lot(*lot));
        row.is_some_and(|row| matches!(row.start, crate::ledger::Start::At(start) if start > at))
    };
    let is_over = brought.state == State::Pending && !brought.given.iter().any(waits);
    Some(if is_over { State::Approved } else { brought.state })
}
