//! `perennial program backtest` on a corner shop whose sums are counted here by another hand.

use crate::program::{Bench, corner_shop};
use serde_json::Value;
use std::collections::BTreeMap;

fn program(id: &str, rule: &str) -> String {
    format!(
        "[program]\nid = \"{id}\"\nname = \"{id}\"\nzone = \"UTC\"\ncurrency = \"USD\"\n\
         [[wallet]]\nid = \"beans\"\nname = \"beans\"\nworth = \"0.01\"\n\
         [[expiry]]\nwallet = \"beans\"\nnever = true\n\
         [[earning]]\nid = \"base\"\nwallet = \"beans\"\n{rule}\n"
    )
}

/// Cents of the lines of each order, in the order of the file.
fn orders(csv: &str) -> BTreeMap<(String, String), Vec<i64>> {
    let mut orders: BTreeMap<(String, String), Vec<i64>> = BTreeMap::new();
    for line in csv.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let cents: i64 = cells[7].replace('.', "").parse().expect("an amount");
        orders.entry((cells[3].to_owned(), cells[0].to_owned())).or_default().push(cents);
    }
    orders
}

/// Every seventh customer brings the first line of the first order back, a day after the last order of the shop.
fn returns(csv: &str) -> String {
    let mut text = "return_id,order_id,date,customer_id,product,quantity,refund\n".to_owned();
    let mut seen = Vec::new();
    for line in csv.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let customer: u32 = cells[3][1..].parse().expect("a customer");
        if customer.is_multiple_of(7) && !seen.contains(&customer) {
            seen.push(customer);
            text += &format!(
                "r{customer},{},2025-05-20,{},{},{},{}\n",
                cells[0], cells[3], cells[4], cells[5], cells[7]
            );
        }
    }
    text
}

/// Whole points of an order, dealt over its lines by largest remainder.
fn dealt(cents: &[i64]) -> Vec<i64> {
    let total: i64 = cents.iter().sum();
    let points = total / 100;
    let mut parts: Vec<i64> = cents.iter().map(|line| points * line / total).collect();
    let mut order: Vec<usize> = (0..cents.len()).collect();
    order.sort_by_key(|line| (-(points * cents[*line] % total), *line));
    let missing = points - parts.iter().sum::<i64>();
    order.into_iter().take(missing as usize).for_each(|line| parts[line] += 1);
    parts
}

fn shop() -> (Bench, String) {
    let bench = Bench::new();
    let csv = corner_shop(80);
    bench.write("orders.csv", &csv).write("returns.csv", returns(&csv));
    bench.write("old/program.toml", program("old", "per_amount = { every = \"1.00\", points = 1 }"));
    bench.write(
        "new/program.toml",
        program(
            "new",
            "bands = [{ from = 0, below = \"10.00\", points = 0 }, { from = \"10.00\", points = 30 }]",
        ),
    );
    bench.ok("import orders orders.csv --currency USD --timezone UTC --shop Corner --quiet");
    bench.ok("import returns returns.csv --quiet");
    (bench, csv)
}

fn number(document: &Value, path: &str) -> i64 {
    let found = document.pointer(path).unwrap_or_else(|| panic!("no {path} in {document}"));
    found.as_i64().unwrap_or_else(|| panic!("{path} is {found}"))
}

#[test]
fn the_corner_shop_to_the_point() {
    let (bench, csv) = shop();
    let document = bench.json("program backtest old --against new --out report.html --out-json report.json");
    let orders = orders(&csv);
    let earned: i64 = orders.values().map(|lines| lines.iter().sum::<i64>() / 100).sum();
    let banded: i64 = orders.values().filter(|lines| lines.iter().sum::<i64>() >= 1_000).count() as i64 * 30;
    let mut taken = [0i64; 2];
    for line in returns(&csv).lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let lines = &orders[&(cells[3].to_owned(), cells[1].to_owned())];
        taken[0] += dealt(lines)[0];
        // All thirty points of a band are dealt by amount, too.
        let total: i64 = lines.iter().sum();
        if total >= 1_000 {
            let mut parts: Vec<i64> = lines.iter().map(|line| 30 * line / total).collect();
            let mut order: Vec<usize> = (0..lines.len()).collect();
            order.sort_by_key(|line| (-(30 * lines[*line] % total), *line));
            let missing = 30 - parts.iter().sum::<i64>();
            order.into_iter().take(missing as usize).for_each(|line| parts[line] += 1);
            taken[1] += parts[0];
        }
    }
    assert!(taken[0] > 0 && earned > 1_000, "the shop is large enough to tell: {earned}, {taken:?}");
    assert_eq!(number(&document, "/result/orders"), orders.len() as i64);
    assert_eq!(number(&document, "/result/members"), 80);
    assert_eq!(number(&document, "/result/sales_minor"), orders.values().flatten().sum::<i64>());
    assert_eq!(number(&document, "/result/returns"), 12);
    assert_eq!(number(&document, "/result/refused"), 0);
    for (side, earned, taken) in [("first", earned, taken[0]), ("second", banded, taken[1])] {
        let of = |key: &str| number(&document, &format!("/result/{side}/{key}"));
        assert_eq!(of("wallets/beans/earned"), earned, "{side}");
        assert_eq!(of("wallets/beans/clawed_back"), taken, "{side}");
        assert_eq!(of("wallets/beans/outstanding"), earned - taken, "{side}");
        assert_eq!((of("cost_minor"), of("outstanding_minor")), (earned - taken, earned - taken), "{side}");
    }
    let (gain, lose, same) = (
        number(&document, "/result/gain"),
        number(&document, "/result/lose"),
        number(&document, "/result/same"),
    );
    assert_eq!(gain + lose + same, 80);
    // The shop's own keys, not ours.
    let first = document["result"]["gain_most"][0]["member"]
        .as_str()
        .or(document["result"]["lose_most"][0]["member"].as_str());
    assert!(first.is_some_and(|key| key.starts_with('c') && !key.starts_with("cus_")), "{first:?}");
    let written: Value =
        serde_json::from_slice(&std::fs::read(bench.path("report.json")).expect("numbers")).expect("JSON");
    assert_eq!(written, document);
}

/// The same orders as facts of a simulation: the ledger's own entries sum to what the back-test says.
#[test]
fn it_ties_to_the_ledger_of_a_simulation() {
    let (bench, csv) = shop();
    let mut facts = String::new();
    let mut lines: Vec<(String, String)> = Vec::new();
    for line in csv.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        lines.push((format!("{}T00:00:00Z", cells[2]), line.to_owned()));
    }
    lines.sort();
    let mut joined = Vec::new();
    let mut by_order: Vec<(String, String, String, Vec<String>)> = Vec::new();
    for (at, line) in &lines {
        let cells: Vec<&str> = line.split(',').collect();
        let cents = cells[7].replace('.', "").parse::<i64>().expect("an amount");
        let row = format!(
            "{{\"id\":\"{}\",\"product\":\"{}\",\"quantity_milli\":{},\"gross_minor\":{cents}}}",
            cells[1],
            cells[4],
            cells[5].parse::<i64>().expect("a quantity") * 1_000
        );
        match by_order.iter_mut().find(|order| order.1 == cells[0]) {
            Some(order) => order.3.push(row),
            None => by_order.push((at.clone(), cells[0].to_owned(), cells[3].to_owned(), vec![row])),
        }
    }
    for (at, order, member, rows) in &by_order {
        if !joined.contains(member) {
            joined.push(member.clone());
            facts += &format!("{{\"at\":\"{at}\",\"type\":\"join\",\"member\":\"{member}\"}}\n");
        }
        facts += &format!(
            "{{\"at\":\"{at}\",\"type\":\"order\",\"id\":\"{order}\",\"member\":\"{member}\",\"lines\":[{}]}}\n",
            rows.join(",")
        );
    }
    for line in returns(&csv).lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        facts += &format!(
            "{{\"at\":\"2025-05-20T00:00:00Z\",\"type\":\"return\",\"id\":\"{}\",\"order\":\"{}\",\"lines\":[{{\"line\":\"1\",\"quantity_milli\":{}}}]}}\n",
            cells[0],
            cells[1],
            cells[5].parse::<i64>().expect("a quantity") * 1_000
        );
    }
    bench.write("facts.jsonl", facts);
    let document = bench.json("program backtest old --against new --out report.html");
    for (side, folder) in [("first", "old"), ("second", "new")] {
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for line in bench.ok(&format!("program simulate {folder} --events facts.jsonl")).lines() {
            let output: Value = serde_json::from_str(line).expect("JSON");
            assert_ne!(output["type"], "refused", "{output}");
            for row in output["posting"]["lines"].as_array().into_iter().flatten() {
                let pot = match &row["pot"] {
                    Value::String(pot) => pot.clone(),
                    other => other.as_object().and_then(|pot| pot.keys().next().cloned()).expect("a pot"),
                };
                *sums.entry(pot).or_default() += row["amount"].as_i64().expect("units");
            }
        }
        let of = |key: &str| number(&document, &format!("/result/{side}/wallets/beans/{key}"));
        assert_eq!(-sums["issued"], of("earned"), "{side}");
        assert_eq!(sums["clawed_back"], of("clawed_back"), "{side}");
        assert_eq!(sums["lot"], of("outstanding"), "{side}");
        assert_eq!(sums.values().sum::<i64>(), 0, "{side}: all pots together hold nothing");
    }
}

#[test]
fn days_can_be_asked_for_and_a_program_against_itself_finds_nothing() {
    let (bench, csv) = shop();
    let document =
        bench.json("program backtest old --against old --from 2025-02-01 --to 2025-02-28 --out report.html");
    let within = csv
        .lines()
        .skip(1)
        .filter(|line| line.split(',').nth(2).is_some_and(|day| day.starts_with("2025-02")));
    let sales: i64 = within
        .map(|line| {
            line.split(',').nth(7).expect("a total").replace('.', "").parse::<i64>().expect("an amount")
        })
        .sum();
    assert_eq!(number(&document, "/result/sales_minor"), sales);
    assert_eq!(number(&document, "/result/same"), number(&document, "/result/members"));
    assert_eq!(document["from"], "2025-02-01");
    assert_eq!(document["until"], "2025-03-01");
    bench
        .run("program backtest old --against new --from 2025-03-01 --to 2025-02-01")
        .said(1, &["--to", "--from"]);
    bench
        .run("program backtest old --against new --from 2031-01-01 --to 2031-02-01")
        .said(1, &["no customer bought", "2025"]);
}

#[test]
fn the_report_is_a_page_in_every_language() {
    let (bench, _) = shop();
    for (lang, word) in [("en", "would have cost"), ("vi", "doanh thu"), ("zh", "销售额")] {
        let said =
            bench.ok(&format!("program backtest old --against new --lang {lang} --out {lang}.html --quiet"));
        let page = std::fs::read_to_string(bench.path(&format!("{lang}.html"))).expect("a page");
        assert!(said.contains(word) && page.contains(word), "{said}");
        assert!(page.contains(&format!("<html lang=\"{lang}")) && page.contains("<svg"), "{lang}");
        assert!(page.len() < 1_000_000, "{} bytes", page.len());
        for asks in ["src=\"http", "href=\"http", "url(http", "@import"] {
            assert!(!page.contains(asks), "the page asks the network: {asks}");
        }
    }
}

#[test]
fn what_cannot_be_tested_is_refused() {
    let (bench, _) = shop();
    bench.write(
        "dong/program.toml",
        program("dong", "per_amount = { every = 1, points = 1 }")
            .replace("\"USD\"", "\"VND\"")
            .replace("\"0.01\"", "\"1\""),
    );
    bench.run("program backtest old --against dong").said(1, &["'dong' counts in VND", "currency = \"USD\""]);
    bench.run("program backtest old --against new --data elsewhere").said(1, &["elsewhere", "import"]);
    assert!(!bench.path("backtest.html").exists(), "nothing is written of what was refused");
    bench.write("in-the-way", "a file");
    bench.run("program backtest old --against new --out in-the-way/report.html").said(3, &["in-the-way"]);
}

#[test]
fn its_relations_can_be_asked_in_sql() {
    let (bench, csv) = shop();
    let row = bench.ask("select count(*) as lines, sum(total_minor) as paid from program.lines");
    assert_eq!(row["lines"], csv.lines().count() - 1);
    let row = bench.ask("select sum(customers) as customers from program.spans");
    assert_eq!(row["customers"], 80);
}
