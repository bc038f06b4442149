//! Compaction: many small files of a month become one, and what no version names is removed.

use super::staging::{add_action, writer_properties};
use super::{DeltaLake, cannot_write, damaged, read_file};
use crate::arrays::file_schema;
use datafusion::parquet::arrow::ArrowWriter;
use deltalake::kernel::transaction::CommitBuilder;
use deltalake::kernel::{Action, Remove};
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::{DeltaTableError, ObjectStore as _, Path as StorePath};
use domain::fact::Table;
use domain::port::Failure;
use std::collections::BTreeMap;

/// Months with at least this many files are written anew.
const FILES_TO_COMPACT: usize = 2;

/// What compacting a table did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compacted {
    /// The table.
    pub table: Table,
    /// Its version afterwards, to be pinned.
    pub version: u64,
    /// Files before.
    pub files_before: usize,
    /// Files after.
    pub files_after: usize,
}

impl DeltaLake {
    /// Make one file of each month that has several, and remove files that no reader can see any more.
    ///
    /// The rows stay what they are. The new versions must be pinned in state before readers see them.
    ///
    /// # Errors
    /// Where a file is damaged or the lake is read-only.
    pub fn compact(&self) -> Result<Vec<Compacted>, Failure> {
        let tables = Table::ALL.into_iter().map(|table| self.runtime.block_on(self.compact_table(table)));
        tables.filter_map(Result::transpose).collect()
    }

    async fn compact_table(&self, table: Table) -> Result<Option<Compacted>, Failure> {
        let Some(mut loaded) = self.visible(table).await? else { return Ok(None) };
        let failed = |error: DeltaTableError| {
            Failure::because(format!("lake table '{}' cannot be compacted", table.name()), error)
        };
        let mut months: BTreeMap<String, Vec<(StorePath, i64)>> = BTreeMap::new();
        for add in loaded.snapshot().map_err(failed)?.log_data() {
            let path = add.object_store_path();
            let month = path.parts().find_map(|part| part.as_ref().strip_prefix("month=").map(str::to_owned));
            months.entry(month.unwrap_or_default()).or_default().push((path, add.size()));
        }
        let files_before: usize = months.values().map(Vec::len).sum();
        let (mut actions, mut written) = (Vec::new(), 0);
        for (month, files) in months.iter().filter(|(_, files)| files.len() >= FILES_TO_COMPACT) {
            actions.extend(self.merge(table, &loaded, month, files).await?);
            written += files.len() - 1;
        }
        if !actions.is_empty() {
            let operation =
                DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None };
            CommitBuilder::default()
                .with_actions(actions)
                .build(Some(loaded.snapshot().map_err(failed)?), loaded.log_store(), operation)
                .await
                .map_err(failed)?;
            loaded.load().await.map_err(failed)?;
        }
        let version = loaded.version().unwrap_or_default();
        Ok(Some(Compacted { table, version, files_before, files_after: files_before - written }))
    }

    /// The files of one month as one: the actions that take them out and put it in.
    async fn merge(
        &self,
        table: Table,
        loaded: &deltalake::DeltaTable,
        month: &str,
        files: &[(StorePath, i64)],
    ) -> Result<Vec<Action>, Failure> {
        let store = loaded.object_store();
        #[expect(clippy::disallowed_methods, reason = "only tells two temporary files apart")]
        let stamp = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos() as u64);
        let local = self.scratch.join(format!("compact-{stamp:x}.parquet"));
        std::fs::create_dir_all(&self.scratch).map_err(|error| cannot_write(&self.scratch, error))?;
        let file = std::fs::File::create(&local).map_err(|error| cannot_write(&local, error))?;
        let encode = |error| Failure::because(format!("cannot write {}", local.display()), error);
        let mut writer =
            ArrowWriter::try_new(file, file_schema(table), Some(writer_properties())).map_err(encode)?;
        let (mut rows, mut actions) = (0u64, Vec::new());
        for (path, size) in files {
            let reader = read_file(table, store.as_ref(), path).await?.build().map_err(encode)?;
            for batch in reader {
                let batch = batch.map_err(|error| damaged(table, path, error))?;
                rows += batch.num_rows() as u64;
                writer.write(&batch).map_err(encode)?;
            }
            actions.push(Action::Remove(Remove {
                path: path.to_string(),
                data_change: false,
                deletion_timestamp: Some((stamp / 1_000_000) as i64),
                size: Some(*size),
                ..Remove::default()
            }));
        }
        writer.close().map_err(encode)?;
        let bytes = std::fs::read(&local).map_err(|error| cannot_write(&local, error))?;
        let path = format!("month={month}/part-compact-{stamp:x}.parquet");
        let size = bytes.len() as u64;
        store
            .put_opts(&StorePath::from(path.as_str()), bytes.into(), Default::default())
            .await
            .map_err(|error| Failure::because(format!("cannot write {path} to the lake"), error))?;
        // The scratch copy is ours alone; a failure to remove it costs only space.
        let _ = std::fs::remove_file(&local);
        let mut add = add_action(&path, month, size, rows);
        add.data_change = false;
        actions.push(Action::Add(add));
        Ok(actions)
    }

    /// Remove files that no visible version names: what interrupted imports and compactions left behind.
    ///
    /// Only while nobody else reads or writes the lake: the caller holds the lock of the data folder.
    ///
    /// # Errors
    /// Where the lake cannot be listed or is read-only.
    pub fn sweep(&self) -> Result<usize, Failure> {
        self.runtime.block_on(async {
            let mut removed = 0;
            for table in Table::ALL {
                let Some(loaded) = self.load(table, None).await? else { continue };
                let failed = |error: DeltaTableError| {
                    Failure::because(format!("lake table '{}' cannot be swept", table.name()), error)
                };
                let (_, metrics) = loaded
                    .vacuum()
                    .with_retention_period(Default::default())
                    .with_enforce_retention_duration(false)
                    .with_mode(deltalake::operations::vacuum::VacuumMode::Full)
                    .await
                    .map_err(failed)?;
                removed += metrics.files_deleted.len();
            }
            Ok(removed)
        })
    }
}
