//! `/v1/jobs`: what could not be done, however often it was tried, and trying it again.

use crate::app::App;
use crate::idempotency::{IdempotencyKey, Reply, asked, once};
use crate::page::Page;
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use store::Queue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_dead)).routes(routes!(replay))
}

/// Whose queue.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Of {
    /// Our own work.
    #[default]
    Jobs,
    /// What others are to be told.
    Outbox,
}

impl Of {
    fn queue(self) -> Queue {
        match self {
            Of::Jobs => Queue::Jobs,
            Of::Outbox => Queue::Outbox,
        }
    }
}

/// Which queue.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// `jobs` or `outbox`.
    #[serde(default)]
    #[param(inline)]
    queue: Of,
}

/// A piece of work that was laid aside.
#[derive(Debug, Serialize, ToSchema)]
struct DeadJob {
    /// Its id.
    id: String,
    /// What it was about.
    topic: String,
    /// How often it was tried.
    attempts: i64,
    /// Why it failed the last time.
    problem: String,
}

/// What was laid aside because nothing helped; at most 1000.
#[utoipa::path(get, path = "/v1/jobs", tag = "operation", security(("key" = ["jobs.read"])), params(Which),
    responses((status = 200, body = Page<DeadJob>)))]
async fn list_dead(
    State(app): State<App>,
    Query(which): Query<Which>,
) -> Result<Json<Page<DeadJob>>, Problem> {
    let queue = which.queue.queue();
    let rows = app.read(move |session| Ok(session.read().dead_letters(queue, 1000)?)).await?;
    let dead = rows.into_iter().map(|row| DeadJob {
        id: row.message_id,
        topic: row.topic,
        attempts: row.attempts,
        problem: row.problem,
    });
    Ok(Json(Page::whole(dead.collect())))
}

/// Try a piece of work again, from the beginning.
#[utoipa::path(post, path = "/v1/jobs/{job}/replay", tag = "operation", security(("key" = ["jobs.replay"])),
    params(("job" = String, Path), Which), responses((status = 204)))]
async fn replay(
    State(app): State<App>,
    Path(job): Path<String>,
    Query(which): Query<Which>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/jobs/{job}/replay of {:?}", which.queue), [0; 32]);
    let (queue, now) = (which.queue.queue(), app.now_micros());
    once(&app, key, hash, move |writing| match writing.revive(queue, &job, now)? {
        true => Ok(Reply::nothing()),
        false => Err(Problem::not_found("job that was laid aside", &job)),
    })
    .await
}
