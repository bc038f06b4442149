//! The rows a likelihood runs over: grouped, rescaled, by frequency, and summed in a fixed order.

use super::history::{History, Mixer, Refused, Totals, counted, distinct_share, group};
use rayon::prelude::*;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::ops::Range;

/// Rows of one partial sum. The partial sums are added in order, so that a fit is the same number on any machine
/// with any number of threads.
const CHUNK: usize = 2048;

/// A history made ready: time in units of the mean age, so that every parameter is of order one.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    /// The caller's time in one of our units.
    pub unit: f64,
    /// Totals in the caller's unit.
    pub totals: Totals,
    /// Total of ln gaps over customers, in the caller's unit.
    pub log_gaps: Option<f64>,
    /// Distinct frequencies, ascending.
    pub frequencies: Vec<u64>,
    /// Customers at each distinct frequency.
    pub customers_at: Vec<f64>,
    /// Per row: which distinct frequency.
    pub slot: Vec<u32>,
    /// Per row: first to last order.
    pub recency: Vec<f64>,
    /// Per row: first order to end.
    pub age: Vec<f64>,
    /// Per row: customers.
    pub weight: Vec<f64>,
    /// Per distinct frequency: the row after its last; rows lie in the order of frequencies.
    pub ends: Vec<usize>,
    /// Ages and recencies as places among the distinct ones, where they repeat often.
    pub times: Option<(Times, Times)>,
}

/// A column of times in which few are distinct.
#[derive(Clone, Debug)]
pub(crate) struct Times {
    /// The distinct times.
    pub distinct: Vec<f64>,
    /// Per row: which of them.
    pub place: Vec<u32>,
}

impl Times {
    /// None where fewer than four rows share a time, on average.
    fn of(column: &[f64]) -> Option<Times> {
        let mut places: HashMap<u64, u32, BuildHasherDefault<Mixer>> = HashMap::default();
        let mut times = Times { distinct: Vec::new(), place: Vec::with_capacity(column.len()) };
        for time in column {
            let next = times.distinct.len() as u32;
            let place = *places.entry(time.to_bits()).or_insert(next);
            if place == next {
                times.distinct.push(*time);
                if times.distinct.len() * 4 > column.len() {
                    return None;
                }
            }
            times.place.push(place);
        }
        Some(times)
    }

    fn thinned(&self, stride: usize) -> Times {
        let place = self.place.iter().step_by(stride).copied().collect();
        Times { distinct: self.distinct.clone(), place }
    }
}

impl Rows {
    /// Groups where grouping shortens, and rescales. `totals` are those of the checked history.
    pub fn new(history: &History, totals: Totals) -> Result<Rows, Refused> {
        let log_gaps = history
            .log_gaps
            .map(|gaps| gaps.iter().enumerate().map(|(row, g)| history.weight(row) * g).sum());
        // Continuous times hardly repeat, and grouping a million of them costs more than it saves.
        let is_groupable = distinct_share(history, 4_000) < 0.8;
        let unit = if totals.exposure > 0.0 { totals.exposure / totals.customers } else { 1.0 };
        let mut rows = if is_groupable {
            match counted(history) {
                Some(grouped) => Rows::sorted(&grouped.history(), totals, unit),
                None => Rows::sorted(&group(history)?.history(), totals, unit),
            }
        } else {
            Rows::sorted(history, totals, unit)
        };
        rows.log_gaps = log_gaps;
        if is_groupable {
            rows.times = Times::of(&rows.age).zip(Times::of(&rows.recency));
        }
        Ok(rows)
    }

    /// Rows in the order of their frequencies, and otherwise as they come.
    fn sorted(source: &History, totals: Totals, unit: f64) -> Rows {
        let mut frequencies: Vec<u64> = source.frequency.iter().map(|f| *f as u64).collect();
        let highest = frequencies.iter().copied().max().unwrap_or(0);
        let mut places: Vec<u32> = Vec::new();
        if highest < 1 << 16 {
            let mut is_there = vec![false; highest as usize + 1];
            frequencies.iter().for_each(|f| is_there[*f as usize] = true);
            frequencies = (0..=highest).filter(|f| is_there[*f as usize]).collect();
            places = vec![0; is_there.len()];
            frequencies.iter().zip(0..).for_each(|(f, place)| places[*f as usize] = place);
        } else {
            frequencies.par_sort_unstable();
            frequencies.dedup();
        }
        let slot_of = |row: usize| {
            let frequency = source.frequency[row] as u64;
            match places.get(frequency as usize) {
                Some(place) => *place,
                None => frequencies.partition_point(|f| *f < frequency) as u32,
            }
        };
        let mut ends = vec![0; frequencies.len()];
        let mut customers_at = vec![0.0; frequencies.len()];
        let counted = (0..source.rows()).filter(|row| source.weight(*row) > 0.0);
        for row in counted.clone() {
            ends[slot_of(row) as usize] += 1;
            customers_at[slot_of(row) as usize] += source.weight(row);
        }
        let mut next = Vec::with_capacity(ends.len());
        let mut size = 0;
        for end in &mut ends {
            next.push(size);
            size += *end;
            *end = size;
        }
        let column = || vec![0.0; size];
        let (mut recency, mut age, mut weight, mut slot) = (column(), column(), column(), vec![0; size]);
        for row in counted {
            let at = slot_of(row);
            let place = next[at as usize];
            next[at as usize] += 1;
            slot[place] = at;
            recency[place] = source.recency[row].min(source.age[row]) / unit;
            age[place] = source.age[row] / unit;
            weight[place] = source.weight(row);
        }
        Rows {
            unit,
            totals,
            log_gaps: None,
            frequencies,
            customers_at,
            ends,
            slot,
            recency,
            age,
            weight,
            times: None,
        }
    }

    /// The distinct frequencies within a range of rows, by place, each with its rows.
    pub fn runs(&self, range: Range<usize>) -> impl Iterator<Item = (usize, Range<usize>)> {
        let mut start = range.start;
        std::iter::from_fn(move || {
            if start >= range.end {
                return None;
            }
            let slot = self.slot[start] as usize;
            let run = start..self.ends[slot].min(range.end);
            start = run.end;
            Some((slot, run))
        })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.slot.len()
    }

    /// Every n-th row, so that about `target` are left: enough to find the neighbourhood of the optimum.
    pub fn thinned(&self, target: usize) -> Rows {
        let stride = (self.len() / target).max(1);
        let every = |column: &[f64]| column.iter().step_by(stride).copied().collect::<Vec<f64>>();
        let slot: Vec<u32> = self.slot.iter().step_by(stride).copied().collect();
        let weight = every(&self.weight);
        let mut customers_at = vec![0.0; self.frequencies.len()];
        let mut ends = vec![0; self.frequencies.len()];
        for (row, (slot, weight)) in slot.iter().zip(&weight).enumerate() {
            customers_at[*slot as usize] += weight;
            ends[*slot as usize] = row + 1;
        }
        let mut totals = self.totals;
        totals.customers = weight.iter().sum();
        Rows {
            unit: self.unit,
            totals,
            log_gaps: self.log_gaps,
            frequencies: self.frequencies.clone(),
            customers_at,
            ends,
            slot,
            recency: every(&self.recency),
            age: every(&self.age),
            weight,
            times: self.times.as_ref().map(|(age, recency)| (age.thinned(stride), recency.thinned(stride))),
        }
    }

    /// Adds up `term` over ranges of rows, in parallel and in a fixed order.
    pub fn sum<const N: usize>(&self, term: impl Fn(Range<usize>) -> [f64; N] + Sync) -> [f64; N] {
        let chunks = self.len().div_ceil(CHUNK);
        let range = |chunk: usize| chunk * CHUNK..((chunk + 1) * CHUNK).min(self.len());
        let add = |mut total: [f64; N], part: [f64; N]| {
            total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
            total
        };
        if chunks <= 1 {
            return (0..chunks).map(|c| term(range(c))).fold([0.0; N], add);
        }
        let parts: Vec<[f64; N]> = (0..chunks).into_par_iter().map(|c| term(range(c))).collect();
        parts.into_iter().fold([0.0; N], add)
    }
}
