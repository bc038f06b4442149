//! Webhooks of web shops. A shop proves that it is itself by an HMAC over the raw body under a secret that both know; it
//! is answered as soon as what it said is durable, because Shopify waits five seconds and WooCommerce gives a shop up
//! after five failures. What it said is worked in afterwards ([`crate::intake`]).

pub mod document;
pub mod shopify;
pub mod woocommerce;

use crate::app::App;
use crate::intake;
use crate::problem::{Kind, Problem};
use crate::seal;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use store::IntakeRow;

/// The largest webhook: an order of some thousand lines.
const BODY_BYTES: usize = 4 << 20;

/// The shops whose words are understood.
pub const DIALECTS: [&str; 2] = ["shopify", "woocommerce"];

/// The routes. They stand beside the guard: a shop has no key, it signs.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v1/hooks/shopify/{source}", post(hear_shopify))
        .route("/v1/hooks/woocommerce/{source}", post(hear_woocommerce))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

async fn hear_shopify(
    State(app): State<App>,
    Path(source): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    verify(&app, "shopify", &source, header(&headers, "x-shopify-hmac-sha256"), &body).await?;
    let topic = header(&headers, "x-shopify-topic").to_owned();
    let id = match header(&headers, "x-shopify-webhook-id") {
        "" => format!("{topic}:{}", &blake3::hash(&body).to_hex()[..32]),
        id => id.to_owned(),
    };
    take(&app, "shopify", source, format!("shopify:{id}"), &topic, &body).await
}

async fn hear_woocommerce(
    State(app): State<App>,
    Path(source): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    if woocommerce::is_ping(&body) {
        // Sent unsigned when the webhook is made; anything but 200 and it is not made.
        return Ok(StatusCode::OK);
    }
    verify(&app, "woocommerce", &source, header(&headers, "x-wc-webhook-signature"), &body).await?;
    let topic = header(&headers, "x-wc-webhook-topic").to_owned();
    let id = woocommerce::message_id(&topic, &body);
    take(&app, "woocommerce", source, format!("woocommerce:{id}"), &topic, &body).await
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// What is sealed for a shop.
pub fn thing(dialect: &str, source: &str) -> String {
    format!("{dialect} secret of {source}")
}

/// Whether `signature` is base64 of HMAC-SHA-256 of the body, in a time that does not depend on where they differ.
pub fn is_signed(secret: &[u8], body: &[u8], signature: &str) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length of key will do");
    mac.update(body);
    STANDARD.decode(signature.trim()).is_ok_and(|given| mac.verify_slice(&given).is_ok())
}

async fn verify(app: &App, dialect: &str, source: &str, signature: &str, body: &[u8]) -> Result<(), Problem> {
    let links = app.read(|session| Ok(session.read().shop_links()?)).await?;
    let link = links.into_iter().find(|link| link.source == source && link.dialect == dialect);
    let secret = link.and_then(|link| seal::open(app.pepper(), &thing(dialect, source), &link.sealed));
    // One answer for all of it: nobody learns here which shops there are.
    let is_known = match &secret {
        Some(secret) => is_signed(secret, body, signature),
        None => false,
    };
    if is_known {
        return Ok(());
    }
    let detail =
        "the signature is not of this shop's secret: give the secret with PUT /v1/shops/{source}/{dialect}";
    Err(Problem::new(Kind::Unauthenticated, detail))
}

/// Keep it, then answer.
async fn take(
    app: &App,
    dialect: &str,
    source: String,
    message_id: String,
    topic: &str,
    body: &Bytes,
) -> Result<StatusCode, Problem> {
    if app.is_closing() {
        return Err(Problem::unavailable("the server is closing: send the same again", 1));
    }
    let said = String::from_utf8_lossy(body);
    let now = app.now_micros();
    let row = IntakeRow {
        intake_id: intake::intake_id(now, 0, app.chance_u128() as u64),
        dialect: dialect.to_owned(),
        source,
        message_id,
        is_trusted: true,
        // The topic stands in a header, and is kept before the body.
        body: format!("{topic}\n{said}"),
        received_at: now,
        attempts: 0,
    };
    app.write(move |writing| Ok(writing.take_in(std::slice::from_ref(&row))?)).await?;
    intake::work::kick(app);
    Ok(StatusCode::OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_of_shopify() {
        let body = br#"{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}"#;
        let signature = "U1ccMjH2FYDvXHngNSLFAi0QhStcm696l5sTvIkdLr8=";
        assert!(is_signed(b"hush", body, signature));
        assert!(!is_signed(b"hush!", body, signature));
        assert!(!is_signed(b"hush", &body[1..], signature));
        assert!(!is_signed(b"hush", body, ""));
    }
}
