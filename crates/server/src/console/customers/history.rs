//! `/customers/{customer}/history`: what files have told of somebody. It lies in the lake, which a page does not wait for:
//! so it has a page of its own.

use super::super::frame::Area;
use super::super::guard::Visit;
use super::super::page::Page;
use super::super::reader::Reader;
use super::done;
use crate::problem::Problem;
use axum::extract::Path;
use axum::response::Response;
use engine::people::{group, survivor};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

/// Orders that are shown.
const ORDERS: usize = 200;

/// The page.
#[derive(Serialize)]
pub struct HistoryPage {
    id: String,
    /// The newest first.
    orders: Vec<Order>,
    /// How many are shown, where there are more.
    newest: Option<usize>,
}

/// An order.
#[derive(Debug, PartialEq, Serialize)]
struct Order {
    id: String,
    on: Option<Date>,
    /// What was bought: `2 × latte, 1 × cup`.
    what: String,
    /// Minor units of the shop's currency; none where it was paid in another.
    paid_minor: Option<i64>,
    /// The currency and where it was bought, as far as they are known.
    beside: String,
}

impl Page for HistoryPage {
    const TEMPLATE: &'static str = "console/customers/history.html";
    const AREA: Area = Area::Customers;

    fn sample(_: &Reader) -> HistoryPage {
        let order = |number: i64| Order {
            id: format!("till/{number}"),
            on: Some(jiff::civil::date(2026, 3, 12)),
            what: "2 × cà phê sữa, 1 × bánh mì".to_owned(),
            paid_minor: Some(65_000 * number),
            beside: "q1".to_owned(),
        };
        let id = "cus_00000000000000000000004027".to_owned();
        HistoryPage { id, orders: vec![order(3), Order { paid_minor: None, ..order(2) }], newest: Some(2) }
    }
}

impl HistoryPage {
    /// Files told nothing.
    pub fn sample_none() -> HistoryPage {
        HistoryPage { id: "cus_1".to_owned(), orders: Vec::new(), newest: None }
    }
}

/// Who somebody is today, and what files have told of them; nothing where the server has no lake.
pub(super) async fn from_files(visit: &Visit, customer: &str) -> Result<(String, Vec<Value>), Problem> {
    let asked = customer.to_owned();
    let read = visit.app().read(move |session| {
        let reading = session.read();
        let id = done(survivor(&reading, &asked))?;
        let ids = group(&reading, &id)?;
        Ok((id, ids))
    });
    let (id, ids) = read.await?;
    let Some(lake) = visit.app().lake().cloned() else { return Ok((id, Vec::new())) };
    let told =
        move || (lake.workshop.history)(&ids).map_err(|failure| Problem::internal(failure.to_string()));
    Ok((id, visit.app().aside(told).await?))
}

/// Lines by their orders, the newest order first.
fn orders(lines: &[Value], currency: &str) -> Vec<Order> {
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let mut all: Vec<Order> = Vec::new();
    for line in lines {
        let source = text(line, "source");
        let id = match source.is_empty() {
            true => text(line, "order_id"),
            false => format!("{source}/{}", text(line, "order_id")),
        };
        let named = [text(line, "product_name"), text(line, "product_id")];
        let what = named.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let quantity = line["quantity_milli"].as_f64().unwrap_or(1000.0) / 1000.0;
        let what = if what.is_empty() { what } else { format!("{quantity} × {what}") };
        let is_own = line["currency"].as_str().is_none_or(|code| code == currency);
        let minor = line["total_minor"].as_i64().filter(|_| is_own);
        match all.last_mut().filter(|order| order.id == id) {
            Some(order) => {
                order.what.push_str(if order.what.is_empty() || what.is_empty() { "" } else { ", " });
                order.what.push_str(&what);
                order.paid_minor = order.paid_minor.zip(minor).map(|(before, more)| before + more);
            }
            None => {
                let other = if is_own { String::new() } else { text(line, "currency") };
                let beside = [other, text(line, "store_id"), text(line, "channel")];
                all.push(Order {
                    on: line["ordered_on"].as_str().and_then(|day| day.parse().ok()),
                    paid_minor: minor,
                    beside: beside
                        .into_iter()
                        .filter(|part| !part.is_empty())
                        .collect::<Vec<_>>()
                        .join(" · "),
                    id,
                    what,
                });
            }
        }
    }
    all.reverse();
    all
}

/// `GET /customers/{customer}/history`
pub async fn show(visit: Visit, Path(customer): Path<String>) -> Result<Response, Problem> {
    let (id, lines) = from_files(&visit, &customer).await?;
    let mut orders = orders(&lines, &visit.reader().currency);
    let newest = (orders.len() > ORDERS).then_some(ORDERS);
    orders.truncate(ORDERS);
    visit.show(&HistoryPage { id, orders, newest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lines_are_told_by_their_orders_the_newest_first() {
        let line = |order: &str, product: &str, minor: i64, currency: &str| {
            json!({"source": "till", "order_id": order, "ordered_on": "2026-03-12", "product_id": product,
                "product_name": null, "quantity_milli": 2000, "total_minor": minor, "currency": currency, "store_id": "q1"})
        };
        let told = orders(
            &[line("1", "tea", 500, "VND"), line("1", "cup", 700, "VND"), line("2", "tea", 12, "USD")],
            "VND",
        );
        let said: Vec<_> =
            told.iter().map(|one| (one.id.as_str(), one.what.as_str(), one.paid_minor)).collect();
        assert_eq!(said, [("till/2", "2 × tea", None), ("till/1", "2 × tea, 2 × cup", Some(1200))]);
        assert_eq!((told[0].beside.as_str(), told[1].beside.as_str()), ("USD · q1", "q1"));
        assert_eq!(told[1].on, Some(jiff::civil::date(2026, 3, 12)));
    }
}
