//! The rows a world hands out, with the names of their columns.
//!
//! `COLUMNS` and `cells` of each row agree in number and order, so a writer needs no more than them. Times are the
//! shop's local time, amounts are minor units of one currency (đồng, which has no smaller unit).

use std::sync::Arc;

use jiff::civil::{Date, DateTime};

use crate::feedback::Language;
use crate::reason::Reason;
use crate::response::ResponseKind;

/// One value of a row, for writers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Empty,
    /// Text.
    Text(&'a str),
    /// A whole number or an amount in minor units.
    Int(i64),
    /// A number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// A shop-local moment.
    Time(DateTime),
    /// A shop-local day.
    Day(Date),
}

impl std::fmt::Display for Cell<'_> {
    /// As in a CSV file, without quotes: times as `2025-01-31 08:05:09`.
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Cell::Empty => Ok(()),
            Cell::Text(text) => f.write_str(text),
            Cell::Int(number) => write!(f, "{number}"),
            Cell::Float(number) => write!(f, "{number}"),
            Cell::Bool(is) => write!(f, "{is}"),
            Cell::Time(at) => write!(
                f,
                "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
                at.year(),
                at.month(),
                at.day(),
                at.hour(),
                at.minute(),
                at.second()
            ),
            Cell::Day(on) => write!(f, "{:04}-{:02}-{:02}", on.year(), on.month(), on.day()),
        }
    }
}

fn text(value: &Option<Arc<str>>) -> Cell<'_> {
    value.as_deref().map_or(Cell::Empty, Cell::Text)
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderLine<'w> {
    /// The order.
    pub order_id: Arc<str>,
    /// The line within it, from 1.
    pub line: u32,
    /// The customer, where the till knew them.
    pub customer_key: Option<Arc<str>>,
    /// When it was paid.
    pub at: DateTime,
    /// The product's key.
    pub product: &'w str,
    /// Its name, in the shop's language.
    pub name: &'w str,
    /// Its category.
    pub category: &'w str,
    /// Pieces.
    pub quantity: i64,
    /// Price of one piece before discount.
    pub unit_price_minor: i64,
    /// What was taken off the line.
    pub discount_minor: i64,
    /// What was paid for the line: quantity × unit price − discount.
    pub total_minor: i64,
    /// What the pieces cost the shop.
    pub cost_minor: i64,
    /// The store's code.
    pub store: &'w str,
    /// `store`, `app` or `delivery`.
    pub channel: &'static str,
    /// `cash`, `card`, `qr` or `wallet`.
    pub tender: &'static str,
}

impl OrderLine<'_> {
    /// The names of the columns.
    pub const COLUMNS: [&'static str; 15] = [
        "order_id",
        "line_id",
        "customer_id",
        "ordered_at",
        "product_id",
        "product_name",
        "category",
        "quantity",
        "unit_price",
        "discount",
        "line_total",
        "cost",
        "store",
        "channel",
        "tender",
    ];

    /// The values, in the order of the columns.
    pub fn cells(&self) -> [Cell<'_>; 15] {
        [
            Cell::Text(&self.order_id),
            Cell::Int(i64::from(self.line)),
            text(&self.customer_key),
            Cell::Time(self.at),
            Cell::Text(self.product),
            Cell::Text(self.name),
            Cell::Text(self.category),
            Cell::Int(self.quantity),
            Cell::Int(self.unit_price_minor),
            Cell::Int(self.discount_minor),
            Cell::Int(self.total_minor),
            Cell::Int(self.cost_minor),
            Cell::Text(self.store),
            Cell::Text(self.channel),
            Cell::Text(self.tender),
        ]
    }
}

/// A line, or pieces of it, brought back.
#[derive(Debug, Clone, PartialEq)]
pub struct Return<'w> {
    /// The return.
    pub return_id: Arc<str>,
    /// The order it was bought in.
    pub order_id: Arc<str>,
    /// The line of that order.
    pub line: u32,
    /// The customer, where known.
    pub customer_key: Option<Arc<str>>,
    /// When it came back.
    pub at: DateTime,
    /// The product's key.
    pub product: &'w str,
    /// Pieces, no more than were bought.
    pub quantity: i64,
    /// What was paid back, above zero.
    pub amount_minor: i64,
    /// `damaged`, `wrong_item`, `not_needed` or `expired`.
    pub cause: &'static str,
    /// The store's code.
    pub store: &'w str,
}

impl Return<'_> {
    /// The names of the columns.
    pub const COLUMNS: [&'static str; 10] = [
        "return_id",
        "order_id",
        "line_id",
        "customer_id",
        "returned_at",
        "product_id",
        "quantity",
        "amount",
        "reason",
        "store",
    ];

    /// The values, in the order of the columns.
    pub fn cells(&self) -> [Cell<'_>; 10] {
        [
            Cell::Text(&self.return_id),
            Cell::Text(&self.order_id),
            Cell::Int(i64::from(self.line)),
            text(&self.customer_key),
            Cell::Time(self.at),
            Cell::Text(self.product),
            Cell::Int(self.quantity),
            Cell::Int(self.amount_minor),
            Cell::Text(self.cause),
            Cell::Text(self.store),
        ]
    }
}

/// What the shop knows of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerRow<'w> {
    /// The shop's key.
    pub customer_key: Arc<str>,
    /// A made-up handle; nobody's name.
    pub handle: String,
    /// The day of the first order.
    pub joined_on: Date,
    /// The language they write in.
    pub language: Language,
    /// The store they go to most.
    pub home_store: &'w str,
    /// Whether they agreed to receive messages.
    pub accepts_messages: bool,
}

impl CustomerRow<'_> {
    /// The names of the columns.
    pub const COLUMNS: [&'static str; 6] =
        ["customer_id", "handle", "joined_on", "language", "home_store", "accepts_messages"];

    /// The values, in the order of the columns.
    pub fn cells(&self) -> [Cell<'_>; 6] {
        [
            Cell::Text(&self.customer_key),
            Cell::Text(&self.handle),
            Cell::Day(self.joined_on),
            Cell::Text(self.language.code()),
            Cell::Text(self.home_store),
            Cell::Bool(self.accepts_messages),
        ]
    }
}

/// Something a customer said.
#[derive(Debug, Clone, PartialEq)]
pub struct Feedback<'w> {
    /// The answer.
    pub feedback_id: Arc<str>,
    /// The customer.
    pub customer_key: Arc<str>,
    /// When.
    pub at: DateTime,
    /// Would they recommend the shop, 0 to 10.
    pub score: u8,
    /// In which language.
    pub language: Language,
    /// In their words.
    pub text: &'static str,
    /// The store it is about.
    pub store: &'w str,
    /// What it is about, planted; not a column of the shop's file. `None` for praise.
    pub planted: Option<Reason>,
}

impl Feedback<'_> {
    /// The names of the columns.
    pub const COLUMNS: [&'static str; 7] =
        ["feedback_id", "customer_id", "said_at", "score", "language", "text", "store"];

    /// The values, in the order of the columns.
    pub fn cells(&self) -> [Cell<'_>; 7] {
        [
            Cell::Text(&self.feedback_id),
            Cell::Text(&self.customer_key),
            Cell::Time(self.at),
            Cell::Int(i64::from(self.score)),
            Cell::Text(self.language.code()),
            Cell::Text(self.text),
            Cell::Text(self.store),
        ]
    }
}

/// What was planted in a customer, which no shop ever sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// The shop's key.
    pub customer_key: Arc<str>,
    /// Orders per week while alive.
    pub rate_per_week: f64,
    /// The chance of leaving after an order, where leaving is by the coin.
    pub dropout_probability: Option<f64>,
    /// The risk of leaving per week, where it is constant.
    pub dropout_rate: Option<f64>,
    /// The last day as a customer; `None` if still one at the end.
    pub alive_until: Option<Date>,
    /// Why they left.
    pub reason: Option<Reason>,
    /// Mean value of an order, in minor units.
    pub mean_spend: f64,
    /// How much they like discounts, 0 to 1.
    pub likes_discounts: f64,
    /// What an offer does to them.
    pub response: ResponseKind,
    /// The chance of an order within four weeks, untouched.
    pub base_chance: f64,
    /// What an offer adds to it.
    pub offer_effect: f64,
    /// Orders in the weeks after the end, nothing done.
    pub future_orders: u32,
    /// Their value, in minor units.
    pub future_value: f64,
}

impl Truth {
    /// The names of the columns.
    pub const COLUMNS: [&'static str; 13] = [
        "customer_id",
        "rate_per_week",
        "dropout_probability",
        "dropout_rate",
        "alive_until",
        "reason",
        "mean_spend",
        "likes_discounts",
        "response",
        "base_chance",
        "offer_effect",
        "future_orders",
        "future_value",
    ];

    /// The values, in the order of the columns.
    pub fn cells(&self) -> [Cell<'_>; 13] {
        [
            Cell::Text(&self.customer_key),
            Cell::Float(self.rate_per_week),
            self.dropout_probability.map_or(Cell::Empty, Cell::Float),
            self.dropout_rate.map_or(Cell::Empty, Cell::Float),
            self.alive_until.map_or(Cell::Empty, Cell::Day),
            self.reason.map_or(Cell::Empty, |reason| Cell::Text(reason.code())),
            Cell::Float(self.mean_spend),
            Cell::Float(self.likes_discounts),
            Cell::Text(self.response.code()),
            Cell::Float(self.base_chance),
            Cell::Float(self.offer_effect),
            Cell::Int(i64::from(self.future_orders)),
            Cell::Float(self.future_value),
        ]
    }
}
