//! A small file of an analyst's, by columns: CSV, semicolons, tabs or blanks, with a header.
//!
//! Columns have roles. A role is filled by the column that `--map role=COLUMN` names (by header or number), else by
//! a column with one of the role's usual names. What cannot be read is refused with file, line and column.

use crate::ended::Ended;
use csv::{Position, StringRecord};
use std::collections::BTreeMap;
use std::path::Path;

/// The roles of a command, each with the names under which its column is usually found.
pub type Roles = &'static [(&'static str, &'static [&'static str])];

/// Rows that counts may stand for, at most.
const MOST_ROWS: f64 = 2e7;

/// A file by columns.
pub struct Table {
    file: String,
    header: Vec<String>,
    records: Vec<StringRecord>,
    /// Which record each row is; one record may stand for many equal rows.
    rows: Vec<usize>,
    maps: BTreeMap<String, String>,
    roles: Roles,
}

impl Table {
    /// Read a file. Where `roles` has a role `count` and the file such a column, a line stands for that many rows.
    pub fn read(path: &Path, maps: &[String], roles: Roles) -> Result<Table, Ended> {
        let file = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| Ended::Refused(format!("{file}: {error}")))?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let (header, records) = parse(bytes).map_err(|error| Ended::Refused(format!("{file}: {error}")))?;
        if header.iter().all(String::is_empty) {
            return Err(Ended::Refused(format!("{file} is empty; a header and rows below it are expected")));
        }
        if records.is_empty() {
            return Err(Ended::Refused(format!("{file} has no rows below its header")));
        }
        let maps = maps_of(maps, roles)?;
        let rows = (0..records.len()).collect();
        let mut table = Table { file, header, records, rows, maps, roles };
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
        &self.header
    }

    /// A refusal that names the file.
    pub fn refused(&self, error: impl std::fmt::Display) -> Ended {
        Ended::Refused(format!("{}: {error}", self.file))
    }

    /// The line of the file that a row stands on.
    pub fn line(&self, row: usize) -> u64 {
        self.rows.get(row).and_then(|record| self.records[*record].position()).map_or(0, Position::line)
    }

    /// The column of a role, if there is one.
    pub fn place(&self, role: &str) -> Result<Option<usize>, Ended> {
        if let Some(column) = self.maps.get(role) {
            return self.named(column).map(Some);
        }
        let names = self.roles.iter().find(|(known, _)| *known == role).map_or(&[][..], |(_, names)| names);
        let is_here = |name: &&str| self.header.iter().position(|column| column.eq_ignore_ascii_case(name));
        Ok(names.iter().find_map(is_here))
    }

    /// A column by its header or its number.
    pub fn named(&self, column: &str) -> Result<usize, Ended> {
        let by_name = self.header.iter().position(|name| name == column);
        let by_number =
            || column.parse::<usize>().ok()?.checked_sub(1).filter(|place| *place < self.header.len());
        by_name.or_else(by_number).ok_or_else(|| {
            self.refused(format!("no column '{column}'; there are {}", self.header.join(", ")))
        })
    }

    fn needed(&self, role: &str) -> Result<usize, Ended> {
        self.place(role)?.ok_or_else(|| {
            self.refused(format!(
                "no column for {role} among {}; say which with --map {role}=COLUMN",
                self.header.join(", ")
            ))
        })
    }

    /// The numbers of a role, if a column has it.
    pub fn maybe(&self, role: &str) -> Result<Option<Vec<f64>>, Ended> {
        self.place(role)?.map(|place| self.numbers(place)).transpose()
    }

    /// The numbers of a role.
    pub fn column(&self, role: &str) -> Result<Vec<f64>, Ended> {
        self.numbers(self.needed(role)?)
    }

    /// The cells of a role, if a column has it.
    pub fn maybe_texts(&self, role: &str) -> Result<Option<Vec<&str>>, Ended> {
        Ok(self.place(role)?.map(|place| self.texts_at(place)))
    }

    /// The cells of a role, none of them empty.
    pub fn texts(&self, role: &str) -> Result<Vec<&str>, Ended> {
        self.full(self.needed(role)?)
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
        let read = |(row, cell): (usize, &str)| {
            let number = cell.parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| self.wrong(row, place, &format!("is '{cell}', which is no number")))
        };
        self.texts_at(place).into_iter().enumerate().map(read).collect()
    }

    /// Whole numbers of a role, within a range.
    pub fn whole(&self, role: &str, from: i64, to: i64) -> Result<Vec<i64>, Ended> {
        let place = self.needed(role)?;
        let is_fit = |number: f64| number.fract() == 0.0 && number >= from as f64 && number <= to as f64;
        let numbers = self.numbers(place)?;
        match numbers.iter().position(|number| !is_fit(*number)) {
            Some(row) => {
                let text = format!("is {}; whole numbers from {from} to {to} are expected", numbers[row]);
                Err(self.wrong(row, place, &text))
            }
            None => Ok(numbers.into_iter().map(|number| number as i64).collect()),
        }
    }

    /// A refusal of one cell.
    pub fn wrong(&self, row: usize, place: usize, what: &str) -> Ended {
        self.refused(format!("line {}, column {}: the cell {what}", self.line(row), self.header[place]))
    }

    /// A refusal of one cell of a role.
    pub fn wrong_in(&self, role: &str, row: usize, what: &str) -> Ended {
        match self.place(role) {
            Ok(Some(place)) => self.wrong(row, place, what),
            _ => self.refused(format!("line {}: {what}", self.line(row))),
        }
    }
}

fn maps_of(maps: &[String], roles: Roles) -> Result<BTreeMap<String, String>, Ended> {
    let names: Vec<&str> = roles.iter().map(|(role, _)| *role).collect();
    maps.iter()
        .flat_map(|text| text.split(','))
        .map(|map| {
            map.split_once('=')
                .filter(|(role, _)| names.contains(role))
                .map(|(role, column)| (role.to_owned(), column.to_owned()))
                .ok_or_else(|| {
                    let known = names.join(", ");
                    Ended::Usage(format!("--map {map}: expected role=column with a role of {known}"))
                })
        })
        .collect()
}

type Parsed = (Vec<String>, Vec<StringRecord>);

/// Header and rows; the sign that is most frequent in the header parts the columns, blanks where there is none.
fn parse(bytes: &[u8]) -> Result<Parsed, csv::Error> {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let times = |sign: &u8| first.iter().filter(|byte| *byte == sign).count();
    let sign = *[b',', b';', b'\t'].iter().max_by_key(|sign| times(sign)).expect("three signs");
    if times(&sign) == 0 && first.trim_ascii().contains(&b' ') {
        return Ok(blanks(&String::from_utf8_lossy(bytes)));
    }
    let mut reader = csv::ReaderBuilder::new().delimiter(sign).trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers()?.iter().map(str::to_owned).collect();
    Ok((header, reader.records().collect::<Result<Vec<_>, _>>()?))
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
