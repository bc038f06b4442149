//! Looking at the record without changing it: a member as of now, entries with their working, and a command tried
//! without effect.
//!
//! Everything here reads through a [`Writing`] that is never committed. On SQLite that may be a snapshot; PostgreSQL
//! locks what is judged by, so that there it is a transaction which is given up.

use super::answer::{Answer, Outcome};
use super::books::{instant, posting, value};
use super::command::Command;
use super::counters::{self, Counter, Counters};
use super::gather::{gather, lapsed};
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
    let program = &in_force.program;
    let id = program.head.id.as_str();
    let mut also = lapsed(reading, program, now)?;
    also.push(customer.to_owned());
    let mut gathered = gather(reading, program, in_force.seed, &[], &also, now)?;
    if !gathered.books.members.contains_key(customer) {
        return Ok(None);
    }
    let mut wanted: BTreeSet<Counter> = BTreeSet::new();
    for reward in &program.rewards {
        counters::reward(&reward.id, &mut wanted);
    }
    Counters::gather(wanted, reading, program, &mut gathered.books.shared)?;
    for reward in program.rewards.iter().filter(|reward| reward.kind == RewardKind::ExternalCode) {
        let codes = reading.lock_external_codes(id, reward.id.as_str(), 1)?;
        let codes = codes.iter().map(|code| Name::from(code.as_str())).collect();
        gathered.books.shared.codes.insert(reward.id.clone(), codes);
    }
    let member = gathered.resolve(&customer.into());
    let mut books = gathered.books;
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
    let mut gathered = gather(reading, &in_force.program, in_force.seed, &[command], &[], now)?;
    let at = gathered.at.first().copied().unwrap_or(now);
    let (answer, outputs) = judge_one(in_force, &mut gathered, command, at);
    Ok(Rehearsed { answer, outputs, books: gathered.books, at })
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
