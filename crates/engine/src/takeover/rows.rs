//! A file of rows with named columns: cells with where they stand, and what is wrong with them.

use super::{LISTED, Problem};
use crate::collect::split::{Dialect, Row, Scratch, Separator, records};
use domain::money::Decimal;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::HashMap;

/// What is wrong with the files, as far as it is listed.
#[derive(Default)]
pub(super) struct Problems {
    pub(super) all: Vec<Problem>,
}

impl Problems {
    pub(super) fn add(&mut self, problem: Problem) {
        if self.all.len() < LISTED {
            self.all.push(problem);
        }
    }
}

/// A file.
pub(super) struct Table<'a> {
    file: &'a str,
    text: &'a str,
    columns: HashMap<String, usize>,
    names: Vec<String>,
    dialect: Dialect,
}

/// A row of it.
pub(super) struct Line<'a> {
    table: &'a Table<'a>,
    row: Row<'a>,
}

impl<'a> Table<'a> {
    /// A file with a header that names the columns `known`, of which `needed` must be there. Columns that begin with
    /// `attribute.` or `field.` are the shop's own.
    pub(super) fn open(
        file: &'a str,
        text: &'a str,
        needed: &[&str],
        known: &[&str],
        problems: &mut Problems,
    ) -> Option<Table<'a>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let head = text.lines().next().unwrap_or_default();
        let most = [Separator::Comma, Separator::Semicolon, Separator::Tab];
        let separator =
            most.into_iter().max_by_key(|one| head.bytes().filter(|byte| *byte == one.byte()).count())?;
        let dialect = Dialect { separator, quote: Some(b'"'), newline: b'\n' };
        let mut names: Vec<String> = Vec::new();
        let first = text.find('\n').map_or(text.len(), |end| end + 1);
        records(&text[..first], 1, &dialect, &mut Scratch::default(), |row| {
            names = row.cells().map(|cell| cell.to_lowercase()).collect();
        });
        let problem = |column: &str, reason: String| Problem {
            file: file.to_owned(),
            line: 1,
            column: column.to_owned(),
            value: String::new(),
            reason,
        };
        let before = problems.all.len();
        for needed in needed.iter().filter(|needed| !names.iter().any(|name| name == **needed)) {
            problems
                .add(problem(needed, format!("this column is missing; the file has {}", names.join(", "))));
        }
        for (place, name) in names.iter().enumerate() {
            let is_own = name.starts_with("attribute.") || name.starts_with("field.");
            if !is_own && !needed.contains(&name.as_str()) && !known.contains(&name.as_str()) {
                let all: Vec<&str> = needed.iter().chain(known).copied().collect();
                problems.add(problem(name, format!("no such column here; known: {}", all.join(", "))));
            }
            if names[..place].contains(name) {
                problems.add(problem(name, "this column is there twice".to_owned()));
            }
        }
        let columns = names.iter().cloned().enumerate().map(|(place, name)| (name, place)).collect();
        (problems.all.len() == before).then_some(Table { file, text, columns, names, dialect })
    }

    /// Each row that is not blank.
    pub(super) fn each(&self, problems: &mut Problems, mut on: impl FnMut(&Line<'_>, &mut Problems)) {
        let mut scratch = Scratch::default();
        let mut is_head = true;
        records(self.text, 1, &self.dialect, &mut scratch, |row| {
            if std::mem::take(&mut is_head) || row.is_blank() {
                return;
            }
            // The row lives as long as its piece; the closure does not keep it.
            let line = Line { table: self, row };
            if line.row.is_open {
                problems.add(line.problem("", "a quotation mark is never closed"));
            } else if line.row.len() > self.names.len() {
                let reason =
                    format!("{} cells, and the header names {} columns", line.row.len(), self.names.len());
                problems.add(line.problem("", &reason));
            } else {
                on(&line, problems);
            }
        });
    }

    /// Columns that begin with a word, with what follows it.
    pub(super) fn own<'b>(&'b self, prefix: &'b str) -> impl Iterator<Item = (&'b str, &'b str)> + 'b {
        self.names.iter().filter_map(move |name| Some((name.as_str(), name.strip_prefix(prefix)?)))
    }
}

impl Line<'_> {
    /// Its line, from 1.
    pub(super) fn number(&self) -> u64 {
        self.row.line
    }

    /// A cell; empty where there is none.
    pub(super) fn text(&self, column: &str) -> &str {
        self.table.columns.get(column).map_or("", |place| self.row.cell(*place))
    }

    /// What is wrong with a cell.
    pub(super) fn problem(&self, column: &str, reason: &str) -> Problem {
        Problem {
            file: self.table.file.to_owned(),
            line: self.row.line,
            column: column.to_owned(),
            value: self.text(column).to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// A cell that must not be empty.
    pub(super) fn needed(&self, column: &str, problems: &mut Problems) -> Option<String> {
        let text = self.text(column);
        if text.is_empty() {
            problems.add(self.problem(column, "this must not be empty"));
            return None;
        }
        Some(text.to_owned())
    }

    /// A day, `YYYY-MM-DD`; a time behind it is left aside. `Ok(None)` where the cell is empty.
    pub(super) fn day(&self, column: &str, problems: &mut Problems) -> Result<Option<Date>, ()> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let day = text.get(..10).and_then(|day| day.parse::<Date>().ok());
        if day.is_none() {
            problems.add(self.problem(column, "not a day: write 2026-03-31"));
        }
        day.map(Some).ok_or(())
    }

    /// A day that must be there.
    pub(super) fn needed_day(&self, column: &str, problems: &mut Problems) -> Option<Date> {
        match self.day(column, problems) {
            Ok(None) => {
                problems.add(self.problem(column, "this must not be empty"));
                None
            }
            Ok(day) => day,
            Err(()) => None,
        }
    }

    /// An instant, or a day, which is its beginning in the shop's zone.
    pub(super) fn instant(
        &self,
        column: &str,
        start: impl Fn(Date) -> Timestamp,
        problems: &mut Problems,
    ) -> Result<Option<Timestamp>, ()> {
        if let Ok(at) = self.text(column).parse::<Timestamp>() {
            return Ok(Some(at));
        }
        Ok(self.day(column, problems)?.map(start))
    }

    /// A number in units of 10^-`scale`, zero or more.
    pub(super) fn units(&self, column: &str, scale: u32, problems: &mut Problems) -> Option<i64> {
        let text = self.text(column);
        let number = Decimal::parse(text).ok().filter(|number| number.digits >= 0);
        let exact = number.filter(|number| number.scale <= scale);
        let units = exact.and_then(|number| number.rescale(scale));
        if units.is_none() {
            let reason = match number {
                Some(_) => format!("at most {scale} digits after the point here"),
                None => "not a number, zero or more, with a point before decimals".to_owned(),
            };
            problems.add(self.problem(column, &reason));
        }
        units
    }
}
