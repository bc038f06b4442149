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
    for item in value["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
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
