//! Numbers from slices: the models and measures of a customer base.
//!
//! Everything here is a pure function of its arguments: no clock, no ambient randomness, no I/O. Models take
//! plain slices and return plain structs, so the crate is good enough to be used alone. Each family names the
//! paper it follows, and its tests reproduce the published values.

pub mod accuracy;
pub mod cadence;
pub mod concentration;
pub mod describe;
pub mod inputs;
pub mod movement;
pub mod rfm;
pub mod survival;
