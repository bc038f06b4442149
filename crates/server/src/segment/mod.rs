//! Segment's HTTP dialect, unchanged, so that its SDKs and RudderStack's work as they are: the calls, the browser's short
//! forms, the settings a browser asks for, every way of saying the write key.
//!
//! What the SDKs do with our status decides what is lost: they drop for good what is answered with most of 4xx, and send
//! again what is answered with 429 or 5xx. So a message that cannot be taken is laid aside and the batch is answered with
//! 200; whatever is our own trouble is 503 or 429; 400, 401, 403 and 413 are left for a body that is no JSON, a key that
//! is none, and a body without end.
//!
//! A write key is a key of ours. One that may record orders belongs on a server. One that may only `events.send` may
//! stand in a web page where anybody reads it, so its word moves no points: orders are laid aside, rules count nothing,
//! and nobody becomes one with somebody else because of an address that it names.

mod commerce;
mod consent;
pub mod document;
pub mod message;

use crate::app::App;
use crate::caller::Caller;
use crate::guard;
use crate::intake::{self, Doing, Happened, Shop, Taken, Trait};
use crate::key::Token;
use crate::problem::{Kind, Problem};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use engine::staff::permissions::Operation;
use jiff::Timestamp;
use message::{Call, Envelope, Message};
use serde_json::{Map, Value, json};
use store::{DeadItemRow, IntakeRow};

/// The largest request: RudderStack's batches are the largest there are.
const BATCH_BYTES: usize = 4 << 20;

/// Paths with the call each is for; a batch names it message by message. The short ones are the browser's.
const PATHS: [(&str, Option<Call>); 14] = [
    ("/v1/identify", Some(Call::Identify)),
    ("/v1/track", Some(Call::Track)),
    ("/v1/page", Some(Call::Page)),
    ("/v1/screen", Some(Call::Screen)),
    ("/v1/group", Some(Call::Group)),
    ("/v1/alias", Some(Call::Alias)),
    ("/v1/batch", None),
    ("/v1/i", Some(Call::Identify)),
    ("/v1/t", Some(Call::Track)),
    ("/v1/p", Some(Call::Page)),
    ("/v1/s", Some(Call::Screen)),
    ("/v1/g", Some(Call::Group)),
    ("/v1/a", Some(Call::Alias)),
    ("/v1/b", None),
];

/// The routes. They stand beside the guard, because a write key may come in the body.
pub fn routes() -> Router<App> {
    let mut router = Router::new().route("/v1/projects/{key}/settings", get(settings).options(preflight));
    for (path, call) in PATHS {
        let take = move |State(app): State<App>, request: Request| take(app, call, request);
        router = router.route(path, post(take).options(preflight));
    }
    router.layer(DefaultBodyLimit::max(BATCH_BYTES)).layer(map_response(shared))
}

/// A page of any origin may send: what it sends is bound by its key, and no cookie is read.
async fn shared(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

async fn preflight() -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, x-retry-count, anonymousid"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

/// What Segment's browser SDK asks for before it starts.
async fn settings(Path(key): Path<String>, headers: HeaderMap) -> Json<Value> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or("localhost");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_near = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    let usual = if is_near { "http" } else { "https" };
    let protocol = text(HeaderName::from_static("x-forwarded-proto")).unwrap_or(usual);
    Json(json!({"integrations": {"Segment.io": {
        "apiKey": key, "apiHost": format!("{host}/v1"), "protocol": protocol,
    }}}))
}

async fn take(app: App, call: Option<Call>, request: Request) -> Result<Json<Value>, Problem> {
    if app.is_closing() {
        return Err(Problem::unavailable("the server is closing: send the same again", 1));
    }
    let received_at = app.now();
    let headers = request.headers().clone();
    let bytes = Bytes::from_request(request, &app).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Problem::new(Kind::TooLarge, format!("a batch has at most {BATCH_BYTES} bytes"));
        }
        Problem::new(Kind::InvalidRequest, "the body broke off or could not be decompressed")
    })?;
    let body: Value = crate::body::read(&bytes, app.settings().depth)?;
    let Value::Object(body) = body else {
        return Err(Problem::of_body("", "a JSON object with one message, or with a list 'batch'"));
    };
    let caller = authenticate(&app, &headers, &body).await?;
    app.limits().count(&caller.id)?;
    let envelope = Envelope {
        call,
        sent_at: body.get("sentAt").and_then(message::instant),
        context: message::map(&body, "context").unwrap_or_default(),
        received_at,
    };
    let messages = match call {
        Some(call) => vec![Value::Object(alone(body, call))],
        None => match body.get("batch") {
            Some(Value::Array(batch)) => batch.clone(),
            _ => return Err(Problem::of_body("/batch", "a list of messages")),
        },
    };
    let (taken, dead) = sort(&app, &caller, &messages, &envelope);
    app.write(move |writing| {
        writing.take_in(&taken)?;
        Ok(writing.insert_dead_items(&dead)?)
    })
    .await?;
    intake::work::kick(&app);
    Ok(Json(json!({"success": true})))
}

/// The one message of a call, as it would stand in a batch.
fn alone(mut body: Map<String, Value>, call: Call) -> Map<String, Value> {
    body.remove("writeKey");
    body.insert("type".to_owned(), json!(call));
    body
}

/// A message as it is laid aside: with the time of sending, by which its clock is corrected.
fn whole(value: &Value, sent_at: Option<Timestamp>) -> String {
    let mut value = value.clone();
    if let (Some(object), Some(sent_at)) = (value.as_object_mut(), sent_at) {
        object.entry("sentAt").or_insert_with(|| sent_at.to_string().into());
    }
    value.to_string()
}

/// The write key, wherever it was said: as user name of `Basic`, with or without the colon; in `Authorization: Bearer`;
/// in `X-Write-Key`; or in the body, where the header may hold something of a proxy's.
async fn authenticate(app: &App, headers: &HeaderMap, body: &Map<String, Value>) -> Result<Caller, Problem> {
    let in_header = headers.get("x-write-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let in_body = body.get("writeKey").and_then(Value::as_str).map(str::to_owned);
    let said = [guard::credentials(headers), in_header, in_body];
    let key = said.into_iter().flatten().find(|text| Token::read(text).is_some());
    let Some(key) = key else {
        return Err(guard::nobody("give a key of ours (per_ID_SECRET) as the write key"));
    };
    let caller = guard::caller(app, &key).await?;
    if is_trusted(&caller) || caller.may(Operation::SendEvents) {
        return Ok(caller);
    }
    let detail =
        "this key may neither record orders nor send events: make one with --for intake or --for page";
    Err(Problem::new(Kind::Forbidden, detail).with("scope", Operation::SendEvents.word()))
}

fn is_trusted(caller: &Caller) -> bool {
    caller.may(Operation::RecordOrders) && caller.may(Operation::WriteCustomers)
}

/// What can be taken, and what is laid aside.
fn sort(
    app: &App,
    caller: &Caller,
    messages: &[Value],
    envelope: &Envelope,
) -> (Vec<IntakeRow>, Vec<DeadItemRow>) {
    let (mut taken, mut dead) = (Vec::new(), std::collections::BTreeMap::new());
    let received_at = envelope.received_at.as_microsecond();
    let chance = app.chance_u128() as u64;
    let is_trusted = is_trusted(caller);
    for (place, value) in messages.iter().enumerate() {
        match message::read(value, envelope) {
            Ok(message) => taken.push(IntakeRow {
                intake_id: intake::intake_id(received_at, place, chance),
                dialect: "segment".to_owned(),
                source: caller.source.clone(),
                message_id: message.id.clone(),
                is_trusted,
                body: serde_json::to_string(&message).expect("plain data becomes JSON"),
                received_at,
                attempts: 0,
            }),
            Err(reason) => {
                let body = whole(value, envelope.sent_at);
                let row = intake::dead(&caller.source, "segment", &body, reason, received_at);
                dead.insert(row.item_id.clone(), row);
            }
        }
    }
    (taken, dead.into_values().collect())
}

/// A message that was laid aside, tried again: what can be taken of it now.
pub fn again(body: &str, received_at: i64) -> Result<(String, String), String> {
    if let Ok(message) = serde_json::from_str::<Message>(body) {
        // It was sound, and failed later.
        return Ok((message.id, body.to_owned()));
    }
    let value: Value = serde_json::from_str(body).map_err(|no| format!("no JSON: {no}"))?;
    let received_at = engine::record::view::at(received_at);
    let envelope = Envelope { call: None, sent_at: None, context: Map::new(), received_at };
    let message = message::read(&value, &envelope)?;
    let text = serde_json::to_string(&message).expect("plain data becomes JSON");
    Ok((message.id, text))
}

/// A message in our words.
pub fn read(row: &IntakeRow, shop: Shop) -> Result<Taken, String> {
    let message: Message = serde_json::from_str(&row.body).map_err(|no| no.to_string())?;
    let keys = keys(&message, row.is_trusted);
    let does = does(&message, row.is_trusted, shop)?;
    let traits = if row.is_trusted { traits(&message) } else { Vec::new() };
    let consents = if row.is_trusted { consent::read(&message) } else { Vec::new() };
    Ok(Taken { keys, traits, consents, does, news: None })
}

/// What the customer is known by, after Segment's own map of identifiers.
fn keys(message: &Message, is_trusted: bool) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    let mut key = |kind: &str, value: Option<&str>| {
        let new = value.map(|value| (kind.to_owned(), value.to_owned()));
        keys.extend(new.filter(|(_, value)| !value.trim().is_empty()));
    };
    key("external_id", message.user_id.as_deref());
    key("anonymous_id", message.anonymous_id.as_deref());
    key("anonymous_id", message.previous_id.as_deref());
    if !is_trusted {
        return keys;
    }
    let of_customer = Some(&message.traits).filter(|_| message.call == Call::Identify);
    let in_context = message.context.get("traits").and_then(Value::as_object);
    for traits in of_customer.into_iter().chain(in_context) {
        key("email", traits.get("email").and_then(Value::as_str));
        key("phone", traits.get("phone").and_then(Value::as_str));
    }
    for known in message.context.get("externalIds").and_then(Value::as_array).into_iter().flatten() {
        let is_of_users = known.get("collection").and_then(Value::as_str).is_none_or(|kind| kind == "users");
        let kind = known.get("type").and_then(Value::as_str).map(intake::snake);
        if let Some(kind) = kind.filter(|kind| is_of_users && !kind.is_empty()) {
            let kind = if kind == "user_id" { "external_id".to_owned() } else { kind };
            key(&kind, known.get("id").and_then(Value::as_str));
        }
    }
    keys
}

/// Traits of Segment's specification that are fields of a person.
const FIELDS: [(&str, &str); 9] = [
    ("name", "name"),
    ("firstname", "given_name"),
    ("first_name", "given_name"),
    ("lastname", "family_name"),
    ("last_name", "family_name"),
    ("birthday", "birthday"),
    ("language", "language"),
    ("country", "country"),
    ("gender", "gender"),
];

/// What else is said of a customer: what names a person goes to the person, plain values become attributes under their
/// own names; what is inside of something else is not kept.
fn traits(message: &Message) -> Vec<Trait> {
    const IDENTIFIERS: [&str; 3] = ["email", "id", "phone"];
    if message.call != Call::Identify {
        return Vec::new();
    }
    // RudderStack's SDK for Python says them in the context.
    let in_context = message.context.get("traits").and_then(Value::as_object);
    let all = in_context.into_iter().flatten().chain(&message.traits);
    let one = |(name, value): (&String, &Value)| {
        let name = intake::snake(name);
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => return None,
        };
        if IDENTIFIERS.contains(&name.as_str()) || value.trim().is_empty() {
            return None;
        }
        let field = FIELDS.iter().find(|(said, _)| *said == name).map(|(_, field)| *field);
        Some(match field {
            // A birthday may come with a time of day, which nobody is born again at.
            Some("birthday") => Trait::Field("birthday", value.chars().take(10).collect()),
            Some(field) => Trait::Field(field, value),
            None => Trait::Attribute(name, value),
        })
    };
    all.filter_map(one).collect()
}

fn does(message: &Message, is_trusted: bool, shop: Shop) -> Result<Vec<Doing>, String> {
    let said = &message.properties;
    let word = match message.call {
        Call::Identify | Call::Alias => return Ok(Vec::new()),
        Call::Page => "page_viewed".to_owned(),
        Call::Screen => "screen_viewed".to_owned(),
        Call::Group => "group_joined".to_owned(),
        Call::Track => commerce::name(message.name.as_deref().unwrap_or_default()),
    };
    if word.is_empty() {
        return Err("'event' has no letter in it".to_owned());
    }
    if message.call == Call::Track && commerce::is_order(&word) {
        if !is_trusted {
            let why = "orders count only with a key that is kept on a server (--for intake): anybody can read the key \
                       of a page";
            return Err(why.to_owned());
        }
        return Ok(commerce::read(&word, said, message.happened_at, &message.id, shop)?
            .into_iter()
            .collect());
    }
    let text = |key: &str| said.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut properties = said.clone();
    let more = [("name", &message.name), ("group", &message.group_id)];
    for (key, value) in more.into_iter().filter(|_| message.call != Call::Track) {
        if let Some(value) = value {
            properties.insert(key.to_owned(), value.as_str().into());
        }
    }
    if let Some(campaign) = message.context.get("campaign").filter(|campaign| campaign.is_object()) {
        properties.insert("campaign".to_owned(), campaign.clone());
    }
    Ok(vec![Doing::Happened(Happened {
        id: message.id.clone(),
        name: word,
        at: message.happened_at,
        is_for_rules: is_trusted && message.call == Call::Track,
        order: text("order_id"),
        product: text("product_id").or_else(|| text("sku")),
        properties,
    })])
}
