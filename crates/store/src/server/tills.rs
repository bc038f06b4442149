//! What happened at tills, to be looked at, and what was noticed there.

use crate::db::Value;
use crate::failure::Failure;
use crate::record::Writing;

/// Something that was noticed at a till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TillAlertRow {
    /// The till.
    pub till: String,
    /// The day, as the shop has it.
    pub on_day: String,
    /// What kind of thing.
    pub kind: String,
    /// About whom; empty where it is about no one customer.
    pub customer_id: String,
    /// What, in a sentence.
    pub why: String,
    /// When it was noticed, in microseconds since 1970.
    pub found_at: i64,
}

impl Writing<'_> {
    /// Bodies of orders, holds and redemptions that were recorded from `from` until before `until`, with whose
    /// they are and when they were recorded.
    pub fn for_each_at_tills(
        &self,
        (from, until): (i64, i64),
        mut read: impl FnMut(Option<&str>, i64, &str),
    ) -> Result<(), Failure> {
        let id = |micros: i64| format!("{:032x}", (micros.max(0) as u128) << 64);
        let sql = "select customer_id, recorded_at, body from event
             where event_id >= $1 and event_id < $2 and kind in ('order', 'hold', 'redeem')
             order by event_id";
        self.db.for_each(sql, &[(&id(from)).into(), (&id(until)).into()], |row| {
            read(row.maybe_text(0)?, row.int(1)?, row.text(2)?);
            Ok::<(), Failure>(())
        })
    }

    /// Keep what was noticed. Answers whether it is new.
    pub fn insert_till_alert(&self, row: &TillAlertRow) -> Result<bool, Failure> {
        let sql = "insert into till_alert (till, on_day, kind, customer_id, why, found_at)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
        let (till, day, kind) = ((&row.till).into(), (&row.on_day).into(), (&row.kind).into());
        let (customer, why): (Value<'_>, Value<'_>) = ((&row.customer_id).into(), (&row.why).into());
        Ok(self.db.run(sql, &[till, day, kind, customer, why, row.found_at.into()])? == 1)
    }

    /// What was noticed from a day on, newest first, at most `most`.
    pub fn till_alerts(&self, from_day: &str, most: i64) -> Result<Vec<TillAlertRow>, Failure> {
        let sql = "select till, on_day, kind, customer_id, why, found_at from till_alert
             where on_day >= $1 order by on_day desc, till, kind, customer_id limit $2";
        self.db.rows(sql, &[from_day.into(), most.into()], |row| {
            Ok(TillAlertRow {
                till: row.string(0)?,
                on_day: row.string(1)?,
                kind: row.string(2)?,
                customer_id: row.string(3)?,
                why: row.string(4)?,
                found_at: row.int(5)?,
            })
        })
    }
}
