//! What the lake knows of people from files, from before the record began or beside it.

use crate::args::Common;
use crate::ended::Ended;
use crate::home::{Home, assets, currency_of};
use crate::import::date_of;
use crate::keep::documents;
use domain::column::{Batch, Column};
use domain::fact::Table;
use domain::port::Insights;
use engine::people::profit::Imported;
use jiff::civil::Date;
use serde_json::Value as Json;
use std::collections::HashMap;

/// Days and sums of everybody, by our id.
#[derive(Default)]
pub struct History {
    /// Days with an order.
    pub days: HashMap<String, Vec<Date>>,
    /// What was paid in the shop's currency less what came back, minor units, and the last day of it.
    pub kept: HashMap<String, Imported>,
}

/// What files have told of everybody.
pub fn of_all(common: &Common, home: &Home) -> Result<History, Ended> {
    let mut history = History::default();
    if !has_lines(home)? {
        return Ok(history);
    }
    let own = currency_of(&home.store)?;
    let rows = home.session(common, &assets(common)?)?.run("customer.imported")?;
    let column = |name: &str| rows.column(name);
    for row in 0..rows.rows() {
        let Some(customer) = column("customer_id").text(row) else { continue };
        let Some(day) = column("moved_on").int(row).and_then(|day| i32::try_from(day).ok()) else { continue };
        let day = date_of(day);
        if column("is_order").int(row) == Some(1) {
            history.days.entry(customer.to_owned()).or_default().push(day);
        }
        if column("currency").text(row) == Some(own.code()) {
            let kept =
                history.kept.entry(customer.to_owned()).or_insert(Imported { kept_minor: 0, last_on: day });
            kept.kept_minor += column("kept_minor").int(row).unwrap_or(0);
            kept.last_on = kept.last_on.max(day);
        }
    }
    Ok(history)
}

/// Every line that files have told of a person, by time. `ids` are all ids the person has had.
pub fn of_person(common: &Common, home: &Home, ids: &[String]) -> Result<Vec<Json>, Ended> {
    if !has_lines(home)? {
        return Ok(Vec::new());
    }
    let session = home.session(common, &assets(common)?)?;
    let people = Column::texts("person_id", ids.iter().map(|id| Some(id.as_str())));
    session.provide("run.people", Batch::new(vec![people]))?;
    Ok(documents(&session.query(
        "select source, order_id, ordered_at, ordered_on, product_id, product_name, category, quantity_milli,
             total_minor, discount_minor, currency, store_id, channel, tender
         from lake.lines
         join run.people on customer_id = person_id
         where import_id <> 'log'
         order by ordered_at, order_id, product_id",
    )?))
}

fn has_lines(home: &Home) -> Result<bool, Ended> {
    Ok(home.store.lake_versions()?.iter().any(|(table, _)| *table == Table::Lines))
}
