//! A file that is read a row at a time and as often as asked, for what is larger than memory: CSV or Parquet.

use super::columns::{Columns, Roles};
use super::{is_end_of_line, said, sign};
use crate::ended::Ended;
use analytics::parquet_input::ParquetInput;
use csv::StringRecord;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

const MARK: &[u8] = b"\xef\xbb\xbf";

/// A file of which the header has been read.
pub struct Stream {
    path: PathBuf,
    columns: Columns,
    kind: Kind,
}

enum Kind {
    /// Parted by this sign, from this byte on.
    Text {
        sign: u8,
        from: u64,
    },
    Parquet(ParquetInput),
}

/// One row as it passes.
pub struct Row<'a> {
    columns: &'a Columns,
    cells: &'a StringRecord,
    at: Place<'a>,
}

/// Where a row is. The line of a row in a text is counted where somebody asks for it, which ends the reading.
#[derive(Clone, Copy)]
enum Place<'a> {
    Line(u64),
    Byte(&'a Path, u64),
}

impl Place<'_> {
    fn line(self) -> u64 {
        match self {
            Place::Line(line) => line,
            Place::Byte(path, byte) => line_after(path, byte).unwrap_or(0),
        }
    }
}

impl Stream {
    /// Open a file and read the names of its columns.
    pub fn open(path: &Path, maps: &[String], roles: Roles) -> Result<Stream, Ended> {
        let file = path.display().to_string();
        let refused = |error: std::io::Error| Ended::Refused(format!("{file}: {error}"));
        let mut reader = BufReader::new(File::open(path).map_err(refused)?);
        let mut first = Vec::new();
        while first.strip_prefix(MARK).unwrap_or(&first).trim_ascii().is_empty() {
            if reader.by_ref().take(1 << 20).read_until(b'\n', &mut first).map_err(refused)? == 0 {
                break;
            }
        }
        let (kind, header) = if first.starts_with(b"PAR1") {
            let input = ParquetInput::open(path).map_err(|error| Ended::Refused(error.to_string()))?;
            let header = input.header().to_vec();
            (Kind::Parquet(input), header)
        } else {
            let from = if first.starts_with(MARK) { MARK.len() } else { 0 };
            let sign = sign(&first[from..]).ok_or_else(|| {
                Ended::Refused(format!(
                    "{file}: its columns are parted by blanks; a stream is read from CSV, semicolons, tabs or Parquet"
                ))
            })?;
            let kind = Kind::Text { sign, from: from as u64 };
            let header = text(path, sign, from as u64)
                .and_then(|mut reader| Ok(reader.headers()?.iter().map(str::to_owned).collect()))
                .map_err(|error| Ended::Refused(format!("{file}{}", said(&error, 1))))?;
            (kind, header)
        };
        let columns = Columns::new(file, header, maps, roles)?;
        Ok(Stream { path: path.to_owned(), columns, kind })
    }

    /// The columns.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Hand every row to `each`, from the first on, until one is refused.
    pub fn visit(&self, each: &mut dyn FnMut(&Row) -> Result<(), Ended>) -> Result<(), Ended> {
        let mut cells = StringRecord::new();
        match &self.kind {
            Kind::Text { sign, from } => {
                let place =
                    |at: Option<&csv::Position>| Place::Byte(&self.path, from + at.map_or(0, |at| at.byte()));
                let refused = |error: csv::Error| {
                    Ended::Refused(format!(
                        "{}{}",
                        self.path.display(),
                        said(&error, place(error.position()).line())
                    ))
                };
                let mut reader = text(&self.path, *sign, *from).map_err(refused)?;
                while reader.read_record(&mut cells).map_err(refused)? {
                    each(&Row { columns: &self.columns, cells: &cells, at: place(cells.position()) })?;
                }
            }
            Kind::Parquet(input) => {
                let refused = |error: domain::port::Failure| Ended::Refused(error.to_string());
                let mut rows = input.rows().map_err(refused)?;
                for line in 1.. {
                    cells.clear();
                    if !rows.next(&mut |cell| cells.push_field(cell.trim())).map_err(refused)? {
                        break;
                    }
                    each(&Row { columns: &self.columns, cells: &cells, at: Place::Line(line) })?;
                }
            }
        }
        Ok(())
    }
}

impl Row<'_> {
    /// The cell of a column, which may not be empty.
    pub fn text(&self, place: usize) -> Result<&str, Ended> {
        match self.cells.get(place).unwrap_or_default() {
            "" => Err(self.wrong(place, "is empty; fill it or remove the row")),
            cell => Ok(cell),
        }
    }

    /// The number in a column.
    pub fn number(&self, place: usize) -> Result<f64, Ended> {
        self.columns.number(self.cells.get(place).unwrap_or_default(), || self.at.line(), place)
    }

    /// The whole number in a column, within a range.
    pub fn whole(&self, place: usize, from: i64, to: i64) -> Result<i64, Ended> {
        self.columns.whole(self.cells.get(place).unwrap_or_default(), || self.at.line(), place, from, to)
    }

    /// A refusal of one cell of the row.
    pub fn wrong(&self, place: usize, what: &str) -> Ended {
        self.columns.wrong(self.at.line(), place, what)
    }
}

/// The line, from 1, of the first row of a file at or after a byte.
fn line_after(path: &Path, byte: u64) -> std::io::Result<u64> {
    let mut line = 1;
    for (at, byte_there) in (0..).zip(BufReader::with_capacity(1 << 20, File::open(path)?).bytes()) {
        let byte_there = byte_there?;
        if at >= byte && !is_end_of_line(byte_there) {
            break;
        }
        line += u64::from(byte_there == b'\n');
    }
    Ok(line)
}

fn text(path: &Path, sign: u8, from: u64) -> Result<csv::Reader<BufReader<File>>, csv::Error> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    file.seek(SeekFrom::Start(from))?;
    Ok(csv::ReaderBuilder::new().delimiter(sign).trim(csv::Trim::All).from_reader(file))
}
