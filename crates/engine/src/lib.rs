//! The loop, one module per verb: collect, record, understand, design (and, as their issues come, decide, act,
//! measure).
//!
//! The engine knows the rules of its verbs and the doors in `domain::port`; it does not know DataFusion, HTTP or the
//! clock. Time and chance are arguments.

pub mod collect;
pub mod design;
pub mod record;
pub mod understand;
