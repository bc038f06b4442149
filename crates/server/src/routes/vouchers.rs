//! `/v1/vouchers`: what a code is worth, using it on a bill, and making many of them.

use super::members::{Of, act};
use super::orders::check_id;
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::effect::{Asked, Effect, Mode};
use crate::idempotency::{IdempotencyKey, Reply, asked, once};
use crate::problem::{Kind, Problem};
use axum::Json;
use axum::extract::{Path, Query, State};
use engine::record::command::{Act, UseVouchers};
use engine::record::view;
use engine::staff::audit::{Change, append};
use engine::staff::permissions::Operation;
use jiff::Timestamp;
use loyalty::voucher::code;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::{VoucherRow, Writing};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(find_voucher))
        .routes(routes!(use_vouchers))
        .routes(routes!(generate_vouchers))
}

/// A voucher.
#[derive(Debug, Serialize, ToSchema)]
struct Voucher {
    /// Its code.
    code: String,
    /// The reward it is of.
    reward: String,
    /// Who has it; absent where it is whoever's who shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    /// Whether it can be used now.
    is_usable: bool,
    /// The end, exclusive.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// How often it can still be used.
    uses_left: i64,
    /// Minor units off.
    value_minor: i64,
}

/// What a code is.
#[utoipa::path(get, path = "/v1/vouchers/{code}", tag = "till", security(("key" = ["points.spend"])),
    params(("code" = String, Path), Of), responses((status = 200, body = Voucher)))]
async fn find_voucher(
    State(app): State<App>,
    Path(code): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Voucher>, Problem> {
    let open = app.program(of.program.as_deref())?;
    let (asked, now) = (code.clone(), app.now());
    let found = app.look(move |reading| {
        let rows = reading.lock_vouchers(open.in_force.program.head.id.as_str(), &[&asked])?;
        Ok(rows.into_iter().next())
    });
    let row = found.await?.ok_or_else(|| Problem::not_found("voucher", &code))?;
    let until = view::at(row.ends_at);
    Ok(Json(Voucher {
        is_usable: now < until && row.uses_left > 0,
        code: row.code,
        reward: row.reward,
        customer: Some(row.customer_id).filter(|id| !id.is_empty()),
        until,
        uses_left: row.uses_left,
        value_minor: row.value_minor,
    }))
}

/// Vouchers shown on a bill.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UseIn {
    /// The bill they are used on: the same bill again changes nothing.
    #[schema(example = "o-1001")]
    order: String,
    /// The codes.
    codes: Vec<String>,
    /// What the bill comes to, minor units.
    #[schema(example = 900)]
    bill_minor: i64,
}

/// Use vouchers on a bill: those that may be combined count, the others are told why not. With `mode=dry_run` only
/// check them.
#[utoipa::path(post, path = "/v1/vouchers/use", tag = "till", security(("key" = ["points.spend"])), params(Asked),
    request_body(content = UseIn, example = json!({"order": "o-1001", "codes": ["C-7K2M9P"], "bill_minor": 900})),
    responses((status = 201, body = Effect)))]
async fn use_vouchers(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
    body: Body<UseIn>,
) -> Result<Reply, Problem> {
    let ask = body.value;
    check_id("/order", &ask.order)?;
    if ask.codes.is_empty() || ask.codes.len() > 50 {
        return Err(Problem::of_body("/codes", "1 to 50"));
    }
    let using = UseVouchers { vouchers_for: ask.order, codes: ask.codes, bill_minor: ask.bill_minor };
    act(&app, &caller, &asked, key, Act::UseVouchers(using)).await
}

/// Codes are to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GenerateIn {
    /// The reward they are of: one with a voucher.
    #[schema(example = "coffee")]
    reward: String,
    /// How many: 1 to 10000.
    #[schema(example = 3)]
    count: usize,
}

/// Codes that were made.
#[derive(Debug, Serialize, ToSchema)]
struct Generated {
    /// The reward.
    reward: String,
    /// When they end.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// Minor units off.
    value_minor: i64,
    /// The codes; none where it was only tried.
    codes: Vec<String>,
    /// Whether nothing happened, because it was only tried.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_dry_run: bool,
}

/// How many codes a pattern must have for each that is made, so that nobody finds one by guessing.
const SPACE: f64 = 1e6;

/// Make codes of a reward that belong to whoever shows them: for leaflets, for partners, for an apology at the counter.
/// With `mode=dry_run` only see whether the pattern bears so many, until when they would count and for how much.
#[utoipa::path(post, path = "/v1/vouchers", tag = "till", security(("key" = ["vouchers.generate"])), params(Asked),
    request_body(content = GenerateIn, example = json!({"reward": "coffee", "count": 3})),
    responses((status = 201, body = Generated)))]
async fn generate_vouchers(
    State(app): State<App>,
    caller: Caller,
    Query(how): Query<Asked>,
    key: IdempotencyKey,
    body: Body<GenerateIn>,
) -> Result<Reply, Problem> {
    let (open, ask) = (app.program(how.program.as_deref())?, body.value);
    if !(1..=10_000).contains(&ask.count) {
        return Err(Problem::of_body("/count", "1 to 10000"));
    }
    let program = &open.in_force.program;
    let reward = program.rewards.iter().find(|spec| spec.id == *ask.reward.as_str());
    let reward = reward.ok_or_else(|| Problem::not_found("reward", &ask.reward))?;
    let (Some(voucher), Some(value)) = (&reward.voucher, reward.value) else {
        return Err(Problem::of_body("/reward", "a reward with a voucher and a value"));
    };
    let places = voucher.pattern.matches('#').count();
    let room = (32f64.powi(places as i32) / SPACE).floor();
    if ask.count as f64 > room {
        let detail =
            format!("the pattern {} bears {room} codes that nobody guesses: give it more #", voucher.pattern);
        return Err(Problem::new(Kind::Refused, detail));
    }
    let (now, actor, salt, chance) = (app.now(), caller.actor(), app.chance_u128(), app.chance_u128());
    let hash = asked(&format!("POST /v1/vouchers of {}", program.head.id), body.hash);
    let row = VoucherRow {
        code: String::new(),
        program_id: program.head.id.to_string(),
        customer_id: String::new(),
        reward: ask.reward.clone(),
        ends_at: voucher.valid.after(now, &program.zone).as_microsecond(),
        uses_left: i64::from(voucher.uses),
        value_minor: value.units(program.decimals()).unwrap_or(0),
    };
    if how.mode == Mode::DryRun {
        let (reward, until, value_minor) = (row.reward, view::at(row.ends_at), row.value_minor);
        return Ok(Reply::ok(Generated { reward, until, value_minor, codes: Vec::new(), is_dry_run: true }));
    }
    let (pattern, seed) = (voucher.pattern.clone(), open.in_force.seed);
    once(&app, key, hash, move |writing| {
        let series = format!("{} {chance:032x}", ask.reward);
        let codes = fresh(writing, &row, ask.count, |number| code(&pattern, seed, &series, number))?;
        let rows: Vec<VoucherRow> =
            codes.iter().map(|code| VoucherRow { code: code.clone(), ..row.clone() }).collect();
        writing.put_vouchers(&rows)?;
        let change = Change {
            actor: actor.clone(),
            operation: Operation::GenerateVouchers,
            kind: "reward",
            subject: ask.reward.clone(),
            before: Value::Null,
            after: json!({"codes": codes.len(), "value_minor": row.value_minor}),
            salt,
        };
        append(writing, now, &[change])?;
        let (reward, value_minor) = (ask.reward.clone(), row.value_minor);
        let until = view::at(row.ends_at);
        Ok(Reply::created(Generated { reward, until, value_minor, codes, is_dry_run: false }))
    })
    .await
}

/// So many codes that nobody has.
fn fresh(
    writing: &Writing<'_>,
    row: &VoucherRow,
    count: usize,
    make: impl Fn(u64) -> String,
) -> Result<Vec<String>, Problem> {
    let (mut codes, mut number) = (BTreeSet::new(), 0);
    while codes.len() < count {
        let more: Vec<String> = (number..).take(count - codes.len()).map(&make).collect();
        number += more.len() as u64;
        let asked: Vec<&str> = more.iter().map(String::as_str).collect();
        let taken: BTreeSet<String> =
            writing.lock_vouchers(&row.program_id, &asked)?.into_iter().map(|row| row.code).collect();
        codes.extend(more.into_iter().filter(|code| !taken.contains(code)));
    }
    Ok(codes.into_iter().collect())
}
