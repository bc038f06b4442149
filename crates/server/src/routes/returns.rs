//! `/v1/orders/{order}/returns`, `/v1/orders/{order}/void`: what came back, and what never was.

use super::members::act;
use super::orders::{check_id, name, own};
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::effect::{Asked, Effect};
use crate::idempotency::{IdempotencyKey, Reply};
use crate::problem::Problem;
use axum::extract::{Path, Query, State};
use engine::record::command::Act;
use loyalty::fact::{Fact, Return, ReturnLine};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_return))
        .routes(routes!(undo_return))
        .routes(routes!(void_order))
}

/// Something came back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReturnIn {
    /// The source's own id: the same id again changes nothing.
    #[schema(example = "r-1")]
    id: String,
    /// Which lines; none means all that is left.
    #[serde(default)]
    lines: Vec<ReturnLineIn>,
}

/// What of a line came back: a quantity, or money for goods that stay; with neither, all that is left.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReturnLineIn {
    /// The line of the order.
    #[schema(example = "1")]
    line: String,
    /// Thousandths of a unit.
    #[serde(default)]
    quantity_milli: i64,
    /// Minor units given back without goods.
    #[serde(default)]
    amount_minor: i64,
}

/// Take goods back: what they earned goes, to the unit, whatever the number and the order of the parts. A return that
/// comes before its order waits for it.
#[utoipa::path(post, path = "/v1/orders/{order}/returns", tag = "orders", security(("key" = ["orders.record"])),
    params(("order" = String, Path, example = "o-1001"), Asked),
    request_body(content = ReturnIn, example = json!({"id": "r-1", "lines": [{"line": "1"}]})),
    responses((status = 201, description = "It took effect", body = Effect), (status = 202, description = "It waits for its order", body = Effect)))]
async fn create_return(
    State(app): State<App>,
    caller: Caller,
    Path(order): Path<String>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
    body: Body<ReturnIn>,
) -> Result<Reply, Problem> {
    check_id("/id", &body.value.id)?;
    let line = |line: &ReturnLineIn| ReturnLine {
        line: name(&line.line),
        quantity_milli: line.quantity_milli,
        amount_minor: line.amount_minor,
    };
    let back = Return {
        id: name(&body.value.id),
        order: name(own(&order)),
        lines: body.value.lines.iter().map(line).collect(),
    };
    act(&app, &caller, &asked, key, Act::Fact(Fact::Return(back))).await
}

/// Take a return back: the customer keeps the goods after all.
#[utoipa::path(delete, path = "/v1/orders/{order}/returns/{return}", tag = "orders", security(("key" = ["orders.record"])),
    params(("order" = String, Path), ("return" = String, Path), Asked), responses((status = 201, body = Effect)))]
async fn undo_return(
    State(app): State<App>,
    caller: Caller,
    Path((order, back)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let undone = Fact::ReturnUndone { id: name(own(&back)), order: name(own(&order)) };
    act(&app, &caller, &asked, key, Act::Fact(undone)).await
}

/// Void a bill in one call: all that is left of it comes back, and what it earned goes. Voided again, nothing changes;
/// voided before it comes, as a till's queue may have it, it waits for the bill.
#[utoipa::path(post, path = "/v1/orders/{order}/void", tag = "till", security(("key" = ["orders.record"])),
    params(("order" = String, Path, example = "o-1001"), Asked),
    responses((status = 201, description = "It took effect", body = Effect), (status = 202, description = "It waits for its order", body = Effect),
        (status = 200, description = "It was voided before", body = Effect)))]
async fn void_order(
    State(app): State<App>,
    caller: Caller,
    Path(order): Path<String>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    check_id("/order", own(&order))?;
    let fact = Fact::OrderCancelled { order: name(own(&order)) };
    act(&app, &caller, &asked, key, Act::Fact(fact)).await
}
