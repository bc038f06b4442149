//! What a command says on standard output: words for people, or one JSON document for programs.

use crate::args::Common;
use crate::ended::Ended;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Print `document` where `--json` asks for it, else the words.
pub fn result(
    common: &Common,
    document: &impl Serialize,
    words: impl FnOnce() -> String,
) -> Result<(), Ended> {
    let text = if common.json {
        serde_json::to_string_pretty(document).map_err(|error| Ended::Failed(error.into()))? + "\n"
    } else {
        // Word joiners keep a range on one line of a page; some terminals draw them.
        words().replace('\u{2060}', "")
    };
    print(&text)
}

/// Print text; a reader who has gone away is no error.
pub fn print(text: &str) -> Result<(), Ended> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Ended::Failed(error.into())),
        _ => Ok(()),
    }
}

/// Write a file whole or not at all: beside it first, then in its place.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Ended> {
    write_file_with(path, |file| file.write_all(bytes).map_err(|error| not_written(path, error)))
}

/// The same for what is written piece by piece.
pub fn write_file_with(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), Ended>,
) -> Result<(), Ended> {
    let failed = |error: std::io::Error| not_written(path, error);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let mut file = BufWriter::new(File::create(&beside).map_err(failed)?);
    let written = write(&mut file).and_then(|()| file.flush().map_err(failed));
    if written.is_err() {
        // What is half written helps nobody; that it cannot be removed either adds nothing to what is said.
        let _ = std::fs::remove_file(&beside);
    }
    written?;
    std::fs::rename(&beside, path).map_err(failed)
}

fn not_written(path: &Path, error: std::io::Error) -> Ended {
    Ended::Failed(anyhow::Error::new(error).context(format!(
        "cannot write {}: check that the folder exists, is writable and has space",
        path.display()
    )))
}

/// 1234567 as `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `2 rows`: a number with its noun, whose plural takes an s.
pub fn of(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 1_000].map(|rows| super::of(rows, "row")), ["0 rows", "1 row", "1,000 rows"]);
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (69_659, "69,659"), (1_234_567, "1,234,567")]
        {
            assert_eq!(super::count(number), text);
        }
    }
}
