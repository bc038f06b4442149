//! `/v1/batch` and its kin: Segment's dialect as its SDKs speak it.

use crate::shop::{Said, Shop};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use server::intake::work::settle;
use std::io::Write;

/// Send as analytics-python does: Basic, JSON.
async fn send(shop: &Shop, key: &str, path: &str, body: Value) -> Said {
    let auth = format!("Basic {}", STANDARD.encode(format!("{key}:")));
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header("x-request-id", "test")
        .header(header::AUTHORIZATION, auth)
        .header(header::CONTENT_TYPE, "application/json");
    shop.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// Send without a header of ours.
async fn send_bare(shop: &Shop, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Said {
    let mut request = Request::builder().method(Method::POST).uri(path).header("x-request-id", "test");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    shop.send(request.body(Body::from(body)).unwrap()).await
}

async fn available(shop: &Shop, customer: &str) -> Value {
    settle(&shop.app).await.unwrap();
    shop.get(&format!("/v1/customers/{customer}/balances")).await.json()["data"][0]["available"].clone()
}

/// Ana, who has joined, shops on the web as `web-7`.
async fn ana_on_the_web(shop: &Shop, key: &str) {
    shop.ana().await;
    let who = json!({"userId": "web-7", "messageId": "m-0", "traits": {"phone": "0901234567", "plan": "gold", "name": "Ana"}});
    assert_eq!(send(shop, key, "/v1/identify", who).await.status, StatusCode::OK);
    settle(&shop.app).await.unwrap();
}

fn completed(message: &str, order: &str, total: impl Into<Value>) -> Value {
    let total: Value = total.into();
    json!({"type": "track", "event": "Order Completed", "userId": "web-7", "messageId": message,
        "timestamp": "2026-03-01T00:59:00Z",
        "properties": {"order_id": order, "total": total, "currency": "USD",
            "products": [{"product_id": "latte", "price": total, "quantity": 1}]}})
}

#[tokio::test]
async fn what_is_said_of_consents_is_kept_and_silence_is_none() {
    let shop = Shop::open();
    let key = shop.key("intake", "north");
    ana_on_the_web(&shop, &key).await;
    let said = |id: &str, status: &str| {
        json!({"userId": "web-7", "messageId": id, "context": {"ip": "203.0.113.7", "locale": "vi",
            "consent": {"categoryPreferences": {"Advertising": true, "Functional": false}},
            "messaging_subscriptions": [{"key": "0901234567", "type": "SMS", "status": status},
                {"key": "ana@corner.example", "type": "EMAIL", "status": "DID_NOT_SUBSCRIBE"}]}})
    };
    send(&shop, &key, "/v1/identify", said("c-1", "SUBSCRIBED")).await;
    let standing = async |channel: &str, purpose: &str, address: &str| {
        settle(&shop.app).await.unwrap();
        let query = format!("/v1/consents?channel={channel}&purpose={purpose}&address={address}");
        shop.get(&query).await.json()["standing"].clone()
    };
    assert_eq!(standing("sms", "marketing", "0901234567").await, "granted");
    assert_eq!(standing("email", "marketing", "ana@corner.example").await, "silent");
    shop.later(jiff::SignedDuration::from_secs(1));
    send(&shop, &key, "/v1/identify", said("c-2", "UNSUBSCRIBED")).await;
    assert_eq!(standing("sms", "marketing", "0901234567").await, "refused");
    let all = shop.get("/v1/customers/ext:web-7/consents").await.json();
    let of = |purpose: &str| {
        let mut all = all["data"].as_array().unwrap().iter();
        all.find(|one| one["purpose"] == purpose).unwrap()["status"].clone()
    };
    assert_eq!((of("advertising"), of("functional")), (json!("granted"), json!("denied")), "{all}");
    // A key that anybody can read speaks for nobody.
    let page = shop.key("page", "north");
    send(&shop, &page, "/v1/identify", said("c-3", "SUBSCRIBED")).await;
    assert_eq!(standing("sms", "marketing", "0901234567").await, "refused");
}

#[tokio::test]
async fn a_batch_is_taken_once_and_what_cannot_be_taken_is_laid_aside() {
    let shop = Shop::open();
    let key = shop.key("intake", "north");
    ana_on_the_web(&shop, &key).await;
    let batch = json!({"sentAt": "2026-03-01T01:00:00Z", "batch": [
        completed("m-1", "o-1", 12.5),
        {"type": "track", "event": "Product Viewed", "userId": "web-7", "messageId": "m-2", "properties": {"product_id": "latte"}},
        {"type": "track", "userId": "web-7", "messageId": "m-3"},
        completed("m-4", "o-2", -1.0),
        {"type": "page", "anonymousId": "stranger", "messageId": "m-5", "name": "Home"},
    ]});
    let said = send(&shop, &key, "/v1/batch", batch.clone()).await;
    insta::assert_snapshot!("batch_taken", said.shown());
    // 12.50: 12 for dollars and 50 once a day.
    assert_eq!(available(&shop, "phone:0901234567").await, 62);
    insta::assert_snapshot!("dead_items", shop.get("/v1/dead-items").await.shown());
    // Sent again, because the answer was lost; and the same order under another message's id.
    send(&shop, &key, "/v1/batch", batch).await;
    send(&shop, &key, "/v1/track", completed("m-9", "o-1", 12.5)).await;
    assert_eq!(available(&shop, "phone:0901234567").await, 62);
    assert_eq!(shop.get("/v1/dead-items").await.json()["data"].as_array().unwrap().len(), 2);
    insta::assert_snapshot!("order_from_outside", shop.get("/v1/orders/o-1").await.shown());
}

#[tokio::test]
async fn refunds_take_back_to_the_unit_and_never_more_than_there_is() {
    let shop = Shop::open();
    let key = shop.key("intake", "north");
    ana_on_the_web(&shop, &key).await;
    send(&shop, &key, "/v1/track", completed("m-1", "o-1", 100.0)).await;
    assert_eq!(available(&shop, "ext:web-7").await, 150);
    let refund = |message: &str, more: Value| {
        let mut properties = json!({"order_id": "o-1"});
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"event": "Order Refunded", "userId": "web-7", "messageId": message, "properties": properties})
    };
    send(&shop, &key, "/v1/track", refund("r-1", json!({"total": 30}))).await;
    let after_one = available(&shop, "ext:web-7").await;
    // The same refund in another message, because it says its own id.
    for message in ["r-2", "r-3"] {
        send(&shop, &key, "/v1/track", refund(message, json!({"refund_id": "back", "total": 20}))).await;
    }
    let after_two = available(&shop, "ext:web-7").await;
    assert!(
        after_two.as_i64() < after_one.as_i64() && after_one.as_i64() < Some(150),
        "{after_one} {after_two}"
    );
    // More than is left is what is left; and then nothing is.
    send(&shop, &key, "/v1/track", refund("r-4", json!({"total": 500}))).await;
    assert_eq!(available(&shop, "ext:web-7").await, 0);
    send(&shop, &key, "/v1/track", refund("r-5", json!({"total": 500}))).await;
    assert_eq!(available(&shop, "ext:web-7").await, 0);
    assert_eq!(shop.get("/v1/dead-items").await.json()["data"], json!([]));
}

#[tokio::test]
async fn a_refund_waits_for_its_order_and_a_cancelled_order_earns_nothing() {
    let shop = Shop::open();
    let key = shop.key("intake", "north");
    ana_on_the_web(&shop, &key).await;
    let refund = json!({"event": "Order Refunded", "userId": "web-7", "messageId": "r-1", "properties": {"order_id": "o-1", "total": 50}});
    send(&shop, &key, "/v1/track", refund).await;
    assert_eq!(available(&shop, "ext:web-7").await, 0);
    send(&shop, &key, "/v1/track", completed("m-1", "o-1", 100.0)).await;
    assert_eq!(available(&shop, "ext:web-7").await, 150);
    shop.later(jiff::SignedDuration::from_mins(2));
    let after = available(&shop, "ext:web-7").await;
    assert!(after.as_i64() < Some(150), "{after}");
    let cancelled = json!({"event": "Order Cancelled", "userId": "web-7", "messageId": "c-1", "properties": {"order_id": "o-1"}});
    send(&shop, &key, "/v1/track", cancelled).await;
    assert_eq!(available(&shop, "ext:web-7").await, 0);
    assert_eq!(shop.get("/v1/dead-items").await.json()["data"], json!([]));
}

#[tokio::test]
async fn an_order_told_anew_replaces_what_was_told() {
    let shop = Shop::open();
    let key = shop.key("intake", "north");
    ana_on_the_web(&shop, &key).await;
    send(&shop, &key, "/v1/track", completed("m-1", "o-1", 100)).await;
    assert_eq!(available(&shop, "ext:web-7").await, 150);
    let updated = |message: &str, at: &str, total: i64| {
        let mut said = completed(message, "o-1", total);
        said["event"] = "Order Updated".into();
        said["timestamp"] = at.into();
        said
    };
    send(&shop, &key, "/v1/track", updated("u-1", "2026-03-01T00:59:30Z", 40)).await;
    assert_eq!(available(&shop, "ext:web-7").await, 90);
    // Older news that comes later, and the same news in another message.
    send(&shop, &key, "/v1/track", updated("u-2", "2026-03-01T00:59:20Z", 70)).await;
    send(&shop, &key, "/v1/track", updated("u-3", "2026-03-01T00:59:30Z", 40)).await;
    assert_eq!(available(&shop, "ext:web-7").await, 90);
    // One that was not known is recorded.
    let mut unknown = updated("u-4", "2026-03-01T00:59:40Z", 10);
    unknown["properties"]["order_id"] = "o-2".into();
    send(&shop, &key, "/v1/track", unknown).await;
    assert_eq!(available(&shop, "ext:web-7").await, 100);
    assert_eq!(shop.get("/v1/dead-items").await.json()["data"], json!([]));
}

#[tokio::test]
async fn what_a_visitor_did_is_theirs_when_they_say_who_they_are() {
    let shop = Shop::open();
    let key = shop.key("intake", "north");
    shop.ana().await;
    let batch = json!({"batch": [
        {"type": "page", "anonymousId": "browser-1", "messageId": "m-1"},
        {"type": "track", "event": "Review", "anonymousId": "browser-1", "messageId": "m-2"},
        {"type": "identify", "anonymousId": "browser-1", "userId": "web-7", "messageId": "m-3", "context": {"traits": {"phone": "0901234567"}}},
    ]});
    send(&shop, &key, "/v1/batch", batch).await;
    assert_eq!(available(&shop, "phone:0901234567").await, 5, "the review counts");
    let found = |id: &str| format!("/v1/customers/{id}");
    let ana = shop.get(&found("phone:0901234567")).await.json();
    assert_eq!(shop.get(&found("anon:browser-1")).await.json()["id"], ana["id"]);
    assert_eq!(shop.get(&found("ext:web-7")).await.json()["id"], ana["id"]);
}

#[tokio::test]
async fn an_order_of_somebody_who_has_not_joined_is_nobody_s_until_they_claim_it() {
    let shop = Shop::open();
    let key = shop.key("intake", "north");
    let who = json!({"userId": "web-7", "messageId": "m-0", "traits": {"phone": "0901234567"}});
    send(&shop, &key, "/v1/identify", who).await;
    send(&shop, &key, "/v1/track", completed("m-1", "o-1", 10.0)).await;
    settle(&shop.app).await.unwrap();
    shop.ana().await;
    let claim = json!({"customer": "ext:web-7", "order": "o-1"});
    assert_eq!(shop.post("/v1/claims", claim).await.status, StatusCode::CREATED);
    assert_eq!(available(&shop, "ext:web-7").await, 60);
}

#[tokio::test]
async fn the_key_of_a_page_moves_no_points_and_makes_nobody_one() {
    let shop = Shop::open();
    let (page, server) = (shop.key("page", "north"), shop.key("intake", "north"));
    ana_on_the_web(&shop, &server).await;
    let thief =
        json!({"userId": "thief", "messageId": "m-1", "traits": {"phone": "0901234567", "plan": "platinum"}});
    assert_eq!(send(&shop, &page, "/v1/i", thief).await.status, StatusCode::OK);
    send(&shop, &page, "/v1/t", completed("m-2", "o-1", 100.0)).await;
    let review = json!({"event": "Review", "userId": "web-7", "messageId": "m-3"});
    send(&shop, &page, "/v1/t", review).await;
    assert_eq!(available(&shop, "ext:web-7").await, 0);
    let ana = shop.get("/v1/customers/phone:0901234567").await.json();
    assert_ne!(shop.get("/v1/customers/ext:thief").await.json()["id"], ana["id"]);
    let dead = shop.get("/v1/dead-items").await.json();
    assert_eq!(dead["data"].as_array().unwrap().len(), 1);
    assert!(
        dead["data"][0]["reason"].as_str().unwrap().starts_with("orders count only with a key"),
        "{dead}"
    );
    // The same key opens nothing else.
    for path in ["/v1/customers/phone:0901234567", "/v1/dead-items", "/v1/keys"] {
        assert_eq!(
            shop.ask_as(&page, Method::GET, path, None, &[]).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    // Somebody looks at it and lets it count.
    let again = format!("/v1/dead-items/{}/retry", dead["data"][0]["id"].as_str().unwrap());
    insta::assert_snapshot!("tried_again", shop.post(&again, json!({})).await.shown());
    assert_eq!(available(&shop, "ext:web-7").await, 150);
    assert_eq!(shop.get("/v1/dead-items").await.json()["data"], json!([]));
}

#[tokio::test]
async fn every_way_of_saying_the_key() {
    let shop = Shop::open();
    let key = shop.key("page", "north");
    let body = json!({"anonymousId": "a", "sentAt": "2026-03-01T01:00:00Z"});
    let with_key = {
        let mut body = body.clone();
        body["writeKey"] = key.as_str().into();
        body.to_string().into_bytes()
    };
    let body = body.to_string().into_bytes();
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    let (colon, bare) = (basic(&format!("{key}:")), basic(&key));
    let mut zip = GzEncoder::new(Vec::new(), Compression::default());
    zip.write_all(&with_key).unwrap();
    let zipped = zip.finish().unwrap();
    for (headers, body) in [
        (vec![("authorization", colon.as_str())], &body),
        (vec![("authorization", bare.as_str())], &body),
        (vec![("x-write-key", key.as_str())], &body),
        (vec![("content-type", "text/plain"), ("origin", "https://shop.example")], &with_key),
        (vec![("authorization", "Bearer of-an-oauth-proxy")], &with_key),
        (vec![("content-encoding", "gzip"), ("content-type", "application/json")], &zipped),
    ] {
        let said = send_bare(&shop, "/v1/p", &headers, body.clone()).await;
        assert_eq!((said.status, said.json()), (StatusCode::OK, json!({"success": true})), "{headers:?}");
        assert_eq!(said.headers["access-control-allow-origin"], "*");
    }
}

#[tokio::test]
async fn a_browser_is_let_in_and_told_where_to_send() {
    let shop = Shop::open();
    let preflight =
        Request::builder().method(Method::OPTIONS).uri("/v1/t").header("origin", "https://shop.example");
    let said = shop.send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(said.status, StatusCode::NO_CONTENT);
    let allowed = said.headers["access-control-allow-headers"].to_str().unwrap();
    assert!(
        ["authorization", "content-type", "x-retry-count"].iter().all(|name| allowed.contains(name)),
        "{allowed}"
    );
    let ask = Request::builder()
        .uri("/v1/projects/per_x/settings")
        .header("host", "shop.example")
        .header("x-request-id", "test");
    insta::assert_snapshot!("settings", shop.send(ask.body(Body::empty()).unwrap()).await.shown());
}

#[tokio::test]
async fn a_no_says_whether_to_send_again() {
    let shop = Shop::with(server::app::Settings { per_second: 1, burst: 1, ..Default::default() }, true);
    let (key, reader) = (shop.key("page", "north"), shop.key("analyst", "north"));
    let body = json!({"anonymousId": "a"});
    let none = send_bare(&shop, "/v1/p", &[], body.to_string().into_bytes()).await;
    insta::assert_snapshot!("no_write_key", none.shown());
    assert_eq!(send(&shop, &reader, "/v1/p", body.clone()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(&shop, &key, "/v1/batch", body.clone()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let auth = format!("Basic {}", STANDARD.encode(&key));
    let cut = send_bare(&shop, "/v1/p", &[("authorization", &auth)], b"{\"anonymousId\"".to_vec()).await;
    assert_eq!(cut.status, StatusCode::BAD_REQUEST);
    let long = vec![b' '; (4 << 20) + 1];
    assert_eq!(send_bare(&shop, "/v1/batch", &[], long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    // A limit is a pause and not a loss.
    let mut last = send(&shop, &key, "/v1/p", body.clone()).await;
    for _ in 0..100 {
        if last.status == StatusCode::OK {
            last = send(&shop, &key, "/v1/p", body.clone()).await;
        }
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.headers.contains_key("retry-after") && last.headers.contains_key("x-ratelimit-reset"));
    // A server that is about to end is one to come back to.
    shop.app.begin_to_close();
    let closing = send(&shop, &key, "/v1/p", body).await;
    assert_eq!(closing.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(closing.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn before_there_is_a_program_everything_waits() {
    let shop = Shop::with(server::app::Settings::default(), false);
    let key = shop.key("intake", "north");
    assert_eq!(send(&shop, &key, "/v1/track", completed("m-1", "o-1", 10.0)).await.status, StatusCode::OK);
    assert_eq!(settle(&shop.app).await.unwrap(), 0);
    let files = json!({"files": {"program.toml": crate::shop::PROGRAM}});
    let said = shop.post("/v1/programs", files).await;
    assert!(said.status.is_success(), "{}", said.shown());
    assert_eq!(settle(&shop.app).await.unwrap(), 1);
    assert_eq!(shop.get("/v1/orders/o-1").await.status, StatusCode::OK);
}
