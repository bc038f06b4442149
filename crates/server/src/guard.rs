//! Who may come in: a key proves who is asking, and the route's own documentation says which scope it takes. A route
//! that names no scope lets nobody in.

use crate::app::App;
use crate::caller::Caller;
use crate::key::Token;
use crate::problem::{Kind, Problem};
use crate::scope;
use crate::sign_in;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::staff::permissions::Operation;
use std::collections::HashMap;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation as Route;

/// The scope of every route, out of the document.
#[derive(Debug, Clone, Default)]
pub struct Table(Arc<HashMap<String, HashMap<String, Operation>>>);

impl Table {
    /// Read the document. A route without a scope, or with one that is none, is a bug: it is not in the table.
    pub fn of(document: &OpenApi) -> Table {
        let mut table: HashMap<String, HashMap<String, Operation>> = HashMap::new();
        for (path, method, operation) in operations(document) {
            if let Some(scope) = scope_of(operation) {
                table.entry(method.to_owned()).or_default().insert(path.to_owned(), scope);
            }
        }
        Table(Arc::new(table))
    }

    /// What a route takes.
    pub fn scope(&self, method: &Method, path: &str) -> Option<Operation> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.0.get(method.as_str())?.get(path).copied()
    }
}

/// Every operation of a document, with its path and its method in capitals.
pub fn operations(document: &OpenApi) -> Vec<(&str, &'static str, &Route)> {
    let mut all = Vec::new();
    for (path, item) in &document.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        let there = methods.into_iter().filter_map(|(name, one)| Some((name, one.as_ref()?)));
        all.extend(there.map(|(name, operation)| (path.as_str(), name, operation)));
    }
    all
}

/// The scope an operation names.
pub fn scope_of(operation: &Route) -> Option<Operation> {
    let security = serde_json::to_value(operation.security.as_ref()?).ok()?;
    let word = security.get(0)?.get("key")?.get(0)?.as_str()?.to_owned();
    word.parse().ok()
}

/// What the guard knows.
#[derive(Clone)]
pub struct Guard {
    /// The shop.
    pub app: App,
    /// What routes take.
    pub table: Table,
}

/// Before every route of the API.
pub async fn guard(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let Guard { app, table } = guard;
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let scope = path.and_then(|path| table.scope(request.method(), path));
    let (caller, rotated) = match known(&app, request.method(), request.headers()).await {
        Ok(known) => known,
        Err(problem) => return problem.into_response(),
    };
    let left = match app.limits().count(&caller.id) {
        Ok(left) => left,
        Err(problem) => return problem.into_response(),
    };
    let headers = request.headers().clone();
    let mut response = match scope {
        Some(scope) if caller.may(scope) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Some(scope) => forbidden(scope).into_response(),
        None => Problem::internal(format!("{path} has no scope", path = path.unwrap_or("?"))).into_response(),
    };
    app.limits().say(left, response.headers_mut());
    let cookie = rotated.map(|token| sign_in::cookie_for(&headers, &token));
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Who is asking: a key in the header, else somebody who has signed in, with a new token where theirs has grown old.
async fn known(app: &App, method: &Method, headers: &HeaderMap) -> Result<(Caller, Option<String>), Problem> {
    let token = session_token(headers).filter(|_| !headers.contains_key(header::AUTHORIZATION));
    let Some(token) = token else { return Ok((authenticate(app, headers).await?, None)) };
    let Some(present) = sign_in::present(app, &token).await? else {
        return Err(nobody("the session is over: sign in again"));
    };
    // A page of somebody else's can make a browser send the cookie, and neither read the token nor set the header.
    if !method.is_safe() {
        same_origin(headers)?;
        let given = headers.get("x-csrf-token").map(HeaderValue::as_bytes).unwrap_or_default();
        if !bool::from(given.ct_eq(present.csrf.as_bytes())) {
            let detail =
                "send the csrf of GET /v1/session as X-CSRF-Token with everything that changes something";
            return Err(Problem::new(Kind::Forbidden, detail));
        }
    }
    Ok((present.caller(), present.rotated))
}

/// The token of a session in the cookies.
pub fn session_token(headers: &HeaderMap) -> Option<String> {
    cookie(headers, sign_in::cookie_name(headers))
}

/// The value of a cookie.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = all.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let found = pairs.find(|(known, _)| *known == name);
    found.map(|(_, value)| value.to_owned()).filter(|value| !value.is_empty())
}

/// What browsers send along from another site is refused, before anything else is looked at.
pub fn same_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok()).unwrap_or("none");
    if matches!(site, "none" | "same-origin") {
        return Ok(());
    }
    Err(Problem::new(Kind::Forbidden, "a page of another site may not do this"))
}

fn forbidden(scope: Operation) -> Problem {
    let detail = format!(
        "this needs the scope '{scope}' ({}), which the key does not have",
        scope.about().trim().trim_end_matches('.').to_lowercase()
    );
    Problem::new(Kind::Forbidden, detail).with("scope", scope.word())
}

/// Who is asking, by `Authorization: Bearer KEY`, or `Basic` with the key as user name, as `curl -u KEY:` sends it.
pub async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller, Problem> {
    let Some(text) = credentials(headers) else {
        return Err(nobody("send your key as 'Authorization: Bearer per_…'"));
    };
    caller(app, &text).await
}

/// Whose key this is.
pub async fn caller(app: &App, key: &str) -> Result<Caller, Problem> {
    let Some(token) = Token::read(key) else {
        return Err(nobody("this is no key of ours: keys look like per_ID_SECRET"));
    };
    let row = app.find_key(&token.key_id).await?;
    let Some(row) = row.filter(|row| token.opens(row, app.pepper(), app.now_micros())) else {
        return Err(nobody("this key is not in force: it is unknown, expired or revoked"));
    };
    app.used_key(&row.key_id);
    let scopes =
        scope::parse(&row.scopes).map_err(|no| Problem::internal(format!("{}: {no}", row.key_id)))?;
    let role = scope::role_of(&scopes);
    Ok(Caller { id: row.key_id, source: row.source, scopes, role })
}

/// Nobody we know.
pub fn nobody(detail: &str) -> Problem {
    Problem::new(Kind::Unauthenticated, detail).header(header::WWW_AUTHENTICATE, "Bearer realm=\"perennial\"")
}

/// The key in the header.
pub fn credentials(headers: &HeaderMap) -> Option<String> {
    let (scheme, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(rest.trim().to_owned()),
        "basic" => {
            let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
            Some(text.split_once(':').map_or(text.as_str(), |(user, _)| user).to_owned())
        }
        _ => None,
    }
}
