//! A page: a template, a place in the navigation, and a context that has a `sample()`.

use super::frame::{Area, Frame};
use super::reader::Reader;
use crate::problem::Problem;
use assets::Failure;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// What a template is given as `page`.
pub trait Page: Serialize {
    /// Its path under `templates/`.
    const TEMPLATE: &'static str;
    /// Where it stands.
    const AREA: Area;
    /// One that shows all it can, for the test that looks at every page; charts and the like in the reader's language.
    fn sample(reader: &Reader) -> Self;
}

/// What a template is given.
#[derive(Serialize)]
struct Whole<'a, P> {
    currency: &'a str,
    decimals: u32,
    frame: &'a Frame,
    page: &'a P,
}

/// The HTML of a page.
pub fn html<P: Page>(reader: &Reader, frame: &Frame, page: &P) -> Result<String, Failure> {
    let whole = Whole { currency: &reader.currency, decimals: reader.decimals, frame, page };
    reader.assets.render(P::TEMPLATE, reader.view.lang, &whole)
}

/// A page as an answer.
pub fn answer<P: Page>(
    status: StatusCode,
    reader: &Reader,
    frame: &Frame,
    page: &P,
) -> Result<Response, Problem> {
    let text = html(reader, frame, page).map_err(|failure| Problem::internal(failure.to_string()))?;
    Ok((status, headers(), text).into_response())
}

/// What a browser may do with a page: ask us for style, script and pictures, and send forms back to us.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers of a page.
pub fn headers() -> [(header::HeaderName, &'static str); 2] {
    [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)]
}
