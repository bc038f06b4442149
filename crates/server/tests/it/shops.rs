//! `/v1/hooks/…`: webhooks of web shops, signed as the shops sign them.

use crate::shop::{Said, Shop};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use server::intake::work::settle;
use sha2::Sha256;

fn signed(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

async fn post(shop: &Shop, path: &str, headers: &[(&str, &str)], body: &str) -> Said {
    let mut request = Request::builder().method(Method::POST).uri(path).header("x-request-id", "test");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    shop.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn shopify(shop: &Shop, id: &str, topic: &str, body: &Value) -> Said {
    let body = body.to_string();
    let signature = signed("hush", &body);
    let headers = [
        ("x-shopify-hmac-sha256", signature.as_str()),
        ("x-shopify-topic", topic),
        ("x-shopify-webhook-id", id),
    ];
    post(shop, "/v1/hooks/shopify/north", &headers, &body).await
}

async fn woo(shop: &Shop, topic: &str, body: &Value) -> Said {
    let body = body.to_string();
    let signature = signed("a&b", &body);
    let headers = [
        ("x-wc-webhook-signature", signature.as_str()),
        ("x-wc-webhook-topic", topic),
        ("x-wc-webhook-delivery-id", "same-second"),
    ];
    post(shop, "/v1/hooks/woocommerce/north", &headers, &body).await
}

async fn available(shop: &Shop) -> Value {
    settle(&shop.app).await.unwrap();
    shop.get("/v1/customers/phone:0901234567/balances").await.json()["data"][0]["available"].clone()
}

async fn no_dead(shop: &Shop) {
    assert_eq!(shop.get("/v1/dead-items").await.json()["data"], json!([]));
}

/// The corner shop with a web shop of one kind, where Ana has joined.
async fn opened(dialect: &str, secret: &str) -> Shop {
    let shop = Shop::open();
    let path = format!("/v1/shops/north/{dialect}");
    let said = shop.ask(Method::PUT, &path, Some(json!({"secret": secret}))).await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.shown());
    shop.ana().await;
    shop
}

fn shopify_order(status: &str) -> Value {
    json!({"id": 820982911946154508i64, "name": "#1001", "currency": "USD", "financial_status": status, "taxes_included": true,
        "processed_at": "2026-03-01T00:30:00Z", "updated_at": "2026-03-01T00:31:00Z", "phone": "0901234567",
        "customer": {"id": 115310627314723954i64, "first_name": "Ana", "updated_at": "2026-03-01T00:31:00Z"},
        "line_items": [{"id": 1, "sku": "latte", "price": "4.00", "quantity": 5}, {"id": 2, "sku": "cake", "price": "10.00", "quantity": 1}],
        "shipping_lines": [{"discounted_price": "5.00"}]})
}

#[tokio::test]
async fn an_order_of_shopify_counts_when_it_is_paid_and_once() {
    let shop = opened("shopify", "hush").await;
    assert_eq!(
        shopify(&shop, "w-1", "orders/create", &shopify_order("pending")).await.status,
        StatusCode::OK
    );
    assert_eq!(available(&shop).await, 0);
    for (id, topic) in [("w-2", "orders/paid"), ("w-2", "orders/paid"), ("w-3", "orders/updated")] {
        shopify(&shop, id, topic, &shopify_order("paid")).await;
    }
    assert_eq!(available(&shop).await, 80, "30 for dollars, 50 once a day");
    let refund = json!({"id": 9, "order_id": 820982911946154508i64,
        "refund_line_items": [{"line_item_id": 2, "quantity": 1, "subtotal": "10.00", "total_tax": "0.00"}],
        "transactions": [{"kind": "refund", "status": "success", "amount": "10.00", "currency": "USD"}]});
    shopify(&shop, "w-4", "refunds/create", &refund).await;
    let after = available(&shop).await;
    // Told again under another delivery, as a retry by hand does.
    shopify(&shop, "w-5", "refunds/create", &refund).await;
    assert_eq!(available(&shop).await, after);
    assert!(after.as_i64() < Some(80), "{after}");
    shopify(&shop, "w-6", "orders/cancelled", &shopify_order("refunded")).await;
    assert_eq!(available(&shop).await, 0);
    // A retry of long ago, and news of its packing: it stays cancelled.
    let mut news = shopify_order("refunded");
    shopify(&shop, "w-7", "orders/updated", &news).await;
    news["updated_at"] = "2026-03-01T00:50:00Z".into();
    shopify(&shop, "w-8", "orders/updated", &news).await;
    assert_eq!(available(&shop).await, 0);
    no_dead(&shop).await;
}

#[tokio::test]
async fn what_a_customer_of_shopify_agreed_to_is_kept_with_its_proof() {
    let shop = opened("shopify", "hush").await;
    let mut customer = json!({"id": 5, "email": "ana@corner.example", "phone": "0901234567",
        "updated_at": "2026-03-01T00:40:00Z", "email_marketing_consent": {"state": "subscribed",
        "opt_in_level": "confirmed_opt_in", "consent_updated_at": "2026-03-01T00:39:00Z"},
        "sms_marketing_consent": {"state": "not_subscribed", "opt_in_level": "single_opt_in"}});
    shopify(&shop, "w-1", "customers/create", &customer).await;
    let stands = async |channel: &str, address: &str| {
        settle(&shop.app).await.unwrap();
        let query = format!("/v1/consents?channel={channel}&purpose=marketing&address={address}");
        shop.get(&query).await.json()["standing"].clone()
    };
    assert_eq!(stands("email", "ana@corner.example").await, "granted");
    assert_eq!(stands("sms", "0901234567").await, "silent", "nobody was asked");
    customer["updated_at"] = "2026-03-01T00:50:00Z".into();
    customer["email_marketing_consent"]["state"] = "unsubscribed".into();
    customer["email_marketing_consent"]["consent_updated_at"] = "2026-03-01T00:49:00Z".into();
    shopify(&shop, "w-2", "customers/update", &customer).await;
    assert_eq!(stands("email", "ana@corner.example").await, "refused");
    let all = shop.get("/v1/customers/email:ana@corner.example/consents").await.json();
    assert_eq!(all["data"][0]["text_version"], "shopify confirmed_opt_in", "{all}");
    no_dead(&shop).await;
}

#[tokio::test]
async fn a_refund_of_shopify_that_comes_first_waits() {
    let shop = opened("shopify", "hush").await;
    let refund = json!({"id": 9, "order_id": 820982911946154508i64, "refund_line_items": [],
        "transactions": [{"kind": "refund", "status": "success", "amount": "500.00", "currency": "USD"}]});
    shopify(&shop, "w-1", "refunds/create", &refund).await;
    shopify(&shop, "w-2", "orders/paid", &shopify_order("paid")).await;
    assert_eq!(available(&shop).await, 80);
    shop.later(jiff::SignedDuration::from_mins(2));
    assert_eq!(available(&shop).await, 0);
    no_dead(&shop).await;
}

#[tokio::test]
async fn what_is_not_signed_by_the_shop_is_not_heard() {
    let shop = opened("shopify", "hush").await;
    let body = shopify_order("paid").to_string();
    let good = signed("hush", &body);
    for (path, signature, said) in [
        ("/v1/hooks/shopify/north", signed("hash", &body), body.clone()),
        ("/v1/hooks/shopify/north", good.clone(), body.replace("4.00", "9.00")),
        ("/v1/hooks/shopify/north", String::new(), body.clone()),
        ("/v1/hooks/shopify/south", good.clone(), body.clone()),
        ("/v1/hooks/woocommerce/north", good, body.clone()),
    ] {
        let headers = [
            ("x-shopify-hmac-sha256", signature.as_str()),
            ("x-wc-webhook-signature", signature.as_str()),
            ("x-shopify-topic", "orders/paid"),
        ];
        assert_eq!(
            post(&shop, path, &headers, &said).await.status,
            StatusCode::UNAUTHORIZED,
            "{path} {signature}"
        );
    }
    assert_eq!(available(&shop).await, 0);
    insta::assert_snapshot!("not_signed", post(&shop, "/v1/hooks/shopify/north", &[], &body).await.shown());
}

#[tokio::test]
async fn what_a_shop_asks_for_by_law_waits_for_a_person() {
    let shop = opened("shopify", "hush").await;
    shopify(&shop, "w-1", "customers/redact", &json!({"customer": {"id": 1}})).await;
    settle(&shop.app).await.unwrap();
    let dead = shop.get("/v1/dead-items").await.json();
    assert_eq!(
        dead["data"][0]["reason"],
        "the shop asks to forget this customer: erase them, then lay this aside"
    );
    let path = format!("/v1/dead-items/{}", dead["data"][0]["id"].as_str().unwrap());
    insta::assert_snapshot!("laid_aside", shop.ask(Method::DELETE, &path, None).await.shown());
    no_dead(&shop).await;
}

fn woo_order(status: &str, modified: &str, refunds: Value) -> Value {
    json!({"id": 727, "number": "727", "status": status, "currency": "USD", "customer_id": 5, "date_created_gmt": "2026-03-01T00:30:00",
        "date_modified_gmt": modified, "shipping_total": "0", "shipping_tax": "0", "billing": {"phone": "0901234567", "email": ""},
        "line_items": [{"id": 315, "product_id": 93, "quantity": 2, "subtotal": "40.00", "subtotal_tax": "0", "total": "30.00", "total_tax": "0"}],
        "refunds": refunds})
}

#[tokio::test]
async fn an_order_of_woocommerce_through_its_life() {
    let shop = opened("woocommerce", "a&amp;b").await;
    let ping = post(
        &shop,
        "/v1/hooks/woocommerce/north",
        &[("content-type", "application/x-www-form-urlencoded")],
        "webhook_id=1",
    )
    .await;
    assert_eq!(ping.status, StatusCode::OK, "an unsigned ping makes the webhook");
    let said = woo(&shop, "order.created", &woo_order("pending", "2026-03-01T00:30:00", json!([]))).await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.shown());
    assert_eq!(available(&shop).await, 0);
    for _ in 0..2 {
        woo(&shop, "order.updated", &woo_order("processing", "2026-03-01T00:31:00", json!([]))).await;
    }
    assert_eq!(available(&shop).await, 80);
    let part = json!([{"id": 801, "total": "-15.00"}]);
    woo(&shop, "order.updated", &woo_order("processing", "2026-03-01T00:40:00", part.clone())).await;
    assert_eq!(available(&shop).await, 40, "half of it came back");
    woo(&shop, "order.updated", &woo_order("completed", "2026-03-01T00:41:00", part)).await;
    assert_eq!(available(&shop).await, 40);
    woo(&shop, "order.deleted", &json!({"id": 727})).await;
    assert_eq!(available(&shop).await, 0);
    no_dead(&shop).await;
}

#[tokio::test]
async fn shops_are_listed_without_their_secrets() {
    let shop = opened("shopify", "hush").await;
    let listed = shop.get("/v1/shops").await;
    insta::assert_snapshot!("shops", listed.shown());
    assert!(!listed.shown().contains("hush"));
    let unknown = shop.ask(Method::PUT, "/v1/shops/north/magento", Some(json!({"secret": "x"}))).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert_eq!(shop.ask(Method::DELETE, "/v1/shops/north/shopify", None).await.json()["data"], json!([]));
    let said = shopify(&shop, "w-1", "orders/paid", &shopify_order("paid")).await;
    assert_eq!(said.status, StatusCode::UNAUTHORIZED);
}
