//! The thin layer between our SQL and an engine's: one text for SQLite and PostgreSQL.
//!
//! Parameters are written `$1`. SQLite would read that as a *name* and number it by first appearance, so that
//! `select $2, $1` silently swaps; here it becomes `?1`. Other habits that keep one text true on both: BIGINT for
//! minor units and for microseconds since 1970, SMALLINT for flags, TEXT for ids and JSON, `cast(sum(x) as bigint)`,
//! `where true` before an `on conflict` that follows a select. `without rowid` in a table's text is SQLite's word for
//! "the primary key is the table"; the PostgreSQL side leaves it out.

use crate::failure::Failure;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use std::borrow::Cow;

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    /// Absent.
    Null,
    /// BIGINT and SMALLINT.
    Int(i64),
    /// TEXT.
    Text(&'a str),
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
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

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Value<'a> {
        text.map_or(Value::Null, Value::Text)
    }
}

/// A row of an answer.
pub(crate) struct Row<'a> {
    row: &'a rusqlite::Row<'a>,
    path: &'a str,
}

impl Row<'_> {
    /// Column `at` as an integer.
    pub fn int(&self, at: usize) -> Result<i64, Failure> {
        self.maybe_int(at)?.ok_or_else(|| self.misfit(at, "an integer"))
    }

    /// Column `at` as an integer, where there is one.
    pub fn maybe_int(&self, at: usize) -> Result<Option<i64>, Failure> {
        match self.cell(at)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(value) => Ok(Some(value)),
            _ => Err(self.misfit(at, "an integer")),
        }
    }

    /// Column `at` as text.
    pub fn text(&self, at: usize) -> Result<&str, Failure> {
        self.maybe_text(at)?.ok_or_else(|| self.misfit(at, "text"))
    }

    /// Column `at` as text, where there is some.
    pub fn maybe_text(&self, at: usize) -> Result<Option<&str>, Failure> {
        match self.cell(at)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => {
                std::str::from_utf8(bytes).map(Some).map_err(|_| self.misfit(at, "text in UTF-8"))
            }
            _ => Err(self.misfit(at, "text")),
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

    fn cell(&self, at: usize) -> Result<ValueRef<'_>, Failure> {
        self.row.get_ref(at).map_err(|error| Failure::of_database(self.path, error))
    }

    fn misfit(&self, at: usize, wanted: &str) -> Failure {
        let name = self.row.as_ref().column_name(at).unwrap_or("?").to_owned();
        Failure::Damaged {
            path: self.path.to_owned(),
            detail: format!("column {name} does not hold {wanted}"),
        }
    }
}

/// One connection.
pub(crate) struct Db {
    connection: Connection,
    path: String,
}

impl Db {
    pub fn new(connection: Connection, path: String) -> Db {
        // Our statements are some dozens; the default cache of 16 would prepare them again and again.
        connection.set_prepared_statement_cache_capacity(64);
        Db { connection, path }
    }

    /// Where the database is, for messages.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Run statements without parameters: a migration, a pragma.
    pub fn run_all(&self, sql: &str) -> Result<(), Failure> {
        self.connection.execute_batch(sql).map_err(|error| self.failed(error))
    }

    /// Run one statement; how many rows it changed.
    pub fn run(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, Failure> {
        self.run_each(sql, values.len(), values.iter().copied())
    }

    /// Run one statement for every `width` values; how many rows that changed.
    pub fn run_each<'v>(
        &self,
        sql: &str,
        width: usize,
        values: impl IntoIterator<Item = Value<'v>>,
    ) -> Result<u64, Failure> {
        let failed = |error| self.failed(error);
        let mut statement = self.connection.prepare_cached(&numbered(sql)).map_err(failed)?;
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

    /// Read every row of an answer.
    pub fn for_each<E: From<Failure>>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error| self.failed(error);
        let mut statement = self.connection.prepare_cached(&numbered(sql)).map_err(failed)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            read(&Row { row, path: &self.path })?;
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
    /// every key as `(position of the key, row)`.
    pub fn seek_each<'k>(
        &self,
        sql: &str,
        fixed: &[Value<'_>],
        keys: impl IntoIterator<Item = &'k str>,
        mut read: impl FnMut(usize, &Row<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let failed = |error| self.failed(error);
        let mut statement = self.connection.prepare_cached(&numbered(sql)).map_err(failed)?;
        for (at, value) in fixed.iter().enumerate() {
            statement.raw_bind_parameter(at + 2, value).map_err(failed)?;
        }
        for (position, key) in keys.into_iter().enumerate() {
            statement.raw_bind_parameter(1, Value::Text(key)).map_err(failed)?;
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next().map_err(failed)? {
                read(position, &Row { row, path: &self.path })?;
            }
        }
        Ok(())
    }

    /// Do all of `work` or nothing of it: it is undone where `work` says no, panics, or cannot be made durable.
    pub fn transaction<T, E: From<Failure>>(
        &mut self,
        work: impl FnOnce(&Db) -> Result<T, E>,
    ) -> Result<T, E> {
        self.run_all("begin immediate")?;
        let undo = Undo(self);
        let answer = work(undo.0)?;
        undo.0.run_all("commit")?;
        Ok(answer)
    }

    fn failed(&self, error: rusqlite::Error) -> Failure {
        Failure::of_database(&self.path, error)
    }
}

/// Rolls back what is still open when it goes.
struct Undo<'a>(&'a Db);

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        if !self.0.connection.is_autocommit() {
            // Nobody is left to answer to: where even this fails, SQLite rolls back when the file is next opened.
            let _ = self.0.connection.execute_batch("rollback");
        }
    }
}

/// The text with `$1` written as `?1`, outside of literals, quoted names and comments.
fn numbered(sql: &str) -> Cow<'_, str> {
    if !sql.contains('$') {
        return Cow::Borrowed(sql);
    }
    let bytes = sql.as_bytes();
    let mut out = String::with_capacity(sql.len());
    let (mut from, mut at) = (0, 0);
    while at < bytes.len() {
        let rest = &sql[at..];
        let in_name = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
        match bytes[at] {
            // A doubled quote inside a literal ends one and begins the next, which comes to the same.
            quote @ (b'\'' | b'"') => at += 1 + end(&rest[1..], if quote == b'"' { "\"" } else { "'" }),
            b'-' if rest.starts_with("--") => at += end(rest, "\n"),
            b'/' if rest.starts_with("/*") => at += 2 + end(&rest[2..], "*/"),
            b'$' if !in_name && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                out.push_str(&sql[from..at]);
                out.push('?');
                at += 1;
                from = at;
            }
            // Every byte tested above is ASCII, so `at` steps over whole characters here.
            _ => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    out.push_str(&sql[from..]);
    Cow::Owned(out)
}

/// How far `mark` ends from the beginning of `text`; its whole length where there is none.
fn end(text: &str, mark: &str) -> usize {
    text.find(mark).map_or(text.len(), |at| at + mark.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Db {
        Db::new(Connection::open_in_memory().unwrap(), "memory".into())
    }

    #[test]
    fn parameters_are_numbered_and_literals_left_alone() {
        for (ours, sqlite) in [
            ("select 1", "select 1"),
            ("select $2, $1", "select ?2, ?1"),
            ("select $12 || '$1' || $1", "select ?12 || '$1' || ?1"),
            ("select 'it''s $1', $1", "select 'it''s $1', ?1"),
            ("select \"a$1\", $1", "select \"a$1\", ?1"),
            ("select a$1, $1", "select a$1, ?1"),
            ("-- costs $1\nselect $1", "-- costs $1\nselect ?1"),
            ("/* $1 ' */ select $1", "/* $1 ' */ select ?1"),
            ("select '$1", "select '$1"),
            ("select 'đồng $1', $1 as đồng", "select 'đồng $1', ?1 as đồng"),
            ("select $", "select $"),
            ("$1", "?1"),
        ] {
            assert_eq!(numbered(ours), sqlite, "{ours}");
        }
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
