//! Who is in a segment, by the facts as they are. One thread answers, and keeps the lake open while it is asked, so that a
//! definition that is being typed is counted in moments; a page never waits for it: it shows what is known and looks again.

use crate::app::App;
use crate::figures::{Lake, Opened};
use crate::workshop::Desk;
use domain::port::Only;
use engine::act::Stopped;
use engine::act::people::{Library, When, find};
use engine::act::segment::{self, Condition};
use engine::understand::options::Options;
use engine::understand::{last_day, prepare, prepare_spans};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a count is good, and how long the lake stays open for the next.
const FRESH_MICROS: i64 = 5 * 60_000_000;
/// How long the thread waits for another question before it ends.
const IDLE: Duration = Duration::from_secs(60);
/// Definitions whose count is kept, and how many may wait; older ones go.
const KEPT: usize = 64;
const WAITING: usize = 16;

/// Who answers a definition.
#[derive(Debug, PartialEq, Eq)]
pub struct Members {
    /// Bodies of their ids, sorted.
    pub ids: Vec<u128>,
    /// Of so many customers.
    pub of: u64,
}

/// What is known of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is being counted.
    Counting,
    /// These answer.
    Known(Arc<Members>),
    /// It cannot be counted, and why.
    Refused(String),
}

#[derive(Default)]
struct Inside {
    known: BTreeMap<String, Entry>,
    /// Definitions that wait, the last asked last.
    waiting: Vec<String>,
    is_running: bool,
}

struct Entry {
    found: Option<Result<Arc<Members>, String>>,
    at: i64,
    is_waiting: bool,
}

/// What was counted, by definition.
#[derive(Default)]
pub struct Counts {
    inside: Mutex<Inside>,
    asked: Condvar,
}

impl Counts {
    fn hold(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a definition; where that is nothing, or old, it is counted.
    pub fn look(self: &Arc<Counts>, app: &App, text: &str) -> Standing {
        let Some(lake) = app.lake().cloned() else {
            return Standing::Refused("this server has no lake".to_owned());
        };
        let now = app.now_micros();
        let mut inside = self.hold();
        let is_due = match inside.known.get(text) {
            None => true,
            Some(entry) => !entry.is_waiting && now - entry.at > FRESH_MICROS,
        };
        if is_due {
            inside.put(text, now);
            if !inside.is_running {
                inside.is_running = true;
                let (counts, app) = (self.clone(), app.clone());
                let work = move || counts.work(&app, &lake);
                if let Err(error) = std::thread::Builder::new().name("counts".to_owned()).spawn(work) {
                    inside.is_running = false;
                    return Standing::Refused(error.to_string());
                }
            }
            self.asked.notify_one();
        }
        match inside.known.get(text).and_then(|entry| entry.found.clone()) {
            None => Standing::Counting,
            Some(Ok(members)) => Standing::Known(members),
            Some(Err(refused)) => Standing::Refused(refused),
        }
    }

    fn work(&self, app: &App, lake: &Lake) {
        let mut table: Option<(Table, i64)> = None;
        loop {
            let Some(text) = self.next() else { return };
            let now = app.now_micros();
            table = table.filter(|(_, opened_at)| now - opened_at <= FRESH_MICROS);
            let answer = match &mut table {
                Some((table, _)) => table.count(&text, now),
                none => match Table::open(lake) {
                    Ok(opened) => none.insert((opened, now)).0.count(&text, now),
                    Err(refused) => Err(refused),
                },
            };
            let mut inside = self.hold();
            if let Some(entry) = inside.known.get_mut(&text) {
                *entry = Entry { found: Some(answer.map(Arc::new)), at: app.now_micros(), is_waiting: false };
            }
        }
    }

    /// The definition that was asked last; none where nobody asks any more.
    fn next(&self) -> Option<String> {
        let mut inside = self.hold();
        loop {
            if let Some(text) = inside.waiting.pop() {
                return Some(text);
            }
            let (held, waited) =
                self.asked.wait_timeout(inside, IDLE).unwrap_or_else(PoisonError::into_inner);
            inside = held;
            if waited.timed_out() && inside.waiting.is_empty() {
                inside.is_running = false;
                return None;
            }
        }
    }
}

impl Inside {
    fn put(&mut self, text: &str, now: i64) {
        let found = self.known.remove(text).and_then(|entry| entry.found);
        if self.known.len() >= KEPT {
            let oldest = self.known.iter().min_by_key(|(_, entry)| entry.at).map(|(text, _)| text.clone());
            oldest.map(|text| self.known.remove(&text));
        }
        self.known.insert(text.to_owned(), Entry { found, at: now, is_waiting: true });
        self.waiting.push(text.to_owned());
        if self.waiting.len() > WAITING {
            // Nobody looks at what was typed so long ago; whoever does asks again.
            let dropped = self.waiting.remove(0);
            self.known.remove(&dropped);
        }
    }
}

/// The lake and state as they were opened, with what has been prepared.
struct Table {
    opened: Opened,
    desk: Desk,
    options: Options,
    as_of: Date,
    of: u64,
    has_models: bool,
}

impl Table {
    fn open(lake: &Lake) -> Result<Table, String> {
        let failed = |failure: domain::port::Failure| failure.to_string();
        let desk = (lake.workshop.desk)().map_err(failed)?;
        let opened = (lake.open)(&Only::default()).map_err(failed)?;
        let as_of = last_day(&*opened.insights, &opened.options).map_err(|stopped| stopped.to_string())?;
        let options = Options { as_of: Some(as_of), ..opened.options.clone() };
        prepare_spans(&*opened.insights, &options).map_err(|stopped| stopped.to_string())?;
        let of = opened.insights.keep("customer.summary").map_err(failed)?;
        Ok(Table { opened, desk, options, as_of, of, has_models: false })
    }

    fn count(&mut self, text: &str, now_micros: i64) -> Result<Members, String> {
        self.answer(text, now_micros).map_err(|stopped| stopped.to_string())
    }

    fn answer(&mut self, text: &str, now_micros: i64) -> Result<Members, Stopped> {
        let insights = &*self.opened.insights;
        let given = [segment::parse("the definition", text)?];
        // One that stands in itself would never end: the one that is tried wins over the kept one.
        let library = Library { store: &self.desk.store, given: &given };
        let condition = library.written_out(&given[0])?;
        if condition.needs_models() && !self.has_models {
            prepare(insights, &self.options)?;
            insights.keep("customer.summary")?;
            self.has_models = true;
        }
        for part in condition.parts() {
            if let Condition::Field { relation, .. } = part {
                insights.keep(&format!("customer.{relation}"))?;
            }
        }
        let when = When { as_of: self.as_of, now_micros };
        let people = find(insights, &self.desk.store, &condition, when, &given[0].name)?;
        let mut ids: Vec<u128> = people.into_iter().map(|id| id.body()).collect();
        ids.sort_unstable();
        Ok(Members { ids, of: self.of })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_last_is_counted_first_and_what_nobody_waits_for_goes() {
        let counts = Counts::default();
        for number in 0..WAITING + 3 {
            counts.hold().put(&number.to_string(), number as i64);
        }
        assert_eq!(counts.hold().waiting.len(), WAITING);
        assert_eq!(counts.next().as_deref(), Some("18"), "the last of nineteen");
        assert!(!counts.hold().known.contains_key("0"), "the first is not counted any more");
        let mut inside = counts.hold();
        for number in 0..KEPT * 2 {
            inside.put(&format!("more {number}"), 100 + number as i64);
        }
        assert!(inside.known.len() <= KEPT);
    }
}
