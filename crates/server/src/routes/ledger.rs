//! `/v1/customers/{customer}/ledger`: every entry with the sentence that explains it.

use super::members::Of;
use crate::app::App;
use crate::caller::Caller;
use crate::effect::word;
use crate::page::{Page, PageAsked};
use crate::problem::{Kind, Problem};
use crate::reference;
use axum::Json;
use axum::extract::{Path, Query, State};
use engine::record::view;
use jiff::Timestamp;
use loyalty::explain::{explain_posting, moved};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_entries))
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only this wallet.
    wallet: Option<String>,
}

/// An entry of the ledger.
#[derive(Debug, Serialize, ToSchema)]
struct Entry {
    /// The wallet.
    wallet: String,
    /// Its place in the wallet, from 0.
    number: u64,
    /// When it took effect.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `earn`, `spend`, `hold`, `clawback`, `expire`, …
    kind: String,
    /// How many smallest units it is about.
    units: i64,
    /// What it did to what the member has, signed.
    change: i64,
    /// Why, in a sentence: the rule, its version, what counted, how it was rounded, what was cut off.
    why: String,
    /// The fact behind it.
    cause: Cause,
    /// What it is chained to: the hash of itself and of all before it.
    hash: String,
}

/// The fact behind an entry.
#[derive(Debug, Serialize, ToSchema)]
struct Cause {
    /// `order`, `return`, `event`, `redemption`, `staff`, …
    kind: String,
    /// Its id.
    id: String,
    /// The rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// The version of the rule: the hash of its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Who pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    funder: Option<String>,
}

/// The entries of a member, the newest first, each explained.
#[utoipa::path(get, path = "/v1/customers/{customer}/ledger", tag = "points", security(("key" = ["ledger.read"])),
    params(("customer" = String, Path), Of, Which, PageAsked), responses((status = 200, body = Page<Entry>)))]
async fn list_entries(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Query(of): Query<Of>,
    Query(which): Query<Which>,
    Query(page): Query<PageAsked>,
) -> Result<Json<Page<Entry>>, Problem> {
    let (open, lang) = (app.program(of.program.as_deref())?, of.lang()?);
    let (limit, after) = (page.limit()?, page.after()?);
    let id = reference::find(&app, &caller.source, &customer).await?;
    let shop = open.clone();
    let entries = app.read(move |session| {
        let (reading, program) = (session.read(), shop.in_force.program.head.id.as_str());
        if reading.find_members(program, &[&id])?.is_empty() {
            return Err(Problem::new(
                Kind::NotAMember,
                format!("customer {id} is not a member of {program}"),
            ));
        }
        Ok(view::entries(&reading, program, &id)?)
    });
    let mut entries = entries.await?;
    entries.retain(|entry| which.wallet.as_ref().is_none_or(|wallet| entry.wallet == wallet.as_str()));
    // The newest first; what is of one instant by wallet and place. A cursor names the last that was shown.
    let place = |entry: &view::Entry| {
        let at = i64::MAX - entry.posting.at.as_microsecond();
        format!("{at:020} {} {:020}", entry.wallet, u64::MAX - entry.posting.number)
    };
    entries.sort_by_cached_key(place);
    let rows = entries.into_iter().filter(|entry| after.is_empty() || place(entry) > after);
    let rows: Vec<view::Entry> = rows.take(usize::try_from(limit).unwrap_or(0) + 1).collect();
    let page = Page::of(rows, limit, place);
    let program = &open.in_force.program;
    let shown = page.data.iter().map(|entry| {
        let posting = &entry.posting;
        let cause = &posting.cause;
        let maybe = |name: &Option<loyalty::name::Name>| name.as_ref().map(ToString::to_string);
        Entry {
            wallet: entry.wallet.to_string(),
            number: posting.number,
            at: posting.at,
            kind: word(&posting.kind),
            units: moved(posting),
            change: posting.change(),
            why: explain_posting(program, entry.wallet.as_str(), posting, entry.working.as_ref(), lang),
            cause: Cause {
                kind: cause.kind.to_string(),
                id: cause.id.to_string(),
                rule: maybe(&cause.rule),
                version: maybe(&cause.version),
                funder: maybe(&cause.funder),
            },
            hash: posting.hash.0.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    });
    Ok(Json(Page { data: shown.collect(), next: page.next }))
}
