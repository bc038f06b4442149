//! The headline and the sentences, from codes and numbers to words.

use crate::understand::xray::{Amount, Estimate, Measure, Saying, Sentence, State, Xray};
use assets::{Arg, Failure, Habit, Words, chart};
use serde::Serialize;

/// A sentence as it is printed.
#[derive(Debug, PartialEq, Serialize)]
pub struct Said {
    /// HTML.
    text: String,
    /// What to do, HTML.
    todo: String,
    /// The section that shows more.
    goes_to: &'static str,
    /// The line with the band, HTML; empty where the sentence has none.
    doubt: String,
}

impl Said {
    /// The sentence, HTML.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// The measure as messages choose by it.
pub fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Sales => "sales",
        Measure::Margin => "margin",
    }
}

/// One line for the whole report, HTML.
pub fn headline(xray: &Xray, words: &Words, habit: &Habit) -> Result<String, Failure> {
    let now = &xray.figures.now;
    let Some(concentration) = xray.one_period.concentration.as_ref().filter(|one| one.customers_for_half > 0)
    else {
        return words.html(
            "headline-plain",
            &[
                ("customers", now.customers.into()),
                ("orders", now.orders.into()),
                ("sales", habit.short_money(now.sales_minor).into()),
            ],
        );
    };
    let half = [
        ("measure", measure(concentration.measure).into()),
        ("half", concentration.customers_for_half.into()),
        ("customers", now.customers.into()),
    ];
    let late = xray.sentences.iter().find_map(|one| match one.saying {
        Saying::BestLate { customers, .. } => Some(customers),
        _ => None,
    });
    match late {
        Some(late) => {
            let mut args = half.to_vec();
            args.push(("late", late.into()));
            words.html("headline-full", &args)
        }
        None => words.html("headline-half", &half),
    }
}

/// All sentences of the report.
pub fn all(xray: &Xray, words: &Words, habit: &Habit) -> Result<Vec<Said>, Failure> {
    xray.sentences.iter().map(|sentence| say(sentence, xray, words, habit)).collect()
}

fn say(sentence: &Sentence, xray: &Xray, words: &Words, habit: &Habit) -> Result<Said, Failure> {
    let saying = &sentence.saying;
    let code = saying.code();
    let mut args: Vec<(&str, Arg)> = numbers(saying, habit);
    args.push(("measure", measure(xray.measure).into()));
    if matches!(saying, Saying::BestLate { .. } | Saying::DueSoon { .. }) {
        args.push(("days", xray.horizon_days.into()));
    }
    Ok(Said {
        text: words.html(&format!("say-{code}"), &args)?,
        todo: words.html(&format!("todo-{code}"), &args)?,
        goes_to: goes_to(saying),
        doubt: doubt(saying),
    })
}

fn numbers(saying: &Saying, habit: &Habit) -> Vec<(&'static str, Arg)> {
    let share = |one: &Estimate| {
        habit.aside(&habit.percent(one.value, 0), &habit.percent_range(one.low, one.high, 0)).into()
    };
    let share_range = |one: &Estimate| habit.percent_range(one.low, one.high, 0).into();
    let amount = |one: &Amount| habit.short_money_range(one.low_minor, one.high_minor).into();
    let direction = |one: &Estimate| if one.value < 0.0 { "less" } else { "more" }.into();
    let yes = |is: bool| if is { "yes" } else { "no" }.into();
    match saying {
        Saying::BestLate { customers, of, value } => {
            vec![("customers", (*customers).into()), ("of", (*of).into()), ("range", amount(value))]
        }
        Saying::NewerCohorts { newer, older, age_months, newer_share, older_share, difference } => vec![
            ("newer", habit.period(newer.from, newer.until).into()),
            ("older", habit.period(older.from, older.until).into()),
            ("months", (*age_months).into()),
            ("newer_share", share(newer_share)),
            ("older_share", share(older_share)),
            ("direction", direction(difference)),
        ],
        Saying::Concentration { customers, customers_share, value_share } => vec![
            ("customers", (*customers).into()),
            ("customers_share", habit.percent(*customers_share, 0).into()),
            ("range", share_range(value_share)),
        ],
        Saying::NextYear { value, past_minor } => vec![
            ("range", amount(value)),
            ("has_past", yes(past_minor.is_some())),
            ("past", past_minor.map(|past| habit.short_money(past)).unwrap_or_default().into()),
        ],
        Saying::OneTimers { customers, share, days, worth_of_second } => vec![
            ("customers", (*customers).into()),
            ("days", (*days).into()),
            ("range", share_range(share)),
            ("has_worth", yes(worth_of_second.is_some())),
            ("worth", worth_of_second.as_ref().map_or("".into(), amount)),
        ],
        Saying::ProductBack { product, share: own, others_share, difference, .. } => vec![
            ("product", product.as_str().into()),
            ("share", share(own)),
            ("others", habit.percent(others_share.value, 0).into()),
            ("direction", direction(difference)),
        ],
        Saying::Anonymous { share, sales_minor } => {
            vec![
                ("share", habit.percent(*share, 0).into()),
                ("sales", habit.short_money(*sales_minor).into()),
            ]
        }
        Saying::DueSoon { customers, value } => vec![
            ("range", habit.number_range(customers.low, customers.high, 0).into()),
            ("value", amount(value)),
        ],
    }
}

fn goes_to(saying: &Saying) -> &'static str {
    match saying {
        Saying::BestLate { .. } => "late",
        Saying::NewerCohorts { .. } => "cohorts",
        Saying::Concentration { .. } => "value",
        Saying::NextYear { .. } | Saying::DueSoon { .. } => "next",
        Saying::OneTimers { .. } => "kinds",
        Saying::ProductBack { .. } => "products",
        Saying::Anonymous { .. } => "data",
    }
}

fn doubt(saying: &Saying) -> String {
    let share = |one: &Estimate| chart::doubt(one.low, one.value, one.high);
    let amount = |one: &Amount| chart::doubt(one.low_minor as f64, one.minor as f64, one.high_minor as f64);
    match saying {
        Saying::BestLate { value, .. } | Saying::NextYear { value, .. } => amount(value),
        Saying::NewerCohorts { newer_share, .. } => share(newer_share),
        Saying::Concentration { value_share, .. } => share(value_share),
        Saying::OneTimers { share: own, .. } | Saying::ProductBack { share: own, .. } => share(own),
        Saying::DueSoon { customers, .. } => share(customers),
        Saying::Anonymous { .. } => String::new(),
    }
}

/// How many customers are in a state.
pub fn customers_in(xray: &Xray, state: State) -> u64 {
    xray.leaving.states.iter().filter(|row| row.state == state).map(|row| row.customers).sum()
}
