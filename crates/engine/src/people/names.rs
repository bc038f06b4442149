//! Names: written as the person writes them, family name first where that is the custom.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A name in its parts, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The whole name, as the person writes it.
    pub full: String,
    /// The name of the family.
    pub family: String,
    /// The name one is called by.
    pub given: String,
}

/// Chinese family names of two characters that are common enough to tell (Hundred Family Surnames).
const OF_TWO: &[&str] = &[
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "夏侯", "皇甫", "尉迟", "尉遲", "公孙", "公孫",
    "慕容", "司徒", "令狐", "东方", "東方", "独孤", "獨孤", "南宫", "南宮", "端木",
];

/// The family names that nine in ten Vietnamese have (Lê Trung Hoa, Họ và tên người Việt Nam, 2005).
const VIETNAMESE: &[&str] = &[
    "nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô",
    "dương", "lý", "đinh", "đoàn", "trương", "mai", "tô", "trịnh", "đào", "lương", "tạ", "hà", "cao", "châu",
    "lâm", "thái",
];

/// A text as names are kept: composed (NFC), without spaces at the ends and double ones.
pub fn tidy(text: &str) -> String {
    text.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name from what is known of it. What is not said is read off the whole name where custom tells: Chinese names
/// begin with the family's, Vietnamese ones too, and Vietnamese are called by the last word.
pub fn name(full: &str, family: &str, given: &str) -> Name {
    let (full, family, given) = (tidy(full), tidy(family), tidy(given));
    if full.is_empty() {
        let full =
            if begins_with_family(&family) { joined(&family, &given) } else { joined(&given, &family) };
        return Name { full, family, given };
    }
    if !family.is_empty() || !given.is_empty() {
        return Name { full, family, given };
    }
    let (family, given) = parts(&full);
    Name { full, family, given }
}

fn joined(first: &str, second: &str) -> String {
    let together = first.chars().chain(second.chars()).all(is_han);
    let space = if together || first.is_empty() || second.is_empty() { "" } else { " " };
    format!("{first}{space}{second}")
}

/// Whether people of this family write it first.
fn begins_with_family(family: &str) -> bool {
    family.chars().next().is_some_and(is_han) || VIETNAMESE.contains(&family.to_lowercase().as_str())
}

fn parts(full: &str) -> (String, String) {
    if full.chars().all(is_han) {
        let family = OF_TWO.iter().find(|family| full.starts_with(**family) && full.len() > family.len());
        let first = full.chars().next().map_or(0, char::len_utf8);
        let (family, given) = full.split_at(family.map_or(first, |family| family.len()));
        return (family.to_owned(), given.to_owned());
    }
    let words: Vec<&str> = full.split(' ').collect();
    match words[..] {
        [first, .., last] if VIETNAMESE.contains(&first.to_lowercase().as_str()) => {
            (first.to_owned(), last.to_owned())
        }
        // Who writes the family first and who last cannot be told by the look of the name.
        _ => (String::new(), String::new()),
    }
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_order() {
        for (full, family, given, expected) in [
            ("  Nguyễn   Thị Đào ", "", "", ("Nguyễn Thị Đào", "Nguyễn", "Đào")),
            ("", "Nguyễn", "Thị Đào", ("Nguyễn Thị Đào", "Nguyễn", "Thị Đào")),
            ("", "王", "小明", ("王小明", "王", "小明")),
            ("欧阳修", "", "", ("欧阳修", "欧阳", "修")),
            ("王小明", "", "", ("王小明", "王", "小明")),
            ("", "Smith", "Ana", ("Ana Smith", "Smith", "Ana")),
            ("Ana Smith", "", "", ("Ana Smith", "", "")),
            ("Ana", "", "", ("Ana", "", "")),
            ("Tie\u{302}\u{301}ng", "", "", ("Tiếng", "", "")),
        ] {
            let name = name(full, family, given);
            assert_eq!((name.full.as_str(), name.family.as_str(), name.given.as_str()), expected, "{full}");
        }
    }
}
