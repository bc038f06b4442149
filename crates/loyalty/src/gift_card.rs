//! Gift cards: ledgers of their own, in minor units of money, in double entry and chained like the points.

use crate::judge::{Output, Shared, card_posted};
use crate::ledger::{Account, Cause, Opening, Refused, Start};
use crate::name::Name;
use crate::program::Program;
use domain::Points;
use jiff::Timestamp;

/// The wallet of a gift card's ledger, whose owner is its code.
pub const CARD: &str = "card";

/// Put money on a gift card. A card is a ledger of its own, in minor units.
pub fn load(
    program: &Program,
    shared: &mut Shared,
    code: &Name,
    value_minor: i64,
    id: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let open = || Account::open(program.head.id.as_str(), code.as_str(), CARD);
    let card = shared.cards.entry(code.clone()).or_insert_with(open);
    let opening = Opening { earned_at: now, start: Start::Usable, expires_at: None };
    if let Some(value) = Points::new(value_minor).filter(|value| value.units() > 0) {
        let mut postings = Vec::new();
        let loaded = card.earn(now, value, opening, Cause::new("load", id.as_str()), &mut postings);
        debug_assert!(loaded.is_ok(), "a card holds far less than the ledger can");
        card_posted(code, postings, out);
    }
}

/// Pay with a gift card. The bill's id names the payment, so that it can be given back.
pub fn pay(
    shared: &mut Shared,
    code: &Name,
    amount_minor: i64,
    bill: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> Result<(), Refused> {
    let none = || Refused::InsufficientPoints {
        requested: Points::new(amount_minor).unwrap_or_default(),
        available: Points::ZERO,
    };
    let card = shared.cards.get_mut(code).ok_or_else(none)?;
    let amount = Points::new(amount_minor).ok_or(Refused::NothingToMove)?;
    let mut postings = Vec::new();
    let answer = card.spend(now, amount, Cause::new("bill", bill.as_str()), &mut postings);
    card_posted(code, postings, out);
    answer
}

/// Give part of a payment back to its card.
pub fn refund(
    shared: &mut Shared,
    code: &Name,
    amount_minor: i64,
    bill: &Name,
    now: Timestamp,
    out: &mut Vec<Output>,
) -> Result<(), Refused> {
    let missing = || Refused::BeyondSpent {
        redemption: bill.clone(),
        left: Points::ZERO,
        requested: Points::new(amount_minor).unwrap_or_default(),
    };
    let card = shared.cards.get_mut(code).ok_or_else(missing)?;
    let amount = Points::new(amount_minor).ok_or(Refused::NothingToMove)?;
    let mut postings = Vec::new();
    let answer = card.refund(now, bill, amount, now, &mut postings);
    card_posted(code, postings, out);
    answer
}

/// Take what is left off a card, because what it was given for is given back.
pub(crate) fn empty(shared: &mut Shared, code: &Name, cause: Cause, now: Timestamp, out: &mut Vec<Output>) {
    let Some(card) = shared.cards.get_mut(code) else { return };
    let Some(rest) = Points::new(card.usable()).filter(|rest| rest.units() > 0) else { return };
    let mut postings = Vec::new();
    let taken = card.adjust(now, rest, None, cause, &mut postings);
    debug_assert!(taken.is_ok(), "the rest is there");
    card_posted(code, postings, out);
}
