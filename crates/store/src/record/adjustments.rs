//! Points given or taken by hand: who asked, why, and who else has looked.

use super::Writing;
use crate::db::Row;
use crate::failure::Failure;

/// Points given or taken by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdjustmentRow {
    /// Its id, which is the command's as well.
    pub adjustment_id: String,
    /// Whose.
    pub customer_id: String,
    /// In which program.
    pub program_id: String,
    /// In which wallet.
    pub wallet: String,
    /// Smallest units, signed.
    pub units: i64,
    /// Why, in a sentence; empty once the person is erased.
    pub reason: String,
    /// Who asked.
    pub asked_by: String,
    /// When, in microseconds since 1970.
    pub asked_at: i64,
    /// `waiting`, `done`, `refused`.
    pub state: String,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<i64>,
}

macro_rules! select_adjustment {
    ($rest:literal) => {
        concat!(
            "select adjustment_id, customer_id, program_id, wallet, units, reason, asked_by, asked_at, state,
                 decided_by, decided_at from adjustment ",
            $rest
        )
    };
}

fn adjustment(row: &Row<'_>) -> Result<AdjustmentRow, Failure> {
    Ok(AdjustmentRow {
        adjustment_id: row.string(0)?,
        customer_id: row.string(1)?,
        program_id: row.string(2)?,
        wallet: row.string(3)?,
        units: row.int(4)?,
        reason: row.string(5)?,
        asked_by: row.string(6)?,
        asked_at: row.int(7)?,
        state: row.string(8)?,
        decided_by: row.maybe_string(9)?,
        decided_at: row.maybe_int(10)?,
    })
}

impl Writing<'_> {
    /// Keep what was asked; answers whether it is new. The same again changes nothing.
    pub fn insert_adjustment(&self, row: &AdjustmentRow) -> Result<bool, Failure> {
        let sql = "insert into adjustment (adjustment_id, customer_id, program_id, wallet, units, reason, asked_by,
                 asked_at, state, decided_by, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict do nothing";
        let values = [
            (&row.adjustment_id).into(),
            (&row.customer_id).into(),
            (&row.program_id).into(),
            (&row.wallet).into(),
            row.units.into(),
            (&row.reason).into(),
            (&row.asked_by).into(),
            row.asked_at.into(),
            (&row.state).into(),
            row.decided_by.as_deref().into(),
            row.decided_at.into(),
        ];
        Ok(self.db.run(sql, &values)? == 1)
    }

    /// One of them.
    pub fn find_adjustment(&self, id: &str) -> Result<Option<AdjustmentRow>, Failure> {
        self.db.first(select_adjustment!("where adjustment_id = $1"), &[id.into()], adjustment)
    }

    /// Those that wait for somebody, the oldest first; at most `most`.
    pub fn waiting_adjustments(&self, most: i64) -> Result<Vec<AdjustmentRow>, Failure> {
        let sql = select_adjustment!("where state = 'waiting' order by asked_at, adjustment_id limit $1");
        self.db.rows(sql, &[most.into()], adjustment)
    }

    /// All of a customer's, the oldest first.
    pub fn adjustments_of(&self, customer_id: &str) -> Result<Vec<AdjustmentRow>, Failure> {
        let sql = select_adjustment!("where customer_id = $1 order by asked_at, adjustment_id");
        self.db.rows(sql, &[customer_id.into()], adjustment)
    }

    /// Decide on one that waits; answers whether it did.
    pub fn decide_adjustment(&self, id: &str, state: &str, by: &str, now: i64) -> Result<bool, Failure> {
        let sql = "update adjustment set state = $2, decided_by = $3, decided_at = $4
             where adjustment_id = $1 and state = 'waiting'";
        Ok(self.db.run(sql, &[id.into(), state.into(), by.into(), now.into()])? == 1)
    }
}
