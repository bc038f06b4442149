//! Tests of the record, on SQLite always and on PostgreSQL where `PERENNIAL_TEST_POSTGRES` names a server.

mod corrections;
mod desk;
mod log;
mod long;
mod people;
mod races;
mod schedule;
pub(crate) mod shop;
mod simulator;
mod story;
