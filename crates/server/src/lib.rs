//! The door: HTTP for tills, web shops, apps and people. It must not know the query engine, nor a rule.
//!
//! - [`app`] is what every request can reach: readers, the writer of each program, keys, limits;
//! - [`routes`] is laid out like the URLs, one file a resource; a route says its scope where it says its path, and
//!   [`guard`] enforces what is said there, so that what is documented is what is enforced;
//! - [`problem`] is every "no" there is, as RFC 9457 has it, each with a page;
//! - [`body`], [`idempotency`], [`page`], [`reference`] are what all routes read alike;
//! - [`intake`] takes what others send in words of their own: [`segment`], [`shops`];
//! - [`console`] is pages for people, [`figures`] what the lake says as they show it, [`brand`] the shop's own look;
//! - [`webhooks`] tells others what happens here;
//! - [`edge`] is what happens to every request and answer; [`listen`] accepts connections and ends well.
//!
//! The record and the store are synchronous. A command goes to the writer's queue and its answer comes back through a
//! channel; a read runs on a blocking thread with a session of its own. Time and chance are arguments.

pub mod app;
pub mod body;
pub mod brand;
pub mod caller;
pub mod console;
pub mod edge;
pub mod effect;
pub mod figures;
pub mod guard;
pub mod idempotency;
pub mod intake;
pub mod key;
pub mod limit;
pub mod listen;
pub mod logs;
pub mod mail;
pub mod metrics;
pub mod openapi;
pub mod page;
pub mod problem;
pub mod proof;
pub mod reference;
pub mod reports;
pub mod routes;
pub mod scope;
pub mod seal;
pub mod segment;
mod shape;
pub mod shop_head;
pub mod shops;
pub mod sign_in;
pub mod single_sign_on;
pub mod tills;
pub mod tls;
pub mod traces;
pub mod webhooks;
pub mod workshop;

pub use app::App;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;

/// The whole door over an open shop.
pub fn router(app: App) -> Router {
    let (api, mut document) = routes::v1().split_for_parts();
    let (sessions, more) = routes::sessions().split_for_parts();
    for more in [more, segment::document::document(), shops::document::document()] {
        document.merge(more);
    }
    let document = openapi::whole(&document);
    let limit = app.settings().body_bytes;
    let guard = guard::Guard { app: app.clone(), table: guard::Table::of(&document) };
    let guarded = api.route_layer(from_fn_with_state(guard, guard::guard));
    routes::open(document)
        .merge(segment::routes())
        .merge(shops::routes())
        .merge(guarded)
        .merge(sessions)
        .merge(console::router(&app))
        .fallback(routes::nowhere)
        .method_not_allowed_fallback(routes::not_so)
        .layer(from_fn(shape::shape))
        .layer(DefaultBodyLimit::max(limit))
        .layer(RequestDecompressionLayer::new())
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(app.clone(), edge::edge))
        .with_state(app)
}
