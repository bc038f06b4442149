//! A small file of an analyst's, by columns: CSV, semicolons, tabs or blanks, with a header, or Parquet.
//!
//! Columns have roles. A role is filled by the column that `--map role=COLUMN` names (by header or number), else by
//! a column with one of the role's usual names. What cannot be read is refused with file, line and column.

mod columns;
mod stream;

pub use columns::Roles;
pub use stream::{Row, Stream};

use crate::ended::Ended;
use analytics::parquet_input::ParquetInput;
use columns::Columns;
use csv::{Position, StringRecord};
use domain::port::Failure;
use std::path::Path;

/// Rows that counts may stand for, at most.
const MOST_ROWS: f64 = 2e7;

/// A file by columns.
pub struct Table {
    columns: Columns,
    records: Vec<StringRecord>,
    /// Which record each row is; one record may stand for many equal rows.
    rows: Vec<usize>,
}

impl Table {
    /// Read a file. Where `roles` has a role `count` and the file such a column, a line stands for that many rows.
    pub fn read(path: &Path, maps: &[String], roles: Roles) -> Result<Table, Ended> {
        let file = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| Ended::Refused(format!("{file}: {error}")))?;
        let (header, records) = if bytes.starts_with(b"PAR1") {
            parquet(path).map_err(|error| Ended::Refused(error.to_string()))?
        } else {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            let line = |error: &csv::Error| error.position().map_or(0, |at| line_after(bytes, at.byte()));
            parse(bytes).map_err(|error| Ended::Refused(format!("{file}{}", said(&error, line(&error)))))?
        };
        let columns = Columns::new(file, header, maps, roles)?;
        if records.is_empty() {
            return Err(columns.without_rows());
        }
        let rows = (0..records.len()).collect();
        let mut table = Table { columns, records, rows };
        if roles.iter().any(|(role, _)| *role == "count") {
            table.repeat()?;
        }
        Ok(table)
    }

    /// Let every line stand for as many rows as its column `count` says.
    fn repeat(&mut self) -> Result<(), Ended> {
        let Some(counts) = self.maybe("count")? else { return Ok(()) };
        let total: f64 = counts.iter().sum();
        if let Some(place) = counts.iter().position(|count| *count < 0.0 || count.fract() != 0.0) {
            let line = self.line(place);
            let text = format!("line {line}: the count {} is no whole number of rows", counts[place]);
            return Err(self.refused(text));
        }
        if !(1.0..=MOST_ROWS).contains(&total) {
            return Err(
                self.refused(format!("the counts add up to {total}; 1 to {MOST_ROWS} rows can be read"))
            );
        }
        let times = counts.iter().enumerate();
        self.rows = times.flat_map(|(row, count)| std::iter::repeat_n(row, *count as usize)).collect();
        Ok(())
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        self.columns.header()
    }

    /// A refusal that names the file.
    pub fn refused(&self, error: impl std::fmt::Display) -> Ended {
        self.columns.refused(error)
    }

    /// A refusal by a method that was given the rows of the file in their order: what it calls a row, from 0, is told as
    /// the line of the file that it stands on.
    pub fn refused_rows(&self, error: impl std::fmt::Display) -> Ended {
        let text = error.to_string();
        let (mut told, mut rest) = (String::new(), text.as_str());
        while let Some(at) = rest.find("row ") {
            let (before, after) = rest.split_at(at);
            let digits =
                after["row ".len()..].split(|sign: char| !sign.is_ascii_digit()).next().unwrap_or("");
            let is_word = !before.ends_with(|sign: char| sign.is_alphanumeric());
            told += before;
            match digits.parse::<usize>().ok().filter(|row| is_word && *row < self.len()) {
                Some(row) => told += &format!("line {}", self.line(row)),
                None => told += &after[.."row ".len() + digits.len()],
            }
            rest = &after["row ".len() + digits.len()..];
        }
        self.refused(told + rest)
    }

    /// The line of the file that a row stands on.
    pub fn line(&self, row: usize) -> u64 {
        self.rows.get(row).and_then(|record| self.records[*record].position()).map_or(0, Position::line)
    }

    /// The column of a role, if there is one.
    pub fn place(&self, role: &str) -> Result<Option<usize>, Ended> {
        self.columns.place(role)
    }

    /// A column by its header or its number.
    pub fn named(&self, column: &str) -> Result<usize, Ended> {
        self.columns.named(column)
    }

    /// The numbers of a role, if a column has it.
    pub fn maybe(&self, role: &str) -> Result<Option<Vec<f64>>, Ended> {
        self.place(role)?.map(|place| self.numbers(place)).transpose()
    }

    /// The numbers of a role.
    pub fn column(&self, role: &str) -> Result<Vec<f64>, Ended> {
        self.numbers(self.columns.needed(role)?)
    }

    /// The cells of a role, if a column has it.
    pub fn maybe_texts(&self, role: &str) -> Result<Option<Vec<&str>>, Ended> {
        Ok(self.place(role)?.map(|place| self.texts_at(place)))
    }

    /// The cells of a role, none of them empty.
    pub fn texts(&self, role: &str) -> Result<Vec<&str>, Ended> {
        self.full(self.columns.needed(role)?)
    }

    /// The cells of a column, none of them empty.
    pub fn full(&self, place: usize) -> Result<Vec<&str>, Ended> {
        let cells = self.texts_at(place);
        match cells.iter().position(|cell| cell.is_empty()) {
            Some(row) => Err(self.wrong(row, place, "is empty; fill it or remove the row")),
            None => Ok(cells),
        }
    }

    /// The cells of a column.
    pub fn texts_at(&self, place: usize) -> Vec<&str> {
        self.rows.iter().map(|row| self.records[*row].get(place).unwrap_or_default()).collect()
    }

    /// The numbers of a column.
    pub fn numbers(&self, place: usize) -> Result<Vec<f64>, Ended> {
        let read = |(row, cell): (usize, &str)| self.columns.number(cell, || self.line(row), place);
        self.texts_at(place).into_iter().enumerate().map(read).collect()
    }

    /// Whole numbers of a role, within a range.
    pub fn whole(&self, role: &str, from: i64, to: i64) -> Result<Vec<i64>, Ended> {
        self.whole_numbers(self.columns.needed(role)?, from, to)
    }

    /// Whole numbers of a column, within a range.
    pub fn whole_numbers(&self, place: usize, from: i64, to: i64) -> Result<Vec<i64>, Ended> {
        let cells = self.texts_at(place).into_iter().enumerate();
        cells.map(|(row, cell)| self.columns.whole(cell, || self.line(row), place, from, to)).collect()
    }

    /// A refusal of one cell.
    pub fn wrong(&self, row: usize, place: usize, what: &str) -> Ended {
        self.columns.wrong(self.line(row), place, what)
    }

    /// A refusal of one cell of a role.
    pub fn wrong_in(&self, role: &str, row: usize, what: &str) -> Ended {
        match self.place(role) {
            Ok(Some(place)) => self.wrong(row, place, what),
            _ => self.refused(format!("line {}: {what}", self.line(row))),
        }
    }
}

type Parsed = (Vec<String>, Vec<StringRecord>);

/// Header and rows; the sign that is most frequent in the header parts the columns, blanks where there is none.
fn parse(bytes: &[u8]) -> Result<Parsed, csv::Error> {
    let first = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let Some(sign) = sign(first.unwrap_or_default()) else {
        return Ok(blanks(&String::from_utf8_lossy(bytes)));
    };
    let mut reader = csv::ReaderBuilder::new().delimiter(sign).trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers()?.iter().map(str::to_owned).collect();
    let mut records = reader.records().collect::<Result<Vec<_>, _>>()?;
    // The reader counts no blank line that stands before a row: from row to row, lines are counted anew.
    let (mut from, mut line) = (0, 1);
    for record in &mut records {
        let Some(mut position) = record.position().cloned() else { continue };
        let at = position.byte() as usize;
        line += line_after(&bytes[from..], (at - from) as u64) - 1;
        from = at + bytes[at..].iter().take_while(|byte| is_end_of_line(**byte)).count();
        position.set_line(line);
        record.set_position(Some(position));
    }
    Ok((header, records))
}

fn is_end_of_line(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// The line, from 1, of the first row at or after a byte: what ends lines before it counts.
fn line_after(bytes: &[u8], at: u64) -> u64 {
    let at = at as usize;
    let blank = bytes[at..].iter().take_while(|byte| is_end_of_line(**byte)).count();
    1 + bytes[..at + blank].iter().filter(|byte| **byte == b'\n').count() as u64
}

/// What is wrong with a file that is no table, to follow the file's name.
fn said(error: &csv::Error, line: u64) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!(
            " line {line}: {len} cells where the header has {expected_len}; a cell with the sign that parts them stands \
             in quotation marks"
        ),
        csv::ErrorKind::Utf8 { .. } => format!(" line {line}: no text in UTF-8; save the file as UTF-8"),
        _ => format!(": {error}"),
    }
}

/// The sign that is most frequent in a header; none where only blanks part its columns.
fn sign(header: &[u8]) -> Option<u8> {
    let times = |sign: &u8| header.iter().filter(|byte| *byte == sign).count();
    let sign = *[b',', b';', b'\t'].iter().max_by_key(|sign| times(sign)).expect("three signs");
    let is_blank = times(&sign) == 0 && header.trim_ascii().contains(&b' ');
    (!is_blank).then_some(sign)
}

/// Header and rows of a Parquet file; a row's line is its number.
fn parquet(path: &Path) -> Result<Parsed, Failure> {
    let input = ParquetInput::open(path)?;
    let (mut rows, mut records) = (input.rows()?, Vec::new());
    loop {
        let mut record = StringRecord::new();
        if !rows.next(&mut |cell| record.push_field(cell.trim()))? {
            return Ok((input.header().to_vec(), records));
        }
        let mut position = Position::new();
        position.set_line(records.len() as u64 + 1);
        record.set_position(Some(position));
        records.push(record);
    }
}

fn blanks(text: &str) -> Parsed {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let header = lines.next().map_or("", |(_, line)| line).split_whitespace().map(str::to_owned).collect();
    let record = |(place, line): (usize, &str)| {
        let mut record: StringRecord = line.split_whitespace().collect();
        let mut position = Position::new();
        position.set_line(place as u64 + 1);
        record.set_position(Some(position));
        record
    };
    (header, lines.map(record).collect())
}
