//! Whether the server lives, whether it can work, and what it has counted.

use crate::app::App;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

/// The process answers.
pub async fn livez() -> &'static str {
    "ok\n"
}

/// The database answers, and at least its tables are ours; a balancer sends work only then.
pub async fn readyz(State(app): State<App>) -> Result<&'static str, Problem> {
    if app.is_closing() {
        return Err(Problem::unavailable("the server is closing", 1));
    }
    app.read(|session| Ok(session.read().newest_programs().map(drop)?)).await?;
    Ok("ready\n")
}

/// For Prometheus.
pub async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics().text())
}
