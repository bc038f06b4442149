//! Imports as pictures: a small file in, facts out.

mod files;
mod lake;
