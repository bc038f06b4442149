//! Measure: what an action brought, against people who were left alone at random. Never attribution.
//!
//! [`people`] reads what each person brought before and after, [`lift`] compares the arms as they were drawn, whatever
//! became of the messages, [`rollout`] does the same for what was promised to all and started at different times, and
//! [`decide`] says what to do with it. [`page`] is the one page to print. All of it is one document, [`lift::Measured`].
//!
//! Nothing here reads a clock or a database; facts come through `domain::port::Insights`.

pub mod decide;
pub mod lift;
pub mod page;
pub mod people;
pub mod rollout;

#[cfg(test)]
mod tests;
