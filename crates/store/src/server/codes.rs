//! One-time codes that prove that a telephone is in its owner's hand. What proves what is the server's business.

use crate::failure::Failure;
use crate::record::Writing;

/// A code. Times are microseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRow {
    /// Its id.
    pub code_id: String,
    /// Where it was sent.
    pub address: String,
    /// What it is good for.
    pub purpose: String,
    /// A keyed hash of its digits.
    pub hash: [u8; 32],
    /// How often it was guessed wrongly.
    pub tries: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it ends.
    pub ends_at: i64,
    /// When it was used.
    pub used_at: Option<i64>,
    /// For what: the same request again is let through.
    pub used_for: Option<String>,
}

impl Writing<'_> {
    /// Keep a code. One that is there already is a [`Failure`].
    pub fn insert_code(&self, row: &CodeRow) -> Result<(), Failure> {
        let sql =
            "insert into one_time_code (code_id, address, purpose, hash, tries, created_at, ends_at, used_at,
                 used_for) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let (id, address, purpose) = ((&row.code_id).into(), (&row.address).into(), (&row.purpose).into());
        let (hash, tries) = (row.hash.as_slice().into(), row.tries.into());
        let (at, ends) = (row.created_at.into(), row.ends_at.into());
        let (used, used_for) = (row.used_at.into(), row.used_for.as_deref().into());
        self.db.run(sql, &[id, address, purpose, hash, tries, at, ends, used, used_for]).map(drop)
    }

    /// A code, held until the transaction ends.
    pub fn lock_code(&self, code_id: &str) -> Result<Option<CodeRow>, Failure> {
        let sql = "select code_id, address, purpose, hash, tries, created_at, ends_at, used_at, used_for
             from one_time_code where code_id = $1 for update";
        self.db.first(sql, &[code_id.into()], |row| {
            Ok(CodeRow {
                code_id: row.string(0)?,
                address: row.string(1)?,
                purpose: row.string(2)?,
                hash: row.hash(3)?,
                tries: row.int(4)?,
                created_at: row.int(5)?,
                ends_at: row.int(6)?,
                used_at: row.maybe_int(7)?,
                used_for: row.maybe_string(8)?,
            })
        })
    }

    /// Write how often a code was guessed, and that it was used.
    pub fn put_code(&self, row: &CodeRow) -> Result<(), Failure> {
        let sql = "update one_time_code set tries = $2, used_at = $3, used_for = $4 where code_id = $1";
        let (id, used_for) = ((&row.code_id).into(), row.used_for.as_deref().into());
        self.db.run(sql, &[id, row.tries.into(), row.used_at.into(), used_for]).map(drop)
    }

    /// How many codes an address was sent since `since`.
    pub fn count_codes(&self, address: &str, since: i64) -> Result<i64, Failure> {
        let sql = "select count(*) from one_time_code where address = $1 and created_at >= $2";
        self.db.int(sql, &[address.into(), since.into()])
    }

    /// Forget codes from before `before`, and what was told of them.
    pub fn forget_codes(&self, topic: &str, before: i64) -> Result<(), Failure> {
        self.db.run("delete from one_time_code where created_at < $1", &[before.into()])?;
        for sql in [
            "delete from delivery where topic = $1 and created_at < $2",
            "delete from outbox where topic = $1 and created_at < $2",
        ] {
            self.db.run(sql, &[topic.into(), before.into()])?;
        }
        Ok(())
    }
}
