//! A "no" as a page, for whoever asked for one: what it is, why, and what to do, in their language.

use super::frame::{Area, Frame, Looking};
use super::guard::Visit;
use super::page::{self, Page};
use super::reader::Reader;
use crate::app::App;
use crate::problem::{Kind, Problem};
use axum::extract::Request;
use axum::http::header;
use axum::response::Response;
use serde::Serialize;

/// Who was at a page, for the page of a problem.
#[derive(Clone)]
pub struct Around(pub Visit);

/// A page was asked for, by whom.
pub struct Wanted {
    reader: Reader,
    here: String,
}

impl Wanted {
    /// Whether a request comes from somebody who reads pages.
    pub fn of(app: &App, request: &Request) -> Option<Wanted> {
        let path = request.uri().path();
        let accepts = request.headers().get(header::ACCEPT).and_then(|kinds| kinds.to_str().ok());
        let is_page = accepts.is_some_and(|kinds| kinds.contains("text/html")) && !path.starts_with("/v1/");
        is_page.then(|| Wanted {
            reader: Reader::of(app, request.headers()),
            here: request.uri().path_and_query().map_or("/", |here| here.as_str()).to_owned(),
        })
    }

    /// The page of a problem; none where even that cannot be made.
    pub fn show(&self, around: Option<Around>, problem: &Problem, id: &str) -> Option<Response> {
        let page = ProblemPage::of(problem, id);
        let frame = match &around {
            Some(Around(visit)) => visit.frame(Area::None),
            None => {
                let looking = Looking { here: self.here.clone(), ..Looking::default() };
                Frame::of(&self.reader, &looking, Area::None)
            }
        };
        page::answer(problem.kind.status(), &self.reader, &frame, &page).ok()
    }
}

/// A "no".
#[derive(Serialize)]
pub struct ProblemPage {
    /// The words for it: `console-no-{word}` and `console-no-{word}-do`.
    word: &'static str,
    status: u16,
    /// This one, in a sentence, in English.
    detail: String,
    /// The id of the request, for whoever looks after the server.
    id: String,
}

impl ProblemPage {
    fn of(problem: &Problem, id: &str) -> ProblemPage {
        let word = match problem.kind {
            Kind::NotFound | Kind::NotAMember => "missing",
            Kind::Forbidden if problem.more.contains_key("csrf") => "stale",
            Kind::Forbidden => "forbidden",
            Kind::Unauthenticated => "link",
            Kind::Unavailable | Kind::RateLimited => "busy",
            Kind::Internal => "broken",
            Kind::TooLarge => "large",
            Kind::Conflict | Kind::PreconditionFailed => "changed",
            Kind::NoProgram => "program",
            _ => "refused",
        };
        ProblemPage {
            word,
            status: problem.kind.status().as_u16(),
            detail: problem.detail.clone(),
            id: id.to_owned(),
        }
    }

    /// The word for it.
    pub fn word(&self) -> &'static str {
        self.word
    }

    /// One of each word there is.
    pub fn samples() -> Vec<ProblemPage> {
        let mut all: Vec<ProblemPage> = Vec::new();
        for kind in Kind::ALL {
            for problem in [Problem::new(*kind, "why"), Problem::new(*kind, "why").with("csrf", true)] {
                let page = ProblemPage::of(&problem, "req_1");
                if all.iter().all(|known| known.word != page.word) {
                    all.push(page);
                }
            }
        }
        all
    }
}

impl Page for ProblemPage {
    const TEMPLATE: &'static str = "console/problem.html";
    const AREA: Area = Area::None;

    fn sample(_: &Reader) -> ProblemPage {
        ProblemPage::of(&Problem::not_found("customer", "cus_1"), "req_1")
    }
}
