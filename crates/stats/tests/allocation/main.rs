//! Allocation against optima of other solvers, against an exact solver on small instances, and against
//! nonsense.

mod instances;
mod one_budget;
mod oracle;
mod properties;
mod refusals;
mod several_limits;
