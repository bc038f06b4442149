//! Baskets of products, packed: one list of product numbers and where each basket and customer begins.
//!
//! Products are numbered from 0 by the caller. Where two products score alike and are equally popular, the smaller
//! number goes first everywhere in this crate, so number them by a key that means nothing (not by first sale, which
//! leaks popularity).

use crate::inputs::BadInput;

/// The largest product number plus one that is accepted; a larger one is taken for a mistake.
pub const PRODUCTS_AT_MOST: u32 = 50_000_000;

/// A list of baskets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baskets {
    starts: Vec<usize>,
    products: Vec<u32>,
    highest: u32,
}

impl Default for Baskets {
    fn default() -> Baskets {
        Baskets { starts: vec![0], products: Vec::new(), highest: 0 }
    }
}

impl Baskets {
    /// No baskets.
    pub fn new() -> Baskets {
        Baskets::default()
    }

    /// Adds a basket. A product named twice counts once; an empty basket is kept.
    pub fn push(&mut self, products: &[u32]) -> Result<(), BadInput> {
        if let Some(row) = products.iter().position(|product| *product >= PRODUCTS_AT_MOST) {
            let value = f64::from(products[row]);
            return Err(BadInput::OutOfRange { what: "product", row, value, range: "below 50 million" });
        }
        let start = self.products.len();
        self.products.extend_from_slice(products);
        self.products[start..].sort_unstable();
        let mut kept = start;
        for index in start..self.products.len() {
            if kept == start || self.products[kept - 1] != self.products[index] {
                self.products[kept] = self.products[index];
                kept += 1;
            }
        }
        self.products.truncate(kept);
        self.highest = self.highest.max(products.iter().max().map_or(0, |product| product + 1));
        self.starts.push(kept);
        Ok(())
    }

    /// How many baskets.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no basket.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The products of a basket, rising, each once.
    pub fn basket(&self, index: usize) -> &[u32] {
        &self.products[self.starts[index]..self.starts[index + 1]]
    }

    /// All baskets in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|pair| &self.products[pair[0]..pair[1]])
    }

    /// One more than the highest product number.
    pub fn products(&self) -> usize {
        self.highest as usize
    }

    /// For each product, how many baskets hold it.
    pub fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.products()];
        self.products.iter().for_each(|product| counts[*product as usize] += 1);
        counts
    }

    /// For each product, the baskets that hold it, rising: where each list begins, and the lists.
    pub fn inverted(&self) -> (Vec<usize>, Vec<u32>) {
        let mut starts = vec![0; self.products() + 1];
        self.products.iter().for_each(|product| starts[*product as usize + 1] += 1);
        for product in 0..self.products() {
            starts[product + 1] += starts[product];
        }
        let mut next = starts.clone();
        let mut lists = vec![0; self.products.len()];
        for (index, basket) in self.iter().enumerate() {
            for product in basket {
                lists[next[*product as usize]] = index as u32;
                next[*product as usize] += 1;
            }
        }
        (starts, lists)
    }
}

/// Baskets of many customers, each customer's in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histories {
    starts: Vec<usize>,
    baskets: Baskets,
}

impl Default for Histories {
    fn default() -> Histories {
        Histories { starts: vec![0], baskets: Baskets::new() }
    }
}

impl Histories {
    /// No customers.
    pub fn new() -> Histories {
        Histories::default()
    }

    /// Adds a customer with their baskets, oldest first.
    pub fn push<B: AsRef<[u32]>>(&mut self, baskets: &[B]) -> Result<(), BadInput> {
        for basket in baskets {
            self.baskets.push(basket.as_ref())?;
        }
        self.starts.push(self.baskets.len());
        Ok(())
    }

    /// How many customers.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One customer's baskets, oldest first.
    pub fn customer(&self, index: usize) -> Vec<&[u32]> {
        (self.starts[index]..self.starts[index + 1]).map(|basket| self.baskets.basket(basket)).collect()
    }

    /// All baskets.
    pub fn baskets(&self) -> &Baskets {
        &self.baskets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn baskets_come_back_sorted_and_without_repeats() {
        let mut histories = Histories::new();
        histories.push(&[vec![3, 1, 3], vec![], vec![2]]).unwrap();
        histories.push::<Vec<u32>>(&[]).unwrap();
        histories.push(&[[1]]).unwrap();
        assert_eq!(histories.customer(0), [&[1, 3][..], &[], &[2]]);
        assert_eq!((histories.len(), histories.customer(1).len()), (3, 0));
        let baskets = histories.baskets();
        assert_eq!((baskets.len(), baskets.products()), (4, 4));
        assert_eq!(baskets.counts(), [0, 2, 1, 1]);
        assert_eq!(baskets.inverted(), (vec![0, 0, 2, 3, 4], vec![0, 3, 2, 0]));
        assert!(Baskets::new().push(&[u32::MAX]).is_err());
    }
}
