//! Attributes that are sensitive: sealed in the database and wherever else something is written down, told in a person's
//! own data, gone with the person.

use crate::shop::Shop;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use store::{Keyring, SealKey};

const ANA: &str = "/v1/customers/phone:0901234567";
const SECRET: &str = "walnuts and bee stings";

async fn set(shop: &Shop, attributes: Value) -> StatusCode {
    let change = json!({ "attributes": attributes });
    shop.ask(Method::PATCH, ANA, Some(change)).await.status
}

async fn define(shop: &Shop, name: &str, kind: &str, is_sensitive: bool) -> Value {
    let body = json!({"kind": kind, "is_sensitive": is_sensitive});
    shop.ask(Method::PUT, &format!("/v1/attributes/{name}"), Some(body)).await.json()
}

/// What Ana's own data say of an attribute.
async fn told(shop: &Shop, name: &str) -> Value {
    let data = shop.get(&format!("{ANA}/data")).await;
    assert_eq!(data.status, StatusCode::OK, "{}", data.shown());
    let data = data.json();
    let all = data["person"]["attributes"].as_array().unwrap().clone();
    all.into_iter().find(|one| one["name"] == name).map_or(Value::Null, |one| one["value"].clone())
}

/// Whether a text is anywhere in the files of the database.
fn is_on_disk(shop: &Shop, text: &str) -> bool {
    let folder = std::path::Path::new(&shop.url).parent().unwrap();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).any(|path| {
        let bytes = std::fs::read(path).unwrap();
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    })
}

#[tokio::test]
async fn what_is_sensitive_is_nowhere_in_the_clear_and_told_to_the_person() {
    let shop = Shop::open();
    shop.ana().await;
    assert_eq!(define(&shop, "allergy", "text", true).await["is_sensitive"], true);
    assert_eq!(set(&shop, json!({"allergy": SECRET, "milk": "oat"})).await, StatusCode::OK);
    assert_eq!(told(&shop, "allergy").await, SECRET);
    let id = shop.get(ANA).await.json()["id"].as_str().unwrap().to_owned();
    // Also where somebody is enrolled with it.
    let enrolled = json!({"identifiers": [{"kind": "phone", "value": "0907654321"}],
        "profile": {"attributes": {"allergy": SECRET}}});
    assert_eq!(shop.post("/v1/customers", enrolled).await.status, StatusCode::CREATED);

    let session = shop.beside();
    let kept = session.read().attributes_of(&id).unwrap();
    assert!(kept[0].is_sealed && !kept[0].value.contains(SECRET), "{kept:?}");
    assert!(!kept[1].is_sealed && kept[1].value == "oat", "{kept:?}");
    let audit = shop.get("/v1/audit?limit=100").await.shown();
    assert!(audit.contains("allergy") && audit.contains("•••") && !audit.contains("walnuts"), "{audit}");
    let messages = session.read().messages_after("", 1000).unwrap();
    assert!(!format!("{messages:?}").contains("walnuts"));
    let shown = engine::people::show::show(&session.read(), &id, shop.app.now()).unwrap();
    assert_eq!((shown.attributes[0].value.as_str(), shown.attributes[0].is_sensitive), ("•••", true));
    assert!(!is_on_disk(&shop, "walnuts"), "in the clear in the files of the database");
    assert!(is_on_disk(&shop, "allergy"), "the looking looks");

    // What does not fit is refused, and the refusal does not repeat it.
    define(&shop, "age", "number", true).await;
    let refused = shop.ask(Method::PATCH, ANA, Some(json!({"attributes": {"age": "walnuts"}}))).await;
    assert!(refused.status.is_client_error() && !refused.shown().contains("walnuts"), "{}", refused.shown());

    shop.ask(Method::DELETE, ANA, None).await;
    assert!(shop.beside().read().attributes_of(&id).unwrap().is_empty());
}

#[tokio::test]
async fn what_becomes_sensitive_is_sealed_at_once_and_stays_so() {
    let shop = Shop::open();
    shop.ana().await;
    set(&shop, json!({"allergy": SECRET})).await;
    define(&shop, "allergy", "text", true).await;
    let id = shop.get(ANA).await.json()["id"].as_str().unwrap().to_owned();
    assert!(shop.beside().read().attributes_of(&id).unwrap()[0].is_sealed);
    assert_eq!(told(&shop, "allergy").await, SECRET);
    assert_eq!(define(&shop, "allergy", "text", false).await["is_sensitive"], true, "for good");
    let all = shop.get("/v1/attributes").await.json();
    assert_eq!(all["data"], json!([{"name": "allergy", "kind": "text", "is_sensitive": true}]));
    let wrong = shop.ask(Method::PUT, "/v1/attributes/allergy", Some(json!({"kind": "flag"}))).await;
    assert!(wrong.status.is_client_error(), "{}", wrong.shown());
    assert!(set(&shop, json!({"allergy": ""})).await.is_success());
    assert_eq!(told(&shop, "allergy").await, Value::Null);
}

#[tokio::test]
async fn keys_are_changed_while_the_old_ones_still_read() {
    let shop = Shop::open();
    shop.ana().await;
    define(&shop, "allergy", "text", true).await;
    set(&shop, json!({"allergy": SECRET})).await;
    let id = shop.get(ANA).await.json()["id"].as_str().unwrap().to_owned();
    let with = |keys: &[u8]| {
        let keys: Vec<SealKey> = keys.iter().map(|byte| SealKey::new([*byte; 32])).collect();
        shop.beside().with_keys(Keyring::new(move || Ok(keys.clone())))
    };
    let open = |keys: &[u8]| {
        let session = with(keys);
        let rows = session.read().attributes_of(&id).unwrap();
        session.read().open_attribute(&rows[0])
    };
    // 9 is the key of the shop; a new one before it.
    let mut session = with(&[3, 9]);
    assert_eq!(open(&[3, 9]).unwrap(), SECRET, "an old key still reads");
    assert_eq!(engine::people::profile::reseal(&mut session).unwrap(), 1);
    assert_eq!(engine::people::profile::reseal(&mut session).unwrap(), 0, "all is done");
    assert_eq!(open(&[3]).unwrap(), SECRET, "the old key is not needed any more");
    let why = open(&[9]).unwrap_err().to_string();
    assert!(why.contains("not among the keys") && !why.contains(SECRET), "{why}");
    // Without its key nothing is told as if it were whole.
    let data = shop.get(&format!("{ANA}/data")).await;
    assert!(data.status.is_server_error() && !data.shown().contains("sealed"), "{}", data.shown());
}
