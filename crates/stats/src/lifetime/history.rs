//! What a customer did, as three numbers, and the refusals for histories that cannot be.
//!
//! `frequency` is the number of repeat orders (the first is not counted, orders of one day are one order),
//! `recency` the time from first to last order, `age` the time from first order to the end of observation, all
//! in one unit of the caller's choice. The literature writes x, t_x and T.

use rayon::prelude::*;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::{Add, Range};

/// Columns of equal length, one row per customer or per group of equal customers.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// Repeat orders, whole numbers.
    pub frequency: &'a [f64],
    /// First to last order; zero without a repeat.
    pub recency: &'a [f64],
    /// First order to the end of observation.
    pub age: &'a [f64],
    /// Customers per row, where rows are groups.
    pub weights: Option<&'a [f64]>,
    /// Sum of the logarithms of the gaps between orders, per customer (a mean where rows are groups). Needed only
    /// to compare degrees of regularity.
    pub log_gaps: Option<&'a [f64]>,
}

/// Why a history or a request cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// No rows.
    #[error("there are no customers; supply at least {needed}")]
    Empty {
        /// Customers needed.
        needed: usize,
    },
    /// Columns of different length.
    #[error("{column} has {rows} rows and frequency has {expected}; they must describe the same customers")]
    Lengths {
        /// The column.
        column: &'static str,
        /// Its rows.
        rows: usize,
        /// Rows of the first column.
        expected: usize,
    },
    /// Fewer customers than a fit can stand on.
    #[error("{customers} customers are too few to fit; {needed} or more are needed")]
    TooFew {
        /// Customers there.
        customers: f64,
        /// Customers needed.
        needed: usize,
    },
    /// NaN or infinite.
    #[error("{column} row {row} is {value}; it must be a finite number")]
    NotFinite {
        /// The column.
        column: &'static str,
        /// The row, from 0.
        row: usize,
        /// The value.
        value: f64,
    },
    /// Below zero.
    #[error("{column} row {row} is {value}; it must not be negative")]
    Negative {
        /// The column.
        column: &'static str,
        /// The row, from 0.
        row: usize,
        /// The value.
        value: f64,
    },
    /// A count that is not a whole number.
    #[error("{column} row {row} is {value}; it counts and must be a whole number under a billion")]
    NotACount {
        /// The column.
        column: &'static str,
        /// The row, from 0.
        row: usize,
        /// The value.
        value: f64,
    },
    /// Last order after the end of observation.
    #[error(
        "row {row}: recency {recency} is beyond age {age}; the last order cannot be after the end of observation"
    )]
    RecencyBeyondAge {
        /// The row, from 0.
        row: usize,
        /// First to last order.
        recency: f64,
        /// First order to end.
        age: f64,
    },
    /// A recency without a repeat order.
    #[error("row {row}: frequency is 0 and recency is {recency}; without a repeat order recency is 0")]
    RecencyWithoutRepeat {
        /// The row, from 0.
        row: usize,
        /// The recency.
        recency: f64,
    },
    /// Repeat orders at the moment of the first.
    #[error("row {row}: {frequency} repeat orders and recency 0; merge orders of the same day into one")]
    RepeatsAtTimeZero {
        /// The row, from 0.
        row: usize,
        /// The repeat orders.
        frequency: f64,
    },
    /// More orders than periods.
    #[error(
        "row {row}: frequency {frequency} is beyond recency {recency}; there is at most one order a period"
    )]
    FrequencyBeyondRecency {
        /// The row, from 0.
        row: usize,
        /// The periods with an order.
        frequency: f64,
        /// The period of the last order.
        recency: f64,
    },
    /// Nobody bought twice.
    #[error("all {customers} customers bought once; a repeat rate cannot be learned from them")]
    AllOnePurchase {
        /// Customers there.
        customers: f64,
    },
    /// Nobody left in a contract cohort, or nobody stayed.
    #[error("{0}")]
    Uninformative(&'static str),
    /// No time was observed.
    #[error("all ages are 0; the end of observation must lie after the first orders")]
    NoTimeObserved,
    /// The gaps were not given but are needed.
    #[error("comparing degrees of regularity needs the logarithms of the gaps between orders")]
    GapsMissing,
    /// A degree of regularity out of range.
    #[error("regularity {0} is out of range; use 1 (as it comes) to 12 (like a clock)")]
    Regularity(u32),
    /// A model name nobody knows.
    #[error(
        "model '{0}' does not exist; known models: nbd, bg-nbd, mbg-nbd, pareto-nbd, cnbd-k, bg-cnbd-k, mbg-cnbd-k, bg-bb"
    )]
    UnknownModel(String),
    /// Parameters of the wrong number or sign.
    #[error("model {model} takes positive finite parameters ({expected}); got {given:?}")]
    Parameters {
        /// The model.
        model: &'static str,
        /// Their names.
        expected: &'static str,
        /// What came.
        given: Vec<f64>,
    },
    /// A setting out of range.
    #[error("{setting} is {value}; it must be {range}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// The value.
        value: f64,
        /// The range, in words.
        range: &'static str,
    },
}

/// Fewest customers a fit accepts: with fewer the optimum is an accident of one customer.
pub const FEWEST_CUSTOMERS: usize = 10;

/// What a checked history adds up to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Customers.
    pub customers: f64,
    /// Customers with at least one repeat order.
    pub repeaters: f64,
    /// Repeat orders.
    pub orders: f64,
    /// Customer-time observed, in the caller's unit.
    pub exposure: f64,
}

impl Add for Totals {
    type Output = Totals;

    fn add(self, other: Totals) -> Totals {
        Totals {
            customers: self.customers + other.customers,
            repeaters: self.repeaters + other.repeaters,
            orders: self.orders + other.orders,
            exposure: self.exposure + other.exposure,
        }
    }
}

/// Rows a thread checks in one go.
const CHECKED_AT_ONCE: usize = 1 << 16;

impl<'a> History<'a> {
    /// One row per customer.
    pub fn new(frequency: &'a [f64], recency: &'a [f64], age: &'a [f64]) -> Self {
        History { frequency, recency, age, weights: None, log_gaps: None }
    }

    /// Rows that stand for many customers each.
    pub fn weighted(self, weights: &'a [f64]) -> Self {
        History { weights: Some(weights), ..self }
    }

    /// With the sum of ln gaps per customer.
    pub fn with_log_gaps(self, log_gaps: &'a [f64]) -> Self {
        History { log_gaps: Some(log_gaps), ..self }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.frequency.len()
    }

    /// Customers a row stands for.
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |w| w[row])
    }

    /// Checks every row and adds up; the first row that cannot be is refused by name.
    pub fn check(&self) -> Result<Totals, Refused> {
        let rows = self.rows();
        if rows == 0 {
            return Err(Refused::Empty { needed: FEWEST_CUSTOMERS });
        }
        let columns = [
            ("recency", Some(self.recency)),
            ("age", Some(self.age)),
            ("weights", self.weights),
            ("log_gaps", self.log_gaps),
        ];
        for (column, values) in columns {
            if let Some(values) = values
                && values.len() != rows
            {
                return Err(Refused::Lengths { column, rows: values.len(), expected: rows });
            }
        }
        let parts: Vec<Result<Totals, Refused>> = (0..rows.div_ceil(CHECKED_AT_ONCE))
            .into_par_iter()
            .map(|part| self.check_rows(part * CHECKED_AT_ONCE..rows.min((part + 1) * CHECKED_AT_ONCE)))
            .collect();
        parts.into_iter().try_fold(Totals::default(), |sum, part| Ok(sum + part?))
    }

    fn check_rows(&self, rows: Range<usize>) -> Result<Totals, Refused> {
        let mut totals = Totals::default();
        for row in rows {
            let (frequency, recency, age, weight) =
                (self.frequency[row], self.recency[row], self.age[row], self.weight(row));
            // One comparison covers the usual case; the reason is looked for only when it fails.
            let is_sound = (0.0..1e9).contains(&frequency)
                & (frequency as u32 as f64 == frequency)
                & (recency >= 0.0)
                & (age >= 0.0)
                & (recency <= age * (1.0 + 1e-9))
                & (age <= 1e12)
                & ((frequency > 0.0) == (recency > 0.0))
                & (0.0..=1e15).contains(&weight);
            if !is_sound {
                return Err(self.reason(row));
            }
            if let Some(gaps) = self.log_gaps
                && !gaps[row].is_finite()
            {
                return Err(Refused::NotFinite { column: "log_gaps", row, value: gaps[row] });
            }
            totals.customers += weight;
            totals.orders += weight * frequency;
            totals.exposure += weight * age;
            if frequency > 0.0 {
                totals.repeaters += weight;
            }
        }
        Ok(totals)
    }

    /// As [`History::check`], and refuses what is sound but too little to fit on.
    pub fn check_fittable(&self) -> Result<Totals, Refused> {
        let totals = self.check()?;
        if totals.customers < FEWEST_CUSTOMERS as f64 {
            return Err(Refused::TooFew { customers: totals.customers, needed: FEWEST_CUSTOMERS });
        }
        if totals.orders <= 0.0 {
            return Err(Refused::AllOnePurchase { customers: totals.customers });
        }
        if totals.exposure <= 0.0 {
            return Err(Refused::NoTimeObserved);
        }
        Ok(totals)
    }

    fn reason(&self, row: usize) -> Refused {
        let named = [
            ("frequency", self.frequency[row]),
            ("recency", self.recency[row]),
            ("age", self.age[row]),
            ("weights", self.weight(row)),
        ];
        for (column, value) in named {
            if !value.is_finite() {
                return Refused::NotFinite { column, row, value };
            }
            if value < 0.0 {
                return Refused::Negative { column, row, value };
            }
            if value > 1e15 || (column == "age" && value > 1e12) {
                return Refused::Setting { setting: column, value, range: "a plausible size" };
            }
        }
        let (frequency, recency, age) = (named[0].1, named[1].1, named[2].1);
        if frequency.fract() != 0.0 || frequency >= 1e9 {
            Refused::NotACount { column: "frequency", row, value: frequency }
        } else if recency > age {
            Refused::RecencyBeyondAge { row, recency, age }
        } else if frequency == 0.0 {
            Refused::RecencyWithoutRepeat { row, recency }
        } else {
            Refused::RepeatsAtTimeZero { row, frequency }
        }
    }
}

/// Distinct rows with how many customers each stands for: the sufficient statistics of every family here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grouped {
    /// Repeat orders.
    pub frequency: Vec<f64>,
    /// First to last order.
    pub recency: Vec<f64>,
    /// First order to end of observation.
    pub age: Vec<f64>,
    /// Customers.
    pub weights: Vec<f64>,
    /// Mean over the group of the sums of ln gaps.
    pub log_gaps: Option<Vec<f64>>,
}

impl Grouped {
    /// The groups as a history.
    pub fn history(&self) -> History<'_> {
        History {
            frequency: &self.frequency,
            recency: &self.recency,
            age: &self.age,
            weights: Some(&self.weights),
            log_gaps: self.log_gaps.as_deref(),
        }
    }
}

/// Groups equal rows, in order of first appearance. A fit on the groups has the same optimum as on the customers.
pub fn group(history: &History) -> Result<Grouped, Refused> {
    history.check()?;
    let mut places: HashMap<[u64; 3], u32, BuildHasherDefault<Mixer>> = HashMap::default();
    let mut grouped = Grouped { log_gaps: history.log_gaps.map(|_| Vec::new()), ..Grouped::default() };
    for row in 0..history.rows() {
        let (frequency, recency, age) = (history.frequency[row], history.recency[row], history.age[row]);
        let place = *places.entry(key(frequency, recency, age)).or_insert_with(|| {
            grouped.frequency.push(frequency);
            grouped.recency.push(recency);
            grouped.age.push(age);
            grouped.weights.push(0.0);
            if let Some(gaps) = &mut grouped.log_gaps {
                gaps.push(0.0);
            }
            (grouped.weights.len() - 1) as u32
        }) as usize;
        let weight = history.weight(row);
        grouped.weights[place] += weight;
        if let (Some(sums), Some(gaps)) = (&mut grouped.log_gaps, history.log_gaps) {
            sums[place] += weight * gaps[row];
        }
    }
    if let Some(sums) = &mut grouped.log_gaps {
        for (sum, weight) in sums.iter_mut().zip(&grouped.weights) {
            *sum /= weight.max(f64::MIN_POSITIVE);
        }
    }
    Ok(grouped)
}

/// As [`group`], ordered by size, for whole numbers without weights or gaps: three of them fit into one word, and words
/// are sorted faster than hashed. None for other histories.
pub(crate) fn counted(history: &History) -> Option<Grouped> {
    const BITS: u32 = 21;
    const WORD: u64 = (1 << BITS) - 1;
    if history.weights.is_some() || history.log_gaps.is_some() {
        return None;
    }
    let word = |value: f64| {
        let word = value as u64;
        (word <= WORD && word as f64 == value).then_some(word)
    };
    let mut words = Vec::with_capacity(history.rows());
    for row in 0..history.rows() {
        let [frequency, recency, age] =
            [word(history.frequency[row])?, word(history.recency[row])?, word(history.age[row])?];
        words.push(frequency << (2 * BITS) | recency << BITS | age);
    }
    words.par_sort_unstable();
    let mut grouped = Grouped::default();
    for equal in words.chunk_by(|one, other| one == other) {
        grouped.frequency.push((equal[0] >> (2 * BITS)) as f64);
        grouped.recency.push((equal[0] >> BITS & WORD) as f64);
        grouped.age.push((equal[0] & WORD) as f64);
        grouped.weights.push(equal.len() as f64);
    }
    Some(grouped)
}

/// Share of distinct rows in an even sample of at most `sample` rows: near one for continuous times.
pub(crate) fn distinct_share(history: &History, sample: usize) -> f64 {
    let stride = history.rows().div_ceil(sample).max(1);
    let mut seen: std::collections::HashSet<[u64; 3], BuildHasherDefault<Mixer>> = Default::default();
    let mut looked = 0usize;
    for row in (0..history.rows()).step_by(stride) {
        seen.insert(key(history.frequency[row], history.recency[row], history.age[row]));
        looked += 1;
    }
    seen.len() as f64 / looked.max(1) as f64
}

fn key(frequency: f64, recency: f64, age: f64) -> [u64; 3] {
    // Adding zero turns minus zero into zero.
    [(frequency + 0.0).to_bits(), (recency + 0.0).to_bits(), (age + 0.0).to_bits()]
}

/// A fast hash for three words; the keys are the caller's own numbers, so nobody is attacking the table.
#[derive(Clone, Copy, Default)]
pub(crate) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mixed ^ (mixed >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[(f64, f64, f64)], expected: &str) {
        let (x, tx, age): (Vec<f64>, Vec<f64>, Vec<f64>) = (
            rows.iter().map(|r| r.0).collect(),
            rows.iter().map(|r| r.1).collect(),
            rows.iter().map(|r| r.2).collect(),
        );
        let answer = match History::new(&x, &tx, &age).check_fittable() {
            Ok(totals) => format!("ok {} customers {} orders", totals.customers, totals.orders),
            Err(refused) => refused.to_string(),
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn histories_that_cannot_be_are_refused_by_name() {
        let ten = |row| std::iter::repeat_n(row, 10).collect::<Vec<_>>();
        check(&[], "there are no customers; supply at least 10");
        check(&[(1.0, 2.0, 3.0)], "1 customers are too few to fit; 10 or more are needed");
        check(
            &ten((0.0, 0.0, 3.0)),
            "all 10 customers bought once; a repeat rate cannot be learned from them",
        );
        check(&ten((1.0, 2.0, 3.0)), "ok 10 customers 10 orders");
        check(&[(f64::NAN, 2.0, 3.0)], "frequency row 0 is NaN; it must be a finite number");
        check(&[(1.0, f64::INFINITY, 3.0)], "recency row 0 is inf; it must be a finite number");
        check(&[(1.0, 2.0, -3.0)], "age row 0 is -3; it must not be negative");
        check(
            &[(1.5, 2.0, 3.0)],
            "frequency row 0 is 1.5; it counts and must be a whole number under a billion",
        );
        check(
            &[(1.0, 4.0, 3.0)],
            "row 0: recency 4 is beyond age 3; the last order cannot be after the end of observation",
        );
        check(
            &[(0.0, 1.0, 3.0)],
            "row 0: frequency is 0 and recency is 1; without a repeat order recency is 0",
        );
        check(
            &[(2.0, 0.0, 3.0)],
            "row 0: 2 repeat orders and recency 0; merge orders of the same day into one",
        );
        let (x, t) = (vec![0.0; 3], vec![1.0; 2]);
        assert_eq!(
            History::new(&x, &x, &t).check().unwrap_err().to_string(),
            "age has 2 rows and frequency has 3; they must describe the same customers"
        );
    }

    #[test]
    fn grouping_keeps_every_customer_and_their_gaps() {
        let (x, tx, age) = ([1.0, 0.0, 1.0, 1.0], [2.0, 0.0, 2.0, 3.0], [9.0, 9.0, 9.0, 9.0]);
        let gaps = [0.5, 0.0, 0.7, 1.1];
        let grouped = group(&History::new(&x, &tx, &age).with_log_gaps(&gaps)).unwrap();
        assert_eq!(grouped.weights, [2.0, 1.0, 1.0]);
        assert_eq!(grouped.recency, [2.0, 0.0, 3.0]);
        assert!((grouped.log_gaps.as_ref().unwrap()[0] - 0.6).abs() < 1e-12);
        let whole = counted(&History::new(&x, &tx, &age)).unwrap();
        assert_eq!((whole.recency, whole.weights), (vec![0.0, 2.0, 3.0], vec![1.0, 2.0, 1.0]));
        assert_eq!(counted(&History::new(&x, &tx, &[9.5; 4])), None);
        let again = group(&grouped.history()).unwrap();
        assert_eq!(again.weights, grouped.weights);
    }
}
