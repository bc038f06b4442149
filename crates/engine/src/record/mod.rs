//! Record: every command that moves points or money, once and for ever.
//!
//! One shape: **gather** the rows a batch of commands touches in a handful of statements, **judge** each command in
//! memory with the pure `loyalty` engine, **record** what follows in a handful of statements, commit once, answer all.
//! A crash at any instruction loses nothing that was answered and doubles nothing that was not, because the key of a
//! command, its effects and its answer are one transaction.
//!
//! - [`command`] is what can be asked, [`answer`] what is answered;
//! - [`program`] installs a program's files and reads the version in force;
//! - [`recorder`] takes a batch through one transaction, [`writer`] does so on threads of its own for whoever asks;
//! - [`identity`] is who is who: identifiers, merges, search, likely duplicates;
//! - [`consent`] is what people have agreed to, [`work`] what must be done though machines die, [`schedule`] what is
//!   done again and again;
//! - [`view`] looks at a member, an entry or a command's effect without changing anything;
//! - [`vouchers`] makes codes beforehand;
//! - [`verify`] proves that what is kept is what happened, [`verify_lake`] that the lake has what was sealed.
//!
//! It does not know SQL (that is `store`'s), rules (that is `loyalty`'s), HTTP or the clock: times are arguments, in
//! microseconds since 1970.

pub mod answer;
pub(crate) mod books;
mod changes;
pub mod command;
pub mod consent;
mod counters;
mod gather;
pub mod identity;
pub(crate) mod messages;
pub mod program;
pub mod recorder;
pub mod schedule;
pub mod verify;
pub mod verify_lake;
pub mod view;
pub mod vouchers;
pub(crate) mod within;
pub mod work;
pub mod writer;

#[cfg(test)]
pub(crate) mod tests;
