//! What was found out about an import: printed, so that a wrong guess is seen, with the option that would change it.

use super::columns::DetectedColumn;
use super::encoding::Encoding;
use super::number::Mark;
use super::options::Layout;
use super::role::{Import, Role};
use super::split::Separator;
use super::when::DateOrder;
use domain::Currency;
use serde::Serialize;
use std::fmt;

/// One file, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DetectedFile {
    /// Its name.
    pub name: String,
    /// `text`, `json lines`, `workbook`, `rows`.
    pub format: &'static str,
    /// The encoding; absent where the format has its own.
    pub encoding: Option<Encoding>,
    /// What stands between cells; absent where the format has its own.
    pub delimiter: Option<Separator>,
    /// Line of the header, from 1; absent where there is none.
    pub header_line: Option<u64>,
    /// The columns.
    pub columns: Vec<DetectedColumn>,
}

/// Everything that was found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detected {
    /// What is imported.
    pub kind: Import,
    /// The files.
    pub files: Vec<DetectedFile>,
    /// The order of day and month; absent where no date depends on it.
    pub date_order: Option<DateOrder>,
    /// The decimal mark of amounts.
    pub decimal_mark: Mark,
    /// The reporting currency, `XXX` where nobody said.
    pub currency: Currency,
    /// The zone; absent where nobody said, and then times are the shop's own clock.
    pub timezone: Option<String>,
    /// What a row is, in order files.
    pub layout: Option<Layout>,
    /// The kind of key by which customers are known here.
    pub customer_key: Option<&'static str>,
    /// Whether orders such as C536379 are returns.
    pub c_marks: bool,
}

/// Something the shop should look at, and how to say otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// What was found and what was done about it.
    pub text: String,
    /// What to say if that is wrong.
    pub otherwise: String,
}

/// The word for a customer key of this role, as `store` knows it.
pub(super) const fn identifier_kind(role: Role) -> &'static str {
    match role {
        Role::Phone => "phone",
        Role::Email => "email",
        Role::Card => "card_number",
        _ => "external_id",
    }
}

impl fmt::Display for Detected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            write!(f, "{}: {}", file.name, file.format)?;
            if let Some(encoding) = file.encoding {
                write!(f, ", {}", encoding.name())?;
            }
            if let Some(delimiter) = file.delimiter {
                write!(f, ", {} between cells", delimiter.name())?;
            }
            match file.header_line {
                Some(1) => writeln!(f, ", header on line 1")?,
                Some(line) => writeln!(f, ", header on line {line} (lines above are titles)")?,
                None if file.format == "text" => writeln!(f, ", no header")?,
                None => writeln!(f)?,
            }
            for column in file.columns.iter().filter(|column| column.role.is_some()) {
                let role = column.role.map_or("", Role::name);
                writeln!(f, "  {role:<15} column {} '{}'", column.number, column.name)?;
            }
            let ignored: Vec<&str> = file
                .columns
                .iter()
                .filter(|column| column.role.is_none())
                .map(|column| column.name.as_str())
                .take(20)
                .collect();
            if !ignored.is_empty() {
                writeln!(f, "  not used: {}", ignored.join(", "))?;
            }
        }
        match self.date_order {
            Some(order) => writeln!(f, "dates: {} (--date-order)", order.name())?,
            None => writeln!(f, "dates: year first, or day and month cannot be mistaken")?,
        }
        writeln!(f, "amounts: decimal mark {} (--decimal)", self.decimal_mark.symbol())?;
        match self.currency {
            Currency::UNKNOWN => writeln!(f, "currency: not said (--currency)")?,
            currency => writeln!(f, "currency: {currency}")?,
        }
        match &self.timezone {
            Some(zone) => writeln!(f, "times: {zone}")?,
            None => writeln!(f, "times: the shop's own clock (--timezone)")?,
        }
        match self.layout {
            Some(Layout::Orders) => writeln!(f, "rows: one an order (--layout lines if not)"),
            Some(Layout::Lines) => writeln!(f, "rows: one a line of an order (--layout orders if not)"),
            None => Ok(()),
        }
    }
}
