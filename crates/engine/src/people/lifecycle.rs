//! Where every customer stands, written with the day it began: prospect, new, active, at risk, lapsed, won back. How
//! long is long is each customer's own clock (`stats::cadence`), learnt from the whole base.
//!
//! What was written stays: a base that has grown draws its lines a little elsewhere, and nobody's past changes for it.
//! Only what comes after the last change is added.

use super::{Stopped, again};
use crate::record::identity::lifecycle::{Limits, State, Transition, story};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use stats::cadence::{Habit, Population, Rules, cadence};
use std::collections::{BTreeMap, HashMap};
use store::{Failure, Session, Writing};

/// Where a customer stood, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// From this instant: the beginning of the day.
    pub since: Timestamp,
    /// `prospect`, `new`, `active`, `at_risk`, `lapsed`, `won_back`.
    pub state: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// What a round changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Round {
    /// Customers looked at.
    pub customers: u64,
    /// Changes written, by the state they lead to.
    pub changes: BTreeMap<String, u64>,
}

/// A customer's story as it was written, the oldest first.
pub fn stages(reading: &Writing<'_>, customer: &str) -> Result<Vec<Stage>, Failure> {
    let stage = |(since, state, reason)| Stage { since: crate::record::books::instant(since), state, reason };
    Ok(reading.lifecycle_of(customer)?.into_iter().map(stage).collect())
}

/// How many customers are read and written in one transaction.
const PAGE: i64 = 1000;

/// Look at everybody and write what has changed by `now`. `history` are days with an order that only the lake knows, by
/// customer. Doing it again on the same day changes nothing.
pub fn tend(
    session: &mut Session,
    zone: &TimeZone,
    history: &HashMap<String, Vec<Date>>,
    now: Timestamp,
) -> Result<Round, Stopped> {
    let today = now.to_zoned(zone.clone()).date();
    let days = |reading: &Writing<'_>, id: &str| days_of(reading, id, history, today);
    let mut habits = Vec::new();
    each_page(session, |reading, ids| {
        for (id, _) in ids {
            habits.extend(habit(&days(reading, id)?));
        }
        Ok(())
    })?;
    // Before anybody has come twice nobody can be late.
    let population = Population::new(&habits).ok();
    let mut round = Round::default();
    each_page(session, |writing, ids| {
        for (id, created_at) in ids {
            round.customers += 1;
            let since = created_at.to_zoned(zone.clone()).date();
            let days = days(writing, id)?;
            let since = days.first().map_or(since, |first| since.min(*first));
            let told = story(|days| limits(days, population.as_ref()), since, &days, today);
            for (since, step) in further(&stages(writing, id)?, &told, zone) {
                writing.put_lifecycle(id, since, step.state.code(), &step.reason)?;
                *round.changes.entry(step.state.code().to_owned()).or_default() += 1;
            }
        }
        Ok(())
    })?;
    Ok(round)
}

fn each_page(
    session: &mut Session,
    mut work: impl FnMut(&Writing<'_>, &[(String, Timestamp)]) -> Result<(), Stopped>,
) -> Result<(), Stopped> {
    let mut after = String::new();
    loop {
        let page = again(session, |writing| {
            let rows = writing.customers_after(&after, PAGE)?;
            let alive: Vec<(String, Timestamp)> = rows
                .iter()
                .filter(|row| row.erased_at.is_none())
                .map(|row| (row.customer_id.clone(), crate::record::books::instant(row.created_at)))
                .collect();
            work(writing, &alive)?;
            Ok(rows.last().map(|row| row.customer_id.clone()))
        })?;
        match page {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

fn days_of(
    reading: &Writing<'_>,
    customer: &str,
    history: &HashMap<String, Vec<Date>>,
    today: Date,
) -> Result<Vec<Date>, Failure> {
    let live = reading.order_days_of(customer)?;
    let mut days: Vec<Date> = live.iter().filter_map(|day| day.parse().ok()).collect();
    days.extend(history.get(customer).into_iter().flatten());
    days.retain(|day| *day <= today);
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

/// Days since 1970.
fn number(day: Date) -> i32 {
    (day - jiff::civil::date(1970, 1, 1)).get_days()
}

fn habit(days: &[Date]) -> Option<Habit> {
    Habit::new(&days.iter().map(|day| number(*day)).collect::<Vec<_>>()).ok()
}

/// How long is long after these days.
fn limits(days: &[Date], population: Option<&Population>) -> Limits {
    let never = Limits { at_risk_days: i32::MAX / 4, lapsed_days: i32::MAX / 4 };
    let clock = habit(days).zip(population).and_then(|(habit, population)| {
        let clock = cadence(&habit, population, &Rules::default(), habit.last_day).ok()?;
        let after = |day: i32| day.saturating_sub(habit.last_day).clamp(1, i32::MAX / 4);
        Some(Limits {
            at_risk_days: after(clock.at_risk_from_day),
            lapsed_days: after(clock.lapsed_from_day),
        })
    });
    clock.unwrap_or(never)
}

/// What is to be added to what was written, each with the instant from which it holds.
fn further(written: &[Stage], told: &[Transition], zone: &TimeZone) -> Vec<(i64, Transition)> {
    let begin = |step: &Transition| (start_of(step.on, zone).as_microsecond(), step.clone());
    let Some(last) = written.last() else { return told.iter().map(begin).collect() };
    let since = last.since.as_microsecond();
    let mut state = last.state.clone();
    let mut more: Vec<(i64, Transition)> = Vec::new();
    for step in told.iter().map(begin).filter(|(at, _)| *at > since) {
        if step.1.state.code() != state {
            state = step.1.state.code().to_owned();
            more.push(step);
        }
    }
    // A fact that came late, of a day before the last change: it takes the customer on from there.
    if let Some(now) = told.last().filter(|now| now.state.code() != state && now.state != State::Prospect) {
        let after = more.last().map_or(since, |(at, _)| *at);
        more.push((after + 1, now.clone()));
    }
    more
}

fn start_of(day: Date, zone: &TimeZone) -> Timestamp {
    loyalty::time::start_of(day, zone)
}
