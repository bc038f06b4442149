//! Customers who may be one person, with what speaks for it. Nothing is merged here: somebody decides.

use super::search::{Profile, folded};
use serde::Serialize;

/// Two customers who may be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Likeness {
    /// One.
    pub a: String,
    /// The other.
    pub b: String,
    /// What speaks for it, the strongest first.
    pub evidence: Vec<Evidence>,
}

/// Something that speaks for two being one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Telephone numbers that differ in one digit, or by two neighbours exchanged.
    PhoneMistyped(String, String),
    /// Addresses that differ in one letter, or by two neighbours exchanged.
    EmailMistyped(String, String),
    /// Born on one day.
    SameBirthday(String),
    /// One name, whatever its order and accents.
    SameName(String),
}

/// What speaks for two people being one.
pub fn evidence(a: &Profile, b: &Profile) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for (kind, found) in [
        ("phone", Evidence::PhoneMistyped as fn(String, String) -> Evidence),
        ("email", Evidence::EmailMistyped as fn(String, String) -> Evidence),
    ] {
        let of = |profile: &Profile| -> Vec<String> {
            profile.keys.iter().filter(|key| key.kind == kind).map(|key| key.value.clone()).collect()
        };
        for one in of(a) {
            evidence.extend(
                of(b).into_iter().filter(|other| is_slip(&one, other)).map(|other| found(one.clone(), other)),
            );
        }
    }
    if let (Some(one), Some(other)) = (&a.birthday, &b.birthday)
        && one == other
    {
        evidence.push(Evidence::SameBirthday(one.clone()));
    }
    if !a.name.is_empty() && name(a) == name(b) {
        evidence.push(Evidence::SameName(a.name.clone()));
    }
    evidence.sort();
    evidence
}

/// Pairs worth looking at: those who share a name and anything else, or whose number or address is a slip of the
/// other's; the strongest first.
pub fn likely(people: &[(String, Profile)], pairs: &[(usize, usize)]) -> Vec<Likeness> {
    let like = |&(a, b): &(usize, usize)| {
        let (a, b) = (people.get(a)?, people.get(b)?);
        let evidence = evidence(&a.1, &b.1);
        let is_slip =
            evidence.iter().any(|one| !matches!(one, Evidence::SameBirthday(_) | Evidence::SameName(_)));
        (is_slip || evidence.len() >= 2).then(|| Likeness { a: a.0.clone(), b: b.0.clone(), evidence })
    };
    let mut all: Vec<Likeness> = pairs.iter().filter_map(like).collect();
    all.sort_by(|one, other| {
        other.evidence.len().cmp(&one.evidence.len()).then(one.evidence.cmp(&other.evidence))
    });
    all
}

fn name(profile: &Profile) -> Vec<String> {
    let mut words: Vec<String> = folded(&profile.name).split(' ').map(str::to_owned).collect();
    words.sort();
    words
}

/// Whether one text is the other with one sign changed, or two neighbours exchanged (Damerau 1964).
fn is_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len() != b.len() || a.len() < 6 {
        return false;
    }
    let differ: Vec<usize> = (0..a.len()).filter(|&at| a[at] != b[at]).collect();
    match differ[..] {
        [_] => true,
        [first, second] => second == first + 1 && a[first] == b[second] && a[second] == b[first],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::Identifier;

    fn person(name: &str, phone: &str, birthday: &str) -> Profile {
        let key = Identifier { kind: "phone".into(), source: String::new(), value: phone.to_owned() };
        let birthday = (!birthday.is_empty()).then(|| birthday.to_owned());
        Profile { name: name.to_owned(), birthday, keys: vec![key] }
    }

    #[test]
    fn pairs_come_with_what_speaks_for_them() {
        let people: Vec<(String, Profile)> = [
            person("Nguyễn Thị An", "+84901234567", "1990-05-01"),
            person("an nguyen thi", "+84901234576", "1990-05-01"),
            person("Nguyễn Thị An", "+84388888888", ""),
            person("Trần Văn Bình", "+84901234568", ""),
        ]
        .into_iter()
        .zip(["a", "b", "c", "d"])
        .map(|(profile, id)| (id.to_owned(), profile))
        .collect();
        let pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (2, 3)];
        let found = likely(&people, &pairs);
        let named: Vec<(&str, &str, usize)> =
            found.iter().map(|like| (like.a.as_str(), like.b.as_str(), like.evidence.len())).collect();
        assert_eq!(named, [("a", "b", 3), ("a", "d", 1)], "a name alone is no evidence");
        assert!(matches!(found[0].evidence[0], Evidence::PhoneMistyped(..)));
    }
}
