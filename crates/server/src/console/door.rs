//! Signing in and out, joining by an invitation, choosing language and light. What somebody had typed when their session
//! ended waits behind the door and is shown again before it is sent.

use super::frame::{Area, Frame, Looking};
use super::guard::{Fields, Visit, go};
use super::page::{self, Page};
use super::reader::{Reader, Theme, View};
use crate::app::App;
use crate::guard::{same_origin, session_token};
use crate::problem::Problem;
use crate::sign_in::{self, Begun};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};

/// Room for a form that is kept within another while somebody signs in again: as many times its largest.
const ROOM: usize = 3;

/// Where one signs in.
#[derive(Serialize)]
pub struct SignInPage {
    /// Where to go then.
    then: String,
    /// A form that waits, as it was sent; empty where none does.
    kept: String,
    /// Names of files it had, which cannot be kept.
    files: String,
    /// The address as it was typed.
    email: String,
    /// Whether the last try was wrong.
    is_wrong: bool,
    /// Whether a session has ended.
    is_over: bool,
    /// A one-time link, in place of the form.
    link: Option<String>,
}

impl Page for SignInPage {
    const TEMPLATE: &'static str = "console/sign-in.html";
    const AREA: Area = Area::None;

    fn sample(_: &Reader) -> SignInPage {
        SignInPage {
            then: "/".to_owned(),
            kept: "reason=late".to_owned(),
            files: "file".to_owned(),
            email: "ana@corner.example".to_owned(),
            is_wrong: true,
            is_over: true,
            link: None,
        }
    }
}

impl SignInPage {
    /// With a link in place of a password.
    pub fn sample_link() -> SignInPage {
        SignInPage {
            then: "/".to_owned(),
            kept: String::new(),
            files: String::new(),
            email: String::new(),
            is_wrong: false,
            is_over: false,
            link: Some("token".to_owned()),
        }
    }
}

/// What waits to be sent.
#[derive(Serialize)]
pub struct WaitingPage {
    then: String,
    fields: Vec<(String, String)>,
    /// Names of files that have to be chosen again.
    files: Vec<String>,
}

impl Page for WaitingPage {
    const TEMPLATE: &'static str = "console/waiting.html";
    const AREA: Area = Area::None;

    fn sample(_: &Reader) -> WaitingPage {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        WaitingPage {
            then: "/customers/cus_1/points".to_owned(),
            fields: vec![field("units", "50"), field("reason", "waited for twenty minutes")],
            files: vec!["mark".to_owned()],
        }
    }
}

/// Where one sets a password.
#[derive(Serialize)]
pub struct JoinPage {
    token: String,
    is_short: bool,
}

impl Page for JoinPage {
    const TEMPLATE: &'static str = "console/join.html";
    const AREA: Area = Area::None;

    fn sample(_: &Reader) -> JoinPage {
        JoinPage { token: "token".to_owned(), is_short: true }
    }
}

/// What is shown once to whoever has joined.
#[derive(Serialize)]
pub struct JoinedPage {
    email: String,
    secret: String,
    /// An SVG.
    qr: String,
    codes: Vec<String>,
}

impl Page for JoinedPage {
    const TEMPLATE: &'static str = "console/joined.html";
    const AREA: Area = Area::None;

    fn sample(_: &Reader) -> JoinedPage {
        JoinedPage::of("ana@corner.example", "JBSWY3DPEHPK3PXP", vec!["abcd2345efgh".to_owned(); 10])
    }
}

impl JoinedPage {
    fn of(email: &str, secret: &str, codes: Vec<String>) -> JoinedPage {
        let who: String = url::form_urlencoded::byte_serialize(email.as_bytes()).collect();
        let address = format!("otpauth://totp/Perennial:{who}?secret={secret}&issuer=Perennial");
        let drawn = QrCode::new(address).map(|code| {
            let drawn = code.render::<svg::Color<'_>>().min_dimensions(180, 180).build();
            drawn.split_once("?>").map_or(drawn.clone(), |(_, picture)| picture.to_owned())
        });
        JoinedPage {
            email: email.to_owned(),
            secret: secret.to_owned(),
            qr: drawn.unwrap_or_default(),
            codes,
        }
    }
}

/// Where to go when one has signed in.
#[derive(Debug, Default, Deserialize)]
pub struct Then {
    #[serde(default)]
    then: String,
}

/// A place of ours, whatever was written: nobody is sent elsewhere.
fn ours(then: &str) -> &str {
    let is_ours = then.starts_with('/') && !then.starts_with("//") && !then.contains(['\\', '\r', '\n']);
    if is_ours { then } else { "/" }
}

fn outside<P: Page>(status: StatusCode, reader: &Reader, page: &P) -> Result<Response, Problem> {
    let looking = Looking { here: "/sign-in".to_owned(), ..Looking::default() };
    page::answer(status, reader, &Frame::of(reader, &looking, P::AREA), page)
}

/// To the door: by GET one is sent there, and a form waits there, with the names of the files it had.
pub fn must_sign_in(
    reader: &Reader,
    is_safe: bool,
    here: &str,
    kept: Option<(Fields, Vec<String>)>,
) -> Response {
    if is_safe {
        let then: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
        return go(&format!("/sign-in?then={then}"));
    }
    let (fields, files) = kept.unwrap_or_default();
    let page = SignInPage {
        then: ours(here).to_owned(),
        kept: fields.without_proof().written(),
        files: files.join(","),
        email: String::new(),
        is_wrong: false,
        is_over: true,
        link: None,
    };
    outside(StatusCode::UNAUTHORIZED, reader, &page).into_response()
}

/// Where one signs in, with room for what waits.
pub fn sign_in_route(app: &App) -> MethodRouter<App> {
    get(ask).post(sign_in).layer(DefaultBodyLimit::max(app.settings().body_bytes * ROOM))
}

/// `GET /sign-in`
pub async fn ask(
    State(app): State<App>,
    headers: HeaderMap,
    Query(then): Query<Then>,
) -> Result<Response, Problem> {
    if let Some(token) = session_token(&headers)
        && sign_in::present(&app, &token).await?.is_some()
    {
        return Ok(go(ours(&then.then)));
    }
    let page = SignInPage {
        then: ours(&then.then).to_owned(),
        kept: String::new(),
        files: String::new(),
        email: String::new(),
        is_wrong: false,
        is_over: false,
        link: None,
    };
    outside(StatusCode::OK, &Reader::of(&app, &headers), &page)
}

/// `POST /sign-in`
pub async fn sign_in(State(app): State<App>, headers: HeaderMap, body: String) -> Result<Response, Problem> {
    same_origin(&headers)?;
    let fields = Fields::read(body.as_bytes());
    let (email, then) = (fields.text("email"), ours(fields.text("then")));
    let begun =
        sign_in::sign_in(&app, email, fields.text("password"), fields.text("code"), agent(&headers)).await;
    match begun {
        Ok(begun) => {
            let kept = Fields::read(fields.text("kept").as_bytes());
            let_in(&app, &headers, begun, then, (kept, fields.text("files"))).await
        }
        Err(problem) if problem.kind.status() == StatusCode::UNAUTHORIZED => {
            let page = SignInPage {
                then: then.to_owned(),
                kept: fields.text("kept").to_owned(),
                files: fields.text("files").to_owned(),
                email: email.to_owned(),
                is_wrong: true,
                is_over: false,
                link: None,
            };
            outside(StatusCode::UNAUTHORIZED, &Reader::of(&app, &headers), &page)
        }
        Err(problem) => Err(problem),
    }
}

fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("")
}

/// Give the cookies, and go on: to the page, or to the form that waits.
async fn let_in(
    app: &App,
    headers: &HeaderMap,
    begun: Begun,
    then: &str,
    (kept, files): (Fields, &str),
) -> Result<Response, Problem> {
    let name = view_setting(&begun.member.id);
    let chosen = app.read(move |session| Ok(session.read().find_setting(&name)?)).await?;
    let view = chosen.and_then(|text| View::read(&text));
    let mut response = if kept.pairs().is_empty() && files.is_empty() {
        go(then)
    } else {
        let reader = Reader::of(app, headers);
        let looking =
            Looking { member: Some(begun.member.clone()), csrf: begun.csrf.clone(), here: then.to_owned() };
        let files = files.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let page = WaitingPage { then: then.to_owned(), fields: kept.pairs().to_vec(), files };
        page::answer(StatusCode::OK, &reader, &Frame::of(&reader, &looking, Area::None), &page)?
    };
    let cookies = [Some(sign_in::cookie_for(headers, &begun.token)), view.map(View::cookie)];
    for cookie in cookies.into_iter().flatten() {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// `GET /sign-in/{token}`: a button, so that whatever looks at links beforehand does not use this one up.
pub async fn ask_by_link(
    State(app): State<App>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let page = SignInPage { link: Some(token), ..SignInPage::sample_link() };
    outside(StatusCode::OK, &Reader::of(&app, &headers), &page)
}

/// `POST /sign-in/{token}`
pub async fn sign_in_by_link(
    State(app): State<App>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    same_origin(&headers)?;
    let begun = sign_in::sign_in_by_link(&app, &token, agent(&headers)).await?;
    let_in(&app, &headers, begun, "/", (Fields::default(), "")).await
}

/// `POST /sign-out`
pub async fn sign_out(visit: Visit, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(token) = session_token(&headers) {
        sign_in::sign_out(visit.app(), &token).await?;
    }
    let cookie = [(header::SET_COOKIE, sign_in::cookie_for(&headers, ""))];
    Ok((cookie, go("/sign-in")).into_response())
}

/// `GET /join/{token}`
pub async fn ask_to_join(
    State(app): State<App>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    outside(StatusCode::OK, &Reader::of(&app, &headers), &JoinPage { token, is_short: false })
}

/// `POST /join/{token}`
pub async fn join(
    State(app): State<App>,
    headers: HeaderMap,
    Path(token): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    same_origin(&headers)?;
    let reader = Reader::of(&app, &headers);
    let password = Fields::read(body.as_bytes()).text("password").to_owned();
    match sign_in::join(&app, &token, &password).await {
        Ok(joined) => {
            let member = sign_in::has_joined(&app, &joined.member).await?;
            let page = JoinedPage::of(&member.email, &joined.totp_secret, joined.recovery_codes);
            outside(StatusCode::CREATED, &reader, &page)
        }
        Err(problem) if problem.kind.status() == StatusCode::UNPROCESSABLE_ENTITY => {
            outside(StatusCode::UNPROCESSABLE_ENTITY, &reader, &JoinPage { token, is_short: true })
        }
        Err(problem) => Err(problem),
    }
}

/// Where the choice of somebody who works here is kept.
fn view_setting(staff_id: &str) -> String {
    format!("view.{staff_id}")
}

/// `POST /view`: another language or light, here and, for whoever is signed in, everywhere they sign in.
pub async fn choose_view(
    State(app): State<App>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Problem> {
    same_origin(&headers)?;
    let fields = Fields::read(body.as_bytes());
    let before = View::of(&headers);
    let view = View {
        lang: fields.text("language").parse().unwrap_or(before.lang),
        theme: Theme::of(fields.text("theme")).unwrap_or(before.theme),
    };
    if let Some(token) = session_token(&headers)
        && let Some(present) = sign_in::present(&app, &token).await?
    {
        let (name, text, now) = (view_setting(&present.member.id), view.text(), app.now_micros());
        app.write(move |writing| Ok(writing.put_setting(&name, &text, now)?)).await?;
    }
    let cookie: [(HeaderName, String); 1] = [(header::SET_COOKIE, view.cookie())];
    Ok((cookie, go(ours(fields.text("here")))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (then, goes) in [
            ("/customers?q=a", "/customers?q=a"),
            ("https://elsewhere.example/", "/"),
            ("//elsewhere.example", "/"),
            ("/\\elsewhere.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(ours(then), goes);
        }
    }
}
