//! What may be said about an import beforehand; whatever is left open is detected.

use super::encoding::Encoding;
use super::number::Mark;
use super::refused::Refused;
use super::role::{Import, Role};
use super::split::Separator;
use super::when::DateOrder;
use domain::Currency;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A column as the shop names it: by its number from 1, or by its header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ColumnName {
    /// The number, from 1.
    Number(usize),
    /// The header; case, accents and spaces do not count.
    Header(String),
}

/// What to do with a bad row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnBad {
    /// Keep it in the rejects file and go on.
    #[default]
    Reject,
    /// Refuse the whole import.
    Stop,
}

/// Whether a row is an order or a line of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// One row an order.
    Orders,
    /// One row a line.
    Lines,
}

/// The part of the options that describes files and can be saved under a name: a mapping. All of it is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// What the mapping is for, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What is imported with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Import>,
    /// `source` of the facts: the shop or system the file comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// The reporting currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// IANA name of the shop's time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The encoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// What stands between cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<Separator>,
    /// Whether there is a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The order of day and month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// The decimal mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal_mark: Option<Mark>,
    /// Whether a row is an order or a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// First day that is believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest: Option<Date>,
    /// Last day that is believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<Date>,
    /// Customer keys that are nobody, beside those known by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub walk_ins: Vec<String>,
    /// Customer keys that are somebody, however they look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known_customers: Vec<String>,
    /// Roles of columns; `-` as the column leaves a role out.
    #[serde(skip_serializing_if = "Vec::is_empty", with = "map")]
    pub columns: Vec<(Role, ColumnName)>,
}

/// Written as a table, `customer = "Mã KH"`, so that a shopkeeper can edit it.
mod map {
    use super::{ColumnName, Role};
    use serde::de::{Deserializer, Error, MapAccess, Visitor};
    use serde::ser::{SerializeMap, Serializer};

    pub(super) fn serialize<S: Serializer>(columns: &[(Role, ColumnName)], to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(columns.len()))?;
        for (role, column) in columns {
            map.serialize_entry(role.name(), column)?;
        }
        map.end()
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<(Role, ColumnName)>, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Vec<(Role, ColumnName)>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("roles and columns, such as customer = \"Customer ID\"")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut columns = Vec::new();
                while let Some((role, column)) = map.next_entry::<String, ColumnName>()? {
                    let known =
                        Role::parse(&role).ok_or_else(|| A::Error::custom(format!("no role '{role}'")))?;
                    columns.push((known, column));
                }
                Ok(columns)
            }
        }
        from.deserialize_map(Walk)
    }
}

impl Mapping {
    /// What is said here wins over what `other` says.
    pub fn over(mut self, other: Mapping) -> Mapping {
        for (role, column) in other.columns {
            if !self.columns.iter().any(|(known, _)| *known == role) {
                self.columns.push((role, column));
            }
        }
        self.walk_ins.extend(other.walk_ins);
        self.known_customers.extend(other.known_customers);
        Mapping {
            about: self.about.or(other.about),
            kind: self.kind.or(other.kind),
            shop: self.shop.or(other.shop),
            currency: self.currency.or(other.currency),
            timezone: self.timezone.or(other.timezone),
            encoding: self.encoding.or(other.encoding),
            delimiter: self.delimiter.or(other.delimiter),
            header: self.header.or(other.header),
            sheet: self.sheet.or(other.sheet),
            date_order: self.date_order.or(other.date_order),
            decimal_mark: self.decimal_mark.or(other.decimal_mark),
            layout: self.layout.or(other.layout),
            earliest: self.earliest.or(other.earliest),
            latest: self.latest.or(other.latest),
            ..self
        }
    }

    /// Add one `--map`: `role=column`, `number=role`, several with commas between where the columns are numbers.
    pub fn map(&mut self, kind: Import, text: &str) -> Result<(), Refused> {
        let roles = || kind.roles().iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
        let bad = |text: &str| Refused::BadMap { text: text.to_owned(), roles: roles() };
        // A comma may belong to a header, so it parts only what is whole on both sides.
        let mut parts: Vec<String> = Vec::new();
        for part in text.split(',') {
            match (part.contains('='), parts.last_mut()) {
                (false, Some(last)) => *last = format!("{last},{part}"),
                _ => parts.push(part.to_owned()),
            }
        }
        for part in &parts {
            let (left, right) = part.split_once('=').ok_or_else(|| bad(part))?;
            let (left, right) = (left.trim(), right.trim());
            let known = |word: &str| Role::parse(word).filter(|role| kind.roles().contains(role));
            let (role, column) = match (left.parse::<usize>(), known(left)) {
                (Ok(number), _) if number > 0 => {
                    (known(right).ok_or_else(|| bad(part))?, ColumnName::Number(number))
                }
                (_, Some(role)) => match right.parse::<usize>() {
                    Ok(number) if number > 0 => (role, ColumnName::Number(number)),
                    _ if right.is_empty() => return Err(bad(part)),
                    _ => (role, ColumnName::Header(right.to_owned())),
                },
                _ => return Err(bad(part)),
            };
            self.columns.retain(|(known, _)| *known != role);
            self.columns.push((role, column));
        }
        Ok(())
    }
}

/// Everything about one import that is not its files.
#[derive(Debug, Clone)]
pub struct Options {
    /// What is known about the files; the rest is detected.
    pub mapping: Mapping,
    /// What happens to bad rows.
    pub on_bad: OnBad,
    /// Last day of observation, days since 1970-01-01; the last fact's day where not said.
    pub as_of: Option<i32>,
    /// First day that is believed where the mapping says none, days since 1970-01-01.
    pub earliest: i32,
    /// Last day that is believed where the mapping says none; the day after `now` where neither does.
    pub latest: Option<i32>,
    /// The data folder: temporary copies and rejects go below it.
    pub folder: PathBuf,
    /// Worker threads; as many as there are cores where not said.
    pub threads: Option<usize>,
    /// The data folder's secret. Keys of facts are hashes keyed with it, so that the lake alone does not give away
    /// who bought. Must stay the same for a data folder, or overlapping files are not recognised.
    pub secret: [u8; 32],
}

impl Options {
    /// Nothing said, files and rejects under `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Options {
        Options {
            mapping: Mapping::default(),
            on_bad: OnBad::Reject,
            as_of: None,
            // 1980-01-01: no till's own record is older.
            earliest: 3_652,
            latest: None,
            folder: folder.into(),
            threads: None,
            secret: [0; 32],
        }
    }
}
