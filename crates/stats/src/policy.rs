//! Which action for whom: whether to personalise at all, how to explore, and what another policy would have earned.
//!
//! A policy gives each customer a probability of each action; action 0 is "do nothing". The [`gate`] personalises only
//! on evidence, [`explore`] keeps every probability known to the last bit, [`off_policy`] judges a policy on what was
//! logged under another and refuses where the log cannot tell, and [`context`] says what an action is worth where
//! little has been tried. Chance comes in as an argument: a seed, or a draw in [0, 1).

pub mod context;
pub mod explore;
pub mod gate;
pub mod off_policy;
pub mod rates;
pub mod sequence;
pub mod thompson;

mod refused;

pub use refused::Refused;
