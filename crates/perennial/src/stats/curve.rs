//! What a budget buys.

use super::answer::{Answer, Estimate, six_digits};
use super::uplift::{Read, chances_of, costs, input, learner};
use crate::args::stats::Curve;
use crate::ended::Ended;
use serde_json::json;
use stats::table::Table as Numbers;
use stats::uplift::{self as method, CostPoint, Refused, Settings};

/// `stats curve`
pub fn curve(args: &Curve) -> Result<Answer, Ended> {
    let table = input(&args.learning)?;
    let bad = |error: Refused| table.refused(error);
    let places = |prefix: &str| -> Vec<usize> {
        let header = table.header().iter().enumerate();
        header.filter(|(_, column)| column.starts_with(prefix)).map(|(place, _)| place).collect()
    };
    let (predicted, cost_columns) = (places("predicted_"), places("cost_"));
    let read = Read::new(&table, &args.learning, &predicted, &cost_columns)?;
    let (trial, actions) = (&read.trial, &read.names[1..]);
    let columns = |prefix: &str| -> Result<Numbers, Ended> {
        let of = |name: &&str| table.numbers(table.named(&format!("{prefix}{name}"))?);
        let columns = actions.iter().map(of).collect::<Result<Vec<_>, Ended>>()?;
        let values = (0..table.len()).flat_map(|row| columns.iter().map(move |column| column[row]));
        Numbers::new(actions.len(), values.collect()).map_err(|error| table.refused(error))
    };
    let settings = Settings { folds: args.learning.folds, seed: args.learning.seed };
    let fitted =
        method::cross_fit(trial, &learner(&args.learning, trial.is_binary()), &settings).map_err(bad)?;
    let gains = fitted.scores.iter().flat_map(|row| row[1..].iter().map(|score| score - row[0])).collect();
    let gains = Numbers::new(actions.len(), gains).map_err(|error| table.refused(error))?;
    let predicted = if predicted.is_empty() { fitted.served } else { columns("predicted_")? };
    let costs = if !cost_columns.is_empty() {
        columns("cost_")?
    } else {
        let costs = costs(&table, &args.costs, &read.names)?;
        let same = (0..table.len()).flat_map(|_| costs[1..].iter().copied()).collect();
        Numbers::new(actions.len(), same).map_err(|error| table.refused(error))?
    };
    let found = method::cost_curve(&predicted, &costs, &gains).map_err(bad)?;
    let z = stats::experiment::student::critical(args.learning.sample.level, f64::INFINITY);
    let rows = spread(&found.points, args.points as usize).into_iter().map(|point| {
        Estimate::new(format!("at {} per customer", six_digits(point.cost)), point.gain)
            .error(point.standard_error)
            .within(point.gain - z * point.standard_error, point.gain + z * point.standard_error)
            .with("price", point.price)
    });
    let area = Estimate::new("area under the curve (AUCC)", found.area);
    Ok(Answer::new(
        "curve",
        "cost curve: gain per customer against cost per customer (AIPW scores)",
        table.len(),
    )
    .setting("control", read.names[0])
    .setting("shares", chances_of(&read))
    .setting("level", args.learning.sample.level)
    .setting("folds", args.learning.folds)
    .setting("seed", args.learning.seed)
    .estimates([area])
    .estimates(rows)
    .details(json!({"arms": read.names, "curve": found})))
}

/// About so many points of a curve, evenly over its cost, the last one with them.
fn spread(points: &[CostPoint], among: usize) -> Vec<CostPoint> {
    let end = points.last().map_or(0.0, |last| last.cost);
    let at = |step: usize| end * step as f64 / among as f64 * (1.0 + 1e-12);
    let mut places: Vec<usize> =
        (1..=among).map(|step| points.partition_point(|point| point.cost <= at(step)) - 1).collect();
    places.dedup();
    places.into_iter().filter(|place| *place > 0).map(|place| points[place]).collect()
}
