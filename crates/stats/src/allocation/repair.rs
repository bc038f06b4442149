//! From the relaxation to whole offers: never over a limit, and as little below the bound as can be found.
//!
//! With prices p, the bound less an allocation's value is Σ loss + p · slack, where a customer's loss is the
//! net value given up against the best offer. So only moves with a small loss can bring an allocation closer,
//! and few customers have any: those are tried one by one and in pairs.

use super::offers::{Customer, Source, Totals};
use super::search::{Taste, best, net_of};
use super::{Blend, Fractional, Plan, Refused, Rules, Solved};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// So many moves are weighed at a time.
const MOVES: usize = 512;
/// Changes made per pass, and passes.
const CHANGES: usize = 24;
const ROUNDS: usize = 6;
const REPAIRS: usize = 200;

/// Turns the relaxation's prices into an allocation of whole offers.
pub(super) fn finish(source: &mut Source<'_, '_>, rules: &Rules, solved: Solved) -> Result<Plan, Refused> {
    let mut plan = Plan {
        prices: solved.prices,
        blend: solved.blend,
        bound: solved.bound,
        value: 0.0,
        uses: Vec::new(),
        customers: source.customers,
        served: 0,
        fractional: None,
        dearer_below: 0,
        exceptions: BTreeMap::new(),
        passes: 0,
    };
    let mut totals = solved.totals.unwrap_or_else(|| totals_of(source, &plan));
    if rules.limits.len() == 1 && rules.are_kept(&totals) {
        grant(source, rules, &mut plan, &mut totals);
    }
    if !rules.are_kept(&totals) {
        restore(source, rules, &mut plan, &mut totals)?;
    }
    fill(source, rules, &mut plan, &mut totals, solved.weight);
    // The totals were updated step by step; what is reported is counted once more.
    let mut counted = totals_of(source, &plan);
    if !rules.are_kept(&counted) {
        restore(source, rules, &mut plan, &mut counted)?;
    }
    source.check()?;
    plan.value = counted.exact_value();
    plan.bound = plan.bound.max(plan.value);
    plan.served = counted.served;
    plan.uses = counted.uses;
    plan.passes = source.passes;
    Ok(plan)
}

fn totals_of(source: &mut Source<'_, '_>, plan: &Plan) -> Totals {
    let mut totals = Totals::nothing(plan.prices.len());
    source.visit(|index, customer| totals.add(customer, plan.choice(index, customer)));
    totals
}

/// Gives customers who are torn between two offers the dearer one, in order, until it no longer fits.
fn grant(source: &mut Source<'_, '_>, rules: &Rules, plan: &mut Plan, totals: &mut Totals) {
    let mut is_open = true;
    source.visit(|index, customer| {
        if !is_open {
            return;
        }
        let dearer = best(&plan.prices, customer, Taste::Dearer);
        if dearer.margin > dearer.equal {
            return;
        }
        let cheaper = best(&plan.prices, customer, Taste::Cheaper).offer;
        if cheaper == dearer.offer {
            return;
        }
        let before = totals.clone();
        totals.remove(customer, cheaper);
        totals.add(customer, dearer.offer);
        if !rules.are_kept(totals) {
            let share = share_that_fits(rules, &before, totals);
            plan.fractional = Some(Fractional { customer: index, from: cheaper, to: dearer.offer, share });
            plan.dearer_below = index;
            *totals = before;
            is_open = false;
        }
    });
    if is_open {
        plan.dearer_below = source.customers;
    }
}

fn share_that_fits(rules: &Rules, before: &Totals, after: &Totals) -> f64 {
    let step = (after.uses[0] - before.uses[0]) as f64;
    let spare = (i128::from(rules.limits[0]) - before.uses[0]) as f64;
    let by_budget = if step > 0.0 { spare / step } else { 1.0 };
    let by_floor = rules.roi_floor.map_or(1.0, |floor| {
        let lost = before.surplus(floor) - after.surplus(floor);
        if lost > 0.0 { before.surplus(floor) / lost } else { 1.0 }
    });
    by_budget.min(by_floor).clamp(0.0, 1.0)
}

/// One customer's change of offer.
#[derive(Debug, Clone)]
struct Move {
    /// What the moves are ranked by: less is better.
    rank: f64,
    customer: u64,
    to: Option<u32>,
    value: f64,
    uses: Vec<i64>,
}

impl PartialEq for Move {
    fn eq(&self, other: &Move) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Move {}
impl PartialOrd for Move {
    fn partial_cmp(&self, other: &Move) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Move {
    fn cmp(&self, other: &Move) -> std::cmp::Ordering {
        let by_rank = self.rank.total_cmp(&other.rank);
        by_rank.then(self.customer.cmp(&other.customer)).then(self.to.cmp(&other.to))
    }
}

/// The best-ranked moves of all customers. `rank` is given the loss, the change of value and the change of
/// uses; moves it gives `None` are left out.
fn moves(
    source: &mut Source<'_, '_>,
    plan: &Plan,
    most_loss: f64,
    rank: impl Fn(f64, f64, &[i64]) -> Option<f64>,
) -> Vec<Move> {
    let limits = plan.prices.len();
    let mut kept: BinaryHeap<Move> = BinaryHeap::with_capacity(MOVES + 1);
    let mut change = vec![0_i64; limits];
    source.visit(|customer_index, customer| {
        let leader = best(&plan.prices, customer, Taste::Cheaper);
        let is_plain = plan.blend.is_empty() && !plan.exceptions.contains_key(&customer_index);
        if leader.margin >= most_loss && (is_plain || plan.choice(customer_index, customer) == leader.offer) {
            // Everything else loses more; this is nearly everybody.
            return;
        }
        let current = plan.choice(customer_index, customer);
        let (value, net) = (value_of(customer, current), net_of(&plan.prices, customer, current));
        let others = std::iter::once(None).chain((0..customer.value.len() as u32).map(Some));
        for to in others.filter(|to| *to != current) {
            if to.is_some_and(|offer| !customer.is_open(offer as usize, limits)) {
                continue;
            }
            let loss = net - net_of(&plan.prices, customer, to);
            if loss >= most_loss {
                continue;
            }
            (0..limits).for_each(|k| {
                change[k] = use_of(customer, to, k, limits) - use_of(customer, current, k, limits)
            });
            let gain = value_of(customer, to) - value;
            let Some(rank) = rank(loss, gain, &change) else { continue };
            if kept.len() < MOVES || kept.peek().is_some_and(|worst| rank < worst.rank) {
                kept.push(Move { rank, customer: customer_index, to, value: gain, uses: change.clone() });
                if kept.len() > MOVES {
                    kept.pop();
                }
            }
        }
    });
    kept.into_sorted_vec()
}

fn value_of(customer: &Customer<'_>, offer: Option<u32>) -> f64 {
    offer.map_or(0.0, |offer| customer.value[offer as usize])
}

fn use_of(customer: &Customer<'_>, offer: Option<u32>, limit: usize, limits: usize) -> i64 {
    offer.map_or(0, |offer| customer.uses[offer as usize * limits + limit])
}

/// How far totals are over the rules, each in units of its weight; 0 where all are kept.
fn excess(rules: &Rules, weights: &[f64], totals: &Totals, value: f64, uses: &[i64]) -> f64 {
    let mut over = 0.0;
    for (k, used) in uses.iter().enumerate() {
        let beyond = totals.uses[k] + i128::from(*used) - i128::from(rules.limits[k]);
        over += weights[k] * (beyond.max(0) as f64);
    }
    if let Some(floor) = rules.roi_floor {
        let surplus = totals.surplus(floor) + value - floor * uses[0] as f64;
        over += weights[uses.len()] * (-surplus).max(0.0);
    }
    over
}

/// Brings an allocation that is over a limit back below it. Where single moves from the optimum get stuck, it
/// starts again from higher prices, and at last from doing nothing.
fn restore(
    source: &mut Source<'_, '_>,
    rules: &Rules,
    plan: &mut Plan,
    totals: &mut Totals,
) -> Result<(), Refused> {
    if lower(source, rules, plan, totals) {
        return Ok(());
    }
    let raised = |factor: f64| Some(plan.prices.iter().map(|price| price * factor).collect());
    for prices in [raised(1.01), raised(1.2), raised(2.0), None] {
        plan.exceptions.clear();
        plan.dearer_below = 0;
        plan.blend = vec![Blend { share: 1.0, prices }];
        *totals = totals_of(source, plan);
        if lower(source, rules, plan, totals) {
            return Ok(());
        }
    }
    Err(Refused::Together)
}

/// Makes the moves that lose least value per unit of excess, until there is none; whether that was reached.
fn lower(source: &mut Source<'_, '_>, rules: &Rules, plan: &mut Plan, totals: &mut Totals) -> bool {
    let none = vec![0; rules.limits.len()];
    let weights = weights(rules, totals);
    for _ in 0..REPAIRS {
        let over = excess(rules, &weights, totals, 0.0, &none);
        if over <= 0.0 {
            break;
        }
        let worth = |totals: &Totals, value: f64, uses: &[i64]| {
            let less =
                excess(rules, &weights, totals, 0.0, &none) - excess(rules, &weights, totals, value, uses);
            (less > 1e-12 * over).then(|| if value < 0.0 { -value / less } else { -less })
        };
        let candidates = moves(source, plan, f64::INFINITY, |_, value, uses| worth(totals, value, uses));
        let mut moved = BTreeSet::new();
        while excess(rules, &weights, totals, 0.0, &none) > 0.0 {
            let open = candidates.iter().filter(|m| !moved.contains(&m.customer));
            let ranked = open.filter_map(|m| worth(totals, m.value, &m.uses).map(|rank| (rank, m)));
            let Some((_, chosen)) = ranked.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
            apply(plan, totals, chosen);
            moved.insert(chosen.customer);
        }
        if moved.is_empty() {
            break;
        }
    }
    rules.are_kept(totals)
}

/// Each rule that is broken counts alike; the others by their size.
fn weights(rules: &Rules, totals: &Totals) -> Vec<f64> {
    let none = vec![0; rules.limits.len()];
    let rows = rules.limits.len() + 1;
    (0..rows)
        .map(|k| {
            let only: Vec<f64> = (0..rows).map(|row| f64::from(u8::from(row == k))).collect();
            let over = excess(rules, &only, totals, 0.0, &none);
            let size = match rules.limits.get(k) {
                Some(limit) => (*limit as f64).abs().max((totals.uses[k] as f64).abs()),
                None => totals.value.abs(),
            };
            1.0 / if over > 0.0 { over } else { size.max(1.0) }
        })
        .collect()
}

fn apply(plan: &mut Plan, totals: &mut Totals, chosen: &Move) {
    totals.shift(chosen.value);
    totals.uses.iter_mut().zip(&chosen.uses).for_each(|(sum, used)| *sum += i128::from(*used));
    plan.exceptions.insert(chosen.customer, chosen.to);
}

/// What is left of each rule.
struct Room {
    spare: Vec<i64>,
    floor: Option<(f64, f64)>,
}

impl Room {
    fn new(rules: &Rules, totals: &Totals) -> Room {
        let left =
            |(limit, used): (&i64, &i128)| (i128::from(*limit) - used).clamp(-(1 << 60), 1 << 60) as i64;
        // A little is kept back of the return, whose sum is only as exact as floats are.
        let slack = |floor: f64| totals.surplus(floor) - 1e-13 * totals.value.abs();
        Room {
            spare: rules.limits.iter().zip(&totals.uses).map(left).collect(),
            floor: rules.roi_floor.map(|floor| (floor, slack(floor))),
        }
    }

    fn takes(&self, value: f64, uses: impl Iterator<Item = i64> + Clone) -> bool {
        let pays = self.floor.is_none_or(|(floor, slack)| {
            let first = uses.clone().next().unwrap_or(0);
            value - floor * first as f64 >= -slack
        });
        pays && uses.zip(&self.spare).all(|(used, spare)| used <= *spare)
    }
}

/// Uses up what the limits still allow, by single moves and pairs of moves that add value.
fn fill(source: &mut Source<'_, '_>, rules: &Rules, plan: &mut Plan, totals: &mut Totals, weight: f64) {
    for _ in 0..ROUNDS {
        let missing = plan.bound - totals.exact_value();
        if missing <= 1e-12 * plan.bound.abs() {
            return;
        }
        let mut candidates = moves(source, plan, missing / weight, |loss, _, _| Some(loss));
        let mut changes = 0;
        while changes < CHANGES {
            let Some(chosen) = best_change(&candidates, &Room::new(rules, totals)) else { break };
            let customers: Vec<u64> = chosen.iter().map(|index| candidates[*index].customer).collect();
            chosen.iter().for_each(|index| apply(plan, totals, &candidates[*index]));
            candidates.retain(|m| !customers.contains(&m.customer));
            changes += 1;
        }
        if changes == 0 {
            return;
        }
    }
}

/// The move or pair of moves that adds most value and fits.
fn best_change(candidates: &[Move], room: &Room) -> Option<Vec<usize>> {
    let (mut most, mut found) = (0.0, None);
    for (i, first) in candidates.iter().enumerate() {
        if first.value > most && room.takes(first.value, first.uses.iter().copied()) {
            (most, found) = (first.value, Some(vec![i]));
        }
        for (j, second) in candidates[..i].iter().enumerate() {
            let value = first.value + second.value;
            if value > most && first.customer != second.customer {
                let uses = first.uses.iter().zip(&second.uses).map(|(a, b)| a + b);
                if room.takes(value, uses) {
                    (most, found) = (value, Some(vec![j, i]));
                }
            }
        }
    }
    // What only rounding could call a gain is none.
    let size = candidates.iter().map(|m| m.value.abs()).fold(0.0, f64::max);
    found.filter(|_| most > 1e-13 * size)
}
