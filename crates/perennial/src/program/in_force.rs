//! Programs in the record: installed from a folder, and the one that is in force.

use super::folder;
use crate::args::{Common, ProgramInstall};
use crate::ended::Ended;
use crate::home::{chance, now_micros, open_store};
use crate::say;
use engine::record::program::{InForce, NotInstalled, find, install_by};
use engine::staff::actor::Actor;
use engine::staff::people::Asking;
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use store::Session;

/// `program install`
pub fn install(common: &Common, args: &ProgramInstall) -> Result<(), Ended> {
    let store = open_store(common)?;
    let mut session = store.sessions().open()?;
    let before = known(&session, &args.dir)?.map(|known| known.version);
    let installed = put(&mut session, &texts(&args.dir)?)?;
    let id = &installed.program.head.id;
    let is_new = before != Some(installed.version);
    let document = json!({"program": id, "version": installed.version, "is_new": is_new});
    say::result(common, &document, || match is_new {
        true => format!("{id} is in force in version {}\n", installed.version),
        false => format!("{id} is in force in version {} already; nothing was changed\n", installed.version),
    })
}

/// The program commands are judged by: that of a folder, installed where the record has none of its name, or the one
/// program of the record.
pub fn of(session: &mut Session, dir: Option<&Path>) -> Result<InForce, Ended> {
    let Some(dir) = dir else { return only(session) };
    let Some(known) = known(session, dir)? else { return put(session, &texts(dir)?) };
    let texts = serde_json::to_string(&texts(dir)?).map_err(|error| Ended::Failed(error.into()))?;
    let id = known.program.head.id.clone();
    let kept = session.read().find_program(id.as_str())?;
    if kept.is_none_or(|kept| kept.files != texts) {
        return Err(Ended::Refused(format!(
            "{id} is in force in version {}, which is not what {shown} says: put that in force with perennial program \
             install {shown}, or leave --program out",
            known.version,
            shown = dir.display()
        )));
    }
    Ok(known)
}

/// The one program of the record.
pub fn only(session: &Session) -> Result<InForce, Ended> {
    let reading = session.read();
    let programs = reading.list_programs()?;
    match programs.as_slice() {
        [one] => find(&reading, one)?.ok_or_else(|| Ended::Refused(format!("{one} is gone"))),
        [] => Err(Ended::Refused(
            "the record has no program yet: install one with perennial program install DIR".to_owned(),
        )),
        many => Err(Ended::Refused(format!(
            "the record has {} programs ({}): say with --program DIR which one",
            many.len(),
            many.join(", ")
        ))),
    }
}

/// All programs of the record, as they are in force.
pub fn all(session: &Session) -> Result<Vec<InForce>, Ended> {
    let reading = session.read();
    let mut all = Vec::new();
    for id in reading.list_programs()? {
        all.extend(find(&reading, &id)?);
    }
    Ok(all)
}

/// The version in force of the program of a folder, where the record has one of its name.
fn known(session: &Session, dir: &Path) -> Result<Option<InForce>, Ended> {
    let program = folder::program(dir)?;
    Ok(find(&session.read(), program.head.id.as_str())?)
}

/// The texts of a folder by the names of their files, wherever the folder lies.
fn texts(dir: &Path) -> Result<BTreeMap<String, String>, Ended> {
    let files = folder::read(dir).map_err(|problem| Ended::Refused(problem.to_string()))?;
    let name = |path: String| {
        Path::new(&path).file_name().map_or(path.clone(), |name| name.to_string_lossy().into_owned())
    };
    Ok(files.into_iter().map(|(path, text)| (name(path), text)).collect())
}

fn put(session: &mut Session, files: &BTreeMap<String, String>) -> Result<InForce, Ended> {
    let actor = Actor::shell();
    let now = Timestamp::from_microsecond(now_micros()).unwrap_or_default();
    let seed = chance() as u64;
    let mut asking = Asking { actor: &actor, now, chance: &mut chance };
    install_by(session, &mut asking, files, seed).map_err(|refused| match refused {
        NotInstalled::Failure(failure) => failure.into(),
        other => Ended::Refused(other.to_string()),
    })
}
