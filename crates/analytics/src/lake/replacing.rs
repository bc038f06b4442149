//! Writing a seal: facts out of the log, appended, and the rows they take the place of, left out.
//!
//! The log has each fact once, so nothing is judged. What an order or a fact was before (an import's rows of it, or what
//! an earlier seal wrote) leaves the lake in the same commit: files with such rows are written again without them. Most
//! seals find none, and only append.

use super::staging::{Stage, StagedFile, Writer, adds_of, close_file, open_writer};
use super::{DeltaLake, damaged, read_file};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::{cast, filter_record_batch};
use datafusion::arrow::datatypes::DataType;
use datafusion::parquet::arrow::ProjectionMask;
use deltalake::kernel::{Action, Remove};
use deltalake::{ObjectStore, Path as StorePath};
use domain::column::{Batch, Column, Values};
use domain::fact::Table;
use domain::id::Id;
use domain::port::{Facts, Failure, Prepared, PreparedTable, Replacing, Staging};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A seal being written.
pub struct Replace {
    stage: Stage,
    gone: BTreeMap<Table, Gone>,
}

/// Whose rows leave the lake.
enum Gone {
    /// Orders: source, a zero byte, id.
    Orders(HashSet<String>),
    /// Facts.
    Keys(HashSet<u128>),
}

impl Replace {
    pub(super) fn start(lake: DeltaLake, seal: Id) -> Result<Replace, Failure> {
        Ok(Replace { stage: Stage::start_unjudged(lake, seal)?, gone: BTreeMap::new() })
    }
}

impl Replacing for Replace {
    fn write(&mut self, facts: Facts) -> Result<(), Failure> {
        let gone = self.gone.entry(facts.table).or_insert_with(|| Gone::of(facts.table));
        gone.add(&facts.instead_of);
        if facts.rows.rows() == 0 { Ok(()) } else { self.stage.write(facts.table, facts.rows) }
    }

    fn finish(mut self: Box<Self>) -> Result<Prepared, Failure> {
        let writer = self.stage.join()?;
        finish(writer, &self.gone)
    }
}

fn finish(writer: Writer, gone: &BTreeMap<Table, Gone>) -> Result<Prepared, Failure> {
    let (lake, scratch, seal) = (writer.lake, writer.scratch, writer.import);
    let runtime = Arc::clone(lake.runtime());
    let mut staged: BTreeMap<Table, Vec<StagedFile>> =
        writer.tables.into_iter().map(|(table, stage)| (table, stage.files)).collect();
    let mut tables = Vec::new();
    for (table, gone) in gone {
        let mut files = staged.remove(table).unwrap_or_default();
        let rows_new = files.iter().map(|file| file.rows).sum();
        let prefix = format!("part-{seal}-{:x}-without", writer.attempt);
        let (removed, rows_known) =
            runtime.block_on(leave_out(&lake, *table, gone, &prefix, &scratch, &mut files))?;
        let adds = runtime.block_on(adds_of(&lake, *table, &files))?;
        let actions: Vec<Action> = removed.into_iter().chain(adds.into_iter().map(Action::Add)).collect();
        let actions = serde_json::to_string(&actions)
            .map_err(|error| Failure::because("the plan of the seal cannot be written", error))?;
        tables.push(PreparedTable {
            table: *table,
            rows_new,
            rows_known,
            contradictions: Vec::new(),
            actions,
        });
    }
    // What is left over is ours alone and only costs space: a failure to remove it must not fail the seal.
    let _ = std::fs::remove_dir_all(&scratch);
    Ok(Prepared { import: seal, tables })
}

/// Write the files of a visible table that have rows of `gone` again without them. Answers which files go, and how many
/// rows that is.
async fn leave_out(
    lake: &DeltaLake,
    table: Table,
    gone: &Gone,
    prefix: &str,
    scratch: &std::path::Path,
    files: &mut Vec<StagedFile>,
) -> Result<(Vec<Action>, u64), Failure> {
    let (mut removed, mut rows_gone) = (Vec::new(), 0);
    let Some(loaded) = lake.visible(table).await? else { return Ok((removed, 0)) };
    let store: Arc<dyn ObjectStore> = loaded.object_store();
    let snapshot = loaded.snapshot().map_err(|error| lake.cannot_open(table, error))?;
    for add in snapshot.log_data() {
        let path = add.object_store_path();
        let stays = gone.stays(table, store.as_ref(), &path).await?;
        let goes = stays.iter().filter(|stays| !**stays).count();
        if goes == 0 {
            continue;
        }
        rows_gone += goes as u64;
        removed.push(Action::Remove(Remove {
            path: path.to_string(),
            data_change: true,
            deletion_timestamp: Some(add.modification_time()),
            size: Some(add.size()),
            ..Remove::default()
        }));
        if goes < stays.len() {
            let name = format!("{prefix}-{:05}.parquet", removed.len());
            let local = |path: &str| match &lake.folder {
                Some(folder) => folder.join(table.name()).join(path),
                None => scratch.join(path),
            };
            files.push(rewritten(table, store.as_ref(), &path, &stays, &name, &local).await?);
        }
    }
    Ok((removed, rows_gone))
}

/// A file of the lake as a new one, with the rows that stay.
async fn rewritten(
    table: Table,
    store: &dyn ObjectStore,
    path: &StorePath,
    stays: &[bool],
    name: &str,
    local: &dyn Fn(&str) -> std::path::PathBuf,
) -> Result<StagedFile, Failure> {
    let month = path.parts().find_map(|part| part.as_ref().strip_prefix("month=").map(str::to_owned));
    let month = month.unwrap_or_default();
    let relative = format!("month={month}/{name}");
    let local = local(&relative);
    let mut writer = open_writer(&local, crate::arrays::file_schema(table))?;
    let reader = read_file(table, store, path).await?.build().map_err(|error| damaged(table, path, error))?;
    let mut from = 0;
    for batch in reader {
        let batch = batch.map_err(|error| damaged(table, path, error))?;
        let keep = BooleanArray::from(stays[from..from + batch.num_rows()].to_vec());
        from += batch.num_rows();
        let kept = filter_record_batch(&batch, &keep)
            .map_err(|error| Failure::because("replaced rows cannot be left out", error))?;
        writer
            .write(&kept)
            .map_err(|error| Failure::because(format!("cannot write {}", local.display()), error))?;
    }
    close_file(writer, &local)?;
    let rows = stays.iter().filter(|stays| **stays).count() as u64;
    Ok(StagedFile { path: relative, month, local, rows })
}

impl Gone {
    fn of(table: Table) -> Gone {
        if table == Table::Lines { Gone::Orders(HashSet::new()) } else { Gone::Keys(HashSet::new()) }
    }

    fn columns(&self) -> &'static [&'static str] {
        match self {
            Gone::Orders(_) => &["source", "order_id"],
            Gone::Keys(_) => &["row_key"],
        }
    }

    fn add(&mut self, instead_of: &Batch) {
        match self {
            Gone::Orders(orders) => {
                let (source, order) = (instead_of.column("source"), instead_of.column("order_id"));
                let key = |row| Some(format!("{}\0{}", source.text(row)?, order.text(row)?));
                orders.extend((0..instead_of.rows()).filter_map(key));
            }
            Gone::Keys(keys) => {
                if let Column { values: Values::Key(cells), .. } = instead_of.column("row_key") {
                    keys.extend(cells);
                }
            }
        }
    }

    /// Of each row of a file, whether it stays.
    async fn stays(
        &self,
        table: Table,
        store: &dyn ObjectStore,
        path: &StorePath,
    ) -> Result<Vec<bool>, Failure> {
        let builder = read_file(table, store, path).await?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), self.columns().iter().copied());
        let reader = builder.with_projection(mask).build().map_err(|error| damaged(table, path, error))?;
        let mut stays = Vec::new();
        for batch in reader {
            self.judge(&batch.map_err(|error| damaged(table, path, error))?, &mut stays)?;
        }
        Ok(stays)
    }

    fn judge(&self, batch: &RecordBatch, stays: &mut Vec<bool>) -> Result<(), Failure> {
        match self {
            Gone::Orders(orders) => {
                let (source, order) =
                    (cells(batch, "source", &DataType::Utf8)?, cells(batch, "order_id", &DataType::Utf8)?);
                let (source, order) = (source.as_string::<i32>(), order.as_string::<i32>());
                let mut key = String::new();
                for row in 0..source.len() {
                    key.clear();
                    key.push_str(source.value(row));
                    key.push('\0');
                    key.push_str(order.value(row));
                    stays.push(!orders.contains(&key));
                }
            }
            Gone::Keys(keys) => {
                let all = cells(batch, "row_key", &DataType::Binary)?;
                let all = all.as_binary::<i32>();
                stays
                    .extend((0..all.len()).map(|row| !keys.contains(&crate::arrays::key_of(all.value(row)))));
            }
        }
        Ok(())
    }
}

/// What a row of the log says where an import's names the import.
const BY_LOG: &str = "log";

/// Hand out the keys of a table's rows that came out of the log.
pub(super) async fn log_keys(
    lake: &DeltaLake,
    table: Table,
    each: &mut dyn FnMut(u128),
) -> Result<(), Failure> {
    let Some(loaded) = lake.visible(table).await? else { return Ok(()) };
    let store: Arc<dyn ObjectStore> = loaded.object_store();
    let snapshot = loaded.snapshot().map_err(|error| lake.cannot_open(table, error))?;
    for add in snapshot.log_data() {
        let path = add.object_store_path();
        let builder = read_file(table, store.as_ref(), &path).await?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), ["row_key", "import_id"]);
        let reader = builder.with_projection(mask).build().map_err(|error| damaged(table, &path, error))?;
        for batch in reader {
            let batch = batch.map_err(|error| damaged(table, &path, error))?;
            let (keys, by) =
                (cells(&batch, "row_key", &DataType::Binary)?, cells(&batch, "import_id", &DataType::Utf8)?);
            let (keys, by) = (keys.as_binary::<i32>(), by.as_string::<i32>());
            (0..batch.num_rows())
                .filter(|row| by.value(*row) == BY_LOG)
                .for_each(|row| each(crate::arrays::key_of(keys.value(row))));
        }
    }
    Ok(())
}

/// A column of a file, as a type.
fn cells(batch: &RecordBatch, name: &str, kind: &DataType) -> Result<ArrayRef, Failure> {
    let lacks = || Failure::new(format!("a file of the lake lacks the column {name}"));
    let cells = batch.column_by_name(name).ok_or_else(lacks)?;
    cast(cells, kind).map_err(|error| Failure::because(format!("column {name} cannot be read"), error))
}
