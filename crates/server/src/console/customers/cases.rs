//! `/customers/cases`: what the shop has taken up for somebody and not closed yet; and opening, answering and closing.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::page::{Wrong, again};
use super::{acting, done, refusal};
use crate::problem::Problem;
use axum::extract::Path;
use axum::response::Response;
use engine::people::cases::{self, Case};
use engine::people::survivor;
use jiff::civil::DateTime;
use serde::Serialize;
use std::collections::BTreeMap;

/// How many are shown, the oldest first.
const MOST: i64 = 200;

/// The page.
#[derive(Serialize)]
pub struct CasesPage {
    rows: Vec<Shown>,
}

/// A case, as pages show it.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    id: String,
    customer: String,
    about: String,
    opened_at: DateTime,
    opened_by: String,
    closed_at: Option<DateTime>,
    closed_by: String,
    /// Whole days it has been open, or was.
    days: i64,
    notes: Vec<Note>,
}

#[derive(Debug, Clone, Serialize)]
struct Note {
    text: String,
    at: DateTime,
    by: String,
}

/// The names of staff, by id.
pub type Names = BTreeMap<String, String>;

impl Shown {
    /// With names in place of ids, as of `now`.
    pub fn of(reader: &Reader, names: &Names, now: jiff::Timestamp, case: Case) -> Shown {
        let name = |id: &str| names.get(id).map_or(id, String::as_str).to_owned();
        let until = case.closed_at.unwrap_or(now);
        Shown {
            days: until.duration_since(case.opened_at).as_hours() / 24,
            opened_at: reader.local(case.opened_at),
            opened_by: name(&case.opened_by),
            closed_at: case.closed_at.map(|at| reader.local(at)),
            closed_by: case.closed_by.as_deref().map(name).unwrap_or_default(),
            notes: case
                .notes
                .iter()
                .map(|note| Note {
                    text: note.text.clone(),
                    at: reader.local(note.written_at),
                    by: name(&note.written_by),
                })
                .collect(),
            id: case.id,
            customer: case.customer,
            about: case.about,
        }
    }

    /// One that is open, and one that is closed.
    pub fn samples() -> Vec<Shown> {
        let at = jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0);
        let open = Shown {
            id: "case_1".to_owned(),
            customer: "cus_00000000000000000000004027".to_owned(),
            about: "Súp nguội, chờ 40 phút".to_owned(),
            opened_at: at,
            opened_by: "Ana Trần".to_owned(),
            closed_at: None,
            closed_by: String::new(),
            days: 9,
            notes: vec![Note { text: "Đã gọi lại".to_owned(), at, by: "Bảo".to_owned() }],
        };
        let closed = Shown {
            id: "case_2".to_owned(),
            closed_at: Some(at),
            closed_by: "Bảo".to_owned(),
            notes: Vec::new(),
            days: 1,
            ..open.clone()
        };
        vec![open, closed]
    }
}

impl Page for CasesPage {
    const TEMPLATE: &'static str = "console/customers/cases.html";
    const AREA: Area = Area::Customers;

    fn sample(_: &Reader) -> CasesPage {
        let mut open = Shown::samples();
        open.truncate(1);
        CasesPage { rows: open }
    }
}

impl CasesPage {
    /// Nothing is open.
    pub fn sample_empty() -> CasesPage {
        CasesPage { rows: Vec::new() }
    }
}

/// `GET /customers/cases`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    let read = visit.app().read(|session| {
        let reading = session.read();
        Ok((done(cases::open_after(&reading, None, MOST))?, names(&reading)?))
    });
    let ((open, names), now) = (read.await?, visit.app().now());
    let shown = |case| Shown::of(visit.reader(), &names, now, case);
    visit.show(&CasesPage { rows: open.into_iter().map(shown).collect() })
}

/// The names of all staff.
pub fn names(reading: &store::Writing<'_>) -> Result<Names, store::Failure> {
    let staff = engine::staff::people::list(reading)?;
    Ok(staff.into_iter().map(|member| (member.id, member.name)).collect())
}

/// `POST /customers/{customer}/cases`: something is taken up for a customer.
pub async fn open(visit: Visit, Path(customer): Path<String>, fields: Fields) -> Result<Response, Problem> {
    let (id, whose) = (fields.text("once").to_owned(), customer.clone());
    if !id.starts_with("case_") || id.len() > 60 {
        return Err(Problem::of_body("/once", "open the page again"));
    }
    let about = fields.text("about").to_owned();
    let opened =
        acting(&visit, move |session, acting| cases::open(session, &id, &whose, &about, acting)).await;
    answered(&visit, customer, "case", opened, &fields).await
}

/// `POST /customers/{customer}/cases/{case}`: something was said or done, or the case is closed.
pub async fn answer(
    visit: Visit,
    Path((customer, case)): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, Problem> {
    let (text, is_closed) = (fields.text("text").to_owned(), fields.text("do") == "close");
    let whose = customer.clone();
    let done = acting(&visit, move |session, acting| {
        // A case is answered on its customer's page, or on that of whoever they were merged into.
        let known = cases::find(&session.read(), &case)?;
        let is_theirs = known.customer == whose
            || survivor(&session.read(), &known.customer).is_ok_and(|today| today == whose);
        if !is_theirs {
            return Err(engine::people::Refused::UnknownCase(case).into());
        }
        cases::answer(session, &case, &text, is_closed, acting)
    });
    let done = done.await;
    answered(&visit, customer, "answer", done, &fields).await
}

async fn answered(
    visit: &Visit,
    customer: String,
    form: &'static str,
    done: Result<Case, Problem>,
    fields: &Fields,
) -> Result<Response, Problem> {
    let problem = match done {
        Ok(_) => return Ok(visit.done(&format!("/customers/{customer}"), "saved")),
        Err(problem) => problem,
    };
    let why = refusal(&problem).ok_or(problem)?;
    let typed = fields.without_proof().pairs().to_vec();
    again(visit, customer, Wrong { form, why, word: "refused", typed }).await
}
