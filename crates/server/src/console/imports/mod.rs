//! Imports: drop a file, see what was found out about it, say otherwise where that is wrong, bring it in, look at what was
//! rejected.
//!
//! - [`list`] is what came in so far and takes a file; [`job`] is one file on its way; [`jobs`] keeps them meanwhile.

pub mod job;
pub mod jobs;
pub mod list;

use super::Guarded;
use super::guard::Needs;
use super::samples::Made;
use crate::app::App;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, get};
use axum::{Extension, Router};
use engine::staff::permissions::Operation;
use std::sync::Arc;

/// The largest file that is taken by a browser; larger ones come by the command line.
const LARGEST: usize = 1 << 30;

/// Its routes.
pub fn routes(page: Guarded<'_>) -> Router<App> {
    let at = |route: MethodRouter<App>| page(Needs::Operation(Operation::ImportFiles), route);
    Router::new()
        .route("/imports", at(get(list::show).post(list::take)))
        .route("/imports/rejects/{import}", at(get(list::rejects)))
        .route("/imports/{job}", at(get(job::show).post(job::go_on)))
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(Extension(Arc::new(jobs::Jobs::default())))
}

/// Its pages, for the test that looks at all of them.
pub fn samples(made: &mut Made<'_>) {
    made.page::<list::ListPage>();
    made.one("imports-none", &list::ListPage::sample_none());
    made.page::<job::JobPage>();
    for (name, page) in job::JobPage::samples() {
        made.one(name, &page);
    }
}
