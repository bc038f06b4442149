//! An export as bytes: CSV that Excel opens, or a workbook. The same rows give the same bytes.

use super::layout::{Field, Format, Layout};
use assets::Lang;
use domain::port::Failure;
use rust_xlsxwriter::{DataValidation, DocProperties, ExcelDateTime, Format as Style, Workbook, XlsxError};

/// Rows a sheet of Excel has, its head left out.
const SHEET_ROWS: usize = 1_048_575;

/// What can be written.
pub(super) struct Sheet<'a> {
    pub layout: &'a Layout,
    pub lang: Lang,
    /// The cells, row by row.
    pub rows: &'a [Vec<String>],
    /// What may be ticked in a column of outcomes.
    pub outcomes: &'a [String],
}

/// Whether so many rows fit.
pub(super) fn fits(format: Format, rows: usize) -> bool {
    format == Format::Csv || rows <= SHEET_ROWS
}

/// The bytes of the file.
pub(super) fn bytes(sheet: &Sheet<'_>) -> Result<Vec<u8>, Failure> {
    match sheet.layout.format {
        Format::Csv => Ok(csv(sheet)),
        Format::Xlsx => {
            xlsx(sheet).map_err(|error| Failure::because("the workbook cannot be written", error))
        }
    }
}

fn csv(sheet: &Sheet<'_>) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    let titles: Vec<&str> = sheet.layout.columns.iter().map(|column| column.title(sheet.lang)).collect();
    line(&mut text, titles.into_iter());
    for row in sheet.rows {
        line(&mut text, row.iter().map(String::as_str));
    }
    text.into_bytes()
}

/// One line of CSV.
pub(super) fn line<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            text.push(',');
        }
        // A spreadsheet would run a cell that begins like a formula; an apostrophe makes it text.
        let is_formula = cell.starts_with(['=', '@', '\t', '\r']) || is_sum(cell);
        let guard = if is_formula { "'" } else { "" };
        if is_formula || cell.contains([',', '"', '\n', '\r']) {
            text.push('"');
            text.push_str(guard);
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    text.push_str("\r\n");
}

/// Begins with a sign and is no number, such as `+84…` is one.
fn is_sum(cell: &str) -> bool {
    cell.strip_prefix(['+', '-']).is_some_and(|rest| !rest.bytes().all(|byte| byte.is_ascii_digit()))
}

fn xlsx(sheet: &Sheet<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // A fixed date: the same people are the same file.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let page = workbook.add_worksheet();
    if let Some(name) = &sheet.layout.sheet {
        page.set_name(name)?;
    }
    let head = Style::new().set_bold();
    for (at, column) in sheet.layout.columns.iter().enumerate() {
        let at = at as u16;
        page.write_string_with_format(0, at, column.title(sheet.lang), &head)?;
        let width = match column.value {
            Some(Field::Message | Field::Reason | Field::Action) => 48,
            Some(Field::Note) => 32,
            _ => 20,
        };
        page.set_column_width(at, width)?;
        if column.value == Some(Field::Outcome) && !sheet.rows.is_empty() {
            let choice = DataValidation::new().allow_list_strings(sheet.outcomes)?;
            page.add_data_validation(1, at, sheet.rows.len() as u32, at, &choice)?;
        }
    }
    page.set_freeze_panes(1, 0)?;
    for (at, row) in sheet.rows.iter().enumerate() {
        for (place, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            page.write_string(at as u32 + 1, place as u16, cell)?;
        }
    }
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::layout::load;
    use std::path::Path;

    #[test]
    fn cells_that_begin_like_a_formula_are_text_and_quotes_are_doubled() {
        let mut text = String::new();
        line(&mut text, ["=1+1", "+84901234567", "-x", "Ana, \"A\"", "Bình"].into_iter());
        assert_eq!(text, "\"'=1+1\",+84901234567,\"'-x\",\"Ana, \"\"A\"\"\",Bình\r\n");
    }

    #[test]
    fn the_same_rows_are_the_same_bytes() {
        for name in ["staff-calls", "email"] {
            let layout = load(name, Path::new("/nowhere")).unwrap();
            let rows = vec![vec!["Bình".to_owned(); layout.columns.len()]; 3];
            let outcomes = ["reached".to_owned()];
            let sheet = Sheet { layout: &layout, lang: Lang::Vi, rows: &rows, outcomes: &outcomes };
            let first = bytes(&sheet).unwrap();
            assert!(first.len() > 100);
            assert_eq!(first, bytes(&sheet).unwrap(), "{name}");
        }
        assert!(!fits(Format::Xlsx, 1_048_576) && fits(Format::Csv, 2_000_000));
    }
}
