//! The arithmetic behind an award, as data: enough to compute the number again by hand.

use super::basis::Basis;
use super::matching::Occasion;
use crate::name::Name;
use crate::number::{Ratio, Rounding};
use crate::program::{Program, Quantity, Rule};
use serde::{Deserialize, Serialize};

/// Something that made an award smaller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// What: `cap per day`, `budget`.
    pub by: Name,
    /// Smallest units before.
    pub from: i64,
    /// Smallest units after.
    pub to: i64,
}

/// How an award came about. Amounts are minor units, points smallest units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Working {
    /// The rule.
    pub rule: Name,
    /// Its version.
    pub version: Name,
    /// The wallet.
    pub wallet: Name,
    /// The amount that counts.
    pub amount: i64,
    /// The part that did not count because of how it was paid.
    pub unpaid: i64,
    /// Thousandths of units that count.
    pub quantity_milli: i64,
    /// For every so much; 0 where the rule is not by amount.
    pub every: i64,
    /// The rule's points: per step, per unit, a time, or the share of what is multiplied; 0 for bands.
    pub points: Ratio,
    /// Only whole steps count.
    pub whole: bool,
    /// Receipts before this one in the period: their amount, and what it had given.
    pub summed: Option<(i64, i64)>,
    /// What other rules gave and this one multiplies.
    pub multiplied: Option<i64>,
    /// The tier and its factor.
    pub tier: Option<(Name, Ratio)>,
    /// The exact result before rounding.
    pub exact: Ratio,
    /// The wallet's rounding.
    pub rounding: Rounding,
    /// After rounding, less what earlier receipts had given.
    pub rounded: i64,
    /// What was cut off, in order.
    pub cuts: Vec<Cut>,
    /// What was given.
    pub units: i64,
    /// Who pays.
    pub funder: Name,
}

impl Working {
    pub(super) fn new(
        program: &Program,
        rule: &Rule,
        occasion: &Occasion,
        basis: &Basis,
        tier: Option<(Name, Ratio)>,
    ) -> Working {
        let (every, points, whole) = match &rule.quantity {
            Quantity::PerAmount { every, points, whole, .. } => (*every, *points, *whole),
            Quantity::PerUnit(points) => (0, *points, false),
            Quantity::Fixed { points, .. } => {
                (0, Ratio::new(i128::from(*points), 1).unwrap_or(Ratio::ONE), false)
            }
            Quantity::Multiply { extra, .. } => (0, *extra, false),
            Quantity::Bands(_) => (0, Ratio::new(0, 1).unwrap_or(Ratio::ONE), false),
        };
        Working {
            rule: rule.spec.id.clone(),
            version: rule.version.clone(),
            wallet: rule.spec.wallet.clone(),
            amount: if occasion.order().is_some() { basis.total() } else { 0 },
            unpaid: basis.unpaid,
            quantity_milli: basis.quantity_milli,
            every,
            points,
            whole,
            summed: None,
            multiplied: None,
            tier,
            exact: Ratio::ONE,
            rounding: program.wallets[rule.wallet].rounding,
            rounded: 0,
            cuts: Vec::new(),
            units: 0,
            funder: rule.spec.funder.clone(),
        }
    }

    /// The number computed again from the parts written down here; equals `units`, which a test checks on random
    /// programs.
    pub fn recompute(&self) -> Option<i64> {
        let given = self.summed.map_or(0, |(_, given)| given);
        let rounded = (self.exact.round(self.rounding)? - given).max(0);
        let mut left = rounded;
        for cut in &self.cuts {
            if cut.from != left || cut.to > left {
                return None;
            }
            left = cut.to;
        }
        Some(left)
    }
}
