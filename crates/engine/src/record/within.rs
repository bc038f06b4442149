//! The record within somebody else's transaction: what is done to a person and to their points is done together or not
//! at all. Used by `people` and `takeover`.

use super::answer::Answer;
use super::books::{member, member_row, state};
use super::command::Command;
use super::messages::Ids;
use super::program::{InForce, find};
use super::recorder::{Stop, follow, part, record_in};
use jiff::Timestamp;
use loyalty::member::Member;
use loyalty::time::MonthDay;
use store::{Failure, Writing};

/// Every program that is installed, as it is in force.
pub(crate) fn programs(reading: &Writing<'_>) -> Result<Vec<InForce>, Failure> {
    let ids = reading.list_programs()?;
    ids.iter().filter_map(|id| find(reading, id).transpose()).collect()
}

/// Record commands. `writer` is chance: ids made under it are nobody else's.
pub(crate) fn record(
    writing: &Writing<'_>,
    in_force: &InForce,
    writer: u64,
    now: Timestamp,
    commands: &[Command],
) -> Result<Vec<Answer>, Failure> {
    record_in(writing, in_force, &mut Ids::new(writer), now, commands)
}

/// The points of a customer follow those who merged them. A refusal means that the transaction must be given up.
pub(crate) fn merge_points(
    writing: &Writing<'_>,
    in_force: &InForce,
    writer: u64,
    now: Timestamp,
    pair: (&str, &str),
) -> Result<Answer, Failure> {
    answered(follow(writing, in_force, &mut Ids::new(writer), now, pair))
}

/// Points go back to a customer who was merged. A refusal means that the transaction must be given up.
pub(crate) fn part_points(
    writing: &Writing<'_>,
    in_force: &InForce,
    writer: u64,
    now: Timestamp,
    from: &str,
) -> Result<Answer, Failure> {
    answered(part(writing, in_force, &mut Ids::new(writer), now, from))
}

fn answered(done: Result<Answer, Stop>) -> Result<Answer, Failure> {
    match done {
        Ok(answer) => Ok(answer),
        Err(Stop::Refused(answer)) => Ok(*answer),
        Err(Stop::Failure(failure)) => Err(failure),
    }
}

/// A member of a program, locked; none where the customer has not joined.
pub(crate) fn lock_member(
    writing: &Writing<'_>,
    in_force: &InForce,
    customer: &str,
) -> Result<Option<Member>, Failure> {
    let rows = writing.lock_members(in_force.program.head.id.as_str(), &[customer])?;
    rows.first().map(|row| member(&in_force.program, row)).transpose()
}

/// A member as they stand; none where the customer has not joined.
pub(crate) fn find_member(
    reading: &Writing<'_>,
    in_force: &InForce,
    customer: &str,
) -> Result<Option<Member>, Failure> {
    let rows = reading.find_members(in_force.program.head.id.as_str(), &[customer])?;
    rows.first().map(|row| member(&in_force.program, row)).transpose()
}

/// Keep a member whose person changed.
fn keep(writing: &Writing<'_>, in_force: &InForce, mut member: Member) -> Result<(), Failure> {
    let state = state(&mut member);
    writing.put_members(&[member_row(&in_force.program, &member, state)])
}

/// Tell the program a member's birthday, or that it is not known.
pub(crate) fn know_birthday(
    writing: &Writing<'_>,
    in_force: &InForce,
    customer: &str,
    birthday: Option<MonthDay>,
) -> Result<(), Failure> {
    match lock_member(writing, in_force, customer)? {
        Some(member) if member.birthday != birthday => keep(writing, in_force, Member { birthday, ..member }),
        _ => Ok(()),
    }
}

/// Forget what a program knows of the person behind a member: birthday, devices, cards. Points and orders stay. Answers
/// whether there was anything.
pub(crate) fn forget_person(
    writing: &Writing<'_>,
    in_force: &InForce,
    customer: &str,
) -> Result<bool, Failure> {
    let Some(mut member) = lock_member(writing, in_force, customer)? else { return Ok(false) };
    if member.birthday.is_none() && member.marks.is_empty() {
        return Ok(false);
    }
    member.birthday = None;
    member.marks.clear();
    keep(writing, in_force, member)?;
    Ok(true)
}
