//! `/v1/codes`, `/v1/customers/{customer}/card`: proof that a member is there.

use crate::shop::{Said, Shop};
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

const ANA: &str = "/v1/customers/phone:0901234567";

/// What was put on its way last.
fn told(shop: &Shop) -> Value {
    let rows = shop.beside().read().messages_after("", 1000).unwrap();
    let last = rows.into_iter().rfind(|row| row.topic == "code.made").unwrap();
    serde_json::from_str(&last.body).unwrap()
}

async fn send(shop: &Shop, address: &str, purpose: &str) -> (String, String) {
    let made = shop.post("/v1/codes", json!({"address": address, "purpose": purpose})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.shown());
    let told = told(shop);
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    assert_eq!(made.json()["id"], told["code"]);
    assert!(!made.shown().contains(&format!("\"{}\"", text("digits"))), "who asks does not see the digits");
    (text("code"), text("digits"))
}

async fn burn(shop: &Shop, id: &str, proof: Value) -> Said {
    shop.post(&format!("{ANA}/redemptions"), json!({"id": id, "reward": "coffee", "proof": proof})).await
}

/// Ana, with points.
async fn shop() -> Shop {
    let shop = Shop::open();
    shop.ana().await;
    shop.post(&format!("{ANA}/adjustments"), json!({"wallet": "beans", "units": 500})).await;
    shop
}

#[tokio::test]
async fn a_code_proves_one_burn() {
    let shop = shop().await;
    let (id, digits) = send(&shop, "0901 234 567", "burn").await;
    let proof = json!({"code": {"id": id, "digits": digits}});
    let burned = burn(&shop, "r-1", proof.clone()).await;
    assert_eq!(burned.status, StatusCode::CREATED, "{}", burned.shown());
    let again = burn(&shop, "r-1", proof.clone()).await;
    assert!(again.status.is_success(), "the same request again: {}", again.shown());
    insta::assert_snapshot!("code_used", burn(&shop, "r-2", proof).await.shown());
}

#[tokio::test]
async fn a_code_is_guessed_five_times_and_runs_out() {
    let shop = shop().await;
    let (id, digits) = send(&shop, "0901234567", "burn").await;
    let wrong = if digits == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        let refused = burn(&shop, "r-1", json!({"code": {"id": id, "digits": wrong}})).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.shown());
    }
    let late = burn(&shop, "r-1", json!({"code": {"id": id, "digits": digits}})).await;
    assert!(late.shown().contains("guessed too often"), "{}", late.shown());
    let (id, digits) = send(&shop, "0901234567", "burn").await;
    shop.later(SignedDuration::from_mins(5));
    let late = burn(&shop, "r-1", json!({"code": {"id": id, "digits": digits}})).await;
    assert!(late.shown().contains("has run out"), "{}", late.shown());
    let (id, digits) = send(&shop, "0907654321", "burn").await;
    let other = burn(&shop, "r-1", json!({"code": {"id": id, "digits": digits}})).await;
    assert!(other.shown().contains("to somebody else"), "{}", other.shown());
}

#[tokio::test]
async fn nobody_is_flooded_with_codes() {
    let shop = shop().await;
    for _ in 0..3 {
        send(&shop, "0901234567", "burn").await;
    }
    let ask = json!({"address": "0901234567", "purpose": "burn"});
    insta::assert_snapshot!("too_many_codes", shop.post("/v1/codes", ask).await.shown());
}

#[tokio::test]
async fn a_code_proves_a_number_at_enrolment() {
    let shop = shop().await;
    let (id, digits) = send(&shop, "0907 654 321", "enrol").await;
    let with = |phone: &str| {
        json!({"identifiers": [{"kind": "phone", "value": phone}], "code": {"id": id, "digits": digits},
            "profile": {"fields": {"name": "Ben"}}})
    };
    let refused = shop.post("/v1/customers", with("0905555555")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.shown());
    let enrolled = shop.post("/v1/customers", with("0907654321")).await;
    assert_eq!(enrolled.status, StatusCode::CREATED, "{}", enrolled.shown());
    assert_eq!(shop.get("/v1/customers/phone:0907654321").await.json()["name"], "Ben");
}

#[tokio::test]
async fn the_card_on_a_screen_names_and_proves_for_a_moment() {
    let shop = shop().await;
    let card = shop.get(&format!("{ANA}/card")).await.json();
    let token = card["token"].as_str().unwrap().to_owned();
    assert!(card["svg"].as_str().unwrap().contains("<svg"), "{card}");
    let named = shop.get(&format!("/v1/customers/qr:{token}")).await.json();
    assert_eq!(named["id"], shop.get(ANA).await.json()["id"]);
    let burned = burn(&shop, "r-1", json!({"qr": token})).await;
    assert_eq!(burned.status, StatusCode::CREATED, "{}", burned.shown());
    let twice = burn(&shop, "r-2", json!({"qr": token})).await;
    assert!(twice.shown().contains("wait for the next code"), "{}", twice.shown());
    shop.later(SignedDuration::from_mins(1));
    assert_ne!(shop.get(&format!("{ANA}/card")).await.json()["token"], token.as_str());
    insta::assert_snapshot!("old_card", shop.get(&format!("/v1/customers/qr:{token}")).await.shown());
    let none = burn(&shop, "r-3", json!({})).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", none.shown());
}

#[tokio::test]
async fn one_card_on_many_bills_gives_an_alert_once() {
    let shop = shop().await;
    for bill in 0..7 {
        shop.order(&format!("o-{bill}"), 300).await;
    }
    burn(&shop, "r-1", Value::Null).await;
    shop.later(SignedDuration::from_mins(1));
    let report = shop.get("/v1/tills").await.json();
    let till = &report["data"][0];
    assert_eq!((&till["till"], &till["bills"], &till["members"]), (&json!("north-1"), &json!(7), &json!(1)));
    assert_eq!(till["findings"][0]["kind"], "many_bills", "{report}");
    for _ in 0..2 {
        let app = shop.app.clone();
        tokio::task::spawn_blocking(move || server::tills::watch(&app)).await.unwrap();
    }
    let alerts = shop.get("/v1/alerts").await.json();
    assert_eq!(
        (alerts["data"].as_array().unwrap().len(), &alerts["data"][0]["kind"]),
        (1, &json!("many_bills"))
    );
    let told = shop.beside().read().messages_after("", 1000).unwrap();
    assert_eq!(told.iter().filter(|row| row.topic == "till.alert").count(), 1);
}
