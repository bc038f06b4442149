//! The tests of the program engine: tables that read as a statement of account, and properties.

mod earning;
mod ledger;
mod ledger_properties;
mod returns;
mod story;
mod tiers;
