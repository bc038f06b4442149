//! Probability of an order; see `stats::propensity`.

use super::arguments::{Arguments, function, numbers, numbers_type, refused};
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use stats::propensity::Calibrator;

/// All functions of this page.
pub fn all() -> Vec<ScalarUDF> {
    let calibrated_takes = vec![DataType::Float64, DataType::Utf8, numbers_type()];
    vec![
        function("logistic", vec![numbers_type(), numbers_type()], DataType::Float64, logistic),
        function("calibrated", calibrated_takes, DataType::Float64, calibrated),
    ]
}

/// `logistic(coefficients, columns)`: the first coefficient is the intercept, the others belong to the columns as they
/// are, not standardised.
fn logistic(given: &Arguments) -> Result<ArrayRef> {
    given.map_floats(|row| {
        let (coefficients, columns) = (numbers(given.lists(0), row), numbers(given.lists(1), row));
        if coefficients.len() != columns.len() + 1 {
            let what = format!(
                "{} coefficients for {} columns; one more is needed",
                coefficients.len(),
                columns.len()
            );
            return Err(refused("logistic", what));
        }
        let sum: f64 = coefficients[1..].iter().zip(&columns).map(|(c, x)| c * x).sum();
        Ok(Some(stats::special::logistic(coefficients[0] + sum)))
    })
}

/// `calibrated(probability, method, numbers)`: `none` takes none, `platt` slope and intercept, `isotonic` what the model
/// said and then what happened, equally many.
fn calibrated(given: &Arguments) -> Result<ArrayRef> {
    let mut last: Option<(String, Vec<f64>, Calibrator)> = None;
    given.map_floats(|row| {
        let (method, points) = (given.texts(1).value(row), numbers(given.lists(2), row));
        if !last.as_ref().is_some_and(|(of, with, _)| of == method && *with == points) {
            let calibrator = calibrator(method, &points)?;
            last = Some((method.to_owned(), points, calibrator));
        }
        let (_, _, calibrator) = last.as_ref().expect("made above");
        Ok(Some(calibrator.apply(given.floats(0).value(row))))
    })
}

fn calibrator(method: &str, points: &[f64]) -> Result<Calibrator> {
    match (method, points) {
        ("none", []) => Ok(Calibrator::None),
        ("platt", [slope, intercept]) => Ok(Calibrator::Platt { slope: *slope, intercept: *intercept }),
        ("isotonic", _) if !points.is_empty() && points.len().is_multiple_of(2) => {
            let (said, happened) = points.split_at(points.len() / 2);
            Ok(Calibrator::Isotonic { said: said.to_vec(), happened: happened.to_vec() })
        }
        _ => Err(refused(
            "calibrated",
            format!(
                "'{method}' with {} numbers is none ([]), platt ([slope, intercept]) or isotonic",
                points.len()
            ),
        )),
    }
}
