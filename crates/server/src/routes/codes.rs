//! `/v1/codes`, `/v1/customers/{customer}/card`: proof that a member is there.

use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once};
use crate::problem::Problem;
use crate::proof::{self, Shown};
use crate::reference;
use axum::Json;
use axum::extract::{Path, State};
use engine::record::view;
use jiff::Timestamp;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_code)).routes(routes!(show_card))
}

/// A code is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AskIn {
    /// Where it is sent: a telephone number, or an e-mail address.
    #[schema(example = "0901 234 567")]
    address: String,
    /// What it is to prove: `enrol`, or `burn`.
    #[schema(example = "burn")]
    purpose: String,
}

/// A code that is on its way.
#[derive(Debug, Serialize, ToSchema)]
struct CodeOut {
    /// Its id, to be given with the digits.
    #[schema(example = "cod_00064bf6ca1e400003030303")]
    id: String,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

/// A code that was read to the cashier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeIn {
    /// Its id.
    #[schema(example = "cod_00064bf6ca1e400003030303")]
    id: String,
    /// Its digits.
    #[schema(example = "012345")]
    digits: String,
}

/// Proof that the member is there: one of both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProofIn {
    /// A one-time code.
    code: Option<CodeIn>,
    /// What the QR code of the member's card says.
    qr: Option<String>,
}

/// Send a one-time code: its digits go to the webhook that asked for `code.made` by name, which hands them to whoever
/// sends messages for the shop. Three within ten minutes, ten a day.
#[utoipa::path(post, path = "/v1/codes", tag = "till", security(("key" = ["customers.write"])),
    request_body(content = AskIn, example = json!({"address": "0901 234 567", "purpose": "burn"})),
    responses((status = 201, body = CodeOut)))]
async fn create_code(
    State(app): State<App>,
    key: IdempotencyKey,
    body: Body<AskIn>,
) -> Result<Reply, Problem> {
    if !matches!(body.value.purpose.as_str(), "enrol" | "burn") {
        return Err(Problem::of_body("/purpose", "enrol or burn"));
    }
    let (kind, channel) =
        if body.value.address.contains('@') { ("email", "email") } else { ("phone", "sms") };
    let address = app.rules().normalise("", kind, &body.value.address);
    let address = address.map_err(|why| Problem::of_body("/address", why.to_string()))?.value;
    let (hash, shop, purpose) = (asked("POST /v1/codes", body.hash), app.clone(), body.value.purpose);
    let (now, chance) = (app.now_micros(), app.chance_u128());
    once(&app, key, hash, move |writing| {
        let what = (address.as_str(), channel, purpose.as_str());
        let row = proof::make(writing, shop.pepper(), what, now, chance)?;
        Ok(Reply::created(CodeOut { id: row.code_id, ends_at: view::at(row.ends_at) }))
    })
    .await
}

/// That a code was sent to one of these addresses for this purpose; it is used up by this request.
pub(super) async fn check(
    app: &App,
    code: &CodeIn,
    purpose: &'static str,
    (addresses, request): (Vec<String>, [u8; 32]),
) -> Result<(), Problem> {
    let (shop, now) = (app.clone(), app.now_micros());
    let (id, digits, request) = (code.id.clone(), code.digits.clone(), request_name(request));
    app.write(move |writing| {
        let (addresses, request) = (&addresses[..], &request[..]);
        let shown = Shown { code: &id, digits: &digits, purpose, addresses, request };
        proof::use_up(writing, shop.pepper(), &shown, now)
    })
    .await?
}

fn request_name(hash: [u8; 32]) -> String {
    blake3::Hash::from_bytes(hash).to_hex().to_string()
}

/// That the proof is the customer's; it is used up by this request.
pub(super) async fn prove(
    app: &App,
    proof: &ProofIn,
    customer: &str,
    request: [u8; 32],
) -> Result<(), Problem> {
    match proof {
        ProofIn { code: Some(code), qr: None } => {
            let id = customer.to_owned();
            let keys = app.read(move |session| Ok(session.read().keys_of_customer(&id)?)).await?;
            let theirs = keys.into_iter().filter(|key| matches!(key.kind.as_str(), "phone" | "email"));
            check(app, code, "burn", (theirs.map(|key| key.value).collect(), request)).await
        }
        ProofIn { code: None, qr: Some(token) } => {
            let now = app.now_micros();
            if proof::read_card(app.pepper(), token, now)? != customer {
                return Err(Problem::of_body("/proof/qr", "this is another member's card"));
            }
            let (token, customer, request) = (token.clone(), customer.to_owned(), request_name(request));
            app.write(move |writing| proof::use_up_card(writing, (&token, &customer), &request, now)).await
        }
        _ => Err(Problem::of_body("/proof", "a code, or what the QR code says")),
    }
}

/// What a member's card shows now.
#[derive(Debug, Serialize, ToSchema)]
struct CardOut {
    /// What the QR code says: `qr:` and this names the customer at a till, as `proof.qr` it proves that they are there.
    token: String,
    /// The QR code, as SVG.
    svg: String,
    /// When the next one is to be shown. This one is taken for half a minute longer.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// The card of a member, for the screen of their telephone: a QR code that is another one every half minute, so that a
/// photograph of it is of no use.
#[utoipa::path(get, path = "/v1/customers/{customer}/card", tag = "customers", security(("key" = ["customers.read"])),
    params(("customer" = String, Path)), responses((status = 200, body = CardOut)))]
async fn show_card(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Json<CardOut>, Problem> {
    let id = reference::find(&app, &caller.source, &customer).await?;
    let (token, until) = proof::card(app.pepper(), &id, app.now_micros());
    let code = QrCode::new(&token).map_err(|error| Problem::internal(error.to_string()))?;
    let svg = code.render::<svg::Color>().min_dimensions(200, 200).build();
    Ok(Json(CardOut { token, svg, until: view::at(until) }))
}
