//! The run's parameters, as the relations read them.

use super::options::Options;
use super::rows::day_of;
use domain::column::{Batch, Column, Values};
use jiff::civil::Date;

/// The one row of `run.parameters`.
pub(super) fn parameters(
    options: &Options,
    as_of: Date,
    calibration_end: Option<Date>,
    horizon_days: i32,
) -> Batch {
    let cut = Column::with_absent(
        "calibration_end",
        Values::Day(vec![calibration_end.map_or(0, day_of)]),
        vec![calibration_end.is_some()],
    );
    Batch::new(vec![
        Column::new("as_of", Values::Day(vec![day_of(as_of)])),
        cut,
        Column::texts("currency", [Some(options.currency.code())]),
        Column::ints("horizon_days", [Some(i64::from(horizon_days))]),
        Column::floats("margin_share", [options.margin_share]),
        Column::floats("discount_rate", [Some(options.discount_rate)]),
        Column::texts("zone", [options.zone.as_deref()]),
    ])
}
