//! Who reads: in which language, in which light, what money is written in. Kept in a cookie of its own, so that the page
//! before signing in knows it too; the choice of somebody who has signed in is kept with them.

use crate::app::App;
use crate::guard::cookie;
use assets::{Assets, Failure, Habit, Lang, Words};
use axum::http::{HeaderMap, header};
use serde::Serialize;

/// The cookie with language and light.
const COOKIE: &str = "perennial-view";

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the reader's system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme of that word.
    pub fn of(word: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|theme| theme.word() == word)
    }
}

/// What somebody has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The language.
    pub lang: Lang,
    /// The light.
    pub theme: Theme,
}

impl View {
    /// What the browser says: the cookie, else the languages it asks for.
    pub fn of(headers: &HeaderMap) -> View {
        let kept = cookie(headers, COOKIE).and_then(|text| View::read(&text));
        kept.unwrap_or_else(|| View { lang: asked(headers).unwrap_or(Lang::En), theme: Theme::System })
    }

    /// `vi.dark`, as it is kept.
    pub fn read(text: &str) -> Option<View> {
        let (lang, theme) = text.split_once('.')?;
        Some(View { lang: lang.parse().ok()?, theme: Theme::of(theme)? })
    }

    /// As it is kept.
    pub fn text(self) -> String {
        format!("{}.{}", self.lang, self.theme.word())
    }

    /// The cookie for a year. It tells nothing of anybody.
    pub fn cookie(self) -> String {
        format!("{COOKIE}={}; Path=/; SameSite=Lax; Max-Age=31536000", self.text())
    }
}

/// The first language of ours among those the browser asks for.
fn asked(headers: &HeaderMap) -> Option<Lang> {
    let wanted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    wanted.split(',').find_map(|one| one.split(';').next()?.trim().parse().ok())
}

/// What a page is made for.
#[derive(Clone)]
pub struct Reader {
    /// Templates and words.
    pub assets: Assets,
    /// The language and the light.
    pub view: View,
    /// ISO 4217.
    pub currency: String,
    /// Its digits after the point.
    pub decimals: u32,
    /// The shop as it calls itself; empty where it has not said.
    pub shop: String,
    /// Where the shop's days begin and end.
    pub zone: jiff::tz::TimeZone,
}

impl Reader {
    /// Whoever sends these headers to this shop.
    pub fn of(app: &App, headers: &HeaderMap) -> Reader {
        let head = app.shop();
        Reader {
            assets: app.dressed(&head),
            view: View::of(headers),
            currency: head.currency.clone(),
            decimals: head.decimals,
            shop: head.name.clone(),
            zone: head.zone.clone(),
        }
    }

    /// The words of their language.
    pub fn words(&self) -> Result<&Words, Failure> {
        self.assets.words(self.view.lang)
    }

    /// How they write figures.
    pub fn habit(&self) -> Habit {
        Habit::new(self.view.lang, &self.currency, self.decimals)
    }

    /// The language of explanations.
    pub fn loyalty_lang(&self) -> loyalty::program::Lang {
        engine::design::rules_page::words_of(self.view.lang)
    }

    /// An instant on the shop's clock.
    pub fn local(&self, at: jiff::Timestamp) -> jiff::civil::DateTime {
        at.to_zoned(self.zone.clone()).datetime()
    }

    /// Microseconds since 1970 on the shop's clock.
    pub fn local_micros(&self, micros: i64) -> jiff::civil::DateTime {
        self.local(engine::record::view::at(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_cookie_wins_over_what_the_browser_asks_for() {
        for (sent, lang, theme) in [
            (headers(&[]), Lang::En, Theme::System),
            (headers(&[(header::ACCEPT_LANGUAGE, "fr-FR, vi;q=0.8, en;q=0.5")]), Lang::Vi, Theme::System),
            (headers(&[(header::ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9")]), Lang::Zh, Theme::System),
            (headers(&[(header::ACCEPT_LANGUAGE, "zh-TW,zh;q=0.9")]), Lang::ZhHant, Theme::System),
            (headers(&[(header::COOKIE, "perennial-view=zh-Hant.light")]), Lang::ZhHant, Theme::Light),
            (
                headers(&[(header::ACCEPT_LANGUAGE, "vi"), (header::COOKIE, "a=b; perennial-view=zh.dark")]),
                Lang::Zh,
                Theme::Dark,
            ),
            (headers(&[(header::COOKIE, "perennial-view=xx.blue")]), Lang::En, Theme::System),
        ] {
            assert_eq!(View::of(&sent), View { lang, theme });
        }
        let view = View { lang: Lang::Vi, theme: Theme::Light };
        assert_eq!(View::read(&view.text()), Some(view));
    }
}
