//! Imports: a record of each run, and the order of steps that makes a crash at any moment harmless.
//!
//! `started` → `prepared` → `done`, or `started` → `refused`. What an import will do to the lake is durable here before
//! the lake is touched; the lake then carries it out under the import's id, as often as needed; the row that says
//! `done` and the versions that make it visible are one transaction. Whatever is `prepared` when the program starts is
//! rolled forward.

use crate::db::{Db, Row, Value};
use crate::failure::{Error, Failure, Refused};
use crate::open::Store;
use domain::Id;
use domain::fact::Table;
use domain::port::Prepared;
use serde::Serialize;
use serde_json::Value as Json;

/// A file that an import read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportFile {
    /// Its name; `-` for standard input.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Hash of its content, as text.
    pub hash: String,
}

/// An import about to begin.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// Its id; made of the files' content, so that the same files are the same import.
    pub id: Id,
    /// `orders`, `customers`, `returns`, …
    pub kind: String,
    /// The shop or system the files come from.
    pub source: String,
    /// The files, in the order read.
    pub files: Vec<ImportFile>,
    /// Which column plays which role.
    pub mapping: Json,
    /// What was detected: delimiter, encoding, date order, …
    pub detected: Json,
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Being read; nothing of it is in the lake.
    Started,
    /// Read to the end; to be carried out, after a crash too.
    Prepared,
    /// In the lake and visible.
    Done,
    /// Ended without effect.
    Refused,
}

impl ImportState {
    const ALL: [ImportState; 4] =
        [ImportState::Started, ImportState::Prepared, ImportState::Done, ImportState::Refused];

    /// The word in the database and on pages.
    pub const fn name(self) -> &'static str {
        match self {
            ImportState::Started => "started",
            ImportState::Prepared => "prepared",
            ImportState::Done => "done",
            ImportState::Refused => "refused",
        }
    }
}

/// The record of an import.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Import {
    /// Its id.
    pub id: Id,
    /// What the files hold.
    pub kind: String,
    /// The shop or system they come from.
    pub source: String,
    /// How far it has come.
    pub state: ImportState,
    /// The files, in the order read.
    pub files: Vec<ImportFile>,
    /// Which column plays which role.
    pub mapping: Json,
    /// What was detected.
    pub detected: Json,
    /// What came of it: rows read, accepted, rejected, …; null while it is being read.
    pub summary: Json,
    /// When it began, in microseconds since 1970.
    pub started_at: i64,
    /// When it was done or refused.
    pub ended_at: Option<i64>,
}

impl crate::open::Session {
    /// All imports, the newest first.
    pub fn list_imports(&self) -> Result<Vec<Import>, Failure> {
        list(&self.db)
    }
}

fn list(db: &Db) -> Result<Vec<Import>, Failure> {
    let sql = format!("{IMPORT} order by started_at desc, id desc");
    let mut imports = db.rows(&sql, &[], read)?;
    imports.iter_mut().try_for_each(|import| read_files(db, import))?;
    Ok(imports)
}

impl Store {
    /// Begin an import, or meet it again: answers its record as it stands afterwards. One that was left `started` or
    /// `refused` begins anew, with the mapping given now and the time of its first beginning; one that is `prepared`
    /// or `done` stays as it is.
    pub fn start_import(&mut self, new: &NewImport, now_micros: i64) -> Result<Import, Error> {
        if new.files.is_empty() {
            return Err(Refused::NoFiles(new.id).into());
        }
        let id = new.id.to_string();
        let (mapping, detected) = (new.mapping.to_string(), new.detected.to_string());
        let sql = "insert into import (id, kind, source, state, mapping, detected, started_at)
             values ($1, $2, $3, 'started', $4, $5, $6)
             on conflict (id) do update set
                 kind = excluded.kind, source = excluded.source, state = 'started', mapping = excluded.mapping,
                 detected = excluded.detected, summary = null, ended_at = null
             where import.state in ('started', 'refused')";
        self.db.transaction(|db| {
            let values =
                [&id, &new.kind, &new.source, &mapping, &detected].map(Value::from).into_iter().chain([now_micros.into()]);
            if db.run_each(sql, 6, values)? == 1 {
                db.run("delete from import_file where import_id = $1", &[(&id).into()])?;
                let sql = "insert into import_file (import_id, place, name, bytes, hash) values ($1, $2, $3, $4, $5)";
                let files = (0..).zip(&new.files).flat_map(|(place, file)| -> [Value<'_>; 5] {
                    let bytes = i64::try_from(file.bytes).unwrap_or(i64::MAX);
                    [(&id).into(), Value::Int(place), (&file.name).into(), bytes.into(), (&file.hash).into()]
                });
                db.run_each(sql, 5, files)?;
            }
            Ok(find(db, new.id)?.expect("inserted or there before"))
        })
    }

    /// Make durable what an import will do to the lake, before the lake is touched, with the summary to be shown when
    /// it is done. Again with the same plan changes nothing.
    pub fn prepare_import(&mut self, prepared: &Prepared, summary: &Json) -> Result<(), Error> {
        let plan = serde_json::to_string(prepared).expect("plain data becomes JSON");
        let summary = summary.to_string();
        self.step(prepared.import, "prepared", |db, id| {
            let sql = "update import set state = 'prepared', prepared = $2, summary = $3
                 where id = $1 and (state = 'started' or (state = 'prepared' and prepared = $2))";
            db.run(sql, &[id.into(), (&plan).into(), (&summary).into()])
        })
    }

    /// Say that the lake has carried an import out, and show its tables at `versions`, all at once. Again changes
    /// nothing. A version never moves back: an import completed late does not hide what came after it.
    pub fn complete_import(
        &mut self,
        import: Id,
        versions: &[(Table, u64)],
        now_micros: i64,
    ) -> Result<(), Error> {
        self.step(import, "completed", |db, id| {
            let sql = "update import set state = 'done', prepared = null, ended_at = $2 where id = $1 and state = 'prepared'";
            let changed = db.run(sql, &[id.into(), now_micros.into()])?;
            if changed == 1 {
                move_versions(db, Some(id), versions, now_micros)?;
                return Ok(1);
            }
            Ok(u64::from(db.int("select count(*) from import where id = $1 and state = 'done'", &[id.into()])? == 1))
        })
    }

    /// Keep what an import counted, to be shown in reports. The import's state stays what it is.
    pub fn save_import_summary(&mut self, import: Id, summary: &Json) -> Result<(), Error> {
        let summary = summary.to_string();
        self.step(import, "summarised", |db, id| {
            db.run("update import set summary = $2 where id = $1", &[id.into(), (&summary).into()])
        })
    }

    /// End an import without effect, with the reasons. Again changes the reasons.
    pub fn refuse_import(&mut self, import: Id, summary: &Json, now_micros: i64) -> Result<(), Error> {
        let summary = summary.to_string();
        self.step(import, "refused", |db, id| {
            let sql = "update import set state = 'refused', summary = $2, ended_at = $3
                 where id = $1 and state in ('started', 'refused')";
            db.run(sql, &[id.into(), (&summary).into(), now_micros.into()])
        })
    }

    /// The plans that were made and not seen through, oldest first: carry each out and complete it.
    pub fn unfinished_imports(&self) -> Result<Vec<Prepared>, Failure> {
        let sql = "select prepared from import where state = 'prepared' order by started_at, id";
        self.db.rows(sql, &[], |row| row.parsed(0, |text| serde_json::from_str(text).ok()))
    }

    /// The record of an import.
    pub fn find_import(&self, import: Id) -> Result<Option<Import>, Failure> {
        find(&self.db, import)
    }

    /// The records of all imports, the newest first.
    pub fn list_imports(&self) -> Result<Vec<Import>, Failure> {
        list(&self.db)
    }

    /// The imports that read a file with that content, oldest first.
    pub fn imports_of_file(&self, hash: &str) -> Result<Vec<Id>, Failure> {
        let sql = "select distinct import.id, import.started_at from import
             join import_file on import_file.import_id = import.id
             where import_file.hash = $1 order by import.started_at, import.id";
        self.db.rows(sql, &[hash.into()], |row| row.id(0))
    }

    /// The version of each table of the lake that may be shown; tables never written are left out.
    pub fn lake_versions(&self) -> Result<Vec<(Table, u64)>, Failure> {
        lake_versions(&self.db)
    }

    /// Show tables of the lake at later versions that hold the same facts, as after compaction.
    pub fn move_lake_versions(&mut self, versions: &[(Table, u64)], now_micros: i64) -> Result<(), Error> {
        self.db.transaction(|db| Ok(move_versions(db, None, versions, now_micros)?))
    }

    /// One step of an import: `act` answers 0 where the import is not in a state for it.
    fn step(
        &mut self,
        import: Id,
        step: &'static str,
        act: impl FnOnce(&Db, &str) -> Result<u64, Failure>,
    ) -> Result<(), Error> {
        self.db.transaction(|db| {
            if act(db, &import.to_string())? == 0 {
                let found = find(db, import)?.ok_or(Refused::UnknownImport(import))?;
                return Err(Refused::WrongState { import, state: found.state.name(), step }.into());
            }
            Ok(())
        })
    }
}

const IMPORT: &str = "select id, kind, source, state, mapping, detected, coalesce(summary, 'null'), started_at, ended_at from import";

fn find(db: &Db, import: Id) -> Result<Option<Import>, Failure> {
    let found = db.first(&format!("{IMPORT} where id = $1"), &[(&import.to_string()).into()], read)?;
    found
        .map(|mut import| {
            read_files(db, &mut import)?;
            Ok(import)
        })
        .transpose()
}

fn read(row: &Row<'_>) -> Result<Import, Failure> {
    let json = |at| row.parsed(at, |text| serde_json::from_str(text).ok());
    Ok(Import {
        id: row.id(0)?,
        kind: row.text(1)?.to_owned(),
        source: row.text(2)?.to_owned(),
        state: row.parsed(3, |name| ImportState::ALL.into_iter().find(|state| state.name() == name))?,
        files: Vec::new(),
        mapping: json(4)?,
        detected: json(5)?,
        summary: json(6)?,
        started_at: row.int(7)?,
        ended_at: row.maybe_int(8)?,
    })
}

fn read_files(db: &Db, import: &mut Import) -> Result<(), Failure> {
    let sql = "select name, bytes, hash from import_file where import_id = $1 order by place";
    import.files = db.rows(sql, &[(&import.id.to_string()).into()], |row| {
        let (name, hash) = (row.text(0)?.to_owned(), row.text(2)?.to_owned());
        Ok(ImportFile { name, bytes: row.int(1)? as u64, hash })
    })?;
    Ok(())
}

pub(crate) fn lake_versions(db: &Db) -> Result<Vec<(Table, u64)>, Failure> {
    let sql = "select table_name, version from lake_version order by table_name";
    db.rows(sql, &[], |row| {
        let table = row.parsed(0, |name| Table::ALL.into_iter().find(|table| table.name() == name))?;
        Ok((table, row.int(1)? as u64))
    })
}

pub(crate) fn move_versions(
    db: &Db,
    import: Option<&str>,
    versions: &[(Table, u64)],
    now_micros: i64,
) -> Result<(), Failure> {
    let sql = "insert into lake_version (table_name, version, import_id, moved_at) values ($1, $2, $3, $4)
         on conflict (table_name) do update set
             version = excluded.version, moved_at = excluded.moved_at,
             import_id = coalesce(excluded.import_id, lake_version.import_id)
         where excluded.version > lake_version.version";
    let values = versions.iter().flat_map(|(table, version)| -> [Value<'_>; 4] {
        let version = i64::try_from(*version).expect("a lake has fewer than 2^63 versions");
        [table.name().into(), version.into(), import.into(), now_micros.into()]
    });
    db.run_each(sql, 4, values)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, import_id, new_import, refused, shop};
    use domain::port::PreparedTable;
    use serde_json::json;

    fn plan(import: u128, actions: &str) -> Prepared {
        let table = PreparedTable {
            table: Table::Lines,
            rows_new: 3,
            rows_known: 1,
            contradictions: vec![2],
            actions: actions.to_owned(),
        };
        Prepared { import: import_id(import), tables: vec![table] }
    }

    /// Each line: a step, the number of the import, what else the step needs; then `=` and the states of imports 1 and
    /// 2 and the version of the lines shown, or the beginning of the refusal.
    fn check(story: &str) {
        let mut shop = shop();
        for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (asked, expected) = line.split_once(" = ").unwrap();
            let words: Vec<&str> = asked.split_whitespace().collect();
            let number: u128 = words[1].parse().unwrap();
            let id = import_id(number);
            let answer = match words[0] {
                "start" => shop.start_import(&new_import(number), NOW + number as i64).map(|_| ()),
                "prepare" => shop.prepare_import(&plan(number, words[2]), &json!({ "rows": 4 })),
                "complete" => shop.complete_import(id, &[(Table::Lines, words[2].parse().unwrap())], NOW + 9),
                "refuse" => shop.refuse_import(id, &json!({ "reason": words[2] }), NOW + 9),
                other => panic!("no step {other}"),
            };
            let got = match answer {
                Err(error) => error.to_string().replace(&id.to_string(), "it"),
                Ok(()) => {
                    let state = |number| match shop.find_import(import_id(number)).unwrap() {
                        Some(import) => import.state.name(),
                        None => "-",
                    };
                    let version = shop.lake_versions().unwrap().first().map_or(0, |(_, version)| *version);
                    format!("{} {} {version}", state(1), state(2))
                }
            };
            assert_eq!(got.split_whitespace().collect::<Vec<_>>().join(" "), expected.trim(), "{line}");
        }
        assert_eq!(shop.verify().unwrap(), []);
    }

    #[test]
    fn an_import_goes_through_its_states() {
        check(
            "
            start    1             = started - 0
            complete 1 5           = import it is started: it cannot be completed
            start    1             = started - 0
            prepare  1 add-a       = prepared - 0
            prepare  1 add-a       = prepared - 0
            prepare  1 add-b       = import it is prepared: it cannot be prepared
            refuse   1 late        = import it is prepared: it cannot be refused
            start    1             = prepared - 0
            start    2             = prepared started 0
            prepare  2 add-c       = prepared prepared 0
            complete 2 6           = prepared done 6
            complete 1 5           = done done 6
            complete 2 6           = done done 6
            complete 2 9           = done done 6
            prepare  2 add-c       = import it is done: it cannot be prepared
            refuse   2 late        = import it is done: it cannot be refused
            start    2             = done done 6
            prepare  3 add         = import it does not exist
            complete 3 1           = import it does not exist
            refuse   3 x           = import it does not exist
            ",
        );
    }

    #[test]
    fn a_refused_import_may_begin_anew() {
        check(
            "
            start    1             = started - 0
            refuse   1 no-dates    = refused - 0
            refuse   1 no-money    = refused - 0
            prepare  1 add         = import it is refused: it cannot be prepared
            complete 1 4           = import it is refused: it cannot be completed
            start    1             = started - 0
            prepare  1 add         = prepared - 0
            complete 1 4           = done - 4
            ",
        );
    }

    #[test]
    fn what_was_prepared_is_found_again_to_the_letter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.sqlite").display().to_string();
        let mut shop = Store::open(&path, NOW).unwrap();
        for number in [2, 1] {
            shop.start_import(&new_import(number), NOW + number as i64).unwrap();
            shop.prepare_import(&plan(number, "{\"add\": \"đường\"}"), &json!({ "rows": 4 })).unwrap();
        }
        drop(shop);
        let mut shop = Store::open(&path, NOW).unwrap();
        assert_eq!(
            shop.unfinished_imports().unwrap(),
            [plan(1, "{\"add\": \"đường\"}"), plan(2, "{\"add\": \"đường\"}")]
        );
        shop.complete_import(import_id(1), &[(Table::Lines, 1)], NOW + 5).unwrap();
        assert_eq!(shop.unfinished_imports().unwrap().len(), 1);
        let done = shop.find_import(import_id(1)).unwrap().unwrap();
        assert_eq!((done.summary, done.ended_at), (json!({ "rows": 4 }), Some(NOW + 5)));
    }

    #[test]
    fn the_record_says_what_was_read_and_how() {
        let mut shop = shop();
        let new = new_import(1);
        let first = shop.start_import(&new, NOW).unwrap();
        assert_eq!(
            (&first.files, &first.mapping, &first.detected),
            (&new.files, &new.mapping, &new.detected)
        );
        assert_eq!((first.summary, first.started_at, first.ended_at), (Json::Null, NOW, None));
        let other = NewImport { mapping: json!({ "customer": 2 }), ..new.clone() };
        let again = shop.start_import(&other, NOW + 7).unwrap();
        assert_eq!((again.mapping, again.started_at), (json!({ "customer": 2 }), NOW));
        shop.start_import(&new_import(2), NOW + 8).unwrap();
        let listed: Vec<Id> = shop.list_imports().unwrap().iter().map(|import| import.id).collect();
        assert_eq!(listed, [import_id(2), import_id(1)]);
        assert_eq!(shop.imports_of_file("hash-1").unwrap(), [import_id(1)]);
        assert_eq!(shop.imports_of_file("never").unwrap(), []);
        assert_eq!(
            refused(shop.start_import(&NewImport { files: vec![], ..new }, NOW)),
            Refused::NoFiles(import_id(1))
        );
    }

    #[test]
    fn compaction_moves_versions_forward_only() {
        let mut shop = shop();
        for (asked, shown) in [(3, 3), (2, 3), (4, 4)] {
            shop.move_lake_versions(&[(Table::Lines, asked), (Table::Returns, 1)], NOW).unwrap();
            assert_eq!(shop.lake_versions().unwrap(), [(Table::Lines, shown), (Table::Returns, 1)]);
        }
    }
}
