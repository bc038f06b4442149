//! `/v1/programs`

use crate::shop::{PROGRAM, Shop};
use axum::http::{Method, StatusCode};
use serde_json::json;
use server::app::Settings;

#[tokio::test]
async fn a_program_is_planned_and_applied() {
    let shop = Shop::with(Settings::default(), false);
    let nothing = shop.post("/v1/orders", json!({"id": "o-1", "lines": []})).await;
    insta::assert_snapshot!("no_program", nothing.shown());
    let files = json!({"files": {"program.toml": PROGRAM}});
    let applied = shop.post("/v1/programs", files.clone()).await;
    insta::assert_snapshot!("applied", applied.shown());
    let again = shop.post("/v1/programs", files).await;
    assert_eq!(again.json()["version"], 1, "the same files change nothing");
    shop.ana().await;
    assert_eq!(shop.order("o-1", 100).await.json()["moved"][0]["units"], 1);
    let richer = PROGRAM.replace("every = \"1.00\", points = 1", "every = \"1.00\", points = 3");
    let files = json!({"files": {"program.toml": richer}});
    insta::assert_snapshot!("planned", shop.post("/v1/programs/plan", files.clone()).await.shown());
    let stale = shop
        .ask_as(
            &shop.owner,
            Method::POST,
            "/v1/programs",
            Some(files.clone()),
            &[("if-match", "\"version-7\"")],
        )
        .await;
    insta::assert_snapshot!("stale", stale.shown());
    let version = [("if-match", "\"version-1\"")];
    let applied = shop.ask_as(&shop.owner, Method::POST, "/v1/programs", Some(files), &version).await;
    assert_eq!((applied.status, applied.json()["version"].clone()), (StatusCode::CREATED, json!(2)));
    assert_eq!(
        shop.order("o-2", 100).await.json()["moved"][0]["units"],
        3,
        "new orders earn under new rules"
    );
    let listed = shop.get("/v1/programs/corner/versions?fields=version,installed_at").await;
    insta::assert_snapshot!("versions", listed.shown());
    let found = shop.get("/v1/programs/corner").await;
    assert_eq!(found.headers["etag"], "\"version-2\"");
}

#[tokio::test]
async fn files_that_are_no_program_are_refused_with_reasons() {
    let shop = Shop::open();
    let files = json!({"files": {"program.toml": "[program]\nid = \"x\"\n"}});
    insta::assert_snapshot!("bad_files", shop.post("/v1/programs/plan", files).await.shown());
    insta::assert_snapshot!("unknown_program", shop.get("/v1/programs/moon").await.shown());
}
