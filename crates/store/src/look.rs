//! A look at a database before anything is done with it: whether it can be reached, what it is, what it allows.

use crate::db::Db;
use crate::failure::{Error, Failure};
use crate::migrate::{known, schema_of};
use crate::open::{for_looking, is_postgres};
use serde::Serialize;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Look {
    /// `SQLite` or `PostgreSQL`.
    pub engine: &'static str,
    /// The engine's own version.
    pub version: String,
    /// The schema it has; 0 where there is none yet.
    pub schema: i64,
    /// The schema this program needs.
    pub known: i64,
    /// Whether we may write there.
    pub may_write: bool,
    /// Whether an answered commit survives a power cut, as far as the server's settings tell.
    pub is_durable: bool,
}

impl Look {
    /// Whether it serves us, once its tables have been brought forward.
    pub fn is_usable(&self) -> bool {
        self.may_write && self.is_durable && self.schema <= self.known
    }
}

/// Look at a database, changing nothing. A file that does not exist yet is looked at through its folder.
pub fn look(path_or_url: &str) -> Result<Look, Error> {
    if is_postgres(path_or_url) {
        let db = Db::connect(path_or_url)?;
        return Ok(of_server(&db)?);
    }
    let (db, may_write) = for_looking(path_or_url)?;
    let version = rusqlite::version().to_owned();
    let schema = db.map_or(Ok(0), |db| schema_of(&db, known()))?;
    Ok(Look { engine: "SQLite", version, schema, known: known(), may_write, is_durable: true })
}

fn of_server(db: &Db) -> Result<Look, Failure> {
    let setting = |name: &str| -> Result<String, Failure> {
        let found = db.first("select current_setting($1)", &[name.into()], |row| row.string(0))?;
        Ok(found.unwrap_or_default())
    };
    let rights = "select cast(has_schema_privilege(current_schema(), 'create') as integer)
         + cast(pg_is_in_recovery() as integer) * 2";
    let rights = db.int(rights, &[])?;
    let read_only = setting("default_transaction_read_only")? == "on";
    Ok(Look {
        engine: "PostgreSQL",
        version: setting("server_version")?,
        schema: schema_of(db, known())?,
        known: known(),
        may_write: rights == 1 && !read_only,
        is_durable: setting("fsync")? == "on" && setting("synchronous_commit")? != "off",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::Store;
    use crate::testing::NOW;

    #[test]
    fn a_database_is_looked_at_before_and_after_it_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db").display().to_string();
        let seen = look(&path).unwrap();
        assert_eq!((seen.engine, seen.schema, seen.is_usable()), ("SQLite", 0, true));
        assert!(!folder.path().join("state.db").exists(), "looking makes nothing");
        drop(Store::open(&path, NOW).unwrap());
        assert_eq!(look(&path).unwrap().schema, known());
        let text = folder.path().join("orders.csv");
        std::fs::write(&text, "customer,date\n".repeat(100)).unwrap();
        assert!(matches!(look(&text.display().to_string()), Err(Error::Failure(Failure::Damaged { .. }))));
        assert!(matches!(look("mysql://ana:secret@host/shop"), Err(Error::Refused(_))));
    }

    #[test]
    fn a_server_says_what_it_is() {
        let Ok(server) = std::env::var("PERENNIAL_TEST_POSTGRES") else { return };
        let scratch = crate::Scratch::create(&server).unwrap();
        let seen = look(&scratch.url()).unwrap();
        assert_eq!(
            (seen.engine, seen.schema, seen.may_write, seen.is_durable),
            ("PostgreSQL", 0, true, true)
        );
        drop(Store::open(&scratch.url(), NOW).unwrap());
        assert_eq!(look(&scratch.url()).unwrap().schema, known());
    }
}
