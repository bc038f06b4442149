//! Who works in the shop, what they may do, and who did what.
//!
//! - [`permissions`] is the one table of what each role may do;
//! - [`actor`] is whoever asks: a person, a key, a command on the machine, the program itself;
//! - [`people`] invites them, changes their role, takes it away;
//! - [`audit`] keeps what they changed, before and after, in a chain of hashes.
//!
//! It knows no passwords and no sessions: who somebody is has been found out before anybody asks here.

pub mod actor;
pub mod audit;
pub mod people;
pub mod permissions;

#[cfg(test)]
mod tests;
