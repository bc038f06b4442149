//! The report of a whole shop: page, numbers and scores agree, in every language, with what was imported.

use crate::program::{Bench, holdings};
use serde_json::Value;

/// A corner shop from the simulated market, with returns, customers, feedback and costs.
fn corner_shop() -> Bench {
    let bench = Bench::new();
    bench.ok("world --customers 250 --weeks 60 --seed 3 --out market --quiet");
    bench.ok(
        "import orders market/orders.csv --currency VND --timezone Asia/Ho_Chi_Minh --shop Corner --quiet",
    );
    bench.ok("import returns market/returns.csv --quiet");
    bench.ok("import customers market/customers.csv --quiet");
    bench.ok("import feedback market/feedback.csv --quiet");
    bench
}

#[test]
fn page_numbers_and_scores_agree() {
    let bench = corner_shop();
    bench.ok("xray --out xray.html --out-json xray.json --out-scores scores.csv --margin column --quiet");
    let page = std::fs::read_to_string(bench.path("xray.html")).expect("a page");
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    for asks in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!page.contains(asks), "the page asks the network: {asks}");
    }
    let json: Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("xray.json")).expect("numbers"))
            .expect("JSON");
    assert!(json.get("schema").is_some(), "the numbers have no version of their schema");
    let scores = std::fs::read_to_string(bench.path("scores.csv")).expect("scores");
    let known = holdings(&bench)["customers"].as_u64().expect("customers");
    assert_eq!(scores.lines().count() as u64 - 1, known, "one row per customer");
    // The scores carry the shop's own keys.
    let orders = std::fs::read_to_string(bench.path("market/orders.csv")).expect("orders");
    let key = orders.lines().skip(1).filter_map(|line| line.split(',').nth(2)).find(|key| !key.is_empty());
    assert!(scores.contains(key.expect("a key")), "scores do not name the shop's customers");
}

#[test]
fn every_language_has_a_page_of_its_own() {
    let bench = corner_shop();
    let mut pages = Vec::new();
    for lang in ["en", "vi", "zh", "zh-Hant"] {
        bench.ok(&format!("xray --out {lang}.html --lang {lang} --quiet"));
        pages.push(std::fs::read_to_string(bench.path(&format!("{lang}.html"))).expect("a page"));
    }
    for (page, word) in pages.iter().zip(["customers", "khách", "顾客", "顧客"]) {
        assert!(page.contains(word), "no '{word}'");
    }
    for (page, lang) in pages.iter().zip(["en", "vi", "zh", "zh-Hant"]) {
        assert!(page.contains(&format!("<html lang=\"{lang}")), "{lang} is not said");
    }
}

#[test]
fn a_report_on_files_alone_keeps_nothing() {
    let bench = Bench::new();
    bench.ok("world --customers 120 --weeks 60 --seed 5 --out market --quiet");
    bench.ok("xray --orders market/orders.csv --currency VND --out xray.html --quiet");
    assert!(bench.path("xray.html").exists());
    assert!(!bench.path("perennial-data").exists(), "a data folder was left behind");
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Equal, numbers to nine digits: sums over customers run on all cores, and the order in which floats are added up
/// moves the last of their sixteen digits.
fn agree(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().expect("a number"), b.as_f64().expect("a number"));
            (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| agree(a, b)))
        }
        _ => one == two,
    }
}

#[test]
fn the_same_data_give_the_same_report() {
    let bench = corner_shop();
    let numbers = |name: &str| {
        bench.ok(&format!("xray --out {name}.html --out-json {name}.json --quiet"));
        std::fs::read_to_string(bench.path(&format!("{name}.json"))).expect("numbers")
    };
    let (one, two) = (parsed(&numbers("one")), parsed(&numbers("two")));
    assert!(agree(&one, &two), "the same data give other numbers");
    bench.ok("lake compact");
    let (before, after): (Value, Value) = (
        serde_json::from_str(&numbers("one")).expect("JSON"),
        serde_json::from_str(&numbers("three")).expect("JSON"),
    );
    assert_eq!(before["headlines"], after["headlines"], "compaction changes what is said");
}
