//! What came back, joined to the order that followed: whom the staff reached, and when that person next bought, to the
//! single order.
//!
//! It is for whoever wants to know what became of a call. It does not say what the calls brought: people come anyway, and
//! how many would have is known only of those who were left alone (`crate::measure`).

use super::export::reference;
use super::freeze::{Facts, Frozen};
use super::plan::Plan;
use super::{Refused, Stopped, cycle, day_at, day_number, draw};
use crate::collect::when::DAY_MICROS;
use domain::Id;
use domain::column::{Batch, Column, Values};
use jiff::civil::Date;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Store;

/// An outcome of somebody, and the order that followed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Followed {
    /// Our id of the customer.
    pub customer_id: String,
    /// Their reference in the campaign's files.
    pub reference: String,
    /// What came back.
    pub outcome: String,
    /// When, where the file said so.
    pub on: Option<Date>,
    /// The first order from that day on, or from the start; `None` where none came by the end.
    pub order: Option<Next>,
}

/// The order that followed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Next {
    /// The shop or system it comes from.
    pub source: String,
    /// The shop's key of it.
    pub order_id: String,
    /// The shop's day.
    pub ordered_on: Date,
    /// Days since the outcome, or since the start.
    pub days: i64,
    /// What was paid.
    pub total_minor: i64,
}

/// All with one outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Came {
    /// The outcome.
    pub outcome: String,
    /// People with it.
    pub people: u64,
    /// Of them, those who ordered afterwards.
    pub ordered: u64,
    /// What those orders came to.
    pub total_minor: i64,
    /// Half of them came within so many days.
    pub median_days: Option<i64>,
}

/// The orders that followed, up to the end of the plan's days. One row for each person who was to be contacted and each of
/// their outcomes, by person.
///
/// # Errors
/// Refused before the freeze.
pub fn orders(facts: &Facts<'_>, store: &Store, plan: &Plan) -> Result<Vec<Followed>, Stopped> {
    let Some(frozen) = cycle::frozen(store, &plan.name)? else {
        let detail =
            "nothing was frozen yet, so nothing came back: perennial campaign freeze NAME".to_owned();
        return Err(Refused::Step { campaign: plan.name.clone(), detail }.into());
    };
    super::freeze::ready(facts, &super::segment::Condition::All(Vec::new()))?;
    joined(facts, store, plan, &frozen)
}

/// The same where the run has its parameters already.
pub(super) fn joined(
    facts: &Facts<'_>,
    store: &Store,
    plan: &Plan,
    frozen: &Frozen,
) -> Result<Vec<Followed>, Stopped> {
    let mut contacted: FxHashSet<u128> = FxHashSet::default();
    store.for_each_member(&plan.name, |member| {
        if member.arm == "contact" {
            contacted.insert(member.customer.body());
        }
    })?;
    let salt = draw::salt(&facts.secret, &format!("reference:{}", plan.name));
    let mut all: Vec<Followed> = Vec::new();
    store.for_each_result(&plan.name, |customer: Id, outcome, at| {
        if contacted.contains(&customer.body()) {
            all.push(Followed {
                customer_id: customer.to_string(),
                reference: reference(&salt, customer),
                outcome: outcome.to_owned(),
                on: at.map(|at| day_at(at.div_euclid(DAY_MICROS))),
                order: None,
            });
        }
    })?;
    if all.is_empty() {
        return Ok(all);
    }
    let [_, (start, planned_end)] = plan.windows(frozen.start_on);
    let last_start = plan.rollout.as_ref().and_then(|rollout| rollout.waves.last()).map(|wave| wave.on);
    let end = last_start.map_or(planned_end, |on| plan.windows(on)[1].1);
    facts.insights.provide("run.contacts", contacts(&all, start, end))?;
    let found = facts.insights.run("campaign.followed")?;
    let number = found.column("number");
    let word = |name: &str, row: usize| found.column(name).text(row).unwrap_or_default().to_owned();
    for row in 0..found.rows() {
        let Some(one) = number.int(row).and_then(|at| all.get_mut(at as usize)) else { continue };
        let ordered_on = day_at(found.column("ordered_on").int(row).unwrap_or(0));
        let since = one.since(start);
        one.order = Some(Next {
            source: word("source", row),
            order_id: word("order_id", row),
            ordered_on,
            days: i64::from(day_number(ordered_on) - day_number(since)),
            total_minor: found.column("total_minor").int(row).unwrap_or(0),
        });
    }
    Ok(all)
}

impl Followed {
    /// The day from which an order follows: that of the outcome, not before the campaign's start.
    fn since(&self, start: Date) -> Date {
        self.on.map_or(start, |on| on.max(start))
    }
}

/// The rows of `run.contacts`.
pub(super) fn contacts(all: &[Followed], start: Date, end: Date) -> Batch {
    let days = |of: &dyn Fn(&Followed) -> Date| all.iter().map(|one| day_number(of(one))).collect();
    Batch::new(vec![
        Column::ints("number", (0..all.len() as i64).map(Some)),
        Column::texts("customer_id", all.iter().map(|one| Some(one.customer_id.as_str()))),
        Column::new("from_on", Values::Day(days(&|one| one.since(start)))),
        Column::new("until_on", Values::Day(days(&|_| end))),
    ])
}

/// By outcome, in the order of their words.
pub fn by_outcome(all: &[Followed]) -> Vec<Came> {
    let mut outcomes: BTreeMap<&str, Vec<&Followed>> = BTreeMap::new();
    for one in all {
        outcomes.entry(&one.outcome).or_default().push(one);
    }
    let of = |(outcome, people): (&str, Vec<&Followed>)| {
        let orders: Vec<&Next> = people.iter().filter_map(|one| one.order.as_ref()).collect();
        let mut days: Vec<i64> = orders.iter().map(|order| order.days).collect();
        days.sort_unstable();
        Came {
            outcome: outcome.to_owned(),
            people: people.len() as u64,
            ordered: orders.len() as u64,
            total_minor: orders.iter().map(|order| order.total_minor).sum(),
            median_days: days.get(days.len() / 2).copied(),
        }
    };
    outcomes.into_iter().map(of).collect()
}

/// Everybody as CSV: our id, the reference of the files, what came back, and the order that followed.
pub fn csv(all: &[Followed]) -> String {
    let mut text =
        String::from("customer_id,ref,outcome,done_on,source,order_id,ordered_on,days,total_minor\r\n");
    for one in all {
        let day = one.on.map(|on| on.to_string()).unwrap_or_default();
        let order = one.order.as_ref().map_or_else(Default::default, |next| {
            [
                next.source.clone(),
                next.order_id.clone(),
                next.ordered_on.to_string(),
                next.days.to_string(),
                next.total_minor.to_string(),
            ]
        });
        let head = [&one.customer_id, &one.reference, &one.outcome, &day];
        super::workbook::line(&mut text, head.into_iter().chain(&order).map(String::as_str));
    }
    text
}
