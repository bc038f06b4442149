//! `/v1/live`: what happens, as it happens.

use crate::shop::Shop;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use futures_util::StreamExt;
use serde_json::Value;
use tower::ServiceExt;

type Events = axum::body::BodyDataStream;

/// Look on from now, or from after `last`.
async fn look_on(shop: &Shop, query: &str, last: Option<&str>) -> Events {
    let mut request = Request::builder()
        .uri(format!("/v1/live{query}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", shop.owner));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = shop.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    response.into_body().into_data_stream()
}

/// The next events with their ids: one at least.
async fn seen(stream: &mut Events) -> Vec<(String, Value)> {
    let mut text = String::new();
    while !text.contains("\n\n") {
        text += std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap();
    }
    let event = |event: &str| {
        let part = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        (part("id: ").to_owned(), serde_json::from_str(part("data: ")).unwrap())
    };
    text.split("\n\n").filter(|text| !text.is_empty()).map(event).collect()
}

#[tokio::test]
async fn what_happened_since_is_seen_and_no_more() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1", 1000).await;
    let all = seen(&mut look_on(&shop, "", Some("0")).await).await;
    let (id, event) = &all[0];
    assert!(id.starts_with("msg_") && event["type"].is_string(), "{id} {event}");
    shop.later(jiff::SignedDuration::from_secs(1));
    shop.order("o-2", 1000).await;
    let last = &all.last().unwrap().0;
    let news = seen(&mut look_on(&shop, "?topics=points.*", Some(last)).await).await;
    assert!(news.iter().all(|(id, _)| id > last), "{news:?}");
    assert!(news.iter().all(|(_, event)| event["type"] == "points.earned"), "{news:?}");
}

#[tokio::test]
async fn who_looks_on_sees_what_happens_then() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1", 1000).await;
    shop.later(jiff::SignedDuration::from_secs(1));
    let mut stream = look_on(&shop, "?topics=points.earned", None).await;
    assert_eq!(shop.order("o-2", 1000).await.status, StatusCode::CREATED);
    let seen = seen(&mut stream).await;
    assert_eq!(seen[0].1["data"]["cause"]["id"], "north/o-2", "{seen:?}");
}
