//! `/v1/customers/{customer}` changed, and `/identifiers`: what is known of a person, and what they are known by.

use super::people::acting;
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once_apart};
use crate::problem::Problem;
use crate::reference;
use axum::extract::{Path, State};
use engine::people::{Acting, Stopped, cards, profile};
use engine::record::identity::kinds::Rules;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Session;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(change_customer)).routes(routes!(give)).routes(routes!(end))
}

/// What is to be known from now on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ProfileIn {
    /// `name`, `family_name`, `given_name`, `birthday`, `language`, `country`, `address`, …; an empty value takes one
    /// away.
    #[schema(example = json!({"name": "Nguyễn Thị An", "birthday": "03-21"}))]
    pub fields: BTreeMap<String, String>,
    /// The shop's own attributes; an empty value takes one away.
    pub attributes: BTreeMap<String, String>,
    /// Tags to put on.
    pub tags: Vec<String>,
    /// Tags to take off.
    pub untag: Vec<String>,
}

impl From<ProfileIn> for profile::Change {
    fn from(said: ProfileIn) -> profile::Change {
        let ProfileIn { fields, attributes, tags, untag } = said;
        profile::Change { fields, attributes, tags, untag }
    }
}

/// Whom it was done to.
#[derive(Debug, Serialize, ToSchema)]
struct Done {
    /// The customer.
    #[schema(example = "cus_01jbhv9w000000000000000001")]
    id: String,
}

/// Do something to the customer in the path once for a key. What is done is such that doing it again changes nothing,
/// so the answer is kept after the fact.
async fn once(
    app: &App,
    caller: &Caller,
    customer: &str,
    (key, hash): (IdempotencyKey, [u8; 32]),
    work: impl FnOnce(&mut Session, &Rules, &str, &mut Acting<'_>) -> Result<(), Stopped> + Send + 'static,
) -> Result<Reply, Problem> {
    once_apart(app, key, hash, async {
        let id = reference::find(app, &caller.source, customer).await?;
        let (rules, whom) = (app.rules().clone(), id.clone());
        acting(app, caller, move |session, acting| work(session, &rules, &whom, acting)).await?;
        Ok(Reply::ok(Done { id }))
    })
    .await
}

/// Change what is known of a person: fields, attributes of your own, tags.
#[utoipa::path(patch, path = "/v1/customers/{customer}", tag = "customers", security(("key" = ["customers.write"])),
    params(("customer" = String, Path)),
    request_body(content = ProfileIn, example = json!({"fields": {"name": "Nguyễn Thị An", "birthday": "03-21"}, "tags": ["barista class"]})),
    responses((status = 200, body = Done)))]
async fn change_customer(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    key: IdempotencyKey,
    body: Body<ProfileIn>,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("PATCH /v1/customers/{customer}"), body.hash);
    let change = profile::Change::from(body.value);
    let work = move |session: &mut Session, _: &Rules, id: &str, acting: &mut Acting<'_>| {
        profile::change(session, id, &change, acting).map(drop)
    };
    once(&app, &caller, &customer, (key, hash), work).await
}

/// A further identifier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GiveIn {
    /// `phone`, `email`, `card_number`, `external_id`, …
    #[schema(example = "card_number")]
    kind: String,
    /// Its value.
    #[schema(example = "9002")]
    value: String,
}

/// Give a customer a further identifier: a second card, another number.
#[utoipa::path(post, path = "/v1/customers/{customer}/identifiers", tag = "customers", security(("key" = ["customers.write"])),
    params(("customer" = String, Path)),
    request_body(content = GiveIn, example = json!({"kind": "card_number", "value": "9002"})),
    responses((status = 200, body = Done)))]
async fn give(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    key: IdempotencyKey,
    body: Body<GiveIn>,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/customers/{customer}/identifiers"), body.hash);
    let GiveIn { kind, value } = body.value;
    let work = move |session: &mut Session, rules: &Rules, id: &str, acting: &mut Acting<'_>| {
        cards::give(session, rules, id, (&kind, &value), acting).map(drop)
    };
    once(&app, &caller, &customer, (key, hash), work).await
}

/// An identifier that ends, or is there again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndIn {
    /// `phone`, `email`, `card_number`, `external_id`, …
    #[schema(example = "card_number")]
    kind: String,
    /// Its value.
    #[schema(example = "9002")]
    value: String,
    /// `lost`: whoever shows it from now on is nobody. `found`: it was lost and is there again. `given_up`: it is
    /// nobody's, and may be somebody else's.
    #[serde(default = "lost")]
    #[schema(example = "lost")]
    became: String,
    /// With `lost`: the card given in its place, in the same step.
    #[schema(example = "9003")]
    instead: Option<String>,
}

fn lost() -> String {
    "lost".to_owned()
}

/// Say that a card was lost (and which is given in its place), was found again, or that a number was given up. Points
/// stay with the customer.
#[utoipa::path(post, path = "/v1/customers/{customer}/identifiers/end", tag = "till", security(("key" = ["customers.write"])),
    params(("customer" = String, Path)), request_body = EndIn, responses((status = 200, body = Done)))]
async fn end(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    key: IdempotencyKey,
    body: Body<EndIn>,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/customers/{customer}/identifiers/end"), body.hash);
    let ask = body.value;
    if !matches!(ask.became.as_str(), "lost" | "found" | "given_up") {
        return Err(Problem::of_body("/became", "lost, found or given_up"));
    }
    if ask.instead.is_some() && ask.became != "lost" {
        return Err(Problem::of_body("/instead", "only where a card was lost"));
    }
    let work = move |session: &mut Session, rules: &Rules, id: &str, acting: &mut Acting<'_>| {
        let key = (ask.kind.as_str(), ask.value.as_str());
        match ask.became.as_str() {
            "found" => cards::found(session, rules, id, key, acting),
            "given_up" => cards::end(session, rules, id, key, "given up", acting),
            _ => cards::lost(session, rules, id, key, ask.instead.as_deref(), acting),
        }
    };
    once(&app, &caller, &customer, (key, hash), work).await
}
