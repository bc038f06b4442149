//! Who answers a segment's definition, on the facts as they stand and as of a day.
//!
//! Gather, judge: relations are asked for by name, once each; what customers did is asked in one go, a row of
//! `run.behaviours` for each condition; then the definition is read off plain columns. Asked twice of the same facts
//! and day, the answer is the same people in the same order.

use super::freeze::Permission;
use super::segment::{self, Act, Behaviour, Condition, Literal, Segment, Test};
use super::{Refused, Stopped, day_number, days_after};
use domain::Id;
use domain::column::{Batch, Column, Text, Values};
use domain::port::{Failure, Insights};
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use store::Store;

/// Where definitions are found that stand in others.
pub struct Library<'a> {
    /// State: kept segments and tags.
    pub store: &'a Store,
    /// Segments given beside those kept, such as the one being tried; they win.
    pub given: &'a [Segment],
}

impl Library<'_> {
    /// The segment of that name.
    ///
    /// # Errors
    /// Where there is none, or what was kept cannot be read.
    pub fn find(&self, name: &str) -> Result<Segment, Stopped> {
        if let Some(given) = self.given.iter().find(|segment| segment.name == name) {
            return Ok(given.clone());
        }
        let Some((_, text)) = self.store.find_segment(name)? else {
            let known: Vec<String> =
                self.store.list_segments()?.into_iter().map(|(name, _, _)| name).collect();
            let known = if known.is_empty() { "none is kept yet".to_owned() } else { known.join(", ") };
            let detail = format!(
                "there is no segment of that name; known: {known}. Keep one with perennial segment check FILE --keep"
            );
            return Err(Refused::Segment { file: format!("segment {name}"), detail }.into());
        };
        Ok(segment::parse(&format!("segment {name}"), &text)?)
    }

    /// The condition with every segment in it written out.
    ///
    /// # Errors
    /// Where one is missing, or segments stand in each other in a circle.
    pub fn written_out(&self, segment: &Segment) -> Result<Condition, Stopped> {
        let mut path = vec![segment.name.clone()];
        self.expand(&segment.who, &mut path)
    }

    fn expand(&self, condition: &Condition, path: &mut Vec<String>) -> Result<Condition, Stopped> {
        let each = |parts: &[Condition], path: &mut Vec<String>| {
            parts.iter().map(|part| self.expand(part, path)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match condition {
            Condition::All(parts) => Condition::All(each(parts, path)?),
            Condition::Any(parts) => Condition::Any(each(parts, path)?),
            Condition::Not(part) => Condition::Not(Box::new(self.expand(part, path)?)),
            Condition::Segment(name) => {
                if path.contains(name) {
                    let detail =
                        format!("segments stand in each other in a circle: {} → {name}", path.join(" → "));
                    return Err(Refused::Segment { file: format!("segment {}", path[0]), detail }.into());
                }
                path.push(name.clone());
                let inner = self.find(name)?;
                let found = self.expand(&inner.who, path)?;
                path.pop();
                found
            }
            other => other.clone(),
        })
    }
}

/// When it is asked.
#[derive(Debug, Clone, Copy)]
pub struct When {
    /// The day of the question: the last day of facts, or an earlier one.
    pub as_of: Date,
    /// The moment at which consents are read, in microseconds since 1970; like tags they are what stands, whichever day is asked about.
    pub now_micros: i64,
}

/// Everybody with an order, and where each stands in the answers.
struct Everybody {
    ids: Vec<Id>,
    places: FxHashMap<u128, u32>,
}

/// The customers that answer a condition (with all segments written out), in the order of their ids.
///
/// `insights` must know the run's parameters, and its models where [`Condition::needs_models`].
///
/// # Errors
/// Refused where a definition names a column that is not there or asks words of numbers; failed where a relation
/// cannot be run.
pub fn find(
    insights: &dyn Insights,
    store: &Store,
    condition: &Condition,
    when: When,
    name: &str,
) -> Result<Vec<Id>, Stopped> {
    let as_of = when.as_of;
    let everybody = Everybody::read(&insights.run("customer.summary")?);
    let behaviours: Vec<&Behaviour> = condition
        .parts()
        .into_iter()
        .filter_map(|part| if let Condition::Did(behaviour) = part { Some(behaviour) } else { None })
        .collect();
    let done = if behaviours.is_empty() {
        Vec::new()
    } else {
        insights.provide("run.behaviours", wanted(&behaviours, as_of))?;
        counted(&insights.run("segment.behaviours")?, &everybody, behaviours.len())
    };
    let mut asked = Asked {
        insights,
        store,
        everybody: &everybody,
        when,
        name,
        relations: BTreeMap::new(),
        done: done.into_iter(),
    };
    let answers = asked.answers(condition)?;
    let found = everybody.ids.iter().zip(&answers).filter(|(_, is_in)| **is_in);
    let mut ids: Vec<Id> = found.map(|(id, _)| *id).collect();
    ids.sort_unstable();
    Ok(ids)
}

impl Everybody {
    fn read(batch: &Batch) -> Everybody {
        let ids: Vec<Id> = ids(batch).into_iter().flatten().collect();
        let places = ids.iter().enumerate().map(|(place, id)| (id.body(), place as u32)).collect();
        Everybody { ids, places }
    }

    fn place(&self, id: Id) -> Option<usize> {
        self.places.get(&id.body()).map(|place| *place as usize)
    }
}

/// The customers of a relation's rows.
pub fn ids(batch: &Batch) -> Vec<Option<Id>> {
    let column = batch.column("customer_id");
    (0..batch.rows()).map(|row| column.text(row).and_then(|text| text.parse().ok())).collect()
}

/// Asks about no behaviour, no window and nobody, so that the relations that read them can be looked at.
///
/// # Errors
/// Where the inputs cannot be given.
pub fn ask_nothing(insights: &dyn Insights) -> Result<(), Failure> {
    insights.provide("run.behaviours", wanted(&[], super::EPOCH))?;
    insights.provide("run.windows", crate::measure::people::rows(&[]))?;
    insights.provide("run.contacts", super::followed::contacts(&[], super::EPOCH, super::EPOCH))
}

/// The rows of `run.behaviours`.
fn wanted(behaviours: &[&Behaviour], as_of: Date) -> Batch {
    let end = days_after(as_of, 1);
    let from = |one: &Behaviour| match one.within_days {
        Some(days) => one.from.unwrap_or(Date::MIN).max(days_after(end, -days)),
        None => one.from.unwrap_or(super::day_at(i64::MIN)),
    };
    let until = |one: &Behaviour| one.until.unwrap_or(end).min(end);
    let texts = |name: &str, of: fn(&Behaviour) -> Option<&str>| {
        Column::texts(name, behaviours.iter().map(|one| of(one)))
    };
    let days = |of: &dyn Fn(&Behaviour) -> Date| behaviours.iter().map(|one| day_number(of(one))).collect();
    Batch::new(vec![
        Column::ints("number", (0..behaviours.len() as i64).map(Some)),
        texts("act", |one| Some(one.act.word())),
        texts("product_id", |one| one.product.as_deref()),
        texts("category", |one| one.category.as_deref()),
        texts("store_id", |one| one.store.as_deref()),
        texts("channel", |one| one.channel.as_deref()),
        Column::new("from_on", Values::Day(days(&from))),
        Column::new("until_on", Values::Day(days(&until))),
    ])
}

/// For each behaviour and customer: how often, and for how much.
fn counted(batch: &Batch, everybody: &Everybody, behaviours: usize) -> Vec<Vec<(i64, i64)>> {
    let mut all = vec![vec![(0, 0); everybody.ids.len()]; behaviours];
    let (number, times, spent) = (batch.column("number"), batch.column("times"), batch.column("spent_minor"));
    for (row, id) in ids(batch).into_iter().enumerate() {
        let Some(place) = id.and_then(|id| everybody.place(id)) else { continue };
        let at = number.int(row).unwrap_or(0) as usize;
        all[at][place] = (times.int(row).unwrap_or(0), spent.int(row).unwrap_or(0));
    }
    all
}

struct Asked<'a> {
    insights: &'a dyn Insights,
    store: &'a Store,
    everybody: &'a Everybody,
    when: When,
    name: &'a str,
    /// Relations read so far, with the row of each customer.
    relations: BTreeMap<String, (Batch, Vec<Option<u32>>)>,
    /// What the behaviours came to, in the order of the definition.
    done: std::vec::IntoIter<Vec<(i64, i64)>>,
}

impl Asked<'_> {
    fn answers(&mut self, condition: &Condition) -> Result<Vec<bool>, Stopped> {
        let all = self.everybody.ids.len();
        Ok(match condition {
            Condition::All(parts) => self.fold(parts, vec![true; all], |is, also| is && also)?,
            Condition::Any(parts) => self.fold(parts, vec![false; all], |is, or| is || or)?,
            Condition::Not(part) => self.answers(part)?.into_iter().map(|is| !is).collect(),
            Condition::Tag(tag) => self.among(self.store.customers_tagged(tag)?),
            Condition::Agreed { channel, purpose } => {
                let permission = Permission::of(self.store, channel, purpose, self.when.now_micros)?;
                self.everybody.ids.iter().map(|id| permission.has(*id)).collect()
            }
            Condition::Sentence(sentence) => self.said(sentence)?,
            Condition::Field { relation, column, tests } => self.field(relation, column, tests)?,
            Condition::Did(behaviour) => {
                let done = self.done.next().expect("as many counts as behaviours");
                done.into_iter().map(|(times, spent)| is_done(behaviour, times, spent)).collect()
            }
            Condition::Segment(_) => unreachable!("segments are written out before"),
        })
    }

    fn fold(
        &mut self,
        parts: &[Condition],
        start: Vec<bool>,
        join: fn(bool, bool) -> bool,
    ) -> Result<Vec<bool>, Stopped> {
        parts.iter().try_fold(start, |so_far, part| {
            let answers = self.answers(part)?;
            Ok(so_far.into_iter().zip(answers).map(|(one, other)| join(one, other)).collect())
        })
    }

    fn among(&self, ids: impl IntoIterator<Item = Id>) -> Vec<bool> {
        let mut is_in = vec![false; self.everybody.ids.len()];
        ids.into_iter().filter_map(|id| self.everybody.place(id)).for_each(|place| is_in[place] = true);
        is_in
    }

    fn said(&self, sentence: &str) -> Result<Vec<bool>, Stopped> {
        let batch = self.insights.run("segment.sentences")?;
        let column = batch.column("sentence");
        let meant = ids(&batch).into_iter().enumerate();
        Ok(self.among(meant.filter(|(row, _)| column.text(*row) == Some(sentence)).filter_map(|(_, id)| id)))
    }

    fn field(&mut self, relation: &str, column: &str, tests: &[Test]) -> Result<Vec<bool>, Stopped> {
        if !self.relations.contains_key(relation) {
            let batch = self.insights.run(&format!("customer.{relation}"))?;
            let mut rows = vec![None; self.everybody.ids.len()];
            for (row, id) in ids(&batch).into_iter().enumerate() {
                if let Some(place) = id.and_then(|id| self.everybody.place(id)) {
                    rows[place] = Some(row as u32);
                }
            }
            self.relations.insert(relation.to_owned(), (batch, rows));
        }
        let (batch, rows) = &self.relations[relation];
        let wrong = |detail: String| Refused::Segment { file: format!("segment {}", self.name), detail };
        let Some(values) = batch.find(column) else {
            let known: Vec<&str> = batch.names().into_iter().filter(|name| *name != "customer_id").collect();
            return Err(wrong(format!(
                "customer.{relation} has no column {column}; it has {}",
                known.join(", ")
            ))
            .into());
        };
        check_kind(&format!("{relation}.{column}"), values, tests).map_err(wrong)?;
        let today = i64::from(day_number(self.when.as_of));
        let holds = |row: &Option<u32>| tests.iter().all(|test| holds(values, *row, test, today));
        Ok(rows.iter().map(holds).collect())
    }
}

fn is_done(behaviour: &Behaviour, times: i64, spent: i64) -> bool {
    let counts_money = behaviour.act != Act::Complained;
    times >= behaviour.at_least
        && behaviour.at_most.is_none_or(|most| times <= most)
        && behaviour.spent_at_least_minor.is_none_or(|least| counts_money && spent >= least)
}

/// Words are asked of texts, amounts of numbers and days.
fn check_kind(name: &str, column: &Column, tests: &[Test]) -> Result<(), String> {
    let is_text = matches!(column.values, Values::Text(_));
    let is_day = matches!(column.values, Values::Day(_));
    for test in tests {
        let fits = match test {
            Test::Is(all) | Test::IsNot(all) => {
                all.iter().all(|one| matches!(one, Literal::Text(_)) == is_text)
            }
            Test::AtLeast(_) | Test::AtMost(_) | Test::Above(_) | Test::Below(_) => !is_text,
            Test::WithinDays(_) => is_day,
            Test::IsKnown(_) => true,
        };
        if !fits {
            return Err(match (is_text, test) {
                (true, _) => match some_words(&column.values).as_str() {
                    "" => format!("{name} holds words; ask is = \"…\""),
                    words => format!("{name} holds words; ask is = \"…\" with one of {words}"),
                },
                (false, Test::WithinDays(_)) => format!("{name} is no day, so within_days means nothing"),
                (false, _) => format!("{name} holds numbers or days; leave the quotes away"),
            });
        }
    }
    Ok(())
}

fn some_words(values: &Values) -> String {
    let Values::Text(text) = values else { return String::new() };
    let mut words: Vec<&str> = (0..text.len().min(10_000)).map(|row| Text::get(text, row)).collect();
    words.sort_unstable();
    words.dedup();
    words.truncate(8);
    words.join(", ")
}

fn holds(column: &Column, row: Option<u32>, test: &Test, today: i64) -> bool {
    let known = row.map(|row| row as usize).filter(|row| column.is_present(*row));
    let Some(row) = known else { return *test == Test::IsKnown(false) };
    let number = || column.float(row).unwrap_or(f64::NAN);
    let is = |literal: &Literal| match literal {
        Literal::Text(word) => column.text(row) == Some(word),
        Literal::Number(wanted) => number() == *wanted,
    };
    match test {
        Test::Is(all) => all.iter().any(is),
        Test::IsNot(all) => !all.iter().any(is),
        Test::AtLeast(bound) => number() >= *bound,
        Test::AtMost(bound) => number() <= *bound,
        Test::Above(bound) => number() > *bound,
        Test::Below(bound) => number() < *bound,
        Test::WithinDays(days) => column.int(row).is_some_and(|day| day > today - days && day <= today),
        Test::IsKnown(wanted) => *wanted,
    }
}
