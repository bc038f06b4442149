//! The story of `docs/manual/first-loop.md` is executed: every file on the page is written, every command run in order,
//! and what it answers must be what the page shows, but for the numbers, which hang on the lot.

use crate::program::{Bench, run};
use crate::tree::{root, text};
use engine::collect::whole;
use serde_json::Value;

const PAGE: &str = "docs/manual/first-loop.md";

/// The ticked list that comes back: everybody was reached but every fifth, and the first asks not to be called again.
fn tick(bench: &Bench) {
    let bytes = std::fs::read(bench.path("calls.xlsx")).expect("the list");
    let list = whole::read("calls.xlsx", bytes).expect("a workbook");
    let (place, mut back) = (list.place(&["ref"]).expect("references"), String::from("Ref,Outcome\n"));
    for (at, (_, row)) in list.rows.iter().enumerate() {
        let outcome = match at {
            0 => "opted out",
            _ if at % 5 == 0 => "no answer",
            _ => "reached",
        };
        back += &format!("{},{outcome}\n", row[place]);
    }
    bench.write("back.csv", back);
}

/// A line without its numbers: those that depend on the lot are not compared.
fn plain(line: &str) -> String {
    let mut text = String::new();
    for word in line.split(' ') {
        let is_number = word.chars().any(|letter| letter.is_ascii_digit());
        let unit = ["M", "k", "bn", "₫"].contains(&word.trim_end_matches(['.', ',']));
        if !is_number && !unit {
            text += word;
            text.push(' ');
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The page with the answers of its own commands, and the bench they were run in.
fn told() -> (String, Bench) {
    let page = text(PAGE);
    let bench = Bench::new();
    let (mut out, mut block, mut is_answer) = (String::new(), String::new(), false);
    let mut file: Option<(String, String)> = None;
    for line in page.lines() {
        if let Some(kind) = line.strip_prefix("```") {
            if let Some((name, body)) = file.take() {
                bench.write(&name, body);
            }
            file = kind.strip_prefix("toml file=").map(|name| (name.to_owned(), String::new()));
            block = kind.to_owned();
            is_answer = false;
        } else if let Some((_, body)) = &mut file {
            body.push_str(line);
            body.push('\n');
        }
        if let Some(command) = line.strip_prefix("$ perennial ").filter(|_| block.starts_with("console")) {
            if command.starts_with("campaign results") {
                tick(&bench);
            }
            let done = run(&mut bench.command(words(command)));
            let wanted = i32::from(block == "console refused");
            assert_eq!(done.code, wanted, "perennial {command}\n{}{}", done.out, done.err);
            out += &format!("{line}\n{}", if wanted == 0 { done.out } else { done.err });
            is_answer = true;
        } else if !is_answer {
            out += line;
            out.push('\n');
        }
    }
    (out, bench)
}

/// A command line as a shell parts it, with double quotes.
fn words(line: &str) -> Vec<String> {
    let (mut all, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => all.push(std::mem::take(&mut word)),
            other => word.push(other),
        }
    }
    all.push(word);
    all
}

#[test]
fn the_story_of_the_manual_is_true() {
    // The lot falls anew each time, under a new secret. What is planted is so large that every lot shows it to pay: margin
    // less cost is some seven standard errors above nothing, and "keep" asks for two.
    let (told, bench) = told();
    assert!(told.contains("\nKeep it. "), "{told}");
    if std::env::var_os("UPDATE_MANUAL").is_some() {
        std::fs::write(root().join(PAGE), &told).expect("the manual can be written");
    }
    let page = text(PAGE);
    let (shown, said): (Vec<String>, Vec<String>) =
        (page.lines().map(plain).collect(), told.lines().map(plain).collect());
    for (shown, said) in shown.iter().zip(&said) {
        assert_eq!(shown, said, "{PAGE} is not what the commands say; write it anew with UPDATE_MANUAL=1");
    }
    assert_eq!(shown.len(), said.len(), "{PAGE} has answers too many or too few");

    // What was planted is found: 1.6 orders more a person, less those that fall on one day with another.
    let found: Value = bench.json("campaign measure late-calls");
    let orders = found["effects"].as_array().unwrap().iter().find(|one| one["metric"] == "orders").unwrap();
    let (low, high) = (orders["lift"]["low"].as_f64().unwrap(), orders["lift"]["high"].as_f64().unwrap());
    // The lot falls anew each time: an interval of 95 % may miss, one of twice the width does so once in ten thousand.
    let (middle, width) = ((low + high) / 2.0, high - low);
    assert!((middle - 1.54).abs() < width, "{low} to {high} is far from what was planted");
    assert!(low > 0.0, "{low} to {high} could be nothing");
    assert_eq!(found["decision"]["verdict"], "keep");
    assert_eq!(found["people"]["leaked"], 0);
    let page = std::fs::read_to_string(bench.path("result.html")).expect("a page");
    for asks in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!page.contains(asks), "the page asks the network: {asks}");
    }
    // Asked again it says the same.
    assert_eq!(bench.json("campaign measure late-calls"), found);
}
