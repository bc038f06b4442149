//! The X-ray as a page: one self-contained HTML file in the reader's language.
//!
//! Here the document's numbers become what a template can print: charts, bands with names, cells with a heat, the
//! sentence for each code. Texts live in `locales/`, the page in `templates/report/`. This module must not know how
//! numbers were computed, and prints none that does not follow from the document by counting or dividing.

mod charts;
mod memory;
pub mod said;
mod tables;

use super::xray::Xray;
use assets::{Assets, Failure, Habit, Lang};
use charts::Charts;
use said::Said;
use serde::Serialize;
use tables::{Bands, Base, Drivers, Flows, Heat, Kinds, Late, Models, Movement, Value};

/// Sections of the report, in their order: the anchors of the page, and the keys `section-ID`.
const SECTIONS: [&str; 14] = [
    "period", "change", "cohort", "cohorts", "base", "value", "late", "kinds", "next", "products", "places",
    "models", "data", "words",
];

/// What the template is given; what is HTML already says so.
#[derive(Serialize)]
struct Page<'a> {
    currency: &'a str,
    decimals: u32,
    lang: &'static str,
    shop: String,
    sections: [&'static str; SECTIONS.len()],
    /// Codes of the figures, in the order of the glossary.
    definitions: Vec<&'a str>,
    x: &'a Xray,
    /// HTML.
    headline: String,
    said: Vec<Said>,
    memory: Vec<memory::Remembered>,
    charts: Charts,
    bands: Bands,
    flows: Flows,
    drivers: Drivers,
    movement: Movement,
    heat: Heat,
    base: Base,
    value: Value,
    late: Late,
    kinds: Kinds<'a>,
    models: Models<'a>,
    whale_loses: bool,
    days_missing: i32,
    gap_days: Vec<i32>,
}

/// The report as one HTML file that asks nothing of the network. Fails where a template or a message is wrong, never
/// because of a number.
pub fn render(xray: &Xray, assets: &Assets, lang: Lang) -> Result<String, Failure> {
    let words = assets.words(lang)?;
    let habit = Habit::new(lang, xray.currency.code(), xray.decimals);
    let bands = Bands::of(xray, words, &habit)?;
    let concentration = xray.one_period.concentration.as_ref();
    let page = Page {
        currency: xray.currency.code(),
        decimals: xray.decimals,
        lang: lang.tag(),
        shop: match &xray.shop {
            Some(shop) => shop.clone(),
            None => words.text("report-shop-unnamed", &[])?,
        },
        sections: SECTIONS,
        definitions: words.keys().iter().filter_map(|key| key.strip_prefix("def-")).collect(),
        x: xray,
        headline: said::headline(xray, words, &habit)?,
        said: said::all(xray, words, &habit)?,
        memory: memory::all(xray, words, &habit)?,
        charts: Charts::of(xray, words, &habit, &bands)?,
        flows: Flows::of(xray),
        drivers: Drivers::of(xray, &habit),
        movement: Movement::of(xray),
        heat: Heat::of(xray),
        base: Base::of(xray, words, &habit)?,
        value: Value::of(xray),
        late: Late::of(xray),
        kinds: Kinds::of(xray),
        models: Models::of(xray),
        whale_loses: concentration.is_some_and(|one| one.curve.iter().any(|point| point.value_share > 1.005)),
        days_missing: (2 * 365 - xray.observed.days()).max(1),
        gap_days: xray.defects.gaps.iter().map(|gap| gap.days()).collect(),
        bands,
    };
    assets.render("report/xray.html", lang, &page)
}

/// What the report opens with, for other pages.
#[derive(Debug, PartialEq, Serialize)]
pub struct Opening {
    /// One line for the whole report, HTML.
    headline: String,
    /// What is worth acting on.
    said: Vec<Said>,
}

/// The headline and the sentences as HTML.
pub fn opening(xray: &Xray, assets: &Assets, lang: Lang) -> Result<Opening, Failure> {
    let words = assets.words(lang)?;
    let habit = Habit::new(lang, xray.currency.code(), xray.decimals);
    Ok(Opening { headline: said::headline(xray, words, &habit)?, said: said::all(xray, words, &habit)? })
}

/// The headline and the sentences as plain text, one a line, for terminals and messages.
pub fn sentences(xray: &Xray, assets: &Assets, lang: Lang) -> Result<Vec<String>, Failure> {
    let words = assets.words(lang)?;
    let habit = Habit::new(lang, xray.currency.code(), xray.decimals);
    let mut lines = vec![without_tags(&said::headline(xray, words, &habit)?)];
    lines.extend(said::all(xray, words, &habit)?.iter().map(|said| without_tags(said.text())));
    Ok(lines)
}

/// Our own messages hold simple tags and the escapes of [`assets`] only.
fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => is_tag = true,
            '>' => is_tag = false,
            _ if !is_tag => text.push(letter),
            _ => {}
        }
    }
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text, |text, (escape, letter)| text.replace(escape, letter))
}

#[cfg(test)]
mod tests;
