//! `/v1/customers/{customer}/cases` and `/v1/cases`: what the shop takes up for somebody, answered and closed.

use super::people::{acting, done};
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once_apart};
use crate::page::{Page, PageAsked};
use crate::problem::Problem;
use crate::reference;
use axum::Json;
use axum::extract::{Path, Query, State};
use engine::people::{cases, survivor};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_cases_of_customer, open_case))
        .routes(routes!(list_open_cases))
        .routes(routes!(find_case))
        .routes(routes!(answer_case))
        .routes(routes!(close_case))
}

/// What the shop has taken up for somebody.
#[derive(Debug, Serialize, ToSchema)]
struct Case {
    /// Its id.
    #[schema(example = "case_0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    id: String,
    /// Whose: the customer as of the day it was opened.
    customer: String,
    /// What it is about; empty once the person is erased.
    #[schema(example = "the soup was cold")]
    about: String,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// By whom: a member of staff, or a key.
    opened_by: String,
    /// When it was closed; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Timestamp>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<String>,
    /// What was said and done, the first first.
    notes: Vec<CaseNote>,
}

/// Something said or done about a case.
#[derive(Debug, Serialize, ToSchema)]
struct CaseNote {
    /// In words; empty once the person is erased.
    #[schema(example = "called back, she comes again on Friday")]
    text: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    written_at: Timestamp,
    /// By whom.
    written_by: String,
}

impl From<cases::Case> for Case {
    fn from(case: cases::Case) -> Case {
        let note = |note: cases::Note| CaseNote {
            text: note.text,
            written_at: note.written_at,
            written_by: note.written_by,
        };
        Case {
            id: case.id,
            customer: case.customer,
            about: case.about,
            opened_at: case.opened_at,
            opened_by: case.opened_by,
            closed_at: case.closed_at,
            closed_by: case.closed_by,
            notes: case.notes.into_iter().map(note).collect(),
        }
    }
}

/// What is taken up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CaseIn {
    /// In a sentence, 200 characters at most.
    #[schema(example = "the soup was cold")]
    about: String,
}

/// What was said or done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CaseNoteIn {
    /// In words, 4000 characters at most.
    #[schema(example = "called back, she comes again on Friday")]
    text: String,
}

/// Take something up for a customer. While it is open, campaigns leave the customer alone as after a complaint.
#[utoipa::path(post, path = "/v1/customers/{customer}/cases", tag = "customers", security(("key" = ["customers.write"])),
    params(("customer" = String, Path)), request_body = CaseIn, responses((status = 201, body = Case)))]
async fn open_case(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    key: IdempotencyKey,
    body: Body<CaseIn>,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/customers/{customer}/cases"), body.hash);
    once_apart(&app, key, hash, async {
        let whose = reference::find(&app, &caller.source, &customer).await?;
        let (id, about) = (format!("case_{:032x}", app.chance_u128()), body.value.about);
        let opened =
            acting(&app, &caller, move |session, acting| cases::open(session, &id, &whose, &about, acting));
        Ok(Reply::created(Case::from(opened.await?)))
    })
    .await
}

/// Everything that was taken up for a customer, the last first.
#[utoipa::path(get, path = "/v1/customers/{customer}/cases", tag = "customers", security(("key" = ["customers.read"])),
    params(("customer" = String, Path)), responses((status = 200, body = Page<Case>)))]
async fn list_cases_of_customer(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Json<Page<Case>>, Problem> {
    let id = reference::find(&app, &caller.source, &customer).await?;
    let all = app.read(move |session| {
        let reading = session.read();
        Ok(cases::of_customer(&reading, &done(survivor(&reading, &id))?)?)
    });
    Ok(Json(Page::whole(all.await?.into_iter().map(Case::from).collect())))
}

/// What is taken up and not closed yet, the oldest first.
#[utoipa::path(get, path = "/v1/cases", tag = "customers", security(("key" = ["customers.read"])),
    params(PageAsked), responses((status = 200, body = Page<Case>)))]
async fn list_open_cases(
    State(app): State<App>,
    Query(page): Query<PageAsked>,
) -> Result<Json<Page<Case>>, Problem> {
    let (limit, after) = (page.limit()?, page.after()?);
    let rows = app.read(move |session| {
        let after = Some(after.as_str()).filter(|id| !id.is_empty());
        done(cases::open_after(&session.read(), after, limit + 1))
    });
    let rows = rows.await?.into_iter().map(Case::from).collect();
    Ok(Json(Page::of(rows, limit, |case: &Case| case.id.clone())))
}

/// One case.
#[utoipa::path(get, path = "/v1/cases/{case}", tag = "customers", security(("key" = ["customers.read"])),
    params(("case" = String, Path)), responses((status = 200, body = Case)))]
async fn find_case(State(app): State<App>, Path(case): Path<String>) -> Result<Json<Case>, Problem> {
    let found = app.read(move |session| done(cases::find(&session.read(), &case)));
    Ok(Json(Case::from(found.await?)))
}

/// Write down what was said or done about a case that is open.
#[utoipa::path(post, path = "/v1/cases/{case}/notes", tag = "customers", security(("key" = ["customers.write"])),
    params(("case" = String, Path)), request_body = CaseNoteIn, responses((status = 200, body = Case)))]
async fn answer_case(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
    key: IdempotencyKey,
    body: Body<CaseNoteIn>,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/cases/{case}/notes"), body.hash);
    once_apart(&app, key, hash, async {
        let text = body.value.text;
        let answered =
            acting(&app, &caller, move |session, acting| cases::answer(session, &case, &text, false, acting));
        Ok(Reply::ok(Case::from(answered.await?)))
    })
    .await
}

/// A case is closed. Write a note before, where there is something to say.
#[utoipa::path(post, path = "/v1/cases/{case}/close", tag = "customers", security(("key" = ["customers.write"])),
    params(("case" = String, Path)), responses((status = 200, body = Case)))]
async fn close_case(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/cases/{case}/close"), [0; 32]);
    once_apart(&app, key, hash, async {
        let closed =
            acting(&app, &caller, move |session, acting| cases::answer(session, &case, "", true, acting));
        Ok(Reply::ok(Case::from(closed.await?)))
    })
    .await
}
