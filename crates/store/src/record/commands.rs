//! Commands with their answers, and what others are to be told.

use super::Writing;
use crate::db::Value;
use crate::failure::Failure;

/// A command that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandRow {
    /// What makes it one: an idempotency key, or the natural key of what it records.
    pub key: String,
    /// Hash of what was asked.
    pub hash: [u8; 32],
    /// Whom it was about.
    pub customer_id: Option<String>,
    /// When it was recorded, in microseconds since 1970.
    pub recorded_at: i64,
    /// What was answered, as JSON.
    pub answer: String,
}

/// A message to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Grows with time.
    pub message_id: String,
    /// `points.earned`, `tier.changed`, …
    pub topic: String,
    /// About whom.
    pub customer_id: Option<String>,
    /// As JSON.
    pub body: String,
    /// When it became true, in microseconds since 1970.
    pub created_at: i64,
}

impl Writing<'_> {
    /// The commands that were answered before, as `(position of the key, command)`.
    pub fn find_commands(&self, keys: &[&str]) -> Result<Vec<(usize, CommandRow)>, Failure> {
        let sql = "select key, hash, customer_id, recorded_at, answer from command where key = $1";
        let mut found = Vec::new();
        self.db.seek_each(sql, &[], keys.iter().copied(), |at, row| {
            let (key, hash) = (row.string(0)?, row.hash(1)?);
            let (customer_id, recorded_at, answer) = (row.maybe_string(2)?, row.int(3)?, row.string(4)?);
            found.push((at, CommandRow { key, hash, customer_id, recorded_at, answer }));
            Ok(())
        })?;
        Ok(found)
    }

    /// Keep commands with their answers. A key that is there already is a [`Failure`].
    pub fn insert_commands(&self, rows: &[CommandRow]) -> Result<(), Failure> {
        let sql =
            "insert into command (key, hash, customer_id, recorded_at, answer) values ($1, $2, $3, $4, $5)";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 5] {
            let customer = row.customer_id.as_deref().into();
            [
                (&row.key).into(),
                row.hash.as_slice().into(),
                customer,
                row.recorded_at.into(),
                (&row.answer).into(),
            ]
        });
        self.db.run_each(sql, 5, values).map(drop)
    }

    /// Put messages in the outbox.
    pub fn insert_messages(&self, rows: &[MessageRow]) -> Result<(), Failure> {
        let sql =
            "insert into outbox (message_id, topic, customer_id, body, created_at, due_at, attempts, state)
             values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 8] {
            let customer = row.customer_id.as_deref().into();
            let (id, topic, body) = ((&row.message_id).into(), (&row.topic).into(), (&row.body).into());
            let at = row.created_at.into();
            [id, topic, customer, body, at, at, 0i64.into(), "waiting".into()]
        });
        self.db.run_each(sql, 8, values).map(drop)
    }
}
