//! `/program/{program}/tries`: the shop's own past through two versions of a program, or through the one in force and files
//! that are not: what would have been given, what it would have cost, who gains and who loses. Tried on a thread of its own;
//! what came of it is kept as long as the server runs, and as a file for whoever takes it.

use super::super::analysis::lens;
use super::super::frame::Area;
use super::super::guard::{Fields, Visit, go};
use super::super::page::Page;
use super::super::reader::Reader;
use super::edit::{Files, files, row};
use super::{Head, open, starter};
use crate::problem::{Kind, Problem};
use crate::workshop::Tried;
use axum::Extension;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::design::backtest_page;
use jiff::civil::{Date, DateTime};
use loyalty::program::{Program, load};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many are kept, the newest.
const KEPT: usize = 20;

/// A try.
#[derive(Clone)]
struct Try {
    program: String,
    /// What was tried against what, in words: `3`, `4`, or empty for files that are in force nowhere.
    versions: [String; 2],
    programs: Arc<[Program; 2]>,
    at: i64,
    state: State,
}

#[derive(Clone)]
enum State {
    /// So many order lines of so many.
    Runs(u64, u64),
    Done(Arc<Tried>),
    Refused(String),
}

/// All of them, by id.
#[derive(Default)]
pub struct Tries(Mutex<BTreeMap<String, Try>>);

impl Tries {
    fn hold(&self) -> MutexGuard<'_, BTreeMap<String, Try>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, program: &str, id: &str) -> Result<Try, Problem> {
        let found = self.hold().get(id).filter(|one| one.program == program).cloned();
        found.ok_or_else(|| Problem::not_found("try", id))
    }

    fn put(&self, id: &str, state: State) {
        if let Some(one) = self.hold().get_mut(id) {
            one.state = state;
        }
    }
}

/// What was tried, and trying.
#[derive(Serialize)]
pub struct TriesPage {
    head: Head,
    versions: Vec<i64>,
    from: String,
    to: String,
    rows: Vec<Row>,
    refused: String,
}

#[derive(Serialize)]
struct Row {
    id: String,
    versions: [String; 2],
    at: DateTime,
    /// `runs`, `done`, `refused`.
    state: &'static str,
}

impl Page for TriesPage {
    const TEMPLATE: &'static str = "console/program/tries.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> TriesPage {
        let row = |state| Row {
            id: format!("try_{state}"),
            versions: ["3".to_owned(), String::new()],
            at: jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0),
            state,
        };
        TriesPage {
            head: Head::sample(reader),
            versions: vec![3, 2, 1],
            from: "2026-01-01".to_owned(),
            to: String::new(),
            rows: vec![row("runs"), row("done"), row("refused")],
            refused: "choose two different versions".to_owned(),
        }
    }
}

/// One try.
#[derive(Serialize)]
pub struct TryPage {
    head: Head,
    id: String,
    versions: [String; 2],
    /// `runs`, `done`, `refused`.
    state: &'static str,
    done: u64,
    total: u64,
    refused: String,
    /// The report's own parts, as HTML; empty where there is none yet.
    html: String,
}

impl TryPage {
    /// While it runs, and where it could not be done.
    pub fn samples(reader: &Reader) -> [(&'static str, TryPage); 2] {
        let page = |state, refused: &str| TryPage {
            state,
            refused: refused.to_owned(),
            html: String::new(),
            ..TryPage::sample(reader)
        };
        [("try-runs", page("runs", "")), ("try-refused", page("refused", "there are no orders yet"))]
    }
}

impl Page for TryPage {
    const TEMPLATE: &'static str = "console/program/try.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> TryPage {
        TryPage {
            head: Head::with(&starter(), 3, reader, |_| true),
            id: "try_1".to_owned(),
            versions: ["3".to_owned(), "2".to_owned()],
            state: "done",
            done: 1200,
            total: 4000,
            refused: String::new(),
            html: "<section id=\"bt-points\"><h2>…</h2></section>".to_owned(),
        }
    }
}

async fn page(visit: &Visit, tries: &Tries, program: &str) -> Result<TriesPage, Problem> {
    let opened = open(visit.app(), program)?;
    let id = program.to_owned();
    let versions = visit.app().read(move |session| Ok(session.read().versions_of_program(&id)?)).await?;
    let mut all: Vec<(String, Try)> = tries
        .hold()
        .iter()
        .filter(|(_, one)| one.program == program)
        .map(|(id, one)| (id.clone(), one.clone()))
        .collect();
    all.sort_by_key(|(_, one)| std::cmp::Reverse(one.at));
    let row = |(id, one): (String, Try)| Row {
        id,
        versions: one.versions,
        at: visit.reader().local_micros(one.at),
        state: match one.state {
            State::Runs(..) => "runs",
            State::Done(_) => "done",
            State::Refused(_) => "refused",
        },
    };
    Ok(TriesPage {
        head: Head::of(visit, &opened),
        versions: versions.iter().rev().map(|row| row.version).collect(),
        from: String::new(),
        to: String::new(),
        rows: all.into_iter().map(row).collect(),
        refused: String::new(),
    })
}

/// `GET /program/{program}/tries`
pub async fn list(
    visit: Visit,
    Extension(tries): Extension<Arc<Tries>>,
    Path(program): Path<String>,
) -> Result<Response, Problem> {
    visit.show(&page(&visit, &tries, &program).await?)
}

/// `POST /program/{program}/tries`: two versions, and from when to when.
pub async fn begin(
    visit: Visit,
    Extension(tries): Extension<Arc<Tries>>,
    Path(program): Path<String>,
    fields: Fields,
) -> Result<Response, Problem> {
    let versions = [fields.text("first").to_owned(), fields.text("second").to_owned()];
    let day = |name: &str| -> Result<Option<Date>, String> {
        match fields.text(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| format!("'{text}' is no day: write 2026-01-31")),
        }
    };
    let read = match (versions[0] == versions[1], day("from"), day("to")) {
        (true, ..) => Err("choose two different versions".to_owned()),
        (_, Err(no), _) | (_, _, Err(no)) => Err(no),
        (_, Ok(from), Ok(to)) => Ok((from, to)),
    };
    let span = match read {
        Ok(span) => span,
        Err(refused) => {
            let (from, to) = (fields.text("from").to_owned(), fields.text("to").to_owned());
            let page = TriesPage { refused, from, to, ..page(&visit, &tries, &program).await? };
            return visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let mut programs = Vec::new();
    for version in &versions {
        let version: i64 = version.parse().map_err(|_| Problem::of_body("/first", "a version"))?;
        programs.push(of_files(&files(&row(&visit, &program, version).await?)?)?);
    }
    let programs: [Program; 2] = programs.try_into().map_err(|_| Problem::internal("two versions"))?;
    run(&visit, &tries, program, versions, programs, span)
}

fn of_files(files: &Files) -> Result<Program, Problem> {
    load(files).map_err(|problems| {
        let first = problems.first().map_or(String::new(), |one| format!("{}: {}", one.file, one.what));
        Problem::new(Kind::Refused, first)
    })
}

/// Try files that are not in force against the version that is: what a plan asks for.
pub(super) async fn against_present(
    visit: &Visit,
    tries: &Arc<Tries>,
    program: String,
    candidate: Program,
) -> Result<Response, Problem> {
    let version = open(visit.app(), &program)?.in_force.version;
    let present = of_files(&files(&row(visit, &program, version).await?)?)?;
    let versions = [version.to_string(), String::new()];
    run(visit, tries, program, versions, [present, candidate], (None, None))
}

fn run(
    visit: &Visit,
    tries: &Arc<Tries>,
    program: String,
    versions: [String; 2],
    programs: [Program; 2],
    span: (Option<Date>, Option<Date>),
) -> Result<Response, Problem> {
    let lake = visit.app().lake().ok_or_else(|| Problem::unavailable("this server has no lake", 60))?;
    let (try_on_past, programs) = (lake.workshop.try_on_past.clone(), Arc::new(programs));
    let id = format!("try_{:032x}", visit.app().chance_u128());
    let one = Try {
        program: program.clone(),
        versions,
        programs: programs.clone(),
        at: visit.app().now_micros(),
        state: State::Runs(0, 0),
    };
    {
        let mut held = tries.hold();
        held.insert(id.clone(), one);
        while held.len() > KEPT {
            let oldest = held.iter().min_by_key(|(_, one)| one.at).map(|(id, _)| id.clone());
            oldest.map(|id| held.remove(&id));
        }
    }
    let (told, of) = (tries.clone(), id.clone());
    let working = move || {
        let progress = |done, total| told.put(&of, State::Runs(done, total));
        let state = match try_on_past([&programs[0], &programs[1]], span, &progress) {
            Ok(tried) => State::Done(Arc::new(tried)),
            Err(crate::workshop::Stopped::Refused(why)) => State::Refused(why),
            Err(crate::workshop::Stopped::Failed(failure)) => State::Refused(failure.to_string()),
        };
        told.put(&of, state);
    };
    let thread = std::thread::Builder::new().name("try".to_owned()).spawn(working);
    thread.map_err(|error| Problem::internal(error.to_string()))?;
    Ok(go(&format!("/program/{program}/tries/{id}")))
}

/// The report of a try, whole.
fn rendered(visit: &Visit, one: &Try, tried: &Tried) -> Result<String, Problem> {
    let (reader, programs) = (visit.reader(), &one.programs);
    backtest_page::render(tried, [&programs[0], &programs[1]], &reader.assets, reader.view.lang)
        .map_err(|failure| Problem::internal(failure.to_string()))
}

/// `GET /program/{program}/tries/{id}`
pub async fn show(
    visit: Visit,
    Extension(tries): Extension<Arc<Tries>>,
    Path((program, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (opened, one) = (open(visit.app(), &program)?, tries.find(&program, &id)?);
    let (mut page, state) = (
        TryPage {
            head: Head::of(&visit, &opened),
            id,
            versions: one.versions.clone(),
            ..TryPage::sample(visit.reader())
        },
        one.state.clone(),
    );
    page.html.clear();
    match state {
        State::Runs(done, total) => (page.state, page.done, page.total) = ("runs", done, total),
        State::Refused(why) => (page.state, page.refused) = ("refused", why),
        State::Done(tried) => {
            let report = rendered(&visit, &one, &tried)?;
            (page.state, page.html) = ("done", lens::within_main(&report));
        }
    }
    visit.show(&page)
}

/// `GET /program/{program}/tries/{id}/report`: the same as a file of its own, to hand on.
pub async fn report(
    visit: Visit,
    Extension(tries): Extension<Arc<Tries>>,
    Path((program, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let one = tries.find(&program, &id)?;
    let State::Done(tried) = &one.state else { return Err(Problem::not_found("report of the try", &id)) };
    let text = rendered(&visit, &one, tried)?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, lens::REPORT_POLICY),
    ];
    Ok((headers, text).into_response())
}
