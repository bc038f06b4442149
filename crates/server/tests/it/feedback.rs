//! `/v1/feedback`

use crate::shop::Shop;
use axum::http::StatusCode;
use serde_json::{Value, json};

const PATH: &str = "/v1/feedback";

fn soup() -> Value {
    json!({"id": "F-1", "customer": "phone:0901234567", "kind": "complaint", "score_milli": 1000,
           "score_max_milli": 5000, "text": "the soup was cold", "store": "north"})
}

#[tokio::test]
async fn what_is_said_is_kept_once_and_goes_with_the_person() {
    let shop = Shop::open();
    shop.ana().await;
    let first = shop.post_under("f-1", PATH, soup()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.shown());
    let ana = shop.get("/v1/customers/phone:0901234567").await.json()["id"].clone();
    assert_eq!(first.json(), json!({"id": "F-1", "customer": ana}));
    // The same request under its key, and the same feedback under none.
    let again = shop.post_under("f-1", PATH, soup()).await;
    assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
    assert_eq!(shop.post(PATH, soup()).await.status, StatusCode::OK);
    let other = shop.post_under("f-1", PATH, json!({"id": "F-2", "score_milli": 9000})).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.shown());
    let unknown = shop.post(PATH, json!({"id": "F-2", "score_milli": 9000})).await;
    assert_eq!(unknown.json(), json!({"id": "F-2", "customer": null}));
    let data = || async { shop.get("/v1/customers/phone:0901234567/data").await.json().to_string() };
    assert_eq!(data().await.matches("the soup was cold").count(), 1);
    let id = ana.as_str().unwrap();
    let gone = shop.ask(axum::http::Method::DELETE, &format!("/v1/customers/{id}"), None).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.shown());
    let kept = std::fs::read(&shop.url).unwrap();
    let words = b"the soup was cold";
    assert!(!kept.windows(words.len()).any(|part| part == words), "words are forgotten with the person");
}

#[tokio::test]
async fn what_is_no_feedback_is_refused() {
    let shop = Shop::open();
    shop.ana().await;
    for (said, status, words) in [
        (json!({"id": "F-1"}), 422, "say a score, or words, or both"),
        (json!({"id": "", "score_milli": 1}), 422, "1 to 200 characters"),
        (json!({"id": "F-1", "score_milli": 6000, "score_max_milli": 5000}), 422, "must lie on its scale"),
        (
            json!({"id": "F-1", "score_milli": 1, "customer": "phone:0909999999"}),
            404,
            "no customer is known as",
        ),
        (json!({"id": "F-1", "score_milli": 1, "customer": "cus_00000000000000000000000009"}), 404, "cus_"),
        (
            json!({"id": "F-1", "score_milli": 1, "happened_at": "2026-03-02T00:00:00Z"}),
            422,
            "nobody has said it yet",
        ),
        (json!({"id": "F-1", "score": 4.5}), 422, "score"),
    ] {
        let no = shop.post(PATH, said.clone()).await;
        assert_eq!(no.status.as_u16(), status, "{said}: {}", no.shown());
        assert!(no.shown().contains(words), "{said}: {}", no.shown());
    }
    let read_only = shop.key("customers.read", "north");
    let no = shop.ask_as(&read_only, axum::http::Method::POST, PATH, Some(soup()), &[]).await;
    assert_eq!((no.status, &no.json()["scope"]), (StatusCode::FORBIDDEN, &json!("orders.record")));
}
