//! The truth of a simulated market as a Parquet file: texts and numbers, whatever columns it has.

use datafusion::arrow::array::{ArrayBuilder, ArrayRef, Float64Builder, RecordBatch, StringBuilder};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::parquet::arrow::ArrowWriter;
use domain::port::Failure;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const ROWS_AT_ONCE: usize = 65_536;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Absent,
    /// Text.
    Text(&'a str),
    /// Text made for the occasion.
    Owned(String),
    /// A number.
    Float(f64),
}

/// A Parquet file being written. A column's type is that of its first value within the first rows; one without any
/// is text.
pub struct TruthFile {
    path: PathBuf,
    names: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    writer: Option<(Arc<Schema>, ArrowWriter<File>)>,
}

enum Cell {
    Absent,
    Text(String),
    Float(f64),
}

impl TruthFile {
    /// Begin a file with these columns.
    ///
    /// # Errors
    /// Where the folder is read-only or full.
    pub fn create(path: &Path, names: &[&'static str]) -> Result<TruthFile, Failure> {
        File::create(path).map_err(|error| cannot_write(path, error))?;
        Ok(TruthFile { path: path.to_owned(), names: names.to_vec(), rows: Vec::new(), writer: None })
    }

    /// Add a row.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn row<'a>(&mut self, cells: impl Iterator<Item = Value<'a>>) -> Result<(), Failure> {
        self.rows.push(
            cells
                .map(|cell| match cell {
                    Value::Absent => Cell::Absent,
                    Value::Text(text) => Cell::Text(text.to_owned()),
                    Value::Owned(text) => Cell::Text(text),
                    Value::Float(number) => Cell::Float(number),
                })
                .collect(),
        );
        if self.rows.len() >= ROWS_AT_ONCE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let failed = |error| cannot_write(&self.path, error);
        if self.writer.is_none() {
            let fields: Vec<Field> = self
                .names
                .iter()
                .enumerate()
                .map(|(place, name)| {
                    let first = self.rows.iter().find(|row| !matches!(row[place], Cell::Absent));
                    let is_number = first.is_some_and(|row| matches!(row[place], Cell::Float(_)));
                    Field::new(*name, if is_number { DataType::Float64 } else { DataType::Utf8 }, true)
                })
                .collect();
            let schema = Arc::new(Schema::new(fields));
            let file = File::create(&self.path).map_err(|error| cannot_write(&self.path, error))?;
            self.writer =
                Some((Arc::clone(&schema), ArrowWriter::try_new(file, schema, None).map_err(failed)?));
        }
        let (schema, writer) = self.writer.as_mut().expect("made above");
        let rows = std::mem::take(&mut self.rows);
        let arrays: Vec<ArrayRef> = schema
            .fields()
            .iter()
            .enumerate()
            .map(|(place, field)| match field.data_type() {
                DataType::Float64 => {
                    let mut column = Float64Builder::with_capacity(rows.len());
                    rows.iter().for_each(|row| match row[place] {
                        Cell::Float(number) => column.append_value(number),
                        _ => column.append_null(),
                    });
                    ArrayBuilder::finish(&mut column)
                }
                _ => {
                    let mut column = StringBuilder::new();
                    rows.iter().for_each(|row| match &row[place] {
                        Cell::Text(text) => column.append_value(text),
                        Cell::Float(number) => column.append_value(number.to_string()),
                        Cell::Absent => column.append_null(),
                    });
                    ArrayBuilder::finish(&mut column)
                }
            })
            .collect();
        let batch = RecordBatch::try_new(Arc::clone(schema), arrays)
            .map_err(|error| Failure::because("the truth does not fit its columns", error))?;
        writer.write(&batch).map_err(|error| cannot_write(&self.path, error))
    }

    /// End the file.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn close(mut self) -> Result<(), Failure> {
        self.flush()?;
        let (_, writer) = self.writer.expect("made by flush");
        writer.close().map_err(|error| cannot_write(&self.path, error))?;
        Ok(())
    }
}

fn cannot_write(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::because(format!("cannot write {}", path.display()), error)
}
