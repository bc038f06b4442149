//! How many groups, and whether they are there at all.

use std::ops::RangeInclusive;

use rand::seq::index::sample;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use super::{Clusters, adjusted_rand, k_means};
use crate::inputs::BadInput;
use crate::table::Table;

/// How the search is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// Numbers of groups to try.
    pub k: RangeInclusive<usize>,
    /// Seedings per fit.
    pub restarts: usize,
    /// Bootstrap samples per number of groups.
    pub bootstraps: usize,
    /// Rows to search on; a larger table is sampled, and all its rows are assigned at the end.
    pub rows_at_most: usize,
    /// Groups count as stable from this mean adjusted Rand index.
    pub stable_from: f64,
    /// The seed of everything random here.
    pub seed: u64,
}

impl Default for Search {
    fn default() -> Search {
        Search { k: 2..=8, restarts: 5, bootstraps: 10, rows_at_most: 20_000, stable_from: 0.8, seed: 0 }
    }
}

/// One number of groups.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tried {
    /// The number.
    pub k: usize,
    /// The simplified silhouette.
    pub silhouette: f64,
    /// Mean adjusted Rand index between the groups and those of bootstrap samples.
    pub stability: f64,
}

/// The groups chosen, and all that were tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Choice {
    /// The groups of all rows.
    pub clusters: Clusters,
    /// Their stability.
    pub stability: f64,
    /// Whether they came back on the bootstrap samples; if not, the base has no groups to speak of.
    pub is_stable: bool,
    /// Every number tried.
    pub tried: Vec<Tried>,
}

/// Tries each number of groups and keeps, among the stable ones, the one with the largest silhouette (the smaller
/// number if equal); if none is stable, the most stable one, marked so.
pub fn choose_clusters(points: &Table, search: &Search) -> Result<Choice, BadInput> {
    let mut random = Pcg64Mcg::seed_from_u64(search.seed);
    let sampled = if points.rows() > search.rows_at_most.max(1) {
        let mut rows = sample(&mut random, points.rows(), search.rows_at_most.max(1)).into_vec();
        rows.sort_unstable();
        points.take(&rows)
    } else {
        points.clone()
    };
    let mut tried = Vec::new();
    let mut refusal = BadInput::Setting { setting: "k", value: *search.k.start() as f64, range: "a range" };
    for k in search.k.clone() {
        let found = match k_means(&sampled, k, search.restarts, search.seed) {
            Ok(found) => found,
            Err(refused) => {
                refusal = refused;
                break;
            }
        };
        let stability = stability(&sampled, &found, search, &mut random)?;
        tried.push(Tried { k, silhouette: found.silhouette, stability });
    }
    let stable = tried.iter().filter(|tried| tried.stability >= search.stable_from);
    let best = stable.rev().max_by(|a, b| a.silhouette.total_cmp(&b.silhouette));
    let is_stable = best.is_some();
    let most_stable = || tried.iter().rev().max_by(|a, b| a.stability.total_cmp(&b.stability));
    let Some(best) = best.or_else(most_stable).copied() else {
        return Err(refusal);
    };
    let clusters = k_means(&sampled, best.k, search.restarts, search.seed)?;
    let clusters = if sampled.rows() == points.rows() { clusters } else { spread(points, clusters) };
    Ok(Choice { clusters, stability: best.stability, is_stable, tried })
}

fn stability(
    points: &Table,
    found: &Clusters,
    search: &Search,
    random: &mut Pcg64Mcg,
) -> Result<f64, BadInput> {
    let mut sum = 0.0;
    let mut counted = 0.0_f64;
    for _ in 0..search.bootstraps.max(1) {
        let drawn: Vec<usize> = (0..points.rows()).map(|_| random.random_range(0..points.rows())).collect();
        // A sample with fewer distinct rows than groups has no answer and is passed over.
        if let Ok(again) = k_means(&points.take(&drawn), found.sizes.len(), search.restarts, random.random())
        {
            let labels: Vec<u32> = points.iter().map(|row| again.assign(row)).collect();
            sum += adjusted_rand(&labels, &found.labels)?;
            counted += 1.0;
        }
    }
    Ok(sum / counted.max(1.0))
}

/// The same centres over all rows.
fn spread(points: &Table, clusters: Clusters) -> Clusters {
    let labels: Vec<u32> = points.iter().map(|row| clusters.assign(row)).collect();
    let mut sizes = vec![0; clusters.sizes.len()];
    let mut within_squares = 0.0;
    for (label, row) in labels.iter().zip(points.iter()) {
        sizes[*label as usize] += 1;
        let centre = clusters.centres.row(*label as usize);
        within_squares += centre.iter().zip(row).map(|(c, v)| (c - v).powi(2)).sum::<f64>();
    }
    Clusters { labels, sizes, within_squares, ..clusters }
}

#[cfg(test)]
mod tests {
    use super::super::k_means::tests::clouds;
    use super::*;

    #[test]
    fn the_planted_number_of_groups_is_chosen_and_stable() {
        let (points, truth) = clouds(3, 6.0, 900, 4);
        let choice = choose_clusters(&points, &Search { k: 2..=6, ..Search::default() }).unwrap();
        assert_eq!(choice.clusters.sizes.len(), 3, "{:?}", choice.tried);
        assert!(choice.is_stable && choice.stability > 0.95);
        assert!(adjusted_rand(&choice.clusters.labels, &truth).unwrap() > 0.95);
    }

    #[test]
    fn one_round_cloud_has_no_stable_groups() {
        let (points, _) = clouds(1, 0.0, 600, 5);
        let choice = choose_clusters(&points, &Search { k: 2..=5, ..Search::default() }).unwrap();
        assert!(!choice.is_stable, "{:?}", choice.tried);
    }

    #[test]
    fn a_large_table_is_sampled_and_fully_assigned() {
        let (points, truth) = clouds(3, 8.0, 3_000, 6);
        let search = Search { k: 3..=3, rows_at_most: 300, ..Search::default() };
        let choice = choose_clusters(&points, &search).unwrap();
        assert_eq!(choice.clusters.labels.len(), 3_000);
        assert!(adjusted_rand(&choice.clusters.labels, &truth).unwrap() > 0.95);
    }

    #[test]
    fn identical_customers_are_refused() {
        let points = Table::new(2, vec![1.0; 20]).unwrap();
        assert!(choose_clusters(&points, &Search::default()).is_err());
    }
}
