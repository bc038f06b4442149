//! What was decided before, in the reader's language.

use crate::understand::xray::{Decided, Xray};
use assets::{Failure, Habit, Words};
use jiff::civil::Date;
use serde::Serialize;

/// One campaign that is over.
#[derive(Debug, PartialEq, Serialize)]
pub struct Remembered {
    on: Date,
    title: String,
    action: String,
    /// Who was meant.
    who: String,
    /// What it brought, in a sentence.
    brought: String,
    /// What was decided.
    verdict: String,
    note: String,
}

/// Everything the report remembers, in its order.
pub fn all(xray: &Xray, words: &Words, habit: &Habit) -> Result<Vec<Remembered>, Failure> {
    xray.decided.iter().map(|one| remembered(one, words, habit)).collect()
}

fn remembered(one: &Decided, words: &Words, habit: &Habit) -> Result<Remembered, Failure> {
    let who = match &one.sentence {
        Some(sentence) => words.text(&format!("memory-who-{}", sentence.replace('_', "-")), &[])?,
        None => one.segment.clone().unwrap_or_default(),
    };
    Ok(Remembered {
        on: one.decided_on,
        title: one.title.clone(),
        action: one.action.clone(),
        who,
        brought: brought(one, words, habit)?,
        verdict: words.text(&format!("cam-verdict-{}", one.decision), &[])?,
        note: one.note.clone(),
    })
}

fn brought(one: &Decided, words: &Words, habit: &Habit) -> Result<String, Failure> {
    let Some(brought) = &one.brought else {
        return words.text(if one.was_measured { "memory-untold" } else { "memory-unmeasured" }, &[]);
    };
    let is_more = brought.value > 0.0;
    let (near, far) = if is_more { (brought.low, brought.high) } else { (-brought.high, -brought.low) };
    let whole = |value: f64| match one.metric.as_str() {
        "margin" => habit.short_money(value.round() as i64),
        _ => habit.count(value.round() as i64),
    };
    let what = match one.metric.as_str() {
        "margin" => "money",
        "orders" => "orders",
        _ => "people",
    };
    let key = format!("cam-{}-{what}", if is_more { "brought" } else { "lost" });
    words.text(&key, &[("low", whole(near).into()), ("high", whole(far).into())])
}
