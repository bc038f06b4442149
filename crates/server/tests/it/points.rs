//! Balances, entries, tiers, rewards, holds and redemptions of `/v1/customers/{customer}`

use crate::shop::Shop;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;

const ANA: &str = "/v1/customers/phone:0901234567";

#[tokio::test]
async fn balances_are_of_any_instant() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1", 1250).await;
    shop.later(SignedDuration::from_hours(24));
    shop.order("o-2", 800).await;
    insta::assert_snapshot!("balances", shop.get(&format!("{ANA}/balances")).await.shown());
    let at = |at: &str| format!("{ANA}/balances?at={at}&fields=wallet,available,at");
    insta::assert_snapshot!("balances_past", shop.get(&at("2026-03-01T12:00:00Z")).await.shown());
    let over = shop.get(&at("2027-03-05T00:00:00Z")).await.json();
    assert_eq!(over["data"][0]["available"], 0, "a year later they have run out");
}

#[tokio::test]
async fn every_entry_explains_itself() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1", 1250).await;
    let entries = shop.get(&format!("{ANA}/ledger?fields=wallet,number,kind,units,why,cause")).await;
    insta::assert_snapshot!("ledger", entries.shown());
    let vietnamese = shop.get(&format!("{ANA}/ledger?lang=vi&limit=1&fields=why")).await;
    insta::assert_snapshot!("ledger_vi", vietnamese.shown());
    let next = vietnamese.json()["next"].as_str().unwrap().to_owned();
    let rest = shop.get(&format!("{ANA}/ledger?limit=1&cursor={next}&fields=number")).await;
    assert_eq!(rest.json(), json!({"data": [{"number": 0}]}), "{}", rest.shown());
}

#[tokio::test]
async fn rewards_say_what_is_missing() {
    let shop = Shop::open();
    shop.ana().await;
    insta::assert_snapshot!("rewards_poor", shop.get(&format!("{ANA}/rewards")).await.shown());
    shop.order("o-1", 5000).await;
    let rewards = shop.get(&format!("{ANA}/rewards?fields=reward,is_available")).await;
    insta::assert_snapshot!("rewards_rich", rewards.shown());
    insta::assert_snapshot!("tiers", shop.get(&format!("{ANA}/tiers")).await.shown());
}

#[tokio::test]
async fn a_hold_is_captured_or_released() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1", 5000).await;
    let hold = shop.post(&format!("{ANA}/holds"), json!({"id": "h-1", "reward": "coffee"})).await;
    insta::assert_snapshot!("held", hold.shown());
    let captured = shop.post(&format!("{ANA}/holds/h-1/capture"), json!({})).await;
    insta::assert_snapshot!("captured", captured.shown());
    let code = captured.json()["given"][0]["code"].as_str().unwrap().to_owned();
    insta::assert_snapshot!("voucher", shop.get(&format!("/v1/vouchers/{code}")).await.shown());
    let using = json!({"order": "o-9", "codes": [code, "C-NONE"], "bill_minor": 200});
    insta::assert_snapshot!(
        "vouchers_tried",
        shop.post("/v1/vouchers/use?mode=dry_run", using.clone()).await.shown()
    );
    insta::assert_snapshot!("vouchers_used", shop.post("/v1/vouchers/use", using.clone()).await.shown());
    let again = shop.post("/v1/vouchers/use", using).await;
    assert_eq!(again.headers["idempotency-hit"], "true");
    let missing = shop.post(&format!("{ANA}/holds/h-2/release"), json!({})).await;
    insta::assert_snapshot!("no_such_hold", missing.shown());
    shop.post(&format!("{ANA}/holds"), json!({"id": "h-3", "reward": "coffee"})).await;
    let released = shop.post(&format!("{ANA}/holds/h-3/release"), json!({})).await;
    assert_eq!(released.json()["balances"][0]["held"], 0, "{}", released.shown());
}

#[tokio::test]
async fn what_cannot_be_afforded_is_refused() {
    let shop = Shop::open();
    shop.ana().await;
    let refused = shop.post(&format!("{ANA}/redemptions"), json!({"id": "red-1", "reward": "coffee"})).await;
    insta::assert_snapshot!("insufficient", refused.shown());
    let unknown = shop.post(&format!("{ANA}/redemptions"), json!({"reward": "moon"})).await;
    insta::assert_snapshot!("unknown_reward", unknown.shown());
    shop.order("o-1", 5000).await;
    let now = shop.post(&format!("{ANA}/redemptions"), json!({"id": "red-1", "reward": "coffee"})).await;
    assert_eq!(now.status, StatusCode::CREATED, "a refusal is asked again when the reason has gone");
    let back = shop.post(&format!("{ANA}/redemptions/red-1/refund"), json!({})).await;
    insta::assert_snapshot!("refunded", back.shown());
}

#[tokio::test]
async fn points_by_hand_take_a_scope_of_their_own() {
    let shop = Shop::open();
    shop.ana().await;
    let body = json!({"id": "a-1", "wallet": "beans", "units": 50});
    let till = shop.key("till", "north");
    let path = format!("{ANA}/adjustments");
    let refused = shop.ask_as(&till, axum::http::Method::POST, &path, Some(body.clone()), &[]).await;
    insta::assert_snapshot!("till_may_not_adjust", refused.shown());
    insta::assert_snapshot!("adjusted", shop.post(&path, body).await.shown());
}

#[tokio::test]
async fn benefits_are_used_up_to_their_quota() {
    let shop = Shop::open();
    shop.ana().await;
    let path = format!("{ANA}/benefits");
    let list = |fields: &str| format!("{path}?fields={fields}");
    insta::assert_snapshot!("benefits_green", shop.get(&path).await.shown());
    let tried = shop.post(&format!("{path}?mode=dry_run"), json!({"id": "u-1", "benefit": "refill"})).await;
    insta::assert_snapshot!("benefit_tried", tried.shown());
    insta::assert_snapshot!(
        "benefit_used",
        shop.post(&path, json!({"id": "u-1", "benefit": "refill"})).await.shown()
    );
    let again = shop.post(&path, json!({"id": "u-1", "benefit": "refill"})).await;
    assert_eq!(again.headers["idempotency-hit"], "true", "{}", again.shown());
    let above = shop.post(&path, json!({"id": "u-2", "benefit": "refill"})).await;
    insta::assert_snapshot!("benefit_used_up", above.shown());
    let left = shop.get(&list("benefit,is_available,left,until")).await.json();
    let refill = json!({"benefit": "refill", "is_available": false, "left": 0, "until": "2026-04-01"});
    assert_eq!(left["data"][0], refill);
    let back = shop.post(&format!("{path}/u-1/undo"), json!({})).await;
    assert_eq!(back.json()["benefits"], json!([{"benefit": "refill", "left": 1, "until": "2026-04-01"}]));
    // Gold has three a month, and more besides.
    shop.order("o-1", 10_000).await;
    insta::assert_snapshot!(
        "benefits_gold",
        shop.get(&list("benefit,tier,is_available,quota,left,reason")).await.shown()
    );
    let unlimited = shop.post(&path, json!({"benefit": "table"})).await;
    assert_eq!(unlimited.json()["benefits"], json!([{"benefit": "table"}]), "{}", unlimited.shown());
    for (asked, status, code) in [
        (json!({"benefit": "moon"}), StatusCode::NOT_FOUND, "unknown_benefit"),
        (json!({"benefit": "cake"}), StatusCode::CONFLICT, "not_the_birthday"),
    ] {
        let no = shop.post(&path, asked).await;
        assert_eq!((no.status, no.json()["code"].as_str()), (status, Some(code)), "{}", no.shown());
    }
    let nothing = shop.post(&format!("{path}/u-9/undo"), json!({})).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND, "{}", nothing.shown());
    let misspelt = shop.post(&path, json!({"benefits": "refill"})).await;
    assert_eq!(misspelt.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", misspelt.shown());
}

#[tokio::test]
async fn a_basket_is_previewed() {
    let shop = Shop::open();
    shop.ana().await;
    let basket = json!({"id": "basket", "customer": "phone:0901234567",
        "lines": [{"id": "1", "product": "latte", "gross_minor": 1250}]});
    insta::assert_snapshot!("preview", shop.post("/v1/preview", basket).await.shown());
}

#[tokio::test]
async fn what_time_does_is_written_down() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1", 5000).await;
    shop.post(&format!("{ANA}/holds"), json!({"id": "h-1", "reward": "coffee"})).await;
    shop.later(SignedDuration::from_hours(1));
    shop.app.time_passes();
    let entries = shop.get(&format!("{ANA}/ledger?limit=1&fields=kind,units")).await.json();
    assert_eq!(entries["data"][0], json!({"kind": "release", "units": 20}), "the hold has lapsed");
}
