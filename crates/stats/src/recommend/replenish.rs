//! When a product runs out: the usual gap between purchases of one product by one customer.
//!
//! Three levels share what they know. A product seldom bought twice leans on all products, a customer with few
//! purchases of it leans on the product ([`crate::cadence`] has the law and its assumptions).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cadence::{Cadence, Habit, Population, Rules, cadence};
use crate::inputs::BadInput;

/// The gaps of all products.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replenishment {
    overall: Population,
    by_product: BTreeMap<u32, Population>,
}

impl Replenishment {
    /// Learns from the habit of each customer with each product (the days on which they bought it).
    pub fn learn(habits: &[(u32, Habit)]) -> Result<Replenishment, BadInput> {
        let all: Vec<Habit> = habits.iter().map(|(_, habit)| *habit).collect();
        let overall = Population::new(&all)?;
        let mut sums: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        for (product, habit) in habits.iter().filter(|(_, habit)| habit.gaps() > 0) {
            // Customers, not gaps, are what a product's own mean is learnt from, each by what is known of them.
            let weight = 1.0 / (overall.between + overall.within / f64::from(habit.gaps()));
            let sum = sums.entry(*product).or_default();
            sum.0 += weight;
            sum.1 += weight * habit.sum_log_gap / f64::from(habit.gaps());
        }
        let among = among_products(&sums, overall.mean_log_gap).min(overall.between);
        let by_product = sums
            .into_iter()
            .map(|(product, (weight, sum))| {
                let trust = if among > 0.0 { weight / (weight + 1.0 / among) } else { 0.0 };
                let mean_log_gap = overall.mean_log_gap + trust * (sum / weight - overall.mean_log_gap);
                (product, Population { mean_log_gap, between: overall.between - among, ..overall })
            })
            .collect();
        Ok(Replenishment { overall, by_product })
    }

    fn population(&self, product: u32) -> &Population {
        self.by_product.get(&product).unwrap_or(&self.overall)
    }

    /// The usual gap of a product, in days: the median over gaps of its buyers.
    pub fn usual_gap_days(&self, product: u32) -> f64 {
        self.population(product).mean_log_gap.exp()
    }

    /// One customer's clock for one product: when it is due, and how late it is.
    pub fn due(&self, product: u32, habit: &Habit, rules: &Rules, today: i32) -> Result<Cadence, BadInput> {
        cadence(habit, self.population(product), rules, today)
    }
}

/// The variance of the products' own means beyond what chance gives them (DerSimonian and Laird 1986).
fn among_products(sums: &BTreeMap<u32, (f64, f64)>, overall: f64) -> f64 {
    let weights: f64 = sums.values().map(|(weight, _)| weight).sum();
    let squares: f64 = sums.values().map(|(weight, _)| weight * weight).sum();
    let spread: f64 = sums.values().map(|(weight, sum)| weight * (sum / weight - overall).powi(2)).sum();
    let divisor = weights - squares / weights;
    if divisor > 0.0 { ((spread - (sums.len() as f64 - 1.0)) / divisor).max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    #[test]
    fn planted_products_are_told_apart_and_a_rare_one_leans_on_all() {
        let mut random = Pcg64Mcg::seed_from_u64(40);
        let mut habits = Vec::new();
        for (product, usual) in [(1_u32, 7.0_f64), (2, 30.0), (3, 90.0)] {
            for _ in 0..300 {
                let own = usual.ln() + 0.2 * Distribution::<f64>::sample(&StandardNormal, &mut random);
                let mut days = vec![0];
                for _ in 0..4 {
                    let noise: f64 = StandardNormal.sample(&mut random);
                    days.push(days[days.len() - 1] + (own + 0.3 * noise).exp().round().max(1.0) as i32);
                }
                habits.push((product, Habit::new(&days).unwrap()));
            }
        }
        habits.push((4, Habit::new(&[0, 3]).unwrap()));
        let learnt = Replenishment::learn(&habits).unwrap();
        for (product, usual) in [(1, 7.0), (2, 30.0), (3, 90.0)] {
            let found = learnt.usual_gap_days(product);
            assert!((found / usual - 1.0).abs() < 0.08, "product {product}: {found}");
        }
        let all = learnt.usual_gap_days(99);
        assert!(learnt.usual_gap_days(4) > 3.0 && learnt.usual_gap_days(4) < all);
        let due = learnt.due(2, &Habit::new(&[0, 28, 57]).unwrap(), &Rules::default(), 60).unwrap();
        assert!((84..=89).contains(&due.expected_day), "{due:?}");
    }

    #[test]
    fn nothing_bought_twice_is_refused() {
        assert!(Replenishment::learn(&[(1, Habit::new(&[4]).unwrap())]).is_err());
        let one = Replenishment::learn(&[(1, Habit::new(&[4, 10]).unwrap())]).unwrap();
        assert!((one.usual_gap_days(1) - 6.0).abs() < 1e-9);
    }
}
