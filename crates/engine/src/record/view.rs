//! Looking at the record without changing it: a member as of now, entries with their working, and a command tried
//! without effect.
//!
//! Everything here reads through a [`Writing`] that is never committed. On SQLite that may be a snapshot; PostgreSQL
//! locks what is judged by, so that there it is a transaction which is given up.

use super::answer::{Answer, Outcome};
use super::books::{instant, posting, value};
use super::command::Command;
use super::counters::{self, Counter, Counters};
use super::gather::{Gathered, gather, lapsed};
use super::program::InForce;
use super::recorder::judge_one;
use jiff::Timestamp;
use loyalty::earning::Working;
use loyalty::fact::{Event, Fact};
use loyalty::judge::{Books, Output, judge};
use loyalty::ledger::Posting;
use loyalty::member::Member;
use loyalty::name::Name;
use loyalty::program::spec::RewardKind;
use std::collections::BTreeSet;
use store::{Failure, Writing};

/// A member brought up to an instant, with what all members share as far as rewards need it.
#[derive(Debug)]
pub struct Shelf {
    /// The member and those they point to.
    pub books: Books,
    /// Who answers for the customer after merges.
    pub member: Name,
    /// The instant: now, or when the member last moved where that is later.
    pub at: Timestamp,
}

impl Shelf {
    /// The member.
    pub fn member(&self) -> &Member {
        &self.books.members[&self.member]
    }
}

/// A customer as a member of a program at `now`; `None` where they are none.
pub fn shelf(
    reading: &Writing<'_>,
    in_force: &InForce,
    customer: &str,
    now: Timestamp,
) -> Result<Option<Shelf>, Failure> {
    let also = lapsed(reading, &in_force.program, now)?;
    shelf_with(reading, in_force, customer, also, now)
}

fn shelf_with(
    reading: &Writing<'_>,
    in_force: &InForce,
    customer: &str,
    mut also: Vec<String>,
    now: Timestamp,
) -> Result<Option<Shelf>, Failure> {
    also.push(customer.to_owned());
    let gathered = gather(reading, &in_force.program, in_force.seed, &[], &also, now)?;
    let member = gathered.resolve(&customer.into());
    stocked(reading, in_force, gathered.books, (customer, member), now)
}

/// The member's shelf out of gathered books: what is left of each reward is read, and time moves on to `now`.
fn stocked(
    reading: &Writing<'_>,
    in_force: &InForce,
    mut books: Books,
    (customer, member): (&str, Name),
    now: Timestamp,
) -> Result<Option<Shelf>, Failure> {
    let program = &in_force.program;
    if !books.members.contains_key(customer) {
        return Ok(None);
    }
    let mut wanted: BTreeSet<Counter> = BTreeSet::new();
    for reward in &program.rewards {
        counters::reward(&reward.id, &mut wanted);
    }
    Counters::gather(wanted, reading, program, &mut books.shared)?;
    for reward in program.rewards.iter().filter(|reward| reward.kind == RewardKind::ExternalCode) {
        let codes = reading.lock_external_codes(program.head.id.as_str(), reward.id.as_str(), 1)?;
        let codes = codes.iter().map(|code| Name::from(code.as_str())).collect();
        books.shared.codes.insert(reward.id.clone(), codes);
    }
    let at = books.members.get(&member).map_or(now, |member| member.advanced_to.max(now));
    judge(program, &mut books, &Event { at, fact: Fact::Tick }, &mut Vec::new());
    Ok(Some(Shelf { books, member, at }))
}

/// An entry of the ledger with how its number came about, where a rule gave it.
#[derive(Debug)]
pub struct Entry {
    /// The wallet.
    pub wallet: Name,
    /// The entry.
    pub posting: Posting,
    /// The working.
    pub working: Option<Working>,
}

/// The entries of a member, a household or a gift card, wallet by wallet, in their order.
pub fn entries(reading: &Writing<'_>, program_id: &str, owner: &str) -> Result<Vec<Entry>, Failure> {
    let rows = reading.postings_of(owner, program_id)?;
    rows.iter()
        .map(|row| {
            let working = row
                .working
                .as_deref()
                .map(|text| value(text, || format!("working of posting {} of {}", row.number, row.owner_id)));
            let wallet = row.wallet.as_str().into();
            Ok(Entry { wallet, posting: posting(row)?, working: working.transpose()? })
        })
        .collect()
}

/// What a command would do.
#[derive(Debug)]
pub struct Rehearsed {
    /// What would be answered.
    pub answer: Answer,
    /// What would follow, entries with their working among it.
    pub outputs: Vec<Output>,
    /// The members it touches, afterwards.
    pub books: Books,
    /// When it would take effect.
    pub at: Timestamp,
}

/// Try a command without effect. Idempotency keys are not looked at: it is judged as if it were new.
pub fn rehearse(
    reading: &Writing<'_>,
    in_force: &InForce,
    command: &Command,
    now: Timestamp,
) -> Result<Rehearsed, Failure> {
    let gathered = gather(reading, &in_force.program, in_force.seed, &[command], &[], now)?;
    Ok(judged(in_force, gathered, command, now))
}

fn judged(in_force: &InForce, mut gathered: Gathered, command: &Command, now: Timestamp) -> Rehearsed {
    let at = gathered.at.first().copied().unwrap_or(now);
    let (answer, outputs) = judge_one(in_force, &mut gathered, command, at);
    Rehearsed { answer, outputs, books: gathered.books, at }
}

/// Try a command of a customer as [`rehearse`] does, and show the shelf as it is before it, as [`shelf`] does. The rows are
/// read once for both, unless holds of others are over: what those set aside is free on the shelf only.
pub fn preview(
    reading: &Writing<'_>,
    in_force: &InForce,
    command: &Command,
    customer: &str,
    now: Timestamp,
) -> Result<(Rehearsed, Option<Shelf>), Failure> {
    let gathered = gather(reading, &in_force.program, in_force.seed, &[command], &[], now)?;
    let lapsed = lapsed(reading, &in_force.program, now)?;
    let shelf = if lapsed.is_empty() {
        let member = gathered.resolve(&customer.into());
        stocked(reading, in_force, gathered.books.clone(), (customer, member), now)?
    } else {
        shelf_with(reading, in_force, customer, lapsed, now)?
    };
    Ok((judged(in_force, gathered, command, now), shelf))
}

/// An order as it is kept.
#[derive(Debug)]
pub enum Kept {
    /// Somebody's: who has it now, and what it earned.
    Owned(Name, loyalty::member::OrderRecord),
    /// Nobody has claimed it.
    Anonymous(Timestamp, loyalty::fact::Order),
}

/// An order by the source's own id.
pub fn order(
    reading: &Writing<'_>,
    in_force: &InForce,
    source: &str,
    order_id: &str,
) -> Result<Option<Kept>, Failure> {
    let program = &in_force.program;
    let scoped = if source.is_empty() { order_id.to_owned() } else { format!("{source}/{order_id}") };
    let rows = reading.find_orders(program.head.id.as_str(), &[&scoped])?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    Ok(Some(match super::books::kept(program, &row)? {
        super::books::Kept::Record(record) => Kept::Owned(row.customer_id.as_str().into(), record),
        super::books::Kept::Bill(at, bill, _) => Kept::Anonymous(at, bill),
    }))
}

/// Whether an answer says that something took effect or will.
pub fn took_effect(answer: &Answer) -> bool {
    matches!(answer.outcome, Outcome::Done | Outcome::Waiting)
}

/// An instant out of microseconds since 1970; what is outside of time is its end.
pub fn at(micros: i64) -> Timestamp {
    instant(micros)
}
