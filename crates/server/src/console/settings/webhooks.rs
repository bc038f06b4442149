//! `/settings/webhooks`: who is told of what happens, and whether it arrived. Everything is done by the functions the API
//! and the command line use.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Tab, all_tabs, tabs};
use crate::problem::Problem;
use crate::webhooks::manage::{self, Asking, Wanted};
use crate::webhooks::{CODE_TOPIC, TOPICS};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::DateTime;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{DeliveryRow, WebhookRow, Writing};

/// How long the old secret still signs after a new one was made, in hours.
const OVERLAP_HOURS: i64 = 24;
/// Messages of a webhook that are shown.
const SHOWN: i64 = 50;
/// From when on what was given up is told again, in days before now.
const AGAIN_DAYS: i64 = 30;

/// Everybody who is told.
#[derive(Serialize)]
pub struct WebhooksPage {
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    /// Groups of topics and topics, as they are offered.
    topics: Vec<String>,
    /// The secret of a new webhook, or a new one: the id, and what is shown once.
    made: Option<(String, String)>,
    refused: String,
    typed: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    url: String,
    topics: Vec<String>,
    /// `on`, `paused`, `off`.
    state: String,
    reason: String,
    failing_since: Option<DateTime>,
    waiting: i64,
    arrived: i64,
    given_up: i64,
}

/// What one webhook was told.
#[derive(Serialize)]
pub struct WebhookPage {
    tabs: Vec<Tab>,
    row: Row,
    told: Vec<Told>,
}

#[derive(Serialize)]
struct Told {
    id: String,
    topic: String,
    customer: Option<String>,
    /// `waiting`, `done`, `dead`.
    state: String,
    at: DateTime,
    attempts: i64,
    problem: String,
}

impl Row {
    fn of(reader: &Reader, row: WebhookRow, counts: &[(String, i64)]) -> Row {
        let count =
            |state: &str| counts.iter().find(|(known, _)| known == state).map_or(0, |(_, count)| *count);
        Row {
            id: row.webhook_id,
            url: row.url,
            topics: row.topics.split(' ').map(str::to_owned).collect(),
            state: row.state,
            reason: row.reason.unwrap_or_default(),
            failing_since: row.failing_since.map(|at| reader.local_micros(at)),
            waiting: count("waiting"),
            arrived: count("done"),
            given_up: count("dead"),
        }
    }

    fn sample(state: &str) -> Row {
        Row {
            id: format!("wh_{state}"),
            url: "https://shop.example/perennial".to_owned(),
            topics: vec!["points.*".to_owned(), "tier.changed".to_owned()],
            state: state.to_owned(),
            reason: if state == "paused" {
                "nothing arrived for three days".to_owned()
            } else {
                String::new()
            },
            failing_since: (state == "paused").then(|| jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0)),
            waiting: 12,
            arrived: 4_018,
            given_up: 3,
        }
    }
}

/// What can be asked for: all, the groups, each topic.
fn topics() -> Vec<String> {
    let mut all = vec!["*".to_owned()];
    // What is told only to who asks for it by name belongs to no group.
    let groups: Vec<String> = TOPICS
        .iter()
        .filter(|(topic, _)| *topic != CODE_TOPIC)
        .filter_map(|(topic, _)| Some(format!("{}.*", topic.split_once('.')?.0)))
        .collect();
    for (place, group) in groups.iter().enumerate() {
        if !groups[..place].contains(group) {
            all.push(group.clone());
        }
    }
    all.extend(TOPICS.iter().map(|(topic, _)| (*topic).to_owned()));
    all
}

impl Page for WebhooksPage {
    const TEMPLATE: &'static str = "console/settings/webhooks.html";
    const AREA: Area = Area::Settings;

    fn sample(_: &Reader) -> WebhooksPage {
        WebhooksPage {
            tabs: all_tabs(),
            rows: vec![Row::sample("on"), Row::sample("paused"), Row::sample("off")],
            topics: topics(),
            made: Some(("wh_on".to_owned(), "whsec_c2VjcmV0".to_owned())),
            refused: "https only".to_owned(),
            typed: BTreeMap::from([("url".to_owned(), "http://shop.example".to_owned())]),
        }
    }
}

impl WebhooksPage {
    /// Nobody is told of anything.
    pub fn sample_empty() -> WebhooksPage {
        WebhooksPage {
            tabs: all_tabs(),
            rows: Vec::new(),
            topics: topics(),
            made: None,
            refused: String::new(),
            typed: BTreeMap::new(),
        }
    }
}

impl Page for WebhookPage {
    const TEMPLATE: &'static str = "console/settings/webhook.html";
    const AREA: Area = Area::Settings;

    fn sample(_: &Reader) -> WebhookPage {
        let told = |state: &str| Told {
            id: format!("msg_{state}"),
            topic: "points.earned".to_owned(),
            customer: Some("cus_00000000000000000000004027".to_owned()),
            state: state.to_owned(),
            at: jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0),
            attempts: 2,
            problem: if state == "done" { String::new() } else { "status 500".to_owned() },
        };
        let told = vec![told("waiting"), told("done"), told("dead")];
        WebhookPage { tabs: all_tabs(), row: Row::sample("on"), told }
    }
}

async fn read(visit: &Visit) -> Result<WebhooksPage, Problem> {
    let reader = visit.reader().clone();
    let rows = visit.app().read(move |session| {
        let reading = session.read();
        let mut rows = Vec::new();
        for row in reading.webhooks()? {
            let counts = reading.count_deliveries(&row.webhook_id)?;
            rows.push(Row::of(&reader, row, &counts));
        }
        Ok(rows)
    });
    Ok(WebhooksPage { tabs: tabs(visit), rows: rows.await?, ..WebhooksPage::sample_empty() })
}

/// Do something as whoever visits.
async fn managed<T: Send + 'static>(
    visit: &Visit,
    mut work: impl FnMut(&Writing<'_>, &Asking<'_>) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let (actor, app) = (visit.member().actor(), visit.app().clone());
    visit.app().write(move |writing| app.asking(&actor, |asking| work(writing, asking))).await
}

/// `GET /settings/webhooks`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    visit.show(&read(&visit).await?)
}

/// `POST /settings/webhooks`: somebody is told from now on.
pub async fn create(visit: Visit, fields: Fields) -> Result<Response, Problem> {
    let url = fields.text("url").to_owned();
    let topics: Vec<String> = fields.text("topics").split([' ', ',']).map(str::to_owned).collect();
    let topics: Vec<String> = topics.into_iter().filter(|topic| !topic.is_empty()).collect();
    let made = managed(&visit, move |writing, asking| manage::create(writing, asking, &url, &topics)).await;
    match made {
        Ok((row, secret)) => {
            let page = WebhooksPage { made: Some((row.webhook_id, secret)), ..read(&visit).await? };
            visit.show_as(StatusCode::CREATED, &page)
        }
        Err(problem) if problem.kind.status().is_client_error() => {
            let typed = fields.without_proof().pairs().iter().cloned().collect();
            let page = WebhooksPage { refused: problem.detail, typed, ..read(&visit).await? };
            visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(problem) => Err(problem),
    }
}

/// `GET /settings/webhooks/{webhook}`
pub async fn one(visit: Visit, Path(webhook): Path<String>) -> Result<Response, Problem> {
    let reader = visit.reader().clone();
    let read = visit.app().read(move |session| {
        let reading = session.read();
        let row = reading.webhooks()?.into_iter().find(|row| row.webhook_id == webhook);
        let row = row.ok_or_else(|| Problem::not_found("webhook", &webhook))?;
        let told = |row: DeliveryRow| Told {
            at: reader.local_micros(row.created_at),
            id: row.message_id,
            topic: row.topic,
            customer: row.customer_id,
            state: row.state,
            attempts: row.attempts,
            problem: row.problem.unwrap_or_default(),
        };
        let all = reading.deliveries(&webhook, "", "", SHOWN)?;
        let counts = reading.count_deliveries(&webhook)?;
        Ok((Row::of(&reader, row, &counts), all.into_iter().map(told).collect()))
    });
    let (row, told) = read.await?;
    visit.show(&WebhookPage { tabs: tabs(&visit), row, told })
}

/// `POST /settings/webhooks/{webhook}`: on or paused, tested, told again, a new secret, no more.
pub async fn change(visit: Visit, Path(webhook): Path<String>, fields: Fields) -> Result<Response, Problem> {
    let (id, list, address) =
        (webhook.clone(), "/settings/webhooks", format!("/settings/webhooks/{webhook}"));
    match fields.text("do") {
        state @ ("on" | "paused") => {
            let wanted = Wanted { state: Some(state.to_owned()), ..Wanted::default() };
            managed(&visit, move |writing, asking| manage::change(writing, asking, &id, &wanted)).await?;
            Ok(visit.done(&address, "saved"))
        }
        "test" => {
            managed(&visit, move |writing, asking| manage::test(writing, asking, &id)).await?;
            Ok(visit.done(&address, "test-sent"))
        }
        "again" => {
            let now = visit.app().now_micros();
            let since = now - AGAIN_DAYS * 86_400_000_000;
            managed(&visit, move |writing, _| Ok(writing.replay_since(&id, "dead", since, now)?)).await?;
            Ok(visit.done(&address, "replayed"))
        }
        "secret" => {
            let made =
                managed(&visit, move |writing, asking| manage::rotate(writing, asking, &id, OVERLAP_HOURS));
            let page = WebhooksPage { made: Some((webhook, made.await?)), ..read(&visit).await? };
            visit.show_as(StatusCode::CREATED, &page)
        }
        "delete" => {
            managed(&visit, move |writing, asking| manage::delete(writing, asking, &id)).await?;
            Ok(visit.done(list, "webhook-gone"))
        }
        _ => Err(Problem::of_body("/do", "on, paused, test, again, secret or delete")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_offered_is_a_topic() {
        let all = topics();
        assert!(all.len() > TOPICS.len() && all.contains(&"points.*".to_owned()));
        for word in &all {
            let asks = |(topic, _): &(&str, &str)| crate::webhooks::wants(word, topic);
            assert!(TOPICS.iter().any(asks), "{word}");
        }
    }
}
