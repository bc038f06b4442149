//! The part of a coin likelihood that runs over all rows, where gaps are exponential.
//!
//! Rows lie by frequency, so what depends on it alone stands outside the loop. Logarithms are taken once per distinct
//! time where times repeat; and where a sum of logarithms is wanted, of a product of many numbers at once.

use super::super::rows::{Rows, Times};

/// [value, by r, by ln alpha, by ln a, by b / b] over all rows. `odds` has, per distinct frequency, a / (b + n - 1) and
/// 1 / (b + n - 1) after n coins, or zeros where no coin was thrown.
pub(super) fn sums(rows: &Rows, r: f64, alpha: f64, odds: &[(f64, f64)]) -> [f64; 5] {
    let tables = rows.times.as_ref().map(|times| {
        let table =
            |times: &Times| times.distinct.iter().map(|time| Spent::of(*time, alpha)).collect::<Vec<Spent>>();
        (table(&times.0), table(&times.1), times)
    });
    rows.sum(|range| {
        let mut sums = [0.0; 5];
        for (slot, run) in rows.runs(range) {
            let shape = r + rows.frequencies[slot] as f64;
            let (odd, per_last) = odds[slot];
            let [now, share, soft, gone, by_r, by_alpha] = match &tables {
                Some((ages, recencies, (age, recency))) => part(
                    &rows.weight[run.clone()],
                    |row| ages[age.place[run.start + row] as usize],
                    |row| recencies[recency.place[run.start + row] as usize],
                    (shape, odd),
                ),
                None => part(
                    &rows.weight[run.clone()],
                    |row| Spent::of(rows.age[run.start + row], alpha),
                    |row| Spent::of(rows.recency[run.start + row], alpha),
                    (shape, odd),
                ),
            };
            sums[0] += soft - shape * now;
            sums[1] += by_r - now;
            sums[2] += shape * (share + by_alpha);
            sums[3] += gone;
            sums[4] += gone * per_last;
        }
        sums
    })
}

/// A time as the likelihood sees it.
#[derive(Clone, Copy)]
struct Spent {
    /// ln(1 + time / alpha).
    ln: f64,
    /// time / (alpha + time): minus the derivative of that by ln alpha.
    share: f64,
}

impl Spent {
    fn of(time: f64, alpha: f64) -> Spent {
        Spent { ln: (1.0 + time / alpha).ln(), share: time / (alpha + time) }
    }
}

/// Rows whose factors fit into one float: each is at most two.
const FACTORS: usize = 1000;

/// Over rows of one frequency: [ln of age, share of age, ln(1 + odds of having left), chance of having left, that times
/// its derivative by r, and by ln alpha over the shape], each times the weights.
fn part(
    weights: &[f64],
    age: impl Fn(usize) -> Spent,
    recency: impl Fn(usize) -> Spent,
    (shape, odd): (f64, f64),
) -> [f64; 6] {
    let mut sums = [0.0; 6];
    if odd == 0.0 {
        for (row, weight) in weights.iter().enumerate() {
            let age = age(row);
            sums[0] += weight * age.ln;
            sums[1] += weight * age.share;
        }
        return sums;
    }
    let odd = odd.ln();
    for (chunk, weights) in weights.chunks(FACTORS).enumerate() {
        let mut factors = 1.0;
        for (row, weight) in (chunk * FACTORS..).zip(weights) {
            let (age, recency) = (age(row), recency(row));
            let longer = age.ln - recency.ln;
            let left = odd + shape * longer;
            let e = (-left.abs()).exp();
            let factor = 1.0 + e;
            let gone = weight * if left >= 0.0 { 1.0 } else { e } / factor;
            sums[0] += weight * age.ln;
            sums[1] += weight * age.share;
            sums[2] += weight * left.max(0.0);
            if *weight == 1.0 {
                factors *= factor;
            } else {
                sums[2] += weight * e.ln_1p();
            }
            sums[3] += gone;
            sums[4] += gone * longer;
            sums[5] += gone * (recency.share - age.share);
        }
        sums[2] += factors.ln();
    }
    sums
}
