//! `/v1/exports`: everything of a kind as JSON lines, as of one instant, while it is read: nothing is held but a page.

use super::members::Of;
use crate::app::App;
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::record::program::InForce;
use engine::record::view;
use loyalty::ledger::{Line, Pot};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Writing;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export))
}

/// Owners that are read at once.
const PAGE: i64 = 500;

/// Takes a line; says no when nobody listens any more.
type Take<'a> = &'a mut dyn FnMut(Value) -> bool;

/// Everything of a kind as JSON lines, as of one instant: `members` with their balances, or `entries` of the ledger. The
/// last line says how many there were: without it the export was cut off.
#[utoipa::path(get, path = "/v1/exports/{what}", tag = "operation", security(("key" = ["exports.write"])),
    params(("what" = String, Path, description = "members or entries", example = "members"), Of),
    responses((status = 200, body = String, content_type = "application/x-ndjson")))]
async fn export(
    State(app): State<App>,
    Path(what): Path<String>,
    Query(of): Query<Of>,
) -> Result<Response, Problem> {
    let open = app.program(of.program.as_deref())?;
    let kind: fn(&Writing<'_>, &InForce, Take<'_>) -> Result<(), Problem> = match what.as_str() {
        "members" => members,
        "entries" => entries,
        _ => return Err(Problem::not_found("export", &what)),
    };
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(64);
    let in_force: Arc<InForce> = open.in_force.clone();
    // It runs beside the answer; where it fails the answer breaks off before its last line.
    tokio::spawn(async move {
        let lines = sender.clone();
        let walked = app.read(move |session| {
            session.snapshot(|reading| {
                let mut count = 0u64;
                let mut take = |line: Value| {
                    count += 1;
                    lines.blocking_send(Ok(Bytes::from(format!("{line}\n")))).is_ok()
                };
                kind(reading, &in_force, &mut take)?;
                let last = Bytes::from(format!("{}\n", json!({ "lines": count })));
                drop(lines.blocking_send(Ok(last)));
                Ok::<_, Problem>(())
            })
        });
        if let Err(problem) = walked.await {
            tracing::error!(
                why = problem.secret.as_deref().unwrap_or(&problem.detail),
                "an export broke off"
            );
            drop(sender.send(Err(std::io::Error::other("the export broke off"))).await);
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

/// Walk over all owners, some hundred at a time, as long as `page` says so.
fn walk(
    reading: &Writing<'_>,
    program: &str,
    mut page: impl FnMut(&str, Option<&str>) -> Result<bool, Problem>,
) -> Result<(), Problem> {
    let mut after = String::new();
    loop {
        let until = reading.owner_at(program, &after, PAGE)?;
        if !page(&after, until.as_deref())? {
            return Ok(());
        }
        match until {
            Some(until) => after = until,
            None => return Ok(()),
        }
    }
}

fn members(reading: &Writing<'_>, in_force: &InForce, take: Take<'_>) -> Result<(), Problem> {
    let program = in_force.program.head.id.as_str();
    walk(reading, program, |after, until| {
        for row in reading.members_between(program, after, until)? {
            let accounts = reading.accounts_of(&row.customer_id, program)?;
            let balances: Vec<Value> = accounts
                .iter()
                .map(|account| {
                    json!({
                        "wallet": account.wallet, "at": view::at(account.posted_at), "available": account.available,
                        "pending": account.pending, "held": account.held, "owed": account.owed,
                    })
                })
                .collect();
            let line = json!({
                "customer": row.customer_id, "joined_at": view::at(row.joined_at), "merged_into": row.merged_into,
                "balances": balances,
            });
            if !take(line) {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

fn entries(reading: &Writing<'_>, in_force: &InForce, take: Take<'_>) -> Result<(), Problem> {
    let program = in_force.program.head.id.as_str();
    walk(reading, program, |after, until| {
        for row in reading.postings_between(program, after, until)? {
            let damaged =
                || Problem::internal(format!("posting {} of {} cannot be read", row.number, row.owner_id));
            let lines: Vec<Line> = serde_json::from_str(&row.lines).map_err(|_| damaged())?;
            let own = |line: &&Line| matches!(line.pot, Pot::Lot(_) | Pot::Held(_) | Pot::Owed);
            let change: i64 = lines.iter().filter(own).map(|line| line.amount).sum();
            let line = json!({
                "owner": row.owner_id, "wallet": row.wallet, "number": row.number, "at": view::at(row.posted_at),
                "kind": row.kind, "change": change, "lines": lines,
                "cause": {"kind": row.cause_kind, "id": row.cause_id, "rule": row.rule, "version": row.rule_version},
            });
            if !take(line) {
                return Ok(false);
            }
        }
        Ok(true)
    })
}
