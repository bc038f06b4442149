//! Scores of feedback: NPS, CSAT, CES, ACSI and Kano.

use super::answer::{Answer, Estimate};
use crate::args::stats::{Acsi, Csat, Kano, KanoTableArg, Sample};
use crate::ended::Ended;
use crate::table::{Roles, Table};
use serde_json::json;
use stats::feedback::{self, CesForm, KanoCounts, KanoTable, Nps};
use std::collections::BTreeMap;

const COUNT: (&str, &[&str]) = ("count", &["count"]);
const SCORE: (&str, &[&str]) = ("score", &["score", "answer", "rating", "nps", "csat", "ces"]);
const SCORES: Roles = &[SCORE, COUNT];
const GROUPED: Roles = &[SCORE, ("group", &["group", "store", "segment"]), COUNT];
const ACSI: Roles = &[
    ("satisfaction", &["satisfaction"]),
    ("expectations", &["expectations"]),
    ("ideal", &["ideal", "performance"]),
    COUNT,
];
const KANO: Roles = &[
    ("feature", &["feature", "item"]),
    ("functional", &["functional"]),
    ("dysfunctional", &["dysfunctional"]),
    COUNT,
];

/// `stats nps`
pub fn nps(args: &Sample) -> Result<Answer, Ended> {
    let table = Table::read(&args.input.file, &args.input.maps, GROUPED)?;
    let scores: Vec<u8> = table.whole("score", 0, 10)?.into_iter().map(|score| score as u8).collect();
    let mut groups: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    if let Some(names) = table.maybe_texts("group")? {
        for (name, score) in names.into_iter().zip(&scores) {
            groups.entry(name).or_default().push(*score);
        }
    }
    let of = |scores: &[u8]| {
        let counts = feedback::nps_counts(scores)?;
        Ok((counts, feedback::nps(counts.0, counts.1, counts.2, args.level)?))
    };
    let bad = |error: stats::inputs::BadInput| table.refused(error);
    let (counts, all) = of(&scores).map_err(bad)?;
    let mut estimates = vec![adjusted("all", &all, counts)];
    estimates.push(
        Estimate::new("all, plain (Wald)", all.wald.value)
            .error(all.wald.standard_error)
            .within(all.wald.low, all.wald.high)
            .p(all.p_value)
            .of(all.answers),
    );
    let mut first: Option<(&str, Nps)> = None;
    let (mut each, mut differences) = (Vec::new(), Vec::new());
    for (name, scores) in &groups {
        let (counts, found) = of(scores).map_err(bad)?;
        estimates.push(adjusted(name, &found, counts));
        match &first {
            None => first = Some((name, found)),
            Some((other, base)) => {
                let difference = feedback::nps_difference(&found, base, args.level).map_err(bad)?;
                let one = difference.adjusted;
                differences.push(
                    Estimate::new(format!("{name} - {other}"), one.value)
                        .error(one.standard_error)
                        .within(one.low, one.high)
                        .p(difference.p_value)
                        .of(found.answers + base.answers),
                );
            }
        }
        each.push(json!({"group": name, "nps": found}));
    }
    Ok(Answer::new("nps", "net promoter score (adjusted Wald)", table.len())
        .setting("definition", all.definition)
        .setting("level", args.level)
        .estimates(estimates)
        .estimates(differences)
        .details(json!({"all": all, "groups": each})))
}

fn adjusted(name: &str, found: &Nps, (promoters, passives, detractors): (u64, u64, u64)) -> Estimate {
    let one = found.adjusted;
    Estimate::new(name, one.value)
        .error(one.standard_error)
        .within(one.low, one.high)
        .of(found.answers)
        .with("promoters", promoters)
        .with("passives", passives)
        .with("detractors", detractors)
}

/// Answers to each point of a scale from 1.
fn counted(table: &Table, points: usize) -> Result<Vec<u64>, Ended> {
    let mut counts = vec![0; points];
    for score in table.whole("score", 1, points as i64)? {
        counts[score as usize - 1] += 1;
    }
    Ok(counts)
}

/// `stats csat`
pub fn csat(args: &Csat) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, SCORES)?;
    let counts = counted(&table, usize::from(args.points))?;
    let found =
        feedback::csat(&counts, args.boxes, args.sample.level).map_err(|error| table.refused(error))?;
    let n = found.answers;
    let error = (found.top * (1.0 - found.top) / n as f64).sqrt();
    let mean = Estimate::new("mean answer", found.mean).of(n);
    Ok(Answer::new("csat", "customer satisfaction: share of the top boxes (Wilson)", table.len())
        .setting("definition", found.definition)
        .setting("points", args.points)
        .setting("boxes", args.boxes)
        .setting("level", args.sample.level)
        .estimates([
            Estimate::new("satisfied", found.top).error(error).within(found.low, found.high).of(n),
            match found.deviation {
                Some(deviation) => mean.error(deviation / (n as f64).sqrt()),
                None => mean,
            },
        ])
        .details(found))
}

/// `stats ces`
pub fn ces(args: &Sample) -> Result<Answer, Ended> {
    let table = Table::read(&args.input.file, &args.input.maps, SCORES)?;
    let counts: [u64; 7] = counted(&table, 7)?.try_into().unwrap_or_default();
    let (mut estimates, mut details) = (Vec::new(), Vec::new());
    for form in [CesForm::ShareAgreeing, CesForm::Mean, CesForm::TopLessBottom] {
        let found = feedback::ces(&counts, form, args.level).map_err(|error| table.refused(error))?;
        let score = found.score;
        estimates.push(
            Estimate::new(found.definition, score.value)
                .error(score.standard_error)
                .within(score.low, score.high)
                .of(found.answers),
        );
        details.push(found);
    }
    Ok(Answer::new("ces", "customer effort score, in three forms that must not be mixed", table.len())
        .setting("level", args.level)
        .estimates(estimates)
        .details(details))
}

/// `stats acsi`
pub fn acsi(args: &Acsi) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, ACSI)?;
    let weights: [f64; 3] = match args.weights.as_slice() {
        [] => [1.0 / 3.0; 3],
        [satisfaction, expectations, ideal] => [*satisfaction, *expectations, *ideal],
        other => {
            return Err(Ended::Usage(format!(
                "--weights: three numbers are expected, {} are given",
                other.len()
            )));
        }
    };
    let columns = [table.column("satisfaction")?, table.column("expectations")?, table.column("ideal")?];
    let answers: Vec<[f64; 3]> =
        (0..table.len()).map(|row| [columns[0][row], columns[1][row], columns[2][row]]).collect();
    let found = feedback::acsi(&answers, weights, args.sample.level).map_err(|error| table.refused(error))?;
    let index = found.index;
    Ok(Answer::new("acsi", "American-customer-satisfaction index, 0 to 100", table.len())
        .setting("definition", found.definition)
        .setting("weights", json!(weights))
        .setting("level", args.sample.level)
        .estimates([Estimate::new("index", index.value)
            .error(index.standard_error)
            .within(index.low, index.high)
            .of(found.respondents)])
        .details(found))
}

/// `stats kano`
pub fn kano(args: &Kano) -> Result<Answer, Ended> {
    let table = Table::read(&args.input.file, &args.input.maps, KANO)?;
    let evaluation = match args.table {
        KanoTableArg::Cqm1993 => KanoTable::cqm_1993(),
        KanoTableArg::Pouliot1993 => KanoTable::pouliot_1993(),
        KanoTableArg::ThreeAnswers => KanoTable::three_answers(),
    };
    let answers = if args.table == KanoTableArg::ThreeAnswers { 3 } else { 5 };
    let (functional, dysfunctional) =
        (table.whole("functional", 1, answers)?, table.whole("dysfunctional", 1, answers)?);
    let features = table.maybe_texts("feature")?;
    let mut pairs: BTreeMap<&str, Vec<(u8, u8)>> = BTreeMap::new();
    for (row, (present, absent)) in functional.iter().zip(&dysfunctional).enumerate() {
        let name = features.as_ref().map_or("feature", |names| names[row]);
        pairs.entry(name).or_default().push((*present as u8 - 1, *absent as u8 - 1));
    }
    let (mut estimates, mut details) = (Vec::new(), Vec::new());
    for (name, pairs) in &pairs {
        let bad = |error: stats::inputs::BadInput| table.refused(format!("feature '{name}': {error}"));
        let counts: KanoCounts = feedback::classify(pairs, &evaluation).map_err(bad)?;
        let found = feedback::kano(&counts).map_err(bad)?;
        estimates.push(
            Estimate::new(*name, None)
                .of(found.respondents)
                .with("category", json!(found.category))
                .with("better", json!(found.better))
                .with("worse", json!(found.worse))
                .with("total_strength", found.total_strength)
                .with("category_strength", found.category_strength)
                .with("fong_difference", found.fong.difference)
                .with("fong_threshold", found.fong.threshold)
                .with("is_significant", found.fong.is_significant),
        );
        let continuous = match answers {
            5 => feedback::continuous(pairs, &feedback::KanoScores::DUMOUCHEL_1993).ok(),
            _ => None,
        };
        details.push(json!({"feature": name, "counts": counts, "kano": found, "continuous": continuous}));
    }
    Ok(Answer::new("kano", "Kano's categories (Timko's better and worse, Fong's test)", table.len())
        .setting("table", evaluation.name.as_str())
        .estimates(estimates)
        .details(details))
}
