//! `/analysis/sql`: an analyst's own query over the relations. It only reads, answers so many rows at most, and is given up
//! after a while; queries are kept by name for everybody who may ask.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Tab, tabs};
use crate::problem::Problem;
use axum::extract::Query;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::column::{Batch, Column, Values};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Rows that are answered.
const ROWS: usize = 500;
/// How long a query may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where kept queries lie: a setting, as JSON from name to text.
const KEPT: &str = "saved_queries";

/// The page.
#[derive(Serialize)]
pub struct SqlPage {
    tabs: Vec<Tab>,
    sql: String,
    name: String,
    /// Names, and what leads to each.
    kept: Vec<(String, String)>,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Whether there may be more rows than are shown.
    is_cut: bool,
    most: usize,
    was_asked: bool,
    refused: String,
}

impl SqlPage {
    fn of(sql: &str, name: &str, kept: &BTreeMap<String, String>) -> SqlPage {
        SqlPage {
            tabs: tabs(),
            sql: sql.to_owned(),
            name: name.to_owned(),
            kept: kept.keys().map(|name| (name.clone(), address(name))).collect(),
            columns: Vec::new(),
            rows: Vec::new(),
            is_cut: false,
            most: ROWS,
            was_asked: false,
            refused: String::new(),
        }
    }

    fn with(self, batch: &Batch) -> SqlPage {
        let rows = (0..batch.rows().min(ROWS))
            .map(|row| batch.columns().iter().map(|column| cell(column, row)).collect());
        SqlPage {
            columns: batch.names().into_iter().map(str::to_owned).collect(),
            rows: rows.collect(),
            is_cut: batch.rows() > ROWS,
            was_asked: true,
            ..self
        }
    }

    /// Before anything was asked.
    pub fn sample_empty() -> SqlPage {
        SqlPage { refused: "no relation customer.lat".to_owned(), ..SqlPage::of("", "", &BTreeMap::new()) }
    }
}

fn address(name: &str) -> String {
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("/analysis/sql?kept={name}")
}

/// A cell as text; empty where nothing is known.
fn cell(column: &Column, row: usize) -> String {
    if !column.is_present(row) {
        return String::new();
    }
    match &column.values {
        Values::Int(cells) => cells[row].to_string(),
        Values::Float(cells) => cells[row].to_string(),
        Values::Bool(cells) => cells[row].to_string(),
        Values::Day(cells) => engine::act::day_at(cells[row].into()).to_string(),
        Values::Instant(cells) => engine::record::view::at(cells[row]).to_string(),
        Values::Text(cells) => cells.get(row).to_owned(),
        Values::Key(cells) => format!("{:032x}", cells[row]),
        Values::Floats(cells) => format!("{:?}", cells[row]),
    }
}

impl Page for SqlPage {
    const TEMPLATE: &'static str = "console/analysis/sql.html";
    const AREA: Area = Area::Analysis;

    fn sample(_: &Reader) -> SqlPage {
        let batch = Batch::new(vec![
            Column::texts("state", [Some("active"), Some("at_risk"), None]),
            Column::ints("customers", [Some(1200), Some(38), Some(7)]),
        ]);
        let kept = BTreeMap::from([("states".to_owned(), String::new())]);
        let sql = "select state, count(*) as customers from customer.cadence group by state";
        SqlPage { is_cut: true, ..SqlPage::of(sql, "states", &kept).with(&batch) }
    }
}

/// Which kept query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    kept: String,
}

async fn kept(visit: &Visit) -> Result<BTreeMap<String, String>, Problem> {
    let text = visit.app().read(|session| Ok(session.read().find_setting(KEPT)?)).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// `GET /analysis/sql`
pub async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let kept = kept(&visit).await?;
    let sql = kept.get(&asked.kept).map_or("", String::as_str);
    visit.show(&SqlPage::of(sql, &asked.kept, &kept))
}

/// `POST /analysis/sql`: ask, take the answer out, or keep the query.
pub async fn ask(visit: Visit, fields: Fields) -> Result<Response, Problem> {
    let (sql, name) = (fields.text("sql").replace("\r\n", "\n"), fields.text("name").to_owned());
    let kept = kept(&visit).await?;
    if fields.text("do") == "keep" && !name.is_empty() {
        return keep(&visit, name, sql).await;
    }
    let page = SqlPage::of(&sql, &name, &kept);
    if sql.trim().is_empty() {
        return visit.show(&page);
    }
    match run(&visit, sql).await? {
        Ok(batch) if fields.text("do") == "csv" => Ok(taken_out(&batch)),
        Ok(batch) => visit.show(&page.with(&batch)),
        Err(refused) => {
            visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &SqlPage { refused, was_asked: true, ..page })
        }
    }
}

async fn keep(visit: &Visit, name: String, sql: String) -> Result<Response, Problem> {
    let (now, address) = (visit.app().now_micros(), address(&name));
    let put = move |writing: &store::Writing<'_>| {
        let known = writing.find_setting(KEPT)?;
        let mut all: BTreeMap<String, String> =
            known.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        match sql.trim().is_empty() {
            true => drop(all.remove(&name)),
            false => drop(all.insert(name.clone(), sql.clone())),
        }
        let text = serde_json::to_string(&all).expect("texts become JSON");
        writing.put_setting(KEPT, &text, now)?;
        Ok::<_, Problem>(())
    };
    visit.app().write(put).await?;
    Ok(visit.done(&address, "saved"))
}

async fn run(visit: &Visit, sql: String) -> Result<Result<Batch, String>, Problem> {
    let lake = visit.app().lake().ok_or_else(|| Problem::unavailable("this server has no lake", 60))?;
    let workshop = lake.workshop.clone();
    let asking = visit.app().aside(move || Ok((workshop.query)(&sql, ROWS + 1)));
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(answer) => Ok(answer?.map_err(|failure| match &failure.source {
            Some(source) => format!("{failure}: {source}"),
            None => failure.to_string(),
        })),
        Err(_) => Ok(Err(format!(
            "it took longer than {} seconds and was given up: ask for less",
            PATIENCE.as_secs()
        ))),
    }
}

fn taken_out(batch: &Batch) -> Response {
    let quoted = |text: String| match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    };
    let mut text = batch.names().join(",") + "\r\n";
    for row in 0..batch.rows().min(ROWS) {
        let cells: Vec<String> = batch.columns().iter().map(|column| quoted(cell(column, row))).collect();
        text += &(cells.join(",") + "\r\n");
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"query.csv\""),
    ];
    (headers, text).into_response()
}
