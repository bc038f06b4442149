//! `/v1/customers/{customer}/cases` and `/v1/cases`: taken up, answered, closed, and forgotten with the person.

use crate::shop::Shop;
use axum::http::{Method, StatusCode};
use serde_json::json;

const ANA: &str = "/v1/customers/phone:0901234567";

#[tokio::test]
async fn a_case_is_taken_up_answered_and_closed_once() {
    let shop = Shop::open();
    shop.ana().await;
    let about = json!({"about": " the soup was cold "});
    let opened = shop.post_under("k-1", &format!("{ANA}/cases"), about.clone()).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.shown());
    let again = shop.post_under("k-1", &format!("{ANA}/cases"), about).await;
    assert_eq!(again.json()["id"], opened.json()["id"], "the same request, the same case");
    let id = opened.json()["id"].as_str().unwrap().to_owned();
    assert_eq!((&opened.json()["about"], &opened.json()["notes"]), (&json!("the soup was cold"), &json!([])));

    let case = format!("/v1/cases/{id}");
    let noted = shop.post(&format!("{case}/notes"), json!({"text": "called back"})).await;
    assert_eq!(noted.json()["notes"][0]["text"], "called back", "{}", noted.shown());
    let open = shop.get("/v1/cases").await.json();
    assert_eq!((open["data"].as_array().unwrap().len(), &open["data"][0]["id"]), (1, &json!(id)));

    let closed = shop.post(&format!("{case}/close"), json!({})).await;
    assert!(closed.json()["closed_by"].is_string(), "{}", closed.shown());
    let late = shop.post(&format!("{case}/notes"), json!({"text": "and then"})).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.shown());
    assert_eq!(shop.get("/v1/cases").await.json()["data"], json!([]));
    let all = shop.get(&format!("{ANA}/cases")).await.json();
    assert_eq!(all["data"][0]["notes"][0]["text"], "called back");
    assert_eq!(shop.get(&case).await.json(), all["data"][0]);
    let data = shop.get(&format!("{ANA}/data")).await.json();
    assert_eq!(data["cases"][0]["about"], "the soup was cold", "a person's own data tell it");
}

#[tokio::test]
async fn what_cannot_be_a_case_is_refused_and_who_may_not_write_opens_none() {
    let shop = Shop::open();
    shop.ana().await;
    let cases = format!("{ANA}/cases");
    for about in [String::new(), "x".repeat(201)] {
        let refused = shop.post(&cases, json!({"about": about})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.shown());
    }
    assert_eq!(shop.post("/v1/cases/case_0/close", json!({})).await.status, StatusCode::NOT_FOUND);
    let reads = shop.key("customers.read", "north");
    let refused = shop.ask_as(&reads, Method::POST, &cases, Some(json!({"about": "cold"})), &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(shop.ask_as(&reads, Method::GET, &cases, None, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_oldest_are_first_a_page_at_a_time_and_words_go_with_the_person() {
    let shop = Shop::open();
    shop.ana().await;
    for number in 0..3 {
        shop.later(jiff::SignedDuration::from_secs(1));
        let opened = shop.post(&format!("{ANA}/cases"), json!({"about": format!("soup {number}")})).await;
        let note = format!("/v1/cases/{}/notes", opened.json()["id"].as_str().unwrap());
        assert_eq!(shop.post(&note, json!({"text": "Ana was angry"})).await.status, StatusCode::OK);
    }
    let first = shop.get("/v1/cases?limit=2").await.json();
    let about = |page: &serde_json::Value, at: usize| page["data"][at]["about"].clone();
    assert_eq!((about(&first, 0), about(&first, 1)), (json!("soup 0"), json!("soup 1")));
    let next = format!("/v1/cases?limit=2&cursor={}", first["next"].as_str().unwrap());
    let last = shop.get(&next).await.json();
    assert_eq!((about(&last, 0), last["next"].is_null()), (json!("soup 2"), true));

    let erased = shop.ask(Method::DELETE, ANA, None).await;
    let text = erased.shown();
    assert!(
        text.contains("what was said and done about cases") && text.contains("cases without their words")
    );
    let left = shop.get("/v1/cases").await.shown();
    assert!(left.contains("\"about\": \"\"") && !left.contains("soup") && !left.contains("angry"), "{left}");
}
