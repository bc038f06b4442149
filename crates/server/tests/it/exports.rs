//! `/v1/exports`, `/v1/jobs`

use crate::shop::Shop;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn an_export_is_whole_and_says_so() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1", 1250).await;
    let lines = |text: &[u8]| -> Vec<Value> {
        String::from_utf8_lossy(text).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let members = lines(&shop.get("/v1/exports/members").await.bytes);
    assert_eq!(members.len(), 2, "{members:?}");
    assert_eq!(members[0]["balances"][0]["available"], 62);
    assert_eq!(members[1], json!({"lines": 1}));
    let entries = lines(&shop.get("/v1/exports/entries").await.bytes);
    let changes: i64 = entries.iter().filter_map(|entry| entry["change"].as_i64()).sum();
    assert_eq!((entries.len(), changes), (3, 62), "{entries:?}");
    let sums = entries.iter().filter_map(|entry| entry["lines"].as_array());
    for lines in sums {
        assert_eq!(lines.iter().map(|line| line["amount"].as_i64().unwrap()).sum::<i64>(), 0);
    }
    assert_eq!(shop.get("/v1/exports/secrets").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_was_laid_aside_can_be_tried_again() {
    let shop = Shop::open();
    shop.ana().await;
    shop.order("o-1", 1250).await;
    // A worker takes what is to be told, and gives it up for good.
    let path = shop.url.clone();
    let mut session = store::Store::beside(&path).unwrap();
    let now = shop.app.now_micros();
    let taken: Vec<String> = session
        .write(|writing| -> Result<_, store::Failure> {
            let leased = writing.lease(store::Queue::Outbox, "worker", now, now + 1, 1)?;
            for one in &leased {
                writing.fail(store::Queue::Outbox, &one.message.message_id, "worker", "gone", None)?;
            }
            Ok(leased.into_iter().map(|one| one.message.message_id).collect())
        })
        .unwrap();
    let dead = shop.get("/v1/jobs?queue=outbox").await.json();
    assert_eq!(dead["data"][0]["id"], taken[0].as_str(), "{dead}");
    assert_eq!(dead["data"][0]["problem"], "gone");
    let replay = format!("/v1/jobs/{}/replay?queue=outbox", taken[0]);
    assert_eq!(shop.ask(Method::POST, &replay, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(shop.ask(Method::POST, &replay, None).await.status, StatusCode::NOT_FOUND, "it waits again");
    assert_eq!(shop.get("/v1/jobs?queue=outbox").await.json(), json!({"data": []}));
}
