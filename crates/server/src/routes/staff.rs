//! `/v1/staff` and `/v1/audit`: who works here, and who changed what.

use super::session::Staff;
use crate::app::App;
use crate::body::Body;
use crate::caller::Caller;
use crate::idempotency::{IdempotencyKey, Reply, asked, keep, kept, once_apart};
use crate::page::{Page, PageAsked};
use crate::problem::{Kind, Problem};
use crate::sign_in;
use axum::Json;
use axum::extract::{Path, Query, State};
use engine::staff::audit::{self, Entry, Wanted};
use engine::staff::people::{self, Asking, Invitation, Refused, StaffMember, Stopped};
use engine::staff::permissions::Role;
use serde::{Deserialize, Serialize};
use store::Session;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_staff, invite))
        .routes(routes!(invite_again))
        .routes(routes!(set_role))
        .routes(routes!(disable))
        .routes(routes!(enable))
        .routes(routes!(list_audit))
}

/// What the house said, as a problem where it is a no.
pub(crate) fn done<T>(answer: Result<T, Stopped>) -> Result<T, Problem> {
    answer.map_err(|stopped| match stopped {
        Stopped::Failure(failure) => failure.into(),
        Stopped::Refused(refused) => {
            let kind = match &refused {
                Refused::NotAllowed(_) => Kind::Forbidden,
                Refused::NotAnAddress(_) | Refused::NotAName => Kind::InvalidBody,
                Refused::Taken(_) => Kind::Conflict,
                Refused::Unknown(_) => Kind::NotFound,
                Refused::LastOwner(_) => Kind::Refused,
            };
            Problem::new(kind, refused.to_string())
        }
    })
}

/// Everybody who works or worked here.
#[utoipa::path(get, path = "/v1/staff", tag = "operation", security(("key" = ["staff.read"])),
    responses((status = 200, body = Page<Staff>)))]
async fn list_staff(State(app): State<App>) -> Result<Json<Page<Staff>>, Problem> {
    let all = app.read(|session| Ok(people::list(&session.read())?)).await?;
    Ok(Json(Page::whole(all.iter().map(Staff::of).collect())))
}

/// Somebody to ask in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InvitationIn {
    /// Their address.
    #[schema(example = "ben@corner.example")]
    email: String,
    /// Their name.
    #[schema(example = "Ben")]
    name: String,
    /// What they may do: `owner`, `marketer`, `analyst`, `service`, `till`, `auditor`.
    #[schema(example = "service")]
    role: String,
}

/// An invitation; its token is shown once.
#[derive(Debug, Serialize, ToSchema)]
struct Invited {
    /// Who.
    staff: Staff,
    /// To be given to them: with it they set a password at `POST /v1/session/join`, within seven days. A repeat under
    /// the same idempotency key shows the answer without it: make another invitation.
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<String>,
}

fn role(text: &str) -> Result<Role, Problem> {
    text.parse().map_err(|no: engine::staff::permissions::NoRole| Problem::of_body("/role", no.to_string()))
}

/// Ask somebody in.
#[utoipa::path(post, path = "/v1/staff", tag = "operation", security(("key" = ["staff.manage"])),
    request_body(content = InvitationIn, example = json!({"email": "ben@corner.example", "name": "Ben", "role": "service"})),
    responses((status = 201, body = Invited)))]
async fn invite(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    body: Body<InvitationIn>,
) -> Result<Reply, Problem> {
    let hash = asked("POST /v1/staff", body.hash);
    if let Some(reply) = kept(&app, &key, hash).await? {
        return Ok(reply);
    }
    let ask = body.value;
    let invitation = Invitation { email: ask.email, name: ask.name, role: role(&ask.role)? };
    let member =
        change(&app, &caller, move |session, asking| people::invite(session, asking, &invitation)).await?;
    invited(&app, &member, (key, hash)).await
}

/// Invite somebody anew, because the invitation was lost, or the telephone. What they sign in with now ends when they
/// take it.
#[utoipa::path(post, path = "/v1/staff/{staff}/invitation", tag = "operation", security(("key" = ["staff.manage"])),
    params(("staff" = String, Path)), responses((status = 201, body = Invited)))]
async fn invite_again(
    State(app): State<App>,
    Path(staff): Path<String>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/staff/{staff}/invitation"), [0; 32]);
    if let Some(reply) = kept(&app, &key, hash).await? {
        return Ok(reply);
    }
    let id = staff.clone();
    let found = app.read(move |session| Ok(people::find(&session.read(), &id)?)).await?;
    let member = found.ok_or_else(|| Problem::not_found("member of staff", &staff))?;
    invited(&app, &member, (key, hash)).await
}

/// A new invitation for somebody: it is in this answer, and not in the one that is kept.
async fn invited(
    app: &App,
    member: &StaffMember,
    (key, asked): (IdempotencyKey, [u8; 32]),
) -> Result<Reply, Problem> {
    let (token, hash) = sign_in::invitation(app.pepper(), &|bytes| app.chance(bytes));
    let (id, now) = (member.id.clone(), app.now_micros());
    app.write(move |writing| sign_in::keep_invitation(writing, &id, hash, now)).await?;
    let without = Reply::created(Invited { staff: Staff::of(member), invitation: None });
    let mut reply = keep(app, key, asked, without).await?;
    reply.body["invitation"] = token.into();
    Ok(reply)
}

/// Change who works here, told in the audit.
async fn change(
    app: &App,
    caller: &Caller,
    work: impl FnOnce(&mut Session, &mut Asking<'_>) -> Result<StaffMember, Stopped> + Send + 'static,
) -> Result<StaffMember, Problem> {
    let (actor, now) = (caller.actor(), app.now());
    let mut chances: Vec<u128> = (0..4).map(|_| app.chance_u128()).collect();
    app.with_session(move |session| {
        let mut chance = || chances.pop().unwrap_or_default();
        done(work(session, &mut Asking { actor: &actor, now, chance: &mut chance }))
    })
    .await
}

/// Another role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoleIn {
    /// `owner`, `marketer`, `analyst`, `service`, `till`, `auditor`.
    #[schema(example = "marketer")]
    role: String,
}

/// Give somebody another role, from their next request on.
#[utoipa::path(put, path = "/v1/staff/{staff}/role", tag = "operation", security(("key" = ["staff.manage"])),
    params(("staff" = String, Path)), request_body = RoleIn, responses((status = 200, body = Staff)))]
async fn set_role(
    State(app): State<App>,
    caller: Caller,
    Path(staff): Path<String>,
    key: IdempotencyKey,
    body: Body<RoleIn>,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("PUT /v1/staff/{staff}/role"), body.hash);
    let role = role(&body.value.role)?;
    once_apart(&app, key, hash, async {
        let member =
            change(&app, &caller, move |session, asking| people::set_role(session, asking, &staff, role));
        Ok(Reply::ok(Staff::of(&member.await?)))
    })
    .await
}

/// Let somebody do nothing any more: their sessions end.
#[utoipa::path(post, path = "/v1/staff/{staff}/disable", tag = "operation", security(("key" = ["staff.manage"])),
    params(("staff" = String, Path)), responses((status = 200, body = Staff)))]
async fn disable(
    State(app): State<App>,
    caller: Caller,
    Path(staff): Path<String>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/staff/{staff}/disable"), [0; 32]);
    once_apart(&app, key, hash, async {
        let (id, now) = (staff.clone(), app.now_micros());
        let member = change(&app, &caller, move |session, asking| people::disable(session, asking, &id));
        let member = member.await?;
        app.write(move |writing| Ok(writing.end_staff_sessions(&staff, now).map(drop)?)).await?;
        Ok(Reply::ok(Staff::of(&member)))
    })
    .await
}

/// Let somebody in again.
#[utoipa::path(post, path = "/v1/staff/{staff}/enable", tag = "operation", security(("key" = ["staff.manage"])),
    params(("staff" = String, Path)), responses((status = 200, body = Staff)))]
async fn enable(
    State(app): State<App>,
    caller: Caller,
    Path(staff): Path<String>,
    key: IdempotencyKey,
) -> Result<Reply, Problem> {
    let hash = asked(&format!("POST /v1/staff/{staff}/enable"), [0; 32]);
    once_apart(&app, key, hash, async {
        let member = change(&app, &caller, move |session, asking| people::enable(session, asking, &staff));
        Ok(Reply::ok(Staff::of(&member.await?)))
    })
    .await
}

/// Which entries of the audit.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// What was done by this key or member of staff.
    actor: Option<String>,
    /// What was done to this kind of thing: `customer`, `staff`, `program`, `key`, …
    kind: Option<String>,
    /// What was done to this one; with `kind`.
    subject: Option<String>,
}

/// Who changed what, newest first: before and after, in a chain of hashes.
#[utoipa::path(get, path = "/v1/audit", tag = "operation", security(("key" = ["audit.read"])),
    params(Which, PageAsked), responses((status = 200, body = Object)))]
async fn list_audit(
    State(app): State<App>,
    Query(which): Query<Which>,
    Query(page): Query<PageAsked>,
) -> Result<Json<Page<Entry>>, Problem> {
    let (limit, after) = (page.limit()?, page.after()?);
    let before = match after.as_str() {
        "" => None,
        number => {
            Some(number.parse().map_err(|_| Problem::new(Kind::InvalidRequest, "cursor: not one of ours"))?)
        }
    };
    let wanted = match which.subject {
        Some(subject) => Wanted { subject: which.kind.map(|kind| (kind, subject)), ..Wanted::default() },
        None => Wanted { kind: which.kind, ..Wanted::default() },
    };
    let wanted = Wanted { actor: which.actor, before, ..wanted };
    let rows = app.read(move |session| Ok(audit::list(&session.read(), &wanted, limit + 1)?)).await?;
    Ok(Json(Page::of(rows, limit, |entry| entry.number.to_string())))
}
