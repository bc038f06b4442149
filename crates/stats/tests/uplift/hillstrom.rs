//! The mailing of Hillstrom (2008), where its data are given.

use stats::table::Table;
use stats::uplift::{Assignment, Trial};

use crate::reference::{field, number, read, rows};

/// Women's offers against no mail: 42,693 customers, each word of a column one of its own. `has_steps` is with all columns
/// of the file; without, the steps of history are left out and history is in logarithms, being money.
pub fn hillstrom(outcome: &str, has_steps: bool) -> Option<Trial> {
    let rows = rows(&read("causal/hillstrom/hillstrom_womens_vs_none.csv.gz")?);
    let is = |yes: bool| f64::from(u8::from(yes));
    let mut values = Vec::new();
    for row in &rows {
        values.extend(["recency", "mens", "womens", "newbie"].map(|name| number(row, name)));
        let history = number(row, "history");
        values.push(if has_steps { history } else { history.ln() });
        // 1) $0 - $100 to 7) $1,000 +.
        let steps = ["1", "2", "3", "4", "5", "6", "7"].into_iter().filter(|_| has_steps);
        values.extend(steps.map(|step| is(field(row, "history_segment").starts_with(step))));
        values.extend(["Rural", "Surburban", "Urban"].map(|zip| is(field(row, "zip_code") == zip)));
        values.extend(["Phone", "Web", "Multichannel"].map(|channel| is(field(row, "channel") == channel)));
    }
    let arm: Vec<usize> = rows.iter().map(|row| usize::from(field(row, "segment") != "No E-Mail")).collect();
    let outcome: Vec<f64> = rows.iter().map(|row| number(row, outcome)).collect();
    Some(
        Trial::new(
            Table::new(if has_steps { 18 } else { 11 }, values).unwrap(),
            &arm,
            &outcome,
            &Assignment::equal(2).unwrap(),
        )
        .unwrap(),
    )
}
