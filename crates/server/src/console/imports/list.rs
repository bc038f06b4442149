//! `/imports`: what came in by files, with what was rejected; and a place for the next file.

use super::super::frame::Area;
use super::super::guard::{Visit, go, proven};
use super::super::page::Page;
use super::super::reader::Reader;
use super::jobs::{Job, Jobs, State};
use crate::problem::{Kind, Problem};
use crate::workshop::How;
use axum::Extension;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, Path};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::collect::role::Import;
use jiff::civil::DateTime;
use serde::Serialize;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

/// Where files wait, below the data folder: among what erasing a person goes through.
const INBOX: &str = "scratch/inbox";
/// Imports that are shown.
const SHOWN: usize = 100;

/// The page.
#[derive(Serialize)]
pub struct ListPage {
    kinds: Vec<&'static str>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    file: String,
    more: usize,
    kind: String,
    state: String,
    at: DateTime,
    read: i64,
    accepted: i64,
    rejected: i64,
    has_rejects: bool,
}

fn kinds() -> Vec<&'static str> {
    Import::ALL.into_iter().map(Import::name).collect()
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "console/imports/list.html";
    const AREA: Area = Area::Imports;

    fn sample(_: &Reader) -> ListPage {
        let row = |rejected: i64, state: &str| Row {
            id: format!("imp_{rejected}"),
            file: "till-3.csv".to_owned(),
            more: 1,
            kind: "orders".to_owned(),
            state: state.to_owned(),
            at: jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0),
            read: 12_000,
            accepted: 12_000 - rejected,
            rejected,
            has_rejects: rejected > 0,
        };
        ListPage { kinds: kinds(), rows: vec![row(12, "done"), row(0, "started")] }
    }
}

impl ListPage {
    /// Nothing came in yet.
    pub fn sample_none() -> ListPage {
        ListPage { kinds: kinds(), rows: Vec::new() }
    }
}

fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// `GET /imports`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    let all = visit.app().read(|session| Ok(session.list_imports()?)).await?;
    let row = |import: store::Import| {
        let count = |name: &str| import.summary[name].as_i64();
        let counts = |name: &str| import.summary["counts"][name].as_i64();
        Row {
            file: import.files.first().map_or(String::new(), |file| base(&file.name).to_owned()),
            more: import.files.len().saturating_sub(1),
            state: import.state.name().to_owned(),
            at: visit.reader().local_micros(import.started_at),
            read: counts("read").unwrap_or(0),
            accepted: counts("accepted").unwrap_or(0),
            rejected: count("rejected").unwrap_or(0),
            has_rejects: import.summary["rejects"].is_string(),
            id: import.id.to_string(),
            kind: import.kind,
        }
    };
    visit.show(&ListPage { kinds: kinds(), rows: all.into_iter().take(SHOWN).map(row).collect() })
}

fn wrong(error: MultipartError) -> Problem {
    Problem::new(Kind::InvalidRequest, error.to_string())
}

fn folder(visit: &Visit) -> Result<PathBuf, Problem> {
    let folders = &visit.app().settings().folders;
    let scratch =
        folders.iter().find(|folder| folder.ends_with("scratch")).and_then(|folder| folder.parent());
    scratch.map(FilePath::to_owned).ok_or_else(|| Problem::unavailable("this server has no data folder", 60))
}

/// `POST /imports`: a file, which is laid aside until somebody has looked at what was found out.
pub async fn take(
    visit: Visit,
    Extension(jobs): Extension<Arc<Jobs>>,
    mut form: Multipart,
) -> Result<Response, Problem> {
    let id = format!("{:032x}", visit.app().chance_u128());
    let folder = folder(&visit)?.join(INBOX).join(&id);
    let (mut kind, mut kept, mut is_proven) = (Import::Orders, None, false);
    while let Some(mut field) = form.next_field().await.map_err(wrong)? {
        match field.name() {
            Some("csrf") => {
                proven(&visit, &field.text().await.map_err(wrong)?)?;
                is_proven = true;
            }
            Some("kind") => {
                let word = field.text().await.map_err(wrong)?;
                kind = Import::parse(&word)
                    .ok_or_else(|| Problem::of_body("/kind", "one of those on the page"))?;
            }
            // What proves the session stands before the file in our form; a file without it is not even written.
            Some("file") if is_proven => {
                let name = base(field.file_name().unwrap_or("")).to_owned();
                if name.is_empty() {
                    continue;
                }
                std::fs::create_dir_all(&folder).map_err(|error| unwritten(&folder, &error))?;
                let path = folder.join(&name);
                let mut file = File::create(&path).map_err(|error| unwritten(&path, &error))?;
                while let Some(chunk) = field.chunk().await.map_err(wrong)? {
                    file.write_all(&chunk).map_err(|error| unwritten(&path, &error))?;
                }
                kept = Some((name, path));
            }
            _ => {}
        }
    }
    if !is_proven {
        proven(&visit, "")?;
    }
    let (name, path) = kept.ok_or_else(|| Problem::of_body("/file", "choose a file"))?;
    jobs.put(&id, Job { kind, name, path, maps: Vec::new(), how: How::default(), state: State::Waits });
    Ok(go(&format!("/imports/{id}")))
}

fn unwritten(path: &FilePath, error: &std::io::Error) -> Problem {
    Problem::internal(format!("cannot write {}: {error}", path.display()))
}

/// `GET /imports/rejects/{import}`: the rejected rows with their reasons.
pub async fn rejects(visit: Visit, Path(import): Path<String>) -> Result<Response, Problem> {
    let missing = || Problem::not_found("rejects of", &import);
    let all = visit.app().read(|session| Ok(session.list_imports()?)).await?;
    let found = all.into_iter().find(|one| one.id.to_string() == import).ok_or_else(missing)?;
    let told = PathBuf::from(found.summary["rejects"].as_str().ok_or_else(missing)?);
    // Only what lies among the rejects of this shop, whatever a record says.
    let name = told.file_name().ok_or_else(missing)?;
    let path = folder(&visit)?.join("rejects").join(name);
    let bytes = visit
        .app()
        .aside(move || std::fs::read(&path).map_err(|_| Problem::not_found("file", "rejects")))
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{import}-rejects.csv\"")),
    ];
    Ok((headers, bytes).into_response())
}
