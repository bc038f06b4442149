//! `/v1/session`: staff sign in and out. Open to all: what comes in here proves itself.

use crate::app::App;
use crate::body::Body;
use crate::guard;
use crate::problem::{Kind, Problem};
use crate::sign_in;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use engine::staff::people::StaffMember;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(find_session, sign_in_here, sign_out)).routes(routes!(join))
}

/// Somebody signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// Their address.
    #[schema(example = "ana@corner.example")]
    email: String,
    /// Their password.
    password: String,
    /// A code of the second factor, or a recovery code.
    #[schema(example = "123456")]
    code: String,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
struct Session {
    /// Who.
    staff: Staff,
    /// To be sent back as `X-CSRF-Token` with everything that changes something.
    csrf: String,
}

/// A member of staff.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Staff {
    /// Their id.
    #[schema(example = "stf_01jbhv9w000000000000000001")]
    pub id: String,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// `owner`, `marketer`, `analyst`, `service`, `till`, `auditor`.
    pub role: String,
    /// Whether they may do anything.
    pub is_active: bool,
    /// Whether they have taken their invitation.
    pub has_joined: bool,
}

impl Staff {
    pub fn of(member: &StaffMember) -> Staff {
        Staff {
            id: member.id.clone(),
            email: member.email.clone(),
            name: member.name.clone(),
            role: member.role.word().to_owned(),
            is_active: member.is_active(),
            has_joined: member.joined_at.is_some(),
        }
    }
}

type WithCookie<T> = ([(HeaderName, String); 1], T);

/// Sign in. The session is in a cookie; what changes something must carry `X-CSRF-Token` besides.
#[utoipa::path(post, path = "/v1/session", tag = "operation", request_body = SignIn, responses((status = 200, body = Session)))]
async fn sign_in_here(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body<SignIn>,
) -> Result<WithCookie<Json<Session>>, Problem> {
    guard::same_origin(&headers)?;
    let ask = body.value;
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("");
    let begun = sign_in::sign_in(&app, &ask.email, &ask.password, &ask.code, agent).await?;
    let cookie = [(header::SET_COOKIE, sign_in::cookie_for(&headers, &begun.token))];
    Ok((cookie, Json(Session { staff: Staff::of(&begun.member), csrf: begun.csrf })))
}

/// Who is signed in.
#[utoipa::path(get, path = "/v1/session", tag = "operation", responses((status = 200, body = Session)))]
async fn find_session(State(app): State<App>, headers: HeaderMap) -> Result<Json<Session>, Problem> {
    let token = guard::session_token(&headers).ok_or_else(nobody)?;
    let present = sign_in::present(&app, &token).await?.ok_or_else(nobody)?;
    Ok(Json(Session { staff: Staff::of(&present.member), csrf: present.csrf }))
}

fn nobody() -> Problem {
    Problem::new(Kind::Unauthenticated, "nobody is signed in")
}

/// Sign out: the session ends.
#[utoipa::path(delete, path = "/v1/session", tag = "operation", responses((status = 204)))]
async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<(StatusCode, [(HeaderName, String); 1]), Problem> {
    guard::same_origin(&headers)?;
    if let Some(token) = guard::session_token(&headers) {
        sign_in::sign_out(&app, &token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, sign_in::cookie_for(&headers, ""))]))
}

/// Somebody takes an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct JoinIn {
    /// The token of the invitation.
    invitation: String,
    /// The password from now on: 12 characters or more.
    password: String,
}

/// What is shown once to somebody who has taken an invitation.
#[derive(Debug, Serialize, ToSchema)]
struct JoinedOut {
    /// Who.
    staff: Staff,
    /// The secret of the second factor, for a program that makes codes.
    totp_secret: String,
    /// The same as an address that such programs read, as from a QR code.
    totp_url: String,
    /// Ten codes for the day the telephone is lost; each counts once.
    recovery_codes: Vec<String>,
}

/// Take an invitation: set a password, get a second factor and recovery codes.
#[utoipa::path(post, path = "/v1/session/join", tag = "operation", request_body = JoinIn, responses((status = 201, body = JoinedOut)))]
async fn join(State(app): State<App>, body: Body<JoinIn>) -> Result<(StatusCode, Json<JoinedOut>), Problem> {
    let joined = sign_in::join(&app, &body.value.invitation, &body.value.password).await?;
    let who: String = url::form_urlencoded::byte_serialize(joined.member.email.as_bytes()).collect();
    let member = sign_in::has_joined(&app, &joined.member).await?;
    let out = JoinedOut {
        staff: Staff::of(&member),
        totp_url: format!("otpauth://totp/Perennial:{who}?secret={}&issuer=Perennial", joined.totp_secret),
        totp_secret: joined.totp_secret,
        recovery_codes: joined.recovery_codes,
    };
    Ok((StatusCode::CREATED, Json(out)))
}
