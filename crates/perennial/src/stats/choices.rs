//! Choices among alternatives: MaxDiff and conjoint.

use super::answer::{Answer, Estimate};
use super::arms::numbered;
use crate::args::stats::{Conjoint, Maxdiff};
use crate::ended::Ended;
use crate::table::{Roles, Table};
use serde_json::{Value, json};
use stats::experiment::student;
use stats::feedback::{self, Choices, Counts, Task};
use stats::inputs::BadInput;
use std::collections::BTreeMap;

const MAXDIFF: Roles = &[
    ("respondent", &["respondent", "id"]),
    ("task", &["task", "block", "set"]),
    ("item", &["item"]),
    ("pick", &["pick", "choice"]),
    ("shown", &["shown"]),
    ("best", &["best"]),
    ("worst", &["worst"]),
];
const CONJOINT: Roles = &[
    ("respondent", &["respondent", "id"]),
    ("set", &["set", "task", "choice_set"]),
    ("chosen", &["chosen", "choice"]),
];

/// `stats maxdiff`
pub fn maxdiff(args: &Maxdiff) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, MAXDIFF)?;
    let bad = |error: BadInput| table.refused(error);
    let (names, counts, tasks) = if table.place("shown")?.is_some() {
        let (names, counts) = counts_of(&table)?;
        (names, counts, None)
    } else {
        let (names, tasks) = tasks_of(&table)?;
        let counts = feedback::count(&tasks, names.len()).map_err(bad)?;
        (names, counts, Some(tasks))
    };
    let found = feedback::closed_form(&counts).map_err(bad)?;
    let z = student::critical(args.sample.level, f64::INFINITY);
    let rows = found.iter().zip(&counts).zip(&names).map(|((item, counts), name)| {
        let half = z * item.standard_error;
        Estimate::new(*name, item.utility)
            .error(item.standard_error)
            .within(item.utility - half, item.utility + half)
            .of(counts.shown)
            .with("score", item.score)
            .with("share", item.share)
            .with("best", counts.best)
            .with("worst", counts.worst)
    });
    let utilities: Vec<f64> = found.iter().map(|item| item.utility).collect();
    let (mut design, mut fit, mut people) = (Value::Null, None, Value::Null);
    match &tasks {
        Some(tasks) => {
            design = json!(feedback::design(tasks, names.len()).map_err(bad)?);
            fit = Some(feedback::root_likelihood(tasks, &utilities).map_err(bad)?);
            if args.individual {
                people = json!(individuals(
                    &table,
                    &feedback::individual(tasks, names.len(), 1.0, 0.1).map_err(bad)?
                )?);
            }
        }
        None if args.individual => {
            return Err(table.refused("--individual needs tasks (respondent, task, item, pick), not counts"));
        }
        None => {}
    }
    Ok(Answer::new("maxdiff", "MaxDiff: closed-form logit (Lipovetsky and Conklin)", table.len())
        .setting("level", args.sample.level)
        .setting("tasks", json!(tasks.as_ref().map(Vec::len)))
        .setting("root_likelihood", json!(fit))
        .estimates(rows)
        .details(json!({"items": found, "design": design, "individual": people})))
}

fn counts_of(table: &Table) -> Result<(Vec<&str>, Vec<Counts>), Ended> {
    let most = 1_i64 << 53;
    let (shown, best, worst) =
        (table.whole("shown", 0, most)?, table.whole("best", 0, most)?, table.whole("worst", 0, most)?);
    let counts = (0..table.len()).map(|row| Counts {
        shown: shown[row] as u64,
        best: best[row] as u64,
        worst: worst[row] as u64,
    });
    Ok((table.texts("item")?, counts.collect()))
}

/// What the rows of one task have said so far: its last line, the items shown, those picked as best and as worst.
#[derive(Default)]
struct Seen {
    line: u64,
    items: Vec<u32>,
    best: Vec<u32>,
    worst: Vec<u32>,
}

/// Tasks from one row per item shown.
fn tasks_of(table: &Table) -> Result<(Vec<&str>, Vec<Task>), Ended> {
    let (respondents, _) = numbered(&table.texts("respondent")?);
    let (blocks, _) = numbered(&table.texts("task")?);
    let (items, names) = numbered(&table.texts("item")?);
    let picks = table.texts_at(table.place("pick")?.ok_or_else(|| {
        table.refused("no column for pick (best, worst or empty); say which with --map pick=COLUMN")
    })?);
    let mut tasks: BTreeMap<(u32, u32), Seen> = BTreeMap::new();
    for row in 0..table.len() {
        let task = tasks.entry((respondents[row], blocks[row])).or_default();
        task.line = table.line(row);
        task.items.push(items[row]);
        match picks[row].to_ascii_lowercase().as_str() {
            "best" | "1" => task.best.push(items[row]),
            "worst" | "-1" => task.worst.push(items[row]),
            "" | "0" | "none" => {}
            other => {
                let what = format!("is '{other}'; best, worst or nothing is expected");
                return Err(table.wrong_in("pick", row, &what));
            }
        }
    }
    let read =
        |((respondent, _), seen): ((u32, u32), Seen)| match (seen.best.as_slice(), seen.worst.as_slice()) {
            (&[best], &[worst]) => Ok(Task { respondent, items: seen.items, best, worst }),
            (best, worst) => Err(table.refused(format!(
                "the task that ends on line {} has {} best and {} worst; one of each is expected",
                seen.line,
                best.len(),
                worst.len()
            ))),
        };
    Ok((names, tasks.into_iter().map(read).collect::<Result<Vec<_>, _>>()?))
}

fn individuals(table: &Table, people: &[feedback::Personal]) -> Result<Vec<Value>, Ended> {
    let (_, names) = numbered(&table.texts("respondent")?);
    let row = |person: &feedback::Personal| {
        json!({
            "respondent": names[person.respondent as usize],
            "utilities": person.utilities,
            "root_likelihood": person.root_likelihood,
        })
    };
    Ok(people.iter().map(row).collect())
}

/// `stats conjoint`
pub fn conjoint(args: &Conjoint) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, CONJOINT)?;
    let bad = |error: BadInput| table.refused(error);
    let roles = [table.place("respondent")?, table.place("set")?, table.place("chosen")?];
    let places: Vec<usize> = if args.attributes.is_empty() {
        (0..table.header().len()).filter(|place| !roles.contains(&Some(*place))).collect()
    } else {
        args.attributes.iter().map(|column| table.named(column)).collect::<Result<_, _>>()?
    };
    if places.is_empty() {
        return Err(table.refused("no columns are left for attributes; name them with --attributes"));
    }
    let names: Vec<&str> = places.iter().map(|place| table.header()[*place].as_str()).collect();
    let columns = places.iter().map(|place| table.numbers(*place)).collect::<Result<Vec<_>, _>>()?;
    let chosen = table.whole("chosen", 0, 1)?;
    let sets = table.texts("set")?;
    let people = table.maybe_texts("respondent")?;
    let mut members: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for row in 0..table.len() {
        let person = people.as_ref().map_or("", |people| people[row]);
        members.entry((person, sets[row])).or_default().push(row);
    }
    let (mut sizes, mut picks, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for ((person, set), rows) in &members {
        let picked: Vec<usize> = (0..rows.len()).filter(|place| chosen[rows[*place]] == 1).collect();
        let [one] = picked.as_slice() else {
            let whose = if person.is_empty() { String::new() } else { format!(" of '{person}'") };
            let text =
                format!("set '{set}'{whose} has {} chosen alternatives; one is expected", picked.len());
            return Err(table.refused(text));
        };
        picks.push(*one);
        sizes.push(rows.len());
        values.extend(rows.iter().flat_map(|row| columns.iter().map(|column| column[*row])));
    }
    let alternatives = stats::table::Table::new(places.len(), values).map_err(bad)?;
    let found = feedback::conjoint(&Choices::new(alternatives, &sizes, picks).map_err(bad)?).map_err(bad)?;
    let level = args.sample.level;
    let z = student::critical(level, f64::INFINITY);
    let utilities = names.iter().enumerate().map(|(place, name)| {
        let (value, error) = (found.coefficients[place], found.standard_errors[place]);
        Estimate::new(*name, value)
            .error(error)
            .within(value - z * error, value + z * error)
            .p(found.p_values[place])
            .of(found.sets)
    });
    let worths = match &args.price {
        Some(price) => {
            let place = names.iter().position(|name| name == price).ok_or_else(|| {
                table.refused(format!("--price {price}: the attributes are {}", names.join(", ")))
            })?;
            found.willingness_to_pay(place, level).map_err(bad)?
        }
        None => Vec::new(),
    };
    let money = worths.iter().map(|one| {
        Estimate::new(format!("worth of {}", names[one.attribute]), one.worth.value)
            .error(one.worth.standard_error)
            .within(one.worth.low, one.worth.high)
            .of(found.sets)
    });
    Ok(Answer::new("conjoint", "choice-based conjoint: conditional logit (McFadden)", table.len())
        .setting("sets", found.sets)
        .setting("level", level)
        .setting("log_likelihood", found.log_likelihood)
        .setting("pseudo_r_squared", found.pseudo_r_squared)
        .setting("price", json!(args.price))
        .estimates(utilities)
        .estimates(money)
        .details(json!({"attributes": names, "fit": found, "willingness_to_pay": worths})))
}
