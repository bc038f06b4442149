//! The trial: history cut in two, every model fitted on the first part and judged on the second.

use super::fitting::{Statistics, Tried, attrition_gain, fit_all, model_of};
use super::judging::{Held, Judged, Said, judged, said_by_model, said_by_rules, tracking};
use super::options::{FITTED_SHARE, Options, Progress, Refused, Stage, Stopped};
use super::parameters::parameters;
use super::propensity::{Windows, said_by_propensity};
use super::rows::{first, rows};
use super::xray::{Judgement, Period, SuggestionList, SuggestionScore};
use domain::port::Insights;
use jiff::ToSpan;
use jiff::civil::Date;
use stats::propensity::Kind;

/// Customers up to which lists of suggestions are judged: lists for a country are made, not tried, in a report.
const MOST_FOR_LISTS: usize = 200_000;
/// Fewest days a model may be judged on: a shop has a weekly rhythm.
const FEWEST_HELD_DAYS: i32 = 7;

/// What came of the trial.
pub(super) struct Trial {
    pub judged: Judged,
    pub judgement: Judgement,
    /// Standard deviation by chance of the orders of all held customers, relative to their sum.
    pub noise: f64,
    /// What predicts best whether a customer comes.
    pub propensity: Kind,
}

/// The last day the models may see. `None` where history is too short to hold any of it out.
pub(super) fn cut(observed: Period, asked: Option<Date>) -> Result<Option<Date>, Refused> {
    if let Some(asked) = asked {
        let is_inside = asked >= observed.from && asked < observed.last();
        return if is_inside { Ok(Some(asked)) } else { Err(Refused::CalibrationEnd { asked, observed }) };
    }
    let days = observed.days() - 1;
    let fitted = (f64::from(days) * FITTED_SHARE).floor() as i32;
    let is_long_enough = fitted >= FEWEST_HELD_DAYS && days - fitted >= FEWEST_HELD_DAYS;
    Ok(is_long_enough.then(|| observed.from.saturating_add(fitted.days())))
}

/// What was known at the cut, one window earlier and before: the features of customers with what came of them, and what
/// would have been suggested to them. Leaves the run's parameters at the cut.
pub(super) fn look_back(
    insights: &dyn Insights,
    options: &Options,
    cut_on: Date,
    observed: Period,
) -> Result<(Windows, Vec<SuggestionScore>), Stopped> {
    let held = days_between(cut_on, observed.last());
    // The rule of silence needs a window of its own before the cut; half of what is there is as long as it may be.
    let days = held.min(days_between(observed.from, cut_on) / 2).max(1);
    insights.provide("run.parameters", parameters(options, cut_on, None, days))?;
    insights.keep("customer.days")?;
    let windows = Windows::read(&insights.run("fits.features")?, f64::from(days));
    let lists = if windows.customers() <= MOST_FOR_LISTS { suggestions(insights)? } else { Vec::new() };
    Ok((windows, lists))
}

/// How well the lists of suggestions made at the cut did on what was bought next.
fn suggestions(insights: &dyn Insights) -> Result<Vec<SuggestionScore>, Stopped> {
    for relation in ["customer.purchases", "product.popularity", "product.likeness"] {
        insights.keep(relation)?;
    }
    let batch = insights.run("judge.suggestions")?;
    let mut found: Vec<SuggestionScore> = rows(&batch)
        .filter_map(|row| {
            Some(SuggestionScore {
                list: match row.text("list")? {
                    "buy_again" => SuggestionList::BuyAgain,
                    "discover" => SuggestionList::Discover,
                    _ => return None,
                },
                customers: row.count("customers"),
                recall_at_10: row.number("recall_at_10")?,
                ndcg_at_10: row.number("ndcg_at_10")?,
                popular_recall_at_10: row.number("popular_recall_at_10")?,
            })
        })
        .collect();
    found.sort_by_key(|score| score.list as u8);
    Ok(found)
}

/// Judges every model. Reads the relations of the whole observation; `None` where nothing can be judged.
pub(super) fn hold(
    insights: &dyn Insights,
    past: &Windows,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<Trial>, Stopped> {
    let window = insights.run("judge.window")?;
    let Some(window) = first(&window) else { return Ok(None) };
    let (Some(first_on), Some(cut_on), Some(last_on)) =
        (window.day("first_on"), window.day("calibration_end"), window.day("last_on"))
    else {
        return Ok(None);
    };
    progress(Progress::at(Stage::Fitting));
    insights.keep("judge.customers")?;
    let statistics = Statistics::read(&insights.run("judge.statistics")?);
    let tried = fit_all(&statistics);
    progress(Progress::at(Stage::Judging));
    let held = Held::read(&insights.run("judge.customers")?, f64::from(days_between(cut_on, last_on)));
    let mut said = said_by_rules(&held, past.silences());
    let models =
        tried.iter().filter_map(|one| model_of(one).map(|model| said_by_model(one.code, model, &held)));
    said.extend(models);
    let (helpers, propensity): (Vec<Said>, Vec<Kind>) = said_by_propensity(past, &held).into_iter().unzip();
    let Some(judged) = judged(&held, &said, &tried, &helpers) else { return Ok(None) };
    let used = said.iter().find(|one| one.code == judged.used);
    let noise = used.map_or(0.0, |used| noise(used, &held));
    let steps = match tracked(&tried, judged.used) {
        Some(model) => tracking(&insights.run("judge.tracking")?, model, &statistics, first_on, cut_on),
        None => Vec::new(),
    };
    let judgement = Judgement {
        fitted_on: Period { from: first_on, until: next(cut_on) },
        judged_on: Period { from: next(cut_on), until: next(last_on) },
        customers: held.len() as u64,
        models: judged.scores.clone(),
        used: judged.used.to_owned(),
        verdict: judged.verdict,
        attrition_gain_nats: attrition_gain(&tried),
        calibration: judged.calibration.clone(),
        tracking: steps,
    };
    let propensity = propensity.first().copied().unwrap_or(Kind::Logistic);
    Ok(Some(Trial { judged, judgement, noise, propensity }))
}

/// The model whose expectation is drawn week by week: the one used, or where a naive rule is used the best model there
/// is, so that the reader sees why.
fn tracked<'a>(tried: &'a [Tried], used: &str) -> Option<&'a stats::lifetime::model::Model> {
    let find = |code: &str| tried.iter().find(|one| one.code == code).and_then(model_of);
    find(used).or_else(|| find(super::fitting::UNJUDGED)).or_else(|| find("nbd"))
}

/// The errors of customers are independent: those of the sum are the root of the sum of their squares.
fn noise(said: &Said, held: &Held) -> f64 {
    let squares: f64 = said.orders.iter().zip(&held.orders).map(|(p, a)| (p - a).powi(2)).sum();
    squares.sqrt() / held.orders.iter().sum::<f64>().max(1.0)
}

/// Whole days from one day to another.
pub(super) fn days_between(from: Date, until: Date) -> i32 {
    from.until(until).map_or(0, |span| span.get_days())
}

/// The day after.
pub(super) fn next(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn four_fifths_are_fitted_and_the_rest_held_out() {
        let year = Period { from: date(1997, 1, 1), until: date(1998, 7, 1) };
        assert_eq!(cut(year, None), Ok(Some(date(1998, 3, 13))));
        assert_eq!(cut(year, Some(date(1997, 9, 30))), Ok(Some(date(1997, 9, 30))));
        assert!(cut(year, Some(date(1998, 6, 30))).is_err());
        let refused = cut(year, Some(date(1996, 12, 31))).unwrap_err().to_string();
        assert!(refused.contains("from 1997-01-01 to before 1998-06-30"), "{refused}");
    }

    #[test]
    fn a_short_history_is_not_cut() {
        let month = Period { from: date(2026, 3, 1), until: date(2026, 3, 31) };
        assert_eq!(cut(month, None), Ok(None));
        let day = Period { from: date(2026, 3, 1), until: date(2026, 3, 2) };
        assert_eq!(cut(day, None), Ok(None));
        assert!(cut(day, Some(date(2026, 3, 1))).is_err());
    }
}
