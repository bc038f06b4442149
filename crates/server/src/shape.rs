//! What readers ask of an answer's form: only some fields (`?fields=id,balances`), or nothing where it has not changed
//! (`If-None-Match`).

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// The largest answer that is looked at; lists come in pages, so that only exports and streams are larger.
const MOST: u64 = 8 << 20;

/// Around every route.
pub async fn shape(request: Request, next: Next) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return next.run(request).await;
    }
    let fields = request.uri().query().and_then(fields);
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_small = http_body_size(&response).is_some_and(|size| size <= MOST);
    if response.status() != StatusCode::OK || kind != Some("application/json") || !is_small {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(mut bytes) = to_bytes(body, MOST as usize).await else {
        return crate::problem::Problem::internal("an answer could not be read again").into_response();
    };
    if let (Some(fields), Ok(mut value)) = (&fields, serde_json::from_slice::<Value>(&bytes)) {
        keep(&mut value, fields);
        bytes = value.to_string().into();
        parts.headers.remove(header::CONTENT_LENGTH);
    }
    let tag = format!("\"{}\"", &blake3::hash(&bytes).to_hex()[..32]);
    if known.as_ref().and_then(|known| known.to_str().ok()).is_some_and(|known| matches(known, &tag)) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_LENGTH);
        bytes.clear();
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        parts.headers.entry(header::ETAG).or_insert(tag);
    }
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Response::from_parts(parts, Body::from(bytes))
}

fn http_body_size(response: &Response) -> Option<u64> {
    hyper::body::Body::size_hint(response.body()).exact()
}

/// Whether one of the tags a client knows is this one; compression makes tags weak on their way.
pub fn matches(known: &str, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.split(',').any(|one| one.trim() == "*" || bare(one) == tag)
}

/// The fields a query asks for.
fn fields(query: &str) -> Option<Vec<String>> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let (_, text) = pairs.find(|(name, _)| name == "fields")?;
    Some(text.split(',').map(|field| field.trim().to_owned()).filter(|field| !field.is_empty()).collect())
}

/// Keep only these fields: of each thing in a list, else of the thing itself.
fn keep(value: &mut Value, fields: &[String]) {
    match value {
        Value::Object(page) if page.get("data").is_some_and(Value::is_array) => {
            if let Some(Value::Array(all)) = page.get_mut("data") {
                all.iter_mut().for_each(|one| keep(one, fields));
            }
        }
        Value::Object(object) => object.retain(|name, _| fields.iter().any(|field| field == name)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_kept_in_things_and_in_lists() {
        let mut one = json!({"id": 1, "name": "Ana", "tags": []});
        keep(&mut one, &fields("fields=id,tags").unwrap());
        assert_eq!(one, json!({"id": 1, "tags": []}));
        let mut page = json!({"data": [{"id": 1, "name": "Ana"}], "next": "x"});
        keep(&mut page, &["id".to_owned()]);
        assert_eq!(page, json!({"data": [{"id": 1}], "next": "x"}));
        assert_eq!(fields("limit=2"), None);
    }

    #[test]
    fn tags_match_weakly() {
        assert!(matches("W/\"a\", \"b\"", "\"b\"") && matches("*", "\"b\"") && matches("W/\"b\"", "\"b\""));
        assert!(!matches("\"a\"", "\"b\""));
    }
}
