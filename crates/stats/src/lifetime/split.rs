//! From orders to histories, cut in time: what the models may see, and what they are judged on.

use super::history::{History, Refused};

/// Histories up to a moment, and what the same customers did afterwards. One row per customer with an order by then, in
/// ascending order of their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split {
    /// The customer's number in the input.
    pub customer: Vec<u32>,
    /// Repeat orders up to the cut.
    pub frequency: Vec<f64>,
    /// First order to last order up to the cut.
    pub recency: Vec<f64>,
    /// First order to the cut.
    pub age: Vec<f64>,
    /// Sum of ln gaps between the orders up to the cut.
    pub log_gaps: Vec<f64>,
    /// Time of the first order.
    pub first_order: Vec<f64>,
    /// Orders after the cut, up to the end.
    pub later: Vec<f64>,
}

impl Split {
    /// The histories up to the cut.
    pub fn history(&self) -> History<'_> {
        History::new(&self.frequency, &self.recency, &self.age).with_log_gaps(&self.log_gaps)
    }
}

/// Splits orders at `cut` (inclusive) and looks on to `end`.
///
/// `customer` and `time` have one entry per order, in any order; orders of one customer at the same time are one order,
/// so pass whole days of the shop if same-day tickets should merge. Customers whose first order is after the cut are left
/// out; orders after the end are ignored.
pub fn split(customer: &[u32], time: &[f64], cut: f64, end: f64) -> Result<Split, Refused> {
    if time.len() != customer.len() {
        return Err(Refused::Lengths { column: "time", rows: time.len(), expected: customer.len() });
    }
    if let Some(row) = time.iter().position(|t| !t.is_finite()) {
        return Err(Refused::NotFinite { column: "time", row, value: time[row] });
    }
    if !cut.is_finite() || end.is_nan() || end < cut {
        return Err(Refused::Setting { setting: "end", value: end, range: "a time at or after the cut" });
    }
    let mut orders: Vec<(u32, f64)> = customer.iter().copied().zip(time.iter().copied()).collect();
    orders.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    orders.dedup();
    let mut split = Split::default();
    for own in orders.chunk_by(|a, b| a.0 == b.0) {
        let seen = own.partition_point(|o| o.1 <= cut);
        if seen == 0 {
            continue;
        }
        let (first, last) = (own[0].1, own[seen - 1].1);
        split.customer.push(own[0].0);
        split.frequency.push((seen - 1) as f64);
        split.recency.push(last - first);
        split.age.push(cut - first);
        split.log_gaps.push(own[..seen].windows(2).map(|w| (w[1].1 - w[0].1).ln()).sum());
        split.first_order.push(first);
        split.later.push(own[seen..].iter().filter(|o| o.1 <= end).count() as f64);
    }
    Ok(split)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_cut_merged_and_counted() {
        let customer = [7, 3, 7, 7, 3, 9, 7, 7, 3];
        let time = [10.0, 5.0, 2.0, 10.0, 30.0, 25.0, 28.0, 99.0, 5.0];
        let split = split(&customer, &time, 20.0, 40.0).unwrap();
        assert_eq!(split.customer, [3, 7]);
        assert_eq!(split.frequency, [0.0, 1.0]);
        assert_eq!(split.recency, [0.0, 8.0]);
        assert_eq!(split.age, [15.0, 18.0]);
        assert_eq!(split.later, [1.0, 1.0]);
        assert_eq!(split.first_order, [5.0, 2.0]);
        assert_eq!(split.log_gaps, [0.0, 8f64.ln()]);
        assert!(split.history().check().is_ok());
    }

    #[test]
    fn times_that_cannot_be_are_refused() {
        assert!(split(&[1], &[], 1.0, 2.0).is_err());
        assert!(split(&[1], &[f64::NAN], 1.0, 2.0).is_err());
        assert!(split(&[1], &[1.0], 2.0, 1.0).is_err());
        assert_eq!(split(&[], &[], 1.0, 2.0).unwrap(), Split::default());
    }
}
