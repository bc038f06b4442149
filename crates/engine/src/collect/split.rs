//! From bytes to records and cells: where a record ends, where a cell begins.
//!
//! Two functions share one rule of quotation: a cell is quoted where a quotation mark is its first byte, ends at the
//! next mark that is not doubled, and whatever follows up to the delimiter belongs to it. [`Cutter`] only finds ends
//! of records, so that a file can be cut into pieces and the pieces parsed side by side; [`records`] does the parsing
//! without allocating for a cell.

use memchr::{memchr, memchr_iter, memchr2, memrchr};
use serde::{Deserialize, Serialize};

/// What stands between cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    /// `,`
    Comma,
    /// Tab.
    Tab,
    /// `;`
    Semicolon,
    /// `|`
    Bar,
    /// Runs of spaces and tabs.
    Space,
}

impl Separator {
    /// All of them.
    pub const ALL: [Separator; 5] =
        [Separator::Comma, Separator::Tab, Separator::Semicolon, Separator::Bar, Separator::Space];

    /// The byte.
    pub const fn byte(self) -> u8 {
        match self {
            Separator::Comma => b',',
            Separator::Tab => b'\t',
            Separator::Semicolon => b';',
            Separator::Bar => b'|',
            Separator::Space => b' ',
        }
    }

    /// As written on the command line: the mark itself or its name.
    pub fn parse(text: &str) -> Option<Separator> {
        match text {
            "," | "comma" => Some(Separator::Comma),
            "\t" | "\\t" | "tab" => Some(Separator::Tab),
            ";" | "semicolon" => Some(Separator::Semicolon),
            "|" | "bar" | "pipe" => Some(Separator::Bar),
            " " | "space" | "whitespace" => Some(Separator::Space),
            _ => None,
        }
    }

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Separator::Comma => "comma",
            Separator::Tab => "tab",
            Separator::Semicolon => "semicolon",
            Separator::Bar => "bar",
            Separator::Space => "space",
        }
    }
}

/// How a text file is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub separator: Separator,
    /// The quotation mark, where the file uses one.
    pub quote: Option<u8>,
    /// `\n`, or `\r` in files of old.
    pub newline: u8,
}

/// Finds the ends of records in a growing buffer that begins at one.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    /// Up to where was looked.
    at: usize,
    /// Behind the last complete record.
    pub boundary: usize,
    is_quoted: bool,
}

impl Cutter {
    pub(super) fn scan(&mut self, buffer: &[u8], dialect: &Dialect) {
        let Some(quote) = dialect.quote else {
            if let Some(place) = memrchr(dialect.newline, &buffer[self.at..]) {
                self.boundary = self.at + place + 1;
            }
            self.at = buffer.len();
            return;
        };
        while self.at < buffer.len() {
            let found = memchr(quote, &buffer[self.at..]).map(|place| self.at + place);
            if self.is_quoted {
                match found {
                    None => self.at = buffer.len(),
                    // Whether it is doubled is known with the next byte.
                    Some(place) if place + 1 == buffer.len() => return,
                    Some(place) if buffer[place + 1] == quote => self.at = place + 2,
                    Some(place) => {
                        self.is_quoted = false;
                        self.at = place + 1;
                    }
                }
                continue;
            }
            let end = found.unwrap_or(buffer.len());
            if let Some(place) = memrchr(dialect.newline, &buffer[self.at..end]) {
                self.boundary = self.at + place + 1;
            }
            match found {
                None => self.at = end,
                Some(place) => {
                    self.is_quoted = place == 0 || begins_cell(buffer[place - 1], dialect);
                    self.at = place + 1;
                }
            }
        }
    }

    /// The buffer's first `boundary` bytes were taken away.
    pub(super) fn taken(&mut self) {
        self.at -= self.boundary;
        self.boundary = 0;
    }
}

fn begins_cell(before: u8, dialect: &Dialect) -> bool {
    before == dialect.separator.byte()
        || before == dialect.newline
        || (dialect.separator == Separator::Space && before == b'\t')
}

const SIDE: u32 = 1 << 31;

/// Where a cell is: in the text, or (high bit) in the side buffer of unescaped cells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

/// One record.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    /// Line at which it begins, from 1.
    pub line: u64,
    text: &'a str,
    side: &'a str,
    spans: &'a [Span],
    /// Whether a quoted cell was never closed.
    pub is_open: bool,
}

impl<'a> Row<'a> {
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Cell `place` without the space around it; blank where the record is shorter.
    pub(crate) fn cell(&self, place: usize) -> &'a str {
        let Some(span) = self.spans.get(place) else { return "" };
        let (start, end) = (span.start & !SIDE, span.end);
        let cell = if span.start & SIDE == 0 {
            &self.text[start as usize..end as usize]
        } else {
            &self.side[start as usize..end as usize]
        };
        let bytes = cell.as_bytes();
        match (bytes.first(), bytes.last()) {
            (Some(first), Some(last)) if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
            _ => cell.trim(),
        }
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = &'a str> + '_ {
        (0..self.len()).map(|place| self.cell(place))
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.cells().all(str::is_empty)
    }

    pub(super) fn new(line: u64, text: &'a str, spans: &'a [Span]) -> Row<'a> {
        Row { line, text, side: "", spans, is_open: false }
    }
}

/// Cells laid one behind the other in one text: records that do not come from delimited text.
#[derive(Debug, Default, Clone)]
pub(super) struct Laid {
    text: String,
    spans: Vec<Span>,
    /// (line, end in `spans`).
    rows: Vec<(u64, usize)>,
}

impl Laid {
    pub(super) fn push(&mut self, cell: &str) {
        let start = self.text.len() as u32;
        self.text.push_str(cell);
        self.spans.push(Span { start, end: self.text.len() as u32 });
    }

    pub(super) fn end_row(&mut self, line: u64) {
        self.rows.push((line, self.spans.len()));
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn each(&self, mut on: impl FnMut(Row<'_>)) {
        let mut from = 0;
        for &(line, end) in &self.rows {
            on(Row::new(line, &self.text, &self.spans[from..end]));
            from = end;
        }
    }
}

/// Scratch space of [`records`], kept between pieces.
#[derive(Default)]
pub(crate) struct Scratch {
    spans: Vec<Span>,
    side: String,
}

/// Stray quotation marks in a piece after which the rest of it is given up as one record; each costs a look at the
/// whole rest.
const OPENS_LIMIT: usize = 64;

/// Parse `text`, which begins at a record on line `line`, and give each record to `on`. Returns the line behind it.
pub(crate) fn records(
    text: &str,
    mut line: u64,
    dialect: &Dialect,
    scratch: &mut Scratch,
    mut on: impl FnMut(Row<'_>),
) -> u64 {
    let bytes = text.as_bytes();
    let (mut at, mut opens) = (0, 0);
    while at < bytes.len() {
        scratch.spans.clear();
        let first = match dialect.quote {
            Some(quote) => memchr2(dialect.newline, quote, &bytes[at..]),
            None => memchr(dialect.newline, &bytes[at..]),
        };
        let is_plain = first.is_none_or(|place| bytes[at + place] == dialect.newline);
        if is_plain {
            let next = first.map_or(bytes.len(), |place| at + place + 1);
            let mut end = first.map_or(bytes.len(), |place| at + place);
            if end > at && bytes[end - 1] == b'\r' {
                end -= 1;
            }
            split_plain(bytes, at, end, dialect.separator, &mut scratch.spans);
            on(Row { line, text, side: "", spans: &scratch.spans, is_open: false });
            at = next;
            line += 1;
        } else {
            scratch.side.clear();
            let (mut next, mut lines, is_open) = split_quoted(text, at, dialect, scratch);
            if is_open && opens < OPENS_LIMIT {
                // The mark was a stray one: the line is bad, those behind it are not.
                opens += 1;
                let end = memchr(dialect.newline, &bytes[at..]).map_or(bytes.len(), |place| at + place);
                scratch.spans.clear();
                scratch.spans.push(Span { start: at as u32, end: end as u32 });
                (next, lines) = ((end + 1).min(bytes.len()), 1);
            }
            on(Row { line, text, side: &scratch.side, spans: &scratch.spans, is_open });
            at = next;
            line += lines;
        }
    }
    line
}

fn split_plain(bytes: &[u8], from: usize, end: usize, separator: Separator, spans: &mut Vec<Span>) {
    let mut start = from;
    if separator == Separator::Space {
        let is_space = |byte: u8| byte == b' ' || byte == b'\t';
        let mut at = from;
        while at < end {
            while at < end && is_space(bytes[at]) {
                at += 1;
            }
            start = at;
            while at < end && !is_space(bytes[at]) {
                at += 1;
            }
            if at > start {
                spans.push(Span { start: start as u32, end: at as u32 });
            }
        }
        return;
    }
    for place in memchr_iter(separator.byte(), &bytes[from..end]) {
        spans.push(Span { start: start as u32, end: (from + place) as u32 });
        start = from + place + 1;
    }
    spans.push(Span { start: start as u32, end: end as u32 });
}

/// One record with a quotation mark somewhere: where the next begins, the lines it took, whether it is open.
fn split_quoted(text: &str, from: usize, dialect: &Dialect, scratch: &mut Scratch) -> (usize, u64, bool) {
    let bytes = text.as_bytes();
    let quote = dialect.quote.unwrap_or(b'"');
    let is_separator = |byte: u8| {
        byte == dialect.separator.byte() || (dialect.separator == Separator::Space && byte == b'\t')
    };
    let (mut at, mut lines) = (from, 0);
    loop {
        if dialect.separator == Separator::Space {
            while at < bytes.len() && is_separator(bytes[at]) {
                at += 1;
            }
        }
        if at < bytes.len() && bytes[at] == quote {
            let start = scratch.side.len();
            at += 1;
            loop {
                let Some(place) = memchr(quote, &bytes[at..]).map(|place| at + place) else {
                    scratch.side.push_str(&text[at..]);
                    lines += memchr_iter(dialect.newline, &bytes[at..]).count() as u64;
                    push_side(scratch, start);
                    return (bytes.len(), lines.max(1), true);
                };
                scratch.side.push_str(&text[at..place]);
                lines += memchr_iter(dialect.newline, &bytes[at..place]).count() as u64;
                at = place + 1;
                if at < bytes.len() && bytes[at] == quote {
                    scratch.side.push(char::from(quote));
                    at += 1;
                } else {
                    break;
                }
            }
            let rest = at;
            while at < bytes.len() && !is_separator(bytes[at]) && bytes[at] != dialect.newline {
                at += 1;
            }
            scratch.side.push_str(text[rest..at].trim_end_matches('\r'));
            push_side(scratch, start);
        } else {
            let start = at;
            while at < bytes.len() && !is_separator(bytes[at]) && bytes[at] != dialect.newline {
                at += 1;
            }
            let mut end = at;
            if end > start && bytes[end - 1] == b'\r' && (at == bytes.len() || bytes[at] == dialect.newline) {
                end -= 1;
            }
            if dialect.separator != Separator::Space || end > start {
                scratch.spans.push(Span { start: start as u32, end: end as u32 });
            }
        }
        if at >= bytes.len() {
            return (at, lines + 1, false);
        }
        let is_end = bytes[at] == dialect.newline;
        at += 1;
        if is_end {
            return (at, lines + 1, false);
        }
    }
}

fn push_side(scratch: &mut Scratch, start: usize) {
    let span = Span { start: start as u32 | SIDE, end: scratch.side.len() as u32 };
    scratch.spans.push(span);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CSV: Dialect = Dialect { separator: Separator::Comma, quote: Some(b'"'), newline: b'\n' };

    fn cells(text: &str, dialect: &Dialect) -> Vec<(u64, Vec<String>)> {
        let mut all = Vec::new();
        records(text, 1, dialect, &mut Scratch::default(), |row| {
            all.push((row.line, row.cells().map(str::to_owned).collect()));
        });
        all
    }

    fn shown(text: &str, dialect: &Dialect) -> String {
        let rows =
            cells(text, dialect).into_iter().map(|(line, cells)| format!("{line}[{}]", cells.join("·")));
        rows.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn records_and_cells() {
        for (text, expected) in [
            ("a,b\n1,2\n", "1[a·b] 2[1·2]"),
            ("a,b\r\n1,2", "1[a·b] 2[1·2]"),
            ("a,\"b,c\"\n1,2\n", "1[a·b,c] 2[1·2]"),
            ("\"say \"\"hi\"\"\",x\n", "1[say \"hi\"·x]"),
            ("5\" pipe,x\ny,z\n", "1[5\" pipe·x] 2[y·z]"),
            ("\"two\nlines\",x\ny,z\n", "1[two\nlines·x] 3[y·z]"),
            ("a,,\n\nb", "1[a··] 2[] 3[b]"),
            ("\"a\" b,c\n", "1[a b·c]"),
            ("x,\"open\ny,z\n", "1[x,\"open] 2[y·z]"),
        ] {
            assert_eq!(shown(text, &CSV), expected, "{text:?}");
        }
        let spaces = Dialect { separator: Separator::Space, quote: None, newline: b'\n' };
        assert_eq!(shown(" 00001 19970101  1   11.77\r\n\n", &spaces), "1[00001·19970101·1·11.77] 2[]");
    }

    proptest! {
        /// The csv crate is the oracle for everything but spaces and the bare `\r`, which we leave to the cells.
        #[test]
        fn the_csv_crate_reads_the_same(text in "([a-c]|,|\"|\n){0,60}") {
            let mut is_open = false;
            records(&text, 1, &CSV, &mut Scratch::default(), |row| is_open |= row.is_open);
            prop_assume!(!is_open);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<Vec<String>> = reader.records()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .collect();
            let ours: Vec<Vec<String>> = cells(&text, &CSV).into_iter().map(|(_, cells)| {
                cells.iter().map(|cell| cell.to_owned()).collect::<Vec<_>>()
            }).filter(|cells| cells.len() > 1 || !cells[0].is_empty()).collect();
            let trim = |rows: Vec<Vec<String>>| -> Vec<Vec<String>> {
                rows.into_iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
                    .filter(|row: &Vec<String>| row.len() > 1 || !row[0].is_empty()).collect()
            };
            prop_assert_eq!(trim(ours), trim(theirs));
        }

        /// Cutting anywhere gives the records of the whole.
        #[test]
        fn pieces_are_the_whole(text in "([a-c]|,|\"|\n){0,80}", step in 1usize..20) {
            let mut is_open = false;
            records(&text, 1, &CSV, &mut Scratch::default(), |row| is_open |= row.is_open);
            prop_assume!(!is_open);
            let whole: Vec<_> = cells(&text, &CSV).into_iter().map(|(_, cells)| cells).collect();
            let (mut cutter, mut buffer, mut parts) = (Cutter::default(), Vec::new(), Vec::new());
            for chunk in text.as_bytes().chunks(step) {
                buffer.extend_from_slice(chunk);
                cutter.scan(&buffer, &CSV);
                if cutter.boundary > 0 {
                    let piece: Vec<u8> = buffer.drain(..cutter.boundary).collect();
                    cutter.taken();
                    parts.extend(cells(std::str::from_utf8(&piece).unwrap(), &CSV).into_iter().map(|row| row.1));
                }
            }
            parts.extend(cells(std::str::from_utf8(&buffer).unwrap(), &CSV).into_iter().map(|row| row.1));
            prop_assert_eq!(parts, whole);
        }
    }
}
