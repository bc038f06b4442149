//! The kinds of problem that no other test has in a snapshot; and that every kind is in one.

use crate::shop::{PROGRAM, Shop};
use axum::http::Method;
use serde_json::json;
use server::app::Settings;
use server::problem::Kind;
use std::path::Path;

const ANA: &str = "/v1/customers/phone:0901234567";

#[tokio::test]
async fn whoever_is_no_member_is_said_to_be_none() {
    let shop = Shop::open();
    let keys = json!({"identifiers": [{"kind": "phone", "value": "0901 234 567"}]});
    shop.post("/v1/customers", keys).await;
    insta::assert_snapshot!("not_a_member", shop.get(&format!("{ANA}/balances")).await.shown());
}

#[tokio::test]
async fn much_takes_a_second_proof_and_fast_is_too_fast() {
    let shop = Shop::open();
    let careful = PROGRAM.replace("id = \"card\"\n", "id = \"card\"\nconfirm_above = 30\n");
    let careful = format!("{careful}\n[[limit]]\nwallet = \"beans\"\nper = \"day\"\npoints = 50\n");
    let applied = shop.post("/v1/programs", json!({"files": {"program.toml": careful}})).await;
    assert!(applied.status.is_success(), "{}", applied.shown());
    shop.ana().await;
    shop.post(&format!("{ANA}/adjustments"), json!({"id": "a", "wallet": "beans", "units": 500})).await;
    let buy = async |id: &str, reward: &str| {
        shop.post(&format!("{ANA}/redemptions"), json!({"id": id, "reward": reward})).await
    };
    insta::assert_snapshot!("needs_confirmation", buy("r-1", "card").await.shown());
    for id in ["r-2", "r-3"] {
        assert!(buy(id, "coffee").await.status.is_success());
    }
    insta::assert_snapshot!("too_fast", buy("r-4", "coffee").await.shown());
}

#[tokio::test]
async fn more_than_is_borne_is_sent_away_for_a_moment() {
    let shop = Shop::with(Settings { in_flight: 0, ..Settings::default() }, true);
    insta::assert_snapshot!("unavailable", shop.get("/v1/keys").await.shown());
}

#[tokio::test]
async fn what_breaks_here_says_nothing_of_what_is_behind() {
    let shop = Shop::open();
    shop.beside().damage("drop table webhook_secret; drop table webhook").unwrap();
    let broken = shop.get("/v1/webhooks").await;
    insta::assert_snapshot!("internal", broken.shown());
    assert!(!broken.shown().contains("webhook_") && !broken.shown().contains("sqlite"));
    assert!(shop.ask(Method::GET, "/v1/keys", None).await.status.is_success(), "the rest goes on");
}

/// Every kind there is was answered by a test, as its snapshot shows.
#[test]
fn every_kind_is_in_a_snapshot() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all: String = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "snap"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for kind in Kind::ALL {
        let named = format!("/problems/{}\"", kind.slug());
        assert!(all.contains(&named), "no snapshot has {named}");
    }
}
