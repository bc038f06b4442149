//! What an experiment brought for what it cost.

use super::answer::{Answer, Estimate};
use super::arms::{Arms, at};
use super::experiments::{ARM, COUNT};
use crate::args::stats::Roi;
use crate::ended::Ended;
use crate::table::{Roles, Table};
use serde_json::json;
use stats::experiment::fieller::Set;
use stats::experiment::moments::Moments;
use stats::experiment::roi::incremental_return;
use stats::inputs::BadInput;

const ROI: Roles = &[ARM, ("margin", &["margin"]), ("cost", &["cost"]), COUNT];

/// `stats roi`
pub fn roi(args: &Roi) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, ROI)?;
    let arms = Arms::read(&table, args.control.as_deref())?;
    let (margin, cost) = (table.column("margin")?, table.column("cost")?);
    let bad = |error: BadInput| table.refused(error);
    let both =
        |rows: &[usize]| Moments::from_columns([&at(&margin, rows)[..], &at(&cost, rows)]).map_err(bad);
    let control = both(arms.of_control())?;
    let (mut estimates, mut notes, mut details) = (Vec::new(), Vec::new(), Vec::new());
    for (name, rows) in arms.others() {
        let found = incremental_return(&control, &both(rows)?, args.sample.level).map_err(bad)?;
        let n = (rows.len() + arms.of_control().len()) as u64;
        let called = |what: &str| format!("{name} - {}: {what}", arms.control);
        estimates.push(Estimate::new(called("margin"), found.margin).of(n));
        estimates.push(Estimate::new(called("cost"), found.cost).of(n));
        let ends = found.profit_interval;
        estimates.push(Estimate::new(called("profit"), found.profit).within(ends.low, ends.high).of(n));
        let roi = Estimate::new(called("return"), found.roi).of(n);
        estimates.push(match found.roi_set {
            Set::Between { low, high } => roi.within(low, high),
            other => {
                notes.push(format!("The return of {name} {}", unbounded(&other)));
                roi
            }
        });
        details.push(json!({"treatment": name, "return": found}));
    }
    let answer = Answer::new("roi", "incremental return on investment (Fieller's interval)", table.len())
        .setting("control", arms.control)
        .setting("level", args.sample.level)
        .estimates(estimates)
        .details(details);
    Ok(notes.into_iter().fold(answer, Answer::note))
}

fn unbounded(set: &Set) -> String {
    use super::answer::six_digits as digits;
    match set {
        Set::Between { low, high } => format!("lies between {} and {}.", digits(*low), digits(*high)),
        Set::Outside { below, above } => {
            format!("is at most {} or at least {}: the cost may be nothing.", digits(*below), digits(*above))
        }
        Set::AtLeast { low } => format!("is at least {}.", digits(*low)),
        Set::AtMost { high } => format!("is at most {}.", digits(*high)),
        Set::Anything => {
            "may be anything: neither margin nor cost is clearly different from zero.".to_owned()
        }
    }
}
