//! Filling the document, section by section: each function reads the relations of its section and returns it, empty or
//! absent where the facts do not tell.

pub(super) mod customers;
pub(super) mod defects;
pub(super) mod forecast;
pub(super) mod lenses;
pub(super) mod sentences;
pub(super) mod trade;

use super::doubt::Doubt;
use super::fitting::Statistics;
use super::options::Options;
use super::xray::{Measure, Period};
use domain::port::Insights;
use jiff::civil::Date;
use stats::lifetime::fit::Fit;

/// What every section knows of the run.
pub(super) struct Run<'a> {
    pub insights: &'a dyn Insights,
    pub options: &'a Options,
    pub as_of: Date,
    pub observed: Period,
    pub period: Period,
    pub measure: Measure,
    /// Whether the files tell of anything that came back.
    pub has_returns: bool,
    /// What is expected; `None` where nothing was judged and nothing may be expected.
    pub outlook: Option<Outlook<'a>>,
    /// The shop's own key of a customer.
    pub keys: &'a dyn Fn(&str) -> Option<String>,
}

/// What the expectations of the report come from.
pub(super) struct Outlook<'a> {
    /// Code of the model or rule used.
    pub code: &'static str,
    /// The fit on the whole history; `None` under a naive rule.
    pub fit: Option<&'a Fit>,
    /// The statistics it was fitted on.
    pub statistics: &'a Statistics,
    /// Whether it can tell who has left.
    pub has_attrition: bool,
    /// How far totals may be off.
    pub doubt: Doubt,
}

impl Run<'_> {
    /// The shop's own key of a customer; ours where state does not know it.
    pub fn key(&self, customer_id: Option<&str>) -> String {
        let id = customer_id.unwrap_or("");
        (self.keys)(id).unwrap_or_else(|| id.to_owned())
    }

    /// Whether what follows a first order can be told. It is awaited for ninety days; of customers first seen that long ago
    /// in a shorter history than twice as many days, most are old ones whose true first order lies before the facts.
    pub fn knows_first_orders(&self) -> bool {
        self.observed.days() >= 2 * sentences::AWAITED_DAYS as i32
    }

    /// Whether P(alive) means anything.
    pub fn tells_who_left(&self) -> bool {
        self.outlook.as_ref().is_some_and(|outlook| outlook.has_attrition)
    }
}
