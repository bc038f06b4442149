//! The tests of the program engine: tables that read as a statement of account, and properties.

mod backtests;
mod campaigns;
mod conditions;
mod earning;
mod explanations;
mod files;
mod ledger;
mod ledger_properties;
mod liabilities;
mod manual;
mod programs;
mod returns;
mod rewards;
mod rule_book;
mod slow_campaigns;
mod slow_choices;
mod slow_holds;
mod slow_model;
mod statements;
mod story;
mod tiers;
