//! A member of a program: accounts, orders that may still come back, standing, counts. Plain data that a store can
//! keep as a projection and rebuild from the facts.

use crate::benefit::Uses;
use crate::earning::{Tallies, Working};
use crate::ledger::{Account, LotId};
use crate::mission::Progress;
use crate::name::Name;
use crate::program::Program;
use crate::reward::Held;
use crate::tier::Standing;
use crate::time::MonthDay;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A member of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub id: Name,
    /// When the member joined.
    pub joined_at: Timestamp,
    /// The day of joining in the program's zone.
    pub joined_on: Date,
    /// Birthday.
    pub birthday: Option<MonthDay>,
    /// Segments.
    pub segments: BTreeSet<Name>,
    /// What this member might share with another: devices, cards, addresses.
    pub marks: BTreeSet<Name>,
    /// One account per wallet, in the program's order.
    pub accounts: Vec<Account>,
    /// Orders, for what may still come back.
    pub orders: BTreeMap<Name, OrderRecord>,
    /// One standing per ladder, in the program's order.
    pub standings: Vec<Standing>,
    /// What was given, for caps.
    pub tallies: Tallies,
    /// Events that were seen, so that a repeat has no effect.
    pub events: BTreeSet<Name>,
    /// Orders so far.
    pub orders_count: i64,
    /// The last activity.
    pub active_at: Timestamp,
    /// The month in which activity last extended a wallet's points.
    pub extended: BTreeMap<usize, Date>,
    /// Everything due by then was done.
    pub advanced_to: Timestamp,
    /// Redemptions that may still be captured, released or refunded.
    pub redemptions: BTreeMap<Name, Held>,
    /// Missions by id.
    pub missions: BTreeMap<Name, Progress>,
    /// Uses of benefits by id.
    #[serde(default)]
    pub benefits_used: Uses,
    /// Where the member went, after a merge: the other member and the lots that moved, per wallet.
    pub merged: Option<(Name, Vec<Vec<LotId>>)>,
    /// After a merge: what those lots were here, per wallet and in the same order. A member that was merged into this
    /// one before finds its points by them when this one is parted again.
    #[serde(default)]
    pub merged_from: Vec<Vec<LotId>>,
    /// Who brought this member, and how that stands.
    pub referral: Option<crate::referral::Brought>,
}

/// An order as far as a return needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRecord {
    /// When it was bought.
    pub ordered_at: Timestamp,
    /// The day in the program's zone.
    pub day: Date,
    /// In a currency that is not the program's: its amounts count for the rules of that currency and nowhere else.
    #[serde(default)]
    pub is_foreign: bool,
    /// Its lines, then shipping.
    pub lines: Vec<LineRecord>,
    /// What was earned.
    pub awards: Vec<AwardRecord>,
    /// Points it was paid with: redemption, wallet, and how much of it counts as returned.
    pub spent: Vec<SpentRecord>,
    /// Gift cards it was paid with.
    pub cards: Vec<CardRecord>,
    /// Vouchers it used up.
    #[serde(default)]
    pub vouchers: Vec<VoucherRecord>,
    /// What counted on each ladder: at first, and now.
    pub counted: Vec<(i64, i64)>,
    /// What rules that sum over receipts counted: rule, first day of the period, amount, and how much came off again.
    pub summed: Vec<(Name, Date, i64, i64)>,
    /// Returns by id: what came back by line.
    pub returns: BTreeMap<Name, ReturnRecord>,
    /// When its source last changed it, where it has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// How many orders the member had before it, so that it is rated again as at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders_before: Option<i64>,
}

impl OrderRecord {
    /// Minor units that came back, and those of the whole bill.
    pub fn money_back(&self) -> (i64, i64) {
        let back = self.lines.iter().map(LineRecord::returned_minor).sum();
        (back, self.lines.iter().map(|line| line.paid_minor).sum())
    }

    /// Whether all goods came back.
    pub fn is_back(&self) -> bool {
        let mut goods = self.lines.iter().filter(|line| line.id != "");
        goods.all(|line| line.returned().0 >= line.returned().1)
    }
}

/// A line of an order: how much of it there was and how much came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRecord {
    /// Its id; empty for shipping.
    pub id: Name,
    /// Thousandths of a unit.
    pub quantity_milli: i64,
    /// Minor units paid.
    pub paid_minor: i64,
    /// Thousandths that came back.
    pub returned_milli: i64,
    /// Minor units given back without goods.
    pub refunded_minor: i64,
}

impl LineRecord {
    /// How much of the line came back, as part and whole in one measure: money where there is money.
    pub fn returned(&self) -> (i64, i64) {
        if self.quantity_milli > 0 && self.returned_milli >= self.quantity_milli {
            return (1, 1);
        }
        if self.paid_minor > 0 {
            let goods =
                crate::number::share(self.paid_minor, self.returned_milli, self.quantity_milli.max(1));
            return (goods.saturating_add(self.refunded_minor).min(self.paid_minor), self.paid_minor);
        }
        (self.returned_milli, self.quantity_milli.max(1))
    }

    /// Minor units of the line that came back.
    pub fn returned_minor(&self) -> i64 {
        let (part, whole) = self.returned();
        if whole == self.paid_minor { part } else { crate::number::share(self.paid_minor, part, whole) }
    }
}

/// Points an order earned under one rule, and how much of them a return took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwardRecord {
    /// Place of the wallet.
    pub wallet: usize,
    /// The lot.
    pub lot: LotId,
    /// The rule.
    pub rule: Name,
    /// Smallest units by line.
    pub per_line: Vec<i64>,
    /// How many a return has called for.
    pub clawed: i64,
    /// How many of those the policy let go.
    pub forgone: i64,
    /// How the number came about.
    pub working: Working,
}

/// Points an order was paid with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpentRecord {
    /// The redemption.
    pub redemption: Name,
    /// Place of the wallet.
    pub wallet: usize,
    /// Smallest units the order was paid with.
    pub units: i64,
    /// Smallest units given back so far.
    pub refunded: i64,
}

/// A gift card an order was paid with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardRecord {
    /// The card.
    pub code: Name,
    /// The id of the payment.
    pub payment: Name,
    /// Minor units.
    pub amount_minor: i64,
    /// Minor units given back so far.
    pub refunded_minor: i64,
}

/// A voucher an order used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherRecord {
    /// Its code.
    pub code: Name,
    /// Whether its use was given back, because the whole order came back.
    pub is_back: bool,
}

/// What one return brought back, by line: thousandths and minor units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnRecord {
    /// By line: thousandths of a unit, minor units.
    pub lines: Vec<(i64, i64)>,
    /// Whether it was taken back.
    pub is_undone: bool,
}

impl Member {
    /// A new member.
    pub fn new(program: &Program, id: &Name, joined_at: Timestamp) -> Member {
        let joined_on = program.day(joined_at);
        let open = |wallet: &crate::program::spec::Wallet| {
            Account::open(program.head.id.as_str(), id.as_str(), wallet.id.as_str())
        };
        let first =
            crate::tier::Step { day: joined_on, level: 0, ends_on: None, why: crate::tier::Move::Joined };
        Member {
            id: id.clone(),
            joined_at,
            joined_on,
            birthday: None,
            segments: BTreeSet::new(),
            marks: BTreeSet::new(),
            accounts: program.wallets.iter().map(open).collect(),
            orders: BTreeMap::new(),
            standings: program
                .ladders
                .iter()
                .map(|_| Standing { steps: vec![first], ..Standing::default() })
                .collect(),
            tallies: Tallies::default(),
            events: BTreeSet::new(),
            orders_count: 0,
            active_at: joined_at,
            extended: BTreeMap::new(),
            advanced_to: joined_at,
            redemptions: BTreeMap::new(),
            missions: BTreeMap::new(),
            benefits_used: BTreeMap::new(),
            merged: None,
            merged_from: Vec::new(),
            referral: None,
        }
    }

    /// Forget lots that are spent and that nothing here points to: see [`Account::forget_spent`].
    pub fn forget_spent(&mut self) {
        for wallet in 0..self.accounts.len() {
            let asked_for = self.gifts(wallet);
            self.accounts[wallet].forget_spent(&asked_for);
        }
    }

    /// Lots that tiers and missions gave in a wallet: they are taken back where they were given too early.
    pub fn gifts(&self, wallet: usize) -> BTreeSet<LotId> {
        let of_tiers = self.standings.iter().flat_map(|standing| standing.bonuses.values().copied());
        let of_missions =
            self.missions.values().flat_map(|progress| progress.given.values().copied().flatten());
        of_tiers.chain(of_missions).filter(|(place, _)| *place == wallet).map(|(_, lot)| lot).collect()
    }

    /// The member's tiers on a day, one per ladder.
    pub fn tiers_on<'a>(&self, program: &'a Program, day: Date) -> Vec<&'a Name> {
        let on = |(ladder, standing): (&'a crate::program::spec::Ladder, &Standing)| {
            ladder.tier.get(standing.level_on(day)).map(|tier| &tier.id)
        };
        program.ladders.iter().zip(&self.standings).filter_map(on).collect()
    }
}
