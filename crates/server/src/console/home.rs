//! `/`: what is worth doing today. The opening of the X-ray, live, and what needs somebody.

use super::attention::{self, Item};
use super::frame::Area;
use super::guard::Visit;
use super::page::Page;
use super::program::runs::Runs;
use super::reader::Reader;
use super::today::Today;
use crate::app::App;
use crate::figures::{self, Known, Work};
use crate::problem::Problem;
use assets::Failure;
use axum::Extension;
use axum::response::Response;
use engine::staff::permissions::Operation;
use engine::understand::xray::{Figures, Period, Xray};
use engine::understand::xray_page::{self, Opening};
use jiff::civil::{Date, DateTime};
use serde::Serialize;
use std::sync::Arc;

/// The page.
#[derive(Serialize)]
pub struct HomePage {
    /// Whether the reader may see figures.
    has_figures: bool,
    opening: Option<Told>,
    /// Where the parts of the report are, by the anchor of the report.
    places: Vec<(&'static str, &'static str)>,
    step: u32,
    steps: u32,
    failed: Option<String>,
    attention: Vec<Item>,
    /// The day so far, for whoever may see the ledger.
    today: Option<Today>,
}

/// What the X-ray says first.
#[derive(Serialize)]
struct Told {
    said: Opening,
    figures: Figures,
    period: Period,
    as_of: Date,
    horizon_days: u32,
    computed_at: DateTime,
}

/// Where a sentence leads: the anchor of the report, and the page that shows it.
const PLACES: [(&str, &str); 8] = [
    ("late", "/customers?state=at_risk"),
    ("value", "/customers?sort=worth"),
    ("kinds", "/customers?segment=one_time"),
    ("cohorts", "/analysis/cohorts"),
    ("next", "/analysis/next"),
    ("products", "/analysis/products"),
    ("data", "/imports"),
    ("period", "/analysis"),
];

impl Told {
    fn of(reader: &Reader, xray: &Xray, at: i64) -> Result<Told, Failure> {
        Ok(Told {
            said: xray_page::opening(xray, &reader.assets, reader.view.lang)?,
            figures: xray.figures.clone(),
            period: xray.period,
            as_of: xray.as_of,
            horizon_days: xray.horizon_days,
            computed_at: reader.local_micros(at),
        })
    }
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "console/home.html";
    const AREA: Area = Area::Home;

    fn sample(reader: &Reader) -> HomePage {
        let told = Told::of(reader, &Xray::sample(), 1_780_000_000_000_000).expect("its words are there");
        HomePage {
            opening: Some(told),
            attention: attention::samples(),
            today: Some(Today::sample()),
            ..HomePage::empty()
        }
    }
}

impl HomePage {
    fn empty() -> HomePage {
        HomePage {
            has_figures: true,
            opening: None,
            places: PLACES.to_vec(),
            step: 0,
            steps: 0,
            failed: None,
            attention: Vec::new(),
            today: None,
        }
    }

    /// Before anything was computed: at work, broken, and with nothing to work on.
    pub fn samples_without_figures() -> [(&'static str, HomePage); 4] {
        let empty = HomePage::empty;
        [
            ("home-working", HomePage { step: 2, steps: 5, ..empty() }),
            ("home-failed", HomePage { failed: Some("there are no orders yet".to_owned()), ..empty() }),
            ("home-new", empty()),
            ("home-without", HomePage { has_figures: false, ..empty() }),
        ]
    }
}

/// `GET /`
pub async fn show(visit: Visit, Extension(runs): Extension<Arc<Runs>>) -> Result<Response, Problem> {
    let app = visit.app();
    let has_figures = visit.may(Operation::ReadReports);
    let known = app.figures().known().filter(|_| has_figures);
    if has_figures {
        figures::refresh(app);
    }
    let opening = known.map(|known: Arc<Known>| Told::of(visit.reader(), &known.xray, known.at));
    let opening = opening.transpose().map_err(|failure| Problem::internal(failure.to_string()))?;
    let (step, steps, failed) = standing(app);
    let attention = attention::of(&visit, &runs).await?;
    let today = match visit.may(Operation::ReadLedger) {
        true => Some(Today::of(&visit).await?),
        false => None,
    };
    visit.show(&HomePage { today, has_figures, opening, step, steps, failed, attention, ..HomePage::empty() })
}

fn standing(app: &App) -> (u32, u32, Option<String>) {
    match app.figures().work() {
        Work::Idle => (0, 0, None),
        Work::Under(step, steps) => (step, steps, None),
        Work::Failed(why) => (0, 0, Some(why)),
    }
}

/// `POST /figures`: compute them anew, now.
pub async fn compute(visit: Visit) -> Response {
    figures::compute(visit.app());
    visit.done("/", "computing")
}
