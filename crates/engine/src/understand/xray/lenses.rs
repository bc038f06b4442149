//! The five lenses of the customer-base audit.

use super::{Amount, Estimate, Measure, Period, Totals};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Lens 1: customers in one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnePeriod {
    /// Customers by number of orders in the period, fewest first.
    pub by_orders: Vec<OrdersBin>,
    /// Customers by spend in the period, least first.
    pub by_spend: Vec<SpendBin>,
    /// Ten equal parts of the period's customers, best by value first; empty with fewer than ten customers.
    pub deciles: Vec<Decile>,
    /// How value is concentrated; `None` with fewer than ten customers.
    pub concentration: Option<Concentration>,
}

/// Customers who ordered this often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrdersBin {
    /// Fewest orders.
    pub orders_from: u32,
    /// Most orders, inclusive; `None` for "and more".
    pub orders_to: Option<u32>,
    /// Customers.
    pub customers: u64,
    /// Their sales.
    pub sales_minor: i64,
}

/// Customers who spent this much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpendBin {
    /// Least spend, inclusive.
    pub from_minor: i64,
    /// End of the band, exclusive; `None` for "and more".
    pub until_minor: Option<i64>,
    /// Customers.
    pub customers: u64,
    /// Their sales.
    pub sales_minor: i64,
}

/// A tenth of the period's customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Decile {
    /// 1 is the best tenth.
    pub decile: u32,
    /// Customers in it.
    pub customers: u64,
    /// Their orders.
    pub orders: u64,
    /// Their sales.
    pub sales_minor: i64,
    /// Their value, in the report's measure; may be negative with margins.
    pub value_minor: i64,
    /// Their part of the period's value.
    pub value_share: f64,
}

/// How much of the value comes from how few.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Concentration {
    /// What is concentrated.
    pub measure: Measure,
    /// The whale curve: cumulative share of value by share of customers, best first, from (0, 0) to (1, 1). It may
    /// rise above 1 where some customers cost more than they bring.
    pub curve: Vec<CurvePoint>,
    /// Gini coefficient, 0 equal, 1 all from one. With negative values it may pass 1.
    pub gini: Estimate,
    /// Share of value from the best tenth.
    pub top_10_share: Estimate,
    /// Share of value from the best fifth.
    pub top_20_share: Estimate,
    /// Fewest customers that bring half of the value.
    pub customers_for_half: u64,
}

/// A point of the whale curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Share of customers, best first.
    pub customers_share: f64,
    /// Cumulative share of value.
    pub value_share: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
}

/// Lens 2: two periods of equal length side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TwoPeriods {
    /// The earlier period.
    pub before: Period,
    /// The later period.
    pub after: Period,
    /// Sums of the earlier.
    pub before_totals: Totals,
    /// Sums of the later.
    pub after_totals: Totals,
    /// Who stayed, left, came new, came back.
    pub flows: Vec<Flow>,
    /// What drove the change of `measure`: effects add up to the change.
    pub drivers: Vec<Driver>,
    /// What the drivers explain.
    pub measure: Measure,
    /// Customers by spend group before (row) and after (column), in the order of [`Group::ALL`]. The last row and
    /// column are those who did not buy; the corner of both is zero.
    pub movement: Vec<Vec<u64>>,
}

/// A group of customers that came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Which.
    pub flow: FlowKind,
    /// Customers.
    pub customers: u64,
    /// Their sales in the earlier period.
    pub before_minor: i64,
    /// Their sales in the later period.
    pub after_minor: i64,
}

/// How a customer stands in two periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowKind {
    /// Bought in both.
    Stayed,
    /// Bought in the earlier, not in the later.
    Left,
    /// First order ever in the later.
    New,
    /// Bought before the earlier, not in it, and again in the later.
    CameBack,
}

/// One factor of the change: customers × orders per customer × value per order (× margin per sales).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Driver {
    /// Which.
    pub factor: Factor,
    /// Before: a count, a ratio, minor units per order, or a share, by factor.
    pub before: f64,
    /// After, in the same unit.
    pub after: f64,
    /// Its part of the change, in minor units of the measure (logarithmic mean decomposition).
    pub effect_minor: i64,
}

/// A factor of sales or margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// Customers who bought.
    Customers,
    /// Orders per customer.
    Frequency,
    /// Sales per order, minor units.
    OrderValue,
    /// Margin per sales, a share.
    MarginRate,
}

/// A spend group within a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// The best fifth by spend.
    Best,
    /// The next three tenths.
    Middle,
    /// The other half.
    Small,
    /// Did not buy in the period.
    Nothing,
}

impl Group {
    /// The order of rows and columns in a movement matrix.
    pub const ALL: [Group; 4] = [Group::Best, Group::Middle, Group::Small, Group::Nothing];
}

/// Lens 3: one cohort over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OneCohort {
    /// Days of their first orders: the largest cohort with at least a year of age, else the oldest.
    pub first_bought: Period,
    /// Customers in it.
    pub customers: u64,
    /// By age, from month 1.
    pub ages: Vec<CohortAge>,
}

/// A cohort at an age.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CohortAge {
    /// Months after the first order.
    pub age_months: u32,
    /// Share still buying: a purchase at this age or later is seen (Kaplan–Meier over own cadence).
    pub survival: Option<Estimate>,
    /// Share that bought in this month of age.
    pub bought_share: Estimate,
    /// Share that has bought a second time by now.
    pub repeat_share: Estimate,
    /// Sales in this month of age per customer that bought in it; `None` where nobody did.
    pub spend_per_buyer_minor: Option<i64>,
    /// Sales so far per customer of the cohort.
    pub spend_so_far_minor: i64,
}

/// Lens 4: cohorts compared at the same age.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cohorts {
    /// Length of a cohort and of a step of age.
    pub grain: Grain,
    /// Oldest first.
    pub rows: Vec<CohortRow>,
    /// Cells of cohorts smaller than this are drawn pale.
    pub small_under: u64,
    /// Newer against older cohorts; `None` where ages do not overlap.
    pub newer_against_older: Option<CohortContrast>,
}

/// A unit of calendar time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// A month.
    Month,
    /// Three months.
    Quarter,
    /// A year.
    Year,
}

/// A cohort in the comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CohortRow {
    /// Days of the first orders.
    pub first_bought: Period,
    /// Customers.
    pub customers: u64,
    /// Customers that bought at age 1, 2, … grains; `None` where that age has not been reached.
    pub bought: Vec<Option<u64>>,
    /// Sales at age 0, 1, 2, … grains; `None` where that age has not been reached.
    pub sales_minor: Vec<Option<i64>>,
}

/// Newer cohorts against older ones at the same age.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CohortContrast {
    /// First orders of the newer.
    pub newer: Period,
    /// First orders of the older.
    pub older: Period,
    /// Months after the first order.
    pub age_months: u32,
    /// Share of the newer that bought again by then.
    pub newer_share: Estimate,
    /// Share of the older that bought again by then.
    pub older_share: Estimate,
    /// Newer minus older.
    pub difference: Estimate,
}

/// Lens 5: the whole base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WholeBase {
    /// Length of a step of time.
    pub grain: Grain,
    /// First day of each step, oldest first.
    pub steps: Vec<Date>,
    /// Sales per step by cohort, oldest cohort first; each as long as `steps`.
    pub layers: Vec<CohortLayer>,
    /// Sales per step to nobody known; empty where there are none.
    pub anonymous_minor: Vec<i64>,
    /// Customers probably still customers today (sum of P(alive)); `None` where attrition cannot be identified.
    pub alive: Option<Estimate>,
    /// Customer equity: all future value of today's customers, discounted, in the report's measure.
    pub equity: Option<Amount>,
}

/// What one cohort brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CohortLayer {
    /// Days of the first orders.
    pub first_bought: Period,
    /// Customers.
    pub customers: u64,
    /// Sales per step.
    pub sales_minor: Vec<i64>,
    /// Sales in the report's period.
    pub period_minor: i64,
}
