//! People: who the customers are, what they agreed to, and what they may ask of their data.
//!
//! Everything that knows a name lives in state and is reached through here: finding, enrolling, showing, merging,
//! exporting and erasing are one function each, in one transaction each. Points follow by the record
//! (`crate::record`), whose rules this module does not know; it knows neither SQL nor HTTP nor the clock. Times are
//! instants given by whoever asks, chance likewise.
//!
//! - [`find`] and [`show`] read; [`enrol`], [`profile`], [`cards`], [`consents`] and [`merging`] write;
//! - [`export`] is one person's data as a document, [`page`] the same for reading;
//! - [`adjusting`] gives points by hand, with a reason and, where it is much, with a second pair of eyes;
//! - [`cases`] is what the shop takes up for somebody and sees through;
//! - [`erasure`] removes the person and certifies it, [`requests`] keeps the law's clocks;
//! - [`lifecycle`] dates where a customer stands, [`profit`] counts what a customer brought and cost.

pub mod adjusting;
pub mod cards;
pub mod cases;
pub mod consents;
pub mod enrol;
pub mod erasure;
pub mod export;
pub mod feedback;
pub mod find;
pub mod lifecycle;
pub mod merging;
pub mod names;
pub mod page;
pub mod profile;
pub mod profit;
pub mod requests;
pub mod rules;
pub mod show;

#[cfg(test)]
mod tests;

use crate::record::identity::kinds::NotUsable;
use crate::record::program::InForce;
use crate::record::within;
use crate::staff::actor::Actor;
use crate::staff::audit::{self, Change};
use crate::staff::permissions::Operation;
use jiff::Timestamp;
use serde_json::Value as Json;
use std::time::Duration;
use store::{Failure, Session, Writing};

/// A "no" that follows from what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody has that id.
    #[error("customer {0} does not exist: find them with perennial customer find")]
    UnknownCustomer(String),
    /// The person asked to be forgotten.
    #[error("customer {0} was erased: the id stands for nobody any more")]
    Erased(String),
    /// Nothing by which the person could be known again.
    #[error("nothing here says who it is ({}): give a telephone number, an e-mail address, a card or a number of \
             your own", .0.join("; "))]
    NobodyKnown(Vec<String>),
    /// An identifier that cannot be one.
    #[error("{kind} '{value}': {why}")]
    NotUsable {
        /// The kind.
        kind: String,
        /// As it was given.
        value: String,
        /// What is wrong with it.
        why: NotUsable,
    },
    /// Somebody has the identifier.
    #[error("{kind} {value} is customer {owner}'s: merge the two, or end it there first")]
    Taken {
        /// The kind.
        kind: String,
        /// The identifier.
        value: String,
        /// Whose it is.
        owner: String,
    },
    /// The customer does not have the identifier.
    #[error("customer {customer} has no {kind} {value}")]
    NotTheirs {
        /// Who.
        customer: String,
        /// The kind.
        kind: String,
        /// The identifier.
        value: String,
    },
    /// As many of a kind as one may have.
    #[error("customer {customer} has {limit} of kind {kind}, which is as many as one may have")]
    TooMany {
        /// Who.
        customer: String,
        /// The kind.
        kind: String,
        /// How many.
        limit: usize,
    },
    /// A value a field cannot hold.
    #[error("{field} '{value}': {why}")]
    NotAValue {
        /// The field.
        field: String,
        /// As it was given.
        value: String,
        /// What is expected.
        why: String,
    },
    /// A merge of one with itself, or of one who was merged before.
    #[error("{0} and {1} are one customer already")]
    SameCustomer(String, String),
    /// Nobody to part.
    #[error("{0} is not merged into anybody")]
    NotMerged(String),
    /// The points cannot follow.
    #[error("program {program} says no: {why}")]
    Program {
        /// The program.
        program: String,
        /// Why.
        why: String,
    },
    /// No program has that id.
    #[error("there is no program '{asked}'; installed: {}", .known.join(", "))]
    UnknownProgram {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A consent that proves nothing, or answers no request.
    #[error("{0}")]
    NoConsent(String),
    /// Nothing waits under that id.
    #[error("no adjustment {0} waits for anybody")]
    NothingWaits(String),
    /// A second pair of eyes is somebody else's.
    #[error("adjustment {0} was asked by you: somebody else decides")]
    OwnAdjustment(String),
    /// No case has that id.
    #[error("case {0} does not exist")]
    UnknownCase(String),
    /// Somebody has closed it.
    #[error("case {0} is closed: open another if there is more to it")]
    ClosedCase(String),
    /// No request has that id.
    #[error("request {0} does not exist")]
    UnknownRequest(String),
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// See [`Refused`].
    #[error(transparent)]
    Refused(Box<Refused>),
    /// The world said no.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<Refused> for Stopped {
    fn from(refused: Refused) -> Stopped {
        Stopped::Refused(Box::new(refused))
    }
}

impl From<store::Error> for Stopped {
    fn from(error: store::Error) -> Stopped {
        match error {
            store::Error::Failure(failure) => Stopped::Failure(failure),
            store::Error::Refused(refused) => Stopped::from(Refused::NotAValue {
                field: "a field".to_owned(),
                value: String::new(),
                why: refused.to_string(),
            }),
        }
    }
}

/// When, by whom, from where, and by what chance something is done.
pub struct Acting<'a> {
    /// Now.
    pub now: Timestamp,
    /// Who does it, and as what: it stands in proofs and in the audit. Whether they may is asked at the door.
    pub actor: &'a Actor,
    /// The system it comes from: `till`, `web`.
    pub source: &'a str,
    /// 128 bits of chance a call.
    pub chance: &'a mut dyn FnMut() -> u128,
}

impl Acting<'_> {
    /// Now, in microseconds since 1970.
    pub(crate) fn micros(&self) -> i64 {
        self.now.as_microsecond()
    }

    /// An id that grows with time.
    pub(crate) fn id(&mut self) -> String {
        let low = (self.chance)() & u128::from(u64::MAX);
        format!("{:032x}", (self.micros().max(0) as u128) << 64 | low)
    }

    /// Write into the audit what is done to a customer, within the transaction that does it, and last.
    pub(crate) fn tell(
        &mut self,
        writing: &Writing<'_>,
        operation: Operation,
        customer: &str,
        said: (Json, Json),
    ) -> Result<(), Failure> {
        self.tell_of(writing, operation, ("customer", customer), said)
    }

    /// The same of what is done to another kind of thing.
    pub(crate) fn tell_of(
        &mut self,
        writing: &Writing<'_>,
        operation: Operation,
        (kind, subject): (&'static str, &str),
        (before, after): (Json, Json),
    ) -> Result<(), Failure> {
        let change = Change {
            actor: self.actor.clone(),
            operation,
            kind,
            subject: subject.to_owned(),
            before,
            after,
            salt: (self.chance)(),
        };
        audit::append(writing, self.now, &[change])
    }

    /// A number no other writer of ids has.
    pub(crate) fn writer(&mut self) -> u64 {
        (self.chance)() as u64
    }
}

/// How often a transaction is begun anew when another writer was at the same rows first.
const TRIES: u64 = 30;

/// Do `work` in one transaction, again where another writer was at the same rows first.
pub(crate) fn again<T>(
    session: &mut Session,
    mut work: impl FnMut(&Writing<'_>) -> Result<T, Stopped>,
) -> Result<T, Stopped> {
    let mut tries = 0;
    loop {
        match session.write(&mut work) {
            Err(Stopped::Failure(Failure::Conflict { .. })) if tries < TRIES => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(tries.min(20)));
            }
            other => return other,
        }
    }
}

/// Do `work` in a transaction that is given up: what it would come to.
pub(crate) fn given_up<T>(
    session: &mut Session,
    work: impl FnOnce(&Writing<'_>) -> Result<T, Stopped>,
) -> Result<T, Stopped> {
    let mut tried = None;
    let given_up: Result<(), GivenUp> = session.write(|writing| {
        tried = Some(work(writing));
        Err(GivenUp::Tried)
    });
    match (tried, given_up) {
        (None, Err(GivenUp::Failure(failure))) => Err(failure.into()),
        (tried, _) => tried.expect("a transaction that began has done its work"),
    }
}

/// Why a transaction was given up.
enum GivenUp {
    /// It was only tried.
    Tried,
    /// It did not begin.
    Failure(Failure),
}

impl From<Failure> for GivenUp {
    fn from(failure: Failure) -> GivenUp {
        GivenUp::Failure(failure)
    }
}

/// The customer an id stands for today: whoever the one of that id was merged into. Refused where there is none, or the
/// person was erased.
pub fn survivor(reading: &Writing<'_>, customer: &str) -> Result<String, Stopped> {
    let row = reading.find_customer(customer)?;
    let row = row.ok_or_else(|| Refused::UnknownCustomer(customer.to_owned()))?;
    if row.erased_at.is_some() {
        return Err(Refused::Erased(customer.to_owned()).into());
    }
    let mut id = customer.to_owned();
    for _ in 0..64 {
        match reading.merge_in_force(&id)? {
            Some(merge) => id = merge.into_id,
            None => break,
        }
    }
    Ok(id)
}

/// A customer and everybody merged into them, the customer first: together they are the person.
pub fn group(reading: &Writing<'_>, customer: &str) -> Result<Vec<String>, Failure> {
    let mut all = vec![customer.to_owned()];
    let mut at = 0;
    while at < all.len() {
        for merge in reading.merges_of(&all[at])? {
            if merge.parted_at.is_none() && merge.into_id == all[at] && !all.contains(&merge.from_id) {
                all.push(merge.from_id);
            }
        }
        at += 1;
    }
    Ok(all)
}

/// The programs of that name, or all that are installed.
pub(crate) fn programs(reading: &Writing<'_>, asked: Option<&[String]>) -> Result<Vec<InForce>, Stopped> {
    let all = within::programs(reading)?;
    let Some(asked) = asked else { return Ok(all) };
    let known: Vec<String> = all.iter().map(|one| one.program.head.id.to_string()).collect();
    if let Some(asked) = asked.iter().find(|id| !known.contains(id)) {
        return Err(Refused::UnknownProgram { asked: asked.clone(), known }.into());
    }
    Ok(all.into_iter().filter(|one| asked.iter().any(|id| one.program.head.id == *id.as_str())).collect())
}
