//! Who may see a page, and what they send. Whoever is not signed in is asked to; what they had typed is kept meanwhile.
//! A form carries the token of its session, so that no page of somebody else's can send one.

use super::frame::{Area, Frame, Looking};
use super::page::{self, Page};
use super::reader::Reader;
use super::{door, problem};
use crate::app::App;
use crate::caller::Caller;
use crate::guard::{same_origin, session_token};
use crate::problem::{Kind, Problem};
use crate::sign_in;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::staff::people::StaffMember;
use engine::staff::permissions::Operation;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// What a page takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// That one is signed in.
    SignIn,
    /// That one may do this.
    Operation(Operation),
}

/// The door of a page.
#[derive(Clone)]
pub struct Door {
    /// The shop.
    pub app: App,
    /// What it takes.
    pub needs: Needs,
}

/// Somebody at a page.
#[derive(Clone)]
pub struct Visit(Arc<Inside>);

struct Inside {
    app: App,
    reader: Reader,
    member: StaffMember,
    looking: Looking,
}

impl Visit {
    /// The shop.
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// How they read.
    pub fn reader(&self) -> &Reader {
        &self.0.reader
    }

    /// Who they are.
    pub fn member(&self) -> &StaffMember {
        &self.0.member
    }

    /// What their forms carry.
    pub fn csrf(&self) -> &str {
        &self.0.looking.csrf
    }

    /// As one who asks, the same as at the API.
    pub fn caller(&self) -> Caller {
        let (id, role) = (self.0.member.id.clone(), self.0.member.role);
        Caller { id, source: String::new(), scopes: crate::scope::of_role(role), role }
    }

    /// Whether they may do something.
    pub fn may(&self, operation: Operation) -> bool {
        engine::staff::permissions::may(self.0.member.role, operation)
    }

    /// What is around a page for them.
    pub fn frame(&self, area: Area) -> Frame {
        Frame::of(&self.0.reader, &self.0.looking, area)
    }

    /// Show a page.
    pub fn show<P: Page>(&self, page: &P) -> Result<Response, Problem> {
        self.show_as(StatusCode::OK, page)
    }

    /// Show a page under a status: a form that is not right yet, a conflict.
    pub fn show_as<P: Page>(&self, status: StatusCode, page: &P) -> Result<Response, Problem> {
        page::answer(status, &self.0.reader, &self.frame(P::AREA), page)
    }

    /// It is done: go on to `address`, where it is said in the words of `console-said-{said}`.
    pub fn done(&self, address: &str, said: &str) -> Response {
        let joint = if address.contains('?') { '&' } else { '?' };
        go(&format!("{address}{joint}said={said}"))
    }
}

/// Go on to a page of ours by GET.
pub fn go(address: &str) -> Response {
    let location = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visit, Problem> {
        // The guard has put it there; a page without a guard is a bug and lets nobody in.
        parts.extensions.get::<Visit>().cloned().ok_or_else(|| Problem::internal("a page without a guard"))
    }
}

/// What a form has sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Read a form's body.
    pub fn read(body: &[u8]) -> Fields {
        Fields(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// A field, without blanks around it; empty where it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.trim()).collect()
    }

    /// All fields, in the order of the form.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The same without what proves a session.
    pub fn without_proof(&self) -> Fields {
        Fields(self.0.iter().filter(|(name, _)| name != "csrf").cloned().collect())
    }

    /// As a form's body.
    pub fn written(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Fields {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Fields, Problem> {
        parts.extensions.get::<Fields>().cloned().ok_or_else(|| Problem::internal("a form without a guard"))
    }
}

/// Before every page that takes somebody who has signed in.
pub async fn guard(State(door): State<Door>, request: Request, next: Next) -> Response {
    match admit(&door, request, next).await {
        Ok(response) | Err(response) => response,
    }
}

async fn admit(door: &Door, request: Request, next: Next) -> Result<Response, Response> {
    let app = &door.app;
    let (mut parts, body) = request.into_parts();
    let headers = parts.headers.clone();
    let here = parts.uri.path_and_query().map_or("/", |here| here.as_str()).to_owned();
    let is_form = !parts.method.is_safe() && !is_multipart(&parts.headers);
    let (fields, body) = match is_form {
        true => (Some(form(app, body).await.map_err(Problem::into_response)?), Body::empty()),
        false => (None, body),
    };
    let present = match session_token(&parts.headers) {
        Some(token) => sign_in::present(app, &token).await.map_err(Problem::into_response)?,
        None => None,
    };
    let reader = Reader::of(app, &parts.headers);
    let Some(present) = present else {
        let is_safe = parts.method.is_safe();
        let kept = match fields {
            Some(fields) => Some((fields, Vec::new())),
            None if is_safe => None,
            None => Some(texts(app, Request::from_parts(parts, body)).await),
        };
        return Err(door::must_sign_in(&reader, is_safe, &here, kept));
    };
    let looking = Looking { member: Some(present.member.clone()), csrf: present.csrf.clone(), here };
    let rotated = present.rotated.clone();
    let inside = Inside { app: app.clone(), reader, member: present.member, looking };
    let visit = Visit(Arc::new(inside));
    let mut response = match allowed(door, &parts, &visit, fields.as_ref()) {
        Ok(()) => {
            parts.extensions.insert(visit.clone());
            parts.extensions.insert(fields.unwrap_or_default());
            next.run(Request::from_parts(parts, body)).await
        }
        Err(problem) => problem.into_response(),
    };
    let cookie: Option<HeaderValue> =
        rotated.and_then(|token| sign_in::cookie_for(&headers, &token).parse().ok());
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response.extensions_mut().insert(problem::Around(visit));
    Ok(response)
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("multipart/form-data"))
}

/// The texts of a form that has files in it, and the names of its files; nothing of one that is larger than a page's own.
async fn texts(app: &App, request: Request) -> (Fields, Vec<String>) {
    let (parts, body) = request.into_parts();
    let (mut texts, mut files) = (Fields::default(), Vec::new());
    let Ok(bytes) = to_bytes(body, app.settings().body_bytes).await else { return (texts, files) };
    let whole = Request::from_parts(parts, Body::from(bytes));
    let Ok(mut form) = Multipart::from_request(whole, &()).await else { return (texts, files) };
    while let Ok(Some(field)) = form.next_field().await {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some() {
            files.push(name);
        } else if let Ok(text) = field.text().await {
            texts.0.push((name, text));
        }
    }
    (texts, files)
}

async fn form(app: &App, body: Body) -> Result<Fields, Problem> {
    let bytes: Bytes = to_bytes(body, app.settings().body_bytes)
        .await
        .map_err(|_| Problem::new(Kind::TooLarge, "the form is larger than this server takes"))?;
    Ok(Fields::read(&bytes))
}

/// Whether this may happen: the role may do it, and what changes something was sent by a page of this session. A file is
/// too large to be read here: whoever takes it calls [`proven`] with its first field.
fn allowed(door: &Door, parts: &Parts, visit: &Visit, fields: Option<&Fields>) -> Result<(), Problem> {
    if !parts.method.is_safe() {
        same_origin(&parts.headers)?;
    }
    if let Some(fields) = fields {
        proven(visit, fields.text("csrf"))?;
    }
    match door.needs {
        Needs::Operation(operation) if !visit.may(operation) => Err(Problem::new(
            Kind::Forbidden,
            format!("{operation} is not for the role {}", visit.member().role),
        )),
        _ => Ok(()),
    }
}

/// That what was sent came from a page of this session.
pub fn proven(visit: &Visit, csrf: &str) -> Result<(), Problem> {
    if bool::from(csrf.as_bytes().ct_eq(visit.csrf().as_bytes())) {
        return Ok(());
    }
    Err(Problem::new(Kind::Forbidden, "the form is of another session: open the page again")
        .with("csrf", true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_and_written_the_same() {
        let fields = Fields::read("name=  Bình+Nguyễn &csrf=x&tag=a&tag=b".as_bytes());
        assert_eq!(fields.text("name"), "Bình Nguyễn");
        assert_eq!((fields.all("tag"), fields.text("none")), (vec!["a", "b"], ""));
        let kept = fields.without_proof();
        assert_eq!(kept.text("csrf"), "");
        assert_eq!(Fields::read(kept.written().as_bytes()), kept);
    }
}
