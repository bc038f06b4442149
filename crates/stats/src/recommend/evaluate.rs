//! Trying a list on the basket that came next.

use super::Scored;
use crate::accuracy::baskets::{Ideal, ListScores, average, score_list};
use crate::baskets::Histories;
use crate::inputs::BadInput;

/// Histories without their last baskets, and those baskets.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOut {
    /// What a method may learn from: every customer in order, less the last basket of those tested.
    pub histories: Histories,
    /// Customers tested (their number in `histories`) with their last basket.
    pub targets: Vec<(usize, Vec<u32>)>,
}

/// Takes the last basket of every customer with at least two that are not empty. Customers with fewer stay in the
/// histories, where they speak for popularity and similarity.
pub fn hold_out_last(histories: &Histories) -> Result<HeldOut, BadInput> {
    let mut kept = Histories::new();
    let mut targets = Vec::new();
    for customer in 0..histories.len() {
        let baskets: Vec<&[u32]> =
            histories.customer(customer).into_iter().filter(|basket| !basket.is_empty()).collect();
        match baskets.split_last() {
            Some((last, before)) if !before.is_empty() => {
                kept.push(before)?;
                targets.push((customer, last.to_vec()));
            }
            _ => kept.push(&baskets)?,
        }
    }
    Ok(HeldOut { histories: kept, targets })
}

/// The mean scores of a method on held-out baskets. `method` answers a customer's baskets with a list, best first.
pub fn evaluate(
    held_out: &HeldOut,
    k: usize,
    ideal: Ideal,
    mut method: impl FnMut(&[&[u32]]) -> Vec<Scored>,
) -> Result<ListScores, BadInput> {
    let mut scores = Vec::with_capacity(held_out.targets.len());
    for (customer, target) in &held_out.targets {
        let baskets = held_out.histories.customer(*customer);
        let list: Vec<u32> = method(&baskets).iter().map(|scored| scored.product).collect();
        let mut before = baskets.concat();
        before.sort_unstable();
        scores.push(score_list(&list, target, &before, k, ideal)?);
    }
    average(&scores)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::super::{Blend, Neighbours, Popularity, buy_again};
    use super::*;

    /// Customers of two tastes; half of a basket is their own few favourites, half new things of their taste.
    fn two_tastes() -> Histories {
        let mut random = Pcg64Mcg::seed_from_u64(31);
        let mut histories = Histories::new();
        for customer in 0..400 {
            let taste = (customer % 2) * 60;
            let favourites: Vec<u32> = (0..3).map(|_| taste + random.random_range(0..60)).collect();
            let baskets: Vec<Vec<u32>> = (0..8)
                .map(|_| {
                    let new = (0..3).map(|_| taste + random.random_range(0..60));
                    favourites.iter().copied().chain(new).collect()
                })
                .collect();
            histories.push(&baskets).unwrap();
        }
        histories
    }

    #[test]
    fn favourites_are_bought_again_and_tastes_are_discovered() {
        let held_out = hold_out_last(&two_tastes()).unwrap();
        assert_eq!(held_out.targets.len(), 400);
        let popular = Popularity::learn(held_out.histories.baskets());
        let neighbours = Neighbours::learn(&held_out.histories, 100, 500).unwrap();
        let again = evaluate(&held_out, 10, Ideal::AtK, |baskets| {
            buy_again(baskets, &popular, &Blend::default(), 10)
        })
        .unwrap();
        let new =
            evaluate(&held_out, 10, Ideal::AtK, |baskets| neighbours.discover(baskets, false, 10)).unwrap();
        let most_popular =
            evaluate(&held_out, 10, Ideal::AtK, |_| buy_again(&[], &popular, &Blend::default(), 10)).unwrap();
        assert!(again.repeat_recall.unwrap() > 0.6, "{again:?}");
        assert!(again.recall > most_popular.recall * 3.0);
        assert_eq!(new.repeat_recall, Some(0.0));
        assert!(new.explore_recall.unwrap() > most_popular.explore_recall.unwrap() * 1.3, "{new:?}");
    }

    #[test]
    fn one_basket_is_no_test() {
        let mut histories = Histories::new();
        histories.push(&[vec![1]]).unwrap();
        let held_out = hold_out_last(&histories).unwrap();
        assert!(held_out.targets.is_empty());
        assert!(evaluate(&held_out, 10, Ideal::AtK, |_| Vec::new()).is_err());
    }
}
