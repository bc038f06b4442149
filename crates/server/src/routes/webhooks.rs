//! `/v1/webhooks`: who is told of what happens, and whether it arrived.

use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once};
use crate::page::{Page, PageAsked};
use crate::problem::Problem;
use crate::webhooks::manage::{self, Asking, Wanted};
use crate::webhooks::{TOPICS, id_of};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use engine::record::view;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AttemptRow, DeliveryRow, NEVER, WebhookRow, Writing};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_webhooks, create_webhook))
        .routes(routes!(find_webhook, change_webhook, delete_webhook))
        .routes(routes!(list_topics))
        .routes(routes!(create_secret))
        .routes(routes!(test_webhook))
        .routes(routes!(list_deliveries))
        .routes(routes!(find_delivery))
        .routes(routes!(replay_delivery))
        .routes(routes!(replay))
}

/// Somebody is to be told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookIn {
    /// Where: https, and an address on the public network unless the configuration names others.
    #[schema(example = "https://shop.example/perennial")]
    url: String,
    /// Of what: topics, groups as `points.*`, or `*`.
    #[schema(example = json!(["points.*", "tier.changed"]))]
    topics: Vec<String>,
}

/// What is to be different.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookChange {
    /// Where.
    url: Option<String>,
    /// Of what.
    topics: Option<Vec<String>>,
    /// `on` or `paused`; what waits for one that is put on is tried at once.
    #[schema(example = "paused")]
    state: Option<String>,
}

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
struct Webhook {
    /// Its id.
    #[schema(example = "wh_00064bf6ca1e400003030303")]
    id: String,
    /// Where.
    url: String,
    /// Of what.
    topics: Vec<String>,
    /// `on`; `paused`, what is to be told waits; `off`, the receiver wants nothing any more.
    state: String,
    /// Why it is not on.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Since when nothing has arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// By whom.
    created_by: String,
    /// The secret that signs, `whsec_…`: once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl From<WebhookRow> for Webhook {
    fn from(row: WebhookRow) -> Webhook {
        Webhook {
            id: row.webhook_id,
            url: row.url,
            topics: row.topics.split(' ').map(str::to_owned).collect(),
            state: row.state,
            reason: row.reason,
            failing_since: row.failing_since.map(view::at),
            created_at: view::at(row.created_at),
            created_by: row.created_by,
            secret: None,
        }
    }
}

/// Do something once for a key as whoever asks.
async fn manage(
    app: &App,
    caller: &Caller,
    (key, hash): (IdempotencyKey, [u8; 32]),
    mut work: impl FnMut(&Writing<'_>, &Asking<'_>) -> Result<Reply, Problem> + Send + 'static,
) -> Result<Reply, Problem> {
    let (actor, shop) = (caller.actor(), app.clone());
    once(app, key, hash, move |writing| shop.asking(&actor, |asking| work(writing, asking))).await
}

/// Everybody who is told.
#[utoipa::path(get, path = "/v1/webhooks", tag = "operation", security(("key" = ["webhooks.manage"])),
    responses((status = 200, body = Page<Webhook>)))]
async fn list_webhooks(State(app): State<App>) -> Result<Json<Page<Webhook>>, Problem> {
    let rows = app.read(|session| Ok(session.read().webhooks()?)).await?;
    Ok(Json(Page::whole(rows.into_iter().map(Webhook::from).collect())))
}

/// Tell somebody from now on, by Standard Webhooks. The secret is in this answer and never shown again; a repeat under
/// the same idempotency key shows the webhook without it.
#[utoipa::path(post, path = "/v1/webhooks", tag = "operation", security(("key" = ["webhooks.manage"])),
    request_body(content = WebhookIn, example = json!({"url": "https://shop.example/perennial", "topics": ["points.*", "tier.changed"]})),
    responses((status = 201, body = Webhook)))]
async fn create_webhook(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<WebhookIn>,
) -> Result<Reply, Problem> {
    let (hash, ask) = (asked("POST /v1/webhooks", body.hash), body.value);
    once_shown(&app, &caller, key, hash, move |writing, asking| {
        let (row, secret) = manage::create(writing, asking, &ask.url, &ask.topics)?;
        Ok((Reply::created(Webhook::from(row)), secret))
    })
    .await
}

/// Do something once that makes a secret: it is in the first answer, and not in the one that is kept.
async fn once_shown(
    app: &App,
    caller: &Caller,
    key: IdempotencyKey,
    hash: [u8; 32],
    mut work: impl FnMut(&Writing<'_>, &Asking<'_>) -> Result<(Reply, String), Problem> + Send + 'static,
) -> Result<Reply, Problem> {
    let (actor, shop) = (caller.actor(), app.clone());
    let (sender, made) = std::sync::mpsc::channel();
    let mut reply = once(app, key, hash, move |writing| {
        let (reply, secret) = shop.asking(&actor, |asking| work(writing, asking))?;
        drop(sender.send(secret));
        Ok(reply)
    })
    .await?;
    // Where the work was begun anew the last secret is the one that is kept.
    if let Some(secret) = made.try_iter().last() {
        reply.body["secret"] = secret.into();
    }
    Ok(reply)
}

/// A webhook and how many messages it has of each state.
#[derive(Debug, Serialize, ToSchema)]
struct WebhookNow {
    /// The webhook.
    #[serde(flatten)]
    webhook: Webhook,
    /// How many messages wait, arrived within the last thirty days, or were given up.
    #[schema(value_type = Object)]
    deliveries: serde_json::Map<String, serde_json::Value>,
}

/// Somebody who is told, and how it goes.
#[utoipa::path(get, path = "/v1/webhooks/{webhook}", tag = "operation", security(("key" = ["webhooks.manage"])),
    params(("webhook" = String, Path)), responses((status = 200, body = WebhookNow)))]
async fn find_webhook(
    State(app): State<App>,
    Path(webhook): Path<String>,
) -> Result<Json<WebhookNow>, Problem> {
    let found = app.read(move |session| {
        let reading = session.read();
        let row = reading.webhooks()?.into_iter().find(|row| row.webhook_id == webhook);
        let row = row.ok_or_else(|| Problem::not_found("webhook", &webhook))?;
        let counts = reading.count_deliveries(&webhook)?;
        let deliveries = counts.into_iter().map(|(state, count)| (state, json!(count))).collect();
        Ok(WebhookNow { webhook: row.into(), deliveries })
    });
    Ok(Json(found.await?))
}

/// Change where somebody is told, of what, or whether.
#[utoipa::path(patch, path = "/v1/webhooks/{webhook}", tag = "operation", security(("key" = ["webhooks.manage"])),
    params(("webhook" = String, Path)), request_body = WebhookChange, responses((status = 200, body = Webhook)))]
async fn change_webhook(
    State(app): State<App>,
    caller: Caller,
    Path(webhook): Path<String>,
    key: IdempotencyKey,
    body: Body<WebhookChange>,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("PATCH /v1/webhooks/{webhook}"), body.hash);
    let WebhookChange { url, topics, state } = body.value;
    let wanted = Wanted { url, topics, state };
    manage(&app, &caller, (key, hash), move |writing, asking| {
        Ok(Reply::ok(Webhook::from(manage::change(writing, asking, &webhook, &wanted)?)))
    })
    .await
}

/// Tell somebody no more, and forget what they were told.
#[utoipa::path(delete, path = "/v1/webhooks/{webhook}", tag = "operation", security(("key" = ["webhooks.manage"])),
    params(("webhook" = String, Path)), responses((status = 204)))]
async fn delete_webhook(
    State(app): State<App>,
    caller: Caller,
    Path(webhook): Path<String>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("DELETE /v1/webhooks/{webhook}"), [0; 32]);
    manage(&app, &caller, (key, hash), move |writing, asking| {
        manage::delete(writing, asking, &webhook)?;
        Ok(Reply::nothing())
    })
    .await
}

/// Something that can be told.
#[derive(Debug, Serialize, ToSchema)]
struct Topic {
    /// Its name.
    topic: &'static str,
    /// What has happened then.
    about: &'static str,
}

/// What can be told.
#[utoipa::path(get, path = "/v1/webhook-topics", tag = "operation", security(("key" = ["webhooks.manage"])),
    responses((status = 200, body = Page<Topic>)))]
async fn list_topics() -> Json<Page<Topic>> {
    Json(Page::whole(TOPICS.iter().map(|(topic, about)| Topic { topic, about }).collect()))
}

/// How a secret is to follow the one before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecretIn {
    /// For how many hours the one before still signs as well: 0 to 720.
    #[serde(default = "a_day")]
    #[schema(example = 24)]
    overlap_hours: i64,
}

fn a_day() -> i64 {
    24
}

/// A secret, once.
#[derive(Debug, Serialize, ToSchema)]
struct SecretOut {
    /// `whsec_` and base64.
    secret: String,
}

/// Give a webhook a new secret. Until the one before ends every message carries both signatures, so that the receiver
/// may change over whenever it suits.
#[utoipa::path(post, path = "/v1/webhooks/{webhook}/secrets", tag = "operation", security(("key" = ["webhooks.manage"])),
    params(("webhook" = String, Path)), request_body = SecretIn, responses((status = 201, body = SecretOut)))]
async fn create_secret(
    State(app): State<App>,
    caller: Caller,
    Path(webhook): Path<String>,
    key: IdempotencyKey,
    body: Body<SecretIn>,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/webhooks/{webhook}/secrets"), body.hash);
    let hours = body.value.overlap_hours;
    once_shown(&app, &caller, key, hash, move |writing, asking| {
        let secret = manage::rotate(writing, asking, &webhook, hours)?;
        Ok((Reply::created(json!({})), secret))
    })
    .await
}

/// What was put in line.
#[derive(Debug, Serialize, ToSchema)]
struct Told {
    /// The id it is told under, as in `webhook-id`.
    #[schema(example = "msg_00000000000000000000000000000000000000000000000000")]
    id: String,
}

/// Send a test, to see whether it arrives: `webhook.test`.
#[utoipa::path(post, path = "/v1/webhooks/{webhook}/test", tag = "operation", security(("key" = ["webhooks.manage"])),
    params(("webhook" = String, Path)), responses((status = 202, body = Told)))]
async fn test_webhook(
    State(app): State<App>,
    caller: Caller,
    Path(webhook): Path<String>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/webhooks/{webhook}/test"), [0; 32]);
    let (actor, shop) = (caller.actor(), app.clone());
    once(&app, key, hash, move |writing| {
        let sent = shop.asking(&actor, |asking| manage::test(writing, asking, &webhook))?;
        Ok(Reply::new(StatusCode::ACCEPTED, Told { id: id_of(&sent) }))
    })
    .await
}

/// A message to a webhook.
#[derive(Debug, Serialize, ToSchema)]
struct Delivery {
    /// The id it is told under, as in `webhook-id`.
    id: String,
    /// About what.
    topic: String,
    /// About whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    /// `waiting`, `done`, `dead`.
    state: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    happened_at: Timestamp,
    /// When it is tried next; absent where it waits behind another message of the same customer, or waits no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// How often it was tried since it was put in line.
    attempts: i64,
    /// What was wrong last.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl From<&DeliveryRow> for Delivery {
    fn from(row: &DeliveryRow) -> Delivery {
        let is_due = row.state == "waiting" && row.due_at != NEVER;
        Delivery {
            id: id_of(&row.message_id),
            topic: row.topic.clone(),
            customer: row.customer_id.clone(),
            state: row.state.clone(),
            happened_at: view::at(row.created_at),
            due_at: is_due.then(|| view::at(row.due_at)),
            attempts: row.attempts,
            problem: row.problem.clone(),
        }
    }
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only `waiting`, `done` or `dead`.
    #[serde(default)]
    state: String,
}

/// The id of a message as it is kept.
fn kept(id: &str) -> &str {
    id.strip_prefix("msg_").unwrap_or(id)
}

/// What a webhook was told, newest first: the last thirty days.
#[utoipa::path(get, path = "/v1/webhooks/{webhook}/deliveries", tag = "operation", security(("key" = ["webhooks.manage"])),
    params(("webhook" = String, Path), Which, PageAsked), responses((status = 200, body = Page<Delivery>)))]
async fn list_deliveries(
    State(app): State<App>,
    Path(webhook): Path<String>,
    Query(which): Query<Which>,
    Query(page): Query<PageAsked>,
) -> Result<Json<Page<Delivery>>, Problem> {
    let (limit, before) = (page.limit()?, page.after()?);
    let rows = app.read(move |session| {
        let reading = session.read();
        if !reading.webhooks()?.iter().any(|row| row.webhook_id == webhook) {
            return Err(Problem::not_found("webhook", &webhook));
        }
        Ok(reading.deliveries(&webhook, &which.state, kept(&before), limit + 1)?)
    });
    let rows: Vec<Delivery> = rows.await?.iter().map(Delivery::from).collect();
    Ok(Json(Page::of(rows, limit, |row| row.id.clone())))
}

/// A message to a webhook with all tries.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveryWhole {
    /// The message.
    #[serde(flatten)]
    delivery: Delivery,
    /// Exactly what is sent.
    body: String,
    /// The tries, oldest first.
    tries: Vec<Try>,
}

/// A try.
#[derive(Debug, Serialize, ToSchema)]
struct Try {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The status; absent where nobody answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<i64>,
    /// How long it took.
    took_ms: i64,
    /// The beginning of the answer, or what went wrong.
    answer: String,
}

impl From<AttemptRow> for Try {
    fn from(row: AttemptRow) -> Try {
        let (at, took_ms) = (view::at(row.attempted_at), row.took_micros / 1000);
        Try { at, status: row.status, took_ms, answer: row.answer }
    }
}

/// One message to a webhook: what was sent, and how each try went.
#[utoipa::path(get, path = "/v1/webhooks/{webhook}/deliveries/{message}", tag = "operation", security(("key" = ["webhooks.manage"])),
    params(("webhook" = String, Path), ("message" = String, Path)), responses((status = 200, body = DeliveryWhole)))]
async fn find_delivery(
    State(app): State<App>,
    Path((webhook, message)): Path<(String, String)>,
) -> Result<Json<DeliveryWhole>, Problem> {
    let found = app.read(move |session| {
        let (reading, id) = (session.read(), kept(&message));
        let row = reading.find_delivery(&webhook, id)?;
        let row = row.ok_or_else(|| Problem::not_found("message", &message))?;
        let tries = reading.attempts_of(&webhook, id)?.into_iter().map(Try::from).collect();
        Ok(DeliveryWhole { delivery: Delivery::from(&row), body: row.body, tries })
    });
    Ok(Json(found.await?))
}

/// Tell it again, under the same id.
#[utoipa::path(post, path = "/v1/webhooks/{webhook}/deliveries/{message}/replay", tag = "operation", security(("key" = ["webhooks.manage"])),
    params(("webhook" = String, Path), ("message" = String, Path)), responses((status = 202, body = Told)))]
async fn replay_delivery(
    State(app): State<App>,
    Path((webhook, message)): Path<(String, String)>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/webhooks/{webhook}/deliveries/{message}/replay"), [0; 32]);
    let now = app.now_micros();
    once(&app, key, hash, move |writing| match writing.replay_delivery(&webhook, kept(&message), now)? {
        true => Ok(Reply::new(StatusCode::ACCEPTED, Told { id: id_of(kept(&message)) })),
        false => Err(Problem::not_found("message that does not wait anyway", &message)),
    })
    .await
}

/// What is to be told again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplayIn {
    /// What happened from this instant on.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// `dead`: what was given up; `done`: what had arrived.
    #[serde(default = "dead")]
    #[schema(example = "dead")]
    state: String,
}

fn dead() -> String {
    "dead".to_owned()
}

/// How much it is.
#[derive(Debug, Serialize, ToSchema)]
struct Replayed {
    /// How many messages.
    messages: u64,
}

/// Tell much again: all that was given up, or all that had arrived, since an instant.
#[utoipa::path(post, path = "/v1/webhooks/{webhook}/replay", tag = "operation", security(("key" = ["webhooks.manage"])),
    params(("webhook" = String, Path)), request_body = ReplayIn, responses((status = 202, body = Replayed)))]
async fn replay(
    State(app): State<App>,
    Path(webhook): Path<String>,
    key: IdempotencyKey,
    body: Body<ReplayIn>,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/webhooks/{webhook}/replay"), body.hash);
    let (now, ask) = (app.now_micros(), body.value);
    if !matches!(ask.state.as_str(), "dead" | "done") {
        return Err(Problem::of_body("/state", "dead or done"));
    }
    once(&app, key, hash, move |writing| {
        manage::find(writing, &webhook)?;
        let messages = writing.replay_since(&webhook, &ask.state, ask.since.as_microsecond(), now)?;
        Ok(Reply::new(StatusCode::ACCEPTED, Replayed { messages }))
    })
    .await
}
