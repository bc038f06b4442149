//! Customer lifetime models: how often a customer buys while active, and when they stop.
//!
//! The repeat-buying families ([`model::Model`]) see a customer as three numbers ([`history::History`]): repeat
//! orders, first to last order, first order to the end of observation. [`fit::fit`] learns a family's parameters,
//! always beside the NBD in which nobody ever leaves, and says so when the data cannot tell the two apart.
//! Spend per order is another model ([`spend`]), contracts another ([`contract`]). Nothing here knows a calendar,
//! a currency or a file.
//!
//! Which to use: MBG/NBD by default. BG/NBD answers P(alive) = 1 for everybody who bought once, because in it a
//! customer can only leave after a repeat order. Pareto/NBD is the classic and slower; BG/BB is for occasions
//! that come round by themselves (yearly donations); the Erlang-k forms are for regular buyers such as grocery.

mod arrivals;
mod climb;
pub mod coin;
pub mod contract;
pub mod discrete;
pub mod fit;
pub mod history;
pub mod model;
pub mod pareto;
mod rows;
pub mod score;
pub mod spend;
pub mod split;
pub mod track;
pub mod value;
