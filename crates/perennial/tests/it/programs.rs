//! `perennial program`, as somebody meets it who has a folder of files and nothing else.

use crate::program::{Bench, run};
use crate::tree::root;
use serde_json::Value;

/// The manual's first program.
pub const PROGRAM: &str = r#"[program]
id = "corner-shop"
name = { en = "Corner shop", vi = "Tiệm góc phố", zh = "街角小店" }
zone = "Asia/Ho_Chi_Minh"
currency = "VND"

[[wallet]]
id = "beans"
name = { en = "beans", vi = "hạt", zh = "豆" }
one = { en = "bean", zh = "颗豆" }
worth = "500"

[[expiry]]
wallet = "beans"
after = "12M"

[[earning]]
id = "base"
wallet = "beans"
per_amount = { every = "10000", points = 1 }

[[reward]]
id = "coffee"
name = { en = "A coffee", vi = "Một ly cà phê", zh = "一杯咖啡" }
kind = "product"
products = ["coffee"]
value = "45000"
prices = [{ wallet = "beans", points = 60 }]
"#;

const FACTS: &str = r#"{"at":"2026-03-01T02:00:00Z","type":"join","member":"ana"}
{"at":"2026-03-02T02:00:00Z","type":"order","id":"o-1","member":"ana","lines":[{"id":"1","product":"latte","category":"coffee","quantity_milli":2000,"gross_minor":900000,"discount_minor":100000}]}

{"at":"2026-03-03T02:00:00Z","type":"return","id":"r-1","order":"o-1","lines":[{"line":"1","quantity_milli":500}]}
{"at":"2026-03-04T02:00:00Z","type":"redeem","id":"c-1","member":"ana","reward":"coffee"}
{"at":"2026-03-05T02:00:00Z","type":"redeem","id":"c-2","member":"ana","reward":"coffee"}
"#;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("shop/program.toml", PROGRAM).write("facts.jsonl", FACTS);
    bench
}

/// The shop with another line in place of one of its own.
fn changed(from: &str, to: &str) -> Bench {
    assert!(PROGRAM.contains(from), "{from}");
    let bench = bench();
    bench.write("shop/program.toml", PROGRAM.replace(from, to));
    bench
}

#[test]
fn shipped_programs_are_sound_and_can_be_read_in_three_languages() {
    let bench = Bench::new();
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("programs")).expect("programs") {
        let dir = entry.expect("an entry").path().display().to_string();
        assert!(bench.ok(&format!("program check {dir}")).contains("is sound: "), "{dir}");
        for lang in ["en", "vi", "zh", "zh-Hant"] {
            let text = bench.ok(&format!("program show {dir} --lang {lang}"));
            assert!(text.starts_with("# ") && text.matches("\n## ").count() >= 3, "{text}");
        }
        count += 1;
    }
    assert!(count >= 7, "{count}");
}

#[test]
fn a_sound_program_is_told_what_it_has() {
    let bench = bench();
    assert_eq!(bench.ok("program check shop"), "shop is sound: 1 wallet, 1 earning rule, 1 reward\n");
    let document = bench.json("program check shop");
    assert_eq!((&document["is_sound"], &document["program"]["earning_rules"]), (&true.into(), &1.into()));
}

#[test]
fn mistakes_name_file_line_and_mend() {
    for (from, to, words) in [
        (
            "every = \"10000\", points = 1",
            "every = \"10000\", point = 1",
            &["shop/program.toml:20: unknown key 'point'", "did you mean 'points'?"][..],
        ),
        ("[program]", "[program", &["shop/program.toml:1: this is not TOML"]),
        ("[[reward]]", "[[rewart]]", &["shop/program.toml:22: unknown table 'rewart'", "[[reward]]"]),
        (
            "id = \"base\"",
            "id = \"base\"\nwhen = \"order.total_minor >\"",
            &["shop/program.toml:17: when = 'order.total_minor >': this is not a condition"],
        ),
        (
            "id = \"base\"",
            "id = \"base\"\nwhen = \"order.weight > 3\"",
            &["shop/program.toml:17", "'order.weight' does not exist; known: order.total_minor"],
        ),
        (
            "points = 60",
            "points = \"60.5\"",
            &["shop/program.toml:22", "points = 60.5 does not exist in wallet 'beans'"],
        ),
        (
            "zone = \"Asia/Ho_Chi_Minh\"",
            "zone = \"Saigon\"",
            &["shop/program.toml:1: 'Saigon' is not a time zone"],
        ),
        ("currency = \"VND\"", "", &["shop/program.toml:1: [program] has no 'currency'", "add currency"]),
    ] {
        let bench = changed(from, to);
        bench.run("program check shop").said(1, words);
        for line in [
            "show shop",
            "diff shop shop",
            "simulate shop --events facts.jsonl",
            "explain shop --events facts.jsonl",
            "calculate shop --amount 50000",
            "liability shop --events facts.jsonl --month 2026-03",
            "backtest shop --against shop",
        ] {
            let run = bench.run(&format!("program {line}"));
            run.said(1, words);
            assert_eq!(run.out, "", "program {line}: nothing is printed of a program with mistakes");
        }
    }
}

#[test]
fn all_mistakes_come_at_once_and_as_json() {
    let bench = changed("points = 60", "points = \"60.5\"");
    bench.write("shop/more.toml", "[[limit]]\nwallet = \"stars\"\nper = \"day\"\npoints = 3\n");
    bench
        .run("program check shop")
        .said(1, &["shop has 2 mistakes", "shop/more.toml:1", "shop/program.toml:22"]);
    let run = bench.run("program check shop --json");
    let document: Value = serde_json::from_str(&run.out).expect("one document");
    assert_eq!((run.code, &document["is_sound"]), (1, &false.into()));
    let problems = document["problems"].as_array().expect("problems");
    assert_eq!(problems.len(), 2);
    assert_eq!((&problems[0]["file"], &problems[0]["line"]), (&"shop/more.toml".into(), &1.into()));
    assert!(problems[0]["mend"].as_str().is_some_and(|mend| mend.contains("known: beans")), "{document}");
}

#[test]
fn folders_that_are_no_programs() {
    let bench = bench();
    bench.write("empty/readme.txt", "nothing here").write("binary/program.toml", b"id = \"\xff\xfe\"\n");
    for command in ["check", "show"] {
        let say = |dir: &str| bench.run(&format!("program {command} {dir}"));
        say("nowhere").said(1, &["nowhere", "programs/comebuy"]);
        say("empty").said(1, &["empty: it has no .toml file", "[program]"]);
        say("facts.jsonl").said(1, &["facts.jsonl: it is a file", "folder"]);
        say("binary").said(1, &["binary/program.toml:1", "UTF-8"]);
    }
    bench.run("program diff shop nowhere").said(1, &["nowhere"]);
    bench.run("program diff nowhere shop").said(1, &["nowhere"]);
    bench.run("program backtest shop --against nowhere").said(1, &["nowhere"]);
}

#[test]
fn wrong_usage_is_two() {
    let bench = bench();
    for line in [
        "",
        "check",
        "chek shop",
        "show shop --lang fr",
        "diff shop",
        "simulate shop",
        "explain shop",
        "calculate shop",
        "calculate shop --amount 5 --basket facts.jsonl",
        "calculate shop --amount 5.5",
        "calculate shop --amount five",
        "calculate shop --amount 50000 --margin 30",
        "calculate shop --amount 50000 --at yesterday",
        "calculate shop --amount 50000 --events facts.jsonl",
        "calculate shop --amount 50000 --member ana",
        "liability shop --events facts.jsonl",
        "liability shop --events facts.jsonl --month March",
        "liability shop --events facts.jsonl --month 2026-13",
        "liability shop --events facts.jsonl --month 2026-03 --policy hope",
        "backtest shop",
        "backtest shop --against shop --from soon",
    ] {
        let run = bench.run(&format!("program {line}"));
        assert_eq!(run.code, 2, "perennial program {line}\n{}", run.err);
        assert!(!run.err.is_empty(), "perennial program {line}");
    }
}

#[test]
fn the_rule_book_is_markdown_a_page_or_json() {
    let bench = bench();
    let text = bench.ok("program show shop");
    assert!(text.contains("- **base**: 1 bean for every whole 10,000 VND of a bill."), "{text}");
    let page = bench.ok("program show shop --html --lang vi");
    assert!(page.contains("<html lang=\"vi\"") && page.contains("1 hạt cho mỗi 10.000 VND"), "{page}");
    for asks in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!page.contains(asks), "the page asks the network: {asks}");
    }
    assert!(bench.ok("program show shop --html --out book/rules.html").contains("book/rules.html"));
    let written = std::fs::read_to_string(bench.path("book/rules.html")).expect("a page");
    assert_eq!(written, bench.ok("program show shop --html"));
    let document = bench.json("program show shop --lang zh");
    assert_eq!(document["chapters"].as_array().map(Vec::len), Some(5), "{document}");
}

#[test]
fn facts_in_entries_out() {
    let bench = bench();
    let out = bench.ok("program simulate shop --events facts.jsonl");
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| (line["type"].as_str().unwrap_or(""), line["posting"]["kind"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(
        told,
        [("posted", "earn"), ("posted", "clawback"), ("posted", "spend"), ("rewarded", ""), ("refused", "")]
    );
    let earned = lines[0]["explanation"].as_str().expect("a sentence");
    assert!(
        earned.starts_with("80 beans by rule 'base'") && earned.contains("800,000 VND of the order counts"),
        "{earned}"
    );
    assert_eq!(lines[0]["working"]["units"], 80);
    assert_eq!(lines[4]["code"], "insufficient_points");
    // The same from standard input, into a file, and as one document.
    let mut command = bench.command(["program", "simulate", "shop", "--events", "-"]);
    command.stdin(std::fs::File::open(bench.path("facts.jsonl")).expect("facts"));
    assert_eq!(run(&mut command).out, out);
    assert!(bench.ok("program simulate shop --events facts.jsonl --out out.jsonl").contains("5 lines"));
    assert_eq!(std::fs::read_to_string(bench.path("out.jsonl")).expect("lines"), out);
    assert_eq!(bench.json("program simulate shop --events facts.jsonl")["outputs"], Value::from(lines));
    let vietnamese = bench.ok("program simulate shop --events facts.jsonl --lang vi");
    assert!(vietnamese.contains("80 hạt theo quy tắc 'base'"), "{vietnamese}");
}

#[test]
fn a_line_that_is_no_fact_ends_it_with_its_number() {
    let bench = bench();
    for (line, words) in [
        ("{\"at\":\"2026-03-06T02:00:00Z\"}", "missing field `type`"),
        ("{\"at\":\"yesterday\",\"type\":\"tick\"}", "wrong.jsonl:7"),
        ("{\"at\":\"2026-03-06T02:00:00Z\",\"type\":\"dance\"}", "dance"),
        (
            "{\"at\":\"2026-03-06T02:00:00Z\",\"type\":\"order\",\"id\":\"o\",\"lines\":[],\"prise\":1}",
            "prise",
        ),
        ("not json", "wrong.jsonl:7"),
    ] {
        bench.write("wrong.jsonl", format!("{FACTS}{line}\n"));
        let run = bench.run("program simulate shop --events wrong.jsonl");
        run.said(1, &["wrong.jsonl:7", words, "every line is one fact"]);
        assert_eq!(run.out.lines().count(), 5, "what came before it is told");
        let run = bench.run("program simulate shop --events wrong.jsonl --out kept.jsonl");
        run.said(1, &["wrong.jsonl:7"]);
        assert!(!bench.path("kept.jsonl").exists(), "no half of a file");
        bench.run("program explain shop --events wrong.jsonl").said(1, &["wrong.jsonl:7"]);
        bench.run("program liability shop --events wrong.jsonl --month 2026-03").said(1, &["wrong.jsonl:7"]);
    }
    bench.write(
        "latin.jsonl",
        b"{\"at\":\"2026-03-06T02:00:00Z\",\"type\":\"join\",\"member\":\"Andr\xe9\"}\n",
    );
    bench.run("program simulate shop --events latin.jsonl").said(1, &["latin.jsonl:1", "UTF-8"]);
    bench.run("program simulate shop --events nowhere.jsonl").said(1, &["nowhere.jsonl"]);
}

#[test]
fn entries_say_in_words_why_they_are() {
    let bench = bench();
    let text = bench.ok("program explain shop --events facts.jsonl");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("2026-03-02 09:00  ana  +80 = 80  80 beans by rule 'base'"), "{text}");
    assert!(lines[1].starts_with("2026-03-03 09:00  ana  -20 = 60  20 beans taken back"), "{text}");
    assert!(
        lines[2].starts_with("2026-03-04 09:00  ana  -60 = 0  60 beans spent on redemption c-1"),
        "{text}"
    );
    assert!(
        lines[3].starts_with(
            "2026-03-05 09:00  ana  c-2: refused: coffee: it costs 60 beans, 60 beans are missing"
        ),
        "{text}"
    );
    let refused = bench.json("program explain shop --events facts.jsonl --because c-2 --lang vi");
    let remark = &refused["remarks"][0];
    assert_eq!((&remark["kind"], &remark["code"]), (&"refused".into(), &"insufficient_points".into()));
    assert_eq!(remark["explanation"], "bị từ chối: không đủ điểm");
    let one = bench.json("program explain shop --events facts.jsonl --because r-1");
    let entries = one["entries"].as_array().expect("entries");
    assert_eq!(
        (entries.len(), &entries[0]["balance"], &entries[0]["change"]),
        (1, &60.into(), &(-20).into())
    );
    bench
        .run("program explain shop --events facts.jsonl --member bo")
        .said(1, &["facts.jsonl: nobody called 'bo' joins"]);
    bench
        .run("program explain shop --events facts.jsonl --because o-9")
        .said(1, &["no fact has the id 'o-9'"]);
    bench.run("program explain shop --events facts.jsonl --wallet stars").said(1, &["stars", "known: beans"]);
}

#[test]
fn what_changes_is_told_in_words() {
    let bench = bench();
    bench.write("new/program.toml", PROGRAM.replace("points = 60", "points = 50"));
    let text = bench.ok("program diff shop new");
    assert!(
        text.contains("~~**A coffee**: coffee, for 60 beans.~~") && text.contains("for 50 beans."),
        "{text}"
    );
    let document = bench.json("program diff shop new --lang zh");
    assert_eq!((&document["is_same"], &document["lang"]), (&false.into(), &"zh".into()));
    assert_eq!(bench.ok("program diff shop shop"), "The two programs have the same rules.\n");
    assert_eq!(bench.json("program diff shop shop")["is_same"], true);
}

#[test]
fn a_basket_is_worth_something_to_member_and_shop() {
    let bench = bench();
    bench.write("basket.json", r#"{"lines": [{"product": "latte", "gross_minor": 120000}]}"#);
    let by_file = bench.ok("program calculate shop --basket basket.json --at 2026-03-10");
    assert_eq!(by_file, bench.ok("program calculate shop --amount 120000 --at 2026-03-10T08:30"));
    for words in [
        "A basket of 120,000 VND earns 12 beans.",
        "9,000 VND to you: 7.50 %",
        "6,000 VND: 5.00 %",
        "'A coffee'",
    ] {
        assert!(by_file.contains(words), "{words}\n{by_file}");
    }
    let document = bench.json("program calculate shop --amount 120000 --margin 0.25");
    assert_eq!((&document["worth_minor"], &document["cost_minor"]), (&9000.into(), &6000.into()));
    // Cost 5 % of a margin of 25 %: a quarter more must be bought.
    assert_eq!(document["break_even_lift"], "1/4");
    assert_eq!(document["rewards"][0]["missing"], 48);
    // Without worth or a cost nobody knows what points cost, and nothing is made of it.
    bench.write("costless/program.toml", PROGRAM.replace("worth = \"500\"\n", ""));
    let costless = bench.json("program calculate costless --amount 120000");
    assert_eq!((&costless["cost_minor"], &costless["break_even_lift"]), (&Value::Null, &Value::Null));
    let words = bench.ok("program calculate costless --amount 120000");
    assert!(words.contains("is not known") && !words.contains("margin"), "{words}");
    let known = bench.json("program calculate shop --amount 120000 --events facts.jsonl --member ana");
    assert_eq!(known["rewards"][0]["missing"], 48, "ana has spent what she had");
    bench
        .run("program calculate shop --amount 5000 --events facts.jsonl --member bo")
        .said(1, &["facts.jsonl", "bo"]);
    // What happens later than --at has not happened: ana's first order alone is before the fourth of March.
    let line = "program calculate shop --amount 120000 --events facts.jsonl --member ana --at";
    let before = bench.json(&format!("{line} 2026-03-03T20:00"));
    assert_eq!((&before["at"], &before["later_facts"]), (&"2026-03-03T13:00:00Z".into(), &2.into()));
    assert_eq!(before["rewards"][0]["missing"], 0, "60 beans are there, and 12 come");
    bench.run(&format!("{line} 2026-03-03T20:00")).said(0, &["2 facts are later than --at"]);
    bench.run(&format!("{line} 2026-02-01")).said(1, &["nobody called 'ana' joins by 2026-02-01"]);
    let mut command = bench.command("program calculate shop --basket - --at 2026-03-10".split(' '));
    command.stdin(std::fs::File::open(bench.path("basket.json")).expect("a basket"));
    assert_eq!(run(&mut command).out, by_file);
    bench.run("program calculate shop --basket - --events - --member ana").said(2, &["standard input"]);
    let nothing = bench.ok("program calculate shop --amount 500 --at 2026-03-10");
    assert!(nothing.contains("A basket of 500 VND earns nothing."), "{nothing}");
    bench.run("program calculate shop --basket nowhere.json").said(1, &["nowhere.json"]);
    bench.write("basket.json", "{\"lines\": [{\"prise\": 5}]}");
    bench.run("program calculate shop --basket basket.json").said(1, &["basket.json", "prise"]);
    bench.write("basket.json", "[]");
    bench.run("program calculate shop --basket basket.json").said(1, &["basket.json", "no basket"]);
    bench.write("basket.json", r#"{"lines": [{"product": "latte", "gross_minor": -5}]}"#);
    bench.run("program calculate shop --basket basket.json").said(1, &["below zero"]);
}

#[test]
fn the_accounts_of_a_month_tie() {
    let bench = bench();
    let line = "program liability shop --events facts.jsonl --month 2026-03";
    let text = bench.ok(&format!("{line} --policy fair-value"));
    assert!(text.contains("earned") && text.contains("there at the end"), "{text}");
    for policy in ["relative-price", "relative-price-whole-percent", "fair-value", "provision", "none"] {
        let document = bench.json(&format!("{line} --policy {policy}"));
        let table = &document["wallets"][0]["movement"];
        let units = |key: &str| table[key].as_i64().expect("units");
        assert_eq!(
            (units("earned"), units("clawed_back"), units("spent"), units("closing")),
            (80, 20, 60, 0)
        );
        let sum = |key: &str| -> i64 {
            let journal = document["wallets"][0]["journal"].as_array().expect("a journal");
            journal.iter().map(|line| line[key].as_i64().expect("minor units")).sum()
        };
        assert_eq!(sum("debit_minor"), sum("credit_minor"), "{policy}");
    }
}

#[test]
fn help_names_what_can_be_done() {
    let bench = bench();
    let help = bench.ok("program --help");
    for command in ["check", "show", "simulate", "explain", "diff", "calculate", "liability", "backtest"] {
        assert!(help.contains(command), "{help}");
        let help = bench.ok(&format!("program {command} --help"));
        assert!(help.contains("--json") && !help.contains("subcommand"), "{command}: {help}");
    }
}

#[test]
fn a_reward_that_is_gone_is_worth_nothing() {
    let bench = changed("value = \"45000\"", "value = \"45000\"\nstock = 1");
    let line = "program calculate shop --amount 120000 --events facts.jsonl --member ana --at 2026-03-10";
    let text = bench.ok(line);
    assert!(
        text.contains("'A coffee' cannot be had: none is left.") && text.contains("worth 0 VND"),
        "{text}"
    );
    assert_eq!(bench.json(line)["rewards"][0]["unavailable"][0]["reason"], "out_of_stock");
}

#[test]
fn with_json_there_is_one_document_whatever_happens() {
    let bench = bench();
    bench.write("empty/readme.txt", "").write("wrong.jsonl", "not json\n");
    for (line, code) in [
        ("check nowhere", 1),
        ("check empty", 1),
        ("check facts.jsonl", 1),
        ("show nowhere", 1),
        ("diff shop nowhere", 1),
        ("simulate shop --events nowhere.jsonl", 1),
        ("simulate shop --events wrong.jsonl", 1),
        ("explain shop --events facts.jsonl --member nobody", 1),
        ("calculate shop --basket nowhere.json", 1),
        ("calculate shop --amount five", 2),
        ("liability shop --events facts.jsonl --month March", 2),
        ("backtest shop --against nowhere", 1),
    ] {
        let run = bench.run(&format!("program {line} --json"));
        assert_eq!(run.code, code, "{line}: {}", run.err);
        let document: Value =
            serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{line}: {e}\n{}", run.out));
        let told = if line.starts_with("check") {
            assert_eq!(
                (&document["is_sound"], &document["problems"][0]["line"]),
                (&false.into(), &Value::Null)
            );
            document["problems"][0]["mend"].clone()
        } else {
            assert_eq!(document["error"]["kind"], if code == 1 { "refused" } else { "usage" }, "{line}");
            document["error"]["message"].clone()
        };
        assert!(told.as_str().is_some_and(|told| !told.is_empty()), "{line}: {document}");
    }
}

#[test]
fn what_gives_way_to_a_file_is_told() {
    let bench = bench();
    let line = "program show shop --out book/rules.md";
    assert_eq!(bench.ok(line), "the rule book is in book/rules.md; the folder book was made for it\n");
    assert_eq!(bench.ok(line), "the rule book is in book/rules.md, in place of the file that was there\n");
    let line = "program simulate shop --events facts.jsonl --out lines.jsonl";
    assert_eq!(bench.ok(line), "5 lines are in lines.jsonl\n");
    assert_eq!(bench.ok(line), "5 lines are in lines.jsonl, in place of the file that was there\n");
}

#[test]
fn no_fact_vanishes() {
    let bench = bench();
    bench.write(
        "more.jsonl",
        FACTS.to_owned()
            + r#"{"at":"2026-03-06T02:00:00Z","type":"order","id":"o-2","member":"ana","lines":[]}
{"at":"2026-03-07T02:00:00Z","type":"order","id":"o-3","member":"ana","currency":"USD","lines":[{"id":"1","product":"a","gross_minor":900}]}
{"at":"2026-03-01T02:00:00Z","type":"tick"}
"#,
    );
    let document = bench.json("program simulate shop --events more.jsonl");
    let notes: Vec<&Value> =
        document["outputs"].as_array().into_iter().flatten().filter(|told| told["type"] == "note").collect();
    let codes: Vec<&str> = notes.iter().filter_map(|note| note["code"].as_str()).collect();
    assert_eq!(codes, ["no_lines", "other_currency", "dated_back"]);
    assert!(notes[1]["why"].as_str().is_some_and(|why| why.contains("USD") && why.contains("VND")));
    let text = bench.ok("program explain shop --events more.jsonl --because o-3");
    assert!(text.starts_with("2026-03-07 09:00  ana  o-3: it is in USD"), "{text}");
}
