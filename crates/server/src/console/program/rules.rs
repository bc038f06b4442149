//! `/program` and `/program/{program}`: the rules in words. The words are the engine's own, made of the rules.

use super::super::frame::Area;
use super::super::guard::{Visit, go};
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Head, open, starter};
use crate::problem::Problem;
use axum::extract::Path;
use axum::response::Response;
use loyalty::book::{Chapter, book};
use loyalty::program::Program;
use serde::Serialize;

/// The page.
#[derive(Serialize)]
pub struct RulesPage {
    head: Head,
    /// The first chapter, which has no heading of its own.
    opening: Option<Chapter>,
    chapters: Vec<Chapter>,
}

impl RulesPage {
    fn of(head: Head, program: &Program, reader: &Reader) -> RulesPage {
        let mut chapters = book(program, reader.loyalty_lang()).into_iter();
        RulesPage { head, opening: chapters.next(), chapters: chapters.collect() }
    }
}

impl Page for RulesPage {
    const TEMPLATE: &'static str = "console/program/rules.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> RulesPage {
        RulesPage::of(Head::sample(reader), &starter(), reader)
    }
}

/// There is no program yet.
#[derive(Serialize)]
pub struct NoProgramPage {}

impl Page for NoProgramPage {
    const TEMPLATE: &'static str = "console/program/none.html";
    const AREA: Area = Area::Program;

    fn sample(_: &Reader) -> NoProgramPage {
        NoProgramPage {}
    }
}

/// `GET /program`: on to the first there is.
pub async fn first(visit: Visit) -> Result<Response, Problem> {
    match visit.app().programs().keys().next() {
        Some(id) => Ok(go(&format!("/program/{id}"))),
        None => visit.show(&NoProgramPage {}),
    }
}

/// `GET /program/{program}`
pub async fn show(visit: Visit, Path(program): Path<String>) -> Result<Response, Problem> {
    let open = open(visit.app(), &program)?;
    visit.show(&RulesPage::of(Head::of(&visit, &open), &open.in_force.program, visit.reader()))
}
