//! The words: what every other crate means by an id, an amount, a fact, a door to the outside.
//!
//! Pure values without a runtime, SQL, HTTP, Arrow, clock or ambient randomness: time and chance are arguments.
//! This crate imports none of ours; whatever two crates must agree on stands here, once.

pub mod column;
pub mod fact;
pub mod id;
pub mod money;
pub mod port;

pub use column::{Batch, Column, Text};
pub use id::{Id, Kind};
pub use money::{Currency, Money, Points};
