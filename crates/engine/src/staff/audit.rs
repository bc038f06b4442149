//! What people, keys and commands have changed: before and after, in a chain of hashes.
//!
//! An entry is written in the transaction of the change it tells of. Its hash covers the entry before, so that nothing
//! can be altered, left out or cut off unseen. What was before and after is covered through a salted hash of its own:
//! erasing a person takes it out, and the chain still holds.
//!
//! Facts that arrive by the thousand (an order from a till) are not repeated here: they are kept as commands and
//! events under the source they came from, and what they did to points is in the ledger, which is chained as well. A
//! command that carries somebody's name ([`crate::record::command::By`]) is in both.

use super::actor::Actor;
use super::permissions::Operation;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::{AuditRow, Failure, Writing};

/// The name of the chain.
const CHAIN: &str = "audit";
/// How many entries are read at once.
const PAGE: i64 = 5000;

/// Something that was changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Who.
    pub actor: Actor,
    /// What was done.
    pub operation: Operation,
    /// What kind of thing it was done to: `customer`, `staff`, `program`, `key`, …
    pub kind: &'static str,
    /// Which one.
    pub subject: String,
    /// How it was; null where it is new. Never a password, a token or a key.
    pub before: Value,
    /// How it is; null where it has gone.
    pub after: Value,
    /// Chance, by which what was erased cannot be guessed from its hash.
    pub salt: u128,
}

/// Write changes down, in the transaction that makes them. Call it last: from here on, others who write to the audit
/// wait for this transaction's end.
pub fn append(writing: &Writing<'_>, now: Timestamp, changes: &[Change]) -> Result<(), Failure> {
    if changes.is_empty() {
        return Ok(());
    }
    let (mut number, mut hash) = writing.lock_chain(CHAIN)?;
    let rows: Vec<AuditRow> = changes
        .iter()
        .map(|change| {
            number += 1;
            let row = row(change, number, now, &hash);
            hash = row.hash;
            row
        })
        .collect();
    writing.insert_audit(&rows)?;
    writing.move_chain(CHAIN, number, &hash)
}

fn row(change: &Change, number: i64, now: Timestamp, before: &[u8; 32]) -> AuditRow {
    let details = json!({"before": change.before, "after": change.after}).to_string();
    let salt = format!("{:032x}", change.salt);
    let mut row = AuditRow {
        number,
        recorded_at: now.as_microsecond(),
        actor: change.actor.id.clone(),
        role: change.actor.role.word().to_owned(),
        operation: change.operation.word().to_owned(),
        subject_kind: change.kind.to_owned(),
        subject: change.subject.clone(),
        details_hash: details_hash(&salt, &details),
        details: Some(details),
        salt: Some(salt),
        hash: [0; 32],
    };
    row.hash = chained(before, &row);
    row
}

fn details_hash(salt: &str, details: &str) -> [u8; 32] {
    *blake3::hash(format!("{salt} {details}").as_bytes()).as_bytes()
}

/// The hash of an entry behind another.
fn chained(before: &[u8; 32], row: &AuditRow) -> [u8; 32] {
    let AuditRow { number, recorded_at, actor, role, operation, subject_kind, subject, details_hash, .. } =
        row;
    let told = (number, recorded_at, actor, role, operation, subject_kind, subject, details_hash);
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(&serde_json::to_vec(&told).expect("plain data becomes JSON"));
    *hasher.finalize().as_bytes()
}

/// An entry as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its place, from 1.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// As what.
    pub role: String,
    /// What was done.
    pub operation: String,
    /// To what kind of thing.
    pub kind: String,
    /// To which.
    pub subject: String,
    /// How it was. Null where it is new, and where the person has been erased.
    pub before: Value,
    /// How it is.
    pub after: Value,
    /// Whether before and after have been taken out with the person.
    pub is_erased: bool,
}

impl From<AuditRow> for Entry {
    fn from(row: AuditRow) -> Entry {
        let details: Option<Value> = row.details.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let part = |name: &str| details.as_ref().map_or(Value::Null, |details| details[name].clone());
        Entry {
            number: row.number,
            at: Timestamp::from_microsecond(row.recorded_at).unwrap_or_default(),
            before: part("before"),
            after: part("after"),
            is_erased: row.details.is_none(),
            actor: row.actor,
            role: row.role,
            operation: row.operation,
            kind: row.subject_kind,
            subject: row.subject,
        }
    }
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this kind of thing, and which one.
    pub subject: Option<(String, String)>,
    /// Of this kind of thing, whichever one.
    pub kind: Option<String>,
    /// By this actor.
    pub actor: Option<String>,
    /// Before this number: the last one of the page before.
    pub before: Option<i64>,
}

/// Up to `most` entries, newest first.
pub fn list(reading: &Writing<'_>, wanted: &Wanted, most: i64) -> Result<Vec<Entry>, Failure> {
    let before = wanted.before.unwrap_or(i64::MAX);
    let kind = wanted.kind.as_deref().unwrap_or_default();
    let actor = wanted.actor.as_deref().unwrap_or_default();
    let rows = match (&wanted.subject, actor) {
        (Some((kind, subject)), _) => reading.audit_of((kind, subject), actor, before, most)?,
        (None, "") => reading.audit_before(kind, before, most)?,
        (None, _) => reading.audit_by(actor, kind, before, most)?,
    };
    Ok(rows.into_iter().map(Entry::from).collect())
}

/// A link of the chain that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its number.
    pub number: i64,
    /// When it was written, as far as its row can be believed.
    pub at: Timestamp,
    /// What is wrong with it.
    pub what: String,
}

/// Walk the whole chain; how long it is, and what does not hold. `told` hears how far it is.
pub fn prove(reading: &Writing<'_>, told: &mut dyn FnMut(u64)) -> Result<(u64, Vec<Broken>), Failure> {
    let (mut number, mut hash, mut at) = (0, [0; 32], Timestamp::UNIX_EPOCH);
    let mut broken = Vec::new();
    loop {
        let rows = reading.audit_after(number, PAGE)?;
        let Some(last) = rows.last() else { break };
        let (end, end_hash) = (last.number, last.hash);
        for row in &rows {
            at = Timestamp::from_microsecond(row.recorded_at).unwrap_or_default();
            if let Some(what) = fault(number, &hash, row) {
                broken.push(Broken { number: row.number, at, what });
            }
            (number, hash) = (row.number, row.hash);
        }
        debug_assert_eq!((number, hash), (end, end_hash));
        told(number as u64);
    }
    let end = reading.find_chain(CHAIN)?.unwrap_or((0, [0; 32]));
    if end != (number, hash) {
        let what = format!("the chain ends at {}, and {number} is the last that is there", end.0);
        broken.push(Broken { number, at, what });
    }
    Ok((number as u64, broken))
}

fn fault(before: i64, hash: &[u8; 32], row: &AuditRow) -> Option<String> {
    if row.number != before + 1 {
        return Some(format!("{} follows {before}: some are missing", row.number));
    }
    if chained(hash, row) != row.hash {
        return Some("it was altered, or the one before it was".to_owned());
    }
    match (&row.salt, &row.details) {
        (None, None) => None,
        (Some(salt), Some(details)) if details_hash(salt, details) == row.details_hash => None,
        _ => Some("its before and after were altered".to_owned()),
    }
}
