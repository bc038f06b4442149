//! `perennial db`: the database itself.

use crate::args::{Common, Db, DbCommand};
use crate::ended::Ended;
use crate::home::{database, now_micros};
use crate::say;
use serde_json::json;
use store::{Look, Store, look, without_password};

/// Run the command.
pub fn run(common: &Common, args: &Db) -> Result<(), Ended> {
    match &args.command {
        DbCommand::Migrate => migrate(common),
        DbCommand::Status => status(common),
        DbCommand::UrlCheck { url } => url_check(common, url.as_deref()),
    }
}

fn migrate(common: &Common) -> Result<(), Ended> {
    let url = database(common);
    let before = look(&url).map(|look| look.schema).unwrap_or(0);
    let store = Store::open(&url, now_micros())?;
    let after = store.schema_version()?;
    let document = json!({"database": store.path(), "before": before, "schema": after});
    say::result(common, &document, || match before == after {
        true => format!("{} has schema {after} already\n", store.path()),
        false => format!("{} was brought from schema {before} to {after}\n", store.path()),
    })
}

fn status(common: &Common) -> Result<(), Ended> {
    let url = database(common);
    let seen = look(&url)?;
    say::result(common, &document(&url, &seen), || words(&url, &seen))
}

fn url_check(common: &Common, url: Option<&str>) -> Result<(), Ended> {
    let url = url.map_or_else(|| database(common), str::to_owned);
    let seen = look(&url)?;
    let mut value = document(&url, &seen);
    value["is_usable"] = seen.is_usable().into();
    say::result(common, &value, || words(&url, &seen))?;
    if seen.is_usable() {
        return Ok(());
    }
    Err(Ended::Refused(format!("{} cannot be used as it is", without_password(&url))))
}

fn document(url: &str, seen: &Look) -> serde_json::Value {
    json!({
        "database": without_password(url), "engine": seen.engine, "version": seen.version, "schema": seen.schema,
        "known_schema": seen.known, "may_write": seen.may_write, "is_durable": seen.is_durable,
    })
}

fn words(url: &str, seen: &Look) -> String {
    let standing = match seen.schema {
        0 => format!("no tables yet; perennial db migrate makes schema {}", seen.known),
        schema if schema < seen.known => {
            format!("schema {schema}; this program needs {}: perennial db migrate", seen.known)
        }
        schema => format!("schema {schema}, which is this program's"),
    };
    let may = if seen.may_write { "can be read and written" } else { "can be read, NOT written" };
    let durable = if seen.is_durable {
        String::new()
    } else {
        "; commits are NOT durable (fsync or synchronous_commit is off): a power cut may lose answered commands"
            .to_owned()
    };
    format!("{}: {} {}, {may}, {standing}{durable}\n", without_password(url), seen.engine, seen.version)
}
