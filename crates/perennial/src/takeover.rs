//! `perennial takeover`: a program that ran elsewhere goes on here.

use crate::args::Common;
use crate::args::people::Takeover;
use crate::customer::country;
use crate::ended::Ended;
use crate::home::{self, chance, now_micros};
use crate::program::folder;
use crate::say::{self, count};
use engine::people::rules;
use engine::record::program::{NotInstalled, install};
use engine::takeover::{Options, Problem, Report, Stopped, compare, take_over};
use jiff::Timestamp;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;
use store::Session;

/// Run the command.
pub fn run(common: &Common, args: &Takeover) -> Result<(), Ended> {
    if !args.dir.is_dir() {
        return Err(Ended::Refused(format!(
            "{} is no folder: name the one that holds members.csv",
            args.dir.display()
        )));
    }
    let store = home::open_store(common)?;
    let mut session = store.sessions().open()?;
    let now = Timestamp::from_microsecond(now_micros()).unwrap_or(Timestamp::MAX);
    let program = args.program.as_deref().map(|program| installed(&mut session, program, now)).transpose()?;
    let options = Options { source: &args.source, program: program.as_deref(), now, actor: &args.by };
    if args.compare {
        let (differences, compared) =
            compare(&mut session, &args.dir, &options).map_err(|stopped| ended(common, stopped))?;
        return say::result(common, &json!({ "compared": compared, "differences": differences }), || {
            let mut text = format!(
                "{} members compared, {} differences\n",
                count(compared),
                count(differences.len() as u64)
            );
            for one in &differences {
                let _ = writeln!(text, "  {} {}: {} there, {} here", one.member, one.what, one.old, one.here);
            }
            text
        });
    }
    let rules = rules::rules(&session.read(), &country(&session, args.country.as_deref())?)?;
    let mut dice = chance;
    let report = take_over(&mut session, &rules, &args.dir, &options, &mut dice)
        .map_err(|stopped| ended(common, stopped))?;
    say::result(common, &report, || words(&report))
}

/// The id of a program: of the folder of its files, installed where it is not yet, or as it was given.
fn installed(session: &mut Session, program: &str, now: Timestamp) -> Result<String, Ended> {
    if !Path::new(program).is_dir() {
        return Ok(program.to_owned());
    }
    let dir = Path::new(program);
    let files = folder::read(dir).map_err(|problem| Ended::Refused(folder::told(dir, &[problem])))?;
    match install(session, &files, chance() as u64, now) {
        Ok(in_force) => Ok(in_force.program.head.id.to_string()),
        Err(NotInstalled::Failure(failure)) => Err(failure.into()),
        Err(other) => Err(Ended::Refused(other.to_string())),
    }
}

fn ended(common: &Common, stopped: Stopped) -> Ended {
    let stopped = match stopped {
        Stopped::Failure(failure) => return failure.into(),
        other => other,
    };
    let text = stopped.to_string();
    let lines: Vec<String> = match &stopped {
        Stopped::Problems(problems) => problems.iter().map(place).collect(),
        Stopped::Differences(differences) => differences
            .iter()
            .map(|one| {
                let who = if one.member.is_empty() { "all together" } else { one.member.as_str() };
                format!("{who}, {}: {} there, {} here", one.what, one.old, one.here)
            })
            .collect(),
        Stopped::Refused(_) | Stopped::Failure(_) => Vec::new(),
    };
    if common.json {
        // Who asks for a document gets one also where the answer is no.
        let list = match &stopped {
            Stopped::Problems(problems) => json!(problems),
            Stopped::Differences(differences) => json!(differences),
            _ => json!([]),
        };
        let _ = say::print(&format!("{:#}\n", json!({ "refused": text, "list": list })));
    }
    Ended::Refused(std::iter::once(text).chain(lines).collect::<Vec<_>>().join("\n  "))
}

fn place(problem: &Problem) -> String {
    let column =
        if problem.column.is_empty() { String::new() } else { format!(", column {}", problem.column) };
    let value = if problem.value.is_empty() { String::new() } else { format!(" '{}'", problem.value) };
    format!("{} line {}{column}{value}: {}", problem.file, problem.line, problem.reason)
}

fn words(report: &Report) -> String {
    let mut text = format!(
        "{} members: {} taken over, {} unchanged since they were\n",
        count(report.members),
        count(report.new),
        count(report.unchanged)
    );
    if report.erased > 0 {
        let _ = writeln!(text, "{} passed over: the person was erased", count(report.erased));
    }
    for key in &report.changed {
        let _ = writeln!(text, "{key} was taken over with other figures before: nothing changed");
    }
    if report.compared > 0 {
        let _ =
            writeln!(text, "{} members held against the old system's figures: equal", count(report.compared));
    }
    for total in &report.totals {
        let _ = writeln!(text, "  {:<20} {:>16} there  {:>16} here", total.what, total.old, total.here);
    }
    for problem in &report.left_out {
        let _ = writeln!(text, "left out: {}", place(problem));
    }
    text
}
