//! `perennial fit`: one model on a summary file, so that an analyst can check us against any paper.

use crate::args::{Common, Fit as FitArgs, ModelArg};
use crate::ended::Ended;
use crate::say;
use crate::table::{Roles, Table};
use serde::Serialize;
use serde_json::{Value, json};
use stats::lifetime::contract::{Cohort, fit_contract};
use stats::lifetime::fit::{Estimate, Family, Fit, fit};
use stats::lifetime::history::{History, group};
use stats::lifetime::spend::fit_spend;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What the columns of a summary are called in the literature, lifetimes, BTYD and pymc-marketing.
const ROLES: Roles = &[
    ("frequency", &["frequency", "x", "repeat_orders", "orders"]),
    ("recency", &["recency", "t_x", "tx", "t.x", "recency_days"]),
    ("age", &["t", "age", "age_days", "t_cal", "t.cal", "periods", "n"]),
    ("spend", &["monetary_value", "monetary", "zbar", "m_x", "mean_spend", "spend"]),
    ("weight", &["weight", "weights", "customers"]),
];

/// Run the command.
pub fn run(common: &Common, args: &FitArgs) -> Result<(), Ended> {
    let table = Table::read(&args.file, &args.maps, ROLES)?;
    let refused = |error: stats::lifetime::history::Refused| table.refused(error);
    match args.model {
        ModelArg::Sbg => {
            let cohorts = cohorts(&table)?
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

/// Survivors by period, one column a cohort; a first column of period numbers is passed over.
fn cohorts(table: &Table) -> Result<Vec<(String, Vec<f64>)>, Ended> {
    let is_period =
        |name: &str| ["year", "period", "month", "t", "week"].contains(&name.to_lowercase().as_str());
    let header = table.header();
    (0..header.len())
        .filter(|place| !is_period(&header[*place]))
        .map(|place| Ok((header[place].clone(), table.numbers(place)?)))
        .collect()
}
