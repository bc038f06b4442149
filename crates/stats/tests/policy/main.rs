//! Policies against published estimates, planted truth, worlds of nothing, and nonsense.

mod context;
mod gate;
#[path = "../uplift/hillstrom.rs"]
mod hillstrom;
mod manual;
mod off_policy;
#[path = "../uplift/reference.rs"]
mod reference;
mod sequence;
mod thompson;
mod zozo;
