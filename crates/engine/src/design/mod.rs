//! Design: what a program means, on paper and on the shop's own history, before anybody is told of it.
//!
//! The rules themselves are judged by `loyalty`, which knows no lake and no page; here the facts are read for it by
//! relation ([`backtest`]), estimates of `stats` are handed to it as exact ratios ([`liabilities`]), and what it answers
//! is laid out ([`backtest_page`], [`rules_page`]). [`running`] is how a program runs by now. Nothing here decides how many points anything is worth.

pub mod backtest;
pub mod backtest_page;
mod history;
pub mod liabilities;
pub mod rules_page;
pub mod running;
#[cfg(test)]
mod tests;
