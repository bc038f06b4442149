//! The program engine: points that can be proven, a program as files.
//!
//! Pure values: integers only, no clock, no randomness, no SQL, no async. Times and seeds are arguments. It imports
//! `domain` and nothing else of ours.

pub mod ledger;
pub mod name;
