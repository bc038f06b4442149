//! `perennial work`: what is due by itself, once or until stopped. [`beside`] does the same within a server.

pub mod beside;

use crate::args::door::Configured;
use crate::args::{Common, Report, Work as WorkArgs};
use crate::config::Config;
use crate::customer::history;
use crate::ended::Ended;
use crate::home::{Home, MachineClock, chance, now_micros};
use crate::program::in_force;
use crate::seal::seal_all;
use crate::serve::mail;
use crate::{say, xray};
use assets::Lang;
use engine::collect::live::seal::EVENTS_PER_SEAL;
use engine::people;
use engine::record::recorder::Recorder;
use engine::record::schedule::{Done, Task, Turn, Worker, round, time_passes};
use engine::record::verify::verify_told;
use engine::record::view;
use engine::record::work::Problem;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::json;
use server::brand::Brand;
use server::mail::Mail;
use server::reports::{ask, send_due};
use std::sync::Arc;
use std::time::Duration;
use store::{Failure, Session};

/// A lease lasts so long without a beat.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);
/// What time alone does is written down so often.
const TIME_PASSES: SignedDuration = SignedDuration::from_mins(15);
/// The log is sealed into the lake so often.
const SEALED: SignedDuration = SignedDuration::from_hours(24);
/// Where customers stand is looked at so often.
const TENDED: SignedDuration = SignedDuration::from_hours(24);
/// The record is proven so often.
const PROVEN: SignedDuration = SignedDuration::from_hours(24);
/// Whether a report that was asked for is due is looked at so often.
const SCHEDULED: SignedDuration = SignedDuration::from_hours(24);
/// The report is written so often.
const REPORTED: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Run the command.
pub fn run(common: &Common, args: &WorkArgs) -> Result<(), Ended> {
    let mut home = Home::open(common)?;
    home.secret()?;
    let name = own_name();
    let worker = Worker { name: &name, patience: PATIENCE };
    let mut session = home.store.sessions().open()?;
    let configured = Configured { listen: None, config: args.config.clone(), set: Vec::new() };
    let mail = mail(&Config::gather(common, &configured)?)?;
    loop {
        let mut done =
            round(&mut session, &mut tasks(common, &home, EVENTS_PER_SEAL), &MachineClock, worker)?;
        done.extend(letters(common, &home, mail.as_ref(), worker, &mut session)?);
        if args.once || !done.is_empty() {
            say::result(common, &json!({ "done": done }), || words(&done))?;
        }
        if args.once {
            return Ok(());
        }
        std::thread::sleep(Duration::from_secs(args.every.into()));
    }
}

/// A name that no other worker has.
fn own_name() -> String {
    format!("work-{:x}-{:016x}", std::process::id(), chance() as u64)
}

fn words(done: &[Done]) -> String {
    if done.is_empty() {
        return "nothing was due\n".to_owned();
    }
    done.iter().fold(String::new(), |text, done| {
        let how = match &done.problem {
            None => "done".to_owned(),
            Some(problem) => format!("attempt {} went wrong: {}", done.attempt, problem.what),
        };
        text + &format!("{} of {}: {how}\n", done.task, done.slot)
    })
}

/// What is done again and again. At most so many events are sealed at once.
fn tasks<'a>(common: &'a Common, home: &'a Home, events_per_seal: i64) -> Vec<Task<'a>> {
    vec![
        Task { name: "passing_time", every: TIME_PASSES, act: Box::new(|turn| pass_time(home, turn)) },
        Task { name: "customers", every: TENDED, act: Box::new(|turn| tend(common, home, turn)) },
        Task { name: "proof", every: PROVEN, act: Box::new(|turn| prove(home, turn)) },
        Task { name: "reports", every: SCHEDULED, act: Box::new(|turn| reports(common, home, turn)) },
        Task { name: "report", every: REPORTED, act: Box::new(|turn| report(common, home, turn)) },
        Task { name: "sealing", every: SEALED, act: Box::new(move |turn| seal(home, events_per_seal, turn)) },
    ]
}

/// Points run out and become usable, holds lapse, tiers are reviewed; in every program.
fn pass_time(home: &Home, turn: &mut Turn<'_>) -> Result<(), Problem> {
    let sessions = home.store.sessions();
    let session = sessions.open()?;
    for in_force in in_force::all(&session).map_err(of_ended)? {
        let mut recorder = Recorder::new(sessions.open()?, Arc::new(in_force), chance() as u64);
        let now = turn.now;
        time_passes(&mut recorder, now, &mut || turn.beat())?;
    }
    Ok(())
}

/// What was recorded live goes to the lake.
fn seal(home: &Home, events: i64, turn: &mut Turn<'_>) -> Result<(), Problem> {
    let mut beat = |_, _, _| drop(turn.beat());
    seal_all(&home.store, &home.lake, events, &mut beat).map(drop).map_err(of_ended)
}

/// Where every customer stands is written down, and the words under which those are found who came by an import.
fn tend(common: &Common, home: &Home, turn: &mut Turn<'_>) -> Result<(), Problem> {
    let mut session = home.store.sessions().open()?;
    let zone = home.store.find_setting("timezone")?.and_then(|zone| TimeZone::get(&zone).ok());
    let refused = |stopped: engine::people::Stopped| of_ended(stopped.into());
    people::find::index(&mut session).map_err(refused)?;
    turn.beat()?;
    let zone = zone.unwrap_or(TimeZone::UTC);
    let history = history::of_all(common, home).map_err(of_ended)?;
    turn.beat()?;
    people::lifecycle::tend(&mut session, &zone, &history.days, turn.now).map_err(refused).map(drop)
}

/// The ledger is replayed; what does not hold is laid aside to be read, and trying again does not mend it.
fn prove(home: &Home, turn: &mut Turn<'_>) -> Result<(), Problem> {
    let mut session = home.store.sessions().open_read_only()?;
    for in_force in in_force::all(&session).map_err(of_ended)? {
        let mut beaten = now_micros();
        let report = verify_told(&mut session, &in_force.program, &mut |_| {
            // A long proof says now and then that it goes on.
            if now_micros() - beaten > 60_000_000 {
                beaten = now_micros();
                drop(turn.beat());
            }
        })?;
        if let Some(first) = report.findings.first() {
            let count = report.findings.len();
            let what =
                format!("{count} findings, the first: {}: {} ({})", first.rule, first.what, first.detail);
            return Err(Problem { what, is_final: true });
        }
    }
    Ok(())
}

/// The report of the day, in the folder `reports`. A shop without orders has none.
fn report(common: &Common, home: &Home, turn: &mut Turn<'_>) -> Result<(), Problem> {
    let has_facts = home.store.lake_versions()?.iter().any(|(table, _)| *table == domain::fact::Table::Lines);
    if !has_facts {
        return Ok(());
    }
    let lang = home.store.find_setting("language")?.and_then(|lang| lang.parse().ok()).unwrap_or(Lang::En);
    let args = Report { lang, ..Report::usual() };
    let quiet = Common { quiet: true, ..common.clone() };
    let document = xray::compute(&quiet, home, &args, None, None).map_err(of_ended)?;
    let day = turn.slot.to_string();
    let day = day.split('T').next().unwrap_or(&day);
    let path = home.folder.join("reports").join(format!("xray-{day}.html"));
    xray::write_page(&quiet, &document, lang, &path).map_err(of_ended)
}

/// The reports that were asked for in the console, those of this day.
fn reports(common: &Common, home: &Home, turn: &mut Turn<'_>) -> Result<(), Problem> {
    let session = home.store.sessions().open_read_only()?;
    let (all, brand) = (server::reports::scheduled(&session.read())?, Brand::read(&session.read())?);
    let zone = home.store.find_setting("timezone")?.and_then(|zone| TimeZone::get(&zone).ok());
    let day = turn.now.to_zoned(zone.unwrap_or(TimeZone::UTC)).date();
    let (lake, assets) =
        (crate::serve::lake(common, home.store.sessions()), crate::home::assets(common).map_err(of_ended)?);
    let (mut wrong, mut writer) = (Vec::new(), home.store.sessions().open()?);
    for report in all.iter().filter(|report| report.is_due(day)) {
        turn.beat()?;
        match server::reports::write(&lake, &assets, &brand, &home.folder, report, day, turn.now) {
            Ok(_) => writer.write(|writing| ask(writing, report, day, &day.to_string(), turn.now))?,
            Err(why) => wrong.push(format!("{}: {why}", report.name)),
        }
    }
    // One that cannot be written keeps no other from it, and trying again does not mend it.
    if wrong.is_empty() { Ok(()) } else { Err(Problem { what: wrong.join("; "), is_final: true }) }
}

/// Letters that are due, where there is a mail server; after everything else, since others are waited for.
fn letters(
    common: &Common,
    home: &Home,
    mail: Option<&Mail>,
    worker: Worker<'_>,
    session: &mut Session,
) -> Result<Vec<Done>, Failure> {
    let (Some(mail), Ok(assets)) = (mail, crate::home::assets(common)) else { return Ok(Vec::new()) };
    let now = view::at(now_micros());
    send_due(session, mail, &assets, &home.folder, worker, now)
}

/// A command's end as a problem of the job: what was refused will be refused again.
fn of_ended(ended: Ended) -> Problem {
    match ended {
        Ended::Refused(what) | Ended::Usage(what) => Problem { what, is_final: true },
        Ended::Failed(error) => Problem { what: format!("{error:#}"), is_final: false },
    }
}
