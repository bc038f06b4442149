//! Trust: how good the models were on time they had not seen, and what is wrong with the data.

use super::{Estimate, Period};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The models judged on held-out time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The time the models saw.
    pub fitted_on: Period,
    /// The time they were judged on.
    pub judged_on: Period,
    /// Customers they were judged on: those seen before `judged_on`.
    pub customers: u64,
    /// Every model, best by RMSE first: squared error is what an expectation has to be judged by. Absolute error rewards
    /// whoever expects nothing of most customers.
    pub models: Vec<ModelScore>,
    /// Code of the one used in this report.
    pub used: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Log-likelihood won by letting customers leave, in nats; under 2 attrition cannot be identified.
    pub attrition_gain_nats: Option<f64>,
    /// "Will buy again": predicted against seen, ten equal parts of customers, least likely first.
    pub calibration: Vec<CalibrationBin>,
    /// Orders of those customers week by week, seen and expected.
    pub tracking: Vec<TrackingStep>,
}

/// A model on held-out time. Errors are of orders per customer in `judged_on`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelScore {
    /// `pareto_nbd`, `mbg_nbd`, `bg_nbd`, `nbd`, `propensity`; naive ones `own_rate`, `mean`, `last_window`,
    /// `hiatus`. Words in `locales/` under `model-CODE`; unknown codes print as they are.
    pub model: String,
    /// Whether it is one of the naive rules.
    pub is_naive: bool,
    /// Mean absolute error.
    pub mae: f64,
    /// Root mean squared error.
    pub rmse: f64,
    /// Sum predicted / sum seen − 1.
    pub bias: f64,
    /// Normalised Gini of the ranking by expected value, 1 is perfect.
    pub gini: Option<f64>,
    /// Brier score of "will buy again".
    pub brier: Option<f64>,
    /// Why it has no scores, where it refused the data; the numbers are then not to be printed.
    pub refusal: Option<String>,
}

/// What came of the judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A model beat every naive rule and is used.
    ModelWins,
    /// No model beat the naive rules; the best of those is used.
    NaiveWins,
    /// The best model and the best naive rule cannot be told apart; the simpler is used.
    Tie,
}

/// A tenth of the customers by predicted probability to buy again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Customers.
    pub customers: u64,
    /// Mean predicted probability.
    pub predicted: f64,
    /// Share that bought, with its interval.
    pub seen: Estimate,
}

/// A step of the tracking plot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrackingStep {
    /// First day of the step.
    pub from: Date,
    /// Repeat orders seen.
    pub seen: u64,
    /// Repeat orders expected by the model used.
    pub expected: Estimate,
    /// Whether the step lies in held-out time.
    pub is_held_out: bool,
}

/// What is wrong with the data itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Defects {
    /// Rows read, all files.
    pub rows_read: u64,
    /// Rows accepted; read = accepted + rejected.
    pub rows_accepted: u64,
    /// Rows rejected.
    pub rows_rejected: u64,
    /// Rejected rows by reason, most first.
    pub rejected_because: Vec<Rejected>,
    /// Rows that repeat rows already known and were not counted again.
    pub rows_repeated: u64,
    /// Rows with a known key and other content.
    pub rows_contradicting: u64,
    /// Orders ever, anonymous ones included.
    pub orders: u64,
    /// Orders of nobody known.
    pub anonymous_orders: u64,
    /// Share of all sales to nobody known.
    pub anonymous_sales_share: f64,
    /// Customer names that stand for nobody ("Khách lẻ", 散客) and were treated as anonymous.
    pub placeholders: Vec<Placeholder>,
    /// Runs of days without any order although the shop is usually open; longest first, at most 10.
    pub gaps: Vec<Period>,
    /// Orders far outside what is usual; largest first, at most 10. They are counted, and named so that they can be
    /// checked.
    pub outliers: Vec<Outlier>,
    /// Orders with zero or negative amount, left out of spend models.
    pub orders_without_spend: u64,
    /// Returns; `None` where the file tells nothing of returns.
    pub returns: Option<u64>,
    /// Returns for which no order was found; `None` as above.
    pub returns_without_order: Option<u64>,
    /// What the files did not tell, and could: `product`, `store`, `channel`, `cost`, `returns`, `customer`, `time`.
    pub missing: Vec<Missing>,
}

/// Rows rejected for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The reason, as the import printed it.
    pub reason: String,
    /// Rows.
    pub rows: u64,
}

/// A name that stands for nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placeholder {
    /// As it stands in the file.
    pub text: String,
    /// Its orders.
    pub orders: u64,
    /// Its sales.
    pub sales_minor: i64,
}

/// An order far outside what is usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlier {
    /// The shop's own order id, or the customer's key where orders have none.
    pub key: String,
    /// Day of the order.
    pub on: Date,
    /// Its sales.
    pub sales_minor: i64,
}

/// Something the files did not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Who bought.
    Customer,
    /// What was bought.
    Product,
    /// Where.
    Store,
    /// By which way.
    Channel,
    /// What it cost.
    Cost,
    /// What came back.
    Returns,
    /// The time of day.
    Time,
}
