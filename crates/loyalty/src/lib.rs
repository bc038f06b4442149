//! The program engine: points that can be proven, a program as files.
//!
//! Pure values: integers only, no clock, no randomness, no SQL, no async. Times and seeds are arguments. It imports
//! `domain` and nothing else of ours, and knows nothing of customers as people: a member is an id.
//!
//! How it fits together:
//! - [`program`] reads, checks and compiles TOML files into a [`program::Program`];
//! - [`fact`] is what happened, [`judge`] takes one fact against a program and the [`judge::Books`] and says what
//!   follows; [`simulate`] does so for a stream, [`backtest`] for a shop's history under two programs;
//! - [`ledger`] is the provable heart: double entry, lots, holds, a hash chain; it knows no rules;
//! - [`earning`], [`tier`], [`benefit`], [`reward`], [`redemption`], [`gift_card`], [`voucher`], [`mission`], [`referral`], [`surprise`] and [`pool`] are the parts
//!   the judge is made of;
//! - [`explain`], [`show`], [`book`], [`diff`] and [`calculator`] say in words what the rules do; [`liability`] says what it means
//!   in the accounts, [`statement`] who pays for it.
//!
//! What must stay true: a balance at an instant does not depend on whether or when anything ran; a refusal changes
//! nothing but what was due anyway; what a return takes is computed from what came back in all; caps and budgets are
//! counted in the step that gives.

pub mod backtest;
pub mod benefit;
pub mod book;
pub mod calculator;
pub mod condition;
pub mod diff;
pub mod earning;
pub mod explain;
pub mod fact;
pub mod gift_card;
pub mod judge;
pub mod ledger;
pub mod liability;
pub mod lunar;
pub mod member;
pub mod mission;
pub mod name;
pub mod number;
mod pairs;
pub mod pool;
pub mod program;
pub mod redemption;
pub mod referral;
pub mod reward;
pub mod show;
pub mod simulate;
pub mod statement;
pub mod surprise;
pub mod tier;
pub mod time;
pub mod voucher;
mod words;
