//! Cronbach's alpha.

use super::data::attitude;
use super::scores::near;
use stats::feedback::alpha;
use stats::table::Table;

/// R's psych::alpha(attitude): raw alpha 0.8431, and the classical textbook pattern of its items.
#[test]
fn alpha_of_psych() {
    let found = alpha(&attitude(), 0.95).unwrap();
    near(found.raw, 0.8431, 5e-5);
    assert!(found.low < found.raw && found.raw < found.high);
    let rest: Vec<f64> = found.items.iter().map(|item| item.item_rest.unwrap()).collect();
    // `critical` is the one weak item, and dropping it is the one way to a higher alpha.
    let weakest = (0..7).min_by(|a, b| rest[*a].total_cmp(&rest[*b])).unwrap();
    assert_eq!(weakest, 5);
    for (j, item) in found.items.iter().enumerate() {
        assert_eq!(item.alpha_if_dropped.unwrap() > found.raw, j == 5, "item {j}");
        assert!(item.item_total.unwrap() > rest[j]);
    }
}

/// Parallel items: k r / (1 + (k − 1) r) (Spearman 1910, Brown 1910), for both forms; and Feldt's interval
/// covers.
#[test]
fn planted_reliability_is_covered() {
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(5);
    let truth = 4.0 * 0.5 / (1.0 + 3.0 * 0.5);
    let (mut covered, mut sum) = (0, 0.0);
    for _ in 0..1_000 {
        let mut values = Vec::new();
        for _ in 0..40 {
            let person: f64 = StandardNormal.sample(&mut random);
            values.extend((0..4).map(|_| {
                let noise: f64 = StandardNormal.sample(&mut random);
                person + noise
            }));
        }
        let found = alpha(&Table::new(4, values).unwrap(), 0.95).unwrap();
        covered += u32::from(found.low <= truth && truth <= found.high);
        sum += found.raw / 1_000.0;
    }
    near(sum, truth, 0.02);
    // Three standard deviations of 1,000 draws are 0.02.
    near(f64::from(covered) / 1_000.0, 0.95, 0.021);
}

#[test]
fn a_scale_without_spread_is_refused() {
    assert!(alpha(&Table::new(2, vec![1.0, 2.0, 2.0, 1.0, 3.0, 0.0]).unwrap(), 0.95).is_err());
    assert!(alpha(&Table::new(1, vec![1.0, 2.0, 3.0]).unwrap(), 0.95).is_err());
    assert!(alpha(&Table::new(2, vec![1.0, 2.0, 3.0, 4.0]).unwrap(), 0.95).is_err());
    // One constant item: the others still have an alpha, but no correlation with it.
    let found =
        alpha(&Table::new(3, vec![1.0, 2.0, 5.0, 2.0, 3.0, 5.0, 4.0, 3.0, 5.0]).unwrap(), 0.95).unwrap();
    assert_eq!((found.items[2].item_rest, found.standardised), (None, None));
}
