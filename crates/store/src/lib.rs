//! Rows on SQLite or PostgreSQL: who the customers are, what they have earned, what was imported, what the lake may
//! show.
//!
//! State is kept apart from facts. Names, addresses, the shop's own customer keys and free text live here and
//! nowhere else, so that erasing a person is one place's work. This crate does IO and knows no rules: it must not
//! know what a tier is, how a file is read, or how a fact lies in the lake. Time and chance are arguments.
//!
//! Plain synchronous code. One handle opens the database ([`Store::open`]) and hands out further connections, one for
//! each thread that works ([`Store::sessions`]); any number read ([`Store::open_read_only`]).

mod customers;
mod db;
mod erase;
mod failure;
mod feedback;
mod imports;
mod migrate;
mod open;
mod people;
mod phone;
mod recall;
mod record;
mod scratch;
mod settings;
mod verify;

pub use customers::{Identifier, KEY_BYTES, check_key};
pub use failure::{Error, Failure, Refused};
pub use feedback::{FeedbackText, KeptText};
pub use imports::{Import, ImportFile, ImportState, NewImport};
pub use open::{Session, Sessions, Store};
pub use people::{KnownField, PersonField};
pub use phone::phone_number;
pub use record::{
    AccountRow, CommandRow, ConsentRow, DeadLetter, EarlyReturnRow, EventRow, FormerKey, Leased, LotRow,
    MemberRow, MergeRow, MessageRow, OrderRow, PostingRow, ProgramRow, Queue, StateRow, VoucherRow, Writing,
};
pub use scratch::Scratch;
pub use verify::Finding;

#[cfg(test)]
mod testing;
