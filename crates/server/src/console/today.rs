//! What happens in the shop today, as it happens: orders since midnight by the shop's clock, what they came to, who joined.
//! The page asks again when `/live` tells of news; without script it is as of when it was loaded.

use super::guard::Visit;
use crate::problem::Problem;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::DateTime;
use loyalty::fact::Order;
use serde::Serialize;
use store::EventRow;

/// Events that are looked at, the newest: beyond these a count is said to be at least so many.
const MOST: i64 = 5000;
/// What is news for a page that shows today.
const NEWS: &str = "points.* tier.changed reward.given mission.completed";

/// The day so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Today {
    orders: usize,
    /// Whether there are more than are counted.
    is_more: bool,
    sales_minor: i64,
    joined: usize,
    last_at: Option<DateTime>,
}

impl Today {
    /// A busy morning.
    pub fn sample() -> Today {
        let last_at = Some(jiff::civil::date(2026, 10, 12).at(11, 42, 0, 0));
        Today { orders: 214, is_more: true, sales_minor: 18_400_000, joined: 6, last_at }
    }

    /// As the record has it.
    pub async fn of(visit: &Visit) -> Result<Today, Problem> {
        let reader = visit.reader().clone();
        let now = visit.app().now().to_zoned(reader.zone.clone());
        let midnight = now.start_of_day().map_err(|error| Problem::internal(error.to_string()))?;
        // Ids of events begin with their microseconds.
        let first = format!("{:016x}", midnight.timestamp().as_microsecond().max(0));
        let read = visit.app().read(move |session| {
            let reading = session.read();
            let of = |kind: &str| reading.newest_events_from(&first, kind, MOST + 1);
            Ok((of("order")?, of("join")?.len()))
        });
        let (orders, joined) = read.await?;
        Ok(Today {
            orders: orders.len().min(MOST as usize),
            is_more: orders.len() as i64 > MOST,
            sales_minor: orders.iter().map(paid).sum(),
            joined,
            last_at: orders.first().map(|row| reader.local_micros(row.happened_at)),
        })
    }
}

fn paid(row: &EventRow) -> i64 {
    let body: serde_json::Value = serde_json::from_str(&row.body).unwrap_or_default();
    let order = if body["order"].is_object() { body["order"].clone() } else { body };
    serde_json::from_value::<Order>(order).map_or(0, |order| order.paid_minor())
}

/// `GET /live`: news, for pages that show the day.
pub async fn live(visit: Visit, headers: HeaderMap) -> Result<Response, Problem> {
    crate::routes::live::stream(visit.app().clone(), &headers, NEWS.to_owned(), None).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_order_came_to_is_read_from_its_event() {
        let row = |body: &str| EventRow {
            event_id: "1".into(),
            kind: "order".into(),
            source: "till".into(),
            customer_id: None,
            happened_at: 0,
            recorded_at: 0,
            body: body.into(),
            about: "order:till/1".into(),
            part: String::new(),
        };
        let order = r#"{"id": "1", "lines": [{"id": "1", "product": "latte", "gross_minor": 90000, "discount_minor": 10000}]}"#;
        assert_eq!(paid(&row(order)), 80_000);
        assert_eq!(paid(&row("{}")), 0);
    }
}
