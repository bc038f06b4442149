//! Predicted beside actual, by tenths of the prediction.

use serde::Serialize;

use crate::describe::order;
use crate::inputs::{BadInput, finite, not_empty, same_rows};

/// One tenth of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DecileRow {
    /// 1 has the lowest predictions.
    pub decile: u8,
    /// Rows in it.
    pub rows: u64,
    /// Mean prediction.
    pub predicted: f64,
    /// Mean of what happened.
    pub actual: f64,
}

/// The table with its summary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deciles {
    /// The tenths that have rows, lowest prediction first.
    pub rows: Vec<DecileRow>,
    /// Mean over the tenths with something actual of |predicted − actual| / actual; `None` when there is none.
    pub mape: Option<f64>,
}

/// Sorts rows by prediction (equal predictions in file order), cuts them in ten parts that differ by at most one
/// row, and compares means. For probabilities give outcomes as 0 and 1.
pub fn deciles(predicted: &[f64], actual: &[f64]) -> Result<Deciles, BadInput> {
    not_empty("actual", actual)?;
    same_rows("predicted", predicted, "actual", actual)?;
    finite("predicted", predicted)?;
    finite("actual", actual)?;
    let order = order(predicted);
    let mut rows = Vec::with_capacity(10);
    for index in 0..10 {
        let part = &order[index * order.len() / 10..(index + 1) * order.len() / 10];
        if part.is_empty() {
            continue;
        }
        let mean = |values: &[f64]| part.iter().map(|row| values[*row]).sum::<f64>() / part.len() as f64;
        rows.push(DecileRow {
            decile: index as u8 + 1,
            rows: part.len() as u64,
            predicted: mean(predicted),
            actual: mean(actual),
        });
    }
    let ratios: Vec<f64> = rows
        .iter()
        .filter(|row| row.actual > 0.0)
        .map(|row| (row.predicted - row.actual).abs() / row.actual)
        .collect();
    let mape = (!ratios.is_empty()).then(|| ratios.iter().sum::<f64>() / ratios.len() as f64);
    Ok(Deciles { rows, mape })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_hold_every_row_once() {
        let predicted: Vec<f64> = (0..25).map(f64::from).collect();
        let table = deciles(&predicted, &predicted).unwrap();
        assert_eq!(table.rows.iter().map(|row| row.rows).sum::<u64>(), 25);
        assert_eq!(table.mape, Some(0.0));
        assert!(table.rows.windows(2).all(|pair| pair[0].predicted < pair[1].predicted));
    }

    #[test]
    fn three_rows_fill_three_tenths() {
        let table = deciles(&[2.0, 1.0, 3.0], &[2.0, 0.0, 6.0]).unwrap();
        assert_eq!(table.rows.len(), 3);
        assert_eq!(table.mape, Some(0.25));
    }
}
