//! `/settings/backups`: what was taken out, whether it is good, and taking everything out now. A backup beside the data is
//! lost with the disk: the page says so, and where to carry it.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Tab, all_tabs, tabs};
use crate::problem::Problem;
use crate::workshop::{Backup, Backups, Checked, Workshop};
use axum::Extension;
use axum::extract::Path;
use axum::response::Response;
use jiff::civil::DateTime;
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Days after which a backup is old.
const OLD_DAYS: i64 = 7;
const DAY_MICROS: i64 = 86_400_000_000;

/// Whether somebody is at it, and why the last one failed.
#[derive(Default)]
pub struct Making(Mutex<(bool, String)>);

impl Making {
    fn hold(&self) -> MutexGuard<'_, (bool, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The page.
#[derive(Serialize)]
pub struct BackupsPage {
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    is_working: bool,
    failed: String,
    /// When the newest good one was made; none where there is none.
    last_good: Option<DateTime>,
    is_old: bool,
}

#[derive(Serialize)]
struct Row {
    name: String,
    is_whole: bool,
    at: Option<DateTime>,
    rows: u64,
    files: u64,
    megabytes: f64,
    checked_at: Option<DateTime>,
    wrong: String,
}

impl Row {
    fn of(reader: &Reader, backup: Backup) -> Row {
        let checked = backup.checked.unwrap_or(Checked { at: 0, wrong: String::new() });
        let at = |micros: i64| (micros > 0).then(|| reader.local_micros(micros));
        Row {
            name: backup.name,
            is_whole: backup.is_whole,
            at: at(backup.taken_at),
            rows: backup.rows,
            files: backup.files,
            megabytes: backup.bytes as f64 / 1e6,
            checked_at: at(checked.at),
            wrong: checked.wrong,
        }
    }
}

/// Whether a backup can be restored, as far as is known.
fn is_good(backup: &Backup) -> bool {
    backup.is_whole && backup.checked.as_ref().is_none_or(|checked| checked.wrong.is_empty())
}

impl BackupsPage {
    fn of(reader: &Reader, all: Vec<Backup>, now: i64) -> BackupsPage {
        let last = all.iter().filter(|one| is_good(one)).map(|one| one.taken_at).max();
        BackupsPage {
            tabs: all_tabs(),
            last_good: last.map(|at| reader.local_micros(at)),
            is_old: last.is_none_or(|at| now - at > OLD_DAYS * DAY_MICROS),
            rows: all.into_iter().map(|one| Row::of(reader, one)).collect(),
            is_working: false,
            failed: String::new(),
        }
    }

    /// None was made yet.
    pub fn sample_none() -> BackupsPage {
        BackupsPage {
            tabs: all_tabs(),
            rows: Vec::new(),
            is_working: true,
            failed: "the disk is full".to_owned(),
            last_good: None,
            is_old: true,
        }
    }
}

fn sample(name: &str, is_whole: bool, checked: Option<Checked>) -> Backup {
    let name = name.to_owned();
    Backup {
        name,
        is_whole,
        taken_at: 1_793_000_000_000_000,
        rows: 912_000,
        files: 214,
        bytes: 48_200_000,
        checked,
    }
}

impl Page for BackupsPage {
    const TEMPLATE: &'static str = "console/settings/backups.html";
    const AREA: Area = Area::Settings;

    fn sample(reader: &Reader) -> BackupsPage {
        let found = |wrong: &str| Some(Checked { at: 1_793_000_000_000_000, wrong: wrong.to_owned() });
        let all = vec![
            sample("2026-10-26-0312", true, found("")),
            sample("2026-10-19-0312", true, None),
            sample("2026-10-12-0312", true, found("state.db is not as it was when the backup was made")),
            sample("2026-10-05-0312", false, None),
        ];
        BackupsPage::of(reader, all, 1_794_000_000_000_000)
    }
}

fn workshop(visit: &Visit) -> Result<Workshop, Problem> {
    let lake =
        visit.app().lake().ok_or_else(|| Problem::unavailable("this server has no data folder", 60))?;
    Ok(lake.workshop.clone())
}

/// `GET /settings/backups`
pub async fn show(visit: Visit, Extension(making): Extension<Arc<Making>>) -> Result<Response, Problem> {
    let workshop = workshop(&visit)?;
    let list = move || (workshop.list_backups)("").map_err(|failure| Problem::internal(failure.to_string()));
    let all = visit.app().aside(list).await?;
    let (is_working, failed) = making.hold().clone();
    let page = BackupsPage::of(visit.reader(), all, visit.app().now_micros());
    visit.show(&BackupsPage { tabs: tabs(&visit), is_working, failed, ..page })
}

/// Begin a piece of work on backups; where one is under way nothing more is begun.
fn begin(visit: &Visit, making: Arc<Making>, work: Arc<Backups<()>>, name: String) -> Result<(), Problem> {
    {
        let mut held = making.hold();
        if held.0 {
            return Ok(());
        }
        *held = (true, String::new());
    }
    let told = making.clone();
    let app = visit.app().clone();
    let thread = std::thread::Builder::new().name("backup".to_owned()).spawn(move || {
        let failed = work(&name).err().map_or(String::new(), |failure| failure.to_string());
        if !failed.is_empty() && !app.is_closing() {
            tracing::warn!(why = %failed, "a backup went wrong");
        }
        *told.hold() = (false, failed);
    });
    thread.map(drop).map_err(|error| {
        *making.hold() = (false, error.to_string());
        Problem::internal(error.to_string())
    })
}

/// `POST /settings/backups`: take everything out, now.
pub async fn make(visit: Visit, Extension(making): Extension<Arc<Making>>) -> Result<Response, Problem> {
    let name = visit.reader().local(visit.app().now()).strftime("%Y-%m-%d-%H%M%S").to_string();
    begin(&visit, making, workshop(&visit)?.make_backup, name)?;
    Ok(visit.done("/settings/backups", "backing-up"))
}

/// `POST /settings/backups/{backup}/check`: read all of it again.
pub async fn check(
    visit: Visit,
    Extension(making): Extension<Arc<Making>>,
    Path(backup): Path<String>,
) -> Result<Response, Problem> {
    begin(&visit, making, workshop(&visit)?.check_backup, backup)?;
    Ok(visit.done("/settings/backups", "checking"))
}

/// What home says: the newest good backup is old, or there is none. Nothing where this server has no data folder.
pub async fn is_old(visit: &Visit) -> Result<bool, Problem> {
    let Ok(workshop) = workshop(visit) else { return Ok(false) };
    let list = move || (workshop.list_backups)("").map_err(|failure| Problem::internal(failure.to_string()));
    let all = visit.app().aside(list).await?;
    let now = visit.app().now_micros();
    Ok(!all.iter().any(|one| is_good(one) && now - one.taken_at <= OLD_DAYS * DAY_MICROS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_or_unfinished_is_no_good_backup() {
        let wrong = Checked { at: 1, wrong: "state.db".to_owned() };
        let right = Checked { at: 1, wrong: String::new() };
        for (backup, good) in [
            (sample("a", true, None), true),
            (sample("a", true, Some(right)), true),
            (sample("a", true, Some(wrong)), false),
            (sample("a", false, None), false),
        ] {
            assert_eq!(is_good(&backup), good, "{backup:?}");
        }
    }
}
