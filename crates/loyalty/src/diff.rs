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
    for (section, key, now) in &after {
        let then = before.iter().find(|(_, known, _)| known == key).map(|(_, _, text)| text);
        let change = match then {
            Some(then) if then == now => continue,
            Some(then) => changed(key, then, now, lang),
            None => added("diff added", now, lang),
        };
        if title != Some(section) {
            lines.push(format!("\n{section}\n"));
            title = Some(section);
        }
        lines.extend(change);
    }
    let gone: Vec<&(String, String, Vec<String>)> =
        before.iter().filter(|(_, key, _)| !after.iter().any(|(_, known, _)| known == key)).collect();
    for (section, _, text) in gone {
        if title != Some(section) {
            lines.push(format!("\n{section}\n"));
            title = Some(section);
        }
        lines.extend(added("diff removed", text, lang));
    }
    if lines.is_empty() {
        return say(lang, "diff none", &[]);
    }
    lines.join("\n").trim_start().to_owned() + "\n"
}

type Row = (String, String, Vec<String>);

fn rules(program: &Program, lang: Lang) -> Vec<Row> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut rows = Vec::new();
    for (place, section) in sections(program, lang).into_iter().enumerate() {
        // The title of the book is the program's name, which may be what changed.
        let title = if place == 0 { String::new() } else { section.title };
        for rule in section.rules {
            let count = seen.entry(rule.key.clone()).or_default();
            *count += 1;
            rows.push((title.clone(), format!("{} {count}", rule.key), rule.lines));
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

fn changed(key: &str, then: &[String], now: &[String], lang: Lang) -> Vec<String> {
    let name = key.rsplit_once(' ').map_or(key, |(name, _)| name);
    let mut lines = vec![format!("- {}", say(lang, "diff changed", &[name]))];
    lines.extend(
        then.iter().filter(|line| !now.contains(line)).map(|line| format!("  - ~~{}~~", plain(line))),
    );
    lines.extend(now.iter().filter(|line| !then.contains(line)).map(|line| format!("  - {}", plain(line))));
    lines
}

/// Whether two programs have the same rules: their names and ids may differ, and nothing else.
pub fn is_same(a: &Program, b: &Program) -> bool {
    rules(a, Lang::En) == rules(b, Lang::En)
}
