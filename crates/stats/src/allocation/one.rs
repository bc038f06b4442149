//! One limit, with or without an ROI floor: the exact price, by counting steps of hulls.
//!
//! As the price falls from infinity, steps come into the allocation in the order of their slopes. The price
//! is the slope of the first step that no longer fits. Slopes are positive floats, whose bits rise with them,
//! so the steps are counted into buckets of bits, first coarsely, then within the bucket that holds the
//! answer, until few enough are left to be sorted: a radix selection that needs no memory per customer.

use super::hull::{Hull, Step};
use super::offers::Source;
use super::search::{Taste, best};
use super::several::totals_at;
use super::{Refused, Rules, Solved};

/// Bits of infinity: no slope reaches it.
const TOP: u64 = 0x7FF0_0000_0000_0000;
/// So many steps at most are kept to be sorted.
const FEW: u64 = 1 << 20;
/// Bits that each round leaves to the next.
const ROUNDS: [u32; 4] = [44, 28, 12, 0];

/// Cost and value of all steps so far.
#[derive(Clone, Copy, Default)]
struct Sum {
    cost: i128,
    value: f64,
    steps: u64,
}

impl Sum {
    fn add(&mut self, cost: i64, value: f64) {
        self.cost += i128::from(cost);
        self.value += value;
        self.steps += 1;
    }

    fn and(self, other: &Sum) -> Sum {
        Sum { cost: self.cost + other.cost, value: self.value + other.value, steps: self.steps + other.steps }
    }

    /// Whether steps down to `slope` still fit. The return rises while slopes are above the floor, so that
    /// rule can only stop steps below it.
    fn fits(&self, rules: &Rules, slope: f64) -> bool {
        let is_paid = self.cost <= i128::from(rules.limits[0]);
        let floor = rules.roi_floor.filter(|floor| slope < *floor);
        is_paid && floor.is_none_or(|floor| self.value - floor * self.cost as f64 >= 0.0)
    }
}

/// The price, the bound, and what net value is worth.
pub(super) fn solve(source: &mut Source<'_, '_>, rules: &Rules) -> Result<Solved, Refused> {
    let price = price(source, rules)?;
    let (totals, net) = totals_at(source, &[price]);
    source.check()?;
    let (value, cost) = (totals.exact_value(), totals.uses[0]);
    let spare = (i128::from(rules.limits[0]) - cost) as f64;
    // Which rule stopped: the floor, where less than the spare budget brings the return down to it.
    let floor = rules.roi_floor.filter(|floor| price < *floor && price > 0.0);
    let reach = floor.map(|floor| (value - floor * cost as f64) / (floor - price));
    let (bound, weight) = match (floor, reach) {
        (Some(floor), Some(reach)) if reach < spare => {
            let weight = floor / (floor - price);
            (weight * net, weight)
        }
        _ if price == 0.0 => (net, 1.0),
        _ => (net + price * rules.limits[0] as f64, 1.0),
    };
    Ok(Solved { prices: vec![price], bound, weight, blend: Vec::new(), totals: Some(totals) })
}

/// The slope of the first step that does not fit, 0 where all do.
fn price(source: &mut Source<'_, '_>, rules: &Rules) -> Result<f64, Refused> {
    let mut above = Sum::default();
    let (mut low, mut high) = (0, TOP);
    for (round, shift) in ROUNDS.into_iter().enumerate() {
        let (base, buckets) = count(source, low, high, shift)?;
        if round == 0 {
            above = base;
        }
        let mut found = None;
        for (index, bucket) in buckets.iter().enumerate().rev().filter(|(_, bucket)| bucket.steps > 0) {
            let from = low + ((index as u64) << shift);
            let with = above.and(bucket);
            if !with.fits(rules, f64::from_bits(from)) {
                found = Some((from, bucket.steps));
                break;
            }
            above = with;
        }
        let Some((from, steps)) = found else { return Ok(0.0) };
        (low, high) = (from, from + (1 << shift));
        if steps <= FEW && shift > 0 {
            return first_that_does_not_fit(source, rules, above, low, high);
        }
    }
    Ok(f64::from_bits(low))
}

/// Everybody's cheapest state, and the steps with bits from `low` to below `high`, by their bits above
/// `shift`.
fn count(source: &mut Source<'_, '_>, low: u64, high: u64, shift: u32) -> Result<(Sum, Vec<Sum>), Refused> {
    let mut buckets = vec![Sum::default(); (((high - 1 - low) >> shift) + 1) as usize];
    let mut base = Sum::default();
    let mut hull = Hull::default();
    source.visit(|_, customer| {
        let (start, steps) = hull.steps(customer);
        base.add(start.0, start.1);
        for step in steps {
            let bits = step.slope.to_bits();
            if bits >= low && bits < high {
                buckets[((bits - low) >> shift) as usize].add(step.cost, step.value);
            }
        }
    });
    source.check()?;
    Ok((base, buckets))
}

/// Sorts the steps of one bucket and walks down them.
fn first_that_does_not_fit(
    source: &mut Source<'_, '_>,
    rules: &Rules,
    above: Sum,
    low: u64,
    high: u64,
) -> Result<f64, Refused> {
    let (from, to) = (f64::from_bits(low), f64::from_bits(high.min(TOP - 1)));
    let middle = [0.5 * (from + to)];
    let mut kept: Vec<Step> = Vec::new();
    let mut hull = Hull::default();
    source.visit(|_, customer| {
        // An offer that is ahead by more than prices can differ within the bucket has no step there.
        let chosen = best(&middle, customer, Taste::Cheaper);
        let costs = customer.uses.iter().filter(|cost| **cost <= customer.cap);
        let (least, most) = costs.fold((0, 0), |(low, high), cost| (low.min(*cost), high.max(*cost)));
        let turn = (to - from) * (most - least) as f64;
        if chosen.margin > turn + 4.0 * chosen.equal {
            return;
        }
        let steps = hull.steps(customer).1;
        kept.extend(steps.filter(|step| (low..high).contains(&step.slope.to_bits())));
    });
    source.check()?;
    kept.sort_by(|a, b| b.slope.total_cmp(&a.slope));
    let mut sum = above;
    for step in &kept {
        sum.add(step.cost, step.value);
        if !sum.fits(rules, step.slope) {
            return Ok(step.slope);
        }
    }
    // Rounding of the sums can let the last step fit after all; the repair has the exact ones.
    Ok(from)
}

#[cfg(test)]
mod tests {
    use super::super::Offers;
    use super::*;

    fn price_of(offers: &Offers, rules: &Rules) -> f64 {
        let mut pass = |each: &mut dyn FnMut(super::super::Customer<'_>)| offers.visit(each);
        price(&mut Source::new(&mut pass, rules, None).unwrap(), rules).unwrap()
    }

    #[test]
    fn the_price_is_the_slope_of_the_step_that_no_longer_fits() {
        let offers = Offers::even(1, 1, vec![8.0, 6.0, 4.0, 2.0], vec![2; 4]).unwrap();
        for (budget, price) in [(0, 4.0), (1, 4.0), (2, 3.0), (5, 2.0), (7, 1.0), (8, 0.0), (i64::MAX, 0.0)] {
            assert_eq!(price_of(&offers, &Rules::budget(budget)), price, "budget {budget}");
        }
    }

    #[test]
    fn more_equal_steps_than_are_kept_still_have_their_price() {
        let customers = FEW as usize + 10;
        let offers = Offers::even(1, 1, vec![1.5; customers], vec![3; customers]).unwrap();
        assert_eq!(price_of(&offers, &Rules::budget(300)), 0.5);
    }

    #[test]
    fn an_roi_floor_is_a_price_too() {
        // Returns 4, 3, 2, 1 on equal costs: a floor of 2.5 takes all four (10 / 4), 3.0 the first three (9 /
        // 3).
        let offers = Offers::even(1, 1, vec![8.0, 6.0, 4.0, 2.0], vec![2; 4]).unwrap();
        for (floor, price) in [(2.5, 0.0), (3.0, 1.0), (3.2, 2.0), (3.9, 3.0), (4.5, 4.0)] {
            let rules = Rules { limits: vec![i64::MAX], roi_floor: Some(floor) };
            assert_eq!(price_of(&offers, &rules), price, "floor {floor}");
        }
    }
}
