//! Who did what: rows that are only ever added, each under a hash that covers all before it.

use super::Writing;
use crate::db::{Row, Value};
use crate::failure::Failure;

/// Something somebody changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place, from 1.
    pub number: i64,
    /// When, in microseconds since 1970.
    pub recorded_at: i64,
    /// Who: an id of staff or of a key, or a part of the program.
    pub actor: String,
    /// As what.
    pub role: String,
    /// What was done.
    pub operation: String,
    /// To what kind of thing.
    pub subject_kind: String,
    /// To which.
    pub subject: String,
    /// What was before and after, as JSON; nothing once the person has been erased.
    pub details: Option<String>,
    /// Chance that was hashed with the details; goes with them.
    pub salt: Option<String>,
    /// Hash of the details and their salt.
    pub details_hash: [u8; 32],
    /// Hash of this row and, through it, of all before it.
    pub hash: [u8; 32],
}

fn audit(row: &Row<'_>) -> Result<AuditRow, Failure> {
    let (number, recorded_at) = (row.int(0)?, row.int(1)?);
    let (actor, role, operation) = (row.string(2)?, row.string(3)?, row.string(4)?);
    let (subject_kind, subject) = (row.string(5)?, row.string(6)?);
    let (details, salt) = (row.maybe_string(7)?, row.maybe_string(8)?);
    let (details_hash, hash) = (row.hash(9)?, row.hash(10)?);
    Ok(AuditRow {
        number,
        recorded_at,
        actor,
        role,
        operation,
        subject_kind,
        subject,
        details,
        salt,
        details_hash,
        hash,
    })
}

/// The columns of an [`AuditRow`], in the order in which they are read.
macro_rules! select_audit {
    ($rest:literal) => {
        concat!(
            "select number, recorded_at, actor, role, operation, subject_kind, subject, details, salt,
                 details_hash, hash from audit ",
            $rest
        )
    };
}

impl Writing<'_> {
    /// Where a chain of hashes ends: its length and last hash, locked until the transaction ends. Ask for it after
    /// every other lock, so that nobody waits for somebody who waits for it.
    pub fn lock_chain(&self, name: &str) -> Result<(i64, [u8; 32]), Failure> {
        let begin = "insert into chain (name, length, hash) values ($1, 0, $2) on conflict do nothing";
        self.db.run(begin, &[name.into(), [0u8; 32].as_slice().into()])?;
        let sql = "select length, hash from chain where name = $1 for update";
        let end = self.db.first(sql, &[name.into()], |row| Ok((row.int(0)?, row.hash(1)?)))?;
        Ok(end.expect("it was begun above"))
    }

    /// Where a chain of hashes ends; nowhere while it has not begun.
    pub fn find_chain(&self, name: &str) -> Result<Option<(i64, [u8; 32])>, Failure> {
        let sql = "select length, hash from chain where name = $1";
        self.db.first(sql, &[name.into()], |row| Ok((row.int(0)?, row.hash(1)?)))
    }

    /// Say where a chain ends now.
    pub fn move_chain(&self, name: &str, length: i64, hash: &[u8; 32]) -> Result<(), Failure> {
        let sql = "update chain set length = $2, hash = $3 where name = $1";
        self.db.run(sql, &[name.into(), length.into(), hash.as_slice().into()]).map(drop)
    }

    /// Add to the audit. A number that is there already is a [`Failure`].
    pub fn insert_audit(&self, rows: &[AuditRow]) -> Result<(), Failure> {
        let sql = "insert into audit (number, recorded_at, actor, role, operation, subject_kind, subject, details, salt,
                 details_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 11] {
            let (actor, role, operation) = ((&row.actor).into(), (&row.role).into(), (&row.operation).into());
            let (kind, subject) = ((&row.subject_kind).into(), (&row.subject).into());
            let (details, salt) = (row.details.as_deref().into(), row.salt.as_deref().into());
            let (under, hash) = (row.details_hash.as_slice().into(), row.hash.as_slice().into());
            [
                row.number.into(),
                row.recorded_at.into(),
                actor,
                role,
                operation,
                kind,
                subject,
                details,
                salt,
                under,
                hash,
            ]
        });
        self.db.run_each(sql, 11, values).map(drop)
    }

    /// The audit behind a number, oldest first.
    pub fn audit_after(&self, number: i64, most: i64) -> Result<Vec<AuditRow>, Failure> {
        let sql = select_audit!("where number > $1 order by number limit $2");
        self.db.rows(sql, &[number.into(), most.into()], audit)
    }

    /// The audit before a number, newest first; only of a kind of things where one is given.
    pub fn audit_before(&self, kind: &str, number: i64, most: i64) -> Result<Vec<AuditRow>, Failure> {
        let sql = select_audit!(
            "where number < $1 and (subject_kind = $2 or $2 = '') order by number desc limit $3"
        );
        self.db.rows(sql, &[number.into(), kind.into(), most.into()], audit)
    }

    /// What was done to something, newest first; only by somebody where an actor is given.
    pub fn audit_of(
        &self,
        (kind, subject): (&str, &str),
        actor: &str,
        before: i64,
        most: i64,
    ) -> Result<Vec<AuditRow>, Failure> {
        let sql = select_audit!(
            "where subject_kind = $1 and subject = $2 and (actor = $3 or $3 = '') and number < $4
             order by number desc limit $5"
        );
        let values = [kind.into(), subject.into(), actor.into(), before.into(), most.into()];
        self.db.rows(sql, &values, audit)
    }

    /// What somebody did, newest first; only to a kind of things where one is given.
    pub fn audit_by(
        &self,
        actor: &str,
        kind: &str,
        before: i64,
        most: i64,
    ) -> Result<Vec<AuditRow>, Failure> {
        let sql = select_audit!(
            "where actor = $1 and (subject_kind = $2 or $2 = '') and number < $3 order by number desc limit $4"
        );
        self.db.rows(sql, &[actor.into(), kind.into(), before.into(), most.into()], audit)
    }

    /// Take out the details of all that was done to something: the person is gone, the chain holds.
    pub fn forget_audit(&self, kind: &str, subject: &str) -> Result<u64, Failure> {
        let sql = "update audit set details = null, salt = null where subject_kind = $1 and subject = $2";
        self.db.run(sql, &[kind.into(), subject.into()])
    }
}
