//! The sentences of the rule book and of explanations, in English, Vietnamese and Chinese, simplified
//! and traditional.
//!
//! A sentence is a template with `{0}`, `{1}` … for what goes in; the languages stand beside one another, so that
//! a change to one is seen next to the others. `{0s}` is an English plural: an `s`, except beside the number one. A
//! test renders every template in every language.

mod texts;

use crate::number::decimal;
use crate::program::spec::Wallet;
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
        let (number, is_plural) = match rest[open + 1..close].strip_suffix('s') {
            Some(number) => (number, true),
            None => (&rest[open + 1..close], false),
        };
        let part: usize = number.parse().expect("a template numbers its parts");
        text.push_str(match (parts.get(part).copied().unwrap_or("…"), is_plural) {
            ("1", true) => "",
            (_, true) => "s",
            (said, false) => said,
        });
        rest = &rest[close + 1..];
    }
    text.push_str(rest);
    text
}

/// Whether there is a text of that key.
pub(crate) fn knows(key: &str) -> bool {
    texts::TEXTS.iter().any(|(known, _)| *known == key)
}

fn place(lang: Lang) -> usize {
    match lang {
        Lang::En => 0,
        Lang::Vi => 1,
        Lang::Zh => 2,
        Lang::ZhHant => 3,
    }
}

/// Plain digits as the reader writes them: `12345.5` as `12,345.5` or `12.345,5`. A fraction stays as it is.
pub(crate) fn number(plain: &str, lang: Lang) -> String {
    let (group, point) = match lang {
        Lang::Vi => ('.', ','),
        Lang::En | Lang::Zh | Lang::ZhHant => (',', '.'),
    };
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    if plain.contains('/') {
        return plain.to_owned();
    }
    let mut text = String::with_capacity(plain.len() + plain.len() / 3);
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len() - place;
        if left.is_multiple_of(3) && text.ends_with(|before: char| before.is_ascii_digit()) {
            text.push(group);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(point);
        text.push_str(fraction);
    }
    text
}

/// Points with the wallet's name: `12.3 Stars`, `1 Star`.
pub(crate) fn points(program: &Program, wallet: usize, units: i64, lang: Lang) -> String {
    let spec = &program.wallets[wallet];
    points_of(spec, &decimal(units, spec.precision), lang)
}

/// Plain digits with what points of a wallet are called.
pub(crate) fn points_of(wallet: &Wallet, plain: &str, lang: Lang) -> String {
    format!("{} {}", number(plain, lang), wallet.called(plain == "1", lang.code()))
}

/// Money of the program: `1,012.50 USD`.
pub(crate) fn money(program: &Program, minor: i64, lang: Lang) -> String {
    money_of(program.head.currency, minor, lang)
}

/// Money of a currency.
pub(crate) fn money_of(currency: domain::Currency, minor: i64, lang: Lang) -> String {
    format!("{} {currency}", number(&decimal(minor, currency.decimals()), lang))
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
    say(lang, unit, &[&length.count.to_string()])
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
        for (key, [en, vi, zh, zh_hant]) in texts::TEXTS {
            assert!(!en.is_empty() && !vi.is_empty() && !zh.is_empty() && !zh_hant.is_empty(), "{key}");
            assert_eq!(parts(en), parts(vi), "{key} in vi");
            assert_eq!(parts(en), parts(zh), "{key} in zh");
            assert_eq!(parts(en), parts(zh_hant), "{key} in zh-Hant");
            for lang in Lang::ALL {
                assert!(!say(lang, key, &["a"; 9]).contains('…'), "{key} has more parts than nine");
            }
        }
        let mut keys: Vec<&str> = texts::TEXTS.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), texts::TEXTS.len(), "each key once");
    }

    /// The words for machines that stand in the sources where something is refused.
    fn refusals(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                refusals(&path, found);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                for call in text.split("refused(").skip(1) {
                    let end = call.find(';').unwrap_or(call.len());
                    let literal = call[..end].split('"').nth(1).unwrap_or_default();
                    let is_code = |c: char| c.is_ascii_lowercase() || c == '_';
                    if !literal.is_empty() && literal.chars().all(is_code) {
                        found.push(literal.to_owned());
                    }
                }
            }
        }
    }

    #[test]
    fn every_refusal_can_be_said_in_every_language() {
        // What is put together elsewhere: why a reward or a benefit cannot be had.
        let mut codes: Vec<String> = [
            "insufficient_points",
            "out_of_stock",
            "needs_confirmation",
            "too_fast",
            "unavailable",
            "unknown_benefit",
            "not_granted",
            "not_the_birthday",
            "used_up",
        ]
        .map(str::to_owned)
        .to_vec();
        refusals(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut codes);
        assert!(codes.len() > 60, "{} places refuse", codes.len());
        for code in codes {
            let has_text = texts::TEXTS.iter().any(|(key, _)| *key == format!("no {code}"));
            assert!(has_text, "there are no words for the refusal '{code}'");
        }
        for code in ["dated_back", "no_lines", "other_currency", "unclaimed", "no_rule", "nothing_back"] {
            for lang in Lang::ALL {
                assert!(!say(lang, &format!("note {code}"), &[]).is_empty());
            }
        }
    }

    #[test]
    fn numbers_are_written_as_the_reader_is_used_to() {
        for (plain, en, vi) in [
            ("0", "0", "0"),
            ("999", "999", "999"),
            ("1000", "1,000", "1.000"),
            ("-1234567.50", "-1,234,567.50", "-1.234.567,50"),
            ("-100", "-100", "-100"),
            ("0.5", "0.5", "0,5"),
            ("2000/3", "2000/3", "2000/3"),
        ] {
            assert_eq!((number(plain, Lang::En).as_str(), number(plain, Lang::Vi).as_str()), (en, vi));
            assert_eq!((number(plain, Lang::Zh).as_str(), number(plain, Lang::ZhHant).as_str()), (en, en));
        }
    }

    #[test]
    fn one_of_a_thing_is_no_plural() {
        assert_eq!(say(Lang::En, "rule cap times", &["1", "day"]), "At most 1 time per day.");
        assert_eq!(say(Lang::En, "rule cap times", &["2", "day"]), "At most 2 times per day.");
        assert_eq!(say(Lang::Vi, "rule cap times", &["1", "ngày"]), "Tối đa 1 lần mỗi ngày.");
    }

    #[test]
    fn lengths_and_lists_read_well() {
        assert_eq!(length("1D".parse().unwrap(), Lang::En), "1 day");
        assert_eq!(length("30D".parse().unwrap(), Lang::Vi), "30 ngày");
        assert_eq!(length("6M".parse().unwrap(), Lang::Zh), "6 个月");
        assert_eq!(length("1W".parse().unwrap(), Lang::ZhHant), "1 週");
        let items = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        assert_eq!(list(&items, Lang::En), "a, b and c");
        assert_eq!(list(&items, Lang::Zh), "a、b和c");
    }
}
