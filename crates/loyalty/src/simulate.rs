//! Simulation: a stream of facts in, what follows out. Anyone can try a program this way, without a server.
//!
//! Facts are JSON objects, one a line, in the order in which they became known; see [`crate::fact`]. A fact dated
//! before the one that precedes it counts as known now, and keeps its own time where it has one (`ordered_at`). That,
//! and an order, return or event that nothing follows from, is told in a [`Note`], so that no fact vanishes.

use crate::fact::{Event, Fact, Order, Return};
use crate::judge::{Books, Output, is_foreign, judge};
use crate::ledger::Posted;
use crate::name::Name;
use crate::program::{Lang, Program};
use crate::words::length;
use jiff::Timestamp;
use serde::Serialize;

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
        serde_json::from_str(line).map_err(|error| BadLine { line: place + 1, what: plain(&error) })
    })
}

/// The reader's message without its own count of lines, which is always one.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(what) => format!("{what} (column {})", error.column()),
        None => text,
    }
}

/// What a simulation tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Told {
    /// What follows from a fact.
    Output(Output),
    /// Something whoever tries a program should know of a fact.
    Note(Note),
}

/// A remark on a fact, which changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "note")]
pub struct Note {
    /// The fact.
    pub id: Name,
    /// A word for machines: `dated_back`, `no_lines`, `other_currency`, `no_rule`, `unclaimed`, `nothing_back`.
    pub code: &'static str,
    /// A sentence for people.
    pub why: String,
}

/// A program being tried: books that begin empty, and the facts so far.
#[derive(Debug)]
pub struct Simulation<'a> {
    program: &'a Program,
    books: Books,
    now: Timestamp,
}

impl<'a> Simulation<'a> {
    /// Nothing has happened yet. The seed decides codes and surprises.
    pub fn new(program: &'a Program, seed: u64) -> Simulation<'a> {
        let mut books = Books::default();
        books.shared.seed = seed;
        Simulation { program, books, now: Timestamp::MIN }
    }

    /// The books as they stand.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// When the last fact became known.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The member a fact is about, where there is one.
    pub fn member_of<'b>(&'b self, fact: &'b Fact) -> Option<&'b Name> {
        match fact {
            Fact::OrderUpdated { order, .. } => {
                self.books.shared.owners.get(&order.id).or(order.member.as_ref())
            }
            Fact::Return(Return { order, .. })
            | Fact::ReturnUndone { order, .. }
            | Fact::OrderCancelled { order } => self.books.shared.owners.get(order),
            fact => fact.member(),
        }
    }

    /// Take one fact.
    pub fn take(&mut self, mut event: Event) -> Vec<Told> {
        let mut told = Vec::new();
        if event.at < self.now {
            let why = format!(
                "it is dated {}, before the fact that precedes it: it counts as known at {}; put facts in the order in \
                 which they became known, and give an order that came late ordered_at",
                event.at, self.now
            );
            told.push(Told::Note(Note { id: event.fact.id(), code: "dated_back", why }));
            event.at = self.now;
        }
        self.now = event.at;
        let mut out = Vec::new();
        judge(self.program, &mut self.books, &event, &mut out);
        let note = without_effect(self.program, &event.fact, &out);
        told.extend(out.into_iter().map(Told::Output));
        told.extend(note.map(Told::Note));
        told
    }
}

/// Run facts through a program from empty books.
pub fn simulate<'a>(
    program: &'a Program,
    seed: u64,
    events: impl Iterator<Item = Event> + 'a,
) -> impl Iterator<Item = Told> + 'a {
    let mut simulation = Simulation::new(program, seed);
    events.flat_map(move |event| simulation.take(event))
}

/// Why nothing followed from an order or an event.
fn without_effect(program: &Program, fact: &Fact, out: &[Output]) -> Option<Note> {
    let note = |id: &Name, code, why| Some(Note { id: id.clone(), code, why });
    match fact {
        Fact::Event(custom) if out.is_empty() => {
            let name = &custom.name;
            let is_known = program.rules.iter().any(|rule| rule.spec.event.as_ref() == Some(name));
            let why = if is_known {
                format!(
                    "nothing follows from this event '{name}': a cap is reached, or it is not the time, place or member"
                )
            } else {
                format!("nothing in the program follows from an event '{name}'")
            };
            note(&custom.id, "no_rule", why)
        }
        Fact::Order(order) => {
            let is_answered = out.iter().any(|output| match output {
                Output::Posted { posting, .. } => {
                    posting.kind == Posted::Earn
                        && posting.cause.kind == "order"
                        && posting.cause.id == order.id
                }
                Output::Repeated { id } | Output::Refused { id, .. } => *id == order.id,
                _ => false,
            });
            let (code, why) = earned_nothing(program, order);
            if is_answered { None } else { note(&order.id, code, why) }
        }
        // What came back may be worth less than a point of the line.
        Fact::Return(back) if out.is_empty() => {
            note(&back.id, "nothing_back", "no points are taken back for what came back".to_owned())
        }
        _ => None,
    }
}

fn earned_nothing(program: &Program, order: &Order) -> (&'static str, String) {
    let counts = |rule: &crate::program::Rule| Some(rule.currency) == order.currency;
    if order.member.is_none() {
        let why = match program.head.claim_within {
            Some(within) => {
                let within = length(within, Lang::En);
                format!("a bill without a member earns nothing until one claims it within {within}")
            }
            None => "a bill without a member earns nothing: the program has no claim_within".to_owned(),
        };
        return ("unclaimed", why);
    }
    if order.lines.is_empty() {
        return ("no_lines", "an order without lines earns nothing".to_owned());
    }
    if let Some(currency) = order.currency.filter(|_| is_foreign(order, program.head.currency))
        && !program.rules.iter().any(counts)
    {
        let ours = program.head.currency;
        let why = format!(
            "it is in {currency}, and every rule counts {ours}: give a rule currency = \"{currency}\""
        );
        return ("other_currency", why);
    }
    ("no_rule", "no earning rule gives points for it".to_owned())
}
