//! Campaigns: choose people, leave a share alone by lot, hand the list over, and know what it brought.
//!
//! - [`list`] is the shop's memory, [`segments`] says who, [`plan`] what and how it will be read;
//! - [`cycle`] is one campaign from the problem to the decision, with every next step; [`files`] is what leaves and comes
//!   back.

pub mod cycle;
pub mod files;
pub mod list;
pub mod plan;
pub mod segments;

use super::Guarded;
use super::guard::{Needs, Visit};
use super::samples::Made;
use crate::app::App;
use crate::problem::Problem;
use crate::workshop::{Desk, Workshop};
use axum::Router;
use axum::routing::{MethodRouter, get, post};
use domain::port::Only;
use engine::act::Stopped;
use engine::act::freeze::Facts;
use engine::staff::permissions::Operation::{self, *};

/// Its routes.
pub fn routes(page: Guarded<'_>) -> Router<App> {
    let at = |needs: Operation, route: MethodRouter<App>| page(Needs::Operation(needs), route);
    Router::new()
        .route("/campaigns", at(ReadSegments, get(list::show)))
        .route("/campaigns/segment", at(ReadSegments, get(segments::show)))
        .route("/campaigns/segment", at(WriteSegments, post(segments::keep)))
        .route("/campaigns/plan", at(WriteSegments, get(plan::begin).post(plan::keep)))
        .route("/campaigns/of/{campaign}", at(ReadSegments, get(cycle::show)))
        .route("/campaigns/of/{campaign}/report", at(ReadReports, get(cycle::report)))
        .route("/campaigns/of/{campaign}/freeze", at(WriteSegments, post(cycle::freeze)))
        .route("/campaigns/of/{campaign}/measure", at(WriteSegments, post(cycle::measure)))
        .route("/campaigns/of/{campaign}/close", at(WriteSegments, post(cycle::close)))
        .route("/campaigns/of/{campaign}/list", at(ExportLists, post(files::export)))
        .route("/campaigns/of/{campaign}/results", at(ExportLists, post(files::results)))
}

/// Its pages, for the test that looks at all of them.
pub fn samples(made: &mut Made<'_>) {
    made.page::<list::ListPage>();
    made.one("campaigns-none", &list::ListPage::sample_none());
    made.page::<segments::SegmentPage>();
    for (name, page) in segments::SegmentPage::samples() {
        made.one(name, &page);
    }
    made.page::<plan::PlanPage>();
    made.one("plan-file", &plan::PlanPage::sample_file());
    made.page::<cycle::CyclePage>();
    for (name, page) in cycle::CyclePage::samples() {
        made.one(name, &page);
    }
}

fn workshop(app: &App) -> Result<Workshop, Problem> {
    let lake = app.lake().ok_or_else(|| Problem::unavailable("this server has no lake", 60))?;
    Ok(lake.workshop.clone())
}

/// Work on state, with the time; what is refused comes as a sentence.
async fn at_desk<T: Send + 'static>(
    visit: &Visit,
    work: impl FnOnce(&mut Desk, i64) -> Result<T, Stopped> + Send + 'static,
) -> Result<Result<T, String>, Problem> {
    let (workshop, now) = (workshop(visit.app())?, visit.app().now_micros());
    let working = move || {
        let mut desk = (workshop.desk)().map_err(broken)?;
        told(work(&mut desk, now))
    };
    visit.app().aside(working).await
}

/// The same with the lake as of now; `margin` as a share of sales where a plan says one.
async fn with_facts<T: Send + 'static>(
    visit: &Visit,
    margin: Option<f64>,
    work: impl FnOnce(&mut Desk, &Facts<'_>, i64) -> Result<T, Stopped> + Send + 'static,
) -> Result<Result<T, String>, Problem> {
    let lake =
        visit.app().lake().cloned().ok_or_else(|| Problem::unavailable("this server has no lake", 60))?;
    let now = visit.app().now_micros();
    let working = move || {
        let mut desk = (lake.workshop.desk)().map_err(broken)?;
        let mut opened = (lake.open)(&Only::default()).map_err(broken)?;
        opened.options.margin_share = margin;
        let as_of = match engine::understand::last_day(&*opened.insights, &opened.options) {
            Ok(day) => day,
            Err(stopped) => return told(Err(stopped.into())),
        };
        let (insights, options, secret) = (&*opened.insights, opened.options, desk.secret);
        let facts = Facts { insights, options, as_of, now_micros: now, secret };
        told(work(&mut desk, &facts, now))
    };
    visit.app().aside(working).await
}

fn told<T>(answer: Result<T, Stopped>) -> Result<Result<T, String>, Problem> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(Stopped::Refused(refused)) => Ok(Err(refused.to_string())),
        Err(Stopped::Failed(failure)) => Err(broken(failure)),
    }
}

fn broken(failure: domain::port::Failure) -> Problem {
    Problem::internal(failure.to_string())
}
