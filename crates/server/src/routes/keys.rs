//! `/v1/keys`: keys of tills, web shops and apps.

use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once};
use crate::key::{self, NewKey};
use crate::page::Page;
use crate::problem::{Kind, Problem};
use crate::scope;
use axum::Json;
use axum::extract::{Path, State};
use engine::record::view;
use engine::staff::actor::Actor;
use engine::staff::audit::{Change, append};
use engine::staff::permissions::Operation;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::ApiKeyRow;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_keys, create_key)).routes(routes!(revoke_key))
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyIn {
    /// What people call it.
    #[schema(example = "till north 1")]
    name: String,
    /// Whose ids it speaks of: orders, cards and idempotency keys of two sources never meet. Empty: it may name any.
    #[serde(default)]
    #[schema(example = "north")]
    source: String,
    /// What it may do: scopes, or a purpose such as `till`, `shop`, `app`, `analyst`, `owner`.
    #[schema(example = json!(["till"]))]
    scopes: Vec<String>,
    /// When it ends by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// A key; its secret is never shown again.
#[derive(Debug, Serialize, ToSchema)]
struct Key {
    /// Its id, which is no secret.
    id: String,
    /// What people call it.
    name: String,
    /// Whose ids it speaks of.
    source: String,
    /// What it may do.
    scopes: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// By whom.
    created_by: String,
    /// When it ends by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// The key itself, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl Key {
    fn of(row: ApiKeyRow) -> Key {
        Key {
            id: row.key_id,
            name: row.name,
            source: row.source,
            scopes: row.scopes.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            created_at: view::at(row.created_at),
            created_by: row.created_by,
            expires_at: row.expires_at.map(view::at),
            last_used_at: row.last_used_at.map(view::at),
            revoked_at: row.revoked_at.map(view::at),
            key: None,
        }
    }
}

/// All keys, without their secrets.
#[utoipa::path(get, path = "/v1/keys", tag = "operation", security(("key" = ["keys.manage"])),
    responses((status = 200, body = Page<Key>)))]
async fn list_keys(State(app): State<App>) -> Result<Json<Page<Key>>, Problem> {
    let rows = app.read(|session| Ok(session.read().api_keys()?)).await?;
    Ok(Json(Page::whole(rows.into_iter().map(Key::of).collect())))
}

/// Make a key. It is shown in this answer and never again; a repeat under the same idempotency key shows it without.
#[utoipa::path(post, path = "/v1/keys", tag = "operation", security(("key" = ["keys.manage"])),
    request_body = KeyIn, responses((status = 201, body = Key)))]
async fn create_key(
    State(app): State<App>,
    caller: Caller,
    idempotency: IdempotencyKey,
    body: Body<KeyIn>,
) -> Result<Reply, Problem> {
    let asked_for = body.value;
    if asked_for.name.trim().is_empty() || asked_for.name.len() > 200 {
        return Err(Problem::of_body("/name", "1 to 200 characters"));
    }
    check_source(&asked_for.source)?;
    let scopes = scope::parse(&asked_for.scopes.join(" "))
        .map_err(|no| Problem::of_body("/scopes", no.to_string()))?;
    // Nobody gives away what they do not have.
    if let Some(more) = scopes.iter().find(|scope| !caller.may(**scope)) {
        let detail = format!("a key cannot make one with a scope it does not have itself: {more}");
        return Err(Problem::new(Kind::Forbidden, detail));
    }
    let now = app.now_micros();
    if asked_for.expires_at.is_some_and(|end| end.as_microsecond() <= now) {
        return Err(Problem::of_body("/expires_at", "a time to come"));
    }
    let new = NewKey {
        name: asked_for.name.trim(),
        source: &asked_for.source,
        scopes: &scopes,
        expires_at: asked_for.expires_at.map(Timestamp::as_microsecond),
        by: &caller.id,
    };
    let (row, text) = key::make(&new, app.pepper(), now, &|bytes| app.chance(bytes));
    let (actor, salt) = (caller.actor(), app.chance_u128());
    let hash = asked("POST /v1/keys", body.hash);
    let mut reply = once(&app, idempotency, hash, move |writing| {
        writing.insert_api_key(&row)?;
        append(writing, view::at(now), &[told(&actor, &row.key_id, Value::Null, made(&row), salt)])?;
        Ok(Reply::created(Key::of(row.clone())))
    })
    .await?;
    if !reply.is_repeat {
        reply.body["key"] = text.into();
    }
    Ok(reply)
}

/// A key as the audit has it: what it may do, and not its secret.
pub(crate) fn made(row: &ApiKeyRow) -> Value {
    json!({"name": row.name, "source": row.source, "scopes": row.scopes, "expires_at": row.expires_at.map(view::at)})
}

/// That a key was made or revoked, for the audit.
pub(crate) fn told(actor: &Actor, key: &str, before: Value, after: Value, salt: u128) -> Change {
    let (operation, subject) = (Operation::ManageKeys, key.to_owned());
    Change { actor: actor.clone(), operation, kind: "key", subject, before, after, salt }
}

/// A source is part of ids: what tells ids apart must not be in it.
pub(crate) fn check_source(source: &str) -> Result<(), Problem> {
    let is_sound = source.len() <= 100
        && source.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '-' | '_' | '.'));
    if is_sound {
        Ok(())
    } else {
        Err(Problem::of_body("/source", "at most 100 letters, digits, '-', '_' and '.'"))
    }
}

/// Revoke a key: it opens nothing any more.
#[utoipa::path(delete, path = "/v1/keys/{key}", tag = "operation", security(("key" = ["keys.manage"])),
    params(("key" = String, Path, description = "its id", example = "key_0303030303030303")),
    responses((status = 204)))]
async fn revoke_key(
    State(app): State<App>,
    caller: Caller,
    Path(key): Path<String>,
    idempotency: IdempotencyKey,
) -> Result<Reply, Problem> {
    revoke_once(&app, &caller, &key, idempotency).await
}

/// Revoke a key, told in the audit.
pub(crate) async fn revoke(app: &App, caller: &Caller, key: &str) -> Result<(), Problem> {
    revoke_once(app, caller, key, IdempotencyKey(None)).await.map(drop)
}

async fn revoke_once(
    app: &App,
    caller: &Caller,
    key: &str,
    idempotency: IdempotencyKey,
) -> Result<Reply, Problem> {
    let (id, actor, now, salt) = (key.to_owned(), caller.actor(), app.now_micros(), app.chance_u128());
    let hash = asked(&format!("DELETE /v1/keys/{key}"), [0; 32]);
    let reply = once(app, idempotency, hash, move |writing| {
        let row = writing.find_api_key(&id)?.ok_or_else(|| Problem::not_found("key", &id))?;
        if writing.revoke_api_key(&id, now)? {
            append(writing, view::at(now), &[told(&actor, &id, made(&row), Value::Null, salt)])?;
        }
        Ok(Reply::nothing())
    })
    .await?;
    app.forget_key(key);
    Ok(reply)
}
