//! Segment's dialect in the OpenAPI document. The calls are Segment's, so it is told here what is taken, and not field
//! by field: whatever an SDK sends is read, and what cannot be taken is laid aside.

use super::PATHS;
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

/// The operations.
pub fn document() -> OpenApi {
    let mut paths: Map<String, Value> =
        PATHS.iter().map(|(path, call)| operation(path, call.is_some())).collect();
    paths.insert("/v1/projects/{key}/settings".to_owned(), settings());
    serde_json::from_value(json!({"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": paths}))
        .expect("a document as utoipa writes it")
}

fn operation(path: &str, is_one: bool) -> (String, Value) {
    let name = path.trim_start_matches("/v1/");
    let summary =
        if is_one { format!("Segment's call `{name}`: one message") } else { "Segment's batch".to_owned() };
    let example = match is_one {
        true => {
            json!({"userId": "K-17", "messageId": "m-1", "event": "Product Viewed", "groupId": "g", "previousId": "K-16"})
        }
        false => {
            json!({"batch": [{"type": "track", "userId": "K-17", "messageId": "m-1", "event": "Product Viewed"}]})
        }
    };
    let body = json!({"schema": {"type": "object"}, "example": example});
    let operation = json!({"post": {
        "tags": ["dialects"],
        "summary": summary,
        "description": "For the SDKs of Segment and RudderStack as they are. Answered when it is on disk; each message \
            is judged by itself, and what cannot be taken is laid aside (GET /v1/dead-items) with 200.",
        "operationId": format!("segment_{}", name.replace('/', "_")),
        "requestBody": {"required": true, "content": {"application/json": body, "text/plain": {"schema": {"type": "string"}}}},
        "responses": {"200": {"description": "It is on disk", "content": {"application/json": {"schema": {
            "type": "object", "properties": {"success": {"type": "boolean"}}, "required": ["success"]}}}}},
        "security": [{"write_key": []}],
    }});
    (path.to_owned(), operation)
}

fn settings() -> Value {
    json!({"get": {
        "tags": ["dialects"],
        "summary": "What Segment's browser SDK asks for before it starts",
        "operationId": "segment_settings",
        "parameters": [{"name": "key", "in": "path", "required": true, "schema": {"type": "string"},
            "description": "a write key; it is not looked at"}],
        "responses": {"200": {"description": "Where to send", "content": {"application/json": {"schema": {"type": "object"}}}}},
        "security": [],
    }})
}
