//! Finding people: by any identifier, by what somebody remembers of a name or a number; and those who may be two
//! entries of one person.

use super::profile::{fields, name_of, searchable};
use super::{Stopped, again, group, survivor};
use crate::record::identity::duplicates::{Likeness, evidence, likely};
use crate::record::identity::kinds::{self, Rules};
use crate::record::identity::search;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Failure, Identifier, Session, Writing};

/// Somebody who was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Who.
    pub customer: String,
    /// The name, as the person writes it; empty where it is not known.
    pub name: String,
    /// Identifiers.
    pub keys: Vec<Identifier>,
    /// The identifier by which they were found; absent where words of the name or the end of a number did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Identifier>,
}

/// Find people by an id of ours, an identifier in any spelling, or words; at most `most`. An identifier that is
/// somebody's answers with that one alone.
pub fn find(reading: &Writing<'_>, rules: &Rules, text: &str, most: usize) -> Result<Vec<Found>, Stopped> {
    let text = text.trim();
    if text.starts_with("cus_") {
        return Ok(vec![found(reading, &survivor(reading, text)?, None)?]);
    }
    let exact = by_identifier(reading, rules, text)?;
    if !exact.is_empty() {
        return Ok(exact);
    }
    let ids = search::find(reading, text, most)?;
    ids.iter().map(|id| Ok(found(reading, id, None)?)).collect()
}

fn by_identifier(reading: &Writing<'_>, rules: &Rules, text: &str) -> Result<Vec<Found>, Stopped> {
    let (asked, value) = text.split_once(':').unwrap_or(("", text));
    let named: Vec<&str> = match asked {
        "" => rules.kinds.iter().map(|kind| kind.name.as_str()).collect(),
        asked => vec![kinds::named(asked)],
    };
    let mut all: Vec<Found> = Vec::new();
    for kind in named {
        let Ok(key) = rules.normalise("", kind, value) else { continue };
        for (source, owner) in reading.owners_by_value(kind, &key.value)? {
            if all.iter().all(|found| found.customer != owner) {
                let by = Identifier { source, ..key.clone() };
                all.push(found(reading, &owner, Some(by))?);
            }
        }
    }
    Ok(all)
}

/// The setting that says whether an import has brought people who cannot be found by their words yet: writing those takes
/// longer than the import, and waits until somebody looks for somebody.
pub const DUE: &str = "names_due";

/// Write the words under which people are found, where an import has left that to be done; `told` hears of how many they
/// are written.
pub fn index_due(session: &mut Session, told: &mut dyn FnMut(u64)) -> Result<u64, Stopped> {
    let due = session.read().find_setting(DUE)?.unwrap_or_default();
    if due.is_empty() {
        return Ok(0);
    }
    let count = index_told(session, told)?;
    again(session, |writing| {
        // An import that began meanwhile has brought others.
        if writing.find_setting(DUE)?.as_ref() == Some(&due) {
            writing.put_setting(DUE, "", 0)?;
        }
        Ok(())
    })?;
    Ok(count)
}

/// Write the words under which people are found, for those who have none yet: whoever came by an import. Answers how
/// many there were.
pub fn index(session: &mut Session) -> Result<u64, Stopped> {
    index_told(session, &mut |_| ())
}

fn index_told(session: &mut Session, told: &mut dyn FnMut(u64)) -> Result<u64, Stopped> {
    const PAGE: i64 = 5_000;
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let page = again(session, |writing| {
            let ids = writing.customers_without_words(&after, PAGE)?;
            let mut words: Vec<(String, &str)> = Vec::new();
            for id in &ids {
                let own = search::words(&searchable(writing, id)?);
                words.extend(own.into_iter().map(|word| (word, id.as_str())));
            }
            writing.insert_search_words(words.iter().map(|(word, id)| (word.as_str(), *id)).collect())?;
            Ok(ids)
        })?;
        let Some(last) = page.last() else { return Ok(count) };
        count += page.len() as u64;
        told(count);
        after = last.clone();
    }
}

fn found(reading: &Writing<'_>, customer: &str, by: Option<Identifier>) -> Result<Found, Failure> {
    let name = name_of(&fields(reading, &group(reading, customer)?)?).full;
    Ok(Found { customer: customer.to_owned(), name, keys: reading.keys_of_customer(customer)?, by })
}

/// Who may be the same person as `customer`, with what speaks for it, the strongest first.
pub fn likely_duplicates(reading: &Writing<'_>, customer: &str) -> Result<Vec<Likeness>, Failure> {
    // Enough to choose from; who has a name that thousands have is not found by it alone.
    const CANDIDATES: i64 = 200;
    let own = searchable(reading, customer)?;
    let mut ids: Vec<String> = Vec::new();
    for word in search::words(&own).iter().filter(|word| word.starts_with("f:")) {
        ids.extend(reading.find_by_word(word, CANDIDATES)?);
    }
    let slips: Vec<Identifier> = own.keys.iter().flat_map(slips).collect();
    ids.extend(reading.owners_of(&slips)?.into_iter().flatten());
    ids.sort();
    ids.dedup();
    ids.retain(|id| id != customer);
    let mut all = Vec::new();
    for id in ids {
        let other = searchable(reading, &id)?;
        all.push((id, other));
    }
    all.insert(0, (customer.to_owned(), own));
    let pairs: Vec<(usize, usize)> = (1..all.len()).map(|other| (0, other)).collect();
    Ok(likely(&all, &pairs))
}

/// Pairs of customers who may be one person, over all customers: those who share a whole name and something else. At
/// most `most` pairs are looked at.
pub fn duplicates(reading: &Writing<'_>, most: i64) -> Result<Vec<Likeness>, Failure> {
    let mut people = BTreeMap::new();
    let mut all = Vec::new();
    for (a, b, _) in reading.sharing_words("f:", most)? {
        for id in [&a, &b] {
            if !people.contains_key(id) {
                people.insert(id.clone(), searchable(reading, id)?);
            }
        }
        let evidence = evidence(&people[&a], &people[&b]);
        if evidence.len() >= 2 {
            all.push(Likeness { a, b, evidence });
        }
    }
    all.sort_by(|one, other| {
        other.evidence.len().cmp(&one.evidence.len()).then(one.evidence.cmp(&other.evidence))
    });
    Ok(all)
}

/// Numbers that differ from a telephone number in one digit, or by two neighbours exchanged.
fn slips(key: &Identifier) -> Vec<Identifier> {
    if key.kind != "phone" {
        return Vec::new();
    }
    let signs: Vec<u8> = key.value.bytes().collect();
    let mut all = Vec::new();
    // The country is rarely mistyped and its digits would find strangers.
    for at in 3..signs.len() {
        for digit in b'0'..=b'9' {
            let mut other = signs.clone();
            other[at] = digit;
            all.push(other);
        }
        let mut other = signs.clone();
        other.swap(at - 1, at);
        all.push(other);
    }
    let text = |signs: Vec<u8>| String::from_utf8(signs).ok().filter(|value| *value != key.value);
    all.into_iter().filter_map(text).map(|value| Identifier { value, ..key.clone() }).collect()
}
