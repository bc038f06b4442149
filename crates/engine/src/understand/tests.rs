//! The flow on relations given by hand; what the relations themselves say is tested beside them.

use super::options::{Options, Refused, Stopped};
use super::rows::day_of;
use super::xray::*;
use super::{Scores, xray_of};
use domain::Currency;
use domain::column::{Batch, Column, Values};
use domain::port::{Failure, Insights};
use jiff::civil::{Date, date};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Answers what it was given and nothing to every other question; remembers what it was told.
#[derive(Default)]
struct Given {
    relations: BTreeMap<&'static str, Batch>,
    told: Mutex<BTreeMap<String, Batch>>,
}

impl Insights for Given {
    fn provide(&self, name: &str, rows: Batch) -> Result<(), Failure> {
        self.told.lock().unwrap().insert(name.to_owned(), rows);
        Ok(())
    }

    fn run(&self, relation: &str) -> Result<Batch, Failure> {
        Ok(self.relations.get(relation).cloned().unwrap_or_default())
    }

    fn keep(&self, _relation: &str) -> Result<u64, Failure> {
        Ok(0)
    }
}

fn ints(name: &str, cells: &[i64]) -> Column {
    Column::ints(name, cells.iter().copied().map(Some))
}

fn days(name: &str, cells: &[Date]) -> Column {
    Column::new(name, Values::Day(cells.iter().map(|day| day_of(*day)).collect()))
}

fn range(from: Date, last: Date) -> Batch {
    Batch::new(vec![
        Column::texts("currency", [Some("XXX")]),
        days("first_on", &[from]),
        days("last_on", &[last]),
        ints("lines", &[1]),
    ])
}

fn report(given: &Given, options: &Options) -> Result<(Xray, Scores), Stopped> {
    xray_of(given, options, &|_| None, &mut |_| {})
}

fn usual() -> Options {
    Options::new(Currency::UNKNOWN)
}

/// Fails where the document holds a number that is none: JSON writes it as null, which cannot be read back.
fn assert_sound(xray: &Xray) {
    let text = serde_json::to_string(xray).unwrap();
    serde_json::from_str::<Xray>(&text).expect("every number is one");
}

#[test]
fn no_orders_is_an_answer() {
    let refused = report(&Given::default(), &usual()).unwrap_err();
    assert!(matches!(refused, Stopped::Refused(Refused::Empty)), "{refused}");
}

#[test]
fn one_customer_on_one_day_is_a_short_report() {
    let day = date(2026, 3, 2);
    let statistics = Batch::new(vec![
        ints("frequency", &[0]),
        ints("recency_days", &[0]),
        ints("age_days", &[0]),
        ints("customers", &[1]),
    ]);
    let relations = BTreeMap::from([("data.range", range(day, day)), ("fits.statistics", statistics)]);
    let given = Given { relations, ..Given::default() };
    let (xray, scores) = report(&given, &usual()).unwrap();
    assert_eq!((xray.observed.days(), xray.figures.customers_ever, scores.customers), (1, 1, 1));
    assert!(xray.judgement.is_none() && xray.forecast.is_none() && xray.value.is_none());
    assert!(xray.sentences.is_empty() && xray.figures.worth_12_months.is_none());
    assert_sound(&xray);
}

#[test]
fn days_outside_the_facts_are_refused() {
    let relations = BTreeMap::from([("data.range", range(date(2026, 1, 1), date(2026, 12, 31)))]);
    let given = Given { relations, ..Given::default() };
    let early = Options { as_of: Some(date(2025, 12, 31)), ..usual() };
    assert!(matches!(report(&given, &early), Err(Stopped::Refused(Refused::TooEarly { .. }))));
    let late = Options { calibration_end: Some(date(2026, 12, 31)), ..usual() };
    assert!(matches!(report(&given, &late), Err(Stopped::Refused(Refused::CalibrationEnd { .. }))));
    let dong = Options::new("VND".parse().unwrap());
    assert!(matches!(report(&given, &dong), Err(Stopped::Refused(Refused::NoOrders(_)))));
}

/// Customers of a world in which a third leave after the first order and the rest order every twenty days for ever.
fn two_kinds() -> (Batch, Batch) {
    let customers = 600_i64;
    let regular = |row: &i64| row % 3 != 0;
    let rows: Vec<i64> = (0..customers).collect();
    let age = |row: &i64| 200 + row % 40;
    let frequency: Vec<i64> = rows.iter().map(|row| if regular(row) { age(row) / 20 } else { 0 }).collect();
    let recency: Vec<i64> = frequency.iter().map(|orders| orders * 20).collect();
    let ids: Vec<String> = rows.iter().map(|row| format!("cus_{row:04}")).collect();
    let held = Batch::new(vec![
        Column::texts("customer_id", ids.iter().map(|id| Some(id.as_str()))),
        ints("frequency", &frequency),
        ints("recency_days", &recency),
        ints("age_days", &rows.iter().map(age).collect::<Vec<_>>()),
        Column::floats("mean_spend_minor", rows.iter().map(|_| Some(500.0))),
        ints("last_window_orders", &rows.iter().map(|row| i64::from(regular(row)) * 3).collect::<Vec<_>>()),
        ints("actual_orders", &rows.iter().map(|row| i64::from(regular(row)) * 3).collect::<Vec<_>>()),
        ints("actual_spend_minor", &vec![0; rows.len()]),
    ]);
    let statistics = Batch::new(vec![
        ints("frequency", &frequency),
        ints("recency_days", &recency),
        ints("age_days", &rows.iter().map(age).collect::<Vec<_>>()),
        ints("customers", &vec![1; rows.len()]),
    ]);
    (held, statistics)
}

fn judged() -> (Xray, Given) {
    let (held, statistics) = two_kinds();
    let window = Batch::new(vec![
        days("first_on", &[date(2026, 1, 1)]),
        days("calibration_end", &[date(2026, 8, 28)]),
        days("last_on", &[date(2026, 10, 27)]),
        ints("holdout_days", &[60]),
    ]);
    let relations = BTreeMap::from([
        ("data.range", range(date(2026, 1, 1), date(2026, 10, 27))),
        ("judge.window", window),
        ("judge.customers", held),
        ("judge.statistics", statistics.clone()),
        ("fits.statistics", statistics),
    ]);
    let given = Given { relations, ..Given::default() };
    let (xray, _) = report(&given, &usual()).unwrap();
    (xray, given)
}

#[test]
fn every_model_and_rule_is_judged_and_the_winner_is_named() {
    let (xray, given) = judged();
    let judgement = xray.judgement.as_ref().expect("there is time held out");
    let codes: Vec<&str> = judgement.models.iter().map(|score| score.model.as_str()).collect();
    for code in ["mbg_nbd", "bg_nbd", "pareto_nbd", "nbd", "own_rate", "last_window", "mean"] {
        assert!(codes.contains(&code), "{code} among {codes:?}");
    }
    assert_eq!(judgement.customers, 600);
    // In a world that repeats itself to the day, the last window again is never wrong.
    assert_eq!((judgement.models[0].model.as_str(), judgement.verdict), ("last_window", Verdict::NaiveWins));
    assert_eq!(judgement.models[0].mae, 0.0);
    let told = given.told.lock().unwrap();
    let latest = &told["fits.latest"];
    let chosen = |row: &usize| latest.column("is_chosen").int(*row) == Some(1);
    let chosen: Vec<_> =
        (0..latest.rows()).filter(chosen).map(|row| latest.column("model").text(row)).collect();
    assert_eq!(chosen, [Some("last_window")]);
    assert_eq!(told["run.parameters"].column("horizon_days").int(0), Some(90));
    assert_sound(&xray);
}

#[test]
fn the_same_facts_give_the_same_document() {
    let (first, second) = (judged().0, judged().0);
    assert_eq!(serde_json::to_string(&first).unwrap(), serde_json::to_string(&second).unwrap());
}
