//! The account: the fold of its postings, and what time alone does to it.

use super::chain::{genesis, hash};
use super::lots::Lots;
use super::{Cause, Hash, Line, LotId, Posted, Posting, Pot, Start, Terms, Totals};
use crate::name::Name;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Points earned together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// When they were earned, by the fact's own time.
    pub earned_at: Timestamp,
    /// When they become usable.
    pub start: Start,
    /// When they stop being usable, exclusive; absent means never.
    pub expires_at: Option<Timestamp>,
    /// How many were posted to the lot when it was opened.
    pub amount: i64,
    /// How many are left.
    pub left: i64,
    /// Why they were earned.
    pub cause: Cause,
    /// The lot these points belonged to before they were given back.
    pub origin: Option<LotId>,
}

/// Points set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// When it lapses by itself.
    pub expires_at: Timestamp,
    /// From which lots, in the order they were taken.
    pub parts: Vec<(LotId, i64)>,
    /// What for.
    pub cause: Cause,
}

/// What a redemption took, and how much of it came back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// From which lots, in the order they were taken; what is given back is taken off again.
    pub parts: Vec<(LotId, i64)>,
    /// How many were spent at first.
    pub amount: i64,
    /// How many have come back.
    pub refunded: i64,
}

/// One member's points in one wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub(super) lots: Lots,
    pub(super) holds: BTreeMap<Name, Hold>,
    /// Redemptions that still have points to give back, by their cause's id.
    pub(super) spent: BTreeMap<Name, Spent>,
    pub(super) owed: i64,
    pub(super) totals: Totals,
    /// Usable lots with points, in spend order: earliest expiry (never is last), then earned at, then number.
    usable: BTreeSet<(Expiry, Timestamp, LotId)>,
    /// Pending lots that time alone will move: activation or cancellation.
    waiting: BTreeSet<(Timestamp, LotId)>,
    pub(super) at: Timestamp,
    pub(super) postings: u64,
    pub(super) hash: Hash,
}

/// An expiry that sorts "never" last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Expiry {
    At(Timestamp),
    Never,
}

/// Something that time alone will do.
enum Due {
    Lapse(Name),
    Begin(LotId),
    Expire(LotId),
}

impl Account {
    /// An empty account.
    pub fn open(program: &str, member: &str, wallet: &str) -> Account {
        Account {
            lots: Lots::default(),
            holds: BTreeMap::new(),
            spent: BTreeMap::new(),
            owed: 0,
            totals: Totals::default(),
            usable: BTreeSet::new(),
            waiting: BTreeSet::new(),
            at: Timestamp::MIN,
            postings: 0,
            hash: genesis(program, member, wallet),
        }
    }

    /// How many lots were ever opened; their numbers are below that.
    pub fn opened(&self) -> u32 {
        self.lots.opened() as u32
    }

    /// Lots by number, spent ones among them as far as they are not forgotten.
    pub fn lots(&self) -> impl Iterator<Item = (LotId, &Lot)> {
        self.lots.iter()
    }

    /// A lot by its number; none where there was never one.
    ///
    /// # Panics
    /// Where it is forgotten: see [`Account::forget_spent`].
    pub fn lot(&self, lot: LotId) -> Option<&Lot> {
        self.lots.get(lot)
    }

    /// A lot by its number, as far as it is not forgotten.
    pub fn find_lot(&self, lot: LotId) -> Option<&Lot> {
        self.lots.find(lot)
    }

    /// Whether it has all that its postings tell.
    pub fn is_whole(&self) -> bool {
        self.lots.is_whole()
    }

    /// Forget what only those ask for who look back: lots with nothing left, but for those `asked_for`, and what
    /// redemptions took. It goes on earning and spending as before, and however long its chain, it stays as large as
    /// what is in it. To give back, to take back or to merge, replay its postings first: that is the whole account.
    pub fn forget_spent(&mut self, asked_for: &BTreeSet<LotId>) {
        let holds = &self.holds;
        let held: BTreeSet<LotId> =
            holds.values().flat_map(|hold| hold.parts.iter().map(|(lot, _)| *lot)).collect();
        self.lots.retain(|id, lot| lot.left > 0 || held.contains(&id) || asked_for.contains(&id));
        if !self.lots.is_whole() {
            self.spent.retain(|id, _| holds.contains_key(id));
        }
    }

    /// Open holds by id.
    pub fn holds(&self) -> &BTreeMap<Name, Hold> {
        &self.holds
    }

    /// The redemption of that id, where points of it can still come back.
    pub fn spent(&self, redemption: &str) -> Option<&Spent> {
        self.spent.get(redemption)
    }

    /// How many postings there are.
    pub fn postings(&self) -> u64 {
        self.postings
    }

    /// The hash of the last posting.
    pub fn head(&self) -> Hash {
        self.hash
    }

    /// When the last posting took effect.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// What the member owes, zero or more.
    pub fn owed(&self) -> i64 {
        -self.owed
    }

    /// Points usable at the account's own time.
    pub fn usable(&self) -> i64 {
        self.usable.iter().map(|&(_, _, lot)| self.lots[lot].left).sum()
    }

    /// Usable lots in spend order.
    pub(super) fn usable_lots(&self) -> impl Iterator<Item = LotId> + '_ {
        self.usable.iter().map(|&(_, _, lot)| lot)
    }

    /// Lots that have points, usable or pending, by number.
    pub fn live_lots(&self) -> impl Iterator<Item = LotId> + '_ {
        self.lots.iter().filter(|(_, lot)| lot.left > 0).map(|(id, _)| id)
    }

    /// Post everything that was due up to and including `to`, each at its own instant.
    pub fn advance(&mut self, to: Timestamp, out: &mut Vec<Posting>) {
        while let Some((at, due)) = self.next_due().filter(|(at, _)| *at <= to) {
            match due {
                Due::Lapse(hold) => self.lapse(at, &hold, out),
                Due::Begin(lot) => self.begin(at, lot, out),
                Due::Expire(lot) => self.expire(at, lot, out),
            }
        }
    }

    /// When time alone will next change the account, if ever.
    pub fn next_due_at(&self) -> Option<Timestamp> {
        self.next_due().map(|(at, _)| at)
    }

    // At one instant holds lapse first, then pending points begin, then lots expire: points that come back or begin
    // at the instant their lot ends are gone with it.
    fn next_due(&self) -> Option<(Timestamp, Due)> {
        let lapse = self.holds.iter().map(|(id, hold)| (hold.expires_at, id)).min();
        let begin = self.waiting.first().copied();
        let expire = match self.usable.first() {
            Some(&(Expiry::At(at), _, lot)) => Some((at, lot)),
            _ => None,
        };
        let lapse = lapse.map(|(at, id)| (at, 0, Due::Lapse(id.clone())));
        let begin = begin.map(|(at, lot)| (at, 1, Due::Begin(lot)));
        let expire = expire.map(|(at, lot)| (at, 2, Due::Expire(lot)));
        let first = [lapse, begin, expire].into_iter().flatten().min_by_key(|(at, rank, _)| (*at, *rank))?;
        Some((first.0.max(self.at), first.2))
    }

    fn lapse(&mut self, at: Timestamp, id: &Name, out: &mut Vec<Posting>) {
        let hold = &self.holds[id];
        let cause = Cause::new("time", id.as_str());
        let mut lines: Vec<Line> = hold.parts.iter().map(|&(lot, amount)| lot_line(lot, amount)).collect();
        lines.push(Line { pot: Pot::Held(id.clone()), amount: -sum(&lines) });
        self.post(at, Posted::Release, cause, lines, Vec::new(), out);
        self.settle_debt(at, out);
    }

    fn begin(&mut self, at: Timestamp, id: LotId, out: &mut Vec<Posting>) {
        let lot = &self.lots[id];
        let cause = lot.cause.clone();
        if matches!(lot.start, Start::On { .. }) {
            let lines = vec![lot_line(id, -lot.left), Line { pot: Pot::Cancelled, amount: lot.left }];
            self.post(at, Posted::Cancel, cause, lines, Vec::new(), out);
        } else {
            let terms = vec![Terms::Dates { lot: id, start: Start::Usable, expires_at: lot.expires_at }];
            self.post(at, Posted::Activate, cause, Vec::new(), terms, out);
            self.settle_debt(at, out);
        }
    }

    fn expire(&mut self, at: Timestamp, id: LotId, out: &mut Vec<Posting>) {
        let lot = &self.lots[id];
        let cause = lot.cause.clone();
        let lines = vec![lot_line(id, -lot.left), Line { pot: Pot::Expired, amount: lot.left }];
        self.post(at, Posted::Expire, cause, lines, Vec::new(), out);
    }

    /// Let usable points pay what is owed, as a posting of its own.
    pub(super) fn settle_debt(&mut self, at: Timestamp, out: &mut Vec<Posting>) {
        let mut debt = -self.owed;
        if debt == 0 {
            return;
        }
        let mut lines = Vec::new();
        for lot in self.usable_lots() {
            if self.lots[lot].expires_at.is_some_and(|end| end <= at) {
                continue;
            }
            let take = debt.min(self.lots[lot].left);
            lines.push(lot_line(lot, -take));
            debt -= take;
            if debt == 0 {
                break;
            }
        }
        let paid = -sum(&lines);
        if paid > 0 {
            lines.push(Line { pot: Pot::Owed, amount: paid });
            self.post(at, Posted::Repay, Cause::new("time", "debt"), lines, Vec::new(), out);
        }
    }

    /// Make a posting, apply it and hand it out. The caller has judged it.
    pub(super) fn post(
        &mut self,
        at: Timestamp,
        kind: Posted,
        cause: Cause,
        lines: Vec<Line>,
        terms: Vec<Terms>,
        out: &mut Vec<Posting>,
    ) {
        let mut posting = Posting { number: self.postings, at, kind, cause, lines, terms, hash: self.hash };
        posting.hash = hash(self.hash, &posting);
        debug_assert_eq!(sum(&posting.lines), 0, "{posting:?}");
        self.apply(&posting);
        out.push(posting);
    }

    /// Fold one posting into the account. Postings come in order and are trusted: [`super::verify`] is for those that
    /// are not.
    pub fn apply(&mut self, posting: &Posting) {
        if let Err(what) = self.fold(posting) {
            panic!("posting {} cannot be: {what}; run verify on this account", posting.number);
        }
    }

    /// As [`Account::apply`], with a sentence instead of a panic, and checks that only a stranger's chain needs.
    pub(super) fn check_and_apply(&mut self, posting: &Posting) -> Result<(), String> {
        for line in &posting.lines {
            let Pot::Lot(id) = line.pot else { continue };
            let Some(lot) = self.lot(id) else { continue };
            let gone = lot.expires_at.is_some_and(|end| end <= posting.at);
            let spends = matches!(posting.kind, Posted::Spend | Posted::Hold | Posted::TransferOut);
            if line.amount < 0 && spends && (gone || lot.start != Start::Usable) {
                return Err(format!("spends lot {}, which is expired or pending", id.0));
            }
        }
        self.fold(posting)
    }

    fn fold(&mut self, posting: &Posting) -> Result<(), String> {
        for terms in &posting.terms {
            match terms {
                Terms::Lot { earned_at, start, expires_at, origin } => {
                    let number = u32::try_from(self.lots.opened()).map_err(|_| "too many lots".to_owned())?;
                    let pot = Pot::Lot(LotId(number));
                    self.lots.push(Lot {
                        earned_at: *earned_at,
                        start: start.clone(),
                        expires_at: *expires_at,
                        amount: posting.on(&pot),
                        left: 0,
                        cause: posting.cause.clone(),
                        origin: *origin,
                    });
                }
                Terms::Dates { lot, start, expires_at } => {
                    self.lot(*lot).ok_or_else(|| format!("names lot {}, which does not exist", lot.0))?;
                    self.unlist(*lot);
                    let changed = &mut self.lots[*lot];
                    changed.start = start.clone();
                    changed.expires_at = *expires_at;
                    self.list(*lot);
                }
                Terms::Hold { hold, expires_at } => {
                    let parts = taken_from_lots(&posting.lines);
                    let hold_row = Hold { expires_at: *expires_at, parts, cause: posting.cause.clone() };
                    self.holds.insert(hold.clone(), hold_row);
                }
            }
        }
        for line in &posting.lines {
            match &line.pot {
                Pot::Lot(id) => self.change_lot(*id, line.amount)?,
                Pot::Held(id) => self.change_hold(id, posting)?,
                Pot::Owed => {
                    self.owed = self.owed.checked_add(line.amount).ok_or("the debt is too large")?;
                    if self.owed > 0 {
                        return Err("pays more than is owed".to_owned());
                    }
                }
                _ => {}
            }
        }
        self.note_spending(posting);
        self.totals.add(posting);
        self.at = posting.at;
        self.postings = posting.number + 1;
        self.hash = posting.hash;
        Ok(())
    }

    fn change_lot(&mut self, id: LotId, amount: i64) -> Result<(), String> {
        let left = self.lot(id).ok_or_else(|| format!("names lot {}, which does not exist", id.0))?.left;
        let left = left.checked_add(amount).ok_or_else(|| format!("lot {} holds too much", id.0))?;
        if left < 0 {
            return Err(format!("takes {} from lot {}, which holds {}", -amount, id.0, left - amount));
        }
        // A lot is listed exactly while it has points: only the first in and the last out change the lists.
        if left == 0 {
            self.unlist(id);
        }
        let was_empty = left == amount;
        self.lots[id].left = left;
        if was_empty {
            self.list(id);
        }
        Ok(())
    }

    fn change_hold(&mut self, id: &Name, posting: &Posting) -> Result<(), String> {
        if !self.holds.contains_key(id) {
            return Err(format!("names hold {id}, which does not exist"));
        }
        if posting.kind != Posted::Hold {
            self.holds.remove(id);
        }
        Ok(())
    }

    // Which lots a redemption used is kept, so that what is given back finds its way home.
    fn note_spending(&mut self, posting: &Posting) {
        let id = &posting.cause.id;
        match posting.kind {
            Posted::Spend => {
                let spent = self.spent.entry(id.clone()).or_default();
                spent.parts.extend(taken_from_lots(&posting.lines));
                spent.amount += posting.on(&Pot::Redeemed);
            }
            Posted::Capture => {
                // The lines of a capture give the unused rest back to the lots; the hold's parts were noted before.
                let spent = self.spent.entry(id.clone()).or_default();
                spent.amount += posting.on(&Pot::Redeemed);
            }
            Posted::Hold => {
                let spent = self.spent.entry(id.clone()).or_default();
                spent.parts.extend(taken_from_lots(&posting.lines));
            }
            Posted::Refund => {
                let back = -posting.on(&Pot::Redeemed);
                if let Some(spent) = self.spent.get_mut(id) {
                    spent.refunded += back;
                    take_last(&mut spent.parts, back);
                    if spent.parts.is_empty() {
                        self.spent.remove(id);
                    }
                }
                return;
            }
            Posted::Release => {
                self.spent.remove(id);
                return;
            }
            _ => return,
        }
        if posting.kind == Posted::Capture {
            let rest: i64 =
                posting.lines.iter().filter(|l| matches!(l.pot, Pot::Lot(_))).map(|l| l.amount).sum();
            if let Some(spent) = self.spent.get_mut(id) {
                take_last(&mut spent.parts, rest);
            }
        }
    }

    fn unlist(&mut self, id: LotId) {
        let lot = &self.lots[id];
        self.usable.remove(&(expiry(lot), lot.earned_at, id));
        if let Some(at) = waits_until(lot) {
            self.waiting.remove(&(at, id));
        }
    }

    fn list(&mut self, id: LotId) {
        let lot = &self.lots[id];
        if lot.left == 0 {
            return;
        }
        if lot.start == Start::Usable {
            self.usable.insert((expiry(lot), lot.earned_at, id));
        } else if let Some(at) = waits_until(lot) {
            self.waiting.insert((at, id));
        }
    }
}

fn expiry(lot: &Lot) -> Expiry {
    lot.expires_at.map_or(Expiry::Never, Expiry::At)
}

fn waits_until(lot: &Lot) -> Option<Timestamp> {
    match &lot.start {
        Start::Usable => None,
        Start::At(at) => Some(*at),
        Start::On { until, .. } => *until,
    }
}

pub(super) fn lot_line(lot: LotId, amount: i64) -> Line {
    Line { pot: Pot::Lot(lot), amount }
}

pub(super) fn sum(lines: &[Line]) -> i64 {
    lines.iter().map(|line| line.amount).sum()
}

fn taken_from_lots(lines: &[Line]) -> Vec<(LotId, i64)> {
    let lot = |line: &Line| match line.pot {
        Pot::Lot(lot) if line.amount < 0 => Some((lot, -line.amount)),
        _ => None,
    };
    lines.iter().filter_map(lot).collect()
}

/// Take `amount` off the end of the parts: what was taken last comes back first.
pub(super) fn take_last(parts: &mut Vec<(LotId, i64)>, mut amount: i64) -> Vec<(LotId, i64)> {
    let mut taken = Vec::new();
    while amount > 0 {
        let Some((lot, part)) = parts.pop() else { break };
        let take = part.min(amount);
        amount -= take;
        taken.push((lot, take));
        if take < part {
            parts.push((lot, part - take));
        }
    }
    taken
}
