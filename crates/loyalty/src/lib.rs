//! The program engine: points that can be proven, a program as files.
//!
//! Pure values: integers only, no clock, no randomness, no SQL, no async. Times and seeds are arguments. It imports
//! `domain` and nothing else of ours.

pub mod backtest;
pub mod calculator;
pub mod condition;
pub mod diff;
pub mod earning;
pub mod explain;
pub mod fact;
pub mod judge;
pub mod ledger;
pub mod liability;
pub mod lunar;
pub mod member;
pub mod mission;
pub mod name;
pub mod number;
mod pairs;
pub mod program;
pub mod referral;
pub mod reward;
pub mod show;
pub mod simulate;
pub mod surprise;
pub mod tier;
pub mod time;
pub mod voucher;
mod words;
