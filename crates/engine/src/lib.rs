//! The loop, one module per verb: collect, record, understand, design, act, measure (and, as its issue comes, decide);
//! and `people`, whom it is all about.
//!
//! The engine knows the rules of its verbs and the doors in `domain::port`; it does not know DataFusion, HTTP or the
//! clock. Time and chance are arguments.

pub mod act;
pub mod collect;
pub mod design;
pub mod measure;
pub mod people;
pub mod record;
pub mod staff;
pub mod takeover;
pub mod understand;
