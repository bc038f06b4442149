//! What happens to every request: who may come in, how much, how large, and what an answer carries.

use crate::shop::Shop;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;
use server::app::Settings;

fn with_key(shop: &Shop, method: Method, path: &str) -> axum::http::request::Builder {
    let key = format!("Bearer {}", shop.owner);
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, key)
        .header("x-request-id", "test")
}

#[tokio::test]
async fn nobody_comes_in_without_a_key() {
    let shop = Shop::open();
    insta::assert_snapshot!("no_key", shop.ask_as("", Method::GET, "/v1/keys", None, &[]).await.shown());
    for key in ["x", "per_0000000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let said = shop.ask_as(key, Method::GET, "/v1/keys", None, &[]).await;
        assert_eq!(said.status, StatusCode::UNAUTHORIZED, "{key}");
    }
    let basic = Request::builder().uri("/v1/keys").header(header::AUTHORIZATION, {
        use base64::Engine as _;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{}:", shop.owner)))
    });
    assert_eq!(shop.send(basic.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_key_that_asks_too_often_is_told_to_wait() {
    let shop = Shop::with(Settings { per_second: 1, burst: 2, ..Settings::default() }, true);
    let first = shop.get("/v1/keys").await;
    assert_eq!(first.headers["ratelimit"], "\"key\";r=1;t=1");
    shop.get("/v1/keys").await;
    let third = shop.get("/v1/keys").await;
    insta::assert_snapshot!("rate_limited", third.shown());
    assert_eq!(third.headers["ratelimit"], "\"key\";r=0;t=2");
    assert_eq!(third.headers["ratelimit-policy"], "\"key\";q=2;w=2");
}

#[tokio::test]
async fn bodies_are_bounded_in_size_depth_and_kind() {
    let shop = Shop::with(Settings { body_bytes: 1000, ..Settings::default() }, true);
    let large = json!({"identifiers": [{"kind": "phone", "value": "1".repeat(2000)}]});
    insta::assert_snapshot!("too_large", shop.post("/v1/customers", large).await.shown());
    let zipped = {
        use std::io::Write as _;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(" ".repeat(1_000_000).as_bytes()).unwrap();
        gzip.finish().unwrap()
    };
    let bomb = with_key(&shop, Method::POST, "/v1/customers")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_ENCODING, "gzip");
    let said = shop.send(bomb.body(Body::from(zipped)).unwrap()).await;
    assert_eq!(said.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", said.shown());
    let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
    let request =
        with_key(&shop, Method::POST, "/v1/customers").header(header::CONTENT_TYPE, "application/json");
    insta::assert_snapshot!("too_deep", shop.send(request.body(Body::from(deep)).unwrap()).await.shown());
    let request = with_key(&shop, Method::POST, "/v1/customers").header(header::CONTENT_TYPE, "text/xml");
    insta::assert_snapshot!("xml", shop.send(request.body(Body::from("<a/>")).unwrap()).await.shown());
    let request =
        with_key(&shop, Method::POST, "/v1/customers").header(header::CONTENT_TYPE, "application/json");
    insta::assert_snapshot!(
        "cut_off",
        shop.send(request.body(Body::from("{\"ident")).unwrap()).await.shown()
    );
}

#[tokio::test]
async fn every_no_is_a_problem_and_every_answer_is_strict() {
    let shop = Shop::open();
    insta::assert_snapshot!("nowhere", shop.get("/v2/orders").await.shown());
    insta::assert_snapshot!("not_so", shop.ask(Method::PUT, "/v1/orders", None).await.shown());
    for path in [
        "/livez",
        "/readyz",
        "/metrics",
        "/docs/",
        "/openapi.json",
        "/v1/keys",
        "/problems/refused",
        "/nowhere",
    ] {
        let said = shop.ask_as("", Method::GET, path, None, &[]).await;
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "x-frame-options",
            "referrer-policy",
            "x-request-id",
        ] {
            assert!(said.headers.contains_key(name), "{path} lacks {name}");
        }
    }
    let harmful = Request::builder().uri("/livez").header("x-request-id", "a b").body(Body::empty()).unwrap();
    let said = shop.send(harmful).await;
    assert!(
        said.headers["x-request-id"].to_str().unwrap().starts_with("req_"),
        "a harmful id is not taken over"
    );
    assert!(
        String::from_utf8_lossy(&shop.ask_as("", Method::GET, "/metrics", None, &[]).await.bytes)
            .contains("perennial_http_requests_total")
    );
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again_and_what_is_large_is_compressed() {
    let shop = Shop::open();
    let first = shop.get("/v1/programs/corner/versions").await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    let path = "/v1/programs/corner/versions";
    let again = shop.ask_as(&shop.owner, Method::GET, path, None, &[("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
    for encoding in ["gzip", "zstd"] {
        let packed =
            shop.ask_as(&shop.owner, Method::GET, path, None, &[("accept-encoding", encoding)]).await;
        assert_eq!(packed.headers["content-encoding"], encoding);
        assert!(packed.bytes.len() < first.bytes.len());
    }
}
