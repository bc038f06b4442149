//! Which products are bought together more than chance would have it.
//!
//! Lift is the number of baskets with both products over the number expected if they had nothing to do with each
//! other. Rare pairs have wild lifts, so pairs are ordered by the lower end of an interval and not by the figure
//! itself: Garwood's exact interval for a Poisson count (1936) over the expected number. A pair seen once never
//! comes first.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Gamma};

use crate::baskets::Baskets;
use crate::inputs::{BadInput, between};

/// What is counted and kept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rules {
    /// Pairs in fewer baskets are not reported.
    pub together_at_least: u32,
    /// Baskets of more products (a wholesaler's, a stock transfer) are left out of everything.
    pub basket_size_at_most: usize,
    /// The probability that the lift is above its lower end.
    pub level: f64,
    /// How many pairs are kept, best first.
    pub pairs_at_most: usize,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { together_at_least: 5, basket_size_at_most: 100, level: 0.95, pairs_at_most: 100_000 }
    }
}

/// Two products bought together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pair {
    /// The product with the smaller number.
    pub first: u32,
    /// The other.
    pub second: u32,
    /// Baskets with both.
    pub together: u32,
    /// Those as a share of all baskets.
    pub support: f64,
    /// The share of baskets with the first that hold the second.
    pub confidence: f64,
    /// The share of baskets with the second that hold the first.
    pub confidence_back: f64,
    /// Baskets with both over those expected by chance.
    pub lift: f64,
    /// The lower end of the lift.
    pub lift_low: f64,
}

/// Pairs with what was left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Affinity {
    /// Pairs in falling order of the lower end of lift, then of baskets together, then in order of product number.
    pub pairs: Vec<Pair>,
    /// Baskets counted.
    pub baskets: u64,
    /// Baskets left out for their size.
    pub baskets_left_out: u64,
}

/// Counts pairs of products over baskets.
pub fn affinity(baskets: &Baskets, rules: &Rules) -> Result<Affinity, BadInput> {
    between("level", rules.level, 0.0, 1.0)?;
    let mut counted = Baskets::new();
    for basket in baskets.iter().filter(|basket| basket.len() <= rules.basket_size_at_most) {
        counted.push(basket)?;
    }
    if counted.is_empty() {
        return Err(BadInput::Empty { what: "baskets of the size asked for" });
    }
    let all = counted.len() as f64;
    let singles = counted.counts();
    let (starts, lists) = counted.inverted();
    let mut together = vec![0_u32; counted.products()];
    let mut touched: Vec<u32> = Vec::new();
    let mut lows: Vec<Option<f64>> = Vec::new();
    let mut pairs = Vec::new();
    for first in 0..counted.products() {
        // Baskets are rising, so the products after `first` are those of larger number: each pair is met once.
        for basket in &lists[starts[first]..starts[first + 1]] {
            let basket = counted.basket(*basket as usize);
            for second in &basket[basket.partition_point(|product| *product as usize <= first)..] {
                if together[*second as usize] == 0 {
                    touched.push(*second);
                }
                together[*second as usize] += 1;
            }
        }
        for second in touched.drain(..) {
            let count = std::mem::take(&mut together[second as usize]);
            if count < rules.together_at_least.max(1) {
                continue;
            }
            let (a, b) = (f64::from(singles[first]), f64::from(singles[second as usize]));
            let expected = a * b / all;
            pairs.push(Pair {
                first: first as u32,
                second,
                together: count,
                support: f64::from(count) / all,
                confidence: f64::from(count) / a,
                confidence_back: f64::from(count) / b,
                lift: f64::from(count) / expected,
                lift_low: remembered_low(&mut lows, count, rules.level) / expected,
            });
        }
    }
    pairs.sort_unstable_by(|x, y| {
        y.lift_low
            .total_cmp(&x.lift_low)
            .then(y.together.cmp(&x.together))
            .then((x.first, x.second).cmp(&(y.first, y.second)))
    });
    pairs.truncate(rules.pairs_at_most);
    let baskets_left_out = (baskets.len() - counted.len()) as u64;
    Ok(Affinity { pairs, baskets: counted.len() as u64, baskets_left_out })
}

/// The lower end of the mean of a Poisson count, one-sided.
pub fn poisson_low(count: u32, level: f64) -> f64 {
    if count == 0 {
        return 0.0;
    }
    let count = f64::from(count);
    if count > 10_000.0 {
        // Wilson and Hilferty's cube, good to six digits here, where the exact inverse is slow.
        let z = -statrs::distribution::Normal::standard().inverse_cdf(level);
        return count * (1.0 - 1.0 / (9.0 * count) + z / (3.0 * count.sqrt())).powi(3);
    }
    Gamma::new(count, 1.0).map_or(0.0, |gamma| gamma.inverse_cdf(1.0 - level))
}

fn remembered_low(lows: &mut Vec<Option<f64>>, count: u32, level: f64) -> f64 {
    let index = count as usize;
    if index > 10_000 {
        return poisson_low(count, level);
    }
    if lows.len() <= index {
        lows.resize(index + 1, None);
    }
    *lows[index].get_or_insert_with(|| poisson_low(count, level))
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    fn baskets(rows: &[&[u32]]) -> Baskets {
        let mut baskets = Baskets::new();
        rows.iter().for_each(|row| baskets.push(row).unwrap());
        baskets
    }

    #[test]
    fn four_baskets_by_hand() {
        let rules = Rules { together_at_least: 1, ..Rules::default() };
        let found = affinity(&baskets(&[&[0, 1], &[0, 1, 2], &[2], &[0]]), &rules).unwrap();
        let pair = found.pairs.iter().find(|pair| (pair.first, pair.second) == (0, 1)).unwrap();
        assert_eq!((pair.together, pair.support, pair.confidence_back), (2, 0.5, 1.0));
        assert!((pair.confidence - 2.0 / 3.0).abs() < 1e-12 && (pair.lift - 4.0 / 3.0).abs() < 1e-12);
        assert!(pair.lift_low < 1.0);
        assert_eq!(found.pairs.len(), 3);
    }

    #[test]
    fn lower_ends_match_garwood_1936() {
        // One-sided 95 % lower limits for counts of 1, 5, 10 and 20, as printed in tables of Poisson limits.
        for (count, low) in [(1, 0.051), (5, 1.970), (10, 5.425), (20, 13.255)] {
            assert!(
                (poisson_low(count, 0.95) - low).abs() < 1e-3,
                "count {count}: {}",
                poisson_low(count, 0.95)
            );
        }
        let (below, above) = (poisson_low(10_000, 0.95), poisson_low(10_001, 0.95));
        assert!(below < above && above - below < 1.5);
    }

    #[test]
    fn products_that_have_nothing_to_do_with_each_other_rarely_pass_and_a_planted_pair_leads() {
        let mut random = Pcg64Mcg::seed_from_u64(12);
        let mut drawn = Baskets::new();
        for _ in 0..20_000 {
            let mut basket: Vec<u32> = (0..30).filter(|_| random.random::<f64>() < 0.05).collect();
            if random.random::<f64>() < 0.01 {
                basket.extend([30, 31]);
            }
            drawn.push(&basket).unwrap();
        }
        let found = affinity(&drawn, &Rules::default()).unwrap();
        assert_eq!((found.pairs[0].first, found.pairs[0].second), (30, 31));
        let chance = found.pairs.iter().filter(|pair| pair.second < 30);
        let passed = chance.clone().filter(|pair| pair.lift_low > 1.0).count();
        assert!((passed as f64) < 0.08 * chance.count() as f64, "{passed} passed");
    }

    #[test]
    fn large_baskets_are_left_out_and_counted() {
        let rules = Rules { together_at_least: 1, basket_size_at_most: 2, ..Rules::default() };
        let found = affinity(&baskets(&[&[0, 1], &[0, 1, 2]]), &rules).unwrap();
        assert_eq!((found.baskets, found.baskets_left_out, found.pairs.len()), (1, 1, 1));
        assert!(affinity(&Baskets::new(), &rules).is_err());
    }
}
