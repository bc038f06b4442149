//! Imports as pictures: a small file in, facts out.

mod again;
mod bad;
mod files;
mod kinds;
mod lake;
mod shops;
