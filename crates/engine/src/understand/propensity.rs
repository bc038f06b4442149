//! Propensity: will this customer order within the horizon, learnt on windows shifted into the past.

use super::judging::{Held, Said};
use super::rows::{Row, rows};
use domain::column::{Batch, Column, Values};
use stats::propensity::{
    Calibrator, FEATURES, Learner, Logistic, Method, Model, Settings, Trees, Window, choose, fit,
};
use stats::table::Table;

/// The columns of `fits.features` that a model looks at, in the order of `stats::propensity::features`.
const COLUMNS: [&str; FEATURES] = [
    "order_days",
    "days_since_last",
    "age_days",
    "recency_days",
    "mean_value",
    "total_value",
    "mean_gap_days",
    "silence_in_gaps",
    "order_days_30",
    "order_days_90",
    "order_days_180",
];

/// Customers a window is learnt on at most: eleven columns need no more, and trees grow slowly.
const MOST_ROWS: usize = 50_000;
/// Customers a window needs, with some of either outcome.
const FEWEST_ROWS: usize = 200;
/// Customers of the rarer outcome a window needs: about two for each column.
const FEWEST_OF_EITHER: usize = 20;
/// Weight of the penalty on standardised columns.
const RIDGE: f64 = 1.0;
/// From so many rows on a calibration line bends where the data do.
const ROWS_FOR_STAIRS: usize = 5_000;
const SEED: u64 = 1;

/// Features on several days; the customers of a window are in the order of their ids.
pub(super) struct Windows {
    /// Days after each cut in which an order counts.
    pub days: f64,
    windows: [Shifted; 4],
    silences: Option<Held>,
}

#[derive(Default)]
struct Shifted {
    values: Vec<f64>,
    happened: Vec<bool>,
}

impl Shifted {
    fn rows(&self) -> usize {
        self.happened.len()
    }

    /// The rows to learn on, evenly thinned; `None` where there are too few of either outcome.
    fn table(&self) -> Option<(Table, Vec<bool>)> {
        let every = self.rows().div_ceil(MOST_ROWS).max(1);
        let picked = (0..self.rows()).step_by(every);
        let values =
            picked.clone().flat_map(|row| &self.values[row * FEATURES..(row + 1) * FEATURES]).copied();
        let happened: Vec<bool> = picked.clone().map(|row| self.happened[row]).collect();
        let yes = happened.iter().filter(|is| **is).count();
        let is_enough = happened.len() >= FEWEST_ROWS && yes.min(happened.len() - yes) >= FEWEST_OF_EITHER;
        let table = is_enough.then(|| Table::new(FEATURES, values.collect()).ok()).flatten()?;
        Some((table, happened))
    }

    fn whole_table(&self) -> Option<Table> {
        Table::new(FEATURES, self.values.clone()).ok()
    }
}

impl Windows {
    /// The rows of `fits.features` with a horizon of `days`.
    pub fn read(batch: &Batch, days: f64) -> Windows {
        let mut windows: [Shifted; 4] = Default::default();
        let mut all: Vec<(usize, &str, Row)> = rows(batch)
            .map(|row| {
                (row.count("window_number").min(3) as usize, row.text("customer_id").unwrap_or(""), row)
            })
            .collect();
        all.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        for (number, _, row) in all {
            let window = &mut windows[number];
            window.values.extend(COLUMNS.map(|name| row.sum(name)));
            window.happened.push(row.minor("has_ordered") == Some(1));
        }
        let silences = silences(&windows[1], days);
        Windows { days, windows, silences }
    }

    /// No windows at all.
    pub fn none() -> Windows {
        Windows { days: 0.0, windows: Default::default(), silences: None }
    }

    /// Customers known at the cut.
    pub fn customers(&self) -> usize {
        self.windows[0].rows()
    }

    /// How long customers had been silent one window before the cut, and whether they came: for the rule of silence.
    pub fn silences(&self) -> Option<&Held> {
        self.silences.as_ref()
    }
}

fn silences(window: &Shifted, days: f64) -> Option<Held> {
    // The columns are logarithms of one plus days.
    let column = |place: usize| -> Vec<f64> {
        window.values.chunks_exact(FEATURES).map(|row| row[place].exp_m1().round().max(0.0)).collect()
    };
    let (quiet, age) = (column(1), column(2));
    let orders: Vec<f64> = window.happened.iter().map(|is| f64::from(u8::from(*is))).collect();
    (window.rows() >= FEWEST_OF_EITHER).then(|| Held {
        frequency: vec![0.0; age.len()],
        recency_days: age.iter().zip(&quiet).map(|(age, quiet)| (age - quiet).max(0.0)).collect(),
        mean_spend_minor: vec![0.0; age.len()],
        window_orders: vec![0.0; age.len()],
        age_days: age,
        orders,
        days,
    })
}

/// What a propensity model learnt before the cut says of the held customers: regression, or trees where they did better
/// on the later of two windows. `None` where history holds no window as long as the time held out, or too few customers.
/// Orders are its probability times what those who came again in the last window ordered.
pub(super) fn said_by_propensity(past: &Windows, held: &Held) -> Option<Said> {
    let now = &past.windows[0];
    if past.days != held.days || now.rows() != held.len() {
        return None;
    }
    let (later, later_happened) = past.windows[1].table()?;
    let fitted = match past.windows[2].table() {
        Some((earlier, earlier_happened)) => {
            let earlier = Window { table: &earlier, happened: &earlier_happened };
            let later = Window { table: &later, happened: &later_happened };
            choose(earlier, later, RIDGE, &Trees::default(), &settings(later_happened.len())).ok()?.fitted
        }
        None => fit(&later, &later_happened, &regression(), &settings(later_happened.len())).ok()?.0,
    };
    let chance = fitted.probabilities(&now.whole_table()?);
    let came: Vec<f64> = held.window_orders.iter().copied().filter(|orders| *orders > 0.0).collect();
    let each = stats::describe::mean(&came).max(1.0);
    Some(Said {
        code: "propensity",
        is_naive: false,
        orders: chance.iter().map(|chance| chance * each).collect(),
        chance,
    })
}

fn settings(rows: usize) -> Settings {
    let calibration = if rows >= ROWS_FOR_STAIRS { Method::Isotonic } else { Method::Platt };
    Settings { calibration, seed: SEED, ..Settings::default() }
}

fn regression() -> Learner {
    Learner::Logistic { ridge: RIDGE }
}

/// The row of `fits.propensity`: a regression on the two latest windows, or none where there are too few customers.
pub(super) fn latest(windows: &Windows) -> Batch {
    let learnt = learn(windows);
    let (coefficients, calibration, numbers) = match &learnt {
        Some((regression, calibrator)) => {
            let (name, numbers) = in_numbers(calibrator);
            (vec![on_plain_columns(regression)], vec![Some(name)], vec![numbers])
        }
        None => (vec![], vec![], vec![]),
    };
    Batch::new(vec![
        Column::new("coefficients", Values::Floats(coefficients)),
        Column::texts("calibration", calibration),
        Column::new("calibration_numbers", Values::Floats(numbers)),
    ])
}

fn learn(windows: &Windows) -> Option<(Logistic, Calibrator)> {
    let (mut table, mut happened) = windows.windows[1].table()?;
    if let Some((earlier, came)) = windows.windows[2].table() {
        table = table.stacked(&earlier).ok()?;
        happened.extend(came);
    }
    let (fitted, _) = fit(&table, &happened, &regression(), &settings(happened.len())).ok()?;
    match fitted.model {
        Model::Logistic(regression) => Some((regression, fitted.calibrator)),
        _ => None,
    }
}

/// Intercept and slopes for columns as they are, of a regression on standardised ones.
fn on_plain_columns(regression: &Logistic) -> Vec<f64> {
    let scale = &regression.scale;
    let slopes: Vec<f64> =
        regression.coefficients.iter().zip(&scale.deviations).map(|(b, s)| b / s).collect();
    let shift: f64 = slopes.iter().zip(&scale.means).map(|(b, m)| b * m).sum();
    std::iter::once(regression.intercept - shift).chain(slopes).collect()
}

fn in_numbers(calibrator: &Calibrator) -> (&'static str, Vec<f64>) {
    match calibrator {
        Calibrator::None => ("none", vec![]),
        Calibrator::Platt { slope, intercept } => ("platt", vec![*slope, *intercept]),
        Calibrator::Isotonic { said, happened } => ("isotonic", [said.as_slice(), happened].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_columns_get_the_same_answer() {
        let values: Vec<f64> =
            (0..4_400).map(|cell: u32| f64::from(cell.wrapping_mul(2_654_435_761) >> 20)).collect();
        let happened: Vec<bool> = values.chunks(FEATURES).map(|row| row[0] + row[5] > 4_000.0).collect();
        let table = Table::new(FEATURES, values).unwrap();
        let regression = Logistic::fit(&table, &happened, 1.0).unwrap();
        let plain = on_plain_columns(&regression);
        for row in table.iter().take(20) {
            let sum = plain[0] + plain[1..].iter().zip(row).map(|(b, x)| b * x).sum::<f64>();
            assert!((1.0 / (1.0 + (-sum).exp()) - regression.probability(row)).abs() < 1e-9);
        }
    }

    #[test]
    fn without_windows_nothing_is_learnt() {
        assert_eq!(latest(&Windows::none()).rows(), 0);
        assert!(said_by_propensity(&Windows::none(), &Held::default()).is_none());
    }
}
