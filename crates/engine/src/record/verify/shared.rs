//! What members share, held against what the program allows, and rows that nobody has.

use super::super::books::value;
use super::LISTED;
use super::owner::{Seen, mark};
use loyalty::ledger::Account;
use loyalty::name::Name;
use loyalty::program::Program;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use store::{Failure, Writing};

/// Check it, with what was seen of the owners.
pub fn check(reading: &Writing<'_>, program: &Program, seen: &mut Seen) -> Result<(), Failure> {
    let id = program.head.id.as_str();
    for what in reading.orphaned_projections(id, LISTED as i64)? {
        seen.find("every balance has its postings", &what, "there is no posting", None);
    }
    for what in reading.orphaned_orders(id, LISTED as i64)? {
        seen.find("every order belongs to a member", &what, "there is no such member", None);
    }
    orders(reading, id, seen)?;
    counters(reading, program, seen)?;
    lapses(reading, id, seen)?;
    gift_cards(reading, id, seen)?;
    let on_the_way: Vec<(Name, i64)> = seen
        .on_the_way
        .iter()
        .filter(|(_, units)| **units != 0)
        .map(|(name, at)| (name.clone(), *at))
        .collect();
    for (wallet, units) in on_the_way {
        let detail = format!("{units} units left one member and reached nobody");
        seen.find("transfers sum to zero over all members", wallet.as_str(), &detail, None);
    }
    led_to(reading, id, seen)?;
    // Two members who were merged may together have had more than one may.
    let beyond = std::mem::take(&mut seen.beyond);
    let alone = beyond.into_iter().filter(|(member, _)| !seen.led_to.contains(member));
    let alone: Vec<_> = alone.map(|(_, finding)| finding).take(LISTED).collect();
    seen.findings.extend(alone);
    Ok(())
}

/// The order that an entry hangs on is there, so that it can be returned.
fn orders(reading: &Writing<'_>, program: &str, seen: &mut Seen) -> Result<(), Failure> {
    let mut named = std::mem::take(&mut seen.orders);
    named.sort_unstable();
    named.dedup();
    let mut there = Vec::new();
    reading.for_each_order_id(program, |order| there.push(mark(order)))?;
    there.sort_unstable();
    if named.iter().any(|order| there.binary_search(order).is_err()) {
        for what in reading.lost_orders(program, LISTED as i64)? {
            seen.find("every entry of an order has its order", &what, "there is no such order", None);
        }
    }
    Ok(())
}

/// When open holds are over is known, so that what they set aside is free then. 0 stands for those of before it was kept
/// apart, until somebody looks.
fn lapses(reading: &Writing<'_>, program: &str, seen: &mut Seen) -> Result<(), Failure> {
    let kept: BTreeMap<String, i64> = reading.list_lapses(program)?.into_iter().collect();
    let computed = std::mem::take(&mut seen.lapses);
    let members: BTreeSet<&String> = kept.keys().chain(computed.keys()).collect();
    let is_wrong = |member: &&String| {
        let kept = kept.get(*member);
        kept != computed.get(*member) && kept != Some(&0)
    };
    for member in members.into_iter().filter(is_wrong).take(LISTED) {
        let detail = format!("kept {:?}, computed {:?}", kept.get(member), computed.get(member));
        seen.find("when open holds are over is known", member, &detail, None);
    }
    Ok(())
}

/// A gift card is what its entries come to.
fn gift_cards(reading: &Writing<'_>, program: &str, seen: &mut Seen) -> Result<(), Failure> {
    for row in reading.list_gift_cards(program)? {
        let card: Account = value(&row.state, || format!("gift card {}", row.id))?;
        let replayed = seen.cards.get(&row.id).copied();
        if replayed != Some(card.head()) && card.postings() > 0 {
            let detail = format!(
                "{} entries there, ending in {:?}; replayed {replayed:?}",
                card.postings(),
                card.head()
            );
            seen.find("gift cards equal a replay", &row.id, &detail, None);
        }
    }
    Ok(())
}

/// Whom merged members lead to is there.
fn led_to(reading: &Writing<'_>, program: &str, seen: &mut Seen) -> Result<(), Failure> {
    let names: Vec<String> = seen.led_to.iter().cloned().collect();
    for names in names.chunks(1000) {
        let asked: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = reading.find_members(program, &asked)?;
        let is_there = |name: &str| found.iter().any(|row| row.customer_id == name);
        for name in asked.into_iter().filter(|name| !is_there(name)) {
            seen.find("a merged member leads to another", name, "there is no such member", None);
        }
    }
    Ok(())
}

/// Stock and budgets: never below zero, never beyond what the program allows, and as many given as are out.
fn counters(reading: &Writing<'_>, program: &Program, seen: &mut Seen) -> Result<(), Failure> {
    for (name, used) in reading.list_counters(program.head.id.as_str())? {
        let parts: Vec<Json> = value(&name, || format!("counter {name}"))?;
        let text = |at: usize| parts.get(at).and_then(Json::as_str).unwrap_or_default();
        let most = match text(0) {
            "given" => {
                let out = seen.given.get(text(1)).copied().unwrap_or(0);
                if out != used {
                    let detail = format!("{used} counted, {out} redemptions are out");
                    seen.find("as many rewards are counted as are out", &name, &detail, None);
                }
                let reward = program.rewards.iter().find(|reward| reward.id == *text(1));
                reward.and_then(|reward| reward.stock).map(i64::from)
            }
            "budget" => {
                let place = parts.get(2).and_then(Json::as_u64).unwrap_or(0) as usize;
                let budgets = program.versions(text(1)).filter_map(|rule| rule.budgets.get(place));
                budgets.map(|(most, ..)| *most).max()
            }
            _ => None,
        };
        if used < 0 || most.is_some_and(|most| used > most) {
            let detail = format!("{used} used of {most:?}");
            seen.find("no budget and no stock is exceeded", &name, &detail, None);
        }
    }
    Ok(())
}
