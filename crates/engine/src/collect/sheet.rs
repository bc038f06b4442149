//! Workbooks: the cells of one sheet as text, merged cells filled, dates as ISO text.

use super::encoding::composed;
use super::open::Source;
use super::refused::{Refused, Stopped};
use super::split::Laid;
use calamine::{Data, Dimensions, ExcelDateTime, Range, Reader, Sheets, open_workbook_auto_from_rs};
use std::io::{Cursor, Read};
use std::sync::Arc;

/// Rows of a sheet in one piece.
const PIECE_ROWS: usize = 20_000;

/// The sheet, cut into pieces: the line of the first row, and the rows.
pub(super) fn pieces(name: &str, bytes: Vec<u8>, sheet: Option<&str>) -> Result<Vec<(u64, Laid)>, Stopped> {
    let (range, merged) = open(name, bytes, sheet)?;
    let mut pieces = Vec::new();
    let first = range.start().map_or(0, |start| u64::from(start.0)) + 1;
    let mut laid = Laid::default();
    let mut from = first;
    for (place, row) in range.rows().enumerate() {
        let line = first + place as u64;
        for (column, cell) in row.iter().enumerate() {
            laid.push(&text(filled(&range, &merged, place, column).unwrap_or(cell)));
        }
        laid.end_row(line);
        if (place + 1) % PIECE_ROWS == 0 {
            pieces.push((from, std::mem::take(&mut laid)));
            from = line + 1;
        }
    }
    if !laid.is_empty() {
        pieces.push((from, laid));
    }
    Ok(pieces)
}

/// The first rows with their line numbers.
pub(super) fn sample(
    source: &Source,
    sheet: Option<&str>,
    rows: usize,
) -> Result<Vec<(u64, Vec<String>)>, Stopped> {
    let bytes = source.read(&Arc::default(), |read| {
        let mut bytes = Vec::new();
        read.read_to_end(&mut bytes).map_err(|error| super::open::cannot_read(&source.name, error))?;
        Ok(bytes)
    })?;
    let mut sample = Vec::new();
    for (_, laid) in pieces(&source.name, bytes, sheet)?.iter().take(1) {
        laid.each(|row| {
            if sample.len() < rows {
                sample.push((row.line, row.cells().map(str::to_owned).collect()));
            }
        });
    }
    if sample.is_empty() {
        return Err(Refused::Empty(source.name.clone()).into());
    }
    Ok(sample)
}

fn open(name: &str, bytes: Vec<u8>, sheet: Option<&str>) -> Result<(Range<Data>, Vec<Dimensions>), Stopped> {
    let damaged = |detail: String| Refused::Damaged { file: name.to_owned(), detail };
    let mut book =
        open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    let names = book.sheet_names();
    let wanted = match sheet {
        Some(sheet) => {
            names.iter().find(|known| known.as_str() == sheet).cloned().ok_or_else(|| Refused::BadOption {
                option: "--sheet",
                value: sheet.to_owned(),
                expected: format!("sheets of {name}: {}", names.join(", ")),
            })?
        }
        None => biggest(&mut book, &names).ok_or_else(|| Refused::Empty(name.to_owned()))?,
    };
    let range = book.worksheet_range(&wanted).map_err(|error| damaged(error.to_string()))?;
    let merged = match &mut book {
        Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(&wanted).unwrap_or_default(),
        _ => Vec::new(),
    };
    Ok((range, merged))
}

/// The sheet with the most cells: exports have cover and notes sheets beside the one that matters.
fn biggest<R: Read + std::io::Seek>(book: &mut Sheets<R>, names: &[String]) -> Option<String> {
    if let [only] = names {
        return Some(only.clone());
    }
    let size = |range: Range<Data>| range.used_cells().count();
    let mut best = None;
    for name in names {
        let cells = book.worksheet_range(name).map_or(0, size);
        if cells > best.as_ref().map_or(0, |(cells, _): &(usize, String)| *cells) {
            best = Some((cells, name.clone()));
        }
    }
    best.map(|(_, name)| name)
}

/// The value that a merged cell shows, where this one is the blank part of a cell merged over several rows.
fn filled<'a>(range: &'a Range<Data>, merged: &[Dimensions], row: usize, column: usize) -> Option<&'a Data> {
    let start = range.start()?;
    let (row, column) = (row as u32 + start.0, column as u32 + start.1);
    let area = merged.iter().find(|area| area.contains(row, column) && area.start.0 < area.end.0)?;
    range.get_value((area.start.0, column.min(area.start.1)))
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            composed(text.trim()).into_owned()
        }
        Data::Int(number) => number.to_string(),
        Data::Bool(truth) => truth.to_string(),
        Data::Float(number) => decimal(*number),
        Data::DateTime(moment) => date(moment),
    }
}

fn date(moment: &ExcelDateTime) -> String {
    if moment.is_duration() || moment.as_f64() < 1.0 {
        let seconds = (moment.as_f64() * 86_400.0).round() as i64;
        return format!("{:02}:{:02}:{:02}", seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    }
    // Half a second is added, because a serial is a binary fraction of a day just beside the second it means.
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let seconds =
        i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second) + i64::from(milli >= 500);
    if seconds >= 86_400 {
        return format!("{year:04}-{month:02}-{day:02} 23:59:59");
    }
    if seconds == 0 {
        return format!("{year:04}-{month:02}-{day:02}");
    }
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// A spreadsheet's number as it shows it: fifteen significant digits, no exponent, no zeros at the end.
fn decimal(number: f64) -> String {
    if !number.is_finite() {
        return String::new();
    }
    if number == number.trunc() && number.abs() < 1e15 {
        return format!("{number:.0}");
    }
    let whole = number.abs().log10().floor().max(0.0) as usize + 1;
    let text = format!("{number:.*}", 15usize.saturating_sub(whole));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn spreadsheet_numbers_lose_their_binary_tail() {
        for (number, expected) in [
            (0.1 + 0.2, "0.3"),
            (118_000.0, "118000"),
            (2.55, "2.55"),
            (-1_234.5, "-1234.5"),
            (40_513.351_388_888_89, "40513.3513888889"),
        ] {
            assert_eq!(decimal(number), expected);
        }
    }
}
