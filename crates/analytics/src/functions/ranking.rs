//! Scores of one to five and the segments made of them; see `stats::rfm`.

use super::arguments::{Arguments, function, is_same_list, numbers, numbers_type, refused};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Builder, ListArray, StringBuilder,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, AggregateUDF, ScalarUDF, Volatility, create_udaf};
use stats::rfm::{Cuts, Direction, Scores, Ties};
use std::sync::Arc;

/// All functions of a row on this page.
pub fn all() -> Vec<ScalarUDF> {
    let score_takes = vec![numbers_type(), DataType::Float64, DataType::Utf8];
    vec![
        function("score", score_takes, DataType::Int64, score),
        function("rfm_segment", vec![DataType::Int64; 4], DataType::Utf8, rfm_segment),
    ]
}

fn score(given: &Arguments) -> Result<ArrayRef> {
    let mut scores = Int64Builder::with_capacity(given.rows());
    let (points, ways) = (given.lists(0), given.texts(2));
    // Cut points are those of the row before, mostly of all rows.
    let mut last: Option<(usize, Cuts)> = None;
    for row in 0..given.rows() {
        if given.is_absent(row) {
            scores.append_null();
            continue;
        }
        let is_same =
            |(of, _): &(usize, Cuts)| ways.value(*of) == ways.value(row) && is_same_list(points, *of, row);
        if !last.as_ref().is_some_and(is_same) {
            let direction = direction(ways.value(row))?;
            let cuts = Cuts::from_points(&numbers(points, row), direction);
            last = Some((row, cuts.map_err(|why| refused("score", why))?));
        }
        let (_, cuts) = last.as_ref().expect("made above");
        scores.append_value(i64::from(cuts.score(given.floats(1).value(row))));
    }
    Ok(Arc::new(scores.finish()))
}

fn rfm_segment(given: &Arguments) -> Result<ArrayRef> {
    let mut segments = StringBuilder::with_capacity(given.rows(), given.rows() * 12);
    for row in 0..given.rows() {
        if given.is_absent(row) {
            segments.append_null();
            continue;
        }
        let level = |place: usize| given.ints(place).value(row).clamp(1, i64::from(stats::rfm::LEVELS)) as u8;
        let scores = Scores { recency: level(0), frequency: level(1), monetary: level(2) };
        let orders = u32::try_from(given.ints(3).value(row).max(0)).unwrap_or(u32::MAX);
        segments.append_value(stats::rfm::segment(scores, orders).code());
    }
    Ok(Arc::new(segments.finish()))
}

fn direction(text: &str) -> Result<Direction> {
    match text {
        "higher_is_better" => Ok(Direction::HigherIsBetter),
        "lower_is_better" => Ok(Direction::LowerIsBetter),
        _ => Err(refused("score", format!("'{text}' is neither higher_is_better nor lower_is_better"))),
    }
}

fn ties(text: &str) -> Result<Ties> {
    match text {
        "lowest" => Ok(Ties::Lowest),
        "middle" => Ok(Ties::Middle),
        _ => Err(refused("score_cuts", format!("'{text}' is neither lowest nor middle"))),
    }
}

/// `score_cuts(value, direction, ties)`: the least good value that earns score 2, 3, 4 and 5, absent where none does.
pub fn score_cuts() -> AggregateUDF {
    create_udaf(
        "score_cuts",
        vec![DataType::Float64, DataType::Utf8, DataType::Utf8],
        Arc::new(numbers_type()),
        Volatility::Immutable,
        Arc::new(|_| Ok(Box::new(Column::default()))),
        Arc::new(vec![numbers_type(), DataType::Utf8, DataType::Utf8]),
    )
}

/// A whole column, to be cut at the end.
#[derive(Debug, Default)]
struct Column {
    values: Vec<f64>,
    direction: Option<String>,
    ties: Option<String>,
}

impl Column {
    fn learn(&mut self, direction: &ArrayRef, ties: &ArrayRef) {
        for (known, given) in [(&mut self.direction, direction), (&mut self.ties, ties)] {
            if known.is_none() {
                *known = given.as_string::<i32>().iter().flatten().next().map(str::to_owned);
            }
        }
    }

    fn push(&mut self, numbers: &Float64Array) {
        if numbers.null_count() == 0 {
            self.values.extend_from_slice(numbers.values());
        } else {
            self.values.extend(numbers.iter().flatten());
        }
    }
}

impl Accumulator for Column {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        self.learn(&columns[1], &columns[2]);
        self.push(columns[0].as_primitive::<Float64Type>());
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.learn(&states[1], &states[2]);
        for list in states[0].as_list::<i32>().iter().flatten() {
            self.push(list.as_primitive::<Float64Type>());
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![
            list_of(std::mem::take(&mut self.values).into_iter().map(Some)),
            ScalarValue::Utf8(self.direction.clone()),
            ScalarValue::Utf8(self.ties.clone()),
        ])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let (Some(way), Some(rule)) = (&self.direction, &self.ties) else {
            return ScalarValue::try_from(&numbers_type());
        };
        let (way, rule) = (direction(way)?, ties(rule)?);
        self.values.retain(|value| value.is_finite());
        if self.values.is_empty() {
            return ScalarValue::try_from(&numbers_type());
        }
        let cuts = Cuts::new(&self.values, way, rule).map_err(|why| refused("score_cuts", why))?;
        Ok(list_of(cuts.points().into_iter()))
    }

    fn size(&self) -> usize {
        std::mem::size_of_val(self) + self.values.capacity() * std::mem::size_of::<f64>()
    }
}

/// A list of numbers as one value.
pub fn list_of(numbers: impl Iterator<Item = Option<f64>>) -> ScalarValue {
    let numbers: Float64Array = numbers.collect();
    let whole = OffsetBuffer::from_lengths([numbers.len()]);
    let item = Arc::new(Field::new_list_field(DataType::Float64, true));
    ScalarValue::List(Arc::new(ListArray::new(item, whole, Arc::new(numbers), None)))
}
