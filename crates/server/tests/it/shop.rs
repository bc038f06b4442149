//! The corner shop with its door open: a database of its own, a program, a clock that is told, chance that is counted.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use domain::port::Clock;
use engine::record::program::install;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::app::{App, Chance, Parts, Settings};
use server::key::{self, NewKey, Pepper};
use server::scope;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use store::{Keyring, SealKey, Session, Store};
use tower::ServiceExt;

/// The program of the corner shop.
pub const PROGRAM: &str = include_str!("corner.toml");

/// A clock that is told.
#[derive(Clone)]
pub struct Told(Arc<AtomicI64>);

impl Clock for Told {
    fn now_micros(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A shop whose door is open.
pub struct Shop {
    /// The whole router.
    pub router: Router,
    /// What is behind it.
    pub app: App,
    clock: Told,
    /// Where its rows are.
    pub url: String,
    // Holds the right to write.
    _store: Store,
    // Gone after everything that is in it.
    _folder: tempfile::TempDir,
    /// A key that may do everything, of the source `north`.
    pub owner: String,
}

/// What was answered.
#[derive(Debug)]
pub struct Said {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    /// Status, the headers that say something, and the body.
    pub fn shown(&self) -> String {
        let mut text = format!("{}\n", self.status);
        for name in ["content-type", "idempotency-hit", "retry-after", "www-authenticate", "etag"] {
            if let Some(value) = self.headers.get(name) {
                text.push_str(&format!("{name}: {}\n", value.to_str().unwrap_or("?")));
            }
        }
        let body = match serde_json::from_slice::<Value>(&self.bytes) {
            Ok(value) => serde_json::to_string_pretty(&value).unwrap(),
            Err(_) => String::from_utf8_lossy(&self.bytes).into_owned(),
        };
        text + "\n" + &body
    }
}

/// Chance that is counted, so that ids are the same in every run.
fn counted() -> Chance {
    let count = AtomicU64::new(1);
    Arc::new(move |bytes: &mut [u8]| {
        let number = count.fetch_add(1, Ordering::SeqCst).to_le_bytes();
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = number.get(place).copied().unwrap_or(0);
        }
    })
}

impl Shop {
    /// Open, with the program installed.
    pub fn open() -> Shop {
        Shop::with(Settings::default(), true)
    }

    pub fn with(settings: Settings, installed: bool) -> Shop {
        Shop::at(None, settings, installed)
    }

    /// On another database than a file of its own.
    pub fn at(url: Option<&str>, settings: Settings, installed: bool) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-03-01T01:00:00Z".parse().unwrap();
        let clock = Told(Arc::new(AtomicI64::new(now.as_microsecond())));
        let url = url.map_or_else(|| folder.path().join("state.db").display().to_string(), str::to_owned);
        let keys = Keyring::new(|| Ok(vec![SealKey::new([9; 32])]));
        let store = Store::open(&url, now.as_microsecond()).unwrap().with_keys(keys);
        let sessions = store.sessions();
        let mut session = sessions.open().unwrap();
        if installed {
            let files = BTreeMap::from([("program.toml".to_owned(), PROGRAM.to_owned())]);
            install(&mut session, &files, 7, now).unwrap();
        }
        let (pepper, chance) = (Pepper::new([7; 32]), counted());
        let assets = assets::Assets::open(None).unwrap();
        let clock_of_app = Arc::new(clock.clone());
        let parts = Parts { sessions, clock: clock_of_app, chance, pepper, settings, assets, lake: None };
        let app = App::open(parts).unwrap();
        let mut shop = Shop {
            router: server::router(app.clone()),
            app,
            clock,
            url,
            _store: store,
            _folder: folder,
            owner: String::new(),
        };
        shop.owner = shop.key("owner", "north");
        shop
    }

    /// A key with these scopes, of this source.
    pub fn key(&self, scopes: &str, source: &str) -> String {
        let scopes = scope::parse(scopes).unwrap();
        let new = NewKey { name: "test", source, scopes: &scopes, expires_at: None, by: "test" };
        let (row, text) = key::make(&new, self.app.pepper(), 1, &|bytes| self.app.chance(bytes));
        self.beside().write(|writing| writing.insert_api_key(&row)).unwrap();
        text
    }

    /// A connection to its rows, past the door.
    pub fn beside(&self) -> Session {
        Store::beside(&self.url).unwrap()
    }

    pub fn later(&self, span: SignedDuration) {
        self.clock.0.fetch_add(span.as_micros() as i64, Ordering::SeqCst);
    }

    /// Send a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Said {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Said { status: parts.status, headers: parts.headers, bytes }
    }

    /// The status of an answer, whose body is not read: it may have no end.
    pub async fn status_as(&self, key: &str, method: Method, path: &str) -> StatusCode {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {key}")).body(Body::empty());
        self.router.clone().oneshot(request.unwrap()).await.unwrap().status()
    }

    /// Ask with the owner's key.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Said {
        self.ask_as(&self.owner, method, path, body, &[]).await
    }

    pub async fn ask_as(
        &self,
        key: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Said {
        let mut request = Request::builder().method(method).uri(path).header("x-request-id", "test");
        if !key.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Some(body) => {
                request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))
            }
            None => request.body(Body::empty()),
        };
        self.send(request.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Said {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Said {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Post, and be told under an idempotency key.
    pub async fn post_under(&self, key: &str, path: &str, body: Value) -> Said {
        self.ask_as(&self.owner, Method::POST, path, Some(body), &[("idempotency-key", key)]).await
    }

    /// Ana, known by her telephone, a member.
    pub async fn ana(&self) -> String {
        let keys = json!({"identifiers": [{"kind": "phone", "value": "0901 234 567"}]});
        let said = self.post("/v1/customers", keys).await;
        assert!(said.status.is_success(), "{}", said.shown());
        let said = self.post("/v1/customers/phone:0901234567/memberships", json!({})).await;
        assert_eq!(said.status, StatusCode::CREATED, "{}", said.shown());
        "phone:0901234567".to_owned()
    }

    /// An order of Ana's for so many minor units.
    pub async fn order(&self, id: &str, minor: i64) -> Said {
        let order = json!({
            "id": id, "customer": "phone:0901234567", "store": "north", "till": "north-1",
            "lines": [{"id": "1", "product": "latte", "gross_minor": minor}]
        });
        self.post("/v1/orders", order).await
    }
}
