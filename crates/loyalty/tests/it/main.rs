//! The tests of the program engine: tables that read as a statement of account, and properties.

#[macro_use]
mod corner_shop;

mod backtests;
mod campaigns;
mod conditions;
mod corrections;
mod earning;
mod explanations;
mod files;
mod ledger;
mod ledger_properties;
mod liabilities;
mod manual;
mod policies;
mod programs;
mod returns;
mod rewards;
mod rule_book;
mod rule_book_words;
mod sharp;
mod sharp_judge;
mod simulations;
mod slow_campaigns;
mod slow_choices;
mod slow_holds;
mod slow_merges;
mod slow_model;
mod slow_pools;
mod statements;
mod story;
mod thrown;
mod tiers;
