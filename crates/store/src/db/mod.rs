//! The thin layer between our SQL and an engine's: one text for SQLite and PostgreSQL.
//!
//! Parameters are written `$1`. SQLite would read that as a *name* and number it by first appearance, so that
//! `select $2, $1` silently swaps; here it becomes `?1`. Other habits that keep one text true on both: BIGINT for
//! minor units and for microseconds since 1970, SMALLINT for flags, TEXT for ids and JSON, BYTEA for hashes,
//! `cast(sum(x) as bigint)`, `where true` before an `on conflict` that follows a select. `without rowid` in a table's
//! text is SQLite's word for "the primary key is the table" and `for update` PostgreSQL's for "nobody else until I am
//! done"; each is left out for the other.
//!
//! Many rows are one call: a prepared statement in a loop on SQLite, where a call costs a microsecond, and one
//! statement over arrays on PostgreSQL, where a call costs a round trip.

mod postgres;
mod text;

use crate::failure::Failure;
use crate::sealed::Keyring;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

pub use self::postgres::without_password;
use self::postgres::{Server, connect, type_name};
use ::postgres::fallible_iterator::FallibleIterator;

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    /// Absent.
    Null,
    /// BIGINT and SMALLINT.
    Int(i64),
    /// TEXT.
    Text(&'a str),
    /// BYTEA.
    Bytes(&'a [u8]),
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Value<'a> {
        Value::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Value<'a> {
        Value::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Value::Int(i64::from(value))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Value<'a> {
        Value::Bytes(bytes)
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Value<'a> {
        text.map_or(Value::Null, Value::Text)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Value::Null, Value::Int)
    }
}

/// A row of an answer.
pub(crate) struct Row<'a> {
    row: Of<'a>,
    path: &'a str,
}

enum Of<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a ::postgres::Row),
}

/// What stands in a cell.
enum Content<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Other,
}

/// A cell of its own, whatever it holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Held {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl<'a> From<&'a Held> for Value<'a> {
    fn from(cell: &'a Held) -> Value<'a> {
        match cell {
            Held::Null => Value::Null,
            Held::Int(value) => Value::Int(*value),
            Held::Text(text) => Value::Text(text),
            Held::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

impl Row<'_> {
    /// Column `at`, whatever it holds.
    pub fn cell(&self, at: usize) -> Result<Held, Failure> {
        Ok(match self.content(at)? {
            Content::Null => Held::Null,
            Content::Int(value) => Held::Int(value),
            Content::Text(text) => Held::Text(text.to_owned()),
            Content::Bytes(bytes) => Held::Bytes(bytes.to_owned()),
            Content::Other => return Err(self.misfit(at, "anything we write")),
        })
    }

    /// Column `at` as an integer.
    pub fn int(&self, at: usize) -> Result<i64, Failure> {
        self.maybe_int(at)?.ok_or_else(|| self.misfit(at, "an integer"))
    }

    /// Column `at` as an integer, where there is one.
    pub fn maybe_int(&self, at: usize) -> Result<Option<i64>, Failure> {
        match self.content(at)? {
            Content::Null => Ok(None),
            Content::Int(value) => Ok(Some(value)),
            _ => Err(self.misfit(at, "an integer")),
        }
    }

    /// Column `at` as text.
    pub fn text(&self, at: usize) -> Result<&str, Failure> {
        self.maybe_text(at)?.ok_or_else(|| self.misfit(at, "text"))
    }

    /// Column `at` as text, where there is some.
    pub fn maybe_text(&self, at: usize) -> Result<Option<&str>, Failure> {
        match self.content(at)? {
            Content::Null => Ok(None),
            Content::Text(text) => Ok(Some(text)),
            _ => Err(self.misfit(at, "text in UTF-8")),
        }
    }

    /// Column `at` as text of its own.
    pub fn string(&self, at: usize) -> Result<String, Failure> {
        Ok(self.text(at)?.to_owned())
    }

    /// Column `at` as text of its own, where there is some.
    pub fn maybe_string(&self, at: usize) -> Result<Option<String>, Failure> {
        Ok(self.maybe_text(at)?.map(str::to_owned))
    }

    /// Column `at` as 32 bytes.
    pub fn hash(&self, at: usize) -> Result<[u8; 32], Failure> {
        match self.content(at)? {
            Content::Bytes(bytes) => bytes.try_into().map_err(|_| self.misfit(at, "32 bytes")),
            _ => Err(self.misfit(at, "32 bytes")),
        }
    }

    /// Column `at` as something written as text: an id, a state, JSON.
    pub fn parsed<T>(&self, at: usize, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Failure> {
        let text = self.text(at)?;
        parse(text).ok_or_else(|| self.misfit(at, std::any::type_name::<T>()))
    }

    /// Column `at` as one of our ids.
    pub fn id(&self, at: usize) -> Result<domain::Id, Failure> {
        self.parsed(at, |text| text.parse().ok())
    }

    fn content(&self, at: usize) -> Result<Content<'_>, Failure> {
        match &self.row {
            Of::Sqlite(row) => {
                let cell = row.get_ref(at).map_err(|error| Failure::of_database(self.path, error))?;
                Ok(match cell {
                    ValueRef::Null => Content::Null,
                    ValueRef::Integer(value) => Content::Int(value),
                    ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_or(Content::Other, Content::Text),
                    ValueRef::Blob(bytes) => Content::Bytes(bytes),
                    ValueRef::Real(_) => Content::Other,
                })
            }
            Of::Postgres(row) => of_postgres(row, at).map_err(|error| Failure::of_server(self.path, error)),
        }
    }

    fn misfit(&self, at: usize, wanted: &str) -> Failure {
        let name = match &self.row {
            Of::Sqlite(row) => row.as_ref().column_name(at).unwrap_or("?").to_owned(),
            Of::Postgres(row) => row.columns().get(at).map_or("?", |column| column.name()).to_owned(),
        };
        Failure::Damaged {
            path: self.path.to_owned(),
            detail: format!("column {name} does not hold {wanted}"),
        }
    }
}

fn of_postgres(row: &::postgres::Row, at: usize) -> Result<Content<'_>, ::postgres::Error> {
    use ::postgres::types::Type;
    let int = |value: Option<i64>| value.map_or(Content::Null, Content::Int);
    Ok(match row.columns().get(at).map(|column| column.type_().clone()) {
        Some(Type::INT8) => int(row.try_get(at)?),
        Some(Type::INT4) => int(row.try_get::<_, Option<i32>>(at)?.map(i64::from)),
        Some(Type::INT2) => int(row.try_get::<_, Option<i16>>(at)?.map(i64::from)),
        Some(Type::BYTEA) => row.try_get::<_, Option<&[u8]>>(at)?.map_or(Content::Null, Content::Bytes),
        Some(Type::TEXT | Type::VARCHAR | Type::NAME) => {
            row.try_get::<_, Option<&str>>(at)?.map_or(Content::Null, Content::Text)
        }
        _ => Content::Other,
    })
}

/// How many rows one statement over arrays carries.
const ROWS_AT_ONCE: usize = 4096;

/// Texts that are kept as SQLite reads them. Ours are some hundreds.
const TEXTS_AT_MOST: usize = 1024;

/// One connection.
pub(crate) struct Db {
    engine: Engine,
    path: String,
    /// Statements until one fails on purpose; see [`Db::fail_after`].
    fuse: Cell<Option<u64>>,
    /// Texts as SQLite reads them, by ours.
    texts: RefCell<HashMap<String, Arc<str>>>,
    /// What seals attributes; nothing where nobody has said.
    pub keys: Keyring,
}

enum Engine {
    Sqlite(Connection),
    Postgres(Box<RefCell<Server>>),
}

impl Db {
    /// A connection to SQLite.
    pub fn new(connection: Connection, path: String) -> Db {
        // Our statements are some dozens; the default cache of 16 would prepare them again and again.
        connection.set_prepared_statement_cache_capacity(256);
        // Plans that do not look at the values: otherwise a statement whose table has an index over some of its rows
        // is planned anew for each value it is given.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).expect("an option SQLite has");
        let (fuse, texts, keys) = (Cell::new(None), RefCell::default(), Keyring::default());
        Db { engine: Engine::Sqlite(connection), path, fuse, texts, keys }
    }

    /// A connection to PostgreSQL, by URL.
    pub fn connect(url: &str) -> Result<Db, Failure> {
        let server = connect(url)?;
        Ok(Db {
            engine: Engine::Postgres(Box::new(server)),
            path: without_password(url),
            fuse: Cell::new(None),
            texts: RefCell::default(),
            keys: Keyring::default(),
        })
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Where the database is, for messages.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Let a statement fail as a broken disk would, after `statements` more; `None` takes that back. For tests that
    /// ask what is left when storage fails at any point.
    pub fn fail_after(&self, statements: Option<u64>) {
        self.fuse.set(statements);
    }

    fn burn(&self) -> Result<(), Failure> {
        match self.fuse.get() {
            None => Ok(()),
            Some(0) => Err(Failure::Io { path: self.path.clone(), source: "made to fail".into() }),
            Some(left) => {
                self.fuse.set(Some(left - 1));
                Ok(())
            }
        }
    }

    /// Run statements without parameters: a migration, a pragma.
    pub fn run_all(&self, sql: &str) -> Result<(), Failure> {
        self.burn()?;
        match &self.engine {
            Engine::Sqlite(connection) => {
                connection.execute_batch(&text::for_sqlite(sql)).map_err(|error| self.failed(error))
            }
            Engine::Postgres(server) => server
                .borrow_mut()
                .client
                .batch_execute(&text::for_postgres(sql))
                .map_err(|error| self.refused(error)),
        }
    }

    /// Run one statement; how many rows it changed.
    pub fn run(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, Failure> {
        self.run_each(sql, values.len(), values.iter().copied())
    }

    /// Run one statement for every `width` values; how many rows that changed.
    ///
    /// On PostgreSQL an insert of the form `values ($1, $2, …)` goes as arrays, some thousand rows a call. With
    /// `on conflict … do update` no two of those rows may have the same key.
    pub fn run_each<'v>(
        &self,
        sql: &str,
        width: usize,
        values: impl IntoIterator<Item = Value<'v>>,
    ) -> Result<u64, Failure> {
        self.burn()?;
        match &self.engine {
            Engine::Sqlite(connection) => self.run_rows(connection, sql, width, values.into_iter()),
            Engine::Postgres(server) => {
                let values: Vec<Value<'_>> = values.into_iter().collect();
                run_arrays(&mut server.borrow_mut(), sql, width, &values).map_err(|error| self.refused(error))
            }
        }
    }

    /// A statement of SQLite, from the cache where it is there; so is the text that SQLite reads.
    fn prepared<'c>(&self, connection: &'c Connection, sql: &str) -> Result<CachedStatement<'c>, Failure> {
        let known = self.texts.borrow().get(sql).cloned();
        let text = known.unwrap_or_else(|| {
            let text: Arc<str> = text::for_sqlite(sql).into();
            let mut texts = self.texts.borrow_mut();
            if texts.len() >= TEXTS_AT_MOST {
                texts.clear();
            }
            texts.insert(sql.to_owned(), Arc::clone(&text));
            text
        });
        connection.prepare_cached(&text).map_err(|error| self.failed(error))
    }

    fn run_rows<'v>(
        &self,
        connection: &Connection,
        sql: &str,
        width: usize,
        values: impl Iterator<Item = Value<'v>>,
    ) -> Result<u64, Failure> {
        let failed = |error| self.failed(error);
        let mut statement = self.prepared(connection, sql)?;
        assert_eq!(statement.parameter_count(), width, "as many values as parameters in {sql}");
        let mut changed = 0;
        if width == 0 {
            return Ok(statement.raw_execute().map_err(failed)? as u64);
        }
        let mut at = 0;
        for value in values {
            at += 1;
            statement.raw_bind_parameter(at, value).map_err(failed)?;
            if at == width {
                changed += statement.raw_execute().map_err(failed)? as u64;
                at = 0;
            }
        }
        assert_eq!(at, 0, "whole rows of values for {sql}");
        Ok(changed)
    }

    /// Read every row of an answer. On PostgreSQL `read` must not ask this connection anything.
    pub fn for_each<E: From<Failure>>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.burn()?;
        let failed = |error| self.failed(error);
        let refused = |error| self.refused(error);
        match &self.engine {
            Engine::Sqlite(connection) => {
                let mut statement = self.prepared(connection, sql)?;
                let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(failed)?;
                while let Some(row) = rows.next().map_err(failed)? {
                    read(&Row { row: Of::Sqlite(row), path: &self.path })?;
                }
            }
            Engine::Postgres(server) => {
                let mut server = server.borrow_mut();
                let statement = server.prepare(&text::for_postgres(sql)).map_err(refused)?;
                let mut rows = server.client.query_raw(&statement, values.iter()).map_err(refused)?;
                while let Some(row) = rows.next().map_err(refused)? {
                    read(&Row { row: Of::Postgres(&row), path: &self.path })?;
                }
            }
        }
        Ok(())
    }

    /// All rows of an answer, read.
    pub fn rows<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        let mut all = Vec::new();
        self.for_each(sql, values, |row| {
            all.push(read(row)?);
            Ok::<(), Failure>(())
        })?;
        Ok(all)
    }

    /// The first row of an answer, if there is one.
    pub fn first<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        Ok(self.rows(sql, values, read)?.into_iter().next())
    }

    /// The one integer of an answer.
    pub fn int(&self, sql: &str, values: &[Value<'_>]) -> Result<i64, Failure> {
        Ok(self.first(sql, values, |row| row.int(0))?.expect("a count has a row"))
    }

    /// Ask the same question once for each key, which is `$1`; the other parameters are `fixed`. Reads the rows of
    /// every key as `(position of the key, row)`, key by key. With `for update` the rows are locked in that order.
    pub fn seek_each<'k>(
        &self,
        sql: &str,
        fixed: &[Value<'_>],
        keys: impl IntoIterator<Item = &'k str>,
        mut read: impl FnMut(usize, &Row<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.burn()?;
        let failed = |error| self.failed(error);
        match &self.engine {
            Engine::Sqlite(connection) => {
                let mut statement = self.prepared(connection, sql)?;
                for (at, value) in fixed.iter().enumerate() {
                    statement.raw_bind_parameter(at + 2, value).map_err(failed)?;
                }
                for (position, key) in keys.into_iter().enumerate() {
                    statement.raw_bind_parameter(1, Value::Text(key)).map_err(failed)?;
                    let mut rows = statement.raw_query();
                    while let Some(row) = rows.next().map_err(failed)? {
                        read(position, &Row { row: Of::Sqlite(row), path: &self.path })?;
                    }
                }
                Ok(())
            }
            Engine::Postgres(server) => {
                let keys: Vec<&str> = keys.into_iter().collect();
                for (chunk, keys) in keys.chunks(ROWS_AT_ONCE).enumerate() {
                    let found = find_keys(&mut server.borrow_mut(), sql, fixed, keys);
                    for (position, row) in found.map_err(|error| self.refused(error))? {
                        let row = Row { row: Of::Postgres(&row), path: &self.path };
                        read(chunk * ROWS_AT_ONCE + position, &row)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Do all of `work` or nothing of it: it is undone where `work` says no, panics, or cannot be made durable. One at
    /// a time, on either engine.
    pub fn transaction<T, E: From<Failure>>(
        &mut self,
        work: impl FnOnce(&Db) -> Result<T, E>,
    ) -> Result<T, E> {
        let how = if self.is_postgres() {
            "begin; select pg_advisory_xact_lock(hashtext('perennial ' || current_schema()))"
        } else {
            // Take the right to write now, and not when something has been read.
            "begin immediate"
        };
        self.begin(how, work)
    }

    /// As [`Db::transaction`]; on PostgreSQL beside others that do the same, so that `work` locks what it judges.
    pub fn beside_others<T, E: From<Failure>>(
        &mut self,
        work: impl FnOnce(&Db) -> Result<T, E>,
    ) -> Result<T, E> {
        self.begin(if self.is_postgres() { "begin" } else { "begin immediate" }, work)
    }

    /// Read as of one instant.
    pub fn snapshot<T, E: From<Failure>>(&mut self, work: impl FnOnce(&Db) -> Result<T, E>) -> Result<T, E> {
        self.begin(
            if self.is_postgres() { "begin isolation level repeatable read read only" } else { "begin" },
            work,
        )
    }

    fn begin<T, E: From<Failure>>(
        &mut self,
        how: &str,
        work: impl FnOnce(&Db) -> Result<T, E>,
    ) -> Result<T, E> {
        let undo = Undo(self);
        undo.0.run_all(how)?;
        let answer = work(undo.0)?;
        undo.0.run_all("commit")?;
        // It is done: there is nothing left to undo.
        std::mem::forget(undo);
        Ok(answer)
    }

    fn failed(&self, error: rusqlite::Error) -> Failure {
        Failure::of_database(&self.path, error)
    }

    fn refused(&self, error: ::postgres::Error) -> Failure {
        Failure::of_server(&self.path, error)
    }
}

fn run_arrays(
    server: &mut Server,
    sql: &str,
    width: usize,
    values: &[Value<'_>],
) -> Result<u64, ::postgres::Error> {
    let one = server.prepare(&text::for_postgres(sql))?;
    assert_eq!(one.params().len(), width, "as many values as parameters in {sql}");
    if width == 0 {
        return server.client.execute(&one, &[]);
    }
    assert_eq!(values.len() % width, 0, "whole rows of values for {sql}");
    let types: Vec<&str> = one.params().iter().map(type_name).collect();
    let many = text::of_arrays(sql, &types).filter(|_| values.len() > width);
    let mut changed = 0;
    match many {
        Some(many) => {
            let many = server.prepare(&many)?;
            for rows in values.chunks(width * ROWS_AT_ONCE) {
                let column = |at: usize| rows.iter().skip(at).step_by(width).copied().collect();
                let columns: Vec<Vec<Value<'_>>> = (0..width).map(column).collect();
                changed += server.client.execute(&many, &given(&columns))?;
            }
        }
        None => {
            for row in values.chunks(width) {
                changed += server.client.execute(&one, &given(row))?;
            }
        }
    }
    Ok(changed)
}

/// Values as the client takes them.
fn given<T: ::postgres::types::ToSql + Sync>(values: &[T]) -> Vec<&(dyn ::postgres::types::ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ::postgres::types::ToSql + Sync)).collect()
}

type Found = Vec<(usize, ::postgres::Row)>;

fn find_keys(
    server: &mut Server,
    sql: &str,
    fixed: &[Value<'_>],
    keys: &[&str],
) -> Result<Found, ::postgres::Error> {
    use ::postgres::types::ToSql;
    let statement = server.prepare(&text::of_keys(sql))?;
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&keys];
    values.extend(given(fixed));
    let rows = server.client.query(&statement, &values)?;
    let position = |row: &::postgres::Row| row.try_get::<_, i64>(row.len() - 1);
    let mut found: Found = rows
        .into_iter()
        .map(|row| Ok((position(&row)? as usize - 1, row)))
        .collect::<Result<_, ::postgres::Error>>()?;
    found.sort_by_key(|(position, _)| *position);
    Ok(found)
}

/// Rolls back what is still open when it goes.
struct Undo<'a>(&'a Db);

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        // Nobody is left to answer to: where even this fails, the server rolls back when the connection ends, and
        // SQLite when the file is next opened.
        match &self.0.engine {
            Engine::Sqlite(connection) if connection.is_autocommit() => {}
            Engine::Sqlite(connection) => drop(connection.execute_batch("rollback")),
            Engine::Postgres(server) => {
                if let Ok(mut server) = server.try_borrow_mut() {
                    drop(server.client.batch_execute("rollback"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Db {
        Db::new(Connection::open_in_memory().unwrap(), "memory".into())
    }

    #[test]
    fn parameters_out_of_order_arrive_in_order() {
        let db = memory();
        let answer = db
            .first("select $2, $1, $2", &["one".into(), "two".into()], |row| {
                Ok(format!("{} {} {}", row.text(0)?, row.text(1)?, row.text(2)?))
            })
            .unwrap();
        assert_eq!(answer.as_deref(), Some("two one two"));
    }

    #[test]
    fn what_says_no_is_undone() {
        let mut db = memory();
        db.run_all("create table t (n bigint primary key)").unwrap();
        let answer: Result<(), Failure> = db.transaction(|db| {
            db.run_each("insert into t (n) values ($1)", 1, [1, 2].map(Value::Int))?;
            db.run("insert into t (n) values ($1)", &[2.into()])?;
            Ok(())
        });
        let source = std::error::Error::source(&answer.unwrap_err()).map(ToString::to_string);
        assert_eq!(source.as_deref(), Some("UNIQUE constraint failed: t.n"));
        assert_eq!(db.int("select count(*) from t", &[]).unwrap(), 0);

        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _: Result<(), Failure> = db.transaction(|db| {
                db.run("insert into t (n) values ($1)", &[1.into()])?;
                panic!("a bug in the middle")
            });
        }));
        assert!(panicked.is_err());
        assert_eq!(db.int("select count(*) from t", &[]).unwrap(), 0);
        db.transaction(|db| db.run("insert into t (n) values ($1)", &[7.into()])).unwrap();
        assert_eq!(db.int("select n from t", &[]).unwrap(), 7);
    }

    #[test]
    fn a_cell_of_another_type_is_damage_and_no_panic() {
        let db = memory();
        let failure = db.first("select 'x' as created_at", &[], |row| row.int(0)).unwrap_err();
        assert!(failure.to_string().contains("column created_at does not hold an integer"), "{failure}");
        let failure =
            db.first("select x'ff' as value", &[], |row| row.text(0).map(str::to_owned)).unwrap_err();
        assert!(failure.to_string().contains("column value does not hold text"), "{failure}");
    }
}
