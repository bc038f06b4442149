//! The chain ladder: what a triangle of cumulative amounts will come to, with Mack's standard errors.
//!
//! A row is a vintage (the points of a month, the claims of a year), a column an age; each row is known up to its own
//! age. A development factor is the sum of what rows came to at the next age over the sum of what they were, and the
//! last known amount times the factors still to come is the ultimate. T. Mack, "Distribution-free calculation of the
//! standard error of chain ladder reserve estimates", ASTIN Bulletin 23 (1993), 213–225, gives factors, variances and
//! errors; the tail beyond the oldest row follows an exponential decay of factors less one, as is common practice, and
//! ends where nothing can develop any more (points that have run out).

use serde::Serialize;

/// What happens after the oldest age in the triangle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub enum Tail {
    /// Nothing: the oldest row is at its ultimate.
    None,
    /// Factors less one go on falling as they did, by a line through their logarithms over age.
    Exponential {
        /// The age at which all development ends, if there is one: the life of a point in the triangle's steps.
        ends_at: Option<usize>,
    },
}

/// Why there is no ladder.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// Fewer than two rows, or none with two ages.
    #[error(
        "a triangle of {rows} rows tells no development: give at least two vintages, one of them known at two ages"
    )]
    TooSmall {
        /// How many there are.
        rows: usize,
    },
    /// A row longer than one before it.
    #[error("row {row} is known at more ages than the row before it: give the oldest vintage first")]
    NotATriangle {
        /// Which, from 0.
        row: usize,
    },
    /// An amount that is none.
    #[error("row {row}, age {age} is {value}: give finite amounts, zero or more")]
    NotAnAmount {
        /// Which, from 0.
        row: usize,
        /// Which, from 0.
        age: usize,
        /// What stands there.
        value: f64,
    },
    /// All rows known at an age are zero there, so no factor can be told.
    #[error("nothing had developed by age {age} in any vintage: begin the triangle at a later age")]
    NothingYet {
        /// Which, from 0.
        age: usize,
    },
}

/// One vintage carried to its end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Projection {
    /// The last known amount.
    pub latest: f64,
    /// What it will come to.
    pub ultimate: f64,
    /// What is still to come: the ultimate less the latest.
    pub reserve: f64,
    /// Mack's standard error of the reserve. The tail's own uncertainty is not in it.
    pub standard_error: f64,
}

/// A fitted ladder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChainLadder {
    /// Development factors from each age to the next.
    pub factors: Vec<f64>,
    /// Mack's variances of the same steps; the last is extrapolated.
    pub variances: Vec<f64>,
    /// The product of all factors beyond the oldest age.
    pub tail: f64,
    /// The vintages, oldest first.
    pub rows: Vec<Projection>,
    /// What is still to come in all.
    pub reserve: f64,
    /// Its standard error: vintages share their factors, so their errors do not cancel.
    pub standard_error: f64,
}

/// Fit a ladder to cumulative amounts, the oldest vintage first.
///
/// # Errors
/// See [`Refused`].
pub fn chain_ladder(triangle: &[Vec<f64>], tail: Tail) -> Result<ChainLadder, Refused> {
    check(triangle)?;
    let steps = triangle[0].len() - 1;
    let sums: Vec<f64> = (0..steps).map(|age| known(triangle, age).map(|(now, _)| now).sum()).collect();
    let mut factors = Vec::with_capacity(steps);
    for (age, sum) in sums.iter().enumerate() {
        let next: f64 = known(triangle, age).map(|(_, next)| next).sum();
        if *sum <= 0.0 {
            return Err(Refused::NothingYet { age });
        }
        factors.push(next / sum);
    }
    let variances = variances(triangle, &factors);
    let tail = product_beyond(&factors, tail);
    let rows: Vec<Projection> =
        triangle.iter().map(|row| project(row, &factors, &variances, &sums, tail)).collect();
    let standard_error = total_error(triangle, &rows, &factors, &variances, &sums);
    let reserve = rows.iter().map(|row| row.reserve).sum();
    Ok(ChainLadder { factors, variances, tail, rows, reserve, standard_error })
}

fn check(triangle: &[Vec<f64>]) -> Result<(), Refused> {
    for (row, amounts) in triangle.iter().enumerate() {
        if row > 0 && amounts.len() > triangle[row - 1].len() {
            return Err(Refused::NotATriangle { row });
        }
        if let Some((age, value)) =
            amounts.iter().copied().enumerate().find(|(_, value)| !value.is_finite() || *value < 0.0)
        {
            return Err(Refused::NotAnAmount { row, age, value });
        }
    }
    let ages = triangle.first().map_or(0, Vec::len);
    if triangle.len() < 2 || ages < 2 || triangle.iter().any(Vec::is_empty) {
        return Err(Refused::TooSmall { rows: triangle.len() });
    }
    Ok(())
}

/// Amounts at an age and the next, of the rows known at both.
fn known(triangle: &[Vec<f64>], age: usize) -> impl Iterator<Item = (f64, f64)> + '_ {
    triangle.iter().filter_map(move |row| Some((*row.get(age)?, *row.get(age + 1)?)))
}

/// Mack's σ² of each step. Where one row alone tells a step its variance is taken from the two before, no larger than
/// either (Mack 1993, p. 219).
fn variances(triangle: &[Vec<f64>], factors: &[f64]) -> Vec<f64> {
    let mut variances: Vec<f64> = Vec::with_capacity(factors.len());
    for (age, factor) in factors.iter().enumerate() {
        let count = known(triangle, age).count();
        let sum: f64 = known(triangle, age)
            .filter(|(now, _)| *now > 0.0)
            .map(|(now, next)| now * (next / now - factor).powi(2))
            .sum();
        variances.push(match (count, age) {
            (2.., _) => sum / (count - 1) as f64,
            (_, 2..) if variances[age - 2] > 0.0 => {
                let (before, last) = (variances[age - 2], variances[age - 1]);
                (last * last / before).min(before.min(last))
            }
            (_, 1..) => variances[age - 1],
            _ => 0.0,
        });
    }
    variances
}

fn product_beyond(factors: &[f64], tail: Tail) -> f64 {
    /// Further steps than any program's points live; a factor this close to one adds nothing.
    const FURTHEST: usize = 1_200;
    let Tail::Exponential { ends_at } = tail else { return 1.0 };
    let points: Vec<(f64, f64)> = factors
        .iter()
        .enumerate()
        .filter(|(_, factor)| **factor > 1.0)
        .map(|(age, factor)| (age as f64, (factor - 1.0).ln()))
        .collect();
    if points.len() < 2 {
        return 1.0;
    }
    let count = points.len() as f64;
    let (mean_x, mean_y) =
        points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let slope = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>() / spread;
    // Factors that do not fall have no end: nothing can be said beyond what was seen.
    if slope.is_nan() || slope >= 0.0 {
        return 1.0;
    }
    let last = ends_at.unwrap_or(FURTHEST).min(FURTHEST);
    (factors.len()..last).map(|age| 1.0 + (mean_y + slope * (age as f64 - mean_x)).exp()).product()
}

fn project(row: &[f64], factors: &[f64], variances: &[f64], sums: &[f64], tail: f64) -> Projection {
    let latest = row.last().copied().unwrap_or(0.0);
    let (mut amount, mut error) = (latest, 0.0);
    for age in row.len() - 1..factors.len() {
        if amount > 0.0 && factors[age] > 0.0 {
            error += variances[age] / factors[age].powi(2) * (1.0 / amount + 1.0 / sums[age]);
        }
        amount *= factors[age];
    }
    let ultimate = amount * tail;
    Projection { latest, ultimate, reserve: ultimate - latest, standard_error: ultimate * error.sqrt() }
}

/// The error of the sum (Mack 1993, corollary to theorem 3).
fn total_error(
    triangle: &[Vec<f64>],
    rows: &[Projection],
    factors: &[f64],
    variances: &[f64],
    sums: &[f64],
) -> f64 {
    let mut total = 0.0;
    for (place, row) in rows.iter().enumerate() {
        let shared: f64 = (triangle[place].len() - 1..factors.len())
            .filter(|age| factors[*age] > 0.0)
            .map(|age| 2.0 * variances[age] / factors[age].powi(2) / sums[age])
            .sum();
        let younger: f64 = rows[place + 1..].iter().map(|row| row.ultimate).sum();
        total += row.standard_error.powi(2) + row.ultimate * younger * shared;
    }
    total.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G. Taylor and F. Ashe, "Second moments of estimates of outstanding claims", Journal of Econometrics 23 (1983).
    fn taylor_ashe() -> Vec<Vec<f64>> {
        let rows: [&[u32]; 10] = [
            &[357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
            &[352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085],
            &[290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315],
            &[310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268],
            &[443160, 1136350, 2128333, 2897821, 3402672, 3873311],
            &[396132, 1333217, 2180715, 2985752, 3691712],
            &[440832, 1288463, 2419861, 3483130],
            &[359480, 1421128, 2864498],
            &[376686, 1363294],
            &[344014],
        ];
        rows.iter().map(|row| row.iter().map(|amount| f64::from(*amount)).collect()).collect()
    }

    fn rounded(values: impl Iterator<Item = f64>, unit: f64) -> Vec<i64> {
        values.map(|value| (value / unit).round() as i64).collect()
    }

    #[test]
    fn taylor_ashe_matches_mack_1993() {
        let ladder = chain_ladder(&taylor_ashe(), Tail::None).unwrap();
        assert_eq!(
            rounded(ladder.factors.iter().copied(), 0.001),
            [3491, 1747, 1457, 1174, 1104, 1086, 1054, 1077, 1018]
        );
        // Table 2 of the paper, in thousands: what is still to come, and its error in per cent of it.
        let reserves = rounded(ladder.rows.iter().map(|row| row.reserve), 1_000.0);
        assert_eq!(reserves, [0, 95, 470, 710, 985, 1419, 2178, 3920, 4279, 4626]);
        let errors = rounded(ladder.rows[1..].iter().map(|row| row.standard_error / row.reserve), 0.01);
        assert_eq!(errors, [80, 26, 19, 27, 29, 26, 22, 23, 29]);
        assert_eq!(rounded([ladder.reserve, ladder.standard_error].into_iter(), 1_000.0), [18_681, 2_447]);
    }

    #[test]
    fn planted_factors_are_found_again_and_the_tail_ends_with_the_points() {
        // Redemption by age falls by half each month; points live a year. Every vintage is the same but for its size.
        let factor = |age: usize| 1.0 + 0.4 * 0.5f64.powi(age as i32);
        let row = |size: f64, ages: usize| -> Vec<f64> {
            (0..ages)
                .scan(size, |amount, age| {
                    let now = *amount;
                    *amount *= factor(age);
                    Some(now)
                })
                .collect()
        };
        let triangle: Vec<Vec<f64>> =
            (0..6).map(|place| row(100.0 + 7.0 * f64::from(place), 6 - place as usize)).collect();
        let ladder = chain_ladder(&triangle, Tail::Exponential { ends_at: Some(12) }).unwrap();
        for (age, found) in ladder.factors.iter().enumerate() {
            assert!((found - factor(age)).abs() < 1e-12, "{age}: {found}");
        }
        let beyond: f64 = (5..12).map(factor).product();
        assert!((ladder.tail - beyond).abs() < 1e-9, "{} and not {beyond}", ladder.tail);
        assert!(ladder.rows.iter().all(|row| row.standard_error < 1e-6), "no noise was planted");
        let ultimate = row(100.0, 13)[12];
        assert!((ladder.rows[0].ultimate - ultimate).abs() < 1e-6);
        // Points that have run out develop no more.
        let over = chain_ladder(&triangle, Tail::Exponential { ends_at: Some(5) }).unwrap();
        assert_eq!(over.tail, 1.0);
        assert_eq!(chain_ladder(&triangle, Tail::None).unwrap().tail, 1.0);
    }

    #[test]
    fn no_input_is_a_panic() {
        let fit = |rows: &[Vec<f64>]| chain_ladder(rows, Tail::Exponential { ends_at: None });
        assert_eq!(fit(&[]), Err(Refused::TooSmall { rows: 0 }));
        assert_eq!(fit(&[vec![1.0, 2.0]]), Err(Refused::TooSmall { rows: 1 }));
        assert_eq!(fit(&[vec![1.0], vec![1.0]]), Err(Refused::TooSmall { rows: 2 }));
        assert_eq!(fit(&[vec![1.0, 2.0], vec![]]), Err(Refused::TooSmall { rows: 2 }));
        assert_eq!(fit(&[vec![1.0, 2.0], vec![1.0, 2.0, 3.0]]), Err(Refused::NotATriangle { row: 1 }));
        assert_eq!(fit(&[vec![0.0, 2.0], vec![0.0]]), Err(Refused::NothingYet { age: 0 }));
        assert!(matches!(
            fit(&[vec![1.0, f64::NAN], vec![1.0]]),
            Err(Refused::NotAnAmount { row: 0, age: 1, .. })
        ));
        assert!(matches!(fit(&[vec![1.0, -2.0], vec![1.0]]), Err(Refused::NotAnAmount { .. })));
        let flat = fit(&[vec![5.0, 5.0, 5.0], vec![5.0, 5.0], vec![5.0]]).unwrap();
        assert_eq!((flat.reserve, flat.standard_error, flat.tail), (0.0, 0.0, 1.0));
        let short = fit(&[vec![5.0, 6.0], vec![4.0]]).unwrap();
        assert!((short.reserve - 0.8).abs() < 1e-12);
        // A vintage of which nothing was redeemed yet has nothing to develop.
        assert_eq!(fit(&[vec![5.0, 6.0], vec![0.0]]).unwrap().rows[1].ultimate, 0.0);
    }
}
