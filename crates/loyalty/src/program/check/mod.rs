//! Checking: every name exists, every amount is exact, nothing contradicts; then compiled.

mod campaigns;
mod earning;
mod found;
mod points;
mod rewards;
mod tiers;

use super::Program;
use super::load::{Placed, Problem, Tables};
use campaigns::{missions, surprises};
use earning::rules;
use found::{Found, Known};
use jiff::tz::TimeZone;
use points::{expiries, wallets};
use rewards::rewards;
use tiers::ladders;

/// Digits after the point that points may have.
const FINEST: u32 = 6;

pub(super) fn compile(tables: Tables) -> Result<Program, Vec<Problem>> {
    let mut found = Found(Vec::new());
    let nowhere = |what: &str, mend: &str| {
        vec![Problem {
            file: "program.toml".to_owned(),
            line: 0,
            what: what.to_owned(),
            mend: mend.to_owned(),
        }]
    };
    let Some(head) = tables.heads.first() else {
        return Err(nowhere("there is no [program]", "add [program] with id, name, zone and currency"));
    };
    for again in &tables.heads[1..] {
        found.add(again, "[program] is there twice", "keep one");
    }
    let zone = TimeZone::get(&head.item.zone).unwrap_or_else(|_| {
        let what = format!("'{}' is not a time zone", head.item.zone);
        found.add(head, what, "write an IANA name such as Asia/Ho_Chi_Minh");
        TimeZone::UTC
    });
    if tables.wallets.is_empty() {
        found.add(head, "the program has no wallet", "add [[wallet]]");
    }
    let mut known = Known {
        wallets: tables
            .wallets
            .iter()
            // What is too fine is a problem of its own; everything else is checked as if it were not.
            .map(|wallet| (wallet.item.id.clone(), wallet.item.precision.min(FINEST)))
            .collect(),
        tiers: tables
            .ladders
            .iter()
            .flat_map(|ladder| &ladder.item.tier)
            .map(|tier| tier.id.clone())
            .collect(),
        groups: tables.groups.iter().map(|group| group.item.id.clone()).collect(),
        funders: tables.funders.iter().map(|funder| funder.item.id.clone()).collect(),
        rules: tables.earnings.iter().map(|rule| rule.item.id.clone()).collect(),
        currency: head.item.currency,
    };
    known.funders.insert("shop".into());
    for head in &tables.heads {
        found.id(head, &head.item.id);
    }
    found.unique("wallet", &tables.wallets, |wallet| &wallet.id);
    found.unique("group", &tables.groups, |group| &group.id);
    found.unique("funder", &tables.funders, |funder| &funder.id);
    found.unique("ladder", &tables.ladders, |ladder| &ladder.id);
    found.unique("reward", &tables.rewards, |reward| &reward.id);
    found.unique("mission", &tables.missions, |mission| &mission.id);
    found.unique("surprise", &tables.surprises, |surprise| &surprise.id);
    found.unique("referral", &tables.referrals, |referral| &referral.id);
    found.unique("pool", &tables.pools, |pool| &pool.id);

    wallets(&tables, &known, &mut found);
    expiries(&tables, &known, &mut found);
    ladders(&tables, &known, &mut found);
    rewards(&tables, &known, &mut found);
    let rules = rules(&tables, &known, &mut found);
    let missions = missions(&tables, &known, &mut found);
    let surprises = surprises(&tables, &known, &mut found);
    others(&tables, &known, &mut found);

    if !found.0.is_empty() {
        found.0.sort();
        found.0.dedup();
        return Err(found.0);
    }
    Ok(Program {
        head: tables.heads.into_iter().next().expect("checked above").item,
        zone,
        wallets: items(tables.wallets),
        expiries: items(tables.expiries),
        rules,
        groups: items(tables.groups),
        funders: items(tables.funders),
        ladders: items(tables.ladders),
        rewards: items(tables.rewards),
        missions,
        referrals: items(tables.referrals),
        surprises,
        pools: items(tables.pools),
        limits: items(tables.limits),
    })
}

fn others(tables: &Tables, known: &Known, found: &mut Found) {
    let wallets = || known.wallets.iter().map(|(id, _)| id);
    for placed in &tables.groups {
        for other in &placed.item.excludes {
            found.exists(placed, "group", other, &known.groups);
            if *other == placed.item.id {
                found.add(placed, "a group excludes itself", "name other groups");
            }
        }
    }
    for placed in &tables.referrals {
        let spec = &placed.item;
        found.money(placed, "minimum", Some(spec.minimum), known);
        for gift in spec.referrer.iter().chain(&spec.friend) {
            found.gift(placed, gift, known);
        }
    }
    for placed in &tables.pools {
        found.exists(placed, "wallet", &placed.item.wallet, wallets());
        if let Some(most) = placed.item.take_per_month {
            found.points(placed, "take_per_month", most, &placed.item.wallet, known);
        }
    }
    for placed in &tables.limits {
        let spec = &placed.item;
        if found.exists(placed, "wallet", &spec.wallet, wallets()) {
            for (key, number) in [("points", spec.points), ("points_per_till", spec.points_per_till)] {
                if let Some(number) = number {
                    found.points(placed, key, number, &spec.wallet, known);
                }
            }
        }
    }
}

fn items<T>(placed: Vec<Placed<T>>) -> Vec<T> {
    placed.into_iter().map(|placed| placed.item).collect()
}
