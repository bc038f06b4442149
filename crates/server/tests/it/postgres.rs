//! The same door over PostgreSQL, where `PERENNIAL_TEST_POSTGRES` names a server: what differs is what stands behind it.

use crate::console::{Browser, text};
use crate::shop::Shop;
use crate::webhooks::{Receiver, inside, tell};
use axum::http::{Method, StatusCode};
use engine::staff::permissions::Role;
use serde_json::{Value, json};
use server::intake::work;
use server::webhooks::desk;
use store::Scratch;

const ANA: &str = "/v1/customers/phone:0901234567";

#[tokio::test]
async fn the_door_opens_over_postgres() {
    let Ok(server) = std::env::var("PERENNIAL_TEST_POSTGRES") else { return };
    // Connections to PostgreSQL are opened and closed on threads that may wait.
    let opening = move || {
        let scratch = Scratch::create(&server).unwrap();
        let shop = Shop::at(Some(&scratch.url()), inside(), true);
        let key = shop.key("intake", "north");
        (scratch, shop, key)
    };
    let (scratch, shop, key) = tokio::task::spawn_blocking(opening).await.unwrap();
    let receiver = Receiver::open().await;
    tell(&shop, &receiver, &["points.*", "till.alert"]).await;
    shop.ana().await;
    for bill in 0..7 {
        let ordered = shop.order(&format!("o-{bill}"), 1000).await;
        assert_eq!(ordered.status, StatusCode::CREATED, "{}", ordered.shown());
    }
    let again = shop.order("o-1", 1000).await;
    assert!(again.headers.contains_key("idempotency-hit"), "{}", again.shown());
    shop.ask(Method::POST, "/v1/orders/o-6/void", None).await;
    assert_eq!(available(&shop).await, 110);

    // Others are told, in order and once.
    desk::settle(&shop.app).await.unwrap();
    let told = receiver.topics().len();
    assert!(told >= 8, "{:?}", receiver.topics());
    desk::settle(&shop.app).await.unwrap();
    assert_eq!(receiver.topics().len(), told);

    // Segment's words, codes, vouchers, segments, tills.
    let batch = json!({"writeKey": key, "batch": [
        {"type": "identify", "userId": "web-7", "messageId": "m-1", "traits": {"phone": "0901234567", "name": "Ana"}},
        {"type": "track", "userId": "web-7", "messageId": "m-2", "event": "Order Completed", "properties":
            {"order_id": "w-1", "total": "20.00", "currency": "USD", "products": [{"product_id": "latte", "price": "20.00"}]}}]});
    for _ in 0..2 {
        assert_eq!(shop.post("/v1/batch", batch.clone()).await.status, StatusCode::OK);
    }
    work::settle(&shop.app).await.unwrap();
    assert_eq!(available(&shop).await, 130);
    let code = shop.post("/v1/codes", json!({"address": "0901234567", "purpose": "burn"})).await;
    assert_eq!(code.status, StatusCode::CREATED, "{}", code.shown());
    let wrong =
        json!({"id": "r-1", "reward": "coffee", "proof": {"code": {"id": code.json()["id"], "digits": "x"}}});
    assert_eq!(shop.post(&format!("{ANA}/redemptions"), wrong).await.status, StatusCode::FORBIDDEN);
    let made = shop.post("/v1/vouchers", json!({"reward": "coffee", "count": 20})).await;
    assert_eq!(made.json()["codes"].as_array().unwrap().len(), 20, "{}", made.shown());
    let segment = json!({"definition": "name = \"late\"\nwho = { tag = \"late\" }\n"});
    assert_eq!(shop.ask(Method::PUT, "/v1/segments/late", Some(segment)).await.json()["version"], 1);
    shop.later(jiff::SignedDuration::from_secs(1));
    let app = shop.app.clone();
    tokio::task::spawn_blocking(move || server::tills::watch(&app)).await.unwrap();
    let alerts = shop.get("/v1/alerts").await.json();
    assert_eq!(alerts["data"][0]["kind"], "many_bills", "{alerts}");
    desk::settle(&shop.app).await.unwrap();
    assert_eq!(receiver.topics().iter().filter(|topic| *topic == "till.alert").count(), 1);

    // A page asks for the shop's name, which is read anew by somebody else when it is old.
    for _ in 0..3 {
        shop.later(jiff::SignedDuration::from_secs(11));
        let page = shop.get("/sign-in").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.shown());
    }

    // What is sensitive is sealed, also what was there before.
    let told = async || {
        let data = shop.get(&format!("{ANA}/data")).await.json();
        data["person"]["attributes"][0]["value"].clone()
    };
    let set = json!({"attributes": {"allergy": "walnuts"}});
    shop.ask(Method::PATCH, ANA, Some(set)).await;
    let kind = json!({"kind": "text", "is_sensitive": true});
    let defined = shop.ask(Method::PUT, "/v1/attributes/allergy", Some(kind)).await;
    assert_eq!(defined.json()["is_sensitive"], true, "{}", defined.shown());
    assert_eq!(told().await, "walnuts");
    let (id, url) = (shop.get(ANA).await.json()["id"].as_str().unwrap().to_owned(), shop.url.clone());
    let kept = tokio::task::spawn_blocking(move || {
        let session = store::Store::beside(&url).unwrap();
        session.read().attributes_of(&id).unwrap()
    });
    let kept = kept.await.unwrap();
    assert!(kept[0].is_sealed && !kept[0].value.contains("walnuts"), "{kept:?}");

    // What was taken up and what was said, on pages too.
    let case = shop.post(&format!("{ANA}/cases"), json!({"about": "the soup was cold"})).await;
    assert_eq!(case.status, StatusCode::CREATED, "{}", case.shown());
    let case = format!("/v1/cases/{}", case.json()["id"].as_str().unwrap());
    let noted = shop.post(&format!("{case}/notes"), json!({"text": "called back"})).await;
    assert_eq!(noted.json()["notes"][0]["text"], "called back", "{}", noted.shown());
    let said =
        json!({"id": "F-1", "customer": "phone:0901234567", "score_milli": 1000, "text": "cold, and late"});
    assert_eq!(shop.post("/v1/feedback", said.clone()).await.status, StatusCode::CREATED);
    assert_eq!(shop.post("/v1/feedback", said).await.status, StatusCode::OK, "once");
    let mut browser = Browser::of(&shop, Role::Owner).await;
    let page = text(
        &browser.get(&format!("/customers/{}", shop.get(ANA).await.json()["id"].as_str().unwrap())).await,
    );
    for words in ["the soup was cold", "called back", "cold, and late"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let found = text(&browser.get("/customers?q=0901234567").await);
    assert!(found.contains("cus_"), "{found}");
    assert_eq!(shop.get("/v1/cases").await.json()["data"][0]["about"], "the soup was cold");
    let closed = shop.post(&format!("{case}/close"), json!({})).await;
    assert!(closed.json()["closed_by"].is_string(), "{}", closed.shown());
    assert_eq!(shop.post(&format!("{case}/close"), json!({})).await.status, StatusCode::CONFLICT);

    // Two who are one, at first only tried.
    let other = shop
        .post("/v1/customers", json!({"identifiers": [{"kind": "phone", "value": "0907 654 321"}]}))
        .await;
    let merging = json!({"other": other.json()["id"], "evidence": "showed both telephones"});
    for (mode, leads) in [("?mode=dry_run", false), ("", true)] {
        let merged = shop.post(&format!("{ANA}/merge{mode}"), merging.clone()).await;
        assert_eq!(merged.status, StatusCode::OK, "{}", merged.shown());
        let found = shop.get("/v1/customers/phone:0907654321").await.json()["id"].clone();
        assert_eq!(found == shop.get(ANA).await.json()["id"], leads);
    }

    // And forgotten.
    let erased = shop.ask(Method::DELETE, ANA, None).await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.shown());
    assert_eq!(shop.get(ANA).await.status, StatusCode::NOT_FOUND);
    let closing = move || {
        shop.app.close();
        drop((shop, scratch));
    };
    tokio::task::spawn_blocking(closing).await.unwrap();
}

async fn available(shop: &Shop) -> Value {
    shop.get(&format!("{ANA}/balances")).await.json()["data"][0]["available"].clone()
}
