//! The CDNOW files as the papers cut them: calibration to 30 September 1997, then 39 weeks, weeks of seven days.

use std::collections::BTreeMap;

/// Customers of a cohort with calibration columns in weeks, and what they did after.
#[derive(Default)]
pub struct Cohort {
    pub frequency: Vec<f64>,
    pub recency: Vec<f64>,
    pub age: Vec<f64>,
    /// Mean spend of the repeat orders; zero without one.
    pub spend: Vec<f64>,
    /// Orders in the 39 weeks after calibration.
    pub later: Vec<f64>,
    /// Week of the first order since 1 January 1997.
    pub born: Vec<f64>,
    /// Weeks of all repeat orders since 1 January 1997.
    pub repeats: Vec<f64>,
    /// Customer number and week since 1 January 1997 of every order, the first included.
    pub orders: Vec<(u32, f64)>,
}

pub fn sample() -> Cohort {
    read("CDNOW_sample.txt", 1, 2, 4)
}

pub fn master() -> Cohort {
    read("CDNOW_master.txt", 0, 1, 3)
}

fn read(file: &str, customer: usize, date: usize, dollars: usize) -> Cohort {
    let path = format!("{}/../../fixtures/cdnow/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the fixture is part of the repository");
    let mut customers: BTreeMap<&str, BTreeMap<i64, f64>> = BTreeMap::new();
    for line in text.lines().filter(|l| !l.contains("customer_id")) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let spend: f64 = fields[dollars].parse().expect("dollars");
        *customers.entry(fields[customer]).or_default().entry(day(fields[date])).or_default() += spend;
    }
    let (start, cut) = (day("19970101"), day("19970930"));
    let mut cohort = Cohort::default();
    for (number, orders) in customers.values().enumerate() {
        cohort.orders.extend(orders.keys().map(|d| (number as u32, (d - start) as f64 / 7.0)));
        let first = *orders.keys().next().expect("a customer has an order");
        let repeats: Vec<(i64, f64)> = orders.iter().skip(1).map(|(d, s)| (*d, *s)).collect();
        let calibration: Vec<(i64, f64)> = repeats.iter().copied().filter(|r| r.0 <= cut).collect();
        let x = calibration.len() as f64;
        cohort.frequency.push(x);
        cohort.recency.push(calibration.last().map_or(0.0, |l| (l.0 - first) as f64 / 7.0));
        cohort.age.push((cut - first) as f64 / 7.0);
        cohort.spend.push(if x > 0.0 { calibration.iter().map(|r| r.1).sum::<f64>() / x } else { 0.0 });
        cohort.later.push((repeats.len() - calibration.len()) as f64);
        cohort.born.push((first - start) as f64 / 7.0);
        cohort.repeats.extend(repeats.iter().map(|r| (r.0 - start) as f64 / 7.0));
    }
    cohort
}

/// Days since some far day, of a date written YYYYMMDD.
fn day(text: &str) -> i64 {
    let number: i64 = text.parse().expect("a date");
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    // March starts the year, so that the leap day is its last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day
}
