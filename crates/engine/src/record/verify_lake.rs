//! Lake against log: what the log has sealed is in the lake, and there once.
//!
//! The log is told anew from its first event and compared with the rows that the lake says came from it. What has events
//! on their way is passed over: its rows may be those of before.

use super::verify::Finding;
use crate::collect::live::{Shop, Stop, facts_of};
use domain::column::Values;
use domain::fact::Table;
use domain::port::{Facts, Failure};
use std::collections::{BTreeMap, BTreeSet};
use store::{LogPart, Session};

/// Reads the keys of the rows of a table that came from the log.
pub type LakeKeys<'a> = dyn FnMut(Table, &mut dyn FnMut(u128)) -> Result<(), Failure> + 'a;

/// The tables that the log speaks of.
const TABLES: [Table; 5] = [Table::Lines, Table::Returns, Table::Customers, Table::Events, Table::Feedback];
/// How many findings of a kind are listed.
const LISTED: usize = 100;

/// Compare. Reads all of log and lake, 16 bytes a row in memory; changes nothing.
///
/// # Errors
/// Where log or lake cannot be read.
pub fn verify_lake(
    session: &mut Session,
    shop: &Shop,
    lake_keys: &mut LakeKeys<'_>,
) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    let read = session.snapshot(|reading| {
        for event in reading.lost_claims(LISTED as i64)? {
            findings.push(found("every claimed event has its seal", &event, "its seal is done or never was"));
        }
        let mut told: BTreeMap<Table, Vec<u128>> = BTreeMap::new();
        facts_of(reading, LogPart::Sealed, shop, &mut |facts| {
            told.entry(facts.table).or_default().extend(keys(&facts));
            Ok(())
        })?;
        let is_at_rest = reading.log_changes(LogPart::Unsealed)?.is_empty();
        let mut wrong: BTreeMap<(Table, u128), &'static str> = BTreeMap::new();
        for table in TABLES {
            let mut told = told.remove(&table).unwrap_or_default();
            let mut there = Vec::new();
            lake_keys(table, &mut |key| there.push(key))?;
            told.sort_unstable();
            there.sort_unstable();
            for (key, why) in differences(&told, &there) {
                if why != UNTOLD {
                    wrong.insert((table, key), why);
                } else if is_at_rest {
                    findings.push(found(UNTOLD, &format!("{} {key:032x}", table.name()), "no event says so"));
                }
            }
        }
        if !wrong.is_empty() {
            facts_of(reading, LogPart::Sealed, shop, &mut |facts| {
                for (row, key) in keys(&facts).into_iter().enumerate() {
                    if let Some(why) = wrong.get(&(facts.table, key)) {
                        findings.push(found(why, &what(&facts, row), &format!("key {key:032x}")));
                    }
                }
                Ok(())
            })?;
        }
        Ok::<_, Stop>(())
    });
    read.map_err(Failure::from)?;
    findings.truncate(LISTED * TABLES.len());
    Ok(findings)
}

const ABSENT: &str = "what was sealed is in the lake";
const TWICE: &str = "what was sealed is in the lake once";
const UNTOLD: &str = "the lake has from the log what the log says";

/// What differs between sorted keys: those told and those there.
fn differences(told: &[u128], there: &[u128]) -> Vec<(u128, &'static str)> {
    let mut found = BTreeSet::new();
    let (mut one, mut other) = (told, there);
    while found.len() < LISTED {
        match (one.first(), other.first()) {
            (None, None) => break,
            (Some(key), next) if next.is_none_or(|next| key < next) => {
                found.insert((*key, ABSENT));
                one = &one[1..];
            }
            (next, Some(key)) if next.is_none_or(|next| key < next) => {
                found.insert((*key, UNTOLD));
                other = &other[1..];
            }
            (Some(key), _) => {
                let copies = other.iter().take_while(|other| *other == key).count();
                if copies > 1 {
                    found.insert((*key, TWICE));
                }
                (one, other) = (&one[1..], &other[copies..]);
            }
            (None, Some(_)) => unreachable!("taken above"),
        }
    }
    found.into_iter().collect()
}

fn keys(facts: &Facts) -> Vec<u128> {
    match facts.rows.find("row_key").map(|column| &column.values) {
        Some(Values::Key(cells)) => cells.clone(),
        _ => Vec::new(),
    }
}

/// A row in words.
fn what(facts: &Facts, row: usize) -> String {
    let named = ["order_id", "return_id", "event_id", "name", "product_id"];
    let cells = named.iter().filter_map(|name| facts.rows.find(name)?.text(row));
    std::iter::once(facts.table.name()).chain(cells).collect::<Vec<_>>().join(" ")
}

fn found(rule: &str, what: &str, detail: &str) -> Finding {
    Finding { rule: rule.to_owned(), what: what.to_owned(), detail: detail.to_owned(), since: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_twice_or_untold_is_found() {
        assert_eq!(differences(&[1, 2, 3], &[1, 2, 3]), []);
        let found = differences(&[1, 2, 3, 5], &[2, 3, 3, 4]);
        assert_eq!(found, [(1, ABSENT), (3, TWICE), (4, UNTOLD), (5, ABSENT)]);
    }
}
