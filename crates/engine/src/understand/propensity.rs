//! Propensity: will this customer order within the horizon, learnt on windows shifted into the past.

use super::judging::{Held, Said};
use super::rows::{Row, rows};
use domain::column::{Batch, Column, Text, Values};
use stats::propensity::{FEATURES, Fitted, Kind, Learner, Method, Settings, Trees, Window, choose, fit};
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
/// Customers scored in one go.
const CHUNK: usize = 1 << 16;

/// Features on several days; the customers of a window are in the order of their ids.
pub(super) struct Windows {
    /// Days after each cut in which an order counts.
    pub days: f64,
    windows: [Shifted; 3],
    /// Ids of the customers of window 0.
    ids: Text,
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

    /// What a model says of every row.
    fn probabilities(&self, fitted: &Fitted) -> Vec<f64> {
        let tables = self.values.chunks(CHUNK * FEATURES).map(|rows| Table::new(FEATURES, rows.to_vec()));
        tables.flatten().flat_map(|table| fitted.probabilities(&table)).collect()
    }
}

impl Windows {
    /// The rows of `fits.features` with a horizon of `days`.
    pub fn read(batch: &Batch, days: f64) -> Windows {
        let mut windows: [Shifted; 3] = Default::default();
        let mut all: Vec<(usize, &str, Row)> = rows(batch)
            .map(|row| {
                (row.count("window_number").min(2) as usize, row.text("customer_id").unwrap_or(""), row)
            })
            .collect();
        all.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let ids = all.iter().take_while(|(number, _, _)| *number == 0).map(|(_, id, _)| *id).collect();
        for (number, _, row) in all {
            let window = &mut windows[number];
            window.values.extend(COLUMNS.map(|name| row.sum(name)));
            window.happened.push(row.minor("has_ordered") == Some(1));
        }
        let silences = silences(&windows[1], days);
        Windows { days, windows, ids, silences }
    }

    /// No windows at all.
    pub fn none() -> Windows {
        Windows { days: 0.0, windows: Default::default(), ids: Text::default(), silences: None }
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
/// on the later of two windows, and which of the two it was. `None` where history holds no window as long as the time held
/// out, or too few customers. Orders are its probability times what those who came again in the last window ordered.
pub(super) fn said_by_propensity(past: &Windows, held: &Held) -> Option<(Said, Kind)> {
    let now = &past.windows[0];
    if past.days != held.days || now.rows() != held.len() {
        return None;
    }
    let (later, later_happened) = past.windows[1].table()?;
    let (fitted, kind) = match past.windows[2].table() {
        Some((earlier, earlier_happened)) => {
            let earlier = Window { table: &earlier, happened: &earlier_happened };
            let later = Window { table: &later, happened: &later_happened };
            let chosen =
                choose(earlier, later, RIDGE, &Trees::default(), &settings(later_happened.len())).ok()?;
            (chosen.fitted, chosen.kind)
        }
        None => {
            let learner = learner(Kind::Logistic);
            (fit(&later, &later_happened, &learner, &settings(later_happened.len())).ok()?.0, Kind::Logistic)
        }
    };
    let chance = now.probabilities(&fitted);
    let came: Vec<f64> = held.window_orders.iter().copied().filter(|orders| *orders > 0.0).collect();
    let each = stats::describe::mean(&came).max(1.0);
    let orders = chance.iter().map(|chance| chance * each).collect();
    Some((Said { code: "propensity", is_naive: false, orders, chance }, kind))
}

fn settings(rows: usize) -> Settings {
    let calibration = if rows >= ROWS_FOR_STAIRS { Method::Isotonic } else { Method::Platt };
    Settings { calibration, seed: SEED, ..Settings::default() }
}

fn learner(kind: Kind) -> Learner {
    match kind {
        Kind::Logistic => Learner::Logistic { ridge: RIDGE },
        Kind::Boosted => Learner::Boosted(Trees::default()),
    }
}

/// The rows of `fits.propensity`: every customer's chance of an order within the horizon, by a model of that kind learnt on
/// the two latest windows; no rows where there are too few customers to learn from.
pub(super) fn latest(windows: &Windows, kind: Kind) -> Batch {
    let (ids, chances) = match learn(windows, kind) {
        Some(fitted) => (windows.ids.clone(), windows.windows[0].probabilities(&fitted)),
        None => (Text::default(), Vec::new()),
    };
    Batch::new(vec![
        Column::new("customer_id", Values::Text(ids)),
        Column::new("p_order", Values::Float(chances)),
    ])
}

fn learn(windows: &Windows, kind: Kind) -> Option<Fitted> {
    let (mut table, mut happened) = windows.windows[1].table()?;
    if let Some((earlier, came)) = windows.windows[2].table() {
        table = table.stacked(&earlier).ok()?;
        happened.extend(came);
    }
    Some(fit(&table, &happened, &learner(kind), &settings(happened.len())).ok()?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A window of customers in whom the outcome bends with the first column: neither the low nor the high come.
    fn bent(rows: u32, salt: u32) -> Shifted {
        // The finaliser of splitmix64 spreads numbers in a row over the unit interval.
        let draw = |cell: u64| {
            let mixed = (cell ^ (cell >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
        };
        let cells = 0..u64::from(rows) * FEATURES as u64;
        let values: Vec<f64> = cells.map(|cell| draw((cell + 1) << 20 | u64::from(salt))).collect();
        let happened =
            values.chunks(FEATURES).map(|row| (row[0] - 0.5).abs() + 0.3 * row[1] < 0.35).collect();
        Shifted { values, happened }
    }

    fn bent_windows() -> Windows {
        let windows = [bent(600, 1), bent(600, 2), bent(600, 3)];
        let ids = (0..600).map(|row| format!("cus_{row:04}")).collect::<Vec<_>>();
        Windows { days: 30.0, windows, ids: ids.iter().map(String::as_str).collect(), silences: None }
    }

    fn error(chances: &[f64], happened: &[bool]) -> f64 {
        let of = |(chance, is): (&f64, &bool)| (chance - f64::from(u8::from(*is))).powi(2);
        chances.iter().zip(happened).map(of).sum::<f64>() / chances.len() as f64
    }

    #[test]
    fn trees_that_won_on_held_out_time_are_what_is_served() {
        let windows = bent_windows();
        let held = Held {
            orders: vec![1.0; 600],
            window_orders: vec![1.0; 600],
            frequency: vec![1.0; 600],
            ..Held::default()
        };
        let (said, kind) = said_by_propensity(&windows, &Held { days: 30.0, ..held }).unwrap();
        assert_eq!(kind, Kind::Boosted);
        let happened = &windows.windows[0].happened;
        assert!(error(&said.chance, happened) < 0.14);
        let chances = |served: &Batch| match served.column("p_order") {
            Column { values: Values::Float(chances), .. } => chances.clone(),
            _ => unreachable!("a column of numbers"),
        };
        let (by_trees, by_regression) = (latest(&windows, kind), latest(&windows, Kind::Logistic));
        assert!(error(&chances(&by_trees), happened) < 0.14);
        assert!(error(&chances(&by_regression), happened) > 0.16);
        assert_eq!(by_trees.column("customer_id").text(599), Some("cus_0599"));
    }

    #[test]
    fn without_windows_nothing_is_learnt() {
        assert_eq!(latest(&Windows::none(), Kind::Logistic).rows(), 0);
        assert!(said_by_propensity(&Windows::none(), &Held::default()).is_none());
    }
}
