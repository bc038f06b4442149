//! Each customer's own clock; see `stats::cadence`.

use super::arguments::{Arguments, function, numbers, numbers_type, refused};
use super::ranking::list_of;
use datafusion::arrow::array::{
    ArrayRef, AsArray, Date32Builder, Float64Builder, Int64Builder, StringBuilder, StructArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Fields, Float64Type, Int64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, AggregateUDF, ScalarUDF, Volatility, create_udaf};
use stats::cadence::{Habit, Population, Rules, cadence};
use std::sync::Arc;

/// All functions of a row on this page.
pub fn all() -> Vec<ScalarUDF> {
    let takes = vec![
        numbers_type(),
        DataType::Int64,
        DataType::Date32,
        DataType::Date32,
        DataType::Int64,
        DataType::Float64,
        DataType::Float64,
        DataType::Date32,
    ];
    vec![function("cadence", takes, DataType::Struct(clock_fields()), clocks)]
}

fn clock_fields() -> Fields {
    [
        ("state", DataType::Utf8),
        ("since_on", DataType::Date32),
        ("usual_gap_days", DataType::Float64),
        ("expected_on", DataType::Date32),
        ("days_late", DataType::Int64),
        ("lateness", DataType::Float64),
        ("at_risk_from", DataType::Date32),
        ("lapsed_from", DataType::Date32),
    ]
    .map(|(name, kind)| Field::new(name, kind, true))
    .into_iter()
    .collect()
}

/// `cadence(population, order_days, first_on, last_on, last_gap_days, sum_log_gap, sum_log_gap_squared, today)`.
fn clocks(given: &Arguments) -> Result<ArrayRef> {
    let rows = given.rows();
    let mut states = StringBuilder::with_capacity(rows, rows * 8);
    let mut days: [Date32Builder; 4] = std::array::from_fn(|_| Date32Builder::with_capacity(rows));
    let mut floats: [Float64Builder; 2] = std::array::from_fn(|_| Float64Builder::with_capacity(rows));
    let mut late = Int64Builder::with_capacity(rows);
    let mut present = Vec::with_capacity(rows);
    let rules = Rules::default();
    for row in 0..rows {
        let is_present = !given.is_absent(row);
        present.push(is_present);
        if !is_present {
            states.append_null();
            days.iter_mut().for_each(Date32Builder::append_null);
            floats.iter_mut().for_each(Float64Builder::append_null);
            late.append_null();
            continue;
        }
        let count = |place: usize| u32::try_from(given.ints(place).value(row).max(0)).unwrap_or(u32::MAX);
        let habit = Habit {
            order_days: count(1),
            first_day: given.days(2).value(row),
            last_day: given.days(3).value(row),
            last_gap_days: count(4),
            sum_log_gap: given.floats(5).value(row),
            sum_log_gap_squared: given.floats(6).value(row),
        };
        let population = population(&numbers(given.lists(0), row))?;
        let clock = cadence(&habit, &population, &rules, given.days(7).value(row))
            .map_err(|why| refused("cadence", why))?;
        states.append_value(clock.state.code());
        let on = [clock.since_day, clock.expected_day, clock.at_risk_from_day, clock.lapsed_from_day];
        days.iter_mut().zip(on).for_each(|(column, day)| column.append_value(day));
        let numbers = [clock.usual_gap_days, clock.lateness];
        floats.iter_mut().zip(numbers).for_each(|(column, number)| column.append_value(number));
        late.append_value(i64::from(clock.days_late));
    }
    let [since, expected, at_risk, lapsed] = days.map(|mut column| Arc::new(column.finish()) as ArrayRef);
    let [usual, lateness] = floats.map(|mut column| Arc::new(column.finish()) as ArrayRef);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(states.finish()),
        since,
        usual,
        expected,
        Arc::new(late.finish()),
        lateness,
        at_risk,
        lapsed,
    ];
    Ok(Arc::new(StructArray::try_new(clock_fields(), columns, Some(NullBuffer::from(present)))?))
}

fn population(numbers: &[f64]) -> Result<Population> {
    let [mean_log_gap, within, between, customers, gaps] = *numbers else {
        return Err(refused("cadence", "the population has five numbers; take them from cadence_population"));
    };
    Ok(Population { mean_log_gap, within, between, customers: customers as u64, gaps: gaps as u64 })
}

/// `cadence_population(order_days, sum_log_gap, sum_log_gap_squared)`: the gaps of the whole base as five numbers,
/// absent where nobody has come back yet.
pub fn cadence_population() -> AggregateUDF {
    create_udaf(
        "cadence_population",
        vec![DataType::Int64, DataType::Float64, DataType::Float64],
        Arc::new(numbers_type()),
        Volatility::Immutable,
        Arc::new(|_| Ok(Box::new(Habits::default()))),
        Arc::new(vec![numbers_type()]),
    )
}

/// Habits, three numbers each: order days, sum of log gaps, sum of their squares. The population needs no more.
#[derive(Debug, Default)]
struct Habits(Vec<f64>);

impl Accumulator for Habits {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let order_days = columns[0].as_primitive::<Int64Type>();
        let sums = columns[1].as_primitive::<Float64Type>();
        let squares = columns[2].as_primitive::<Float64Type>();
        for ((days, sum), square) in order_days.iter().zip(sums).zip(squares) {
            if let (Some(days), Some(sum), Some(square)) = (days, sum, square)
                && days > 1
            {
                self.0.extend([days as f64, sum, square]);
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for list in states[0].as_list::<i32>().iter().flatten() {
            self.0.extend_from_slice(list.as_primitive::<Float64Type>().values());
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![list_of(std::mem::take(&mut self.0).into_iter().map(Some))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let habits: Vec<Habit> = self
            .0
            .chunks_exact(3)
            .map(|numbers| Habit {
                order_days: numbers[0] as u32,
                first_day: 0,
                last_day: 0,
                last_gap_days: 0,
                sum_log_gap: numbers[1],
                sum_log_gap_squared: numbers[2],
            })
            .collect();
        if habits.is_empty() {
            return ScalarValue::try_from(&numbers_type());
        }
        let found = Population::new(&habits).map_err(|why| refused("cadence_population", why))?;
        let numbers =
            [found.mean_log_gap, found.within, found.between, found.customers as f64, found.gaps as f64];
        Ok(list_of(numbers.into_iter().map(Some)))
    }

    fn size(&self) -> usize {
        std::mem::size_of_val(self) + self.0.capacity() * std::mem::size_of::<f64>()
    }
}
