//! Missions and surprises.

use super::found::{Found, Known};
use crate::condition::Asked;
use crate::program::load::Tables;
use crate::program::{Mission, Surprise, spec};
use crate::time::Period;

pub(super) fn missions(tables: &Tables, known: &Known, found: &mut Found) -> Vec<Mission> {
    let mut missions = Vec::new();
    for placed in &tables.missions {
        let spec = &placed.item;
        found.interval(placed, spec.from, spec.until);
        let by_event = spec.counts == spec::MissionCounts::Events;
        if by_event != spec.event.is_some() {
            found.add(
                placed,
                "event belongs to counts = \"events\"",
                "name the event, or count something else",
            );
        }
        if spec.gift.is_none() && spec.badge.is_none() {
            found.add(placed, "the mission gives nothing", "add gift or badge");
        }
        if spec.streak == 0 {
            found.add(placed, "a streak of no periods", "write streak = 1 or more");
        }
        if spec.streak > 1 && spec.period == Period::Lifetime {
            found.add(placed, "a lifetime comes only once", "write streak = 1, or a period that comes again");
        }
        if let Some(gift) = &spec.gift {
            found.gift(placed, gift, known);
        }
        let scale = match spec.counts {
            spec::MissionCounts::Spend => known.currency.decimals(),
            spec::MissionCounts::Units => 3,
            _ => 0,
        };
        let target = spec.target.units(scale).filter(|target| *target > 0);
        if target.is_none() {
            found.add(
                placed,
                format!("target = {} cannot be counted", spec.target),
                "write a number above zero",
            );
        }
        if by_event && spec.lines.is_some() {
            found.add(placed, "an event has no lines", "remove lines");
        }
        let asked = if by_event { Asked::OfEvents } else { Asked::OfOrders };
        let when = found.condition(placed, "when", &spec.when, asked);
        let lines = found.condition(placed, "lines", &spec.lines, Asked::OfLines);
        missions.push(Mission { spec: spec.clone(), when, lines, target: target.unwrap_or(1) });
    }
    missions
}

pub(super) fn surprises(tables: &Tables, known: &Known, found: &mut Found) -> Vec<Surprise> {
    let mut surprises = Vec::new();
    for placed in &tables.surprises {
        let spec = &placed.item;
        found.interval(placed, spec.from, spec.until);
        found.gift(placed, &spec.gift, known);
        if known.precision(&spec.gift.wallet).is_some() {
            found.points(placed, "budget", spec.budget, &spec.gift.wallet, known);
        }
        if spec.one_in == 0 || spec.holdout_percent > 90 {
            found.add(
                placed,
                "one_in is 0, or holdout_percent above 90",
                "write one_in = 1 or more, holdout 0 to 90",
            );
        }
        let when = found.condition(placed, "when", &spec.when, Asked::OfOrders);
        surprises.push(Surprise { spec: spec.clone(), when });
    }
    surprises
}
