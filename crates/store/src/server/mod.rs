//! Rows of the door: keys, answers that are kept, what came in from outside, and programs by name. What a scope means is
//! the server's business.

mod codes;
mod dead_items;
mod intake;
mod keys;
mod replies;
mod segments;
mod shops;
mod sign_in;
mod tills;
mod webhooks;

pub use codes::CodeRow;
pub use dead_items::DeadItemRow;
pub use intake::IntakeRow;
pub use keys::ApiKeyRow;
pub use replies::ReplyRow;
pub use shops::ShopLinkRow;
pub use sign_in::{CredentialRow, StaffSessionRow};
pub use tills::TillAlertRow;
pub use webhooks::{After, AttemptRow, DeliveryRow, NEVER, WebhookRow, WebhookSecretRow};

use crate::failure::Failure;
use crate::open::{Session, Sessions, Store};
use crate::record::{ProgramRow, Writing};

impl Store {
    /// A connection to the rows of the door beside a process that has the right to write, such as the server. The
    /// database must exist and have today's schema. What it writes is one transaction at a time, like everybody's.
    pub fn beside(path_or_url: &str) -> Result<Session, crate::Error> {
        let reader = Store::open_read_only(path_or_url)?;
        let sessions: Sessions = reader.sessions();
        Ok(sessions.open()?)
    }
}

impl Writing<'_> {
    /// The programs there are, by id, each in its newest version.
    pub fn newest_programs(&self) -> Result<Vec<String>, Failure> {
        self.db.rows("select distinct program_id from program order by program_id", &[], |row| row.string(0))
    }

    /// All versions of a program, oldest first.
    pub fn versions_of_program(&self, program_id: &str) -> Result<Vec<ProgramRow>, Failure> {
        let sql = "select program_id, version, files, seed, installed_at from program
             where program_id = $1 order by version";
        self.db.rows(sql, &[program_id.into()], |row| {
            Ok(ProgramRow {
                program_id: row.string(0)?,
                version: row.int(1)?,
                files: row.string(2)?,
                seed: row.string(3)?,
                installed_at: row.int(4)?,
            })
        })
    }
}
