//! `perennial key`: keys of tills, web shops and apps, beside a running server or without one.

use crate::args::Common;
use crate::args::door::{KeyArgs, KeyCommand, KeyCreate};
use crate::config::Config;
use crate::ended::Ended;
use crate::home::{chance, database, now_micros};
use crate::say;
use domain::port::Failure;
use serde_json::json;
use server::key::{NewKey, Pepper, make};
use server::scope;
use std::path::Path;
use store::{Session, Store};

/// `perennial key`
pub fn run(common: &Common, args: &KeyArgs) -> Result<(), Ended> {
    match &args.command {
        KeyCommand::Create(create) => create_key(common, create),
        KeyCommand::List => list(common),
        KeyCommand::Revoke { id } => revoke(common, id),
    }
}

/// A connection to state, beside a server or without one; state is made where it is new.
pub fn session(common: &Common) -> Result<Session, Ended> {
    let url = database(common);
    match Store::open(&url, now_micros()) {
        Ok(store) => Ok(store.sessions().open()?),
        // Somebody works there, most likely the server: keys may be made beside it.
        Err(store::Error::Failure(store::Failure::Busy { .. })) => Ok(Store::beside(&url)?),
        Err(other) => Err(other.into()),
    }
}

fn create_key(common: &Common, create: &KeyCreate) -> Result<(), Ended> {
    let scopes = scope::parse(&create.purpose.join(" ")).map_err(|no| Ended::Refused(no.to_string()))?;
    let is_sound = |text: &str| text.chars().all(|sign| sign.is_alphanumeric() || "-_.".contains(sign));
    if !is_sound(&create.source) || create.source.len() > 100 {
        let why = "a source has at most 100 letters, digits, '-', '_' and '.'";
        return Err(Ended::Refused(format!("'{}': {why}", create.source)));
    }
    let config = Config::gather(common, &create.configured)?;
    let (mut session, now) = (session(common)?, now_micros());
    let pepper = pepper(common, &config)?;
    let day = 86_400_000_000i64;
    let new = NewKey {
        name: create.name.trim(),
        source: &create.source,
        scopes: &scopes,
        expires_at: create.days.map(|days| now + i64::from(days) * day),
        by: "command line",
    };
    let (row, text) = make(&new, &pepper, now, &fill);
    session.write(|writing| writing.insert_api_key(&row))?;
    let document = json!({"id": row.key_id, "key": text, "scopes": row.scopes, "source": row.source});
    say::result(common, &document, || format!("{text}\n"))
}

fn list(common: &Common) -> Result<(), Ended> {
    let rows = session(common)?.read().api_keys()?;
    let day = |at: i64| engine::record::view::at(at).strftime("%Y-%m-%d").to_string();
    let now = now_micros();
    let state = |row: &store::ApiKeyRow| match (row.revoked_at, row.expires_at) {
        (Some(at), _) => format!("revoked {}", day(at)),
        (_, Some(at)) if at <= now => format!("expired {}", day(at)),
        (_, Some(at)) => format!("until {}", day(at)),
        _ => "in force".to_owned(),
    };
    let document: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.key_id, "name": row.name, "source": row.source, "scopes": row.scopes, "state": state(row),
                "last_used_at": row.last_used_at.map(engine::record::view::at),
            })
        })
        .collect();
    say::result(common, &json!({ "keys": document }), || {
        let lines = rows.iter().map(|row| {
            let used = row.last_used_at.map_or("never used".to_owned(), |at| format!("used {}", day(at)));
            let source = if row.source.is_empty() { "-" } else { &row.source };
            format!(
                "{}  {:<20} {source:<12} {:<18} {used:<16} {}\n",
                row.key_id,
                row.name,
                state(row),
                row.scopes
            )
        });
        lines.collect()
    })
}

fn revoke(common: &Common, id: &str) -> Result<(), Ended> {
    let (mut session, now) = (session(common)?, now_micros());
    let was = session.write(|writing| -> Result<_, store::Failure> {
        Ok((writing.find_api_key(id)?, writing.revoke_api_key(id, now)?))
    })?;
    let said = match was {
        (None, _) => {
            return Err(Ended::Refused(format!("there is no key '{id}': perennial key list shows all")));
        }
        (Some(_), true) => "revoked",
        (Some(_), false) => "was revoked before",
    };
    say::result(common, &json!({"id": id, "state": said}), || format!("{id} {said}\n"))
}

/// Bytes of chance.
pub fn fill(bytes: &mut [u8]) {
    for part in bytes.chunks_mut(16) {
        part.copy_from_slice(&chance().to_le_bytes()[..part.len()]);
    }
}

/// What keys are hashed under: out of the environment (`PERENNIAL_PEPPER`) or a file, which is made where it is new.
pub fn pepper(common: &Common, config: &Config) -> Result<Pepper, Ended> {
    if let Ok(text) = std::env::var("PERENNIAL_PEPPER") {
        return read_pepper(&text, "PERENNIAL_PEPPER");
    }
    let path = config.path("pepper_file").unwrap_or_else(|| common.data.join("pepper"));
    let shown = path.display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(text) => read_pepper(&text, &shown),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_pepper(&path),
        Err(error) => Err(Failure::because(format!("{shown} cannot be read"), error).into()),
    }
}

fn read_pepper(text: &str, place: &str) -> Result<Pepper, Ended> {
    let hash = blake3::Hash::from_hex(text.trim());
    // What is in it is not said.
    hash.map(|hash| Pepper::new(*hash.as_bytes()))
        .map_err(|_| Ended::Refused(format!("{place} must have 64 hexadecimal digits and nothing else")))
}

fn make_pepper(path: &Path) -> Result<Pepper, Ended> {
    let mut bytes = [0u8; 32];
    fill(&mut bytes);
    let text = format!("{}\n", blake3::Hash::from_bytes(bytes).to_hex());
    write_secret(path, &text)
        .map_err(|error| Failure::because(format!("{} cannot be written", path.display()), error))?;
    Ok(Pepper::new(bytes))
}

/// A file that only its owner reads. One that is there already is left alone.
pub fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
