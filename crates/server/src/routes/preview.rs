//! `/v1/preview`: what a basket would earn, what can be used on it, what is missing.

use super::members::Of;
use super::orders::OrderIn;
use super::rewards::{Reward, rewards};
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::effect::{Effect, refusal};
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Query, State};
use engine::record::answer::Outcome;
use engine::record::command::{Act, Command};
use engine::record::view;
use loyalty::fact::Fact;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(preview))
}

/// What a basket would bring.
#[derive(Debug, Serialize, ToSchema)]
struct Preview {
    /// What it would earn, each move with its reason; absent where it is nobody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    earns: Option<Effect>,
    /// What the member can use now, on this basket; and what is missing for the rest.
    rewards: Vec<Reward>,
}

/// What would this basket earn, what can be used, what is missing? Nothing happens.
#[utoipa::path(post, path = "/v1/preview", tag = "till", security(("key" = ["points.spend"])), params(Of),
    request_body(content = OrderIn, example = json!({
        "id": "basket", "customer": "phone:0901234567", "lines": [{"id": "1", "product": "latte", "gross_minor": 450}]
    })),
    responses((status = 200, body = Preview)))]
async fn preview(
    State(app): State<App>,
    caller: Caller,
    Query(of): Query<Of>,
    body: Body<OrderIn>,
) -> Result<Json<Preview>, Problem> {
    let (open, lang) = (app.program(of.program.as_deref())?, of.lang()?);
    let order = body.value.read(&app, &caller.source).await?;
    let Some(member) = order.member.clone() else {
        return Ok(Json(Preview { earns: None, rewards: Vec::new() }));
    };
    let now = app.now();
    let command = Command { key: None, source: caller.source, by: None, act: Act::Fact(Fact::Order(order)) };
    let shop = open.clone();
    let (rehearsed, shelf) = app
        .look(move |reading| Ok(view::preview(reading, &shop.in_force, &command, member.as_str(), now)?))
        .await?;
    if rehearsed.answer.outcome == Outcome::Refused {
        return Err(refusal(&rehearsed.answer));
    }
    let program = &open.in_force.program;
    let rewards = shelf.map(|shelf| rewards(program, &shelf, lang)).unwrap_or_default();
    Ok(Json(Preview { earns: Some(Effect::tried(program, &rehearsed, lang)), rewards }))
}
