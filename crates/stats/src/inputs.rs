//! What the lenses refuse to compute on, and the checks that say so.
//!
//! A number computed on a bad column looks like any other number, so every lens checks its slices first and
//! answers with one of these. They name the column, the row and the value, because the reader has a file open.

/// Why a slice cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BadInput {
    /// There is nothing to compute on.
    #[error("{what} is empty; at least one row is needed")]
    Empty {
        /// The column.
        what: &'static str,
    },
    /// Two columns of one table differ in length.
    #[error("{left} has {left_rows} rows and {right} has {right_rows}; they must describe the same rows")]
    Lengths {
        /// The first column.
        left: &'static str,
        /// Its rows.
        left_rows: usize,
        /// The second column.
        right: &'static str,
        /// Its rows.
        right_rows: usize,
    },
    /// A value is not a number, or is infinite.
    #[error("{what} row {row} is {value}; remove the row or supply a finite number")]
    NotFinite {
        /// The column.
        what: &'static str,
        /// The row, from 0.
        row: usize,
        /// The value.
        value: f64,
    },
    /// A value is outside the range the method is defined on.
    #[error("{what} row {row} is {value}; it must be {range}")]
    OutOfRange {
        /// The column.
        what: &'static str,
        /// The row, from 0.
        row: usize,
        /// The value.
        value: f64,
        /// The range, in words.
        range: &'static str,
    },
    /// A setting of the method is outside its range.
    #[error("{setting} is {value}; it must be {range}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// The range, in words.
        range: &'static str,
    },
    /// The data are well formed and yet say nothing about the question.
    #[error("{what}: {why}")]
    Uninformative {
        /// What was asked for.
        what: &'static str,
        /// Why these data cannot answer, and what would.
        why: &'static str,
    },
}

/// Refuses an empty column.
pub(crate) fn not_empty<T>(what: &'static str, values: &[T]) -> Result<(), BadInput> {
    if values.is_empty() { Err(BadInput::Empty { what }) } else { Ok(()) }
}

/// Refuses two columns of different length.
pub(crate) fn same_rows<A, B>(
    left: &'static str,
    left_values: &[A],
    right: &'static str,
    right_values: &[B],
) -> Result<(), BadInput> {
    if left_values.len() == right_values.len() {
        return Ok(());
    }
    Err(BadInput::Lengths { left, left_rows: left_values.len(), right, right_rows: right_values.len() })
}

/// Refuses a column with a value that is not a finite number.
pub(crate) fn finite(what: &'static str, values: &[f64]) -> Result<(), BadInput> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(row) => Err(BadInput::NotFinite { what, row, value: values[row] }),
        None => Ok(()),
    }
}

/// Refuses a column with a value that is not finite or is below zero.
pub(crate) fn not_negative(what: &'static str, values: &[f64]) -> Result<(), BadInput> {
    finite(what, values)?;
    match values.iter().position(|value| *value < 0.0) {
        Some(row) => Err(BadInput::OutOfRange { what, row, value: values[row], range: "zero or more" }),
        None => Ok(()),
    }
}

/// Refuses a setting outside an open interval.
pub(crate) fn between(setting: &'static str, value: f64, low: f64, high: f64) -> Result<(), BadInput> {
    if value > low && value < high {
        return Ok(());
    }
    let range = if (low, high) == (0.0, 1.0) { "above 0 and below 1" } else { "inside its range" };
    Err(BadInput::Setting { setting, value, range })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_name_the_column_the_row_and_the_value() {
        let refusal = not_negative("monetary", &[1.0, -2.5]).unwrap_err();
        assert_eq!(refusal.to_string(), "monetary row 1 is -2.5; it must be zero or more");
        let refusal = same_rows("predicted", &[1.0], "actual", &[1.0, 2.0]).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "predicted has 1 rows and actual has 2; they must describe the same rows"
        );
        assert!(finite("spend", &[f64::NAN]).is_err());
        assert!(not_empty::<f64>("spend", &[]).is_err());
        assert!(between("level", 1.0, 0.0, 1.0).is_err());
    }
}
