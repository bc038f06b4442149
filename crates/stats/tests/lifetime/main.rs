//! The customer lifetime models against the literature, against planted truth, and against nonsense.

mod cdnow;
mod independent;
mod nonsense;
mod planted;
mod published;
mod simulate;
