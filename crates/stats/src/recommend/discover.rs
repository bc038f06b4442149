//! Products like those a customer bought: cosine similarity of products over customers.

use serde::Serialize;

use super::buy_again::in_declared_order;
use super::{Popularity, Scored};
use crate::baskets::{Baskets, Histories};
use crate::inputs::BadInput;

/// The nearest products of each product.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Neighbours {
    starts: Vec<usize>,
    products: Vec<u32>,
    similarities: Vec<f64>,
    popularity: Popularity,
}

impl Neighbours {
    /// Learns the `nearest` most alike products of each product: the cosine of their columns in the table of customers
    /// by products, 1 where the customer bought the product (Sarwar and others 2001). Customers with more than
    /// `products_at_most` products (a wholesaler) are left out: they are near everything and say nothing.
    pub fn learn(
        histories: &Histories,
        nearest: usize,
        products_at_most: usize,
    ) -> Result<Neighbours, BadInput> {
        let mut owned = Baskets::new();
        for customer in 0..histories.len() {
            let products = histories.customer(customer).concat();
            owned.push(&products)?;
        }
        if owned.products() == 0 {
            return Err(BadInput::Empty { what: "baskets" });
        }
        let sizes: Vec<usize> = owned.iter().map(<[u32]>::len).collect();
        let (starts, lists) = owned.inverted();
        let holders = |product: usize| &lists[starts[product]..starts[product + 1]];
        let counted = |customer: &&u32| sizes[**customer as usize] <= products_at_most;
        let buyers: Vec<f64> = (0..owned.products())
            .map(|product| holders(product).iter().filter(counted).count() as f64)
            .collect();
        let mut found = Neighbours {
            starts: vec![0],
            products: Vec::new(),
            similarities: Vec::new(),
            popularity: Popularity::learn(histories.baskets()),
        };
        let mut together = vec![0_u32; owned.products()];
        let mut touched: Vec<u32> = Vec::new();
        for product in 0..owned.products() {
            for customer in holders(product).iter().filter(counted) {
                for other in owned.basket(*customer as usize) {
                    if together[*other as usize] == 0 {
                        touched.push(*other);
                    }
                    together[*other as usize] += 1;
                }
            }
            let mut near: Vec<Scored> = Vec::with_capacity(touched.len());
            for other in touched.drain(..) {
                let count = f64::from(std::mem::take(&mut together[other as usize]));
                if other as usize != product {
                    let score = count / (buyers[product] * buyers[other as usize]).sqrt();
                    near.push(Scored { product: other, score });
                }
            }
            in_declared_order(&mut near, &found.popularity);
            near.truncate(nearest);
            found.products.extend(near.iter().map(|scored| scored.product));
            found.similarities.extend(near.iter().map(|scored| scored.score));
            found.starts.push(found.products.len());
        }
        Ok(found)
    }

    /// The products most like one product, most alike first.
    pub fn of(&self, product: u32) -> impl Iterator<Item = Scored> {
        let range = match self.starts.get(product as usize..product as usize + 2) {
            Some([start, end]) => *start..*end,
            _ => 0..0,
        };
        let similarities = self.similarities[range.clone()].iter();
        self.products[range]
            .iter()
            .zip(similarities)
            .map(|(product, similarity)| Scored { product: *product, score: *similarity })
    }

    /// The best `length` products for a customer: each product bought speaks for its neighbours, once for every
    /// basket it was in. Products bought before are left out unless `with_bought`, where they also speak for
    /// themselves; a list can be shorter than asked, or empty for a customer without baskets.
    pub fn discover(&self, baskets: &[&[u32]], with_bought: bool, length: usize) -> Vec<Scored> {
        let mut own: Vec<u32> = baskets.concat();
        own.sort_unstable();
        let mut votes: Vec<(u32, f64)> = Vec::new();
        for same in own.chunk_by(|a, b| a == b) {
            let times = same.len() as f64;
            votes.extend(self.of(same[0]).map(|near| (near.product, times * near.score)));
            votes.push((same[0], times));
        }
        // A stable order of addition keeps the last digit the same on every machine.
        votes.sort_by_key(|vote| vote.0);
        let mut list: Vec<Scored> = votes
            .chunk_by(|a, b| a.0 == b.0)
            .map(|votes| Scored { product: votes[0].0, score: votes.iter().map(|vote| vote.1).sum() })
            .filter(|scored| with_bought || own.binary_search(&scored.product).is_err())
            .collect();
        in_declared_order(&mut list, &self.popularity);
        list.truncate(length);
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Histories {
        let mut histories = Histories::new();
        for baskets in [vec![vec![0, 1]], vec![vec![0], vec![1, 2]], vec![vec![0, 1]], vec![vec![3, 4]]] {
            histories.push(&baskets).unwrap();
        }
        histories
    }

    #[test]
    fn similarities_by_hand() {
        let neighbours = Neighbours::learn(&shop(), 10, 100).unwrap();
        let near: Vec<Scored> = neighbours.of(0).collect();
        assert_eq!(near.iter().map(|scored| scored.product).collect::<Vec<_>>(), [1, 2]);
        assert!((near[0].score - 1.0).abs() < 1e-12 && (near[1].score - 1.0 / 3.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(neighbours.of(99).count(), 0);
    }

    #[test]
    fn bought_products_stay_out_unless_asked_for() {
        let neighbours = Neighbours::learn(&shop(), 10, 100).unwrap();
        let products = |list: Vec<Scored>| list.iter().map(|scored| scored.product).collect::<Vec<_>>();
        assert_eq!(products(neighbours.discover(&[&[0]], false, 10)), [1, 2]);
        assert_eq!(products(neighbours.discover(&[&[0]], true, 10)), [0, 1, 2]);
        assert_eq!(products(neighbours.discover(&[&[3]], false, 10)), [4]);
        assert!(neighbours.discover(&[], false, 10).is_empty());
    }

    #[test]
    fn wholesalers_are_left_out_and_nothing_divides_by_zero() {
        let mut histories = shop();
        histories.push(&[vec![0, 1, 2, 3, 4, 5, 6]]).unwrap();
        let neighbours = Neighbours::learn(&histories, 10, 5).unwrap();
        assert_eq!(neighbours.of(6).count(), 0);
        assert!((0..7).flat_map(|product| neighbours.of(product)).all(|scored| scored.score.is_finite()));
        assert!(Neighbours::learn(&Histories::new(), 10, 5).is_err());
    }
}
