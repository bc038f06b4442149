//! `perennial doctor`: what is configured, what can be reached, what is missing; and which data each thing we can do
//! needs. It changes nothing, and goes on where something is wrong.

use crate::args::Common;
use crate::ended::Ended;
use crate::home::{Home, database, now_micros, read_store};
use crate::program::in_force;
use crate::say::{self, count};
use analytics::lake::Contents;
use domain::fact::Table;
use serde::Serialize;
use std::fmt::Write as _;
use store::{Queue, Store, look, without_password};

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// It works.
    Ok,
    /// It is not there, and nothing is broken by that.
    Missing,
    /// It is broken.
    Wrong,
}

/// Something that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    what: &'static str,
    standing: Standing,
    seen: String,
    /// What to do, where something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

impl Check {
    fn ok(what: &'static str, seen: impl Into<String>) -> Check {
        Check { what, standing: Standing::Ok, seen: seen.into(), mend: None }
    }

    fn missing(what: &'static str, seen: impl Into<String>, mend: &str) -> Check {
        Check { what, standing: Standing::Missing, seen: seen.into(), mend: Some(mend.to_owned()) }
    }

    fn wrong(what: &'static str, seen: impl Into<String>, mend: &str) -> Check {
        Check { what, standing: Standing::Wrong, seen: seen.into(), mend: Some(mend.to_owned()) }
    }
}

/// What can be done with the data there is.
#[derive(Debug, Serialize)]
struct Capability {
    what: &'static str,
    is_ready: bool,
    /// What it needs that is not there.
    needs: Vec<&'static str>,
}

/// Run the command.
pub fn run(common: &Common) -> Result<(), Ended> {
    let mut checks = vec![folder(common), database_check(common)];
    let mut facts = Vec::new();
    let mut program = false;
    if checks.iter().all(|check| check.standing != Standing::Wrong)
        && let Ok(store) = read_store(common)
    {
        checks.extend(of_store(&store));
        program = in_force::all(&store.sessions().open_read_only()?).is_ok_and(|all| !all.is_empty());
        let (check, contents) = lake(common, store);
        checks.push(check);
        facts = contents;
    }
    let capabilities = capabilities(&facts, program);
    let is_well = checks.iter().all(|check| check.standing != Standing::Wrong);
    let document = serde_json::json!({"is_well": is_well, "checks": checks, "capabilities": capabilities});
    say::result(common, &document, || words(&checks, &capabilities))?;
    if is_well { Ok(()) } else { Err(Ended::Failed(anyhow::anyhow!("something is wrong; see above"))) }
}

fn folder(common: &Common) -> Check {
    let shown = common.data.display();
    let what = "data folder";
    match common.data.metadata() {
        Err(_) => Check::missing(what, format!("{shown} is not there yet"), "the first import makes it"),
        Ok(meta) if !meta.is_dir() => {
            Check::wrong(what, format!("{shown} is a file"), "name a folder with --data")
        }
        Ok(meta) if meta.permissions().readonly() => Check::wrong(
            what,
            format!("{shown} cannot be written"),
            "give this user the right to write there",
        ),
        Ok(_) => Check::ok(what, format!("{shown}")),
    }
}

fn database_check(common: &Common) -> Check {
    let (what, url) = ("database", database(common));
    let shown = without_password(&url);
    match look(&url) {
        Err(error) => {
            let why = std::error::Error::source(&error).map_or(String::new(), |why| format!(": {why}"));
            Check::wrong(what, format!("{error}{why}"), "try it with perennial db url-check")
        }
        Ok(seen) if !seen.may_write => Check::wrong(
            what,
            format!("{shown} can be read, not written"),
            "give this user the right to write",
        ),
        Ok(seen) if !seen.is_durable => Check::wrong(
            what,
            format!("{shown} does not make commits durable"),
            "set fsync and synchronous_commit to on: what was answered must survive a power cut",
        ),
        Ok(seen) if seen.schema == 0 => Check::missing(
            what,
            format!("{} {}, without tables", seen.engine, seen.version),
            "the first import or perennial db migrate makes them",
        ),
        Ok(seen) if seen.schema < seen.known => Check::missing(
            what,
            format!("{} {}, schema {} of {}", seen.engine, seen.version, seen.schema, seen.known),
            "bring it forward with perennial db migrate",
        ),
        Ok(seen) => Check::ok(what, format!("{} {}, schema {}", seen.engine, seen.version, seen.schema)),
    }
}

/// What the rows say. What cannot be read is one more thing that is wrong.
fn of_store(store: &Store) -> Vec<Check> {
    type Look = fn(&Store) -> Result<Check, Ended>;
    let checks: [Look; 6] = [clock, settings, program, owner, queues, schedule];
    let each = checks.iter().map(|check| {
        check(store).unwrap_or_else(|ended| {
            let why = match ended {
                Ended::Refused(why) | Ended::Usage(why) => why,
                Ended::Failed(error) => error.to_string(),
            };
            Check::wrong("rows", why, "see what perennial verify says")
        })
    });
    each.collect()
}

/// Rows of tomorrow mean that a clock was or is wrong.
fn clock(store: &Store) -> Result<Check, Ended> {
    let session = store.sessions().open_read_only()?;
    let ahead = session.read().last_recorded_at()?.map_or(0, |at| at - now_micros());
    if ahead > 5 * 60 * 1_000_000 {
        let seen =
            format!("the newest command is {} minutes ahead of this machine's clock", ahead / 60_000_000);
        return Ok(Check::wrong("clock", seen, "set the clocks of all machines by a time server"));
    }
    Ok(Check::ok("clock", "not behind what was recorded"))
}

fn settings(store: &Store) -> Result<Check, Ended> {
    let setting = |name| store.find_setting(name);
    match (setting("currency")?, setting("timezone")?) {
        (Some(currency), Some(zone)) => Ok(Check::ok("currency and zone", format!("{currency}, {zone}"))),
        (currency, zone) => {
            let seen = format!(
                "currency {}, zone {}",
                currency.as_deref().unwrap_or("unknown"),
                zone.as_deref().unwrap_or("unknown")
            );
            Ok(Check::missing(
                "currency and zone",
                seen,
                "say them with an import: --currency CODE --timezone ZONE",
            ))
        }
    }
}

fn program(store: &Store) -> Result<Check, Ended> {
    let session = store.sessions().open_read_only()?;
    let all = in_force::all(&session)?;
    if all.is_empty() {
        return Ok(Check::missing("program", "none in the record", "perennial program install DIR"));
    }
    let named: Vec<String> =
        all.iter().map(|one| format!("{} version {}", one.program.head.id, one.version)).collect();
    Ok(Check::ok("program", named.join(", ")))
}

fn owner(store: &Store) -> Result<Check, Ended> {
    let session = store.sessions().open_read_only()?;
    let staff = engine::staff::people::list(&session.read())?;
    let active = staff.iter().filter(|one| one.is_active()).count();
    if active == 0 {
        return Ok(Check::missing("staff", "nobody yet", "the first owner is invited on this machine"));
    }
    Ok(Check::ok("staff", format!("{active} may do something")))
}

fn queues(store: &Store) -> Result<Check, Ended> {
    let session = store.sessions().open_read_only()?;
    let reading = session.read();
    let (mut waiting, mut dead) = (0, Vec::new());
    for queue in [Queue::Jobs, Queue::Outbox] {
        waiting += reading.waiting(queue)?;
        dead.extend(reading.dead_letters(queue, 100)?);
    }
    let waiting = count(waiting.unsigned_abs());
    match dead.first() {
        None => Ok(Check::ok("queues", format!("{waiting} waiting, nothing laid aside"))),
        Some(first) => Ok(Check::wrong(
            "queues",
            format!(
                "{waiting} waiting, {} laid aside, such as {}: {}",
                dead.len(),
                first.topic,
                first.problem
            ),
            "mend the cause; what was laid aside can be tried again",
        )),
    }
}

/// Whether somebody does what is due by itself.
fn schedule(store: &Store) -> Result<Check, Ended> {
    let session = store.sessions().open_read_only()?;
    let what = "scheduled work";
    let mend = "keep perennial work running, or run perennial work --once from a timer";
    match session.read().next_slot("passing_time")? {
        None => Ok(Check::missing(what, "it has never run", mend)),
        Some(next) if now_micros() - next > 24 * 3_600_000_000 => {
            let seen = format!("it has not run for {} days", (now_micros() - next) / (24 * 3_600_000_000));
            Ok(Check::missing(what, seen, mend))
        }
        Some(_) => Ok(Check::ok(what, "runs")),
    }
}

fn lake(common: &Common, store: Store) -> (Check, Vec<Contents>) {
    let location = common.lake.clone().unwrap_or_else(|| common.data.join("lake").display().to_string());
    let looked = Home::with_store(common, common.data.clone(), store)
        .and_then(|home| home.lake.contents().map_err(Ended::from));
    match looked {
        Ok(contents) if contents.is_empty() => {
            (Check::missing("lake", "no facts yet", "perennial import orders FILE"), contents)
        }
        Ok(contents) => {
            let rows: u64 = contents.iter().map(|table| table.rows).sum();
            (Check::ok("lake", format!("{} facts in {} tables", count(rows), contents.len())), contents)
        }
        Err(ended) => {
            let why = match ended {
                Ended::Refused(why) | Ended::Usage(why) => why,
                Ended::Failed(error) => format!("{error:#}"),
            };
            (
                Check::wrong("lake", format!("{location}: {why}"), "see that it is there and may be read"),
                Vec::new(),
            )
        }
    }
}

/// What is needed for what: the facts by table, and whether a program in the record is.
const NEEDS: &[(&str, &[Table], bool)] = &[
    ("X-ray: who buys, how much, who is leaving", &[Table::Lines], false),
    ("returns in the figures", &[Table::Lines, Table::Returns], false),
    ("margins, profit and customer equity", &[Table::Lines, Table::Products], false),
    ("channels and what they cost", &[Table::Lines, Table::Costs], false),
    ("what customers say, and why they leave", &[Table::Feedback], false),
    ("back-test of a program on your own history", &[Table::Lines], false),
    ("points, tiers and rewards at the till", &[], true),
];

fn capabilities(facts: &[Contents], has_program: bool) -> Vec<Capability> {
    let has = |table: Table| facts.iter().any(|contents| contents.table == table && contents.rows > 0);
    let capability = |(what, tables, needs_program): &(&'static str, &[Table], bool)| {
        let mut needs: Vec<&'static str> =
            tables.iter().filter(|table| !has(**table)).map(|table| table.name()).collect();
        if *needs_program && !has_program {
            needs.push("an installed program");
        }
        Capability { what, is_ready: needs.is_empty(), needs }
    };
    NEEDS.iter().map(capability).collect()
}

fn words(checks: &[Check], capabilities: &[Capability]) -> String {
    let mut text = String::new();
    for Check { what, standing, seen, mend } in checks {
        let sign = match standing {
            Standing::Ok => "ok     ",
            Standing::Missing => "missing",
            Standing::Wrong => "WRONG  ",
        };
        let _ = writeln!(text, "{sign}  {what:<18}  {seen}");
        if let Some(mend) = mend {
            let _ = writeln!(text, "{:29}{mend}", "");
        }
    }
    text += "\nwhat can be done with the data there is\n";
    for Capability { what, is_ready, needs } in capabilities {
        let standing = if *is_ready { "ready".to_owned() } else { format!("needs {}", needs.join(", ")) };
        let _ = writeln!(text, "  {what:<45}  {standing}");
    }
    text
}
