//! Simulation: a stream of facts in, what follows out. Anyone can try a program this way, without a server.
//!
//! Facts are JSON objects, one a line, in the order in which they became known; see [`crate::fact`]. A fact dated
//! before the one that precedes it counts as known now, and keeps its own time where it has one (`ordered_at`).

use crate::fact::Event;
use crate::judge::{Books, Output, judge};
use crate::program::Program;

/// A line that is no fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct BadLine {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// Read facts from JSON lines; empty lines are passed over.
pub fn read_events(text: &str) -> impl Iterator<Item = Result<Event, BadLine>> + '_ {
    let numbered = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    numbered.map(|(place, line)| {
        serde_json::from_str(line).map_err(|error| BadLine { line: place + 1, what: error.to_string() })
    })
}

/// Run facts through a program from empty books. The seed decides codes and surprises.
pub fn simulate<'a>(
    program: &'a Program,
    seed: u64,
    events: impl Iterator<Item = Event> + 'a,
) -> impl Iterator<Item = Output> + 'a {
    let mut books = Books::default();
    books.shared.seed = seed;
    let mut last = jiff::Timestamp::MIN;
    events.flat_map(move |mut event| {
        event.at = event.at.max(last);
        last = event.at;
        let mut out = Vec::new();
        judge(program, &mut books, &event, &mut out);
        out
    })
}
