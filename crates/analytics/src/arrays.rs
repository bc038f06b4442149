//! Plain columns to Arrow and back. Text moves over without copying its bytes.

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Float64Array, Int64Array, ListArray,
    RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Field, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
};
use domain::column::{Batch, Column, Text, Values};
use domain::fact::{Table, Type};
use domain::port::Failure;
use std::sync::Arc;

/// The Arrow type of a fact's column.
pub fn data_type(kind: Type) -> DataType {
    match kind {
        Type::Int => DataType::Int64,
        Type::Bool => DataType::Boolean,
        Type::Day => DataType::Date32,
        Type::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Type::Text => DataType::Utf8,
        Type::Key => DataType::Binary,
    }
}

/// The schema of a fact table's files: all columns but the partition.
pub fn file_schema(table: Table) -> Arc<Schema> {
    let fields: Vec<Field> = table
        .fields()
        .iter()
        .filter(|field| field.name != "month")
        .map(|field| Field::new(field.name, data_type(field.kind), !field.is_required))
        .collect();
    Arc::new(Schema::new(fields))
}

/// An Arrow array of a plain column.
pub fn to_array(column: Column) -> Result<ArrayRef, Failure> {
    let nulls = column.present.map(NullBuffer::from);
    let wrong = |error| Failure::because(format!("column {} is not well formed", column.name), error);
    Ok(match column.values {
        Values::Int(cells) => Arc::new(Int64Array::try_new(cells.into(), nulls).map_err(wrong)?),
        Values::Float(cells) => Arc::new(Float64Array::try_new(cells.into(), nulls).map_err(wrong)?),
        Values::Bool(cells) => Arc::new(BooleanArray::new(cells.into(), nulls)),
        Values::Day(cells) => Arc::new(Date32Array::try_new(cells.into(), nulls).map_err(wrong)?),
        Values::Instant(cells) => Arc::new(
            TimestampMicrosecondArray::try_new(cells.into(), nulls).map_err(wrong)?.with_timezone("UTC"),
        ),
        Values::Text(cells) => {
            let (bytes, offsets) = cells.into_parts();
            let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
            Arc::new(StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls).map_err(wrong)?)
        }
        Values::Key(cells) => {
            let bytes: Vec<u8> = cells.iter().flat_map(|key| key.to_be_bytes()).collect();
            let offsets = OffsetBuffer::from_repeated_length(16, cells.len());
            Arc::new(BinaryArray::try_new(offsets, Buffer::from_vec(bytes), nulls).map_err(wrong)?)
        }
        Values::Floats(cells) => Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(
            cells.into_iter().map(|list| Some(list.into_iter().map(Some).collect::<Vec<_>>())),
        )),
    })
}

/// An Arrow batch of a plain batch, columns and names as they are.
pub fn to_record_batch(batch: Batch) -> Result<RecordBatch, Failure> {
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for column in batch.into_columns() {
        let name = column.name.clone();
        let array = to_array(column)?;
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|error| Failure::because("the columns of a batch do not fit together", error))
}

/// A plain batch of Arrow batches of one schema. Whatever is no plain type arrives as text.
pub fn to_batch(schema: &Schema, batches: &[RecordBatch]) -> Result<Batch, Failure> {
    let mut columns = Vec::with_capacity(schema.fields().len());
    for (place, field) in schema.fields().iter().enumerate() {
        let arrays = batches.iter().map(|batch| batch.column(place));
        columns.push(to_column(field, arrays)?);
    }
    Ok(Batch::new(columns))
}

fn to_column<'a>(field: &Field, arrays: impl Iterator<Item = &'a ArrayRef>) -> Result<Column, Failure> {
    let target = plain_type(field.data_type());
    let mut present = Vec::new();
    let mut values = match &target {
        DataType::Int64 => Values::Int(Vec::new()),
        DataType::Float64 => Values::Float(Vec::new()),
        DataType::Boolean => Values::Bool(Vec::new()),
        DataType::Date32 => Values::Day(Vec::new()),
        DataType::Timestamp(..) => Values::Instant(Vec::new()),
        DataType::List(_) => Values::Floats(Vec::new()),
        DataType::Binary => Values::Key(Vec::new()),
        _ => Values::Text(Text::default()),
    };
    for array in arrays {
        let array = cast(array, &target)
            .map_err(|error| Failure::because(format!("column {} cannot be read", field.name()), error))?;
        present.extend((0..array.len()).map(|row| array.is_valid(row)));
        match &mut values {
            Values::Int(cells) => cells.extend(array.as_primitive::<Int64Type>().values()),
            Values::Float(cells) => cells.extend(array.as_primitive::<Float64Type>().values()),
            Values::Bool(cells) => cells.extend(array.as_boolean().values().iter()),
            Values::Day(cells) => cells.extend(array.as_primitive::<Date32Type>().values()),
            Values::Instant(cells) => cells.extend(array.as_primitive::<TimestampMicrosecondType>().values()),
            Values::Text(cells) => {
                for cell in array.as_string::<i32>() {
                    cells.push(cell.unwrap_or(""));
                }
            }
            Values::Key(cells) => {
                for cell in array.as_binary::<i32>() {
                    cells.push(cell.map_or(0, key_of));
                }
            }
            Values::Floats(cells) => {
                for cell in array.as_list::<i32>().iter() {
                    cells.push(
                        cell.map_or_else(Vec::new, |list| {
                            list.as_primitive::<Float64Type>().values().to_vec()
                        }),
                    );
                }
            }
        }
    }
    Ok(Column::with_absent(field.name(), values, present))
}

/// The key behind 16 bytes; shorter or longer ones are not ours and read as 0.
pub fn key_of(bytes: &[u8]) -> u128 {
    <[u8; 16]>::try_from(bytes).map_or(0, u128::from_be_bytes)
}

fn plain_type(from: &DataType) -> DataType {
    match from {
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => DataType::Int64,
        DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::Decimal128(..) => {
            DataType::Float64
        }
        DataType::Boolean => DataType::Boolean,
        DataType::Date32 | DataType::Date64 => DataType::Date32,
        DataType::Timestamp(..) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Binary | DataType::BinaryView | DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => {
            DataType::List(Arc::new(Field::new_list_field(DataType::Float64, true)))
        }
        _ => DataType::Utf8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_goes_to_arrow_and_comes_back() {
        let batch = Batch::new(vec![
            Column::texts("name", [Some("nâu đá"), None]),
            Column::ints("total_minor", [Some(29_000), Some(-1)]),
            Column::new("row_key", Values::Key(vec![u128::MAX, 7])),
            Column::new("ordered_on", Values::Day(vec![10_000, 20_000])),
            Column::new("parameters", Values::Floats(vec![vec![0.25, 4.4], vec![]])),
            Column::floats("p_alive", [None, Some(0.5)]),
        ]);
        let arrow = to_record_batch(batch.clone()).unwrap();
        assert_eq!(to_batch(&arrow.schema(), &[arrow]).unwrap(), batch);
    }
}
