//! The analysis path: facts in Delta Lake tables, relations in SQL files, mathematics as functions in SQL.
//!
//! - [`lake`]: fact tables in an open format, appended to exactly once.
//! - [`session`]: DataFusion over the lake, running the relations of `sql/` by name.
//! - [`functions`]: thin wrappers that make `stats` callable from SQL.
//!
//! This crate (and `cluster`, and the binary) alone may name DataFusion, Delta or Arrow. It knows no rules of the
//! loop and no page.

mod arrays;
mod days;
pub mod functions;
pub mod lake;
mod live;
pub mod parquet_input;
pub mod relation;
pub mod session;
pub mod truth;
