//! Collect: from a file as it was exported to facts in the lake.
//!
//! An import reads its files twice. The first reading looks at everything ([`detected`]): format, encoding, columns,
//! the order of day and month, who is nobody. The second judges each row, gives it keys, and writes it under the
//! import's id ([`import`]). Whatever was guessed is printed and can be said otherwise ([`options`]); what cannot be
//! guessed is asked for by refusing. Files are cut into pieces at record boundaries, so that memory is bounded and all
//! cores work; no cell on that path is a `String`.
//!
//! What happens live comes through the record instead; [`live`] makes the same facts of its log.
//!
//! This module does not know Parquet or Arrow: rows from such files come through [`open::Rows`].

mod clock;
pub mod columns;
pub mod detected;
pub mod encoding;
mod fold;
pub mod import;
mod json;
mod judge;
pub mod judged;
pub mod live;
mod look;
pub mod mapping;
mod meaning;
pub mod number;
pub mod open;
pub mod options;
mod orders;
mod piece;
mod plain;
pub mod refused;
mod rejects;
pub mod role;
mod shape;
mod sheet;
mod sink;
pub mod split;
mod survey;
mod table;
mod vietnamese;
pub mod watch;
pub mod when;
pub mod who;
pub mod whole;

#[cfg(test)]
mod tests;
