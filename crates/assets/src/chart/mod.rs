//! Charts: SVG in the house's look, one picture for light and dark, screen and paper.
//!
//! Lines, bands, bars and areas are drawn by charts-rs and dressed afterwards: its literal colours become the tokens of
//! `static/look.css`, its inline style and fonts go, its axis numbers are written in the reader's habit, and it gets a
//! title, a description and one invisible column per step that tells the figures on hover and tap. What doubt looks
//! like (a stroke with a band) is decided here and nowhere else.

mod doubt;
mod dress;
mod plot;

pub use doubt::{doubt, doubt_within};
pub use plot::{Axis, Colour, HalfPlot, Kind, Plot, Series};
