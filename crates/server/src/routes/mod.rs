//! One file a resource, laid out like the URLs. A route names its scope in its documentation, as
//! `security(("key" = ["orders.record"]))`, and the guard enforces it.

mod attributes;
mod benefits;
mod bulk;
mod cases;
mod codes;
mod consents;
mod customers;
mod dead_items;
mod exports;
mod feedback;
mod health;
mod jobs;
pub(crate) mod keys;
mod ledger;
pub mod live;
mod members;
mod orders;
mod people;
mod preview;
mod profile;
mod programs;
mod redemptions;
mod returns;
mod rewards;
pub(crate) mod segments;
mod session;
mod shops;
mod single_sign_on;
pub(crate) mod staff;
mod tills;
mod vouchers;
mod webhooks;

use crate::app::App;
use crate::openapi::Document;
use crate::problem::{Kind, Problem};
use axum::extract::Path;
use axum::http::{HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// What takes a key.
pub fn v1() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(attributes::routes())
        .merge(benefits::routes())
        .merge(bulk::routes())
        .merge(cases::routes())
        .merge(codes::routes())
        .merge(consents::routes())
        .merge(customers::routes())
        .merge(dead_items::routes())
        .merge(exports::routes())
        .merge(feedback::routes())
        .merge(jobs::routes())
        .merge(keys::routes())
        .merge(ledger::routes())
        .merge(live::routes())
        .merge(members::routes())
        .merge(orders::routes())
        .merge(people::routes())
        .merge(preview::routes())
        .merge(profile::routes())
        .merge(programs::routes())
        .merge(redemptions::routes())
        .merge(returns::routes())
        .merge(rewards::routes())
        .merge(segments::routes())
        .merge(shops::routes())
        .merge(staff::routes())
        .merge(tills::routes())
        .merge(vouchers::routes())
        .merge(webhooks::routes())
}

/// Signing in and out, which takes no key.
pub fn sessions() -> OpenApiRouter<App> {
    session::routes().merge(single_sign_on::routes())
}

/// What is open to all: whether the server lives, what can be asked, what a problem means.
pub fn open(document: OpenApi) -> Router<App> {
    let docs = utoipa_swagger_ui::SwaggerUi::new("/docs").url("/openapi.json", document);
    Router::new()
        .merge(Router::<App>::from(docs).layer(axum::middleware::map_response(viewer)))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/problems", get(problems))
        .route("/problems/{slug}", get(problem))
}

/// The viewer of the API is a page with script and style of its own, all of it from here.
async fn viewer(mut response: Response) -> Response {
    let policy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

async fn problems() -> Json<Vec<serde_json::Value>> {
    let one = |kind: &Kind| {
        serde_json::json!({
            "type": format!("/problems/{}", kind.slug()), "title": kind.title(), "status": kind.status().as_u16(),
        })
    };
    Json(Kind::ALL.iter().map(one).collect())
}

async fn problem(Path(slug): Path<String>) -> Response {
    match Kind::ALL.iter().find(|kind| kind.slug() == slug) {
        Some(kind) => ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], kind.page()).into_response(),
        None => Problem::not_found("kind of problem", &slug).into_response(),
    }
}

/// No route has that path.
pub async fn nowhere(uri: Uri) -> Problem {
    Problem::new(Kind::NotFound, format!("there is nothing at {}; /docs shows what there is", uri.path()))
}

/// The path is known, and does not take that method.
pub async fn not_so(method: Method, uri: Uri) -> Problem {
    Problem::new(
        Kind::MethodNotAllowed,
        format!("{} does not take {method}; /docs shows what it takes", uri.path()),
    )
}
