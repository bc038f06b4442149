//! `/v1/segments`: named definitions of sets of customers. Who is in one is answered by the relations, which the server
//! does not know: `perennial segment count`.

use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once};
use crate::page::Page;
use crate::problem::{Kind, Problem};
use axum::Json;
use axum::extract::{Path, State};
use engine::act::segment::{Condition, Segment, parse};
use engine::record::view;
use engine::staff::actor::Actor;
use engine::staff::audit::{Change, append};
use engine::staff::permissions::Operation;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Writing;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_segments)).routes(routes!(find_segment, put_segment))
}

/// A segment.
#[derive(Debug, Serialize, ToSchema)]
struct SegmentOut {
    /// Its name.
    #[schema(example = "regulars-at-risk")]
    name: String,
    /// Its version: each other definition is the next.
    version: i64,
    /// What it is, in a sentence.
    about: String,
    /// The definition, as TOML.
    definition: String,
}

/// A definition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SegmentIn {
    /// As TOML, as the file for `perennial segment check`.
    definition: String,
}

impl SegmentOut {
    fn of((name, version, definition): (String, i64, String)) -> SegmentOut {
        let about = parse(&name, &definition).map_or_else(|_| String::new(), |segment| segment.about);
        SegmentOut { name, version, about, definition }
    }
}

/// All segments, each in its newest version.
#[utoipa::path(get, path = "/v1/segments", tag = "customers", security(("key" = ["segments.read"])),
    responses((status = 200, body = Page<SegmentOut>)))]
async fn list_segments(State(app): State<App>) -> Result<Json<Page<SegmentOut>>, Problem> {
    let rows = app.read(|session| Ok(session.read().segments()?)).await?;
    Ok(Json(Page::whole(rows.into_iter().map(SegmentOut::of).collect())))
}

/// A segment in its newest version.
#[utoipa::path(get, path = "/v1/segments/{segment}", tag = "customers", security(("key" = ["segments.read"])),
    params(("segment" = String, Path)), responses((status = 200, body = SegmentOut)))]
async fn find_segment(
    State(app): State<App>,
    Path(segment): Path<String>,
) -> Result<Json<SegmentOut>, Problem> {
    let found = app.read(move |session| {
        let found = session.read().newest_segment(&segment)?;
        let (version, text) = found.ok_or_else(|| Problem::not_found("segment", &segment))?;
        Ok(SegmentOut::of((segment, version, text)))
    });
    Ok(Json(found.await?))
}

/// Keep a definition. The same again is the version that was there; another is the next, and what was frozen by the one
/// before can still be told.
#[utoipa::path(put, path = "/v1/segments/{segment}", tag = "customers", security(("key" = ["segments.write"])),
    params(("segment" = String, Path, example = "regulars-at-risk")), request_body = SegmentIn,
    responses((status = 200, body = SegmentOut)))]
async fn put_segment(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    key: IdempotencyKey,
    body: Body<SegmentIn>,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("PUT /v1/segments/{name}"), body.hash);
    let text = body.value.definition;
    let wrong = |detail: String| Problem::of_body("/definition", detail);
    let segment = parse(&name, &text).map_err(|no| wrong(no.to_string()))?;
    if segment.name != name {
        return Err(wrong(format!("its name is '{}', and the address says '{name}'", segment.name)));
    }
    let keeping =
        Keeping { text, segment, over: None, now: app.now(), actor: caller.actor(), salt: app.chance_u128() };
    once(&app, key, hash, move |writing| {
        let version = keep(writing, &keeping)?;
        Ok(Reply::ok(SegmentOut::of((name.clone(), version, keeping.text.clone()))))
    })
    .await
}

/// A definition that somebody keeps.
pub(crate) struct Keeping {
    /// As it was written.
    pub text: String,
    /// As it was read.
    pub segment: Segment,
    /// The version it was made from, 0 where there was none; nothing where nobody says.
    pub over: Option<i64>,
    /// When.
    pub now: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// Chance, for the audit.
    pub salt: u128,
}

/// Keep a definition, with what has changed in the audit. Where somebody else has kept another since the version it was
/// made from, it is a [`Kind::PreconditionFailed`].
pub(crate) fn keep(writing: &Writing<'_>, keeping: &Keeping) -> Result<i64, Problem> {
    let Keeping { text, segment, over, now, actor, salt } = keeping;
    let name = &segment.name;
    closed(writing, segment, &mut vec![name.clone()])?;
    let before = writing.newest_segment(name)?;
    let (present, kept) = before.as_ref().map_or((0, ""), |(version, text)| (*version, text.as_str()));
    if over.is_some_and(|over| over != present) && kept != text {
        let why = format!("segment {name} is at version {present} by now");
        return Err(Problem::new(Kind::PreconditionFailed, why));
    }
    let version = writing.keep_segment(name, text, now.as_microsecond())?;
    if version != present {
        let change = Change {
            actor: actor.clone(),
            operation: Operation::WriteSegments,
            kind: "segment",
            subject: name.clone(),
            before: json!(before.map(|(_, text)| text)),
            after: json!(text),
            salt: *salt,
        };
        append(writing, view::at(now.as_microsecond()), &[change])?;
    }
    Ok(version)
}

/// That every segment which stands in this one is kept, and none stands in itself.
fn closed(writing: &Writing<'_>, segment: &Segment, path: &mut Vec<String>) -> Result<(), Problem> {
    let mut waiting = vec![&segment.who];
    while let Some(condition) = waiting.pop() {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => waiting.extend(parts),
            Condition::Not(part) => waiting.push(part),
            Condition::Segment(name) => {
                if path.contains(name) {
                    let detail =
                        format!("segments stand in each other in a circle: {} → {name}", path.join(" → "));
                    return Err(Problem::of_body("/definition", detail));
                }
                let unknown = || Problem::of_body("/definition", format!("there is no segment '{name}'"));
                let (_, text) = writing.newest_segment(name)?.ok_or_else(unknown)?;
                let inner = parse(name, &text).map_err(|no| Problem::internal(no.to_string()))?;
                path.push(name.clone());
                closed(writing, &inner, path)?;
                path.pop();
            }
            _ => {}
        }
    }
    Ok(())
}
