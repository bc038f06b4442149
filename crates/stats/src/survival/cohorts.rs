//! Cohort tables: what each intake of customers did at each age.

use serde::Serialize;

use crate::inputs::{BadInput, finite};

/// One order, in periods (months, quarters, weeks) counted from any origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// The customer's number, from 0.
    pub customer: usize,
    /// The period of the order.
    pub period: u32,
    /// What it brought: sales or margin, any unit; returns may make it negative.
    pub value: f64,
}

/// A cohort at one age.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cell {
    /// Periods since the first order; the first period has age 0.
    pub age: u32,
    /// Customers with an order at this age.
    pub active: u64,
    /// Those as a share of the cohort.
    pub active_share: f64,
    /// Customers with an order at this age or, within the data, later: the survivors as far as can be seen.
    pub surviving: u64,
    /// Those as a share of the cohort. It falls too fast near the end of the data, where "later" is short.
    pub surviving_share: f64,
    /// Orders at this age.
    pub orders: u64,
    /// Their value.
    pub value: f64,
    /// Their value per customer of the cohort, whether active or not.
    pub value_per_customer: f64,
}

/// Customers whose first order fell in one period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cohort {
    /// The period of the first order.
    pub first_period: u32,
    /// How many customers.
    pub size: u64,
    /// One cell per age that the data have seen in full, from 0.
    pub ages: Vec<Cell>,
}

/// The cohort table of a list of orders in any order. `last_period` is the last complete period of the data;
/// later orders are not counted. Cohorts come in rising order; a period without new customers has none.
pub fn retention(orders: &[Order], last_period: u32) -> Result<Vec<Cohort>, BadInput> {
    let values: Vec<f64> = orders.iter().map(|order| order.value).collect();
    finite("value", &values)?;
    let mut orders: Vec<Order> = orders.iter().filter(|order| order.period <= last_period).copied().collect();
    orders.sort_by_key(|order| (order.customer, order.period));
    let Some(earliest) = orders.iter().map(|order| order.period).min() else {
        return Err(BadInput::Empty { what: "orders" });
    };
    let periods = (last_period - earliest + 1) as usize;
    let mut cohorts: Vec<Cohort> = (0..periods).map(|index| empty(earliest, index, periods)).collect();
    for history in orders.chunk_by(|a, b| a.customer == b.customer) {
        add(&mut cohorts[(history[0].period - earliest) as usize], history);
    }
    cohorts.retain(|cohort| cohort.size > 0);
    for cohort in &mut cohorts {
        let size = cohort.size as f64;
        for cell in &mut cohort.ages {
            cell.active_share = cell.active as f64 / size;
            cell.surviving_share = cell.surviving as f64 / size;
            cell.value_per_customer = cell.value / size;
        }
    }
    Ok(cohorts)
}

fn empty(earliest: u32, index: usize, periods: usize) -> Cohort {
    let cell = |age| Cell {
        age,
        active: 0,
        active_share: 0.0,
        surviving: 0,
        surviving_share: 0.0,
        orders: 0,
        value: 0.0,
        value_per_customer: 0.0,
    };
    Cohort {
        first_period: earliest + index as u32,
        size: 0,
        ages: (0..(periods - index) as u32).map(cell).collect(),
    }
}

/// Adds one customer's orders, sorted by period.
fn add(cohort: &mut Cohort, history: &[Order]) {
    cohort.size += 1;
    let mut last_age = 0;
    for at_age in history.chunk_by(|a, b| a.period == b.period) {
        last_age = (at_age[0].period - cohort.first_period) as usize;
        let cell = &mut cohort.ages[last_age];
        cell.active += 1;
        cell.orders += at_age.len() as u64;
        cell.value += at_age.iter().map(|order| order.value).sum::<f64>();
    }
    for cell in &mut cohort.ages[..=last_age] {
        cell.surviving += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(customer: usize, period: u32, value: f64) -> Order {
        Order { customer, period, value }
    }

    #[test]
    fn two_cohorts_of_the_corner_shop() {
        let orders = [
            order(0, 10, 5.0),
            order(0, 12, 7.0),
            order(1, 10, 3.0),
            order(2, 11, 4.0),
            order(2, 11, 6.0),
            order(2, 99, 1000.0),
        ];
        let table = retention(&orders, 12).unwrap();
        let shape: Vec<(u32, u64, usize)> =
            table.iter().map(|cohort| (cohort.first_period, cohort.size, cohort.ages.len())).collect();
        assert_eq!(shape, [(10, 2, 3), (11, 1, 2)]);
        let first: Vec<(u64, f64, u64, f64)> = table[0]
            .ages
            .iter()
            .map(|cell| (cell.active, cell.active_share, cell.surviving, cell.value_per_customer))
            .collect();
        assert_eq!(first, [(2, 1.0, 2, 4.0), (0, 0.0, 1, 0.0), (1, 0.5, 1, 3.5)]);
        assert_eq!((table[1].ages[0].orders, table[1].ages[0].value), (2, 10.0));
    }

    #[test]
    fn no_orders_in_range_is_refused() {
        assert!(retention(&[], 3).is_err());
        assert!(retention(&[order(0, 5, 1.0)], 3).is_err());
        assert!(retention(&[order(0, 1, f64::NAN)], 3).is_err());
    }
}
