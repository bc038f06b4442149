//! `/v1/customers`

use crate::shop::Shop;
use axum::http::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn a_customer_is_made_once_and_found_by_any_key() {
    let shop = Shop::open();
    let keys = json!({"identifiers": [
        {"kind": "phone", "value": "0901 234 567"}, {"kind": "external_id", "value": "K-17"},
        {"kind": "email", "value": "test@test.com"}
    ]});
    let first = shop.post("/v1/customers", keys.clone()).await;
    insta::assert_snapshot!("created", first.shown());
    let again = shop.post("/v1/customers", keys).await;
    assert_eq!((again.status, again.json()["is_new"].clone()), (StatusCode::OK, json!(false)));
    assert_eq!(again.json()["id"], first.json()["id"]);
    for name in ["phone:+84901234567", "ext:K-17", first.json()["id"].as_str().unwrap()] {
        let found = shop.get(&format!("/v1/customers/{name}")).await;
        assert_eq!(found.json()["id"], first.json()["id"], "{name}: {}", found.shown());
    }
    insta::assert_snapshot!("found", shop.get("/v1/customers/ext:K-17").await.shown());
    let other = shop.key("customers.read", "south");
    let found = shop.ask_as(&other, axum::http::Method::GET, "/v1/customers/ext:K-17", None, &[]).await;
    assert_eq!(found.status, StatusCode::NOT_FOUND, "another source's key is another's");
}

#[tokio::test]
async fn a_reply_is_kept_under_its_key() {
    let shop = Shop::open();
    let keys = json!({"identifiers": [{"kind": "phone", "value": "0901 234 567"}]});
    let first = shop.post_under("k-1", "/v1/customers", keys.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let again = shop.post_under("k-1", "/v1/customers", keys).await;
    assert_eq!((again.status, &again.bytes), (first.status, &first.bytes), "the same answer, word for word");
    assert_eq!(again.headers["idempotency-hit"], "true");
    let other = json!({"identifiers": [{"kind": "phone", "value": "0907 654 321"}]});
    insta::assert_snapshot!("key_reused", shop.post_under("k-1", "/v1/customers", other).await.shown());
}

#[tokio::test]
async fn what_is_no_customer_is_said_exactly() {
    let shop = Shop::open();
    insta::assert_snapshot!("nobody", shop.get("/v1/customers/ext:K-99").await.shown());
    insta::assert_snapshot!("no_reference", shop.get("/v1/customers/ana").await.shown());
    let bad = json!({"identifiers": [{"kind": "phone", "value": 901}]});
    insta::assert_snapshot!("bad_key", shop.post("/v1/customers", bad).await.shown());
    let unusable = json!({"identifiers": [{"kind": "phone", "value": "000000"}]});
    insta::assert_snapshot!("unusable_key", shop.post("/v1/customers", unusable).await.shown());
}

#[tokio::test]
async fn two_who_are_one_are_merged_and_parted() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1", 1250).await;
    let keys = json!({"identifiers": [{"kind": "phone", "value": "0907 654 321"}]});
    let other = shop.post("/v1/customers", keys).await.json()["id"].as_str().unwrap().to_owned();
    let merging = json!({"other": "phone:0901234567", "evidence": "showed both cards"});
    // Only tried, it says the same, and nothing happens: not even the key is used up.
    let trying = format!("/v1/customers/{other}/merge?mode=dry_run");
    let tried = shop.post_under("k-1", &trying, merging.clone()).await;
    assert_eq!(
        (tried.status, &tried.json()["is_dry_run"]),
        (StatusCode::OK, &json!(true)),
        "{}",
        tried.shown()
    );
    assert_eq!(tried.json()["programs"][0]["effect"]["is_dry_run"], true);
    assert_ne!(shop.get("/v1/customers/phone:0901234567").await.json()["id"], other.as_str());
    let merged = shop.post_under("k-1", &format!("/v1/customers/{other}/merge"), merging.clone()).await;
    insta::assert_snapshot!("merged", merged.shown());
    let moved = |reply: &Value| reply["programs"][0]["effect"]["moved"].clone();
    assert_eq!(moved(&tried.json()), moved(&merged.json()));
    let found = shop.get("/v1/customers/phone:0901234567/balances").await.json();
    assert_eq!(found["data"][0]["available"], 62, "the points have followed");
    let again = shop.post(&format!("/v1/customers/{other}/merge"), merging).await;
    insta::assert_snapshot!("merged_again", again.shown());
    let from = merged.json()["other"].as_str().unwrap().to_owned();
    let tried = shop.post(&format!("/v1/customers/{from}/unmerge?mode=dry_run"), json!({})).await;
    assert_eq!(
        (tried.status, &tried.json()["is_dry_run"]),
        (StatusCode::OK, &json!(true)),
        "{}",
        tried.shown()
    );
    assert_eq!(shop.get(&format!("/v1/customers/{from}")).await.json()["merged_into"], other.as_str());
    let parted = shop.post(&format!("/v1/customers/{from}/unmerge"), json!({})).await;
    assert_eq!(moved(&tried.json()), moved(&parted.json()));
    assert_eq!(parted.status, StatusCode::OK, "{}", parted.shown());
    let data = shop.get(&format!("/v1/customers/{from}/data")).await;
    assert_eq!(data.status, StatusCode::OK, "{}", data.shown());
    assert_eq!(data.json()["ids"][0], from.as_str());
}
