//! Arrow arrays as the arguments of plain functions.

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Float64Array, Float64Builder, Int64Array, ListArray, StringArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type};
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use std::sync::Arc;

/// A list of numbers: the parameters of a model, the cut points of a score.
pub fn numbers_type() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Float64, true)))
}

/// A function over whole columns. All arrays have one length; the answer has it too.
pub fn function(
    name: &'static str,
    takes: Vec<DataType>,
    gives: DataType,
    answer: impl Fn(&Arguments) -> Result<ArrayRef> + Send + Sync + 'static,
) -> ScalarUDF {
    let run = move |values: &[ColumnarValue]| {
        let is_one = values.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(values)?;
        let rows = arrays.first().map_or(1, |array| array.len());
        let answer = answer(&Arguments { arrays, rows })?;
        Ok(if is_one {
            ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&answer, 0)?)
        } else {
            ColumnarValue::Array(answer)
        })
    };
    create_udf(name, takes, gives, Volatility::Immutable, Arc::new(run))
}

/// The arguments of one call, column by column.
pub struct Arguments {
    arrays: Vec<ArrayRef>,
    rows: usize,
}

impl Arguments {
    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many arguments.
    pub fn places(&self) -> usize {
        self.arrays.len()
    }

    /// Whether any argument is absent on a row.
    pub fn is_absent(&self, row: usize) -> bool {
        self.arrays.iter().any(|array| array.is_null(row))
    }

    /// Whether one argument is absent on a row.
    pub fn lacks(&self, place: usize, row: usize) -> bool {
        self.arrays[place].is_null(row)
    }

    /// An argument as it came.
    pub fn array(&self, place: usize) -> &ArrayRef {
        &self.arrays[place]
    }

    /// An argument of numbers.
    pub fn floats(&self, place: usize) -> &Float64Array {
        self.arrays[place].as_primitive()
    }

    /// An argument of whole numbers.
    pub fn ints(&self, place: usize) -> &Int64Array {
        self.arrays[place].as_primitive()
    }

    /// An argument of days.
    pub fn days(&self, place: usize) -> &Date32Array {
        self.arrays[place].as_primitive()
    }

    /// An argument of text.
    pub fn texts(&self, place: usize) -> &StringArray {
        self.arrays[place].as_string()
    }

    /// An argument of lists of numbers.
    pub fn lists(&self, place: usize) -> &ListArray {
        self.arrays[place].as_list()
    }

    /// One number per row; absent where an argument is, or the answer says so.
    pub fn map_floats(&self, mut answer: impl FnMut(usize) -> Result<Option<f64>>) -> Result<ArrayRef> {
        let mut answers = Float64Builder::with_capacity(self.rows);
        for row in 0..self.rows {
            answers.append_option(if self.is_absent(row) { None } else { answer(row)? });
        }
        Ok(Arc::new(answers.finish()))
    }
}

/// The numbers of a list on one row; what is absent in it reads as not a number.
pub fn numbers(lists: &ListArray, row: usize) -> Vec<f64> {
    lists.value(row).as_primitive::<Float64Type>().iter().map(|number| number.unwrap_or(f64::NAN)).collect()
}

/// Whether two rows have the same list of numbers.
pub fn is_same_list(lists: &ListArray, one: usize, other: usize) -> bool {
    let all = lists.values().as_primitive::<Float64Type>();
    let offsets = lists.value_offsets();
    let place = |row: usize| offsets[row] as usize..offsets[row + 1] as usize;
    let bits = |numbers: &[f64]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<u64>>();
    if all.null_count() > 0 {
        return bits(&numbers(lists, one)) == bits(&numbers(lists, other));
    }
    let (one, other) = (&all.values()[place(one)], &all.values()[place(other)]);
    one.iter().map(|number| number.to_bits()).eq(other.iter().map(|number| number.to_bits()))
}

/// An answer of `stats` that ends the query.
pub fn refused(function: &str, why: impl std::fmt::Display) -> DataFusionError {
    DataFusionError::Execution(format!("{function}: {why}"))
}
