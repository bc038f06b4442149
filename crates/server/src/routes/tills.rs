//! `/v1/tills`, `/v1/alerts`: what went on at tills, and what wants looking at.

use super::members::Of;
use crate::app::App;
use crate::page::Page;
use crate::problem::{Kind, Problem};
use crate::tills::{TillReport, look};
use axum::Json;
use axum::extract::{Query, State};
use engine::record::view;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::TillAlertRow;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_tills)).routes(routes!(list_alerts))
}

/// The longest time that is looked at.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 31);

/// When.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct When {
    /// From this instant on; the last seven days where nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Until before this instant; 31 days at most.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// What went on, till by till: bills, members, points spent without a proof, odd hours, and what wants looking at.
#[utoipa::path(get, path = "/v1/tills", tag = "till", security(("key" = ["audit.read"])), params(Of, When),
    responses((status = 200, body = Page<TillReport>)))]
async fn list_tills(
    State(app): State<App>,
    Query(of): Query<Of>,
    Query(when): Query<When>,
) -> Result<Json<Page<TillReport>>, Problem> {
    let open = app.program(of.program.as_deref())?;
    let until = when.until.unwrap_or(app.now());
    let from = when.from.unwrap_or(until - SignedDuration::from_hours(24 * 7));
    if from >= until || until.duration_since(from) > LONGEST {
        let detail = "before 'until', and no more than 31 days";
        return Err(Problem::new(Kind::InvalidRequest, format!("from: {detail}")).at("from", detail));
    }
    let (zone, limits) = (open.in_force.program.zone.clone(), app.settings().tills);
    let span = (from.as_microsecond(), until.as_microsecond());
    let counted = app.read(move |session| Ok(look(&session.read(), span, zone, limits)?)).await?;
    Ok(Json(Page::whole(counted.reports())))
}

/// Something that was noticed.
#[derive(Debug, Serialize, ToSchema)]
struct Alert {
    /// The till.
    till: String,
    /// The day.
    on: String,
    /// `many_bills`, `unproven_burns`, `odd_hours`.
    kind: String,
    /// About whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    /// What, in a sentence.
    why: String,
    /// When it was noticed.
    #[schema(value_type = String, format = DateTime)]
    found_at: Timestamp,
}

impl From<TillAlertRow> for Alert {
    fn from(row: TillAlertRow) -> Alert {
        Alert {
            till: row.till,
            on: row.on_day,
            kind: row.kind,
            customer: Some(row.customer_id).filter(|id| !id.is_empty()),
            why: row.why,
            found_at: view::at(row.found_at),
        }
    }
}

/// What was noticed at tills within the last 31 days, newest first. It is looked for every hour, and told as
/// `till.alert`.
#[utoipa::path(get, path = "/v1/alerts", tag = "till", security(("key" = ["audit.read"])),
    responses((status = 200, body = Page<Alert>)))]
async fn list_alerts(State(app): State<App>) -> Result<Json<Page<Alert>>, Problem> {
    let from = (app.now() - LONGEST).strftime("%Y-%m-%d").to_string();
    let rows = app.read(move |session| Ok(session.read().till_alerts(&from, 1000)?)).await?;
    Ok(Json(Page::whole(rows.into_iter().map(Alert::from).collect())))
}
