//! The log: what happened, as received, kept for ever; and which of it the lake does not show yet.
//!
//! An event speaks *about* a thing: an order, a joining, a redemption. What is true of a thing is told by all events
//! about it together, in the order in which they were recorded; most things have one.

use super::Writing;
use super::seal::LAST_OF_SEAL;
use crate::db::{Row, Value};
use crate::failure::Failure;

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
    /// The thing it speaks of: `order:till/o-1`.
    pub about: String,
    /// What it says of it: empty for the fact itself, else what changes it, such as `return:r-1`. One event says it.
    pub part: String,
}

impl EventRow {
    /// What is kept beside the event, so that one that is altered is noticed.
    pub(super) fn mark(&self) -> i64 {
        let mut hasher = blake3::Hasher::new();
        let customer = self.customer_id.as_deref().unwrap_or_default();
        let texts = [&self.event_id, &self.kind, &self.source, customer, &self.body, &self.about, &self.part];
        for text in texts {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        }
        hasher.update(&self.happened_at.to_le_bytes()).update(&self.recorded_at.to_le_bytes());
        i64::from_le_bytes(*hasher.finalize().as_bytes().first_chunk().expect("32 bytes have 8"))
    }
}

/// Which part of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogPart {
    /// All that the lake does not show yet.
    Unsealed,
    /// What a seal has claimed.
    Seal(i64),
    /// What the lake shows, and of what is changed everything.
    Sealed,
}

pub(super) const EVENT: &str =
    "event.event_id, event.kind, event.source, event.customer_id, event.happened_at, event.recorded_at,
    event.body, event.about, event.part from";

pub(super) fn event(row: &Row<'_>) -> Result<EventRow, Failure> {
    Ok(EventRow {
        event_id: row.string(0)?,
        kind: row.string(1)?,
        source: row.string(2)?,
        customer_id: row.maybe_string(3)?,
        happened_at: row.int(4)?,
        recorded_at: row.int(5)?,
        body: row.string(6)?,
        about: row.string(7)?,
        part: row.string(8)?,
    })
}

impl Writing<'_> {
    /// Add to the log. What is said of a thing already, as by a second program that rates the same order, is passed
    /// over; answers how many are new.
    pub fn insert_events(&self, rows: &[EventRow]) -> Result<u64, Failure> {
        let sql =
            "insert into event (event_id, kind, source, customer_id, happened_at, recorded_at, body, about, part, mark)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (about, part) do nothing";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 10] {
            let customer = row.customer_id.as_deref().into();
            let (id, kind, source) = ((&row.event_id).into(), (&row.kind).into(), (&row.source).into());
            let (about, part) = ((&row.about).into(), (&row.part).into());
            let (happened, recorded) = (row.happened_at.into(), row.recorded_at.into());
            let body = (&row.body).into();
            [id, kind, source, customer, happened, recorded, body, about, part, row.mark().into()]
        });
        let new = self.db.run_each(sql, 10, values)?;
        let sql = "insert into unsealed (event_id, seal_id, follows) values ($1, $2, $3)";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 3] {
            [(&row.event_id).into(), 0i64.into(), (!row.part.is_empty()).into()]
        });
        self.db.run_each(sql, 3, values)?;
        if new < rows.len() as u64 {
            let sql = "delete from unsealed where event_id = $1
                 and not exists (select 1 from event where event.event_id = unsealed.event_id)";
            self.db.run_each(sql, 1, rows.iter().map(|row| Value::from(&row.event_id)))?;
        }
        Ok(new)
    }

    /// Everything that happened to a customer, by time.
    pub fn events_of(&self, customer_id: &str) -> Result<Vec<EventRow>, Failure> {
        let sql = format!("select {EVENT} event where customer_id = $1 order by happened_at, event_id");
        self.db.rows(&sql, &[customer_id.into()], event)
    }

    /// Every event about `things`, each with the place of its thing, and of one thing the fact itself first,
    /// then what follows it in the order recorded: the clocks of two writers need not agree.
    pub fn events_about(&self, things: &[&str]) -> Result<Vec<(usize, EventRow)>, Failure> {
        let sql = format!("select {EVENT} event where about = $1 order by part <> '', event_id");
        let mut found = Vec::new();
        self.db.seek_each(&sql, &[], things.iter().copied(), |at, row| {
            found.push((at, event(row)?));
            Ok(())
        })?;
        Ok(found)
    }

    /// Which of things the log has said something of, or said just that `part` of.
    pub fn has_said(&self, things: &[&str], part: &str) -> Result<Vec<bool>, Failure> {
        let sql = "select 1 from event where about = $1 and part = $2";
        let mut found = vec![false; things.len()];
        self.db.seek_each(sql, &[part.into()], things.iter().copied(), |at, _| {
            found[at] = true;
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether the log has anything.
    pub fn has_log(&self) -> Result<bool, Failure> {
        Ok(self.db.first("select event_id from event limit 1", &[], |_| Ok(()))?.is_some())
    }

    /// Read the facts of a part of the log that follow no other, in the order recorded.
    pub fn log_facts<E: From<Failure>>(
        &self,
        part: LogPart,
        mut read: impl FnMut(EventRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = match part {
            LogPart::Unsealed => "unsealed join event on event.event_id = unsealed.event_id
                 where unsealed.follows = 0 order by unsealed.event_id"
                .to_owned(),
            LogPart::Seal(_) => format!(
                "unsealed join event on event.event_id = unsealed.event_id
                 where unsealed.follows = 0 and unsealed.seal_id = $1 and unsealed.event_id <= {LAST_OF_SEAL}
                 order by unsealed.event_id"
            ),
            LogPart::Sealed => "event where part = ''
                 and not exists (select 1 from unsealed where unsealed.event_id = event.event_id)
                 order by event_id"
                .to_owned(),
        };
        self.db.for_each(&format!("select {EVENT} {sql}"), &number(part), |row| read(event(row)?))
    }

    /// The things of which a part of the log says what follows from something said before.
    pub fn log_changes(&self, part: LogPart) -> Result<Vec<String>, Failure> {
        let sql = match part {
            LogPart::Unsealed => "select distinct event.about from unsealed
                 join event on event.event_id = unsealed.event_id where unsealed.follows = 1"
                .to_owned(),
            LogPart::Seal(_) => format!(
                "select distinct event.about from unsealed
                 join event on event.event_id = unsealed.event_id
                 where unsealed.follows = 1 and unsealed.seal_id = $1 and unsealed.event_id <= {LAST_OF_SEAL}"
            ),
            LogPart::Sealed => "select distinct about from event where part <> ''".to_owned(),
        };
        self.db.rows(&sql, &number(part), |row| row.string(0))
    }

    /// Let the lake be told anew of `things`: what was said of them means more than when it was sealed, or than when
    /// the seal that is under way wrote it down.
    pub fn unseal(&self, things: &[&str]) -> Result<(), Failure> {
        let sql = "insert into unsealed (event_id, seal_id, follows)
             select event_id, 0, 1 from event where about = $1 and part <> ''
             on conflict (event_id) do update set seal_id = 0";
        things.iter().try_for_each(|thing| self.db.run(sql, &[(*thing).into()]).map(drop))
    }

    /// Events that are not as they were written; at most `most`. Reads the whole log.
    pub fn altered_events(&self, most: usize) -> Result<Vec<EventRow>, Failure> {
        let sql =
            "select event_id, kind, source, customer_id, happened_at, recorded_at, body, about, part, mark
             from event where mark is not null";
        let mut found = Vec::new();
        self.db.for_each(sql, &[], |row| {
            let (event, mark) = (event(row)?, row.int(9)?);
            if event.mark() != mark && found.len() < most {
                found.push(event);
            }
            Ok::<(), Failure>(())
        })?;
        Ok(found)
    }

    /// When the newest event of the log was recorded; nothing while it is empty.
    pub fn last_recorded_at(&self) -> Result<Option<i64>, Failure> {
        let sql = "select recorded_at from event order by event_id desc limit 1";
        self.db.first(sql, &[], |row| row.int(0))
    }

    /// How many events the lake does not show yet.
    pub fn count_unsealed(&self) -> Result<u64, Failure> {
        Ok(self.db.int("select count(*) from unsealed", &[])?.unsigned_abs())
    }
}

/// The parameter of a part's text, where it has one.
fn number(part: LogPart) -> Vec<Value<'static>> {
    match part {
        LogPart::Seal(seal) => vec![seal.into()],
        LogPart::Unsealed | LogPart::Sealed => Vec::new(),
    }
}
