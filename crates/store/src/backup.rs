//! All rows, taken from one database to another: from a live one to a file, and from a file to an empty one. One of
//! the two is SQLite, so that a backup of a server is a file that any machine can open, and a shop can move from one
//! engine to the other.

use crate::db::{Db, Held, Value};
use crate::failure::{Error, Failure};
use crate::open::{Session, Store};

/// How many rows are carried at once.
const ROWS_AT_ONCE: usize = 4096;

/// How many rows of which table.
pub type TableCounts = Vec<(String, u64)>;

impl Store {
    /// Fill this database with all rows of another, as of one instant there, in one transaction here. `told` hears the
    /// table and how many of its rows were carried.
    ///
    /// # Errors
    /// [`Failure::NotEmpty`] where there are rows here already; whatever either database says.
    pub fn fill_from(
        &mut self,
        from: &mut Session,
        told: &mut dyn FnMut(&str, u64),
    ) -> Result<TableCounts, Error> {
        let tables = tables(if self.db.is_postgres() { &from.db } else { &self.db })?;
        for (table, _) in &tables {
            if self
                .db
                .int(&format!("select count(*) from (select 1 from {table} limit 1) as one_row"), &[])?
                > 0
            {
                return Err(Failure::NotEmpty { path: self.path().to_owned(), table: table.clone() }.into());
            }
        }
        let counts = from.db.snapshot(|from| {
            self.db.transaction(|to| {
                let mut counts = Vec::new();
                for (table, columns) in &tables {
                    counts.push((table.clone(), carry(from, to, table, columns, told)?));
                }
                Ok::<_, Failure>(counts)
            })
        })?;
        self.recall.forget();
        Ok(counts)
    }

    /// End writing, and leave one file: what the write-ahead log holds is folded in, and the files beside it go. On
    /// PostgreSQL there is nothing to do.
    pub fn into_one_file(self) -> Result<(), Failure> {
        if self.db.is_postgres() {
            return Ok(());
        }
        let path = self.path().to_owned();
        self.db.first("pragma wal_checkpoint(truncate)", &[], |_| Ok(()))?;
        self.db.first("pragma journal_mode = delete", &[], |_| Ok(()))?;
        drop(self);
        match std::fs::remove_file(format!("{path}.lock")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::of_files(&path, error))
            }
            _ => Ok(()),
        }
    }
}

/// The tables of a database in SQLite, in the order in which they were made, each with its columns. A table comes
/// after those it refers to, because it was made after them.
fn tables(db: &Db) -> Result<Vec<(String, Vec<String>)>, Failure> {
    let sql = "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'
         and name <> 'schema_version' order by rowid";
    let names = db.rows(sql, &[], |row| row.string(0))?;
    let columns = "select name from pragma_table_info($1) order by cid";
    names
        .into_iter()
        .map(|name| {
            let columns = db.rows(columns, &[(&name).into()], |row| row.string(0))?;
            Ok((name, columns))
        })
        .collect()
}

fn carry(
    from: &Db,
    to: &Db,
    table: &str,
    columns: &[String],
    told: &mut dyn FnMut(&str, u64),
) -> Result<u64, Failure> {
    let width = columns.len();
    let list = columns.join(", ");
    let places: Vec<String> = (1..=width).map(|place| format!("${place}")).collect();
    let insert = format!("insert into {table} ({list}) values ({})", places.join(", "));
    let mut cells: Vec<Held> = Vec::with_capacity(width * ROWS_AT_ONCE);
    let mut carried = 0;
    let mut put = |cells: &mut Vec<Held>| -> Result<(), Failure> {
        if cells.is_empty() {
            return Ok(());
        }
        to.run_each(&insert, width, cells.iter().map(Value::from))?;
        carried += (cells.len() / width) as u64;
        cells.clear();
        told(table, carried);
        Ok(())
    };
    from.for_each(&format!("select {list} from {table}"), &[], |row| {
        for at in 0..width {
            cells.push(row.cell(at)?);
        }
        if cells.len() >= width * ROWS_AT_ONCE { put(&mut cells) } else { Ok(()) }
    })?;
    put(&mut cells)?;
    Ok(carried)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, chance, import, shop};

    #[test]
    fn all_rows_go_there_and_nothing_goes_twice() {
        let mut live = shop();
        let keys: Vec<String> = (0..5000).map(|key| format!("key-{key}")).collect();
        let texts: Vec<&str> = keys.iter().map(String::as_str).collect();
        live.resolve("till", "external_id", &texts, NOW, &mut chance(1)).unwrap();
        import(&mut live, 3);
        live.save_setting("shop", "Corner Shop", NOW).unwrap();

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.db").display().to_string();
        let mut copy = Store::open(&path, NOW).unwrap();
        let mut from = live.sessions().open_read_only().unwrap();
        let counts = copy.fill_from(&mut from, &mut |_, _| {}).unwrap();
        let count = |table: &str| counts.iter().find(|(name, _)| name == table).map(|(_, count)| *count);
        assert_eq!(
            (count("customer"), count("identifier"), count("import_file")),
            (Some(5000), Some(5000), Some(2))
        );
        assert_eq!(copy.verify().unwrap(), []);
        let again = copy.fill_from(&mut from, &mut |_, _| {}).unwrap_err();
        assert!(matches!(again, Error::Failure(Failure::NotEmpty { .. })), "{again}");
        copy.into_one_file().unwrap();
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        let mut copy = Store::open(&path, NOW).unwrap();
        assert_eq!(copy.find_setting("shop").unwrap().as_deref(), Some("Corner Shop"));
        let same = copy.resolve("till", "external_id", &texts[..3], NOW, &mut chance(9)).unwrap();
        assert_eq!(same, live.resolve("till", "external_id", &texts[..3], NOW, &mut chance(9)).unwrap());
    }
}
