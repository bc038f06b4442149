//! The rejects file: what was not imported, where it stood and why, as CSV that a spreadsheet opens.

use super::judged::Reject;
use super::open::cannot_write;
use domain::port::Failure;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Written while importing; made when the first row is rejected.
pub(super) struct Rejects {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    pub count: u64,
}

impl Rejects {
    pub(super) fn new(path: PathBuf) -> Rejects {
        Rejects { path, file: None, count: 0 }
    }

    pub(super) fn add(&mut self, file: &str, columns: &[String], reject: &Reject) -> Result<(), Failure> {
        let path = self.path.clone();
        let failed = |error| cannot_write(&path, error);
        self.count += 1;
        let out = match &mut self.file {
            Some(out) => out,
            none => {
                if let Some(folder) = self.path.parent() {
                    std::fs::create_dir_all(folder).map_err(failed)?;
                }
                let out = none.insert(BufWriter::new(File::create(&self.path).map_err(failed)?));
                // The mark makes spreadsheets read UTF-8.
                out.write_all("\u{feff}file,line,column,value,reason\n".as_bytes()).map_err(failed)?;
                out
            }
        };
        let column = reject.column.map_or(String::new(), |place| column_name(columns, place));
        let cells = [
            quoted(file),
            reject.line.to_string(),
            quoted(&column),
            quoted(&reject.value),
            quoted(reject.reason.text()),
        ];
        writeln!(out, "{}", cells.join(",")).map_err(failed)
    }

    /// All rejects are on disk; the path, where there are any.
    pub(super) fn finish(&mut self) -> Result<Option<PathBuf>, Failure> {
        let Some(out) = &mut self.file else { return Ok(None) };
        out.flush().map_err(|error| cannot_write(&self.path, error))?;
        Ok(Some(self.path.clone()))
    }
}

/// The name of a column, or its number where it has none.
pub(super) fn column_name(columns: &[String], place: usize) -> String {
    columns
        .get(place)
        .filter(|name| !name.is_empty())
        .cloned()
        .unwrap_or_else(|| format!("column {}", place + 1))
}

/// A cell for CSV. One that a spreadsheet would take for a formula is disarmed with an apostrophe.
fn quoted(cell: &str) -> String {
    let disarmed = match cell.as_bytes().first() {
        Some(b'=' | b'@') => format!("'{cell}"),
        _ => cell.to_owned(),
    };
    if disarmed.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", disarmed.replace('"', "\"\""));
    }
    disarmed
}
