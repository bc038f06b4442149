//! Erasing a person: a job with a certificate. The person goes from state, from the log of what happened, from answers
//! that were kept, from words, and from files that were laid aside; the id, the ledger and the statistics stay, and say
//! nothing of who it was. The certificate lists both, with reasons, and is hashed.

use super::{Acting, Refused, Stopped, again, group};
use crate::record::within;
use crate::staff::permissions::Operation;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use store::{Erased, ErasureRow, MessageRow, Session, Writing, ends_of_number};
use unicode_normalization::UnicodeNormalization;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Its own id.
    pub erasure: String,
    /// The ids that stay: the customer, and those merged into them.
    pub customers: Vec<String>,
    /// When it was done.
    pub erased_at: Timestamp,
    /// Who did it.
    pub by: String,
    /// What is gone.
    pub removed: Vec<Part>,
    /// What stays, and why.
    pub kept: Vec<Part>,
    /// What is to be known of backups.
    pub backups: String,
}

/// A part of what was kept about somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Where: a table of the state, or a file.
    pub place: String,
    /// What.
    pub what: String,
    /// How many rows, or lines of a file.
    pub count: u64,
    /// Why it stays.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

const BACKUPS: &str = "Backups made from now on do not hold the person. Older ones do until they are thrown away: after \
    restoring one, erase again every customer named in a certificate (perennial customer erase ID); it changes nothing \
    where it is done already.";

/// Erase a person, and everybody merged into them. `folders` are where files with rows of customers were laid aside: lines
/// that name the person are blanked there. Erasing again answers with the certificate of the first time.
pub fn erase(
    session: &mut Session,
    customer: &str,
    folders: &[PathBuf],
    acting: &mut Acting<'_>,
) -> Result<(Certificate, String), Stopped> {
    if let Some(row) = session.read().erasures_of(customer)?.pop() {
        // The files may have been brought back with an old backup; what named the person is not known any more.
        return certified(&row);
    }
    // Files first: who the person was is known only as long as state knows it. Broken off here, the same again goes on.
    let (customers, names) = again(session, |reading| {
        let row = reading.find_customer(customer)?;
        row.ok_or_else(|| Refused::UnknownCustomer(customer.to_owned()))?;
        let customers = with_merged(reading, customer)?;
        let mut names = BTreeSet::new();
        for id in &customers {
            names.extend(reading.names_of(id)?);
        }
        Ok((customers, names))
    })?;
    let mut files = Vec::new();
    for folder in folders {
        files.extend(blank_files(folder, &names)?);
    }
    let (certificate, hash) = again(session, |writing| {
        let mut certificate = remove(writing, customers.clone(), acting)?;
        certificate.removed.extend(files.iter().cloned());
        let text = serde_json::to_string(&certificate).expect("plain data becomes JSON");
        let hash = *blake3::hash(text.as_bytes()).as_bytes();
        for (place, id) in certificate.customers.iter().enumerate() {
            writing.insert_erasure(&ErasureRow {
                erasure_id: format!("{}-{place}", certificate.erasure),
                customer_id: id.clone(),
                erased_at: acting.micros(),
                certificate: text.clone(),
                hash,
            })?;
        }
        let after = serde_json::json!({ "certificate": certificate.erasure });
        acting.tell(writing, Operation::EraseCustomers, customer, (serde_json::Value::Null, after))?;
        Ok((certificate, hash))
    })?;
    session.settle_erasure()?;
    Ok((certificate, hex(&hash)))
}

/// A certificate as it was kept, and its hash.
pub fn certified(row: &ErasureRow) -> Result<(Certificate, String), Stopped> {
    let certificate =
        crate::record::books::value(&row.certificate, || format!("certificate {}", row.erasure_id))?;
    Ok((certificate, hex(&row.hash)))
}

/// Whether a certificate is the one that was kept: its hash is that of its text.
pub fn is_sound(row: &ErasureRow) -> bool {
    *blake3::hash(row.certificate.as_bytes()).as_bytes() == row.hash
}

fn hex(hash: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}

/// The customer, whoever they were merged into, and everybody merged into those: one person.
fn with_merged(reading: &Writing<'_>, customer: &str) -> Result<Vec<String>, Stopped> {
    let mut last = customer.to_owned();
    for _ in 0..64 {
        match reading.merge_in_force(&last)? {
            Some(merge) => last = merge.into_id,
            None => break,
        }
    }
    Ok(group(reading, &last)?)
}

fn remove(
    writing: &Writing<'_>,
    customers: Vec<String>,
    acting: &mut Acting<'_>,
) -> Result<Certificate, Stopped> {
    let now = acting.micros();
    let mut done = Erased::default();
    for id in &customers {
        for in_force in within::programs(writing)? {
            if within::forget_person(writing, &in_force, id)? {
                done.add("member", "birthday, devices and cards known to a program", 1);
            }
        }
        writing.erase(id, now, acting.chance, &mut done)?;
        done.add("audit", "what was before and after in the audit", writing.forget_audit("customer", id)?);
        // Others who have heard of the person are to forget as well.
        writing.insert_messages(&[MessageRow {
            message_id: acting.id(),
            topic: "customer.erased".to_owned(),
            customer_id: Some(id.clone()),
            body: serde_json::json!({ "customer": id }).to_string(),
            created_at: now,
        }])?;
    }
    let part = |(place, what, count, why): (&str, &str, u64, &str)| Part {
        place: place.to_owned(),
        what: what.to_owned(),
        count,
        why: why.to_owned(),
    };
    Ok(Certificate {
        erasure: acting.id(),
        customers,
        erased_at: acting.now,
        by: acting.actor.id.clone(),
        removed: done.removed.iter().map(|(place, what, count)| part((place, what, *count, ""))).collect(),
        kept: done.kept.iter().map(|(place, what, count, why)| part((place, what, *count, why))).collect(),
        backups: BACKUPS.to_owned(),
    })
}

/// The shortest text that names somebody: shorter ones stand in half of all lines.
const SHORTEST: usize = 4;
/// What stands in the place of a line that named somebody.
const BLANK: &str = "erased";

/// What names a person, as a file that came from outside may write it.
struct Names {
    /// Whole names, in small letters.
    whole: Vec<String>,
    /// The ends of telephone numbers.
    ends: Vec<String>,
}

impl Names {
    fn of(names: &BTreeSet<String>) -> Names {
        let whole = names.iter().filter(|name| name.len() >= SHORTEST).map(|name| written(name));
        Names { whole: whole.collect(), ends: names.iter().flat_map(|name| ends_of_number(name)).collect() }
    }

    fn are_in(&self, line: &str) -> bool {
        let text = written(line);
        // Digits of a number may be parted; whatever else stands between two is no part of one.
        let stays = |sign: &char| !" .-()/".contains(*sign);
        let digits: String = text.chars().filter(stays).collect();
        self.whole.iter().any(|name| text.contains(name.as_str()))
            || self.ends.iter().any(|end| digits.contains(end.as_str()))
    }
}

fn written(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect()
}

/// Blank the lines of text files below a folder that name somebody. A file is written whole beside itself, then in its
/// place.
fn blank_files(folder: &Path, names: &BTreeSet<String>) -> Result<Vec<Part>, Stopped> {
    let names = Names::of(names);
    let failed = |path: &Path, source: std::io::Error| {
        Stopped::Failure(store::Failure::Io { path: path.display().to_string(), source: source.into() })
    };
    let mut parts = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).map_err(|error| failed(&path, error))?;
            let Ok(text) = std::str::from_utf8(&bytes) else { continue };
            let mut count = 0;
            let line = |line: &str| match names.are_in(line) {
                true => {
                    count += 1;
                    BLANK.to_owned()
                }
                false => line.to_owned(),
            };
            let blanked: Vec<String> = text.split('\n').map(line).collect();
            if count == 0 {
                continue;
            }
            let beside = path.with_extension("part");
            std::fs::write(&beside, blanked.join("\n")).map_err(|error| failed(&beside, error))?;
            std::fs::rename(&beside, &path).map_err(|error| failed(&path, error))?;
            let place = path.display().to_string();
            parts.push(Part { place, what: "lines that named the person".into(), count, why: String::new() });
        }
    }
    Ok(parts)
}
