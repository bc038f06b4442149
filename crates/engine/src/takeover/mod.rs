//! Taking over a program that is running elsewhere: its members, cards, points with their dates, tiers, vouchers, gift
//! cards and consents, from files that any spreadsheet can write.
//!
//! Nothing is half done. The files are read and checked whole ([`files`]); what cannot be is refused with file, line,
//! column and reason before anything is written. What is written ([`post`]) is one transaction, and before it ends every
//! member is held against what the old system says ([`reconcile`]): where one unit differs, nothing was done. The same
//! files again change nothing, because each member is taken over once and for ever.
//!
//! Opening balances are entries of the ledger like all others, with cause `opening`.

pub mod book;
mod files;
mod holdings;
mod post;
pub mod reconcile;
mod rows;

#[cfg(test)]
mod tests;

use crate::people;
use crate::record::identity::kinds::Rules;
use crate::record::program::InForce;
use crate::record::within;
use book::Book;
use jiff::Timestamp;
use reconcile::{Difference, Total};
use serde::Serialize;
use std::path::Path;
use store::{Failure, Session};

/// How to take over.
pub struct Options<'a> {
    /// What the old system is called: keys are its own.
    pub source: &'a str,
    /// The program that goes on; absent where only customers and consents are taken over.
    pub program: Option<&'a str>,
    /// The instant of the take-over.
    pub now: Timestamp,
    /// Who does it.
    pub actor: &'a str,
}

/// Something in a file that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The line, from 1; the header is line 1.
    pub line: u64,
    /// The column, by its header.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong, and what is expected.
    pub reason: String,
}

/// How many problems and differences are listed.
pub const LISTED: usize = 1000;

/// Why nothing was taken over.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The files cannot be; nothing was written.
    #[error("nothing was taken over: {} in the files", counted(.0.len(), "problem"))]
    Problems(Vec<Problem>),
    /// The result is not what the old system says; nothing was written.
    #[error("nothing was taken over: {} to the old system's own figures", counted(.0.len(), "difference"))]
    Differences(Vec<Difference>),
    /// A "no" of another kind.
    #[error("{0}")]
    Refused(String),
    /// The world said no.
    #[error(transparent)]
    Failure(#[from] Failure),
}

fn counted(count: usize, what: &str) -> String {
    let more = if count >= LISTED { "or more " } else { "" };
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {more}{what}{s}")
}

impl From<people::Stopped> for Stopped {
    fn from(stopped: people::Stopped) -> Stopped {
        match stopped {
            people::Stopped::Refused(refused) => Stopped::Refused(refused.to_string()),
            people::Stopped::Failure(failure) => Stopped::Failure(failure),
        }
    }
}

impl From<store::Error> for Stopped {
    fn from(error: store::Error) -> Stopped {
        match error {
            store::Error::Refused(refused) => Stopped::Refused(refused.to_string()),
            store::Error::Failure(failure) => Stopped::Failure(failure),
        }
    }
}

/// What was taken over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Members in the files.
    pub members: u64,
    /// Taken over now.
    pub new: u64,
    /// Taken over before, with the same figures: nothing changed.
    pub unchanged: u64,
    /// Taken over before, with other figures: nothing changed, and these say so.
    pub changed: Vec<String>,
    /// Passed over because the person was erased.
    pub erased: u64,
    /// Customers who were not known to the shop before.
    pub customers_new: u64,
    /// Identifiers that were left out, and why.
    pub left_out: Vec<Problem>,
    /// Sums, ours beside the old system's.
    pub totals: Vec<Total>,
    /// Members whose figures were compared.
    pub compared: u64,
}

/// Take over what the files in a folder hold.
pub fn take_over(
    session: &mut Session,
    rules: &Rules,
    folder: &Path,
    options: &Options<'_>,
    chance: &mut dyn FnMut() -> u128,
) -> Result<Report, Stopped> {
    let in_force = program(session, options)?;
    let book = files::read(folder, in_force.as_ref(), options.now)?;
    let mut tries = 0;
    loop {
        let done = session.write(|writing| {
            let (mut report, new) = post::post(writing, rules, in_force.as_ref(), &book, options, chance)?;
            // Who was taken over before has moved on since, and is no measure any more.
            let compared = reconcile::compare(writing, in_force.as_ref(), &book, &new, options)?;
            if !compared.differences.is_empty() {
                return Err(Stopped::Differences(compared.differences));
            }
            report.compared = compared.members;
            if new.len() == book.members.len() {
                report.totals = compared.totals(writing, in_force.as_ref(), &book)?;
            }
            let unequal: Vec<Difference> = report.totals.iter().filter_map(Total::difference).collect();
            if unequal.is_empty() { Ok(report) } else { Err(Stopped::Differences(unequal)) }
        });
        match done {
            Err(Stopped::Failure(Failure::Conflict { .. })) if tries < 5 => tries += 1,
            other => return other,
        }
    }
}

/// Hold what we have against what the old system says today, while both run: nothing is written. Answers the differences
/// and how many members were compared.
pub fn compare(
    session: &mut Session,
    folder: &Path,
    options: &Options<'_>,
) -> Result<(Vec<Difference>, u64), Stopped> {
    let in_force = program(session, options)?;
    let book: Book = files::read_to_compare(folder, in_force.as_ref(), options.now)?;
    session.snapshot(|reading| {
        let (of, mut differences) = reconcile::known(reading, &book, options)?;
        let compared = reconcile::compare(reading, in_force.as_ref(), &book, &of, options)?;
        differences.extend(compared.differences);
        Ok((differences, compared.members))
    })
}

fn program(session: &Session, options: &Options<'_>) -> Result<Option<InForce>, Stopped> {
    let Some(asked) = options.program else { return Ok(None) };
    let mut all = within::programs(&session.read())?;
    let known: Vec<String> = all.iter().map(|one| one.program.head.id.to_string()).collect();
    let place = known.iter().position(|id| id == asked).ok_or_else(|| {
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Stopped::Refused(format!(
            "there is no program '{asked}' to go on with; installed: {known}. Install it first, then take over"
        ))
    })?;
    Ok(Some(all.swap_remove(place)))
}
