//! `/v1/bulk`: what a till has kept while it was offline.

use crate::shop::{Said, Shop};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

async fn send(shop: &Shop, key: &str, lines: &str) -> Said {
    let request = Request::builder()
        .method("POST")
        .uri("/v1/bulk")
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/x-ndjson");
    shop.send(request.body(Body::from(lines.to_owned())).unwrap()).await
}

fn answers(said: &Said) -> Vec<Value> {
    let text = String::from_utf8(said.bytes.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const LINES: &str = r#"{"type": "order", "id": "o-1", "member": "phone:0901234567", "lines": [{"id": "1", "product": "latte", "gross_minor": 450}]}
{"key": "k-2", "type": "order", "id": "o-2", "member": "phone:0901234567", "lines": [{"id": "1", "product": "latte", "gross_minor": 300}]}

{"type": "order", "id": "o-3"
{"type": "order", "id": "o-4", "member": "phone:0907777777", "lines": []}
{"type": "return", "id": "r-1", "order": "o-1"}
{"type": "adjust", "member": "phone:0901234567", "id": "a-1", "wallet": "beans", "units": 1000}
"#;

#[tokio::test]
async fn each_line_is_answered_in_its_place_and_counts_once() {
    let shop = Shop::open();
    shop.ana().await;
    let till = shop.key("till", "north");
    let first = send(&shop, &till, LINES).await;
    let said = answers(&first);
    let statuses: Vec<(i64, i64)> =
        said.iter().map(|line| (line["line"].as_i64().unwrap(), line["status"].as_i64().unwrap())).collect();
    assert_eq!(statuses, [(1, 201), (2, 201), (4, 400), (5, 404), (6, 201), (7, 403)], "{}", first.shown());
    insta::assert_snapshot!("bulk_answers", serde_json::to_string_pretty(&said).unwrap());
    // It comes late a second time, and once more by the door of single orders.
    let again = answers(&send(&shop, &till, LINES).await);
    for place in [0, 1, 4] {
        assert_eq!(again[place]["effect"]["is_repeat"], true, "{}", again[place]);
        assert_eq!(again[place]["effect"]["moved"], said[place]["effect"]["moved"]);
    }
    let order = json!({"id": "o-2", "customer": "phone:0901234567", "lines": [{"id": "1", "product": "latte", "gross_minor": 300}]});
    assert_eq!(shop.post("/v1/orders", order).await.headers["idempotency-hit"], "true");
    let balance = shop.get("/v1/customers/phone:0901234567/balances").await.json();
    assert_eq!(balance["data"][0]["available"], 3, "the first order took its own points along");
}

#[tokio::test]
async fn bulk_is_lines_and_nothing_else() {
    let shop = Shop::open();
    let said = shop.post("/v1/bulk", json!([])).await;
    assert_eq!(said.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
