//! The languages pages are written in.

use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// A language of the reader, with its habits of writing numbers, money and days (see [`crate::Habit`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    En,
    /// Vietnamese.
    Vi,
    /// Chinese, simplified.
    Zh,
}

/// No such language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no pages in '{0}'; languages are en, vi and zh")]
pub struct NotALang(pub String);

impl Lang {
    /// All languages, in the order they are listed.
    pub const ALL: [Lang; 3] = [Lang::En, Lang::Vi, Lang::Zh];

    /// Name of its folder under `locales/`.
    pub fn folder(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Vi => "vi",
            Lang::Zh => "zh",
        }
    }

    /// The BCP 47 tag for `lang` attributes.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Vi => "vi",
            Lang::Zh => "zh-Hans",
        }
    }
}

impl FromStr for Lang {
    type Err = NotALang;

    /// `en`, `vi`, `zh`, also with a region or script after it (`en-GB`, `zh_CN`, `zh-Hans`).
    fn from_str(text: &str) -> Result<Lang, NotALang> {
        let lower = text.trim().to_ascii_lowercase().replace('_', "-");
        let mut parts = lower.split('-');
        match (parts.next(), parts.next()) {
            (Some("en"), _) => Ok(Lang::En),
            (Some("vi"), _) => Ok(Lang::Vi),
            (Some("zh"), None | Some("hans" | "cn" | "sg" | "my")) => Ok(Lang::Zh),
            _ => Err(NotALang(text.to_owned())),
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.folder())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_scripts_are_read() {
        for (text, lang) in [
            ("en", Lang::En),
            ("en-GB", Lang::En),
            ("vi_VN", Lang::Vi),
            ("ZH-Hans-CN", Lang::Zh),
            ("zh", Lang::Zh),
        ] {
            assert_eq!(text.parse(), Ok(lang), "{text}");
        }
        for other in ["zh-Hant", "zh-TW", "fr", ""] {
            assert_eq!(other.parse::<Lang>(), Err(NotALang(other.to_owned())));
        }
    }
}
