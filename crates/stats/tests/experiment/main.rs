//! Experiments against another engine's figures, the literature, planted truth, ten thousand repetitions, and
//! nonsense.

mod coverage;
mod gbstats;
mod manual;
mod planted;
mod properties;
mod published;
#[path = "../uplift/reference.rs"]
mod reference;
mod simulate;
