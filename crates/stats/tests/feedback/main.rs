//! Feedback statistics against published values, planted truth and nonsense.

mod data;
mod kano;
mod models;
mod nonsense;
mod scales;
mod scores;
mod stores;
mod weights;
