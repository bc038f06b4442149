//! Facts out of the log beside those of the lake: one table of both, each fact once.
//!
//! The log's rows win; the lake streams past what they stand in place of. Where the log has nothing of a table, the
//! lake's is read as it is. A log that was not sealed for long has many rows: beyond a number they lie in a file, so
//! that what a query holds in memory does not grow with it.

use crate::arrays::{file_schema, to_record_batch};
use crate::lake::{close_file, open_writer, to_rows};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::error::DataFusionError;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::prelude::{JoinType, SessionContext};
use domain::column::{Batch, Column};
use domain::fact::Table;
use domain::port::{Facts, Failure};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempPath;

/// How many rows are held in memory before they go to a file.
const ROWS_IN_MEMORY: usize = 100_000;

/// What the log has of one table.
pub(crate) struct Live {
    rows: Rows,
    instead_of: Rows,
}

/// Rows that may be many.
struct Rows {
    most: usize,
    held: Vec<RecordBatch>,
    spilled: Option<Spilled>,
}

/// A file of rows that is being written; it goes when nobody reads it any more.
struct Spilled {
    path: TempPath,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
}

impl Live {
    /// Nothing yet.
    pub fn new() -> Live {
        Live::holding(ROWS_IN_MEMORY)
    }

    /// Nothing yet; so many rows are held in memory.
    fn holding(most: usize) -> Live {
        let none = || Rows { most, held: Vec::new(), spilled: None };
        Live { rows: none(), instead_of: none() }
    }

    /// Take in facts. Files are made in `scratch`.
    pub fn add(&mut self, facts: Facts, scratch: &Path) -> Result<(), Failure> {
        if facts.rows.rows() > 0 {
            self.rows.add(to_rows(facts.rows, &file_schema(facts.table))?, scratch)?;
        }
        if facts.instead_of.rows() > 0 {
            // Other names than the lake's, so that a join can tell the two apart.
            let renamed = facts.instead_of.into_columns().into_iter();
            let columns = renamed.map(|column| Column { name: format!("gone_{}", column.name), ..column });
            self.instead_of.add(to_record_batch(Batch::new(columns.collect()))?, scratch)?;
        }
        Ok(())
    }

    /// The lake's table without what these stand in place of, and these. The table lives as long as the files that
    /// come with it.
    pub fn beside(
        self,
        context: &SessionContext,
        table: Table,
        lake: Arc<dyn TableProvider>,
    ) -> Result<(Arc<dyn TableProvider>, Vec<TempPath>), Failure> {
        let failed = |error: DataFusionError| {
            Failure::because(format!("the log cannot be read beside lake table '{}'", table.name()), error)
        };
        let columns: &[&str] = if table == Table::Lines { &["source", "order_id"] } else { &["row_key"] };
        let gone: Vec<String> = columns.iter().map(|name| format!("gone_{name}")).collect();
        let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
        let mut files = Vec::new();
        let mut all = context.read_table(lake).map_err(failed)?;
        if let Some(replaced) = self.instead_of.into_table(&mut files)? {
            // The side that is kept in memory stands first.
            let replaced = context.read_table(replaced).map_err(failed)?;
            all = replaced.join(all, JoinType::RightAnti, &gone, columns, None).map_err(failed)?;
        }
        if let Some(rows) = self.rows.into_table(&mut files)? {
            all = all.union(context.read_table(rows).map_err(failed)?).map_err(failed)?;
        }
        Ok((all.into_view(), files))
    }
}

impl Rows {
    fn add(&mut self, batch: RecordBatch, scratch: &Path) -> Result<(), Failure> {
        let schema = batch.schema();
        self.held.push(batch);
        if self.held.iter().map(RecordBatch::num_rows).sum::<usize>() <= self.most {
            return Ok(());
        }
        let mut spilled = match self.spilled.take() {
            Some(spilled) => spilled,
            None => Spilled::open(schema, scratch)?,
        };
        spilled.write(&mut self.held)?;
        self.spilled = Some(spilled);
        Ok(())
    }

    /// All rows as a table; the file they are in, where they are in one, goes to `files`.
    fn into_table(mut self, files: &mut Vec<TempPath>) -> Result<Option<Arc<dyn TableProvider>>, Failure> {
        let failed = |error: DataFusionError| Failure::because("rows of the log cannot be read back", error);
        let Some(mut spilled) = self.spilled else {
            let Some(first) = self.held.first() else { return Ok(None) };
            let table = MemTable::try_new(first.schema(), vec![self.held]).map_err(failed)?;
            return Ok(Some(Arc::new(table)));
        };
        spilled.write(&mut self.held)?;
        close_file(spilled.writer, &spilled.path)?;
        let url = ListingTableUrl::parse(spilled.path.to_string_lossy()).map_err(failed)?;
        let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
        let config = ListingTableConfig::new(url).with_listing_options(options).with_schema(spilled.schema);
        files.push(spilled.path);
        Ok(Some(Arc::new(ListingTable::try_new(config).map_err(failed)?)))
    }
}

impl Spilled {
    fn open(schema: SchemaRef, scratch: &Path) -> Result<Spilled, Failure> {
        let file = tempfile::Builder::new().prefix("log-").suffix(".parquet").tempfile_in(scratch);
        let path = file.map_err(|error| cannot_write(scratch, error))?.into_temp_path();
        let writer = open_writer(&path, Arc::clone(&schema))?;
        Ok(Spilled { path, schema, writer })
    }

    fn write(&mut self, held: &mut Vec<RecordBatch>) -> Result<(), Failure> {
        held.drain(..)
            .try_for_each(|batch| self.writer.write(&batch).map_err(|error| cannot_write(&self.path, error)))
    }
}

fn cannot_write(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::because(format!("cannot write {}: is there space?", path.display()), error)
}
