//! What the lake says, as pages show it: the X-ray of all customers, and a row of scores for each. Computed on a thread
//! of its own and kept until the next time, so that a page never waits for a model.

use crate::app::App;
use crate::workshop::Workshop;
use domain::column::Batch;
use domain::port::{Failure, Insights, Only};
use domain::{Column, Id};
use engine::act::freeze::{Facts, ready};
use engine::act::people::{Library, find};
use engine::understand::last_day;
use engine::understand::options::{Options, Progress, Stopped};
use engine::understand::xray::Xray;
use engine::understand::xray_of;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The lake with the log beside it, as of now.
pub struct Opened {
    /// Runs relations.
    pub insights: Box<dyn Insights>,
    /// How a report on them is made.
    pub options: Options,
}

/// Opens the lake, or a part of it.
pub type Open = dyn Fn(&Only) -> Result<Opened, Failure> + Send + Sync;

/// Where the figures come from.
#[derive(Clone)]
pub struct Lake {
    /// Opens it.
    pub open: Arc<Open>,
    /// What is more than a question to it.
    pub workshop: Workshop,
}

/// What was computed.
pub struct Known {
    /// The report; keys of customers in it are our own ids.
    pub xray: Xray,
    /// Scores of customers.
    pub scores: Scores,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// How long it took, in microseconds.
    pub took: i64,
}

/// How it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Work {
    /// Nobody is at it.
    #[default]
    Idle,
    /// So many steps are done, of so many.
    Under(u32, u32),
    /// It could not be done.
    Failed(String),
}

/// A part of the shop that is looked at by itself; what is empty narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Focus {
    /// One store, by the shop's key.
    pub store: String,
    /// One channel.
    pub channel: String,
    /// The customers of a kept segment.
    pub saved: String,
    /// Orders from this day on, `2026-01-31`.
    pub from: String,
    /// Orders up to this day, inclusive.
    pub to: String,
}

impl Focus {
    /// Whether it is the whole shop.
    pub fn is_everything(&self) -> bool {
        *self == Focus::default()
    }

    /// As an address's query; empty where it is the whole shop.
    pub fn query(&self) -> String {
        let pairs = [
            ("store", &self.store),
            ("channel", &self.channel),
            ("saved", &self.saved),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// What that is of the facts, but for the segment.
    fn only(&self) -> Result<Only, String> {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let day = |text: &str| match text {
            "" => Ok(None),
            text => {
                text.parse::<Date>().map(Some).map_err(|_| format!("'{text}' is no day: write 2026-01-31"))
            }
        };
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(format!("the last day, {}, lies before the first, {}", self.to, self.from));
        }
        Ok(Only { store: said(&self.store), channel: said(&self.channel), from, to, customers: None })
    }
}

/// Parts that are kept, the newest.
const PARTS: usize = 12;

/// What is known of a part.
#[derive(Default)]
struct Looked {
    known: Option<Arc<Known>>,
    work: Work,
    asked_at: i64,
}

/// What the lake said last, and whether it is being asked.
#[derive(Default)]
pub struct Figures {
    known: Mutex<Option<Arc<Known>>>,
    work: Mutex<Work>,
    parts: Mutex<BTreeMap<Focus, Looked>>,
    /// Whose turn it is: parts are computed one after the other, so that a page of many looks does not take the machine.
    turn: Mutex<()>,
}

impl Figures {
    /// What was computed last.
    pub fn known(&self) -> Option<Arc<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How it stands.
    pub fn work(&self) -> Work {
        self.work.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn parts(&self) -> MutexGuard<'_, BTreeMap<Focus, Looked>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, work: Work) {
        *self.work.lock().unwrap_or_else(PoisonError::into_inner) = work;
    }

    /// Whether whoever asks may begin: nobody else is at it.
    fn begin(&self) -> bool {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = !matches!(*work, Work::Under(..));
        if is_free {
            *work = Work::Under(0, Progress::STEPS);
        }
        is_free
    }
}

/// How long figures are good while orders come in, and how many times as long as they took to compute.
const FRESH_MICROS: i64 = 5 * 60_000_000;
const PATIENCE: i64 = 20;

/// Compute the figures anew where orders have come in since, and not too often.
pub fn refresh(app: &App) {
    let due = match app.figures().known() {
        Some(known) => app.now_micros() - known.at > FRESH_MICROS.max(known.took * PATIENCE),
        None => app.figures().work() == Work::Idle,
    };
    if due {
        compute(app);
    }
}

/// Compute the figures anew, on a thread of its own. Where that is under way already nothing more is begun.
pub fn compute(app: &App) {
    let Some(lake) = app.lake().cloned() else { return };
    if !app.figures().begin() {
        return;
    }
    let working = app.clone();
    let spawned = std::thread::Builder::new().name("figures".to_owned()).spawn(move || {
        let began = working.now_micros();
        let told = |progress: Progress| working.figures().put(Work::Under(progress.step, Progress::STEPS));
        match read(&lake, &Only::default(), &mut { told }) {
            Ok((xray, scores)) => {
                let at = working.now_micros();
                let known = Known { xray, scores, at, took: at - began };
                *working.figures().known.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(Arc::new(known));
                working.figures().put(Work::Idle);
            }
            Err(Stopped::Refused(refused)) => working.figures().put(Work::Failed(refused.to_string())),
            Err(Stopped::Failed(failure)) => {
                tracing::warn!(why = %failure, "the figures could not be computed");
                working.figures().put(Work::Failed(failure.to_string()));
            }
        }
    });
    if let Err(error) = spawned {
        app.figures().put(Work::Failed(error.to_string()));
    }
}

/// What is known of a part of the shop, and how it stands. What is not known, or older than the figures of the whole shop, is
/// computed on a thread of its own.
pub fn look_at(app: &App, focus: &Focus) -> (Option<Arc<Known>>, Work) {
    let figures = app.figures();
    if focus.is_everything() {
        refresh(app);
        return (figures.known(), figures.work());
    }
    let Some(lake) = app.lake().cloned() else {
        return (None, Work::Failed("this server has no lake".to_owned()));
    };
    let whole_at = figures.known().map_or(0, |known| known.at);
    let mut parts = figures.parts();
    let part = parts.entry(focus.clone()).or_default();
    part.asked_at = app.now_micros();
    let is_due = match (&part.known, &part.work) {
        (_, Work::Under(..)) => false,
        (None, work) => *work == Work::Idle,
        (Some(known), _) => known.at < whole_at,
    };
    if is_due {
        part.work = Work::Under(0, Progress::STEPS);
        let (app, focus) = (app.clone(), focus.clone());
        let work = move || compute_part(&app, &lake, &focus);
        if let Err(error) = std::thread::Builder::new().name("figures".to_owned()).spawn(work) {
            part.work = Work::Failed(error.to_string());
        }
    }
    let answer = (part.known.clone(), part.work.clone());
    while parts.len() > PARTS {
        let oldest = parts.iter().min_by_key(|(_, part)| part.asked_at).map(|(focus, _)| focus.clone());
        oldest.map(|focus| parts.remove(&focus));
    }
    answer
}

/// Try a part again that could not be computed.
pub fn again(app: &App, focus: &Focus) {
    if let Some(part) = app.figures().parts().get_mut(focus)
        && matches!(part.work, Work::Failed(_))
    {
        part.work = Work::Idle;
    }
}

fn compute_part(app: &App, lake: &Lake, focus: &Focus) {
    let figures = app.figures();
    let _turn = figures.turn.lock().unwrap_or_else(PoisonError::into_inner);
    let began = app.now_micros();
    let put = |work: Work| {
        if let Some(part) = figures.parts().get_mut(focus) {
            part.work = work;
        }
    };
    let mut told = |progress: Progress| put(Work::Under(progress.step, Progress::STEPS));
    match read_part(lake, focus, began, &mut told) {
        Ok((xray, scores)) => {
            let at = app.now_micros();
            if let Some(part) = figures.parts().get_mut(focus) {
                part.known = Some(Arc::new(Known { xray, scores, at, took: at - began }));
                part.work = Work::Idle;
            }
        }
        Err(why) => put(Work::Failed(why)),
    }
}

/// The report of a part of the shop, and the scores of its customers; who is in a segment is asked at `now_micros`.
///
/// # Errors
/// A sentence: why there is none.
pub fn read_part(
    lake: &Lake,
    focus: &Focus,
    now_micros: i64,
    told: &mut dyn FnMut(Progress),
) -> Result<(Xray, Scores), String> {
    let mut only = focus.only()?;
    if !focus.saved.is_empty() {
        only.customers =
            Some(members(lake, &focus.saved, now_micros).map_err(|stopped| stopped.to_string())?);
    }
    read(lake, &only, told).map_err(|stopped| stopped.to_string())
}

/// Our ids of the customers in a kept segment.
fn members(lake: &Lake, name: &str, now_micros: i64) -> Result<Vec<String>, engine::act::Stopped> {
    let desk = (lake.workshop.desk)()?;
    let opened = (lake.open)(&Only::default())?;
    let library = Library { store: &desk.store, given: &[] };
    let condition = library.written_out(&library.find(name)?)?;
    let as_of = last_day(&*opened.insights, &opened.options)?;
    let (insights, options, secret) = (&*opened.insights, opened.options, desk.secret);
    let facts = Facts { insights, options, as_of, now_micros, secret };
    ready(&facts, &condition)?;
    let people = find(insights, &desk.store, &condition, facts.when(), name)?;
    Ok(people.into_iter().map(|id| id.to_string()).collect())
}

fn read(lake: &Lake, only: &Only, told: &mut dyn FnMut(Progress)) -> Result<(Xray, Scores), Stopped> {
    let opened = (lake.open)(only)?;
    let (mut xray, scores) = xray_of(&*opened.insights, &opened.options, &|id| Some(id.to_owned()), told)?;
    let desk = (lake.workshop.desk)()?;
    xray.decided = engine::act::cycle::decided(&desk.store, opened.options.zone.as_deref())
        .map_err(|stopped| Failure::because("what was decided before cannot be read", stopped))?;
    Ok((xray, Scores::of(opened.insights.run(scores.relation)?)))
}

/// Scores of all customers, found by id.
#[derive(Debug, Default)]
pub struct Scores {
    columns: Batch,
    places: Vec<(u128, u32)>,
}

/// What is said of one customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// `new`, `active`, `returning`, `at_risk`, `lapsed`, by the customer's own clock.
    pub state: String,
    /// The kind of customer.
    pub segment: String,
    /// Days with an order.
    pub order_days: i64,
    /// The first of them.
    pub first_on: Option<Date>,
    /// The last.
    pub last_on: Option<Date>,
    /// Median days to the next order.
    pub usual_gap_days: Option<f64>,
    /// The day by which the next was or is expected.
    pub expected_on: Option<Date>,
    /// Days past that day.
    pub days_late: i64,
    /// What was paid, returns off, minor units.
    pub net_minor: i64,
    /// Probability of still being a customer.
    pub p_alive: Option<f64>,
    /// Probability of an order within the horizon.
    pub p_order: Option<f64>,
    /// Expected margin (or sales, where margins are unknown) of twelve months, minor units.
    pub worth: Option<Worth>,
    /// 1 for the tenth with the highest lifetime value.
    pub value_decile: Option<i64>,
}

/// An amount with its interval, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Worth {
    /// The best guess.
    pub minor: i64,
    /// The lower end.
    pub low_minor: i64,
    /// The upper end.
    pub high_minor: i64,
}

/// The columns that pages show; the relation has more.
const SHOWN: [&str; 16] = [
    "state",
    "segment",
    "order_days",
    "first_on",
    "last_on",
    "usual_gap_days",
    "expected_on",
    "days_late",
    "net_minor",
    "p_alive",
    "p_order",
    "margin_12m_minor",
    "margin_12m_low_minor",
    "margin_12m_high_minor",
    "value_decile",
    "at_stake_minor",
];

impl Scores {
    /// The rows of the relation of scores.
    pub fn of(rows: Batch) -> Scores {
        let ids = engine::act::people::ids(&rows);
        let mut places: Vec<(u128, u32)> = ids
            .into_iter()
            .enumerate()
            .filter_map(|(row, id)| Some((id?.body(), u32::try_from(row).ok()?)))
            .collect();
        places.sort_unstable();
        let shown = rows.into_columns().into_iter().filter(|column| SHOWN.contains(&column.name.as_str()));
        Scores { columns: Batch::new(shown.collect()), places }
    }

    /// How many customers have scores.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether nobody has.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// What is said of a customer.
    pub fn find(&self, customer: &str) -> Option<Score> {
        let id: Id = customer.parse().ok()?;
        let place = self.places.binary_search_by_key(&id.body(), |(body, _)| *body).ok()?;
        Some(self.at(self.places[place].1 as usize))
    }

    /// Our ids with the place of each row, in the order of the ids.
    pub fn places(&self) -> &[(u128, u32)] {
        &self.places
    }

    /// A column, where the relation has it.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.find(name)
    }

    /// The row at a place.
    pub fn at(&self, row: usize) -> Score {
        let int = |name: &str| self.column(name).and_then(|column| column.int(row));
        let float = |name: &str| self.column(name).and_then(|column| column.float(row));
        let text = |name: &str| self.column(name).and_then(|column| column.text(row)).unwrap_or_default();
        let day = |name: &str| int(name).map(engine::act::day_at);
        let worth = || {
            Some(Worth {
                minor: float("margin_12m_minor")? as i64,
                low_minor: float("margin_12m_low_minor")? as i64,
                high_minor: float("margin_12m_high_minor")? as i64,
            })
        };
        Score {
            state: text("state").to_owned(),
            segment: text("segment").to_owned(),
            order_days: int("order_days").unwrap_or(0),
            first_on: day("first_on"),
            last_on: day("last_on"),
            usual_gap_days: float("usual_gap_days"),
            expected_on: day("expected_on"),
            days_late: int("days_late").unwrap_or(0),
            net_minor: int("net_minor").unwrap_or(0),
            p_alive: float("p_alive"),
            p_order: float("p_order"),
            worth: worth(),
            value_decile: int("value_decile"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_said_as_people_choose_it() {
        let focus = Focus { store: "north".into(), from: "2026-01-31".into(), ..Focus::default() };
        assert_eq!(focus.query(), "store=north&from=2026-01-31");
        let only = focus.only().unwrap();
        assert_eq!((only.store.as_deref(), only.from), (Some("north"), Some(jiff::civil::date(2026, 1, 31))));
        assert!(Focus::default().only().unwrap().is_everything());
        assert!(
            Focus { from: "31.1.2026".into(), ..Focus::default() }.only().unwrap_err().contains("no day")
        );
        let backwards = Focus { from: "2026-02-01".into(), to: "2026-01-01".into(), ..Focus::default() };
        assert!(backwards.only().unwrap_err().contains("before the first"));
    }

    #[test]
    fn scores_are_found_by_id() {
        let ids: Vec<String> = [9u128, 3, 5]
            .iter()
            .map(|body| Id::from_body(domain::Kind::Customer, *body).to_string())
            .collect();
        let rows = Batch::new(vec![
            Column::texts("customer_id", ids.iter().map(|id| Some(id.as_str()))),
            Column::texts("state", [Some("active"), Some("lapsed"), Some("new")]),
            Column::ints("order_days", [Some(7), Some(2), Some(1)]),
            Column::floats("p_alive", [Some(0.9), None, Some(0.5)]),
            Column::texts("not_shown", [None, None, None]),
        ]);
        let scores = Scores::of(rows);
        assert_eq!(scores.len(), 3);
        let lapsed = scores.find(&ids[1]).unwrap();
        assert_eq!((lapsed.state.as_str(), lapsed.order_days, lapsed.p_alive), ("lapsed", 2, None));
        assert_eq!(scores.find(&ids[0]).unwrap().p_alive, Some(0.9));
        assert_eq!(scores.find("cus_00000000000000000000000000"), None);
        assert!(scores.column("not_shown").is_none());
    }
}
