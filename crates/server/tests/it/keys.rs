//! `/v1/keys`

use crate::shop::Shop;
use axum::http::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_key_is_made_shown_once_and_revoked() {
    let shop = Shop::open();
    let asked = json!({"name": "till north 1", "source": "north", "scopes": ["till"]});
    let made = shop.post_under("k", "/v1/keys", asked.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.shown());
    let key = made.json()["key"].as_str().unwrap().to_owned();
    let again = shop.post_under("k", "/v1/keys", asked).await;
    assert_eq!(again.json()["key"], json!(null), "a key is shown once");
    assert_eq!(again.json()["id"], made.json()["id"]);
    shop.ana().await;
    let balances = "/v1/customers/phone:0901234567/balances";
    assert_eq!(shop.ask_as(&key, Method::GET, balances, None, &[]).await.status, StatusCode::OK);
    shop.app.flush_keys();
    let listed = shop.get("/v1/keys").await;
    assert!(!String::from_utf8_lossy(&listed.bytes).contains(key.rsplit('_').next().unwrap()));
    let row =
        listed.json()["data"].as_array().unwrap().iter().find(|row| row["name"] == "till north 1").cloned();
    assert_eq!(row.unwrap()["last_used_at"], "2026-03-01T01:00:00Z");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let revoked = shop.ask(Method::DELETE, &format!("/v1/keys/{id}"), None).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    let refused = shop.ask_as(&key, Method::GET, balances, None, &[]).await;
    insta::assert_snapshot!("revoked", refused.shown());
    let nothing = shop.ask(Method::DELETE, "/v1/keys/key_0", None).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_gives_away_what_they_do_not_have() {
    let shop = Shop::open();
    let keeper = shop.key("keys.manage customers.read", "north");
    let asked = json!({"name": "more", "scopes": ["points.adjust"]});
    let refused = shop.ask_as(&keeper, Method::POST, "/v1/keys", Some(asked), &[]).await;
    insta::assert_snapshot!("gives_away", refused.shown());
    let asked = json!({"name": "x", "scopes": ["points.steal"]});
    insta::assert_snapshot!("no_such_scope", shop.post("/v1/keys", asked).await.shown());
    let asked = json!({"name": "x", "source": "a/b", "scopes": []});
    insta::assert_snapshot!("bad_source", shop.post("/v1/keys", asked).await.shown());
}

#[tokio::test]
async fn a_key_without_a_source_names_one_and_one_with_a_source_names_no_other() {
    let shop = Shop::open();
    let any = shop.key("customers.write customers.read", "");
    let keys = json!({"source": "west", "identifiers": [{"kind": "external_id", "value": "K-1"}]});
    let made = shop.ask_as(&any, Method::POST, "/v1/customers", Some(keys.clone()), &[]).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.shown());
    let refused = shop.post("/v1/customers", keys).await;
    insta::assert_snapshot!("another_source", refused.shown());
}
