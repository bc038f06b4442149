//! The outer shape of a file: format, encoding, delimiter, header, columns. Found from its first million bytes.

use super::encoding::{Encoding, composed, decode, guess};
use super::json;
use super::number::{self, NumberForm};
use super::open::{How, Source};
use super::options::Mapping;
use super::refused::{Refused, Stopped};
use super::role::{Import, role_of};
use super::sheet;
use super::split::{Dialect, Scratch, Separator, records};
use super::when::{self, DateOrder};
use std::collections::HashMap;

/// Bytes looked at.
const HEAD_BYTES: usize = 1 << 20;
/// Records looked at.
const SAMPLE_ROWS: usize = 400;
/// The most columns a file may have.
pub(super) const COLUMN_LIMIT: usize = 2_000;
/// A header is looked for among this many first rows.
const HEADER_WITHIN: usize = 40;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Format {
    Delimited,
    Json,
    Excel {
        sheet: Option<String>,
    },
    /// Rows from a reader of somebody else's.
    Rows,
}

/// How one file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub format: Format,
    pub encoding: Encoding,
    pub dialect: Dialect,
    /// Line of the header; it and the lines above are no rows.
    pub header_line: Option<u64>,
    /// Names of the columns, or their numbers.
    pub columns: Vec<String>,
    /// The first rows below the header.
    pub sample: Vec<Vec<String>>,
}

const PLAIN: Dialect = Dialect { separator: Separator::Comma, quote: Some(b'"'), newline: b'\n' };

/// Find a file's shape; `encoding` is what later evidence said, where there is any.
pub(super) fn shape(
    source: &Source,
    kind: Import,
    mapping: &Mapping,
    encoding: Option<Encoding>,
) -> Result<Shape, Stopped> {
    let blank = |format, columns| Shape {
        format,
        encoding: Encoding::Utf8,
        dialect: PLAIN,
        header_line: Some(1),
        columns,
        sample: Vec::new(),
    };
    if let How::Rows(rows) = &source.how {
        let mut shape = blank(Format::Rows, rows.header.clone());
        let mut next = (rows.open)()?;
        let mut record = super::open::Record::default();
        while shape.sample.len() < SAMPLE_ROWS && next(&mut record)? {
            shape.sample.push(record.cells().map(str::to_owned).collect());
            record.clear();
        }
        return checked(source, shape);
    }
    let head = source.head(HEAD_BYTES)?;
    if head.is_empty() {
        return Err(Refused::Empty(source.name.clone()).into());
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        let rows = sheet::sample(source, mapping.sheet.as_deref(), SAMPLE_ROWS)?;
        let mut shape = blank(Format::Excel { sheet: mapping.sheet.clone() }, Vec::new());
        set_header(&mut shape, rows, kind, mapping);
        return checked(source, shape);
    }
    let binary = || Refused::Binary(source.name.clone());
    let is_known_binary = [&b"PAR1"[..], b"%PDF", b"\x89PNG", b"\x7fELF", b"SQLite format 3"];
    if is_known_binary.iter().any(|magic| head.starts_with(magic)) {
        return Err(binary().into());
    }
    let guessed = guess(&head);
    let encoding = mapping.encoding.or(encoding).or(guessed).ok_or_else(binary)?;
    let text = text_of(&head, encoding, head.len() < HEAD_BYTES);
    if text.trim().is_empty() {
        return Err(Refused::Empty(source.name.clone()).into());
    }
    let begun = text.trim_start();
    let is_list = begun.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('{'));
    if begun.starts_with('{') || is_list {
        let mut shape = blank(Format::Json, json::columns(&text));
        if is_list || shape.columns.is_empty() {
            return Err(Refused::NotJsonLines(source.name.clone()).into());
        }
        shape.encoding = encoding;
        shape.header_line = None;
        json::rows(
            &text,
            1,
            &shape.columns,
            &mut |row| {
                if shape.sample.len() < SAMPLE_ROWS {
                    shape.sample.push(row.cells().map(str::to_owned).collect());
                }
            },
            &mut |_| {},
        );
        return checked(source, shape);
    }
    let newline = if !text.contains('\n') && text.contains('\r') { b'\r' } else { b'\n' };
    let separator = mapping.delimiter.unwrap_or_else(|| separator(&text, newline, kind));
    let dialect = Dialect { separator, quote: Some(b'"'), newline };
    let mut shape = blank(Format::Delimited, Vec::new());
    (shape.encoding, shape.dialect) = (encoding, dialect);
    set_header(&mut shape, sample(&text, &dialect), kind, mapping);
    checked(source, shape)
}

fn checked(source: &Source, shape: Shape) -> Result<Shape, Stopped> {
    if shape.columns.len() > COLUMN_LIMIT {
        let found = shape.columns.len();
        return Err(Refused::TooManyColumns { file: source.name.clone(), found, limit: COLUMN_LIMIT }.into());
    }
    Ok(shape)
}

/// The head as text, without a last line that is cut off.
fn text_of(head: &[u8], encoding: Encoding, is_whole: bool) -> String {
    let head = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head);
    if encoding.is_utf16() {
        let mut text = String::new();
        let mut bytes = head;
        // A pair cut in two becomes a replacement character at the very end, in the line that is dropped.
        let _ = std::io::Read::read_to_string(
            &mut super::encoding::Transcode::new(&mut bytes, encoding),
            &mut text,
        );
        return whole_lines(composed(&text).into_owned(), is_whole);
    }
    let end = if is_whole {
        head.len()
    } else {
        memchr::memrchr2(b'\n', b'\r', head).map_or(head.len(), |at| at + 1)
    };
    let lines = head[..end].split_inclusive(|byte| *byte == b'\n');
    match decode(&head[..end], encoding) {
        Some(text) => text.into_owned(),
        None => lines.filter_map(|line| decode(line, encoding)).collect(),
    }
}

fn whole_lines(mut text: String, is_whole: bool) -> String {
    if !is_whole && let Some(end) = text.rfind('\n') {
        text.truncate(end + 1);
    }
    text
}

fn sample(text: &str, dialect: &Dialect) -> Vec<(u64, Vec<String>)> {
    // Enough for the rows wanted, and bounded where rows are wide.
    let mut rows = Vec::new();
    let mut end = text.len().min(256 << 10);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let end = if end == text.len() {
        end
    } else {
        text[..end].rfind(char::from(dialect.newline)).map_or(end, |at| at + 1)
    };
    records(&text[..end], 1, dialect, &mut Scratch::default(), |row| {
        if rows.len() < SAMPLE_ROWS {
            rows.push((row.line, row.cells().map(str::to_owned).collect()));
        }
    });
    rows
}

/// The delimiter under which most rows have the same number of cells, and the most headers are known.
fn separator(text: &str, newline: u8, kind: Import) -> Separator {
    use Separator::{Bar, Comma, Semicolon, Space, Tab};
    let mut best = (Comma, 0.0);
    for separator in [Tab, Semicolon, Bar, Comma, Space] {
        if separator == Space && best.1 >= 0.6 {
            continue;
        }
        let rows = sample(text, &Dialect { separator, quote: Some(b'"'), newline });
        let rows: Vec<&Vec<String>> =
            rows.iter().map(|row| &row.1).filter(|cells| cells.iter().any(|cell| !cell.is_empty())).collect();
        let mut widths: HashMap<usize, usize> = HashMap::new();
        rows.iter().for_each(|cells| *widths.entry(cells.len()).or_default() += 1);
        let Some((&width, &count)) = widths.iter().max_by_key(|(width, count)| (**count, **width)) else {
            continue;
        };
        if width < 2 {
            continue;
        }
        let known =
            rows.iter().take(HEADER_WITHIN).map(|cells| known_headers(cells, kind)).max().unwrap_or(0);
        let score =
            count as f64 / rows.len() as f64 + 0.3 * (known.min(6) as f64) + 0.005 * width.min(20) as f64;
        if score > best.1 {
            best = (separator, score);
        }
    }
    best.0
}

fn known_headers(cells: &[String], kind: Import) -> usize {
    let mut roles: Vec<_> =
        cells.iter().filter(|cell| cell.len() <= 60).filter_map(|cell| role_of(kind, cell)).collect();
    roles.sort_unstable();
    roles.dedup();
    roles.len()
}

/// Whether a cell is a value rather than the name of a column.
fn is_value(cell: &str) -> bool {
    number::read(cell, NumberForm::default()).is_ok() || when::read(cell, DateOrder::Dmy).is_some()
}

/// Find the header among the first rows, and name the columns.
fn set_header(shape: &mut Shape, rows: Vec<(u64, Vec<String>)>, kind: Import, mapping: &Mapping) {
    let filled = |cells: &[String]| cells.iter().filter(|cell| !cell.is_empty()).count();
    let first = rows.iter().position(|(_, cells)| filled(cells) > 0);
    let best = rows
        .iter()
        .take(HEADER_WITHIN)
        .enumerate()
        .map(|(place, (_, cells))| (known_headers(cells, kind), place))
        .filter(|(known, _)| *known >= 2)
        .max_by_key(|(known, place)| (*known, usize::MAX - place))
        .map(|(_, place)| place);
    let named = best.or_else(|| {
        // A row of distinct words over a row with values in it is a header in words we do not know.
        let place = first?;
        let (header, below) = (&rows[place].1, &rows.get(place + 1)?.1);
        let mut words: Vec<&String> = header.iter().collect();
        words.sort();
        words.dedup();
        let is_words =
            words.len() == header.len() && header.iter().all(|cell| !cell.is_empty() && !is_value(cell));
        (is_words && below.iter().any(|cell| is_value(cell))).then_some(place)
    });
    let header = match mapping.header {
        Some(false) => None,
        Some(true) => named.or(first),
        None => named,
    };
    let width = rows.iter().map(|row| row.1.len()).max().unwrap_or(0);
    match header {
        Some(place) => {
            shape.header_line = Some(rows[place].0);
            shape.columns = rows[place].1.clone();
            // Cells without a name beyond the header still have a number.
            while shape.columns.last().is_some_and(String::is_empty) {
                shape.columns.pop();
            }
            shape.sample = rows.into_iter().skip(place + 1).map(|row| row.1).collect();
        }
        None => {
            shape.header_line = None;
            shape.columns = (1..=width).map(|number| format!("column {number}")).collect();
            shape.sample = rows.into_iter().map(|row| row.1).collect();
        }
    }
    shape.sample.retain(|cells| filled(cells) > 0);
}
