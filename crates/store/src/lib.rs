//! Rows on SQLite or PostgreSQL: who the customers are, what they have earned, what was imported, what the lake may
//! show.
//!
//! State is kept apart from facts. Names, addresses, the shop's own customer keys and free text live here and
//! nowhere else, so that erasing a person is one place's work. This crate does IO and knows no rules: it must not
//! know what a tier is, how a file is read, or how a fact lies in the lake. Time and chance are arguments.
//!
//! Plain synchronous code. One handle opens the database ([`Store::open`]) and hands out further connections, one for
//! each thread that works ([`Store::sessions`]); any number read ([`Store::open_read_only`]).

mod backup;
mod campaign;
mod customers;
mod db;
mod erase;
mod failure;
mod feedback;
mod imports;
mod look;
mod migrate;
mod open;
mod people;
mod phone;
mod recall;
mod record;
mod scratch;
mod sealed;
mod server;
mod settings;
mod verify;

pub use backup::TableCounts;
pub use campaign::{CampaignMember, CampaignResult, CampaignRow, CampaignStep, Disclosure};
pub use customers::{Identifier, KEY_BYTES, check_key};
pub use db::without_password;
pub use erase::Erased;
pub use failure::{Error, Failure, Refused};
pub use feedback::{FeedbackText, KeptText};
pub use imports::{Import, ImportFile, ImportState, NewImport};
pub use look::{Look, look};
pub use open::{Session, Sessions, Store};
pub use people::{KnownField, PersonField};
pub use phone::{ends_of_number, number_of_today, phone_number};
pub use record::{
    AccountRow, AdjustmentRow, AttributeKind, AttributeRow, AuditRow, CaseNote, CaseRow, CommandRow,
    ConsentRow, ContactRow, CustomerRow, DeadLetter, EarlyReturnRow, ErasureRow, EventRow, FormerKey,
    JobStanding, Leased, LogPart, LotRow, MemberRow, MergeRow, MessageRow, OrderRow, PostingRow, ProfitRow,
    ProgramRow, Queue, RequestRow, Seal, SealState, StaffRow, StateRow, VoucherRow, VoucherSum, Writing,
};
pub use scratch::Scratch;
pub use sealed::{Keyring, SealKey};
pub use server::{
    After, ApiKeyRow, AttemptRow, CodeRow, CredentialRow, DeadItemRow, DeliveryRow, IntakeRow, NEVER,
    ReplyRow, ShopLinkRow, StaffSessionRow, TillAlertRow, WebhookRow, WebhookSecretRow,
};
pub use verify::Finding;

#[cfg(test)]
mod testing;
