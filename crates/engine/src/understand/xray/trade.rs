//! Trade: products that bring people back, stores, channels.

use super::Estimate;
use serde::{Deserialize, Serialize};

/// Products that bring people back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Products {
    /// Products in first orders after which people came back more, or less, than others; largest difference first.
    pub bring_back: Vec<BringBack>,
    /// Products bought together more than chance; highest lower bound of lift first.
    pub pairs: Vec<Pair>,
    /// Products bought again at a steady pace.
    pub replenishment: Vec<Replenishment>,
    /// How well the two lists of suggestions do on held-out time.
    pub suggestions: Vec<SuggestionScore>,
}

/// What followed a first order with this product. An association, not a cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BringBack {
    /// The product, in the shop's own words.
    pub product: String,
    /// Customers whose first order held it.
    pub customers: u64,
    /// Share of them that ordered again within 90 days.
    pub share: Estimate,
    /// The same share among everybody else.
    pub others_share: f64,
    /// Their difference.
    pub difference: Estimate,
}

/// Two products in one basket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// One product.
    pub first: String,
    /// The other.
    pub second: String,
    /// Orders with both.
    pub orders: u64,
    /// Share of orders with the first that also hold the second.
    pub confidence: f64,
    /// How many times as often as by chance.
    pub lift: Estimate,
}

/// A product bought again at a steady pace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replenishment {
    /// The product, in the shop's own words.
    pub product: String,
    /// Customers who bought it at least twice.
    pub customers: u64,
    /// Median days between two purchases of it by one customer.
    pub median_days: f64,
    /// First quartile of those days.
    pub q1_days: f64,
    /// Third quartile of those days.
    pub q3_days: f64,
    /// Customers whose next purchase of it is due within 14 days.
    pub due_customers: u64,
}

/// A list of suggestions on held-out time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SuggestionScore {
    /// Which list.
    pub list: SuggestionList,
    /// Customers it was judged on.
    pub customers: u64,
    /// Share of what they bought next that was among the ten suggested.
    pub recall_at_10: f64,
    /// The same with credit for the order, ideal list over min(10, size of the basket).
    pub ndcg_at_10: f64,
    /// Recall of the ten most popular products: the naive list.
    pub popular_recall_at_10: f64,
}

/// A list of suggestions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionList {
    /// What the customer already buys.
    BuyAgain,
    /// What the customer has not bought yet.
    Discover,
}

/// A store or a channel in the report's period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The shop's own name for it.
    pub name: String,
    /// Customers with a key who bought there.
    pub customers: u64,
    /// Of them, those whose first order ever was there.
    pub new_customers: u64,
    /// Orders, anonymous ones included.
    pub orders: u64,
    /// Sales net of returns, anonymous ones included.
    pub sales_minor: i64,
    /// Part of the period's sales.
    pub sales_share: f64,
    /// Share of its sales to nobody known.
    pub anonymous_share: f64,
    /// Share of the customers who first bought there in the period and ordered again, anywhere, within 90 days;
    /// `None` where too few are old enough.
    pub second_order_share: Option<Estimate>,
}
