//! `Idempotency-Key`: the same request again is answered as it was. The record keeps commands under their key itself;
//! for what is no command the answer is kept in the transaction that has the effect.

use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use store::{ReplyRow, Writing};

/// The header of a request.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was given before.
pub const HIT: HeaderName = HeaderName::from_static("idempotency-hit");

/// The idempotency key of a request, if it has one, as it is kept: with the source of whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<IdempotencyKey, Problem> {
        let Some(given) = parts.headers.get(KEY) else { return Ok(IdempotencyKey(None)) };
        let text = given.to_str().unwrap_or("").to_owned();
        let is_sound = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_sound {
            let detail = "1 to 255 visible ASCII characters";
            return Err(Problem::new(Kind::InvalidRequest, format!("idempotency-key: {detail}"))
                .at("idempotency-key", detail));
        }
        let caller = Caller::from_request_parts(parts, state).await?;
        // Two tills that count from 1 do not take each other's answers.
        Ok(IdempotencyKey(Some(format!("{}/{text}", caller.source))))
    }
}

/// An answer with its status, as JSON.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Value,
    /// Whether it was given before.
    pub is_repeat: bool,
}

impl Reply {
    /// An answer.
    pub fn new(status: StatusCode, body: impl Serialize) -> Reply {
        let body = serde_json::to_value(body).expect("plain data becomes JSON");
        Reply { status, body, is_repeat: false }
    }

    /// 200 with a body.
    pub fn ok(body: impl Serialize) -> Reply {
        Reply::new(StatusCode::OK, body)
    }

    /// 204, which has no body.
    pub fn nothing() -> Reply {
        Reply::new(StatusCode::NO_CONTENT, Value::Null)
    }

    /// 201 with a body.
    pub fn created(body: impl Serialize) -> Reply {
        Reply::new(StatusCode::CREATED, body)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = match self.status {
            StatusCode::NO_CONTENT => self.status.into_response(),
            _ => (self.status, axum::Json(self.body)).into_response(),
        };
        if self.is_repeat {
            response.headers_mut().insert(HIT, HeaderValue::from_static("true"));
        }
        response
    }
}

/// Do `work` once for a key: it and its answer are one transaction. `asked` is the hash of what is asked, path and all.
/// A problem is not kept: what was refused may be asked again when the reason has gone.
pub async fn once(
    app: &App,
    key: IdempotencyKey,
    asked: [u8; 32],
    mut work: impl FnMut(&Writing<'_>) -> Result<Reply, Problem> + Send + 'static,
) -> Result<Reply, Problem> {
    let now = app.now_micros();
    app.write(move |writing| {
        let Some(key) = key.0.as_ref() else { return work(writing) };
        if let Some(kept) = writing.find_reply(key)? {
            return again(kept, asked);
        }
        let reply = work(writing)?;
        writing.insert_reply(&ReplyRow {
            key: key.clone(),
            hash: asked,
            status: i64::from(reply.status.as_u16()),
            body: reply.body.to_string(),
            recorded_at: now,
        })?;
        Ok(reply)
    })
    .await
}

/// Do `work` once for a key where it has transactions of its own: its answer is kept after the fact, so `work` must be
/// such that doing it again changes nothing.
pub async fn once_apart<F: Future<Output = Result<Reply, Problem>>>(
    app: &App,
    key: IdempotencyKey,
    asked: [u8; 32],
    work: F,
) -> Result<Reply, Problem> {
    if let Some(reply) = kept(app, &key, asked).await? {
        return Ok(reply);
    }
    let reply = work.await?;
    keep(app, key, asked, reply).await
}

/// The reply that was kept under a key, for what has transactions of its own.
pub async fn kept(app: &App, key: &IdempotencyKey, asked: [u8; 32]) -> Result<Option<Reply>, Problem> {
    let Some(key) = key.0.clone() else { return Ok(None) };
    let found = app.read(move |session| Ok(session.read().find_reply(&key)?)).await?;
    found.map(|kept| again(kept, asked)).transpose()
}

/// Keep a reply, after the fact: what was done is such that doing it again changes nothing.
pub async fn keep(app: &App, key: IdempotencyKey, asked: [u8; 32], reply: Reply) -> Result<Reply, Problem> {
    let Some(key) = key.0 else { return Ok(reply) };
    let row = ReplyRow {
        key,
        hash: asked,
        status: i64::from(reply.status.as_u16()),
        body: reply.body.to_string(),
        recorded_at: app.now_micros(),
    };
    app.write(move |writing| match writing.find_reply(&row.key)? {
        Some(_) => Ok(()),
        None => Ok(writing.insert_reply(&row)?),
    })
    .await?;
    Ok(reply)
}

/// The answer that was kept, for the same request.
pub fn again(kept: ReplyRow, asked: [u8; 32]) -> Result<Reply, Problem> {
    if kept.hash != asked {
        return Err(reused());
    }
    let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let body = serde_json::from_str(&kept.body).ok();
    let (Some(status), Some(body)) = (status, body) else {
        return Err(Problem::internal(format!("the kept reply {} cannot be read", kept.key)));
    };
    Ok(Reply { status, body, is_repeat: true })
}

/// The key was used for another request.
pub fn reused() -> Problem {
    let detail = "this idempotency key was used for another request: take a new one";
    Problem::new(Kind::IdempotencyKeyReused, detail)
}

/// The hash of a request: what is done to what, and with which body.
pub fn asked(what: &str, body: [u8; 32]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(what.as_bytes()).update(&[0]).update(&body);
    *hasher.finalize().as_bytes()
}
