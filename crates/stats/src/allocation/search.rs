//! Deciding one customer at given prices: the same rule for a batch and for one customer at the counter.

use super::Customer;

/// Net values closer than this, relative to the amounts they come from, are equal: they differ by rounding.
const EQUAL: f64 = 1e-12;

/// Which of equally good offers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Taste {
    Cheaper,
    Dearer,
}

/// The best offer of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Best {
    pub offer: Option<u32>,
    /// Its net value at the prices.
    pub score: f64,
    /// How far the next best is behind.
    pub margin: f64,
    /// Net values within this of each other are equal.
    pub equal: f64,
}

/// The offer with the largest `value − Σ price × use`, or `None` where doing nothing is as good.
///
/// `prices` holds one price per limit, as in [`super::Plan::prices`]. Between offers that differ only by
/// rounding, the one with the smaller use of the first limit is taken (then of the second and so on), then
/// the first in the list. A value that is not finite is never chosen. The batch decides by the same rule,
/// so a customer decided alone at the plan's prices gets what the batch gave, unless the plan lists the
/// customer among its exceptions or below `dearer_below`.
pub fn choose(prices: &[f64], customer: &Customer<'_>) -> Option<u32> {
    best(prices, customer, Taste::Cheaper).offer
}

pub(crate) fn best(prices: &[f64], customer: &Customer<'_>, taste: Taste) -> Best {
    let mut race = Race { offer: None, score: 0.0, second: f64::NEG_INFINITY, size: 0.0 };
    if let [price] = prices {
        // One limit is the usual case, and passes over millions of customers are made of this loop.
        for (index, (value, used)) in customer.value.iter().zip(customer.uses).enumerate() {
            if *used <= customer.cap {
                let paid = price * *used as f64;
                race.run(index, value - paid, value.abs() + paid.abs());
            }
        }
    } else {
        let limits = prices.len();
        for (index, value) in customer.value.iter().enumerate() {
            let Some(uses) = customer.uses.get(index * limits..(index + 1) * limits) else { break };
            if limits > 0 && uses[0] > customer.cap {
                continue;
            }
            let (mut net, mut amount) = (*value, value.abs());
            for (price, used) in prices.iter().zip(uses) {
                let paid = price * *used as f64;
                net -= paid;
                amount += paid.abs();
            }
            race.run(index, net, amount);
        }
    }
    let Race { mut offer, score, second, size } = race;
    let (equal, margin) = (EQUAL * size, score - second);
    if margin <= equal {
        offer = among_equals(prices, customer, taste, score - equal);
    }
    Best { offer, score, margin, equal }
}

/// The first and the second so far.
struct Race {
    offer: Option<u32>,
    score: f64,
    second: f64,
    size: f64,
}

impl Race {
    #[inline(always)]
    fn run(&mut self, index: usize, net: f64, amount: f64) {
        if !amount.is_finite() {
            return;
        }
        self.size = if amount > self.size { amount } else { self.size };
        if net > self.score {
            self.offer = Some(index as u32);
            self.second = self.score;
            self.score = net;
        } else if net > self.second {
            self.second = net;
        }
    }
}

/// The cheapest or dearest offer that is worth at least `least`.
#[cold]
fn among_equals(prices: &[f64], customer: &Customer<'_>, taste: Taste, least: f64) -> Option<u32> {
    let limits = prices.len();
    let nothing = vec![0; limits];
    let mut chosen: Option<(Option<u32>, &[i64])> = (least <= 0.0).then_some((None, &nothing));
    for (index, value) in customer.value.iter().enumerate() {
        let Some(uses) = customer.uses.get(index * limits..(index + 1) * limits) else { break };
        let worth = net(prices, *value, uses);
        if (limits > 0 && uses[0] > customer.cap) || !worth.is_finite() || worth < least {
            continue;
        }
        let is_better = chosen.is_none_or(|(_, best)| match taste {
            Taste::Cheaper => uses < best,
            Taste::Dearer => uses > best,
        });
        if is_better {
            chosen = Some((Some(index as u32), uses));
        }
    }
    chosen.and_then(|(offer, _)| offer)
}

/// Value less what its uses cost.
pub(crate) fn net(prices: &[f64], value: f64, uses: &[i64]) -> f64 {
    prices.iter().zip(uses).fold(value, |net, (price, used)| net - price * *used as f64)
}

/// Net value of an offer or of nothing.
pub(crate) fn net_of(prices: &[f64], customer: &Customer<'_>, offer: Option<u32>) -> f64 {
    let limits = prices.len();
    offer.map_or(0.0, |offer| {
        let offer = offer as usize;
        net(prices, customer.value[offer], &customer.uses[offer * limits..(offer + 1) * limits])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(prices: &[f64], value: &[f64], uses: &[i64], taste: Taste) -> Option<u32> {
        best(prices, &Customer { value, uses, cap: i64::MAX }, taste).offer
    }

    #[test]
    fn nothing_is_chosen_unless_something_pays() {
        assert_eq!(pick(&[], &[0.0, f64::INFINITY], &[], Taste::Cheaper), None);
        assert_eq!(pick(&[f64::INFINITY], &[1.0, 2.0], &[0, -1], Taste::Cheaper), None);
        assert_eq!(choose(&[1.0], &Customer { value: &[3.0, 4.0], uses: &[3, 5], cap: i64::MAX }), None);
        assert_eq!(pick(&[1.0], &[3.0, 6.0], &[3, 5], Taste::Cheaper), Some(1));
        assert_eq!(pick(&[0.0], &[f64::NAN, 1.0], &[0, 1], Taste::Cheaper), Some(1));
        assert_eq!(pick(&[], &[f64::NAN], &[], Taste::Cheaper), None);
        // A negative cost pays by itself.
        assert_eq!(pick(&[2.0], &[-1.0], &[-1], Taste::Cheaper), Some(0));
    }

    #[test]
    fn equals_are_told_apart_by_what_they_use() {
        assert_eq!(pick(&[1.0], &[4.0, 2.0], &[3, 1], Taste::Cheaper), Some(1));
        assert_eq!(pick(&[1.0], &[4.0, 2.0], &[3, 1], Taste::Dearer), Some(0));
        assert_eq!(pick(&[0.1], &[0.3], &[3], Taste::Cheaper), None);
        assert_eq!(pick(&[0.1], &[0.3], &[3], Taste::Dearer), Some(0));
    }
}
