//! Members as the judge left them.

use super::Writing;
use crate::db::{Row, Value};
use crate::failure::Failure;

/// A customer in a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// The customer.
    pub customer_id: String,
    /// The program.
    pub program_id: String,
    /// When they joined, in microseconds since 1970.
    pub joined_at: i64,
    /// Whom they were merged into.
    pub merged_into: Option<String>,
    /// When time alone will next change something.
    pub due_at: Option<i64>,
    /// The judge's own state, as JSON.
    pub state: String,
}

const MEMBER: &str = "select customer_id, program_id, joined_at, merged_into, due_at, state from member";

fn member(row: &Row<'_>) -> Result<MemberRow, Failure> {
    Ok(MemberRow {
        customer_id: row.string(0)?,
        program_id: row.string(1)?,
        joined_at: row.int(2)?,
        merged_into: row.maybe_string(3)?,
        due_at: row.maybe_int(4)?,
        state: row.string(5)?,
    })
}

impl Writing<'_> {
    /// The members among `customers`, which are sorted, locked until the transaction ends.
    pub fn lock_members(&self, program_id: &str, customers: &[&str]) -> Result<Vec<MemberRow>, Failure> {
        let sql = format!("{MEMBER} where customer_id = $1 and program_id = $2 for update");
        self.seek_members(&sql, program_id, customers)
    }

    /// The members among `customers`, as they stand.
    pub fn find_members(&self, program_id: &str, customers: &[&str]) -> Result<Vec<MemberRow>, Failure> {
        let sql = format!("{MEMBER} where customer_id = $1 and program_id = $2");
        self.seek_members(&sql, program_id, customers)
    }

    fn seek_members(
        &self,
        sql: &str,
        program_id: &str,
        customers: &[&str],
    ) -> Result<Vec<MemberRow>, Failure> {
        let mut found = Vec::with_capacity(customers.len());
        self.db.seek_each(sql, &[program_id.into()], customers.iter().copied(), |_, row| {
            found.push(member(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Add members. One who is there already is a [`Failure`].
    pub fn insert_members(&self, rows: &[MemberRow]) -> Result<(), Failure> {
        let sql = "insert into member (customer_id, program_id, joined_at, merged_into, due_at, state)
             values ($1, $2, $3, $4, $5, $6)";
        self.write_members(sql, rows)
    }

    /// Write members who are there already; each at most once.
    pub fn put_members(&self, rows: &[MemberRow]) -> Result<(), Failure> {
        let sql = "insert into member (customer_id, program_id, joined_at, merged_into, due_at, state)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (customer_id, program_id) do update set
                 merged_into = excluded.merged_into, due_at = excluded.due_at, state = excluded.state";
        self.write_members(sql, rows)
    }

    fn write_members(&self, sql: &str, rows: &[MemberRow]) -> Result<(), Failure> {
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 6] {
            let merged = row.merged_into.as_deref().into();
            let (joined_at, due_at) = (row.joined_at.into(), row.due_at.into());
            [
                (&row.customer_id).into(),
                (&row.program_id).into(),
                joined_at,
                merged,
                due_at,
                (&row.state).into(),
            ]
        });
        self.db.run_each(sql, 6, values).map(drop)
    }

    /// Up to `most` members for whom something is due at `now`, the longest due first.
    pub fn members_due(&self, program_id: &str, now: i64, most: i64) -> Result<Vec<String>, Failure> {
        let sql =
            "select customer_id from member where program_id = $1 and due_at is not null and due_at <= $2
             order by due_at, customer_id limit $3";
        self.db.rows(sql, &[program_id.into(), now.into(), most.into()], |row| row.string(0))
    }

    /// When the first open hold of members is over, in microseconds since 1970, or that they have none; each at most once.
    pub fn put_lapses(&self, program_id: &str, rows: &[(String, Option<i64>)]) -> Result<(), Failure> {
        let none = rows.iter().filter(|(_, lapses_at)| lapses_at.is_none());
        let gone = "delete from member_lapse where customer_id = $1 and program_id = $2";
        self.db.run_each(gone, 2, none.flat_map(|(id, _)| [Value::from(id), program_id.into()]))?;
        let some = rows.iter().filter_map(|(id, lapses_at)| Some((id, (*lapses_at)?)));
        let sql = "insert into member_lapse (customer_id, program_id, lapses_at) values ($1, $2, $3)
             on conflict (customer_id, program_id) do update set lapses_at = excluded.lapses_at";
        let values = some.flat_map(|(id, at)| [Value::from(id), program_id.into(), at.into()]);
        self.db.run_each(sql, 3, values).map(drop)
    }

    /// Up to `most` members with a hold that is over at `now`, the longest over first.
    pub fn members_lapsed(&self, program_id: &str, now: i64, most: i64) -> Result<Vec<String>, Failure> {
        let sql = "select customer_id from member_lapse where program_id = $1 and lapses_at <= $2
             order by lapses_at, customer_id limit $3";
        self.db.rows(sql, &[program_id.into(), now.into(), most.into()], |row| row.string(0))
    }

    /// All members with an open hold, and when the first is over.
    pub fn list_lapses(&self, program_id: &str) -> Result<Vec<(String, i64)>, Failure> {
        let sql = "select customer_id, lapses_at from member_lapse where program_id = $1";
        self.db.rows(sql, &[program_id.into()], |row| Ok((row.string(0)?, row.int(1)?)))
    }

    /// Up to `most` members after `after`, in the order of their ids.
    pub fn members_after(&self, program_id: &str, after: &str, most: i64) -> Result<Vec<MemberRow>, Failure> {
        let sql =
            format!("{MEMBER} where program_id = $1 and customer_id > $2 order by customer_id limit $3");
        self.db.rows(&sql, &[program_id.into(), after.into(), most.into()], member)
    }

    /// The members after `after`, up to `until` where that is said, in the order of their ids.
    pub fn members_between(
        &self,
        program_id: &str,
        after: &str,
        until: Option<&str>,
    ) -> Result<Vec<MemberRow>, Failure> {
        self.between(MEMBER, "customer_id", "", (program_id, after, until), member)
    }
}
