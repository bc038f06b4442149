//! `/v1/programs`: the rules, as files; what a change would do, and making it.

use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, keep, kept};
use crate::page::Page;
use crate::problem::{Kind, Problem};
use crate::routes::members::Of;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use engine::record::program::{InForce, NotInstalled, install_by};
use engine::record::view;
use engine::staff::actor::Actor;
use engine::staff::people::Asking;
use engine::staff::permissions::Role;
use jiff::Timestamp;
use loyalty::program::{Lang, load};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_programs))
        .routes(routes!(find_program))
        .routes(routes!(list_versions))
        .routes(routes!(plan_program))
        .routes(routes!(apply_program))
}

/// A program in force.
#[derive(Debug, Serialize, ToSchema)]
struct Program {
    /// Its id.
    #[schema(example = "corner")]
    id: String,
    /// Its name.
    name: String,
    /// The version in force, from 1. It is the ETag too.
    version: i64,
    /// ISO 4217.
    currency: String,
    /// The zone of its days.
    zone: String,
    /// Its wallets, ladders and rewards, by id.
    wallets: Vec<String>,
    /// By id.
    ladders: Vec<String>,
    /// By id.
    rewards: Vec<String>,
    /// The rules in words, as Markdown; only of one program.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<String>,
}

fn shown(in_force: &InForce, lang: Lang, with_rules: bool) -> Program {
    let program = &in_force.program;
    Program {
        id: program.head.id.to_string(),
        name: program.head.name.in_language(lang.code()).to_owned(),
        version: in_force.version,
        currency: program.head.currency.code().to_owned(),
        zone: program.head.zone.clone(),
        wallets: program.wallets.iter().map(|one| one.id.to_string()).collect(),
        ladders: program.ladders.iter().map(|one| one.id.to_string()).collect(),
        rewards: program.rewards.iter().map(|one| one.id.to_string()).collect(),
        rules: with_rules.then(|| loyalty::show::show(program, lang)),
    }
}

/// The programs in force.
#[utoipa::path(get, path = "/v1/programs", tag = "programs", security(("key" = ["programs.read"])), params(Of),
    responses((status = 200, body = Page<Program>)))]
async fn list_programs(State(app): State<App>, Query(of): Query<Of>) -> Result<Json<Page<Program>>, Problem> {
    let lang = of.lang()?;
    let all = app.programs().into_values().map(|open| shown(&open.in_force, lang, false));
    Ok(Json(Page::whole(all.collect())))
}

/// A program, with its rules in words.
#[utoipa::path(get, path = "/v1/programs/{program}", tag = "programs", security(("key" = ["programs.read"])),
    params(("program" = String, Path, example = "corner"), Of), responses((status = 200, body = Program)))]
async fn find_program(
    State(app): State<App>,
    Path(program): Path<String>,
    Query(of): Query<Of>,
) -> Result<([(header::HeaderName, String); 1], Json<Program>), Problem> {
    let open = app.program(Some(&program))?;
    let tag = [(header::ETAG, tag(open.in_force.version))];
    Ok((tag, Json(shown(&open.in_force, of.lang()?, true))))
}

fn tag(version: i64) -> String {
    format!("\"version-{version}\"")
}

/// A version of a program.
#[derive(Debug, Serialize, ToSchema)]
struct Version {
    /// From 1.
    version: i64,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    installed_at: Timestamp,
    /// Its files by name.
    files: BTreeMap<String, String>,
}

/// All versions of a program, as files, oldest first.
#[utoipa::path(get, path = "/v1/programs/{program}/versions", tag = "programs", security(("key" = ["programs.read"])),
    params(("program" = String, Path, example = "corner")), responses((status = 200, body = Page<Version>)))]
async fn list_versions(
    State(app): State<App>,
    Path(program): Path<String>,
) -> Result<Json<Page<Version>>, Problem> {
    let id = program.clone();
    let rows = app.read(move |session| Ok(session.read().versions_of_program(&id)?)).await?;
    if rows.is_empty() {
        return Err(Problem::not_found("program", &program));
    }
    let version = |row: store::ProgramRow| Version {
        version: row.version,
        installed_at: view::at(row.installed_at),
        files: serde_json::from_str(&row.files).unwrap_or_default(),
    };
    Ok(Json(Page::whole(rows.into_iter().map(version).collect())))
}

/// A program as files.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FilesIn {
    /// TOML files by name.
    files: BTreeMap<String, String>,
}

/// What installing files would change.
#[derive(Debug, Serialize, ToSchema)]
struct Plan {
    /// The program the files are of.
    program: String,
    /// The version they would become; the present one where nothing changes.
    version: i64,
    /// Whether anything changes.
    is_change: bool,
    /// What changes, in words, as Markdown; the whole rules where the program is new.
    changes: String,
}

fn read(files: &BTreeMap<String, String>) -> Result<loyalty::program::Program, Problem> {
    load(files).map_err(|problems| {
        let mut problem = Problem::new(Kind::InvalidBody, "the files are no program");
        for one in &problems {
            problem = problem.at("/files", one.to_string());
        }
        problem
    })
}

/// What installing these files would change. Nothing happens.
#[utoipa::path(post, path = "/v1/programs/plan", tag = "programs", security(("key" = ["programs.plan"])), params(Of),
    request_body = FilesIn, responses((status = 200, body = Plan)))]
async fn plan_program(
    State(app): State<App>,
    Query(of): Query<Of>,
    body: Body<FilesIn>,
) -> Result<Json<Plan>, Problem> {
    let lang = of.lang()?;
    let program = read(&body.value.files)?;
    let id = program.head.id.to_string();
    Ok(Json(match app.programs().get(&id) {
        None => {
            Plan { program: id, version: 1, is_change: true, changes: loyalty::show::show(&program, lang) }
        }
        Some(open) => {
            let before = &open.in_force;
            let is_change = !loyalty::diff::is_same(&before.program, &program);
            Plan {
                program: id,
                version: before.version + i64::from(is_change),
                is_change,
                changes: loyalty::diff::diff(&before.program, &program, lang),
            }
        }
    }))
}

/// Install files as the next version of their program, in force at once. The same files again change nothing. With
/// `If-Match` only where the version is still the one that was planned against.
#[utoipa::path(post, path = "/v1/programs", tag = "programs", security(("key" = ["programs.apply"])), params(Of),
    request_body = FilesIn, responses((status = 201, body = Program)))]
async fn apply_program(
    State(app): State<App>,
    caller: Caller,
    Query(of): Query<Of>,
    headers: HeaderMap,
    key: IdempotencyKey,
    body: Body<FilesIn>,
) -> Result<Reply, Problem> {
    let hash = asked("POST /v1/programs", body.hash);
    if let Some(reply) = kept(&app, &key, hash).await? {
        return Ok(reply);
    }
    let (lang, files) = (of.lang()?, body.value.files);
    let id = read(&files)?.head.id.to_string();
    if let Some(wanted) = headers.get(header::IF_MATCH).and_then(|tag| tag.to_str().ok()) {
        let present = app.programs().get(&id).map(|open| tag(open.in_force.version));
        if !present.as_deref().is_some_and(|present| crate::shape::matches(wanted, present)) {
            let detail =
                format!("{id} is at {}, and not at {wanted}", present.unwrap_or_else(|| "no version".into()));
            return Err(Problem::new(Kind::PreconditionFailed, detail));
        }
    }
    let (seed, now, salt) = (app.chance_u128() as u64, app.now(), app.chance_u128());
    let in_force = app
        .with_session(move |session| {
            // A key that may apply programs acts as an owner does.
            let actor = Actor::new(&caller.id, Role::Owner);
            let mut asking = Asking { actor: &actor, now, chance: &mut || salt };
            install_by(session, &mut asking, &files, seed).map_err(|no| match no {
                NotInstalled::Failure(failure) => failure.into(),
                other => Problem::new(Kind::InvalidBody, other.to_string()).at("/files", other.to_string()),
            })
        })
        .await?;
    let reply = Reply::created(shown(&in_force, lang, false));
    app.follow_blocking(in_force).await?;
    keep(&app, key, hash, reply).await
}
