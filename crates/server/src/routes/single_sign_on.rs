//! `/v1/session/sso`: staff sign in with the account they have elsewhere. Open to all: what comes in here proves itself.

use crate::app::App;
use crate::guard;
use crate::problem::{Kind, Problem};
use crate::{sign_in, single_sign_on};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(end))
}

/// Go to the provider and sign in there.
#[utoipa::path(get, path = "/v1/session/sso", tag = "operation", responses((status = 303, description = "To the provider")))]
async fn begin(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let (url, cookie) = single_sign_on::begin(&app).await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, url), (header::SET_COOKIE, cookie)]))
}

/// What the provider sends the browser back with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Back {
    /// The code; absent where somebody changed their mind.
    code: Option<String>,
    /// What we gave along.
    #[serde(default)]
    state: String,
    /// Why there is no code.
    error: Option<String>,
}

/// The provider has sent the browser back: the session is begun.
#[utoipa::path(get, path = "/v1/session/sso/callback", tag = "operation", params(Back),
    responses((status = 303, description = "Signed in")))]
async fn end(
    State(app): State<App>,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<impl IntoResponse, Problem> {
    let code = back.code.ok_or_else(|| {
        let why = back.error.unwrap_or_default();
        let why: String = why.chars().filter(char::is_ascii_graphic).take(100).collect();
        Problem::new(Kind::Unauthenticated, format!("single sign-on: the provider sent no code: {why}"))
    })?;
    let kept = guard::cookie(&headers, single_sign_on::COOKIE).unwrap_or_default();
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("");
    let begun = single_sign_on::end(&app, &code, &back.state, &kept, agent).await?;
    let cookies = [sign_in::cookie_for(&headers, &begun.token), single_sign_on::cookie("", 0)];
    let cookies = cookies.map(|cookie| (header::SET_COOKIE, cookie));
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, HeaderValue::from_static("/"))], AppendHeaders(cookies)))
}
