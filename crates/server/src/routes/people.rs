//! `/v1/customers/{customer}/merge`, `/unmerge`, `/data`, and `DELETE`: two who are one, everything that is known of a
//! person, and forgetting it.

use super::members::Of;
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::effect::{Effect, Meant, Mode};
use crate::idempotency::{IdempotencyKey, Reply, asked, once_apart};
use crate::problem::{Kind, Problem};
use crate::reference;
use axum::Json;
use axum::extract::{Path, Query, State};
use engine::people::erasure::{Certificate, certified, erase};
use engine::people::export::{PersonData, export};
use engine::people::merging::{Merged, merge, try_merge, try_unmerge, unmerge};
use engine::people::{Acting, Refused, Stopped};
use serde::{Deserialize, Serialize};
use store::Session;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(merge_customers))
        .routes(routes!(part_customers))
        .routes(routes!(show_data))
        .routes(routes!(erase_customer))
        .routes(routes!(find_certificate))
}

/// What the house said, as a problem where it is a no.
pub(super) fn done<T>(answer: Result<T, Stopped>) -> Result<T, Problem> {
    answer.map_err(|stopped| match stopped {
        Stopped::Failure(failure) => failure.into(),
        Stopped::Refused(refused) => {
            let kind = match *refused {
                Refused::UnknownCustomer(_)
                | Refused::UnknownProgram { .. }
                | Refused::UnknownCase(_)
                | Refused::UnknownRequest(_) => Kind::NotFound,
                Refused::Taken { .. } | Refused::ClosedCase(_) => Kind::Conflict,
                Refused::NotUsable { .. } | Refused::NotAValue { .. } => Kind::InvalidBody,
                _ => Kind::Refused,
            };
            Problem::new(kind, refused.to_string())
        }
    })
}

/// Who is the same as the customer in the path.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeIn {
    /// The other, who ends; named as any customer is.
    #[schema(example = "phone:0907654321")]
    other: String,
    /// Why they are one, in a sentence.
    #[schema(example = "showed both cards at the till")]
    evidence: String,
}

/// What became of a merge.
#[derive(Debug, Serialize, ToSchema)]
struct MergedOut {
    /// Who goes on.
    customer: String,
    /// Who ended, or came back.
    other: String,
    /// Whether nothing happened, because it was only tried.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_dry_run: bool,
    /// What moved in each program.
    programs: Vec<InProgram>,
}

/// What moved in a program.
#[derive(Debug, Serialize, ToSchema)]
struct InProgram {
    /// The program.
    program: String,
    /// What moved.
    effect: Effect,
}

impl MergedOut {
    fn of(merged: &Merged, mode: Mode) -> MergedOut {
        let is_dry_run = mode == Mode::DryRun;
        let each = merged.programs.iter();
        MergedOut {
            customer: merged.customer.clone(),
            other: merged.other.clone(),
            is_dry_run,
            programs: each
                .map(|(program, answer)| InProgram {
                    program: program.clone(),
                    effect: Effect { is_dry_run, ..Effect::of(answer) },
                })
                .collect(),
        }
    }
}

/// Do something to a person as whoever asks, in transactions of its own.
pub(super) async fn acting<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    work: impl FnOnce(&mut Session, &mut Acting<'_>) -> Result<T, Stopped> + Send + 'static,
) -> Result<T, Problem> {
    acting_from(app, caller, caller.source.clone(), work).await
}

/// The same, speaking of the ids of `source`.
pub(super) async fn acting_from<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    source: String,
    work: impl FnOnce(&mut Session, &mut Acting<'_>) -> Result<T, Stopped> + Send + 'static,
) -> Result<T, Problem> {
    let (actor, now, chances) = (caller.actor(), app.now(), app.clone());
    app.with_session(move |session| {
        let mut chance = || chances.chance_u128();
        done(work(session, &mut Acting { now, actor: &actor, source: &source, chance: &mut chance }))
    })
    .await
}

/// Say that another customer is the same person: their identifiers and their points in every program follow. With
/// `mode=dry_run` only see what would.
#[utoipa::path(post, path = "/v1/customers/{customer}/merge", tag = "customers", security(("key" = ["customers.merge"])),
    params(("customer" = String, Path, description = "who goes on"), Meant), request_body = MergeIn,
    responses((status = 200, body = MergedOut)))]
async fn merge_customers(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(Meant { mode }): Query<Meant>,
    key: IdempotencyKey,
    body: Body<MergeIn>,
) -> Result<Reply, Problem> {
    super::orders::check_id("/evidence", &body.value.evidence)?;
    let hash = asked(&format!("POST /v1/customers/{customer}/merge"), body.hash);
    let merged = async {
        let into = reference::find(&app, &caller.source, &customer).await?;
        let from = reference::find(&app, &caller.source, &body.value.other).await?;
        let evidence = body.value.evidence;
        let merged = acting(&app, &caller, move |session, acting| match mode {
            Mode::Commit => merge(session, (&from, &into), &evidence, acting),
            Mode::DryRun => try_merge(session, (&from, &into), &evidence, acting),
        });
        Ok(Reply::ok(MergedOut::of(&merged.await?, mode)))
    };
    match mode {
        Mode::Commit => once_apart(&app, key, hash, merged).await,
        Mode::DryRun => merged.await,
    }
}

/// Say that they were two after all: who was merged is a customer of their own again, with what they brought. With
/// `mode=dry_run` only see what that would be.
#[utoipa::path(post, path = "/v1/customers/{customer}/unmerge", tag = "customers", security(("key" = ["customers.merge"])),
    params(("customer" = String, Path, description = "the cus_… that was merged"), Meant),
    responses((status = 200, body = MergedOut)))]
async fn part_customers(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(Meant { mode }): Query<Meant>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/customers/{customer}/unmerge"), [0; 32]);
    let parted = async {
        let parted = acting(&app, &caller, move |session, acting| match mode {
            Mode::Commit => unmerge(session, &customer, acting),
            Mode::DryRun => try_unmerge(session, &customer, acting),
        });
        Ok(Reply::ok(MergedOut::of(&parted.await?, mode)))
    };
    match mode {
        Mode::Commit => once_apart(&app, key, hash, parted).await,
        Mode::DryRun => parted.await,
    }
}

/// Everything that is known of one person, to be handed to them: identifiers, profile, consents, entries with their
/// reasons, orders, messages. What the lake knows of purchases from before the record is not in it: `perennial customer
/// export` adds that.
#[utoipa::path(get, path = "/v1/customers/{customer}/data", tag = "customers", security(("key" = ["customers.export"])),
    params(("customer" = String, Path), Of), responses((status = 200, body = Object)))]
async fn show_data(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<PersonData>, Problem> {
    let (lang, now) = (of.lang()?, app.now());
    let id = reference::find(&app, &caller.source, &customer).await?;
    let data = app
        .read(move |session| session.snapshot(|reading| done(export(reading, &id, lang, Vec::new(), now))));
    Ok(Json(data.await?))
}

/// That a person was forgotten: what went, what stayed and why. It names nobody.
#[derive(Debug, Serialize, ToSchema)]
struct Erased {
    /// The certificate.
    #[schema(value_type = Object)]
    certificate: Certificate,
    /// BLAKE3 of the certificate as it is kept, hexadecimal: who has both can tell whether it was altered.
    hash: String,
}

/// Forget a person, and everybody merged into them: names, identifiers, words, attributes, what others were to be told.
/// Entries of the ledger and orders stay under an id that stands for nobody. The answer is the certificate; asked again
/// it is the same.
#[utoipa::path(delete, path = "/v1/customers/{customer}", tag = "customers", security(("key" = ["customers.erase"])),
    params(("customer" = String, Path, description = "cus_…, or ext:KEY, phone:NUMBER, email:ADDRESS, card:NUMBER")),
    responses((status = 200, body = Erased)))]
async fn erase_customer(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    // The path may name a telephone number, which its plain hash would let somebody guess when nothing else is left.
    let under_pepper = app.pepper().hash("erase customer", customer.as_bytes());
    let hash = asked("DELETE /v1/customers", under_pepper);
    once_apart(&app, key, hash, async {
        let id = reference::find(&app, &caller.source, &customer).await?;
        let folders = app.settings().folders.clone();
        let erased = acting(&app, &caller, move |session, acting| erase(session, &id, &folders, acting));
        let (certificate, hash) = erased.await?;
        Ok(Reply::ok(Erased { certificate, hash }))
    })
    .await
}

/// The certificate of somebody who was forgotten, by the id that stands for nobody now.
#[utoipa::path(get, path = "/v1/customers/{customer}/erasure", tag = "customers", security(("key" = ["customers.erase"])),
    params(("customer" = String, Path)), responses((status = 200, body = Erased)))]
async fn find_certificate(
    State(app): State<App>,
    Path(customer): Path<String>,
) -> Result<Json<Erased>, Problem> {
    let found = app.read(move |session| {
        let row = session.read().erasures_of(&customer)?.pop();
        done(certified(&row.ok_or_else(|| Problem::not_found("erasure of customer", &customer))?))
    });
    let (certificate, hash) = found.await?;
    Ok(Json(Erased { certificate, hash }))
}
