//! The shop's own clock: the hour of an instant in its zone.

use super::arguments::{Arguments, function, refused};
use datafusion::arrow::array::{ArrayRef, AsArray, Int64Builder};
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// All functions of this page.
pub fn all() -> Vec<ScalarUDF> {
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    vec![function("shop_hour", vec![instant, DataType::Utf8], DataType::Int64, shop_hour)]
}

/// `shop_hour(instant, zone)`: 0 to 23. Without a zone the instant is the shop's own clock already.
fn shop_hour(given: &Arguments) -> Result<ArrayRef> {
    let mut hours = Int64Builder::with_capacity(given.rows());
    let mut last: Option<(String, TimeZone)> = None;
    let instants = given.array(0).as_primitive::<TimestampMicrosecondType>();
    for row in 0..given.rows() {
        if given.lacks(0, row) {
            hours.append_null();
            continue;
        }
        let name = if given.lacks(1, row) { "UTC" } else { given.texts(1).value(row) };
        if last.as_ref().is_none_or(|(known, _)| known != name) {
            let zone = TimeZone::get(name).map_err(|why| refused("shop_hour", why))?;
            last = Some((name.to_owned(), zone));
        }
        let (_, zone) = last.as_ref().expect("made above");
        match Timestamp::from_microsecond(instants.value(row)) {
            Ok(instant) => hours.append_value(i64::from(zone.to_datetime(instant).hour())),
            Err(_) => hours.append_null(),
        }
    }
    Ok(Arc::new(hours.finish()))
}
