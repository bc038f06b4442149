//! `perennial fit`: one model on a summary file, so that an analyst can check us against any paper.

use crate::args::{Common, Fit as FitArgs, ModelArg};
use crate::ended::Ended;
use crate::say;
use serde::Serialize;
use serde_json::{Value, json};
use stats::lifetime::contract::{Cohort, fit_contract};
use stats::lifetime::fit::{Estimate, Family, Fit, fit};
use stats::lifetime::history::{History, group};
use stats::lifetime::spend::fit_spend;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What the columns of a summary are called in the literature, lifetimes, BTYD and pymc-marketing.
const ROLES: [(&str, &[&str]); 5] = [
    ("frequency", &["frequency", "x", "repeat_orders", "orders"]),
    ("recency", &["recency", "t_x", "tx", "t.x", "recency_days"]),
    ("age", &["t", "age", "age_days", "t_cal", "t.cal", "periods", "n"]),
    ("spend", &["monetary_value", "monetary", "zbar", "m_x", "mean_spend", "spend"]),
    ("weight", &["weight", "weights", "customers"]),
];

/// Run the command.
pub fn run(common: &Common, args: &FitArgs) -> Result<(), Ended> {
    let table = Table::read(args)?;
    let refused = |error: stats::lifetime::history::Refused| {
        Ended::Refused(format!("{}: {error}", args.file.display()))
    };
    match args.model {
        ModelArg::Sbg => {
            let cohorts = table
                .cohorts()?
                .into_iter()
                .map(|(name, survivors)| Ok((name, Cohort::from_survivors(&survivors)?)))
                .collect::<Result<Vec<_>, _>>()
                .map_err(refused)?;
            let mut fits = BTreeMap::new();
            for (name, cohort) in &cohorts {
                let fitted = fit_contract(std::slice::from_ref(cohort)).map_err(refused)?;
                let ahead = args.predict.map(|periods| {
                    json!({"survival": fitted.model.survival(periods), "retention": fitted.model.retention(periods)})
                });
                fits.insert(name.clone(), json!({"fit": fitted, "at": ahead}));
            }
            say::result(common, &json!({"model": "sbg", "cohorts": fits}), || {
                let mut text = String::new();
                for (name, cohort) in &fits {
                    let _ = writeln!(text, "{name}");
                    describe(&mut text, &cohort["fit"]);
                }
                text
            })
        }
        ModelArg::GammaGamma => {
            let (orders, spend) = (table.column("frequency")?, table.column("spend")?);
            let weights = table.maybe("weight")?;
            let fitted = fit_spend(&orders, &spend, weights.as_deref()).map_err(refused)?;
            let rows = args.predict.map(|_| {
                orders.iter().zip(&spend).map(|(orders, spend)| {
                    let (low, high) = fitted.model.spend_range(*orders, *spend, 0.95);
                    json!({"expected_spend": fitted.model.expected_spend(*orders, *spend), "low": low, "high": high})
                }).collect()
            });
            finish(common, args, "gamma_gamma", &fitted, rows)
        }
        ModelArg::BgNbd | ModelArg::MbgNbd | ModelArg::ParetoNbd | ModelArg::BgBb => {
            let (frequency, recency, age) =
                (table.column("frequency")?, table.column("recency")?, table.column("age")?);
            let weights = table.maybe("weight")?;
            let mut history = History::new(&frequency, &recency, &age);
            if let Some(weights) = &weights {
                history = history.weighted(weights);
            }
            let (family, name) = match args.model {
                ModelArg::MbgNbd => (Family::MBG_NBD, "mbg_nbd"),
                ModelArg::ParetoNbd => (Family::PARETO_NBD, "pareto_nbd"),
                ModelArg::BgBb => (Family::BG_BB, "bg_bb"),
                _ => (Family::BG_NBD, "bg_nbd"),
            };
            let grouped = group(&history).map_err(refused)?;
            let fitted = fit(family, &grouped.history()).map_err(refused)?;
            let rows = args.predict.map(|ahead| predictions(&fitted, &history, ahead));
            finish(common, args, name, &fitted, rows)
        }
    }
}

/// One row a customer: P(alive), expected orders with interval, P(no order).
fn predictions(fitted: &Fit, history: &History<'_>, ahead: f64) -> Vec<Value> {
    (0..history.rows())
        .map(|row| {
            let standing =
                fitted.model.standing(history.frequency[row], history.recency[row], history.age[row]);
            let range = standing.order_range(ahead, 0.95);
            json!({
                "row": row + 1,
                "p_alive": standing.p_alive(),
                "p_alive_then": standing.p_alive_at(ahead),
                "expected_orders": standing.expected_orders(ahead),
                "low": range.low,
                "high": range.high,
                "p_no_order": standing.p_no_order(ahead),
            })
        })
        .collect()
}

fn finish(
    common: &Common,
    args: &FitArgs,
    name: &str,
    fitted: &impl Serialize,
    rows: Option<Vec<Value>>,
) -> Result<(), Ended> {
    let fitted = serde_json::to_value(fitted).map_err(|error| Ended::Failed(error.into()))?;
    let mut document = json!({"model": name, "fit": fitted});
    match (rows, &args.out) {
        (Some(rows), Some(path)) => say::write_file(path, csv_of(&rows)?.as_bytes())?,
        (Some(rows), None) => document["predictions"] = rows.into(),
        (None, Some(_)) => return Err(Ended::Usage("--out needs --predict T: what to predict".to_owned())),
        (None, None) => {}
    }
    say::result(common, &document, || {
        let mut text = format!("{name}\n");
        describe(&mut text, &document["fit"]);
        if let Some(rows) = document["predictions"].as_array() {
            text += &csv_of(rows).unwrap_or_default();
        }
        text
    })
}

fn csv_of(rows: &[Value]) -> Result<String, Ended> {
    let mut text = String::new();
    for (place, row) in rows.iter().enumerate() {
        let Some(cells) = row.as_object() else { continue };
        if place == 0 {
            let names: Vec<&str> = cells.keys().map(String::as_str).collect();
            text += &(names.join(",") + "\n");
        }
        let cells: Vec<String> = cells.values().map(Value::to_string).collect();
        text += &(cells.join(",") + "\n");
    }
    Ok(text)
}

/// Parameters, likelihood and warnings, for people.
fn describe(text: &mut String, fitted: &Value) {
    let estimates: Vec<Estimate> = serde_json::from_value(fitted["estimates"].clone()).unwrap_or_default();
    for estimate in &estimates {
        let error = estimate.standard_error.map_or("none".to_owned(), |error| format!("{error:.5}"));
        let _ = writeln!(text, "  {:<8} {:>14.5}   standard error {error}", estimate.name, estimate.value);
    }
    let number =
        |name: &str| fitted[name].as_f64().map_or("unknown".to_owned(), |value| format!("{value:.3}"));
    let _ = writeln!(
        text,
        "  log-likelihood {}   AIC {}   BIC {}",
        number("log_likelihood"),
        number("aic"),
        number("bic")
    );
    if let Some(gain) = fitted["attrition"]["NotIdentified"]["gain_nats"].as_f64() {
        let _ = writeln!(
            text,
            "  attrition cannot be identified: letting customers leave gains {gain:.3} nats; the model in which nobody \
             leaves is advised, and P(alive) says nothing"
        );
    }
    if let Some(limits) = fitted["limits"].as_array().filter(|limits| !limits.is_empty()) {
        let limits: Vec<String> = limits.iter().map(Value::to_string).collect();
        let _ = writeln!(text, "  the fit ran into a simpler model: {}", limits.join(", "));
    }
    if fitted["convergence"]["is_converged"] == json!(false) {
        let _ = writeln!(text, "  the search did not converge: read these numbers with doubt");
    }
}

/// A summary file by columns.
struct Table {
    file: String,
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
    maps: BTreeMap<String, String>,
}

impl Table {
    fn read(args: &FitArgs) -> Result<Table, Ended> {
        let file = args.file.display().to_string();
        let bytes = std::fs::read(&args.file).map_err(|error| Ended::Refused(format!("{file}: {error}")))?;
        let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let delimiter = *[b',', b';', b'\t']
            .iter()
            .max_by_key(|sign| first.iter().filter(|byte| byte == sign).count())
            .expect("three signs");
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(bytes.as_slice());
        let wrong = |error: csv::Error| Ended::Refused(format!("{file}: {error}"));
        let header = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
        let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(wrong)?;
        if rows.is_empty() {
            return Err(Ended::Refused(format!("{file} has no rows below its header")));
        }
        let mut maps = BTreeMap::new();
        for map in args.maps.iter().flat_map(|text| text.split(',')) {
            let (role, column) = map
                .split_once('=')
                .filter(|(role, _)| ROLES.iter().any(|(known, _)| known == role))
                .ok_or_else(|| Ended::Usage(format!(
                    "--map {map}: expected role=column with a role of frequency, recency, age, spend, weight"
                )))?;
            maps.insert(role.to_owned(), column.to_owned());
        }
        Ok(Table { file, header, rows, maps })
    }

    fn place(&self, role: &str) -> Option<usize> {
        if let Some(column) = self.maps.get(role) {
            let by_name = self.header.iter().position(|name| name == column);
            let by_number = || {
                column.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < self.header.len())
            };
            return by_name.or_else(by_number);
        }
        let names = ROLES.iter().find(|(known, _)| *known == role).map_or(&[][..], |(_, names)| names);
        names.iter().find_map(|name| self.header.iter().position(|column| column.eq_ignore_ascii_case(name)))
    }

    fn maybe(&self, role: &str) -> Result<Option<Vec<f64>>, Ended> {
        match self.place(role) {
            Some(place) => self.numbers(place).map(Some),
            None if self.maps.contains_key(role) => Err(Ended::Refused(format!(
                "{}: no column '{}'; there are {}",
                self.file,
                self.maps[role],
                self.header.join(", ")
            ))),
            None => Ok(None),
        }
    }

    fn column(&self, role: &str) -> Result<Vec<f64>, Ended> {
        self.maybe(role)?.ok_or_else(|| {
            Ended::Refused(format!(
                "{}: no column for {role} among {}; say which with --map {role}=COLUMN",
                self.file,
                self.header.join(", ")
            ))
        })
    }

    fn numbers(&self, place: usize) -> Result<Vec<f64>, Ended> {
        let read = |(row, record): (usize, &csv::StringRecord)| {
            let cell = record.get(place).unwrap_or_default();
            cell.parse::<f64>().map_err(|_| {
                Ended::Refused(format!(
                    "{} row {}: column {} is '{cell}', which is no number",
                    self.file,
                    row + 2,
                    self.header[place]
                ))
            })
        };
        self.rows.iter().enumerate().map(read).collect()
    }

    /// Survivors by period, one column a cohort; a first column of period numbers is passed over.
    fn cohorts(&self) -> Result<Vec<(String, Vec<f64>)>, Ended> {
        let is_period =
            |name: &str| ["year", "period", "month", "t", "week"].contains(&name.to_lowercase().as_str());
        (0..self.header.len())
            .filter(|place| !is_period(&self.header[*place]))
            .map(|place| Ok((self.header[place].clone(), self.numbers(place)?)))
            .collect()
    }
}
