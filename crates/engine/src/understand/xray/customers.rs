//! Customers: what they are worth, who is leaving, what kinds there are, what they will do.

use super::{Amount, Concentration, Estimate};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What customers are worth over the next twelve months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueBook {
    /// Customers by expected value, highest band first.
    pub bands: Vec<ValueBand>,
    /// How expected value is concentrated.
    pub concentration: Option<Concentration>,
    /// The most valuable, by the shop's own keys; at most 20.
    pub top: Vec<TopCustomer>,
}

/// Customers expected to bring about the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ValueBand {
    /// Least expected value per customer, inclusive.
    pub from_minor: i64,
    /// End of the band, exclusive; `None` for "and more".
    pub until_minor: Option<i64>,
    /// Customers.
    pub customers: u64,
    /// Their expected value together.
    pub value: Amount,
    /// Their part of all expected value.
    pub value_share: f64,
}

/// One of the most valuable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TopCustomer {
    /// The shop's own key of the customer.
    pub key: String,
    /// Orders ever.
    pub orders: u64,
    /// Sales ever, net of returns.
    pub sales_minor: i64,
    /// Day of the last order.
    pub last_order_on: Date,
    /// Probability of still being a customer; `None` where attrition cannot be identified.
    pub alive: Option<f64>,
    /// Expected value, next twelve months.
    pub value: Amount,
    /// Where the customer stands today.
    pub state: State,
}

/// The leaving and the lapsed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leaving {
    /// All customers by state, in the order of [`State::ALL`], states without customers left out.
    pub states: Vec<StateRow>,
    /// The late, by how long they have been.
    pub late_since: Vec<LateBand>,
    /// Whom to call first: the late with the most value at stake; at most 50.
    pub call: Vec<LateCustomer>,
}

/// Where a customer stands, by own cadence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// First order not long ago, the second not yet due.
    New,
    /// Within own usual time.
    Active,
    /// Came back after having lapsed.
    Returning,
    /// Past own usual time: late.
    AtRisk,
    /// So late that a return would be a surprise.
    Lapsed,
}

impl State {
    /// The order in which states are listed.
    pub const ALL: [State; 5] = [State::New, State::Active, State::Returning, State::AtRisk, State::Lapsed];
}

/// Customers in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateRow {
    /// The state.
    pub state: State,
    /// Customers.
    pub customers: u64,
    /// Their sales in the report's period.
    pub sales_minor: i64,
    /// Their expected value, next twelve months.
    pub value: Option<Amount>,
    /// What they would be expected to bring in twelve months, were they surely still customers, less `value`: the
    /// value at stake.
    pub at_stake: Option<Amount>,
}

/// The late, by days past the day they were expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateBand {
    /// Fewest days late, inclusive.
    pub from_days: u32,
    /// End, exclusive; `None` for "and more".
    pub until_days: Option<u32>,
    /// Customers.
    pub customers: u64,
    /// Value at stake, see [`StateRow::at_stake`].
    pub at_stake: Option<Amount>,
}

/// A late customer to call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LateCustomer {
    /// The shop's own key of the customer.
    pub key: String,
    /// Orders ever.
    pub orders: u64,
    /// Sales ever, net of returns.
    pub sales_minor: i64,
    /// Day of the last order.
    pub last_order_on: Date,
    /// The day by which the next order was expected.
    pub expected_on: Date,
    /// Usual days between orders.
    pub usual_gap_days: f64,
    /// Days since `expected_on`.
    pub days_late: u32,
    /// Probability of still being a customer.
    pub alive: Option<f64>,
    /// Value at stake, next twelve months.
    pub at_stake: Option<Amount>,
}

/// A kind of customers, in a shop's words.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SegmentRow {
    /// Which.
    pub segment: Segment,
    /// Customers.
    pub customers: u64,
    /// Orders per customer in the report's period.
    pub orders_per_customer: f64,
    /// Sales per order in the report's period; `None` where there were no orders.
    pub order_value_minor: Option<i64>,
    /// Median days since the last order.
    pub last_order_days: u32,
    /// Sales in the report's period.
    pub sales_minor: i64,
    /// Part of the period's sales.
    pub sales_share: f64,
    /// Expected value, next twelve months.
    pub value: Option<Amount>,
}

/// Kinds of customers. Each customer is of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// Often, lately, and much: the heart of the shop.
    Heart,
    /// Often and lately.
    Regulars,
    /// Rarely, but much each time.
    BigRare,
    /// Now and then.
    Occasional,
    /// First order not long ago.
    New,
    /// Once good, now late.
    Slipping,
    /// One order, long ago.
    OneTime,
    /// Several orders, long ago.
    Gone,
}

impl Segment {
    /// The order in which kinds are listed.
    pub const ALL: [Segment; 8] = [
        Segment::Heart,
        Segment::Regulars,
        Segment::BigRare,
        Segment::Occasional,
        Segment::New,
        Segment::Slipping,
        Segment::OneTime,
        Segment::Gone,
    ];
}

/// The next twelve months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Code of the model used, see [`super::ModelScore::model`].
    pub model: String,
    /// Sales of the months behind, oldest first, so that the forecast has something to stand on.
    pub past: Vec<PastMonth>,
    /// The months ahead.
    pub months: Vec<ForecastMonth>,
    /// Orders of today's customers, all months.
    pub orders: Estimate,
    /// Sales to today's customers, all months.
    pub sales: Amount,
    /// Value in the report's measure, all months, not discounted.
    pub value: Amount,
    /// Sales to customers not yet met, all months, if they keep coming as in the period; `None` where that cannot be
    /// told. Not in `sales`.
    pub from_new: Option<Amount>,
    /// Whether months carry a season, learnt from at least two years.
    pub has_season: bool,
}

/// A month behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastMonth {
    /// First day of the month.
    pub month: Date,
    /// Sales to customers with a key.
    pub sales_minor: i64,
}

/// A month ahead.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ForecastMonth {
    /// First day of the month.
    pub month: Date,
    /// Orders of today's customers.
    pub orders: Estimate,
    /// Sales to today's customers.
    pub sales: Amount,
}
