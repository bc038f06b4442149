//! Writing an import: Parquet files by month in their final places, which no reader looks at before the commit.
//!
//! One thread encodes while the caller parses on. When all rows are in, identities are judged, files with known rows
//! are written again without them, and what remains is the plan.

use super::identity::{Entries, Entry, IN_LAKE, Verdict};
use super::{DeltaLake, cannot_write, damaged, read_file};
use crate::arrays::{file_schema, key_of, to_array};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array, new_null_array,
};
use datafusion::arrow::compute::{filter_record_batch, take_record_batch};
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::schema::types::ColumnPath;
use deltalake::kernel::{Action, Add};
use deltalake::{ObjectStore, Path as StorePath};
use domain::column::{Batch, Values};
use domain::fact::Table;
use domain::id::Id;
use domain::port::{Failure, Prepared, PreparedTable, Staging};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

/// Identities held in memory before they go to disk: 8 million of 40 bytes.
const IDENTITIES_IN_MEMORY: usize = 8_000_000;
/// A file is closed at this many rows, so that one month of a nation is many files and readers share the work.
const ROWS_PER_FILE: usize = 1_000_000;
const ROWS_PER_GROUP: usize = 128 * 1024;
/// Open writers are flushed beyond this many bytes of rows not yet on disk.
const BYTES_IN_WRITERS: usize = 384 << 20;

/// An import being staged.
pub struct Stage {
    sender: Option<SyncSender<(Table, Batch)>>,
    writer: Option<JoinHandle<Result<Writer, Failure>>>,
}

impl Stage {
    pub(super) fn start(lake: DeltaLake, import: Id) -> Result<Stage, Failure> {
        Stage::with(Writer::new(lake, import, true))
    }

    /// For rows that are known to come once: their identities are not looked at.
    pub(super) fn start_unjudged(lake: DeltaLake, seal: Id) -> Result<Stage, Failure> {
        Stage::with(Writer::new(lake, seal, false))
    }

    fn with(writer: Writer) -> Result<Stage, Failure> {
        let (sender, receiver) = sync_channel(3);
        let handle = std::thread::Builder::new()
            .name("lake-writer".to_owned())
            .spawn(move || writer.run(receiver))
            .map_err(|error| Failure::because("cannot start the thread that writes the lake", error))?;
        Ok(Stage { sender: Some(sender), writer: Some(handle) })
    }

    pub(super) fn join(&mut self) -> Result<Writer, Failure> {
        drop(self.sender.take());
        let handle = self.writer.take().ok_or_else(|| Failure::new("the import has failed already"))?;
        handle.join().unwrap_or_else(|_| Err(Failure::new("the thread that writes the lake has stopped")))
    }
}

impl Staging for Stage {
    fn write(&mut self, table: Table, rows: Batch) -> Result<(), Failure> {
        let is_taken = self.sender.as_ref().is_some_and(|sender| sender.send((table, rows)).is_ok());
        if is_taken {
            return Ok(());
        }
        match self.join() {
            Err(failure) => Err(failure),
            Ok(_) => Err(Failure::new("the lake writer stopped early")),
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Prepared, Failure> {
        self.join()?.finish()
    }
}

pub(super) struct StagedFile {
    /// Relative to the table: `month=2026-10/part-….parquet`.
    pub path: String,
    pub month: String,
    pub local: PathBuf,
    pub rows: u64,
}

struct Open {
    file: u32,
    rows: usize,
    writer: ArrowWriter<File>,
}

pub(super) struct TableStage {
    schema: Arc<Schema>,
    open: HashMap<String, Open>,
    pub files: Vec<StagedFile>,
    entries: Entries,
}

pub(super) struct Writer {
    pub lake: DeltaLake,
    pub import: Id,
    /// Whether identities are to be judged in the end.
    is_judged: bool,
    /// Two attempts at one import never share a file name.
    pub attempt: u64,
    pub scratch: PathBuf,
    pub tables: BTreeMap<Table, TableStage>,
}

impl Writer {
    fn new(lake: DeltaLake, import: Id, is_judged: bool) -> Writer {
        #[expect(clippy::disallowed_methods, reason = "only tells two attempts at one import apart")]
        let attempt = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
        let scratch = lake.scratch.join(format!("{import}-{attempt:x}"));
        Writer { lake, import, is_judged, attempt, scratch, tables: BTreeMap::new() }
    }

    fn run(mut self, receiver: Receiver<(Table, Batch)>) -> Result<Writer, Failure> {
        for (table, batch) in receiver {
            self.write(table, batch)?;
        }
        for stage in self.tables.values_mut() {
            for (_, open) in stage.open.drain() {
                close(open, &mut stage.files)?;
            }
        }
        Ok(self)
    }

    fn write(&mut self, table: Table, batch: Batch) -> Result<(), Failure> {
        let scratch = self.scratch.join(table.name());
        let stage = self.tables.entry(table).or_insert_with(|| TableStage {
            schema: file_schema(table),
            open: HashMap::new(),
            files: Vec::new(),
            entries: Entries::new(&scratch, IDENTITIES_IN_MEMORY),
        });
        let keys = if self.is_judged { Some(Keys::take(&batch, table)?) } else { None };
        let months = months_of(&batch, table)?;
        let rows = to_rows(batch, &stage.schema)?;
        for (month, places) in months {
            let part = if places.len() == rows.num_rows() {
                rows.clone()
            } else {
                let indices = UInt32Array::from_iter_values(places.iter().copied());
                take_record_batch(&rows, &indices)
                    .map_err(|error| Failure::because("rows cannot be parted by month", error))?
            };
            if stage.open.get(&month).is_some_and(|open| open.rows >= ROWS_PER_FILE) {
                let full = stage.open.remove(&month).expect("just seen");
                close(full, &mut stage.files)?;
            }
            if !stage.open.contains_key(&month) {
                let number = stage.files.len() as u32;
                let path =
                    format!("month={month}/part-{}-{:x}-{number:05}.parquet", self.import, self.attempt);
                let local = match &self.lake.folder {
                    Some(folder) => folder.join(table.name()).join(&path),
                    None => scratch.join(&path),
                };
                let writer = open_writer(&local, Arc::clone(&stage.schema))?;
                stage.files.push(StagedFile { path, month: month.clone(), local, rows: 0 });
                stage.open.insert(month.clone(), Open { file: number, rows: 0, writer });
            }
            let open = stage.open.get_mut(&month).expect("opened above");
            let local = &stage.files[open.file as usize].local;
            open.writer.write(&part).map_err(|error| cannot_encode(local, error))?;
            if let Some(keys) = &keys {
                for (offset, &place) in places.iter().enumerate() {
                    let entry = keys.entry(place as usize, open.file, (open.rows + offset) as u32);
                    stage.entries.push(entry)?;
                }
            }
            open.rows += part.num_rows();
        }
        let held: usize = stage.open.values().map(|open| open.writer.memory_size()).sum();
        if held > BYTES_IN_WRITERS {
            for open in stage.open.values_mut() {
                let local = &stage.files[open.file as usize].local;
                open.writer.flush().map_err(|error| cannot_encode(local, error))?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Prepared, Failure> {
        let runtime = Arc::clone(self.lake.runtime());
        let mut tables = Vec::new();
        for (table, mut stage) in self.tables {
            runtime.block_on(add_known(&self.lake, table, &mut stage.entries))?;
            let verdict = stage.entries.judge()?;
            for (file, places) in &verdict.drops {
                rewrite(&mut stage.files[*file as usize], places, &stage.schema)?;
            }
            let adds = runtime.block_on(adds_of(&self.lake, table, &stage.files))?;
            let Verdict { rows_new, rows_known, contradictions, .. } = verdict;
            let actions: Vec<Action> = adds.into_iter().map(Action::Add).collect();
            let actions = serde_json::to_string(&actions)
                .map_err(|error| Failure::because("the plan of the import cannot be written", error))?;
            tables.push(PreparedTable { table, rows_new, rows_known, contradictions, actions });
        }
        // What is left over is ours alone and only costs space: a failure to remove it must not fail the import.
        let _ = std::fs::remove_dir_all(&self.scratch);
        Ok(Prepared { import: self.import, tables })
    }
}

/// The identities of a batch.
struct Keys {
    key: Vec<u128>,
    content: Vec<u128>,
    row: Vec<i64>,
}

impl Keys {
    fn take(batch: &Batch, table: Table) -> Result<Keys, Failure> {
        let lacks = |name: &str| Failure::new(format!("rows of '{}' lack the column {name}", table.name()));
        let keys = |name: &str| match batch.find(name).map(|column| &column.values) {
            Some(Values::Key(cells)) => Ok(cells.clone()),
            _ => Err(lacks(name)),
        };
        let row = match batch.find("row").map(|column| &column.values) {
            Some(Values::Int(cells)) => cells.clone(),
            _ => return Err(lacks("row")),
        };
        let key = keys("row_key")?;
        let mut content = key.clone();
        if let Some(column) = batch.find("content_key") {
            let said = keys("content_key")?;
            (0..said.len())
                .filter(|place| column.is_present(*place))
                .for_each(|place| content[place] = said[place]);
        }
        Ok(Keys { key, content, row })
    }

    fn entry(&self, row: usize, file: u32, place: u32) -> Entry {
        Entry {
            key: self.key[row],
            row: self.row[row].unsigned_abs(),
            content: self.content[row] as u64,
            file,
            place,
        }
    }
}

fn months_of(batch: &Batch, table: Table) -> Result<BTreeMap<String, Vec<u32>>, Failure> {
    let Some(Values::Text(cells)) = batch.find("month").map(|column| &column.values) else {
        return Err(Failure::new(format!("rows of '{}' lack the column month", table.name())));
    };
    let mut months: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let mut last: Option<(&str, Vec<u32>)> = None;
    // Rows of one month mostly stand together: look the month up once a run, not once a row.
    for row in 0..cells.len() {
        let month = cells.get(row);
        match &mut last {
            Some((current, places)) if *current == month => places.push(row as u32),
            _ => {
                if let Some((current, places)) = last.take() {
                    months.entry(current.to_owned()).or_default().extend(places);
                }
                last = Some((month, vec![row as u32]));
            }
        }
    }
    if let Some((current, places)) = last {
        months.entry(current.to_owned()).or_default().extend(places);
    }
    Ok(months)
}

/// The batch in the schema of the files: absent optional columns are null, a content key that equals the row key too.
pub(crate) fn to_rows(batch: Batch, schema: &Arc<Schema>) -> Result<RecordBatch, Failure> {
    let rows = batch.rows();
    let mut by_name: HashMap<String, ArrayRef> = HashMap::new();
    let row_keys = match batch.find("row_key").map(|column| &column.values) {
        Some(Values::Key(cells)) => cells.clone(),
        _ => Vec::new(),
    };
    for mut column in batch.into_columns() {
        if column.name == "content_key"
            && let Values::Key(cells) = &column.values
        {
            let is_other = |row: usize| column.is_present(row) && cells[row] != row_keys[row];
            column.present = Some((0..cells.len()).map(is_other).collect());
        }
        by_name.insert(column.name.clone(), to_array(column)?);
    }
    let arrays = schema
        .fields()
        .iter()
        .map(|field| match by_name.remove(field.name()) {
            Some(array) => Ok(array),
            None if field.is_nullable() => Ok(new_null_array(field.data_type(), rows)),
            None => Err(Failure::new(format!("rows lack the column {}", field.name()))),
        })
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(Arc::clone(schema), arrays)
        .map_err(|error| Failure::because("rows do not have the columns of their table", error))
}

/// How our files are written. Keys are noise: no dictionary, no statistics.
pub(super) fn writer_properties() -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for name in ["row_key", "content_key"] {
        let path = ColumnPath::from(name);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_compression(path.clone(), Compression::UNCOMPRESSED)
            .set_column_statistics_enabled(path, EnabledStatistics::None);
    }
    properties.build()
}

pub(crate) fn open_writer(path: &std::path::Path, schema: Arc<Schema>) -> Result<ArrowWriter<File>, Failure> {
    let failed = |error| cannot_write(path, error);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = File::create(path).map_err(failed)?;
    ArrowWriter::try_new(file, schema, Some(writer_properties())).map_err(|error| cannot_encode(path, error))
}

fn close(open: Open, files: &mut [StagedFile]) -> Result<(), Failure> {
    let staged = &mut files[open.file as usize];
    staged.rows = open.rows as u64;
    close_file(open.writer, &staged.local)
}

/// End a file, durably.
pub(crate) fn close_file(writer: ArrowWriter<File>, path: &std::path::Path) -> Result<(), Failure> {
    let file = writer.into_inner().map_err(|error| cannot_encode(path, error))?;
    file.sync_all().map_err(|error| cannot_write(path, error))
}

fn cannot_encode(path: &std::path::Path, error: ParquetError) -> Failure {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(io) => cannot_write(path, *io),
            Err(inner) => Failure::because(format!("cannot write {}", path.display()), inner),
        },
        // The writer turns some I/O errors into text; the usual one deserves its remedy.
        other if other.to_string().contains("No space left") => {
            cannot_write(path, std::io::Error::new(std::io::ErrorKind::StorageFull, other.to_string()))
        }
        other => Failure::because(format!("cannot write {}", path.display()), other),
    }
}

/// Write a staged file again without some of its rows; remove it where none is left.
fn rewrite(staged: &mut StagedFile, drops: &[u32], schema: &Arc<Schema>) -> Result<(), Failure> {
    let path = staged.local.clone();
    let failed = |error| cannot_write(&path, error);
    if drops.len() as u64 == staged.rows {
        staged.rows = 0;
        return std::fs::remove_file(&path).map_err(failed);
    }
    let unreadable = |error| Failure::because(format!("cannot read back {}", path.display()), error);
    let fresh = path.with_extension("fresh");
    let mut writer = open_writer(&fresh, Arc::clone(schema))?;
    let file = File::open(&path).map_err(failed)?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build());
    let (mut place, mut next) = (0u32, drops.iter().copied().peekable());
    for batch in reader.map_err(unreadable)? {
        let batch =
            batch.map_err(|error| Failure::because(format!("cannot read back {}", path.display()), error))?;
        let keep: BooleanArray = (0..batch.num_rows())
            .map(|_| {
                let is_dropped = next.next_if_eq(&place).is_some();
                place += 1;
                Some(!is_dropped)
            })
            .collect();
        let kept = filter_record_batch(&batch, &keep)
            .map_err(|error| Failure::because("known rows cannot be left out", error))?;
        writer.write(&kept).map_err(|error| cannot_encode(&fresh, error))?;
    }
    let file = writer.into_inner().map_err(|error| cannot_encode(&fresh, error))?;
    file.sync_all().map_err(failed)?;
    staged.rows -= drops.len() as u64;
    std::fs::rename(&fresh, &path).map_err(failed)
}

/// Add the identities that the lake already has.
async fn add_known(lake: &DeltaLake, table: Table, entries: &mut Entries) -> Result<(), Failure> {
    let Some(loaded) = lake.visible(table).await? else { return Ok(()) };
    let store: Arc<dyn ObjectStore> = loaded.object_store();
    let snapshot = loaded.snapshot().map_err(|error| lake.cannot_open(table, error))?;
    for add in snapshot.log_data() {
        let path = add.object_store_path();
        let builder = read_file(table, store.as_ref(), &path).await?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), ["row_key", "content_key"]);
        let reader = builder.with_projection(mask).build().map_err(|error| damaged(table, &path, error))?;
        for batch in reader {
            let batch = batch.map_err(|error| damaged(table, &path, error))?;
            let bytes = |name: &str| {
                let column = batch
                    .column_by_name(name)
                    .cloned()
                    .unwrap_or_else(|| new_null_array(&DataType::Binary, batch.num_rows()));
                datafusion::arrow::compute::cast(&column, &DataType::Binary).map_err(|error| {
                    Failure::because(format!("column {name} of {path} holds no keys"), error)
                })
            };
            let (keys, contents) = (bytes("row_key")?, bytes("content_key")?);
            let (keys, contents) = (keys.as_binary::<i32>(), contents.as_binary::<i32>());
            for row in 0..batch.num_rows() {
                let key = key_of(keys.value(row));
                let content = if contents.is_valid(row) { key_of(contents.value(row)) } else { key };
                entries.push(Entry { key, row: 0, content: content as u64, file: IN_LAKE, place: 0 })?;
            }
        }
    }
    Ok(())
}

/// The Delta actions that add the staged files; uploads them where the lake is not a local folder.
pub(super) async fn adds_of(
    lake: &DeltaLake,
    table: Table,
    files: &[StagedFile],
) -> Result<Vec<Add>, Failure> {
    let remote = match &lake.folder {
        Some(_) => None,
        None => Some(lake.load_or_create(table).await?.object_store()),
    };
    let mut adds = Vec::new();
    for staged in files.iter().filter(|staged| staged.rows > 0) {
        let size =
            std::fs::metadata(&staged.local).map_err(|error| cannot_write(&staged.local, error))?.len();
        if let Some(store) = &remote {
            upload(store.as_ref(), staged).await?;
        }
        adds.push(add_action(&staged.path, &staged.month, size, staged.rows));
    }
    Ok(adds)
}

async fn upload(store: &dyn ObjectStore, staged: &StagedFile) -> Result<(), Failure> {
    let bytes = std::fs::read(&staged.local).map_err(|error| cannot_write(&staged.local, error))?;
    let path = StorePath::parse(&staged.path)
        .map_err(|error| Failure::because(format!("'{}' is no object name", staged.path), error))?;
    store.put_opts(&path, bytes.into(), Default::default()).await.map_err(|error| {
        Failure::because(format!("cannot upload {}; run the import again", staged.path), error)
    })?;
    Ok(())
}

/// The Delta action for one file.
pub(super) fn add_action(path: &str, month: &str, size: u64, rows: u64) -> Add {
    #[expect(
        clippy::disallowed_methods,
        reason = "the Delta log asks when a file was written; nothing of ours reads it"
    )]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
    Add {
        path: path.to_owned(),
        partition_values: HashMap::from([("month".to_owned(), Some(month.to_owned()))]),
        size: size as i64,
        modification_time: now,
        data_change: true,
        stats: Some(format!("{{\"numRecords\":{rows}}}")),
        ..Add::default()
    }
}
