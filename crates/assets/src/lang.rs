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
    /// Chinese, traditional, as it is written in Taiwan.
    #[serde(rename = "zh-Hant")]
    ZhHant,
}

/// No such language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no pages in '{0}'; languages are en, vi, zh and zh-Hant")]
pub struct NotALang(pub String);

impl Lang {
    /// All languages, in the order they are listed.
    pub const ALL: [Lang; 4] = [Lang::En, Lang::Vi, Lang::Zh, Lang::ZhHant];

    /// Name of its folder under `locales/`.
    pub fn folder(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Vi => "vi",
            Lang::Zh => "zh",
            Lang::ZhHant => "zh-Hant",
        }
    }

    /// The BCP 47 tag for `lang` attributes.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Vi => "vi",
            Lang::Zh => "zh-Hans",
            Lang::ZhHant => "zh-Hant",
        }
    }

    /// What those who read it call it.
    pub fn name(self) -> &'static str {
        match self {
            Lang::En => "English",
            Lang::Vi => "Tiếng Việt",
            Lang::Zh => "简体中文",
            Lang::ZhHant => "繁體中文",
        }
    }

    /// Whether it is written in Chinese characters, of either kind.
    pub fn is_chinese(self) -> bool {
        self.kin().is_some()
    }

    /// The other way to write the same language: who reads the one makes out the other sooner than English.
    pub fn kin(self) -> Option<Lang> {
        match self {
            Lang::En | Lang::Vi => None,
            Lang::Zh => Some(Lang::ZhHant),
            Lang::ZhHant => Some(Lang::Zh),
        }
    }
}

impl FromStr for Lang {
    type Err = NotALang;

    /// `en`, `vi`, `zh`, `zh-Hant`, also with a region or script after it (`en-GB`, `zh_CN`, `zh-Hans`); regions that
    /// write traditional characters are read so (`zh-TW`, `zh-HK`, `zh-MO`).
    fn from_str(text: &str) -> Result<Lang, NotALang> {
        let lower = text.trim().to_ascii_lowercase().replace('_', "-");
        let mut parts = lower.split('-');
        match (parts.next(), parts.next()) {
            (Some("en"), _) => Ok(Lang::En),
            (Some("vi"), _) => Ok(Lang::Vi),
            (Some("zh"), None | Some("hans" | "cn" | "sg" | "my")) => Ok(Lang::Zh),
            (Some("zh"), Some("hant" | "tw" | "hk" | "mo")) => Ok(Lang::ZhHant),
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
            ("zh-Hant", Lang::ZhHant),
            ("zh-TW", Lang::ZhHant),
            ("zh_HK", Lang::ZhHant),
            ("zh-MO", Lang::ZhHant),
            ("zh-Hant-HK", Lang::ZhHant),
        ] {
            assert_eq!(text.parse(), Ok(lang), "{text}");
        }
        for other in ["zh-Latn", "fr", ""] {
            assert_eq!(other.parse::<Lang>(), Err(NotALang(other.to_owned())));
        }
    }

    #[test]
    fn a_language_is_read_as_it_is_written() {
        for lang in Lang::ALL {
            assert_eq!((lang.folder().parse(), lang.tag().parse()), (Ok(lang), Ok(lang)));
            assert_eq!(serde_json::to_value(lang).unwrap(), lang.folder());
            assert_eq!(lang.kin().and_then(Lang::kin), lang.kin().map(|_| lang));
        }
    }
}
