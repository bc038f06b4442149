//! `/v1/dead-items`: what came in from outside and could not be taken, with the reason; to be read, tried again, or laid
//! aside for good.

use crate::app::App;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once};
use crate::intake;
use crate::page::{Page, PageAsked};
use crate::problem::{Kind, Problem};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use engine::record::view;
use jiff::Timestamp;
use serde::Serialize;
use store::{DeadItemRow, IntakeRow, Writing};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_dead_items))
        .routes(routes!(try_again))
        .routes(routes!(lay_aside))
}

/// Something that could not be taken.
#[derive(Debug, Serialize, ToSchema)]
struct DeadItem {
    /// Its id; the same thing refused again has the same.
    #[schema(example = "dead_0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    id: String,
    /// Whose it is.
    source: String,
    /// In which words it came: `segment`, `shopify`, `woocommerce`.
    #[schema(example = "segment")]
    kind: String,
    /// Why it could not be taken.
    #[schema(example = "'event' is missing")]
    reason: String,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// As it came, as far as 64 KiB.
    body: String,
}

impl DeadItem {
    fn of(row: DeadItemRow) -> DeadItem {
        DeadItem {
            id: row.item_id,
            source: row.source,
            kind: row.kind,
            reason: row.reason,
            received_at: view::at(row.received_at),
            body: row.body,
        }
    }
}

/// What could not be taken and nobody has dealt with yet.
#[utoipa::path(get, path = "/v1/dead-items", tag = "intake", security(("key" = ["jobs.read"])),
    params(PageAsked), responses((status = 200, body = Page<DeadItem>)))]
async fn list_dead_items(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageAsked>,
) -> Result<Json<Page<DeadItem>>, Problem> {
    let (limit, after) = (page.limit()?, page.after()?);
    let rows =
        app.read(move |session| Ok(session.read().open_dead_items(&caller.source, &after, limit + 1)?));
    let items = rows.await?.into_iter().map(DeadItem::of).collect();
    Ok(Json(Page::of(items, limit, |item: &DeadItem| item.id.clone())))
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
struct TriedAgain {
    /// Its id.
    id: String,
    /// `taken`, or `laid_aside`.
    #[schema(example = "taken")]
    outcome: String,
}

fn find(reading: &Writing<'_>, caller: &Caller, id: &str) -> Result<DeadItemRow, Problem> {
    let found = reading.find_dead_item(id)?;
    let is_theirs = |row: &DeadItemRow| caller.source.is_empty() || caller.source == row.source;
    let open = found.filter(|row| is_theirs(row) && row.settled_at.is_none());
    open.ok_or_else(|| Problem::not_found("open dead item", id))
}

/// Take it again, because the reason has gone: the order has come, the program was changed. What still cannot be taken
/// comes back to the list with its reason.
#[utoipa::path(post, path = "/v1/dead-items/{item}/retry", tag = "intake", security(("key" = ["jobs.replay"])),
    params(("item" = String, Path)), responses((status = 202, body = TriedAgain)))]
async fn try_again(
    State(app): State<App>,
    caller: Caller,
    Path(item): Path<String>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/dead-items/{item}/retry"), [0; 32]);
    let (now, chance) = (app.now_micros(), app.chance_u128() as u64);
    let reply = once(&app, key, hash, move |writing| {
        let dead = find(writing, &caller, &item)?;
        let refused = |why: String| Problem::new(Kind::Refused, why);
        let (message_id, body) = intake::again(&dead).map_err(refused)?;
        let row = IntakeRow {
            intake_id: intake::intake_id(now, 0, chance),
            dialect: dead.kind.clone(),
            source: dead.source.clone(),
            // Heard once already where it was sound; the same trial twice is one.
            message_id: format!("{message_id} again {now}"),
            is_trusted: true,
            body,
            received_at: dead.received_at,
            attempts: 0,
        };
        if writing.settle_dead_item(&dead.item_id, now)? {
            writing.take_in(std::slice::from_ref(&row))?;
        }
        let outcome = "taken".to_owned();
        Ok(Reply::new(StatusCode::ACCEPTED, TriedAgain { id: dead.item_id, outcome }))
    })
    .await?;
    intake::work::kick(&app);
    Ok(reply)
}

/// Nothing is to be done about it: it leaves the list.
#[utoipa::path(delete, path = "/v1/dead-items/{item}", tag = "intake", security(("key" = ["jobs.replay"])),
    params(("item" = String, Path)), responses((status = 200, body = TriedAgain)))]
async fn lay_aside(
    State(app): State<App>,
    caller: Caller,
    Path(item): Path<String>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("DELETE /v1/dead-items/{item}"), [0; 32]);
    let now = app.now_micros();
    once(&app, key, hash, move |writing| {
        let dead = find(writing, &caller, &item)?;
        writing.settle_dead_item(&dead.item_id, now)?;
        Ok(Reply::ok(TriedAgain { id: dead.item_id, outcome: "laid_aside".to_owned() }))
    })
    .await
}
