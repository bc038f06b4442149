//! `/v1/customers/{customer}/rewards`: what a member can have, and why not the rest.

use super::members::{Of, shelf};
use crate::app::App;
use crate::caller::Caller;
use crate::effect::word;
use crate::page::Page;
use crate::problem::Problem;
use crate::reference;
use axum::Json;
use axum::extract::{Path, Query, State};
use engine::record::view::Shelf;
use loyalty::program::{Lang, Program};
use loyalty::reward::{Unavailable, availability};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_rewards))
}

/// A reward as it is for a member.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reward {
    /// The reward.
    #[schema(example = "coffee")]
    pub reward: String,
    /// Its name.
    pub name: String,
    /// `discount`, `product`, `choice`, `stored_value`, `partial_payment`, …
    pub kind: String,
    /// Whether the member can have it now.
    pub is_available: bool,
    /// The wallet it is paid from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wallet: Option<String>,
    /// What it costs the member, smallest units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    /// Why the member cannot have it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// Why a member cannot have a reward.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reason {
    /// `insufficient_points`, `out_of_stock`, `no_price`, `limit_reached`, `not_yet`, `ended`, …
    pub code: String,
    /// A sentence.
    pub why: String,
    /// Smallest units that are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<i64>,
}

/// All rewards of a program as they are for a member.
pub(super) fn rewards(program: &Program, shelf: &Shelf, lang: Lang) -> Vec<Reward> {
    let one = |spec: &loyalty::program::spec::Reward| {
        let member = shelf.member();
        let answer = availability(program, &shelf.books.shared, member, spec.id.as_str(), shelf.at);
        let (wallet, price, reasons) = match answer {
            Ok((wallet, units)) => (Some(wallet), Some(units), Vec::new()),
            Err(reasons) => {
                let price = loyalty::reward::price(program, spec, member, program.day(shelf.at));
                let units = reasons.iter().find_map(|reason| match reason {
                    Unavailable::InsufficientPoints { price, .. } => Some(*price),
                    _ => None,
                });
                (price.map(|(wallet, _)| wallet), units, reasons)
            }
        };
        Reward {
            reward: spec.id.to_string(),
            name: spec.name.in_language(lang.code()).to_owned(),
            kind: word(&spec.kind),
            is_available: reasons.is_empty(),
            wallet: wallet.map(|place| program.wallets[place].id.to_string()),
            price,
            reasons: reasons.iter().map(reason).collect(),
        }
    };
    program.rewards.iter().map(one).collect()
}

fn reason(reason: &Unavailable) -> Reason {
    let code = serde_json::to_value(reason).ok();
    let code = code.and_then(|value| value["reason"].as_str().map(str::to_owned)).unwrap_or_default();
    let missing = match reason {
        Unavailable::InsufficientPoints { missing, .. } => Some(*missing),
        _ => None,
    };
    Reason { code, why: reason.to_string(), missing }
}

/// Every reward, whether the member can have it now, and if not all the reasons why.
#[utoipa::path(get, path = "/v1/customers/{customer}/rewards", tag = "points", security(("key" = ["customers.read"])),
    params(("customer" = String, Path), Of), responses((status = 200, body = Page<Reward>)))]
async fn list_rewards(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Page<Reward>>, Problem> {
    let (open, lang) = (app.program(of.program.as_deref())?, of.lang()?);
    let id = reference::find(&app, &caller.source, &customer).await?;
    let shelf = shelf(&app, &open, id).await?;
    Ok(Json(Page::whole(rewards(&open.in_force.program, &shelf, lang))))
}
