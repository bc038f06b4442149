//! The sentences: what could be said, each with the money that acting on it could move in a year.
//!
//! Money at stake ranks the sentences and is no promise. Where acting can win back only some, it is the part below.

use super::Run;
use crate::understand::options::Z;
use crate::understand::options::share_of;
use crate::understand::rows::{Row, first};
use crate::understand::xray::*;
use domain::port::Failure;
use stats::discoveries::two_sided;

/// Part of those who came once that a good reminder might bring back: a working assumption, used for ranking only.
const REACHABLE: f64 = 0.1;
/// Days within which a second order is awaited.
pub(super) const AWAITED_DAYS: u32 = 90;
/// How unlikely chance must be as the cause of the most striking of many products.
const STRIKING: f64 = 0.001;

/// What other sections have found that is worth a sentence.
pub struct Found<'a> {
    pub now: &'a Totals,
    pub worth: Option<Amount>,
    pub concentration: Option<&'a Concentration>,
    pub contrast: Option<&'a CohortContrast>,
    pub products: Option<&'a Products>,
}

/// The five sentences.
pub fn sentences(run: &Run, found: &Found, second: Option<Row>) -> Result<Vec<Sentence>, Failure> {
    let worth_of_second = second.and_then(worth_of_second);
    let worth = worth_of_second.map(|amount| amount.minor as f64);
    let candidates = [
        next_year(run, found),
        best_late(run)?,
        second.and_then(|row| one_timers(row, worth_of_second)),
        found.contrast.map(|contrast| newer_cohorts(contrast, found.now, worth)),
        found.products.and_then(|products| product_back(products, worth)),
        due_soon(run)?,
        found.concentration.and_then(|one| concentration(one, found.now)),
        anonymous(found.now),
    ];
    Ok(choose_sentences(candidates.into_iter().flatten().collect()))
}

/// Share of customers with a first order in the period, old enough, who ordered again within 90 days.
pub fn second_order_share(second: Option<Row>) -> Option<Estimate> {
    let row = second?;
    share_of(row.count("period_came_back"), row.count("period_customers"))
}

fn next_year(run: &Run, found: &Found) -> Option<Sentence> {
    let value = found.worth?;
    let past = match run.measure {
        Measure::Margin => found.now.margin_minor,
        Measure::Sales => Some(found.now.sales_minor),
    };
    let past_minor = past.filter(|_| run.period.days() >= 365);
    Some(Sentence { saying: Saying::NextYear { value, past_minor }, at_stake_minor: Some(value.minor) })
}

fn best_late(run: &Run) -> Result<Option<Sentence>, Failure> {
    let Some(outlook) = &run.outlook else { return Ok(None) };
    let batch = run.insights.run("audit.best_late")?;
    let Some(row) = first(&batch) else { return Ok(None) };
    let value = outlook.doubt.amount(row.sum("margin_horizon_minor"), row.sum("margin_horizon_variance"));
    let saying =
        Saying::BestLate { customers: row.count("late_customers"), of: row.count("best_customers"), value };
    Ok(Some(Sentence { saying, at_stake_minor: row.minor("at_stake_minor").filter(|minor| *minor != 0) }))
}

fn one_timers(row: Row, worth_of_second: Option<Amount>) -> Option<Sentence> {
    let customers = row.count("one_timers");
    let share = share_of(customers, row.count("customers"))?;
    let at_stake = worth_of_second.map(|worth| row.sum("period_one_timers") * REACHABLE * worth.minor as f64);
    Some(Sentence {
        saying: Saying::OneTimers { customers, share, days: AWAITED_DAYS, worth_of_second },
        at_stake_minor: at_stake.map(|minor| minor.round() as i64).filter(|minor| *minor != 0),
    })
}

/// What a second order is followed by in a year; `None` where nobody could be followed that long.
fn worth_of_second(row: Row) -> Option<Amount> {
    let (mean, spread) = (row.number("margin_after_minor")?, row.number("margin_after_deviation")?);
    let half = Z * spread / row.sum("followed").max(1.0).sqrt();
    Some(Amount::new(mean.round() as i64, (mean - half).round() as i64, (mean + half).round() as i64))
}

fn newer_cohorts(contrast: &CohortContrast, now: &Totals, worth_of_second: Option<f64>) -> Sentence {
    let lost = contrast.difference.value.abs() * now.new_customers as f64;
    Sentence {
        saying: Saying::NewerCohorts {
            newer: contrast.newer,
            older: contrast.older,
            age_months: contrast.age_months,
            newer_share: contrast.newer_share,
            older_share: contrast.older_share,
            difference: contrast.difference,
        },
        at_stake_minor: worth_of_second.map(|worth| (lost * worth).round() as i64),
    }
}

/// The product after which people come back most above others, unless chance could have made it the most striking.
fn product_back(products: &Products, worth_of_second: Option<f64>) -> Option<Sentence> {
    let best = products.bring_back.first()?;
    // The end of the interval toward zero tells how far chance reaches from where there is nothing.
    let error = (best.difference.value - best.difference.low) / Z;
    if best.difference.value <= 0.0 || error <= 0.0 || two_sided(best.difference.value / error) > STRIKING {
        return None;
    }
    let more = best.difference.value * best.customers as f64;
    Some(Sentence {
        saying: Saying::ProductBack {
            product: best.product.clone(),
            customers: best.customers,
            share: best.share,
            others_share: Estimate::new(best.others_share, best.others_share, best.others_share),
            difference: best.difference,
        },
        at_stake_minor: worth_of_second.map(|worth| (more * worth).round() as i64),
    })
}

fn due_soon(run: &Run) -> Result<Option<Sentence>, Failure> {
    let Some(outlook) = &run.outlook else { return Ok(None) };
    let batch = run.insights.run("audit.due_soon")?;
    let Some(row) = first(&batch) else { return Ok(None) };
    let Some(likely) = row.number("likely_customers") else { return Ok(None) };
    let customers = outlook.doubt.of_buyers(likely, row.sum("likely_variance"), row.sum("due_customers"));
    let value = outlook.doubt.amount(row.sum("margin_minor"), row.sum("margin_variance"));
    Ok(Some(Sentence { saying: Saying::DueSoon { customers, value }, at_stake_minor: None }))
}

fn concentration(concentration: &Concentration, now: &Totals) -> Option<Sentence> {
    let customers = now.customers.div_ceil(10);
    Some(Sentence {
        saying: Saying::Concentration {
            customers,
            customers_share: customers as f64 / now.customers.max(1) as f64,
            value_share: concentration.top_10_share,
        },
        at_stake_minor: None,
    })
}

fn anonymous(now: &Totals) -> Option<Sentence> {
    let sales_minor = now.anonymous_sales_minor;
    let whole = now.sales_minor.saturating_add(sales_minor);
    (whole > 0).then(|| Sentence {
        saying: Saying::Anonymous { share: sales_minor as f64 / whole as f64, sales_minor },
        at_stake_minor: None,
    })
}
