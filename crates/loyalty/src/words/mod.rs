//! The sentences of the rule book and of explanations, in English, Vietnamese and Chinese (simplified).
//!
//! A sentence is a template with `{0}`, `{1}` … for what goes in; the three languages stand beside one another, so that
//! a change to one is seen next to the others. A test renders every template in every language.

mod texts;

use crate::number::decimal;
use crate::program::{Lang, Program};
use crate::time::{Length, Unit};

/// The template of a key, filled in.
///
/// # Panics
/// Where there is no such key: a bug, which the test that renders everything finds.
pub(crate) fn say(lang: Lang, key: &str, parts: &[&str]) -> String {
    let row = texts::TEXTS.iter().find(|(known, _)| *known == key);
    let template = row.unwrap_or_else(|| panic!("no text '{key}'")).1[place(lang)];
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        text.push_str(&rest[..open]);
        let close = open + rest[open..].find('}').expect("a template closes its braces");
        let part: usize = rest[open + 1..close].parse().expect("a template numbers its parts");
        text.push_str(parts.get(part).copied().unwrap_or("…"));
        rest = &rest[close + 1..];
    }
    text.push_str(rest);
    text
}

fn place(lang: Lang) -> usize {
    match lang {
        Lang::En => 0,
        Lang::Vi => 1,
        Lang::Zh => 2,
    }
}

/// Points with the wallet's name: `12.3 Stars`.
pub(crate) fn points(program: &Program, wallet: usize, units: i64, lang: Lang) -> String {
    let spec = &program.wallets[wallet];
    format!("{} {}", decimal(units, spec.precision), spec.name.in_language(lang.code()))
}

/// Money of the program: `12.50 USD`.
pub(crate) fn money(program: &Program, minor: i64) -> String {
    money_of(program.head.currency, minor)
}

/// Money of a currency.
pub(crate) fn money_of(currency: domain::Currency, minor: i64) -> String {
    format!("{} {currency}", decimal(minor, currency.decimals()))
}

/// A length of time: `30 days`, `30 ngày`, `30 天`.
pub(crate) fn length(length: Length, lang: Lang) -> String {
    let unit = match length.unit {
        Unit::Second => "unit second",
        Unit::Minute => "unit minute",
        Unit::Hour => "unit hour",
        Unit::Day => "unit day",
        Unit::Week => "unit week",
        Unit::Month => "unit month",
        Unit::Year => "unit year",
    };
    let count = length.count.to_string();
    if lang == Lang::En && length.count == 1 {
        return say(lang, unit, &[&count]).trim_end_matches('s').to_owned();
    }
    say(lang, unit, &[&count])
}

/// A list with the language's comma and "and" between the last two.
pub(crate) fn list(items: &[String], lang: Lang) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => say(lang, "and", &[&first.join(&say(lang, "comma", &[])), last]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_every_language_with_the_same_parts() {
        let parts = |template: &str| {
            let mut found: Vec<char> =
                template.split('{').skip(1).map(|rest| rest.chars().next().unwrap()).collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        for (key, [en, vi, zh]) in texts::TEXTS {
            assert!(!en.is_empty() && !vi.is_empty() && !zh.is_empty(), "{key}");
            assert_eq!(parts(en), parts(vi), "{key} in vi");
            assert_eq!(parts(en), parts(zh), "{key} in zh");
            for lang in Lang::ALL {
                assert!(!say(lang, key, &["a"; 9]).contains('…'), "{key} has more parts than nine");
            }
        }
        let mut keys: Vec<&str> = texts::TEXTS.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), texts::TEXTS.len(), "each key once");
    }

    #[test]
    fn lengths_and_lists_read_well() {
        assert_eq!(length("1D".parse().unwrap(), Lang::En), "1 day");
        assert_eq!(length("30D".parse().unwrap(), Lang::Vi), "30 ngày");
        assert_eq!(length("6M".parse().unwrap(), Lang::Zh), "6 个月");
        let items = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        assert_eq!(list(&items, Lang::En), "a, b and c");
        assert_eq!(list(&items, Lang::Zh), "a、b和c");
    }
}
