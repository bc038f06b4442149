//! `/settings/health`: what waits, what nobody will try again by itself, and whether figures are fresh.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Tab, all_tabs, tabs};
use crate::figures::Work;
use crate::problem::Problem;
use axum::response::Response;
use jiff::civil::DateTime;
use serde::Serialize;
use store::{DeadLetter, Queue};

/// Dead letters that are shown.
const MOST: i64 = 100;

/// The page.
#[derive(Serialize)]
pub struct HealthPage {
    tabs: Vec<Tab>,
    waiting_jobs: i64,
    waiting_messages: i64,
    waiting_intake: i64,
    unsealed: u64,
    computed_at: Option<DateTime>,
    took_seconds: i64,
    failed: String,
    dead: Vec<Dead>,
    items: Vec<LaidAside>,
}

#[derive(Serialize)]
struct Dead {
    id: String,
    queue: &'static str,
    topic: String,
    attempts: i64,
    problem: String,
}

#[derive(Serialize)]
struct LaidAside {
    id: String,
    source: String,
    kind: String,
    reason: String,
    received_at: DateTime,
}

impl Page for HealthPage {
    const TEMPLATE: &'static str = "console/settings/health.html";
    const AREA: Area = Area::Settings;

    fn sample(_: &Reader) -> HealthPage {
        let at = jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0);
        let dead = |queue| Dead {
            id: "00001761523200000000/report".to_owned(),
            queue,
            topic: "report".to_owned(),
            attempts: 8,
            problem: "the disk is full".to_owned(),
        };
        HealthPage {
            dead: vec![dead("jobs"), dead("outbox")],
            items: vec![LaidAside {
                id: "0002".to_owned(),
                source: "web".to_owned(),
                kind: "order".to_owned(),
                reason: "lines: required".to_owned(),
                received_at: at,
            }],
            computed_at: Some(at),
            took_seconds: 4,
            failed: "there are no orders yet".to_owned(),
            waiting_jobs: 1,
            waiting_messages: 12,
            unsealed: 40,
            ..HealthPage::empty()
        }
    }
}

impl HealthPage {
    /// Everything is in order.
    pub fn empty() -> HealthPage {
        HealthPage {
            tabs: all_tabs(),
            waiting_jobs: 0,
            waiting_messages: 0,
            waiting_intake: 0,
            unsealed: 0,
            computed_at: None,
            took_seconds: 0,
            failed: String::new(),
            dead: Vec::new(),
            items: Vec::new(),
        }
    }
}

fn dead(rows: Vec<DeadLetter>, queue: &'static str) -> impl Iterator<Item = Dead> {
    rows.into_iter().map(move |row| Dead {
        id: row.message_id,
        queue,
        topic: row.topic,
        attempts: row.attempts,
        problem: row.problem,
    })
}

/// `GET /settings/health`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    let reader = visit.reader().clone();
    let read = visit.app().read(move |session| {
        let reading = session.read();
        let jobs = reading.dead_letters(Queue::Jobs, MOST)?;
        let messages = reading.dead_letters(Queue::Outbox, MOST)?;
        let items = reading.open_dead_items("", "", MOST)?.into_iter().map(|row| LaidAside {
            id: row.item_id,
            source: row.source,
            kind: row.kind,
            reason: row.reason,
            received_at: reader.local_micros(row.received_at),
        });
        Ok(HealthPage {
            waiting_jobs: reading.waiting(Queue::Jobs)?,
            waiting_messages: reading.waiting(Queue::Outbox)?,
            waiting_intake: reading.waiting_intake()?,
            unsealed: reading.count_unsealed()?,
            dead: dead(jobs, "jobs").chain(dead(messages, "outbox")).collect(),
            items: items.collect(),
            ..HealthPage::empty()
        })
    });
    let figures = visit.app().figures();
    let known = figures.known();
    let failed = if let Work::Failed(why) = figures.work() { why } else { String::new() };
    visit.show(&HealthPage {
        tabs: tabs(&visit),
        computed_at: known.as_ref().map(|known| visit.reader().local_micros(known.at)),
        took_seconds: known.as_ref().map_or(0, |known| known.took / 1_000_000),
        failed,
        ..read.await?
    })
}

/// `POST /settings/health/replay`: ids of jobs have strokes in them, which an address would be cut at.
pub async fn replay(visit: Visit, fields: Fields) -> Result<Response, Problem> {
    let job = fields.text("job").to_owned();
    let queue = if fields.text("queue") == "outbox" { Queue::Outbox } else { Queue::Jobs };
    let (id, now) = (job.clone(), visit.app().now_micros());
    match visit.app().write(move |writing| Ok(writing.revive(queue, &id, now)?)).await? {
        true => Ok(visit.done("/settings/health", "replayed")),
        false => Err(Problem::not_found("job that was laid aside", &job)),
    }
}
