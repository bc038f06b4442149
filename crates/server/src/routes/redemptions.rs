//! Points that go: holds and redemptions of rewards, points given and taken by hand, points sent to others.

use super::codes::{self, ProofIn};
use super::members::act;
use super::orders::check_id;
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::effect::{Asked, Effect, Mode};
use crate::idempotency::{self, IdempotencyKey, Reply};
use crate::problem::Problem;
use crate::reference;
use axum::extract::{Path, Query, State};
use engine::record::command::Act;
use jiff::Timestamp;
use loyalty::fact::{Fact, Redeem};
use loyalty::name::Name;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_hold))
        .routes(routes!(capture_hold))
        .routes(routes!(release_hold))
        .routes(routes!(create_redemption))
        .routes(routes!(refund_redemption))
        .routes(routes!(create_adjustment))
        .routes(routes!(create_transfer))
}

/// A reward is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RedeemIn {
    /// Its id: the same id again changes nothing. Made up where there is none.
    #[schema(example = "red-1")]
    id: Option<String>,
    /// The reward.
    #[schema(example = "coffee")]
    reward: String,
    /// With a choice: the product.
    product: Option<String>,
    /// With part payment: how many smallest units.
    units: Option<i64>,
    /// With part payment: what the bill comes to, minor units.
    bill_minor: Option<i64>,
    /// At which till.
    till: Option<String>,
    /// The member has proven who they are a second time, as the till's own program has seen.
    #[serde(default)]
    is_confirmed: bool,
    /// Proof that the member is there, which we see ourselves: a one-time code, or the QR code of their card.
    proof: Option<ProofIn>,
    /// A hold: when it lapses; after 15 minutes where nothing is said.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// Whoever is meant by `named`, as the caller's source names people.
pub(super) async fn member(
    app: &App,
    caller: &Caller,
    asked: &Asked,
    named: &str,
) -> Result<String, Problem> {
    reference::find(app, caller.source(asked.source.as_deref())?, named).await
}

/// The id that was given, or one that comes out of the idempotency key, so that the same request has the same; else a
/// new one.
pub(super) fn id_of(
    app: &App,
    kind: &str,
    given: Option<&str>,
    key: &IdempotencyKey,
) -> Result<Name, Problem> {
    if let Some(id) = given {
        check_id("/id", id)?;
        return Ok(Name::from(id));
    }
    let chance = match &key.0 {
        Some(key) => {
            u128::from_le_bytes(*blake3::hash(key.as_bytes()).as_bytes().first_chunk().expect("32 have 16"))
        }
        None => app.chance_u128(),
    };
    Ok(Name::from(format!("{kind}_{chance:032x}").as_str()))
}

/// Whether proof was shown; one that does not count is a no. A dry run uses nothing up.
async fn proven(app: &App, asked: &Asked, body: &Body<RedeemIn>, member: &str) -> Result<bool, Problem> {
    let Some(proof) = &body.value.proof else { return Ok(false) };
    if asked.mode == Mode::Commit {
        let request = idempotency::asked(&format!("burn of {member}"), body.hash);
        codes::prove(app, proof, member, request).await?;
    }
    Ok(true)
}

impl RedeemIn {
    fn read(&self, app: &App, member: &str, key: &IdempotencyKey) -> Result<Redeem, Problem> {
        Ok(Redeem {
            member: member.into(),
            id: id_of(app, "red", self.id.as_deref(), key)?,
            reward: self.reward.as_str().into(),
            product: self.product.as_deref().map(Name::from),
            units: self.units,
            bill_minor: self.bill_minor,
            till: self.till.as_deref().map(Name::from),
            is_confirmed: self.is_confirmed,
            until: self.until,
        })
    }
}

/// Who asks what of whom.
type Asking<'a> = (&'a App, &'a Caller, &'a Asked);

/// Spend a member's points on a reward, at once or set aside.
async fn buy(
    (app, caller, asked): Asking<'_>,
    customer: &str,
    key: IdempotencyKey,
    body: &Body<RedeemIn>,
    fact: fn(Redeem) -> Fact,
) -> Result<Reply, Problem> {
    let member = member(app, caller, asked, customer).await?;
    let mut ask = body.value.read(app, &member, &key)?;
    ask.is_confirmed |= proven(app, asked, body, &member).await?;
    act(app, caller, asked, key, Act::Fact(fact(ask))).await
}

/// Say how what a member has bought or set aside goes on.
async fn settle(
    (app, caller, asked): Asking<'_>,
    customer: &str,
    key: IdempotencyKey,
    id: &str,
    fact: fn(Name, Name) -> Fact,
) -> Result<Reply, Problem> {
    let member = member(app, caller, asked, customer).await?;
    act(app, caller, asked, key, Act::Fact(fact(member.as_str().into(), id.into()))).await
}

/// Set points aside for a reward, to be captured when the sale is made or released when it is not. It lapses by itself.
#[utoipa::path(post, path = "/v1/customers/{customer}/holds", tag = "points", security(("key" = ["points.spend"])),
    params(("customer" = String, Path), Asked),
    request_body(content = RedeemIn, example = json!({"id": "h-1", "reward": "coffee", "till": "north-1"})),
    responses((status = 201, body = Effect)))]
async fn create_hold(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
    body: Body<RedeemIn>,
) -> Result<Reply, Problem> {
    buy((&app, &caller, &asked), &customer, key, &body, Fact::Hold).await
}

/// Make a hold final: the points are spent and the reward is given.
#[utoipa::path(post, path = "/v1/customers/{customer}/holds/{hold}/capture", tag = "points", security(("key" = ["points.spend"])),
    params(("customer" = String, Path), ("hold" = String, Path), Asked), responses((status = 201, body = Effect)))]
async fn capture_hold(
    State(app): State<App>,
    caller: Caller,
    Path((customer, hold)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let settled = |member, id| Fact::Capture { member, id };
    settle((&app, &caller, &asked), &customer, key, &hold, settled).await
}

/// Give a hold back: the points are usable again.
#[utoipa::path(post, path = "/v1/customers/{customer}/holds/{hold}/release", tag = "points", security(("key" = ["points.spend"])),
    params(("customer" = String, Path), ("hold" = String, Path), Asked), responses((status = 201, body = Effect)))]
async fn release_hold(
    State(app): State<App>,
    caller: Caller,
    Path((customer, hold)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let settled = |member, id| Fact::Release { member, id };
    settle((&app, &caller, &asked), &customer, key, &hold, settled).await
}

/// Buy a reward with points, at once.
#[utoipa::path(post, path = "/v1/customers/{customer}/redemptions", tag = "points", security(("key" = ["points.spend"])),
    params(("customer" = String, Path), Asked),
    request_body(content = RedeemIn, example = json!({"id": "red-1", "reward": "coffee"})),
    responses((status = 201, body = Effect)))]
async fn create_redemption(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
    body: Body<RedeemIn>,
) -> Result<Reply, Problem> {
    buy((&app, &caller, &asked), &customer, key, &body, Fact::Redeem).await
}

/// Give a redemption back: the points return to the lots they came from.
#[utoipa::path(post, path = "/v1/customers/{customer}/redemptions/{redemption}/refund", tag = "points", security(("key" = ["points.spend"])),
    params(("customer" = String, Path), ("redemption" = String, Path), Asked), responses((status = 201, body = Effect)))]
async fn refund_redemption(
    State(app): State<App>,
    caller: Caller,
    Path((customer, redemption)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let settled = |member, id| Fact::Refund { member, id };
    settle((&app, &caller, &asked), &customer, key, &redemption, settled).await
}

/// Points given or taken by hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdjustIn {
    /// Its id: the same id again changes nothing.
    #[schema(example = "adj-1")]
    id: Option<String>,
    /// The wallet.
    #[schema(example = "beans")]
    wallet: String,
    /// Smallest units, signed.
    #[schema(example = 50)]
    units: i64,
}

/// Give or take points by hand.
#[utoipa::path(post, path = "/v1/customers/{customer}/adjustments", tag = "points", security(("key" = ["points.adjust"])),
    params(("customer" = String, Path), Asked),
    request_body(content = AdjustIn, example = json!({"id": "adj-1", "wallet": "beans", "units": 50})),
    responses((status = 201, body = Effect)))]
async fn create_adjustment(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
    body: Body<AdjustIn>,
) -> Result<Reply, Problem> {
    let member = member(&app, &caller, &asked, &customer).await?;
    let fact = Fact::Adjust {
        member: member.as_str().into(),
        id: id_of(&app, "adj", body.value.id.as_deref(), &key)?,
        wallet: body.value.wallet.as_str().into(),
        units: body.value.units,
    };
    act(&app, &caller, &asked, key, Act::Fact(fact)).await
}

/// Points for another member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TransferIn {
    /// Its id: the same id again changes nothing.
    id: Option<String>,
    /// To whom.
    #[schema(example = "phone:0907654321")]
    to: String,
    /// The wallet.
    #[schema(example = "beans")]
    wallet: String,
    /// Smallest units.
    #[schema(example = 10)]
    units: i64,
}

/// Send points to another member, where the program lets people do so.
#[utoipa::path(post, path = "/v1/customers/{customer}/transfers", tag = "points", security(("key" = ["points.adjust"])),
    params(("customer" = String, Path), Asked), request_body = TransferIn, responses((status = 201, body = Effect)))]
async fn create_transfer(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(asked): Query<Asked>,
    key: IdempotencyKey,
    body: Body<TransferIn>,
) -> Result<Reply, Problem> {
    let member = member(&app, &caller, &asked, &customer).await?;
    let to = self::member(&app, &caller, &asked, &body.value.to).await?;
    let fact = Fact::Transfer {
        member: member.as_str().into(),
        to: to.as_str().into(),
        id: id_of(&app, "tra", body.value.id.as_deref(), &key)?,
        wallet: body.value.wallet.as_str().into(),
        units: body.value.units,
    };
    act(&app, &caller, &asked, key, Act::Fact(fact)).await
}
