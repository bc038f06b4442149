//! Rows on SQLite: who the customers are, what the shop calls them, what was imported, what the lake may show.
//!
//! State is kept apart from facts. Names, addresses, the shop's own customer keys and free text live here and
//! nowhere else, so that erasing a person is one place's work. This crate does IO and knows no rules: it must not
//! know what a tier is, how a file is read, or how a fact lies in the lake. Time and chance are arguments.
//!
//! Plain synchronous code. One handle writes ([`Store::open`]), any number read ([`Store::open_read_only`]).

mod customers;
mod db;
mod erase;
mod failure;
mod feedback;
mod imports;
mod migrate;
mod open;
mod people;
mod recall;
mod settings;
mod verify;

pub use customers::{Identifier, KEY_BYTES, check_key};
pub use failure::{Error, Failure, Refused};
pub use feedback::{FeedbackText, KeptText};
pub use imports::{Import, ImportFile, ImportState, NewImport};
pub use open::Store;
pub use people::{KnownField, PersonField};
pub use verify::Finding;

#[cfg(test)]
mod testing;
