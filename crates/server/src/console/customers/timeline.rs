//! What happened with a customer, the newest first, each with its why.

use super::super::reader::Reader;
use engine::people::export::{Entry, Happened, Order, PersonData};
use jiff::Timestamp;
use jiff::civil::DateTime;
use loyalty::number::decimal;
use serde::Serialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use store::ContactRow;

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// On the shop's clock.
    at: DateTime,
    /// `order`, `points`, `consent`, `stage`, `merge`, `event`, `said`, `campaign`, `request`: the words are
    /// `console-time-{kind}`.
    kind: &'static str,
    /// What it is about: an order's id, a channel, a state.
    what: String,
    /// More of it, such as what was bought.
    about: String,
    /// Money, minor units.
    amount_minor: Option<i64>,
    /// What came back of it, minor units; 0 where nothing.
    returned_minor: i64,
    /// Points, signed, as a decimal; empty where none moved.
    points: String,
    /// Whether points went away.
    is_loss: bool,
    /// Why, in sentences.
    why: Vec<String>,
}

impl Item {
    fn new(reader: &Reader, at: Timestamp, kind: &'static str, what: impl Into<String>) -> (Timestamp, Item) {
        let item = Item {
            at: reader.local(at),
            kind,
            what: what.into(),
            about: String::new(),
            amount_minor: None,
            returned_minor: 0,
            points: String::new(),
            is_loss: false,
            why: Vec::new(),
        };
        (at, item)
    }

    /// One of each kind.
    pub fn samples(reader: &Reader) -> Vec<Item> {
        let at = Timestamp::constant(1_793_000_000, 0);
        let one = |kind, what: &str| Item::new(reader, at, kind, what).1;
        vec![
            Item {
                about: "2 × nau-da, 1 × banh-mi".to_owned(),
                amount_minor: Some(118_000),
                returned_minor: 30_000,
                points: "+14".to_owned(),
                why: vec!["14 points: 1 per 10,000 ₫, Gold × 1.25.".to_owned()],
                ..one("order", "till/8841")
            },
            Item {
                points: "-50".to_owned(),
                is_loss: true,
                why: vec!["50 points spent.".to_owned()],
                ..one("points", "spend")
            },
            Item { about: "marketing".to_owned(), ..one("consent", "sms") },
            Item { about: "23 days past the usual time".to_owned(), ..one("stage", "at_risk") },
            Item { about: "showed both cards".to_owned(), ..one("merge", "cus_2") },
            one("event", "review"),
            Item {
                about: "Đợi 20 phút mà nhân viên không một lời xin lỗi.".to_owned(),
                ..one("said", "comment")
            },
            Item { about: "contact".to_owned(), ..one("campaign", "autumn") },
            Item { about: "ticked by hand".to_owned(), ..one("campaign", "autumn") },
            one("request", "access"),
        ]
    }
}

/// The timeline of a person, as far as `data` and `contacts` tell it. `by_hand` says why points were given by hand, and by whom, by the id of the adjustment.
pub fn of(
    reader: &Reader,
    data: &PersonData,
    contacts: &[ContactRow],
    by_hand: &HashMap<String, String>,
) -> Vec<Item> {
    let orders: HashSet<&str> = data.orders.iter().map(|order| order.order.as_str()).collect();
    let (mut of_orders, mut free): (HashMap<&str, Vec<&Entry>>, Vec<&Entry>) = Default::default();
    for entry in &data.ledger {
        match order_of(entry).filter(|order| orders.contains(order)) {
            Some(order) => of_orders.entry(order).or_default().push(entry),
            None => free.push(entry),
        }
    }
    let mine = |order: &Order| of_orders.get(order.order.as_str()).map_or(&[][..], Vec::as_slice);
    let bought = bought(data);
    let of_order = |order: &Order| {
        let (at, item) = of_order(reader, order, mine(order));
        (at, Item { about: bought.get(&order.order).cloned().unwrap_or_default(), ..item })
    };
    let mut all: Vec<(Timestamp, Item)> = data.orders.iter().map(of_order).collect();
    all.extend(free.into_iter().map(|entry| {
        let (at, item) = of_entry(reader, entry);
        let said = entry.cause.split_once(' ').and_then(|(_, id)| by_hand.get(id));
        (at, Item { about: said.cloned().unwrap_or_default(), ..item })
    }));
    all.extend(data.consents.iter().map(|row| {
        let (at, item) = Item::new(reader, instant(row.happened_at), "consent", &row.channel);
        (at, Item { about: format!("{} · {}", row.purpose, row.status), ..item })
    }));
    all.extend(data.person.lifecycle.iter().map(|stage| {
        let (at, item) = Item::new(reader, stage.since, "stage", &stage.state);
        (at, Item { about: stage.reason.clone(), ..item })
    }));
    all.extend(data.person.merges.iter().map(|row| {
        let (at, item) = Item::new(reader, instant(row.merged_at), "merge", &row.from_id);
        (at, Item { about: row.evidence.clone(), ..item })
    }));
    // Orders and what moves points are told above, with their entries.
    let events = data.events.iter().filter(|event| event.kind == "event");
    all.extend(events.map(|event| {
        let name = event.body["name"].as_str().unwrap_or(&event.kind);
        Item::new(reader, event.at, "event", name)
    }));
    all.extend(data.feedback.iter().map(|words| {
        let (at, item) = Item::new(reader, words.recorded_at, "said", &words.part);
        (at, Item { about: words.text.clone(), ..item })
    }));
    all.extend(
        data.person
            .requests
            .iter()
            .map(|row| Item::new(reader, instant(row.received_at), "request", &row.kind)),
    );
    all.extend(contacts.iter().map(|row| {
        let (at, item) = Item::new(reader, instant(row.happened_at), "campaign", &row.campaign_id);
        (at, Item { about: row.what.clone(), ..item })
    }));
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    all.into_iter().map(|(_, item)| item).collect()
}

fn instant(micros: i64) -> Timestamp {
    engine::record::view::at(micros)
}

/// The order that made an entry, or of which something came back.
fn order_of(entry: &Entry) -> Option<&str> {
    match entry.cause.split_once(' ')? {
        ("order", order) => Some(order),
        // The id of a return stands behind that of its order.
        ("return", back) => back.rsplit_once('/').map(|(order, _)| order),
        _ => None,
    }
}

fn of_order(reader: &Reader, order: &Order, entries: &[&Entry]) -> (Timestamp, Item) {
    let (at, item) = Item::new(reader, order.ordered_at, "order", &order.order);
    let units: i64 = entries.iter().map(|entry| entry.units).sum();
    let precision = entries.first().map_or(0, |entry| entry.precision);
    let item = Item {
        amount_minor: Some(order.paid_minor),
        returned_minor: order.returned_minor,
        points: signed(units, precision),
        is_loss: units < 0,
        why: entries.iter().map(|entry| entry.explanation.clone()).collect(),
        ..item
    };
    (at, item)
}

fn of_entry(reader: &Reader, entry: &Entry) -> (Timestamp, Item) {
    let (at, item) = Item::new(reader, entry.at, "points", &entry.kind);
    let item = Item {
        points: signed(entry.units, entry.precision),
        is_loss: entry.units < 0,
        why: vec![entry.explanation.clone()],
        ..item
    };
    (at, item)
}

fn signed(units: i64, precision: u32) -> String {
    match units {
        0 => String::new(),
        units if units > 0 => format!("+{}", decimal(units, precision)),
        units => decimal(units, precision),
    }
}

/// What was bought, by order, as it was told; the books keep amounts only.
fn bought(data: &PersonData) -> HashMap<String, String> {
    let told = data.events.iter().filter(|event| event.kind.starts_with("order"));
    let of = |event: &Happened| {
        let order = if event.body["order"].is_object() { &event.body["order"] } else { &event.body };
        let id = order["id"].as_str()?;
        let id = if event.source.is_empty() { id.to_owned() } else { format!("{}/{id}", event.source) };
        Some((id, lines(&order["lines"])))
    };
    told.filter_map(of).collect()
}

/// What was bought: `2 × latte, 1 × cup`.
fn lines(lines: &Value) -> String {
    let of = |line: &Value| {
        let product = line["product"].as_str()?;
        let quantity = line["quantity_milli"].as_f64().unwrap_or(1000.0) / 1000.0;
        Some(format!("{quantity} × {product}"))
    };
    let all: Vec<String> = lines.as_array().into_iter().flatten().filter_map(of).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_belong_to_their_order() {
        let entry = |cause: &str| Entry {
            program: "p".into(),
            wallet: "w".into(),
            number: 0,
            at: Timestamp::UNIX_EPOCH,
            kind: "earn".into(),
            units: 5,
            precision: 0,
            cause: cause.into(),
            explanation: String::new(),
        };
        assert_eq!(order_of(&entry("order till/8841")), Some("till/8841"));
        assert_eq!(order_of(&entry("return till/8841/r-1")), Some("till/8841"));
        assert_eq!(order_of(&entry("staff adj_1")), None);
        assert_eq!([signed(5, 0), signed(-15, 1), signed(0, 0)], ["+5", "-1.5", ""]);
        let bought = serde_json::json!([{"product": "latte", "quantity_milli": 2000}, {"product": "cup"}]);
        assert_eq!(lines(&bought), "2 × latte, 1 × cup");
    }
}
