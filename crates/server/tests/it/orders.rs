//! `/v1/orders`, `/v1/claims`, `/v1/events`

use crate::shop::Shop;
use axum::http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn an_order_earns_once() {
    let shop = Shop::open();
    shop.ana().await;
    let first = shop.order("o-1", 1250).await;
    insta::assert_snapshot!("recorded", first.shown());
    let again = shop.order("o-1", 1250).await;
    assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
    assert_eq!(again.headers["idempotency-hit"], "true");
    insta::assert_snapshot!("found", shop.get("/v1/orders/ext:o-1").await.shown());
}

#[tokio::test]
async fn a_key_is_bound_to_its_order() {
    let shop = Shop::open();
    shop.ana().await;
    let order = |minor: i64| {
        json!({"id": "o-1", "customer": "phone:0901234567",
               "lines": [{"id": "1", "product": "latte", "gross_minor": minor}]})
    };
    let first = shop.post_under("k", "/v1/orders", order(450)).await;
    let again = shop.post_under("k", "/v1/orders", order(450)).await;
    assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
    assert_eq!(again.headers["idempotency-hit"], "true");
    let other = shop.post_under("k", "/v1/orders", order(451)).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.json()["type"], "/problems/idempotency-key-reused");
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_nothing_does() {
    let shop = Shop::open();
    shop.ana().await;
    let order = json!({"id": "o-1", "customer": "phone:0901234567",
        "lines": [{"id": "1", "product": "latte", "gross_minor": 1250}]});
    insta::assert_snapshot!("tried", shop.post("/v1/orders?mode=dry_run", order).await.shown());
    assert_eq!(shop.get("/v1/orders/o-1").await.status, StatusCode::NOT_FOUND);
    let balances = shop.get("/v1/customers/phone:0901234567/balances").await.json();
    assert_eq!(balances["data"][0]["available"], 0);
}

#[tokio::test]
async fn returns_take_back_to_the_unit_and_wait_for_their_order() {
    let shop = Shop::open();
    shop.ana().await;
    let early = shop
        .post("/v1/orders/o-1/returns", json!({"id": "r-1", "lines": [{"line": "1", "quantity_milli": 500}]}))
        .await;
    insta::assert_snapshot!("early_return", early.shown());
    shop.order("o-1", 1250).await;
    insta::assert_snapshot!("with_a_return", shop.get("/v1/orders/o-1").await.shown());
    let rest = shop.post("/v1/orders/o-1/returns", json!({"id": "r-2"})).await;
    insta::assert_snapshot!("rest_returned", rest.shown());
    let too_much = shop
        .post("/v1/orders/o-1/returns", json!({"id": "r-3", "lines": [{"line": "1", "quantity_milli": 1}]}))
        .await;
    insta::assert_snapshot!("too_much_returned", too_much.shown());
}

#[tokio::test]
async fn a_forgotten_bill_is_claimed_once() {
    let shop = Shop::open();
    shop.ana().await;
    let bill = json!({"id": "o-2", "store": "north", "lines": [{"id": "1", "product": "latte", "gross_minor": 450}]});
    insta::assert_snapshot!("anonymous", shop.post("/v1/orders", bill).await.shown());
    let claim = json!({"customer": "phone:0901234567", "order": "o-2"});
    insta::assert_snapshot!("claimed", shop.post("/v1/claims", claim.clone()).await.shown());
    let again = shop.post("/v1/claims", claim).await;
    insta::assert_snapshot!("claimed_again", again.shown());
    let nothing = shop.post("/v1/claims", json!({"customer": "phone:0901234567"})).await;
    insta::assert_snapshot!("claim_of_nothing", nothing.shown());
}

#[tokio::test]
async fn an_event_gives_points_once() {
    let shop = Shop::open();
    shop.ana().await;
    let event = json!({"id": "e-1", "customer": "phone:0901234567", "name": "review"});
    insta::assert_snapshot!("event", shop.post("/v1/events", event.clone()).await.shown());
    let again = shop.post("/v1/events", event).await;
    assert_eq!(again.headers["idempotency-hit"], "true");
}

#[tokio::test]
async fn the_place_of_a_mistake_is_named() {
    let shop = Shop::open();
    shop.ana().await;
    let wrong = json!({"id": "o-1", "lines": [{"id": "1", "product": "latte", "gross_minor": "4.50"}]});
    insta::assert_snapshot!("bad_amount", shop.post("/v1/orders", wrong).await.shown());
    let wrong = json!({"id": "o-1", "currency": "coins", "lines": []});
    insta::assert_snapshot!("bad_currency", shop.post("/v1/orders", wrong).await.shown());
    let wrong = json!({"id": "", "lines": []});
    insta::assert_snapshot!("bad_id", shop.post("/v1/orders", wrong).await.shown());
}
