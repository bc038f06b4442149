//! `/analysis/reports`: reports that are written by themselves, where they are sent, and the files there are.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::super::settings::settle;
use super::lens::{REPORT_POLICY, places};
use super::{Tab, tabs};
use crate::figures::Focus;
use crate::problem::Problem;
use crate::reports::{FOLDER, SETTING, SPANS, Scheduled, ask, scheduled, sendings, write};
use assets::Lang;
use axum::Extension;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::{Date, DateTime};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use store::JobStanding;

/// Files that are shown, the newest.
const SHOWN: usize = 60;

/// Reports that are being written by hand, by name, and why the last could not be.
#[derive(Default)]
pub struct Writing(Mutex<BTreeMap<String, Option<String>>>);

impl Writing {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Option<String>>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The page.
#[derive(Serialize)]
pub struct ReportsPage {
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    /// Names of files and their kilobytes, the newest first.
    files: Vec<(String, u64)>,
    spans: [&'static str; SPANS.len()],
    languages: Vec<&'static str>,
    stores: Vec<String>,
    channels: Vec<String>,
    kept: Vec<String>,
    typed: BTreeMap<String, String>,
    refused: String,
    is_working: bool,
    /// Whether this server sends letters.
    sends: bool,
}

#[derive(Serialize)]
struct Row {
    name: String,
    language: String,
    every: String,
    /// What of the shop, as it was chosen.
    of: Vec<String>,
    is_working: bool,
    failed: String,
    /// The address; empty: none.
    to: String,
    last: Option<Sent>,
}

/// How the last letter stands.
#[derive(Serialize)]
struct Sent {
    /// The day of the report in it.
    day: Date,
    asked_at: DateTime,
    /// `waiting`, `done` or `dead`.
    state: String,
    /// When it is tried again, where it waits.
    due_at: DateTime,
    attempts: i64,
    problem: String,
}

impl Sent {
    fn of(visit: &Visit, (day, job): (Date, JobStanding)) -> Sent {
        Sent {
            day,
            asked_at: visit.reader().local_micros(job.created_at),
            due_at: visit.reader().local_micros(job.due_at),
            state: job.state,
            attempts: job.attempts,
            problem: job.problem,
        }
    }
}

fn languages() -> Vec<&'static str> {
    Lang::ALL.into_iter().map(Lang::folder).collect()
}

impl Page for ReportsPage {
    const TEMPLATE: &'static str = "console/analysis/reports.html";
    const AREA: Area = Area::Analysis;

    fn sample(_: &Reader) -> ReportsPage {
        let sent = |state: &str, attempts, problem: &str| Sent {
            day: jiff::civil::date(2026, 10, 12),
            asked_at: jiff::civil::date(2026, 10, 12).at(7, 0, 0, 0),
            due_at: jiff::civil::date(2026, 10, 12).at(7, 5, 0, 0),
            state: state.to_owned(),
            attempts,
            problem: problem.to_owned(),
        };
        let row = |name: &str, is_working, failed: &str, to: &str, last| Row {
            name: name.to_owned(),
            language: "vi".to_owned(),
            every: "week".to_owned(),
            of: vec!["north".to_owned(), "web".to_owned()],
            is_working,
            failed: failed.to_owned(),
            to: to.to_owned(),
            last,
        };
        let to = "ana@shop.example";
        let gone = "the mail server: permanent error (550): no such user";
        ReportsPage {
            rows: vec![
                row("north", true, "", "", None),
                row("web", false, "there is no segment web", to, None),
                row("day", false, "", to, Some(sent("done", 1, ""))),
                row("late", false, "", to, Some(sent("waiting", 2, "the mail server: connection refused"))),
                row("new", false, "", to, Some(sent("waiting", 0, ""))),
                row("gone", false, "", to, Some(sent("dead", 1, gone))),
            ],
            sends: true,
            files: vec![("north-2026-10-12.html".to_owned(), 214), ("xray-2026-10-12.html".to_owned(), 230)],
            stores: vec!["north".to_owned()],
            channels: vec!["web".to_owned()],
            kept: vec!["late-regulars".to_owned()],
            refused: "'a b' cannot be the name of a file".to_owned(),
            is_working: true,
            ..ReportsPage::sample_none()
        }
    }
}

impl ReportsPage {
    /// Nothing is scheduled.
    pub fn sample_none() -> ReportsPage {
        ReportsPage {
            tabs: tabs(),
            rows: Vec::new(),
            files: Vec::new(),
            spans: SPANS,
            languages: languages(),
            stores: Vec::new(),
            channels: Vec::new(),
            kept: Vec::new(),
            typed: BTreeMap::new(),
            refused: String::new(),
            is_working: false,
            sends: false,
        }
    }
}

/// The data folder, where this server has one.
fn data(visit: &Visit) -> Result<PathBuf, Problem> {
    let folders = &visit.app().settings().folders;
    let scratch = folders.iter().find(|folder| folder.ends_with("scratch"));
    let data = scratch.and_then(|folder| folder.parent()).map(PathBuf::from);
    data.ok_or_else(|| Problem::unavailable("this server has no data folder", 60))
}

/// The files there are, with their kilobytes, the newest first: their names end in the day.
fn files(folder: &std::path::Path) -> Vec<(String, u64)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<(String, u64)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let bytes = entry.metadata().ok()?.len();
            name.ends_with(".html").then_some((name, bytes / 1000 + 1))
        })
        .collect();
    let day = |name: &str| name.trim_end_matches(".html").chars().rev().take(10).collect::<Vec<_>>();
    all.sort_by_key(|(name, _)| {
        let mut day = day(name);
        day.reverse();
        std::cmp::Reverse((day, name.clone()))
    });
    all.truncate(SHOWN);
    all
}

async fn read(visit: &Visit, writing: &Writing) -> Result<ReportsPage, Problem> {
    let read = visit.app().read(|session| {
        let reading = session.read();
        Ok((scheduled(&reading)?, reading.segments()?, sendings(&reading)?))
    });
    let (all, kept, mut sent) = read.await?;
    let folder = data(visit)?.join(FOLDER);
    let files = visit.app().aside(move || Ok(files(&folder))).await?;
    let (stores, channels) =
        visit.app().figures().known().map_or_else(Default::default, |known| places(&known.xray));
    let states = writing.with(|states| states.clone());
    let mut row = |one: Scheduled| {
        let Focus { store, channel, saved, from, to } = one.focus;
        let state = states.get(&one.name);
        Row {
            is_working: matches!(state, Some(None)),
            failed: state.cloned().flatten().unwrap_or_default(),
            last: sent.remove(&one.name).map(|last| Sent::of(visit, last)),
            to: one.to,
            name: one.name,
            language: one.language,
            every: one.every,
            of: [store, channel, saved, from, to].into_iter().filter(|part| !part.is_empty()).collect(),
        }
    };
    Ok(ReportsPage {
        rows: all.into_iter().map(&mut row).collect(),
        files,
        stores,
        channels,
        kept: kept.into_iter().map(|(name, ..)| name).collect(),
        is_working: states.values().any(Option::is_none),
        sends: visit.app().settings().mail.is_some(),
        ..ReportsPage::sample_none()
    })
}

/// `GET /analysis/reports`
pub async fn show(visit: Visit, Extension(writing): Extension<Arc<Writing>>) -> Result<Response, Problem> {
    visit.show(&read(&visit, &writing).await?)
}

/// `POST /analysis/reports`: another report, or one of that name otherwise.
pub async fn add(
    visit: Visit,
    Extension(writing): Extension<Arc<Writing>>,
    fields: Fields,
) -> Result<Response, Problem> {
    let text = |name: &str| fields.text(name).to_owned();
    let focus =
        Focus { store: text("store"), channel: text("channel"), saved: text("saved"), ..Focus::default() };
    let (name, language, every) = (text("name"), text("language"), text("every"));
    let asked = Scheduled { name, language, every, focus, to: fields.text("to").trim().to_owned() };
    match asked.checked(visit.app().settings().mail.is_some()) {
        Ok(report) => {
            keep(&visit, |all| {
                all.retain(|known| known.name != report.name);
                all.push(report);
            })
            .await?;
            Ok(visit.done("/analysis/reports", "saved"))
        }
        Err(refused) => {
            let typed = fields.without_proof().pairs().iter().cloned().collect();
            let page = ReportsPage { refused: refused.to_string(), typed, ..read(&visit, &writing).await? };
            visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

async fn keep(visit: &Visit, change: impl FnOnce(&mut Vec<Scheduled>)) -> Result<(), Problem> {
    let before = visit.app().read(|session| Ok(scheduled(&session.read())?)).await?;
    let mut after = before.clone();
    change(&mut after);
    let written = |all: &[Scheduled]| serde_json::to_string(all).expect("texts become JSON");
    let (before, after) = (written(&before), written(&after));
    settle(visit, SETTING, BTreeMap::from([(SETTING, before)]), BTreeMap::from([(SETTING, after)])).await
}

/// `POST /analysis/reports/{report}`: write it now, and send it where it goes to an address; or no more.
pub async fn change(
    visit: Visit,
    Extension(writing): Extension<Arc<Writing>>,
    Path(report): Path<String>,
    fields: Fields,
) -> Result<Response, Problem> {
    if fields.text("do") == "delete" {
        keep(&visit, |all| all.retain(|known| known.name != report)).await?;
        return Ok(visit.done("/analysis/reports", "saved"));
    }
    let all = visit.app().read(|session| Ok(scheduled(&session.read())?)).await?;
    let found = all.into_iter().find(|known| known.name == report);
    let found = found.ok_or_else(|| Problem::not_found("report", &report))?;
    let lake =
        visit.app().lake().cloned().ok_or_else(|| Problem::unavailable("this server has no lake", 60))?;
    let is_free = writing.with(|states| {
        let is_free = !matches!(states.get(&report), Some(None));
        states.insert(report.clone(), None);
        is_free
    });
    if is_free {
        let (app, folder, day) =
            (visit.app().clone(), data(&visit)?, visit.reader().local(visit.app().now()).date());
        let working = move || {
            let now = app.now();
            let written = write(&lake, app.assets(), &app.shop().brand, &folder, &found, day, now);
            let done = written.and_then(|_| {
                let due = now.to_string();
                app.write_now(move |writing| Ok(ask(writing, &found, day, &due, now)?))
                    .map_err(|problem| problem.detail)
            });
            writing.with(|states| match done {
                Ok(_) => drop(states.remove(&report)),
                Err(why) => drop(states.insert(report, Some(why))),
            });
        };
        let thread = std::thread::Builder::new().name("report".to_owned()).spawn(working);
        thread.map_err(|error| Problem::internal(error.to_string()))?;
    }
    Ok(visit.done("/analysis/reports", "computing"))
}

/// `GET /analysis/reports/{file}`: the file itself.
pub async fn file(visit: Visit, Path(file): Path<String>) -> Result<Response, Problem> {
    let missing = || Problem::not_found("report", &file);
    let folder = data(&visit)?.join(FOLDER);
    // Only what lies in the folder, by its own name.
    let name =
        std::path::Path::new(&file).file_name().and_then(|name| name.to_str()).filter(|name| *name == file);
    let path = folder.join(name.filter(|name| name.ends_with(".html")).ok_or_else(missing)?);
    let text = visit
        .app()
        .aside(move || std::fs::read(&path).map_err(|_| Problem::not_found("report", "file")))
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, REPORT_POLICY),
    ];
    Ok((headers, text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_file_is_first_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["z-2026-01-01.html", "a-2026-11-22.html", "a-2026-11-15.html", "x.part"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let names: Vec<String> = files(folder.path()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a-2026-11-22.html", "a-2026-11-15.html", "z-2026-01-01.html"]);
        assert!(files(std::path::Path::new("/nowhere/at/all")).is_empty());
    }
}
