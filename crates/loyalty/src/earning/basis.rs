//! What of an order counts for a rule, line by line, in minor units.

use super::matching::Occasion;
use crate::number::split;
use crate::program::spec::{Counts, Side};
use crate::program::{Quantity, Rule};

/// What counts. The last place of each list is shipping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Minor units that count, by line.
    pub amounts: Vec<i64>,
    /// Whether the line counts at all.
    pub counts: Vec<bool>,
    /// How points are shared out over lines.
    pub weights: Vec<i64>,
    /// Thousandths of units on lines that count.
    pub quantity_milli: i64,
    /// What was not counted because of how it was paid.
    pub unpaid: i64,
}

impl Basis {
    /// All that counts; saturates.
    pub fn total(&self) -> i64 {
        self.amounts.iter().fold(0i64, |sum, amount| sum.saturating_add(*amount))
    }
}

/// The basis of a rule on an occasion; `None` where no line of the order counts: a visit on which nothing was bought that
/// counts is none.
pub(super) fn basis(rule: &Rule, occasion: &Occasion) -> Option<Basis> {
    let Some(order) = occasion.order() else {
        return Some(Basis {
            amounts: vec![],
            counts: vec![],
            weights: vec![],
            quantity_milli: 0,
            unpaid: 0,
        });
    };
    let spec = &rule.spec.basis;
    let mut facts = occasion.facts();
    let mut amounts = Vec::with_capacity(order.lines.len() + 1);
    let mut counts = Vec::with_capacity(order.lines.len() + 1);
    for line in &order.lines {
        facts.line = Some(line);
        let counted = !spec.exclude_categories.contains(&line.category)
            && !spec.exclude_products.contains(&line.product)
            && rule.lines.as_ref().is_none_or(|lines| lines.holds(&facts));
        let value = match spec.discount {
            Side::After => line.paid_minor(),
            Side::Before => line.gross_minor,
        };
        let tax = if spec.tax == Counts::Excluded { line.tax_minor } else { 0 };
        amounts.push(if counted { value.saturating_sub(tax).max(0) } else { 0 });
        counts.push(counted);
    }
    let shipping = spec.shipping == Counts::Included;
    let is_shipping_all = rule.lines.is_none() && shipping && order.shipping_minor > 0;
    if !counts.contains(&true) && !is_shipping_all {
        return None;
    }
    amounts.push(if shipping { order.shipping_minor.max(0) } else { 0 });
    counts.push(shipping);

    let outside = |kind: &str| spec.exclude_tenders.iter().any(|tender| tender == kind);
    let points = |kind: &str| spec.points_paid == Counts::Excluded && kind == "points";
    let unpaid = order
        .tenders
        .iter()
        .filter(|tender| outside(tender.kind.as_str()) || points(tender.kind.as_str()))
        .fold(0i64, |sum, tender| sum.saturating_add(tender.amount_minor.max(0)));
    if unpaid > 0 {
        // The part paid otherwise is spread over all lines as they were paid, counted or not.
        let mut paid: Vec<i64> = order.lines.iter().map(|line| line.paid_minor().max(0)).collect();
        paid.push(order.shipping_minor.max(0));
        let bill = paid.iter().fold(0i64, |sum, part| sum.saturating_add(*part));
        for (amount, part) in amounts.iter_mut().zip(split(unpaid.min(bill), &paid)) {
            *amount = (*amount - part).max(0);
        }
    }
    let units = |place: usize| order.lines.get(place).map_or(0, |line| line.quantity_milli.max(0));
    let quantity = |place: usize| if counts[place] { units(place) } else { 0 };
    let by_unit = matches!(rule.quantity, Quantity::PerUnit(_));
    let quantities: Vec<i64> = (0..counts.len()).map(quantity).collect();
    let quantity_milli = quantities.iter().fold(0i64, |sum, part| sum.saturating_add(*part));
    let weights = if by_unit { quantities } else { amounts.clone() };
    Some(Basis { amounts, counts, weights, quantity_milli, unpaid })
}
