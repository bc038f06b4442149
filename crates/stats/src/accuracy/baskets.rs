//! How good a list of recommended products was, against the basket that was bought next.
//!
//! The ideal of nDCG is computed in two ways in the literature and both are named here: over min(k, basket) products
//! or over the whole basket, which gives lower figures where baskets are longer than the list. Recall divides by the
//! distinct products of the whole basket in either case. Repeat products (bought before) and new ones are also
//! measured apart, because lists that look good on both together are often good at the first only (Li and others,
//! "A Next Basket Recommendation Reality Check", TOIS 2023).

use serde::Serialize;

use crate::inputs::BadInput;

/// The ideal list nDCG divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ideal {
    /// The best list of k products: min(k, basket) hits.
    AtK,
    /// A list as long as the basket, all hits.
    WholeBasket,
}

/// One customer's list beside their basket.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ListScore {
    /// Hits among the first k over the distinct products of the basket.
    pub recall: f64,
    /// Discounted gain over that of the ideal list.
    pub ndcg: f64,
    /// Whether there was a hit at all.
    pub is_hit: bool,
    /// Recall of the basket's products bought before; `None` when there were none.
    pub repeat_recall: Option<f64>,
    /// Recall of the basket's products never bought before; `None` when there were none.
    pub explore_recall: Option<f64>,
    /// The share of the list bought before.
    pub repeat_share_of_list: f64,
    /// The share of the basket bought before.
    pub repeat_share_of_basket: f64,
}

/// Scores the first `k` of a list of distinct products. `basket` may repeat products; `bought_before` must be sorted.
pub fn score_list(
    list: &[u32],
    basket: &[u32],
    bought_before: &[u32],
    k: usize,
    ideal: Ideal,
) -> Result<ListScore, BadInput> {
    let mut basket = basket.to_vec();
    basket.sort_unstable();
    basket.dedup();
    if basket.is_empty() {
        return Err(BadInput::Empty { what: "basket" });
    }
    if k == 0 {
        return Err(BadInput::Setting { setting: "k", value: 0.0, range: "1 or more" });
    }
    let list = &list[..k.min(list.len())];
    let in_basket = |product: &u32| basket.binary_search(product).is_ok();
    let is_repeat = |product: &u32| bought_before.binary_search(product).is_ok();
    let discount = |place: usize| 1.0 / (place as f64 + 2.0).log2();
    let (mut gain, mut repeat_hits, mut hits) = (0.0, 0_usize, 0_usize);
    for (place, product) in list.iter().enumerate() {
        if in_basket(product) {
            gain += discount(place);
            hits += 1;
            repeat_hits += usize::from(is_repeat(product));
        }
    }
    let ideal_hits = match ideal {
        Ideal::AtK => basket.len().min(k),
        Ideal::WholeBasket => basket.len(),
    };
    let repeats = basket.iter().filter(|product| is_repeat(product)).count();
    let share = |part: usize, of: usize| (of > 0).then(|| part as f64 / of as f64);
    Ok(ListScore {
        recall: hits as f64 / basket.len() as f64,
        ndcg: gain / (0..ideal_hits).map(discount).sum::<f64>(),
        is_hit: hits > 0,
        repeat_recall: share(repeat_hits, repeats),
        explore_recall: share(hits - repeat_hits, basket.len() - repeats),
        repeat_share_of_list: share(list.iter().filter(|product| is_repeat(product)).count(), list.len())
            .unwrap_or(0.0),
        repeat_share_of_basket: repeats as f64 / basket.len() as f64,
    })
}

/// Means over customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ListScores {
    /// Customers.
    pub customers: u64,
    /// Mean recall.
    pub recall: f64,
    /// Its standard error over customers.
    pub recall_standard_error: f64,
    /// Mean nDCG.
    pub ndcg: f64,
    /// The share of customers with a hit.
    pub hit_rate: f64,
    /// Mean recall of repeats, over customers who bought any.
    pub repeat_recall: Option<f64>,
    /// Mean recall of new products, over customers who bought any.
    pub explore_recall: Option<f64>,
    /// Mean share of the list bought before.
    pub repeat_share_of_list: f64,
    /// Mean share of the basket bought before.
    pub repeat_share_of_basket: f64,
}

/// Averages the scores of customers, each counted once.
pub fn average(scores: &[ListScore]) -> Result<ListScores, BadInput> {
    crate::inputs::not_empty("scores", scores)?;
    let mean = |part: fn(&ListScore) -> f64| scores.iter().map(part).sum::<f64>() / scores.len() as f64;
    let mean_of_some = |part: fn(&ListScore) -> Option<f64>| {
        let some: Vec<f64> = scores.iter().filter_map(part).collect();
        (!some.is_empty()).then(|| crate::describe::mean(&some))
    };
    let recalls: Vec<f64> = scores.iter().map(|score| score.recall).collect();
    Ok(ListScores {
        customers: scores.len() as u64,
        recall: crate::describe::mean(&recalls),
        recall_standard_error: crate::describe::standard_deviation(&recalls) / (recalls.len() as f64).sqrt(),
        ndcg: mean(|score| score.ndcg),
        hit_rate: mean(|score| f64::from(u8::from(score.is_hit))),
        repeat_recall: mean_of_some(|score| score.repeat_recall),
        explore_recall: mean_of_some(|score| score.explore_recall),
        repeat_share_of_list: mean(|score| score.repeat_share_of_list),
        repeat_share_of_basket: mean(|score| score.repeat_share_of_basket),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_list_by_hand() {
        // Places 1 and 3 hit; the basket has four distinct products, two of them bought before.
        let score = score_list(&[7, 1, 8, 2], &[7, 8, 9, 10, 7], &[1, 7, 9], 3, Ideal::AtK).unwrap();
        let gain = 1.0 + 1.0 / 4.0_f64.log2();
        let ideal = 1.0 + 1.0 / 3.0_f64.log2() + 1.0 / 4.0_f64.log2();
        assert_eq!((score.recall, score.repeat_recall, score.explore_recall), (0.5, Some(0.5), Some(0.5)));
        assert!((score.ndcg - gain / ideal).abs() < 1e-12);
        let whole = score_list(&[7, 1, 8, 2], &[7, 8, 9, 10], &[1, 7, 9], 3, Ideal::WholeBasket).unwrap();
        assert!((whole.ndcg - gain / (ideal + 1.0 / 5.0_f64.log2())).abs() < 1e-12);
        assert!((score.repeat_share_of_list - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_perfect_list_scores_one_and_an_empty_one_zero() {
        let score = score_list(&[1, 2], &[2, 1], &[], 10, Ideal::WholeBasket).unwrap();
        assert_eq!((score.recall, score.ndcg, score.repeat_recall), (1.0, 1.0, None));
        let score = score_list(&[], &[1], &[], 10, Ideal::AtK).unwrap();
        assert_eq!((score.recall, score.is_hit, score.repeat_share_of_list), (0.0, false, 0.0));
        assert!(score_list(&[1], &[], &[], 10, Ideal::AtK).is_err());
        assert!(score_list(&[1], &[1], &[], 0, Ideal::AtK).is_err());
        assert!(average(&[]).is_err());
    }
}
