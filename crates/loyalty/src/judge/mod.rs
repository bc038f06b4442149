//! The judge: one fact against the program and the books, and out comes what follows.
//!
//! [`judge`] changes [`Books`] and writes [`Output`]s; it reads no clock and draws no lots but from the seed it is
//! given. A caller who keeps the books in a database gathers the members a fact touches into a `Books`, judges, and
//! records the outputs. The same fact twice has one effect.

mod order;
mod points;
mod returns;
mod time;
mod update;

use crate::earning::{Budgets, Working};
use crate::fact::{Event, Fact, Order, Return};
use crate::ledger::{Account, Posting};
use crate::member::Member;
use crate::name::Name;
use crate::pairs;
use crate::program::Program;
use crate::reward::Voucher;
use crate::surprise::Drawn;
use crate::tier::Move;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Members and what they share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// Members by id.
    pub members: BTreeMap<Name, Member>,
    /// What they share.
    pub shared: Shared,
}

/// What members share: budgets, stock, bills nobody has claimed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// The seed of codes and surprises.
    pub seed: u64,
    /// Budgets used.
    pub budgets: Budgets,
    /// Whose each order is.
    pub owners: BTreeMap<Name, Name>,
    /// Bills without a member.
    pub anonymous: BTreeMap<Name, (Timestamp, Order)>,
    /// When their source last changed them, where it has said so.
    #[serde(default)]
    pub bills_updated: BTreeMap<Name, Timestamp>,
    /// Returns that came before their order.
    pub early: BTreeMap<Name, Vec<Return>>,
    /// How many of a reward were given.
    pub given: BTreeMap<Name, u32>,
    /// Codes of other companies, by reward; taken from the front.
    pub codes: BTreeMap<Name, Vec<Name>>,
    /// How many codes were made, by reward.
    pub made: BTreeMap<Name, u64>,
    /// Vouchers by code.
    pub vouchers: BTreeMap<Name, Voucher>,
    /// Codes that were used ahead of the order they are on, and how often: it does not use them again.
    #[serde(default)]
    pub used_ahead: BTreeMap<Name, u32>,
    /// Open holds by when they lapse: member and redemption. A caller who keeps members in a database puts them here from
    /// [`crate::redemption::lapses`].
    #[serde(default)]
    pub lapses: BTreeSet<(Timestamp, Name, Name)>,
    /// Gift cards by code: a ledger in minor units of money.
    pub cards: BTreeMap<Name, Account>,
    /// Households that share points.
    pub households: BTreeMap<Name, crate::pool::Household>,
    /// Surprises drawn.
    pub surprises: BTreeMap<Name, Drawn>,
    /// Points spent at a till: till, wallet, first day of the period.
    #[serde(with = "pairs")]
    pub tills: BTreeMap<(Name, usize, Date), i64>,
}

/// What follows from a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Output {
    /// An entry in the ledger.
    Posted {
        /// Whose.
        member: Name,
        /// In which wallet.
        wallet: Name,
        /// The entry.
        posting: Posting,
        /// For points a rule gave: how the number came about.
        #[serde(skip_serializing_if = "Option::is_none")]
        working: Option<Box<Working>>,
    },
    /// A tier was reached, kept or lost.
    Tier {
        /// Whose.
        member: Name,
        /// The ladder.
        ladder: Name,
        /// Before.
        from: Name,
        /// After.
        to: Name,
        /// Why.
        why: Move,
        /// From this day.
        on: Date,
        /// Until this day, unless kept.
        ends_on: Option<Date>,
    },
    /// A tier will be lost.
    WillDowngrade {
        /// Whose.
        member: Name,
        /// The ladder.
        ladder: Name,
        /// The tier.
        tier: Name,
        /// On this day.
        on: Date,
        /// What is missing to keep it, in what the ladder counts.
        missing: i64,
    },
    /// A reward was given.
    Rewarded {
        /// To whom.
        member: Name,
        /// The redemption.
        redemption: Name,
        /// The reward.
        reward: Name,
        /// The code, where there is one.
        code: Option<Name>,
        /// Money off or on the card.
        value_minor: Option<i64>,
        /// The product.
        product: Option<Name>,
    },
    /// A benefit was used, or a use taken back.
    Benefit {
        /// By whom.
        member: Name,
        /// The use.
        id: Name,
        /// The benefit.
        benefit: Name,
        /// How often it can still be used; absent means always, or no more by this member.
        #[serde(skip_serializing_if = "Option::is_none")]
        left: Option<u32>,
        /// The first day of the next period, from which the whole quota is there again.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Date>,
        /// Whether the use was taken back.
        is_undone: bool,
    },
    /// An entry in the ledger of a gift card.
    Card {
        /// Its code.
        card: Name,
        /// The entry, in minor units of money.
        posting: Posting,
    },
    /// A mission was completed, or is not completed any more after a return.
    Mission {
        /// By whom.
        member: Name,
        /// Which.
        mission: Name,
        /// First day of the period that completed it.
        period: Date,
        /// Whether it was taken back.
        is_undone: bool,
    },
    /// A referral moved on.
    Referral {
        /// The friend.
        member: Name,
        /// Who brought the friend.
        referrer: Name,
        /// How it stands.
        state: crate::referral::State,
        /// What raised a flag.
        flags: Vec<Name>,
    },
    /// A surprise was drawn: a gift, or held out.
    Surprise {
        /// Whose.
        member: Name,
        /// Which.
        surprise: Name,
        /// Drawn, and given nothing, so that the others can be compared.
        is_held_out: bool,
    },
    /// The fact was seen before: no effect.
    Repeated {
        /// Its id.
        id: Name,
    },
    /// The fact waits for another.
    Waiting {
        /// Its id.
        id: Name,
        /// What it waits for.
        what: String,
    },
    /// No, and why.
    Refused {
        /// What was asked.
        id: Name,
        /// A word for machines.
        code: Name,
        /// A sentence for people.
        why: String,
    },
}

/// The id under which an order's cancelling is kept among its returns: all that is left comes back.
pub const CANCELLED: &str = "cancelled";

/// Judge one fact.
pub fn judge(program: &Program, books: &mut Books, event: &Event, out: &mut Vec<Output>) {
    let now = event.at;
    match &event.fact {
        Fact::Tick => {
            crate::redemption::lapse(program, books, now, out);
            for member in books.members.values_mut() {
                time::advance(program, member, now, out);
            }
            for (id, household) in &mut books.shared.households {
                let mut postings = Vec::new();
                household.account.advance(now, &mut postings);
                posted(program, id, household.wallet, postings, out);
            }
        }
        Fact::Join(join) => points::join(program, books, now, join, out),
        Fact::Order(order) => order::order(program, books, now, order, out),
        Fact::OrderUpdated { updated_at, order } => {
            update::updated(program, books, now, *updated_at, order, out);
        }
        Fact::OrderCancelled { order } => {
            let back = Return { id: CANCELLED.into(), order: order.clone(), lines: Vec::new() };
            returns::back(program, books, now, &back, out);
        }
        Fact::Claim(claim) => order::claim(program, books, now, claim, out),
        Fact::Event(custom) => order::custom(program, books, now, custom, out),
        Fact::Return(back) => returns::back(program, books, now, back, out),
        Fact::ReturnUndone { id, order } => returns::undone(program, books, now, id, order, out),
        Fact::Redeem(redeem) => crate::redemption::redeem(program, books, now, redeem, false, out),
        Fact::Hold(redeem) => crate::redemption::redeem(program, books, now, redeem, true, out),
        Fact::Capture { member, id } => crate::redemption::capture(program, books, now, member, id, out),
        Fact::Release { member, id } => crate::redemption::release(program, books, now, member, id, out),
        Fact::Refund { member, id } => crate::redemption::refund(program, books, now, member, id, out),
        Fact::Benefit(ask) => crate::benefit::used(program, books, now, ask, out),
        Fact::BenefitUndone { member, id } => {
            crate::benefit::undone(program, books, now, member, id, out);
        }
        Fact::Adjust { member, id, wallet, units } => {
            points::adjust(program, books, now, (member, id, wallet, *units), out)
        }
        Fact::Transfer { member, to, id, wallet, units } => {
            points::transfer(program, books, now, (member, to, id, wallet, *units), out)
        }
        Fact::Pool(ask) => crate::pool::step(program, books, now, ask, out),
        Fact::Merge { member, into } => points::merge(program, books, now, member, into, out),
        Fact::Unmerge { member } => points::unmerge(program, books, now, member, out),
    }
}

/// Post `postings` of a member's wallet as outputs.
pub(crate) fn posted(
    program: &Program,
    member: &Name,
    wallet: usize,
    postings: Vec<Posting>,
    out: &mut Vec<Output>,
) {
    let output = |posting| Output::Posted {
        member: member.clone(),
        wallet: program.wallets[wallet].id.clone(),
        posting,
        working: None,
    };
    out.extend(postings.into_iter().map(output));
}

/// Post `postings` of a gift card as outputs.
pub(crate) fn card_posted(card: &Name, postings: Vec<Posting>, out: &mut Vec<Output>) {
    out.extend(postings.into_iter().map(|posting| Output::Card { card: card.clone(), posting }));
}

pub(crate) fn refused(id: &Name, code: &str, why: impl Into<String>, out: &mut Vec<Output>) {
    out.push(Output::Refused { id: id.clone(), code: code.into(), why: why.into() });
}

/// The member, brought up to `now`; merged members answer as the one they were merged into.
pub(crate) fn present<'a>(
    program: &Program,
    books: &'a mut Books,
    now: Timestamp,
    id: &Name,
    fact: &Name,
    out: &mut Vec<Output>,
) -> Option<&'a mut Member> {
    let id = resolve(books, id);
    let Some(member) = books.members.get_mut(&id) else {
        refused(fact, "unknown_member", format!("'{id}' is not a member: send a join first"), out);
        return None;
    };
    time::advance(program, member, now, out);
    Some(member)
}

pub(crate) fn resolve(books: &Books, id: &Name) -> Name {
    let mut id = id.clone();
    // Merges cannot form a ring: a merged member cannot be merged again before it is parted.
    for _ in 0..64 {
        match books.members.get(&id).and_then(|member| member.merged.as_ref()) {
            Some((into, _)) => id = into.clone(),
            None => break,
        }
    }
    id
}

pub(crate) use order::{give, is_foreign, seen as seen_by_rules, touch};
pub(crate) use returns::take_back;
pub use time::due_at;
pub(crate) use time::{advance, refresh};
