//! What all members share, as counters with names: budgets, stock, draws, what a till took in a period. Before a batch
//! is judged those it may touch are read and locked; after it those that moved are written, in the same transaction.

use super::command::{Act, Command};
use jiff::Timestamp;
use jiff::civil::Date;
use loyalty::fact::Fact;
use loyalty::judge::Shared;
use loyalty::name::Name;
use loyalty::program::Program;
use loyalty::reward::Held;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{Failure, Writing};

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counter {
    /// How many of a reward were given.
    Given(Name),
    /// How many codes of a reward were made.
    Made(Name),
    /// Units used of a budget: rule, its place, store, first day.
    Budget(Name, usize, Name, Date),
    /// Units spent at a till: till, wallet, first day.
    Till(Name, usize, Date),
    /// How often a voucher was used ahead of its order.
    UsedAhead(Name),
    /// A surprise: orders that could be chosen, chosen, held out, units given.
    Drawn(Name, usize),
}

impl Counter {
    /// Its name in the database: a JSON list, so that no two counters have the same.
    pub(super) fn name(&self) -> String {
        match self {
            Counter::Given(reward) => json!(["given", reward]),
            Counter::Made(reward) => json!(["made", reward]),
            Counter::Budget(rule, place, store, first) => json!(["budget", rule, place, store, first]),
            Counter::Till(till, wallet, first) => json!(["till", till, wallet, first]),
            Counter::UsedAhead(code) => json!(["used_ahead", code]),
            Counter::Drawn(surprise, place) => json!(["drawn", surprise, place]),
        }
        .to_string()
    }

    /// Its value in the books.
    fn value(&self, shared: &Shared) -> i64 {
        match self {
            Counter::Given(reward) => shared.given.get(reward).copied().unwrap_or(0).into(),
            Counter::Made(reward) => shared.made.get(reward).copied().unwrap_or(0) as i64,
            Counter::Budget(rule, place, store, first) => {
                shared.budgets.used(rule.as_str(), *place, store.as_str(), *first)
            }
            Counter::Till(till, wallet, first) => {
                shared.tills.get(&(till.clone(), *wallet, *first)).copied().unwrap_or(0)
            }
            Counter::UsedAhead(code) => shared.used_ahead.get(code).copied().unwrap_or(0).into(),
            Counter::Drawn(surprise, place) => {
                let drawn = shared.surprises.get(surprise).copied().unwrap_or_default();
                [drawn.eligible as i64, drawn.chosen as i64, drawn.held_out as i64, drawn.units][*place]
            }
        }
    }
}

/// Counters with their values as they were gathered.
#[derive(Debug, Default)]
pub(super) struct Counters {
    known: BTreeMap<String, (Counter, i64)>,
}

impl Counters {
    /// Read and lock `wanted`, and put their values into the books.
    pub fn gather(
        wanted: BTreeSet<Counter>,
        writing: &Writing<'_>,
        program: &Program,
        shared: &mut Shared,
    ) -> Result<Counters, Failure> {
        let mut named: Vec<(String, Counter)> =
            wanted.into_iter().map(|counter| (counter.name(), counter)).collect();
        named.sort();
        let names: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
        let values = writing.lock_counters(program.head.id.as_str(), &names)?;
        let mut budgets: Vec<Json> = Vec::new();
        let mut known = BTreeMap::new();
        for ((name, counter), value) in named.into_iter().zip(values) {
            match &counter {
                Counter::Given(reward) => {
                    shared.given.insert(reward.clone(), u32::try_from(value).unwrap_or(u32::MAX));
                }
                Counter::Made(reward) => {
                    shared.made.insert(reward.clone(), value as u64);
                }
                Counter::Budget(rule, place, store, first) => {
                    budgets.push(json!([[rule, place, store, first], value]));
                }
                Counter::Till(till, wallet, first) => {
                    shared.tills.insert((till.clone(), *wallet, *first), value);
                }
                Counter::UsedAhead(code) => {
                    if let Some(times) = u32::try_from(value).ok().filter(|times| *times > 0) {
                        shared.used_ahead.insert(code.clone(), times);
                    }
                }
                Counter::Drawn(surprise, place) => {
                    let drawn = shared.surprises.entry(surprise.clone()).or_default();
                    match place {
                        0 => drawn.eligible = value as u64,
                        1 => drawn.chosen = value as u64,
                        2 => drawn.held_out = value as u64,
                        _ => drawn.units = value,
                    }
                }
            }
            known.insert(name, (counter, value));
        }
        if !budgets.is_empty() {
            shared.budgets = serde_json::from_value(json!({ "used": budgets })).expect("its own form");
        }
        Ok(Counters { known })
    }

    /// Those that moved.
    pub fn changed(&self, shared: &Shared) -> Vec<(String, i64)> {
        let now = self.known.iter().map(|(name, (counter, before))| (name, counter.value(shared), *before));
        now.filter(|(_, value, before)| value != before)
            .map(|(name, value, _)| (name.clone(), value))
            .collect()
    }
}

/// The counters a command may touch, besides those of the rewards it names.
pub(super) fn touched(program: &Program, command: &Command, now: Timestamp, wanted: &mut BTreeSet<Counter>) {
    let Act::Fact(fact) = &command.act else { return };
    match fact {
        Fact::Order(order) => {
            let day = program.day(order.ordered_at.unwrap_or(now).min(now));
            earning(program, day, order.store.as_ref(), true, wanted);
        }
        Fact::OrderUpdated { order, .. } => {
            let day = program.day(order.ordered_at.unwrap_or(now).min(now));
            earning(program, day, order.store.as_ref(), true, wanted);
        }
        Fact::Event(custom) => {
            let day = program.day(custom.happened_at.unwrap_or(now).min(now));
            earning(program, day, custom.store.as_ref(), false, wanted);
        }
        Fact::Hold(ask) | Fact::Redeem(ask) => {
            reward(&ask.reward, wanted);
            till(program, ask.till.as_ref(), program.day(now), wanted);
        }
        _ => {}
    }
}

/// What earning on a day at a store may draw from.
pub(super) fn earning(
    program: &Program,
    day: Date,
    store: Option<&Name>,
    is_order: bool,
    wanted: &mut BTreeSet<Counter>,
) {
    for rule in &program.rules {
        for (place, (_, period, per_store)) in rule.budgets.iter().enumerate() {
            let store = store.filter(|_| *per_store).cloned().unwrap_or_else(|| Name::new(""));
            wanted.insert(Counter::Budget(rule.spec.id.clone(), place, store, period.first_day(day)));
        }
    }
    if is_order {
        for surprise in &program.surprises {
            wanted.extend((0..4).map(|place| Counter::Drawn(surprise.spec.id.clone(), place)));
        }
    }
}

/// What a redemption of a member sets aside, or gives back.
pub(super) fn held(program: &Program, held: &Held, wanted: &mut BTreeSet<Counter>) {
    reward(&held.reward, wanted);
    till(program, held.till.as_ref(), held.day, wanted);
}

/// What spending at a till on a day counts.
fn till(program: &Program, till: Option<&Name>, day: Date, wanted: &mut BTreeSet<Counter>) {
    let Some(till) = till else { return };
    for limit in program.limits.iter().filter(|limit| limit.points_per_till.is_some()) {
        if let Some(wallet) = program.wallet(limit.wallet.as_str()) {
            wanted.insert(Counter::Till(till.clone(), wallet, limit.per.first_day(day)));
        }
    }
}

/// What giving a reward, or taking one back, counts.
pub(super) fn reward(reward: &Name, wanted: &mut BTreeSet<Counter>) {
    wanted.insert(Counter::Given(reward.clone()));
    wanted.insert(Counter::Made(reward.clone()));
}
