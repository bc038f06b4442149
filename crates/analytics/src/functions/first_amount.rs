//! `first_amount(amount, day)`: the amount of the earliest day of a group.
//!
//! SQL has `first_value(amount order by day)` for this, which compares rows of any type and took as long as the whole
//! rest of a summary of ten million lines; two plain columns need one comparison a row. Where a day comes twice the
//! amount met first is kept.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, FieldRef, Int64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};
use std::sync::Arc;

/// The function.
pub fn first_amount() -> AggregateUDF {
    AggregateUDF::from(FirstAmount {
        signature: Signature::exact(vec![DataType::Int64, DataType::Date32], Volatility::Immutable),
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct FirstAmount {
    signature: Signature,
}

impl AggregateUDFImpl for FirstAmount {
    fn name(&self) -> &str {
        "first_amount"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let field = |part: &str, kind| Arc::new(Field::new(format!("{}[{part}]", args.name), kind, true));
        Ok(vec![field("amount", DataType::Int64), field("day", DataType::Date32)])
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One(Groups::default())))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups::default()))
    }
}

/// Earliest day and its amount, by group. A group without rows has the day `NEVER`.
#[derive(Debug, Default)]
struct Groups {
    days: Vec<i32>,
    amounts: Vec<i64>,
}

const NEVER: i32 = i32::MAX;

impl Groups {
    fn grow(&mut self, groups: usize) {
        self.days.resize(groups, NEVER);
        self.amounts.resize(groups, 0);
    }

    fn see(&mut self, group: usize, amount: i64, day: i32) {
        if day < self.days[group] {
            self.days[group] = day;
            self.amounts[group] = amount;
        }
    }

    fn see_all(&mut self, columns: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>) {
        let (amounts, days) = parts(columns);
        let is_full = amounts.null_count() == 0 && days.null_count() == 0 && filter.is_none();
        if is_full {
            for ((group, amount), day) in groups.iter().zip(amounts.values()).zip(days.values()) {
                self.see(*group, *amount, *day);
            }
            return;
        }
        for (row, group) in groups.iter().enumerate() {
            let is_in = filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if is_in && amounts.is_valid(row) && days.is_valid(row) {
                self.see(*group, amounts.value(row), days.value(row));
            }
        }
    }

    fn take(&mut self, emit_to: EmitTo) -> (Int64Array, Date32Array) {
        let (days, amounts) = (emit_to.take_needed(&mut self.days), emit_to.take_needed(&mut self.amounts));
        let amounts =
            days.iter().zip(amounts).map(|(day, amount)| (*day != NEVER).then_some(amount)).collect();
        (amounts, days.into_iter().map(|day| (day != NEVER).then_some(day)).collect())
    }
}

fn parts(columns: &[ArrayRef]) -> (&Int64Array, &Date32Array) {
    (columns[0].as_primitive::<Int64Type>(), columns[1].as_primitive::<Date32Type>())
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
        self.see_all(values, group_indices, opt_filter);
        Ok(())
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.update_batch(values, group_indices, None, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(Arc::new(self.take(emit_to).0))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (amounts, days) = self.take(emit_to);
        Ok(vec![Arc::new(amounts), Arc::new(days)])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let mut rows = Groups::default();
        let groups: Vec<usize> = (0..values[0].len()).collect();
        rows.update_batch(values, &groups, opt_filter, groups.len())?;
        rows.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.days.capacity() * size_of::<i32>() + self.amounts.capacity() * size_of::<i64>()
    }
}

/// The same over one group.
#[derive(Debug)]
struct One(Groups);

impl Accumulator for One {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.update_batch(values, &vec![0; values[0].len()], None, 1)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.grow(1);
        let (amounts, days) = self.0.take(EmitTo::All);
        Ok(vec![ScalarValue::try_from_array(&amounts, 0)?, ScalarValue::try_from_array(&days, 0)?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.state()?.swap_remove(0))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.size()
    }
}
