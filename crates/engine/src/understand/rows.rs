//! Reading a relation's rows: by column name, with numbers that are no numbers taken as absent.

use super::xray::Period;
use domain::column::Batch;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use std::cmp::Ordering;

/// One row of a relation.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    batch: &'a Batch,
    row: usize,
}

/// The rows of a relation in order.
pub(super) fn rows(batch: &Batch) -> impl ExactSizeIterator<Item = Row<'_>> {
    (0..batch.rows()).map(move |row| Row { batch, row })
}

/// The rows in rising order of a column, absent last: relations promise no order.
pub(super) fn rising<'a>(batch: &'a Batch, name: &str) -> Vec<Row<'a>> {
    let key = |row: &Row| row.number(name).unwrap_or(f64::INFINITY);
    sorted(batch, |a, b| key(a).total_cmp(&key(b)))
}

/// The rows in falling order of a column, absent last.
pub(super) fn falling<'a>(batch: &'a Batch, name: &str) -> Vec<Row<'a>> {
    let key = |row: &Row| row.number(name).unwrap_or(f64::NEG_INFINITY);
    sorted(batch, |a, b| key(b).total_cmp(&key(a)))
}

/// The rows in an order, equals by what they name: a query gives its rows in any order, a report has one.
fn sorted<'a>(batch: &'a Batch, order: impl Fn(&Row, &Row) -> Ordering) -> Vec<Row<'a>> {
    let mut all: Vec<Row> = rows(batch).collect();
    let texts = |row: Row<'a>| batch.names().iter().map(|name| row.text(name)).collect::<Vec<_>>();
    all.sort_by(|a, b| order(a, b).then_with(|| texts(*a).cmp(&texts(*b))));
    all
}

/// The first row, where there is one.
pub(super) fn first(batch: &Batch) -> Option<Row<'_>> {
    rows(batch).next()
}

impl<'a> Row<'a> {
    /// A finite number.
    pub fn number(self, name: &str) -> Option<f64> {
        self.batch.column(name).float(self.row).filter(|number| number.is_finite())
    }

    /// A finite number, 0 where absent: for sums, which are absent over nothing.
    pub fn sum(self, name: &str) -> f64 {
        self.number(name).unwrap_or(0.0)
    }

    /// A whole number of minor units, from an integer as it is or a number rounded.
    pub fn minor(self, name: &str) -> Option<i64> {
        self.batch
            .column(name)
            .int(self.row)
            .or_else(|| self.number(name).map(|number| number.round() as i64))
    }

    /// Minor units, 0 where absent.
    pub fn minor_sum(self, name: &str) -> i64 {
        self.minor(name).unwrap_or(0)
    }

    /// A count, 0 where absent.
    pub fn count(self, name: &str) -> u64 {
        self.minor(name).map_or(0, |count| count.max(0) as u64)
    }

    /// A day.
    pub fn day(self, name: &str) -> Option<Date> {
        self.batch.column(name).int(self.row).map(date_of)
    }

    /// Days from one column's up to before another's; `None` where either is absent.
    pub fn period(self, from: &str, until: &str) -> Option<Period> {
        Some(Period { from: self.day(from)?, until: self.day(until)? })
    }

    /// Text.
    pub fn text(self, name: &str) -> Option<&'a str> {
        self.batch.column(name).text(self.row)
    }
}

const EPOCH: Date = date(1970, 1, 1);

/// The day so many days after 1970-01-01, kept inside the calendar.
pub(super) fn date_of(days: i64) -> Date {
    EPOCH.saturating_add(days.clamp(-4_000_000, 2_900_000).days())
}

/// Days from 1970-01-01.
pub(super) fn day_of(day: Date) -> i32 {
    EPOCH.until(day).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::column::{Column, Values};

    #[test]
    fn days_go_there_and_back() {
        for day in [date(1970, 1, 1), date(1900, 2, 28), date(2026, 12, 31), date(2099, 1, 1)] {
            assert_eq!(date_of(i64::from(day_of(day))), day);
        }
        assert!(date_of(i64::MAX) > date(9000, 1, 1) && date_of(i64::MIN) < date(-8000, 1, 1));
    }

    #[test]
    fn what_is_no_number_is_absent() {
        let batch = Batch::new(vec![
            Column::new("rate", Values::Float(vec![f64::NAN, 1.6])),
            Column::ints("orders", [Some(-3), Some(7)]),
        ]);
        let all: Vec<Row> = rows(&batch).collect();
        assert_eq!((all[0].number("rate"), all[0].minor("rate"), all[0].count("orders")), (None, None, 0));
        assert_eq!((all[1].minor("rate"), all[1].number("orders")), (Some(2), Some(7.0)));
    }
}
