//! Who gets which offer when money and slots are short.
//!
//! Every customer gets one offer or none, every offer has a value (a float: it is an estimate) and uses of
//! one or more limits (integers: a budget in minor units, contact slots), and the limits must hold. That is
//! the multiple-choice knapsack. Its linear relaxation is solved exactly: for one limit by the upper hull of
//! each customer's offers (Sinha and Zoltners 1979, Operations Research 27:503) and one price for the whole
//! base; for several by generating cuts of the dual (Kelley 1960; Dantzig and Wolfe 1960). The relaxation
//! splits at most one customer per limit, so whole offers lose next to nothing, and what they lose is
//! reported as [`Plan::gap`].
//!
//! The result is a price per limit. At these prices each customer can be decided alone, in a batch or one at
//! a time, by the same [`choose`]: the offer with the largest `value − Σ price × use`, if that is above zero.
//! Doing nothing is always possible, is worth 0 and uses nothing. Values and uses may be negative. Everything
//! is worked out in passes over the customers, with memory that does not grow with their number, so [`plan`]
//! takes more of them than fit into memory; [`allocate`] is the same for a table in memory.

mod hull;
mod master;
mod offers;
mod one;
mod repair;
mod search;
mod several;

pub use offers::{Customer, Offers, Pass, Refused};
pub use search::choose;

use offers::Totals;
use search::{Taste, best};
use serde::Serialize;
use std::collections::BTreeMap;

/// What an allocation must keep to.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Most that may be used of each limit, in the order of the uses of an offer; `i64::MAX` is no limit.
    pub limits: Vec<i64>,
    /// Least return per unit of the first limit: Σ value ≥ `roi_floor` × Σ use. Above 0.
    pub roi_floor: Option<f64>,
}

impl Rules {
    /// One budget and nothing else.
    pub fn budget(budget: i64) -> Rules {
        Rules { limits: vec![budget], roi_floor: None }
    }

    pub(crate) fn are_kept(&self, totals: &Totals) -> bool {
        let within = totals.uses.iter().zip(&self.limits).all(|(used, limit)| *used <= i128::from(*limit));
        within && self.roi_floor.is_none_or(|floor| totals.surplus(floor) >= 0.0)
    }
}

/// The one customer at the margin of a single budget, whom the relaxation would give part of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fractional {
    /// Index of the customer.
    pub customer: u64,
    /// The cheaper offer, if any.
    pub from: Option<u32>,
    /// The dearer one.
    pub to: Option<u32>,
    /// Share of the step between them that the budget still pays for, 0 to below 1.
    pub share: f64,
}

/// One part of a mixture of allocations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Blend {
    /// Share of the customers decided at these prices, 0 to 1.
    pub share: f64,
    /// The prices; `None` where these customers get nothing.
    pub prices: Option<Vec<f64>>,
}

/// Prices, and the totals of the whole-offer allocation they lead to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// Price of one unit of each limit, in units of value; 0 where the limit does not bind. An ROI floor is
    /// part of the price of the first limit.
    pub prices: Vec<f64>,
    /// Value of the linear relaxation: no allocation can be worth more.
    pub bound: f64,
    /// Value of the allocation.
    pub value: f64,
    /// What the allocation uses of each limit; never above it, not by one unit.
    pub uses: Vec<i128>,
    /// How many customers there are.
    pub customers: u64,
    /// How many of them get an offer.
    pub served: u64,
    /// The customer at the margin (one limit only; none where the limit is met exactly or does not bind).
    pub fractional: Option<Fractional>,
    /// Several limits: the prices whose allocations are mixed, so that the mixture meets the limits. They
    /// differ so little that only customers torn between two offers are decided differently. Empty for one
    /// limit.
    pub blend: Vec<Blend>,
    /// Between equally good offers customers below this index get the dearer one, the others the cheaper.
    pub dearer_below: u64,
    /// Customers decided otherwise than the prices say, to fill the limits to the last unit.
    pub exceptions: BTreeMap<u64, Option<u32>>,
    /// Passes over the customers.
    pub passes: u32,
}

impl Plan {
    /// What the allocation leaves on the table at most, as a share of the bound; 0 or more.
    pub fn gap(&self) -> f64 {
        let missing = (self.bound - self.value).max(0.0);
        if missing == 0.0 { 0.0 } else { missing / self.bound.abs().max(self.value.abs()) }
    }

    /// The offer of the customer with this index, `None` for doing nothing.
    pub fn choice(&self, index: u64, customer: &Customer<'_>) -> Option<u32> {
        if let Some(decided) = self.exceptions.get(&index) {
            return *decided;
        }
        let taste = if index < self.dearer_below { Taste::Dearer } else { Taste::Cheaper };
        best(self.prices_at(index)?, customer, taste).offer
    }

    /// The part of the mixture that a customer falls into: multiples of the golden ratio spread evenly over
    /// the shares, also within any stretch of customers.
    fn prices_at(&self, index: u64) -> Option<&[f64]> {
        let place = index.wrapping_mul(0x9E37_79B9_7F4A_7C15) as f64 / (u64::MAX as f64 + 1.0);
        let mut below = 0.0;
        for part in &self.blend {
            below += part.share;
            if place < below {
                return part.prices.as_deref();
            }
        }
        Some(&self.prices)
    }
}

/// A plan with the offer of every customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Allocation {
    /// Prices and totals.
    pub plan: Plan,
    /// The offer of each customer, counted from 0 within the customer's own; `None` for doing nothing.
    pub chosen: Vec<Option<u32>>,
}

/// Allocates the offers of a table in memory.
///
/// # Errors
/// [`Refused`] where the rules do not fit the table or no allocation keeps them.
pub fn allocate(offers: &Offers, rules: &Rules) -> Result<Allocation, Refused> {
    let plan = plan(&mut |each| offers.visit(each), rules, None)?;
    let mut chosen = Vec::with_capacity(offers.len());
    offers.visit(&mut |customer| chosen.push(plan.choice(chosen.len() as u64, &customer)));
    Ok(Allocation { plan, chosen })
}

/// Prices of the limits for customers that need not fit into memory: `pass` is called several times (about
/// five for one limit, some dozens for several) and must present the same customers in the same order each
/// time.
///
/// `start` are prices to begin the search from, such as yesterday's; they change the time taken and not the
/// optimum. [`Plan::choice`] then decides each customer.
///
/// # Errors
/// [`Refused`] where a customer or a rule cannot be used, where no allocation keeps the rules, or where two
/// passes differed.
pub fn plan(pass: &mut Pass<'_>, rules: &Rules, start: Option<&[f64]>) -> Result<Plan, Refused> {
    let mut source = offers::Source::new(pass, rules, start)?;
    let solved = match rules.limits.len() {
        1 => one::solve(&mut source, rules)?,
        _ => several::solve(&mut source, rules, start)?,
    };
    repair::finish(&mut source, rules, solved)
}

/// The optimum of the relaxation.
pub(crate) struct Solved {
    pub prices: Vec<f64>,
    pub bound: f64,
    /// Value of one unit of net value at the optimum: 1 + the multiplier of the ROI floor.
    pub weight: f64,
    /// The mixture of allocations that meets several limits.
    pub blend: Vec<Blend>,
    /// Totals of everybody's best offers, where they are known.
    pub totals: Option<Totals>,
}
