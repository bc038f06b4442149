//! The manual's pages of the API: every `curl` on them is sent, and must be answered as the page shows.

use crate::shop::Shop;
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use server::intake::work::settle;
use std::path::{Path, PathBuf};

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manual/api").join(name)
}

/// The words of a command line, as a shell reads them: quotes, and `$KEY`.
fn words(line: &str, key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for sign in line.chars() {
        match (quote, sign) {
            (Some(open), _) if sign == open => quote = None,
            (None, '\'' | '"') => quote = Some(sign),
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().expect("one at least").push(sign),
        }
    }
    words.into_iter().map(|word| word.replace("$KEY", key)).filter(|word| !word.is_empty()).collect()
}

/// The request that a `curl` sends.
fn request(line: &str, key: &str) -> Request<Body> {
    let words = words(line, key);
    let (mut method, mut path, mut body) = (None, String::new(), None);
    let mut request = Request::builder().header("x-request-id", "req-1");
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-s" => {}
            "-X" => method = rest.next().cloned(),
            "-H" => {
                let (name, value) =
                    rest.next().and_then(|header| header.split_once(": ")).expect("name: value");
                request = request.header(name, value);
            }
            "-d" => body = rest.next().cloned(),
            url => path = url.strip_prefix("localhost:8080").expect("our own server").to_owned(),
        }
    }
    let method = method.unwrap_or_else(|| if body.is_some() { "POST" } else { "GET" }.to_owned());
    request.method(method.as_str()).uri(path).body(body.map_or(Body::empty(), Body::from)).unwrap()
}

/// An answer as the page shows it.
fn shown(bytes: &[u8]) -> String {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => serde_json::to_string_pretty(&value).unwrap() + "\n",
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// A page with the answers to its own requests in place of those it shows.
async fn answered(text: &str, purpose: &str) -> String {
    let shop = Shop::open();
    let source = if purpose == "till" { "north" } else { "web" };
    let key = shop.key(purpose, source);
    let (mut out, mut is_console, mut is_answer) = (String::new(), false, false);
    for line in text.lines() {
        if line.starts_with("```") {
            is_console = line == "```console";
            is_answer = false;
        }
        // What the command line answers is tried with the program itself.
        is_console &= !line.starts_with("$ perennial ");
        if let Some(command) = line.strip_prefix("$ ").filter(|_| is_console) {
            assert!(command.starts_with("curl "), "{command}");
            let said = shop.send(request(command, &key)).await;
            assert!(!said.status.is_server_error(), "{command}: {}", said.shown());
            settle(&shop.app).await.unwrap();
            out += &format!("{line}\n{}", shown(&said.bytes));
            is_answer = true;
        } else if !is_answer {
            out += &format!("{line}\n");
        }
    }
    out
}

/// With a key made for a purpose.
async fn check(name: &str, purpose: &str) {
    let before = std::fs::read_to_string(page(name)).unwrap();
    let answered = answered(&before, purpose).await;
    if std::env::var_os("UPDATE_MANUAL").is_some() {
        std::fs::write(page(name), &answered).unwrap();
    }
    let found = std::fs::read_to_string(page(name)).unwrap();
    assert!(
        found == answered,
        "docs/manual/api/{name} is not what is answered; write it anew with UPDATE_MANUAL=1"
    );
}

#[tokio::test]
async fn the_quick_start_is_what_happens() {
    check("quick-start.md", "till").await;
}

#[tokio::test]
async fn events_of_segment_s_sdks_are_what_happens() {
    check("segment.md", "owner").await;
}

#[tokio::test]
async fn telling_others_is_what_happens() {
    check("webhooks.md", "owner").await;
}

#[tokio::test]
async fn what_a_cashier_does_is_what_happens() {
    check("till.md", "till").await;
}

#[tokio::test]
async fn webhooks_of_shops_are_what_happens() {
    check("shops.md", "owner").await;
}

#[tokio::test]
async fn what_security_says_is_what_happens() {
    check("security.md", "owner").await;
}
