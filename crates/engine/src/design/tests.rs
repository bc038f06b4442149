//! The back-test on relations given by hand, the accounts on a story counted by hand, and the pages in every language.

use super::backtest::{Document, Options, People, Refused, Stopped, backtest};
use super::{backtest_page, liabilities, rules_page};
use assets::{Assets, Lang};
use domain::Currency;
use domain::column::{Batch, Column, Values};
use domain::port::{Failure, Insights};
use jiff::civil::{Date, date};
use loyalty::liability::{Policy, Shares};
use loyalty::program::{Program, load};
use loyalty::time::start_of;
use std::collections::BTreeMap;
use std::sync::Mutex;

const SHOP: &str = r#"
[program]
id = "old"
name = { en = "Old card", vi = "Thẻ cũ", zh = "旧卡" }
zone = "Asia/Ho_Chi_Minh"
currency = "USD"
[[wallet]]
id = "beans"
name = "Beans"
worth = "0.01"
[[expiry]]
wallet = "beans"
after = "6M"
[[earning]]
id = "base"
wallet = "beans"
per_amount = { every = "1.00", points = 1 }
[[ladder]]
id = "status"
name = "Status"
counts = "spend"
window = "rolling"
length = "12M"
lasts = "12M"
[[ladder.tier]]
id = "green"
name = "Green"
threshold = 0
[[ladder.tier]]
id = "gold"
name = "Gold"
threshold = 100
"#;

fn program(text: &str) -> Program {
    load(&BTreeMap::from([("program.toml".to_owned(), text.to_owned())])).expect("the program is sound")
}

fn new() -> Program {
    program(
        &SHOP
            .replace("\"old\"", "\"new\"")
            .replace("Old card", "New card")
            .replace("every = \"1.00\", points = 1", "every = \"10.00\", points = 15"),
    )
}

/// A line of an order: customer, order, day of 2026, product, thousandths, minor units.
type Sold = (&'static str, &'static str, (i8, i8), &'static str, i64, i64);
/// A line of a return: customer, order, day of 2026, product, thousandths, minor units.
type Back = (&'static str, &'static str, (i8, i8), Option<&'static str>, Option<i64>, i64);

/// Answers the relations of `program` as the query engine would.
struct Shop {
    sold: Vec<Sold>,
    back: Vec<Back>,
    asked: Mutex<BTreeMap<String, Batch>>,
}

fn shop() -> Shop {
    Shop {
        sold: vec![
            ("cus_ana", "o-1", (1, 2), "a", 2_000, 12_000),
            ("cus_ana", "o-2", (1, 4), "a", 1_000, 6_000),
            ("cus_bo", "o-3", (1, 2), "tea", 1_000, 900),
            ("cus_bo", "o-4", (8, 2), "tea", 1_000, 500),
            ("cus_dan", "o-5", (1, 2), "tea", 1_000, 10_000),
            ("cus_dan", "o-6", (1, 3), "tea", 1_000, -50),
        ],
        back: vec![
            ("cus_ana", "o-1", (1, 3), Some("a"), Some(1_000), 6_000),
            ("cus_bo", "o-9", (1, 3), None, None, 100),
        ],
        asked: Mutex::default(),
    }
}

fn micros((month, day): (i8, i8)) -> i64 {
    let at = date(2026, month, day).at(10, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).expect("a day");
    at.timestamp().as_microsecond()
}

fn days(day: Date) -> i32 {
    date(1970, 1, 1).until(day).expect("near").get_days()
}

impl Shop {
    fn within(&self, id: &str, on: (i8, i8)) -> bool {
        let asked = self.asked.lock().expect("alone");
        let history = &asked["run.history"];
        let day = i64::from(days(date(2026, on.0, on.1)));
        let bound = |name: &str| history.column(name).text(0).map(str::to_owned);
        history.column("from_on").int(0).is_some_and(|from| from <= day)
            && history.column("until_on").int(0).is_some_and(|until| day < until)
            && bound("first_id").is_none_or(|first| *id >= *first)
            && bound("past_id").is_none_or(|past| *id < *past)
    }

    fn lines(&self) -> Batch {
        let rows: Vec<&Sold> = self.sold.iter().filter(|row| self.within(row.0, row.2)).collect();
        let texts = |name: &str, of: &dyn Fn(&Sold) -> &'static str| {
            Column::texts(name, rows.iter().map(|row| Some(of(row))).collect::<Vec<_>>())
        };
        let ints = |name: &str, of: &dyn Fn(&Sold) -> Option<i64>| {
            Column::ints(name, rows.iter().map(|row| of(row)))
        };
        Batch::new(vec![
            texts("customer_id", &|row| row.0),
            texts("source", &|_| "till"),
            texts("order_id", &|row| row.1),
            Column::new("ordered_at", Values::Instant(rows.iter().map(|row| micros(row.2)).collect())),
            texts("product_id", &|row| row.3),
            texts("category", &|_| "drinks"),
            ints("quantity_milli", &|row| Some(row.4)),
            ints("total_minor", &|row| Some(row.5)),
            ints("discount_minor", &|_| None),
            ints("tax_minor", &|_| None),
            texts("store_id", &|_| "harbour"),
            texts("channel", &|_| "till"),
            texts("tender", &|_| "cash"),
        ])
    }

    fn returns(&self) -> Batch {
        let rows: Vec<&Back> = self.back.iter().filter(|row| self.within(row.0, row.2)).collect();
        Batch::new(vec![
            Column::texts("customer_id", rows.iter().map(|row| Some(row.0))),
            Column::texts("source", rows.iter().map(|_| Some("returns.csv"))),
            Column::texts("return_id", rows.iter().map(|_| Some("r"))),
            Column::texts("order_id", rows.iter().map(|row| Some(row.1))),
            Column::new("returned_at", Values::Instant(rows.iter().map(|row| micros(row.2)).collect())),
            Column::texts("product_id", rows.iter().map(|row| row.3)),
            Column::ints("quantity_milli", rows.iter().map(|row| row.4)),
            Column::ints("refund_minor", rows.iter().map(|row| Some(row.5))),
        ])
    }

    /// A span for each customer.
    fn spans(&self) -> Batch {
        let mut ids: Vec<&str> =
            self.sold.iter().filter(|row| self.within(row.0, row.2)).map(|row| row.0).collect();
        ids.sort_unstable();
        ids.dedup();
        let lines =
            |id: &str| self.sold.iter().filter(|row| row.0 == id && self.within(row.0, row.2)).count() as i64;
        Batch::new(vec![
            Column::texts("first_id", ids.iter().map(|id| Some(*id))),
            Column::ints("lines", ids.iter().map(|id| Some(lines(id)))),
        ])
    }
}

impl Insights for Shop {
    fn provide(&self, name: &str, rows: Batch) -> Result<(), Failure> {
        self.asked.lock().expect("alone").insert(name.to_owned(), rows);
        Ok(())
    }

    fn run(&self, relation: &str) -> Result<Batch, Failure> {
        Ok(match relation {
            "data.range" => Batch::new(vec![
                Column::texts("currency", [Some("USD")]),
                Column::new("first_on", Values::Day(vec![days(date(2026, 1, 1))])),
                Column::new("last_on", Values::Day(vec![days(date(2026, 12, 31))])),
                Column::ints("lines", [Some(1)]),
            ]),
            "program.range" => Batch::new(vec![
                Column::new("first_on", Values::Day(vec![days(date(2026, 1, 1))])),
                Column::new("last_on", Values::Day(vec![days(date(2026, 12, 31))])),
            ]),
            "program.spans" => self.spans(),
            "program.lines" => self.lines(),
            "program.returns" => self.returns(),
            "program.members" => Batch::new(vec![
                Column::texts("customer_id", [Some("cus_ana")]),
                Column::new("joined_on", Values::Day(vec![days(date(2025, 6, 1))])),
            ]),
            other => return Err(Failure::new(format!("nobody should ask for {other}"))),
        })
    }

    fn keep(&self, _relation: &str) -> Result<u64, Failure> {
        Ok(0)
    }
}

fn usd() -> Currency {
    "USD".parse().expect("a currency")
}

fn options() -> Options {
    Options { zone: Some("Asia/Ho_Chi_Minh".to_owned()), ..Options::new(usd()) }
}

fn run(shop: &Shop, programs: [&Program; 2], options: &Options) -> Result<Document, Stopped> {
    let key = |id: &str| (id == "cus_ana").then(|| "A-17".to_owned());
    let people = People { birthday: &|_| None, key: &key };
    backtest(shop, programs, options, &people, &mut |_| {})
}

#[test]
fn two_programs_over_one_history_to_the_point() {
    let (old, new) = (program(SHOP), new());
    let document = run(&shop(), [&old, &new], &options()).expect("a back-test");
    let result = &document.result;
    assert_eq!((result.members, result.orders, result.returns, result.refused), (3, 5, 1, 0));
    assert_eq!(result.sales_minor, 12_000 + 6_000 + 900 + 500 + 10_000);
    assert_eq!((document.left_out.lines_below_zero, document.left_out.returns_without_order), (1, 1));
    let wallet = result.first.wallets["beans"];
    assert_eq!((wallet.earned, wallet.clawed_back, wallet.expired, wallet.outstanding), (294, 60, 229, 5));
    let wallet = result.second.wallets["beans"];
    assert_eq!((wallet.earned, wallet.clawed_back, wallet.expired, wallet.outstanding), (420, 90, 330, 0));
    assert_eq!((result.first.cost_minor, result.second.cost_minor), (234, 330));
    assert_eq!((result.gain, result.lose, result.same), (2, 1, 0));
    // The shop's own key, where it has one.
    assert_eq!(
        result.gain_most.iter().map(|row| row.member.as_str()).collect::<Vec<_>>(),
        ["A-17", "cus_dan"]
    );
    assert_eq!(result.first.tiers["gold"], 2);
    for threads in [1, 3] {
        let alike = run(&shop(), [&old, &new], &Options { threads, ..options() }).expect("a back-test");
        assert_eq!(alike, document, "{threads} threads");
    }
}

#[test]
fn only_the_days_asked_for_count() {
    let old = program(SHOP);
    let asked = Options { from: Some(date(2026, 1, 3)), to: Some(date(2026, 8, 2)), ..options() };
    let document = run(&shop(), [&old, &old], &asked).expect("a back-test");
    assert_eq!((document.result.orders, document.result.sales_minor), (2, 6_500));
    assert_eq!(document.result.same, document.result.members, "a program against itself finds nothing");
    assert_eq!(document.left_out.returns_without_order, 2, "the order that came back was before");
    assert_eq!((document.from, document.until), (date(2026, 1, 3), date(2026, 8, 3)));
}

#[test]
fn what_cannot_be_tested_is_refused() {
    let old = program(SHOP);
    let refusal = |programs: [&Program; 2], options: &Options| match run(&shop(), programs, options) {
        Err(Stopped::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    };
    let euros = program(&SHOP.replace("\"USD\"", "\"EUR\""));
    assert!(refusal([&old, &euros], &options()).to_string().contains("currency = \"USD\""));
    let asked = Options { from: Some(date(2026, 3, 1)), to: Some(date(2026, 2, 1)), ..options() };
    assert!(matches!(refusal([&old, &old], &asked), Refused::Backwards { .. }));
    let asked = Options { from: Some(date(2026, 10, 1)), ..options() };
    assert!(matches!(refusal([&old, &old], &asked), Refused::NoOrders { .. }));
}

#[test]
fn pages_are_whole_in_every_language() {
    let (old, new) = (program(SHOP), new());
    let assets = Assets::open(None).expect("assets");
    let full = run(&shop(), [&old, &new], &options()).expect("a back-test");
    let short = Options { to: Some(date(2026, 1, 2)), ..options() };
    let bare_program = program(&SHOP[..SHOP.find("[[ladder]]").expect("a ladder")]);
    let bare = run(&shop(), [&bare_program, &bare_program], &short).expect("a back-test");
    for lang in Lang::ALL {
        for (document, programs) in [(&full, [&old, &new]), (&bare, [&bare_program, &bare_program])] {
            let page = backtest_page::render(document, programs, &assets, lang).expect("a page");
            assert!(page.contains(&format!("<html lang=\"{}", lang.tag())));
            check_page(&page);
            assert_eq!(backtest_page::headline(document, &assets, lang).expect("words").lines().count(), 2);
        }
        let rules = rules_page::render(&old, &assets, lang).expect("a page");
        check_page(&rules);
        let minimum = if lang == Lang::Vi { "100,00 USD" } else { "100.00 USD" };
        for number in ["6 ", "12 ", minimum] {
            assert!(rules.contains(number), "{number} is in the rule book in {lang}");
        }
    }
    let page = backtest_page::render(&full, [&old, &new], &assets, Lang::En).expect("a page");
    for figure in ["Old card would have cost", "$2.34", "$3.30", "294", "420", "A-17"] {
        assert!(page.contains(figure), "{figure}");
    }
    assert!(page.matches("<svg").count() >= 6, "the charts are drawn");
}

fn check_page(page: &str) {
    for asks in ["http:", "https:", "src=", "@import", "url(", "<link", "\u{2068}"] {
        assert!(!page.contains(asks), "the page has {asks}");
    }
    assert_eq!(page.matches("<h1").count(), 1);
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id twice");
    for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.binary_search(&target).is_ok(), "no section {target}");
    }
}

/// Three months of a point a dollar; some of each month's points are redeemed at once, some a month later.
#[test]
fn accounts_tie_to_the_ledger_under_every_policy() {
    let program = program(
        &(SHOP.replace("after = \"6M\"", "after = \"3M\"")
            + "[[reward]]\nid = \"off\"\nname = \"Off\"\nkind = \"partial_payment\"\nvalue = \"0.02\"\n\
               prices = [{ wallet = \"beans\", points = 1 }]\n"),
    );
    let mut text = String::from("{\"at\":\"2025-12-31T20:00:00Z\",\"type\":\"join\",\"member\":\"ana\"}\n");
    for (month, spent) in [(1, 0), (2, 200), (3, 300), (4, 300)] {
        text += &format!(
            "{{\"at\":\"2026-0{month}-05T00:00:00Z\",\"type\":\"order\",\"id\":\"o-{month}\",\"member\":\"ana\",\
             \"lines\":[{{\"id\":\"1\",\"product\":\"a\",\"gross_minor\":100000}}]}}\n"
        );
        if spent > 0 {
            text += &format!(
                "{{\"at\":\"2026-0{month}-06T00:00:00Z\",\"type\":\"redeem\",\"id\":\"r-{month}\",\"member\":\"ana\",\
                 \"reward\":\"off\",\"units\":{spent}}}\n"
            );
        }
    }
    let events: Vec<_> = loyalty::simulate::read_events(&text).collect::<Result<_, _>>().expect("facts");
    let outputs: Vec<_> = loyalty::simulate::simulate(&program, 1, events.into_iter())
        .filter_map(|told| match told {
            loyalty::simulate::Told::Output(output) => Some(output),
            loyalty::simulate::Told::Note(_) => None,
        })
        .collect();
    let asked = |policy| liabilities::Asked {
        from: start_of(date(2026, 4, 1), &program.zone),
        to: start_of(date(2026, 5, 1), &program.zone),
        policy,
        life_months: Some(3),
        sales_minor: (1..=4).map(|month| (format!("2026-0{month}"), 100_000)).collect(),
    };
    let policies = [
        Policy::RelativePrice { shares: Shares::Exact },
        Policy::RelativePrice { shares: Shares::WholePercent },
        Policy::FairValue,
        Policy::Provision,
        Policy::None,
    ];
    for policy in policies {
        let rows = liabilities::statements(&program, &outputs, &asked(policy));
        let [row] = &rows[..] else { panic!("one wallet") };
        // 1000 a month; 200 and 300 of January's are spent, the other 500 and 300 of February's in April; January's
        // last 200 ran out on 5 April.
        assert_eq!((row.movement.opening, row.movement.earned, row.movement.spent), (2_500, 1_000, 300));
        assert_eq!((row.movement.expired, row.movement.closing), (500, 2_700));
        assert_eq!(row.months.iter().map(|month| month.outstanding).sum::<i64>(), row.movement.closing);
        let debit: i64 = row.journal.iter().map(|line| line.debit_minor).sum();
        let credit: i64 = row.journal.iter().map(|line| line.credit_minor).sum();
        assert_eq!((debit, credit), ((row.liability_minor - row.before_minor).abs(), debit), "{policy:?}");
        for month in &row.months {
            assert!(
                month.redeemed <= month.expected && month.expected <= month.issued - month.expired,
                "{month:?}"
            );
        }
    }
    let fair = &liabilities::statements(&program, &outputs, &asked(Policy::FairValue))[0];
    assert_eq!((fair.before_minor, fair.liability_minor), (5_000, 5_400), "2 cents for each point there is");
    let cost = &liabilities::statements(&program, &outputs, &asked(Policy::Provision))[0];
    let expected: i64 = cost.months.iter().map(|month| month.expected - month.redeemed).sum();
    assert_eq!(cost.liability_minor, expected, "a cent for each point that is expected to be redeemed");
    assert!(cost.is_estimated && expected < 2_700, "not every point is expected to be redeemed");
}
