//! What an action is worth in each segment: what a play file expects, updated by experiments.

use super::answer::{Answer, Estimate};
use crate::args::stats::Context;
use crate::ended::Ended;
use crate::table::{Roles, Table};
use serde::Deserialize;
use serde_json::json;
use stats::experiment::student;
use stats::policy::context::{self, EffectPrior, Reading, SegmentEffect};
use stats::policy::rates::{self, Count, RatePrior};

const ROLES: Roles = &[
    ("segment", &["segment", "group"]),
    ("effect", &["effect", "estimate"]),
    ("standard_error", &["standard_error", "error", "se"]),
    ("arm", &["arm", "action"]),
    ("customers", &["customers", "n", "trials"]),
    ("successes", &["successes", "conversions"]),
];

/// What a play file expects; what else is in it is not ours.
#[derive(Debug, Deserialize)]
struct Expected {
    effect: Option<EffectPrior>,
    rate: Option<Rates>,
}

/// The rates expected with the action and without.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rates {
    action: RatePrior,
    nothing: RatePrior,
}

/// `stats context`
pub fn context(args: &Context) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, ROLES)?;
    let expected = expected(args)?;
    let mut names = table.texts("segment")?;
    names.extend(args.segment.iter().map(String::as_str));
    names.sort_unstable();
    names.dedup();
    let segments = table.texts("segment")?;
    let segments = segments.iter().map(|name| names.binary_search(name).unwrap_or_default());
    let segments: Vec<usize> = segments.collect();
    let is_counts = table.place("effect")?.is_none();
    let missing = |what: &str| {
        let file = args.prior.display();
        Ended::Refused(format!("{file} has no table [{what}], which this file of readings needs"))
    };
    let (found, method, details) = if is_counts {
        let prior = expected.rate.ok_or_else(|| missing("rate"))?;
        let found = by_counts(args, &table, &segments, names.len(), &prior)?;
        (found, "beta-binomial rates by segment, action less nothing", json!(null))
    } else {
        let prior = expected.effect.ok_or_else(|| missing("effect"))?;
        let found = by_effects(&table, &segments, names.len(), &prior)?;
        let all =
            json!({"mean": found.mean, "mean_deviation": found.mean_deviation, "between": found.between});
        (found.segments, "normal effects by segment, spread between them integrated over", all)
    };
    let z = student::critical(args.sample.level, f64::INFINITY);
    let rows = found.iter().map(|one| {
        let (net, net_deviation) = one.net(args.worth, args.cost);
        Estimate::new(names[one.segment], one.mean)
            .error(one.deviation)
            .within(one.mean - z * one.deviation, one.mean + z * one.deviation)
            .with("own_weight", one.own_weight)
            .with("net", net)
            .with("net_deviation", net_deviation)
            .with("chance_worthwhile", one.chance_worthwhile(args.worth, args.cost))
    });
    Ok(Answer::new("context", method, table.len())
        .setting("level", args.sample.level)
        .setting("worth", args.worth)
        .setting("cost", args.cost)
        .estimates(rows)
        .details(json!({"segments": names, "effects": found, "all": details})))
}

fn expected(args: &Context) -> Result<Expected, Ended> {
    let file = args.prior.display();
    let text =
        std::fs::read_to_string(&args.prior).map_err(|error| Ended::Refused(format!("{file}: {error}")))?;
    toml::from_str(&text).map_err(|error| Ended::Refused(format!("{file}: {error}")))
}

fn by_effects(
    table: &Table,
    segments: &[usize],
    among: usize,
    prior: &EffectPrior,
) -> Result<context::Effects, Ended> {
    let (effects, errors) = (table.column("effect")?, table.column("standard_error")?);
    let one = |((segment, effect), error): ((&usize, &f64), &f64)| Reading {
        segment: *segment,
        effect: *effect,
        standard_error: *error,
    };
    let readings: Vec<Reading> = segments.iter().zip(&effects).zip(&errors).map(one).collect();
    context::effects(prior, among, &readings).map_err(|error| table.refused_rows(error))
}

fn by_counts(
    args: &Context,
    table: &Table,
    segments: &[usize],
    among: usize,
    prior: &Rates,
) -> Result<Vec<SegmentEffect>, Ended> {
    let arms = table.texts("arm")?;
    let is_nothing = |arm: &str| match &args.control {
        Some(name) => arm == name,
        None => ["control", "nothing", "0"].contains(&arm),
    };
    let most = 1i64 << 53;
    let (customers, successes) = (table.whole("customers", 0, most)?, table.whole("successes", 0, most)?);
    let of = |nothing: bool| -> Vec<Count> {
        let rows = (0..table.len()).filter(|row| is_nothing(arms[*row]) == nothing);
        rows.map(|row| Count {
            segment: segments[row],
            customers: customers[row] as u64,
            successes: successes[row] as u64,
        })
        .collect()
    };
    if of(true).is_empty() {
        return Err(table.refused("no row is of doing nothing; name its arm with --control"));
    }
    let bad = |error: stats::policy::Refused| table.refused(error);
    let action = rates::rates(&prior.action, among, &of(false)).map_err(bad)?;
    let nothing = rates::rates(&prior.nothing, among, &of(true)).map_err(bad)?;
    Ok(action.iter().zip(&nothing).map(|(action, nothing)| rates::difference(action, nothing)).collect())
}
