//! The manual's page of program commands: every command on it is run, and must answer what the page shows.

use crate::program::{Bench, run};
use crate::programs::PROGRAM;
use crate::tree::{root, text};

const PAGE: &str = "docs/manual/programs/commands.md";

/// The first block of a kind on a page of the manual.
fn block(page: &str, kind: &str) -> String {
    let text = text(&format!("docs/manual/programs/{page}"));
    let fence = format!("```{kind}\n");
    let rest = text.split(&fence).nth(1).unwrap_or_else(|| panic!("{page} has no {kind}"));
    rest.split("```").next().unwrap_or_default().to_owned()
}

/// The shop of the manual: its program, the same with a cheaper coffee and with quicker beans, its facts.
fn shop() -> Bench {
    let program = block("first.md", "toml");
    let cheaper = program.replace("points = 60", "points = 50");
    assert_ne!(program, cheaper, "the first program has a coffee for sixty");
    let quicker = program
        .replace("every = \"10000\"", "every = \"8000\"")
        .replace("\"Corner shop\"", "\"Quicker beans\"");
    assert_ne!(program, quicker, "the first program gives a bean for ten thousand");
    let bench = Bench::new();
    bench.write("quicker/program.toml", quicker);
    bench.write("shop/program.toml", &program);
    bench.write("cheaper/program.toml", cheaper);
    bench.write("facts.jsonl", block("simulate.md", "json"));
    bench
}

/// A page with the answers of its own commands in place of those it shows.
fn answered(page: &str, bench: &Bench) -> String {
    let mut text = String::new();
    let mut is_console = false;
    let mut is_answer = false;
    for line in page.lines() {
        if line.starts_with("```") {
            is_console = line == "```console";
            is_answer = false;
        }
        if let Some(command) = line.strip_prefix("$ perennial ").filter(|_| is_console) {
            let done = run(&mut bench.command(command.split_whitespace()));
            assert_eq!(done.code, 0, "perennial {command}\n{}", done.err);
            text += &format!("{line}\n{}", done.out);
            is_answer = true;
        } else if !is_answer {
            text += &format!("{line}\n");
        }
    }
    text
}

#[test]
fn every_command_answers_what_the_page_shows() {
    let page = text(PAGE);
    assert!(page.matches("\n$ perennial program ").count() >= 8, "the page shows each command");
    let answered = answered(&page, &shop());
    if std::env::var_os("UPDATE_MANUAL").is_some() {
        std::fs::write(root().join(PAGE), &answered).expect("the manual can be written");
    }
    let found = text(PAGE);
    assert!(
        found == answered,
        "{PAGE} is not what the commands say; write it anew with UPDATE_MANUAL=1:\n{answered}"
    );
}

#[test]
fn the_program_of_the_tests_is_the_manual_s() {
    assert_eq!(block("first.md", "toml"), PROGRAM);
}
