//! Conditions: the native evaluator and the CEL interpreter give one answer.

use jiff::civil::date;
use loyalty::condition::{Asked, Condition, FIELDS, Facts, NotACondition, Seen};
use loyalty::fact::{Line, Order, Tender};
use loyalty::name::Name;
use proptest::prelude::*;

fn order(total: i64, store: &str, categories: &[&str]) -> Order {
    let line = |(place, category): (usize, &&str)| Line {
        id: Name::new(&place.to_string()),
        product: "latte".into(),
        category: Name::new(category),
        quantity_milli: 1_000,
        gross_minor: total / categories.len() as i64,
        discount_minor: 0,
        tax_minor: 0,
    };
    Order {
        id: "o".into(),
        member: None,
        ordered_at: None,
        store: Some(store.into()),
        till: None,
        channel: Some("till".into()),
        currency: None,
        lines: categories.iter().enumerate().map(line).collect(),
        tenders: vec![Tender { kind: "card".into(), amount_minor: total, code: None }],
        shipping_minor: 0,
        invoice: None,
    }
}

fn seen() -> Seen {
    Seen {
        tiers: [("status".into(), "gold".into())].into(),
        segments: ["staff".into()].into(),
        days_joined: 40,
        orders_before: 3,
    }
}

#[test]
fn conditions_answer() {
    let order = order(1_000, "north", &["coffee", "bakery"]);
    let seen = seen();
    let facts = Facts {
        order: Some(&order),
        line: Some(&order.lines[0]),
        event: None,
        seen: &seen,
        day: date(2026, 3, 10),
    };
    for (source, native, answer) in [
        ("order.total_minor >= 1000", true, true),
        ("order.total_minor > 1000", true, false),
        ("order.store in ['north', 'south']", true, true),
        ("'gold' in member.tiers && order.month == 3", true, true),
        ("!('staff' in member.segments) || line.category == 'coffee'", true, true),
        ("order.day < '2026-03-11'", true, true),
        ("order.categories.exists(c, c.startsWith('bak'))", false, true),
        ("order.total_minor % 7 == 6", false, true),
        ("size(order.categories) == 2 ? member.orders_before == 3 : false", false, true),
        ("order.products[5] == 'latte'", false, false),
    ] {
        let condition =
            Condition::compile(source, Asked::OfLines).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(condition.holds(&facts), answer, "{source}");
        assert_eq!(condition.is_native(), native, "{source}");
        assert_eq!(condition.interpret(&facts).unwrap_or(false), answer, "{source}");
    }
}

#[test]
fn what_is_no_condition_is_refused() {
    let kind = |source: &str| match Condition::compile(source, Asked::OfLines) {
        Ok(_) => "fine",
        Err(NotACondition::Malformed(_)) => "malformed",
        Err(NotACondition::UnknownField { .. }) => "unknown",
        Err(NotACondition::NeverThere { .. }) => "never there",
        Err(NotACondition::NotABool(_)) => "not a bool",
        Err(NotACondition::TooDeep(_)) => "too deep",
    };
    for (source, expected) in [
        ("", "malformed"),
        ("order.total_minor >=", "malformed"),
        ("order.nothing == 1", "unknown"),
        ("shop.name == 'x'", "unknown"),
        ("total > 5", "unknown"),
        ("event.name == 'review'", "never there"),
        ("order.total_minor > 5 && ['x'].exists(x, x == event.name)", "never there"),
        ("order.total_minor + 1", "not a bool"),
        ("order.total_minor == 'x'", "not a bool"),
        ("nosuchfunction(order.store)", "not a bool"),
    ] {
        assert_eq!(kind(source), expected, "{source}");
    }
    assert_eq!(kind(&format!("{}true{}", "(".repeat(1_000), ")".repeat(1_000))), "too deep");
    assert_eq!(kind(&"!".repeat(1_000)), "too deep");
    assert!(FIELDS.iter().all(|field| !field.about.is_empty()));
}

#[test]
fn a_condition_asks_only_what_can_be_known_where_it_stands() {
    let fields = |asked: Asked| -> Vec<&str> {
        let is_known = |path: &&str| {
            let is_list = matches!(*path, "order.tenders" | "order.products" | "order.categories")
                || matches!(*path, "member.tiers" | "member.segments");
            let source = if is_list { format!("'x' in {path}") } else { format!("{path} == {path}") };
            Condition::compile(&source, asked).is_ok()
        };
        FIELDS.iter().map(|field| field.path).filter(is_known).collect()
    };
    let all: Vec<&str> = FIELDS.iter().map(|field| field.path).collect();
    let without = |roots: &[&str]| -> Vec<&str> {
        all.iter().copied().filter(|path| !roots.iter().any(|root| path.starts_with(root))).collect()
    };
    assert_eq!(fields(Asked::OfOrders), without(&["line.", "event."]));
    assert_eq!(fields(Asked::OfLines), without(&["event."]));
    let mut of_events = vec!["order.day", "order.month", "order.day_of_month"];
    of_events.extend(without(&["order.", "line."]));
    assert_eq!(fields(Asked::OfEvents), of_events);
}

fn source() -> impl Strategy<Value = String> {
    let text =
        prop_oneof![Just("'north'"), Just("'coffee'"), Just("'gold'"), Just("''"), Just("'2026-03-10'")];
    let number = (-3i64..1_500).prop_map(|number| number.to_string());
    let ints = prop_oneof![
        Just("order.total_minor".to_owned()),
        Just("order.lines".to_owned()),
        Just("member.orders_before".to_owned()),
        Just("line.paid_minor".to_owned()),
        number,
    ];
    let texts = prop_oneof![
        Just("order.store".to_owned()),
        Just("line.category".to_owned()),
        Just("order.day".to_owned()),
        text.prop_map(str::to_owned),
    ];
    let lists = prop_oneof![
        Just("member.tiers".to_owned()),
        Just("order.categories".to_owned()),
        Just("['north', 'gold']".to_owned()),
        Just("[]".to_owned()),
    ];
    let compare = prop_oneof![Just("=="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let atom = prop_oneof![
        (ints.clone(), compare.clone(), ints).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (texts.clone(), compare, texts.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (texts, lists).prop_map(|(a, b)| format!("{a} in {b}")),
        Just("true".to_owned()),
    ];
    atom.prop_recursive(4, 20, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) || ({b})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn native_and_interpreted_agree(source in source(), total in 0i64..2_000, store in "north|south") {
        let condition = Condition::compile(&source, Asked::OfLines).unwrap();
        prop_assert!(condition.is_native(), "{}", source);
        let order = order(total, &store, &["coffee", "bakery"]);
        let seen = seen();
        let facts = Facts { order: Some(&order), line: Some(&order.lines[0]), event: None, seen: &seen, day: date(2026, 3, 10) };
        prop_assert_eq!(Ok(condition.holds(&facts)), condition.interpret(&facts), "{}", source);
    }

    #[test]
    fn no_text_makes_the_compiler_panic(source in "[a-z0-9.()\\[\\]!&|=<>'\" ,?:+*-]{0,60}") {
        let _ = Condition::compile(&source, Asked::OfOrders);
    }
}
