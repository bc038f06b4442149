//! `/v1/customers/{customer}/memberships`: who is in a program, and how they stand in it.

use crate::app::{App, Open};
use crate::body::Body;
use crate::caller::Caller;
use crate::effect::{Asked, Effect, Mode, reply, tried, word};
use crate::idempotency::{IdempotencyKey, Reply};
use crate::page::Page;
use crate::problem::{Kind, Problem};
use crate::reference;
use axum::Json;
use axum::extract::{Path, Query, State};
use engine::record::command::{Act, Command};
use engine::record::view::{self, Shelf};
use jiff::Timestamp;
use loyalty::fact::{Fact, Join};
use loyalty::name::Name;
use loyalty::program::Lang;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(join))
        .routes(routes!(list_balances))
        .routes(routes!(list_tiers))
        .routes(routes!(list_missions))
        .routes(routes!(find_referral))
}

/// Which program, and when.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Of {
    /// The program, where there are several.
    pub program: Option<String>,
    /// The language of sentences and names: `en`, `vi`, `zh`, `zh-Hant`.
    pub lang: Option<String>,
}

impl Of {
    /// The language.
    pub fn lang(&self) -> Result<Lang, Problem> {
        let Some(code) = &self.lang else { return Ok(Lang::En) };
        Lang::from_code(code).ok_or_else(|| {
            let detail = format!("'{code}' is none of en, vi, zh, zh-Hant");
            Problem::new(Kind::InvalidRequest, format!("lang: {detail}")).at("lang", detail)
        })
    }
}

/// Record a command as it was asked, or only try it.
pub(super) async fn act(
    app: &App,
    caller: &Caller,
    asked: &Asked,
    key: IdempotencyKey,
    act: Act,
) -> Result<Reply, Problem> {
    let open = app.program(asked.program.as_deref())?;
    let source = caller.source(asked.source.as_deref())?.to_owned();
    let mut command = Command { key: key.0, source, by: None, act };
    command.by = caller.by(command.operation(), app.chance_u128());
    match asked.mode {
        Mode::Commit => reply(&app.ask(&open, command).await?),
        Mode::DryRun => {
            let rehearsed = app.rehearse(&open, command).await?;
            tried(&open.in_force.program, &rehearsed, Lang::En)
        }
    }
}

/// A customer's shelf in a program; a problem where they are no member.
pub(super) async fn shelf(app: &App, open: &Arc<Open>, customer: String) -> Result<Shelf, Problem> {
    let (open, now) = (open.clone(), app.now());
    app.look(move |reading| {
        view::shelf(reading, &open.in_force, &customer, now)?.ok_or_else(|| {
            let program = &open.in_force.program.head.id;
            Problem::new(Kind::NotAMember, format!("customer {customer} is not a member of {program}"))
        })
    })
    .await
}

/// Somebody joins.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct JoinIn {
    /// Month and day, with or without the year: `03-21`, `1990-03-21`.
    #[schema(value_type = Option<String>, example = "03-21")]
    birthday: Option<loyalty::time::MonthDay>,
    /// Segments the member is in.
    #[serde(default)]
    segments: Vec<String>,
    /// The member who brought this one, as any customer is named.
    #[schema(example = "phone:0901234567")]
    referred_by: Option<String>,
    /// What friend and referrer might share: `device:abc`.
    #[serde(default)]
    marks: Vec<String>,
}

/// Enrol a customer in a program.
#[utoipa::path(post, path = "/v1/customers/{customer}/memberships", tag = "customers", security(("key" = ["customers.write"])),
    params(("customer" = String, Path), Asked), request_body(content = JoinIn, example = json!({})),
    responses((status = 201, body = Effect)))]
async fn join(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
    body: Body<JoinIn>,
) -> Result<Reply, Problem> {
    let source = caller.source(asked.source.as_deref())?;
    let id = reference::find(&app, source, &customer).await?;
    let by = match &body.value.referred_by {
        Some(by) => Some(reference::find(&app, source, by).await?),
        None => None,
    };
    let names = |all: &[String]| all.iter().map(|one| Name::from(one.as_str())).collect();
    let fact = Fact::Join(Join {
        member: id.as_str().into(),
        birthday: body.value.birthday,
        segments: names(&body.value.segments),
        referred_by: by.as_deref().map(Name::from),
        marks: names(&body.value.marks),
    });
    act(&app, &caller, &asked, key, Act::Fact(fact)).await
}

/// What a wallet holds.
#[derive(Debug, Serialize, ToSchema)]
struct WalletBalance {
    /// The wallet.
    #[schema(example = "beans")]
    wallet: String,
    /// Its name.
    name: String,
    /// Digits after the point: with 1, 12 smallest units are 1.2 points.
    precision: u32,
    /// At this instant.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Can be spent, in smallest units.
    available: i64,
    /// Earned, not usable yet.
    pending: i64,
    /// Set aside by open holds.
    held: i64,
    /// Owed after a return.
    owed: i64,
    /// When and how many points expire unless spent, soonest first.
    expirations: Vec<Dated>,
    /// When and how many pending points become usable.
    activations: Vec<Dated>,
    /// Counters of the whole life: earned, spent, expired, …
    #[schema(value_type = Object)]
    totals: loyalty::ledger::Totals,
}

/// So many points at an instant.
#[derive(Debug, Serialize, ToSchema)]
struct Dated {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Smallest units.
    units: i64,
}

/// At which instant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct At {
    /// As of this instant, past or to come; now where nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// What a member has in each wallet: now, or at any instant, whether or not a job had run by then.
#[utoipa::path(get, path = "/v1/customers/{customer}/balances", tag = "points", security(("key" = ["customers.read"])),
    params(("customer" = String, Path), Of, At), responses((status = 200, body = Page<WalletBalance>)))]
async fn list_balances(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(of): Query<Of>,
    Query(at): Query<At>,
) -> Result<Json<Page<WalletBalance>>, Problem> {
    let (open, lang) = (app.program(of.program.as_deref())?, of.lang()?);
    let id = reference::find(&app, &caller.source, &customer).await?;
    let shelf = shelf(&app, &open, id).await?;
    let program = &open.in_force.program;
    let past = match at.at.filter(|at| *at < shelf.at) {
        Some(at) => Some((at, entries_of(&app, &open, shelf.member.to_string()).await?)),
        None => None,
    };
    let now = at.at.unwrap_or(shelf.at).max(shelf.at);
    let member = shelf.member();
    let balances = program.wallets.iter().zip(&member.accounts).map(|(wallet, account)| {
        let balance = match &past {
            None => account.balance(now),
            Some((at, entries)) => {
                let mine = entries.iter().filter(|entry| entry.wallet == wallet.id);
                let postings: Vec<_> = mine.map(|entry| entry.posting.clone()).collect();
                let (program, owner) = (program.head.id.as_str(), member.id.as_str());
                loyalty::ledger::balance_at(program, owner, wallet.id.as_str(), &postings, *at)
            }
        };
        let dated =
            |all: Vec<(Timestamp, i64)>| all.into_iter().map(|(at, units)| Dated { at, units }).collect();
        WalletBalance {
            wallet: wallet.id.to_string(),
            name: wallet.name.in_language(lang.code()).to_owned(),
            precision: wallet.precision,
            at: balance.at,
            available: balance.available,
            pending: balance.pending,
            held: balance.held,
            owed: balance.owed,
            expirations: dated(balance.expirations),
            activations: dated(balance.activations),
            totals: balance.totals,
        }
    });
    Ok(Json(Page::whole(balances.collect())))
}

async fn entries_of(app: &App, open: &Arc<Open>, owner: String) -> Result<Vec<view::Entry>, Problem> {
    let program = open.in_force.program.head.id.to_string();
    app.read(move |session| Ok(view::entries(&session.read(), &program, &owner)?)).await
}

/// How a member stands on a ladder.
#[derive(Debug, Serialize, ToSchema)]
struct Tier {
    /// The ladder.
    ladder: String,
    /// The tier.
    #[schema(example = "gold")]
    tier: String,
    /// Its name.
    name: String,
    /// What the ladder counts: `points`, `spend`, `visits`, …
    counts: String,
    /// What counts now.
    total: i64,
    /// The next tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// What is missing to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_to_next: Option<i64>,
    /// What is missing to keep the tier.
    missing_to_keep: i64,
    /// The day after the last, unless kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_on: Option<String>,
}

/// How a member stands on each ladder.
#[utoipa::path(get, path = "/v1/customers/{customer}/tiers", tag = "points", security(("key" = ["customers.read"])),
    params(("customer" = String, Path), Of), responses((status = 200, body = Page<Tier>)))]
async fn list_tiers(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Page<Tier>>, Problem> {
    let (open, lang) = (app.program(of.program.as_deref())?, of.lang()?);
    let id = reference::find(&app, &caller.source, &customer).await?;
    let shelf = shelf(&app, &open, id).await?;
    let (program, member) = (&open.in_force.program, shelf.member());
    let today = program.day(shelf.at);
    let tiers = program.ladders.iter().zip(&member.standings).filter_map(|(ladder, standing)| {
        let thresholds = loyalty::tier::thresholds(program, ladder);
        let outlook = loyalty::tier::outlook(ladder, &thresholds, member.joined_on, standing, today);
        let present = ladder.tier.get(outlook.level)?;
        Some(Tier {
            ladder: ladder.id.to_string(),
            tier: present.id.to_string(),
            name: present.name.in_language(lang.code()).to_owned(),
            counts: word(&ladder.counts),
            total: outlook.total,
            next: ladder.tier.get(outlook.level + 1).map(|next| next.id.to_string()),
            missing_to_next: outlook.to_next,
            missing_to_keep: outlook.to_keep,
            ends_on: outlook.ends_on.map(|day| day.to_string()),
        })
    });
    Ok(Json(Page::whole(tiers.collect())))
}

/// How far a member is on a mission.
#[derive(Debug, Serialize, ToSchema)]
struct Mission {
    /// The mission.
    mission: String,
    /// Its name.
    name: String,
    /// What is to be reached in a period.
    target: i64,
    /// The first days of the periods with what counted in them.
    periods: Vec<Counted>,
    /// How often the prize was given.
    prizes: usize,
}

/// What counted in a period.
#[derive(Debug, Serialize, ToSchema)]
struct Counted {
    /// Its first day.
    from: String,
    /// What counted.
    total: i64,
}

/// How far a member is on each mission.
#[utoipa::path(get, path = "/v1/customers/{customer}/missions", tag = "points", security(("key" = ["customers.read"])),
    params(("customer" = String, Path), Of), responses((status = 200, body = Page<Mission>)))]
async fn list_missions(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Page<Mission>>, Problem> {
    let (open, lang) = (app.program(of.program.as_deref())?, of.lang()?);
    let id = reference::find(&app, &caller.source, &customer).await?;
    let shelf = shelf(&app, &open, id).await?;
    let member = shelf.member();
    let missions = open.in_force.program.missions.iter().map(|mission| {
        let progress = member.missions.get(&mission.spec.id).cloned().unwrap_or_default();
        Mission {
            mission: mission.spec.id.to_string(),
            name: mission.spec.name.in_language(lang.code()).to_owned(),
            target: mission.target,
            periods: periods(&progress, &mission.spec),
            prizes: progress.given.len(),
        }
    });
    Ok(Json(Page::whole(missions.collect())))
}

fn periods(progress: &loyalty::mission::Progress, mission: &loyalty::program::spec::Mission) -> Vec<Counted> {
    let sums = progress.by_period(mission.counts, mission.period);
    sums.into_iter().map(|(from, total)| Counted { from: from.to_string(), total }).collect()
}

/// Who brought a member, and how that stands.
#[derive(Debug, Serialize, ToSchema)]
struct Referral {
    /// Who brought them.
    by: String,
    /// `in_progress`, `pending`, `flagged`, `approved`, `rejected`, `lapsed`.
    state: String,
    /// What raised a flag.
    flags: Vec<String>,
}

/// Who brought a member, and how that stands.
#[utoipa::path(get, path = "/v1/customers/{customer}/referral", tag = "points", security(("key" = ["customers.read"])),
    params(("customer" = String, Path), Of), responses((status = 200, body = Referral)))]
async fn find_referral(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Referral>, Problem> {
    let open = app.program(of.program.as_deref())?;
    let id = reference::find(&app, &caller.source, &customer).await?;
    let shelf = shelf(&app, &open, id).await?;
    let brought = shelf.member().referral.as_ref();
    let brought = brought.ok_or_else(|| Problem::new(Kind::NotFound, "nobody has brought this member"))?;
    let state = loyalty::referral::state_at(&shelf.books, &shelf.member, shelf.at).unwrap_or(brought.state);
    let flags = brought.flags.iter().map(ToString::to_string).collect();
    Ok(Json(Referral { by: brought.by.to_string(), state: word(&state), flags }))
}
