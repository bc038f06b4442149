//! What a run of the X-ray is asked, what it may refuse, and what it says while it works.

use super::xray::{Estimate, Period, Placeholder, Rejected};
use domain::Currency;
use domain::port::Failure;
use jiff::civil::Date;

/// Coverage of every interval of the report; the functions of the relations use the same.
pub const LEVEL: f64 = 0.95;
/// How many standard deviations such an interval reaches to each side: the standard normal quantile of 0.975.
pub(super) const Z: f64 = 1.959_963_984_540_054;
/// Days ahead meant by "likely to come back" where nothing else is said.
pub const DEFAULT_HORIZON_DAYS: u32 = 90;
/// Yearly rate by which future value is discounted where nothing else is said.
pub const DEFAULT_DISCOUNT_RATE: f64 = 0.1;
/// Share of the observed time on which models are fitted before they are judged on the rest.
pub const FITTED_SHARE: f64 = 0.8;

/// What is asked of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The shop as it calls itself.
    pub shop: Option<String>,
    /// The currency to report; lines in others are left out and counted.
    pub currency: Currency,
    /// Digits after the point of its minor units.
    pub decimals: u32,
    /// IANA zone of the shop's days; `None` where times were taken as the shop's own.
    pub zone: Option<String>,
    /// Last day of the observation, inclusive; `None` takes the last day of facts.
    pub as_of: Option<Date>,
    /// Last day the judged models may see; `None` takes 80 % of the observed time.
    pub calibration_end: Option<Date>,
    /// Days ahead meant by "likely to come back".
    pub horizon_days: u32,
    /// Margin as a share of sales, for everything; `None` takes the costs of the lines where they are known.
    pub margin_share: Option<f64>,
    /// Yearly rate by which future value is discounted.
    pub discount_rate: f64,
    /// What the imports found wrong with the files.
    pub imports: Imports,
}

impl Options {
    /// The usual run over facts in `currency`.
    pub fn new(currency: Currency) -> Options {
        Options {
            shop: None,
            currency,
            decimals: currency.decimals(),
            zone: None,
            as_of: None,
            calibration_end: None,
            horizon_days: DEFAULT_HORIZON_DAYS,
            margin_share: None,
            discount_rate: DEFAULT_DISCOUNT_RATE,
            imports: Imports::default(),
        }
    }

    /// Refuses settings that mean nothing.
    pub(super) fn check(&self) -> Result<(), Refused> {
        if let Some(share) = self.margin_share.filter(|share| !(0.0..=1.0).contains(share)) {
            return Err(Refused::MarginShare(share));
        }
        if !(self.discount_rate > 0.0 && self.discount_rate <= 10.0) {
            return Err(Refused::DiscountRate(self.discount_rate));
        }
        if !(1..=3660).contains(&self.horizon_days) {
            return Err(Refused::Horizon(self.horizon_days));
        }
        Ok(())
    }
}

/// What the imports found wrong with the files, added up; all zero where nothing is known of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imports {
    /// Rows read, all files.
    pub rows_read: u64,
    /// Rows accepted.
    pub rows_accepted: u64,
    /// Rows rejected.
    pub rows_rejected: u64,
    /// Rejected rows by reason.
    pub rejected_because: Vec<Rejected>,
    /// Rows that were known already.
    pub rows_repeated: u64,
    /// Rows with a known key and other content.
    pub rows_contradicting: u64,
    /// Names that stand for nobody and were treated as anonymous.
    pub placeholders: Vec<Placeholder>,
    /// Whether times of day were told; `None` where that is not known.
    pub has_times: Option<bool>,
}

/// Why there is no report.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// No orders at all.
    #[error("there are no orders yet; import some with: perennial import orders FILE")]
    Empty,
    /// Nothing to report on in this currency.
    #[error("there are no orders in {0} to report on; import orders, or name their currency with --currency")]
    NoOrders(Currency),
    /// The observation would end before it begins.
    #[error("--as-of {as_of} lies before the first order, which is of {first}; give a day from {first} on")]
    TooEarly {
        /// The day asked for.
        as_of: Date,
        /// Day of the first order.
        first: Date,
    },
    /// Nothing would be left to fit or to judge on.
    #[error(
        "--calibration-end {asked} leaves nothing to fit or to judge on; give a day from {} to before {}",
        observed.from, observed.last()
    )]
    CalibrationEnd {
        /// The day asked for.
        asked: Date,
        /// The observed time.
        observed: Period,
    },
    /// A margin that is no share.
    #[error("--margin {0} is not a share of sales; give a number from 0 to 1, such as 0.3")]
    MarginShare(f64),
    /// A discount rate at which nothing or everything counts.
    #[error("--discount-rate {0} is not a yearly rate; give a number above 0 and up to 10, such as 0.1")]
    DiscountRate(f64),
    /// A horizon of no length, or beyond all foresight.
    #[error("--horizon of {0} days cannot be used; give 1 to 3660 days")]
    Horizon(u32),
}

/// Why a run ended without a report: a no, or an accident.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The input or the settings do not allow a report.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A disk, a database, a damaged file.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading what range the facts have.
    Reading,
    /// Fitting models on the first part of the time.
    Fitting,
    /// Judging them on the rest.
    Judging,
    /// Computing every customer's figures.
    Customers,
    /// Adding them up for the page.
    Adding,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub stage: Stage,
    /// Steps done, of [`Progress::STEPS`].
    pub step: u32,
}

impl Progress {
    /// Steps of a whole run.
    pub const STEPS: u32 = 5;

    /// The beginning of a stage.
    pub(super) fn at(stage: Stage) -> Progress {
        Progress { stage, step: stage as u32 }
    }
}

/// A share of so many with its interval.
pub(super) fn share_of(count: u64, total: u64) -> Option<Estimate> {
    stats::proportion::share(count, total, LEVEL)
        .map(|share| Estimate::new(share.value, share.low, share.high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_mean_nothing_are_refused() {
        let usual = Options::new(Currency::UNKNOWN);
        assert_eq!(usual.check(), Ok(()));
        let refused = Options { margin_share: Some(30.0), ..usual.clone() }.check().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "--margin 30 is not a share of sales; give a number from 0 to 1, such as 0.3"
        );
        for rate in [f64::NAN, 0.0, -0.1, 11.0] {
            assert!(Options { discount_rate: rate, ..usual.clone() }.check().is_err());
        }
        assert!(Options { horizon_days: 0, ..usual.clone() }.check().is_err());
        assert!(Options { margin_share: Some(f64::NAN), ..usual }.check().is_err());
    }
}
