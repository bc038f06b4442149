//! `/settings/staff`: who works here, and what they may do.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Tab, all_tabs, tabs};
use crate::problem::{Kind, Problem};
use crate::routes::staff::done;
use crate::sign_in;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use engine::staff::people::{self, Asking, Invitation, StaffMember, Stopped};
use engine::staff::permissions::{NoRole, Operation, Role, may};
use jiff::civil::Date;
use serde::Serialize;
use store::Session;

/// The page.
#[derive(Serialize)]
pub struct StaffPage {
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    roles: [Role; Role::ALL.len()],
    /// What each role may do, in the order of the table.
    table: Vec<(&'static str, Vec<bool>)>,
    /// An invitation, shown once: to whom, and the last part of the link.
    invited: Option<(String, String)>,
    refused: String,
    typed: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    email: String,
    role: Role,
    /// `active`, `invited`, `out`.
    state: &'static str,
    since: Date,
    is_me: bool,
}

fn table() -> Vec<(&'static str, Vec<bool>)> {
    let row = |operation: &Operation| {
        (operation.word(), Role::ALL.into_iter().map(|role| may(role, *operation)).collect())
    };
    Operation::ALL.iter().map(row).collect()
}

impl Page for StaffPage {
    const TEMPLATE: &'static str = "console/settings/staff.html";
    const AREA: Area = Area::Settings;

    fn sample(_: &Reader) -> StaffPage {
        let row = |name: &str, role, state| Row {
            id: format!("stf_{name}"),
            name: name.to_owned(),
            email: format!("{}@corner.example", name.to_lowercase()),
            role,
            state,
            since: jiff::civil::date(2026, 3, 1),
            is_me: name == "Ana",
        };
        StaffPage {
            tabs: all_tabs(),
            rows: vec![
                row("Ana", Role::Owner, "active"),
                row("Ben", Role::Service, "invited"),
                row("Cúc", Role::Till, "out"),
            ],
            roles: Role::ALL,
            table: table(),
            invited: Some(("ben@corner.example".to_owned(), "token".to_owned())),
            refused: "ben@corner.example works here already".to_owned(),
            typed: vec![("email".to_owned(), "ben@corner.example".to_owned())],
        }
    }
}

/// `GET /settings/staff`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    visit.show(&read(&visit).await?)
}

async fn read(visit: &Visit) -> Result<StaffPage, Problem> {
    let all = visit.app().read(|session| Ok(people::list(&session.read())?)).await?;
    let row = |member: StaffMember| Row {
        state: match (member.disabled_at, member.joined_at) {
            (Some(_), _) => "out",
            (None, Some(_)) => "active",
            (None, None) => "invited",
        },
        since: visit.reader().local(member.joined_at.unwrap_or(member.invited_at)).date(),
        is_me: member.id == visit.member().id,
        id: member.id,
        name: member.name,
        email: member.email,
        role: member.role,
    };
    Ok(StaffPage {
        tabs: tabs(visit),
        rows: all.into_iter().map(row).collect(),
        roles: Role::ALL,
        table: table(),
        invited: None,
        refused: String::new(),
        typed: Vec::new(),
    })
}

async fn asking(
    visit: &Visit,
    work: impl FnOnce(&mut Session, &mut Asking<'_>) -> Result<StaffMember, Stopped> + Send + 'static,
) -> Result<StaffMember, Problem> {
    let (actor, now, chances) = (visit.member().actor(), visit.app().now(), visit.app().clone());
    visit
        .app()
        .with_session(move |session| {
            let mut chance = || chances.chance_u128();
            done(work(session, &mut Asking { actor: &actor, now, chance: &mut chance }))
        })
        .await
}

fn role(text: &str) -> Result<Role, Problem> {
    text.parse().map_err(|no: NoRole| Problem::of_body("/role", no.to_string()))
}

/// The page again, with why it was not done; what is broken stays broken.
async fn again(visit: &Visit, problem: Problem, fields: &Fields) -> Result<Response, Problem> {
    if problem.kind.status().is_server_error() || problem.kind == Kind::NotFound {
        return Err(problem);
    }
    let typed = fields.without_proof().pairs().to_vec();
    let status =
        if problem.kind == Kind::Conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = StaffPage { refused: problem.detail, typed, ..read(visit).await? };
    visit.show_as(status, &page)
}

/// That somebody still is what the page said they were.
async fn unchanged(visit: &Visit, id: &str, was: &str) -> Result<(), Problem> {
    let id = id.to_owned();
    let found = visit.app().read(move |session| Ok(people::find(&session.read(), &id)?)).await?;
    match found.filter(|member| !was.is_empty() && member.role.word() != was) {
        None => Ok(()),
        Some(StaffMember { name, role, .. }) => {
            let why = format!("{name} has the role {role} by now: somebody else has changed it");
            Err(Problem::new(Kind::Conflict, why))
        }
    }
}

/// The page with an invitation, shown once.
async fn invited(visit: &Visit, member: &StaffMember) -> Result<Response, Problem> {
    let app = visit.app();
    let (token, hash) = sign_in::invitation(app.pepper(), &|bytes| app.chance(bytes));
    let (id, now) = (member.id.clone(), app.now_micros());
    app.write(move |writing| sign_in::keep_invitation(writing, &id, hash, now)).await?;
    let page = StaffPage { invited: Some((member.email.clone(), token)), ..read(visit).await? };
    visit.show_as(StatusCode::CREATED, &page)
}

/// `POST /settings/staff`
pub async fn invite(visit: Visit, fields: Fields) -> Result<Response, Problem> {
    let asked = role(fields.text("role")).map(|role| Invitation {
        email: fields.text("email").to_owned(),
        name: fields.text("name").to_owned(),
        role,
    });
    let member = match asked {
        Ok(invitation) => {
            asking(&visit, move |session, asking| people::invite(session, asking, &invitation)).await
        }
        Err(problem) => Err(problem),
    };
    match member {
        Ok(member) => invited(&visit, &member).await,
        Err(problem) => again(&visit, problem, &fields).await,
    }
}

/// `POST /settings/staff/{staff}`: another role, out, in again, or invited anew.
pub async fn change(visit: Visit, Path(staff): Path<String>, fields: Fields) -> Result<Response, Problem> {
    let id = staff.clone();
    let changed = match fields.text("do") {
        "invite" => {
            let found = visit.app().read(move |session| Ok(people::find(&session.read(), &id)?)).await?;
            let member = found.ok_or_else(|| Problem::not_found("member of staff", &staff))?;
            return invited(&visit, &member).await;
        }
        "disable" => asking(&visit, move |session, asking| people::disable(session, asking, &id)).await,
        "enable" => asking(&visit, move |session, asking| people::enable(session, asking, &id)).await,
        _ => match role(fields.text("role")) {
            Ok(role) => match unchanged(&visit, &id, fields.text("was")).await {
                Ok(()) => {
                    asking(&visit, move |session, asking| people::set_role(session, asking, &id, role)).await
                }
                Err(problem) => Err(problem),
            },
            Err(problem) => Err(problem),
        },
    };
    match changed {
        Ok(member) => {
            if !member.is_active() {
                let now = visit.app().now_micros();
                visit
                    .app()
                    .write(move |writing| Ok(writing.end_staff_sessions(&staff, now).map(drop)?))
                    .await?;
            }
            Ok(visit.done("/settings/staff", "saved"))
        }
        Err(problem) => again(&visit, problem, &fields).await,
    }
}
