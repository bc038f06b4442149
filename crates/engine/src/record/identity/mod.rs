//! Who is who: identifiers of several kinds with priorities and limits, merges that can be read and taken back, names
//! that are found without accents, likely duplicates with their evidence.
//!
//! The same shape as everywhere: the owners of what was seen are gathered, [`resolve::judge`] says in memory what
//! follows, and that is recorded in the same transaction.

pub mod duplicates;
pub mod kinds;
pub mod lifecycle;
pub mod resolve;
pub mod search;
