//! `/v1/webhooks`: told to a receiver that really listens, on a port of its own.

use crate::shop::Shop;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::app::Settings;
use server::webhooks::desk::settle;
use sha2::Sha256;
use std::sync::{Arc, Mutex};

/// What was received: id, time, signatures, body.
#[derive(Debug, Clone)]
struct Got {
    id: String,
    at: String,
    signatures: String,
    body: String,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn topic(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// Whether one of the signatures is of this secret.
    fn is_signed_by(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", self.id, self.at, self.body).as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.signatures.split(' ').any(|one| one == signature)
    }
}

/// Somebody who listens on a port of their own, and answers what they are told to.
#[derive(Clone)]
pub struct Receiver {
    got: Arc<Mutex<Vec<Got>>>,
    answer: Arc<Mutex<(u16, Option<&'static str>)>>,
    url: String,
}

impl Receiver {
    pub async fn open() -> Receiver {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = Receiver { got: Arc::default(), answer: Arc::new(Mutex::new((204, None))), url };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    fn answer(&self, status: u16) {
        *self.answer.lock().unwrap() = (status, None);
    }

    pub fn topics(&self) -> Vec<String> {
        self.got.lock().unwrap().iter().map(Got::topic).collect()
    }

    fn take(&self) -> Vec<Got> {
        std::mem::take(&mut self.got.lock().unwrap())
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> (StatusCode, HeaderMap) {
    let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    receiver.got.lock().unwrap().push(Got {
        id: text("webhook-id"),
        at: text("webhook-timestamp"),
        signatures: text("webhook-signature"),
        body,
    });
    let (status, after) = *receiver.answer.lock().unwrap();
    let mut headers = HeaderMap::new();
    if let Some(after) = after {
        headers.insert("retry-after", after.parse().unwrap());
    }
    (StatusCode::from_u16(status).unwrap(), headers)
}

/// The corner shop, which may tell this machine.
fn shop() -> Shop {
    Shop::with(inside(), true)
}

pub fn inside() -> Settings {
    Settings { webhook_inside: vec!["127.0.0.0/8".parse().unwrap()], ..Settings::default() }
}

/// Tell a receiver; the webhook's id and secret.
pub async fn tell(shop: &Shop, receiver: &Receiver, topics: &[&str]) -> (String, String) {
    let said = shop.post("/v1/webhooks", json!({"url": receiver.url, "topics": topics})).await;
    assert_eq!(said.status, StatusCode::CREATED, "{}", said.shown());
    let text = |name: &str| said.json()[name].as_str().unwrap().to_owned();
    (text("id"), text("secret"))
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

#[tokio::test]
async fn what_happens_is_told_once_signed_and_in_order() {
    let (shop, receiver) = (shop(), Receiver::open().await);
    let (_, secret) = tell(&shop, &receiver, &["points.*"]).await;
    let (id, _) = tell(&shop, &Receiver::open().await, &["referral.moved"]).await;
    shop.ana().await;
    for order in ["o-1", "o-2", "o-3"] {
        shop.order(order, 1000).await;
    }
    assert!(settle(&shop.app).await.unwrap() >= 4);
    let got = receiver.take();
    assert!(got.iter().all(|one| one.topic() == "points.earned" && one.is_signed_by(&secret)), "{got:?}");
    assert!(got.windows(2).all(|two| two[0].id < two[1].id), "in order: {got:?}");
    assert_eq!(got[0].at, "1772326800", "seconds of the time of sending");
    assert!(got[0].id.starts_with("msg_") && !got[0].id.contains('.'));
    assert_eq!(got[0].json()["timestamp"], "2026-03-01T01:00:00Z");
    assert!(got[0].json()["data"]["customer"].as_str().unwrap().starts_with("cus_"));
    assert_eq!(settle(&shop.app).await.unwrap(), 0, "nothing is told twice");
    let other = shop.get(&format!("/v1/webhooks/{id}")).await.json();
    assert_eq!(other["deliveries"], json!({}), "nobody is told what they did not ask for");
}

#[tokio::test]
async fn of_a_customer_the_next_waits_until_the_one_before_has_arrived() {
    let (shop, receiver) = (shop(), Receiver::open().await);
    tell(&shop, &receiver, &["points.earned"]).await;
    shop.ana().await;
    shop.order("o-1", 1000).await;
    shop.order("o-2", 1000).await;
    receiver.answer(500);
    settle(&shop.app).await.unwrap();
    let first = receiver.take();
    assert_eq!(first.len(), 1, "{first:?}");
    shop.later(minutes(1));
    settle(&shop.app).await.unwrap();
    let again = receiver.take();
    assert_eq!((again.len(), &again[0].id, &again[0].body), (1, &first[0].id, &first[0].body));
    assert_ne!(again[0].at, first[0].at, "each try has its own time");
    receiver.answer(200);
    shop.later(minutes(10));
    settle(&shop.app).await.unwrap();
    let rest = receiver.take();
    assert_eq!(rest[0].id, first[0].id);
    assert!(rest.len() >= 2 && rest.windows(2).all(|two| two[0].id < two[1].id), "{rest:?}");
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_old_one_for_a_while() {
    let (shop, receiver) = (shop(), Receiver::open().await);
    let (id, old) = tell(&shop, &receiver, &["*"]).await;
    let rotate = format!("/v1/webhooks/{id}/secrets");
    let said = shop.post_under("k-1", &rotate, json!({"overlap_hours": 24})).await;
    let new = said.json()["secret"].as_str().unwrap().to_owned();
    let again = shop.post_under("k-1", &rotate, json!({"overlap_hours": 24})).await;
    assert_eq!((again.json(), again.status), (json!({}), StatusCode::CREATED), "a secret is shown once");
    for (hours, both) in [(0, true), (25, false)] {
        shop.later(SignedDuration::from_hours(hours));
        let test = format!("/v1/webhooks/{id}/test");
        let told = shop.ask(Method::POST, &test, None).await;
        assert_eq!(told.status, StatusCode::ACCEPTED, "{}", told.shown());
        settle(&shop.app).await.unwrap();
        let got = receiver.take();
        assert_eq!(told.json()["id"], got[0].id.as_str());
        assert_eq!((got[0].is_signed_by(&old), got[0].is_signed_by(&new)), (both, true));
        assert_eq!(got[0].topic(), "webhook.test");
    }
    let listed = shop.get("/v1/webhooks").await.shown();
    assert!(!listed.contains("whsec_") && !listed.contains(&new), "{listed}");
}

#[tokio::test]
async fn a_webhook_at_which_nothing_arrives_for_three_days_is_paused_with_a_notice() {
    let (shop, dead, other) = (shop(), Receiver::open().await, Receiver::open().await);
    let (id, _) = tell(&shop, &dead, &["points.earned"]).await;
    tell(&shop, &other, &["referral.moved"]).await;
    shop.ana().await;
    shop.order("o-1", 1000).await;
    dead.answer(500);
    let path = format!("/v1/webhooks/{id}");
    let mut tries = 0;
    while shop.get(&path).await.json()["state"] == "on" {
        tries += settle(&shop.app).await.unwrap();
        shop.later(minutes(30));
        assert!(tries < 100, "never paused");
    }
    let now = shop.get(&path).await.json();
    assert_eq!(now["reason"], "nothing has arrived for three days: answered 500");
    settle(&shop.app).await.unwrap();
    assert_eq!(other.topics(), ["webhook.paused"], "the others are told");
    assert_eq!(other.take()[0].json()["data"]["webhook"], id.as_str());
    let audit = shop.get("/v1/audit?limit=1").await.json();
    assert_eq!(audit["data"][0]["actor"], "webhooks", "{audit}");
    // What happens meanwhile waits, and what was given up is told again when somebody asks for it.
    dead.take();
    dead.answer(200);
    shop.order("o-2", 1000).await;
    settle(&shop.app).await.unwrap();
    assert_eq!(dead.topics(), [""; 0]);
    let on = shop.ask(Method::PATCH, &path, Some(json!({"state": "on"}))).await;
    assert_eq!((on.status, &on.json()["reason"]), (StatusCode::OK, &Value::Null), "{}", on.shown());
    let replay = json!({"since": "2026-03-01T00:00:00Z"});
    let replayed = shop.post(&format!("{path}/replay"), replay).await;
    assert_eq!(replayed.json()["messages"], 1, "{}", replayed.shown());
    settle(&shop.app).await.unwrap();
    let causes: Vec<Value> =
        dead.take().iter().map(|one| one.json()["data"]["cause"]["id"].clone()).collect();
    assert!(causes.contains(&json!("north/o-1")) && causes.contains(&json!("north/o-2")), "{causes:?}");
}

#[tokio::test]
async fn who_answers_410_wants_nothing_any_more() {
    let (shop, receiver) = (shop(), Receiver::open().await);
    let (id, _) = tell(&shop, &receiver, &["*"]).await;
    receiver.answer(410);
    shop.ask(Method::POST, &format!("/v1/webhooks/{id}/test"), None).await;
    settle(&shop.app).await.unwrap();
    let now = shop.get(&format!("/v1/webhooks/{id}")).await.json();
    assert_eq!(now["state"], "off", "{now}");
}

#[tokio::test]
async fn who_asks_for_peace_is_left_in_peace() {
    let (shop, receiver) = (shop(), Receiver::open().await);
    let (id, _) = tell(&shop, &receiver, &["*"]).await;
    *receiver.answer.lock().unwrap() = (429, Some("600"));
    let test = format!("/v1/webhooks/{id}/test");
    shop.ask(Method::POST, &test, None).await;
    settle(&shop.app).await.unwrap();
    shop.ask(Method::POST, &test, None).await;
    shop.later(minutes(9));
    settle(&shop.app).await.unwrap();
    assert_eq!(receiver.take().len(), 1, "ten minutes were asked for");
    receiver.answer(200);
    shop.later(minutes(1));
    settle(&shop.app).await.unwrap();
    assert_eq!(receiver.take().len(), 2);
}

#[tokio::test]
async fn the_log_says_what_was_sent_and_how_each_try_went() {
    let (shop, receiver) = (shop(), Receiver::open().await);
    let (id, _) = tell(&shop, &receiver, &["points.earned"]).await;
    shop.ask(Method::POST, &format!("/v1/webhooks/{id}/test"), None).await;
    receiver.answer(302);
    settle(&shop.app).await.unwrap();
    let log = format!("/v1/webhooks/{id}/deliveries");
    let waiting = shop.get(&format!("{log}?state=waiting")).await.json();
    assert_eq!(waiting["data"][0]["problem"], "answered 302", "a redirect is not followed");
    assert_eq!(waiting["data"][0]["attempts"], 1);
    receiver.answer(200);
    shop.later(minutes(1));
    settle(&shop.app).await.unwrap();
    let message = waiting["data"][0]["id"].as_str().unwrap().to_owned();
    let whole = shop.get(&format!("{log}/{message}")).await.json();
    let statuses: Vec<&Value> = whole["tries"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!((whole["state"].as_str(), statuses), (Some("done"), vec![&json!(302), &json!(200)]));
    assert_eq!(whole["body"], receiver.take()[0].body.as_str());
    let replayed = shop.ask(Method::POST, &format!("{log}/{message}/replay"), None).await;
    assert_eq!(replayed.status, StatusCode::ACCEPTED, "{}", replayed.shown());
    settle(&shop.app).await.unwrap();
    assert_eq!(receiver.take()[0].id, message, "the same id again");
    let gone = shop.ask(Method::DELETE, &format!("/v1/webhooks/{id}"), None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(shop.get(&log).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_is_sent_to_where_only_we_can_go() {
    let shop = Shop::open();
    for url in ["https://127.0.0.1/", "https://169.254.169.254/latest", "http://shop.example/", "gopher://x/"]
    {
        let refused = shop.post("/v1/webhooks", json!({"url": url, "topics": ["*"]})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{url}: {}", refused.shown());
    }
    let inside = shop.post("/v1/webhooks", json!({"url": "https://127.0.0.1/", "topics": ["*"]})).await;
    insta::assert_snapshot!("inside", inside.shown());
    let topic =
        shop.post("/v1/webhooks", json!({"url": "https://shop.example/", "topics": ["point.*"]})).await;
    insta::assert_snapshot!("no_such_topic", topic.shown());
    // A name is looked up when it is gone to: this one leads to this machine.
    let said = shop.post("/v1/webhooks", json!({"url": "https://localhost:9/", "topics": ["*"]})).await;
    let id = said.json()["id"].as_str().unwrap().to_owned();
    shop.ask(Method::POST, &format!("/v1/webhooks/{id}/test"), None).await;
    settle(&shop.app).await.unwrap();
    let log = shop.get(&format!("/v1/webhooks/{id}/deliveries")).await.json();
    let problem = log["data"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("is not on the public network"), "{problem}");
}

#[tokio::test]
async fn what_a_server_died_over_goes_once_more() {
    let (shop, receiver) = (shop(), Receiver::open().await);
    let (id, _) = tell(&shop, &receiver, &["*"]).await;
    shop.ask(Method::POST, &format!("/v1/webhooks/{id}/test"), None).await;
    let mut died = shop.beside();
    let now = shop.app.now_micros();
    let leased =
        died.write(|writing| writing.lease_deliveries(&id, "died", (now, now + 60_000_000), 8)).unwrap();
    assert_eq!(leased.len(), 1);
    settle(&shop.app).await.unwrap();
    assert_eq!(receiver.take().len(), 0, "somebody is at it");
    shop.later(minutes(2));
    settle(&shop.app).await.unwrap();
    assert_eq!(receiver.take().len(), 1);
}

#[tokio::test]
async fn what_becomes_of_a_customer_is_told_and_names_nobody() {
    let (shop, receiver) = (shop(), Receiver::open().await);
    tell(&shop, &receiver, &["customer.*", "points.*"]).await;
    shop.ana().await;
    shop.later(SignedDuration::from_secs(1));
    shop.order("o-1", 1000).await;
    shop.later(SignedDuration::from_secs(1));
    let ana = shop.get("/v1/customers/phone:0901234567").await.json()["id"].clone();
    let path = "/v1/customers/phone:0901234567";
    let change = json!({"fields": {"name": "Nguyễn Thị An"}, "attributes": {"milk": "oat"}});
    shop.ask(Method::PATCH, path, Some(change)).await;
    shop.later(SignedDuration::from_secs(1));
    let ben = json!({"identifiers": [{"kind": "phone", "value": "0907654321"}]});
    let ben = shop.post("/v1/customers", ben).await.json()["id"].clone();
    shop.later(SignedDuration::from_secs(1));
    let merge = json!({"other": ben, "evidence": "both cards"});
    assert_eq!(shop.post(&format!("{path}/merge"), merge).await.status, StatusCode::OK);
    shop.later(SignedDuration::from_secs(1));
    let parted =
        shop.ask(Method::POST, &format!("/v1/customers/{}/unmerge", ben.as_str().unwrap()), None).await;
    assert_eq!(parted.status, StatusCode::OK, "{}", parted.shown());
    settle(&shop.app).await.unwrap();
    let got = receiver.take();
    let of = |who: &Value| -> Vec<String> {
        got.iter().filter(|one| one.json()["data"]["customer"] == *who).map(Got::topic).collect()
    };
    let anas = of(&ana);
    let about: Vec<&str> =
        anas.iter().map(String::as_str).filter(|topic| topic.starts_with("customer.")).collect();
    let expected = ["customer.created", "customer.enrolled", "customer.changed", "customer.merged"];
    assert_eq!(about, expected, "{anas:?}");
    assert_eq!(
        anas.iter().position(|topic| topic == "points.earned"),
        Some(2),
        "after the joining: {anas:?}"
    );
    assert_eq!(of(&ben).first().map(String::as_str), Some("customer.created"));
    assert!(of(&ben).contains(&"customer.parted".to_owned()), "{:?}", of(&ben));
    let changed = got.iter().find(|one| one.topic() == "customer.changed").unwrap().json();
    assert_eq!(changed["data"]["fields"], json!(["name"]), "{changed}");
    let all: String = got.iter().map(|one| one.body.as_str()).collect();
    assert!(!all.contains("Nguy") && !all.contains("0901") && !all.contains("oat"), "{all}");
    shop.ask(Method::DELETE, path, None).await;
    settle(&shop.app).await.unwrap();
    let told = receiver.take();
    let erased: Vec<&Got> = told.iter().filter(|one| one.topic() == "customer.erased").collect();
    assert_eq!(erased.len(), 1, "{told:?}");
    assert_eq!(erased[0].json()["data"]["customer"], ana);
}
