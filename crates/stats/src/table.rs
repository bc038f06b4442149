//! A table of numbers, row by row, for the models that take several columns.

use serde::{Deserialize, Serialize};

use crate::inputs::{BadInput, finite, not_empty};

/// Rows of numbers, all finite, in row-major order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    columns: usize,
    values: Vec<f64>,
}

impl Table {
    /// A table of `columns` columns; `values` holds row after row.
    pub fn new(columns: usize, values: Vec<f64>) -> Result<Table, BadInput> {
        not_empty("table", &values)?;
        if columns == 0 || !values.len().is_multiple_of(columns) {
            let (setting, value) = ("columns", columns as f64);
            return Err(BadInput::Setting { setting, value, range: "a divisor of the number of values" });
        }
        finite("table value", &values)?;
        Ok(Table { columns, values })
    }

    /// How many columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.columns)
    }

    /// A table of the given rows; a row may be taken more than once.
    pub fn take(&self, rows: &[usize]) -> Table {
        let values = rows.iter().flat_map(|row| self.row(*row)).copied().collect();
        Table { columns: self.columns, values }
    }

    /// This table with the rows of another below it.
    pub fn stacked(&self, below: &Table) -> Result<Table, BadInput> {
        if self.columns != below.columns {
            let (left_rows, right_rows) = (self.columns, below.columns);
            let (left, right) = ("columns of the first table", "columns of the second");
            return Err(BadInput::Lengths { left, left_rows, right, right_rows });
        }
        let values = [self.values.as_slice(), below.values.as_slice()].concat();
        Ok(Table { columns: self.columns, values })
    }

    /// Column after column, as some libraries want it.
    pub fn by_column(&self) -> Vec<f64> {
        (0..self.columns).flat_map(|column| self.iter().map(move |row| row[column])).collect()
    }
}

/// Mean and spread of each column, to put columns of different units on one scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Means.
    pub means: Vec<f64>,
    /// Standard deviations; 1 for a constant column, which then becomes all zeros.
    pub deviations: Vec<f64>,
}

impl Scale {
    /// Measures a table.
    pub fn new(table: &Table) -> Scale {
        let rows = table.rows() as f64;
        let mut means = vec![0.0; table.columns()];
        for row in table.iter() {
            means.iter_mut().zip(row).for_each(|(mean, value)| *mean += value / rows);
        }
        let mut deviations = vec![0.0; table.columns()];
        for row in table.iter() {
            for (column, value) in row.iter().enumerate() {
                deviations[column] += (value - means[column]).powi(2) / rows;
            }
        }
        for (deviation, mean) in deviations.iter_mut().zip(&means) {
            let spread = deviation.sqrt();
            *deviation = if spread > 1e-12 * mean.abs().max(1.0) { spread } else { 1.0 };
        }
        Scale { means, deviations }
    }

    /// The table in standard units.
    pub fn apply(&self, table: &Table) -> Table {
        let values = table.iter().flat_map(|row| self.row(row)).collect();
        Table { columns: table.columns, values }
    }

    /// One row in standard units.
    pub fn row<'a>(&'a self, row: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        row.iter()
            .zip(&self.means)
            .zip(&self.deviations)
            .map(|((value, mean), deviation)| (value - mean) / deviation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_units_have_mean_zero_and_spread_one() {
        let table = Table::new(2, vec![1.0, 5.0, 3.0, 5.0]).unwrap();
        let scaled = Scale::new(&table).apply(&table);
        assert_eq!(scaled, Table::new(2, vec![-1.0, 0.0, 1.0, 0.0]).unwrap());
        assert_eq!(table.by_column(), [1.0, 3.0, 5.0, 5.0]);
        assert_eq!(table.take(&[1, 1]).rows(), 2);
        assert_eq!(table.stacked(&table).unwrap().rows(), 4);
    }

    #[test]
    fn ragged_or_broken_tables_are_refused() {
        assert!(Table::new(2, vec![1.0; 3]).is_err());
        assert!(Table::new(0, vec![1.0]).is_err());
        assert!(Table::new(1, vec![]).is_err());
        assert!(Table::new(1, vec![f64::NAN]).is_err());
    }
}
