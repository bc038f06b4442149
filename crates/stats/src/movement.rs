//! Two periods side by side: who moved where, and what drove the change.
//!
//! A transition matrix counts customers by where they were and where they are. A decomposition splits the change of
//! a product of factors (customers × orders per customer × sales per order × margin per sale) into one amount per
//! factor that add up to the change exactly: by Shapley's average over all orders of replacement, or by the
//! logarithmic mean (Ang 2004, LMDI-I) where all factors are above zero.

use serde::Serialize;

use crate::inputs::{BadInput, finite, not_empty, not_negative, same_rows};

/// Customers (or their value) by state before and state after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transitions {
    /// How many states.
    pub states: usize,
    /// Row-major: `counts[before * states + after]`.
    pub counts: Vec<f64>,
}

/// Counts the moves of customers between states numbered below `states`. `weights` of one each count customers;
/// weights of money count money.
pub fn transitions(
    before: &[usize],
    after: &[usize],
    weights: &[f64],
    states: usize,
) -> Result<Transitions, BadInput> {
    same_rows("before", before, "after", after)?;
    same_rows("before", before, "weights", weights)?;
    not_negative("weights", weights)?;
    let mut counts = vec![0.0; states * states];
    for (row, ((from, to), weight)) in before.iter().zip(after).zip(weights).enumerate() {
        for (what, state) in [("before", *from), ("after", *to)] {
            if state >= states {
                return Err(BadInput::OutOfRange { what, row, value: state as f64, range: "below states" });
            }
        }
        counts[from * states + to] += weight;
    }
    Ok(Transitions { states, counts })
}

impl Transitions {
    /// The shares of a row, which sum to 1; `None` when nobody was in that state before.
    pub fn row_shares(&self, before: usize) -> Option<Vec<f64>> {
        let row = self.counts.get(before * self.states..(before + 1) * self.states)?;
        let total: f64 = row.iter().sum();
        (total > 0.0).then(|| row.iter().map(|count| count / total).collect())
    }
}

/// What became of the customers of two periods.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct ComingsAndGoings {
    /// In both periods.
    pub stayed: Group,
    /// In the first only.
    pub left: Group,
    /// In the second only, and never before it.
    pub came: Group,
    /// In the second only, but known from before the first.
    pub came_back: Group,
}

/// A group of customers with what they brought in each period.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Group {
    /// How many.
    pub customers: u64,
    /// Their value in the first period.
    pub value_before: f64,
    /// Their value in the second period.
    pub value_after: f64,
}

/// One customer seen over two periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoPeriods {
    /// Orders in the first period.
    pub orders_before: u32,
    /// Orders in the second period.
    pub orders_after: u32,
    /// Value in the first period.
    pub value_before: f64,
    /// Value in the second period.
    pub value_after: f64,
    /// Whether there was an order earlier than the first period.
    pub is_older: bool,
}

/// Sorts customers into stayed, left, came and came back. Customers without an order in either period are not
/// counted.
pub fn comings_and_goings(customers: impl IntoIterator<Item = TwoPeriods>) -> ComingsAndGoings {
    let mut sum = ComingsAndGoings::default();
    for customer in customers {
        let group = match (customer.orders_before > 0, customer.orders_after > 0) {
            (true, true) => &mut sum.stayed,
            (true, false) => &mut sum.left,
            (false, true) if customer.is_older => &mut sum.came_back,
            (false, true) => &mut sum.came,
            (false, false) => continue,
        };
        group.customers += 1;
        group.value_before += customer.value_before;
        group.value_after += customer.value_after;
    }
    sum
}

/// How a change is shared among factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decomposition {
    /// The mean over all orders in which the factors could have changed. Defined for any finite factors.
    Shapley,
    /// Logarithmic-mean weights. Defined for factors above zero.
    LogMean,
}

/// The most factors a decomposition takes; Shapley visits every subset.
pub const FACTORS_AT_MOST: usize = 12;

/// Splits `after[0]·after[1]·… − before[0]·before[1]·…` into one amount per factor. The amounts add up to the change.
pub fn decompose(before: &[f64], after: &[f64], method: Decomposition) -> Result<Vec<f64>, BadInput> {
    not_empty("before", before)?;
    same_rows("before", before, "after", after)?;
    finite("before", before)?;
    finite("after", after)?;
    if before.len() > FACTORS_AT_MOST {
        let value = before.len() as f64;
        return Err(BadInput::Setting { setting: "number of factors", value, range: "12 or fewer" });
    }
    match method {
        Decomposition::Shapley => Ok(shapley(before, after)),
        Decomposition::LogMean => log_mean(before, after),
    }
}

fn shapley(before: &[f64], after: &[f64]) -> Vec<f64> {
    let factors = before.len();
    // Weight of a subset of size s that precedes a factor: s!(n − s − 1)!/n!.
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    let weight: Vec<f64> = (0..factors)
        .map(|size| factorial(size) * factorial(factors - size - 1) / factorial(factors))
        .collect();
    (0..factors)
        .map(|factor| {
            let mut amount = 0.0;
            for changed in 0..1_u32 << factors {
                if changed >> factor & 1 == 1 {
                    continue;
                }
                let rest: f64 = (0..factors)
                    .filter(|other| *other != factor)
                    .map(|other| if changed >> other & 1 == 1 { after[other] } else { before[other] })
                    .product();
                amount += weight[changed.count_ones() as usize] * rest * (after[factor] - before[factor]);
            }
            amount
        })
        .collect()
}

fn log_mean(before: &[f64], after: &[f64]) -> Result<Vec<f64>, BadInput> {
    for (what, values) in [("before", before), ("after", after)] {
        if let Some(row) = values.iter().position(|value| *value <= 0.0) {
            let value = values[row];
            return Err(BadInput::OutOfRange { what, row, value, range: "above zero; use Shapley" });
        }
    }
    let (start, end): (f64, f64) = (before.iter().product(), after.iter().product());
    let log_ratio = end.ln() - start.ln();
    // L(a, b) = (b − a)/(ln b − ln a), which tends to a as b does.
    let mean = if log_ratio.abs() < 1e-9 { (start + end) / 2.0 } else { (end - start) / log_ratio };
    Ok(before.iter().zip(after).map(|(b, a)| mean * (a / b).ln()).collect())
}

/// The totals of one period from which profit is explained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Totals {
    /// Customers with an order.
    pub customers: f64,
    /// Orders.
    pub orders: f64,
    /// Sales.
    pub sales: f64,
    /// Margin: sales less the cost of what was sold.
    pub margin: f64,
}

/// What drove a change in margin; the four amounts add up to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drivers {
    /// More or fewer customers.
    pub customers: f64,
    /// More or fewer orders each.
    pub frequency: f64,
    /// Larger or smaller orders.
    pub order_value: f64,
    /// A better or worse margin on each sale.
    pub margin_rate: f64,
}

/// Explains the change of margin between two periods, by Shapley. A period without orders has no frequency, value
/// or rate of its own; it borrows the other's, so the whole change is then a change of customers.
pub fn drivers(before: Totals, after: Totals) -> Result<Drivers, BadInput> {
    let columns = |totals: Totals| [totals.customers, totals.orders, totals.sales, totals.margin];
    finite("before", &columns(before))?;
    finite("after", &columns(after))?;
    let factors = match (factors(before), factors(after)) {
        (Some(b), Some(a)) => (b, a),
        (Some([c, f, v, m]), None) => ([c, f, v, m], [0.0, f, v, m]),
        (None, Some([c, f, v, m])) => ([0.0, f, v, m], [c, f, v, m]),
        (None, None) => {
            let why = "neither period has customers, orders and sales above zero";
            return Err(BadInput::Uninformative { what: "drivers of profit", why });
        }
    };
    let parts = shapley(&factors.0, &factors.1);
    Ok(Drivers { customers: parts[0], frequency: parts[1], order_value: parts[2], margin_rate: parts[3] })
}

fn factors(totals: Totals) -> Option<[f64; 4]> {
    let Totals { customers, orders, sales, margin } = totals;
    (customers > 0.0 && orders > 0.0 && sales > 0.0)
        .then(|| [customers, orders / customers, sales / orders, margin / sales])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_of_a_matrix_sum_to_one() {
        let moves = transitions(&[0, 0, 1, 1, 1], &[0, 1, 1, 1, 0], &[1.0; 5], 3).unwrap();
        assert_eq!(moves.counts, [1.0, 1.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(moves.row_shares(0), Some(vec![0.5, 0.5, 0.0]));
        assert_eq!(moves.row_shares(2), None);
        assert!(transitions(&[3], &[0], &[1.0], 3).is_err());
    }

    #[test]
    fn customers_are_sorted_by_where_they_were() {
        let customer = |orders_before, orders_after, is_older| TwoPeriods {
            orders_before,
            orders_after,
            value_before: f64::from(orders_before) * 10.0,
            value_after: f64::from(orders_after) * 10.0,
            is_older,
        };
        let sum = comings_and_goings([
            customer(2, 3, false),
            customer(1, 0, true),
            customer(0, 1, false),
            customer(0, 2, true),
            customer(0, 0, true),
        ]);
        let counts = [sum.stayed, sum.left, sum.came, sum.came_back].map(|group| group.customers);
        assert_eq!(counts, [1, 1, 1, 1]);
        assert_eq!((sum.stayed.value_before, sum.came_back.value_after), (20.0, 20.0));
    }

    #[test]
    fn two_factors_share_the_joint_change_equally() {
        // 10 × 5 = 50 becomes 12 × 6 = 72. Alone: 10 and 10; together 2 more, one each.
        assert_eq!(decompose(&[10.0, 5.0], &[12.0, 6.0], Decomposition::Shapley).unwrap(), [11.0, 11.0]);
    }

    #[test]
    fn nothing_changes_when_nothing_changes() {
        let same = Totals { customers: 10.0, orders: 30.0, sales: 900.0, margin: 300.0 };
        let found = drivers(same, same).unwrap();
        assert_eq!(
            (found.customers, found.frequency, found.order_value, found.margin_rate),
            (0.0, 0.0, 0.0, 0.0)
        );
    }

    #[test]
    fn a_period_without_orders_is_a_change_of_customers() {
        let none = Totals { customers: 0.0, orders: 0.0, sales: 0.0, margin: 0.0 };
        let some = Totals { customers: 10.0, orders: 30.0, sales: 900.0, margin: 300.0 };
        let found = drivers(none, some).unwrap();
        assert!((found.customers - 300.0).abs() < 1e-9 && found.frequency == 0.0 && found.margin_rate == 0.0);
        assert!(drivers(none, none).is_err());
    }

    #[test]
    fn log_mean_refuses_a_zero_factor() {
        assert!(decompose(&[0.0, 1.0], &[1.0, 1.0], Decomposition::LogMean).is_err());
        assert!(decompose(&[1.0; 13], &[2.0; 13], Decomposition::Shapley).is_err());
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_change(
            before in prop::collection::vec(0.01..1e3f64, 4),
            after in prop::collection::vec(0.01..1e3f64, 4),
        ) {
            let change = after.iter().product::<f64>() - before.iter().product::<f64>();
            let scale = after.iter().product::<f64>() + before.iter().product::<f64>();
            for method in [Decomposition::Shapley, Decomposition::LogMean] {
                let parts = decompose(&before, &after, method).unwrap();
                prop_assert!((parts.iter().sum::<f64>() - change).abs() <= 1e-9 * scale);
                for (part, (b, a)) in parts.iter().zip(before.iter().zip(&after)) {
                    prop_assert!(part * (a - b) >= 0.0);
                }
            }
        }
    }
}
