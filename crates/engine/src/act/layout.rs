//! The columns of an exported file: what a vendor or the staff expect, as TOML to use and to copy. Only what is listed
//! leaves the house.

use super::Refused;
use super::segment::check_name;
use assets::Lang;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How a file looks.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// What it is for.
    pub about: String,
    /// `csv` or `xlsx`.
    pub format: Format,
    /// The name of the sheet.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The columns, in order.
    pub columns: Vec<ColumnSpec>,
}

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Text with commas, in UTF-8 with the mark by which Excel knows it.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// What stands above it: one text, or one a language.
    pub header: Header,
    /// What stands in it.
    pub value: Option<Field>,
    /// The same text in every row, in place of a value.
    #[serde(default)]
    pub fixed: Option<String>,
}

/// What stands above a column.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Header {
    /// The same in every language.
    One(String),
    /// One a language: `en`, `vi`, `zh`, `zh-Hant`.
    Each(BTreeMap<String, String>),
}

/// What can stand in a column, and in braces in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Our reference, by which results find the person again; says nothing to others.
    Ref,
    /// The name.
    Name,
    /// The phone number with `+` and the country.
    Phone,
    /// The same without `+`.
    PhoneDigits,
    /// The same as it is dialled at home.
    PhoneLocal,
    /// The e-mail address.
    Email,
    /// The shop's own key.
    CustomerKey,
    /// The message with its fields filled in.
    Message,
    /// Why this person.
    Reason,
    /// What is offered.
    Action,
    /// The day by which the staff are to call.
    DueOn,
    /// Empty: the day on which it was done.
    DoneOn,
    /// Empty, to be ticked.
    Outcome,
    /// Empty, to be written in.
    Note,
}

impl Field {
    /// All fields with their words.
    pub const ALL: [(&'static str, Field); 14] = [
        ("ref", Field::Ref),
        ("name", Field::Name),
        ("phone", Field::Phone),
        ("phone_digits", Field::PhoneDigits),
        ("phone_local", Field::PhoneLocal),
        ("email", Field::Email),
        ("customer_key", Field::CustomerKey),
        ("message", Field::Message),
        ("reason", Field::Reason),
        ("action", Field::Action),
        ("due_on", Field::DueOn),
        ("done_on", Field::DoneOn),
        ("outcome", Field::Outcome),
        ("note", Field::Note),
    ];

    /// Whether a row without it cannot be sent.
    pub fn is_address(self) -> bool {
        matches!(self, Field::Phone | Field::PhoneDigits | Field::PhoneLocal | Field::Email)
    }
}

impl ColumnSpec {
    /// What stands above it in a language, else in the other kind of Chinese, else in any.
    pub fn title(&self, lang: Lang) -> &str {
        match &self.header {
            Header::One(text) => text,
            Header::Each(texts) => {
                let in_kin = || lang.kin().and_then(|kin| texts.get(kin.folder()));
                let text = texts.get(lang.folder()).or_else(in_kin).or_else(|| texts.values().next());
                text.map_or("", String::as_str)
            }
        }
    }
}

/// Those that come with the program.
const BUNDLED: [(&str, &str); 5] = [
    ("email", include_str!("../../../../mappings/export/email.toml")),
    ("excel", include_str!("../../../../mappings/export/excel.toml")),
    ("sms", include_str!("../../../../mappings/export/sms.toml")),
    ("staff-calls", include_str!("../../../../mappings/export/staff-calls.toml")),
    ("zalo", include_str!("../../../../mappings/export/zalo.toml")),
];

/// The layout of that name: a path to a `.toml` file, one kept in `folder`, or one that comes with the program.
///
/// # Errors
/// Where there is none, or it cannot be read.
pub fn load(name: &str, folder: &Path) -> Result<Layout, Refused> {
    let wrong = |detail: String| Refused::Layout { name: name.to_owned(), detail };
    let path = if name.ends_with(".toml") {
        PathBuf::from(name)
    } else {
        check_name(name).map_err(wrong)?;
        folder.join(format!("{name}.toml"))
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(name, &text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let known: Vec<&str> = BUNDLED.iter().map(|(name, _)| *name).collect();
            let found = BUNDLED.iter().find(|(known, _)| *known == name);
            let none = || {
                wrong(format!(
                    "there is none; known: {}, and files in {}",
                    known.join(", "),
                    folder.display()
                ))
            };
            found.ok_or_else(none).and_then(|(_, text)| parse(name, text))
        }
        Err(error) => Err(wrong(format!("cannot read {}: {error}", path.display()))),
    }
}

/// The names of all layouts: those of a shop's own folder, then those that come with the program.
pub fn names(folder: &Path) -> Vec<String> {
    let of = |path: PathBuf| {
        let name = path.file_stem()?.to_str()?.to_owned();
        (path.extension()? == "toml" && check_name(&name).is_ok()).then_some(name)
    };
    // A folder that is not there holds none.
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut own: Vec<String> = entries.filter_map(|entry| of(entry.path())).collect();
    own.sort();
    let bundled = BUNDLED.iter().map(|(name, _)| (*name).to_owned()).filter(|name| !own.contains(name));
    let bundled: Vec<String> = bundled.collect();
    own.into_iter().chain(bundled).collect()
}

/// Read a layout from TOML.
///
/// # Errors
/// Where a column has no value or the file has none.
pub fn parse(name: &str, text: &str) -> Result<Layout, Refused> {
    let wrong = |detail: String| Refused::Layout { name: name.to_owned(), detail };
    let layout: Layout = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
    if layout.columns.is_empty() {
        return Err(wrong("it has no columns".to_owned()));
    }
    if let Some(at) =
        layout.columns.iter().position(|column| column.value.is_some() == column.fixed.is_some())
    {
        return Err(wrong(format!("column {} must have either a value or a fixed text", at + 1)));
    }
    Ok(layout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_that_come_with_the_program_are_right() {
        for (name, _) in BUNDLED {
            let layout = load(name, Path::new("/nowhere")).unwrap();
            let has = |is: fn(Field) -> bool| layout.columns.iter().filter_map(|column| column.value).any(is);
            assert!(has(Field::is_address) && has(|field| field == Field::Ref), "{name}");
            for lang in Lang::ALL {
                assert!(layout.columns.iter().all(|column| !column.title(lang).is_empty()), "{name}");
            }
        }
    }

    #[test]
    fn a_shop_keeps_layouts_of_its_own_and_they_win() {
        let folder = tempfile::tempdir().unwrap();
        let mine =
            "about = \"x\"\nformat = \"csv\"\n[[columns]]\nheader = \"SDT\"\nvalue = \"phone_digits\"\n";
        for name in ["my-vendor.toml", "sms.toml", "notes.txt", "no name.toml"] {
            std::fs::write(folder.path().join(name), mine).unwrap();
        }
        let known = ["my-vendor", "sms", "email", "excel", "staff-calls", "zalo"];
        assert_eq!(names(folder.path()), known);
        assert_eq!(names(Path::new("/nowhere")).len(), BUNDLED.len());
        for name in ["my-vendor", "sms"] {
            assert_eq!(load(name, folder.path()).unwrap().columns[0].title(Lang::En), "SDT", "{name}");
        }
    }

    #[test]
    fn what_is_no_layout_is_refused() {
        for (text, words) in [
            ("about = \"x\"\nformat = \"csv\"\ncolumns = []", "no columns"),
            ("about = \"x\"\nformat = \"pdf\"\ncolumns = []", "format"),
            (
                "about = \"x\"\nformat = \"csv\"\n[[columns]]\nheader = \"a\"",
                "either a value or a fixed text",
            ),
            (
                "about = \"x\"\nformat = \"csv\"\n[[columns]]\nheader = \"a\"\nvalue = \"birthday\"",
                "birthday",
            ),
        ] {
            let said = parse("mine", text).unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
        }
        let said = load("nobody", Path::new("/nowhere")).unwrap_err().to_string();
        assert!(said.contains("known: email, excel, sms, staff-calls, zalo"), "{said}");
    }
}
