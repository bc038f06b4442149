//! `/v1/customers/{customer}/benefits`: what a member's tier grants, what is left of it, and each use.

use super::members::{Of, act, shelf};
use super::redemptions::{id_of, member};
use super::rewards::Reason;
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::effect::{Asked, Effect, word};
use crate::idempotency::{IdempotencyKey, Reply};
use crate::page::Page;
use crate::problem::Problem;
use crate::reference;
use axum::Json;
use axum::extract::{Path, Query, State};
use engine::record::command::Act;
use jiff::Timestamp;
use loyalty::benefit::{self, Left, Standing};
use loyalty::fact::{Fact, UseBenefit};
use loyalty::program::Lang;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_benefits))
        .routes(routes!(use_benefit))
        .routes(routes!(undo_benefit))
}

/// A benefit as it is for a member.
#[derive(Debug, Serialize, ToSchema)]
struct Benefit {
    /// The benefit.
    #[schema(example = "refill")]
    benefit: String,
    /// Its name.
    name: String,
    /// The tier that grants it: the member's, or the lowest that does.
    tier: String,
    /// Whether the member can use it now.
    is_available: bool,
    /// How often in the period; absent means always.
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<u32>,
    /// The period of the quota: `day`, `week`, `month`, `year`, `lifetime`.
    #[serde(skip_serializing_if = "Option::is_none")]
    per: Option<String>,
    /// How often still in this period.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<u32>,
    /// The first day of the next period.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// Why it cannot be used now.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

fn benefit(standing: Standing<'_>, lang: Lang) -> Benefit {
    let Standing { spec, tier, left, until } = standing;
    let used_up = spec.quota.map(|_| 0).filter(|_| matches!(left, Err(benefit::NoBenefit::UsedUp { .. })));
    Benefit {
        benefit: spec.id.to_string(),
        name: spec.name.in_language(lang.code()).to_owned(),
        tier: tier.to_string(),
        is_available: left.is_ok(),
        quota: spec.quota,
        per: spec.quota.map(|_| word(&spec.per)),
        left: left.as_ref().map_or(used_up, |Left { times, .. }| *times),
        until: until.map(|day| day.to_string()),
        reason: left.err().map(|why| Reason {
            code: why.code().to_owned(),
            why: why.to_string(),
            missing: None,
        }),
    }
}

/// Every benefit of the program's tiers: whether the member can use it now, how often still, and if not why.
#[utoipa::path(get, path = "/v1/customers/{customer}/benefits", tag = "points", security(("key" = ["customers.read"])),
    params(("customer" = String, Path), Of), responses((status = 200, body = Page<Benefit>)))]
async fn list_benefits(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Page<Benefit>>, Problem> {
    let (open, lang) = (app.program(of.program.as_deref())?, of.lang()?);
    let id = reference::find(&app, &caller.source, &customer).await?;
    let shelf = shelf(&app, &open, id).await?;
    let program = &open.in_force.program;
    let standings = benefit::standings(program, shelf.member(), program.day(shelf.at));
    Ok(Json(Page::whole(standings.into_iter().map(|standing| benefit(standing, lang)).collect())))
}

/// A benefit is used.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BenefitIn {
    /// The id of this use: the same id again changes nothing. Made up where there is none.
    #[schema(example = "use-1")]
    id: Option<String>,
    /// The benefit.
    #[schema(example = "refill")]
    benefit: String,
    /// When it was used, where it is told late: the tier and the quota are those of that day.
    #[schema(value_type = Option<String>, format = DateTime)]
    happened_at: Option<Timestamp>,
}

/// Use a benefit of the member's tier once. Above its quota it is refused, with the day from which there is more.
#[utoipa::path(post, path = "/v1/customers/{customer}/benefits", tag = "points", security(("key" = ["points.spend"])),
    params(("customer" = String, Path), Asked),
    request_body(content = BenefitIn, example = json!({"id": "use-1", "benefit": "refill"})),
    responses((status = 201, body = Effect)))]
async fn use_benefit(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
    body: Body<BenefitIn>,
) -> Result<Reply, Problem> {
    let member = member(&app, &caller, &asked, &customer).await?;
    let fact = Fact::Benefit(UseBenefit {
        member: member.as_str().into(),
        id: id_of(&app, "use", body.value.id.as_deref(), &key)?,
        benefit: body.value.benefit.as_str().into(),
        happened_at: body.value.happened_at,
    });
    act(&app, &caller, &asked, key, Act::Fact(fact)).await
}

/// Take a use back: it counts on no quota any more.
#[utoipa::path(post, path = "/v1/customers/{customer}/benefits/{use}/undo", tag = "points", security(("key" = ["points.spend"])),
    params(("customer" = String, Path), ("use" = String, Path), Asked), responses((status = 201, body = Effect)))]
async fn undo_benefit(
    State(app): State<App>,
    caller: Caller,
    Path((customer, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let member = member(&app, &caller, &asked, &customer).await?;
    let fact = Fact::BenefitUndone { member: member.as_str().into(), id: id.as_str().into() };
    act(&app, &caller, &asked, key, Act::Fact(fact)).await
}
