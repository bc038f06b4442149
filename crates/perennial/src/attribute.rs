//! `perennial attribute`: what the shop's own attributes hold, which of them are sensitive, and the keys under which
//! those are sealed. Beside a running server or without one.

use crate::args::Common;
use crate::args::door::{AttributeArgs, AttributeCommand, AttributeDefine, Configured};
use crate::config::Config;
use crate::ended::Ended;
use crate::home::{chance, now_micros};
use crate::key::{fill, session, write_secret};
use crate::say;
use domain::port::Failure;
use engine::people::Acting;
use engine::people::profile::{define_attribute, reseal};
use engine::staff::actor::Actor;
use engine::staff::permissions::Role;
use serde_json::json;
use std::path::{Path, PathBuf};
use store::{AttributeKind, Keyring, SealKey};

/// The variable with the keys themselves, where no file is wanted.
const VARIABLE: &str = "PERENNIAL_ATTRIBUTE_KEYS";

/// Where the keys are: in a file that was named, else one in the data folder, which is made where it is new.
#[derive(Clone)]
struct Place {
    path: PathBuf,
    is_named: bool,
}

impl Place {
    fn of(common: &Common, config: &Config) -> Place {
        match config.path("attribute_keys_file") {
            Some(path) => Place { path, is_named: true },
            None => Place { path: common.data.join("attribute-keys"), is_named: false },
        }
    }

    /// The keys, the newest first; the first is made where nobody has named a file.
    fn read(&self) -> Result<Vec<SealKey>, String> {
        if let Ok(text) = std::env::var(VARIABLE) {
            return parse(&text, VARIABLE);
        }
        let shown = self.path.display().to_string();
        match std::fs::read_to_string(&self.path) {
            Ok(text) => parse(&text, &shown),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !self.is_named => {
                let line = new_line();
                write_secret(&self.path, &line)
                    .map_err(|error| format!("{shown} cannot be written: {error}"))?;
                parse(&line, &shown)
            }
            Err(error) => Err(format!("{shown} cannot be read: {error}")),
        }
    }
}

fn new_line() -> String {
    let mut bytes = [0u8; 32];
    fill(&mut bytes);
    format!("{}\n", blake3::Hash::from_bytes(bytes).to_hex())
}

/// Keys in lines or with commas between, the newest first. What is in a line that is none is not said.
fn parse(text: &str, place: &str) -> Result<Vec<SealKey>, String> {
    let words =
        text.lines().filter(|line| !line.starts_with('#')).flat_map(|line| line.split(',')).map(str::trim);
    let keys: Result<Vec<SealKey>, String> = words
        .filter(|word| !word.is_empty())
        .map(|word| {
            let hash = blake3::Hash::from_hex(word);
            hash.map(|hash| SealKey::new(*hash.as_bytes())).map_err(|_| {
                format!("{place} must have keys of 64 hexadecimal digits, one a line, the newest first")
            })
        })
        .collect();
    let keys = keys?;
    if keys.is_empty() { Err(format!("{place} has no key")) } else { Ok(keys) }
}

/// The keys of this folder, read when one is needed.
pub fn keys(common: &Common) -> Keyring {
    let common = common.clone();
    Keyring::new(move || {
        let config = std::env::var_os("PERENNIAL_CONFIG").map(PathBuf::from);
        let configured = Configured { listen: None, config, set: Vec::new() };
        let config = Config::gather(&common, &configured).map_err(|no| match no {
            Ended::Refused(text) | Ended::Usage(text) => text,
            Ended::Failed(error) => error.to_string(),
        })?;
        Place::of(&common, &config).read()
    })
}

/// The same by a configuration that is known.
pub fn keys_of(common: &Common, config: &Config) -> Keyring {
    let place = Place::of(common, config);
    Keyring::new(move || place.read())
}

/// `perennial attribute`
pub fn run(common: &Common, args: &AttributeArgs) -> Result<(), Ended> {
    let config = Config::gather(common, &args.configured)?;
    match &args.command {
        AttributeCommand::List => list(common),
        AttributeCommand::Define(asked) => define(common, &config, asked),
        AttributeCommand::Reseal(asked) => seal_anew(common, &config, asked.new_key),
    }
}

fn list(common: &Common) -> Result<(), Ended> {
    let all = session(common)?.read().list_attribute_kinds()?;
    say::result(common, &json!({ "attributes": all }), || {
        let word = |kind: &AttributeKind| if kind.is_sensitive { "sensitive" } else { "" };
        let lines = all.iter().map(|kind| format!("{:<24} {:<8} {}", kind.name, kind.kind, word(kind)));
        lines.map(|line| line.trim_end().to_owned() + "\n").collect()
    })
}

fn define(common: &Common, config: &Config, asked: &AttributeDefine) -> Result<(), Ended> {
    let mut session = session(common)?.with_keys(keys_of(common, config));
    let (actor, mut dice) = (Actor::new("command line", Role::Owner), chance);
    let now = engine::record::view::at(now_micros());
    let mut acting = Acting { now, actor: &actor, source: "", chance: &mut dice };
    let AttributeDefine { name, kind, sensitive } = asked;
    let wanted = AttributeKind { name: name.clone(), kind: kind.clone(), is_sensitive: *sensitive };
    let kept = define_attribute(&mut session, &wanted, &mut acting)?;
    say::result(common, &kept, || {
        let how = if kept.is_sensitive { ", sensitive: kept sealed" } else { "" };
        format!("{} is a {}{how}\n", kept.name, kept.kind)
    })
}

fn seal_anew(common: &Common, config: &Config, new_key: bool) -> Result<(), Ended> {
    let place = Place::of(common, config);
    if new_key {
        put_first(&place)?;
    }
    let keys = keys_of(common, config);
    let newest = keys.reload()?.unwrap_or_default();
    let mut session = session(common)?.with_keys(keys);
    let sealed = reseal(&mut session)?;
    if sealed > 0 {
        session.settle_erasure()?;
    }
    say::result(common, &json!({"key": newest, "sealed": sealed}), || {
        format!("sealed anew: {sealed}; all that is sensitive is under key {newest}\n")
    })
}

/// A new key before those that are there; they still open what was sealed under them. The file is replaced in one step.
fn put_first(place: &Place) -> Result<(), Ended> {
    if std::env::var_os(VARIABLE).is_some() {
        let why = format!(
            "the keys are in {VARIABLE}: put a new one before them there, and reseal without --new-key"
        );
        return Err(Ended::Refused(why));
    }
    let shown = place.path.display().to_string();
    let before = match std::fs::read_to_string(&place.path) {
        Ok(text) => {
            parse(&text, &shown).map_err(Ended::Refused)?;
            text
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Failure::because(format!("{shown} cannot be read"), error).into()),
    };
    let failed = |error| Failure::because(format!("{shown} cannot be written"), error);
    let beside = with_suffix(&place.path);
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error).into()),
        _ => {}
    }
    write_secret(&beside, &(new_line() + &before)).map_err(failed)?;
    Ok(std::fs::rename(&beside, &place.path).map_err(failed)?)
}

fn with_suffix(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_what_is_none_is_not_shown() {
        let (one, two) = ("01".repeat(32), "02".repeat(32));
        let keys = parse(&format!("# the newest first\n{two}\n\n{one}\n"), "file").unwrap();
        assert_eq!(keys, [SealKey::new([2; 32]), SealKey::new([1; 32])]);
        assert_eq!(parse(&format!("{two},{one}"), "PLACE").unwrap(), keys);
        for wrong in ["", "# nothing\n", "0102", &format!("{one}zz")] {
            let why = parse(wrong, "file").unwrap_err();
            assert!(why.starts_with("file ") && !why.contains("01"), "{why}");
        }
    }
}
