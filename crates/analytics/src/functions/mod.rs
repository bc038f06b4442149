//! Mathematics in SQL: each function here hands its arguments to `stats` and its answer back, and does nothing else.
//!
//! Absent arguments give an absent answer. A model that does not exist, or parameters that are none, end the query
//! with the words of `stats`. Nothing here may look at a clock or draw at random.

mod arguments;
mod cadence;
mod day_gaps;
mod first_amount;
mod lifetime;
mod movement;
mod ranking;
mod share;
mod shop_time;

use datafusion::prelude::SessionContext;

/// Make every function of ours known to a session.
pub fn register_all(context: &SessionContext) {
    let scalars =
        [lifetime::all(), cadence::all(), movement::all(), ranking::all(), share::all(), shop_time::all()];
    for function in scalars.into_iter().flatten() {
        context.register_udf(function);
    }
    for function in [
        first_amount::first_amount(),
        ranking::score_cuts(),
        cadence::cadence_population(),
        day_gaps::day_gaps(),
    ] {
        context.register_udaf(function);
    }
}
