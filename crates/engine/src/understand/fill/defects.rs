//! What is wrong with the data itself.

use super::Run;
use crate::understand::rows::{Row, falling, first, rows};
use crate::understand::xray::*;
use domain::column::Batch;
use domain::port::Failure;

/// Files that tell only days have clocks within an hour of each other: midnight, in summer and in winter.
const CLOCKLESS_MINUTES: i64 = 60;

/// How order ids begin that the import made where the file has none.
const MADE: &str = "made-";

/// What the files tell, from the one row of `data.summary`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    pub customers: bool,
    pub products: bool,
    pub stores: bool,
    pub channels: bool,
    pub costs: bool,
    pub returns: bool,
}

impl Told {
    pub fn read(summary: Option<Row>) -> Told {
        let Some(row) = summary else { return Told::default() };
        let is_told = |without: &str| row.count(without) < row.count("lines");
        Told {
            customers: row.count("anonymous_orders") < row.count("orders"),
            products: is_told("lines_without_product"),
            stores: is_told("lines_without_store"),
            channels: is_told("lines_without_channel"),
            costs: is_told("lines_without_cost"),
            returns: row.count("returns") > 0,
        }
    }
}

/// The defects. `summary` is the one row of `data.summary`.
pub fn defects(run: &Run, summary: Option<Row>, told: Told) -> Result<Defects, Failure> {
    let found = run.insights.run("data.defects")?;
    let gaps = run.insights.run("data.gaps")?;
    let outliers = run.insights.run("data.outliers")?;
    let imports = &run.options.imports;
    let of = |name: &str| summary.map_or(0, |row| row.count(name));
    let whole = summary.map_or(0.0, |row| row.sum("revenue_minor"));
    let anonymous = summary.map_or(0.0, |row| row.sum("anonymous_minor"));
    let mut rejected_because = imports.rejected_because.clone();
    rejected_because.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.reason.cmp(&b.reason)));
    let has_times = match imports.has_times {
        Some(has_times) => has_times,
        None => has_clock(run)?,
    };
    let missing = [
        (Missing::Customer, told.customers),
        (Missing::Product, told.products),
        (Missing::Store, told.stores),
        (Missing::Channel, told.channels),
        (Missing::Cost, told.costs || run.measure == Measure::Margin),
        (Missing::Returns, told.returns),
        (Missing::Time, has_times),
    ];
    Ok(Defects {
        rows_read: imports.rows_read,
        rows_accepted: imports.rows_accepted,
        rows_rejected: imports.rows_rejected,
        rejected_because,
        rows_repeated: imports.rows_repeated,
        rows_contradicting: imports.rows_contradicting,
        orders: of("orders"),
        anonymous_orders: of("anonymous_orders"),
        anonymous_sales_share: if whole > 0.0 { (anonymous / whole).clamp(0.0, 1.0) } else { 0.0 },
        placeholders: imports.placeholders.clone(),
        gaps: falling(&gaps, "days")
            .into_iter()
            .filter_map(|row| row.period("from_on", "until_on"))
            .collect(),
        outliers: falling(&outliers, "revenue_minor")
            .into_iter()
            .filter_map(|row| {
                let order = row.text("order_id").filter(|order| !order.starts_with(MADE)).map(str::to_owned);
                Some(Outlier {
                    key: order.unwrap_or_else(|| run.key(row.text("customer_id"))),
                    on: row.day("ordered_on")?,
                    sales_minor: row.minor("revenue_minor")?,
                })
            })
            .collect(),
        orders_without_spend: count(&found, "order_without_spend"),
        returns: told.returns.then(|| of("returns")),
        returns_without_order: told.returns.then(|| count(&found, "return_without_order")),
        missing: missing.into_iter().filter(|(_, is_told)| !is_told).map(|(what, _)| what).collect(),
    })
}

fn count(found: &Batch, defect: &str) -> u64 {
    rows(found).find(|row| row.text("defect") == Some(defect)).map_or(0, |row| row.count("found"))
}

/// Whether the orders tell times of day and not days alone.
fn has_clock(run: &Run) -> Result<bool, Failure> {
    let clock = run.insights.run("data.clock")?;
    Ok(first(&clock).is_some_and(|row| row.minor_sum("clock_minutes") > CLOCKLESS_MINUTES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::rows::first;
    use domain::column::Column;

    #[test]
    fn a_column_that_no_line_has_is_not_told() {
        let one = |name, cell| Column::ints(name, [Some(cell)]);
        let batch = Batch::new(vec![
            one("lines", 10),
            one("orders", 4),
            one("anonymous_orders", 4),
            one("lines_without_product", 0),
            one("lines_without_store", 10),
            one("lines_without_channel", 9),
            one("lines_without_cost", 10),
            one("returns", 0),
        ]);
        let told = Told::read(first(&batch));
        assert_eq!(told, Told { products: true, channels: true, ..Told::default() });
        assert_eq!(Told::read(None), Told::default());
    }
}
