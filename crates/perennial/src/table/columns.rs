//! The columns of a file by name and by role, and what is refused about their cells.

use crate::ended::Ended;
use std::collections::BTreeMap;

/// The roles of a command, each with the names under which its column is usually found.
pub type Roles = &'static [(&'static str, &'static [&'static str])];

/// The header of a file, and who looks for what in it.
pub struct Columns {
    file: String,
    header: Vec<String>,
    maps: BTreeMap<String, String>,
    roles: Roles,
}

impl Columns {
    /// The columns of a file; refused where its header is empty or a map names no role.
    pub fn new(file: String, header: Vec<String>, maps: &[String], roles: Roles) -> Result<Columns, Ended> {
        if header.iter().all(String::is_empty) {
            return Err(Ended::Refused(format!("{file} is empty; a header and rows below it are expected")));
        }
        Ok(Columns { maps: maps_of(maps, roles)?, file, header, roles })
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// A refusal that names the file.
    pub fn refused(&self, error: impl std::fmt::Display) -> Ended {
        Ended::Refused(format!("{}: {error}", self.file))
    }

    /// The refusal of a header alone.
    pub fn without_rows(&self) -> Ended {
        Ended::Refused(format!("{} has no rows below its header", self.file))
    }

    /// A refusal of one cell.
    pub fn wrong(&self, line: u64, place: usize, what: &str) -> Ended {
        self.refused(format!("line {line}, column {}: the cell {what}", self.header[place]))
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

    /// The column of a role that must have one.
    pub fn needed(&self, role: &str) -> Result<usize, Ended> {
        self.place(role)?.ok_or_else(|| {
            self.refused(format!(
                "no column for {role} among {}; say which with --map {role}=COLUMN",
                self.header.join(", ")
            ))
        })
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

    /// The number in a cell. `line` is asked where it is none.
    pub fn number(&self, cell: &str, line: impl FnOnce() -> u64, place: usize) -> Result<f64, Ended> {
        let number = cell.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| {
            let with_point = cell.replacen(',', ".", 1);
            let is_comma = cell.contains(',') && with_point.parse::<f64>().is_ok();
            let mend = if is_comma { format!("; write {with_point}") } else { String::new() };
            self.wrong(line(), place, &format!("is '{cell}', which is no number{mend}"))
        })
    }

    /// The whole number in a cell, within a range.
    pub fn whole(
        &self,
        cell: &str,
        line: impl Fn() -> u64,
        place: usize,
        from: i64,
        to: i64,
    ) -> Result<i64, Ended> {
        let number = self.number(cell, &line, place)?;
        if number.fract() == 0.0 && number >= from as f64 && number <= to as f64 {
            return Ok(number as i64);
        }
        let text = format!("is {number}; whole numbers from {from} to {to} are expected");
        Err(self.wrong(line(), place, &text))
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
