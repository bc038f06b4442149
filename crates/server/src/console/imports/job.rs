//! `/imports/{job}`: a file on its way in: what was found out about its columns, with its first rows beside it; what was
//! said otherwise; how far it is; what came of it.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::jobs::{Job, Jobs, State};
use crate::problem::Problem;
use crate::workshop::{Given, How, Stopped, Workshop};
use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Currency;
use engine::collect::detected::{Detected, Question};
use engine::collect::import::Summary;
use engine::collect::options::Layout;
use engine::collect::refused::Reason;
use engine::collect::role::Import;
use engine::collect::whole;
use serde::Serialize;
use std::io::Read as _;
use std::path::Path as FilePath;
use std::sync::Arc;

/// Rows of a file that are shown.
const ROWS: usize = 10;
/// Bytes of a file that are read for them; workbooks are read whole up to the other.
const HEAD: u64 = 1 << 16;
const WORKBOOK: u64 = 20 << 20;

/// The page.
#[derive(Serialize)]
pub struct JobPage {
    id: String,
    name: String,
    kind: &'static str,
    /// `waits`, `runs`, `done`, `refused`.
    state: &'static str,
    /// Per cent of the file that are read.
    percent: u64,
    refused: String,
    found: Option<Found>,
    /// What can be said of how it is written: the field, what is chosen, the choices.
    says: Vec<(&'static str, String, &'static [&'static str])>,
    columns: Vec<Column>,
    roles: Vec<&'static str>,
    preview: Vec<Vec<String>>,
    /// What the shop should look at.
    questions: Vec<String>,
    done: Option<Done>,
}

/// What was found out of a file.
#[derive(Serialize)]
struct Found {
    format: &'static str,
    encoding: &'static str,
    delimiter: Option<&'static str>,
    header_line: Option<u64>,
    /// The order of day and month; empty where no date depends on it.
    date_order: &'static str,
    decimal_mark: char,
    /// Empty where nobody said.
    currency: String,
    timezone: Option<String>,
    layout: Option<&'static str>,
    /// Columns that are not used.
    unused: Vec<String>,
}

impl Found {
    fn of(detected: &Detected) -> Option<Found> {
        let file = detected.files.first()?;
        let unused = file.columns.iter().filter(|column| column.role.is_none());
        let layout = |layout| if layout == Layout::Orders { "orders" } else { "lines" };
        Some(Found {
            format: file.format,
            encoding: file.encoding.map_or("", |encoding| encoding.name()),
            delimiter: file.delimiter.map(|delimiter| delimiter.name()),
            header_line: file.header_line,
            date_order: detected.date_order.map_or("", |order| order.name()),
            decimal_mark: detected.decimal_mark.symbol(),
            currency: match detected.currency {
                Currency::UNKNOWN => String::new(),
                currency => currency.code().to_owned(),
            },
            timezone: detected.timezone.clone(),
            layout: detected.layout.map(layout),
            unused: unused.map(|column| column.name.clone()).collect(),
        })
    }
}

#[derive(Serialize)]
struct Column {
    number: usize,
    name: String,
    role: String,
}

#[derive(Serialize)]
struct Done {
    import: String,
    is_repeat: bool,
    read: u64,
    accepted: u64,
    rejected: u64,
    skipped: u64,
    facts_new: u64,
    facts_known: u64,
    customers: u64,
    /// Words by `console-reason-{word}`, else the sentence of the engine; and rows.
    reasons: Vec<(&'static str, String, u64)>,
    has_rejects: bool,
}

impl Done {
    fn of(summary: &Summary) -> Done {
        Done {
            import: summary.import.to_string(),
            is_repeat: summary.is_repeat,
            read: summary.counts.read,
            accepted: summary.counts.accepted,
            rejected: summary.rejected,
            skipped: summary.skipped.all(),
            facts_new: summary.facts_new,
            facts_known: summary.facts_known,
            customers: summary.customers,
            reasons: summary
                .reasons
                .iter()
                .map(|(reason, rows)| (code(reason), (*reason).to_owned(), *rows))
                .collect(),
            has_rejects: summary.rejects.is_some(),
        }
    }
}

impl JobPage {
    fn of(id: &str, job: &Job) -> JobPage {
        let (state, refused, done) = match &job.state {
            State::Waits => ("waits", String::new(), None),
            State::Runs(_) => ("runs", String::new(), None),
            State::Done(summary) => ("done", String::new(), Some(Done::of(summary))),
            State::Refused(why) => ("refused", why.clone(), None),
        };
        JobPage {
            id: id.to_owned(),
            name: job.name.clone(),
            kind: job.kind.name(),
            state,
            percent: if let State::Runs(percent) = job.state { percent } else { 0 },
            refused,
            found: None,
            says: says(job.kind, &job.how),
            columns: Vec::new(),
            roles: job.kind.roles().iter().map(|role| role.name()).collect(),
            preview: Vec::new(),
            questions: Vec::new(),
            done,
        }
    }

    fn found(
        self,
        path: &FilePath,
        detected: &Detected,
        questions: Vec<Question>,
        preview: Vec<Vec<String>>,
    ) -> JobPage {
        let named = |said: &str| by_name(said, path, &self.name);
        let file = detected.files.first();
        let columns = file.into_iter().flat_map(|file| &file.columns).map(|column| Column {
            number: column.number,
            name: column.name.clone(),
            role: column.role.map_or("", |role| role.name()).to_owned(),
        });
        JobPage {
            found: Found::of(detected),
            columns: columns.collect(),
            preview,
            questions: questions.iter().map(|one| named(&one.text)).collect(),
            ..self
        }
    }

    fn sample_in(state: State) -> JobPage {
        let job = Job {
            kind: Import::Orders,
            name: "till-3.csv".to_owned(),
            path: "till-3.csv".into(),
            maps: Vec::new(),
            how: How::default(),
            state,
        };
        JobPage::of("1", &job)
    }

    /// Under way, refused, and done.
    pub fn samples() -> [(&'static str, JobPage); 3] {
        let done = Done {
            import: "imp_1".to_owned(),
            is_repeat: false,
            read: 12_000,
            accepted: 11_900,
            rejected: 60,
            skipped: 40,
            facts_new: 11_000,
            facts_known: 900,
            customers: 1500,
            reasons: Reason::ALL.map(|reason| (reason.code(), reason.text().to_owned(), 60)).to_vec(),
            has_rejects: true,
        };
        [
            ("import-runs", JobPage::sample_in(State::Runs(42))),
            ("import-refused", JobPage::sample_in(State::Refused("no column says when".to_owned()))),
            ("import-done", JobPage { state: "done", done: Some(done), ..JobPage::sample_in(State::Waits) }),
        ]
    }
}

impl Page for JobPage {
    const TEMPLATE: &'static str = "console/imports/job.html";
    const AREA: Area = Area::Imports;

    fn sample(_: &Reader) -> JobPage {
        let column = |number: usize, name: &str, role: &str| Column {
            number,
            name: name.to_owned(),
            role: role.to_owned(),
        };
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        JobPage {
            found: Some(Found {
                format: "text",
                encoding: "utf-8",
                delimiter: Some("semicolon"),
                header_line: Some(1),
                date_order: "dmy",
                decimal_mark: ',',
                currency: "VND".to_owned(),
                timezone: None,
                layout: Some("lines"),
                unused: vec!["Ghi chú".to_owned()],
            }),
            columns: vec![
                column(1, "Ngày", "date"),
                column(2, "Khách", "customer"),
                column(3, "Ghi chú", ""),
            ],
            preview: vec![row(["01/10/2026", "0901234567", ""]), row(["02/10/2026", "", "mang đi"])],
            questions: vec![
                "3 of 9 birthdays are a 1 January; taken for placeholders and left out".to_owned(),
            ],
            ..JobPage::sample_in(State::Waits)
        }
    }
}

/// What can be said of how a file of this kind is written.
fn says(kind: Import, how: &How) -> Vec<(&'static str, String, &'static [&'static str])> {
    let mut says = vec![
        ("date_order", how.date_order.clone(), How::DATES.as_slice()),
        ("decimal", how.decimal.clone(), How::DECIMALS.as_slice()),
    ];
    if kind == Import::Orders {
        says.push(("layout", how.layout.clone(), How::LAYOUTS.as_slice()));
    }
    says
}

/// The word for a reason; empty where it has none.
fn code(text: &str) -> &'static str {
    Reason::ALL.into_iter().find(|reason| reason.text() == text).map_or("", Reason::code)
}

/// What was said of a file, with its name in place of where its copy lies: nobody can go there.
fn by_name(said: &str, path: &FilePath, name: &str) -> String {
    said.replace(&path.display().to_string(), name)
}

fn workshop(visit: &Visit) -> Result<Workshop, Problem> {
    let lake = visit.app().lake().ok_or_else(|| Problem::unavailable("this server has no lake", 60))?;
    Ok(lake.workshop.clone())
}

/// The first rows of a file as cells, where it is text or a workbook; none where it is something else.
fn preview(path: &FilePath) -> Vec<Vec<String>> {
    let read = || -> Option<Vec<u8>> {
        let mut file = std::fs::File::open(path).ok()?;
        let most = if path.extension().is_some_and(|ending| ending == "xlsx") { WORKBOOK } else { HEAD };
        let is_whole = file.metadata().ok()?.len() <= most;
        let mut bytes = Vec::new();
        file.by_ref().take(most).read_to_end(&mut bytes).ok()?;
        if !is_whole {
            let last = bytes.iter().rposition(|byte| *byte == b'\n')?;
            bytes.truncate(last + 1);
        }
        Some(bytes)
    };
    let list = read().and_then(|bytes| whole::read("preview", bytes).ok());
    list.map_or_else(Vec::new, |list| list.rows.into_iter().take(ROWS).map(|(_, cells)| cells).collect())
}

/// `GET /imports/{job}`
pub async fn show(
    visit: Visit,
    Extension(jobs): Extension<Arc<Jobs>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let job = jobs.find(&id).ok_or_else(|| Problem::not_found("file", &id))?;
    let page = JobPage::of(&id, &job);
    if !matches!(job.state, State::Waits | State::Refused(_)) {
        return visit.show(&page);
    }
    let workshop = workshop(&visit)?;
    let path = job.path.clone();
    let looked = visit.app().aside(move || {
        let given = Given { kind: job.kind, path: &job.path, maps: &job.maps, how: &job.how };
        Ok(((workshop.look)(&given), preview(&job.path)))
    });
    match looked.await? {
        (Ok((detected, questions)), rows) => visit.show(&page.found(&path, &detected, questions, rows)),
        (Err(Stopped::Refused(refused)), preview) => {
            let refused = by_name(&refused, &path, &page.name);
            visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &JobPage { refused, preview, ..page })
        }
        (Err(Stopped::Failed(failure)), _) => Err(Problem::internal(failure.to_string())),
    }
}

/// `POST /imports/{job}`: what was said of the columns; and bring it in where that is asked.
pub async fn go_on(
    visit: Visit,
    Extension(jobs): Extension<Arc<Jobs>>,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Problem> {
    let mut job = jobs.find(&id).ok_or_else(|| Problem::not_found("file", &id))?;
    let address = format!("/imports/{id}");
    if !matches!(job.state, State::Waits | State::Refused(_)) {
        return Ok(visit.done(&address, "nothing"));
    }
    let said = fields.pairs().iter().filter_map(|(name, role)| {
        let number = name.strip_prefix("column-")?;
        (!role.is_empty()).then(|| format!("{role}={number}"))
    });
    job.maps = said.collect();
    let chosen = |name: &str, among: &[&str]| {
        let word = fields.text(name);
        if among.contains(&word) { word.to_owned() } else { String::new() }
    };
    job.how = How {
        date_order: chosen("date_order", &How::DATES),
        decimal: chosen("decimal", &How::DECIMALS),
        layout: chosen("layout", &How::LAYOUTS),
    };
    job.state = State::Waits;
    jobs.put(&id, job.clone());
    if fields.text("do") != "run" {
        return Ok(super::super::guard::go(&address));
    }
    if jobs.begin(&id) {
        let workshop = workshop(&visit)?;
        let app = visit.app().clone();
        tokio::spawn(async move {
            let (path, name) = (job.path.clone(), job.name.clone());
            let (told, of) = (jobs.clone(), id.clone());
            let brought = app.aside(move || {
                let given = Given { kind: job.kind, path: &job.path, maps: &job.maps, how: &job.how };
                let told = |done: u64, total: u64| told.at(&of, done.saturating_mul(100) / total.max(1));
                Ok((workshop.bring)(&given, &told))
            });
            let state = match brought.await {
                Ok(Ok(summary)) => {
                    // It is in: the copy that was laid aside is not needed any more.
                    drop(std::fs::remove_file(&path));
                    crate::figures::compute(&app);
                    State::Done(Arc::new(summary))
                }
                Ok(Err(Stopped::Refused(why))) => State::Refused(by_name(&why, &path, &name)),
                Ok(Err(Stopped::Failed(failure))) => {
                    State::Refused(by_name(&failure.to_string(), &path, &name))
                }
                Err(problem) => State::Refused(problem.detail),
            };
            jobs.end(&id, state);
        });
    }
    Ok(super::super::guard::go(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_names_the_file_and_not_where_its_copy_lies() {
        let path = FilePath::new("/srv/shop/scratch/0a/till-3.csv");
        let said = "/srv/shop/scratch/0a/till-3.csv line 812: one row is too long";
        assert_eq!(by_name(said, path, "till-3.csv"), "till-3.csv line 812: one row is too long");
    }
}
