//! What a fitted model expects of a customer; see `stats::lifetime`.
//!
//! All take the model's name, its parameters, and the customer's frequency, recency and age in the days the model was
//! fitted in. An absent model, as where none could be fitted, gives an absent answer.

use super::arguments::{Arguments, function, numbers, numbers_type, refused};
use datafusion::arrow::array::{ArrayRef, Float64Builder, StructArray};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use stats::lifetime::model::{Model, Standing};
use stats::lifetime::spend::Spend;
use stats::lifetime::value::continuous_rate;
use std::sync::Arc;

/// The probability with which bounds hold.
const LEVEL: f64 = 0.95;

/// All functions of this page.
pub fn all() -> Vec<ScalarUDF> {
    let horizon = [DataType::Float64];
    let spend_takes = vec![numbers_type(), DataType::Int64, DataType::Float64];
    vec![
        function("p_alive", takes(&[]), DataType::Float64, |given| {
            each(given, "p_alive", |standing, _| standing.p_alive())
        }),
        function("p_no_order", takes(&horizon), DataType::Float64, |given| {
            each(given, "p_no_order", |standing, days| standing.p_no_order(days))
        }),
        function("expected_orders", takes(&horizon), DataType::Float64, |given| {
            each(given, "expected_orders", |standing, days| standing.expected_orders(days))
        }),
        function("expected_orders_low", takes(&horizon), DataType::Float64, |given| {
            each(given, "expected_orders_low", |standing, days| standing.order_range(days, LEVEL).low)
        }),
        function("expected_orders_high", takes(&horizon), DataType::Float64, |given| {
            each(given, "expected_orders_high", |standing, days| standing.order_range(days, LEVEL).high)
        }),
        function("discounted_orders", takes(&horizon), DataType::Float64, |given| {
            each(given, "discounted_orders", |standing, yearly| {
                let rate = continuous_rate(yearly, YEAR_DAYS).unwrap_or(f64::NAN);
                standing.discounted_orders(0.0, f64::INFINITY, rate)
            })
        }),
        function("expected_spend", spend_takes, DataType::Float64, expected_spend),
        function("orders_within", takes(&horizon), DataType::Struct(range_fields()), orders_within),
    ]
}

/// Days in a year, on average.
const YEAR_DAYS: f64 = 365.25;

/// Expected spend per order of a customer with so many orders of so much on average; without them, of a new one.
fn expected_spend(given: &Arguments) -> Result<ArrayRef> {
    let mut spends = Float64Builder::with_capacity(given.rows());
    for row in 0..given.rows() {
        if given.lacks(0, row) {
            spends.append_null();
            continue;
        }
        let model =
            Spend::from_parts(&numbers(given.lists(0), row)).map_err(|why| refused("expected_spend", why))?;
        let is_known = !given.lacks(1, row) && !given.lacks(2, row);
        let (orders, mean) =
            if is_known { (given.ints(1).value(row) as f64, given.floats(2).value(row)) } else { (0.0, 0.0) };
        spends.append_value(model.expected_spend(orders, mean));
    }
    Ok(Arc::new(spends.finish()))
}

fn takes(more: &[DataType]) -> Vec<DataType> {
    let history = [DataType::Utf8, numbers_type(), DataType::Int64, DataType::Int64, DataType::Int64];
    [&history, more].concat()
}

fn range_fields() -> Fields {
    ["expected", "low", "high"].map(|name| Field::new(name, DataType::Float64, true)).into_iter().collect()
}

/// One number per row from what the model believes of the customer and the last argument (0 where there is none).
fn each(given: &Arguments, name: &str, answer: impl Fn(&Standing, f64) -> f64) -> Result<ArrayRef> {
    let mut models = Models::of(given, name);
    given.map_floats(|row| {
        let standing = models.standing(row)?;
        Ok(Some(answer(&standing, models.last_argument(row))).filter(|number| number.is_finite()))
    })
}

/// Expected orders within some days, with the fewest and the most.
fn orders_within(given: &Arguments) -> Result<ArrayRef> {
    let mut models = Models::of(given, "orders_within");
    let mut columns: [Float64Builder; 3] =
        std::array::from_fn(|_| Float64Builder::with_capacity(given.rows()));
    let mut present = Vec::with_capacity(given.rows());
    for row in 0..given.rows() {
        let is_present = !given.is_absent(row);
        present.push(is_present);
        if !is_present {
            columns.iter_mut().for_each(Float64Builder::append_null);
            continue;
        }
        let (standing, days) = (models.standing(row)?, models.last_argument(row));
        let range = standing.order_range(days, LEVEL);
        for (column, number) in
            columns.iter_mut().zip([standing.expected_orders(days), range.low, range.high])
        {
            column.append_value(number);
        }
    }
    let arrays = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
    Ok(Arc::new(StructArray::try_new(range_fields(), arrays, Some(NullBuffer::from(present)))?))
}

/// The models of a call. Rows of one model follow each other, so the last one made is remembered.
struct Models<'a> {
    given: &'a Arguments,
    function: &'a str,
    last: Option<(String, Vec<f64>, Model)>,
}

impl<'a> Models<'a> {
    fn of(given: &'a Arguments, function: &'a str) -> Models<'a> {
        Models { given, function, last: None }
    }

    fn standing(&mut self, row: usize) -> Result<Standing> {
        let name = self.given.texts(0).value(row);
        let parameters = numbers(self.given.lists(1), row);
        let is_same = |(last, of, _): &(String, Vec<f64>, Model)| last == name && *of == parameters;
        if !self.last.as_ref().is_some_and(is_same) {
            let model = Model::from_parts(name, &parameters).map_err(|why| refused(self.function, why))?;
            self.last = Some((name.to_owned(), parameters, model));
        }
        let number = |place: usize| self.given.ints(place).value(row) as f64;
        let (_, _, model) = self.last.as_ref().expect("made above");
        Ok(model.standing(number(2), number(3), number(4)))
    }

    fn last_argument(&self, row: usize) -> f64 {
        if self.given.places() > 5 { self.given.floats(5).value(row) } else { 0.0 }
    }
}
