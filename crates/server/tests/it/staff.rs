//! `/v1/session`, `/v1/staff`, `/v1/audit`

use crate::shop::{Said, Shop};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use jiff::SignedDuration;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

const PASSWORD: &str = "coffee grows in the mountains";

/// Somebody who was asked in and has taken the invitation: the secret of the second factor, and the recovery codes.
async fn joined(shop: &Shop, role: &str) -> (String, Vec<String>) {
    let asked = json!({"email": "ana@corner.example", "name": "Ana", "role": role});
    let invited = shop.post("/v1/staff", asked).await;
    assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.shown());
    let body = json!({"invitation": invited.json()["invitation"], "password": PASSWORD});
    let joined = shop.post("/v1/session/join", body.clone()).await;
    assert_eq!(joined.status, StatusCode::CREATED, "{}", joined.shown());
    assert_eq!(shop.post("/v1/session/join", body).await.status, StatusCode::UNAUTHORIZED, "taken once");
    let codes = joined.json()["recovery_codes"].as_array().unwrap().clone();
    let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    (joined.json()["totp_secret"].as_str().unwrap().to_owned(), codes)
}

fn code(shop: &Shop, secret: &str) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    totp.generate((shop.app.now_micros() / 1_000_000) as u64).to_string()
}

async fn sign_in(shop: &Shop, password: &str, code: &str) -> Said {
    let body = json!({"email": "Ana@Corner.Example", "password": password, "code": code});
    shop.ask_as("", Method::POST, "/v1/session", Some(body), &[]).await
}

fn cookie(said: &Said) -> String {
    let cookie = said.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("; Secure; HttpOnly; SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

async fn with(
    shop: &Shop,
    method: Method,
    path: &str,
    cookie: &str,
    csrf: &str,
    body: Option<Value>,
) -> Said {
    let mut request = Request::builder().method(method).uri(path).header(header::COOKIE, cookie);
    request = request.header("x-request-id", "test");
    if !csrf.is_empty() {
        request = request.header("x-csrf-token", csrf);
    }
    let body = match body {
        Some(body) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    shop.send(request.body(body).unwrap()).await
}

#[tokio::test]
async fn staff_sign_in_with_a_password_and_a_code_that_counts_once() {
    let shop = Shop::open();
    shop.ana().await;
    let (secret, recovery) = joined(&shop, "service").await;
    let now = code(&shop, &secret);
    let signed = sign_in(&shop, PASSWORD, &now).await;
    assert_eq!(signed.status, StatusCode::OK, "{}", signed.shown());
    let again = sign_in(&shop, PASSWORD, &now).await;
    insta::assert_snapshot!("code_used_again", again.shown());
    let (cookie, csrf) = (cookie(&signed), signed.json()["csrf"].as_str().unwrap().to_owned());

    let who = with(&shop, Method::GET, "/v1/session", &cookie, "", None).await;
    assert_eq!(who.json()["staff"]["email"], "ana@corner.example");
    let points = "/v1/customers/phone:0901234567/adjustments";
    let body = json!({"id": "a-1", "wallet": "beans", "units": 5});
    let forged = with(&shop, Method::POST, points, &cookie, "", Some(body.clone())).await;
    insta::assert_snapshot!("without_csrf", forged.shown());
    let done = with(&shop, Method::POST, points, &cookie, &csrf, Some(body)).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.shown());
    let keys = with(&shop, Method::GET, "/v1/keys", &cookie, "", None).await;
    assert_eq!(keys.status, StatusCode::FORBIDDEN, "service does not manage keys");
    let audit = shop.get("/v1/audit?limit=1&fields=operation,role,kind,before,after").await;
    insta::assert_snapshot!("audit_of_an_adjustment", audit.shown());

    shop.later(SignedDuration::from_mins(1));
    assert_eq!(sign_in(&shop, PASSWORD, &recovery[0]).await.status, StatusCode::OK, "a recovery code counts");
    assert_eq!(sign_in(&shop, PASSWORD, &recovery[0]).await.status, StatusCode::UNAUTHORIZED, "once");

    let out = with(&shop, Method::DELETE, "/v1/session", &cookie, "", None).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let gone = with(&shop, Method::GET, "/v1/session", &cookie, "", None).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn wrong_tries_lock_and_whatever_is_wrong_the_answer_is_the_same() {
    let shop = Shop::open();
    let (secret, _) = joined(&shop, "owner").await;
    let nobody = json!({"email": "ben@corner.example", "password": PASSWORD, "code": "000000"});
    let unknown = shop.ask_as("", Method::POST, "/v1/session", Some(nobody), &[]).await;
    for _ in 0..5 {
        let wrong = sign_in(&shop, "not the password", &code(&shop, &secret)).await;
        assert_eq!((wrong.status, &wrong.bytes), (StatusCode::UNAUTHORIZED, &unknown.bytes));
    }
    let locked = sign_in(&shop, PASSWORD, &code(&shop, &secret)).await;
    assert_eq!((locked.status, &locked.bytes), (StatusCode::UNAUTHORIZED, &unknown.bytes), "locked");
    shop.later(SignedDuration::from_mins(2));
    assert_eq!(sign_in(&shop, PASSWORD, &code(&shop, &secret)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_changes_its_token_and_ends() {
    let shop = Shop::open();
    let (secret, _) = joined(&shop, "owner").await;
    let old = cookie(&sign_in(&shop, PASSWORD, &code(&shop, &secret)).await);
    shop.later(SignedDuration::from_mins(16));
    let rotated = with(&shop, Method::GET, "/v1/keys", &old, "", None).await;
    assert_eq!(rotated.status, StatusCode::OK);
    let new = cookie(&rotated);
    assert_ne!(old, new);
    let together = with(&shop, Method::GET, "/v1/keys", &old, "", None).await;
    assert_eq!(together.status, StatusCode::OK, "what was sent together with it is still good");
    assert!(!together.headers.contains_key("set-cookie"), "and changes nothing more");
    shop.later(SignedDuration::from_mins(2));
    assert_eq!(with(&shop, Method::GET, "/v1/keys", &old, "", None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(with(&shop, Method::GET, "/v1/keys", &new, "", None).await.status, StatusCode::OK);
    shop.later(SignedDuration::from_hours(3));
    assert_eq!(
        with(&shop, Method::GET, "/v1/keys", &new, "", None).await.status,
        StatusCode::UNAUTHORIZED,
        "idle"
    );
}

#[tokio::test]
async fn who_is_shown_out_may_do_nothing_any_more() {
    let shop = Shop::open();
    let (secret, _) = joined(&shop, "marketer").await;
    let said = sign_in(&shop, PASSWORD, &code(&shop, &secret)).await;
    let (cookie, id) = (cookie(&said), said.json()["staff"]["id"].as_str().unwrap().to_owned());
    let disabled = shop.post(&format!("/v1/staff/{id}/disable"), json!({})).await;
    assert_eq!(disabled.json()["is_active"], false, "{}", disabled.shown());
    let refused = with(&shop, Method::GET, "/v1/programs", &cookie, "", None).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let bad = shop.post("/v1/staff", json!({"email": "x", "name": "X", "role": "king"})).await;
    insta::assert_snapshot!("no_such_role", bad.shown());
    let twice =
        shop.post("/v1/staff", json!({"email": "ana@corner.example", "name": "A", "role": "till"})).await;
    insta::assert_snapshot!("taken_address", twice.shown());
    let foreign = [("sec-fetch-site", "cross-site")];
    let body = json!({"email": "a@b.example", "password": "x", "code": "1"});
    let refused = shop.ask_as("", Method::POST, "/v1/session", Some(body), &foreign).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "a page of another site signs nobody in");
}
