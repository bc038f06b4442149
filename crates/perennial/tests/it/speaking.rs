//! How the program speaks: one document under `--json`, codes, help, quiet.

use crate::program::{Bench, corner_shop, run};

fn shop() -> Bench {
    let bench = Bench::new();
    bench.write("orders.csv", corner_shop(80));
    bench.ok("import orders orders.csv --currency USD --shop Corner");
    bench
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let bench = shop();
    let row = |n: u32| {
        format!("{},{},{}\n", n % 5, if n.is_multiple_of(5) { 0 } else { 2 + n * 7 % 31 }, 36 + n % 4)
    };
    bench.write("summary.csv", format!("frequency,recency,T\n{}", (0..60).map(row).collect::<String>()));
    for line in [
        "import orders orders.csv",
        "import orders orders.csv --detect",
        "xray --out xray.html",
        "lake show",
        "lake compact",
        "verify",
        "sql",
        "world --customers 20 --weeks 20 --out market",
        "fit bg-nbd summary.csv",
        "fit bg-nbd summary.csv --predict 10",
    ] {
        let document = bench.json(line);
        assert!(document.is_object(), "perennial {line} --json: {document}");
        let quiet = bench.run(&format!("{line} --json --quiet"));
        assert_eq!(quiet.err, "", "perennial {line} --json --quiet");
    }
}

#[test]
fn wrong_usage_is_two_and_a_refusal_one() {
    let bench = shop();
    for line in
        ["", "imprt", "import", "import orders", "xray --lang fr", "xray --horizon soon", "fit bg-nbd"]
    {
        assert_eq!(bench.run(line).code, 2, "perennial {line}");
    }
    bench.run("import orders nowhere.csv").said(1, &["nowhere.csv"]);
    bench.run("import orders orders.csv --map colour=5").said(1, &["colour", "customer"]);
    bench.run("import orders orders.csv --map customer=Kunde").said(1, &["Kunde", "customer_id"]);
    bench.run("xray --data elsewhere").said(1, &["elsewhere", "import"]);
    bench.run("fit bg-nbd orders.csv").said(1, &["frequency", "--map"]);
    let run = run(&mut bench.command(["sql", "select nonsense from customer.rfm"]));
    run.said(1, &["nonsense"]);
    let run = crate::program::run(&mut bench.command(["sql", "drop table lake.lines"]));
    assert_ne!(run.code, 0, "SQL may change nothing");
    bench.ok("verify");
}

#[test]
fn help_is_for_a_shopkeeper() {
    let bench = Bench::new();
    let help = bench.ok("--help");
    for word in ["import", "xray", "demo", "perennial import orders", "who is leaving"] {
        assert!(help.contains(word), "{help}");
    }
    let mut walked = Vec::new();
    walk(&bench, "", &mut walked);
    assert!(walked.len() > 90, "{} commands: {walked:?}", walked.len());
}

/// The help of a command and of everything below it: what is common to all is there, and no word is a programmer's.
fn walk(bench: &Bench, command: &str, walked: &mut Vec<String>) {
    let help = bench.ok(&format!("{command} --help"));
    walked.push(command.to_owned());
    for flag in ["--data <DIR>", "--database <URL>", "--lake <URL>", "--json", "--quiet", "--help"] {
        assert!(help.contains(flag), "{command} has no {flag}: {help}");
    }
    assert!(!help.contains("--json <") && !help.contains("--json["), "{command}: --json is a bare flag");
    assert!(help.starts_with(char::is_uppercase), "{command} says what it does first: {help}");
    for word in ["subcommand", "stdin", "stdout", "boolean", "serialize", "enum", "regex"] {
        assert!(!help.contains(word), "{command} speaks to programmers of {word}: {help}");
    }
    let below = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    for line in below.take_while(|line| !line.is_empty()) {
        let is_name = line.starts_with("  ") && !line.starts_with("   ");
        if let Some(name) = line.split_whitespace().next().filter(|name| is_name && *name != "help") {
            walk(bench, format!("{command} {name}").trim(), walked);
        }
    }
}

#[test]
fn completions_exist_for_every_shell() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(bench.ok(&format!("completions {shell}")).contains("perennial"), "{shell}");
    }
}

#[test]
fn quiet_leaves_results_only_and_colour_is_never_forced() {
    let bench = shop();
    bench.write("more.csv", corner_shop(90));
    let mut command = bench.command(["import", "orders", "more.csv", "--quiet"]);
    let quiet = run(command.env("NO_COLOR", "1"));
    assert_eq!(quiet.err, "");
    assert!(!quiet.out.contains('\u{1b}'));
    assert!(quiet.out.contains("rows read"), "{}", quiet.out);
}

#[test]
fn a_question_is_answered_in_sql() {
    let bench = shop();
    let row = bench.ask("select count(*) as customers, sum(frequency) as repeats from customer.summary");
    assert_eq!(row["customers"], 80);
    assert!(row["repeats"].as_i64() > Some(80), "{row}");
    let relations = bench.json("sql")["relations"].as_array().expect("relations").len();
    assert!(relations > 20, "{relations}");
}

#[test]
fn a_world_is_the_same_again() {
    let bench = Bench::new();
    bench.ok("world --customers 30 --weeks 30 --seed 7 --out one");
    bench.ok("world --customers 30 --weeks 30 --seed 7 --out two");
    for name in ["orders.csv", "returns.csv", "customers.csv", "feedback.csv", "truth.parquet"] {
        let read = |folder: &str| std::fs::read(bench.path(folder).join(name)).expect("a file");
        assert!(read("one") == read("two"), "{name} differs");
    }
    let imported = bench.json("import orders one/orders.csv --currency VND --timezone Asia/Ho_Chi_Minh");
    assert_eq!(imported["facts_new"], imported["counts"]["accepted"], "a line is written once");
}
