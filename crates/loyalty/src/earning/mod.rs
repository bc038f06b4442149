//! Earning: what an order or an event gives under the rules of its own time.
//!
//! [`rate`] is pure: it reads the program, the fact, what the rules see of the member, and the tallies, and answers
//! with awards. Caps and budgets are cut and counted in the same step, so that they cannot be passed by one unit.
//! Each award carries its [`Working`]: the arithmetic, with every number that went in.
//!
//! The order of things: each rule that matches gives a draft; caps of the member cut it; groups choose among drafts;
//! multiples are computed on what was chosen and go the same way; budgets cut last.

mod basis;
mod expiry;
mod matching;
mod tally;
mod working;

pub use expiry::{expires_at, policy};
pub(crate) use matching::near_birthday;
pub use matching::{Occasion, What};
pub(crate) use tally::label;
pub use tally::{Budgets, Sum, Tallies, Tally};
pub use working::{Cut, Working};

use crate::name::Name;
use crate::number::{Ratio, split};
use crate::program::spec::{Scope, Several};
use crate::program::{Program, Quantity, Rule};
use serde::{Deserialize, Serialize};

/// What one rule gives for one fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Award {
    /// Place of the rule in the program.
    pub rule: usize,
    /// Place of the wallet.
    pub wallet: usize,
    /// Smallest units; above zero.
    pub units: i64,
    /// Which part came from which line, shipping last; sums to `units`. Empty for an event.
    pub per_line: Vec<i64>,
    /// How the number came about.
    pub working: Working,
}

/// A rule's answer before groups and budgets.
struct Draft {
    rule: usize,
    units: i64,
    weights: Vec<i64>,
    /// Units by line where the rule rounds line by line.
    by_line: Option<Vec<i64>>,
    working: Working,
    /// For sums over receipts: what this receipt adds.
    adds: Option<i64>,
}

/// Rate one occasion. `tallies` (of the member) and `budgets` (of all) are counted up by what is given.
pub fn rate(
    program: &Program,
    occasion: &Occasion,
    tallies: &mut Tallies,
    budgets: &mut Budgets,
) -> Vec<Award> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut multiples: Vec<usize> = Vec::new();
    for (place, rule) in program.rules.iter().enumerate() {
        if !matching::matches(rule, occasion) {
            continue;
        }
        if matches!(rule.quantity, Quantity::Multiply { .. }) {
            multiples.push(place);
        } else if let Some(draft) = draft(program, place, occasion, tallies) {
            drafts.push(draft);
        }
    }
    // Sums over receipts go on whether or not the rule's points are chosen in the end.
    for draft in &drafts {
        if let Some(adds) = draft.adds {
            let rule = &program.rules[draft.rule];
            let first = rule.spec.sum_over.expect("only sums add").first_day(occasion.moment.day);
            let sum = tallies.sum_mut(&rule.spec.id, first);
            sum.amount = sum.amount.saturating_add(adds);
        }
    }
    let mixed: Vec<&Name> =
        multiples.iter().filter_map(|place| program.rules[*place].spec.group.as_ref()).collect();
    choose(program, &mut drafts, |group| !mixed.contains(&group));
    for place in multiples {
        if let Some(draft) = multiple(program, place, occasion, &drafts, tallies) {
            drafts.push(draft);
        }
    }
    choose(program, &mut drafts, |_| true);
    exclude(program, &mut drafts);
    let mut awards = Vec::new();
    for draft in drafts {
        awards.extend(commit(program, occasion, draft, tallies, budgets));
    }
    awards
}

fn draft(program: &Program, place: usize, occasion: &Occasion, tallies: &Tallies) -> Option<Draft> {
    let rule = &program.rules[place];
    let basis = basis::basis(rule, occasion)?;
    let factor = tier_factor(rule, occasion);
    let times = |ratio: Ratio| factor.as_ref().map_or(Some(ratio), |(_, factor)| ratio.times(*factor));
    let rounding = program.wallets[rule.wallet].rounding;
    let mut working = Working::new(program, rule, occasion, &basis, factor.clone());
    let round =
        |ratio: Ratio| times(ratio).and_then(|exact| exact.round(rounding).map(|units| (exact, units)));
    let (mut by_line, mut adds) = (None, None);
    let units = match &rule.quantity {
        Quantity::PerAmount { per: Scope::Line, .. } => {
            let lines: Option<Vec<i64>> = basis
                .amounts
                .iter()
                .map(|amount| round(by_amount(rule, *amount)).map(|(_, units)| units))
                .collect();
            let units = lines.as_ref()?.iter().try_fold(0i64, |sum, units| sum.checked_add(*units))?;
            working.exact = Ratio::new(i128::from(units), 1)?;
            by_line = lines;
            units
        }
        Quantity::PerAmount { .. } | Quantity::Bands(_) => {
            let total = basis.total();
            let before = rule.spec.sum_over.map(|period| {
                let first = period.first_day(occasion.moment.day);
                tallies.sum(&rule.spec.id, first).amount
            });
            let after = before.unwrap_or(0).checked_add(total)?;
            let (exact, units) = round(by_amount(rule, after))?;
            working.exact = exact;
            adds = before.map(|_| total);
            let given =
                before.map_or(Some(0), |before| round(by_amount(rule, before)).map(|(_, units)| units))?;
            working.summed = before.map(|before| (before, given));
            (units - given).max(0)
        }
        Quantity::PerUnit(points) => {
            let (exact, units) = round(points.times(Ratio::new(i128::from(basis.quantity_milli), 1000)?)?)?;
            working.exact = exact;
            units
        }
        Quantity::Fixed { points, minimum } => {
            let enough = occasion.order().is_none() || basis.total() >= *minimum;
            let (exact, units) = round(Ratio::new(i128::from(if enough { *points } else { 0 }), 1)?)?;
            working.exact = exact;
            units
        }
        Quantity::Multiply { .. } => return None,
    };
    if units <= 0 && adds.is_none() {
        return None;
    }
    working.rounded = units;
    let (units, cuts) = tallies.fit(rule, units, occasion.moment.day);
    working.cuts = cuts;
    let weights = if basis.weights.iter().any(|weight| *weight > 0) { basis.weights } else { basis.amounts };
    Some(Draft { rule: place, units, weights, by_line, working, adds })
}

/// What an amount gives before the tier's factor, in smallest units, exactly.
fn by_amount(rule: &Rule, amount: i64) -> Ratio {
    let none = Ratio::new(0, 1).expect("one is not zero");
    match &rule.quantity {
        Quantity::PerAmount { every, points, whole, minimum, .. } => {
            if amount <= 0 || amount < *minimum {
                return none;
            }
            let steps = if *whole {
                Ratio::new(i128::from(amount / every), 1)
            } else {
                Ratio::new(i128::from(amount), i128::from(*every))
            };
            steps.and_then(|steps| steps.times(*points)).unwrap_or(none)
        }
        Quantity::Bands(bands) => {
            let inside = |band: &&(i64, Option<i64>, i64)| {
                amount >= band.0 && band.1.is_none_or(|below| amount < below)
            };
            bands.iter().find(inside).and_then(|band| Ratio::new(i128::from(band.2), 1)).unwrap_or(none)
        }
        _ => none,
    }
}

fn tier_factor(rule: &Rule, occasion: &Occasion) -> Option<(Name, Ratio)> {
    let held = |tier: &Name| occasion.seen.tiers.values().any(|seen| seen == tier);
    rule.by_tier.iter().find(|(tier, _)| held(tier)).cloned()
}

fn multiple(
    program: &Program,
    place: usize,
    occasion: &Occasion,
    drafts: &[Draft],
    tallies: &Tallies,
) -> Option<Draft> {
    let rule = &program.rules[place];
    let Quantity::Multiply { of, extra } = &rule.quantity else { return None };
    let basis = basis::basis(rule, occasion)?;
    let of =
        || drafts.iter().filter(|draft| of.contains(&program.rules[draft.rule].spec.id) && draft.units > 0);
    // Only the points of lines this rule counts are multiplied.
    let mut weights = vec![0i64; basis.amounts.len()];
    for draft in of() {
        for (place, units) in allot(draft).into_iter().enumerate() {
            if basis.counts.get(place).copied().unwrap_or(false) {
                weights[place] += units;
            }
        }
    }
    let base: i64 = weights.iter().sum();
    let factor = tier_factor(rule, occasion);
    let exact = Ratio::new(i128::from(base), 1)?.times(*extra)?;
    let exact = factor.as_ref().map_or(Some(exact), |(_, factor)| exact.times(*factor))?;
    let units = exact.round(program.wallets[rule.wallet].rounding)?;
    if units <= 0 {
        return None;
    }
    let mut working = Working::new(program, rule, occasion, &basis, factor);
    working.multiplied = Some(base);
    working.exact = exact;
    working.rounded = units;
    let (units, cuts) = tallies.fit(rule, units, occasion.moment.day);
    working.cuts = cuts;
    Some(Draft { rule: place, units, weights, by_line: None, working, adds: None })
}

/// Let each group of which `settled` is true keep what its policy says.
fn choose(program: &Program, drafts: &mut [Draft], settled: impl Fn(&Name) -> bool) {
    for group in program.groups.iter().filter(|group| settled(&group.id)) {
        let member = |draft: &Draft| {
            program.rules[draft.rule].spec.group.as_ref() == Some(&group.id) && draft.units > 0
        };
        let order = |draft: &Draft| (-program.rules[draft.rule].spec.priority, draft.rule);
        let in_group = drafts.iter().filter(|draft| member(draft));
        let chosen = match group.policy {
            Several::Sum => continue,
            // The most points; where equal, the higher priority, then the earlier rule.
            Several::Best => in_group.min_by_key(|draft| (-draft.units, order(draft))),
            Several::First => in_group.min_by_key(|draft| order(draft)),
        };
        let Some(chosen) = chosen.map(|draft| draft.rule) else { continue };
        for draft in drafts.iter_mut() {
            if draft.rule != chosen && member(draft) {
                draft.units = 0;
            }
        }
    }
}

/// Where a group gives points, the groups it excludes give none.
fn exclude(program: &Program, drafts: &mut [Draft]) {
    for group in &program.groups {
        let gives = |draft: &Draft| {
            program.rules[draft.rule].spec.group.as_ref() == Some(&group.id) && draft.units > 0
        };
        if !drafts.iter().any(gives) {
            continue;
        }
        for draft in drafts.iter_mut() {
            let other = program.rules[draft.rule].spec.group.as_ref();
            if other.is_some_and(|other| group.excludes.contains(other)) {
                draft.units = 0;
            }
        }
    }
}

fn allot(draft: &Draft) -> Vec<i64> {
    match &draft.by_line {
        // A cap may have cut below the sum of the lines.
        Some(lines) if lines.iter().sum::<i64>() == draft.units => lines.clone(),
        Some(lines) => split(draft.units, lines),
        None => split(draft.units, &draft.weights),
    }
}

fn commit(
    program: &Program,
    occasion: &Occasion,
    mut draft: Draft,
    tallies: &mut Tallies,
    budgets: &mut Budgets,
) -> Option<Award> {
    if draft.units <= 0 {
        return None;
    }
    let rule = &program.rules[draft.rule];
    draft.units =
        budgets.take(rule, draft.units, occasion.store(), occasion.moment.day, &mut draft.working.cuts);
    if draft.units == 0 {
        return None;
    }
    tallies.count(rule, draft.units, occasion.moment.day);
    draft.working.units = draft.units;
    let per_line = if occasion.order().is_some() { allot(&draft) } else { Vec::new() };
    Some(Award {
        rule: draft.rule,
        wallet: rule.wallet,
        units: draft.units,
        per_line,
        working: draft.working,
    })
}
