//! What was taken from outside: durable before it is answered, worked in afterwards, each message once and for ever.

use crate::db::Value;
use crate::failure::Failure;
use crate::record::Writing;

/// Something that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeRow {
    /// Grows in the order in which things came.
    pub intake_id: String,
    /// In which words: `segment`, `shopify`, `woocommerce`.
    pub dialect: String,
    /// Whose.
    pub source: String,
    /// The source's own id of the message, by which it is known for ever.
    pub message_id: String,
    /// Whether it came with a key that may record orders.
    pub is_trusted: bool,
    /// As its dialect keeps it.
    pub body: String,
    /// When, in microseconds since 1970.
    pub received_at: i64,
    /// How often it was put off.
    pub attempts: i64,
}

impl Writing<'_> {
    /// Take what is new of these; what was heard before is passed over. Answers how many are new.
    pub fn take_in(&self, rows: &[IntakeRow]) -> Result<u64, Failure> {
        let heard = "insert into heard_message (source, message_id, intake_id) values ($1, $2, $3)
             on conflict do nothing";
        let keys = rows.iter().flat_map(|row| -> [Value<'_>; 3] {
            [(&row.source).into(), (&row.message_id).into(), (&row.intake_id).into()]
        });
        let new = self.db.run_each(heard, 3, keys)?;
        // Only the row that was heard as this very one, and not as an earlier one of the same message.
        let sql = "insert into intake (intake_id, dialect, source, is_trusted, body, received_at, due_at, attempts)
             select cast($1 as text), cast($2 as text), cast($3 as text), cast($4 as smallint), cast($5 as text),
                 cast($6 as bigint), cast($6 as bigint), cast($7 as bigint)
             from heard_message where source = $3 and message_id = $8 and intake_id = $1";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 8] {
            let trusted = Value::Int(i64::from(row.is_trusted));
            let (id, dialect, source) =
                ((&row.intake_id).into(), (&row.dialect).into(), (&row.source).into());
            let (body, at) = ((&row.body).into(), row.received_at.into());
            [id, dialect, source, trusted, body, at, row.attempts.into(), (&row.message_id).into()]
        });
        self.db.run_each(sql, 8, values)?;
        Ok(new)
    }

    /// What is due, in the order in which it came, at most `most`.
    pub fn due_intake(&self, now: i64, most: i64) -> Result<Vec<IntakeRow>, Failure> {
        let sql = "select intake_id, dialect, source, is_trusted, body, received_at, attempts from intake
             where due_at <= $1 order by intake_id limit $2";
        self.db.rows(sql, &[now.into(), most.into()], |row| {
            let (intake_id, dialect, source) = (row.string(0)?, row.string(1)?, row.string(2)?);
            let (is_trusted, body, received_at) = (row.int(3)? == 1, row.string(4)?, row.int(5)?);
            let message_id = String::new();
            let attempts = row.int(6)?;
            Ok(IntakeRow { intake_id, dialect, source, message_id, is_trusted, body, received_at, attempts })
        })
    }

    /// What was worked in needs no more work.
    pub fn end_intake(&self, ids: &[&str]) -> Result<(), Failure> {
        let values = ids.iter().map(|id| Value::from(*id));
        self.db.run_each("delete from intake where intake_id = $1", 1, values).map(drop)
    }

    /// Put something off, because what it needs is not there yet.
    pub fn put_off_intake(&self, id: &str, until: i64) -> Result<(), Failure> {
        let sql = "update intake set due_at = $2, attempts = attempts + 1 where intake_id = $1";
        self.db.run(sql, &[id.into(), until.into()]).map(drop)
    }

    /// How much waits to be worked in.
    pub fn waiting_intake(&self) -> Result<i64, Failure> {
        self.db.int("select count(*) from intake", &[])
    }
}
