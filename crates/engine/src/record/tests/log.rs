//! What the log comes to: rows of the fact tables, each fact once, told from events in whatever order they came.

use super::shop::{Shop, join, places};
use crate::collect::live::{EventLog, Shop as Reading};
use domain::column::Batch;
use domain::fact::Table;
use domain::port::Log;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

/// The facts of a shop's log, a line each, sorted.
fn facts(shop: &Shop) -> Vec<String> {
    let reading = Reading {
        secret: [7; 32],
        zone: TimeZone::get("Asia/Ho_Chi_Minh").unwrap(),
        currency: "USD".parse().unwrap(),
    };
    let mut found = Vec::new();
    let log = EventLog::new(shop.sessions.clone(), reading);
    let versions = log
        .unsealed(&mut |facts| {
            found.extend((0..facts.rows.rows()).map(|row| shown(facts.table, &facts.rows, row)));
            Ok(())
        })
        .unwrap();
    assert_eq!(versions, []);
    found.sort();
    found
}

fn shown(table: Table, rows: &Batch, row: usize) -> String {
    let text = |name: &str| rows.find(name).and_then(|column| column.text(row)).unwrap_or("-").to_owned();
    let int = |name: &str| {
        rows.find(name).and_then(|column| column.int(row)).map_or("-".into(), |cell| cell.to_string())
    };
    let who = if text("customer_id") == "-" { "nobody" } else { "somebody" };
    let told = match table {
        Table::Lines => vec![text("order_id"), text("product_id"), int("total_minor"), int("ordered_on")],
        Table::Returns => vec![
            text("order_id"),
            text("return_id"),
            text("product_id"),
            int("quantity_milli"),
            int("refund_minor"),
            text("reason"),
        ],
        Table::Customers => vec![int("joined_on"), int("birth_month")],
        _ => vec![text("name"), text("event_id"), text("order_id")],
    };
    format!("{} {} {who}", table.name(), told.join(" "))
}

fn check(story: &[&str], expected: &[&str]) {
    for place in places() {
        let mut shop = Shop::open(place);
        for line in story {
            shop.record(line);
            shop.later(SignedDuration::from_mins(1));
        }
        assert_eq!(facts(&shop), expected, "{story:#?}");
        shop.prove();
    }
}

const TWO_LINES: &str = r#"{"type": "order", "source": "till", "id": "o-1", "member": "ana", "lines": [
    {"id": "1", "product": "latte", "gross_minor": 450, "quantity_milli": 3000}, {"id": "2", "product": "cup", "gross_minor": 999, "discount_minor": 99}]}"#;

#[test]
fn orders_and_what_comes_back_of_them() {
    let one_line = TWO_LINES.replace('\n', " ");
    // 1 March 2026 is day 20513.
    check(
        &[
            r#"{"type": "join", "member": "ana", "birthday": "05-31", "marks": ["device:x"]}"#,
            &one_line,
            &one_line,
            r#"{"type": "return", "source": "till", "id": "r-1", "order": "o-1", "lines": [{"line": "1", "quantity_milli": 1000}, {"line": "2", "amount_minor": 50}]}"#,
            r#"{"type": "return", "source": "till", "id": "r-2", "order": "o-1"}"#,
            r#"{"type": "event", "source": "web", "id": "e-1", "member": "ana", "name": "review", "order": "o-1"}"#,
        ],
        &[
            "customers 20513 5 somebody",
            "events review e-1 o-1 somebody",
            "lines o-1 cup 900 20513 somebody",
            "lines o-1 latte 450 20513 somebody",
            "returns o-1 r-1 cup - 50 - somebody",
            "returns o-1 r-1 latte 1000 150 - somebody",
            "returns o-1 r-2 cup 1000 850 - somebody",
            "returns o-1 r-2 latte 2000 300 - somebody",
        ],
    );
}

#[test]
fn returns_wait_for_their_order_and_can_be_taken_back() {
    check(
        &[
            &join("ana"),
            r#"{"type": "return", "id": "r-1", "order": "o-1", "lines": [{"line": "1"}]}"#,
            r#"{"type": "return", "id": "r-9", "order": "o-9"}"#,
            r#"{"type": "order", "id": "o-1", "member": "ana", "lines": [{"id": "1", "product": "tea", "gross_minor": 300}, {"id": "2", "product": "bun", "gross_minor": 200}]}"#,
            r#"{"type": "return", "id": "r-2", "order": "o-1", "lines": [{"line": "2"}]}"#,
            r#"{"type": "return_undone", "id": "r-2", "order": "o-1"}"#,
        ],
        &[
            "customers 20513 - somebody",
            "lines o-1 bun 200 20513 somebody",
            "lines o-1 tea 300 20513 somebody",
            "returns o-1 r-1 tea 1000 300 - somebody",
        ],
    );
}

#[test]
fn corrected_claimed_and_called_off() {
    check(
        &[
            &join("ana"),
            r#"{"type": "order", "id": "b-1", "invoice": "INV-1", "lines": [{"id": "1", "product": "tea", "gross_minor": 300}]}"#,
            r#"{"type": "order", "id": "b-2", "lines": [{"id": "1", "product": "bun", "gross_minor": 200}]}"#,
            r#"{"type": "claim", "member": "ana", "invoice": "INV-1"}"#,
            r#"{"type": "order_updated", "order": {"id": "b-1", "lines": [{"id": "1", "product": "tea", "gross_minor": 350}, {"id": "2", "product": "cake", "gross_minor": 500}]}}"#,
            r#"{"type": "order", "id": "o-3", "member": "ana", "lines": [{"id": "1", "product": "cup", "gross_minor": 900}]}"#,
            r#"{"type": "order_cancelled", "order": "o-3"}"#,
        ],
        &[
            "customers 20513 - somebody",
            "lines b-1 cake 500 20513 somebody",
            "lines b-1 tea 350 20513 somebody",
            "lines b-2 bun 200 20513 nobody",
            "lines o-3 cup 900 20513 somebody",
            "returns o-3 - cup 1000 900 cancelled somebody",
        ],
    );
}
