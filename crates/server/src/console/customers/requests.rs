//! `/customers/requests`: what customers ask about their data, each with the days by which the law of their place wants it
//! answered and done.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::acting;
use crate::problem::Problem;
use axum::extract::Path;
use axum::response::Response;
use engine::people::requests;
use engine::record::consent::Asked;
use jiff::civil::{Date, DateTime};
use serde::Serialize;
use store::RequestRow;

/// How many are shown, those whose day comes first.
const MOST: i64 = 200;
/// What may be asked.
pub const KINDS: [Asked; 5] = [Asked::Access, Asked::Correct, Asked::Erase, Asked::Withdraw, Asked::Object];

/// The page.
#[derive(Serialize)]
pub struct RequestsPage {
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    customer: String,
    /// `access`, `correct`, `erase`, `withdraw`, `object`.
    kind: String,
    law: String,
    received_at: DateTime,
    answer_by: Option<Date>,
    done_by: Option<Date>,
    is_answered: bool,
    /// Days to the day by which it must be done; below zero where it is past.
    days: Option<i32>,
}

impl Row {
    fn of(reader: &Reader, today: Date, row: RequestRow) -> Row {
        let day = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<Date>().ok());
        let done_by = day(&row.done_by);
        Row {
            days: done_by.and_then(|day| today.until(day).ok()).map(|span| span.get_days()),
            received_at: reader.local_micros(row.received_at),
            answer_by: day(&row.answer_by),
            done_by,
            is_answered: row.answered_at.is_some(),
            id: row.request_id,
            customer: row.customer_id,
            kind: row.kind,
            law: row.law,
        }
    }
}

impl Page for RequestsPage {
    const TEMPLATE: &'static str = "console/customers/requests.html";
    const AREA: Area = Area::Customers;

    fn sample(_: &Reader) -> RequestsPage {
        let day = jiff::civil::date(2026, 10, 12);
        let row = |kind: &str, days: i32| Row {
            id: format!("req_{kind}"),
            customer: "cus_00000000000000000000004027".to_owned(),
            kind: kind.to_owned(),
            law: "Law 91/2025/QH15 and Decree 356/2025/ND-CP".to_owned(),
            received_at: day.at(17, 40, 0, 0),
            answer_by: Some(day),
            done_by: Some(day),
            is_answered: days > 3,
            days: Some(days),
        };
        let rows = vec![row("erase", -2), row("access", 1), row("withdraw", 12)];
        let unnamed = Row { answer_by: None, done_by: None, days: None, ..row("object", 0) };
        RequestsPage { rows: rows.into_iter().chain([unnamed, row("correct", 40)]).collect() }
    }
}

impl RequestsPage {
    /// Nobody asks.
    pub fn sample_empty() -> RequestsPage {
        RequestsPage { rows: Vec::new() }
    }
}

/// `GET /customers/requests`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    let reader = visit.reader().clone();
    let today = reader.local(visit.app().now()).date();
    let rows = visit.app().read(|session| Ok(session.read().open_requests(MOST)?)).await?;
    let mut rows: Vec<Row> = rows.into_iter().map(|row| Row::of(&reader, today, row)).collect();
    rows.sort_by_key(|row| row.days.unwrap_or(i32::MAX));
    visit.show(&RequestsPage { rows })
}

/// `POST /customers/requests/{request}`: it was answered, or done.
pub async fn close(visit: Visit, Path(request): Path<String>, fields: Fields) -> Result<Response, Problem> {
    let is_done = fields.text("do") == "done";
    acting(&visit, move |session, acting| requests::close(session, &request, is_done, acting)).await?;
    Ok(visit.done("/customers/requests", "saved"))
}

/// `POST /customers/{customer}/requests`: a customer has asked something.
pub async fn receive(
    visit: Visit,
    Path(customer): Path<String>,
    fields: Fields,
) -> Result<Response, Problem> {
    let word = fields.text("kind");
    let asked = KINDS.into_iter().find(|one| one.code() == word);
    let asked = asked.ok_or_else(|| Problem::of_body("/kind", "one of those on the page"))?;
    let (rules, zone, id) = (visit.app().rules().clone(), visit.reader().zone.clone(), customer.clone());
    acting(&visit, move |session, acting| requests::receive(session, &rules, &id, asked, &zone, acting))
        .await?;
    Ok(visit.done(&format!("/customers/{customer}"), "saved"))
}
