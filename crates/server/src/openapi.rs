//! The OpenAPI 3.1 document: made of the handlers, so that it cannot lag behind them.

use axum::http::StatusCode;
use serde_json::{Value, json};
use utoipa::openapi::OpenApi as Written;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// What stands above the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Perennial",
        description = "Loyalty for shops: customers, points, rewards. Amounts are integers in minor units, quantities \
            thousandths, points smallest units of their wallet. Times are RFC 3339 in UTC. Every write takes an \
            Idempotency-Key; every 'no' is a problem (RFC 9457)."
    ),
    modifiers(&Key),
    tags(
        (name = "customers", description = "Who is who"),
        (name = "orders", description = "What was bought and what came back"),
        (name = "points", description = "Balances, entries, holds, redemptions"),
        (name = "programs", description = "The rules"),
        (name = "till", description = "What a cashier does, one call each"),
        (name = "intake", description = "What comes in from outside in the words of others"),
        (name = "dialects", description = "Segment's calls and web shops' webhooks, unchanged"),
        (name = "operation", description = "Keys, webhooks, jobs, audit"),
    )
)]
pub struct Document;

struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let key = Http::builder()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A key made with `perennial key create`, or POST /v1/keys"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(key));
        let write_key = Http::builder()
            .scheme(HttpAuthScheme::Basic)
            .description(Some("A key as user name, without a password; also as 'writeKey' in the body"))
            .build();
        components.add_security_scheme("write_key", SecurityScheme::Http(write_key));
        let signature = ApiKeyValue::with_description("X-Shopify-Hmac-Sha256", "The shop's own signature");
        components.add_security_scheme("signature", SecurityScheme::ApiKey(ApiKey::Header(signature)));
    }
}

/// The document with what holds for all operations: every "no" is a problem, and a write that was known already is
/// answered as it was, with 200.
pub fn whole(document: &Written) -> Written {
    let mut value = serde_json::to_value(document).expect("a document becomes JSON");
    value["components"]["schemas"]["Problem"] = problem();
    for (path, item) in value["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if method != "get" && takes_key(operation) && !CHANGES_NOTHING.contains(&path.as_str()) {
                under_key(operation);
            }
            let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
                continue;
            };
            if let (Some(made), None) = (responses.get("201").cloned(), responses.get("200")) {
                let mut known = made;
                known["description"] = "It was known already, or only tried".into();
                responses.insert("200".to_owned(), known);
            }
            for (status, response) in responses.iter_mut() {
                // The specification wants a description of each.
                if response["description"].as_str().is_none_or(str::is_empty) {
                    response["description"] = reason(status).into();
                }
            }
            let problem = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
            let no = json!({"description": "No", "content": {"application/problem+json": problem}});
            responses.insert("default".to_owned(), no);
        }
    }
    serde_json::from_value(value).expect("what was a document is one")
}

/// What is asked with a body and writes nothing; and lines in bulk, each of which has an id of its own by which it is
/// known when it comes again.
const CHANGES_NOTHING: [&str; 3] = ["/v1/preview", "/v1/programs/plan", "/v1/bulk"];

/// Whether an operation is for those who have a key of ours.
fn takes_key(operation: &Value) -> bool {
    operation["security"][0].get("key").is_some()
}

/// A write: the key under which it is done once, and the header of an answer that was given before.
fn under_key(operation: &mut Value) {
    let about = "Any name of your own for this request: asked again under the same, it is done once and answered as \
                 it was, with `Idempotency-Hit: true`; for another request the same is refused. Kept for a week.";
    let key = json!({
        "name": "Idempotency-Key", "in": "header", "required": false, "description": about,
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    });
    match operation.get_mut("parameters").and_then(Value::as_array_mut) {
        Some(parameters) => parameters.push(key),
        None => operation["parameters"] = json!([key]),
    }
    let hit =
        json!({"description": "The answer was given before", "schema": {"type": "string", "enum": ["true"]}});
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        if status.starts_with('2') {
            response["headers"]["Idempotency-Hit"] = hit.clone();
        }
    }
}

/// The words of a status, such as `Created` for `201`.
fn reason(status: &str) -> &'static str {
    let status = status.parse().ok().and_then(|number: u16| StatusCode::from_u16(number).ok());
    status.and_then(|status| status.canonical_reason()).unwrap_or("Answered")
}

/// RFC 9457.
fn problem() -> Value {
    let text = json!({"type": "string"});
    let fault = json!({"type": "object", "properties": {"pointer": text, "detail": text}, "required": ["pointer", "detail"]});
    json!({
        "type": "object",
        "description": "A 'no' (RFC 9457). `type` is an address of this server with a page about that kind of problem.",
        "properties": {
            "type": text, "title": text, "status": {"type": "integer"}, "detail": text, "instance": text,
            "code": text, "errors": {"type": "array", "items": fault},
        },
        "required": ["type", "title", "status", "detail", "instance"],
    })
}
