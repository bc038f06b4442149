//! The customer X-ray as one document: every number of the report, and nothing of its words.
//!
//! The JSON of [`Xray`] is the published schema `perennial.xray/1`; the page is a rendering of the same value. Words
//! live in `locales/`, keyed by the codes used here, so the document is the same in every language. Rules of the
//! document: money is integer minor units of `currency`; shares lie in 0..1; days are the shop's local days; every
//! period is end-exclusive; what cannot be known is absent (`null`), never zero; what is in doubt carries its
//! interval at `interval_level`. This module must not know how the numbers were computed.

mod customers;
mod decided;
mod lenses;
mod sample;
mod sentence;
mod trade;
mod trust;

pub use customers::*;
pub use decided::*;
pub use lenses::*;
pub use sentence::*;
pub use trade::*;
pub use trust::*;

use domain::Currency;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Name and version of the document. The number rises when a field changes its meaning or goes away; new optional
/// fields do not change it.
pub const SCHEMA: &str = "perennial.xray/1";

/// The whole report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Xray {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The shop as it calls itself; `None` prints as "your shop" in the reader's language.
    pub shop: Option<String>,
    /// Currency of every `_minor` field; `XXX` where the shop has not said.
    pub currency: Currency,
    /// Digits after the point in the currency (0 for VND, 2 for USD).
    pub decimals: u32,
    /// IANA zone of the shop's days; `None` means times were taken as the shop's own.
    pub timezone: Option<String>,
    /// End of the observation: the last day of facts, inclusive.
    pub as_of: Date,
    /// Everything observed, first fact to `as_of`.
    pub observed: Period,
    /// The period under review: the last twelve months, or everything where there is less.
    pub period: Period,
    /// Coverage of every interval, 0.95 unless said otherwise.
    pub interval_level: f64,
    /// What "value" means in this report: margin where margins are known, otherwise sales.
    pub measure: Measure,
    /// How margin was known, where it was.
    pub margin: Option<MarginSource>,
    /// Yearly rate by which future value is discounted.
    pub discount_rate: f64,
    /// Days ahead meant by "likely to come back" and by the value of a quarter.
    pub horizon_days: u32,
    /// At most five things a shopkeeper can act on, the most worth acting on first; see [`choose_sentences`].
    pub sentences: Vec<Sentence>,
    /// The figures at the top of the page.
    pub figures: Figures,
    /// Lens 1: customers in one period.
    pub one_period: OnePeriod,
    /// Lens 2: two periods side by side; `None` with less than two periods of history.
    pub two_periods: Option<TwoPeriods>,
    /// Lens 3: one cohort over time; `None` where no cohort is old and large enough.
    pub one_cohort: Option<OneCohort>,
    /// Lens 4: cohorts compared; `None` with fewer than two cohorts.
    pub cohorts: Option<Cohorts>,
    /// Lens 5: the whole base.
    pub whole_base: WholeBase,
    /// What customers are worth, and how that worth is concentrated; `None` where no model could be used.
    pub value: Option<ValueBook>,
    /// The leaving and the lapsed.
    pub leaving: Leaving,
    /// Customers by kind, in a shop's words.
    pub segments: Vec<SegmentRow>,
    /// What segmenting again on other halves of the customers agrees on: adjusted Rand index, 1 is the same.
    pub segment_stability: Option<f64>,
    /// The next twelve months; `None` where no forecast can be justified.
    pub forecast: Option<Forecast>,
    /// Products that bring people back; `None` where the file names no products.
    pub products: Option<Products>,
    /// Stores, largest first; `None` where the file names none.
    pub stores: Option<Vec<Place>>,
    /// Channels, largest first; `None` where the file names none.
    pub channels: Option<Vec<Place>>,
    /// How good the models were on time they had not seen; `None` where history is too short to hold any out.
    pub judgement: Option<Judgement>,
    /// What is wrong with the data itself.
    pub defects: Defects,
    /// What was tried since earlier reports, and what was decided, the last first: the shop's memory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<Decided>,
}

/// Days from `from` to the day before `until`: end-exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// The day after the last.
    pub until: Date,
}

impl Period {
    /// Whole days in the period; 0 where it is empty or turned round.
    pub fn days(&self) -> i32 {
        self.from.until(self.until).map_or(0, |span| span.get_days().max(0))
    }

    /// The last day inside; `from` for an empty period.
    pub fn last(&self) -> Date {
        self.until.yesterday().map_or(self.from, |day| day.max(self.from))
    }
}

/// A number with its doubt, in the unit its field states.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The best guess.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Estimate {
    /// A number with its interval.
    pub fn new(value: f64, low: f64, high: f64) -> Estimate {
        Estimate { value, low, high }
    }
}

/// An amount of money with its doubt, in minor units of the report's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// The best guess.
    pub minor: i64,
    /// Lower end of the interval.
    pub low_minor: i64,
    /// Upper end of the interval.
    pub high_minor: i64,
}

impl Amount {
    /// An amount with its interval.
    pub fn new(minor: i64, low_minor: i64, high_minor: i64) -> Amount {
        Amount { minor, low_minor, high_minor }
    }
}

/// What is counted as value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Sales net of returns; margins are unknown.
    Sales,
    /// Sales net of returns and cost of goods.
    Margin,
}

/// Where the margin comes from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum MarginSource {
    /// Cost per line from the file.
    Costs {
        /// Share of sales whose cost is known, 0..1.
        covered_share: f64,
    },
    /// One rate for everything, as the shop stated it.
    Rate {
        /// Margin as a share of sales, 0..1.
        rate: f64,
    },
}

/// The figures at the top: this period against the one before, and what is expected of the base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Totals of `period`.
    pub now: Totals,
    /// Totals of the period of equal length before; `None` where history does not reach.
    pub before: Option<Totals>,
    /// Customers ever seen up to `as_of`, walk-ins without a key left out.
    pub customers_ever: u64,
    /// Customers expected to buy at least once within `horizon_days` (sum of probabilities).
    pub likely_to_return: Option<Estimate>,
    /// Expected value of today's customers over the next twelve months, in `measure`, discounted.
    pub worth_12_months: Option<Amount>,
    /// Share of customers with a first order in `period` old enough to tell who bought again within 90 days.
    pub second_order_share: Option<Estimate>,
}

/// Sums over one period, customers with a key only unless the field says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Customers with at least one order.
    pub customers: u64,
    /// Of them, those whose first order ever lies in the period.
    pub new_customers: u64,
    /// Orders, tickets of one customer on one day counted as one.
    pub orders: u64,
    /// Sales net of returns.
    pub sales_minor: i64,
    /// Returned amounts, a positive number; `None` where the file tells nothing of returns.
    pub returns_minor: Option<i64>,
    /// Margin net of returns; `None` where unknown.
    pub margin_minor: Option<i64>,
    /// Sales to nobody known, on top of `sales_minor`.
    pub anonymous_sales_minor: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Equal, but for the last digit of a number: reading a float from JSON may be off by one unit in the last place.
    fn same(left: &Value, right: &Value) -> bool {
        match (left, right) {
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
            }
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same(x, y))
            }
            (Value::Number(a), Value::Number(b)) if a.is_f64() => {
                let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
                (a - b).abs() <= 1e-12 * a.abs().max(1.0)
            }
            _ => left == right,
        }
    }

    #[test]
    fn the_document_survives_json() {
        for xray in [Xray::sample(), Xray::sample_bare()] {
            let written = serde_json::to_value(&xray).unwrap();
            let read: Xray = serde_json::from_str(&written.to_string()).unwrap();
            assert!(same(&serde_json::to_value(&read).unwrap(), &written));
        }
    }

    #[test]
    fn periods_are_end_exclusive() {
        let may = Period { from: jiff::civil::date(2026, 5, 1), until: jiff::civil::date(2026, 6, 1) };
        assert_eq!(may.days(), 31);
        assert_eq!(may.last(), jiff::civil::date(2026, 5, 31));
        let nothing = Period { from: may.from, until: may.from };
        assert_eq!((nothing.days(), nothing.last()), (0, may.from));
    }
}
