//! Probabilities of actions that can be logged.

use super::answer::{Answer, Estimate};
use crate::args::stats::{Explore, RuleArg};
use crate::ended::Ended;
use crate::table::{Roles, Table};
use serde_json::json;
use stats::policy::Refused;
use stats::policy::explore::{draw, epsilon_greedy, inverse_gap, softmax, with_floors};
use stats::policy::thompson::{Belief, thompson};

const ROLES: Roles = &[
    ("action", &["action", "arm", "offer"]),
    ("score", &["score", "value_expected"]),
    ("floor", &["floor"]),
    ("mean", &["mean"]),
    ("deviation", &["deviation", "standard_deviation"]),
    ("successes", &["successes"]),
    ("failures", &["failures"]),
    ("value", &["value"]),
    ("cost", &["cost"]),
];

/// `stats explore`
pub fn explore(args: &Explore) -> Result<Answer, Ended> {
    let table = Table::read(&args.input.file, &args.input.maps, ROLES)?;
    let names = table.texts("action")?;
    let bad = |error: Refused| table.refused_rows(error);
    let (method, setting, probabilities) = match args.rule {
        RuleArg::InverseGap => (
            "inverse-gap weighting (Abe and Long)",
            ("gamma", json!(args.gamma)),
            inverse_gap(&table.column("score")?, args.gamma),
        ),
        RuleArg::Softmax => (
            "softmax",
            ("temperature", json!(args.temperature)),
            softmax(&table.column("score")?, args.temperature),
        ),
        RuleArg::Epsilon => (
            "epsilon-greedy",
            ("epsilon", json!(args.epsilon)),
            epsilon_greedy(&table.column("score")?, args.epsilon),
        ),
        RuleArg::Thompson => (
            "Thompson sampling, counted over trials",
            ("trials", json!(args.trials)),
            thompson(&beliefs(&table)?, args.trials as usize, args.seed),
        ),
    };
    let mut probabilities = probabilities.map_err(bad)?;
    if let Some(floors) = table.maybe("floor")? {
        probabilities = with_floors(&probabilities, &floors).map_err(bad)?;
    }
    let rows = names.iter().zip(&probabilities).map(|(name, p)| Estimate::new(*name, *p));
    let mut answer = Answer::new("explore", method, table.len())
        .setting(setting.0, setting.1)
        .setting("seed", json!((args.rule == RuleArg::Thompson).then_some(args.seed)))
        .setting("draw", json!(args.draw))
        .estimates(rows);
    let drawn = args.draw.map(|u| draw(&probabilities, u)).transpose().map_err(bad)?;
    if let Some(drawn) = drawn {
        let probability = super::answer::six_digits(drawn.probability);
        answer = answer.note(format!("Take '{}'; log the probability {probability}.", names[drawn.action]));
    }
    Ok(answer.details(json!({"actions": names, "probabilities": probabilities, "drawn": drawn})))
}

/// What is believed of each action: a normal worth, or a rate times a value less a cost.
fn beliefs(table: &Table) -> Result<Vec<Belief>, Ended> {
    if let Some(successes) = table.maybe("successes")? {
        let failures = table.column("failures")?;
        let (value, cost) = (table.maybe("value")?, table.maybe("cost")?);
        let one = |row: usize| Belief::Rate {
            successes: successes[row],
            failures: failures[row],
            value: value.as_ref().map_or(1.0, |value| value[row]),
            cost: cost.as_ref().map_or(0.0, |cost| cost[row]),
        };
        return Ok((0..table.len()).map(one).collect());
    }
    let (mean, deviation) = (table.column("mean")?, table.column("deviation")?);
    let normal = |(mean, deviation)| Belief::Normal { mean, deviation };
    Ok(mean.into_iter().zip(deviation).map(normal).collect())
}
