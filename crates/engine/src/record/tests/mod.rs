//! Tests of the record, on SQLite always and on PostgreSQL where `PERENNIAL_TEST_POSTGRES` names a server.

mod people;
mod races;
mod shop;
mod simulator;
mod story;
