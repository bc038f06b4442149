//! Whether two groups stay equally long: the log-rank test of Mantel (1966).

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::Grouped;
use crate::inputs::{BadInput, not_empty};

/// The answer of the test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LogRank {
    /// Ends seen in the first group.
    pub observed: f64,
    /// Ends the first group would have had if both groups were alike.
    pub expected: f64,
    /// Chi-square with one degree of freedom.
    pub chi_square: f64,
    /// The chance of a chi-square at least so large if both groups were alike.
    pub p_value: f64,
}

/// Compares two groups of durations.
pub fn log_rank(first: &[Grouped], second: &[Grouped]) -> Result<LogRank, BadInput> {
    not_empty("first group", first)?;
    not_empty("second group", second)?;
    let mut times: Vec<(f64, u64, u64, u64, u64)> = Vec::new();
    times.extend(first.iter().map(|group| (group.time, group.events, group.censored, 0, 0)));
    times.extend(second.iter().map(|group| (group.time, 0, 0, group.events, group.censored)));
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let size = |groups: &[Grouped]| groups.iter().map(|group| group.events + group.censored).sum::<u64>();
    let (mut risk_first, mut risk_second) = (size(first) as f64, size(second) as f64);
    let (mut observed, mut expected, mut variance) = (0.0, 0.0, 0.0);
    for at_time in times.chunk_by(|a, b| a.0 == b.0) {
        let sum = |part: fn(&(f64, u64, u64, u64, u64)) -> u64| at_time.iter().map(part).sum::<u64>() as f64;
        let (ended_first, ended_second) = (sum(|row| row.1), sum(|row| row.3));
        let (ended, risk) = (ended_first + ended_second, risk_first + risk_second);
        if ended > 0.0 {
            let share = risk_first / risk;
            observed += ended_first;
            expected += ended * share;
            if risk > 1.0 {
                variance += ended * share * (1.0 - share) * (risk - ended) / (risk - 1.0);
            }
        }
        risk_first -= ended_first + sum(|row| row.2);
        risk_second -= ended_second + sum(|row| row.4);
    }
    if variance <= 0.0 {
        return Err(BadInput::Uninformative {
            what: "log-rank test",
            why: "no end was seen while both groups were still there",
        });
    }
    let chi_square = (observed - expected).powi(2) / variance;
    let p_value = ChiSquared::new(1.0).map_or(1.0, |chi| chi.sf(chi_square));
    Ok(LogRank { observed, expected, chi_square, p_value })
}

#[cfg(test)]
mod tests {
    use super::super::curve::{group, tests::TREATED};
    use super::*;

    #[test]
    fn remission_under_6mp_and_placebo_differ_as_in_freireich_1963() {
        let placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23].map(f64::from);
        let (durations, is_event): (Vec<f64>, Vec<bool>) = TREATED.into_iter().unzip();
        let treated = group(&durations, &is_event).unwrap();
        let answer = log_rank(&treated, &group(&placebo, &[true; 21]).unwrap()).unwrap();
        assert!((answer.chi_square - 16.79).abs() < 0.01, "{answer:?}");
        assert!((answer.expected - 19.25).abs() < 0.01, "{answer:?}");
        assert!(answer.p_value < 1e-4);
    }

    #[test]
    fn a_group_against_itself_is_no_difference() {
        let (durations, is_event): (Vec<f64>, Vec<bool>) = TREATED.into_iter().unzip();
        let treated = group(&durations, &is_event).unwrap();
        let answer = log_rank(&treated, &treated).unwrap();
        assert!(answer.chi_square.abs() < 1e-12 && (answer.p_value - 1.0).abs() < 1e-9);
    }

    #[test]
    fn only_censored_rows_are_refused() {
        let open = group(&[1.0, 2.0], &[false, false]).unwrap();
        assert!(log_rank(&open, &open).is_err());
    }
}
