//! Orders as far as a return needs them, bills that nobody has claimed, returns that came early.

use super::Writing;
use crate::db::{Row, Value};
use crate::failure::Failure;
use std::collections::BTreeMap;

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// Whose; empty while nobody has claimed it.
    pub customer_id: String,
    /// The program it was rated by.
    pub program_id: String,
    /// Its id.
    pub order_id: String,
    /// Whose it was at first, before any merge; empty while nobody has claimed it.
    pub owner_id: String,
    /// When it was bought, in microseconds since 1970.
    pub ordered_at: i64,
    /// The day in the program's zone.
    pub ordered_on: String,
    /// What was paid, shipping in it.
    pub paid_minor: i64,
    /// The number on its invoice.
    pub invoice: Option<String>,
    /// The bill, as JSON, while nobody has claimed it.
    pub body: Option<String>,
    /// What was earned and what came back, as JSON, once it is somebody's.
    pub record: Option<String>,
}

/// A return that waits for its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlyReturnRow {
    /// The order.
    pub order_id: String,
    /// The program.
    pub program_id: String,
    /// The return.
    pub return_id: String,
    /// The how many-th it was.
    pub place: i64,
    /// As JSON.
    pub body: String,
}

pub(super) const ORDER: &str =
    "select customer_id, program_id, order_id, owner_id, ordered_at, ordered_on, paid_minor, invoice, body,
    record from orders";

pub(super) fn order(row: &Row<'_>) -> Result<OrderRow, Failure> {
    Ok(OrderRow {
        customer_id: row.string(0)?,
        program_id: row.string(1)?,
        order_id: row.string(2)?,
        owner_id: row.string(3)?,
        ordered_at: row.int(4)?,
        ordered_on: row.string(5)?,
        paid_minor: row.int(6)?,
        invoice: row.maybe_string(7)?,
        body: row.maybe_string(8)?,
        record: row.maybe_string(9)?,
    })
}

impl Writing<'_> {
    /// The orders among `ids`, as they stand.
    pub fn find_orders(&self, program_id: &str, ids: &[&str]) -> Result<Vec<OrderRow>, Failure> {
        let sql = format!("{ORDER} where order_id = $1 and program_id = $2");
        self.seek_orders(&sql, &[program_id.into()], ids)
    }

    /// The orders among `ids`, which are sorted, locked until the transaction ends: what came back of an order is
    /// written with the whole of it.
    pub fn lock_orders(&self, program_id: &str, ids: &[&str]) -> Result<Vec<OrderRow>, Failure> {
        let sql = format!("{ORDER} where order_id = $1 and program_id = $2 for update");
        self.seek_orders(&sql, &[program_id.into()], ids)
    }

    /// Let nobody else add an order until this transaction ends. For a return that waits because its order is not
    /// there: on PostgreSQL the order might come beside it and not see it waiting, and no row could be locked. Whoever
    /// adds orders asks [`Writing::lock_early_returns`] first, and waits there. SQLite has one writer.
    pub fn hold_orders_off(&self) -> Result<(), Failure> {
        if self.db.is_postgres() {
            self.db.run_all("lock table early_return in exclusive mode")?;
        }
        Ok(())
    }

    /// What members' orders came to by month (`2026-03`), minor units.
    pub fn sales_by_month(&self, program_id: &str) -> Result<BTreeMap<String, i64>, Failure> {
        let sql = "select substr(ordered_on, 1, 7) as month, cast(sum(paid_minor) as bigint) from orders
             where program_id = $1 and customer_id <> '' group by month order by month";
        let rows = self.db.rows(sql, &[program_id.into()], |row| Ok((row.string(0)?, row.int(1)?)))?;
        Ok(rows.into_iter().collect())
    }

    /// All orders of a customer.
    pub fn orders_of(&self, program_id: &str, customer_id: &str) -> Result<Vec<OrderRow>, Failure> {
        let sql = format!("{ORDER} where customer_id = $1 and program_id = $2");
        self.seek_orders(&sql, &[program_id.into()], &[customer_id])
    }

    /// A customer's orders of a day.
    pub fn orders_on(
        &self,
        program_id: &str,
        customer_id: &str,
        day: &str,
    ) -> Result<Vec<OrderRow>, Failure> {
        let sql = format!("{ORDER} where customer_id = $1 and program_id = $2 and ordered_on = $3");
        self.seek_orders(&sql, &[program_id.into(), day.into()], &[customer_id])
    }

    /// Bills that nobody has claimed with that number on their invoice, locked until the transaction ends.
    pub fn unclaimed_by_invoice(&self, program_id: &str, invoice: &str) -> Result<Vec<OrderRow>, Failure> {
        let sql = format!(
            "{ORDER} where invoice = $1 and program_id = $2 and customer_id = '' order by order_id for update"
        );
        self.seek_orders(&sql, &[program_id.into()], &[invoice])
    }

    /// Bills of a day that nobody has claimed, of that amount, locked until the transaction ends.
    pub fn unclaimed_on(
        &self,
        program_id: &str,
        day: &str,
        paid_minor: i64,
    ) -> Result<Vec<OrderRow>, Failure> {
        let sql = format!(
            "{ORDER} where ordered_on = $1 and program_id = $2 and paid_minor = $3 and customer_id = ''
             order by order_id for update"
        );
        self.seek_orders(&sql, &[program_id.into(), paid_minor.into()], &[day])
    }

    /// Orders of members who do not exist; at most `most`.
    pub fn orphaned_orders(&self, program_id: &str, most: i64) -> Result<Vec<String>, Failure> {
        let sql = "select order_id from orders where program_id = $1 and customer_id <> '' and not exists
                 (select 1 from member where member.customer_id = orders.customer_id
                  and member.program_id = orders.program_id)
             limit $2";
        self.db.rows(sql, &[program_id.into(), most.into()], |row| row.string(0))
    }

    /// Every order's id.
    pub fn for_each_order_id(&self, program_id: &str, mut read: impl FnMut(&str)) -> Result<(), Failure> {
        let sql = "select order_id from orders where program_id = $1";
        self.db.for_each(sql, &[program_id.into()], |row| {
            read(row.text(0)?);
            Ok(())
        })
    }

    /// Orders that postings hang on and that are not there, as `member order`; at most `most`.
    pub fn lost_orders(&self, program_id: &str, most: i64) -> Result<Vec<String>, Failure> {
        let sql = "select distinct owner_id || ' ' || cause_id as what from posting
             where program_id = $1 and cause_kind = 'order' and not exists
                 (select 1 from orders where orders.order_id = posting.cause_id
                  and orders.program_id = posting.program_id)
             order by what limit $2";
        self.db.rows(sql, &[program_id.into(), most.into()], |row| row.string(0))
    }

    fn seek_orders(&self, sql: &str, fixed: &[Value<'_>], keys: &[&str]) -> Result<Vec<OrderRow>, Failure> {
        let mut found = Vec::new();
        self.db.seek_each(sql, fixed, keys.iter().copied(), |_, row| {
            found.push(order(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Add orders. One whose id is taken is a [`Failure`].
    pub fn insert_orders(&self, rows: &[OrderRow]) -> Result<(), Failure> {
        let sql = "insert into orders (customer_id, program_id, order_id, owner_id, ordered_at, ordered_on, paid_minor,
                 invoice, body, record)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        self.db.run_each(sql, 10, rows.iter().flat_map(values)).map(drop)
    }

    /// Write orders anew under the customers who have them now; each at most once.
    pub fn put_orders(&self, rows: &[OrderRow]) -> Result<(), Failure> {
        let sql = "insert into orders (customer_id, program_id, order_id, owner_id, ordered_at, ordered_on, paid_minor,
                 invoice, body, record)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (order_id, program_id) do update set
                 customer_id = excluded.customer_id, owner_id = excluded.owner_id,
                 ordered_at = excluded.ordered_at, ordered_on = excluded.ordered_on,
                 paid_minor = excluded.paid_minor, invoice = excluded.invoice, body = excluded.body,
                 record = excluded.record";
        self.db.run_each(sql, 10, rows.iter().flat_map(values)).map(drop)
    }

    /// Returns that wait for one of `orders`, in the order they came.
    pub fn lock_early_returns(
        &self,
        program_id: &str,
        orders: &[&str],
    ) -> Result<Vec<EarlyReturnRow>, Failure> {
        let sql = "select order_id, program_id, return_id, place, body from early_return
             where order_id = $1 and program_id = $2 order by place for update";
        let mut found = Vec::new();
        self.db.seek_each(sql, &[program_id.into()], orders.iter().copied(), |_, row| {
            let (order_id, program_id, return_id) = (row.string(0)?, row.string(1)?, row.string(2)?);
            found.push(EarlyReturnRow {
                order_id,
                program_id,
                return_id,
                place: row.int(3)?,
                body: row.string(4)?,
            });
            Ok(())
        })?;
        Ok(found)
    }

    /// What waits for `orders` now, in place of what waited.
    pub fn replace_early_returns(
        &self,
        program_id: &str,
        orders: &[&str],
        rows: &[EarlyReturnRow],
    ) -> Result<(), Failure> {
        let delete = "delete from early_return where order_id = $1 and program_id = $2";
        self.db.run_each(delete, 2, orders.iter().flat_map(|id| [Value::from(*id), program_id.into()]))?;
        let sql = "insert into early_return (order_id, program_id, return_id, place, body) values ($1, $2, $3, $4, $5)";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 5] {
            let (order, program) = ((&row.order_id).into(), (&row.program_id).into());
            [order, program, (&row.return_id).into(), row.place.into(), (&row.body).into()]
        });
        self.db.run_each(sql, 5, values).map(drop)
    }
}

fn values(row: &OrderRow) -> [Value<'_>; 10] {
    let (customer, program, id) =
        ((&row.customer_id).into(), (&row.program_id).into(), (&row.order_id).into());
    let (invoice, body, record) =
        (row.invoice.as_deref().into(), row.body.as_deref().into(), row.record.as_deref().into());
    let (at, on, paid) = (row.ordered_at.into(), (&row.ordered_on).into(), row.paid_minor.into());
    [customer, program, id, (&row.owner_id).into(), at, on, paid, invoice, body, record]
}
