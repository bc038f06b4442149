//! `/v1/customers`: who is who.

use super::codes::{self, CodeIn};
use super::people;
use super::profile::ProfileIn;
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, keep, kept};
use crate::page::Page;
use crate::problem::{Kind, Problem};
use crate::reference;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use engine::people::enrol::{Enrolment, enrol};
use engine::people::find::{Found, find};
use engine::people::profile::{fields, name_of};
use engine::people::{Refused, Stopped, group};
use engine::record::identity::duplicates::Likeness;
use serde::{Deserialize, Serialize};
use store::Identifier;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(find_customers, create_customer)).routes(routes!(find_customer))
}

/// One key of a customer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// `external_id`, `phone`, `email`, `card_number`, …
    #[schema(example = "phone")]
    pub kind: String,
    /// Its value, as it comes; it is kept in one way of writing.
    #[schema(example = "0901 234 567")]
    pub value: String,
    /// Whose key it is, where the kind is each source's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

impl From<Identifier> for Key {
    fn from(key: Identifier) -> Key {
        Key { kind: key.kind, value: key.value, source: key.source }
    }
}

/// Somebody was seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CustomerIn {
    /// The source of the keys, where the key of the API has none of its own.
    source: Option<String>,
    /// What they are known by.
    identifiers: Vec<KeyIn>,
    /// What else they say of themselves.
    #[serde(default)]
    profile: ProfileIn,
    /// Whoever has the telephone number now is somebody new: the former owner loses it, and keeps everything else.
    #[serde(default)]
    is_new_owner: bool,
    /// A one-time code that was sent to the telephone or the address: with it the number is theirs beyond doubt.
    code: Option<CodeIn>,
}

/// A key of a customer, as it comes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyIn {
    /// `external_id`, `phone`, `email`, `card_number`, …
    #[schema(example = "phone")]
    kind: String,
    /// Its value.
    #[schema(example = "0901 234 567")]
    value: String,
}

/// Who it was.
#[derive(Debug, Serialize, ToSchema)]
struct Seen {
    /// Our id.
    #[schema(example = "cus_01jbhv9w000000000000000001")]
    id: String,
    /// Whether nobody was known by any of the keys.
    is_new: bool,
    /// Customers who turned out to be the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    merged: Vec<String>,
    /// Keys that could not be taken, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOut>,
    /// Others who may be the same person; nobody is merged on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    likely: Vec<String>,
    /// What is not known yet, in the order in which it is to be asked, some other time.
    to_ask: Vec<String>,
}

/// A key that could not be taken.
#[derive(Debug, Serialize, ToSchema)]
struct LeftOut {
    /// Its kind.
    kind: String,
    /// Why.
    why: String,
}

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
struct Customer {
    /// Our id.
    #[schema(example = "cus_01jbhv9w000000000000000001")]
    id: String,
    /// Their name, as far as it is known.
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    /// What they are known by.
    identifiers: Vec<Key>,
    /// The programs they are members of.
    programs: Vec<String>,
    /// Who goes on for them, where they were merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<String>,
}

/// Enrol somebody, or find out who was seen, by what they are known by. Nobody is known by any of it: a customer is made. Several are: they
/// are one, where the rules of identity allow it, and their points follow.
#[utoipa::path(post, path = "/v1/customers", tag = "customers", security(("key" = ["customers.write"])),
    request_body(content = CustomerIn, example = json!({"identifiers": [{"kind": "phone", "value": "0901 234 567"}]})),
    responses((status = 201, description = "A new customer", body = Seen), (status = 200, description = "A known one", body = Seen)))]
async fn create_customer(
    State(app): State<App>,
    caller: Caller,
    idempotency: IdempotencyKey,
    body: Body<CustomerIn>,
) -> Result<Reply, Problem> {
    let hash = asked("POST /v1/customers", body.hash);
    if let Some(reply) = kept(&app, &idempotency, hash).await? {
        return Ok(reply);
    }
    let source = caller.source(body.value.source.as_deref())?.to_owned();
    if body.value.identifiers.is_empty() {
        return Err(Problem::of_body("/identifiers", "at least one"));
    }
    if let Some(code) = &body.value.code {
        codes::check(&app, code, "enrol", (body.value.addresses(&app, &source), hash)).await?;
    }
    let said = body.value;
    let asked_for = Enrolment {
        keys: said.identifiers.into_iter().map(|key| (key.kind, key.value)).collect(),
        profile: said.profile.into(),
        programs: Some(Vec::new()),
        is_new_owner: said.is_new_owner,
        ..Enrolment::default()
    };
    let rules = app.rules().clone();
    let enrolled = people::acting_from(&app, &caller, source, move |session, acting| {
        match enrol(session, &rules, &asked_for, acting) {
            Err(Stopped::Refused(no)) => match *no {
                Refused::NobodyKnown(why) => Ok(Err(why.join("; "))),
                no => Err(no.into()),
            },
            other => other.map(Ok),
        }
    });
    let seen = enrolled.await?.map_err(|why| Problem::of_body("/identifiers", why))?;
    let status = if seen.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let left_out = seen.left_out.into_iter().map(|(kind, why)| LeftOut { kind, why }).collect();
    let other = |like: Likeness| if like.a == seen.customer { like.b } else { like.a };
    let likely = seen.likely.into_iter().map(other).collect();
    let (id, is_new, merged, to_ask) = (seen.customer, seen.is_new, seen.merged, seen.to_ask);
    let reply = Reply::new(status, Seen { id, is_new, merged, left_out, likely, to_ask });
    keep(&app, idempotency, hash, reply).await
}

impl CustomerIn {
    /// The telephone numbers and addresses among what they are known by.
    fn addresses(&self, app: &App, source: &str) -> Vec<String> {
        let keys = self.identifiers.iter().filter(|key| matches!(key.kind.as_str(), "phone" | "email"));
        keys.filter_map(|key| app.rules().normalise(source, &key.kind, &key.value).ok())
            .map(|key| key.value)
            .collect()
    }
}

/// A customer by our id or by one of theirs.
#[utoipa::path(get, path = "/v1/customers/{customer}", tag = "customers", security(("key" = ["customers.read"])),
    params(("customer" = String, Path, description = "cus_…, or ext:KEY, phone:NUMBER, email:ADDRESS, card:NUMBER", example = "phone:0901234567")),
    responses((status = 200, body = Customer)))]
async fn find_customer(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Json<Customer>, Problem> {
    let id = reference::find(&app, &caller.source, &customer).await?;
    let programs: Vec<String> = app.programs().into_keys().collect();
    let found = app.read(move |session| {
        let reading = session.read();
        let merged_into = reading.merge_in_force(&id)?.map(|row| row.into_id);
        let identifiers = reading.keys_of_customer(&id)?;
        let name = name_of(&fields(&reading, &group(&reading, &id)?)?).full;
        let mut of = Vec::new();
        for program in programs {
            if !reading.find_members(&program, &[&id])?.is_empty() {
                of.push(program);
            }
        }
        let is_known = !identifiers.is_empty() || merged_into.is_some() || !of.is_empty();
        Ok(is_known.then(|| Customer {
            id,
            name,
            identifiers: identifiers.into_iter().map(Key::from).collect(),
            programs: of,
            merged_into,
        }))
    });
    found.await?.map(Json).ok_or_else(|| Problem::not_found("customer", &customer))
}

/// What somebody remembers of a person.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Search {
    /// A telephone number, an address, a card; words of the name in any order, without accents; the end of a number.
    search: Option<String>,
}

/// Find people by an identifier in any spelling, or by what somebody remembers of them; at most 50.
#[utoipa::path(get, path = "/v1/customers", tag = "customers", security(("key" = ["customers.read"])),
    params(Search), responses((status = 200, body = Page<Customer>)))]
async fn find_customers(
    State(app): State<App>,
    Query(search): Query<Search>,
) -> Result<Json<Page<Customer>>, Problem> {
    let Some(text) = search.search.filter(|text| !text.trim().is_empty()) else {
        let detail = "say what is remembered: ?search=nguyen 4567";
        return Err(Problem::new(Kind::InvalidRequest, detail).at("search", "required"));
    };
    let rules = app.rules().clone();
    let found = app.read(move |session| {
        let reading = session.read();
        let found = people::done(find(&reading, &rules, &text, 50))?;
        let one = |found: Found| Customer {
            id: found.customer,
            name: found.name,
            identifiers: found.keys.into_iter().map(Key::from).collect(),
            programs: Vec::new(),
            merged_into: None,
        };
        Ok(found.into_iter().map(one).collect())
    });
    Ok(Json(Page::whole(found.await?)))
}
