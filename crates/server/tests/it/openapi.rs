//! The OpenAPI document: every route has a scope, a sentence and answers, every scope is enforced, every example works.

use crate::shop::Shop;
use axum::http::{Method, StatusCode};
use engine::staff::permissions::Operation;
use serde_json::{Value, json};
use server::guard::{operations, scope_of};
use utoipa::openapi::OpenApi;

async fn document(shop: &Shop) -> OpenApi {
    serde_json::from_value(shop.get("/openapi.json").await.json()).unwrap()
}

/// All routes but those by which one signs in, by which shops sign, and Segment's, which take a key in ways of their
/// own: all of these prove themselves.
fn guarded(document: &OpenApi) -> Vec<(&str, &'static str, &utoipa::openapi::path::Operation)> {
    let open = |path: &str, tags: Option<&Vec<String>>| {
        path.starts_with("/v1/session") || tags.is_some_and(|tags| tags.contains(&"dialects".to_owned()))
    };
    let all = operations(document).into_iter();
    all.filter(|(path, _, operation)| !open(path, operation.tags.as_ref())).collect()
}

/// A path with something in the place of every parameter.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| {
            if part == "{customer}" {
                "phone:0901234567"
            } else if part.starts_with('{') {
                "x"
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn every_route_says_its_scope_and_what_it_does() {
    let shop = Shop::open();
    let document = document(&shop).await;
    let all = guarded(&document);
    assert!(all.len() > 20, "{}", all.len());
    for (path, method, operation) in all {
        assert!(path.starts_with("/v1/"), "{method} {path}");
        assert!(scope_of(operation).is_some(), "{method} {path} names no scope");
        let says = operation.summary.as_deref().or(operation.description.as_deref()).unwrap_or("");
        assert!(!says.is_empty(), "{method} {path} says nothing");
        assert!(!operation.responses.responses.is_empty(), "{method} {path} has no answers");
    }
}

/// The permission walk: on every route every key without its scope is refused, and the key with only it is let in.
#[tokio::test]
async fn every_scope_is_enforced() {
    let shop = Shop::open();
    let document = document(&shop).await;
    for (path, method, operation) in guarded(&document) {
        let scope = scope_of(operation).unwrap();
        let method: Method = method.parse().unwrap();
        let others: Vec<&str> =
            Operation::ALL.iter().filter(|other| **other != scope).map(|other| other.word()).collect();
        let without = shop.key(&others.join(" "), "north");
        let refused = shop.ask_as(&without, method.clone(), &filled(path), None, &[]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{method} {path} without {scope}");
        assert_eq!(refused.json()["scope"], scope.word());
        let with = shop.key(scope.word(), "north");
        let let_in = shop.status_as(&with, method.clone(), &filled(path)).await;
        let is_let_in = let_in != StatusCode::FORBIDDEN && let_in != StatusCode::UNAUTHORIZED;
        assert!(is_let_in && !let_in.is_server_error(), "{method} {path} with {scope}: {let_in}");
    }
}

/// The examples of bodies, sent as they stand to a shop where Ana is a member with points, a hold and a bill to claim.
#[tokio::test]
async fn every_example_works() {
    let shop = Shop::open();
    shop.ana().await;
    shop.post("/v1/customers/phone:0901234567/adjustments", json!({"wallet": "beans", "units": 500})).await;
    shop.post(
        "/v1/orders",
        json!({"id": "o-1002", "lines": [{"id": "1", "product": "latte", "gross_minor": 450}]}),
    )
    .await;
    shop.order("o-1001", 450).await;
    let document = shop.get("/openapi.json").await.json();
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let body = &operation["requestBody"]["content"]["application/json"];
            let Some(example) = body.get("example") else { continue };
            let path = path.replace("{customer}", "phone:0901234567").replace("{order}", "o-1001");
            let method: Method = method.to_uppercase().parse().unwrap();
            let said = shop.ask(method.clone(), &path, Some(example.clone())).await;
            assert!(said.status.is_success(), "{method} {path}: {}", said.shown());
            let is_known = operation["responses"].get(said.status.as_str()).is_some()
                || (said.headers.contains_key("idempotency-hit"));
            assert!(is_known, "{method} {path} answers {} and does not say so", said.status);
            tried += 1;
        }
    }
    assert!(tried >= 10, "{tried} examples");
}

/// Every property of what is answered is in the document, so that whoever reads it knows all there is.
#[tokio::test]
async fn the_document_is_whole() {
    let shop = Shop::open();
    let document = shop.get("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(all) => all.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let about = response["description"].as_str().unwrap_or_default();
                assert!(!about.is_empty(), "{method} {path} does not describe {status}");
            }
        }
    }
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}
