//! What happens to every request and answer: an id, a limit on how many and how long, a log line without personal
//! data, strict headers, and every "no" as problem+json.

use crate::app::App;
use crate::console::problem;
use crate::problem::{Kind, Problem};
use crate::traces;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::Instrument as _;

/// The id of a request, in both directions.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Around everything.
pub async fn edge(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = now();
    let id = request_id(&app, request.headers());
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, version) = (request.method().clone(), request.version());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let flight = Flight::begin(&app, &method, &route, began);
    let page = problem::Wanted::of(&app, &request);
    let span = traces::request(known(&method), &route, request.headers());
    let response = bounded(&app, request, next).instrument(span.clone()).await;
    let mut response = finish(response, &id, page.as_ref());
    let status = response.status();
    traces::answered(&span, status);
    let took = flight.end(status);
    tracing::info!(
        request.id = %id, http.method = %method, http.route = %route, http.status = status.as_u16(),
        took_ms = took.as_millis() as u64, "answered"
    );
    strict(response.headers_mut());
    if app.is_closing() && version < Version::HTTP_2 {
        // Whoever would ask on this connection again asks on a new one, which another server may take.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A request under way; a client that goes away ends it too.
struct Flight<'a> {
    app: &'a App,
    method: &'a Method,
    route: &'a str,
    began: Instant,
    status: u16,
}

impl<'a> Flight<'a> {
    fn begin(app: &'a App, method: &'a Method, route: &'a str, began: Instant) -> Flight<'a> {
        app.metrics().began();
        // 499 as nginx has it: whoever asked has gone.
        Flight { app, method, route, began, status: 499 }
    }

    fn end(mut self, status: StatusCode) -> std::time::Duration {
        self.status = status.as_u16();
        self.began.elapsed()
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.app.metrics().ended(known(self.method), self.route, self.status, self.began.elapsed());
    }
}

/// The name of a method. Anybody can make one up; a label that anybody can make up fills the memory.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// Within the time and the number of requests there may be, and whatever breaks.
async fn bounded(app: &App, request: Request, next: Next) -> Response {
    let Ok(_permit) = app.in_flight().try_acquire() else {
        return Problem::unavailable("more requests are under way than this server bears", 1).into_response();
    };
    let patience = app.settings().patience;
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(patience, answering).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Problem::internal("a handler panicked").into_response(),
        Err(_) => {
            let seconds = patience.as_secs();
            let detail = format!(
                "not answered within {seconds} s; what was asked may still happen: ask the same again"
            );
            Problem::unavailable(detail, 1).into_response()
        }
    }
}

/// Problems are written out here, as a page for whoever asked for one; what others of the house refused in plain words
/// becomes a problem too.
fn finish(mut response: Response, id: &str, page: Option<&problem::Wanted>) -> Response {
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None => match plain(&response) {
            Some(problem) => problem,
            None => return response,
        },
    };
    if let Some(secret) = &problem.secret {
        tracing::error!(request.id = %id, problem = problem.kind.slug(), why = %secret, "request failed");
    }
    let around = response.extensions_mut().remove();
    let shown = page.and_then(|page| page.show(around, &problem, id));
    let is_page = shown.is_some();
    let mut rendered = shown.unwrap_or_else(|| Response::new(Body::from(problem.body(id).to_string())));
    *rendered.status_mut() = problem.kind.status();
    // What the way in has said already, such as how many requests are left.
    for (name, value) in response.headers() {
        if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH | header::CONTENT_ENCODING) {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    for (name, value) in problem.headers.iter() {
        rendered.headers_mut().insert(name, value.clone());
    }
    if !is_page {
        let kind = HeaderValue::from_static("application/problem+json");
        rendered.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    rendered
}

fn plain(response: &Response) -> Option<Problem> {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_page = kind.is_some_and(|kind| kind.starts_with("text/html"));
    if is_page || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    let kind = Kind::ALL.iter().copied().find(|kind| kind.status() == status);
    let kind = kind.unwrap_or(if status.is_server_error() { Kind::Internal } else { Kind::InvalidRequest });
    Some(Problem::new(kind, kind.title().to_lowercase()))
}

/// What a browser may do with an answer: nothing, unless the route says otherwise.
fn strict(headers: &mut HeaderMap) {
    const USUAL: [(HeaderName, &str); 5] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in USUAL {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// The caller's own id where it is harmless, else a new one.
fn request_id(app: &App, headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let is_harmless = |id: &&str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    given.filter(is_harmless).map_or_else(|| format!("req_{:032x}", app.chance_u128()), str::to_owned)
}

#[expect(clippy::disallowed_methods, reason = "measures how long an answer takes, and decides nothing")]
fn now() -> Instant {
    Instant::now()
}
