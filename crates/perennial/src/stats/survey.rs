//! Surveys: key drivers, reliability and weights.

use super::answer::{Answer, Estimate};
use super::arms::{columns, numbered};
use crate::args::stats::{Alpha, Drivers, Rake, Shrink, SurveySize};
use crate::ended::Ended;
use crate::say;
use crate::table::{Roles, Table};
use serde_json::{Value, json};
use stats::feedback::{self, Margin, Survey};
use stats::inputs::BadInput;

const DRIVERS: Roles = &[("outcome", &["outcome", "y", "satisfaction"])];
const ITEMS: Roles = &[("respondent", &["respondent", "id"])];
const RAKE: Roles =
    &[("value", &["value", "score", "y"]), ("weight", &["weight"]), ("population", &["population", "fpc"])];

const SHRINK: Roles = &[
    ("store", &["store", "group", "name"]),
    ("successes", &["successes", "satisfied"]),
    ("trials", &["trials", "answers", "n"]),
    ("mean", &["mean", "value"]),
    ("standard_error", &["standard_error", "error", "se"]),
];

/// `stats drivers`
pub fn drivers(args: &Drivers) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, DRIVERS)?;
    let outcome = table.column("outcome")?;
    let (names, numbers) = columns(&table, &args.drivers, &[table.place("outcome")?])?;
    let bad = |error: BadInput| table.refused(error);
    let found = feedback::drivers(&numbers, &outcome, args.seed).map_err(bad)?;
    let (replicates, level) = (args.replicates as usize, args.sample.level);
    let intervals = match replicates {
        0 => None,
        _ => {
            Some(feedback::bootstrap_drivers(&numbers, &outcome, replicates, level, args.seed).map_err(bad)?)
        }
    };
    let rows = names.iter().zip(&found.drivers).enumerate().map(|(place, (name, driver))| {
        let mut row = Estimate::new(*name, driver.lmg);
        if let Some(intervals) = &intervals {
            let (low, high) = intervals[place].lmg;
            row = row.within(low, high);
        }
        row.with("johnson", driver.johnson)
            .with("correlation", driver.correlation)
            .with("beta", driver.beta)
            .with("first", driver.first)
            .with("last", driver.last)
            .with("inflation", driver.inflation)
    });
    Ok(Answer::new("drivers", "key drivers: LMG (estimate) and Johnson's relative weights", table.len())
        .setting("r_squared", found.r_squared)
        .setting("level", level)
        .setting("replicates", args.replicates)
        .setting("seed", args.seed)
        .estimates(rows)
        .details(json!({"drivers": found, "intervals": intervals})))
}

/// `stats alpha`
pub fn alpha(args: &Alpha) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, ITEMS)?;
    let (names, numbers) = columns(&table, &args.items, &[table.place("respondent")?])?;
    let found = feedback::alpha(&numbers, args.sample.level).map_err(|error| table.refused(error))?;
    let items = names.iter().zip(&found.items).map(|(name, item)| {
        Estimate::new(*name, item.alpha_if_dropped)
            .with("mean", item.mean)
            .with("deviation", item.deviation)
            .with("item_total", json!(item.item_total))
            .with("item_rest", json!(item.item_rest))
    });
    Ok(Answer::new("alpha", "Cronbach's alpha (Feldt's interval); of an item: alpha if dropped", table.len())
        .setting("items", names.len())
        .setting("level", args.sample.level)
        .setting("standardised", json!(found.standardised))
        .setting("mean_correlation", json!(found.mean_correlation))
        .estimates([Estimate::new("alpha", found.raw).within(found.low, found.high).of(table.len() as u64)])
        .estimates(items)
        .details(&found))
}

/// A margin: the group of each respondent and the groups' sizes.
struct Known {
    groups: Vec<u32>,
    sizes: Vec<f64>,
}

impl Known {
    /// From `column:group=size,group=size`.
    fn read(table: &Table, text: &str) -> Result<Known, Ended> {
        let usage = || Ended::Usage(format!("--margin {text}: expected column:group=size,group=size"));
        let (column, groups) = text.split_once(':').ok_or_else(usage)?;
        let mut named: Vec<(&str, f64)> = Vec::new();
        for group in groups.split(',') {
            let (name, size) = group.split_once('=').ok_or_else(usage)?;
            named.push((name.trim(), size.trim().parse().map_err(|_| usage())?));
        }
        let place = table.named(column.trim())?;
        let cells = table.full(place)?.into_iter().enumerate().map(|(row, cell)| {
            let known = named.iter().position(|(name, _)| *name == cell);
            known.map(|group| group as u32).ok_or_else(|| {
                table.wrong(row, place, &format!("is '{cell}', a group without a size in --margin {text}"))
            })
        });
        let groups = cells.collect::<Result<Vec<u32>, Ended>>()?;
        Ok(Known { groups, sizes: named.into_iter().map(|(_, size)| size).collect() })
    }
}

/// `stats shrink`
pub fn shrink(args: &Shrink) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, SHRINK)?;
    let names = table.texts("store")?;
    let (level, bad) = (args.sample.level, |error: BadInput| table.refused_rows(error));
    let (method, shrunk, prior) = if table.place("successes")?.is_some() {
        let counts = |role| -> Result<Vec<u64>, Ended> {
            Ok(table.whole(role, 0, 1 << 53)?.into_iter().map(|count| count as u64).collect())
        };
        let (successes, trials) = (counts("successes")?, counts("trials")?);
        let prior = feedback::SharePrior::by_likelihood(&successes, &trials).map_err(bad)?;
        let shrunk = feedback::shrink_shares(&successes, &trials, &prior, level).map_err(bad)?;
        ("shares drawn towards all stores (beta-binomial)", shrunk, json!(prior))
    } else {
        let (means, errors) = (table.column("mean")?, table.column("standard_error")?);
        let prior = feedback::MeanPrior::paule_mandel(&means, &errors).map_err(bad)?;
        let shrunk = feedback::shrink_means(&means, &errors, &prior, level).map_err(bad)?;
        ("means drawn towards all stores (Paule and Mandel)", shrunk, json!(prior))
    };
    let rows = names.iter().zip(&shrunk).map(|(name, one)| {
        let row = Estimate::new(*name, one.value).within(one.low, one.high);
        row.with("own", json!(one.own)).with("own_weight", one.own_weight)
    });
    let answer = Answer::new("shrink", method, table.len()).setting("level", level);
    Ok(answer.estimates(rows).details(json!({"prior": prior, "stores": shrunk})))
}

/// `stats survey-size`
pub fn survey_size(args: &SurveySize) -> Result<Answer, Ended> {
    let (level, margin, population) = (args.level, args.margin, args.population);
    let (what, needed) = match args.promoters.zip(args.detractors) {
        Some((promoters, detractors)) => (
            "a net promoter score",
            feedback::sample_size_nps(promoters, detractors, margin, level, population),
        ),
        None => ("a share", feedback::sample_size_share(args.share, margin, level, population)),
    };
    let needed = needed.map_err(|error| Ended::Refused(error.to_string()))?;
    Ok(Answer::new("survey-size", format!("answers needed for {what} (normal)"), 0)
        .setting("margin", margin)
        .setting("level", level)
        .setting("population", json!(population))
        .estimates([Estimate::new("answers", needed as f64)]))
}

/// `stats rake`
pub fn rake(args: &Rake) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, RAKE)?;
    let bad = |error: BadInput| table.refused(error);
    let known = args.margin.iter().map(|text| Known::read(&table, text)).collect::<Result<Vec<_>, _>>()?;
    let margins: Vec<Margin> =
        known.iter().map(|one| Margin { groups: &one.groups, sizes: &one.sizes }).collect();
    let start = table.maybe("weight")?.unwrap_or_else(|| vec![1.0; table.len()]);
    let raked = feedback::rake(&start, &margins).map_err(bad)?;
    let trimmed = args.trim.map(|most| feedback::trim(&raked.weights, most)).transpose().map_err(bad)?;
    let weights = trimmed.as_ref().map_or(&raked.weights, |trimmed| &trimmed.weights);
    let effect = feedback::design_effect(weights).map_err(bad)?;
    let mut answer = Answer::new("rake", "raking (Deming and Stephan)", table.len())
        .setting("margins", args.margin.join(" "))
        .setting("rounds", raked.rounds)
        .setting("trim", json!(args.trim))
        .setting("cut", json!(trimmed.as_ref().map(|trimmed| trimmed.cut)))
        .estimates([
            Estimate::new("design effect", effect).of(table.len() as u64),
            Estimate::new("effective respondents", table.len() as f64 / effect),
        ]);
    if let Some(values) = table.maybe("value")? {
        let groups = |column: &Option<String>| -> Result<Option<Vec<u32>>, Ended> {
            column.as_ref().map(|column| Ok(numbered(&table.full(table.named(column)?)?).0)).transpose()
        };
        let (strata, clusters, population) =
            (groups(&args.strata)?, groups(&args.cluster)?, table.maybe("population")?);
        let calibrated: Vec<&[u32]> = known.iter().map(|one| one.groups.as_slice()).collect();
        let survey = Survey {
            weights,
            strata: strata.as_deref(),
            clusters: clusters.as_deref(),
            population: population.as_deref(),
            calibrated: &calibrated,
        };
        let level = args.sample.level;
        let mean = feedback::estimate_mean(&values, &survey, level).map_err(bad)?.estimate;
        let total = feedback::estimate_total(&values, &survey, level).map_err(bad)?.estimate;
        let row = |name: &str, one: feedback::Estimate| {
            let row = Estimate::new(name, one.value).error(one.standard_error).within(one.low, one.high);
            row.of(table.len() as u64)
        };
        answer = answer
            .setting("level", level)
            .estimates([row("weighted mean", mean), row("weighted total", total)]);
    }
    let kept = match &args.out {
        Some(path) => {
            let lines =
                weights.iter().enumerate().map(|(row, weight)| format!("{},{weight}\n", table.line(row)));
            say::write_file(path, ("line,weight\n".to_owned() + &lines.collect::<String>()).as_bytes())?;
            answer = answer.note(format!("The weights are in {}.", path.display()));
            Value::Null
        }
        None => json!(weights),
    };
    Ok(answer.details(json!({
        "weights": kept,
        "rounds": raked.rounds,
        "error": raked.error,
        "design_effect_before_trimming": raked.design_effect,
    })))
}
