//! What was answered under an idempotency key, for requests whose answer the record itself does not keep.

use crate::failure::Failure;
use crate::record::Writing;

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyRow {
    /// The idempotency key, with whose it is.
    pub key: String,
    /// The hash of what was asked.
    pub hash: [u8; 32],
    /// The HTTP status.
    pub status: i64,
    /// The body, as JSON.
    pub body: String,
    /// When, in microseconds since 1970.
    pub recorded_at: i64,
}

impl Writing<'_> {
    /// What was answered under a key.
    pub fn find_reply(&self, key: &str) -> Result<Option<ReplyRow>, Failure> {
        let sql = "select key, hash, status, body, recorded_at from reply where key = $1";
        self.db.first(sql, &[key.into()], |row| {
            Ok(ReplyRow {
                key: row.string(0)?,
                hash: row.hash(1)?,
                status: row.int(2)?,
                body: row.string(3)?,
                recorded_at: row.int(4)?,
            })
        })
    }

    /// Keep an answer. A key that is there already is a [`Failure`].
    pub fn insert_reply(&self, row: &ReplyRow) -> Result<(), Failure> {
        let sql = "insert into reply (key, hash, status, body, recorded_at) values ($1, $2, $3, $4, $5)";
        let (key, hash) = ((&row.key).into(), row.hash.as_slice().into());
        self.db
            .run(sql, &[key, hash, row.status.into(), (&row.body).into(), row.recorded_at.into()])
            .map(drop)
    }

    /// Forget answers from before `before`. Answers how many.
    pub fn forget_replies(&self, before: i64) -> Result<u64, Failure> {
        self.db.run("delete from reply where recorded_at < $1", &[before.into()])
    }
}
