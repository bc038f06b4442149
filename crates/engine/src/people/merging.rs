//! Two entries of one person become one, and are parted again when it was a mistake. Identifiers and points go along in
//! one transaction; what was said of the person stays where it was said and is read together.

use super::profile::refresh_words;
use super::{Acting, Refused, Stopped, again, given_up, group, programs, survivor};
use crate::record::answer::{Answer, Outcome};
use crate::record::identity::resolve;
use crate::record::within;
use crate::staff::permissions::Operation;
use serde::Serialize;
use serde_json::{Value as Json, json};
use store::{Session, Writing};

/// What became of a merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Merged {
    /// Who goes on.
    pub customer: String,
    /// Who ended, or came back.
    pub other: String,
    /// What each program did, by its id.
    pub programs: Vec<(String, Answer)>,
}

/// Make two customers one: `from` ends and leads to `into`. Refused, changing nothing, where a program says no.
pub fn merge(
    session: &mut Session,
    (from, into): (&str, &str),
    evidence: &str,
    acting: &mut Acting<'_>,
) -> Result<Merged, Stopped> {
    again(session, |writing| merge_named(writing, (from, into), evidence, acting))
}

/// What [`merge`] would come to; nothing happens.
pub fn try_merge(
    session: &mut Session,
    (from, into): (&str, &str),
    evidence: &str,
    acting: &mut Acting<'_>,
) -> Result<Merged, Stopped> {
    given_up(session, |writing| merge_named(writing, (from, into), evidence, acting))
}

fn merge_named(
    writing: &Writing<'_>,
    (from, into): (&str, &str),
    evidence: &str,
    acting: &mut Acting<'_>,
) -> Result<Merged, Stopped> {
    let (from, into) = (survivor(writing, from)?, survivor(writing, into)?);
    merge_within(writing, (&from, &into), evidence, acting)
}

/// Merge within a transaction; both go on today.
pub(crate) fn merge_within(
    writing: &Writing<'_>,
    (from, into): (&str, &str),
    evidence: &str,
    acting: &mut Acting<'_>,
) -> Result<Merged, Stopped> {
    if from == into {
        return Err(Refused::SameCustomer(from.to_owned(), into.to_owned()).into());
    }
    resolve::merge(writing, from, into, evidence, &acting.actor.id, acting.now, (acting.chance)())?;
    let answers = points_follow(writing, (from, into), acting)?;
    writing.put_search_words(from, &[])?;
    refresh_words(writing, into)?;
    let after = json!({ "merged_into": into, "evidence": evidence });
    acting.tell(writing, Operation::MergeCustomers, from, (Json::Null, after))?;
    Ok(Merged { customer: into.to_owned(), other: from.to_owned(), programs: answers })
}

/// The points of `from` go to `into` in every program.
pub(crate) fn points_follow(
    writing: &Writing<'_>,
    pair: (&str, &str),
    acting: &mut Acting<'_>,
) -> Result<Vec<(String, Answer)>, Stopped> {
    let mut answers = Vec::new();
    for in_force in programs(writing, None)? {
        let answer = within::merge_points(writing, &in_force, acting.writer(), acting.now, pair)?;
        answers.push((in_force.program.head.id.to_string(), taken(&in_force, answer)?));
    }
    Ok(answers)
}

/// They were two after all: `from` is a customer of its own again, with the identifiers and points it brought.
pub fn unmerge(session: &mut Session, from: &str, acting: &mut Acting<'_>) -> Result<Merged, Stopped> {
    again(session, |writing| unmerge_within(writing, from, acting))
}

/// What [`unmerge`] would come to; nothing happens.
pub fn try_unmerge(session: &mut Session, from: &str, acting: &mut Acting<'_>) -> Result<Merged, Stopped> {
    given_up(session, |writing| unmerge_within(writing, from, acting))
}

fn unmerge_within(writing: &Writing<'_>, from: &str, acting: &mut Acting<'_>) -> Result<Merged, Stopped> {
    let Some(merge) = writing.merge_in_force(from)? else {
        writing.find_customer(from)?.ok_or_else(|| Refused::UnknownCustomer(from.to_owned()))?;
        return Err(Refused::NotMerged(from.to_owned()).into());
    };
    // Whoever it was merged into may have been merged since: the identifiers are with the last of them.
    let last = survivor(writing, from)?;
    if last != merge.into_id {
        let why = format!("{} was itself merged into {last} since: part those two first", merge.into_id);
        return Err(Refused::Program { program: "identity".to_owned(), why }.into());
    }
    resolve::unmerge(writing, from, &acting.actor.id, acting.now)?;
    let mut answers = Vec::new();
    for in_force in programs(writing, None)? {
        let answer = within::part_points(writing, &in_force, acting.writer(), acting.now, from)?;
        answers.push((in_force.program.head.id.to_string(), taken(&in_force, answer)?));
    }
    for id in group(writing, from)?.iter().skip(1) {
        writing.put_search_words(id, &[])?;
    }
    refresh_words(writing, from)?;
    refresh_words(writing, &merge.into_id)?;
    let before = json!({ "merged_into": merge.into_id });
    acting.tell(writing, Operation::MergeCustomers, from, (before, Json::Null))?;
    Ok(Merged { customer: merge.into_id, other: from.to_owned(), programs: answers })
}

fn taken(in_force: &crate::record::program::InForce, answer: Answer) -> Result<Answer, Refused> {
    if answer.outcome != Outcome::Refused {
        return Ok(answer);
    }
    let why = answer.problems.iter().map(|problem| problem.why.as_str()).collect::<Vec<_>>().join("; ");
    Err(Refused::Program { program: in_force.program.head.id.to_string(), why })
}
