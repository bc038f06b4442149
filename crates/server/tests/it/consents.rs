//! `/v1/customers/{customer}/consents`

use crate::shop::Shop;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

const ANA: &str = "/v1/customers/phone:0901234567/consents";
const STANDING: &str = "/v1/consents?address=0901234567&channel=sms&purpose=marketing";

fn said(status: &str) -> Value {
    json!({"address": "0901 234 567", "channel": "sms", "purpose": "marketing", "status": status, "jurisdiction": "vn",
           "text_version": "2026-01", "language": "vi", "place": "till north-1"})
}

#[tokio::test]
async fn the_last_word_holds_and_every_word_is_kept() {
    let shop = Shop::open();
    shop.ana().await;
    assert_eq!(shop.get(STANDING).await.json(), json!({"standing": "silent"}));
    let granted = shop.post_under("c-1", ANA, said("granted")).await;
    insta::assert_snapshot!("consent_granted", granted.shown());
    let again = shop.post_under("c-1", ANA, said("granted")).await;
    assert_eq!((again.status, &again.bytes), (granted.status, &granted.bytes));
    assert_eq!(shop.get(STANDING).await.json()["standing"], "granted");
    shop.later(SignedDuration::from_secs(1));
    shop.post(ANA, said("withdrawn")).await;
    assert_eq!(shop.get(STANDING).await.json()["standing"], "refused");
    let all = shop.get(&format!("{ANA}?fields=status,place")).await.json();
    let words: Vec<&str> =
        all["data"].as_array().unwrap().iter().map(|row| row["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["granted", "withdrawn"]);
}

#[tokio::test]
async fn what_is_no_consent_is_refused() {
    let shop = Shop::open();
    shop.ana().await;
    insta::assert_snapshot!("consent_maybe", shop.post(ANA, said("maybe")).await.shown());
    let mut future = said("granted");
    future["happened_at"] = json!("2026-03-02T00:00:00Z");
    assert_eq!(shop.post(ANA, future).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut nowhere = said("granted");
    nowhere["address"] = json!("12");
    insta::assert_snapshot!("consent_address", shop.post(ANA, nowhere).await.shown());
}
