//! Shares and counts with their doubt; see `stats::proportion` and `stats::affinity`.

use super::arguments::{Arguments, function};
use datafusion::arrow::array::{ArrayRef, Float64Builder, StructArray};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use stats::proportion::{Share, difference, share};
use std::sync::Arc;

/// The probability with which bounds hold.
const LEVEL: f64 = 0.95;

/// All functions of this page.
pub fn all() -> Vec<ScalarUDF> {
    let gives = || DataType::Struct(share_fields());
    vec![
        function("share_interval", vec![DataType::Int64; 2], gives(), |given| {
            shares(given, |count| share(count(0), count(1), LEVEL))
        }),
        function("share_difference", vec![DataType::Int64; 4], gives(), |given| {
            shares(given, |count| {
                let (first, second) = (share(count(0), count(1), LEVEL)?, share(count(2), count(3), LEVEL)?);
                Some(difference(first, second))
            })
        }),
        function("poisson_low", vec![DataType::Int64], DataType::Float64, |given| {
            given.map_floats(|row| {
                let count = u32::try_from(given.ints(0).value(row).max(0)).unwrap_or(u32::MAX);
                Ok(Some(stats::affinity::poisson_low(count, LEVEL)))
            })
        }),
    ]
}

fn share_fields() -> Fields {
    ["value", "low", "high"].map(|name| Field::new(name, DataType::Float64, true)).into_iter().collect()
}

/// `share_interval(count, total)` and `share_difference(count, total, count, total)`.
fn shares(given: &Arguments, answer: impl Fn(&dyn Fn(usize) -> u64) -> Option<Share>) -> Result<ArrayRef> {
    let mut columns: [Float64Builder; 3] =
        std::array::from_fn(|_| Float64Builder::with_capacity(given.rows()));
    let mut present = Vec::with_capacity(given.rows());
    for row in 0..given.rows() {
        let count = |place: usize| given.ints(place).value(row).max(0).unsigned_abs();
        let share = if given.is_absent(row) { None } else { answer(&count) };
        present.push(share.is_some());
        match share {
            Some(share) => columns
                .iter_mut()
                .zip([share.value, share.low, share.high])
                .for_each(|(column, number)| column.append_value(number)),
            None => columns.iter_mut().for_each(Float64Builder::append_null),
        }
    }
    let arrays = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
    Ok(Arc::new(StructArray::try_new(share_fields(), arrays, Some(NullBuffer::from(present)))?))
}
