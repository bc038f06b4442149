//! How fast: one order against fifty rules, a member of ten thousand entries replayed, orders through a back-test.

use criterion::{Criterion, criterion_group, criterion_main};
use domain::Points;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use loyalty::backtest::{Backtest, History};
use loyalty::condition::Seen;
use loyalty::earning::{Budgets, Occasion, Tallies, What, rate};
use loyalty::fact::{Event, Fact, Line, Order};
use loyalty::ledger::{Account, Cause, Opening, Start, balance_at};
use loyalty::name::Name;
use loyalty::program::{Program, load};
use loyalty::time::Moment;
use loyalty::voucher::code;
use std::collections::BTreeMap;
use std::hint::black_box;

const HEAD: &str = r#"
[program]
id = "bench"
name = "Bench"
zone = "Asia/Ho_Chi_Minh"
currency = "USD"
[[wallet]]
id = "beans"
name = "Beans"
worth = "0.01"
[[expiry]]
wallet = "beans"
after = "12M"
"#;

fn program(rules: &str) -> Program {
    let files = BTreeMap::from([("program.toml".to_owned(), format!("{HEAD}{rules}"))]);
    load(&files).expect("the program is sound")
}

fn order(id: usize, lines: usize) -> Order {
    let line = |place: usize| Line {
        id: Name::new(&place.to_string()),
        product: Name::new(["latte", "bun", "tea", "beans", "cup"][place % 5]),
        category: Name::new(["coffee", "bakery", "tea", "home", "home"][place % 5]),
        quantity_milli: 1_000,
        gross_minor: 450 + place as i64 * 37,
        discount_minor: 0,
        tax_minor: 20,
    };
    Order {
        id: Name::new(&format!("o-{id}")),
        member: Some("ana".into()),
        ordered_at: None,
        store: Some("north".into()),
        till: None,
        channel: Some("till".into()),
        currency: None,
        lines: (0..lines).map(line).collect(),
        tenders: Vec::new(),
        shipping_minor: 0,
        invoice: None,
    }
}

/// Fifty rules, each with a condition on the order and every other one with a condition on the lines.
fn fifty_rules(interpreted: bool) -> Program {
    let mut text = String::new();
    for number in 0..50 {
        let categories = ["coffee", "bakery", "tea", "home", "none"];
        let category = categories[number % 5];
        // A text function is not evaluated natively: the interpreter answers.
        let when = if interpreted {
            format!("order.total_minor > {} && order.store.startsWith('nor')", number * 10)
        } else {
            format!("order.total_minor > {} && order.store == 'north'", number * 10)
        };
        let lines = if number % 2 == 0 {
            format!("lines = \"line.category == '{category}'\"\n")
        } else {
            String::new()
        };
        text += &format!(
            "[[earning]]\nid = \"rule-{number}\"\nwallet = \"beans\"\nwhen = \"{when}\"\n{lines}\
             per_amount = {{ every = \"1.00\", points = 1 }}\n"
        );
    }
    program(&text)
}

fn rate_one(c: &mut Criterion) {
    for (name, interpreted) in
        [("rate 5 lines, 50 rules", false), ("rate 5 lines, 50 rules, interpreted", true)]
    {
        let program = fifty_rules(interpreted);
        let order = order(1, 5);
        let seen = Seen::default();
        let at: Timestamp = "2026-03-10T08:00:00Z".parse().expect("an instant");
        c.bench_function(name, |bench| {
            bench.iter(|| {
                let moment = Moment::new(black_box(at), &program.zone);
                let occasion = Occasion {
                    moment: &moment,
                    what: What::Order(black_box(&order)),
                    seen: &seen,
                    birthday: None,
                    currency: program.head.currency,
                };
                rate(&program, &occasion, &mut Tallies::default(), &mut Budgets::default())
            });
        });
    }
}

fn replay_one(c: &mut Criterion) {
    let mut account = Account::open("bench", "ana", "beans");
    let mut postings = Vec::new();
    let mut at = date(2020, 1, 1).to_zoned(jiff::tz::TimeZone::UTC).expect("a day").timestamp();
    let mut number = 0;
    while postings.len() < 10_000 {
        number += 1;
        at += SignedDuration::from_hours(5);
        let points = Points::new(10 + number % 7).expect("above zero");
        let opening = Opening {
            earned_at: at,
            start: Start::Usable,
            expires_at: Some(at + SignedDuration::from_hours(24 * 365)),
        };
        let id = format!("o-{number}");
        account.earn(at, points, opening, Cause::new("order", &id), &mut postings).expect("room enough");
        if number % 3 == 0 {
            let points = Points::new(15).expect("above zero");
            account.spend(at, points, Cause::new("redemption", &id), &mut postings).expect("points enough");
        }
    }
    let middle = postings[postings.len() - 1].at;
    c.bench_function("replay 10000 entries", |bench| {
        bench.iter(|| balance_at("bench", "ana", "beans", black_box(&postings), middle));
    });
}

fn backtest_orders(c: &mut Criterion) {
    let rules = |every: &str| {
        let mut text = format!(
            "[[earning]]\nid = \"base\"\nwallet = \"beans\"\nper_amount = {{ every = \"{every}\", points = 1 }}\n\
             [[ladder]]\nid = \"status\"\nname = \"Status\"\ncounts = \"spend\"\nwindow = \"rolling\"\nlength = \"12M\"\n\
             lasts = \"12M\"\n[[ladder.tier]]\nid = \"green\"\nname = \"Green\"\nthreshold = 0\n\
             [[ladder.tier]]\nid = \"gold\"\nname = \"Gold\"\nthreshold = 100\n"
        );
        for number in 0..9 {
            text += &format!(
                "[[earning]]\nid = \"rule-{number}\"\nwallet = \"beans\"\nlines = \"line.category == 'coffee'\"\n\
                 when = \"order.total_minor > {}\"\nper_unit = {{ points = 1 }}\n",
                number * 300
            );
        }
        program(&text)
    };
    let (first, second) = (rules("1.00"), rules("2.00"));
    let begin: Timestamp = "2025-01-01T00:00:00Z".parse().expect("an instant");
    // Ten orders a member, as in ten million orders of a million members.
    let events = (0..10)
        .map(|number| Event {
            at: begin + SignedDuration::from_hours(24 * 30 * number),
            fact: Fact::Order(order(number as usize, 2)),
        })
        .collect();
    let history = History { member: "ana".into(), joined_at: begin, birthday: None, events };
    let until = begin + SignedDuration::from_hours(24 * 400);
    c.bench_function("back-test 10 orders of a member, two programs of 10 rules", |bench| {
        bench.iter(|| {
            let mut backtest = Backtest::begin(&first, &second, until, 10);
            backtest.add(black_box(&history));
            backtest.end()
        });
    });
}

/// A million codes of one pattern, each made from its number alone.
fn voucher_codes(c: &mut Criterion) {
    let codes = || (0..1_000_000).map(|number| code(black_box("COFFEE-####-####"), 7, "coffee", number));
    let distinct: std::collections::HashSet<String> = codes().collect();
    assert_eq!(distinct.len(), 1_000_000, "no code comes twice");
    let mut group = c.benchmark_group("codes");
    group.sample_size(10);
    group.bench_function("1000000 voucher codes", |bench| {
        bench.iter(|| codes().fold(0usize, |sum, code| sum + code.len()));
    });
    group.finish();
}

criterion_group!(speed, rate_one, replay_one, backtest_orders, voucher_codes);
criterion_main!(speed);
