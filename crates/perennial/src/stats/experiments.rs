//! Two arms or more, randomised: their difference, its money, and whether the draw was fair.

use super::answer::{Answer, Estimate};
use super::arms::{Arms, at, numbered};
use crate::args::stats::{Ab, Comparison, Fdr, Metric, Power, Quantiles, Roi, ScaleArg, Srm};
use crate::ended::Ended;
use crate::table::{Roles, Table};
use serde_json::{Value, json};
use stats::experiment::arm::{Arm, cluster_totals};
use stats::experiment::cuped::{adjust, adjust_ratio};
use stats::experiment::effect::{Effect, Scale, compare};
use stats::experiment::fieller::Set;
use stats::experiment::moments::Moments;
use stats::experiment::plan::{Plan, Reading};
use stats::experiment::power::{Clusters, Design, Outcome};
use stats::experiment::strata::{Stratum, post_stratify};
use stats::experiment::{metrics, quantile, roi::incremental_return, srm as ratio_mismatch};
use stats::inputs::BadInput;
use std::collections::BTreeMap;

const ARM: (&str, &[&str]) = ("arm", &["arm", "group", "variant", "treatment", "segment"]);
const VALUE: (&str, &[&str]) = ("value", &["value", "outcome", "y", "spend"]);
const COUNT: (&str, &[&str]) = ("count", &["count"]);
/// The roles of a comparison.
pub const AB: Roles = &[ARM, VALUE, ("denominator", &["denominator", "orders"]), COUNT];
const SRM: Roles = &[ARM, COUNT];
const ROI: Roles = &[ARM, ("margin", &["margin"]), ("cost", &["cost"]), COUNT];
const QUANTILES: Roles = &[ARM, VALUE, COUNT];
const FDR: Roles = &[("metric", &["metric", "name"]), ("p", &["p", "p_value", "pvalue"])];

/// The columns of a comparison, one value per row each.
struct Columns {
    value: Vec<f64>,
    denominator: Option<Vec<f64>>,
    before: Option<Vec<f64>>,
    denominator_before: Option<Vec<f64>>,
    clusters: Option<Vec<u64>>,
    is_proportion: bool,
}

/// Two arms, and what the covariate did.
struct Compared {
    control: Arm,
    treatment: Arm,
    theta: Option<f64>,
    variance_ratio: Option<f64>,
}

impl Columns {
    fn read(table: &Table, args: &Comparison) -> Result<Columns, Ended> {
        let named = |column: &Option<String>| -> Result<Option<Vec<f64>>, Ended> {
            column.as_ref().map(|column| table.numbers(table.named(column)?)).transpose()
        };
        let value = table.column("value")?;
        let is_proportion = args.metric == Metric::Proportion;
        if is_proportion && let Some(row) = value.iter().position(|value| *value != 0.0 && *value != 1.0) {
            let what = format!("is {}; a proportion is of 0 and 1", value[row]);
            return Err(table.wrong_in("value", row, &what));
        }
        let denominator = match args.metric {
            Metric::Ratio => Some(table.column("denominator")?),
            _ => None,
        };
        let clusters = args.cluster.as_ref().map(|column| clusters(table, column)).transpose()?;
        let (before, denominator_before) = (named(&args.cuped)?, named(&args.cuped_denominator)?);
        Ok(Columns { value, denominator, before, denominator_before, clusters, is_proportion })
    }

    /// The columns of some rows, summed by cluster where there are some; a column that is not there is of ones.
    fn four(&self, rows: &[usize]) -> Result<[Vec<f64>; 4], BadInput> {
        let ones = || vec![1.0; rows.len()];
        let of = |column: &Option<Vec<f64>>| column.as_ref().map_or_else(ones, |values| at(values, rows));
        let columns =
            [at(&self.value, rows), of(&self.denominator), of(&self.before), of(&self.denominator_before)];
        let Some(clusters) = &self.clusters else { return Ok(columns) };
        let clusters = at(clusters, rows);
        let mut totals: [Vec<f64>; 4] = Default::default();
        for (total, column) in totals.iter_mut().zip(&columns) {
            *total = cluster_totals(column, &clusters)?.0;
        }
        Ok(totals)
    }

    fn compared(&self, control: &[usize], treatment: &[usize]) -> Result<Compared, BadInput> {
        let (control, treatment) = (self.four(control)?, self.four(treatment)?);
        let is_ratio = self.denominator.is_some() || self.clusters.is_some();
        if self.before.is_some() {
            let found = if is_ratio {
                let four =
                    |arm: &[Vec<f64>; 4]| Moments::from_columns([&arm[0][..], &arm[1], &arm[2], &arm[3]]);
                adjust_ratio(&four(&control)?, &four(&treatment)?)?
            } else {
                let both = |arm: &[Vec<f64>; 4]| Moments::from_columns([&arm[0][..], &arm[2]]);
                adjust(&both(&control)?, &both(&treatment)?)?
            };
            return Ok(Compared {
                control: found.control,
                treatment: found.treatment,
                theta: Some(found.theta),
                variance_ratio: Some(found.variance_ratio),
            });
        }
        let arm = |columns: &[Vec<f64>; 4]| {
            if is_ratio {
                Arm::ratio(&Moments::from_columns([&columns[0][..], &columns[1]])?)
            } else if self.is_proportion {
                Arm::proportion(columns[0].iter().sum::<f64>() as u64, columns[0].len() as u64)
            } else {
                Arm::mean(&Moments::from_columns([&columns[0][..]])?)
            }
        };
        let (control, treatment) = (arm(&control)?, arm(&treatment)?);
        Ok(Compared { control, treatment, theta: None, variance_ratio: None })
    }
}

fn clusters(table: &Table, column: &str) -> Result<Vec<u64>, Ended> {
    let names = table.full(table.named(column)?)?;
    Ok(numbered(&names).0.into_iter().map(u64::from).collect())
}

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

/// A cluster in two arms was not randomised whole.
fn whole_clusters(table: &Table, column: &str) -> Result<(), Ended> {
    let names = table.full(table.named(column)?)?;
    let mut arm_of: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, arm) in names.iter().zip(table.texts("arm")?) {
        let first = *arm_of.entry(name).or_insert(arm);
        if first != arm {
            let text = format!(
                "cluster '{name}' is in the arms {first} and {arm}; leave out --cluster if rows \
                                were randomised one by one"
            );
            return Err(table.refused(text));
        }
    }
    Ok(())
}

fn strata_of(
    table: &Table,
    columns: &Columns,
    strata: &[&str],
    control: &[usize],
    treatment: &[usize],
) -> Result<Vec<Stratum>, Ended> {
    let mut rows: BTreeMap<&str, [Vec<usize>; 2]> = BTreeMap::new();
    for (arm, members) in [control, treatment].into_iter().enumerate() {
        for row in members {
            rows.entry(strata[*row]).or_default()[arm].push(*row);
        }
    }
    rows.iter()
        .map(|(name, [control, treatment])| {
            let compared = columns.compared(control, treatment).map_err(|error| {
                table.refused(format!("stratum '{name}': {error}; merge it with another"))
            })?;
            Ok(Stratum { control: compared.control, treatment: compared.treatment })
        })
        .collect()
}

/// `stats srm`
pub fn srm(args: &Srm) -> Result<Answer, Ended> {
    let table = Table::read(&args.input.file, &args.input.maps, SRM)?;
    let mut counts: BTreeMap<String, (u64, Option<f64>)> = BTreeMap::new();
    for arm in table.texts("arm")? {
        counts.entry(arm.to_owned()).or_default().0 += 1;
    }
    for text in &args.shares {
        let pair = text.split_once('=').and_then(|(arm, share)| Some((arm, share.parse::<f64>().ok()?)));
        let (arm, share) = pair.ok_or_else(|| {
            Ended::Usage(format!("--shares {text}: expected arms with shares, as control=95,a=5"))
        })?;
        counts.entry(arm.trim().to_owned()).or_default().1 = Some(share);
    }
    if args.shares.is_empty() {
        counts.values_mut().for_each(|(_, share)| *share = Some(1.0));
    }
    if let Some((arm, _)) = counts.iter().find(|(_, (_, share))| share.is_none()) {
        let text =
            format!("arm '{arm}' has no share; name it in --shares, with 0 where it should have nobody");
        return Err(table.refused(text));
    }
    let shares: Vec<f64> = counts.values().map(|(_, share)| share.unwrap_or(0.0)).collect();
    let seen: Vec<u64> = counts.values().map(|(count, _)| *count).collect();
    let limits = ratio_mismatch::Limits { p_value: args.alarm, gap: args.gap };
    let found = ratio_mismatch::check(&seen, &shares, limits).map_err(|error| table.refused(error))?;
    let total: f64 = shares.iter().sum();
    let rows = counts.iter().map(|(arm, (count, share))| {
        let expected = share.unwrap_or(0.0) / total * table.len() as f64;
        Estimate::new(arm, *count as f64).with("expected", expected)
    });
    Ok(Answer::new("srm", "Pearson's chi-square of counts against configured shares", table.len())
        .setting("alarm", args.alarm)
        .setting("gap", args.gap)
        .estimates([Estimate::new("chi-square", found.chi_square)
            .p(found.p_value)
            .of(table.len() as u64)
            .with("degrees_of_freedom", found.degrees_of_freedom)
            .with("largest_gap", found.largest_gap)])
        .estimates(rows)
        .note(match found.verdict {
            ratio_mismatch::Verdict::Matched => "The counts are what the shares would give.".to_owned(),
            ratio_mismatch::Verdict::Immaterial => {
                "The difference is not chance, and too small to matter.".to_owned()
            }
            ratio_mismatch::Verdict::Mismatched => {
                "Mismatch: do not read this experiment; find what loses customers.".to_owned()
            }
            ratio_mismatch::Verdict::Stray { arm } => {
                let name = counts.keys().nth(arm).map_or("", String::as_str);
                format!("The arm '{name}' should have nobody; find how customers came into it.")
            }
        })
        .details(found))
}

/// `stats power`
pub fn power(args: &Power) -> Result<Answer, Ended> {
    let clusters = args.cluster_size.zip(args.icc).map(|(size, correlation)| Clusters {
        size,
        variation: args.cluster_variation,
        correlation,
    });
    let design = Design { level: args.level, ratio: args.ratio, covariate: args.covariate, clusters };
    let outcome = match args.proportion {
        Some(control) => Outcome::Proportion { control },
        None => Outcome::Mean {
            control_deviation: args.deviation,
            treatment_deviation: args.treatment_deviation.unwrap_or(args.deviation),
        },
    };
    let bad = |error: BadInput| Ended::Refused(error.to_string());
    use stats::experiment::power as plan;
    let found = match (args.effect, args.size) {
        (Some(effect), Some(size)) => {
            vec![Estimate::new("power", plan::power(&design, outcome, effect, size).map_err(bad)?)]
        }
        (Some(effect), None) => {
            let sizes = plan::sample_size(&design, outcome, effect, args.power).map_err(bad)?;
            vec![
                Estimate::new("control customers", sizes.control as f64),
                Estimate::new("treatment customers", sizes.treatment as f64),
            ]
        }
        (None, Some(size)) => {
            let smallest = plan::minimum_effect(&design, outcome, size, args.power).map_err(bad)?;
            vec![Estimate::new("minimum detectable effect", smallest)]
        }
        (None, None) => {
            return Err(Ended::Usage(
                "power needs --effect (to find the sample size), --size (to find the smallest effect), or both \
                 (to find the power)"
                    .to_owned(),
            ));
        }
    };
    let test = match args.proportion {
        Some(_) => "two-sided z-test of proportions (Fleiss, Levin and Paik)",
        None => "two-sided t-test of means (noncentral t)",
    };
    Ok(Answer::new("power", test, 0)
        .setting("level", args.level)
        .setting(
            "power",
            if args.effect.is_some() && args.size.is_some() { Value::Null } else { json!(args.power) },
        )
        .setting("effect", json!(args.effect))
        .setting("size", json!(args.size))
        .setting("ratio", args.ratio)
        .setting("covariate", args.covariate)
        .estimates(found)
        .details(json!({"design": design, "outcome": outcome})))
}

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
    let found = metrics::adjust(&p, args.rate).map_err(|error| table.refused(error))?;
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
