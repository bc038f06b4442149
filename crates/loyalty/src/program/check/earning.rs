//! Earning rules: what they count, when, and that their versions do not overlap.

use super::found::{Found, Known};
use crate::condition::Asked;
use crate::program::compile::{self, Quantity, Rule};
use crate::program::load::{Placed, Tables};
use crate::program::spec;

pub(super) fn rules(tables: &Tables, known: &Known, found: &mut Found) -> Vec<Rule> {
    let mut rules = Vec::new();
    for placed in &tables.earnings {
        let spec = &placed.item;
        found.id(placed, &spec.id);
        let wallets = known.wallets.iter().map(|(id, _)| id);
        let there = found.exists(placed, "wallet", &spec.wallet, wallets);
        found.exists(placed, "funder", &spec.funder, &known.funders);
        found.interval(placed, spec.from, spec.until);
        for tier in spec.tiers.iter().chain(spec.by_tier.keys()) {
            found.exists(placed, "tier", tier, &known.tiers);
        }
        if let Some(group) = &spec.group {
            found.exists(placed, "group", group, &known.groups);
        }
        check_pending(placed, found);
        check_windows(placed, found);
        let asked = if spec.event.is_some() { Asked::OfEvents } else { Asked::OfOrders };
        let when = found.condition(placed, "when", &spec.when, asked);
        let lines = found.condition(placed, "lines", &spec.lines, Asked::OfLines);
        let precision = known.precision(&spec.wallet).unwrap_or(0);
        let rate = spec.per_amount.as_ref().map(|per| per.points);
        for points in rate.into_iter().chain(spec.per_unit.as_ref().map(|per| per.points)) {
            found.plain_number(placed, "points", points, precision);
        }
        let currency = spec.currency.unwrap_or(known.currency);
        let quantity = found.keep(placed, compile::quantity(spec, precision, currency));
        let caps = found.keep(placed, compile::caps(&spec.caps, precision));
        let budgets = found.keep(placed, compile::budgets(spec, precision));
        let by_tier = found.keep(placed, compile::by_tier(spec));
        let (Some(quantity), Some(caps), Some(budgets), Some(by_tier), true) =
            (quantity, caps, budgets, by_tier, there)
        else {
            continue;
        };
        check_quantity(placed, &quantity, tables, known, found);
        rules.push(Rule {
            spec: spec.clone(),
            version: compile::version(spec),
            wallet: known.wallets.iter().position(|(id, _)| *id == spec.wallet).unwrap_or(0),
            quantity,
            when,
            lines,
            by_tier,
            currency,
            caps,
            budgets,
        });
    }
    versions(tables, found);
    rules
}

fn check_quantity(
    placed: &Placed<spec::Earning>,
    quantity: &Quantity,
    tables: &Tables,
    known: &Known,
    found: &mut Found,
) {
    let spec = &placed.item;
    if let Quantity::Multiply { of, .. } = quantity {
        if of.is_empty() {
            found.add(placed, "multiply names no rule", "write of = [\"…\"]");
        }
        for rule in of {
            if !found.exists(placed, "rule", rule, &known.rules) {
                continue;
            }
            let all = || tables.earnings.iter().map(|other| &other.item).filter(|other| other.id == *rule);
            if all().any(|other| other.multiply.is_some()) {
                found.add(
                    placed,
                    format!("rule '{rule}' is itself a multiple"),
                    "multiply the rule it multiplies",
                );
            }
            if all().any(|other| other.wallet != spec.wallet) {
                found.add(placed, format!("rule '{rule}' gives another wallet's points"), "use one wallet");
            }
            if all().any(|other| other.group.is_some() && other.group == spec.group) {
                let mend = "a rule and a multiple of it cannot compete: take one out of the group";
                found.add(placed, format!("rule '{rule}' is in the same group"), mend);
            }
        }
    }
    let by_amount = matches!(quantity, Quantity::PerAmount { .. } | Quantity::Bands(_));
    if spec.sum_over.is_some() && !by_amount {
        found.add(placed, "sum_over needs amounts", "use it with per_amount or bands");
    }
    if let Quantity::PerAmount { per: spec::Scope::Line, .. } = quantity
        && spec.sum_over.is_some()
    {
        found.add(placed, "sum_over counts whole bills", "remove per = \"line\"");
    }
    if spec.event.is_some() && !matches!(quantity, Quantity::Fixed { .. }) {
        found.add(placed, "an event has no amount", "use fixed with event");
    }
    if spec.event.is_some() && spec.lines.is_some() {
        found.add(placed, "an event has no lines", "remove lines");
    }
}

fn check_pending(placed: &Placed<spec::Earning>, found: &mut Found) {
    let Some(pending) = &placed.item.pending else { return };
    if pending.delay.is_none() && pending.until.is_none() && pending.event.is_none() {
        found.add(placed, "pending waits for nothing", "give it delay, until or event");
    }
    if pending.until.is_some() && (pending.delay.is_some() || pending.event.is_some()) {
        found.add(placed, "pending waits for a day and for something else", "keep until, or delay and event");
    }
    if pending.within.is_some() && pending.event.is_none() {
        found.add(placed, "within needs event", "name the event, or remove within");
    }
}

fn check_windows(placed: &Placed<spec::Earning>, found: &mut Found) {
    if let Some(festival) = &placed.item.festival
        && festival.on.is_some() == festival.lunar.is_some()
    {
        found.add(placed, "a festival has no day, or two", "give it on or lunar");
    }
    if let Some(around) = &placed.item.birthday
        && around.month
        && (around.days_before > 0 || around.days_after > 0)
    {
        found.add(
            placed,
            "a birthday window is a month and days",
            "keep month, or days_before and days_after",
        );
    }
}

/// Versions of a rule do not overlap.
fn versions(tables: &Tables, found: &mut Found) {
    for (place, placed) in tables.earnings.iter().enumerate() {
        let spec = &placed.item;
        for before in &tables.earnings[..place] {
            let other = &before.item;
            if other.id != spec.id {
                continue;
            }
            let apart = spec.until.is_some_and(|until| other.from.is_some_and(|from| until <= from))
                || other.until.is_some_and(|until| spec.from.is_some_and(|from| until <= from));
            if !apart {
                let what = format!("two versions of rule '{}' are in force at once", spec.id);
                let mend = match spec.from {
                    Some(from) => {
                        format!("end the earlier one: until = {from} in {}:{}", before.file, before.line)
                    }
                    None => "give the later version from, and the earlier one until".to_owned(),
                };
                found.add(placed, what, mend);
            }
        }
    }
}
