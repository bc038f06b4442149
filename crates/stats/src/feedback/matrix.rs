//! Correlations and the eigenvalues of a symmetric matrix.

use crate::inputs::{BadInput, finite, same_rows};
use crate::optimize::Matrix;
use crate::table::Table;

/// Correlations of the columns of a table and, as the last row and column, of the outcome.
pub(super) fn correlations(table: &Table, outcome: &[f64]) -> Result<Matrix, BadInput> {
    let rows: Vec<usize> = (0..table.rows()).collect();
    same_rows("drivers", &rows, "outcome", outcome)?;
    finite("outcome", outcome)?;
    correlate(table, outcome, &rows)
}

/// The same on chosen rows, each as often as it is named.
pub(super) fn correlate(table: &Table, outcome: &[f64], rows: &[usize]) -> Result<Matrix, BadInput> {
    let (size, n) = (table.columns() + 1, rows.len() as f64);
    let at =
        |row: usize, column: usize| if column + 1 == size { outcome[row] } else { table.row(row)[column] };
    let means: Vec<f64> =
        (0..size).map(|column| rows.iter().map(|row| at(*row, column)).sum::<f64>() / n).collect();
    let mut products = vec![vec![0.0; size]; size];
    let mut centred = vec![0.0; size];
    for row in rows {
        (0..size).for_each(|column| centred[column] = at(*row, column) - means[column]);
        for i in 0..size {
            for j in 0..=i {
                products[i][j] += centred[i] * centred[j];
            }
        }
    }
    let spread: Vec<f64> = (0..size).map(|column| products[column][column].sqrt()).collect();
    for (column, spread) in spread.iter().enumerate() {
        // What is left of a constant column is rounding.
        if !spread.is_finite() || *spread <= 1e-12 * n.sqrt() * means[column].abs() {
            let why = "a column is constant or too large to square; leave it out or rescale it";
            return Err(BadInput::Uninformative { what: "correlation", why });
        }
    }
    for i in 0..size {
        for j in 0..=i {
            let r = if i == j { 1.0 } else { (products[i][j] / (spread[i] * spread[j])).clamp(-1.0, 1.0) };
            (products[i][j], products[j][i]) = (r, r);
        }
    }
    Ok(products)
}

/// Eigenvalues of a symmetric matrix and its eigenvectors as columns, by Jacobi's rotations (Golub and Van
/// Loan, 8.5).
pub(super) fn eigen(matrix: &Matrix) -> (Vec<f64>, Matrix) {
    let n = matrix.len();
    let mut a = matrix.clone();
    let mut vectors: Matrix = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..100 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j] * a[i][j]).sum();
        if off < 1e-30 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] == 0.0 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let t = if theta == 0.0 { 1.0 } else { t };
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for row in a.iter_mut().chain(vectors.iter_mut()) {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                let (above, below) = a.split_at_mut(q);
                for (x, y) in above[p].iter_mut().zip(&mut below[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
            }
        }
    }
    ((0..n).map(|i| a[i][i]).collect(), vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_rebuild_the_matrix() {
        let matrix = vec![vec![2.0, -1.0, 0.5], vec![-1.0, 3.0, 0.2], vec![0.5, 0.2, 1.0]];
        let (values, vectors) = eigen(&matrix);
        for i in 0..3 {
            for j in 0..3 {
                let rebuilt: f64 = (0..3).map(|k| vectors[i][k] * values[k] * vectors[j][k]).sum();
                assert!((rebuilt - matrix[i][j]).abs() < 1e-12);
            }
        }
    }
}
