//! What an action changes, customer by customer, and whether to act on it.

use super::answer::{Answer, Estimate};
use super::arms::{Arms, at, columns, numbered};
use crate::args::stats::{BaseArg, Gate, Learning, MetaArg, Uplift};
use crate::ended::Ended;
use crate::say;
use crate::table::{Roles, Table};
use serde_json::{Value, json};
use stats::experiment::srm;
use stats::policy::gate::{self, Bound, Objective};
use stats::policy::sequence::Plan;
use stats::uplift::{self as method, Assignment, Base, Causalml, Learner, Meta, Metric, Ranking, Refused};
use stats::uplift::{Sklift, Strategy, Trial, Weighting};

const ROLES: Roles = &[
    ("arm", &["arm", "group", "variant", "treatment", "segment"]),
    ("outcome", &["outcome", "value", "y"]),
    ("score", &["score", "uplift"]),
    ("count", &["count"]),
];

/// A trial read from a file, with the names of its arms, control first.
pub struct Read<'a> {
    /// The trial.
    pub trial: Trial,
    /// The arms, control first.
    pub names: Vec<&'a str>,
    /// The chance of each arm, on average where the rows have their own.
    chances: Vec<f64>,
    features: Vec<&'a str>,
}

impl<'a> Read<'a> {
    /// `scored` are the columns that are features where none is named, if any; those of `aside` never are unless named.
    pub fn new(
        table: &'a Table,
        args: &Learning,
        scored: &[usize],
        aside: &[usize],
    ) -> Result<Read<'a>, Ended> {
        let arms = Arms::read(table, args.control.as_deref())?;
        let names: Vec<&str> =
            std::iter::once(arms.control).chain(arms.others().map(|(name, _)| name)).collect();
        let outcome = table.column("outcome")?;
        let named: Vec<String> = match args.features.is_empty() {
            true => scored.iter().map(|place| table.header()[*place].clone()).collect(),
            false => args.features.clone(),
        };
        let own = own_chances(table, &names)?;
        let without = ["arm", "outcome", "score", "count"].map(|role| table.place(role));
        let aside = aside.iter().chain(own.iter().flatten());
        let without = without.into_iter().chain(aside.map(|place| Ok(Some(*place))));
        let without = without.collect::<Result<Vec<_>, Ended>>()?;
        let (features, numbers) = columns(table, &named, &without)?;
        let refused = |error: Refused| table.refused_rows(error);
        let assignment = match &own {
            Some(_) if !args.shares.is_empty() => {
                return Err(
                    table.refused("chances stand in columns chance_ARM and in --shares; give one of the two")
                );
            }
            Some(places) => by_row(table, places)?,
            None => Assignment::shares(&chances(table, &args.shares, &names)?).map_err(refused)?,
        };
        let chances: Vec<f64> = (0..names.len()).map(|arm| assignment.mean(arm)).collect();
        let counts: Vec<u64> = std::iter::once(arms.of_control().len())
            .chain(arms.others().map(|(_, rows)| rows.len()))
            .map(|count| count as u64)
            .collect();
        let drawn =
            srm::check(&counts, &chances, srm::Limits::default()).map_err(|error| table.refused(error))?;
        if !matches!(drawn.verdict, srm::Verdict::Matched | srm::Verdict::Immaterial) {
            return Err(table.refused(format!(
                "the arms have {counts:?} rows, which chances of {chances:?} would hardly give (p {:.1e}); say with \
                 --shares, or in columns chance_ARM row by row, by which chances the arms were drawn",
                drawn.p_value
            )));
        }
        let trial =
            Trial::new(numbers, &arms.numbers(table.len()), &outcome, &assignment).map_err(refused)?;
        Ok(Read { trial, names, chances, features })
    }
}

/// The columns `chance_ARM`, in the order of the arms, where the file has them.
fn own_chances(table: &Table, names: &[&str]) -> Result<Option<Vec<usize>>, Ended> {
    let has_some = names.iter().any(|name| table.header().contains(&format!("chance_{name}")));
    if !has_some {
        return Ok(None);
    }
    names.iter().map(|name| table.named(&format!("chance_{name}"))).collect::<Result<_, _>>().map(Some)
}

/// The chances of each row, as a log of draws holds them.
fn by_row(table: &Table, places: &[usize]) -> Result<Assignment, Ended> {
    let columns = places.iter().map(|place| table.numbers(*place)).collect::<Result<Vec<_>, _>>()?;
    let values = (0..table.len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    let chances = stats::table::Table::new(places.len(), values).map_err(|error| table.refused(error))?;
    Assignment::by_row(chances).map_err(|error| match error {
        Refused::NotProbabilities { row, sum } => {
            let what = format!("is {}; the chances of its row sum to {sum}, and must to 1", columns[0][row]);
            table.wrong(row, places[0], &what)
        }
        Refused::NoOverlap { row, arm, probability } => {
            let what =
                format!("is {probability}; who cannot be drawn into an arm says nothing of it: drop the row");
            table.wrong(row, places[arm], &what)
        }
        other => table.refused(other),
    })
}

/// The chance of each arm; equal where none is given.
fn chances(table: &Table, shares: &[String], names: &[&str]) -> Result<Vec<f64>, Ended> {
    let mut given = Vec::new();
    for text in shares {
        let pair =
            text.split_once('=').and_then(|(arm, share)| Some((arm.trim(), share.parse::<f64>().ok()?)));
        let (arm, share) = pair.ok_or_else(|| {
            Ended::Usage(format!("--shares {text}: expected arms with chances, as control=0.5,mail=0.5"))
        })?;
        if !names.contains(&arm) {
            return Err(
                table.refused(format!("no arm '{arm}'; there are {}: mend --shares", names.join(", ")))
            );
        }
        given.push((arm, share));
    }
    if given.is_empty() {
        return Ok(vec![1.0 / names.len() as f64; names.len()]);
    }
    let total: f64 = given.iter().map(|(_, share)| share).sum();
    let of = |name: &&str| {
        let found = given.iter().find(|(arm, _)| arm == name).map(|(_, share)| share / total);
        found.ok_or_else(|| table.refused(format!("arm '{name}' has no chance; name it in --shares")))
    };
    names.iter().map(of).collect()
}

/// The learner asked for.
pub fn learner(args: &Learning, is_binary: bool) -> Learner {
    let meta = match args.learner {
        MetaArg::S => Meta::S,
        MetaArg::T => Meta::T,
        MetaArg::X => Meta::X,
        MetaArg::R => Meta::R,
        MetaArg::Dr => Meta::Dr,
    };
    let base = match args.base {
        BaseArg::Linear => Base::linear(is_binary),
        BaseArg::Boosted => Base::boosted(),
    };
    Learner { meta, base }
}

/// The file of a trial.
pub fn input(args: &Learning) -> Result<Table, Ended> {
    Table::read(&args.sample.input.file, &args.sample.input.maps, ROLES)
}

/// The chances of the arms, in words.
pub fn chances_of(read: &Read) -> String {
    let pairs = read.names.iter().zip(&read.chances);
    pairs
        .map(|(name, chance)| format!("{name}={}", super::answer::six_digits(*chance)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// `stats uplift`
pub fn uplift(args: &Uplift) -> Result<Answer, Ended> {
    let table = input(&args.learning)?;
    match table.place("score")? {
        Some(place) => scored(args, &table, place),
        None => fitted(args, &table),
    }
}

/// Scores that the file already has: how well they rank, and whether they promise too much.
fn scored(args: &Uplift, table: &Table, place: usize) -> Result<Answer, Ended> {
    if args.out.is_some() {
        return Err(
            table.refused("--out writes fitted scores, and the file has scores; leave out one of the two")
        );
    }
    let by = args.by.as_ref().map(|column| table.named(column)).transpose()?;
    let read = Read::new(table, &args.learning, &[place], by.as_slice())?;
    let (trial, score) = (&read.trial, table.numbers(place)?);
    let bad = |error: Refused| table.refused(error);
    let (folds, seed, replicates) = (args.learning.folds, args.learning.seed, args.replicates as usize);
    let z = stats::experiment::student::critical(args.learning.sample.level, f64::INFINITY);
    let row = |name: String, value: f64, error: f64| {
        Estimate::new(name, value).error(error).within(value - z * error, value + z * error)
    };
    let mut estimates = Vec::new();
    for (arm, name) in read.names.iter().enumerate().skip(1) {
        let rows: Vec<usize> =
            (0..trial.rows()).filter(|row| [0, arm].contains(&trial.arm()[*row])).collect();
        let treated: Vec<bool> = rows.iter().map(|row| trial.arm()[*row] == arm).collect();
        let ranking = Ranking::new(&at(&score, &rows), &treated, &at(trial.outcome(), &rows)).map_err(bad)?;
        for metric in metrics(args.share, trial.is_binary()) {
            let named = format!("{name}: {}", metric.name());
            let n = rows.len() as u64;
            estimates.push(if replicates == 0 {
                Estimate::new(named, method::measure(&ranking, &metric).map_err(bad)?).of(n)
            } else {
                let found = method::measure_with_error(&ranking, &metric, replicates, seed).map_err(bad)?;
                row(named, found.value, found.standard_error).of(n)
            });
        }
    }
    let mut lines = Vec::new();
    let means = method::cross_fit_means(trial, &Base::linear(trial.is_binary()), folds, seed);
    let scores = means.and_then(|means| method::aipw(trial, &means)).map_err(bad)?;
    for (arm, name) in read.names.iter().enumerate().skip(1) {
        let effects: Vec<f64> = scores.iter().map(|row| row[arm] - row[0]).collect();
        let n = trial.rows() as u64;
        for (what, weighting) in [("AUTOC", Weighting::Autoc), ("QINI", Weighting::Qini)] {
            let named = format!("{name}: RATE {what}");
            estimates.push(if replicates == 0 {
                Estimate::new(named, method::rate(&score, &effects, weighting).map_err(bad)?).of(n)
            } else {
                let found =
                    method::rate_with_error(&score, &effects, weighting, replicates, seed).map_err(bad)?;
                row(named, found.value, found.standard_error).of(n)
            });
        }
        let line = method::best_linear_predictor(&score, &effects, &vec![0; score.len()]).map_err(bad)?;
        estimates.push(row(format!("{name}: average effect"), line.average, line.average_error).of(n));
        if let (Some(slope), Some(error)) = (line.slope, line.slope_error) {
            estimates.push(row(format!("{name}: slope on the score"), slope, error).of(n));
        }
        estimates.extend(by_group(table, by, name, &effects, args.learning.sample.level)?);
        lines.push(json!({"arm": name, "best_linear_predictor": line}));
    }
    Ok(Answer::new(
        "uplift",
        "a ranking by uplift, each metric under its package's name; half-samples",
        table.len(),
    )
    .setting("control", read.names[0])
    .setting("shares", chances_of(&read))
    .setting("level", args.learning.sample.level)
    .setting("replicates", args.replicates)
    .setting("folds", folds)
    .setting("seed", seed)
    .estimates(estimates)
    .details(lines))
}

/// The effect of an arm in each group of a column.
fn by_group(
    table: &Table,
    by: Option<usize>,
    arm: &str,
    effects: &[f64],
    level: f64,
) -> Result<Vec<Estimate>, Ended> {
    let Some(place) = by else { return Ok(Vec::new()) };
    let (groups, names) = numbered(&table.full(place)?);
    let groups: Vec<usize> = groups.into_iter().map(|group| group as usize).collect();
    let found = method::effect_by_group(&groups, effects, level).map_err(|error| match error {
        Refused::FewRows { arm, rows, needed } => table.refused(format!(
            "group '{}' of {} has {rows} rows; {needed} are needed: merge it with another",
            names[arm],
            table.header()[place]
        )),
        other => table.refused(other),
    })?;
    let row = |one: &method::GroupEffect| {
        Estimate::new(format!("{arm}: {} {}", table.header()[place], names[one.group]), one.effect)
            .error(one.standard_error)
            .within(one.low, one.high)
            .p(one.p_different)
            .of(one.rows as u64)
    };
    Ok(found.iter().map(row).collect())
}

/// Every metric the outcome allows; the coefficients of scikit-uplift are for yes and no.
fn metrics(share: f64, is_binary: bool) -> Vec<Metric> {
    let at = |strategy| Metric::Sklift(Sklift::UpliftAt { strategy, share });
    let mut metrics = Vec::new();
    if is_binary {
        metrics.extend([Sklift::QiniAuc, Sklift::QiniAucNoNegative, Sklift::UpliftAuc].map(Metric::Sklift));
    }
    metrics.extend([at(Strategy::Overall), at(Strategy::ByGroup)]);
    for normalize in [false, true] {
        metrics.push(Metric::Causalml(Causalml::Auuc { normalize }));
        metrics.push(Metric::Causalml(Causalml::Qini { normalize }));
    }
    metrics
}

/// A learner fitted to the features: average effects, and how much of its differences between customers is real.
fn fitted(args: &Uplift, table: &Table) -> Result<Answer, Ended> {
    let by = args.by.as_ref().map(|column| table.named(column)).transpose()?;
    let read = Read::new(table, &args.learning, &[], by.as_slice())?;
    let trial = &read.trial;
    let bad = |error: Refused| table.refused(error);
    let settings = method::Settings { folds: args.learning.folds, seed: args.learning.seed };
    let learner = learner(&args.learning, trial.is_binary());
    let served = method::fit(trial, &learner, &settings).map_err(bad)?;
    let effects = served.effects(trial.table()).map_err(bad)?;
    let z = stats::experiment::student::critical(args.learning.sample.level, f64::INFINITY);
    let mut estimates = Vec::new();
    for calibration in &served.calibration {
        let (name, line) = (read.names[calibration.arm], &calibration.line);
        let mut push = |what: &str, value: f64, error: f64| {
            estimates.push(
                Estimate::new(format!("{name}: {what}"), value)
                    .error(error)
                    .within(value - z * error, value + z * error)
                    .p(Some(stats::discoveries::two_sided(value / error)).filter(|_| error > 0.0))
                    .of(trial.rows() as u64),
            );
        };
        push("average effect", line.average, line.average_error);
        if let (Some(slope), Some(error)) = (line.slope, line.slope_error) {
            push("slope on the score", slope, error);
        }
        let check = &calibration.check;
        if let (Some(slope), Some(error)) = (check.slope, check.slope_error) {
            push("slope on the served score", slope, error);
        }
        estimates.push(Estimate::new(
            format!("{name}: kept of differences"),
            if calibration.withheld.is_some() { 0.0 } else { calibration.kept },
        ));
    }
    if by.is_some() {
        let cross_fitted =
            method::cross_fit_means(trial, &Base::linear(trial.is_binary()), settings.folds, settings.seed);
        let scores = cross_fitted.and_then(|means| method::aipw(trial, &means)).map_err(bad)?;
        for (arm, name) in read.names.iter().enumerate().skip(1) {
            let effects: Vec<f64> = scores.iter().map(|row| row[arm] - row[0]).collect();
            estimates.extend(by_group(table, by, name, &effects, args.learning.sample.level)?);
        }
    }
    let withheld = served.calibration.iter().filter_map(|one| {
        let why = one.withheld?;
        Some(format!("{}: everybody is served the average effect: {why}.", read.names[one.arm]))
    });
    let mut answer =
        Answer::new("uplift", "uplift learner, calibrated by cross-fitting (AIPW scores)", table.len())
            .setting("control", read.names[0])
            .setting("shares", chances_of(&read))
            .setting(
                "learner",
                format!("{:?} {:?}", args.learning.learner, args.learning.base).to_lowercase(),
            )
            .setting("features", read.features.join(" "))
            .setting("level", args.learning.sample.level)
            .setting("folds", args.learning.folds)
            .setting("seed", args.learning.seed)
            .estimates(estimates);
    answer = withheld.fold(answer, Answer::note);
    let kept = match &args.out {
        Some(path) => {
            let header = format!("line,{}\n", read.names[1..].join(","));
            let line = |(row, values): (usize, &[f64])| {
                let cells: Vec<String> = values.iter().map(f64::to_string).collect();
                format!("{},{}\n", table.line(row), cells.join(","))
            };
            let text: String = effects.iter().enumerate().map(line).collect();
            say::write_file(path, (header + &text).as_bytes())?;
            answer = answer.note(format!("The scores are in {}.", path.display()));
            Value::Null
        }
        None => effects.iter().map(|row| json!(row)).collect(),
    };
    Ok(answer.details(
        json!({"arms": read.names, "learner": learner, "calibration": served.calibration, "scores": kept}),
    ))
}

/// `stats gate`
pub fn gate(args: &Gate) -> Result<Answer, Ended> {
    let table = input(&args.learning)?;
    let read = Read::new(&table, &args.learning, &[], &[])?;
    let trial = &read.trial;
    let alpha = 1.0 - args.learning.sample.level;
    let bound = match args.planned {
        Some(rows) => Bound::Sequence(Plan { alpha, planned_rows: rows as f64 }),
        None => Bound::OneLook { alpha },
    };
    let settings = gate::Settings {
        learner: Some(learner(&args.learning, trial.is_binary())),
        folds: args.learning.folds,
        bound,
        seed: args.learning.seed,
        ..gate::Settings::default()
    };
    let objective = Objective { value: args.worth, costs: costs(&table, &args.costs, &read.names)? };
    let found = gate::judge(trial, &objective, &settings).map_err(|error| table.refused(error))?;
    let gains = found.gains.iter().map(|gain| {
        Estimate::new(format!("gain over {} for all", read.names[gain.over]), gain.gain)
            .error(gain.standard_error)
            .of(trial.rows() as u64)
            .with("lower", gain.lower)
            .with("uniform_value", gain.uniform_value)
    });
    let shares = read.names.iter().zip(&found.shares);
    let best = read.names[found.best_uniform];
    let sentence = match found.is_open {
        true => "The gate is open: personalising gains over every uniform action.".to_owned(),
        false => format!("The gate is shut: give '{best}' to all."),
    };
    Ok(Answer::new(
        "gate",
        "do-no-harm gate: gain of a cross-fitted policy over every uniform action",
        table.len(),
    )
    .setting("control", read.names[0])
    .setting("shares", chances_of(&read))
    .setting("level", args.learning.sample.level)
    .setting("planned", json!(args.planned))
    .setting("worth", args.worth)
    .setting("features", read.features.join(" "))
    .setting("folds", args.learning.folds)
    .setting("seed", args.learning.seed)
    .estimates([Estimate::new("policy", found.policy_value)
        .error(found.policy_error)
        .of(trial.rows() as u64)])
    .estimates(gains)
    .estimates(shares.map(|(name, share)| Estimate::new(format!("share given {name}"), *share)))
    .note(sentence)
    .details(json!({"arms": read.names, "verdict": found})))
}

/// The cost of each arm; 0 where none is given.
pub fn costs(table: &Table, costs: &[String], names: &[&str]) -> Result<Vec<f64>, Ended> {
    let mut found = vec![0.0; names.len()];
    for text in costs {
        let pair = text.split_once('=').and_then(|(arm, cost)| Some((arm.trim(), cost.parse::<f64>().ok()?)));
        let (arm, cost) = pair
            .ok_or_else(|| Ended::Usage(format!("--costs {text}: expected arms with costs, as mail=0.8")))?;
        let place = names.iter().position(|name| *name == arm).ok_or_else(|| {
            table.refused(format!("no arm '{arm}'; there are {}: mend --costs", names.join(", ")))
        })?;
        found[place] = cost;
    }
    Ok(found)
}
