//! Doubt: how far a sum over customers may be off, and the amounts that carry it.
//!
//! Three things make a total uncertain. Chance: the same customers, the same habits, another year. The parameters:
//! they are estimates. The level: whatever the model does not know of (seasons, prices, a competitor), of which the
//! held-out time is the only witness: a model that was off by a tenth there may be off by a tenth again. All three
//! are added as variances.

use super::options::Z;
use super::xray::{Amount, Estimate};

/// How far totals may be off beyond chance, as standard deviations relative to the total.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Doubt {
    /// Of orders and of what they bring.
    pub orders: f64,
    /// Of the number of customers who order.
    pub buyers: f64,
}

impl Doubt {
    /// An amount with its interval: `variance` is chance alone, in minor units squared.
    pub fn amount(&self, minor: f64, variance: f64) -> Amount {
        let (low, high) = around(minor, variance, self.orders);
        Amount::new(minor.round() as i64, low.round() as i64, high.round() as i64)
    }

    /// A number of orders.
    pub fn of_orders(&self, orders: f64, variance: f64) -> Estimate {
        let (low, high) = around(orders, variance, self.orders);
        Estimate::new(orders, low, high)
    }

    /// A number of customers out of `all`.
    pub fn of_buyers(&self, customers: f64, variance: f64, all: f64) -> Estimate {
        let (low, high) = around(customers, variance, self.buyers);
        Estimate::new(customers, low, high.min(all.max(customers)))
    }
}

/// The interval of a total. One that is not below zero has no end below zero.
fn around(total: f64, variance: f64, relative: f64) -> (f64, f64) {
    let half = Z * variance.max(0.0).sqrt().hypot(relative * total);
    let low = if total >= 0.0 { (total - half).max(0.0) } else { total - half };
    (low, total + half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_and_level_add_as_variances() {
        let doubt = Doubt { orders: 0.04, buyers: 0.0 };
        let amount = doubt.amount(100.0, 9.0);
        assert_eq!(amount, Amount::new(100, 90, 110));
        let few = doubt.of_buyers(3.0, 4.0, 5.0);
        assert_eq!((few.low, few.high), (0.0, 5.0));
    }

    #[test]
    fn losses_keep_their_lower_end() {
        let amount = Doubt { orders: 0.1, buyers: 0.1 }.amount(-100.0, 0.0);
        assert!(amount.low_minor < -100 && amount.high_minor > -100);
    }
}
