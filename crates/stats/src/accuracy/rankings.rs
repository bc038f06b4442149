//! How well a forecast puts customers in order.

use crate::describe::{correlation, mid_ranks, order};
use crate::inputs::{BadInput, finite, not_empty, not_negative, same_rows};

fn checked(predicted: &[f64], actual: &[f64]) -> Result<(), BadInput> {
    not_empty("actual", actual)?;
    same_rows("predicted", predicted, "actual", actual)?;
    finite("predicted", predicted)?;
    finite("actual", actual)
}

/// Groups of rows with equal prediction, highest first.
fn groups_from_top(predicted: &[f64]) -> Vec<Vec<usize>> {
    let mut rows = order(predicted);
    rows.reverse();
    rows.chunk_by(|a, b| predicted[*a] == predicted[*b]).map(<[usize]>::to_vec).collect()
}

/// Normalised Gini: the Lorenz area of actual value in the order of prediction, over the area in the best order
/// (Wang, Liu and Miao 2019). 1 is the best order, 0 a random one; rows with equal prediction share their value
/// evenly, so a constant forecast scores 0. `None` when all actual values are equal.
pub fn normalised_gini(predicted: &[f64], actual: &[f64]) -> Result<Option<f64>, BadInput> {
    checked(predicted, actual)?;
    not_negative("actual", actual)?;
    let best = lorenz_excess(actual, actual);
    Ok((best > 0.0).then(|| lorenz_excess(predicted, actual) / best))
}

/// Twice the area between the curve of captured value and the diagonal, times total value.
fn lorenz_excess(key: &[f64], actual: &[f64]) -> f64 {
    let rows = actual.len() as f64;
    let total: f64 = actual.iter().sum();
    let (mut captured, mut area) = (0.0, 0.0);
    for group in groups_from_top(key) {
        let value: f64 = group.iter().map(|row| actual[*row]).sum();
        area += (captured + value / 2.0) * group.len() as f64 / rows;
        captured += value;
    }
    let excess = 2.0 * area - total;
    if excess.abs() <= 1e-12 * total { 0.0 } else { excess }
}

/// Spearman's rank correlation, ties at mid-rank; `None` when either column is constant.
pub fn spearman(predicted: &[f64], actual: &[f64]) -> Result<Option<f64>, BadInput> {
    checked(predicted, actual)?;
    Ok(correlation(&mid_ranks(predicted), &mid_ranks(actual)))
}

/// The share of actual value held by the `fraction` of rows with the highest predictions; rows of equal prediction
/// at the edge count in proportion. `None` when the total is not above zero.
pub fn captured(predicted: &[f64], actual: &[f64], fraction: f64) -> Result<Option<f64>, BadInput> {
    checked(predicted, actual)?;
    if !(0.0..=1.0).contains(&fraction) {
        return Err(BadInput::Setting { setting: "fraction", value: fraction, range: "between 0 and 1" });
    }
    let total: f64 = actual.iter().sum();
    let mut room = actual.len() as f64 * fraction;
    let mut top = 0.0;
    for group in groups_from_top(predicted) {
        let size = group.len() as f64;
        let part = (room / size).clamp(0.0, 1.0);
        top += part * group.iter().map(|row| actual[*row]).sum::<f64>();
        room -= size;
        if room <= 0.0 {
            break;
        }
    }
    Ok((total > 0.0).then(|| top / total))
}

/// Area under the ROC curve: the chance that a row that happened has a higher prediction than one that did not,
/// ties counted half. `None` when all rows have the same outcome.
pub fn area_under_curve(predicted: &[f64], happened: &[bool]) -> Result<Option<f64>, BadInput> {
    not_empty("happened", happened)?;
    same_rows("predicted", predicted, "happened", happened)?;
    finite("predicted", predicted)?;
    let yes = happened.iter().filter(|is| **is).count() as f64;
    let no = happened.len() as f64 - yes;
    let ranks: f64 =
        mid_ranks(predicted).iter().zip(happened).filter(|(_, is)| **is).map(|(rank, _)| rank).sum();
    Ok((yes > 0.0 && no > 0.0).then(|| (ranks - yes * (yes + 1.0) / 2.0) / (yes * no)))
}

/// Average precision: Σ (recall step × precision) from the highest prediction down, one step per distinct
/// prediction, without interpolation. `None` when nothing happened.
pub fn average_precision(predicted: &[f64], happened: &[bool]) -> Result<Option<f64>, BadInput> {
    not_empty("happened", happened)?;
    same_rows("predicted", predicted, "happened", happened)?;
    finite("predicted", predicted)?;
    let yes = happened.iter().filter(|is| **is).count() as f64;
    let (mut seen, mut hits, mut sum) = (0.0, 0.0, 0.0);
    for group in groups_from_top(predicted) {
        let new = group.iter().filter(|row| happened[**row]).count() as f64;
        seen += group.len() as f64;
        hits += new;
        sum += new * hits / seen;
    }
    Ok((yes > 0.0).then(|| sum / yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_worst_and_no_order() {
        let actual = [0.0, 1.0, 2.0, 7.0];
        assert_eq!(normalised_gini(&actual, &actual).unwrap(), Some(1.0));
        let reversed: Vec<f64> = actual.iter().map(|value| -value).collect();
        assert!((normalised_gini(&reversed, &actual).unwrap().unwrap() + 1.0).abs() < 1e-12);
        assert_eq!(normalised_gini(&[3.0; 4], &actual).unwrap(), Some(0.0));
        assert_eq!(normalised_gini(&actual, &[2.0; 4]).unwrap(), None);
        assert_eq!(spearman(&[3.0; 4], &actual).unwrap(), None);
        assert_eq!(spearman(&[1.0, 2.0, 4.0, 9.0], &actual).unwrap(), Some(1.0));
    }

    #[test]
    fn captured_value_of_the_top() {
        let actual = [0.0, 1.0, 2.0, 7.0];
        assert_eq!(captured(&[0.1, 0.2, 0.3, 0.4], &actual, 0.25).unwrap(), Some(0.7));
        assert_eq!(captured(&[1.0; 4], &actual, 0.5).unwrap(), Some(0.5));
        assert_eq!(captured(&[1.0; 4], &[0.0; 4], 0.5).unwrap(), None);
        assert!(captured(&[1.0; 4], &actual, 1.5).is_err());
    }

    #[test]
    fn area_and_precision_of_the_scikit_learn_example() {
        // The worked example of scikit-learn's pages for both measures.
        let (scores, happened) = ([0.1, 0.4, 0.35, 0.8], [false, false, true, true]);
        assert_eq!(area_under_curve(&scores, &happened).unwrap(), Some(0.75));
        assert!((average_precision(&scores, &happened).unwrap().unwrap() - 0.833_333_333).abs() < 1e-8);
        assert_eq!(area_under_curve(&[0.5; 4], &happened).unwrap(), Some(0.5));
        assert_eq!(area_under_curve(&scores, &[true; 4]).unwrap(), None);
        assert_eq!(average_precision(&scores, &[false; 4]).unwrap(), None);
    }
}
