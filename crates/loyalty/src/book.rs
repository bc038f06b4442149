//! The rule book as data: chapters, rules, and runs of letters, for whoever lays out a page. The words are those of
//! [`crate::show`]: there is one rule book.

use crate::program::{Lang, Program};
use crate::show::sections;
use serde::Serialize;

/// A chapter of the rule book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chapter {
    /// Its title.
    pub title: String,
    /// Its rules.
    pub rules: Vec<Item>,
}

/// A rule in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What names it across programs: `rule base`.
    pub key: String,
    /// Whether it is a rule of a list, or a sentence on its own.
    pub is_rule: bool,
    /// What it says.
    pub text: Vec<Run>,
    /// What stands below it: bands, benefits.
    pub below: Vec<Vec<Run>>,
}

/// Letters set alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// How.
    pub style: Style,
    /// The letters.
    pub text: String,
}

/// How letters are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// As running text.
    Plain,
    /// Strong: the name of a rule.
    Strong,
    /// As written in the program's file: a condition.
    Code,
}

/// The rule book of a program.
pub fn book(program: &Program, lang: Lang) -> Vec<Chapter> {
    let chapter = |section: crate::show::Section| Chapter {
        title: section.title.trim_start_matches(['#', ' ']).to_owned(),
        rules: section.rules.into_iter().map(item).collect(),
    };
    sections(program, lang).into_iter().map(chapter).collect()
}

fn item(entry: crate::show::Entry) -> Item {
    let mut lines = entry.lines.iter();
    let first = lines.next().map_or("", |line| line);
    Item {
        key: entry.key,
        is_rule: first.starts_with("- "),
        text: runs(first.strip_prefix("- ").unwrap_or(first)),
        below: lines.map(|line| runs(line.trim_start().trim_start_matches("- "))).collect(),
    }
}

/// The runs of a line of our own Markdown, which knows `**strong**` and `` `code` `` and nothing else.
pub fn runs(line: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut push = |style, text: &str| {
        if !text.is_empty() {
            runs.push(Run { style, text: text.to_owned() });
        }
    };
    let mut rest = line;
    loop {
        let strong = rest.find("**").map(|at| (at, "**", Style::Strong));
        let code = rest.find('`').map(|at| (at, "`", Style::Code));
        let Some((at, mark, style)) = strong.into_iter().chain(code).min_by_key(|(at, ..)| *at) else {
            break;
        };
        let after = &rest[at + mark.len()..];
        let Some(end) = after.find(mark) else { break };
        push(Style::Plain, &rest[..at]);
        push(style, &after[..end]);
        rest = &after[end + mark.len()..];
    }
    push(Style::Plain, rest);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_runs_and_what_is_left_open_stays_as_it_is() {
        let told = |line: &str| -> Vec<(Style, String)> {
            runs(line).into_iter().map(|run| (run.style, run.text)).collect()
        };
        let (plain, strong, code) = (Style::Plain, Style::Strong, Style::Code);
        assert_eq!(
            told("**Base**: only where `a ** b`."),
            [
                (strong, "Base".to_owned()),
                (plain, ": only where ".to_owned()),
                (code, "a ** b".to_owned()),
                (plain, ".".to_owned())
            ]
        );
        assert_eq!(told("5 ** 6"), [(plain, "5 ** 6".to_owned())]);
        assert_eq!(told(""), []);
    }
}
