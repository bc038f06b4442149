//! Enrolment: a telephone number at a till is enough. Whoever is known is found, whoever is not is made; what else is
//! said is kept, nothing is asked twice, and nothing is taken for a consent that was not given.

use super::consents::{self, Said};
use super::find::likely_duplicates;
use super::merging::points_follow;
use super::profile::{self, fields, name_of, refresh_words, to_ask};
use super::{Acting, Refused, Stopped, again, group, programs};
use crate::record::answer::Outcome;
use crate::record::command::Command;
use crate::record::identity::duplicates::Likeness;
use crate::record::identity::kinds::Rules;
use crate::record::identity::resolve::{Sighting, end_identifier, identify};
use crate::record::within;
use crate::staff::permissions::Operation;
use loyalty::fact::{Fact, Join};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{Session, Writing};

/// Somebody who wants to be known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Enrolment {
    /// Identifiers as `(kind, value)`: `("phone", "0901 234 567")`. One is enough.
    pub keys: Vec<(String, String)>,
    /// What else they say of themselves.
    pub profile: profile::Change,
    /// What they agree to. None is fine.
    pub consents: Vec<Said>,
    /// The programs to join; absent means all that are installed, an empty list none.
    pub programs: Option<Vec<String>>,
    /// The member who brought them.
    pub referred_by: Option<String>,
    /// Whoever has the telephone number now is somebody new: the former owner loses it, and keeps everything else.
    pub is_new_owner: bool,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Enrolled {
    /// Who it is.
    pub customer: String,
    /// The name, as far as it is known.
    pub name: String,
    /// Whether the customer is new.
    pub is_new: bool,
    /// The programs they joined just now.
    pub joined: Vec<String>,
    /// Others who turned out to be the same: each of them is this customer now.
    pub merged: Vec<String>,
    /// Identifiers that were left out, and why.
    pub left_out: Vec<(String, String)>,
    /// Consents that were kept: ids of the proofs.
    pub consents: Vec<String>,
    /// Others who may be the same person, with the evidence. Nobody is merged on it; somebody decides.
    pub likely: Vec<Likeness>,
    /// What to ask next, some other time.
    pub to_ask: Vec<String>,
}

/// Enrol somebody, in one transaction. Asking the same again finds the same customer and changes nothing.
pub fn enrol(
    session: &mut Session,
    rules: &Rules,
    asked: &Enrolment,
    acting: &mut Acting<'_>,
) -> Result<Enrolled, Stopped> {
    again(session, |writing| enrol_within(writing, rules, asked, acting))
}

fn enrol_within(
    writing: &Writing<'_>,
    rules: &Rules,
    asked: &Enrolment,
    acting: &mut Acting<'_>,
) -> Result<Enrolled, Stopped> {
    if asked.is_new_owner {
        end_former_owners(writing, rules, asked, acting)?;
    }
    let sighting = Sighting { source: acting.source.to_owned(), keys: asked.keys.clone() };
    let identified = identify(writing, rules, &[sighting], acting.now, acting.chance)?.remove(0);
    let left_out: Vec<(String, String)> =
        identified.left_out.into_iter().map(|(kind, why)| (kind, why.to_string())).collect();
    let Some(customer) = identified.customer else {
        let said = left_out.iter().map(|(kind, why)| format!("{kind}: {why}")).collect();
        return Err(Refused::NobodyKnown(said).into());
    };
    for from in &identified.merged {
        points_follow(writing, (from, &customer), acting)?;
        writing.put_search_words(from, &[])?;
    }
    if asked.profile == profile::Change::default() {
        refresh_words(writing, &customer)?;
    } else {
        profile::put(writing, &customer, &asked.profile, acting)?;
    }
    let mut proofs = Vec::new();
    for said in &asked.consents {
        proofs.push(consents::say_within(writing, rules, &customer, said, acting)?.consent_id);
    }
    let joined = join(writing, &customer, asked, acting)?;
    let has_news = asked.profile != profile::Change::default() || !asked.consents.is_empty();
    if identified.is_new || has_news || !joined.is_empty() || !identified.merged.is_empty() {
        let told = Enrolment { profile: asked.profile.as_told(writing)?, ..asked.clone() };
        let after = json!({ "asked": told, "is_new": identified.is_new, "joined": joined });
        acting.tell(writing, Operation::WriteCustomers, &customer, (Json::Null, after))?;
    }
    let fields = fields(writing, &group(writing, &customer)?)?;
    let keys = writing.keys_of_customer(&customer)?;
    Ok(Enrolled {
        name: name_of(&fields).full,
        is_new: identified.is_new,
        joined,
        merged: identified.merged,
        left_out,
        consents: proofs,
        likely: if identified.is_new { likely_duplicates(writing, &customer)? } else { Vec::new() },
        to_ask: to_ask(&fields, &keys),
        customer,
    })
}

/// A number that was given to somebody else shows nothing of who had it before.
fn end_former_owners(
    writing: &Writing<'_>,
    rules: &Rules,
    asked: &Enrolment,
    acting: &Acting<'_>,
) -> Result<(), Stopped> {
    for (kind, value) in asked.keys.iter().filter(|(kind, _)| kind == "phone") {
        let Ok(key) = rules.normalise(acting.source, kind, value) else { continue };
        for owner in writing.owners_of(std::slice::from_ref(&key))?.into_iter().flatten() {
            end_identifier(writing, &owner, &key, "number has a new owner", acting.now)?;
            refresh_words(writing, &owner)?;
        }
    }
    Ok(())
}

/// Join the programs that the customer is not in yet.
fn join(
    writing: &Writing<'_>,
    customer: &str,
    asked: &Enrolment,
    acting: &mut Acting<'_>,
) -> Result<Vec<String>, Stopped> {
    let mut joined = Vec::new();
    let birthday = profile::fields(writing, &[customer.to_owned()])?;
    let birthday = birthday.get("birthday").and_then(|known| known.value.parse().ok());
    for in_force in programs(writing, asked.programs.as_deref())? {
        if within::find_member(writing, &in_force, customer)?.is_some() {
            continue;
        }
        let program = in_force.program.head.id.to_string();
        let fact = Fact::Join(Join {
            member: customer.into(),
            birthday,
            segments: Vec::new(),
            referred_by: asked.referred_by.as_deref().map(Into::into),
            marks: Vec::new(),
        });
        let command = Command { source: acting.source.to_owned(), ..Command::of(fact) };
        let answer = within::record(writing, &in_force, acting.writer(), acting.now, &[command])?.remove(0);
        if answer.outcome == Outcome::Refused {
            let why =
                answer.problems.iter().map(|problem| problem.why.as_str()).collect::<Vec<_>>().join("; ");
            return Err(Refused::Program { program, why }.into());
        }
        joined.push(program);
    }
    Ok(joined)
}
