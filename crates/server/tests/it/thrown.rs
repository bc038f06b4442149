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
