//! What a statistic answers: estimates in a table for people, and every number in one document for programs.

use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// The columns that estimates have in common, in the order they are printed.
const USUAL: [&str; 6] = ["estimate", "standard_error", "low", "high", "p_value", "n"];

/// One estimate.
#[derive(Debug, Clone, Default)]
pub struct Estimate {
    name: String,
    value: Option<f64>,
    standard_error: Option<f64>,
    interval: Option<(f64, f64)>,
    p_value: Option<f64>,
    n: Option<u64>,
    more: Vec<(&'static str, Value)>,
}

impl Estimate {
    /// A named value.
    pub fn new(name: impl Into<String>, value: impl Into<Option<f64>>) -> Estimate {
        Estimate { name: name.into(), value: value.into(), ..Estimate::default() }
    }

    /// With its standard error.
    pub fn error(self, standard_error: f64) -> Estimate {
        Estimate { standard_error: Some(standard_error), ..self }
    }

    /// With its interval.
    pub fn within(self, low: f64, high: f64) -> Estimate {
        Estimate { interval: Some((low, high)), ..self }
    }

    /// With the p-value of no effect.
    pub fn p(self, p_value: impl Into<Option<f64>>) -> Estimate {
        Estimate { p_value: p_value.into(), ..self }
    }

    /// With the number of rows or units behind it.
    pub fn of(self, n: u64) -> Estimate {
        Estimate { n: Some(n), ..self }
    }

    /// With another number of its own.
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Estimate {
        self.more.push((name, value.into()));
        self
    }

    /// Its cells by column; a column that no estimate fills is not printed.
    fn cells(&self) -> Vec<(&'static str, Value)> {
        let values = [
            json!(self.value),
            json!(self.standard_error),
            json!(self.interval.map(|ends| ends.0)),
            json!(self.interval.map(|ends| ends.1)),
            json!(self.p_value),
            json!(self.n),
        ];
        let mut cells: Vec<(&'static str, Value)> = USUAL.into_iter().zip(values).collect();
        cells.extend(self.more.iter().cloned());
        cells
    }
}

/// What a statistic says.
#[derive(Debug)]
pub struct Answer {
    name: &'static str,
    method: String,
    n: Option<u64>,
    settings: Vec<(&'static str, Value)>,
    estimates: Vec<Estimate>,
    notes: Vec<String>,
    details: Value,
}

impl Answer {
    /// An answer by a method, from `n` rows (units, respondents); 0 where there is no file.
    pub fn new(name: &'static str, method: impl Into<String>, n: usize) -> Answer {
        let (settings, estimates, notes) = (Vec::new(), Vec::new(), Vec::new());
        Answer {
            name,
            method: method.into(),
            n: Some(n as u64).filter(|n| *n > 0),
            settings,
            estimates,
            notes,
            details: Value::Null,
        }
    }

    /// With a setting, given or not.
    pub fn setting(mut self, name: &'static str, value: impl Into<Value>) -> Answer {
        self.settings.push((name, value.into()));
        self
    }

    /// With estimates.
    pub fn estimates(mut self, estimates: impl IntoIterator<Item = Estimate>) -> Answer {
        self.estimates.extend(estimates);
        self
    }

    /// With a sentence for people.
    pub fn note(mut self, sentence: impl Into<String>) -> Answer {
        self.notes.push(sentence.into());
        self
    }

    /// With all that the library returned, for programs.
    pub fn details(mut self, details: impl Serialize) -> Answer {
        self.details = serde_json::to_value(details).unwrap_or(Value::Null);
        self
    }

    /// The document.
    pub fn document(&self) -> Value {
        let settings: Map<String, Value> =
            self.settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let row = |estimate: &Estimate| {
            let mut row = Map::from_iter([("name".to_owned(), json!(estimate.name))]);
            row.extend(estimate.cells().into_iter().map(|(name, value)| (name.to_owned(), value)));
            Value::Object(row)
        };
        json!({
            "statistic": self.name,
            "method": self.method,
            "n": self.n,
            "settings": settings,
            "estimates": self.estimates.iter().map(row).collect::<Vec<_>>(),
            "notes": self.notes,
            "details": self.details,
        })
    }

    /// The table.
    pub fn words(&self) -> String {
        let mut text = format!("{}\n", self.method);
        let settings = self.settings.iter().filter(|(_, value)| !value.is_null());
        let said: Vec<String> = self
            .n
            .map(|n| format!("n {n}"))
            .into_iter()
            .chain(settings.map(|(name, value)| format!("{} {}", name.replace('_', " "), cell(value))))
            .collect();
        let _ = writeln!(text, "{}", said.join(", "));
        text += &table(&self.estimates);
        for note in &self.notes {
            let _ = writeln!(text, "{note}");
        }
        text
    }
}

fn table(estimates: &[Estimate]) -> String {
    let rows: Vec<Vec<(&str, Value)>> = estimates.iter().map(Estimate::cells).collect();
    let is_filled =
        |column: &str| rows.iter().flatten().any(|(name, value)| *name == column && !value.is_null());
    let mut columns: Vec<&str> = USUAL.into_iter().filter(|column| is_filled(column)).collect();
    for (name, _) in rows.iter().flatten().filter(|(name, _)| is_filled(name)) {
        if !columns.contains(name) {
            columns.push(name);
        }
    }
    let of = |row: &[(&str, Value)], column: &str| {
        row.iter().find(|(name, _)| *name == column).map_or(String::new(), |(_, value)| cell(value))
    };
    let mut lines: Vec<Vec<String>> = vec![
        std::iter::once(String::new()).chain(columns.iter().map(|name| name.replace('_', " "))).collect(),
    ];
    for (estimate, row) in estimates.iter().zip(&rows) {
        let cells = columns.iter().map(|column| of(row, column));
        lines.push(std::iter::once(estimate.name.clone()).chain(cells).collect());
    }
    let width = |place: usize| lines.iter().map(|line| line[place].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..=columns.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let mut row = format!("  {:<1$}", line[0], widths[0]);
        for (cell, width) in line.iter().zip(&widths).skip(1) {
            let _ = write!(row, "  {cell:>width$}");
        }
        text += row.trim_end();
        text.push('\n');
    }
    text
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(is) => if *is { "yes" } else { "no" }.to_owned(),
        Value::Number(number) if number.is_f64() => six_digits(number.as_f64().unwrap_or(f64::NAN)),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join("/"),
        other => other.to_string(),
    }
}

/// A number to six significant digits, without zeros at its end.
pub fn six_digits(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        return format!("{number:.4e}");
    }
    let before = if size < 1.0 { 0 } else { size.log10().floor() as usize + 1 };
    let after =
        if size < 1.0 && size > 0.0 { 5 - size.log10().floor() as i32 } else { 6 - before.min(6) as i32 };
    let text = format!("{number:.*}", after.max(0) as usize);
    if !text.contains('.') {
        return text;
    }
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::six_digits;

    #[test]
    fn numbers_keep_six_digits() {
        for (number, text) in [
            (0.0, "0"),
            (0.004_316_9, "0.0043169"),
            (1_794.342_404, "1794.34"),
            (12.5, "12.5"),
            (1.0, "1"),
            (-0.000_461_2, "-0.0004612"),
            (123_456_789.4, "123456789"),
            (4.468e-6, "4.4680e-6"),
        ] {
            assert_eq!(six_digits(number), text);
        }
    }
}
