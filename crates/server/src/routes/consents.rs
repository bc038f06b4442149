//! `/v1/customers/{customer}/consents`: what people have agreed to, as proofs that are only ever added.

use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once};
use crate::page::Page;
use crate::problem::{Kind, Problem};
use crate::reference;
use axum::Json;
use axum::extract::{Path, Query, State};
use engine::record::consent::{Standing, standing};
use engine::record::view;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::ConsentRow;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_consents, create_consent)).routes(routes!(find_standing))
}

/// What somebody has said, with its proof.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConsentIn {
    /// The address it is about: it hangs on that, and not on the person.
    #[schema(example = "0901 234 567")]
    address: String,
    /// `email`, `sms`, `zalo`, `push`, …
    #[schema(example = "sms")]
    channel: String,
    /// What for: `marketing`, `service`, …
    #[schema(example = "marketing")]
    purpose: String,
    /// `granted`, `denied`, `withdrawn`; `pending` where it is still to be confirmed.
    #[schema(example = "granted")]
    status: String,
    /// `consent`, `contract`, `legitimate_interest`, …
    #[serde(default = "consent")]
    legal_basis: String,
    /// Whose law: `eu`, `vn`, `cn`.
    #[schema(example = "vn")]
    jurisdiction: String,
    /// Which version of the text was shown.
    #[schema(example = "2026-01")]
    text_version: String,
    /// In which language.
    #[schema(example = "vi")]
    language: String,
    /// Where: the form, the page, the till.
    #[schema(example = "till north-1")]
    place: String,
    /// What else proves it: an address of the network, a picture of the form.
    #[serde(default)]
    #[schema(value_type = Object)]
    evidence: serde_json::Map<String, serde_json::Value>,
    /// When it was said; absent means now.
    #[schema(value_type = Option<String>, format = DateTime)]
    happened_at: Option<Timestamp>,
    /// When it ends by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

fn consent() -> String {
    "consent".to_owned()
}

/// A proof.
#[derive(Debug, Serialize, ToSchema)]
struct Consent {
    /// Its id.
    id: String,
    /// The address.
    address: String,
    /// The channel.
    channel: String,
    /// What for.
    purpose: String,
    /// What was said.
    status: String,
    /// Which version of the text.
    text_version: String,
    /// In which language.
    language: String,
    /// Where.
    place: String,
    /// Who wrote it down.
    actor: String,
    /// When it was said.
    #[schema(value_type = String, format = DateTime)]
    happened_at: Timestamp,
    /// When we heard of it.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Timestamp,
    /// When it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// The request it confirms.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirms: Option<String>,
}

impl Consent {
    fn of(row: &ConsentRow) -> Consent {
        Consent {
            id: row.consent_id.clone(),
            address: row.address.clone(),
            channel: row.channel.clone(),
            purpose: row.purpose.clone(),
            status: row.status.clone(),
            text_version: row.text_version.clone(),
            language: row.language.clone(),
            place: row.source.clone(),
            actor: row.actor.clone(),
            happened_at: view::at(row.happened_at),
            recorded_at: view::at(row.recorded_at),
            expires_at: row.expires_at.map(view::at),
            confirms: row.confirms.clone(),
        }
    }
}

/// The address in one way of writing, where the channel has one.
fn address(app: &App, channel: &str, text: &str) -> Result<String, Problem> {
    let kind = match channel {
        "email" => "email",
        "sms" | "zalo" | "whatsapp" | "call" => "phone",
        _ => return Ok(text.trim().to_owned()),
    };
    let key = app.rules().normalise("", kind, text);
    key.map(|key| key.value).map_err(|why| Problem::of_body("/address", why.to_string()))
}

/// Record what somebody has agreed to, denied or withdrawn. Proofs are only ever added; the last word holds.
#[utoipa::path(post, path = "/v1/customers/{customer}/consents", tag = "customers", security(("key" = ["consents.write"])),
    params(("customer" = String, Path)),
    request_body(content = ConsentIn, example = json!({
        "address": "0901 234 567", "channel": "sms", "purpose": "marketing", "status": "granted", "jurisdiction": "vn",
        "text_version": "2026-01", "language": "vi", "place": "till north-1"
    })),
    responses((status = 201, body = Consent)))]
async fn create_consent(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    key: IdempotencyKey,
    body: Body<ConsentIn>,
) -> Result<Reply, Problem> {
    let said = body.value;
    if !matches!(said.status.as_str(), "granted" | "denied" | "withdrawn" | "pending") {
        return Err(Problem::of_body("/status", "granted, denied, withdrawn or pending"));
    }
    let short = [
        ("/channel", &said.channel),
        ("/purpose", &said.purpose),
        ("/legal_basis", &said.legal_basis),
        ("/jurisdiction", &said.jurisdiction),
        ("/text_version", &said.text_version),
        ("/language", &said.language),
        ("/place", &said.place),
    ];
    for (pointer, text) in short {
        super::orders::check_id(pointer, text)?;
    }
    let now = app.now();
    if said.happened_at.is_some_and(|at| at > now) {
        return Err(Problem::of_body("/happened_at", "nobody has said it yet"));
    }
    let customer_id = reference::find(&app, &caller.source, &customer).await?;
    let micros = now.as_microsecond();
    let row = ConsentRow {
        customer_id: customer_id.clone(),
        // Grows with time, so that the last word of one instant is the last that was written down.
        consent_id: format!("con_{micros:016x}{:016x}", app.chance_u128() as u64),
        address: address(&app, &said.channel, &said.address)?,
        channel: said.channel,
        purpose: said.purpose,
        status: said.status,
        legal_basis: said.legal_basis,
        jurisdiction: said.jurisdiction,
        text_version: said.text_version,
        language: said.language,
        source: said.place,
        actor: caller.id.clone(),
        evidence: serde_json::Value::Object(said.evidence).to_string(),
        happened_at: said.happened_at.unwrap_or(now).as_microsecond(),
        recorded_at: micros,
        expires_at: said.expires_at.map(Timestamp::as_microsecond),
        confirms: None,
    };
    let hash = asked(&format!("POST /v1/customers/{customer}/consents"), body.hash);
    once(&app, key, hash, move |writing| {
        if writing.keys_of_customer(&customer_id)?.is_empty() {
            return Err(Problem::not_found("customer", &customer_id));
        }
        writing.insert_consents(std::slice::from_ref(&row))?;
        Ok(Reply::created(Consent::of(&row)))
    })
    .await
}

/// Everything a customer has said, oldest first.
#[utoipa::path(get, path = "/v1/customers/{customer}/consents", tag = "customers", security(("key" = ["customers.read"])),
    params(("customer" = String, Path)), responses((status = 200, body = Page<Consent>)))]
async fn list_consents(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Json<Page<Consent>>, Problem> {
    let id = reference::find(&app, &caller.source, &customer).await?;
    let rows = app.read(move |session| Ok(session.read().consents_of(&id)?)).await?;
    Ok(Json(Page::whole(rows.iter().map(Consent::of).collect())))
}

/// Which consent.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// The address.
    address: String,
    /// The channel.
    channel: String,
    /// What for.
    purpose: String,
}

/// How it stands with an address: `silent`, `pending`, `granted`, `expired`, `refused`; with the proof.
#[utoipa::path(get, path = "/v1/consents", tag = "customers", security(("key" = ["customers.read"])),
    params(Which), responses((status = 200, body = Object)))]
async fn find_standing(
    State(app): State<App>,
    Query(which): Query<Which>,
) -> Result<Json<Standing>, Problem> {
    let (channel, now) = (which.channel.clone(), app.now_micros());
    let address = address(&app, &which.channel, &which.address)?;
    if address.is_empty() {
        return Err(Problem::new(Kind::InvalidRequest, "address: required").at("address", "required"));
    }
    let said = app.read(move |session| Ok(session.read().consents_for(&address, &channel)?)).await?;
    Ok(Json(standing(&said, &which.purpose, now)))
}
