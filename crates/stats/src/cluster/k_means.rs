//! k-means with k-means++ seeds.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use crate::inputs::BadInput;
use crate::table::Table;

/// Lloyd's steps stop here if they have not settled; they nearly always settle within thirty.
const STEPS_AT_MOST: usize = 100;

/// Groups of rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clusters {
    /// One centre per group, in falling order of their last column (spend, in log-RFM), so that numbers keep their
    /// meaning from run to run.
    pub centres: Table,
    /// The group of each row.
    pub labels: Vec<u32>,
    /// Rows in each group.
    pub sizes: Vec<u64>,
    /// Sum of squared distances to the own centre.
    pub within_squares: f64,
    /// Mean of (b − a)/max(a, b), a the distance to the own centre and b to the next nearest: the simplified
    /// silhouette, 1 for tight and distant groups, near 0 for none.
    pub silhouette: f64,
}

impl Clusters {
    /// The group of a row on the same scale as the rows the groups were found on.
    pub fn assign(&self, row: &[f64]) -> u32 {
        nearest(&self.centres, row).0 as u32
    }
}

/// Finds `k` groups in the rows of a table (put its columns on one scale first), best of `restarts` seedings.
pub fn k_means(points: &Table, k: usize, restarts: usize, seed: u64) -> Result<Clusters, BadInput> {
    let refuse = |range| Err(BadInput::Setting { setting: "k", value: k as f64, range });
    if k < 1 || k > points.rows() {
        return refuse("1 or more, and no more than the rows");
    }
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut best: Option<(f64, Table, Vec<usize>)> = None;
    for _ in 0..restarts.max(1) {
        let Some(seeds) = plus_plus(points, k, &mut random) else {
            return refuse("no more than the distinct rows");
        };
        let found = lloyd(points, points.take(&seeds));
        if best.as_ref().is_none_or(|best| found.0 < best.0) {
            best = Some(found);
        }
    }
    let Some((within_squares, centres, labels)) = best else {
        return refuse("1 or more");
    };
    Ok(finish(points, within_squares, &centres, &labels))
}

/// Rows drawn with chance in proportion to their squared distance from those already drawn.
fn plus_plus(points: &Table, k: usize, random: &mut Pcg64Mcg) -> Option<Vec<usize>> {
    let mut seeds = vec![random.random_range(0..points.rows())];
    let mut distances: Vec<f64> = points.iter().map(|row| squared(row, points.row(seeds[0]))).collect();
    while seeds.len() < k {
        let total: f64 = distances.iter().sum();
        if total <= 0.0 {
            return None;
        }
        let mut left = random.random::<f64>() * total;
        let drawn = distances.iter().position(|distance| {
            left -= distance;
            left < 0.0 && *distance > 0.0
        });
        // Rounding can leave a little over at the end; the last row at a distance then takes it.
        let drawn = drawn.or_else(|| distances.iter().rposition(|distance| *distance > 0.0))?;
        seeds.push(drawn);
        for (distance, row) in distances.iter_mut().zip(points.iter()) {
            *distance = distance.min(squared(row, points.row(drawn)));
        }
    }
    Some(seeds)
}

fn lloyd(points: &Table, mut centres: Table) -> (f64, Table, Vec<usize>) {
    let (k, columns) = (centres.rows(), points.columns());
    let mut labels = vec![usize::MAX; points.rows()];
    let mut within = 0.0;
    for _ in 0..STEPS_AT_MOST {
        let mut is_settled = true;
        within = 0.0;
        let mut sums = vec![0.0; k * columns];
        let mut sizes = vec![0_usize; k];
        let mut farthest = (0.0, 0);
        for (index, row) in points.iter().enumerate() {
            let (label, distance) = nearest(&centres, row);
            is_settled &= labels[index] == label;
            labels[index] = label;
            within += distance;
            if distance > farthest.0 {
                farthest = (distance, index);
            }
            sizes[label] += 1;
            sums[label * columns..(label + 1) * columns].iter_mut().zip(row).for_each(|(s, v)| *s += v);
        }
        if is_settled {
            break;
        }
        for (label, size) in sizes.iter().enumerate() {
            let centre = &mut sums[label * columns..(label + 1) * columns];
            if *size == 0 {
                // An empty group starts again at the row that fits worst.
                centre.copy_from_slice(points.row(farthest.1));
            } else {
                centre.iter_mut().for_each(|sum| *sum /= *size as f64);
            }
        }
        match Table::new(columns, sums) {
            Ok(moved) => centres = moved,
            Err(_) => break,
        }
    }
    (within, centres, labels)
}

fn finish(points: &Table, within_squares: f64, centres: &Table, labels: &[usize]) -> Clusters {
    let k = centres.rows();
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|a, b| {
        let backwards = |row: usize| centres.row(row).iter().rev();
        backwards(*b).partial_cmp(backwards(*a)).unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut place = vec![0_u32; k];
    order.iter().enumerate().for_each(|(new, old)| place[*old] = new as u32);
    let labels: Vec<u32> = labels.iter().map(|label| place[*label]).collect();
    let centres = centres.take(&order);
    let mut sizes = vec![0_u64; k];
    labels.iter().for_each(|label| sizes[*label as usize] += 1);
    let silhouette = points.iter().map(|row| silhouette(&centres, row)).sum::<f64>() / points.rows() as f64;
    Clusters { centres, labels, sizes, within_squares, silhouette }
}

fn silhouette(centres: &Table, row: &[f64]) -> f64 {
    let mut distances: Vec<f64> = centres.iter().map(|centre| squared(row, centre).sqrt()).collect();
    distances.sort_unstable_by(f64::total_cmp);
    match distances[..] {
        [own, next, ..] if next > 0.0 => (next - own) / next,
        _ => 0.0,
    }
}

fn nearest(centres: &Table, row: &[f64]) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (index, centre) in centres.iter().enumerate() {
        let distance = squared(row, centre);
        if distance < best.1 {
            best = (index, distance);
        }
    }
    best
}

fn squared(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(l, r)| (l - r) * (l - r)).sum()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use rand_distr::{Distribution, StandardNormal};

    use super::super::adjusted_rand;
    use super::*;

    /// Clouds of unit spread about planted centres `apart` from each other, and the cloud of each row.
    pub fn clouds(k: usize, apart: f64, rows: usize, seed: u64) -> (Table, Vec<u32>) {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut values = Vec::new();
        let mut truth = Vec::new();
        for row in 0..rows {
            let cloud = row % k;
            let angle = cloud as f64 * std::f64::consts::TAU / k as f64;
            for centre in [angle.cos() * apart, angle.sin() * apart] {
                let noise: f64 = StandardNormal.sample(&mut random);
                values.push(centre + noise);
            }
            truth.push(cloud as u32);
        }
        (Table::new(2, values).unwrap(), truth)
    }

    #[test]
    fn planted_clouds_are_found() {
        let (points, truth) = clouds(4, 8.0, 2_000, 3);
        let found = k_means(&points, 4, 5, 1).unwrap();
        assert!(adjusted_rand(&found.labels, &truth).unwrap() > 0.99);
        assert!(found.silhouette > 0.8, "{}", found.silhouette);
        assert_eq!(found.sizes.iter().sum::<u64>(), 2_000);
        assert_eq!(found, k_means(&points, 4, 5, 1).unwrap());
        assert_eq!(found.assign(points.row(17)), found.labels[17]);
    }

    #[test]
    fn more_groups_than_distinct_rows_are_refused() {
        let points = Table::new(1, vec![1.0, 1.0, 2.0]).unwrap();
        assert!(k_means(&points, 3, 2, 0).is_err());
        assert!(k_means(&points, 0, 2, 0).is_err());
        assert_eq!(k_means(&points, 2, 2, 0).unwrap().sizes, [1, 2]);
        assert_eq!(k_means(&points, 1, 2, 0).unwrap().silhouette, 0.0);
    }

    proptest! {
        #[test]
        fn any_table_is_grouped_without_a_nan(
            values in prop::collection::vec(-1e6..1e6f64, 6..60),
            k in 1usize..5,
        ) {
            let rows = values.len() / 3;
            let points = Table::new(3, values[..rows * 3].to_vec()).unwrap();
            if let Ok(found) = k_means(&points, k, 2, 9) {
                prop_assert!(found.within_squares.is_finite() && found.silhouette.is_finite());
                prop_assert!(found.labels.iter().all(|label| (*label as usize) < k));
            }
        }
    }
}
