//! The lake: one Delta Lake table per kind of fact, partitioned by month, on a local folder or any object store.
//!
//! An import writes its Parquet files first ([`staging`]), where no reader looks, and ends with a plan that is made
//! durable in state; [`Lake::commit`] then adds the files table by table, each under the import's application
//! transaction id, so that doing it again after a crash changes nothing. Readers see the versions that state pins,
//! never a half-committed import. Any Delta reader (DuckDB, Polars, Spark) opens the same folders.

mod compact;
mod copy;
mod identity;
mod remote;
mod replacing;
mod staging;

use bytes::Bytes;
use datafusion::object_store::GetOptions;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, Add, StructField, Transaction};
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::{DeltaTable, DeltaTableBuilder, DeltaTableError, ObjectStore, Path as StorePath};
use domain::fact::{Table, Type};
use domain::id::Id;
use domain::port::{Failure, Lake, Prepared, PreparedTable, Replacing, Staging};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Runtime;
use url::Url;

pub use compact::Compacted;
pub(crate) use staging::{close_file, open_writer, to_rows};

/// The layout of our tables. A lake with a higher number was written by a newer program.
const LAYOUT: u32 = 1;
const LAYOUT_KEY: &str = "perennial.layout";

/// Where a fact table's visible version is pinned; absent tables have no facts yet.
pub type Pins = Vec<(Table, u64)>;

/// What a visible table holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The table.
    pub table: Table,
    /// Its visible version.
    pub version: u64,
    /// Data files.
    pub files: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes of the data files.
    pub bytes: u64,
    /// Where other programs open it.
    pub location: String,
}

/// A lake of Delta tables.
#[derive(Debug, Clone)]
pub struct DeltaLake {
    root: Url,
    folder: Option<PathBuf>,
    scratch: PathBuf,
    pins: Pins,
    runtime: Arc<Runtime>,
}

impl DeltaLake {
    /// Open a lake at a folder or a URL (`s3://bucket/shop`, `file:///…`). `scratch` is a local folder for what does
    /// not fit in memory; `pins` says which version of each table is visible.
    ///
    /// # Errors
    /// Where the location is neither, or the folder cannot be made.
    pub fn open(
        location: &str,
        scratch: &Path,
        pins: Pins,
        runtime: Arc<Runtime>,
    ) -> Result<DeltaLake, Failure> {
        let is_url = location.contains("://");
        let folder = if is_url {
            Url::parse(location)
                .ok()
                .filter(|url| url.scheme() == "file")
                .and_then(|url| url.to_file_path().ok())
        } else {
            let path = Path::new(location);
            std::fs::create_dir_all(path).map_err(|error| cannot_write(path, error))?;
            Some(path.canonicalize().map_err(|error| cannot_write(path, error))?)
        };
        let root = match &folder {
            Some(path) => Url::from_directory_path(path).ok(),
            None => Url::parse(&format!("{}/", location.trim_end_matches('/'))).ok(),
        };
        let known = |url: &Url| url.scheme() == "file" || remote::SCHEMES.contains(&url.scheme());
        let root = root.filter(known).ok_or_else(|| {
            Failure::new(format!(
                "lake '{location}' is neither a folder nor a URL such as s3://bucket/shop; known are file, {}",
                remote::SCHEMES.join(", ")
            ))
        })?;
        remote::register();
        Ok(DeltaLake { root, folder, scratch: scratch.to_owned(), pins, runtime })
    }

    /// The same lake with other versions visible.
    pub fn with_pins(&self, pins: Pins) -> DeltaLake {
        DeltaLake { pins, ..self.clone() }
    }

    /// The runtime that reads and writes it.
    pub fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }

    fn url_of(&self, table: Table) -> Url {
        self.root.join(&format!("{}/", table.name())).expect("a table name is a URL segment")
    }

    fn pin_of(&self, table: Table) -> Option<u64> {
        self.pins.iter().find(|(pinned, _)| *pinned == table).map(|(_, version)| *version)
    }

    /// A table at a version (`None`: the newest), or `None` where it does not exist yet.
    pub(crate) async fn load(
        &self,
        table: Table,
        version: Option<u64>,
    ) -> Result<Option<DeltaTable>, Failure> {
        let url = self.url_of(table);
        let failed = |error: DeltaTableError| self.cannot_open(table, error);
        let mut builder = DeltaTableBuilder::from_url(url).map_err(failed)?;
        if let Some(version) = version {
            builder = builder.with_version(version);
        }
        let mut loaded = builder.build().map_err(failed)?;
        if !loaded.verify_deltatable_existence().await.map_err(failed)? {
            return match version {
                None => Ok(None),
                Some(version) => Err(Failure::new(format!(
                    "lake table '{}' is gone, though version {version} of it was committed; restore {} from a backup",
                    table.name(),
                    self.root
                ))),
            };
        }
        match version {
            Some(version) => loaded.load_version(version).await.map_err(failed)?,
            None => loaded.load().await.map_err(failed)?,
        }
        self.refuse_newer(table, &loaded)?;
        Ok(Some(loaded))
    }

    /// The visible table: the pinned version, or nothing where none is pinned.
    pub(crate) async fn visible(&self, table: Table) -> Result<Option<DeltaTable>, Failure> {
        match self.pin_of(table) {
            Some(version) => self.load(table, Some(version)).await,
            None => Ok(None),
        }
    }

    /// The files of a visible table, as URLs. Each must be there with the size the log knows: the query engine passes
    /// over a file that has gone, and a report on half the facts is worse than none.
    pub(crate) async fn visible_files(&self, table: Table) -> Result<Vec<String>, Failure> {
        let Some(loaded) = self.visible(table).await? else { return Ok(Vec::new()) };
        let failed = |error| self.cannot_open(table, error);
        let (store, logs) = (loaded.object_store(), loaded.log_store());
        let mut files = Vec::new();
        for add in loaded.snapshot().map_err(failed)?.log_data() {
            let path = add.object_store_path();
            let options = GetOptions { head: true, ..GetOptions::default() };
            let found = store.get_opts(&path, options).await.map_err(|error| damaged(table, &path, error))?;
            if found.meta.size != add.size().unsigned_abs() {
                let sizes = format!("{} bytes instead of {}", found.meta.size, add.size());
                return Err(damaged(table, &path, std::io::Error::other(sizes)));
            }
            files.push(logs.to_uri(&path));
        }
        Ok(files)
    }

    fn refuse_newer(&self, table: Table, loaded: &DeltaTable) -> Result<(), Failure> {
        let snapshot = loaded.snapshot().map_err(|error| self.cannot_open(table, error))?;
        let layout =
            snapshot.metadata().configuration().get(LAYOUT_KEY).and_then(|text| text.parse::<u32>().ok());
        match layout {
            Some(layout) if layout > LAYOUT => Err(Failure::new(format!(
                "lake table '{}' has layout {layout}, this program knows up to {LAYOUT}: it was written by a newer \
                 version; install that version or a later one",
                table.name()
            ))),
            _ => Ok(()),
        }
    }

    fn cannot_open(&self, table: Table, error: DeltaTableError) -> Failure {
        // The protocol of Delta Lake has versions of its own, beside our layout.
        let mend = match error.to_string().contains("nsupported") {
            true => "it was written by a newer program; install a newer version of this one",
            false => "check the folder or restore it",
        };
        let what = format!("lake table '{}' in {} cannot be read; {mend}", table.name(), self.root);
        Failure::because(what, error)
    }

    async fn load_or_create(&self, table: Table) -> Result<DeltaTable, Failure> {
        if let Some(loaded) = self.load(table, None).await? {
            return Ok(loaded);
        }
        let columns = table.fields().iter().map(|field| {
            StructField::new(field.name, delta_type(field.kind), !field.is_required || field.name == "month")
        });
        CreateBuilder::new()
            .with_location(self.url_of(table).to_string())
            .with_table_name(table.name())
            .with_columns(columns)
            .with_partition_columns(["month"])
            .with_save_mode(SaveMode::Ignore)
            .with_raise_if_key_not_exists(false)
            .with_configuration([(LAYOUT_KEY.to_owned(), Some(LAYOUT.to_string()))])
            .await
            .map_err(|error| {
                Failure::because(
                    format!(
                        "lake table '{}' cannot be made in {}; check that it is writable",
                        table.name(),
                        self.root
                    ),
                    error,
                )
            })
    }

    async fn commit_table(&self, import: Id, prepared: &PreparedTable) -> Result<u64, Failure> {
        let table = prepared.table;
        let mut loaded = self.load_or_create(table).await?;
        let failed = |error: DeltaTableError| {
            Failure::because(
                format!("lake table '{}' did not take the import; run it again", table.name()),
                error,
            )
        };
        let snapshot = loaded.snapshot().map_err(failed)?;
        let done = snapshot.transaction_version(loaded.log_store().as_ref(), import).await.map_err(failed)?;
        let actions = planned(prepared)?;
        if done.is_none() && !actions.is_empty() {
            self.are_there(table, &loaded, &actions)?;
            let properties =
                CommitProperties::default().with_application_transaction(Transaction::new(import, 1));
            let operation = DeltaOperation::Write {
                mode: SaveMode::Append,
                partition_by: Some(vec!["month".to_owned()]),
                predicate: None,
            };
            CommitBuilder::from(properties)
                .with_actions(actions)
                .build(Some(snapshot), loaded.log_store(), operation)
                .await
                .map_err(failed)?;
            loaded.load().await.map_err(failed)?;
        }
        loaded.version().ok_or_else(|| Failure::new(format!("lake table '{}' has no version", table.name())))
    }

    /// That the files a plan takes out are still there: another plan may have taken them out since it was made.
    fn are_there(&self, table: Table, loaded: &DeltaTable, actions: &[Action]) -> Result<(), Failure> {
        let mut removed: BTreeSet<&str> = actions
            .iter()
            .filter_map(|action| match action {
                Action::Remove(remove) => Some(remove.path.as_str()),
                _ => None,
            })
            .collect();
        if removed.is_empty() {
            return Ok(());
        }
        let snapshot = loaded.snapshot().map_err(|error| self.cannot_open(table, error))?;
        for add in snapshot.log_data() {
            removed.remove(add.object_store_path().as_ref());
        }
        match removed.first() {
            None => Ok(()),
            Some(path) => Err(Failure::new(format!(
                "lake table '{}' has changed since the seal was planned: {path} is gone; restore the lake from a \
                 backup, or ask for help with what perennial verify says",
                table.name()
            ))),
        }
    }

    /// What the visible tables hold.
    ///
    /// # Errors
    /// Where a table cannot be opened.
    pub fn contents(&self) -> Result<Vec<Contents>, Failure> {
        self.runtime.block_on(async {
            let mut all = Vec::new();
            for table in Table::ALL {
                let Some(loaded) = self.visible(table).await? else { continue };
                let snapshot = loaded.snapshot().map_err(|error| self.cannot_open(table, error))?;
                let mut contents = Contents {
                    table,
                    version: snapshot.version(),
                    files: 0,
                    rows: 0,
                    bytes: 0,
                    location: loaded.table_url().to_string(),
                };
                for add in snapshot.log_data() {
                    contents.files += 1;
                    contents.rows += add.num_records().unwrap_or(0) as u64;
                    contents.bytes += add.size().unsigned_abs();
                }
                all.push(contents);
            }
            Ok(all)
        })
    }

    /// The keys of the rows of a visible table that came out of the log, as often as they are there.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub fn log_keys(&self, table: Table, each: &mut dyn FnMut(u128)) -> Result<(), Failure> {
        self.runtime.block_on(replacing::log_keys(self, table, each))
    }

    /// Look for files of visible tables that cannot be read; one sentence for each, naming the file.
    ///
    /// # Errors
    /// Where a table itself cannot be opened.
    pub fn damages(&self) -> Result<Vec<String>, Failure> {
        self.runtime.block_on(async {
            let mut found = Vec::new();
            for table in Table::ALL {
                let Some(loaded) = self.visible(table).await? else { continue };
                let store = loaded.object_store();
                let failed = |error| self.cannot_open(table, error);
                for add in loaded.snapshot().map_err(failed)?.log_data() {
                    let path = add.object_store_path();
                    if let Err(failure) = read_file(table, store.as_ref(), &path).await {
                        found.push(failure.what);
                    }
                }
            }
            Ok(found)
        })
    }
}

impl Lake for DeltaLake {
    fn stage(&self, import: Id) -> Result<Box<dyn Staging>, Failure> {
        Ok(Box::new(staging::Stage::start(self.clone(), import)?))
    }

    fn stage_log(&self, seal: Id) -> Result<Box<dyn Replacing>, Failure> {
        Ok(Box::new(replacing::Replace::start(self.clone(), seal)?))
    }

    fn commit(&self, prepared: &Prepared) -> Result<Vec<(Table, u64)>, Failure> {
        self.runtime.block_on(async {
            let mut versions = Vec::new();
            for table in &prepared.tables {
                versions.push((table.table, self.commit_table(prepared.import, table).await?));
            }
            Ok(versions)
        })
    }
}

/// The actions of a plan. Plans of before 0.2 were lists of files to add.
fn planned(prepared: &PreparedTable) -> Result<Vec<Action>, Failure> {
    let text = prepared.actions.as_str();
    let adds = |_: serde_json::Error| -> Result<Vec<Action>, serde_json::Error> {
        let adds: Vec<Add> = serde_json::from_str(text)?;
        Ok(adds.into_iter().map(Action::Add).collect())
    };
    serde_json::from_str::<Vec<Action>>(text)
        .or_else(adds)
        .map_err(|error| Failure::because("the plan of the import is damaged; run the import again", error))
}

fn delta_type(kind: Type) -> deltalake::kernel::DataType {
    use deltalake::kernel::{DataType, PrimitiveType};
    match kind {
        Type::Int => DataType::Primitive(PrimitiveType::Long),
        Type::Bool => DataType::Primitive(PrimitiveType::Boolean),
        Type::Day => DataType::Primitive(PrimitiveType::Date),
        Type::Instant => DataType::Primitive(PrimitiveType::Timestamp),
        Type::Text => DataType::Primitive(PrimitiveType::String),
        Type::Key => DataType::Primitive(PrimitiveType::Binary),
    }
}

/// Open a file of a table. It is held whole: files are closed at a million rows.
pub(crate) async fn read_file(
    table: Table,
    store: &dyn ObjectStore,
    path: &StorePath,
) -> Result<ParquetRecordBatchReaderBuilder<Bytes>, Failure> {
    let got = store.get_opts(path, Default::default()).await.map_err(|error| damaged(table, path, error))?;
    let bytes = got.bytes().await.map_err(|error| damaged(table, path, error))?;
    ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|error| damaged(table, path, error))
}

pub(crate) fn damaged(
    table: Table,
    path: &StorePath,
    error: impl std::error::Error + Send + Sync + 'static,
) -> Failure {
    Failure::because(
        format!("lake table '{}', file {path} is damaged or missing; restore it from a backup", table.name()),
        error,
    )
}

/// A folder that cannot be written, said with what to do.
pub(crate) fn cannot_write(path: &Path, error: std::io::Error) -> Failure {
    let remedy = match error.kind() {
        std::io::ErrorKind::StorageFull => "the disk is full: free some space and run it again",
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            "it is read-only: give write permission or choose another folder with --data or --lake"
        }
        _ => "check the folder and run it again",
    };
    Failure::because(format!("cannot write {}; {remedy}", path.display()), error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::data_type;

    #[test]
    fn arrow_and_delta_agree_on_every_column() {
        use deltalake::kernel::engine::arrow_conversion::TryIntoArrow;
        for table in Table::ALL {
            for field in table.fields() {
                let delta = delta_type(field.kind);
                let arrow: datafusion::arrow::datatypes::DataType = (&delta).try_into_arrow().unwrap();
                assert_eq!(arrow, data_type(field.kind), "{}.{}", table.name(), field.name);
            }
        }
    }
}
