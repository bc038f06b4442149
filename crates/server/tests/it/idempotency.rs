//! `Idempotency-Key` on every write of the document: asked again, the answer is the one that was given, and says so;
//! for another request the key is refused.

use crate::shop::{PROGRAM, Said, Shop};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::app::Settings;
use std::collections::BTreeSet;
use store::{DeadItemRow, MessageRow, Queue};

const ANA: &str = "/v1/customers/phone:0901234567";
const BEN: &str = "/v1/customers/phone:0907654321";

/// What is shown once, and in no answer that is kept.
const ONCE: [&str; 3] = ["key", "secret", "invitation"];

struct Walk {
    shop: Shop,
    walked: BTreeSet<(String, String)>,
}

impl Walk {
    /// Ask twice under a key of its own, then for `other` under the same.
    async fn twice(
        &mut self,
        method: Method,
        route: &str,
        (path, body): (&str, Option<Value>),
        other: (&str, Option<Value>),
    ) -> Value {
        let key = format!("walk-{}", self.walked.len());
        let headers = [("idempotency-key", key.as_str())];
        let ask = async |path: &str, body: Option<Value>| {
            self.shop.ask_as(&self.shop.owner, method.clone(), path, body, &headers).await
        };
        let first = ask(path, body.clone()).await;
        assert!(first.status.is_success(), "{method} {path}: {}", first.shown());
        assert!(!first.headers.contains_key("idempotency-hit"), "{method} {path}: {}", first.shown());
        let again = ask(path, body).await;
        assert!(again.status.is_success(), "{method} {path} again: {}", again.shown());
        assert_eq!(again.headers.get("idempotency-hit").unwrap(), "true", "{method} {path}");
        let (kept, given) = (again.bytes == first.bytes, (shown(&first), shown(&again)));
        assert!(kept || given.0 == given.1, "{method} {path}: {} {}", first.shown(), again.shown());
        let refused = ask(other.0, other.1).await;
        let is_refused = refused.status == StatusCode::UNPROCESSABLE_ENTITY
            && refused.json()["type"].as_str().unwrap().ends_with("/problems/idempotency-key-reused");
        assert!(is_refused, "{method} {path} for {}: {}", other.0, refused.shown());
        assert!(self.walked.insert((method.to_string(), route.to_owned())), "{method} {route} twice");
        if first.bytes.is_empty() { Value::Null } else { first.json() }
    }

    async fn body(&mut self, method: Method, route: &str, path: &str, body: Value, other: Value) -> Value {
        self.twice(method, route, (path, Some(body)), (path, Some(other))).await
    }

    async fn bare(&mut self, method: Method, route: &str, path: &str, other: &str) -> Value {
        self.twice(method, route, (path, None), (other, None)).await
    }
}

/// An answer without what is shown once. What was done is told as done, what is repeated as that.
fn shown(said: &Said) -> Value {
    let mut value = if said.bytes.is_empty() { Value::Null } else { said.json() };
    for name in ONCE {
        value.as_object_mut().map(|object| object.remove(name));
    }
    value
}

/// Something that was laid aside, for `replay`.
fn lay_aside(shop: &Shop, id: &str) {
    let row = MessageRow {
        message_id: id.to_owned(),
        topic: "seal".to_owned(),
        customer_id: None,
        body: "{}".to_owned(),
        created_at: 1,
    };
    shop.beside()
        .write(|writing| {
            writing.insert_jobs(std::slice::from_ref(&row))?;
            writing.lease(Queue::Jobs, "test", 2, 100, 10)?;
            writing.fail(Queue::Jobs, id, "test", "no", None)
        })
        .unwrap();
}

#[tokio::test]
async fn every_write_is_done_once_for_a_key() {
    let shop = Shop::with(
        Settings { webhook_inside: vec!["127.0.0.0/8".parse().unwrap()], ..Settings::default() },
        true,
    );
    shop.ana().await;
    for job in ["job-1", "job-2"] {
        lay_aside(&shop, job);
    }
    // Two that could not be taken.
    let dead = ["dead_1", "dead_2"].map(|id| DeadItemRow {
        item_id: id.to_owned(),
        source: "north".to_owned(),
        kind: "shopify".to_owned(),
        body: "{}".to_owned(),
        reason: "its order has not come".to_owned(),
        received_at: 1,
        settled_at: None,
    });
    shop.beside().write(|writing| writing.insert_dead_items(&dead)).unwrap();
    let mut walk = Walk { shop, walked: BTreeSet::new() };
    customers(&mut walk).await;
    cases(&mut walk).await;
    points(&mut walk).await;
    orders(&mut walk).await;
    webhooks(&mut walk).await;
    operation(&mut walk).await;
    partings(&mut walk).await;

    let document = walk.shop.get("/openapi.json").await.json();
    let mut expected = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let mut parameters = operation["parameters"].as_array().into_iter().flatten();
            if parameters.any(|one| one["name"] == "Idempotency-Key") {
                expected.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    assert_eq!(walk.walked, expected);
    // Whatever writes and does not take a key says why in the document.
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(method, _)| *method != "get") {
            let is_open = path.starts_with("/v1/session") || operation["tags"][0] == "dialects";
            let harmless = ["/v1/preview", "/v1/programs/plan", "/v1/bulk"].contains(&path.as_str());
            let is_known = expected.contains(&(method.to_uppercase(), path.clone()));
            assert!(is_open || harmless || is_known, "{method} {path} takes no Idempotency-Key");
        }
    }
}

async fn customers(walk: &mut Walk) {
    let keys = |phone: &str| json!({"identifiers": [{"kind": "phone", "value": phone}]});
    walk.body(Method::POST, "/v1/customers", "/v1/customers", keys("0907654321"), keys("0907654322")).await;
    walk.body(
        Method::PATCH,
        "/v1/customers/{customer}",
        ANA,
        json!({"fields": {"name": "Ana"}}),
        json!({"fields": {"name": "Anna"}}),
    )
    .await;
    let card = |number: &str| json!({"kind": "card_number", "value": number});
    let path = format!("{ANA}/identifiers");
    walk.body(Method::POST, "/v1/customers/{customer}/identifiers", &path, card("9001"), card("9002")).await;
    let path = format!("{ANA}/identifiers/end");
    walk.body(Method::POST, "/v1/customers/{customer}/identifiers/end", &path, card("9001"), card("9002"))
        .await;
    let path = format!("{BEN}/memberships");
    let route = "/v1/customers/{customer}/memberships";
    walk.body(Method::POST, route, &path, json!({}), json!({"birthday": "03-21"})).await;
    let consent = |status: &str| {
        json!({"address": "0901234567", "channel": "sms", "purpose": "marketing", "status": status,
            "jurisdiction": "vn", "text_version": "1", "language": "vi", "place": "till"})
    };
    let path = format!("{ANA}/consents");
    let route = "/v1/customers/{customer}/consents";
    walk.body(Method::POST, route, &path, consent("granted"), consent("denied")).await;
    let said = |id: &str| json!({"id": id, "customer": "phone:0901234567", "text": "The queue was long"});
    walk.body(Method::POST, "/v1/feedback", "/v1/feedback", said("F-1"), said("F-2")).await;
    let code = |purpose: &str| json!({"address": "0901234567", "purpose": purpose});
    walk.body(Method::POST, "/v1/codes", "/v1/codes", code("burn"), code("enrol")).await;
}

async fn cases(walk: &mut Walk) {
    let about = |about: &str| json!({ "about": about });
    let (route, path) = ("/v1/customers/{customer}/cases", format!("{ANA}/cases"));
    let opened = walk.body(Method::POST, route, &path, about("cold soup"), about("cold tea")).await;
    let case = format!("/v1/cases/{}", opened["id"].as_str().unwrap());
    let note = |text: &str| json!({ "text": text });
    let path = format!("{case}/notes");
    walk.body(Method::POST, "/v1/cases/{case}/notes", &path, note("called"), note("wrote")).await;
    let path = format!("{case}/close");
    walk.bare(Method::POST, "/v1/cases/{case}/close", &path, "/v1/cases/case_0/close").await;
}

async fn points(walk: &mut Walk) {
    let of = |rest: &str| (format!("/v1/customers/{{customer}}/{rest}"), format!("{ANA}/{rest}"));
    let (route, path) = of("adjustments");
    let give = |units: i64| json!({"wallet": "beans", "units": units});
    walk.body(Method::POST, &route, &path, give(900), give(901)).await;
    let (route, path) = of("transfers");
    let send = |units: i64| json!({"to": "phone:0907654321", "wallet": "beans", "units": units});
    walk.body(Method::POST, &route, &path, send(10), send(11)).await;
    let (route, path) = of("holds");
    let buy = |reward: &str| json!({"reward": reward});
    let held = walk.body(Method::POST, &route, &path, buy("coffee"), buy("cup")).await;
    assert_eq!(held["outcome"], "done", "{held}");
    for hold in ["h-1", "h-2", "h-3", "h-4"] {
        walk.shop.post(&path, json!({"id": hold, "reward": "coffee"})).await;
    }
    let act = |hold: &str, what: &str| format!("{ANA}/holds/{hold}/{what}");
    for (what, one, other) in [("capture", "h-1", "h-2"), ("release", "h-3", "h-4")] {
        let route = format!("/v1/customers/{{customer}}/holds/{{hold}}/{what}");
        walk.bare(Method::POST, &route, &act(one, what), &act(other, what)).await;
    }
    let (route, path) = of("redemptions");
    let named = |id: &str| json!({"id": id, "reward": "coffee"});
    walk.body(Method::POST, &route, &path, named("red-1"), named("red-2")).await;
    walk.shop.post(&path, named("red-2")).await;
    let back = |id: &str| format!("{ANA}/redemptions/{id}/refund");
    let route = "/v1/customers/{customer}/redemptions/{redemption}/refund";
    walk.bare(Method::POST, route, &back("red-1"), &back("red-2")).await;
    let make = |count: u32| json!({"reward": "coffee", "count": count});
    let made = walk.body(Method::POST, "/v1/vouchers", "/v1/vouchers", make(2), make(3)).await;
    let show = |order: &str| json!({"order": order, "codes": [made["codes"][0]], "bill_minor": 900});
    walk.body(Method::POST, "/v1/vouchers/use", "/v1/vouchers/use", show("o-91"), show("o-92")).await;
    // Gold has a refill three times a month.
    walk.shop.order("o-90", 10_000).await;
    let (route, path) = of("benefits");
    let refill = |id: &str| json!({"id": id, "benefit": "refill"});
    walk.body(Method::POST, &route, &path, refill("u-1"), refill("u-2")).await;
    walk.shop.post(&path, refill("u-2")).await;
    let undo = |id: &str| format!("{ANA}/benefits/{id}/undo");
    walk.bare(Method::POST, "/v1/customers/{customer}/benefits/{use}/undo", &undo("u-1"), &undo("u-2")).await;
}

async fn orders(walk: &mut Walk) {
    let line = json!([{"id": "1", "product": "latte", "gross_minor": 450}]);
    let order = |id: &str| json!({"id": id, "customer": "phone:0901234567", "lines": line});
    walk.body(Method::POST, "/v1/orders", "/v1/orders", order("o-1"), order("o-2")).await;
    for id in ["o-2", "o-3"] {
        walk.shop.post("/v1/orders", order(id)).await;
    }
    for id in ["o-4", "o-5"] {
        walk.shop.post("/v1/orders", json!({"id": id, "lines": line})).await;
    }
    let claim = |order: &str| json!({"customer": "phone:0901234567", "order": order});
    walk.body(Method::POST, "/v1/claims", "/v1/claims", claim("o-4"), claim("o-5")).await;
    let event = |id: &str| json!({"id": id, "customer": "phone:0901234567", "name": "review"});
    walk.body(Method::POST, "/v1/events", "/v1/events", event("e-1"), event("e-2")).await;
    let back = |id: &str| json!({"id": id, "lines": [{"line": "1"}]});
    let path = "/v1/orders/o-1/returns";
    walk.body(Method::POST, "/v1/orders/{order}/returns", path, back("r-1"), back("r-2")).await;
    walk.shop.post("/v1/orders/o-2/returns", back("r-2")).await;
    let undone = ("/v1/orders/o-1/returns/r-1", "/v1/orders/o-2/returns/r-2");
    walk.bare(Method::DELETE, "/v1/orders/{order}/returns/{return}", undone.0, undone.1).await;
    let voided = ("/v1/orders/o-3/void", "/v1/orders/o-2/void");
    walk.bare(Method::POST, "/v1/orders/{order}/void", voided.0, voided.1).await;
}

async fn webhooks(walk: &mut Walk) {
    let ask = |topic: &str| json!({"url": "http://127.0.0.1:9/", "topics": [topic]});
    let made = walk.body(Method::POST, "/v1/webhooks", "/v1/webhooks", ask("points.*"), ask("*")).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let (route, path) = ("/v1/webhooks/{webhook}".to_owned(), format!("/v1/webhooks/{id}"));
    let state = |state: &str| json!({"state": state});
    walk.body(Method::PATCH, &route, &path, state("paused"), state("on")).await;
    let hours = |hours: i64| json!({"overlap_hours": hours});
    let secrets = (format!("{route}/secrets"), format!("{path}/secrets"));
    walk.body(Method::POST, &secrets.0, &secrets.1, hours(1), hours(2)).await;
    let test = (format!("{route}/test"), format!("{path}/test"));
    let sent = walk.bare(Method::POST, &test.0, &test.1, "/v1/webhooks/wh_other/test").await;
    let message = sent["id"].as_str().unwrap().to_owned();
    walk.shop
        .beside()
        .damage("update delivery set state = 'dead'")
        .unwrap_or_else(|failure| panic!("{failure}"));
    let replay = format!("{path}/deliveries/{message}/replay");
    let other = format!("{path}/deliveries/msg_other/replay");
    let told = format!("{route}/deliveries/{{message}}/replay");
    walk.bare(Method::POST, &told, &replay, &other).await;
    let since = |day: u32| json!({"since": format!("2026-01-{day:02}T00:00:00Z")});
    let all = (format!("{route}/replay"), format!("{path}/replay"));
    walk.body(Method::POST, &all.0, &all.1, since(1), since(2)).await;
    walk.bare(Method::DELETE, &route, &path, "/v1/webhooks/wh_other").await;
}

async fn operation(walk: &mut Walk) {
    let key = |name: &str| json!({"name": name, "scopes": ["customers.read"]});
    let made = walk.body(Method::POST, "/v1/keys", "/v1/keys", key("a"), key("b")).await;
    let path = format!("/v1/keys/{}", made["id"].as_str().unwrap());
    walk.bare(Method::DELETE, "/v1/keys/{key}", &path, "/v1/keys/key_other").await;

    let person =
        |name: &str| json!({"email": format!("{name}@corner.example"), "name": name, "role": "service"});
    let asked = walk.body(Method::POST, "/v1/staff", "/v1/staff", person("ben"), person("chi")).await;
    let path = format!("/v1/staff/{}", asked["staff"]["id"].as_str().unwrap());
    for what in ["invitation", "disable", "enable"] {
        let (route, other) = (format!("/v1/staff/{{staff}}/{what}"), format!("/v1/staff/stf_other/{what}"));
        walk.bare(Method::POST, &route, &format!("{path}/{what}"), &other).await;
    }
    let role = |role: &str| json!({"role": role});
    let path = format!("{path}/role");
    walk.body(Method::PUT, "/v1/staff/{staff}/role", &path, role("marketer"), role("analyst")).await;

    let kind = |kind: &str| json!({"kind": kind, "is_sensitive": true});
    let (route, path) = ("/v1/attributes/{attribute}", "/v1/attributes/allergy");
    walk.body(Method::PUT, route, path, kind("text"), kind("flag")).await;

    let (route, path) = ("/v1/shops/{source}/{dialect}", "/v1/shops/web/shopify");
    let secret = |text: &str| json!({"secret": text});
    walk.body(Method::PUT, route, path, secret("hush"), secret("other")).await;
    walk.bare(Method::DELETE, route, path, "/v1/shops/web/woocommerce").await;

    let segment =
        |tag: &str| json!({"definition": format!("name = \"late\"\nwho = {{ tag = \"{tag}\" }}\n")});
    let path = "/v1/segments/late";
    walk.body(Method::PUT, "/v1/segments/{segment}", path, segment("late"), segment("gone")).await;

    let files = |text: String| json!({"files": {"program.toml": text}});
    let (same, other) = (files(PROGRAM.to_owned()), files(PROGRAM.replace("Corner Shop", "Corner")));
    walk.body(Method::POST, "/v1/programs", "/v1/programs", same, other).await;

    let dead = walk.shop.get("/v1/dead-items").await.json();
    let id = |at: usize| dead["data"][at]["id"].as_str().unwrap().to_owned();
    let (one, two) = (format!("/v1/dead-items/{}", id(0)), format!("/v1/dead-items/{}", id(1)));
    let retry = (format!("{one}/retry"), format!("{two}/retry"));
    walk.bare(Method::POST, "/v1/dead-items/{item}/retry", &retry.0, &retry.1).await;
    walk.bare(Method::DELETE, "/v1/dead-items/{item}", &two, "/v1/dead-items/dead_other").await;
    let jobs = ("/v1/jobs/job-1/replay", "/v1/jobs/job-2/replay");
    walk.bare(Method::POST, "/v1/jobs/{job}/replay", jobs.0, jobs.1).await;
}

async fn partings(walk: &mut Walk) {
    let ben = walk.shop.get(BEN).await.json()["id"].as_str().unwrap().to_owned();
    let merge = |why: &str| json!({"other": "phone:0907654321", "evidence": why});
    let path = format!("{ANA}/merge");
    walk.body(Method::POST, "/v1/customers/{customer}/merge", &path, merge("both cards"), merge("no")).await;
    let path = format!("/v1/customers/{ben}/unmerge");
    let other = "/v1/customers/cus_other/unmerge";
    walk.bare(Method::POST, "/v1/customers/{customer}/unmerge", &path, other).await;
    walk.bare(Method::DELETE, "/v1/customers/{customer}", BEN, ANA).await;
}
