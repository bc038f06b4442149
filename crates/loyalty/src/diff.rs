//! What changes from one program to another, in words: the two rule books laid side by side, rule by rule.

use crate::program::{Lang, Program};
use crate::show::sections;
use crate::words::say;
use std::collections::BTreeMap;

/// The difference from `a` to `b`. A rule is the same rule where its kind and id are.
pub fn diff(a: &Program, b: &Program, lang: Lang) -> String {
    let (before, after) = (rules(a, lang), rules(b, lang));
    let mut lines = Vec::new();
    let mut title = None;
    for row in &after {
        let change = match before.iter().find(|known| known.key == row.key) {
            Some(then) if then.lines == row.lines => continue,
            Some(then) => changed(row, then, lang),
            None => added("diff added", &row.lines, lang),
        };
        if title != Some(&row.section) {
            lines.push(format!("\n{}\n", row.section));
            title = Some(&row.section);
        }
        lines.extend(change);
    }
    for row in before.iter().filter(|row| !after.iter().any(|known| known.key == row.key)) {
        if title != Some(&row.section) {
            lines.push(format!("\n{}\n", row.section));
            title = Some(&row.section);
        }
        lines.extend(added("diff removed", &row.lines, lang));
    }
    if lines.is_empty() {
        return say(lang, "diff none", &[]);
    }
    lines.join("\n").trim_start().to_owned() + "\n"
}

/// A rule of a book, with the chapter it stands in.
#[derive(PartialEq)]
struct Row {
    section: String,
    key: String,
    title: String,
    lines: Vec<String>,
}

fn rules(program: &Program, lang: Lang) -> Vec<Row> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut rows = Vec::new();
    for (place, section) in sections(program, lang).into_iter().enumerate() {
        // The title of the book is the program's name, which may be what changed.
        let chapter = if place == 0 { String::new() } else { section.title };
        for rule in section.rules {
            let count = seen.entry(rule.key.clone()).or_default();
            *count += 1;
            let key = format!("{} {count}", rule.key);
            rows.push(Row { section: chapter.clone(), key, title: rule.title, lines: rule.lines });
        }
    }
    rows
}

fn plain(line: &str) -> &str {
    line.trim_start_matches([' ', '-'])
}

fn added(key: &str, text: &[String], lang: Lang) -> Vec<String> {
    let mut lines = vec![format!("- {}", say(lang, key, &[plain(&text[0])]))];
    lines.extend(text[1..].iter().cloned());
    lines
}

fn changed(now: &Row, then: &Row, lang: Lang) -> Vec<String> {
    let mut lines = vec![format!("- {}", say(lang, "diff changed", &[&now.title]))];
    let gone = then.lines.iter().filter(|line| !now.lines.contains(line));
    lines.extend(gone.map(|line| format!("  - ~~{}~~", plain(line))));
    let new = now.lines.iter().filter(|line| !then.lines.contains(line));
    lines.extend(new.map(|line| format!("  - {}", plain(line))));
    lines
}

/// Whether two programs have the same rules: their names and ids may differ, and nothing else.
pub fn is_same(a: &Program, b: &Program) -> bool {
    rules(a, Lang::En) == rules(b, Lang::En)
}
