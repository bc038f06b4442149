//! Count, recency and popularity in one score.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::baskets::Baskets;

/// A product with its score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scored {
    /// The product.
    pub product: u32,
    /// The score; only the order means something.
    pub score: f64,
}

/// The weights of the blend. The score of a product is
/// count + `recency` · (place of its last basket / baskets) + `popularity` · (baskets with it / those of the most
/// popular product), where count is the number of the customer's baskets that hold it. A product never bought has
/// count and recency zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Blend {
    /// The weight of recency.
    pub recency: f64,
    /// The weight of popularity.
    pub popularity: f64,
}

impl Default for Blend {
    /// The weights that did best on the Ta-Feng baskets.
    fn default() -> Blend {
        Blend { recency: 0.5, popularity: 0.9 }
    }
}

/// How popular each product is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Popularity {
    /// For each product, its baskets over those of the most popular product, 0 to 1.
    shares: Vec<f64>,
    /// Products in falling order of popularity, then rising number.
    order: Vec<u32>,
}

impl Popularity {
    /// Counts products over baskets.
    pub fn learn(baskets: &Baskets) -> Popularity {
        let counts = baskets.counts();
        let most = counts.iter().max().copied().unwrap_or(0).max(1);
        let mut order: Vec<u32> = (0..counts.len() as u32).collect();
        order.sort_by_key(|product| (Reverse(counts[*product as usize]), *product));
        Popularity { shares: counts.iter().map(|count| f64::from(*count) / f64::from(most)).collect(), order }
    }

    /// The popularity of a product, 0 to 1; 0 for one never sold.
    pub fn share(&self, product: u32) -> f64 {
        self.shares.get(product as usize).copied().unwrap_or(0.0)
    }

    /// Products, most popular first.
    pub fn order(&self) -> &[u32] {
        &self.order
    }
}

/// The best `length` products for a customer, best first. `baskets` are theirs, oldest first. Bought products are
/// never left out, and the list is filled up with popular ones where the customer's own run out.
pub fn buy_again(baskets: &[&[u32]], popularity: &Popularity, blend: &Blend, length: usize) -> Vec<Scored> {
    let mut own: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    let of = baskets.len().max(1) as f64;
    for (place, basket) in baskets.iter().enumerate() {
        for product in *basket {
            let entry = own.entry(*product).or_default();
            entry.0 += 1.0;
            entry.1 = (place + 1) as f64 / of;
        }
    }
    let scored = |product: u32, count: f64, recency: f64| Scored {
        product,
        score: count + blend.recency * recency + blend.popularity * popularity.share(product),
    };
    let rest = popularity.order.iter().filter(|product| !own.contains_key(product)).take(length);
    let mut list: Vec<Scored> = rest.map(|product| scored(*product, 0.0, 0.0)).collect();
    list.extend(own.iter().map(|(product, (count, recency))| scored(*product, *count, *recency)));
    in_declared_order(&mut list, popularity);
    list.truncate(length);
    list
}

/// Falling score, then falling popularity, then rising product number.
pub(super) fn in_declared_order(list: &mut [Scored], popularity: &Popularity) {
    list.sort_unstable_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(popularity.share(b.product).total_cmp(&popularity.share(a.product)))
            .then(a.product.cmp(&b.product))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(counts: &[usize]) -> Popularity {
        let mut baskets = Baskets::new();
        for (product, count) in counts.iter().enumerate() {
            (0..*count).for_each(|_| baskets.push(&[product as u32]).unwrap());
        }
        Popularity::learn(&baskets)
    }

    #[test]
    fn count_leads_recency_follows_popularity_breaks_ties_and_fills_up() {
        let popularity = counted(&[2, 2, 9, 10, 1, 1]);
        assert_eq!(popularity.order(), [3, 2, 0, 1, 4, 5]);
        let own: [&[u32]; 3] = [&[0, 1, 5], &[0], &[4]];
        let products = |blend: &Blend, length: usize| -> Vec<u32> {
            buy_again(&own, &popularity, blend, length).iter().map(|scored| scored.product).collect()
        };
        // 0 twice; 4 last; 1 more popular than 5; 3 and 2 never bought.
        assert_eq!(products(&Blend::default(), 6), [0, 4, 1, 5, 3, 2]);
        assert_eq!(products(&Blend { recency: 0.0, popularity: 0.0 }, 4), [0, 1, 4, 5]);
    }

    #[test]
    fn a_customer_without_baskets_gets_the_popular() {
        let list = buy_again(&[], &counted(&[5, 10]), &Blend::default(), 10);
        assert_eq!(list.iter().map(|scored| scored.product).collect::<Vec<_>>(), [1, 0]);
        assert!(buy_again(&[], &counted(&[]), &Blend::default(), 10).is_empty());
    }
}
