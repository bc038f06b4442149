//! Programs in the record: installed as files, one version after the other, the newest in force.

use crate::staff::audit::{Change, append};
use crate::staff::people::Asking;
use crate::staff::permissions::{NotAllowed, Operation};
use jiff::Timestamp;
use loyalty::program::{Program, load};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{Error, Failure, ProgramRow, Session, Writing};

/// A program as it is in force.
#[derive(Debug)]
pub struct InForce {
    /// Compiled.
    pub program: Program,
    /// Its version, from 1.
    pub version: i64,
    /// The seed of its codes and draws.
    pub seed: u64,
}

/// Why a program cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum NotInstalled {
    /// The files are no program.
    #[error("{}", .0.join("; "))]
    Problems(Vec<String>),
    /// What members have would lose its place.
    #[error(
        "program {program}: {what} stood at place {place} and must stay there, because accounts and standings are kept \
         by place: add new ones behind the old, and leave old ones in"
    )]
    Moved {
        /// The program.
        program: String,
        /// The wallet or ladder.
        what: String,
        /// Its place, from 1.
        place: usize,
    },
    /// Somebody has installed another version meanwhile.
    #[error("{program} is at version {present} by now, and the change was made against version {over}")]
    Changed {
        /// The program.
        program: String,
        /// The version in force; 0 where there is none.
        present: i64,
        /// The version that was looked at.
        over: i64,
    },
    /// Not for them to do.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The world said no.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<Error> for NotInstalled {
    fn from(error: Error) -> NotInstalled {
        match error {
            Error::Failure(failure) => NotInstalled::Failure(failure),
            Error::Refused(refused) => NotInstalled::Problems(vec![refused.to_string()]),
        }
    }
}

/// Install a program's files as the next version, in force from then on. The same files again change nothing. `seed`
/// is taken the first time and kept. Nobody's name is kept with it; see [`install_by`].
pub fn install(
    session: &mut Session,
    files: &BTreeMap<String, String>,
    seed: u64,
    now: Timestamp,
) -> Result<InForce, NotInstalled> {
    let program = compiled(files)?;
    session.write(|writing| Ok(install_in(writing, program, files, seed, now)?.0))
}

/// The same by somebody who may, told in the audit.
pub fn install_by(
    session: &mut Session,
    asking: &mut Asking<'_>,
    files: &BTreeMap<String, String>,
    seed: u64,
) -> Result<InForce, NotInstalled> {
    install_over(session, asking, files, seed, None)
}

/// The same, where `over` is said only in place of that version: 0 where the program must be new.
pub fn install_over(
    session: &mut Session,
    asking: &mut Asking<'_>,
    files: &BTreeMap<String, String>,
    seed: u64,
    over: Option<i64>,
) -> Result<InForce, NotInstalled> {
    asking.actor.require(Operation::ApplyPrograms)?;
    let program = compiled(files)?;
    session.write(|writing| {
        let id = program.head.id.to_string();
        let present = writing.find_program(&id)?.map_or(0, |row| row.version);
        if let Some(over) = over.filter(|over| *over != present) {
            return Err(NotInstalled::Changed { program: id, present, over });
        }
        let (installed, before) = install_in(writing, program, files, seed, asking.now)?;
        if before != Some(installed.version) {
            let change = Change {
                actor: asking.actor.clone(),
                operation: Operation::ApplyPrograms,
                kind: "program",
                subject: installed.program.head.id.to_string(),
                // The files of every version are kept beside it.
                before: before.map_or(Value::Null, |version| json!({ "version": version })),
                after: json!({ "version": installed.version }),
                salt: (asking.chance)(),
            };
            append(writing, asking.now, &[change])?;
        }
        Ok(installed)
    })
}

fn compiled(files: &BTreeMap<String, String>) -> Result<Program, NotInstalled> {
    load(files).map_err(|all| NotInstalled::Problems(all.iter().map(ToString::to_string).collect()))
}

/// The program in force afterwards, and the version that was before.
fn install_in(
    writing: &Writing<'_>,
    program: Program,
    files: &BTreeMap<String, String>,
    seed: u64,
    now: Timestamp,
) -> Result<(InForce, Option<i64>), NotInstalled> {
    let text = serde_json::to_string(files).expect("texts become JSON");
    let id = program.head.id.to_string();
    let (version, seed, before) = match writing.find_program(&id)? {
        None => (1, seed, None),
        Some(row) => {
            let (old, seed) = read(&row)?;
            keeps_places(&old, &program)?;
            if row.files == text {
                return Ok((InForce { program, version: row.version, seed }, Some(row.version)));
            }
            (row.version + 1, seed, Some(row.version))
        }
    };
    writing.insert_program(&ProgramRow {
        program_id: id,
        version,
        files: text,
        seed: seed.to_string(),
        installed_at: now.as_microsecond(),
    })?;
    Ok((InForce { program, version, seed }, before))
}

/// The version of a program that is in force, if there is any.
pub fn find(reading: &Writing<'_>, program_id: &str) -> Result<Option<InForce>, Failure> {
    let Some(row) = reading.find_program(program_id)? else { return Ok(None) };
    let (program, seed) = read(&row)?;
    Ok(Some(InForce { program, version: row.version, seed }))
}

fn read(row: &ProgramRow) -> Result<(Program, u64), Failure> {
    let files: Option<BTreeMap<String, String>> = serde_json::from_str(&row.files).ok();
    let program = files.and_then(|files| load(&files).ok());
    program.zip(row.seed.parse().ok()).ok_or_else(|| Failure::Damaged {
        path: format!("program {} version {}", row.program_id, row.version),
        detail: "its files cannot be read any more".to_owned(),
    })
}

fn keeps_places(old: &Program, new: &Program) -> Result<(), NotInstalled> {
    let wallets =
        |program: &Program| program.wallets.iter().map(|wallet| wallet.id.clone()).collect::<Vec<_>>();
    let ladders =
        |program: &Program| program.ladders.iter().map(|ladder| ladder.id.clone()).collect::<Vec<_>>();
    for (kind, old_ids, new_ids) in
        [("wallet", wallets(old), wallets(new)), ("ladder", ladders(old), ladders(new))]
    {
        let moved = old_ids.iter().enumerate().find(|(place, id)| new_ids.get(*place) != Some(id));
        if let Some((place, id)) = moved {
            let program = new.head.id.to_string();
            return Err(NotInstalled::Moved { program, what: format!("{kind} {id}"), place: place + 1 });
        }
    }
    Ok(())
}
