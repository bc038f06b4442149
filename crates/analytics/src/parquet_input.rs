//! Parquet files of a shop, read as rows of text, so that the same judge reads them as reads a CSV.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use domain::port::Failure;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A Parquet file of which the header has been read.
#[derive(Debug, Clone)]
pub struct ParquetInput {
    path: PathBuf,
    header: Vec<String>,
}

/// The rows of a Parquet file, one at a time.
pub struct ParquetRows {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    next: usize,
}

impl ParquetInput {
    /// Open a file and read the names of its columns.
    ///
    /// # Errors
    /// Where it is not there or no Parquet file.
    pub fn open(path: &Path) -> Result<ParquetInput, Failure> {
        let header = builder(path)?.schema().fields().iter().map(|field| field.name().clone()).collect();
        Ok(ParquetInput { path: path.to_owned(), header })
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Start from the first row.
    ///
    /// # Errors
    /// Where the file has gone or is damaged.
    pub fn rows(&self) -> Result<ParquetRows, Failure> {
        let reader = builder(&self.path)?.build().map_err(|error| damaged(&self.path, error))?;
        Ok(ParquetRows { path: self.path.clone(), reader, batch: None, next: 0 })
    }
}

impl ParquetRows {
    /// Hand the cells of the next row to `take`, as text: dates in ISO 8601, numbers plain, absent cells empty.
    /// `false` at the end.
    ///
    /// # Errors
    /// Where the file is damaged.
    pub fn next(&mut self, take: &mut dyn FnMut(&str)) -> Result<bool, Failure> {
        while self.batch.as_ref().is_none_or(|batch| self.next >= batch.num_rows()) {
            match self.reader.next() {
                None => return Ok(false),
                Some(batch) => self.batch = Some(batch.map_err(|error| damaged(&self.path, error))?),
            }
            self.next = 0;
        }
        let batch = self.batch.as_ref().expect("read above");
        let options = FormatOptions::default().with_null("");
        for column in batch.columns() {
            let cell =
                ArrayFormatter::try_new(column, &options).map_err(|error| damaged(&self.path, error))?;
            take(&cell.value(self.next).to_string());
        }
        self.next += 1;
        Ok(true)
    }
}

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, Failure> {
    let file = File::open(path)
        .map_err(|error| Failure::because(format!("{} cannot be read", path.display()), error))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(path, error))
}

fn damaged(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::because(format!("{} is damaged or no Parquet file; export it again", path.display()), error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::to_record_batch;
    use datafusion::parquet::arrow::ArrowWriter;
    use domain::column::{Batch, Column, Values};

    #[test]
    fn rows_come_as_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.parquet");
        let batch = to_record_batch(Batch::new(vec![
            Column::texts("Khách", [Some("A1"), None]),
            Column::new("Ngày", Values::Day(vec![20_000, 20_001])),
            Column::ints("Tiền", [Some(29_000), Some(-5)]),
        ]))
        .unwrap();
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();

        let input = ParquetInput::open(&path).unwrap();
        assert_eq!(input.header(), ["Khách", "Ngày", "Tiền"]);
        let (mut rows, mut cells) = (input.rows().unwrap(), Vec::new());
        while rows.next(&mut |cell| cells.push(cell.to_owned())).unwrap() {}
        assert_eq!(cells, ["A1", "2024-10-04", "29000", "", "2024-10-05", "-5"]);
    }

    #[test]
    fn a_file_of_another_kind_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.parquet");
        std::fs::write(&path, "order,date\n").unwrap();
        let failure = ParquetInput::open(&path).unwrap_err().to_string();
        assert!(failure.contains("orders.parquet is damaged or no Parquet file"), "{failure}");
    }
}
