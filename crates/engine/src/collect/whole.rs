//! A small file whole: the cells of a list that somebody sends back, CSV or a workbook, as text.

use super::encoding::{decode, guess};
use super::refused::Stopped;
use super::split::{Dialect, Row, Scratch, Separator, records};
use super::{fold, sheet};

/// A list with its head.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// What stands above the columns.
    pub head: Vec<String>,
    /// The rows below it, each with its line.
    pub rows: Vec<(u64, Vec<String>)>,
}

/// Reads a list; `name` is for messages. Blank rows are passed over.
///
/// # Errors
/// Where bytes are no text and no workbook.
pub fn read(name: &str, bytes: Vec<u8>) -> Result<Whole, Stopped> {
    let mut rows = Vec::new();
    let mut keep = |row: Row<'_>| {
        if !row.is_blank() {
            rows.push((row.line, row.cells().map(str::to_owned).collect::<Vec<_>>()));
        }
    };
    if bytes.starts_with(b"PK") {
        for (_, laid) in sheet::pieces(name, bytes, None)? {
            laid.each(&mut keep);
        }
    } else {
        let text = guess(&bytes).and_then(|encoding| decode(&bytes, encoding)).unwrap_or_default();
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().next().unwrap_or_default();
        let times = |separator: &Separator| first.bytes().filter(|byte| *byte == separator.byte()).count();
        let separator = [Separator::Comma, Separator::Semicolon, Separator::Tab];
        let separator = separator.into_iter().max_by_key(times).expect("three");
        let dialect = Dialect { separator, quote: Some(b'"'), newline: b'\n' };
        records(text, 1, &dialect, &mut Scratch::default(), keep);
    }
    let mut rows = rows.into_iter();
    let head = rows.next().map(|(_, head)| head).unwrap_or_default();
    Ok(Whole { head, rows: rows.collect() })
}

impl Whole {
    /// The first column whose head is one of these, whatever its case, accents and marks.
    pub fn place(&self, names: &[&str]) -> Option<usize> {
        let folded: Vec<String> = self.head.iter().map(|name| fold::fold(name)).collect();
        names.iter().find_map(|name| folded.iter().position(|head| *head == fold::fold(name)))
    }
}

/// A word without case, accents and marks.
pub fn plain(word: &str) -> String {
    fold::fold(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_whatever_parts_it() {
        for text in
            ["Mã,Kết quả\nabc,đã gửi\n\n", "\u{feff}Mã;Kết quả\r\nabc;đã gửi\r\n", "Mã\tKết quả\nabc\tđã gửi"]
        {
            let list = read("r.csv", text.as_bytes().to_vec()).unwrap();
            assert_eq!(list.rows, [(2, vec!["abc".to_owned(), "đã gửi".to_owned()])], "{text}");
            assert_eq!(
                (list.place(&["ref", "ma"]), list.place(&["ket qua"]), list.place(&["x"])),
                (Some(0), Some(1), None)
            );
        }
        assert_eq!(read("r.csv", Vec::new()).unwrap().head, Vec::<String>::new());
    }
}
