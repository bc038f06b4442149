//! `/program/{program}/versions`: what was in force when, by whom it was put there, and what it changed.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::edit::{files, row};
use super::words::{Line, lines};
use super::{Head, STARTER, open, starter, starter_files};
use crate::problem::Problem;
use axum::extract::Path;
use axum::response::Response;
use engine::staff::audit::{Wanted, list};
use engine::staff::people;
use jiff::civil::DateTime;
use loyalty::program::load;
use serde::Serialize;
use std::collections::HashMap;

/// Changes of a program that are looked through for names.
const ENTRIES: i64 = 1000;

/// All versions.
#[derive(Serialize)]
pub struct VersionsPage {
    head: Head,
    /// The newest first.
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    version: i64,
    at: DateTime,
    /// Who; empty where nobody's name was kept.
    by: String,
}

impl Page for VersionsPage {
    const TEMPLATE: &'static str = "console/program/versions.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> VersionsPage {
        let row = |version: i64| Row {
            version,
            at: jiff::civil::date(2026, 10, version as i8).at(17, 40, 0, 0),
            by: if version > 1 { "Ana".to_owned() } else { String::new() },
        };
        VersionsPage { head: Head::sample(reader), rows: vec![row(3), row(2), row(1)] }
    }
}

/// `GET /program/{program}/versions`
pub async fn show(visit: Visit, Path(program): Path<String>) -> Result<Response, Problem> {
    let open = open(visit.app(), &program)?;
    let read = visit.app().read(move |session| {
        let reading = session.read();
        let wanted = Wanted { subject: Some(("program".to_owned(), program.clone())), ..Wanted::default() };
        Ok((
            reading.versions_of_program(&program)?,
            list(&reading, &wanted, ENTRIES)?,
            people::list(&reading)?,
        ))
    });
    let (versions, entries, staff) = read.await?;
    let names: HashMap<String, String> = staff.into_iter().map(|member| (member.id, member.name)).collect();
    let by = |version: i64| {
        let entry = entries.iter().find(|entry| entry.after["version"] == version);
        entry.map_or(String::new(), |entry| names.get(&entry.actor).unwrap_or(&entry.actor).clone())
    };
    let rows = versions.iter().rev().map(|row| Row {
        version: row.version,
        at: visit.reader().local_micros(row.installed_at),
        by: by(row.version),
    });
    visit.show(&VersionsPage { head: Head::of(&visit, &open), rows: rows.collect() })
}

/// One version.
#[derive(Serialize)]
pub struct VersionPage {
    head: Head,
    version: i64,
    at: DateTime,
    /// What it changed; empty where it was the first.
    lines: Vec<Line>,
    /// Names and texts.
    files: Vec<(String, String)>,
}

impl Page for VersionPage {
    const TEMPLATE: &'static str = "console/program/version.html";
    const AREA: Area = Area::Program;

    fn sample(reader: &Reader) -> VersionPage {
        let mut before = starter_files();
        before.insert("program.toml".to_owned(), STARTER.replace("every = 10000", "every = 20000"));
        let before = load(&before).expect("the starter is sound also so");
        VersionPage {
            head: Head::sample(reader),
            version: 2,
            at: jiff::civil::date(2026, 10, 2).at(17, 40, 0, 0),
            lines: lines(&loyalty::diff::diff(&before, &starter(), reader.loyalty_lang())),
            files: starter_files().into_iter().collect(),
        }
    }
}

/// `GET /program/{program}/versions/{version}`
pub async fn one(visit: Visit, Path((program, version)): Path<(String, i64)>) -> Result<Response, Problem> {
    let open = open(visit.app(), &program)?;
    let kept = row(&visit, &program, version).await?;
    let texts = files(&kept)?;
    let before = match version {
        1 => None,
        _ => load(&files(&row(&visit, &program, version - 1).await?)?).ok(),
    };
    let changed = before.zip(load(&texts).ok());
    let text = changed.map(|(before, now)| loyalty::diff::diff(&before, &now, visit.reader().loyalty_lang()));
    visit.show(&VersionPage {
        head: Head::of(&visit, &open),
        version,
        at: visit.reader().local_micros(kept.installed_at),
        lines: lines(&text.unwrap_or_default()),
        files: texts.into_iter().collect(),
    })
}
