//! The Kaplan–Meier curve on raw or grouped durations.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::inputs::{BadInput, between, not_empty, not_negative, same_rows};

/// How the interval around the curve is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// S ± z·SE, cut at 0 and 1.
    Plain,
    /// Symmetric on log(−log S); the default of most textbooks.
    LogLog,
}

/// Durations that share a value: the sufficient statistic of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Grouped {
    /// The duration.
    pub time: f64,
    /// How many ended then.
    pub events: u64,
    /// How many were last seen then.
    pub censored: u64,
}

/// The curve just after one time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// The time.
    pub time: f64,
    /// How many were still there just before it.
    pub at_risk: u64,
    /// How many ended at it.
    pub events: u64,
    /// How many were censored at it.
    pub censored: u64,
    /// The share still there after it.
    pub survival: f64,
    /// Greenwood's standard error of that share.
    pub standard_error: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// A Kaplan–Meier curve: a step function, 1 before the first point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// One point per distinct time, rising.
    pub points: Vec<Point>,
}

/// Groups raw durations; `is_event[i]` says whether duration `i` ended (true) or is still open (false).
pub fn group(durations: &[f64], is_event: &[bool]) -> Result<Vec<Grouped>, BadInput> {
    not_empty("durations", durations)?;
    same_rows("durations", durations, "is_event", is_event)?;
    not_negative("durations", durations)?;
    let mut rows: Vec<(f64, bool)> = durations.iter().copied().zip(is_event.iter().copied()).collect();
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut groups: Vec<Grouped> = Vec::new();
    for (time, ended) in rows {
        if groups.last().is_none_or(|last| last.time != time) {
            groups.push(Grouped { time, events: 0, censored: 0 });
        }
        if let Some(last) = groups.last_mut() {
            last.events += u64::from(ended);
            last.censored += u64::from(!ended);
        }
    }
    Ok(groups)
}

/// The curve from grouped durations (any order), with an interval of probability `level` such as 0.95.
pub fn kaplan_meier(groups: &[Grouped], level: f64, interval: Interval) -> Result<Curve, BadInput> {
    not_empty("durations", groups)?;
    between("level", level, 0.0, 1.0)?;
    let times: Vec<f64> = groups.iter().map(|group| group.time).collect();
    not_negative("durations", &times)?;
    let mut groups = groups.to_vec();
    groups.sort_unstable_by(|a, b| a.time.total_cmp(&b.time));
    let z = Normal::standard().inverse_cdf(0.5 + level / 2.0);
    let mut at_risk: u64 = groups.iter().map(|group| group.events + group.censored).sum();
    let (mut survival, mut greenwood) = (1.0, 0.0);
    let mut points = Vec::with_capacity(groups.len());
    for group in groups {
        let (risk, ended) = (at_risk as f64, group.events as f64);
        if group.events > 0 {
            survival *= 1.0 - ended / risk;
            greenwood += ended / (risk * (risk - ended));
        }
        // When everybody at risk ends, the variance is not defined; the curve is at zero and stays there.
        let spread = if survival > 0.0 { greenwood.sqrt() } else { 0.0 };
        let (low, high) = ends(survival, spread, z, interval);
        points.push(Point {
            time: group.time,
            at_risk,
            events: group.events,
            censored: group.censored,
            survival,
            standard_error: survival * spread,
            low,
            high,
        });
        at_risk -= group.events + group.censored;
    }
    Ok(Curve { points })
}

fn ends(survival: f64, spread: f64, z: f64, interval: Interval) -> (f64, f64) {
    if survival <= 0.0 || survival >= 1.0 {
        return (survival, survival);
    }
    match interval {
        Interval::Plain => {
            let half = z * survival * spread;
            ((survival - half).max(0.0), (survival + half).min(1.0))
        }
        Interval::LogLog => {
            let factor = (z * spread / survival.ln()).exp();
            let (one, other) = (survival.powf(factor), survival.powf(1.0 / factor));
            (one.min(other), one.max(other))
        }
    }
}

impl Curve {
    /// The share still there after `time`.
    pub fn survival_at(&self, time: f64) -> f64 {
        let after = self.points.partition_point(|point| point.time <= time);
        after.checked_sub(1).map_or(1.0, |index| self.points[index].survival)
    }

    /// The first time at which the share is `share` or less; `None` when the curve never falls so far.
    pub fn time_to(&self, share: f64) -> Option<f64> {
        self.points.iter().find(|point| point.survival <= share + 1e-12).map(|point| point.time)
    }

    /// The mean time there, counted up to `limit`: the area under the curve.
    pub fn restricted_mean(&self, limit: f64) -> f64 {
        let (mut area, mut since, mut height) = (0.0, 0.0, 1.0);
        for point in self.points.iter().take_while(|point| point.time < limit) {
            area += height * (point.time - since);
            (since, height) = (point.time, point.survival);
        }
        area + height * (limit - since).max(0.0)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Weeks in remission under 6-MP, Freireich and others (1963); true is a relapse.
    pub const TREATED: [(f64, bool); 21] = [
        (6.0, true),
        (6.0, true),
        (6.0, true),
        (6.0, false),
        (7.0, true),
        (9.0, false),
        (10.0, true),
        (10.0, false),
        (11.0, false),
        (13.0, true),
        (16.0, true),
        (17.0, false),
        (19.0, false),
        (20.0, false),
        (22.0, true),
        (23.0, true),
        (25.0, false),
        (32.0, false),
        (32.0, false),
        (34.0, false),
        (35.0, false),
    ];

    fn treated() -> Curve {
        let (durations, is_event): (Vec<f64>, Vec<bool>) = TREATED.into_iter().unzip();
        kaplan_meier(&group(&durations, &is_event).unwrap(), 0.95, Interval::LogLog).unwrap()
    }

    #[test]
    fn remission_curve_matches_freireich_1963_in_klein_moeschberger_table_4_1() {
        let published = [
            (6.0, 21, 0.857, 0.0764),
            (7.0, 17, 0.807, 0.0869),
            (10.0, 15, 0.753, 0.0963),
            (13.0, 12, 0.690, 0.1068),
            (16.0, 11, 0.627, 0.1141),
            (22.0, 7, 0.538, 0.1282),
            (23.0, 6, 0.448, 0.1346),
        ];
        let curve = treated();
        for (time, at_risk, survival, error) in published {
            let point = curve.points.iter().find(|point| point.time == time).unwrap();
            assert_eq!(point.at_risk, at_risk);
            assert!((point.survival - survival).abs() < 6e-4, "survival at {time}: {}", point.survival);
            assert!((point.standard_error - error).abs() < 6e-5, "error at {time}: {}", point.standard_error);
        }
        assert_eq!(curve.time_to(0.5), Some(23.0));
        assert!((curve.survival_at(12.0) - 0.753).abs() < 6e-4);
        assert_eq!(curve.survival_at(5.9), 1.0);
    }

    #[test]
    fn log_log_interval_matches_the_one_printed_for_the_same_data() {
        let curve = treated();
        let at = |time: f64| curve.points.iter().find(|point| point.time == time).unwrap();
        assert!((at(6.0).low - 0.620).abs() < 1e-3 && (at(6.0).high - 0.952).abs() < 1e-3);
        assert!((at(23.0).low - 0.188).abs() < 1e-3 && (at(23.0).high - 0.680).abs() < 1e-3);
    }

    #[test]
    fn without_censoring_the_curve_is_the_share_left_and_its_area_the_mean() {
        let durations = [1.0, 2.0, 3.0, 4.0];
        let curve = kaplan_meier(&group(&durations, &[true; 4]).unwrap(), 0.9, Interval::Plain).unwrap();
        let shares: Vec<f64> = curve.points.iter().map(|point| point.survival).collect();
        assert!(shares.iter().zip([0.75, 0.5, 0.25, 0.0]).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!((curve.restricted_mean(10.0) - 2.5).abs() < 1e-12);
    }

    #[test]
    fn bad_durations_are_refused() {
        assert!(group(&[], &[]).is_err());
        assert!(group(&[-1.0], &[true]).is_err());
        assert!(group(&[f64::INFINITY], &[true]).is_err());
        assert!(
            kaplan_meier(&[Grouped { time: 1.0, events: 1, censored: 0 }], 1.0, Interval::Plain).is_err()
        );
    }

    proptest! {
        #[test]
        fn curve_falls_within_its_interval(rows in prop::collection::vec((0u32..40, prop::bool::ANY), 1..80)) {
            let durations: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let is_event: Vec<bool> = rows.iter().map(|row| row.1).collect();
            for interval in [Interval::Plain, Interval::LogLog] {
                let curve = kaplan_meier(&group(&durations, &is_event).unwrap(), 0.95, interval).unwrap();
                prop_assert!(curve.points.windows(2).all(|pair| pair[1].survival <= pair[0].survival));
                for point in &curve.points {
                    prop_assert!(0.0 <= point.low && point.low <= point.survival + 1e-12);
                    prop_assert!(point.survival <= point.high + 1e-12 && point.high <= 1.0);
                    prop_assert!(point.standard_error.is_finite());
                }
            }
        }
    }
}
