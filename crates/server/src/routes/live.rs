//! `/v1/live`: what happens, as it happens, for pages that people look at. It is for the eye: who must not miss
//! anything takes a webhook.

use crate::app::App;
use crate::problem::Problem;
use crate::webhooks::{CODE_TOPIC, fan_out, wants};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, unfold};
use serde::Deserialize;
use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::time::Duration;
use store::MessageRow;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How often what is new is looked for.
const LOOK: Duration = Duration::from_secs(1);
/// How many looks a stream lasts; a browser comes back by itself, and is asked again who it is.
const LOOKS: u32 = 600;
/// How many messages are read at once.
const AT_ONCE: i64 = 1000;
/// Where several servers write, a message of theirs may become visible behind one that was made later: by so much.
const LATE_MICROS: i64 = 5_000_000;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(watch))
}

/// What is looked at.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Topics as a webhook has them, with commas between: `points.*,tier.changed`; all where nothing is said.
    #[serde(default = "all")]
    topics: String,
    /// What came last, as `Last-Event-ID` says it: go on after that. From now on where nothing is said.
    last: Option<String>,
}

fn all() -> String {
    "*".to_owned()
}

/// What happens, as server-sent events: each has the id, and the body a webhook would get. A stream ends after some
/// minutes; whoever comes back with `Last-Event-ID` (browsers do) misses nothing of the last thirty days.
#[utoipa::path(get, path = "/v1/live", tag = "operation", security(("key" = ["ledger.read"])), params(Which),
    responses((status = 200, body = String, content_type = "text/event-stream")))]
async fn watch(
    State(app): State<App>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<impl IntoResponse, Problem> {
    stream(app, &headers, which.topics, which.last).await
}

/// What happens from now on, or from what came last on, as a stream of events.
pub async fn stream(
    app: App,
    headers: &HeaderMap,
    topics: String,
    last: Option<String>,
) -> Result<Response, Problem> {
    let full = || Problem::unavailable("as many look on as may", 10);
    let place = app.live().clone().try_acquire_owned().map_err(|_| full())?;
    let said = headers.get("last-event-id").and_then(|last| last.to_str().ok()).map(str::to_owned);
    let last = said.or(last).unwrap_or_else(|| id_at(app.now_micros()));
    let last = last.strip_prefix("msg_").unwrap_or(&last).to_owned();
    let late = if app.has_many_writers() { LATE_MICROS } else { 0 };
    let mut watching = Watching {
        topics: topics.replace(',', " "),
        seen: BTreeSet::new(),
        waiting: VecDeque::new(),
        looks: 0,
        last,
        late,
        app,
        _place: place,
    };
    // What stands shortly before was seen by whoever names what came last.
    watching.seen = watching.ids_before().await?;
    Ok(Sse::new(events(watching)).keep_alive(KeepAlive::default()).into_response())
}

/// The first id of an instant: ids begin with their microseconds.
fn id_at(micros: i64) -> String {
    format!("{:016x}", micros.max(0))
}

/// Somebody who looks on.
struct Watching {
    app: App,
    topics: String,
    last: String,
    late: i64,
    seen: BTreeSet<String>,
    waiting: VecDeque<MessageRow>,
    looks: u32,
    _place: OwnedSemaphorePermit,
}

impl Watching {
    /// From where on something may still turn up.
    fn floor(&self) -> String {
        if self.late == 0 {
            return self.last.clone();
        }
        let micros = self.last.get(..16).and_then(|digits| i64::from_str_radix(digits, 16).ok()).unwrap_or(0);
        id_at(micros - self.late)
    }

    async fn ids_before(&self) -> Result<BTreeSet<String>, Problem> {
        let rows = self.after(self.floor()).await?;
        Ok(rows.into_iter().map(|row| row.message_id).filter(|id| *id <= self.last).collect())
    }

    async fn after(&self, id: String) -> Result<Vec<MessageRow>, Problem> {
        self.app.read(move |session| Ok(session.read().messages_after(&id, AT_ONCE)?)).await
    }

    /// Look for what is new. Answers whether there may be more at once.
    async fn look(&mut self) -> Result<bool, Problem> {
        let mut from = self.floor();
        loop {
            let rows = self.after(from.clone()).await?;
            let is_full = rows.len() as i64 == AT_ONCE;
            if let Some(last) = rows.last() {
                from.clone_from(&last.message_id);
            }
            let new: Vec<MessageRow> =
                rows.into_iter().filter(|row| !self.seen.contains(&row.message_id)).collect();
            for row in &new {
                if row.message_id > self.last {
                    self.last.clone_from(&row.message_id);
                }
            }
            if self.late > 0 {
                self.seen.extend(new.iter().map(|row| row.message_id.clone()));
                self.seen = self.seen.split_off(&self.floor());
            }
            self.waiting.extend(
                new.into_iter().filter(|row| row.topic != CODE_TOPIC && wants(&self.topics, &row.topic)),
            );
            if !is_full || !self.waiting.is_empty() {
                return Ok(is_full);
            }
        }
    }
}

fn events(watching: Watching) -> impl Stream<Item = Result<Event, Infallible>> {
    unfold(watching, |mut watching| async move {
        loop {
            if let Some(message) = watching.waiting.pop_front() {
                let (id, body) = fan_out::shown(&message);
                return Some((Ok(Event::default().id(id).data(body)), watching));
            }
            if watching.looks > LOOKS || watching.app.is_closing() {
                return None;
            }
            let may_be_more = watching.look().await.unwrap_or(false);
            if watching.waiting.is_empty() && !may_be_more {
                watching.looks += 1;
                tokio::time::sleep(LOOK).await;
            }
        }
    })
}
