//! Pages: a template and a typed context make HTML.
//!
//! What a template may call, beside minijinja's own: `t(key, name=value…)` for words, `plain(key)` for words that stand in
//! an attribute, `word_or(key, text)` where a code may be unknown; `change(now, before)`, `aside(figure,
//! interval)`; the filters `count`, `number`,
//! `percent`, `money`, `short_money`, `day`, `moment`, `month`, `period` and their `signed_` and `_range` kin for figures in the
//! reader's habit; `doubt` for the line with the band; `name` for a word of the shop's own; `language` for what a code of
//! ours calls itself; `refusal` for a sentence of the engine in the reader's language; `asset(path)` for a file
//! as it is. Money is written in the `currency` and `decimals` of the context. A key or a field that is not there
//! fails the page: a report with a hole is worse than none.

use crate::{Arg, Assets, Failure, Habit, Lang, chart, escape};
use jiff::civil::{Date, DateTime};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, PoisonError};

/// Ends of an interval, whatever the unit of the field.
#[derive(Deserialize)]
struct Range {
    #[serde(alias = "low_minor")]
    low: f64,
    #[serde(alias = "minor")]
    value: f64,
    #[serde(alias = "high_minor")]
    high: f64,
}

/// Days, end-exclusive.
#[derive(Deserialize)]
struct Days {
    from: Date,
    until: Date,
}

impl Assets {
    /// Render `templates/{path}` in a language. The context is a struct; `currency` (ISO 4217) and `decimals` at its
    /// top decide how money is written, and are `XXX` and 2 where it has none.
    pub fn render(&self, path: &str, lang: Lang, context: &impl Serialize) -> Result<String, Failure> {
        let context = Value::from(Serde(context));
        let top = |key: &str| context.get_attr(key).ok().filter(|value| !value.is_undefined());
        let currency = top("currency").map_or("XXX".to_owned(), |value| value.to_string());
        let decimals = top("decimals").and_then(|value| u32::try_from(value).ok()).unwrap_or(2);
        let wrong = |error: Error| Failure::Page { path: path.to_owned(), why: explain(&error) };
        let pages = self.pages(lang, &currency, decimals).map_err(wrong)?;
        pages.get_template(path).and_then(|page| page.render(context)).map_err(wrong)
    }

    /// All templates, read once for a language and a currency; anew each time where a folder overrides, so that a
    /// change to a file is seen at once.
    fn pages(&self, lang: Lang, currency: &str, decimals: u32) -> Result<Arc<Environment<'static>>, Error> {
        if self.is_overridden() {
            return self.read_pages(lang, currency, decimals).map(Arc::new);
        }
        let key = (lang, currency.to_owned(), decimals);
        let mut kept = self.kept_pages().lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pages) = kept.get(&key) {
            return Ok(pages.clone());
        }
        let pages = Arc::new(self.read_pages(lang, currency, decimals)?);
        kept.insert(key, pages.clone());
        Ok(pages)
    }

    fn read_pages(&self, lang: Lang, currency: &str, decimals: u32) -> Result<Environment<'static>, Error> {
        let habit = Arc::new(Habit::new(lang, currency, decimals));
        let mut pages = Environment::new();
        pages.set_undefined_behavior(UndefinedBehavior::Strict);
        pages.set_auto_escape_callback(|_| AutoEscape::Html);
        pages.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        for template in self.list("templates").map_err(failed)? {
            let name = template.trim_start_matches("templates/").to_owned();
            pages.add_template_owned(name, self.text(&template).map_err(failed)?.into_owned())?;
        }
        let assets = self.without_pages();
        pages.add_function("t", move |key: String, kwargs: Kwargs| {
            let args = arguments(&kwargs)?;
            let args: Vec<(&str, Arg)> =
                args.iter().map(|(name, arg)| (name.as_str(), arg.clone())).collect();
            let said = assets.words(lang).and_then(|words| words.html(&key, &args));
            said.map(Value::from_safe_string).map_err(failed)
        });
        let assets = self.without_pages();
        pages.add_function("plain", move |key: String| {
            assets.words(lang).and_then(|words| words.text(&key, &[])).map_err(failed)
        });
        let assets = self.without_pages();
        pages.add_function("word_or", move |key: String, otherwise: String| {
            let words = assets.words(lang).map_err(failed)?;
            if words.has(&key) { words.text(&key, &[]).map_err(failed) } else { Ok(otherwise) }
        });
        let assets = self.without_pages();
        pages.add_function("asset", move |path: String| {
            assets.text(&path).map(|text| Value::from_safe_string(text.into_owned())).map_err(failed)
        });
        let assets = self.without_pages();
        pages.add_filter("refusal", move |english: String| {
            let said = assets.refusal(lang, &english).map_err(failed)?;
            // What is not known is the engine's English, except where somebody has said it in the reader's language.
            Ok::<_, Error>(Value::from_safe_string(match said {
                Some(said) => escape(&said),
                None if lang == Lang::En || !english.is_ascii() => escape(&english),
                None => format!("<span lang=\"en\">{}</span>", escape(&english)),
            }))
        });
        add_figures(&mut pages, &habit);
        Ok(pages)
    }
}

fn add_figures(pages: &mut Environment<'static>, habit: &Arc<Habit>) {
    /// A filter that knows the reader's habit.
    macro_rules! filter {
        ($name:literal, |$h:ident, $($arg:ident: $kind:ty),+| $body:expr) => {{
            let kept = Arc::clone(habit);
            pages.add_filter($name, move |$($arg: $kind),+| {
                let $h = &kept;
                $body
            });
        }};
    }
    let digits = |given: Option<usize>| given.unwrap_or(0);
    filter!("count", |h, value: i64| h.count(value));
    filter!("number", |h, value: f64, places: Option<usize>| h.number(value, digits(places)));
    filter!("number_range", |h, range: Serde<Range>, places: Option<usize>| h.number_range(
        range.low,
        range.high,
        digits(places)
    ));
    filter!("percent", |h, value: f64, places: Option<usize>| h.percent(value, digits(places)));
    filter!("chance", |h, value: f64| h.chance(value));
    filter!("signed_percent", |h, value: f64, places: Option<usize>| h.signed_percent(value, digits(places)));
    filter!("percent_range", |h, range: Serde<Range>, places: Option<usize>| h.percent_range(
        range.low,
        range.high,
        digits(places)
    ));
    filter!("points", |h, share: f64| h.points(share));
    filter!("points_range", |h, range: Serde<Range>| h.number_range(
        range.low * 100.0,
        range.high * 100.0,
        0
    ));
    filter!("money", |h, minor: i64| h.money(minor));
    filter!("short_money", |h, minor: i64| h.short_money(minor));
    filter!("signed_short_money", |h, minor: i64| h.signed_short_money(minor));
    filter!("short_money_range", |h, range: Serde<Range>| h
        .short_money_range(range.low as i64, range.high as i64));
    filter!("day", |h, day: Serde<Date>| h.day(*day));
    filter!("moment", |h, at: Serde<DateTime>| h.moment(*at));
    filter!("month", |h, day: Serde<Date>| h.month(*day));
    filter!("period", |h, days: Serde<Days>| h.period(days.from, days.until));
    let kept = Arc::clone(habit);
    pages.add_function("change", move |now: f64, before: f64| {
        if before == 0.0 { "–".to_owned() } else { kept.signed_percent(now / before - 1.0, 1) }
    });
    let kept = Arc::clone(habit);
    pages.add_function("aside", move |figure: String, beside: String| kept.aside(&figure, &beside));
    pages.add_function("doubt_within", |range: Serde<Range>, largest: f64| {
        Value::from_safe_string(chart::doubt_within(range.low, range.value, range.high, largest))
    });
    pages.add_filter("doubt", |range: Serde<Range>| {
        Value::from_safe_string(chart::doubt(range.low, range.value, range.high))
    });
    pages.add_filter("language", |code: String| {
        code.parse::<Lang>().map_or(code, |lang| lang.name().to_owned())
    });
    pages.add_filter("name", |text: String| {
        Value::from_safe_string(format!("<bdi translate=\"no\">{}</bdi>", escape(&text)))
    });
}

fn arguments(kwargs: &Kwargs) -> Result<Vec<(String, Arg)>, Error> {
    let names: Vec<String> = kwargs.args().map(str::to_owned).collect();
    names
        .into_iter()
        .map(|name| {
            let value: Value = kwargs.get(&name)?;
            let arg = match i64::try_from(value.clone()) {
                Ok(count) if value.is_number() => Arg::Count(count),
                _ => Arg::Text(value.to_string()),
            };
            Ok((name, arg))
        })
        .collect()
}

fn failed(failure: Failure) -> Error {
    Error::new(ErrorKind::InvalidOperation, failure.to_string())
}

/// The error with its causes and its line.
fn explain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
