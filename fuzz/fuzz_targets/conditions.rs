//! Any text as a condition: refused, or the same answer from the native evaluator and from CEL.
#![no_main]

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use loyalty::condition::{Condition, Facts, Seen};
use loyalty::fact::{Fact, Order};

const ORDER: &str = r#"{"at":"2026-03-02T02:00:00Z","type":"order","id":"o-1","member":"ana","store":"north","channel":"web","lines":[{"id":"1","product":"latte","category":"coffee","quantity_milli":2000,"gross_minor":90000,"discount_minor":10000}],"tenders":[{"kind":"card","amount_minor":80000}]}"#;

fn order() -> Order {
    let event = loyalty::simulate::read_events(ORDER).next().expect("a line").expect("a fact");
    match event.fact {
        Fact::Order(order) => order,
        other => panic!("{other:?}"),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(condition) = Condition::compile(text) else { return };
    let order = order();
    let seen = Seen { days_joined: 40, orders_before: 3, ..Seen::default() };
    let day = date(2026, 3, 2);
    for (order, line) in [(Some(&order), order.lines.first()), (Some(&order), None), (None, None)] {
        let facts = Facts { order, line, event: None, seen: &seen, day };
        let answer = condition.holds(&facts);
        if condition.is_native() {
            assert_eq!(Ok(answer), condition.interpret(&facts), "{text}");
        }
    }
});
