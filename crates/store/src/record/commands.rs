//! Commands with their answers, what happened, and what others are to be told.

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

/// Something that happened, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Grows with time.
    pub event_id: String,
    /// `order`, `return`, `review`, …
    pub kind: String,
    /// Where it comes from.
    pub source: String,
    /// To whom it happened, where known.
    pub customer_id: Option<String>,
    /// When, in microseconds since 1970.
    pub happened_at: i64,
    /// When we heard of it.
    pub recorded_at: i64,
    /// As JSON.
    pub body: String,
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

    /// Add to the log of what happened.
    pub fn insert_events(&self, rows: &[EventRow]) -> Result<(), Failure> {
        let sql = "insert into event (event_id, kind, source, customer_id, happened_at, recorded_at, body)
             values ($1, $2, $3, $4, $5, $6, $7)";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 7] {
            let customer = row.customer_id.as_deref().into();
            let (id, kind, source) = ((&row.event_id).into(), (&row.kind).into(), (&row.source).into());
            [id, kind, source, customer, row.happened_at.into(), row.recorded_at.into(), (&row.body).into()]
        });
        self.db.run_each(sql, 7, values).map(drop)
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

    /// Everything that happened to a customer, by time.
    pub fn events_of(&self, customer_id: &str) -> Result<Vec<EventRow>, Failure> {
        let sql = "select event_id, kind, source, customer_id, happened_at, recorded_at, body from event
             where customer_id = $1 order by happened_at, event_id";
        self.db.rows(sql, &[customer_id.into()], |row| {
            let (event_id, kind, source) = (row.string(0)?, row.string(1)?, row.string(2)?);
            let (customer_id, happened_at, recorded_at) = (row.maybe_string(3)?, row.int(4)?, row.int(5)?);
            Ok(EventRow {
                event_id,
                kind,
                source,
                customer_id,
                happened_at,
                recorded_at,
                body: row.string(6)?,
            })
        })
    }
}
