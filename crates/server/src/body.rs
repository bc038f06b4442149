//! JSON in: of a kind, a size and a depth that are bearable, and with the exact place where something is wrong.

use crate::app::App;
use crate::problem::{Kind, Problem};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use std::error::Error;

/// A body that was read, with the hash of its bytes, by which an idempotency key is bound to it. The hash is kept, so it
/// is under the pepper: a short body with something in it that nobody is to know could be guessed otherwise.
#[derive(Debug)]
pub struct Body<T> {
    /// What it says.
    pub value: T,
    /// Of its bytes.
    pub hash: [u8; 32],
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Body<T>, Problem> {
        require_json(request.headers())?;
        let bytes = bytes(request, app).await?;
        let value = read(&bytes, app.settings().depth)?;
        Ok(Body { value, hash: app.pepper().of_body(&bytes) })
    }
}

/// The bytes of a body, up to the limit.
pub async fn bytes(request: Request, app: &App) -> Result<Bytes, Problem> {
    Bytes::from_request(request, app).await.map_err(|rejection| {
        let status = rejection.status();
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            let most = app.settings().body_bytes;
            return Problem::new(
                Kind::TooLarge,
                format!("a body has at most {most} bytes after decompression"),
            );
        }
        drop(rejection.into_response());
        Problem::new(Kind::InvalidRequest, "the body broke off or could not be decompressed")
    })
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let essence = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if essence == "application/json" || essence.ends_with("+json") {
        return Ok(());
    }
    let detail = format!("send content-type: application/json, and not '{kind}'");
    Err(Problem::new(Kind::UnsupportedMediaType, detail))
}

/// Read JSON no deeper than `depth`.
pub fn read<T: DeserializeOwned>(bytes: &[u8], depth: usize) -> Result<T, Problem> {
    if deeper_than(bytes, depth) {
        let detail = format!("lists and objects within one another go {depth} deep at most");
        return Err(Problem::new(Kind::InvalidBody, detail.clone()).at("", detail));
    }
    match axum::Json::<T>::from_bytes(bytes) {
        Ok(axum::Json(value)) => Ok(value),
        Err(JsonRejection::JsonDataError(error)) => {
            let (pointer, detail) = place(&innermost(&error));
            Err(Problem::of_body(pointer, detail))
        }
        Err(JsonRejection::JsonSyntaxError(error)) => {
            let (_, detail) = place(&innermost(&error));
            Err(Problem::new(Kind::MalformedJson, detail))
        }
        Err(_) => Err(Problem::new(Kind::MalformedJson, "the body cannot be read")),
    }
}

/// What the reader said itself: a path, a colon, and what is wrong there.
fn innermost(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// `lines[0].gross_minor: invalid type: …` as `/lines/0/gross_minor` and the rest. The path is `.` for the whole.
fn place(said: &str) -> (String, String) {
    let Some((path, detail)) = said.split_once(": ") else { return (String::new(), said.to_owned()) };
    let is_path = !path.contains(' ') && !path.contains('`');
    if !is_path {
        return (String::new(), said.to_owned());
    }
    let mut pointer = String::new();
    for step in path.split(['.', '[']).map(|step| step.trim_end_matches(']')).filter(|step| !step.is_empty())
    {
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    }
    (pointer, detail.to_owned())
}

/// Whether lists and objects within one another go deeper. Looks at the bytes only, so that nothing is built before.
pub fn deeper_than(bytes: &[u8], most: usize) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for byte in bytes {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'[' | b'{') => {
                depth += 1;
                if depth > most {
                    return true;
                }
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[expect(dead_code, reason = "only read")]
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    struct Line {
        #[expect(dead_code, reason = "only read")]
        gross_minor: i64,
    }

    #[test]
    fn the_place_of_a_fault_is_exact() {
        for (body, kind, pointer) in [
            (
                r#"{"lines": [{"gross_minor": 1}, {"gross_minor": "2"}]}"#,
                Kind::InvalidBody,
                "/lines/1/gross_minor",
            ),
            (r#"{"lines": [{"gross_minor": 1.5}]}"#, Kind::InvalidBody, "/lines/0/gross_minor"),
            (r#"{"lines": [{}]}"#, Kind::InvalidBody, "/lines/0"),
            (r#"{"lines": 7}"#, Kind::InvalidBody, "/lines"),
            (r#"{}"#, Kind::InvalidBody, ""),
            (r#"{"lines": [], "lnies": []}"#, Kind::InvalidBody, "/lnies"),
            (r#"[]"#, Kind::InvalidBody, ""),
            (r#"[[[[1]]]]"#, Kind::InvalidBody, ""),
            (r#"{"lines": ["#, Kind::MalformedJson, ""),
            ("", Kind::MalformedJson, ""),
        ] {
            let problem = read::<Order>(body.as_bytes(), 3).unwrap_err();
            let place = problem.errors.first().map_or("", |fault| fault.pointer.as_str());
            assert_eq!((problem.kind, place), (kind, pointer), "{body}: {problem:?}");
        }
    }

    #[test]
    fn depth_is_counted_outside_of_texts() {
        assert!(!deeper_than(br#"{"a": "[[[[[\"[[["}"#, 1));
        assert!(deeper_than(br#"{"a": [1]}"#, 1));
        assert!(!deeper_than(br#"[[],[],[]]"#, 2));
    }
}
