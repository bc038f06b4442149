//! `/v1/attributes`: what the shop's own attributes hold, and which of them are sensitive.

use super::people::done;
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once_apart};
use crate::page::Page;
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use engine::people::Acting;
use engine::people::profile::define_attribute;
use serde::{Deserialize, Serialize};
use store::AttributeKind;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_attributes)).routes(routes!(put_attribute))
}

/// An attribute of the shop's own.
#[derive(Debug, Serialize, ToSchema)]
struct Attribute {
    /// Its name.
    #[schema(example = "allergy")]
    name: String,
    /// What it holds: `number`, `text`, `day` or `flag`.
    #[schema(example = "text")]
    kind: String,
    /// Whether it is kept sealed, and shown in a person's own data only.
    is_sensitive: bool,
}

impl From<AttributeKind> for Attribute {
    fn from(kind: AttributeKind) -> Attribute {
        let AttributeKind { name, kind, is_sensitive } = kind;
        Attribute { name, kind, is_sensitive }
    }
}

/// What an attribute is to hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AttributeIn {
    /// `number`, `text`, `day` or `flag`. What an attribute holds does not change once it is known.
    #[schema(example = "text")]
    kind: String,
    /// Whether it is sensitive: health, belief, origin, whatever the law of the place or the shop calls so. What
    /// customers have of it is sealed at once. It stays sensitive for good.
    #[serde(default)]
    is_sensitive: bool,
}

/// All attributes of the shop's own, by name.
#[utoipa::path(get, path = "/v1/attributes", tag = "customers", security(("key" = ["customers.read"])),
    responses((status = 200, body = Page<Attribute>)))]
async fn list_attributes(State(app): State<App>) -> Result<Json<Page<Attribute>>, Problem> {
    let all = app.read(|session| Ok(session.read().list_attribute_kinds()?)).await?;
    Ok(Json(Page::whole(all.into_iter().map(Attribute::from).collect())))
}

/// Say what an attribute holds and whether it is sensitive, best before the first customer has it.
#[utoipa::path(put, path = "/v1/attributes/{attribute}", tag = "customers", security(("key" = ["settings.manage"])),
    params(("attribute" = String, Path, example = "allergy")),
    request_body(content = AttributeIn, example = json!({"kind": "text", "is_sensitive": true})),
    responses((status = 200, body = Attribute)))]
async fn put_attribute(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    key: IdempotencyKey,
    body: Body<AttributeIn>,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("PUT /v1/attributes/{name}"), body.hash);
    let AttributeIn { kind, is_sensitive } = body.value;
    let wanted = AttributeKind { name, kind, is_sensitive };
    once_apart(&app, key, hash, async {
        let (actor, now, chances) = (caller.actor(), app.now(), app.clone());
        let kept = app.with_session(move |session| {
            let mut chance = || chances.chance_u128();
            let mut acting = Acting { now, actor: &actor, source: &caller.source, chance: &mut chance };
            done(define_attribute(session, &wanted, &mut acting))
        });
        Ok(Reply::ok(Attribute::from(kept.await?)))
    })
    .await
}
