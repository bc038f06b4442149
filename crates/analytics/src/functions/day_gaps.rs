//! The gaps between somebody's days, without a sort of all rows.
//!
//! A window function would sort the purchases of every customer and product together and look at each pair of rows.
//! Here each group's days are kept as they come, eight bytes each, and sorted once at the end.

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Builder, Int32Builder, ListArray, StructArray,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, FieldRef, Fields, Int32Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};
use std::sync::Arc;

/// `day_gaps(day)`: of the distinct days of a group in order, the `gaps` between neighbours in days, the
/// `sum_log_gap` of their natural logarithms and the `sum_log_gap_squared` of the squares of those.
pub fn day_gaps() -> AggregateUDF {
    AggregateUDF::new_from_impl(DayGaps {
        signature: Signature::exact(vec![DataType::Date32], Volatility::Immutable),
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct DayGaps {
    signature: Signature,
}

fn days_type() -> DataType {
    DataType::new_list(DataType::Int32, true)
}

fn answer_fields() -> Fields {
    [("gaps", days_type()), ("sum_log_gap", DataType::Float64), ("sum_log_gap_squared", DataType::Float64)]
        .map(|(name, kind)| Field::new(name, kind, true))
        .into_iter()
        .collect()
}

impl AggregateUDFImpl for DayGaps {
    fn name(&self) -> &str {
        "day_gaps"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(answer_fields()))
    }

    fn state_fields(&self, given: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}_days", given.name), days_type(), true))])
    }

    fn accumulator(&self, _given: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Days::default()))
    }

    fn groups_accumulator_supported(&self, _given: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _given: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Days::default()))
    }
}

/// Days of groups in any order, with repeats.
#[derive(Debug, Default)]
struct Days {
    found: Vec<(u32, i32)>,
    groups: usize,
}

impl Days {
    fn take(&mut self, days: &dyn Array, group_of: impl Fn(usize) -> usize, counts: impl Fn(usize) -> bool) {
        let days = days.as_primitive::<Date32Type>();
        let present = (0..days.len()).filter(|row| days.is_valid(*row) && counts(*row));
        self.found.extend(present.map(|row| (group_of(row) as u32, days.value(row))));
    }

    fn merge(&mut self, lists: &ListArray, group_of: impl Fn(usize) -> usize) {
        let days = lists.values().as_primitive::<Int32Type>().values();
        for row in (0..lists.len()).filter(|row| lists.is_valid(*row)) {
            let offsets = lists.value_offsets();
            let range = offsets[row] as usize..offsets[row + 1] as usize;
            self.found.extend(days[range].iter().map(|day| (group_of(row) as u32, *day)));
        }
    }

    /// The days of the groups to be emitted, sorted and distinct, one slice each.
    fn emit(&mut self, emit_to: EmitTo) -> Vec<(u32, i32)> {
        let mut out = match emit_to {
            EmitTo::All => std::mem::take(&mut self.found),
            EmitTo::First(count) => {
                let (now, mut later): (Vec<_>, Vec<_>) =
                    self.found.drain(..).partition(|(group, _)| (*group as usize) < count);
                later.iter_mut().for_each(|(group, _)| *group -= count as u32);
                self.found = later;
                now
            }
        };
        out.sort_unstable();
        out.dedup();
        out
    }

    fn emitted(&mut self, emit_to: EmitTo) -> usize {
        let count = match emit_to {
            EmitTo::All => self.groups,
            EmitTo::First(count) => count,
        };
        self.groups -= count;
        count
    }
}

/// Calls `visit` with each group's days, in order; groups without a day have none.
fn each_group(count: usize, found: &[(u32, i32)], mut visit: impl FnMut(&[(u32, i32)])) {
    let mut rest = found;
    for group in 0..count as u32 {
        let length = rest.iter().take_while(|(of, _)| *of == group).count();
        let (own, others) = rest.split_at(length);
        visit(own);
        rest = others;
    }
}

fn answer(count: usize, found: &[(u32, i32)]) -> Result<ArrayRef> {
    let mut gaps = Int32Builder::with_capacity(found.len().saturating_sub(count));
    let mut lengths = Vec::with_capacity(count);
    let (mut sums, mut squares) =
        (Float64Builder::with_capacity(count), Float64Builder::with_capacity(count));
    each_group(count, found, |days| {
        let (mut sum, mut square) = (0.0, 0.0);
        for pair in days.windows(2) {
            let gap = pair[1].1 - pair[0].1;
            let log = f64::from(gap).ln();
            sum += log;
            square += log * log;
            gaps.append_value(gap);
        }
        lengths.push(days.len().saturating_sub(1));
        sums.append_value(sum);
        squares.append_value(square);
    });
    let columns: Vec<ArrayRef> =
        vec![lists(gaps, lengths), Arc::new(sums.finish()), Arc::new(squares.finish())];
    Ok(Arc::new(StructArray::try_new(answer_fields(), columns, None)?))
}

fn lists(mut values: Int32Builder, lengths: Vec<usize>) -> ArrayRef {
    let item = Arc::new(Field::new_list_field(DataType::Int32, true));
    Arc::new(ListArray::new(item, OffsetBuffer::from_lengths(lengths), Arc::new(values.finish()), None))
}

fn state_of(count: usize, found: &[(u32, i32)]) -> ArrayRef {
    let mut days = Int32Builder::with_capacity(found.len());
    let mut lengths = Vec::with_capacity(count);
    each_group(count, found, |own| {
        own.iter().for_each(|(_, day)| days.append_value(*day));
        lengths.push(own.len());
    });
    lists(days, lengths)
}

impl GroupsAccumulator for Days {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups = total_num_groups;
        let counts = |row: usize| filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        self.take(values[0].as_ref(), |row| group_indices[row], counts);
        Ok(())
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups = total_num_groups;
        self.merge(values[0].as_list::<i32>(), |row| group_indices[row]);
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (count, found) = (self.emitted(emit_to), self.emit(emit_to));
        answer(count, &found)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (count, found) = (self.emitted(emit_to), self.emit(emit_to));
        Ok(vec![state_of(count, &found)])
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values[0].len();
        let mut alone = Days::default();
        let all: Vec<usize> = (0..rows).collect();
        GroupsAccumulator::update_batch(&mut alone, values, &all, filter, rows)?;
        GroupsAccumulator::state(&mut alone, EmitTo::All)
    }

    fn size(&self) -> usize {
        std::mem::size_of_val(self) + self.found.capacity() * std::mem::size_of::<(u32, i32)>()
    }
}

/// Without groups all rows are one.
impl Accumulator for Days {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.take(values[0].as_ref(), |_| 0, |_| true);
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.merge(states[0].as_list::<i32>(), |_| 0);
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let found = self.emit(EmitTo::All);
        Ok(vec![ScalarValue::try_from_array(&state_of(1, &found), 0)?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let found = self.emit(EmitTo::All);
        ScalarValue::try_from_array(&answer(1, &found)?, 0)
    }

    fn size(&self) -> usize {
        GroupsAccumulator::size(self)
    }
}
