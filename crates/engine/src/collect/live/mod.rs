//! Live facts: what the log says, as rows of the fact tables.
//!
//! The log keeps events as they were received; the lake has rows. In between stands one question, asked of a thing at a
//! time: what do all events about this order come to? [`order`] answers it for orders, [`rows`] for what needs one event
//! only. The same answer is read beside the lake while it is not in there ([`EventLog`]), and appended to it once it is
//! sealed ([`seal`]), so the two cannot disagree. [`beside`] keeps an import from counting what came live.
//!
//! Rows know customers by our ids and nobody by name; whoever called a member something else gets an id made of it.

pub mod beside;
mod order;
mod rows;
pub mod seal;

use domain::Currency;
use domain::fact::Table;
use domain::port::{Facts, Failure, Log};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use store::{EventRow, LogPart, Sessions, Writing};

/// What turns events into rows besides themselves.
#[derive(Debug, Clone)]
pub struct Shop {
    /// The secret of the data folder, which keys the identities of facts.
    pub secret: [u8; 32],
    /// The zone of the shop's days.
    pub zone: TimeZone,
    /// The currency of orders that name none.
    pub currency: Currency,
}

/// The source of facts that name none: the same an import has where nobody names one.
pub const DEFAULT_SOURCE: &str = "shop";

/// The key under which a source's feedback lies in the lake, whichever door it came through; `secret` is the data folder's.
pub fn feedback_key(secret: &[u8; 32], source: &str, id: &str) -> u128 {
    rows::hash(secret, "feedback", source, &["own", id])
}

/// How many things are read at once where their whole history is needed.
const THINGS: usize = 2_000;

/// The log of a database, as facts that the lake does not show yet.
#[derive(Clone)]
pub struct EventLog {
    sessions: Sessions,
    shop: Shop,
}

impl EventLog {
    /// The log that `sessions` lead to.
    pub fn new(sessions: Sessions, shop: Shop) -> EventLog {
        EventLog { sessions, shop }
    }
}

impl Log for EventLog {
    fn unsealed(
        &self,
        each: &mut dyn FnMut(Facts) -> Result<(), Failure>,
    ) -> Result<Vec<(Table, u64)>, Failure> {
        let mut session = self.sessions.open_read_only().map_err(unread)?;
        let read = session.snapshot(|reading| {
            let versions = reading.lake_versions()?;
            facts_of(reading, LogPart::Unsealed, &self.shop, each)?;
            Ok::<_, Stop>(versions)
        });
        Ok(read?)
    }
}

/// Why reading the log ended early.
pub(crate) enum Stop {
    Store(store::Failure),
    Failed(Failure),
}

impl From<store::Failure> for Stop {
    fn from(failure: store::Failure) -> Stop {
        Stop::Store(failure)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failed(failure)
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Failure {
        match stop {
            Stop::Store(failure) => unread(failure),
            Stop::Failed(failure) => failure,
        }
    }
}

pub(super) fn unread(failure: store::Failure) -> Failure {
    Failure::because("the log of events cannot be read or marked", failure)
}

/// The facts of a part of the log, batch by batch. Of things whose events change one another all events are read, those
/// that were sealed before among them.
pub(crate) fn facts_of(
    reading: &Writing<'_>,
    part: LogPart,
    shop: &Shop,
    each: &mut dyn FnMut(Facts) -> Result<(), Failure>,
) -> Result<(), Stop> {
    let changed: BTreeSet<String> = reading.log_changes(part)?.into_iter().collect();
    // What was sealed and is being changed again is neither here nor there.
    let unsettled: BTreeSet<String> = match part {
        LogPart::Sealed => reading.log_changes(LogPart::Unsealed)?.into_iter().collect(),
        LogPart::Unsealed | LogPart::Seal(_) => BTreeSet::new(),
    };
    let mut rows = rows::Rows::new(shop, each);
    reading.log_facts(part, |event| {
        if !changed.contains(&event.about) && !unsettled.contains(&event.about) {
            rows.thing(std::slice::from_ref(&event))?;
        }
        Ok::<(), Stop>(())
    })?;
    let changed: Vec<&str> = changed.difference(&unsettled).map(String::as_str).collect();
    for things in changed.chunks(THINGS) {
        let events = reading.events_about(things)?;
        for events in events.chunk_by(|one, next| one.0 == next.0) {
            let events: Vec<EventRow> = events.iter().map(|(_, event)| event.clone()).collect();
            rows.thing(&events)?;
        }
    }
    Ok(rows.finish()?)
}
