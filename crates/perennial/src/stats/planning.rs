//! Before an experiment and after its draw: power, and whether arms got the customers they should have.

use super::answer::{Answer, Estimate};
use super::experiments::{ARM, COUNT};
use crate::args::stats::{Power, Srm};
use crate::ended::Ended;
use crate::table::{Roles, Table};
use serde_json::{Value, json};
use stats::experiment::power::{Clusters, Design, Outcome};
use stats::experiment::srm as ratio_mismatch;
use stats::inputs::BadInput;
use std::collections::BTreeMap;

const SRM: Roles = &[ARM, COUNT];

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
