//! Understand: from facts to who the customers are and what they are worth.
//!
//! Gather, judge, record. Relations are asked for by name; nothing here knows where they come from. History is cut in
//! two, every model fitted on the first part and judged on the second beside the rules of a spreadsheet; the winner is
//! fitted on the whole, handed to the relations that score every customer, and what they say is added up into one
//! document. What cannot be told is absent from it.

mod doubt;
mod fill;
mod fitting;
mod judging;
pub mod options;
mod parameters;
mod propensity;
mod rows;
#[cfg(test)]
mod tests;
mod trial;
pub mod xray;
pub mod xray_page;

use domain::column::Batch;
use domain::port::Insights;
use doubt::Doubt;
use fill::defects::Told;
use fill::sentences::Found;
use fill::{Outlook, Run, customers, defects, forecast, lenses, sentences, trade};
use fitting::{Statistics, Tried, usable};
use jiff::civil::Date;
use options::{LEVEL, Options, Progress, Refused, Stage, Stopped};
use parameters::parameters;
use propensity::Windows;
use rows::{first, rows};
use stats::lifetime::spend::SpendFit;
use stats::propensity::Kind;
use trial::{Trial, next};
use xray::*;

/// Where the scores of customers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scores {
    /// The relation with one row per customer, which the session that made the report can write or run.
    pub relation: &'static str,
    /// Customers in it.
    pub customers: u64,
}

/// The relation of scores: all columns of `customer.*`.
const SCORES: &str = "customer.scores";

/// Relations that many others read, each after those it reads: computed once.
const KEPT: [&str; 14] = [
    "facts.returns",
    "facts.products",
    "data.margin",
    "customer.days",
    "customer.habit",
    "customer.summary",
    "customer.cadence",
    "customer.number",
    "product.baskets",
    "product.habits",
    "audit.spans",
    "audit.customers",
    "cohort.customers",
    "customer.value",
];

/// What a run has learnt before anything is added up.
pub struct Prepared {
    as_of: Date,
    observed: Period,
    horizon_days: f64,
    trial: Option<Trial>,
    statistics: Statistics,
    tried: Vec<Tried>,
    /// What the expectations come from: a fit, or a naive rule that has none.
    used: Option<&'static str>,
    spend: Option<SpendFit>,
    suggestions: Vec<SuggestionScore>,
}

/// Gives `insights` the inputs of a run (`run.parameters`, `fits.latest`, `fits.propensity`), so that every relation can
/// be asked for: reads what time the facts span, judges the models on held-out time and fits them on the whole.
///
/// # Errors
/// Refused where there is nothing to report on or a setting means nothing; failed where a relation cannot be run.
pub fn prepare(insights: &dyn Insights, options: &Options) -> Result<Prepared, Stopped> {
    prepare_with(insights, options, &mut |_| {})
}

/// Gives `insights` the one input that most relations need, `run.parameters`, without fitting anything.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_spans(insights: &dyn Insights, options: &Options) -> Result<(), Stopped> {
    options.check()?;
    let observed = observed(&insights.run("data.range")?, options)?;
    let cut_on = trial::cut(observed, options.calibration_end)?;
    let horizon_days = i32::try_from(options.horizon_days).unwrap_or(i32::MAX);
    Ok(insights.provide("run.parameters", parameters(options, observed.last(), cut_on, horizon_days))?)
}

/// The last day of the observation of a run with these options, inclusive.
///
/// # Errors
/// As [`prepare`].
pub fn last_day(insights: &dyn Insights, options: &Options) -> Result<Date, Stopped> {
    Ok(observed(&insights.run("data.range")?, options)?.last())
}

fn prepare_with(
    insights: &dyn Insights,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Prepared, Stopped> {
    options.check()?;
    progress(Progress::at(Stage::Reading));
    let observed = observed(&insights.run("data.range")?, options)?;
    let as_of = observed.last();
    let cut_on = trial::cut(observed, options.calibration_end)?;
    let (past, suggestions) = match cut_on {
        Some(cut_on) => trial::look_back(insights, options, cut_on, observed)?,
        None => (Windows::none(), Vec::new()),
    };
    let horizon_days = i32::try_from(options.horizon_days).unwrap_or(i32::MAX);
    insights.provide("run.parameters", parameters(options, as_of, cut_on, horizon_days))?;
    for relation in &KEPT[..6] {
        insights.keep(relation)?;
    }
    let trial = match cut_on {
        Some(_) => trial::hold(insights, &past, progress)?,
        None => None,
    };
    drop(past);
    let statistics = Statistics::read(&insights.run("fits.statistics")?);
    let tried = fitting::fit_all(&statistics);
    let used = trial.as_ref().map(|trial| used(&tried, trial));
    let rule =
        trial.as_ref().and_then(|trial| trial.judged.rule.as_ref()).filter(|rule| Some(rule.code) == used);
    let spend = fitting::fit_spending(&insights.run("fits.spend")?);
    insights.provide("fits.latest", fitting::latest(&tried, used, rule, spend.as_ref()))?;
    let windows = Windows::read(&insights.run("fits.features")?, f64::from(horizon_days));
    let kind = trial.as_ref().map_or(Kind::Logistic, |trial| trial.propensity);
    insights.provide("fits.propensity", propensity::latest(&windows, kind))?;
    let horizon_days = f64::from(horizon_days);
    Ok(Prepared { as_of, observed, horizon_days, trial, statistics, tried, used, spend, suggestions })
}

/// The whole X-ray of the facts that `insights` reads, and where the scores of every customer are. `keys` answers the
/// shop's own key of one of our customer ids.
///
/// # Errors
/// As [`prepare`].
pub fn xray_of(
    insights: &dyn Insights,
    options: &Options,
    keys: &dyn Fn(&str) -> Option<String>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Xray, Scores), Stopped> {
    let prepared = prepare_with(insights, options, progress)?;
    progress(Progress::at(Stage::Customers));
    for relation in &KEPT[6..] {
        insights.keep(relation)?;
    }
    progress(Progress::at(Stage::Adding));
    let xray = fill(insights, options, keys, &prepared)?;
    let scores = Scores { relation: SCORES, customers: prepared.statistics.count() };
    Ok((xray, scores))
}

/// The observed time, from `data.range`.
fn observed(range: &Batch, options: &Options) -> Result<Period, Refused> {
    let lists_orders = rows(range).next().is_some();
    let nothing = || if lists_orders { Refused::NoOrders(options.currency) } else { Refused::Empty };
    let row =
        rows(range).find(|row| row.text("currency") == Some(options.currency.code())).ok_or_else(nothing)?;
    let facts = row.period("first_on", "last_on").ok_or_else(nothing)?;
    let as_of = options.as_of.unwrap_or(facts.until);
    if as_of < facts.from {
        return Err(Refused::TooEarly { as_of, first: facts.from });
    }
    Ok(Period { from: facts.from, until: next(as_of) })
}

/// The model to use on the whole history: the one that won on held-out time, or the one in which nobody leaves where
/// the whole history no longer tells that anybody does.
fn used(tried: &[Tried], trial: &Trial) -> &'static str {
    let winner = trial.judged.used;
    let is_naive = tried.iter().all(|one| one.code != winner);
    if is_naive { winner } else { usable(tried, winner).map_or("own_rate", |one| one.code) }
}

fn fill(
    insights: &dyn Insights,
    options: &Options,
    keys: &dyn Fn(&str) -> Option<String>,
    prepared: &Prepared,
) -> Result<Xray, Stopped> {
    let spans = insights.run("audit.spans")?;
    let period = rows(&spans)
        .find(|row| row.text("span") == Some("period"))
        .and_then(|row| row.period("from_on", "until_on"))
        .unwrap_or(prepared.observed);
    let (measure, margin) = margin_of(&insights.run("data.margin")?, options);
    let summary = insights.run("data.summary")?;
    let told = Told::read(first(&summary));
    let run = Run {
        insights,
        options,
        as_of: prepared.as_of,
        observed: prepared.observed,
        period,
        measure,
        has_returns: told.returns,
        outlook: outlook(prepared),
        keys,
    };
    let sums = insights.run("audit.totals")?;
    let now = lenses::totals(&sums, "period", &run).unwrap_or(NOTHING);
    let worth = insights.run("audit.worth")?;
    let worth = first(&worth).filter(|row| row.count("customers") > 0);
    let worth_12_months = worth.zip(run.outlook.as_ref()).and_then(|(row, outlook)| {
        Some(outlook.doubt.amount(row.number("margin_12m_minor")?, row.sum("margin_12m_variance")))
    });
    let likely_to_return = worth.zip(run.outlook.as_ref()).and_then(|(row, outlook)| {
        let likely = row.number("likely_customers")?;
        Some(outlook.doubt.of_buyers(likely, row.sum("likely_variance"), row.sum("customers")))
    });
    let second = insights.run("audit.second_orders")?;
    let second = first(&second).filter(|_| run.knows_first_orders());
    let one_period = lenses::one_period(&run)?;
    let cohorts = lenses::cohorts(&run)?;
    let products = trade::products(&run, told.products, &prepared.suggestions)?;
    let found = Found {
        now: &now,
        worth: worth_12_months,
        concentration: one_period.concentration.as_ref(),
        contrast: cohorts.as_ref().and_then(|cohorts| cohorts.newer_against_older.as_ref()),
        products: products.as_ref(),
    };
    let sentences = sentences::sentences(&run, &found, second)?;
    Ok(Xray {
        schema: SCHEMA.to_owned(),
        shop: options.shop.clone(),
        currency: options.currency,
        decimals: options.decimals,
        timezone: options.zone.clone(),
        as_of: prepared.as_of,
        observed: prepared.observed,
        period,
        interval_level: LEVEL,
        measure,
        margin,
        discount_rate: options.discount_rate,
        horizon_days: options.horizon_days,
        sentences,
        figures: Figures {
            now,
            before: lenses::totals(&sums, "before", &run),
            customers_ever: prepared.statistics.count(),
            likely_to_return,
            worth_12_months,
            second_order_share: sentences::second_order_share(second),
        },
        two_periods: lenses::two_periods(&run, &sums)?,
        one_cohort: lenses::one_cohort(&run)?,
        whole_base: lenses::whole_base(&run, worth)?,
        value: customers::value(&run)?,
        leaving: customers::leaving(&run)?,
        segments: customers::segments(&run)?,
        segment_stability: None,
        forecast: forecast::forecast(&run, Some(&now))?,
        stores: trade::places(&run, "store.sales", "store_id")?,
        channels: trade::places(&run, "channel.sales", "channel")?,
        judgement: prepared.trial.as_ref().map(|trial| trial.judgement.clone()),
        defects: defects::defects(&run, first(&summary), told)?,
        decided: Vec::new(),
        one_period,
        cohorts,
        products,
    })
}

const NOTHING: Totals = Totals {
    customers: 0,
    new_customers: 0,
    orders: 0,
    sales_minor: 0,
    returns_minor: None,
    margin_minor: None,
    anonymous_sales_minor: 0,
};

/// What is counted as value, and how margin is known.
fn margin_of(margin: &Batch, options: &Options) -> (Measure, Option<MarginSource>) {
    let row = first(margin);
    match row.and_then(|row| row.text("basis")) {
        Some("share") => {
            let rate = options.margin_share.unwrap_or_default();
            (Measure::Margin, Some(MarginSource::Rate { rate }))
        }
        Some("cost") => {
            let covered_share = row.map_or(0.0, |row| row.sum("costed_share")).clamp(0.0, 1.0);
            (Measure::Margin, Some(MarginSource::Costs { covered_share }))
        }
        _ => (Measure::Sales, None),
    }
}

/// What is expected from here on; `None` where nothing was judged: a model nobody has tested earns no forecast.
fn outlook(prepared: &Prepared) -> Option<Outlook<'_>> {
    let (trial, code) = (prepared.trial.as_ref()?, prepared.used?);
    let tried = prepared.tried.iter().find(|one| one.code == code);
    let fit = tried.and_then(|one| one.fit.as_ref().ok());
    let own = fit
        .and_then(|fit| fitting::total_orders(fit, &prepared.statistics, 365.0))
        .filter(|total| total.expected > 0.0)
        .map_or(0.0, |total| total.parameters.unwrap_or(0.0) / total.expected);
    let spend = fitting::spend_error(prepared.spend.as_ref());
    // A naive rule has no distribution of its own: what its errors added up to on held-out time stands for chance.
    let chance = if fit.is_some() { 0.0 } else { trial.noise };
    // A year ahead of less than a year behind goes where nobody has been: doubt grows as that of a sum of steps.
    let beyond = |days: f64| (days / f64::from(prepared.observed.days().max(1))).max(1.0).sqrt();
    let level = trial.judged.orders_bias * beyond(365.0);
    let orders = [own, spend, chance, level].iter().map(|part| part * part).sum::<f64>().sqrt();
    let buyers = own.hypot(trial.judged.buyers_bias * beyond(prepared.horizon_days));
    Some(Outlook {
        code,
        fit,
        statistics: &prepared.statistics,
        has_attrition: fit.is_some() && code != "nbd",
        doubt: Doubt { orders, buyers },
    })
}
