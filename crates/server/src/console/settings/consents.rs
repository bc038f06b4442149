//! `/settings/consents`: what customers are shown when they agree, version by version, and what the law of each place asks
//! of the shop. A text is never changed: who agreed to it agreed to those words. Another text is another version.

use super::super::frame::Area;
use super::super::guard::{Fields, Visit};
use super::super::page::Page;
use super::super::reader::Reader;
use super::{Tab, all_tabs, settle, tabs};
use crate::problem::Problem;
use assets::Lang;
use axum::http::StatusCode;
use axum::response::Response;
use engine::people::consents::law_of;
use engine::record::consent::{Clock, Profile, profiles};
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The setting with the texts, as JSON.
const TEXTS: &str = "consent_texts";
/// What may be agreed to, as it is offered.
pub const PURPOSES: [&str; 3] = ["marketing", "survey", "profiling"];
/// The longest text, in letters.
const LONGEST: usize = 4000;

/// What somebody is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// What for.
    pub purpose: String,
    /// Code of the language.
    pub language: String,
    /// `2026-11-22`, or `2026-11-22.2` for the second of a day: what a proof names.
    pub version: String,
    /// The words.
    pub text: String,
    /// When it was written, microseconds since 1970.
    pub at: i64,
    /// By whom.
    pub by: String,
}

/// The page.
#[derive(Serialize)]
pub struct ConsentsPage {
    tabs: Vec<Tab>,
    /// The newest of a purpose and language first.
    rows: Vec<Row>,
    laws: Vec<Law>,
    /// The law of the shop's own place; empty where we know none.
    own: &'static str,
    purposes: [&'static str; PURPOSES.len()],
    languages: Vec<&'static str>,
    refused: String,
    typed: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Row {
    purpose: String,
    language: String,
    version: String,
    text: String,
    at: DateTime,
    by: String,
    /// Whether it is the one that is shown.
    is_shown: bool,
}

#[derive(Serialize)]
struct Law {
    jurisdiction: String,
    law: String,
    note: String,
    from: Date,
    is_in_force: bool,
    /// The word of the span, its unit, and how many; none where the law names none.
    spans: Vec<(&'static str, &'static str, i32)>,
}

fn laws(today: Date) -> Vec<Law> {
    let all = profiles();
    let newest = |one: &Profile| {
        let same = all.iter().filter(|other| other.jurisdiction == one.jurisdiction && other.from <= today);
        same.map(|other| other.from).max() == Some(one.from)
    };
    let law = |one: &Profile| Law {
        jurisdiction: one.jurisdiction.clone(),
        law: one.law.clone(),
        note: one.note.clone(),
        from: one.from,
        is_in_force: newest(one),
        spans: [
            ("answer", one.answer_within),
            ("withdraw", one.withdraw_within),
            ("access", one.access_within),
            ("erase", one.erase_within),
        ]
        .into_iter()
        .filter_map(|(word, clock)| {
            let (unit, count) = unit(clock?);
            Some((word, unit, count))
        })
        .collect(),
    };
    all.iter().rev().map(law).collect()
}

fn unit(clock: Clock) -> (&'static str, i32) {
    match clock {
        Clock::Months(count) => ("months", count),
        Clock::Days(count) => ("days", count),
        Clock::WorkingDays(count) => ("working-days", count),
        Clock::Hours(count) => ("hours", count),
    }
}

fn languages() -> Vec<&'static str> {
    Lang::ALL.into_iter().map(Lang::folder).collect()
}

impl Page for ConsentsPage {
    const TEMPLATE: &'static str = "console/settings/consents.html";
    const AREA: Area = Area::Settings;

    fn sample(_: &Reader) -> ConsentsPage {
        let row = |version: &str, is_shown| Row {
            purpose: "marketing".to_owned(),
            language: "vi".to_owned(),
            version: version.to_owned(),
            text: "Tôi đồng ý nhận tin khuyến mãi qua SMS.\nRút lại lúc nào cũng được.".to_owned(),
            at: jiff::civil::date(2026, 10, 12).at(17, 40, 0, 0),
            by: "Ana".to_owned(),
            is_shown,
        };
        ConsentsPage {
            rows: vec![row("2026-10-12", true), row("2026-01-01", false)],
            refused: "a text has 1 to 4000 letters".to_owned(),
            ..ConsentsPage::sample_empty()
        }
    }
}

impl ConsentsPage {
    /// No text was written yet.
    pub fn sample_empty() -> ConsentsPage {
        ConsentsPage {
            tabs: all_tabs(),
            rows: Vec::new(),
            laws: laws(jiff::civil::date(2026, 10, 12)),
            own: "vn",
            purposes: PURPOSES,
            languages: languages(),
            refused: String::new(),
            typed: BTreeMap::new(),
        }
    }
}

/// The texts there are, oldest first.
pub async fn texts(visit: &Visit) -> Result<Vec<Text>, Problem> {
    let kept = visit.app().read(|session| Ok(session.read().find_setting(TEXTS)?)).await?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// The text that is shown for a purpose in a language.
pub fn shown<'a>(texts: &'a [Text], purpose: &str, language: &str) -> Option<&'a Text> {
    texts.iter().rev().find(|text| text.purpose == purpose && text.language == language)
}

/// `GET /settings/consents`
pub async fn show(visit: Visit) -> Result<Response, Problem> {
    visit.show(&read(&visit).await?)
}

async fn read(visit: &Visit) -> Result<ConsentsPage, Problem> {
    let (app, reader) = (visit.app(), visit.reader());
    let all = texts(visit).await?;
    let staff = app.read(|session| Ok(engine::staff::people::list(&session.read())?)).await?;
    let name = |id: &str| {
        staff.iter().find(|member| member.id == id).map_or(id.to_owned(), |member| member.name.clone())
    };
    let row = |text: &Text| Row {
        is_shown: shown(&all, &text.purpose, &text.language) == Some(text),
        purpose: text.purpose.clone(),
        language: text.language.clone(),
        version: text.version.clone(),
        text: text.text.clone(),
        at: reader.local_micros(text.at),
        by: name(&text.by),
    };
    Ok(ConsentsPage {
        tabs: tabs(visit),
        rows: all.iter().rev().map(row).collect(),
        laws: laws(reader.local(app.now()).date()),
        own: law_of(&app.settings().country),
        ..ConsentsPage::sample_empty()
    })
}

/// `POST /settings/consents`: another version of a text.
pub async fn add(visit: Visit, fields: Fields) -> Result<Response, Problem> {
    let before = texts(&visit).await?;
    let (app, today) = (visit.app(), visit.reader().local(visit.app().now()).date());
    match next(&before, &fields, today, app.now_micros(), &visit.member().id) {
        Ok(text) => {
            let written = |all: &[Text]| serde_json::to_string(all).expect("texts become JSON");
            let after: Vec<Text> = before.iter().cloned().chain([text]).collect();
            let (before, after) = (written(&before), written(&after));
            settle(&visit, TEXTS, BTreeMap::from([(TEXTS, before)]), BTreeMap::from([(TEXTS, after)]))
                .await?;
            Ok(visit.done("/settings/consents", "saved"))
        }
        Err(refused) => {
            let typed = fields.without_proof().pairs().iter().cloned().collect();
            let page = ConsentsPage { refused, typed, ..read(&visit).await? };
            visit.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// What was typed as the next version, or why not.
fn next(all: &[Text], fields: &Fields, today: Date, at: i64, by: &str) -> Result<Text, String> {
    let (purpose, language) = (fields.text("purpose"), fields.text("language"));
    if !PURPOSES.contains(&purpose) {
        return Err(format!("purpose: one of {}", PURPOSES.join(", ")));
    }
    if !languages().contains(&language) {
        return Err(format!("language: one of {}", languages().join(", ")));
    }
    let text = fields.text("text").replace("\r\n", "\n");
    let length = text.chars().count();
    if length == 0 || length > LONGEST {
        return Err(format!("a text has 1 to {LONGEST} letters; this one has {length}"));
    }
    if shown(all, purpose, language).is_some_and(|known| known.text == text) {
        return Err("this is the text that is shown already".to_owned());
    }
    let same_day = |text: &&Text| {
        let is_of = text.purpose == purpose && text.language == language;
        is_of && text.version.split('.').next() == Some(&today.to_string())
    };
    let version = match all.iter().filter(same_day).count() {
        0 => today.to_string(),
        count => format!("{today}.{}", count + 1),
    };
    let (purpose, language) = (purpose.to_owned(), language.to_owned());
    Ok(Text { purpose, language, version, text, at, by: by.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_another_version_and_never_changed() {
        let day = jiff::civil::date(2026, 11, 22);
        let typed =
            |text: &str| Fields::read(format!("purpose=marketing&language=vi&text={text}").as_bytes());
        let first = next(&[], &typed("one"), day, 1, "stf_1").unwrap();
        assert_eq!((first.version.as_str(), first.text.as_str()), ("2026-11-22", "one"));
        let mut all = vec![first];
        assert!(next(&all, &typed("one"), day, 2, "stf_1").unwrap_err().contains("already"));
        all.push(next(&all, &typed("two"), day, 2, "stf_1").unwrap());
        assert_eq!(all[1].version, "2026-11-22.2");
        assert_eq!(shown(&all, "marketing", "vi"), Some(&all[1]));
        assert_eq!(shown(&all, "marketing", "en"), None);
        assert!(next(&all, &typed(""), day, 3, "stf_1").is_err());
        assert!(next(&all, &Fields::read(b"purpose=x&language=vi&text=a"), day, 3, "stf_1").is_err());
    }

    #[test]
    fn of_each_place_one_law_is_in_force() {
        let laws = laws(jiff::civil::date(2026, 11, 22));
        let places: std::collections::BTreeSet<&str> =
            laws.iter().map(|law| law.jurisdiction.as_str()).collect();
        for place in places {
            let count = laws.iter().filter(|law| law.jurisdiction == place && law.is_in_force).count();
            assert_eq!(count, 1, "{place}");
        }
    }
}
