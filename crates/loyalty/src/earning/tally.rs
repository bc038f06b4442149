//! Caps of a member, sums over receipts, budgets of all: counted in the step that gives.

use super::working::Cut;
use crate::name::Name;
use crate::pairs;
use crate::program::Rule;
use crate::program::spec::CapPer;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a member got under a rule in a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Smallest units.
    pub points: i64,
    /// Times.
    pub times: u32,
}

/// What receipts of a period add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Minor units.
    pub amount: i64,
}

/// A member's counts, by rule (or reward), kind of period and its first day. What was given counts even where it was
/// taken back later: a return gives no room for more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tallies {
    #[serde(with = "pairs")]
    counts: BTreeMap<(Name, CapPer, Date), Tally>,
    #[serde(with = "pairs")]
    sums: BTreeMap<(Name, Date), Sum>,
}

impl Tallies {
    /// What was given under `id` in the period that holds `day`.
    pub fn tally(&self, id: &Name, per: CapPer, day: Date) -> Tally {
        let Some(period) = per.period() else { return Tally::default() };
        self.counts.get(&(id.clone(), per, period.first_day(day))).copied().unwrap_or_default()
    }

    /// Everything that was given: under which id, in what kind of period, and its first day.
    pub fn counts(&self) -> impl Iterator<Item = (&Name, CapPer, Date, Tally)> {
        self.counts.iter().map(|((id, per, first), tally)| (id, *per, *first, *tally))
    }

    pub(crate) fn add(&mut self, id: &Name, per: CapPer, day: Date, points: i64) {
        let Some(period) = per.period() else { return };
        let tally = self.counts.entry((id.clone(), per, period.first_day(day))).or_default();
        tally.points = tally.points.saturating_add(points);
        tally.times += 1;
    }

    /// Take one time off again: what was given back was never had.
    pub(crate) fn take_off(&mut self, id: &Name, per: CapPer, day: Date, points: i64) {
        let Some(period) = per.period() else { return };
        if let Some(tally) = self.counts.get_mut(&(id.clone(), per, period.first_day(day))) {
            tally.points = tally.points.saturating_sub(points);
            tally.times = tally.times.saturating_sub(1);
        }
    }

    /// Add what another member was given, who turned out to be the same person.
    pub(crate) fn absorb(&mut self, other: &Tallies) {
        for (key, more) in &other.counts {
            let tally = self.counts.entry(key.clone()).or_default();
            tally.points = tally.points.saturating_add(more.points);
            tally.times = tally.times.saturating_add(more.times);
        }
        for (key, more) in &other.sums {
            let sum = self.sums.entry(key.clone()).or_default();
            sum.amount = sum.amount.saturating_add(more.amount);
        }
    }

    /// Take off what a merged member had brought along, who leaves again.
    pub(crate) fn part_with(&mut self, other: &Tallies) {
        for (key, less) in &other.counts {
            if let Some(tally) = self.counts.get_mut(key) {
                tally.points = tally.points.saturating_sub(less.points);
                tally.times = tally.times.saturating_sub(less.times);
            }
        }
        for (key, less) in &other.sums {
            if let Some(sum) = self.sums.get_mut(key) {
                sum.amount = sum.amount.saturating_sub(less.amount);
            }
        }
    }

    pub(crate) fn sum(&self, id: &Name, first: Date) -> Sum {
        self.sums.get(&(id.clone(), first)).copied().unwrap_or_default()
    }

    pub(crate) fn sum_mut(&mut self, id: &Name, first: Date) -> &mut Sum {
        self.sums.entry((id.clone(), first)).or_default()
    }

    /// Cut a rule's points to what its caps leave.
    pub(super) fn fit(&self, rule: &Rule, units: i64, day: Date) -> (i64, Vec<Cut>) {
        let (mut left, mut cuts) = (units, Vec::new());
        for (per, points, times) in &rule.caps {
            let used = self.tally(&rule.spec.id, *per, day);
            let mut fits = points.map_or(left, |points| left.min((points - used.points).max(0)));
            if times.is_some_and(|times| used.times >= times) {
                fits = 0;
            }
            if fits < left {
                cuts.push(Cut {
                    by: format!("cap per {}", label(*per)).as_str().into(),
                    from: left,
                    to: fits,
                });
                left = fits;
            }
        }
        (left, cuts)
    }

    /// Take one time off every cap of a rule: the order it was for is rated anew.
    pub(crate) fn uncount(&mut self, rule: &Rule, units: i64, day: Date) {
        let pers: std::collections::BTreeSet<CapPer> = rule.caps.iter().map(|(per, ..)| *per).collect();
        pers.into_iter().for_each(|per| self.take_off(&rule.spec.id, per, day, units));
    }

    /// Count one time for every cap of a rule.
    pub(crate) fn count(&mut self, rule: &Rule, units: i64, day: Date) {
        let mut seen: Vec<CapPer> = Vec::new();
        for (per, ..) in &rule.caps {
            if !seen.contains(per) {
                seen.push(*per);
                self.add(&rule.spec.id, *per, day, units);
            }
        }
    }
}

pub(crate) fn label(per: CapPer) -> &'static str {
    match per {
        CapPer::Order => "order",
        CapPer::Day => "day",
        CapPer::Week => "week",
        CapPer::Month => "month",
        CapPer::Year => "year",
        CapPer::Lifetime => "lifetime",
    }
}

/// What all members together got, by rule (or reward, or surprise), place of the budget, store and first day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budgets {
    #[serde(with = "pairs")]
    used: BTreeMap<(Name, usize, Name, Date), i64>,
}

impl Budgets {
    /// What is used of a budget.
    pub fn used(&self, id: &str, place: usize, store: &str, first: Date) -> i64 {
        self.used.get(&(id.into(), place, store.into(), first)).copied().unwrap_or(0)
    }

    /// Take up to `units` of a budget of `most`; answers what was left to take.
    pub(crate) fn draw(&mut self, key: (Name, usize, Name, Date), most: i64, units: i64) -> i64 {
        let used = self.used.entry(key).or_default();
        let taken = units.min(most - *used).max(0);
        *used += taken;
        taken
    }

    /// Put back what an order took of a rule's budgets: it is rated anew.
    pub(crate) fn give_back(&mut self, rule: &Rule, units: i64, store: Option<&Name>, day: Date) {
        for (place, (_, period, per_store)) in rule.budgets.iter().enumerate() {
            let store = store.filter(|_| *per_store).cloned().unwrap_or_else(|| Name::new(""));
            let key = (rule.spec.id.clone(), place, store, period.first_day(day));
            if let Some(used) = self.used.get_mut(&key) {
                *used = (*used - units).max(0);
            }
        }
    }

    pub(super) fn take(
        &mut self,
        rule: &Rule,
        units: i64,
        store: Option<&Name>,
        day: Date,
        cuts: &mut Vec<Cut>,
    ) -> i64 {
        // All budgets are asked before any is charged: what one refuses must not be charged to another.
        let keys: Vec<(i64, (Name, usize, Name, Date))> = rule
            .budgets
            .iter()
            .enumerate()
            .map(|(place, (most, period, per_store))| {
                let store = store.filter(|_| *per_store).cloned().unwrap_or_else(|| Name::new(""));
                (*most, (rule.spec.id.clone(), place, store, period.first_day(day)))
            })
            .collect();
        let mut left = units;
        for (most, key) in &keys {
            let fits = left.min(most - self.used.get(key).copied().unwrap_or(0)).max(0);
            if fits < left {
                let by = if key.2 == "" {
                    "budget".into()
                } else {
                    format!("budget of {}", key.2).as_str().into()
                };
                cuts.push(Cut { by, from: left, to: fits });
                left = fits;
            }
        }
        if left > 0 {
            for (most, key) in keys {
                let taken = self.draw(key, most, left);
                debug_assert_eq!(taken, left);
            }
        }
        left
    }
}
