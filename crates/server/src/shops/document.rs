//! The webhooks of web shops in the OpenAPI document. What is in them is the shops' business: `docs/manual/api/shops.md`
//! says what becomes of it.

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

/// Dialect, header of the signature, header of the topic.
const SHOPS: [(&str, &str, &str); 2] = [
    ("shopify", "X-Shopify-Hmac-Sha256", "X-Shopify-Topic"),
    ("woocommerce", "X-WC-Webhook-Signature", "X-WC-Webhook-Topic"),
];

/// The operations.
pub fn document() -> OpenApi {
    let paths: Map<String, Value> = SHOPS.iter().map(|shop| operation(*shop)).collect();
    serde_json::from_value(json!({"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": paths}))
        .expect("a document as utoipa writes it")
}

fn operation((dialect, signature, topic): (&str, &str, &str)) -> (String, Value) {
    let header = |name: &str, about: &str| json!({"name": name, "in": "header", "required": true, "schema": {"type": "string"}, "description": about});
    let source = json!({"name": "source", "in": "path", "required": true, "schema": {"type": "string"},
        "description": "as whose its orders are known here"});
    let operation = json!({"post": {
        "tags": ["dialects"],
        "summary": format!("A webhook of {dialect}"),
        "description": "Verified, kept, answered, and worked in afterwards: orders, refunds, customers.",
        "operationId": format!("hear_{dialect}"),
        "parameters": [source, header(signature, "base64 of HMAC-SHA256 of the body under the shop's secret"),
            header(topic, "what it is about")],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {"200": {"description": "It is on disk"}},
        "security": [{"signature": []}],
    }});
    (format!("/v1/hooks/{dialect}/{{source}}"), operation)
}
