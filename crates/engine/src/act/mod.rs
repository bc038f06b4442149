//! Act: choose people, leave a random share of them alone, and hand the rest to whoever sends.
//!
//! Everything here goes by file, before any channel is wired: [`segment`] says who, [`plan`] what is to be done and how
//! it will be read, [`size`] whether that could be seen at all, [`freeze`] draws the line between those who are
//! contacted and those who are not, [`export`] writes the list, [`results`] takes back what became of it, [`followed`]
//! the order that came next, [`cycle`] keeps what was done. Whether it brought anything is `measure`'s business.
//!
//! Times, secrets and the day of the question are arguments. No person is known here but by id; names and addresses are
//! read from state at the moment of an export and go nowhere else.

pub mod consents;
pub mod cycle;
mod draw;
pub mod export;
pub mod followed;
pub mod freeze;
pub mod layout;
pub mod people;
pub mod plan;
pub mod results;
pub mod segment;
pub mod size;
mod workbook;

#[cfg(test)]
mod tests;

use domain::port::Failure;
use jiff::civil::{Date, date};

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// A definition of a segment that cannot be read.
    #[error("{file}: {detail}")]
    Segment {
        /// The file, or the segment's name.
        file: String,
        /// What is wrong, and what to write instead.
        detail: String,
    },
    /// A plan that cannot be read or carried out.
    #[error("{file}: {detail}")]
    Plan {
        /// The file, or the campaign's name.
        file: String,
        /// What is wrong, and what to write instead.
        detail: String,
    },
    /// The lift at which it pays could not be told from nothing.
    #[error("campaign {campaign}: {detail}")]
    CannotBeSeen {
        /// The campaign.
        campaign: String,
        /// Why, and what would make it visible.
        detail: String,
    },
    /// A step out of its order.
    #[error("campaign {campaign}: {detail}")]
    Step {
        /// The campaign.
        campaign: String,
        /// What has to come first.
        detail: String,
    },
    /// A layout that cannot be read or filled.
    #[error("layout {name}: {detail}")]
    Layout {
        /// Its name.
        name: String,
        /// What is wrong.
        detail: String,
    },
    /// A file of results or consents that cannot be read.
    #[error("{file}: {detail}")]
    File {
        /// The file.
        file: String,
        /// What is wrong, with the line.
        detail: String,
    },
    /// The X-ray's own refusals: no orders, a day before the first.
    #[error("{0}")]
    Understand(String),
}

/// A no, or an accident.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The input or the plan does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A disk, a database, a damaged file.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<crate::understand::options::Stopped> for Stopped {
    fn from(stopped: crate::understand::options::Stopped) -> Stopped {
        use crate::understand::options::Stopped as S;
        match stopped {
            S::Refused(refused) => Stopped::Refused(Refused::Understand(refused.to_string())),
            S::Failed(failure) => Stopped::Failed(failure),
        }
    }
}

impl From<store::Error> for Stopped {
    fn from(error: store::Error) -> Stopped {
        Stopped::Failed(Failure::because(error.to_string(), error))
    }
}

impl From<store::Failure> for Stopped {
    fn from(failure: store::Failure) -> Stopped {
        Stopped::Failed(Failure::because(failure.to_string(), failure))
    }
}

const EPOCH: Date = date(1970, 1, 1);

/// Days from 1970-01-01.
pub fn day_number(day: Date) -> i32 {
    EPOCH.until(day).map_or(0, |span| span.get_days())
}

/// The day so many days after 1970-01-01, kept inside the calendar.
pub fn day_at(number: i64) -> Date {
    use jiff::ToSpan;
    EPOCH.saturating_add(number.clamp(-4_000_000, 2_900_000).days())
}

/// The day so many days after another.
pub fn days_after(day: Date, days: i64) -> Date {
    day_at(i64::from(day_number(day)) + days)
}

/// The draw of a share, for tests of what is measured on it: 0 for held out, 1 for the others.
#[cfg(test)]
pub(crate) fn deal_for_tests(salt: &[u8; 32], people: &[(domain::Id, usize)], share: f64) -> Vec<usize> {
    draw::deal(salt, people, &[share])
}
