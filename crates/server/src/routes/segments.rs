//! `/v1/segments`: named definitions of sets of customers. Who is in one is answered by the relations, which the server
//! does not know: `perennial segment count`.

use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, once};
use crate::page::Page;
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use engine::act::segment::{Condition, Segment, parse};
use engine::record::view;
use engine::staff::audit::{Change, append};
use engine::staff::permissions::Operation;
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
    let (now, actor, salt) = (app.now(), caller.actor(), app.chance_u128());
    once(&app, key, hash, move |writing| {
        closed(writing, &segment, &mut vec![segment.name.clone()])?;
        let before = writing.newest_segment(&name)?;
        let version = writing.keep_segment(&name, &text, now.as_microsecond())?;
        if before.as_ref().is_none_or(|(known, _)| *known != version) {
            let (before, after) = (before.map(|(_, text)| text), &text);
            let change = Change {
                actor: actor.clone(),
                operation: Operation::WriteSegments,
                kind: "segment",
                subject: name.clone(),
                before: json!(before),
                after: json!(after),
                salt,
            };
            append(writing, view::at(now.as_microsecond()), &[change])?;
        }
        Ok(Reply::ok(SegmentOut::of((name.clone(), version, text.clone()))))
    })
    .await
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
