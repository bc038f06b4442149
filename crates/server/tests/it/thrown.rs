//! Wrong bodies, so many of each, thrown at every route that reads one: the answer is a no with a reason, never a 5xx.
//! The bodies come from the document's own examples, with something of them left out, exchanged or blown up.

use crate::shop::Shop;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Map, Value, json};

/// Numbers that follow from a seed (xorshift64*, Vigna 2016).
struct Draws(u64);

impl Draws {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % most.max(1)
    }
}

/// What does not belong where it is put.
fn odd(draws: &mut Draws) -> Value {
    match draws.below(14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(i64::MAX),
        4 => json!(i64::MIN),
        5 => json!(0.1),
        6 => json!(1e300),
        7 => json!(""),
        8 => json!("\u{0}\u{202e}'; drop table customer; --"),
        9 => json!("9999-12-31T23:59:59Z"),
        10 => json!("x".repeat(3000)),
        11 => json!([]),
        12 => json!([[[[1]]]]),
        _ => json!({"a": {"b": null}}),
    }
}

/// One place of a body exchanged, left out, or doubled.
fn wrong(value: &Value, draws: &mut Draws) -> Value {
    match value {
        Value::Object(object) if !object.is_empty() && draws.below(6) > 0 => {
            let at = draws.below(object.len());
            let mut out = Map::new();
            for (place, (name, inner)) in object.iter().enumerate() {
                match (place == at, draws.below(5)) {
                    (true, 0) => {}
                    (true, 1) => drop(out.insert(format!("{name}_"), inner.clone())),
                    (true, 2) => drop(out.insert(name.clone(), odd(draws))),
                    (true, _) => drop(out.insert(name.clone(), wrong(inner, draws))),
                    (false, _) => drop(out.insert(name.clone(), inner.clone())),
                }
            }
            Value::Object(out)
        }
        Value::Array(all) if !all.is_empty() && draws.below(4) > 0 => {
            let at = draws.below(all.len());
            let mut out = all.clone();
            out[at] = wrong(&all[at], draws);
            if draws.below(3) == 0 {
                out.extend(all.clone());
            }
            Value::Array(out)
        }
        _ => odd(draws),
    }
}

#[tokio::test]
async fn nothing_that_is_sent_breaks_a_route() {
    let throws: usize =
        std::env::var("PERENNIAL_THROWS").ok().and_then(|text| text.parse().ok()).unwrap_or(30);
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1001", 450).await;
    let document = shop.get("/openapi.json").await.json();
    let (mut draws, mut thrown) = (Draws(7), 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let body = &operation["requestBody"]["content"]["application/json"];
            let Some(example) = body.get("example") else { continue };
            let path = path.replace("{customer}", "phone:0901234567").replace("{order}", "o-1001");
            let path = path.replace("{source}", "north");
            let method: Method = method.to_uppercase().parse().unwrap();
            for _ in 0..throws {
                let mut body = wrong(example, &mut draws);
                if let Some(object) = body.as_object_mut().filter(|_| operation["tags"][0] == "dialects") {
                    object.insert("writeKey".to_owned(), shop.owner.clone().into());
                }
                let said = shop.ask(method.clone(), &path, Some(body.clone())).await;
                assert!(!said.status.is_server_error(), "{method} {path}: {body}\n{}", said.shown());
                thrown += 1;
            }
        }
    }
    server::intake::work::settle(&shop.app).await.unwrap();
    assert!(thrown >= 20 * throws, "{thrown}");
    let verified = shop.get("/v1/dead-items").await;
    assert_eq!(verified.status, StatusCode::OK, "{}", verified.shown());
}

#[tokio::test]
async fn bytes_that_are_no_json_are_said_to_be_none() {
    let shop = Shop::open();
    let mut draws = Draws(11);
    for path in ["/v1/orders", "/v1/batch", "/v1/webhooks", "/v1/programs/plan"] {
        for round in 0..50 {
            let bytes: Vec<u8> = (0..draws.below(200)).map(|_| draws.below(256) as u8).collect();
            let request = Request::post(path)
                .header(header::AUTHORIZATION, format!("Bearer {}", shop.owner))
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(bytes))
                .unwrap();
            let said = shop.send(request).await;
            assert!(said.status.is_client_error(), "{path} {round}: {}", said.shown());
        }
    }
}

/// A JSON value of any shape.
fn any(draws: &mut Draws, depth: usize) -> Value {
    match draws.below(if depth == 0 { 6 } else { 9 }) {
        0 => json!(draws.below(2) == 0),
        1 => json!(draws.below(usize::MAX) as i64),
        2 => json!(1.0 / (draws.below(1000) as f64 - 500.5)),
        3 => json!(
            (0..draws.below(12))
                .filter_map(|_| char::from_u32(draws.below(0x11_0000) as u32))
                .collect::<String>()
        ),
        4..6 => odd(draws),
        6 => Value::Array((0..draws.below(4)).map(|_| any(draws, depth - 1)).collect()),
        _ => {
            let names =
                ["id", "type", "lines", "properties", "identifiers", "kind", "value", "batch", "userId", "x"];
            let pairs = (0..draws.below(5))
                .map(|_| (names[draws.below(names.len())].to_owned(), any(draws, depth - 1)));
            Value::Object(pairs.collect())
        }
    }
}

/// What may come as a body: any bytes, any JSON, JSON that is deep, that breaks off, that says a name twice.
fn anything(draws: &mut Draws) -> Vec<u8> {
    match draws.below(6) {
        0 => (0..draws.below(300)).map(|_| draws.below(256) as u8).collect(),
        1 => {
            let depth = draws.below(5000);
            let (open, shut) = if draws.below(2) == 0 { ("[", "]") } else { ("{\"a\":", "}") };
            format!("{}1{}", open.repeat(depth), shut.repeat(depth)).into_bytes()
        }
        2 => {
            let mut text = any(draws, 4).to_string().into_bytes();
            text.truncate(draws.below(text.len() + 1));
            text
        }
        3 => br#"{"id": 1, "id": 2, "lines": [], "lines": {}, "batch": [], "batch": 7}"#.to_vec(),
        4 => format!("{}\n{}\n", any(draws, 3), any(draws, 3)).into_bytes(),
        _ => any(draws, 6).to_string().into_bytes(),
    }
}

/// Every route that reads a body, with its example or without one, in its own dialect or in none.
#[tokio::test]
async fn whatever_comes_as_a_body_is_answered() {
    let throws: usize =
        std::env::var("PERENNIAL_THROWS").ok().and_then(|text| text.parse().ok()).unwrap_or(25);
    let shop = Shop::open();
    shop.ana().await;
    let secret = json!({"secret": "hush"});
    shop.ask(Method::PUT, "/v1/shops/north/shopify", Some(secret.clone())).await;
    shop.ask(Method::PUT, "/v1/shops/north/woocommerce", Some(secret)).await;
    let document = shop.get("/openapi.json").await.json();
    let (mut draws, mut routes) = (Draws(13), 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation.get("requestBody").is_none() {
                continue;
            }
            let path = path.replace("{customer}", "phone:0901234567").replace("{source}", "north");
            let path = path.replace("{dialect}", "shopify").replace(['{', '}'], "");
            routes += 1;
            for _ in 0..throws {
                let body = anything(&mut draws);
                let kinds = [
                    "application/json",
                    "application/json; charset=utf-8",
                    "application/x-ndjson",
                    "text/plain",
                    "",
                ];
                let mut request = Request::builder().method(method.to_uppercase().as_str()).uri(&path);
                request = request.header(header::CONTENT_TYPE, kinds[draws.below(8).min(4)]);
                if draws.below(8) == 0 {
                    request =
                        request.header(header::CONTENT_ENCODING, ["gzip", "zstd", "br"][draws.below(3)]);
                }
                if draws.below(6) > 0 {
                    request = request.header(header::AUTHORIZATION, format!("Bearer {}", shop.owner));
                }
                let shown = String::from_utf8_lossy(&body).into_owned();
                let said = shop.send(request.body(Body::from(body)).unwrap()).await;
                assert!(!said.status.is_server_error(), "{method} {path}: {shown}\n{}", said.shown());
            }
        }
    }
    assert!(routes >= 40, "{routes} routes that read a body");
    server::intake::work::settle(&shop.app).await.unwrap();
}

/// Strings that mean something elsewhere: to SQL, to a shell, to a page, to a template, to a log, to a path.
const STRINGS: [&str; 14] = [
    "'; drop table customer; --",
    "\" or 1=1 --",
    "$1",
    "?1",
    "%s%n",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "a\r\nset-cookie: x=1",
    "\u{202e}\u{feff}x",
    "nul \u{0} in it",
    "=cmd|' /c calc'!a0",
    "$(reboot)`reboot`",
];

/// Each place of a value where a text stands, exchanged for `text`.
fn with_text_in_each_place(value: &Value, text: &str) -> Vec<Value> {
    match value {
        Value::String(_) => vec![json!(text)],
        Value::Array(all) => (0..all.len())
            .flat_map(|at| {
                with_text_in_each_place(&all[at], text).into_iter().map(move |inner| {
                    let mut out = all.clone();
                    out[at] = inner;
                    Value::Array(out)
                })
            })
            .collect(),
        Value::Object(object) => object
            .iter()
            .flat_map(|(name, inner)| {
                with_text_in_each_place(inner, text).into_iter().map(move |inner| {
                    let mut out = object.clone();
                    out.insert(name.clone(), inner);
                    Value::Object(out)
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn what_means_something_elsewhere_is_text_here() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1001", 450).await;
    let document = shop.get("/openapi.json").await.json();
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            for text in STRINGS {
                // In each parameter of the path.
                let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
                let shown = path.split('/').map(|part| if part.starts_with('{') { &encoded } else { part });
                let named = shown.collect::<Vec<_>>().join("/");
                if named != *path && path != "/v1/live" {
                    let status = shop.ask(method.clone(), &named, Some(json!({}))).await;
                    assert!(!status.status.is_server_error(), "{method} {named}: {}", status.shown());
                    assert!(!status.headers.contains_key("set-cookie"), "{method} {named}");
                }
                let Some(example) = operation["requestBody"]["content"]["application/json"].get("example")
                else {
                    continue;
                };
                let path = path.replace("{customer}", "phone:0901234567").replace("{order}", "o-1001");
                let path = path.replace("{source}", "north");
                for mut body in with_text_in_each_place(example, text) {
                    if operation["tags"][0] == "dialects" {
                        body["writeKey"] = shop.owner.clone().into();
                    }
                    let said = shop.ask(method.clone(), &path, Some(body.clone())).await;
                    assert!(!said.status.is_server_error(), "{method} {path}: {body}\n{}", said.shown());
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
    server::intake::work::settle(&shop.app).await.unwrap();
    // What is a name stays one, letter by letter.
    for text in STRINGS.iter().filter(|text| !text.contains(['\0', '\r', '\u{202e}'])) {
        let change = json!({"fields": {"name": text}});
        let changed = shop.ask(Method::PATCH, "/v1/customers/phone:0901234567", Some(change)).await;
        assert_eq!(changed.status, StatusCode::OK, "{text}: {}", changed.shown());
        let name = shop.get("/v1/customers/phone:0901234567").await.json()["name"].clone();
        assert_eq!(name, *text);
    }
    assert_eq!(shop.get("/v1/orders/o-1001").await.status, StatusCode::OK, "nothing was dropped");
}
