//! `/v1/customers/{customer}` changed, its identifiers, and forgetting a person.

use crate::shop::Shop;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

const ANA: &str = "/v1/customers/phone:0901234567";

#[tokio::test]
async fn what_is_known_of_a_person_is_changed_and_found() {
    let shop = Shop::open();
    shop.ana().await;
    let change =
        json!({"fields": {"name": "Nguyễn Thị An", "birthday": "03-21"}, "attributes": {"milk": "oat"}});
    let changed = shop.ask(Method::PATCH, ANA, Some(change)).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.shown());
    for search in ["nguyen%20an", "0901-234-567", "4567"] {
        let found = shop.get(&format!("/v1/customers?search={search}")).await.json();
        assert_eq!(found["data"][0]["name"], "Nguyễn Thị An", "{search}: {found}");
    }
    let data = shop.get(&format!("{ANA}/data")).await.json();
    assert_eq!(data["person"]["attributes"][0]["value"], "oat", "{data}");
    let wrong = shop.ask(Method::PATCH, ANA, Some(json!({"fields": {"birthday": "soon"}}))).await;
    insta::assert_snapshot!("bad_birthday", wrong.shown());
}

#[tokio::test]
async fn a_lost_card_is_nobody_s_and_the_one_in_its_place_is_theirs() {
    let shop = Shop::open();
    let ana = shop.ana().await;
    let give = json!({"kind": "card_number", "value": "9001"});
    let given = shop.post(&format!("{ANA}/identifiers"), give).await;
    assert_eq!(given.status, StatusCode::OK, "{} {ana}", given.shown());
    let end = json!({"kind": "card_number", "value": "9001", "instead": "9002"});
    for _ in 0..2 {
        let ended = shop.post_under("k", &format!("{ANA}/identifiers/end"), end.clone()).await;
        assert_eq!(ended.status, StatusCode::OK, "{}", ended.shown());
    }
    assert_eq!(shop.get("/v1/customers/card:9001").await.status, StatusCode::NOT_FOUND);
    assert_eq!(shop.get("/v1/customers/card:9002").await.json()["id"], given.json()["id"]);
    let back = json!({"kind": "card_number", "value": "9001", "became": "found"});
    let found = shop.post(&format!("{ANA}/identifiers/end"), back).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.shown());
    assert_eq!(shop.get("/v1/customers/card:9001").await.json()["id"], given.json()["id"]);
    let twice = json!({"kind": "card_number", "value": "7777"});
    insta::assert_snapshot!("not_theirs", shop.post(&format!("{ANA}/identifiers/end"), twice).await.shown());
}

#[tokio::test]
async fn who_is_forgotten_is_certified_and_nobody_any_more() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1", 1000).await;
    shop.ask(Method::PATCH, ANA, Some(json!({"fields": {"name": "Nguyễn Thị An"}}))).await;
    let id = shop.get(ANA).await.json()["id"].as_str().unwrap().to_owned();
    let erased = shop.ask(Method::DELETE, ANA, None).await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.shown());
    let text = erased.shown();
    assert!(!text.contains("0901") && !text.contains("Nguy"), "{text}");
    let kept = erased.json()["certificate"]["kept"].as_array().unwrap().len();
    assert!(kept > 0, "{text}");
    assert_eq!(shop.get(ANA).await.status, StatusCode::NOT_FOUND);
    let certificate = shop.get(&format!("/v1/customers/{id}/erasure")).await;
    assert_eq!(certificate.json(), erased.json());
    let again = shop.ask(Method::DELETE, &format!("/v1/customers/{id}"), None).await;
    assert_eq!(again.json()["hash"], erased.json()["hash"]);
    assert_eq!(shop.get("/v1/orders/o-1").await.status, StatusCode::OK, "accounts stay true");
}

#[tokio::test]
async fn a_bill_is_voided_in_one_call_also_before_it_comes() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1", 1000).await;
    let available = async || {
        let said = shop.get(&format!("{ANA}/balances")).await.json();
        said["data"][0]["available"].clone()
    };
    assert_eq!(available().await, 60);
    let voided = shop.ask(Method::POST, "/v1/orders/o-1/void", None).await;
    assert_eq!((voided.status, available().await), (StatusCode::CREATED, json!(0)), "{}", voided.shown());
    let again = shop.ask(Method::POST, "/v1/orders/o-1/void", None).await;
    assert!(again.status.is_success() && again.headers.contains_key("idempotency-hit"), "{}", again.shown());
    let early = shop.ask(Method::POST, "/v1/orders/o-2/void", None).await;
    assert_eq!(early.status, StatusCode::ACCEPTED, "{}", early.shown());
    shop.order("o-2", 1000).await;
    assert_eq!(available().await, 0);
}

#[tokio::test]
async fn codes_are_made_for_whoever_shows_them() {
    let shop = Shop::open();
    let tried = shop.post("/v1/vouchers?mode=dry_run", json!({"reward": "coffee", "count": 50})).await;
    assert_eq!((tried.status, &tried.json()["codes"]), (StatusCode::OK, &json!([])), "{}", tried.shown());
    assert_eq!((&tried.json()["is_dry_run"], &tried.json()["value_minor"]), (&json!(true), &json!(300)));
    let made = shop.post_under("k", "/v1/vouchers", json!({"reward": "coffee", "count": 50})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.shown());
    let codes = made.json()["codes"].as_array().unwrap().clone();
    assert_eq!((codes.len(), &made.json()["value_minor"]), (50, &json!(300)));
    let again = shop.post_under("k", "/v1/vouchers", json!({"reward": "coffee", "count": 50})).await;
    assert_eq!(again.json(), made.json(), "the same codes again");
    let found = shop.get(&format!("/v1/vouchers/{}", codes[0].as_str().unwrap())).await.json();
    assert_eq!((&found["is_usable"], &found["customer"]), (&json!(true), &Value::Null), "{found}");
    let using = json!({"order": "o-1", "codes": [codes[0]], "bill_minor": 900});
    let used = shop.post("/v1/vouchers/use", using.clone()).await.json();
    assert_eq!(used["vouchers"][0]["off_minor"], 300, "{used}");
    let twice = json!({"order": "o-2", "codes": [codes[0]], "bill_minor": 900});
    assert_eq!(shop.post("/v1/vouchers/use", twice).await.json()["vouchers"][0]["is_taken"], false);
    let many = shop.post("/v1/vouchers", json!({"reward": "coffee", "count": 5000})).await;
    insta::assert_snapshot!("too_guessable", many.shown());
    let none = shop.post("/v1/vouchers", json!({"reward": "cup", "count": 1})).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", none.shown());
}

#[tokio::test]
async fn segments_are_kept_in_versions_and_checked() {
    let shop = Shop::open();
    let put = async |name: &str, definition: &str| {
        let body = json!({"definition": definition});
        shop.ask(Method::PUT, &format!("/v1/segments/{name}"), Some(body)).await
    };
    let late = "name = \"late\"\nabout = \"past the day\"\nwho = { tag = \"late\" }\n";
    let first = put("late", late).await;
    assert_eq!((first.status, &first.json()["version"]), (StatusCode::OK, &json!(1)), "{}", first.shown());
    assert_eq!(put("late", late).await.json()["version"], 1);
    assert_eq!(put("late", &late.replace("day", "week")).await.json()["version"], 2);
    let circle = "name = \"late\"\nwho = { segment = \"other\" }\n";
    insta::assert_snapshot!("no_such_segment", put("late", circle).await.shown());
    put("other", "name = \"other\"\nwho = { segment = \"late\" }\n").await;
    let refused = put("late", circle).await;
    assert!(refused.shown().contains("in a circle"), "{}", refused.shown());
    assert_eq!(put("early", late).await.status, StatusCode::UNPROCESSABLE_ENTITY, "another name");
    assert_eq!(put("late", "who = 3").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let all = shop.get("/v1/segments?fields=name,version").await.json();
    assert_eq!(all["data"], json!([{"name": "late", "version": 2}, {"name": "other", "version": 1}]));
}
