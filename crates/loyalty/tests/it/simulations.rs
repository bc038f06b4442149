//! Simulations tell of every fact: what follows from it, or why nothing does.

use crate::story::program;
use loyalty::simulate::{Told, read_events, simulate};

const SHOP: &str = concat!(
    corner_shop!(program r#"claim_within = "7D""#, expiry "never = true", base),
    "[[earning]]\nid = \"review\"\nwallet = \"beans\"\nevent = \"review\"\nfixed = { points = 3 }\n"
);

/// What is told of facts, a word each: an entry's kind, or a note's code.
fn told(facts: &str) -> Vec<String> {
    let program = program(SHOP);
    let events = read_events(facts).map(|event| event.expect("a fact"));
    let word = |told: Told| match told {
        Told::Output(output) => {
            let value = serde_json::to_value(output).unwrap();
            value["posting"]["kind"].as_str().or(value["type"].as_str()).unwrap_or_default().to_owned()
        }
        Told::Note(note) => {
            assert!(
                note.why.len() > 20 && serde_json::to_value(&note).unwrap()["type"] == "note",
                "{note:?}"
            );
            format!("{}:{}", note.id, note.code)
        }
    };
    simulate(&program, 1, events.collect::<Vec<_>>().into_iter()).map(word).collect()
}

fn order(id: &str, more: &str, lines: &str) -> String {
    format!(r#"{{"at":"2026-03-02T02:00:00Z","type":"order","id":"{id}"{more},"lines":[{lines}]}}"#)
}

const JOIN: &str = r#"{"at":"2026-03-01T02:00:00Z","type":"join","member":"ana"}"#;
const LINE: &str = r#"{"id":"1","product":"latte","gross_minor":500}"#;

#[test]
fn an_order_that_earns_nothing_is_told_with_the_reason() {
    let ana = r#","member":"ana""#;
    for (more, lines, expected) in [
        (ana, LINE, "earn"),
        (ana, "", "o-1:no_lines"),
        (r#","member":"ana","currency":"EUR""#, LINE, "o-1:other_currency"),
        (r#","member":"ana","currency":"USD""#, LINE, "earn"),
        (ana, r#"{"id":"1","product":"latte","gross_minor":50}"#, "o-1:no_rule"),
        ("", LINE, "o-1:unclaimed"),
        (r#","member":"bo""#, LINE, "refused"),
    ] {
        assert_eq!(told(&format!("{JOIN}\n{}", order("o-1", more, lines))), [expected], "{more} {lines}");
    }
}

/// Half a cent of a bean is no bean: nothing is taken back, and the return says so.
#[test]
fn a_return_that_takes_nothing_is_told() {
    let bought = order("o-1", r#","member":"ana""#, LINE);
    let back = r#"{"at":"2026-03-03T02:00:00Z","type":"return","id":"r-1","order":"o-1","lines":[{"line":"1","amount_minor":50}]}"#;
    assert_eq!(told(&format!("{JOIN}\n{bought}\n{back}")), ["earn", "r-1:nothing_back"]);
    let more = back.replace("r-1", "r-2").replace("50}", "60}");
    assert_eq!(told(&format!("{JOIN}\n{bought}\n{back}\n{more}")), ["earn", "r-1:nothing_back", "clawback"]);
}

#[test]
fn an_event_nobody_waits_for_is_told() {
    let event = |name: &str| {
        format!(r#"{{"at":"2026-03-02T02:00:00Z","type":"event","id":"e-1","member":"ana","name":"{name}"}}"#)
    };
    assert_eq!(told(&format!("{JOIN}\n{}", event("review"))), ["earn"]);
    assert_eq!(told(&format!("{JOIN}\n{}", event("reviewed"))), ["e-1:no_rule"]);
}

/// An event that rules know may still give nothing, and that is another reason.
#[test]
fn an_event_whose_cap_is_reached_is_told_as_such() {
    let program =
        program(&SHOP.replace(
            "fixed = { points = 3 }",
            "fixed = { points = 3 }\ncaps = [{ per = \"day\", times = 1 }]",
        ));
    let event = |id: &str| {
        format!(
            r#"{{"at":"2026-03-02T02:00:00Z","type":"event","id":"{id}","member":"ana","name":"review"}}"#
        )
    };
    let facts = format!("{JOIN}\n{}\n{}", event("e-1"), event("e-2"));
    let events: Vec<_> = read_events(&facts).map(|event| event.expect("a fact")).collect();
    let notes: Vec<String> = simulate(&program, 1, events.into_iter())
        .filter_map(|told| if let Told::Note(note) = told { Some(note.why) } else { None })
        .collect();
    assert_eq!(notes.len(), 1);
    assert!(notes[0].contains("a cap is reached"), "{notes:?}");
}

#[test]
fn a_fact_out_of_order_counts_as_known_now_and_says_so() {
    let early = order("o-1", r#","member":"ana""#, LINE).replace("03-02", "02-02");
    assert_eq!(told(&format!("{JOIN}\n{early}")), ["o-1:dated_back", "earn"]);
    let again = order("o-2", r#","member":"ana""#, LINE);
    assert_eq!(told(&format!("{JOIN}\n{again}\n{again}")), ["earn", "repeated"]);
}
