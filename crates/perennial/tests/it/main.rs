//! The one test target that links everything: the house itself, and the program as its users meet it.
//!
//! The first half reads the tree (manifests, documents, words, relations) and fails where it is no longer what
//! ARCHITECTURE.md says. The second half runs the real binary on files in a folder of its own: no network, no clock
//! but the program's own, no state left behind.

mod backups;
mod bad_input;
mod borders;
mod documents;
mod door;
mod first_loop;
mod imports;
mod killed;
mod kills;
mod loop_kills;
mod people;
mod program;
mod program_backtests;
mod program_manual;
mod programs;
mod races;
mod record;
mod relations;
mod reports;
mod schemas;
mod sealing;
mod speaking;
mod stats;
mod till;
mod tls;
mod tree;
mod words;
