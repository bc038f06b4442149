//! Uplift against published definitions, planted truth, trials of nothing, and nonsense.

mod hillstrom;
mod learners;
mod manual;
mod metrics;
mod nonsense;
mod planted;
mod real;
mod reference;
mod served;
