//! Analysis: the report's lenses as live pages, what every figure means, and an analyst's own queries.
//!
//! - [`lens`] shows a part of the report with its pictures and tables to take out;
//! - [`reports`] are written by themselves;
//! - [`registry`] says what every word and every relation means; [`sql`] asks the relations.

pub mod lens;
pub mod registry;
pub mod reports;
pub mod sql;

use super::Guarded;
use super::guard::Needs;
use super::samples::Made;
use crate::app::App;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use engine::staff::permissions::Operation::{self, *};
use serde::Serialize;
use std::sync::Arc;

/// The parts of the report, by their anchors in it.
pub const LENSES: [&str; 12] = [
    "period", "change", "cohort", "cohorts", "base", "value", "late", "kinds", "next", "products", "places",
    "models",
];

/// A tab: the key of its words, and where it leads.
#[derive(Debug, Clone, Serialize)]
pub struct Tab {
    word: String,
    href: String,
}

/// All of them.
pub fn tabs() -> Vec<Tab> {
    let lenses = LENSES.into_iter().map(|lens| (format!("section-{lens}"), format!("/analysis/{lens}")));
    let more = [
        ("console-reports", "/analysis/reports"),
        ("console-registry", "/analysis/registry"),
        ("console-sql", "/analysis/sql"),
    ];
    let more = more.into_iter().map(|(word, href)| (word.to_owned(), href.to_owned()));
    lenses.chain(more).map(|(word, href)| Tab { word, href }).collect()
}

/// Its routes.
pub fn routes(page: Guarded<'_>) -> Router<App> {
    let at = |needs: Operation, route: MethodRouter<App>| page(Needs::Operation(needs), route);
    Router::new()
        .route("/analysis", at(ReadReports, get(lens::first)))
        .route("/analysis/report", at(ReadReports, get(lens::report)))
        .route("/analysis/reports", at(ReadReports, get(reports::show)))
        .route("/analysis/reports", at(ManageSettings, post(reports::add)))
        .route("/analysis/reports/{report}", at(ReadReports, get(reports::file)))
        .route("/analysis/reports/{report}", at(ManageSettings, post(reports::change)))
        .route("/analysis/registry", at(ReadReports, get(registry::show)))
        .route("/analysis/sql", at(ReadReports, get(sql::show).post(sql::ask)))
        .route("/analysis/{lens}", at(ReadReports, get(lens::show)))
        .route("/analysis/{lens}/{file}", at(ReadReports, get(lens::file)))
        .layer(Extension(Arc::new(reports::Writing::default())))
}

/// Its pages, for the test that looks at all of them.
pub fn samples(made: &mut Made<'_>) {
    for lens in LENSES {
        made.one(&format!("analysis-{lens}"), &lens::LensPage::sample_of(made.reader(), lens));
    }
    made.one("analysis-none", &lens::LensPage::sample_none());
    made.page::<reports::ReportsPage>();
    made.one("reports-none", &reports::ReportsPage::sample_none());
    made.page::<registry::RegistryPage>();
    made.one("registry-words", &registry::RegistryPage::sample_words(made.reader()));
    made.page::<sql::SqlPage>();
    made.one("sql-empty", &sql::SqlPage::sample_empty());
}
