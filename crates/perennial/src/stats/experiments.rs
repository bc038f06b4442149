//! Two arms or more, randomised: their difference, of means, shares, ratios and quantiles, and of many metrics.

use super::answer::{Answer, Estimate};
use super::arms::{Arms, at};
use super::columns::{Columns, Compared, clusters, strata_of, whole_clusters};
use crate::args::stats::{Ab, Comparison, Fdr, Metric, Quantiles, ScaleArg};
use crate::ended::Ended;
use crate::table::{Roles, Table};
use serde_json::json;
use stats::experiment::effect::{Effect, Scale, compare};
use stats::experiment::plan::{Plan, Reading};
use stats::experiment::strata::post_stratify;
use stats::experiment::{metrics, quantile};
use stats::inputs::BadInput;

/// The arm of a row.
pub const ARM: (&str, &[&str]) = ("arm", &["arm", "group", "variant", "treatment", "segment"]);
const VALUE: (&str, &[&str]) = ("value", &["value", "outcome", "y", "spend"]);
/// How many customers a row stands for.
pub const COUNT: (&str, &[&str]) = ("count", &["count"]);
/// The roles of a comparison.
pub const AB: Roles = &[ARM, VALUE, ("denominator", &["denominator", "orders"]), COUNT];
const QUANTILES: Roles = &[ARM, VALUE, COUNT];
const FDR: Roles = &[("metric", &["metric", "name"]), ("p", &["p", "p_value", "pvalue"])];

/// `stats ab`
pub fn ab(args: &Ab) -> Result<Answer, Ended> {
    let sample = &args.comparison.sample;
    let table = Table::read(&sample.input.file, &sample.input.maps, AB)?;
    let plan = plan(args).map_err(|error| table.refused(error))?;
    let compared = compare_all(&table, &args.comparison)?;
    let (mut estimates, mut details) = (Vec::new(), Vec::new());
    for arm in &compared.arms {
        let reading = plan.judge(&arm.effect).map_err(|error| table.refused(error))?;
        let mut estimate = estimate(format!("{} - {}", arm.name, compared.control), &reading);
        if let Some(both) = &arm.both {
            estimate = estimate.with("control", both.control.value).with("treatment", both.treatment.value);
            if let (Some(theta), Some(ratio)) = (both.theta, both.variance_ratio) {
                estimate = estimate.with("theta", theta).with("variance_ratio", ratio);
            }
        }
        details.push(json!({
            "treatment": arm.name,
            "reading": reading,
            "control_arm": arm.both.as_ref().map(|both| both.control),
            "treatment_arm": arm.both.as_ref().map(|both| both.treatment),
        }));
        estimates.push(estimate);
    }
    let reading = match (args.sequential, args.mixture) {
        (Some(units), _) => format!("confidence sequence tuned to {units}, valid at every look"),
        (None, Some(spread)) => format!("mixture sequential test for effects of about {spread}"),
        (None, None) => "one reading of a completed experiment (Welch's t)".to_owned(),
    };
    let method = format!("{}; {reading}", what_is_compared(&args.comparison));
    let answer = Answer::new("ab", method, table.len()).setting("control", compared.control);
    Ok(settings(answer, &args.comparison).estimates(estimates).details(details))
}

/// The arms of a file compared with its control.
pub struct ComparedArms<'a> {
    /// The name of the control arm.
    pub control: &'a str,
    /// The others.
    pub arms: Vec<ComparedArm<'a>>,
}

/// One arm compared with control.
pub struct ComparedArm<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it did.
    pub effect: Effect,
    both: Option<Compared>,
}

/// Compare all arms of a file with its control.
pub fn compare_all<'a>(table: &'a Table, args: &Comparison) -> Result<ComparedArms<'a>, Ended> {
    let arms = Arms::read(table, args.control.as_deref())?;
    let columns = Columns::read(table, args)?;
    if let Some(column) = &args.cluster {
        whole_clusters(table, column)?;
    }
    let strata = args.strata.as_ref().map(|column| table.full(table.named(column)?)).transpose()?;
    let scale = if args.scale == ScaleArg::Absolute { Scale::Absolute } else { Scale::Relative };
    let bad = |error: BadInput| table.refused(error);
    let one = |(name, rows): (&'a str, &[usize])| {
        if let Some(strata) = &strata {
            let parts = strata_of(table, &columns, strata, arms.of_control(), rows)?;
            let effect = post_stratify(&parts, scale).map_err(bad)?;
            return Ok(ComparedArm { name, effect, both: None });
        }
        let both = columns.compared(arms.of_control(), rows).map_err(bad)?;
        let effect = compare(&both.control, &both.treatment, scale).map_err(bad)?;
        Ok(ComparedArm { name, effect, both: Some(both) })
    };
    Ok(ComparedArms { control: arms.control, arms: arms.others().map(one).collect::<Result<_, Ended>>()? })
}

/// The settings of a comparison, given or not.
pub fn settings(answer: Answer, args: &Comparison) -> Answer {
    let scale = if args.scale == ScaleArg::Absolute { Scale::Absolute } else { Scale::Relative };
    answer
        .setting("level", args.sample.level)
        .setting("scale", json!(scale))
        .setting("cuped", json!(args.cuped))
        .setting("cluster", json!(args.cluster))
        .setting("strata", json!(args.strata))
}

fn plan(args: &Ab) -> Result<Plan, BadInput> {
    let level = args.comparison.sample.level;
    match (args.sequential, args.mixture) {
        (Some(units), _) => Plan::sequence(level, units),
        (None, Some(spread)) => Plan::mixture(level, spread),
        (None, None) => Plan::completed(level),
    }
}

/// What is compared, and how, in words.
pub fn what_is_compared(args: &Comparison) -> String {
    let metric = match args.metric {
        Metric::Mean => "means",
        Metric::Proportion => "proportions",
        Metric::Ratio => "ratios (delta method)",
    };
    let mut text = format!("difference of {metric}");
    if args.cluster.is_some() {
        text += ", clusters randomised (delta method)";
    }
    if args.cuped.is_some() {
        text += ", CUPED";
    }
    if args.strata.is_some() {
        text += ", post-stratified";
    }
    text
}

fn estimate(name: String, reading: &Reading) -> Estimate {
    let effect: &Effect = &reading.effect;
    Estimate::new(name, effect.value)
        .error(effect.standard_error)
        .within(reading.interval.low, reading.interval.high)
        .p(reading.p_value)
        .of(effect.units as u64)
}

/// `stats quantiles`
pub fn quantiles(args: &Quantiles) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, QUANTILES)?;
    let arms = Arms::read(&table, args.control.as_deref())?;
    let value = table.column("value")?;
    let clusters = args.cluster.as_ref().map(|column| clusters(&table, column)).transpose()?;
    if let Some(column) = &args.cluster {
        whole_clusters(&table, column)?;
    }
    let bad = |error: BadInput| table.refused(error);
    let arm = |rows: &[usize], q: f64| {
        let values = at(&value, rows);
        match &clusters {
            Some(clusters) => quantile::clustered_arm(&values, &at(clusters, rows), q),
            None => quantile::arm(&values, q),
        }
        .map_err(bad)
    };
    let plan = Plan::completed(args.sample.level).map_err(bad)?;
    let (mut estimates, mut details) = (Vec::new(), Vec::new());
    for (name, rows) in arms.others() {
        for q in &args.quantile {
            let (control, treatment) = (arm(arms.of_control(), *q)?, arm(rows, *q)?);
            let effect = compare(&control, &treatment, Scale::Absolute).map_err(bad)?;
            let reading = plan.judge(&effect).map_err(|error| table.refused(error))?;
            estimates.push(
                estimate(format!("{name} - {} at {q}", arms.control), &reading)
                    .with("control", control.value)
                    .with("treatment", treatment.value),
            );
            details.push(json!({"treatment": name, "quantile": q, "reading": reading}));
        }
    }
    Ok(Answer::new("quantiles", "difference of quantiles (order statistics; Welch's t)", table.len())
        .setting("control", arms.control)
        .setting("level", args.sample.level)
        .setting("cluster", json!(args.cluster))
        .estimates(estimates)
        .details(details))
}

/// `stats fdr`
pub fn fdr(args: &Fdr) -> Result<Answer, Ended> {
    let table = Table::read(&args.input.file, &args.input.maps, FDR)?;
    let p = table.column("p")?;
    let names = table.maybe_texts("metric")?;
    let found = metrics::adjust(&p, args.rate).map_err(|error| table.refused_rows(error))?;
    let rows = found.iter().enumerate().map(|(row, metric)| {
        let name =
            names.as_ref().map_or_else(|| format!("line {}", table.line(row)), |names| names[row].to_owned());
        Estimate::new(name, None)
            .p(metric.p_value)
            .with("adjusted", metric.adjusted)
            .with("is_discovery", metric.is_discovery)
    });
    Ok(Answer::new("fdr", "false discovery rate (Benjamini and Hochberg)", table.len())
        .setting("rate", args.rate)
        .estimates(rows)
        .details(&found))
}
