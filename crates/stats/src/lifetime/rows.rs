//! The rows a likelihood runs over: grouped, rescaled, zero repeaters first, and summed in a fixed order.

use super::history::{History, Refused, Totals, distinct_share, group};
use rayon::prelude::*;

/// Rows of one partial sum. The partial sums are added in order, so that a fit is the same number on any machine
/// with any number of threads.
const CHUNK: usize = 4096;

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
    /// Rows without a repeat order; they come first.
    pub zeros: usize,
}

impl Rows {
    /// Groups where grouping shortens, and rescales. `totals` are those of the checked history.
    pub fn new(history: &History, totals: Totals) -> Result<Rows, Refused> {
        let log_gaps = history
            .log_gaps
            .map(|gaps| gaps.iter().enumerate().map(|(row, g)| history.weight(row) * g).sum());
        // Continuous times hardly repeat, and grouping a million of them costs more than it saves.
        let is_groupable = distinct_share(history, 20_000) < 0.8;
        let grouped;
        let source = if is_groupable {
            grouped = group(history)?;
            grouped.history()
        } else {
            *history
        };
        let mut rows = Rows {
            unit: if totals.exposure > 0.0 { totals.exposure / totals.customers } else { 1.0 },
            totals,
            log_gaps,
            frequencies: Vec::new(),
            customers_at: Vec::new(),
            slot: Vec::new(),
            recency: Vec::new(),
            age: Vec::new(),
            weight: Vec::new(),
            zeros: 0,
        };
        let mut places: Vec<u32> = Vec::new();
        let mut frequencies: Vec<u64> = source.frequency.iter().map(|f| *f as u64).collect();
        let highest = frequencies.iter().copied().max().unwrap_or(0);
        if highest < 1 << 16 {
            places = vec![0; highest as usize + 1];
            frequencies.iter().for_each(|f| places[*f as usize] = 1);
            frequencies = (0..=highest).filter(|f| places[*f as usize] == 1).collect();
            frequencies.iter().enumerate().for_each(|(place, f)| places[*f as usize] = place as u32);
        } else {
            frequencies.sort_unstable();
            frequencies.dedup();
        }
        rows.customers_at = vec![0.0; frequencies.len()];
        for wants_zero in [true, false] {
            for row in 0..source.rows() {
                let (frequency, weight) = (source.frequency[row] as u64, source.weight(row));
                if (frequency == 0) != wants_zero || weight == 0.0 {
                    continue;
                }
                let slot = match places.get(frequency as usize) {
                    Some(place) => *place,
                    None => frequencies.partition_point(|f| *f < frequency) as u32,
                };
                rows.slot.push(slot);
                rows.recency.push(source.recency[row].min(source.age[row]) / rows.unit);
                rows.age.push(source.age[row] / rows.unit);
                rows.weight.push(weight);
                rows.customers_at[slot as usize] += weight;
            }
            if wants_zero {
                rows.zeros = rows.slot.len();
            }
        }
        rows.frequencies = frequencies;
        Ok(rows)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.slot.len()
    }

    /// Every n-th row, so that about `target` are left: enough to find the neighbourhood of the optimum.
    pub fn thinned(&self, target: usize) -> Rows {
        let stride = (self.len() / target).max(1);
        let mut thin = Rows {
            customers_at: vec![0.0; self.frequencies.len()],
            slot: Vec::new(),
            recency: Vec::new(),
            age: Vec::new(),
            weight: Vec::new(),
            zeros: self.zeros.div_ceil(stride),
            frequencies: self.frequencies.clone(),
            ..*self
        };
        for row in (0..self.zeros).step_by(stride).chain((self.zeros..self.len()).step_by(stride)) {
            thin.slot.push(self.slot[row]);
            thin.recency.push(self.recency[row]);
            thin.age.push(self.age[row]);
            thin.weight.push(self.weight[row]);
            thin.customers_at[self.slot[row] as usize] += self.weight[row];
        }
        thin.totals.customers = thin.weight.iter().sum();
        thin
    }

    /// Adds up `term` over ranges of rows, in parallel and in a fixed order.
    pub fn sum<const N: usize>(&self, term: impl Fn(std::ops::Range<usize>) -> [f64; N] + Sync) -> [f64; N] {
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
