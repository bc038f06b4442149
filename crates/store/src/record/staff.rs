//! Who works in the shop.

use super::Writing;
use crate::db::{Row, Value};
use crate::failure::Failure;

/// Somebody who works in the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// Ours, `stf_…`.
    pub staff_id: String,
    /// In lower case; one person each.
    pub email: String,
    /// As they are called.
    pub name: String,
    /// `owner`, `marketer`, `analyst`, `service`, `till` or `auditor`.
    pub role: String,
    /// Who asked them in.
    pub invited_by: String,
    /// When, in microseconds since 1970.
    pub invited_at: i64,
    /// Since when they have been able to sign in.
    pub joined_at: Option<i64>,
    /// Since when they may do nothing any more.
    pub disabled_at: Option<i64>,
}

fn staff(row: &Row<'_>) -> Result<StaffRow, Failure> {
    let (staff_id, email, name, role) = (row.string(0)?, row.string(1)?, row.string(2)?, row.string(3)?);
    let (invited_by, invited_at) = (row.string(4)?, row.int(5)?);
    let (joined_at, disabled_at) = (row.maybe_int(6)?, row.maybe_int(7)?);
    Ok(StaffRow { staff_id, email, name, role, invited_by, invited_at, joined_at, disabled_at })
}

/// The columns of a [`StaffRow`], in the order in which they are read.
macro_rules! select_staff {
    ($rest:literal) => {
        concat!(
            "select staff_id, email, name, role, invited_by, invited_at, joined_at, disabled_at from staff ",
            $rest
        )
    };
}

impl Writing<'_> {
    /// Everybody who works or worked here, in the order in which they came.
    pub fn list_staff(&self) -> Result<Vec<StaffRow>, Failure> {
        self.db.rows(select_staff!("order by staff_id"), &[], staff)
    }

    /// The same, locked until the transaction ends: whoever judges by all of them is alone.
    pub fn lock_staff(&self) -> Result<Vec<StaffRow>, Failure> {
        self.db.rows(select_staff!("order by staff_id for update"), &[], staff)
    }

    /// Somebody by id.
    pub fn find_staff(&self, staff_id: &str) -> Result<Option<StaffRow>, Failure> {
        self.db.first(select_staff!("where staff_id = $1"), &[staff_id.into()], staff)
    }

    /// Somebody by address, which is in lower case.
    pub fn find_staff_by_email(&self, email: &str) -> Result<Option<StaffRow>, Failure> {
        self.db.first(select_staff!("where email = $1"), &[email.into()], staff)
    }

    /// Add somebody. An id or address that is there already is a [`Failure`].
    pub fn insert_staff(&self, row: &StaffRow) -> Result<(), Failure> {
        let sql =
            "insert into staff (staff_id, email, name, role, invited_by, invited_at, joined_at, disabled_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (id, email, name, role): (Value<'_>, Value<'_>, Value<'_>, Value<'_>) =
            ((&row.staff_id).into(), (&row.email).into(), (&row.name).into(), (&row.role).into());
        let (by, at) = ((&row.invited_by).into(), row.invited_at.into());
        self.db
            .run(sql, &[id, email, name, role, by, at, row.joined_at.into(), row.disabled_at.into()])
            .map(drop)
    }

    /// Change what may change of somebody: name, role, and since when they have joined or may do nothing.
    pub fn update_staff(&self, row: &StaffRow) -> Result<(), Failure> {
        let sql =
            "update staff set name = $2, role = $3, joined_at = $4, disabled_at = $5 where staff_id = $1";
        let (id, name, role) = ((&row.staff_id).into(), (&row.name).into(), (&row.role).into());
        self.db.run(sql, &[id, name, role, row.joined_at.into(), row.disabled_at.into()]).map(drop)
    }
}
