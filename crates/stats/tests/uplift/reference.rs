//! Real data that may not be shipped: read from the folder named by `PERENNIAL_REFERENCE_DATA`, where it is set.

use std::io::Read;
use std::path::PathBuf;

/// A file of the reference data, unpacked; `None` (and a line that says so) where the data are not given.
pub fn read(path: &str) -> Option<String> {
    let Some(folder) = std::env::var_os("PERENNIAL_REFERENCE_DATA") else {
        println!("reference data not given");
        return None;
    };
    let file = PathBuf::from(folder).join(path);
    let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut text = String::new();
    if path.ends_with(".gz") {
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    Some(text.trim_start_matches('\u{feff}').to_owned())
}

/// Rows of a CSV file with a header, each as its fields by name.
pub fn rows(text: &str) -> Vec<Vec<(String, String)>> {
    let mut lines = text.lines();
    let names = fields(lines.next().unwrap());
    lines.map(|line| names.iter().cloned().zip(fields(line)).collect()).collect()
}

/// The field of a name.
pub fn field<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    row.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap()
}

/// The number in the field of a name.
pub fn number(row: &[(String, String)], name: &str) -> f64 {
    field(row, name).parse().unwrap()
}

fn fields(line: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => found.push(String::new()),
            other => found.last_mut().unwrap().push(other),
        }
    }
    found
}
