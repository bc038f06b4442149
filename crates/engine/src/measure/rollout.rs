//! A public promise, measured without leaving anybody out: those who have it are compared with those who do not have it
//! yet (difference in differences by group and time, Callaway and Sant'Anna 2021).
//!
//! By store, the unit is the store: the mean of the people who buy there most, because what is promised in a store
//! reaches all of them together. By lot, the unit is the person.

use super::lift::Bounded;
use super::people::Outcomes;
use crate::act::plan::{Metric, Plan, Rollout, RolloutBy};
use domain::Id;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use stats::experiment::staggered::{Average, By, Controls, Panel, group_time};
use stats::experiment::student::{critical, two_sided};
use stats::inputs::BadInput;
use std::collections::BTreeMap;

/// What a roll-out brought, a person and period, in the plan's metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolledOut {
    /// By store or by lot.
    pub by: RolloutBy,
    /// Units compared: stores, or people.
    pub units: u64,
    /// People in them.
    pub people: u64,
    /// Days of a period.
    pub period_days: i64,
    /// Over all who have it and all their periods.
    pub overall: Bounded,
    /// Its standard error.
    pub standard_error: f64,
    /// Of no effect.
    pub p_value: f64,
    /// Whether it is told from nothing.
    pub is_detected: bool,
    /// By periods since the start; before it they should be about nothing.
    pub ages: Vec<Age>,
    /// Whether the groups went alike before the start.
    pub was_alike: bool,
    /// So few stores that the interval itself is rough.
    pub has_few_units: bool,
}

/// The effect so many periods after the start.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Age {
    /// Periods since the start; negative before it.
    pub periods: i64,
    /// The effect, a person and period.
    pub effect: Bounded,
}

/// Fewer units than this make the interval rough.
const FEW: usize = 20;

/// Somebody the promise is made to: the wave they belong to (`None` for the last) and their store.
pub struct Promised {
    /// Who.
    pub customer: Id,
    /// Which wave, from 0.
    pub wave: Option<usize>,
    /// The store they buy at most.
    pub store: Option<String>,
}

/// Reads a roll-out over the first periods of which everything is known.
///
/// # Errors
/// Where fewer than two units start together or stand beside them.
pub fn measure(
    plan: &Plan,
    rollout: &Rollout,
    people: &[Promised],
    periods: &[(Date, Date)],
    outcomes: &Outcomes,
) -> Result<RolledOut, BadInput> {
    let first_of = |wave: usize| periods.iter().position(|period| period.1 > rollout.waves[wave].on);
    let starts: Vec<Option<usize>> = (0..rollout.waves.len()).map(first_of).collect();
    let start = |one: &Promised| one.wave.and_then(|wave| starts[wave]);
    let value = |one: &Promised, period: usize| {
        let (orders, margin) = outcomes.of(period, one.customer);
        match plan.metric {
            Metric::Margin => margin as f64,
            Metric::Orders => orders as f64,
            Metric::Bought => f64::from(u8::from(orders > 0)),
        }
    };
    let count = periods.len();
    let (values, first_treated) = match rollout.by {
        RolloutBy::Lot => {
            let values = people.iter().flat_map(|one| (0..count).map(move |period| value(one, period)));
            (values.collect::<Vec<f64>>(), people.iter().map(start).collect::<Vec<_>>())
        }
        RolloutBy::Store => {
            let mut stores: BTreeMap<&str, (Option<usize>, f64, Vec<f64>)> = BTreeMap::new();
            for one in people {
                let Some(store) = one.store.as_deref() else { continue };
                let sums = stores.entry(store).or_insert_with(|| (start(one), 0.0, vec![0.0; count]));
                sums.1 += 1.0;
                (0..count).for_each(|period| sums.2[period] += value(one, period));
            }
            let first = stores.values().map(|(first, _, _)| *first).collect();
            let means = stores
                .into_values()
                .flat_map(|(_, people, sums)| sums.into_iter().map(move |sum| sum / people));
            (means.collect(), first)
        }
    };
    let panel = Panel { periods: count, outcomes: &values, first_treated: &first_treated, clusters: None };
    let found = group_time(&panel, Controls::NotYetTreated)?;
    let units = first_treated.len();
    let t = critical(plan.level, (units.max(3) - 2) as f64);
    let bounded = |one: &Average| Bounded {
        value: one.effect,
        low: one.effect - t * one.standard_error,
        high: one.effect + t * one.standard_error,
    };
    let all = found.averages(By::All);
    let all = all.first().ok_or(BadInput::Uninformative {
        what: "the roll-out",
        why: "nobody has it yet; read it when the first wave has had its days",
    })?;
    let overall = bounded(all);
    let p_value = two_sided(all.effect / all.standard_error, (units.max(3) - 2) as f64);
    let averages = found.averages(By::Age);
    let ages: Vec<Age> = averages.iter().map(|one| Age { periods: one.key, effect: bounded(one) }).collect();
    // Each age before the start is looked at; together they may cross by chance as often as one.
    let before: Vec<&Average> = averages.iter().filter(|one| one.key < 0).collect();
    let strict = critical(1.0 - (1.0 - plan.level) / before.len().max(1) as f64, (units.max(3) - 2) as f64);
    let was_alike = before.iter().all(|one| one.effect.abs() <= strict * one.standard_error);
    Ok(RolledOut {
        by: rollout.by,
        units: units as u64,
        people: people.len() as u64,
        period_days: periods
            .first()
            .map_or(0, |one| i64::from(one.0.until(one.1).map_or(0, |span| span.get_days()))),
        overall,
        standard_error: all.standard_error,
        p_value,
        is_detected: p_value <= 1.0 - plan.level,
        ages,
        was_alike,
        has_few_units: units < FEW,
    })
}
