//! Finding a person by what somebody remembers of them: any words of the name, in any order, without accents; the end
//! of a telephone number; the beginning of an address.

use std::collections::BTreeSet;
use store::{Failure, Identifier, Writing};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What is known of a person that others search by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The name, as the person writes it: family name first or last.
    pub name: String,
    /// `MM-DD` or `YYYY-MM-DD`.
    pub birthday: Option<String>,
    /// Telephone numbers, addresses, cards.
    pub keys: Vec<Identifier>,
}

/// A text as it is compared: lower case, without accents, đ as d, words parted by single spaces.
pub fn folded(text: &str) -> String {
    let plain = text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase);
    let plain: String = plain
        .map(|letter| match letter {
            'đ' => 'd',
            letter if letter.is_alphanumeric() || letter == '@' || letter == '.' => letter,
            _ => ' ',
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words under which a person is found, each with its kind before it.
pub fn words(profile: &Profile) -> Vec<String> {
    let name = folded(&profile.name);
    let mut words = BTreeSet::new();
    let mut sorted: Vec<&str> = name.split(' ').filter(|word| !word.is_empty()).collect();
    for word in &sorted {
        words.insert(format!("n:{word}"));
        // Chinese names have no spaces: whoever remembers the given name finds it at the end.
        if !word.is_ascii() {
            words.extend(word.char_indices().skip(1).map(|(at, _)| format!("n:{}", &word[at..])));
        }
    }
    sorted.sort_unstable();
    if !sorted.is_empty() {
        // The whole name, whatever its order: two who share it may be one.
        words.insert(format!("f:{}", sorted.join(" ")));
    }
    for key in &profile.keys {
        let value = folded(&key.value);
        match key.kind.as_str() {
            "phone" => {
                // Backwards, so that whoever knows the end of a number knows the beginning of the word.
                let digits: String = value.chars().rev().filter(char::is_ascii_digit).collect();
                words.insert(format!("p:{digits}"));
            }
            _ => {
                words.insert(format!("k:{value}"));
            }
        }
    }
    words.into_iter().collect()
}

/// Customers who fit all words of `text`, at most `most`.
pub fn find(reading: &Writing<'_>, text: &str, most: usize) -> Result<Vec<String>, Failure> {
    // Enough of each word that their meeting is not cut off by one that everybody has.
    const CANDIDATES: i64 = 10_000;
    let mut found: Option<BTreeSet<String>> = None;
    for word in folded(text).split(' ').filter(|word| !word.is_empty()) {
        let mut here: BTreeSet<String> = BTreeSet::new();
        let digits: String = word.chars().filter(char::is_ascii_digit).collect();
        // A number is remembered with its zero or with its country.
        let tail = digits.trim_start_matches('0');
        if digits.len() == word.len() && tail.len() >= 4 {
            let tail: String = tail.chars().rev().collect();
            here.extend(reading.find_by_word(&format!("p:{tail}"), CANDIDATES)?);
        }
        here.extend(reading.find_by_word(&format!("n:{word}"), CANDIDATES)?);
        here.extend(reading.find_by_word(&format!("k:{word}"), CANDIDATES)?);
        found = Some(match found {
            None => here,
            Some(before) => before.intersection(&here).cloned().collect(),
        });
    }
    Ok(found.unwrap_or_default().into_iter().take(most).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_accents() {
        for (text, expected) in [
            ("Nguyễn Thị Đào", "nguyen thi dao"),
            ("  TRẦN   Văn-An ", "tran van an"),
            ("José Ñúñez", "jose nunez"),
            ("王小明", "王小明"),
            ("Ana@Corner.Example", "ana@corner.example"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn words_are_of_the_name_and_of_the_ends_of_numbers() {
        let phone = Identifier { kind: "phone".into(), source: String::new(), value: "+84901234567".into() };
        let profile = Profile { name: "王小明".into(), birthday: None, keys: vec![phone] };
        let words = words(&profile);
        for word in ["n:王小明", "n:小明", "n:明", "f:王小明", "p:76543210948"] {
            assert!(words.contains(&word.to_owned()), "{word}: {words:?}");
        }
    }
}
