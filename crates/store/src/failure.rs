//! What can go wrong: a refusal is an answer to what was asked, a failure is the world's.

use domain::Id;
use postgres::error::SqlState;
use rusqlite::ErrorCode;
use std::error::Error as StdError;
use std::io;

/// The error underneath, kept for the log.
pub(crate) type Source = Box<dyn StdError + Send + Sync>;

/// A "no" that follows from what was asked; asking again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A database we cannot talk to. Holds the scheme alone: the rest of a URL may hold a password.
    #[error(
        "databases of the kind '{0}' are not supported: leave --database out to keep the state in the data folder, \
         or give sqlite:PATH or postgres://USER@HOST/DATABASE"
    )]
    UnsupportedDatabase(String),
    /// A name with other signs than we allow.
    #[error("'{0}' is not a name here: expected a lower-case letter, then up to 39 letters, digits or '_'")]
    NotAName(String),
    /// A key of a customer that is empty, too long or not text.
    #[error("{kind} of a customer {problem}")]
    NotAKey {
        /// The kind of identifier.
        kind: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody has that id.
    #[error("customer {0} does not exist")]
    UnknownCustomer(Id),
    /// The person asked to be forgotten.
    #[error("customer {0} was erased")]
    ErasedCustomer(Id),
    /// No import has that id.
    #[error("import {0} does not exist")]
    UnknownImport(Id),
    /// The import is not where this step could follow.
    #[error("import {import} is {state}: it cannot be {step}")]
    WrongState {
        /// The import.
        import: Id,
        /// Where it is.
        state: &'static str,
        /// What was asked for.
        step: &'static str,
    },
    /// An import must say which files it read.
    #[error("import {0} names no file")]
    NoFiles(Id),
}

/// The world said no: a disk, a lock, a damaged or foreign file.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Another process has the writing lock.
    #[error(
        "another perennial is working in this folder ({folder}): wait until it has ended, \
         or choose another folder with --data"
    )]
    Busy {
        /// The folder of the database.
        folder: String,
    },
    /// No permission to write.
    #[error(
        "{path} cannot be written: give this user the right to write there, or choose another folder with --data"
    )]
    ReadOnly {
        /// The database or its folder.
        path: String,
        /// What the system said.
        #[source]
        source: Source,
    },
    /// The disk, or the share of it we may use, is full.
    #[error("no space left for {path}: free some and run the same command again; what was answered is kept")]
    DiskFull {
        /// The database.
        path: String,
        /// What the system said.
        #[source]
        source: Source,
    },
    /// The file does not hold what we wrote, or never did.
    #[error("{path} is damaged, or is no database of perennial ({detail}): restore it from a backup")]
    Damaged {
        /// The database.
        path: String,
        /// What does not fit.
        detail: String,
    },
    /// A newer program has changed the tables.
    #[error(
        "{path} was written by perennial {written_by} (schema {found}), this one knows schemas up to {known}: \
         use that version or a newer one"
    )]
    Newer {
        /// The database.
        path: String,
        /// Its schema.
        found: i64,
        /// The newest schema of this program.
        known: i64,
        /// The version that wrote it.
        written_by: String,
    },
    /// The tables are older than this program, and the handle may not change them.
    #[error("{path} has schema {found} and needs {known}: bring it forward with perennial db migrate")]
    Older {
        /// The database.
        path: String,
        /// Its schema.
        found: i64,
        /// The schema this program needs.
        known: i64,
    },
    /// There is nothing to read yet.
    #[error("{path} does not exist: import something first, for example with perennial import orders FILE")]
    Missing {
        /// The database.
        path: String,
    },
    /// What was to be filled holds something already.
    #[error("{path} is not empty (table {table} has rows): a backup goes back into an empty place only")]
    NotEmpty {
        /// The database.
        path: String,
        /// A table with rows.
        table: String,
    },
    /// A sensitive attribute cannot be sealed or opened.
    #[error("attribute '{name}': {why}; see docs/manual/api/security.md on keys of attributes")]
    Sealed {
        /// Which attribute.
        name: String,
        /// Why, without any value.
        why: String,
    },
    /// The server does not answer, or has gone.
    #[error(
        "{url} cannot be reached: see that the server runs, and that host, port, user and sslmode are right"
    )]
    Unreachable {
        /// Who and where, without password.
        url: String,
        /// What the system said.
        #[source]
        source: Source,
    },
    /// Two writers met on the same rows, and this one gave way. The same again is right.
    #[error("{path}: another writer was at the same rows first; nothing was changed, ask again")]
    Conflict {
        /// The database.
        path: String,
        /// What the system said.
        #[source]
        source: Source,
    },
    /// Anything else the system said.
    #[error("{path} cannot be used")]
    Io {
        /// The database or its folder.
        path: String,
        /// What the system said.
        #[source]
        source: Source,
    },
}

/// What a method of the store answers when it does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// See [`Refused`].
    #[error(transparent)]
    Refused(#[from] Refused),
    /// See [`Failure`].
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl Failure {
    /// What a database error means to the person in front of it.
    pub(crate) fn of_database(path: &str, error: rusqlite::Error) -> Failure {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Failure::ReadOnly { path, source: error.into() }
            }
            Some(ErrorCode::DiskFull) => Failure::DiskFull { path, source: error.into() },
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Failure::Damaged { path, detail: error.to_string() }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Failure::Busy { folder: path },
            _ => Failure::Io { path, source: error.into() },
        }
    }

    /// What an error of a server means to the person in front of it.
    pub(crate) fn of_server(path: &str, error: postgres::Error) -> Failure {
        let path = path.to_owned();
        if error.is_closed() {
            return Failure::Unreachable { url: path, source: error.into() };
        }
        match error.code().map_or("", SqlState::code) {
            // Unique: somebody else was first with the same key. Serialisation and deadlock: PostgreSQL chose a loser.
            "23505" | "40001" | "40P01" | "55P03" => Failure::Conflict { path, source: error.into() },
            "25006" | "42501" => Failure::ReadOnly { path, source: error.into() },
            "53100" => Failure::DiskFull { path, source: error.into() },
            "XX001" | "XX002" => Failure::Damaged { path, detail: error.to_string() },
            code if code.starts_with("08") || code.starts_with("57P") => {
                Failure::Unreachable { url: path, source: error.into() }
            }
            "" if error.source().is_some_and(|source| source.is::<io::Error>()) => {
                Failure::Unreachable { url: path, source: error.into() }
            }
            _ => Failure::Io { path, source: error.into() },
        }
    }

    /// Whether asking again may do: the rows were another's for a moment, or the server was away.
    pub fn is_passing(&self) -> bool {
        matches!(self, Failure::Conflict { .. } | Failure::Unreachable { .. } | Failure::Busy { .. })
    }

    /// What an error of the file system means.
    pub(crate) fn of_files(path: &str, error: io::Error) -> Failure {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Failure::ReadOnly { path, source: error.into() }
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Failure::DiskFull { path, source: error.into() }
            }
            _ => Failure::Io { path, source: error.into() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    #[test]
    fn database_errors_say_what_to_do() {
        for (code, expected) in [
            (ffi::SQLITE_READONLY, "s.sqlite cannot be written: give this user the right"),
            (ffi::SQLITE_PERM, "s.sqlite cannot be written: give this user the right"),
            (ffi::SQLITE_FULL, "no space left for s.sqlite: free some"),
            (ffi::SQLITE_CORRUPT, "s.sqlite is damaged"),
            (ffi::SQLITE_NOTADB, "s.sqlite is damaged"),
            (ffi::SQLITE_BUSY, "another perennial is working in this folder (s.sqlite)"),
            (ffi::SQLITE_IOERR, "s.sqlite cannot be used"),
        ] {
            let failure =
                Failure::of_database("s.sqlite", rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
            assert!(failure.to_string().starts_with(expected), "{code}: {failure}");
            let keeps_its_source = !matches!(failure, Failure::Damaged { .. } | Failure::Busy { .. });
            assert_eq!(failure.source().is_some(), keeps_its_source, "{code}");
        }
    }

    #[test]
    fn file_errors_say_what_to_do() {
        for (kind, expected) in [
            (io::ErrorKind::PermissionDenied, "x cannot be written"),
            (io::ErrorKind::ReadOnlyFilesystem, "x cannot be written"),
            (io::ErrorKind::StorageFull, "no space left for x"),
            (io::ErrorKind::NotADirectory, "x cannot be used"),
        ] {
            let failure = Failure::of_files("x", io::Error::from(kind));
            assert!(failure.to_string().starts_with(expected), "{kind:?}: {failure}");
        }
    }
}
