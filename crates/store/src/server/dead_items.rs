//! What came in and could not be taken, with the reason, to be read and tried again.

use crate::db::{Row, Value};
use crate::failure::Failure;
use crate::record::Writing;

/// Something that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadItemRow {
    /// Its id; the same thing refused again has the same.
    pub item_id: String,
    /// Whose it is.
    pub source: String,
    /// In which words it came: `segment`, `shopify`, …
    pub kind: String,
    /// As it came.
    pub body: String,
    /// Why it could not be taken.
    pub reason: String,
    /// When it came, in microseconds since 1970.
    pub received_at: i64,
    /// When somebody tried it again or laid it aside.
    pub settled_at: Option<i64>,
}

const ITEM: &str = "select item_id, source, kind, body, reason, received_at, settled_at from dead_item";

fn item(row: &Row<'_>) -> Result<DeadItemRow, Failure> {
    Ok(DeadItemRow {
        item_id: row.string(0)?,
        source: row.string(1)?,
        kind: row.string(2)?,
        body: row.string(3)?,
        reason: row.string(4)?,
        received_at: row.int(5)?,
        settled_at: row.maybe_int(6)?,
    })
}

impl Writing<'_> {
    /// Lay things aside. One that lies there already has the newer reason, and is open again.
    pub fn insert_dead_items(&self, rows: &[DeadItemRow]) -> Result<(), Failure> {
        let sql = "insert into dead_item (item_id, source, kind, body, reason, received_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (item_id) do update set
                 body = excluded.body, reason = excluded.reason, settled_at = null";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 6] {
            let (id, source, kind) = ((&row.item_id).into(), (&row.source).into(), (&row.kind).into());
            [id, source, kind, (&row.body).into(), (&row.reason).into(), row.received_at.into()]
        });
        self.db.run_each(sql, 6, values).map(drop)
    }

    /// What is open of a source (of all where `source` is empty), by id, from after `after`, at most `most`.
    pub fn open_dead_items(&self, source: &str, after: &str, most: i64) -> Result<Vec<DeadItemRow>, Failure> {
        let sql = format!(
            "{ITEM} where settled_at is null and item_id > $2 and ($1 = '' or source = $1)
             order by item_id limit $3"
        );
        self.db.rows(&sql, &[source.into(), after.into(), most.into()], item)
    }

    /// One of them.
    pub fn find_dead_item(&self, item_id: &str) -> Result<Option<DeadItemRow>, Failure> {
        self.db.first(&format!("{ITEM} where item_id = $1"), &[item_id.into()], item)
    }

    /// Say that somebody has dealt with it: what it said of people goes. Answers whether it was open.
    pub fn settle_dead_item(&self, item_id: &str, now: i64) -> Result<bool, Failure> {
        let sql = "update dead_item set settled_at = $2, body = '' where item_id = $1 and settled_at is null";
        Ok(self.db.run(sql, &[item_id.into(), now.into()])? == 1)
    }
}
