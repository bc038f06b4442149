//! Programs in the record: installed as files, one version after the other, the newest in force.

use jiff::Timestamp;
use loyalty::program::{Program, load};
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
/// is taken the first time and kept.
pub fn install(
    session: &mut Session,
    files: &BTreeMap<String, String>,
    seed: u64,
    now: Timestamp,
) -> Result<InForce, NotInstalled> {
    let compiled = |files: &BTreeMap<String, String>| {
        load(files).map_err(|all| NotInstalled::Problems(all.iter().map(ToString::to_string).collect()))
    };
    let program = compiled(files)?;
    let text = serde_json::to_string(files).expect("texts become JSON");
    session.write(|writing| {
        let id = program.head.id.as_str();
        let before = writing.find_program(id)?;
        let (version, seed) = match &before {
            None => (1, seed),
            Some(row) => {
                let (old, seed) = read(row)?;
                keeps_places(&old, &program)?;
                if row.files == text {
                    return Ok(InForce { program, version: row.version, seed });
                }
                (row.version + 1, seed)
            }
        };
        writing.insert_program(&ProgramRow {
            program_id: id.to_owned(),
            version,
            files: text,
            seed: seed.to_string(),
            installed_at: now.as_microsecond(),
        })?;
        Ok(InForce { program, version, seed })
    })
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
