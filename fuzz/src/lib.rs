//! What is done with whatever bytes come: the bodies of the fuzz targets. The tests of `loyalty` include this file and
//! throw mutated seeds at the same functions, so that they run on a stable toolchain and with every `cargo test`.

use jiff::civil::date;
use loyalty::condition::{Asked, Condition, Facts, Seen};
use loyalty::explain::{explain, explain_note};
use loyalty::fact::{Fact, Order};
use loyalty::judge::Output;
use loyalty::ledger::verify;
use loyalty::program::{Lang, Program, load};
use loyalty::simulate::{Told, read_events, simulate};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A little of everything that can happen, for whatever program there is.
const FACTS: &str = r#"{"at":"2026-03-01T02:00:00Z","type":"join","member":"ana","birthday":"02-29"}
{"at":"2026-03-02T02:00:00Z","type":"order","id":"o-1","member":"ana","store":"north","lines":[{"id":"1","product":"latte","category":"coffee","quantity_milli":2000,"gross_minor":90000,"discount_minor":10000,"tax_minor":700}],"tenders":[{"kind":"voucher","amount_minor":100}],"shipping_minor":300}
{"at":"2026-03-03T02:00:00Z","type":"return","id":"r-1","order":"o-1","lines":[{"line":"1","quantity_milli":1000}]}
{"at":"2026-03-04T02:00:00Z","type":"event","id":"e-1","member":"ana","name":"review"}
{"at":"2028-03-04T02:00:00Z","type":"tick"}"#;

/// Any text as a program file: refused with a line and a mend, or a program that can be shown, compared and run.
pub fn program_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let files = BTreeMap::from([("program.toml".to_owned(), text.to_owned())]);
    match load(&files) {
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(problem.line <= text.lines().count() + 1, "{problem}");
                assert!(!problem.what.is_empty() && !problem.mend.is_empty(), "{problem}");
            }
        }
        Ok(program) => {
            for lang in Lang::ALL {
                assert!(loyalty::show::show(&program, lang).starts_with("# "));
            }
            assert!(loyalty::diff::is_same(&program, &program));
            let events = read_events(FACTS).map(|event| event.expect("a fact"));
            for told in simulate(&program, 1, events) {
                explained(&program, &told);
            }
        }
    }
}

/// Whatever is told can be said in every language.
fn explained(program: &Program, told: &Told) {
    for lang in Lang::ALL {
        match told {
            Told::Output(output) => _ = explain(program, output, lang),
            Told::Note(note) => assert!(!explain_note(note, lang).is_empty()),
        }
    }
}

const ORDER: &str = r#"{"at":"2026-03-02T02:00:00Z","type":"order","id":"o-1","member":"ana","store":"north","channel":"web","lines":[{"id":"1","product":"latte","category":"coffee","quantity_milli":2000,"gross_minor":90000,"discount_minor":10000}],"tenders":[{"kind":"card","amount_minor":80000}]}"#;

fn order() -> Order {
    let event = read_events(ORDER).next().expect("a line").expect("a fact");
    match event.fact {
        Fact::Order(order) => order,
        other => panic!("{other:?}"),
    }
}

/// Any text as a condition: refused, or the same answer from the native evaluator and from CEL.
pub fn condition(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for asked in [Asked::OfOrders, Asked::OfLines, Asked::OfEvents] {
        let Ok(condition) = Condition::compile(text, asked) else { continue };
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
    }
}

const PROGRAM: &str = r#"
[program]
id = "fuzz"
name = "Fuzz"
zone = "Europe/Paris"
currency = "EUR"
claim_within = "7D"
[[wallet]]
id = "beans"
name = "Beans"
precision = 1
deficit = "negative"
restore_grace = "2D"
transfer_per_month = 500
[[expiry]]
wallet = "beans"
after = "30D"
extend = "1M"
[[earning]]
id = "base"
wallet = "beans"
per_amount = { every = "1.00", points = "1.2", whole = false }
by_tier = { gold = "1.5" }
pending = { delay = "2D" }
caps = [{ per = "day", points = 900 }]
budgets = [{ points = 9000, per_store = true }]
[[earning]]
id = "double"
wallet = "beans"
days = ["tue"]
multiply = { of = ["base"], by = 2 }
[[earning]]
id = "review"
wallet = "beans"
event = "review"
fixed = { points = 3 }
[[ladder]]
id = "status"
name = "Status"
counts = "spend"
window = "rolling"
length = "12M"
lasts = "6M"
[[ladder.tier]]
id = "green"
name = "Green"
threshold = 0
[[ladder.tier]]
id = "gold"
name = "Gold"
threshold = 100
bonus = { wallet = "beans", points = 9 }
[[reward]]
id = "coffee"
name = "Coffee"
kind = "product"
products = ["latte"]
stock = 3
prices = [{ wallet = "beans", points = 20 }]
[[reward]]
id = "card"
name = "Card"
kind = "stored_value"
value = "10.00"
prices = [{ wallet = "beans", points = 30 }]
voucher = { pattern = "CARD-########", valid = "1Y" }
[[mission]]
id = "week"
name = "Week"
counts = "orders"
target = 2
period = "week"
gift = { wallet = "beans", points = 4 }
[[referral]]
id = "friend"
minimum = "5.00"
within = "30D"
referrer = { wallet = "beans", points = 7 }
[[surprise]]
id = "gift"
one_in = 2
holdout_percent = 50
budget = 100
gift = { wallet = "beans", points = 5 }
[[pool]]
id = "home"
wallet = "beans"
members = 3
"#;

fn program() -> &'static Program {
    static PROGRAM_READ: OnceLock<Program> = OnceLock::new();
    PROGRAM_READ.get_or_init(|| {
        load(&BTreeMap::from([("program.toml".to_owned(), PROGRAM.to_owned())]))
            .expect("the program is sound")
    })
}

/// Any lines as facts: read or refused, judged without an end, and the ledger sound after each.
pub fn facts(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let program = program();
    let events = read_events(text).take(200).filter_map(Result::ok);
    let mut chains: BTreeMap<(String, String), Vec<_>> = BTreeMap::new();
    for told in simulate(program, 1, events) {
        explained(program, &told);
        if let Told::Output(Output::Posted { member, wallet, posting, .. }) = told {
            chains.entry((member.to_string(), wallet.to_string())).or_default().push(posting);
        }
    }
    for ((member, wallet), postings) in &chains {
        assert_eq!(verify("fuzz", member, wallet, postings), [], "{member}");
    }
}
