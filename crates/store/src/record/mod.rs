//! The rows of the record: what a batch of commands gathers before it judges, and what it leaves behind.
//!
//! Everything here is one statement over many keys or many rows. No rule lives here: what a state means is the
//! engine's business, and this module would keep any.

mod adjustments;
mod audit;
mod cases;
mod commands;
mod consents;
mod forget;
mod identity;
mod ledger;
mod log;
mod members;
mod newest;
mod orders;
mod people;
mod programs;
mod queue;
mod seal;
mod shared;
mod staff;

pub use adjustments::AdjustmentRow;
pub use audit::AuditRow;
pub use cases::{CaseNote, CaseRow};
pub use commands::{CommandRow, MessageRow};
pub use consents::ConsentRow;
pub(crate) use consents::{CONSENT, consent};
pub(crate) use forget::{forget_in_log, forget_in_messages};
pub use identity::{FormerKey, MergeRow};
pub use ledger::{AccountRow, LotRow, PostingRow};
pub use log::{EventRow, LogPart};
pub use members::MemberRow;
pub use newest::ContactRow;
pub use orders::{EarlyReturnRow, OrderRow};
pub use people::{AttributeKind, AttributeRow, CustomerRow, ErasureRow, ProfitRow, RequestRow};
pub use programs::ProgramRow;
pub use queue::{DeadLetter, JobStanding, Leased, Queue};
pub use seal::{Seal, SealState};
pub use shared::{StateRow, VoucherRow, VoucherSum};
pub use staff::StaffRow;

use crate::db::Db;
use crate::failure::Failure;
use crate::open::Session;

/// An open transaction of the record. Dropped without a word to say it is done, it never was.
pub struct Writing<'a> {
    pub(crate) db: &'a Db,
}

impl Session {
    /// Do all of `work`, durably, or nothing of it. On PostgreSQL others do the same beside it: `work` locks the rows
    /// it judges by, in the order of their keys, and a [`Failure::Conflict`] means that it is to be done again.
    pub fn write<T, E: From<Failure>>(
        &mut self,
        work: impl FnOnce(&Writing<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.db.beside_others(|db| work(&Writing { db }))
    }

    /// Read as of one instant, whatever others write meanwhile.
    pub fn snapshot<T, E: From<Failure>>(
        &mut self,
        work: impl FnOnce(&Writing<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.db.snapshot(|db| work(&Writing { db }))
    }

    /// Read without changing anything, each statement as of its own instant.
    pub fn read(&self) -> Writing<'_> {
        Writing { db: &self.db }
    }
}
