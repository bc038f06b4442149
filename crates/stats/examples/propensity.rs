//! Tries the propensity models on the CDNOW master file, where it is present.
//!
//! `PERENNIAL_RETAIL_DATA=DIR cargo run --release -p stats --example propensity`, with `cdnow/CDNOW_master.txt` under
//! the folder. Orders from 1997-01-01 to 1997-09-30 predict whether an order comes in the 273 days after; then the
//! same by time: models of a window that ends 1997-09-30 are scored on the 90 days after it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use stats::accuracy::ProbabilityScore;
use stats::propensity::{FEATURES, Learner, OrderDay, Settings, Trees, Window, choose, features, fit};
use stats::table::Table;

fn main() -> Result<(), Box<dyn Error>> {
    let Some(folder) = std::env::var_os("PERENNIAL_RETAIL_DATA") else {
        println!("not run: PERENNIAL_RETAIL_DATA names no folder");
        return Ok(());
    };
    let customers = cdnow(&Path::new(&folder).join("cdnow/CDNOW_master.txt"))?;
    let cut = day(19_970_930);
    let (table, happened) = window(&customers, cut, 273)?;
    println!("CDNOW master, {} customers, 273 days after 1997-09-30, 5-fold", table.rows());
    for (name, learner) in
        [("logistic", Learner::Logistic { ridge: 1.0 }), ("boosted", Learner::Boosted(Trees::default()))]
    {
        print_row(name, &fit(&table, &happened, &learner, &Settings::default())?.1);
    }
    let (earlier, earlier_happened) = window(&customers, cut - 90, 90)?;
    let (later, later_happened) = window(&customers, cut, 90)?;
    let chosen = choose(
        Window { table: &earlier, happened: &earlier_happened },
        Window { table: &later, happened: &later_happened },
        1.0,
        &Trees::default(),
        &Settings::default(),
    )?;
    println!(
        "trained on the 90 days before 1997-09-30, scored on the 90 days after: {:?} chosen",
        chosen.kind
    );
    print_row("logistic", &chosen.logistic);
    if let Some(boosted) = chosen.boosted {
        print_row("boosted", &boosted);
    }
    Ok(())
}

fn print_row(name: &str, score: &ProbabilityScore) {
    println!(
        "  {name:9} AUC {:.4}  AP {:.4}  Brier {:.4} (base rate {:.4})  lift {:.2}  {:?}",
        score.auc.unwrap_or(f64::NAN),
        score.average_precision.unwrap_or(f64::NAN),
        score.brier,
        score.brier_of_base_rate,
        score.top_decile_lift.unwrap_or(f64::NAN),
        score.calibration,
    );
}

fn window(customers: &[Vec<OrderDay>], cut: i32, horizon: i32) -> Result<(Table, Vec<bool>), Box<dyn Error>> {
    let (mut values, mut happened) = (Vec::new(), Vec::new());
    for days in customers {
        if let Some(row) = features(days, cut) {
            values.extend(row);
            happened.push(days.iter().any(|order| order.day > cut && order.day <= cut + horizon));
        }
    }
    Ok((Table::new(FEATURES, values)?, happened))
}

/// Days from a date written as yyyymmdd (Hinnant's count of civil days).
fn day(date: i32) -> i32 {
    let (y, m, d) = (date / 10_000, date / 100 % 100, date % 100);
    let y = if m <= 2 { y - 1 } else { y };
    y * 365 + y / 4 - y / 100 + y / 400 + (153 * ((m + 9) % 12) + 2) / 5 + d
}

/// Lines of customer, date, discs and dollars, parted by spaces.
fn cdnow(path: &Path) -> Result<Vec<Vec<OrderDay>>, Box<dyn Error>> {
    let mut customers: BTreeMap<u32, BTreeMap<i32, f64>> = BTreeMap::new();
    for line in std::fs::read_to_string(path)?.lines().skip(1) {
        let mut cells = line.split_whitespace();
        let (Some(customer), Some(date), Some(value)) = (cells.next(), cells.next(), cells.nth(1)) else {
            continue;
        };
        *customers.entry(customer.parse()?).or_default().entry(day(date.parse()?)).or_default() +=
            value.parse::<f64>()?;
    }
    let days =
        |days: BTreeMap<i32, f64>| days.into_iter().map(|(day, value)| OrderDay { day, value }).collect();
    Ok(customers.into_values().map(days).collect())
}
