//! What goes on at tills, and what wants looking at: one card on many strangers' bills, points spent without a proof,
//! odd hours. A cashier who puts their own card on the bills of customers who have none does it many times a day at one
//! till; hardly anybody else does. What is found is a reason to ask, and no verdict.

use crate::app::App;
use crate::webhooks::manage::message_id;
use engine::record::command::Act;
use engine::record::view;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use loyalty::fact::Fact;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use store::{Failure, MessageRow, TillAlertRow, Writing};
use utoipa::ToSchema;

/// From where on something is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// So many bills of one customer at one till in a day.
    pub bills: u32,
    /// So many times points were spent at one till in a day without a proof.
    pub unproven: u32,
    /// When the shop opens and closes: what is recorded outside of that is at an odd hour. The same twice: never shut.
    pub open: (Time, Time),
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bills: 6, unproven: 20, open: (Time::midnight(), Time::midnight()) }
    }
}

impl Limits {
    fn is_odd(&self, at: Time) -> bool {
        let (opens, closes) = self.open;
        match opens.cmp(&closes) {
            std::cmp::Ordering::Equal => false,
            std::cmp::Ordering::Less => at < opens || at >= closes,
            // It closes after midnight.
            std::cmp::Ordering::Greater => at < opens && at >= closes,
        }
    }
}

/// What went on at a till.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct TillReport {
    /// The till.
    #[schema(example = "north-1")]
    pub till: String,
    /// Bills.
    pub bills: u64,
    /// Bills with a member on them.
    pub members_bills: u64,
    /// How many members that were.
    pub members: u64,
    /// How often points were spent, or set aside.
    pub burns: u64,
    /// How many of them without a proof that the member was there.
    pub unproven_burns: u64,
    /// How much was recorded at odd hours.
    pub at_odd_hours: u64,
    /// What wants looking at.
    pub findings: Vec<Finding>,
}

/// Something that wants looking at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Finding {
    /// The day, as the shop has it.
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    /// `many_bills`, `unproven_burns`, `odd_hours`.
    pub kind: &'static str,
    /// About whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// What, in a sentence.
    pub why: String,
}

/// What is counted of a till on a day.
#[derive(Debug, Default)]
struct Day {
    bills: u64,
    of_members: BTreeMap<String, u32>,
    burns: u64,
    unproven: u32,
    odd: u64,
}

/// What is counted, till by till and day by day.
#[derive(Debug)]
pub struct Counted {
    zone: TimeZone,
    limits: Limits,
    tills: BTreeMap<String, BTreeMap<Date, Day>>,
}

impl Counted {
    /// Nothing yet, in the days of a zone.
    pub fn new(zone: TimeZone, limits: Limits) -> Counted {
        Counted { zone, limits, tills: BTreeMap::new() }
    }

    /// Count what was recorded: whose it was, when, and what was asked.
    pub fn count(&mut self, customer: Option<&str>, recorded_at: i64, act: &Act) {
        let Act::Fact(fact) = act else { return };
        let (till, at) = match fact {
            Fact::Order(order) => (&order.till, order.ordered_at),
            Fact::Hold(ask) | Fact::Redeem(ask) => (&ask.till, None),
            _ => return,
        };
        let Some(till) = till else { return };
        let at = at.unwrap_or(view::at(recorded_at)).to_zoned(self.zone.clone());
        let is_odd = self.limits.is_odd(at.time());
        let day = self.tills.entry(till.to_string()).or_default().entry(at.date()).or_default();
        day.odd += u64::from(is_odd);
        match fact {
            Fact::Hold(ask) | Fact::Redeem(ask) => {
                day.burns += 1;
                day.unproven += u32::from(!ask.is_confirmed);
            }
            _ => {
                day.bills += 1;
                if let Some(customer) = customer {
                    *day.of_members.entry(customer.to_owned()).or_default() += 1;
                }
            }
        }
    }

    /// The reports, till by till.
    pub fn reports(&self) -> Vec<TillReport> {
        self.tills.iter().map(|(till, days)| self.report(till, days)).collect()
    }

    fn report(&self, till: &str, days: &BTreeMap<Date, Day>) -> TillReport {
        let mut report = TillReport { till: till.to_owned(), ..TillReport::default() };
        let mut members = std::collections::BTreeSet::new();
        for (on, day) in days {
            report.bills += day.bills;
            report.members_bills += day.of_members.values().map(|count| u64::from(*count)).sum::<u64>();
            members.extend(day.of_members.keys());
            report.burns += day.burns;
            report.unproven_burns += u64::from(day.unproven);
            report.at_odd_hours += day.odd;
            report.findings.extend(self.findings(*on, day));
        }
        report.members = members.len() as u64;
        report.findings.sort();
        report
    }

    fn findings(&self, on: Date, day: &Day) -> Vec<Finding> {
        let mut found = Vec::new();
        for (customer, count) in day.of_members.iter().filter(|(_, count)| **count >= self.limits.bills) {
            let why = format!("one card on {count} bills of one till in a day");
            found.push(Finding { on, kind: "many_bills", customer: Some(customer.clone()), why });
        }
        if day.unproven >= self.limits.unproven {
            let why =
                format!("points were spent {} times without a proof that the member was there", day.unproven);
            found.push(Finding { on, kind: "unproven_burns", customer: None, why });
        }
        if day.odd > 0 {
            let why = format!("{} bills or burns while the shop was shut", day.odd);
            found.push(Finding { on, kind: "odd_hours", customer: None, why });
        }
        found
    }
}

/// What went on at the tills of a program from `from` until before `until`, microseconds since 1970.
pub fn look(
    reading: &Writing<'_>,
    (from, until): (i64, i64),
    zone: TimeZone,
    limits: Limits,
) -> Result<Counted, Failure> {
    let mut counted = Counted::new(zone, limits);
    reading.for_each_at_tills((from, until), |customer, recorded_at, body| {
        if let Ok(act) = serde_json::from_str::<Act>(body) {
            counted.count(customer, recorded_at, &act);
        }
    })?;
    Ok(counted)
}

/// Look at the last day, keep what is new, and tell it: topic `till.alert`.
pub fn watch(app: &App) {
    const DAY_MICROS: i64 = 86_400_000_000;
    let Some(open) = app.programs().into_values().next() else { return };
    let (now, limits) = (app.now_micros(), app.settings().tills);
    let chance = app.clone();
    let watched = app.write_now(move |writing| {
        let zone = open.in_force.program.zone.clone();
        let counted = look(writing, (now - DAY_MICROS, now), zone, limits)?;
        for report in counted.reports() {
            for finding in report.findings {
                keep(writing, &report.till, &finding, now, chance.chance_u128() as u64)?;
            }
        }
        Ok(())
    });
    if let Err(problem) = watched {
        tracing::warn!(why = %problem.detail, "tills could not be looked at");
    }
}

fn keep(writing: &Writing<'_>, till: &str, finding: &Finding, now: i64, chance: u64) -> Result<(), Failure> {
    let row = TillAlertRow {
        till: till.to_owned(),
        on_day: finding.on.to_string(),
        kind: finding.kind.to_owned(),
        customer_id: finding.customer.clone().unwrap_or_default(),
        why: finding.why.clone(),
        found_at: now,
    };
    if !writing.insert_till_alert(&row)? {
        return Ok(());
    }
    let body = json!({
        "till": till, "on": finding.on, "kind": finding.kind, "customer": finding.customer, "why": finding.why,
    });
    writing.insert_messages(&[MessageRow {
        message_id: message_id(now, chance),
        topic: "till.alert".to_owned(),
        customer_id: finding.customer.clone(),
        body: body.to_string(),
        created_at: now,
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    fn order(till: &str) -> Act {
        let text = json!({"type": "order", "id": "o", "member": "m", "till": till, "lines": []});
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn shops_are_open_also_past_midnight() {
        let day = Limits { open: (time(7, 0, 0, 0), time(22, 0, 0, 0)), ..Limits::default() };
        let night = Limits { open: (time(18, 0, 0, 0), time(2, 0, 0, 0)), ..Limits::default() };
        for (at, in_day, in_night) in
            [(7, false, true), (21, false, false), (22, true, false), (1, true, false), (3, true, true)]
        {
            let at = time(at, 0, 0, 0);
            assert_eq!((day.is_odd(at), night.is_odd(at)), (in_day, in_night), "{at}");
            assert!(!Limits::default().is_odd(at));
        }
    }

    #[test]
    fn one_card_on_many_bills_of_a_till_is_found_and_a_regular_is_not() {
        let mut counted = Counted::new(TimeZone::UTC, Limits::default());
        for count in 0..6 {
            counted.count(Some("cashier"), count * 60_000_000, &order("north-1"));
            counted.count(Some("regular"), count * 86_400_000_000, &order("north-1"));
            counted.count(None, count * 60_000_000, &order("north-2"));
        }
        let reports = counted.reports();
        let found: Vec<_> =
            reports[0].findings.iter().map(|one| (one.kind, one.customer.as_deref())).collect();
        assert_eq!(found, [("many_bills", Some("cashier"))]);
        assert_eq!((reports[0].bills, reports[0].members_bills, reports[0].members), (12, 12, 2));
        assert_eq!((reports[1].bills, reports[1].members_bills, reports[1].findings.len()), (6, 0, 0));
    }
}
