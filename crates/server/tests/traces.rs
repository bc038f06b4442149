//! Traces, against a collector of our own that reads what it is sent: a span a request with its route and status, below
//! the caller's own trace, its parts below it, and nothing of anybody. A process of its own, because there is one
//! subscriber a process.

#[path = "it/shop.rs"]
#[expect(dead_code, reason = "the shop of the other tests, of which this one uses some")]
mod shop;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use serde_json::{Value, json};
use server::logs::{self, Format};
use server::traces::{Collector, Traces};
use shop::Shop;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

type Got = Arc<Mutex<Vec<(Uri, HeaderMap, Bytes)>>>;

async fn take(State(got): State<Got>, uri: Uri, headers: HeaderMap, body: Bytes) {
    got.lock().unwrap().push((uri, headers, body));
}

async fn collector() -> (String, Got) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (url, got) = (format!("http://{}", listener.local_addr().unwrap()), Got::default());
    let router = Router::new().fallback(take).with_state(got.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, got)
}

fn text(span: &Value, name: &str) -> String {
    let mut all = span["attributes"].as_array().unwrap().iter();
    all.find(|attribute| attribute["key"] == name).map(|found| found["value"].to_string()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_a_span_below_the_caller_s_with_its_parts_and_nobody_s_name() {
    let (url, got) = collector().await;
    let count = AtomicU64::new(1);
    let chance = Arc::new(move |bytes: &mut [u8]| {
        let number = count.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = number[place % 8];
        }
    });
    let traces = Traces::begin(&Collector { url, percent: 100 }, chance).unwrap();
    logs::begin("off", Format::Json, Some(&traces)).unwrap();
    let shop = Shop::open();
    shop.ana().await;
    let headers = [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
    let path = "/v1/customers/phone:0901234567";
    let profile = json!({"fields": {"name": "Nguyen Thi An", "address": "12 Hang Bac"}});
    let changed = shop.ask_as(&shop.owner, Method::PATCH, path, Some(profile), &headers).await;
    assert!(changed.status.is_success(), "{}", changed.shown());
    shop.order("o-1", 1000).await;
    shop.get("/v1/customers/phone:0905555555").await;
    shop.ask(Method::from_bytes(b"AN-0901234567").unwrap(), "/v1/an-0901234567", None).await;
    let unwanted = [("traceparent", "00-0bf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")];
    shop.ask_as(&shop.owner, Method::GET, "/v1/keys", None, &unwanted).await;
    tokio::task::spawn_blocking(move || traces.end()).await.unwrap();

    let got = got.lock().unwrap().clone();
    assert!(!got.is_empty(), "nothing was sent");
    let mut spans = Vec::new();
    for (uri, headers, body) in &got {
        assert_eq!(
            (uri.path(), headers["content-type"].to_str().unwrap()),
            ("/v1/traces", "application/json")
        );
        let sent: Value = serde_json::from_slice(body).unwrap();
        let resource = &sent["resourceSpans"][0];
        assert!(text(&resource["resource"], "service.name").contains("perennial"), "{sent}");
        spans.extend(resource["scopeSpans"][0]["spans"].as_array().unwrap().clone());
        let all = String::from_utf8_lossy(body);
        for secret in ["0901", "0905555555", "Nguyen", "Hang Bac", "cus_", "per_", shop.owner.as_str()] {
            assert!(!all.contains(secret), "{secret} is in a span: {all}");
        }
    }
    let names: Vec<String> = spans.iter().map(|span| span["name"].as_str().unwrap().to_owned()).collect();
    let find = |name: &str| {
        let found = spans.iter().find(|span| span["name"] == name);
        found.unwrap_or_else(|| panic!("no span {name} among {names:?}"))
    };
    let changed = find("PATCH /v1/customers/{customer}");
    assert_eq!(changed["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!((&changed["parentSpanId"], &changed["kind"]), (&json!("b7ad6b7169203331"), &json!(2)));
    assert_eq!(text(changed, "http.response.status_code"), r#"{"intValue":"200"}"#);
    assert!(text(changed, "http.route").contains("/v1/customers/{customer}"), "{changed}");
    let below = |span: &Value| -> Vec<String> {
        let parts = spans.iter().filter(|part| part["parentSpanId"] == span["spanId"]);
        parts.map(|part| part["name"].as_str().unwrap().to_owned()).collect()
    };
    let parts = below(changed);
    assert!(parts.contains(&"write".to_owned()) && parts.contains(&"read".to_owned()), "{parts:?}");
    let ordered = find("POST /v1/orders");
    assert!(below(ordered).contains(&"record".to_owned()), "{names:?}");
    let nanos = |span: &Value, name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
    assert!(nanos(ordered, "endTimeUnixNano") > nanos(ordered, "startTimeUnixNano"));
    let roots = spans.iter().filter(|span| span["kind"] == 2 && span.get("parentSpanId").is_none()).count();
    assert!(roots >= 5, "{names:?}");
    assert!(text(find("GET /v1/customers/{customer}"), "http.response.status_code").contains("404"));
    find("other none");
    assert!(!names.contains(&"GET /v1/keys".to_owned()), "whoever asked decided that it is not kept");
}
