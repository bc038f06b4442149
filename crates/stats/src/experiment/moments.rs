//! What has to be known of a column, or of several together: how many rows, their means, their co-moments.
//!
//! SQL adds up counts, sums and cross products; slices are read twice, which keeps every digit. Either gives
//! the same [`Moments`], and parts of a table merge into the whole (Chan, Golub and LeVeque 1983), so that a
//! billion rows and a dozen are judged by the same code.

use crate::inputs::{BadInput, finite, not_empty, same_rows};

/// Count, means and centred cross products of `K` columns of the same rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments<const K: usize> {
    /// Rows.
    pub count: u64,
    /// Mean of each column.
    pub means: [f64; K],
    /// Σ (xᵢ − meanᵢ)(xⱼ − meanⱼ), symmetric.
    pub products: [[f64; K]; K],
}

impl<const K: usize> Moments<K> {
    /// From what SQL adds up: `sums[i]` = Σ xᵢ and `squares[i][j]` = Σ xᵢ xⱼ, of which only `j ≥ i` is read.
    ///
    /// Refuses no rows, values that are not finite, and sums that no column has (Σ x² below (Σ x)²/n, or a
    /// cross product beyond what its two columns allow).
    pub fn from_sums(count: u64, sums: [f64; K], squares: [[f64; K]; K]) -> Result<Self, BadInput> {
        if count == 0 {
            return Err(BadInput::Empty { what: "the arm" });
        }
        finite("sums", &sums)?;
        let n = count as f64;
        let mut products = [[0.0; K]; K];
        for i in 0..K {
            finite("sums of products", &squares[i][i..])?;
            for j in i..K {
                let centred = squares[i][j] - sums[i] * (sums[j] / n);
                products[i][j] = centred;
                products[j][i] = centred;
            }
            // Sums round; a square just below zero is a column without spread.
            if products[i][i] < -1e-9 * squares[i][i].abs() {
                let range = "at least sum²/n; sum and sum of squares are not of the same rows";
                return Err(BadInput::OutOfRange {
                    what: "sum of squares",
                    row: i,
                    value: squares[i][i],
                    range,
                });
            }
            if products[i][i] <= 1e-14 * squares[i][i].abs() {
                products[i][i] = 0.0;
            }
        }
        for i in 0..K {
            for j in i + 1..K {
                let most = (products[i][i] * products[j][j]).sqrt();
                if products[i][j].abs() > most * (1.0 + 1e-6) + 1e-9 * squares[i][j].abs() {
                    let range = "within the spread of both columns; it is not of the same rows";
                    return Err(BadInput::OutOfRange {
                        what: "sum of products",
                        row: j,
                        value: squares[i][j],
                        range,
                    });
                }
            }
        }
        let moments = Moments { count, means: sums.map(|sum| sum / n), products };
        finite("centred products", moments.products.as_flattened())?;
        Ok(moments)
    }

    /// From the columns themselves, one value per row each.
    pub fn from_columns(columns: [&[f64]; K]) -> Result<Self, BadInput> {
        for column in columns {
            not_empty("the arm", column)?;
            same_rows("the first column", columns[0], "another column", column)?;
        }
        let rows = columns.first().map_or(0, |column| column.len());
        let means = columns.map(mean);
        let mut products = [[0.0; K]; K];
        for i in 0..K {
            for j in i..K {
                let sum = comoment(columns[i], means[i], columns[j], means[j]);
                products[i][j] = sum;
                products[j][i] = sum;
            }
        }
        // One look at the result tells whether any value was not finite; only then it is looked for.
        if products.as_flattened().iter().any(|sum| !sum.is_finite()) {
            for column in columns {
                finite("value", column)?;
            }
            finite("sum of products (values too large)", products.as_flattened())?;
        }
        for i in 0..K {
            // The mean of a constant column rounds; a spread within that rounding is none.
            if products[i][i] <= 1e-28 * rows as f64 * means[i] * means[i] {
                (0..K).for_each(|j| (products[i][j], products[j][i]) = (0.0, 0.0));
            }
        }
        Ok(Moments { count: rows as u64, means, products })
    }

    /// The moments of both tables together.
    pub fn merge(&self, other: &Self) -> Self {
        let (a, b) = (self.count as f64, other.count as f64);
        let total = a + b;
        if self.count == 0 || other.count == 0 {
            return if self.count == 0 { *other } else { *self };
        }
        let steps: [f64; K] = std::array::from_fn(|i| other.means[i] - self.means[i]);
        Moments {
            count: self.count + other.count,
            means: std::array::from_fn(|i| self.means[i] + steps[i] * (b / total)),
            products: std::array::from_fn(|i| {
                std::array::from_fn(|j| {
                    self.products[i][j] + other.products[i][j] + steps[i] * steps[j] * (a * b / total)
                })
            }),
        }
    }

    /// Sample covariance of two columns (divisor n − 1), their variance where they are the same; zero for one
    /// row.
    pub fn covariance(&self, i: usize, j: usize) -> f64 {
        if self.count < 2 { 0.0 } else { self.products[i][j] / (self.count - 1) as f64 }
    }

    /// Refuses fewer than two rows, of which no spread can be known.
    pub(crate) fn at_least_two(&self) -> Result<f64, BadInput> {
        if self.count >= 2 {
            return Ok(self.count as f64);
        }
        let why = "an arm of fewer than two units has no spread to judge by";
        Err(BadInput::Uninformative { what: "the arm", why })
    }
}

/// In eight running sums, which is both quicker and closer than one.
fn mean(column: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let chunks = column.chunks_exact(8);
    let rest: f64 = chunks.remainder().iter().sum();
    for chunk in chunks {
        (0..8).for_each(|lane| lanes[lane] += chunk[lane]);
    }
    (lanes.iter().sum::<f64>() + rest) / column.len() as f64
}

fn comoment(left: &[f64], left_mean: f64, right: &[f64], right_mean: f64) -> f64 {
    let mut lanes = [0.0; 8];
    let (lefts, rights) = (left.chunks_exact(8), right.chunks_exact(8));
    let tail = lefts.remainder().iter().zip(rights.remainder());
    let rest: f64 = tail.map(|(l, r)| (l - left_mean) * (r - right_mean)).sum();
    for (l, r) in lefts.zip(rights) {
        (0..8).for_each(|lane| lanes[lane] += (l[lane] - left_mean) * (r[lane] - right_mean));
    }
    lanes.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 11] = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, -3.0, 0.5, 12.0];
    const Y: [f64; 11] = [1.0, 0.0, 2.0, 5.0, -1.0, 3.0, 2.5, 8.0, -2.0, 1.5, 6.0];

    fn sums(x: &[f64], y: &[f64]) -> Moments<2> {
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let sums = [x.iter().sum(), y.iter().sum()];
        let squares = [[product(x, x), product(x, y)], [f64::NAN, product(y, y)]];
        Moments::from_sums(x.len() as u64, sums, squares).unwrap()
    }

    #[test]
    fn sums_and_columns_and_merged_parts_agree() {
        let whole = Moments::from_columns([&X, &Y]).unwrap();
        let merged = Moments::from_columns([&X[..4], &Y[..4]]).unwrap().merge(&sums(&X[4..], &Y[4..]));
        for other in [sums(&X, &Y), merged] {
            assert_eq!(other.count, whole.count);
            for i in 0..2 {
                assert!((other.means[i] - whole.means[i]).abs() < 1e-12);
                for j in 0..2 {
                    assert!((other.products[i][j] - whole.products[i][j]).abs() < 1e-10, "{i} {j}");
                }
            }
        }
        // NIST StRD's NumAcc1 has the mean 10,000,002 and the standard deviation 1 exactly.
        let high = Moments::from_columns([&[10_000_001.0, 10_000_003.0, 10_000_002.0]]).unwrap();
        assert_eq!((high.means[0], high.covariance(0, 0)), (10_000_002.0, 1.0));
    }

    #[test]
    fn what_is_no_column_is_refused() {
        assert!(Moments::<1>::from_columns([&[]]).is_err());
        assert!(Moments::from_columns([&[1.0, f64::NAN]]).is_err());
        assert!(Moments::from_columns([&[1.0, f64::INFINITY]]).is_err());
        assert!(Moments::from_columns([&[1e300, -1e300]]).is_err());
        assert!(Moments::from_columns([&[1.0, 2.0][..], &[1.0][..]]).is_err());
        assert!(Moments::from_sums(0, [0.0], [[0.0]]).is_err());
        assert!(Moments::from_sums(10, [100.0], [[10.0]]).is_err());
        assert!(Moments::from_sums(4, [0.0, 0.0], [[4.0, 9.0], [9.0, 4.0]]).is_err());
        assert!(Moments::from_sums(4, [f64::NAN], [[1.0]]).is_err());
    }

    #[test]
    fn a_constant_column_has_no_spread_however_it_comes() {
        let from_columns = Moments::from_columns([&[0.1; 1000]]).unwrap();
        let from_sums = Moments::from_sums(1000, [0.1 * 1000.0], [[0.1 * 0.1 * 1000.0]]).unwrap();
        assert_eq!((from_columns.covariance(0, 0), from_sums.covariance(0, 0)), (0.0, 0.0));
    }
}
