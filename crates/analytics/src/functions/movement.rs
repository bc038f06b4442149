//! What drove a change; see `stats::movement`.

use super::arguments::{Arguments, function};
use datafusion::arrow::array::{ArrayRef, Float64Builder, StructArray};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use stats::movement::{Totals, drivers};
use std::sync::Arc;

/// All functions of this page.
pub fn all() -> Vec<ScalarUDF> {
    vec![function(
        "profit_drivers",
        vec![DataType::Int64; 8],
        DataType::Struct(effect_fields()),
        profit_drivers,
    )]
}

fn effect_fields() -> Fields {
    ["customers", "frequency", "order_value", "margin_rate"]
        .map(|name| Field::new(name, DataType::Float64, true))
        .into_iter()
        .collect()
}

/// `profit_drivers(customers, orders, sales, margin, customers, orders, sales, margin)`: the effects that add up to the
/// change of margin from the first four to the last; absent where neither period has sales.
fn profit_drivers(given: &Arguments) -> Result<ArrayRef> {
    let mut columns: [Float64Builder; 4] =
        std::array::from_fn(|_| Float64Builder::with_capacity(given.rows()));
    let mut present = Vec::with_capacity(given.rows());
    for row in 0..given.rows() {
        let totals = |start: usize| {
            let number = |place: usize| given.ints(start + place).value(row) as f64;
            Totals { customers: number(0), orders: number(1), sales: number(2), margin: number(3) }
        };
        let effects = if given.is_absent(row) { None } else { drivers(totals(0), totals(4)).ok() };
        present.push(effects.is_some());
        match effects {
            Some(found) => columns
                .iter_mut()
                .zip([found.customers, found.frequency, found.order_value, found.margin_rate])
                .for_each(|(column, number)| column.append_value(number)),
            None => columns.iter_mut().for_each(Float64Builder::append_null),
        }
    }
    let arrays = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
    Ok(Arc::new(StructArray::try_new(effect_fields(), arrays, Some(NullBuffer::from(present)))?))
}
