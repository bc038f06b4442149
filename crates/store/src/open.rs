//! Opening a database: which one, who may write, and what is checked before anything is touched.

use crate::db::{Db, Row};
use crate::failure::{Error, Failure, Refused};
use crate::migrate::{MIGRATIONS, known, migrate, schema_of};
use crate::recall::Recall;
use crate::sealed::Keyring;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a statement waits for another one's lock before it gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes connections to a [`Store`]'s database.
#[derive(Clone)]
pub struct Sessions {
    /// The file, or the whole URL: never shown.
    url: String,
    keys: Keyring,
}

impl Sessions {
    /// A connection that writes.
    pub fn open(&self) -> Result<Session, Failure> {
        if is_postgres(&self.url) {
            return Ok(self.session(Db::connect(&self.url)?));
        }
        let failed = |error| Failure::of_database(&self.url, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.url, flags).map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        let db = Db::new(connection, self.url.clone());
        prepare_to_write(&db)?;
        Ok(self.session(db))
    }

    fn session(&self, mut db: Db) -> Session {
        db.keys = self.keys.clone();
        Session { db }
    }

    /// Read the keys of sensitive attributes anew, where they were needed before: another process may have made one.
    pub fn reload_keys(&self) -> Result<(), Failure> {
        self.keys.reload_used()
    }

    /// A store over the same rows, for whoever keeps them by way of one. On SQLite it writes under the right of the
    /// store these sessions come from, and must not outlive it.
    pub fn store(&self) -> Result<Store, Failure> {
        let db = self.open()?.db;
        Ok(Store { db, recall: Recall::default(), url: self.url.clone(), _lock: None })
    }

    /// A connection that only reads.
    pub fn open_read_only(&self) -> Result<Session, Failure> {
        let db = if is_postgres(&self.url) { reader(&self.url)? } else { standing(Path::new(&self.url))? };
        Ok(self.session(db))
    }
}

/// One more connection of a [`Store`], for the thread that has it.
pub struct Session {
    pub(crate) db: Db,
}

impl Session {
    /// Where the rows are, for messages.
    pub fn path(&self) -> &str {
        self.db.path()
    }

    /// Whether several sessions may write at once.
    pub fn has_many_writers(&self) -> bool {
        self.db.is_postgres()
    }

    /// Leave the folding back of SQLite's log to another session, see [`Session::fold_back`], until it is four times as
    /// long as usual: whoever records does not stop for it. Answers whether there is such a log: PostgreSQL looks after
    /// its own.
    pub fn leave_folding(&self) -> Result<bool, Failure> {
        if self.db.is_postgres() {
            return Ok(false);
        }
        let pages = 4 * LOG_PAGES;
        let bytes = pages * 4096;
        self.db
            .run_all(&format!("pragma wal_autocheckpoint = {pages}; pragma journal_size_limit = {bytes}"))?;
        Ok(true)
    }

    /// Fold SQLite's log back into the database, as far as nobody still reads from it, where it has grown long; others
    /// write meanwhile. For a session of its own thread.
    pub fn fold_back(&self) -> Result<(), Failure> {
        let lengths = |row: &Row<'_>| Ok((row.int(1)?, row.int(2)?));
        let (written, folded) =
            self.db.first("pragma wal_checkpoint(noop)", &[], lengths)?.unwrap_or_default();
        if written - folded >= LOG_PAGES {
            self.db.first("pragma wal_checkpoint(passive)", &[], |_| Ok(()))?;
        }
        Ok(())
    }

    /// The same with the keys that seal sensitive attributes.
    pub fn with_keys(mut self, keys: Keyring) -> Session {
        self.db.keys = keys;
        self
    }

    /// Let a statement fail as a broken disk would, after `statements` more; `None` takes that back. For tests that
    /// ask what is left when storage fails at any point.
    pub fn fail_after(&self, statements: Option<u64>) {
        self.db.fail_after(statements);
    }

    /// Run any statement, past everything that guards the rows. For tests that ask whether damage is found.
    pub fn damage(&self, sql: &str) -> Result<(), Failure> {
        self.db.run_all(sql)
    }
}

/// The rows of one shop.
pub struct Store {
    pub(crate) db: Db,
    pub(crate) recall: Recall,
    /// The file, or the whole URL: never shown.
    url: String,
    // Held as long as the store lives; the system lets go of it even when the process is killed.
    _lock: Option<File>,
}

impl Store {
    /// Open for writing, create what is missing, and bring an older schema forward. `path_or_url` is a file,
    /// `sqlite:PATH` or `postgres://USER@HOST/DATABASE`. On SQLite one process at a time: a second one fails with
    /// [`Failure::Busy`].
    pub fn open(path_or_url: &str, now_micros: i64) -> Result<Store, Error> {
        if is_postgres(path_or_url) {
            let mut db = Db::connect(path_or_url)?;
            migrate(&mut db, MIGRATIONS, now_micros)?;
            return Ok(Store { db, recall: Recall::default(), url: path_or_url.to_owned(), _lock: None });
        }
        let path = sqlite_path(path_or_url)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        make_private_folder(folder).map_err(|error| Failure::of_files(&shown(folder), error))?;
        let lock = lock(&path, folder)?;
        make_private_file(&path).map_err(|error| Failure::of_files(&shown(folder), error))?;

        let name = shown(&path);
        let failed = |error| Failure::of_database(&name, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        let mut db = Db::new(connection, name.clone());
        // Before the first pragma that writes: a foreign or a newer database stays as it is.
        schema_of(&db, known())?;
        prepare_to_write(&db)?;
        migrate(&mut db, MIGRATIONS, now_micros)?;
        Ok(Store { db, recall: Recall::default(), url: name, _lock: Some(lock) })
    }

    /// Open for reading, also while another process writes. Changes nothing: every method that writes fails with
    /// [`Failure::ReadOnly`].
    pub fn open_read_only(path_or_url: &str) -> Result<Store, Error> {
        if is_postgres(path_or_url) {
            return Ok(Store {
                db: reader(path_or_url)?,
                recall: Recall::default(),
                url: path_or_url.to_owned(),
                _lock: None,
            });
        }
        let path = sqlite_path(path_or_url)?;
        let name = shown(&path);
        if !path.try_exists().map_err(|error| Failure::of_files(&name, error))? {
            return Err(Failure::Missing { path: name }.into());
        }
        let db = standing(&path)?;
        require_schema(&db)?;
        Ok(Store { db, recall: Recall::default(), url: name, _lock: None })
    }

    /// The same with the keys that seal sensitive attributes; its sessions have them too.
    pub fn with_keys(mut self, keys: Keyring) -> Store {
        self.db.keys = keys;
        self
    }

    /// What makes further connections to the same database, one for each thread that works. On SQLite they write under
    /// this store's right to write, one transaction at a time, and must not outlive it.
    pub fn sessions(&self) -> Sessions {
        Sessions { url: self.url.clone(), keys: self.db.keys.clone() }
    }

    /// Where the rows are, for messages.
    pub fn path(&self) -> &str {
        self.db.path()
    }

    /// Schema of the database: the number of its newest migration.
    pub fn schema_version(&self) -> Result<i64, Failure> {
        schema_of(&self.db, i64::MAX)
    }
}

pub(crate) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// A file as it stands, if there is one, and whether it and its folder may be written.
pub(crate) fn for_looking(path_or_url: &str) -> Result<(Option<Db>, bool), Error> {
    let path = sqlite_path(path_or_url)?;
    let name = shown(&path);
    let may_write = |path: &Path| path.metadata().is_ok_and(|meta| !meta.permissions().readonly());
    if !path.try_exists().map_err(|error| Failure::of_files(&name, error))? {
        // The nearest folder there is: those below it would be made.
        let folder = path.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
        return Ok((None, may_write(folder)));
    }
    Ok((Some(standing(&path)?), may_write(&path)))
}

/// A connection to PostgreSQL that may not write.
fn reader(url: &str) -> Result<Db, Failure> {
    let db = Db::connect(url)?;
    db.run_all("set default_transaction_read_only = on")?;
    require_schema(&db)?;
    Ok(db)
}

fn require_schema(db: &Db) -> Result<(), Failure> {
    let (found, known) = (schema_of(db, known())?, known());
    if found < known {
        return Err(Failure::Older { path: db.path().to_owned(), found, known });
    }
    Ok(())
}

/// A file to read, also where nothing beside it can be written.
fn standing(path: &Path) -> Result<Db, Failure> {
    match read_only(path, "") {
        // A folder we cannot write to has no place for the index of the write-ahead log. Where there is no log
        // either, nobody is writing and the file can be read as it stands.
        Err(Failure::Io { .. } | Failure::ReadOnly { .. }) if !beside(path, "-wal").exists() => {
            read_only(path, "?immutable=1")
        }
        other => other,
    }
}

fn read_only(path: &Path, options: &str) -> Result<Db, Failure> {
    let name = shown(path);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let failed = |error| Failure::of_database(&name, error);
    let connection = Connection::open_with_flags(uri(path) + options, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let db = Db::new(connection, name.clone());
    // SQLite opens lazily: the first read tells whether there is something to read.
    db.int("select count(*) from sqlite_master", &[])?;
    Ok(db)
}

/// Pages of 4 KiB in SQLite's log before it is folded back: an import writes in long strides.
const LOG_PAGES: i64 = 16_000;

/// The settings a writer works under. Nothing here has a counterpart in PostgreSQL's SQL.
fn prepare_to_write(db: &Db) -> Result<(), Failure> {
    let mode = db.first("pragma journal_mode = wal", &[], |row| Ok(row.text(0)?.to_owned()))?;
    if mode.as_deref() != Some("wal") {
        let detail =
            "the file system has no shared memory, as on some network folders: use a local one with --data";
        return Err(Failure::Io { path: db.path().to_owned(), source: detail.into() });
    }
    // full: an answered commit survives a power cut. secure_delete: what is erased is overwritten, not just
    // unlinked.
    db.run_all(&format!(
        "pragma synchronous = full;
         pragma foreign_keys = on;
         pragma secure_delete = on;
         pragma temp_store = memory;
         pragma cache_size = -131072;
         pragma wal_autocheckpoint = {LOG_PAGES};
         pragma journal_size_limit = {};",
        LOG_PAGES * 4096
    ))
}

/// The file behind a path or a `sqlite:` URL.
fn sqlite_path(path_or_url: &str) -> Result<PathBuf, Refused> {
    if let Some(rest) = path_or_url.strip_prefix("sqlite:") {
        return Ok(PathBuf::from(rest.strip_prefix("//").unwrap_or(rest)));
    }
    match path_or_url.split_once("://") {
        Some((scheme, _)) => Err(Refused::UnsupportedDatabase(scheme.to_owned())),
        None => Ok(PathBuf::from(path_or_url)),
    }
}

/// Make a folder that nobody but its owner looks into. One that is there stays as it is.
fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Make a file that nobody but its owner reads, where there is none: it will hold names and numbers of people. SQLite
/// gives the files beside it the same rights.
fn make_private_file(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Take the one right to write. It is a lock on a file beside the database and not on the database, whose own locks
/// come and go with each statement.
fn lock(path: &Path, folder: &Path) -> Result<File, Failure> {
    let beside = beside(path, ".lock");
    let failed = |error| Failure::of_files(&shown(folder), error);
    let file = File::options().create(true).truncate(false).write(true).open(&beside).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure::Busy { folder: shown(folder) }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// `file:` URI of a path, with the signs that mean something in a URI written as `%xx`.
fn uri(path: &Path) -> String {
    let text = shown(path);
    let slashed = if cfg!(windows) { format!("/{}", text.replace('\\', "/")) } else { text };
    let mut uri = String::from("file:");
    for sign in slashed.chars() {
        match sign {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            _ => uri.push(sign),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, refused};

    #[test]
    fn paths_and_urls() {
        for (given, path) in [
            ("state.sqlite", Some("state.sqlite")),
            ("/data/state.sqlite", Some("/data/state.sqlite")),
            ("sqlite:state.sqlite", Some("state.sqlite")),
            ("sqlite://state.sqlite", Some("state.sqlite")),
            ("sqlite:///data/state.sqlite", Some("/data/state.sqlite")),
            ("mysql://host/shop", None),
        ] {
            assert_eq!(sqlite_path(given).ok(), path.map(PathBuf::from), "{given}");
        }
    }

    #[test]
    fn another_database_is_refused_without_telling_its_password() {
        let message = refused(Store::open("mysql://ana:secret@host/shop", NOW)).to_string();
        assert!(message.starts_with("databases of the kind 'mysql' are not supported"), "{message}");
        assert!(message.contains("or give sqlite:PATH or postgres://USER@HOST/DATABASE"), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }

    #[test]
    fn one_writes_many_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/state #1?.sqlite").display().to_string();
        assert!(matches!(Store::open_read_only(&path), Err(Error::Failure(Failure::Missing { .. }))));

        let mut writer = Store::open(&path, NOW).unwrap();
        let second = Store::open(&path, NOW).err().expect("the lock is taken");
        assert!(second.to_string().starts_with("another perennial is working in this folder"), "{second}");

        let reader = Store::open_read_only(&path).unwrap();
        writer.save_setting("shop", "Corner Shop", NOW).unwrap();
        assert_eq!(reader.find_setting("shop").unwrap().as_deref(), Some("Corner Shop"));
        assert_eq!(reader.schema_version().unwrap(), known());

        let mut other = Store::open_read_only(&path).unwrap();
        let failure = other.save_setting("shop", "Another", NOW).unwrap_err();
        assert!(matches!(failure, Error::Failure(Failure::ReadOnly { .. })), "{failure}");

        drop(writer);
        let again = Store::open(&path, NOW).unwrap();
        assert_eq!(again.find_setting("shop").unwrap().as_deref(), Some("Corner Shop"));
    }

    #[test]
    fn a_file_that_is_no_database_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.csv");
        let text = "customer,date,total\n".repeat(100);
        fs::write(&path, &text).unwrap();
        for answer in [Store::open(&shown(&path), NOW), Store::open_read_only(&shown(&path))] {
            let error = answer.err().expect("not a database");
            assert!(matches!(error, Error::Failure(Failure::Damaged { .. })), "{error}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn a_long_log_is_folded_back_beside_the_one_that_writes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&shown(&folder.path().join("state.db")), NOW).unwrap();
        let (mut writer, folder) = (store.sessions().open().unwrap(), store.sessions().open().unwrap());
        assert!(writer.leave_folding().unwrap());
        let waiting = |session: &Session| {
            let lengths = |row: &Row<'_>| Ok(row.int(1)? - row.int(2)?);
            session.db.first("pragma wal_checkpoint(noop)", &[], lengths).unwrap().unwrap()
        };
        let long = "x".repeat(4 << 20);
        let mut wrote = |name: &str| {
            let written: Result<(), Failure> = writer.write(|writing| writing.put_setting(name, &long, NOW));
            written.unwrap();
        };
        wrote("a little");
        folder.fold_back().unwrap();
        assert!(waiting(&folder) > 1_000, "a short log is left alone");
        (0..16).for_each(|number| wrote(&format!("much {number}")));
        assert!(waiting(&folder) > LOG_PAGES, "the writer does not stop for it");
        folder.fold_back().unwrap();
        assert_eq!(waiting(&folder), 0);
        assert_eq!(folder.read().find_setting("much 15").unwrap(), Some(long));
    }

    #[test]
    fn a_folder_in_place_of_the_file_is_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let error = Store::open(&shown(folder.path()), NOW).err().expect("a folder is no file");
        assert!(matches!(error, Error::Failure(Failure::Io { .. })), "{error}");
    }

    #[test]
    fn an_older_schema_is_not_read_as_if_it_were_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = shown(&folder.path().join("state.sqlite"));
        let mut db = Db::new(Connection::open(&path).unwrap(), path.clone());
        migrate(&mut db, &MIGRATIONS[..1], NOW).unwrap();
        drop(db);
        let error = Store::open_read_only(&path).err().expect("too old to read");
        assert!(matches!(error, Error::Failure(Failure::Older { found: 1, .. })), "{error}");
        drop(Store::open(&path, NOW).unwrap());
        assert_eq!(Store::open_read_only(&path).unwrap().schema_version().unwrap(), known());
    }

    #[test]
    fn a_full_disk_fails_and_keeps_what_was_answered() {
        let folder = tempfile::tempdir().unwrap();
        let path = shown(&folder.path().join("state.sqlite"));
        let mut store = Store::open(&path, NOW).unwrap();
        store.save_setting("shop", "Corner Shop", NOW).unwrap();
        // The same error as a full disk gives, from a limit on the size of the file.
        let pages = store.db.int("pragma page_count", &[]).unwrap();
        store.db.int(&format!("pragma max_page_count = {pages}"), &[]).unwrap();
        let failure = store.save_setting("long", &"x".repeat(1_000_000), NOW).unwrap_err();
        assert!(matches!(failure, Error::Failure(Failure::DiskFull { .. })), "{failure}");
        store.db.int("pragma max_page_count = 1073741823", &[]).unwrap();
        store.save_setting("long", "x", NOW).unwrap();
        assert_eq!(store.find_setting("shop").unwrap().as_deref(), Some("Corner Shop"));
        assert_eq!(store.verify().unwrap(), []);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_made_is_its_owners_alone_and_what_was_there_stays_as_it_is() {
        use std::os::unix::fs::PermissionsExt;
        let rights = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/shop/state.db");
        let mut store = Store::open(&shown(&path), NOW).unwrap();
        store.save_setting("shop", "Corner Shop", NOW).unwrap();
        for beside in ["-wal", "-shm"] {
            assert_eq!(rights(&super::beside(&path, beside)), 0o600, "{beside}");
        }
        assert_eq!((rights(&path), rights(path.parent().unwrap())), (0o600, 0o700));
        drop(store);

        // Whoever has opened it to others meant it.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        drop(Store::open(&shown(&path), NOW).unwrap());
        assert_eq!(rights(&path), 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_without_the_right_to_write() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = shown(&folder.path().join("state.sqlite"));
        Store::open(&path, NOW).unwrap().save_setting("shop", "Corner Shop", NOW).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        fs::remove_file(beside(Path::new(&path), ".lock")).ok();
        // The superuser may write wherever it likes; what must hold for everybody else holds there too: reading works.
        let may_write = fs::write(folder.path().join("probe"), "").is_ok();
        assert_eq!(
            Store::open_read_only(&path).unwrap().find_setting("shop").unwrap().as_deref(),
            Some("Corner Shop")
        );
        match Store::open(&shown(&folder.path().join("other.sqlite")), NOW) {
            Ok(_) => assert!(may_write),
            Err(error) => assert!(matches!(error, Error::Failure(Failure::ReadOnly { .. })), "{error}"),
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    }
}
