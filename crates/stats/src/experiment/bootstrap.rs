//! The bootstrap of anything that is a function of means, for millions of rows.
//!
//! Each replicate gives every row a Poisson(1) weight (Hanley and MacGibbon 2006; Chamandy et al. 2012),
//! which is multinomial resampling without its fixed total, needs no memory beyond the sums and runs on all
//! cores. Weights come from a table of 4096 entries, drawn twelve bits at a time, whose mean and variance are
//! 1 exactly as Poisson's are, its third and fourth moments 4.999 for 5 and 14.98 for 15; mean and variance
//! alone make a bootstrap valid (Praestgaard and Wellner 1993). The same seed gives the same replicates on
//! any number of cores. To resample clusters, pass one row per cluster.

use super::effect::Scale;
use super::plan::Interval;
use crate::describe::{quantile, sorted, standard_deviation};
use crate::inputs::{BadInput, between, finite, not_empty, same_rows};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

/// How many of the table's 4096 entries are 0, 1, 2, …
const COUNTS: [usize; 7] = [1507, 1506, 755, 250, 63, 12, 3];

/// Rows that stay in the nearest cache while replicates pass over them; a multiple of [`DRAWS`].
const BLOCK: usize = 2000;
/// Weights per random number.
const DRAWS: usize = 5;
/// Replicates per task.
const TASK: usize = 8;

/// One replicate: the sum of weights and the weighted means of the columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replicate<const K: usize> {
    /// Sum of weights, about the number of rows.
    pub weight: f64,
    /// Weighted means.
    pub means: [f64; K],
}

/// Resamples rows of `K` columns. Any function of the means of each replicate is a bootstrap replicate of
/// that function.
pub fn resample<const K: usize>(
    columns: [&[f64]; K],
    replicates: usize,
    seed: u64,
) -> Result<Vec<Replicate<K>>, BadInput> {
    for column in columns {
        not_empty("values", column)?;
        same_rows("the first column", columns[0], "another column", column)?;
        finite("value", column)?;
    }
    let table = table();
    let numbers: Vec<u64> = (0..replicates as u64).collect();
    let tasks = numbers.par_chunks(TASK);
    Ok(tasks.flat_map_iter(|task| run(columns, task, seed, &table)).collect())
}

/// Replicates of the effect of treatment on a mean, the arms resampled apart. Relative to a control mean that
/// comes out at or below zero in some replicate is refused.
pub fn difference(
    control: &[f64],
    treatment: &[f64],
    scale: Scale,
    replicates: usize,
    seed: u64,
) -> Result<Vec<f64>, BadInput> {
    let left = resample([control], replicates, seed)?;
    let right = resample([treatment], replicates, !seed)?;
    if scale == Scale::Relative && left.iter().any(|replicate| replicate.means[0] <= 0.0) {
        let why = "the control mean is not clearly above zero; compare absolutely";
        return Err(BadInput::Uninformative { what: "the relative comparison", why });
    }
    let effect = |(left, right): (&Replicate<1>, &Replicate<1>)| {
        let step = right.means[0] - left.means[0];
        if scale == Scale::Relative { step / left.means[0] } else { step }
    };
    Ok(left.iter().zip(&right).map(effect).collect())
}

/// The interval that holds the share `level` of replicates, as many left out to either side (Efron's
/// percentiles).
pub fn percentiles(replicates: &[f64], level: f64) -> Result<Interval, BadInput> {
    between("level", level, 0.0, 1.0)?;
    not_empty("replicates", replicates)?;
    finite("replicate", replicates)?;
    let rising = sorted(replicates);
    let at = |q: f64| quantile(&rising, q).unwrap_or(f64::NAN);
    Ok(Interval { low: at(0.5 - 0.5 * level), high: at(0.5 + 0.5 * level) })
}

/// Standard error: the standard deviation of replicates.
pub fn standard_error(replicates: &[f64]) -> f64 {
    standard_deviation(replicates)
}

fn table() -> [u8; 4096] {
    let mut table = [0; 4096];
    let mut place = 0;
    for (weight, count) in COUNTS.iter().enumerate() {
        table[place..place + count].fill(weight as u8);
        place += count;
    }
    table
}

struct Running<const K: usize> {
    random: Pcg64Mcg,
    weight: u64,
    sums: [[f64; DRAWS]; K],
}

/// A few replicates over all rows, block by block.
fn run<const K: usize>(
    columns: [&[f64]; K],
    task: &[u64],
    seed: u64,
    table: &[u8; 4096],
) -> Vec<Replicate<K>> {
    let start = |number: &u64| Running {
        random: Pcg64Mcg::seed_from_u64(seed ^ number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        weight: 0,
        sums: [[0.0; DRAWS]; K],
    };
    let mut running: Vec<Running<K>> = task.iter().map(start).collect();
    let rows = columns.first().map_or(0, |column| column.len());
    for from in (0..rows).step_by(BLOCK) {
        let block = columns.map(|column| &column[from..rows.min(from + BLOCK)]);
        running.iter_mut().for_each(|replicate| pass(block, replicate, table));
    }
    for replicate in &mut running {
        // So few rows that none was drawn: draw again.
        while rows > 0 && replicate.weight == 0 {
            columns[0].chunks(BLOCK).enumerate().for_each(|(place, chunk)| {
                let from = place * BLOCK;
                pass(columns.map(|column| &column[from..from + chunk.len()]), replicate, table);
            });
        }
    }
    let done = |replicate: Running<K>| {
        let weight = replicate.weight as f64;
        Replicate { weight, means: replicate.sums.map(|lanes| lanes.iter().sum::<f64>() / weight) }
    };
    running.into_iter().map(done).collect()
}

#[inline]
fn pass<const K: usize>(block: [&[f64]; K], replicate: &mut Running<K>, table: &[u8; 4096]) {
    let rows = block.first().map_or(0, |column| column.len());
    let whole = rows - rows % DRAWS;
    let mut sums = replicate.sums;
    let mut weight = 0u64;
    for row in (0..whole).step_by(DRAWS) {
        let bits = replicate.random.next_u64();
        for lane in 0..DRAWS {
            let draw = table[(bits >> (12 * lane)) as usize & 4095];
            weight += u64::from(draw);
            for (column, sums) in block.iter().zip(&mut sums) {
                sums[lane] += f64::from(draw) * column[row + lane];
            }
        }
    }
    let bits = replicate.random.next_u64();
    for row in whole..rows {
        let draw = table[(bits >> (12 * (row - whole))) as usize & 4095];
        weight += u64::from(draw);
        for (column, sums) in block.iter().zip(&mut sums) {
            sums[0] += f64::from(draw) * column[row];
        }
    }
    replicate.sums = sums;
    replicate.weight += weight;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_moments_of_poisson() {
        assert_eq!(COUNTS.iter().sum::<usize>(), 4096);
        let raw = |power: u32| COUNTS.iter().enumerate().map(|(k, c)| k.pow(power) * c).sum::<usize>();
        assert_eq!((raw(1), raw(2)), (4096, 2 * 4096));
        assert!((raw(3) as f64 / 4096.0 - 5.0).abs() < 0.002);
        assert!((raw(4) as f64 / 4096.0 - 15.0).abs() < 0.03);
    }
}
