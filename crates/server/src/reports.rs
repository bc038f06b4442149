//! Reports that are written by themselves: of the whole shop or of a part of it, every day, week or month, as a file in the
//! folder `reports` of the data folder. What is to be written is a setting; scheduled work writes it, the console too.

use crate::brand::Brand;
use crate::figures::{Focus, Lake, read_part};
use assets::{Assets, Lang};
use domain::port::Failure;
use engine::understand::xray_page::render;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use store::Writing;

/// The setting with the reports, as JSON.
pub const SETTING: &str = "scheduled_reports";
/// The folder of the files, below the data folder.
pub const FOLDER: &str = "reports";
/// How often, as it is offered.
pub const SPANS: [&str; 3] = ["day", "week", "month"];

/// A report that is written by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// Its name: letters, digits and `-`; the file is called after it.
    pub name: String,
    /// Code of the language.
    pub language: String,
    /// `day`; `week`, on Mondays; `month`, on the first.
    pub every: String,
    /// What of the shop.
    #[serde(default)]
    pub focus: Focus,
}

/// Why a report cannot be scheduled.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUsable {
    /// The name cannot be a file's.
    #[error("'{0}' cannot be the name of a file: 1 to 60 letters without marks, digits and '-'")]
    Name(String),
    /// None of the spans.
    #[error("'{0}' is no span: day, week or month")]
    Every(String),
    /// None of the languages.
    #[error("'{0}' is none of the languages there are")]
    Language(String),
}

impl Scheduled {
    /// That it can be scheduled.
    pub fn checked(self) -> Result<Scheduled, NotUsable> {
        let fits = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-';
        if self.name.is_empty() || self.name.len() > 60 || !self.name.bytes().all(fits) {
            return Err(NotUsable::Name(self.name));
        }
        if !SPANS.contains(&self.every.as_str()) {
            return Err(NotUsable::Every(self.every));
        }
        if self.language.parse::<Lang>().is_err() {
            return Err(NotUsable::Language(self.language));
        }
        Ok(self)
    }

    /// Whether it is written on a day.
    pub fn is_due(&self, day: Date) -> bool {
        match self.every.as_str() {
            "week" => day.weekday() == Weekday::Monday,
            "month" => day.day() == 1,
            _ => true,
        }
    }

    /// The file of a day.
    pub fn file(&self, day: Date) -> String {
        format!("{}-{day}.html", self.name)
    }
}

/// All that are scheduled.
pub fn scheduled(reading: &Writing<'_>) -> Result<Vec<Scheduled>, store::Failure> {
    let text = reading.find_setting(SETTING)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Write a report of a day into the data folder, in the shop's own look; answers where it is.
///
/// # Errors
/// A sentence: why there is none.
pub fn write(
    lake: &Lake,
    assets: &Assets,
    brand: &Brand,
    folder: &Path,
    report: &Scheduled,
    day: Date,
) -> Result<PathBuf, String> {
    let (xray, _) = read_part(lake, &report.focus, &mut |_| {})?;
    let lang = report.language.parse().unwrap_or(Lang::En);
    let text = render(&xray, &brand.dressed(assets), lang).map_err(|failure| failure.to_string())?;
    let folder = folder.join(FOLDER);
    let path = folder.join(report.file(day));
    let failed = |error: std::io::Error| {
        Failure::because(format!("cannot write {}", path.display()), error).to_string()
    };
    std::fs::create_dir_all(&folder).map_err(failed)?;
    // Beside its place first, so that nobody reads half of it.
    let beside = path.with_extension("part");
    std::fs::write(&beside, text).map_err(failed)?;
    std::fs::rename(&beside, &path).map_err(failed)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn report(name: &str, every: &str, language: &str) -> Scheduled {
        Scheduled {
            name: name.into(),
            language: language.into(),
            every: every.into(),
            focus: Focus::default(),
        }
    }

    #[test]
    fn a_report_is_due_on_its_days_and_named_after_them() {
        let monday = date(2026, 11, 23);
        for (every, day, due) in [
            ("day", monday, true),
            ("week", monday, true),
            ("week", date(2026, 11, 22), false),
            ("month", monday, false),
            ("month", date(2026, 12, 1), true),
        ] {
            assert_eq!(report("north", every, "vi").is_due(day), due, "{every} {day}");
        }
        assert_eq!(report("north", "week", "vi").file(monday), "north-2026-11-23.html");
    }

    #[test]
    fn a_name_is_a_files_and_leads_nowhere_else() {
        assert!(report("north-1", "week", "vi").checked().is_ok());
        for wrong in ["", "../x", "a b", "a/b", "Bắc"] {
            assert_eq!(report(wrong, "week", "vi").checked(), Err(NotUsable::Name(wrong.into())));
        }
        assert_eq!(report("a", "hour", "vi").checked(), Err(NotUsable::Every("hour".into())));
        assert_eq!(report("a", "week", "fr").checked(), Err(NotUsable::Language("fr".into())));
    }
}
