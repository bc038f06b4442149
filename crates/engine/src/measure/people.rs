//! What each person brought in each window of time.

use crate::act::plan::Metric;
use crate::act::{Stopped, day_number, people::ids};
use domain::Id;
use domain::column::{Batch, Column, Values};
use domain::port::Insights;
use jiff::civil::Date;
use rustc_hash::FxHashMap;

/// One person's outcome and what was known before the start. Orders are order days, margins minor units.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Person {
    /// Order days after the start.
    pub orders: f64,
    /// Margin after the start.
    pub margin: f64,
    /// Order days before it.
    pub orders_before: f64,
    /// Margin before it.
    pub margin_before: f64,
}

impl Person {
    /// The outcome.
    pub fn after(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Margin => self.margin,
            Metric::Orders => self.orders,
            Metric::Bought => f64::from(u8::from(self.orders > 0.0)),
        }
    }

    /// The same before the start; whether somebody comes is best known by how often they came.
    pub fn before(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Margin => self.margin_before,
            Metric::Orders | Metric::Bought => self.orders_before,
        }
    }
}

/// Orders and margin of each customer in each of some windows.
pub struct Outcomes {
    windows: Vec<FxHashMap<u128, (i64, i64)>>,
}

impl Outcomes {
    /// Reads the windows, ends exclusive. `insights` must know the run's parameters.
    ///
    /// # Errors
    /// Where the relation cannot be run.
    pub fn read(insights: &dyn Insights, windows: &[(Date, Date)]) -> Result<Outcomes, Stopped> {
        insights.provide("run.windows", rows(windows))?;
        let batch = insights.run("campaign.outcomes")?;
        let (window, orders, margin) =
            (batch.column("number"), batch.column("orders"), batch.column("margin_minor"));
        let mut read = Outcomes { windows: vec![FxHashMap::default(); windows.len()] };
        for (row, id) in ids(&batch).into_iter().enumerate() {
            let (Some(id), Some(at)) = (id, window.int(row)) else { continue };
            let brought = (orders.int(row).unwrap_or(0), margin.int(row).unwrap_or(0));
            read.windows[at as usize].insert(id.body(), brought);
        }
        Ok(read)
    }

    /// Order days and margin in minor units of a customer in a window; nothing where they did not come.
    pub fn of(&self, window: usize, customer: Id) -> (i64, i64) {
        self.windows[window].get(&customer.body()).copied().unwrap_or_default()
    }

    /// A person of whom only what was before the start is known: window 0.
    pub fn person_before(&self, customer: Id) -> Person {
        let before = self.of(0, customer);
        Person { orders_before: before.0 as f64, margin_before: before.1 as f64, ..Person::default() }
    }

    /// A person, where window 0 is before and window 1 after the start.
    pub fn person(&self, customer: Id) -> Person {
        let (before, after) = (self.of(0, customer), self.of(1, customer));
        Person {
            orders: after.0 as f64,
            margin: after.1 as f64,
            orders_before: before.0 as f64,
            margin_before: before.1 as f64,
        }
    }
}

/// The rows of `run.windows`.
pub fn rows(windows: &[(Date, Date)]) -> Batch {
    let days = |of: fn(&(Date, Date)) -> Date| windows.iter().map(|one| day_number(of(one))).collect();
    Batch::new(vec![
        Column::ints("number", (0..windows.len() as i64).map(Some)),
        Column::new("from_on", Values::Day(days(|one| one.0))),
        Column::new("until_on", Values::Day(days(|one| one.1))),
    ])
}
