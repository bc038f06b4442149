//! Assets: one file by path, embedded, on disk, or overridden; and what is made of them: pages, words, charts, numbers
//! in the reader's habit.
//!
//! Everything a non-programmer edits is a top-level folder of the repository (`sql`, `templates`, `locales`,
//! `static`). The program carries them all; a folder on disk may override any of them, file by file. This crate knows
//! no shop, no figures and no HTTP: it turns values into pages.

pub mod chart;
mod files;
mod habit;
mod lang;
mod page;
mod refusal;
mod words;

pub use files::{Assets, Failure, RelationSource};
pub use habit::Habit;
pub use lang::{Lang, NotALang};
pub use words::{Arg, Words, escape};
