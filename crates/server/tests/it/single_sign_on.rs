//! `/v1/session/sso`, against a provider that really listens, on a port of its own, and signs with a key of its own.

use crate::shop::{Said, Shop};
use axum::body::Body;
use axum::extract::{Form, State};
use axum::http::{Request, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use engine::staff::actor::Actor;
use engine::staff::people::{Asking, Invitation, invite};
use engine::staff::permissions::Role;
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};
use server::app::Settings;
use server::single_sign_on::Provider;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What the provider says next, and with which key.
#[derive(Clone)]
struct There {
    issuer: String,
    claims: Arc<Mutex<Value>>,
    seed: Arc<Mutex<u8>>,
    asked: Arc<Mutex<HashMap<String, String>>>,
}

/// An Ed25519 key out of a seed, as PKCS 8 has it (RFC 8410).
fn key(seed: u8) -> CoreEdDsaPrivateSigningKey {
    let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    der.extend([seed; 32]);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new("one".to_owned()))).unwrap()
}

impl There {
    async fn open() -> There {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let there =
            There { issuer, claims: Arc::default(), seed: Arc::new(Mutex::new(1)), asked: Arc::default() };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(there.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        there
    }

    /// Say this of whoever signs in: right in all but what `wrong` has.
    fn say(&self, nonce: &str, wrong: Value) {
        let mut claims = json!({"iss": self.issuer, "aud": "perennial", "sub": "7", "exp": 4102444800i64, "iat": 1772326800,
            "nonce": nonce, "email": "ana@corner.example", "email_verified": true});
        claims.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        *self.claims.lock().unwrap() = claims;
    }
}

async fn describe(State(there): State<There>) -> Json<Value> {
    let issuer = &there.issuer;
    Json(json!({"issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"]}))
}

async fn keys() -> Json<Value> {
    Json(json!({"keys": [key(1).as_verification_key()]}))
}

async fn token(State(there): State<There>, Form(asked): Form<HashMap<String, String>>) -> Json<Value> {
    *there.asked.lock().unwrap() = asked;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = there.claims.lock().unwrap().clone();
    let text = format!("{}.{}", part(&json!({"alg": "EdDSA", "kid": "one"})), part(&claims));
    let seed = *there.seed.lock().unwrap();
    let signature = key(seed).sign(&CoreJwsSigningAlgorithm::EdDsa, text.as_bytes()).unwrap();
    let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature));
    Json(json!({"access_token": "a", "token_type": "Bearer", "id_token": token}))
}

/// The corner shop, where Ana works.
async fn shop(there: &There) -> Shop {
    let provider = Provider {
        issuer: there.issuer.clone(),
        client_id: "perennial".to_owned(),
        client_secret: "secret".to_owned(),
        public_url: "https://shop.example".to_owned(),
    };
    let shop = Shop::with(Settings { single_sign_on: Some(provider), ..Settings::default() }, true);
    let mut session = shop.beside();
    let invitation =
        Invitation { email: "ana@corner.example".to_owned(), name: "Ana".to_owned(), role: Role::Owner };
    let mut asking = Asking { actor: &Actor::shell(), now: shop.app.now(), chance: &mut || 7 };
    invite(&mut session, &mut asking, &invitation).unwrap();
    shop
}

async fn ask(shop: &Shop, path: &str, cookie: &str) -> Said {
    let request = Request::builder().uri(path).header("x-request-id", "test").header(header::COOKIE, cookie);
    shop.send(request.body(Body::empty()).unwrap()).await
}

fn cookie(said: &Said, name: &str) -> String {
    let all = said.headers.get_all(header::SET_COOKIE).iter();
    let mut named = all.filter_map(|one| one.to_str().unwrap().split_once(';'));
    named.find(|(pair, _)| pair.starts_with(&format!("{name}="))).unwrap().0.to_owned()
}

/// Go to the provider: the cookie, and what it was sent along.
async fn begin(shop: &Shop) -> (String, HashMap<String, String>) {
    let said = ask(shop, "/v1/session/sso", "").await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.shown());
    let url = url::Url::parse(said.headers[header::LOCATION].to_str().unwrap()).unwrap();
    (cookie(&said, "__Host-perennial-sso"), url.query_pairs().into_owned().collect())
}

async fn end(shop: &Shop, state: &str, cookie: &str) -> Said {
    ask(shop, &format!("/v1/session/sso/callback?code=c-1&state={state}"), cookie).await
}

#[tokio::test]
async fn who_has_an_account_elsewhere_signs_in_with_it() {
    let there = There::open().await;
    let shop = shop(&there).await;
    let (kept, sent) = begin(&shop).await;
    assert_eq!(sent["redirect_uri"], "https://shop.example/v1/session/sso/callback");
    assert_eq!((sent["code_challenge_method"].as_str(), sent["client_id"].as_str()), ("S256", "perennial"));
    there.say(&sent["nonce"], json!({}));
    let said = end(&shop, &sent["state"], &kept).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.shown());
    let asked = there.asked.lock().unwrap().clone();
    assert_eq!((asked["code"].as_str(), asked["code_verifier"].len()), ("c-1", 64));
    let session = cookie(&said, "__Host-perennial");
    let present = ask(&shop, "/v1/session", &session).await.json();
    assert_eq!(present["staff"]["email"], "ana@corner.example", "{present}");
    assert_eq!(ask(&shop, "/v1/keys", &session).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_does_not_hold_lets_nobody_in() {
    let there = There::open().await;
    let shop = shop(&there).await;
    for (wrong, why) in [
        (json!({"email": "eve@corner.example"}), "nobody who works here"),
        (json!({"email_verified": false}), "has not verified"),
        (json!({"aud": "another"}), "does not hold"),
        (json!({"iss": "https://elsewhere.example"}), "does not hold"),
        (json!({"nonce": "another"}), "does not hold"),
        (json!({"exp": 1772326800}), "does not hold"),
    ] {
        let (kept, sent) = begin(&shop).await;
        there.say(&sent["nonce"], wrong.clone());
        let said = end(&shop, &sent["state"], &kept).await;
        assert_eq!(said.status, StatusCode::UNAUTHORIZED, "{wrong}");
        assert!(said.shown().contains(why), "{wrong}: {}", said.shown());
    }
    let (kept, sent) = begin(&shop).await;
    there.say(&sent["nonce"], json!({}));
    *there.seed.lock().unwrap() = 2;
    assert!(
        end(&shop, &sent["state"], &kept).await.shown().contains("does not hold"),
        "signed by another key"
    );
    *there.seed.lock().unwrap() = 1;
    for (state, cookie) in [("another", kept.as_str()), (sent["state"].as_str(), "")] {
        assert!(end(&shop, state, cookie).await.shown().contains("begun elsewhere"));
    }
    shop.later(jiff::SignedDuration::from_mins(11));
    assert!(end(&shop, &sent["state"], &kept).await.shown().contains("begun elsewhere"), "too late");
    let refused = ask(&shop, "/v1/session/sso/callback?error=access_denied&state=x", "").await;
    insta::assert_snapshot!("sso_denied", refused.shown());
}

#[tokio::test]
async fn without_a_provider_there_is_none() {
    let shop = Shop::open();
    insta::assert_snapshot!("sso_not_configured", ask(&shop, "/v1/session/sso", "").await.shown());
}
