//! Many resamples of many rows: the Poisson bootstrap.
//!
//! Each replicate counts each cluster (a customer, with all their rows) a Poisson(1) number of times, which is the
//! ordinary bootstrap of clusters in the limit of many (Hanley and MacGibbon 2006; Chamandy et al. 2012) and needs one
//! pass in any order. Counts come from a stream seeded by (seed, replicate, block of clusters), so that the result
//! does not depend on the number of threads. Experiments and off-policy evaluation share it.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use crate::describe::{quantile, sorted};
use crate::inputs::{BadInput, between, finite, not_empty, same_rows};
use crate::table::Table;

/// Clusters worked on at a time: small enough to stay in a core's cache through all replicates.
const BLOCK: usize = 2_048;
/// Replicates one task works on.
const REPLICATES: usize = 64;

/// Sums of columns over the rows of each cluster (clusters × columns), clusters in rising order of number.
pub fn by_cluster(rows: &Table, cluster: &[usize]) -> Result<Table, BadInput> {
    same_rows("rows", &vec![(); rows.rows()], "cluster", cluster)?;
    let mut order: Vec<usize> = (0..cluster.len()).collect();
    order.sort_by_key(|row| cluster[*row]);
    let mut values = Vec::new();
    for together in order.chunk_by(|a, b| cluster[*a] == cluster[*b]) {
        let start = values.len();
        values.extend_from_slice(rows.row(together[0]));
        for row in &together[1..] {
            values[start..].iter_mut().zip(rows.row(*row)).for_each(|(sum, value)| *sum += value);
        }
    }
    Table::new(rows.columns(), values)
}

/// Column sums of each replicate (replicates × columns), and last the sum of counts itself, of clusters (one row
/// each). Ratios of the sums are what to take quantiles of; a sum by itself varies with the number of clusters drawn.
/// A replicate that draws no cluster at all, as happens with a handful of them, is drawn again.
pub fn sums(clusters: &Table, replicates: usize, seed: u64) -> Result<Table, BadInput> {
    if !(1..=1_000_000).contains(&replicates) {
        let (setting, value) = ("replicates", replicates as f64);
        return Err(BadInput::Setting { setting, value, range: "1 to 1000000" });
    }
    let columns: Vec<Vec<f64>> =
        (0..clusters.columns()).map(|column| clusters.iter().map(|row| row[column]).collect()).collect();
    let counts = poisson_counts();
    let first: Vec<usize> = (0..replicates).step_by(REPLICATES).collect();
    let values: Vec<f64> = first
        .into_par_iter()
        .flat_map_iter(|from| {
            let these = from..(from + REPLICATES).min(replicates);
            replicate_sums(&columns, clusters.rows(), these, seed, &counts)
        })
        .collect();
    finite("bootstrap sums", &values)?;
    Table::new(clusters.columns() + 1, values)
}

/// Ends of the interval that holds the share `level` of replicates, as many left out to either side (Efron's
/// percentiles).
pub fn percentiles(replicates: &[f64], level: f64) -> Result<(f64, f64), BadInput> {
    between("level", level, 0.0, 1.0)?;
    not_empty("replicates", replicates)?;
    finite("replicate", replicates)?;
    let rising = sorted(replicates);
    let at = |q: f64| quantile(&rising, q).unwrap_or(f64::NAN);
    Ok((at(0.5 - 0.5 * level), at(0.5 + 0.5 * level)))
}

fn replicate_sums(
    columns: &[Vec<f64>],
    rows: usize,
    replicates: std::ops::Range<usize>,
    seed: u64,
    counts: &[u8],
) -> Vec<f64> {
    let width = columns.len() + 1;
    let mut sums = vec![0.0; replicates.len() * width];
    let mut drawn = vec![0.0; BLOCK];
    for (block, start) in (0..rows).step_by(BLOCK).enumerate() {
        let end = (start + BLOCK).min(rows);
        for (place, replicate) in replicates.clone().enumerate() {
            draw(&mut drawn[..end - start], seed, replicate, block, counts);
            let sums = &mut sums[place * width..(place + 1) * width];
            for (sum, column) in sums.iter_mut().zip(columns) {
                *sum += product(&drawn[..end - start], &column[start..end]);
            }
            sums[width - 1] += drawn[..end - start].iter().sum::<f64>();
        }
    }
    for (place, replicate) in replicates.enumerate() {
        let sums = &mut sums[place * width..(place + 1) * width];
        if rows > 0 && sums[width - 1] == 0.0 {
            let again = replicate..replicate + 1;
            sums.copy_from_slice(&replicate_sums(columns, rows, again, seed.wrapping_add(1), counts));
        }
    }
    sums
}

fn draw(drawn: &mut [f64], seed: u64, replicate: usize, block: usize, counts: &[u8]) {
    // Odd constants spread the three numbers over the seed's bits; the generator's own seeding mixes them.
    let mixed = seed
        ^ (replicate as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (block as u64 + 1).wrapping_mul(0xC2B2_AE3D_27D4_EB4F).rotate_left(32);
    let mut random = Pcg64Mcg::seed_from_u64(mixed);
    for four in drawn.chunks_mut(4) {
        let bits = random.next_u64();
        for (place, count) in four.iter_mut().enumerate() {
            *count = f64::from(counts[(bits >> (16 * place)) as u16 as usize]);
        }
    }
}

/// Sum of products in four lanes, which the compiler can keep side by side.
pub(crate) fn product(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (left, right) = (left.chunks_exact(4), right.chunks_exact(4));
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(l, r)| l * r).sum();
    for (l, r) in left.zip(right) {
        (0..4).for_each(|lane| lanes[lane] += l[lane] * r[lane]);
    }
    lanes.iter().sum::<f64>() + rest
}

/// For each of the 65,536 values of 16 bits the Poisson(1) count it stands for.
fn poisson_counts() -> Vec<u8> {
    let mut table = Vec::with_capacity(1 << 16);
    let (mut count, mut chance, mut cumulative) = (0_u8, (-1.0_f64).exp(), (-1.0_f64).exp());
    for place in 0..1 << 16 {
        while (f64::from(place) + 0.5) / 65_536.0 > cumulative {
            count += 1;
            chance /= f64::from(count);
            cumulative += chance;
        }
        table.push(count);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_the_mean_and_the_variance_of_poisson_one() {
        let counts = poisson_counts();
        let mean = counts.iter().map(|c| f64::from(*c)).sum::<f64>() / 65_536.0;
        let variance = counts.iter().map(|c| (f64::from(*c) - 1.0).powi(2)).sum::<f64>() / 65_536.0;
        assert!((mean - 1.0).abs() < 2e-4 && (variance - 1.0).abs() < 2e-3, "{mean} {variance}");
        let none = counts.iter().filter(|c| **c == 0).count() as f64 / 65_536.0;
        assert!((none - (-1.0_f64).exp()).abs() < 2e-5);
    }

    #[test]
    fn the_spread_of_a_mean_is_its_standard_error() {
        let values: Vec<f64> = (0..5_000).map(|i| f64::from(i % 17)).collect();
        let drawn = sums(&Table::new(1, values.clone()).unwrap(), 2_000, 3).unwrap();
        let means: Vec<f64> = drawn.iter().map(|row| row[0] / row[1]).collect();
        let spread = crate::describe::standard_deviation(&means);
        let expected = crate::describe::standard_deviation(&values) / 5_000_f64.sqrt();
        assert!((spread / expected - 1.0).abs() < 0.06, "{spread} {expected}");
        assert!(
            (crate::describe::mean(&means) - crate::describe::mean(&values)).abs() < 3.0 * expected / 40.0
        );
        assert_eq!(drawn, sums(&Table::new(1, values).unwrap(), 2_000, 3).unwrap());
    }

    #[test]
    fn every_replicate_of_two_rows_draws_one_of_them() {
        let drawn = sums(&Table::new(1, vec![1.0, 3.0]).unwrap(), 500, 8).unwrap();
        let means: Vec<f64> = drawn.iter().map(|row| row[0] / row[1]).collect();
        assert!(means.iter().all(|mean| (1.0..=3.0).contains(mean)));
        assert_eq!(percentiles(&means, 0.95).unwrap(), (1.0, 3.0));
        assert!(percentiles(&means, 1.5).is_err() && percentiles(&[f64::NAN], 0.5).is_err());
    }

    #[test]
    fn rows_of_a_customer_are_summed() {
        let rows = Table::new(2, vec![1.0, 10.0, 2.0, 20.0, 4.0, 40.0]).unwrap();
        assert_eq!(
            by_cluster(&rows, &[7, 3, 7]).unwrap(),
            Table::new(2, vec![2.0, 20.0, 5.0, 50.0]).unwrap()
        );
        assert!(by_cluster(&rows, &[7]).is_err());
        assert!(sums(&rows, 0, 1).is_err());
    }
}
