//! Numbers from slices: the models and measures of a customer base.
//!
//! Everything here is a pure function of its arguments: no clock, no ambient randomness, no I/O. Models take
//! plain slices and return plain structs, so the crate is good enough to be used alone. Each family names the
//! paper it follows, and its tests reproduce the published values.

pub mod accuracy;
pub mod affinity;
pub mod allocation;
pub mod baskets;
pub mod bootstrap;
pub mod cadence;
pub mod chain_ladder;
pub mod cluster;
pub mod concentration;
pub mod describe;
pub mod discoveries;
pub mod experiment;
pub mod feedback;
pub mod inputs;
pub mod lifetime;
pub mod movement;
pub mod optimize;
pub mod policy;
pub mod propensity;
pub mod proportion;
pub mod recommend;
pub mod rfm;
pub mod special;
pub mod survival;
pub mod table;
pub mod uplift;
pub mod whale;
