//! The commands: each is judged against the account and either becomes a posting or is refused, changing nothing.

use super::account::{lot_line, sum, take_last};
use super::{Account, Cause, Line, LotId, Posted, Posting, Pot, Start, Terms};
use crate::name::Name;
use domain::Points;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why the ledger says no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Fewer usable points than asked for.
    #[error("needs {requested} points, {available} available: {} missing", requested.units() - available.units())]
    InsufficientPoints {
        /// Asked for.
        requested: Points,
        /// Usable now.
        available: Points,
    },
    /// Nothing to do.
    #[error("zero points: give an amount above zero")]
    NothingToMove,
    /// The hold lapsed, was captured, released, or never was.
    #[error("hold {0} is not open: it lapsed, was captured or released, or never existed")]
    NoSuchHold(Name),
    /// A hold or a redemption of that id exists.
    #[error("{0} was used before: give every hold and redemption an id of its own")]
    IdTaken(Name),
    /// More captured than was held.
    #[error("hold {hold} is for {held} points, {requested} asked for")]
    BeyondHold {
        /// The hold.
        hold: Name,
        /// Set aside.
        held: Points,
        /// Asked for.
        requested: Points,
    },
    /// More given back than was spent.
    #[error("redemption {redemption} has {left} points to give back, {requested} asked for")]
    BeyondSpent {
        /// The redemption.
        redemption: Name,
        /// Not given back yet.
        left: Points,
        /// Asked for.
        requested: Points,
    },
    /// No such pending lot.
    #[error("lot {0} is not pending: it was activated, cancelled or never existed")]
    NotPending(u32),
    /// The sum does not fit.
    #[error("the amount is too large for a ledger of 63 bits")]
    TooLarge,
    /// The hold ends before it begins.
    #[error("hold {0} would lapse at once: give it an end after now")]
    EndsBeforeItBegins(Name),
}

/// What a clawback does when the points are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deficit {
    /// Only points still pending are taken back.
    PendingOnly,
    /// Down to zero, never below.
    Clamp,
    /// Below zero: the member owes the rest and later points pay it.
    Negative,
    /// The whole clawback is refused.
    Refuse,
}

/// A new lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// When the points were earned, by the fact's own time.
    pub earned_at: Timestamp,
    /// When they become usable.
    pub start: Start,
    /// When they stop being usable, exclusive.
    pub expires_at: Option<Timestamp>,
}

/// What a clawback took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Taken from lots.
    pub taken: i64,
    /// Left for the member to owe.
    pub owed: i64,
    /// Not taken at all, by the policy.
    pub forgone: i64,
}

/// Points on their way to another member, with the dates they keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// How many.
    pub amount: i64,
    /// When they were earned.
    pub earned_at: Timestamp,
    /// When they become usable.
    pub start: Start,
    /// When they expire.
    pub expires_at: Option<Timestamp>,
    /// The lot they came from, in the account they came from.
    pub from: LotId,
}

impl Account {
    /// The instant at which a command given at `now` takes effect: what was due is posted first, and the chain's time
    /// does not run backwards.
    fn begin_command(&mut self, now: Timestamp, out: &mut Vec<Posting>) -> Timestamp {
        self.advance(now, out);
        now.max(self.at)
    }

    /// Post earned points as a new lot. What is owed is paid from it as soon as it is usable.
    pub fn earn(
        &mut self,
        now: Timestamp,
        points: Points,
        opening: Opening,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Result<LotId, Refused> {
        self.open_lot(now, Posted::Earn, points, opening, cause, out)
    }

    /// Give or take points by hand. Taking needs the points to be there.
    pub fn adjust(
        &mut self,
        now: Timestamp,
        points: Points,
        opening: Option<Opening>,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Result<(), Refused> {
        if let Some(opening) = opening {
            return self.open_lot(now, Posted::AdjustUp, points, opening, cause, out).map(|_| ());
        }
        let at = self.begin_command(now, out);
        let mut lines = self.take_usable(at, points)?;
        lines.push(Line { pot: Pot::Adjusted, amount: points.units() });
        self.post(at, Posted::AdjustDown, cause, lines, Vec::new(), out);
        Ok(())
    }

    fn open_lot(
        &mut self,
        now: Timestamp,
        kind: Posted,
        points: Points,
        opening: Opening,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Result<LotId, Refused> {
        let amount = points.units();
        if amount == 0 {
            return Err(Refused::NothingToMove);
        }
        if self.lots.opened() >= u32::MAX as usize || self.headroom() < amount {
            return Err(Refused::TooLarge);
        }
        let at = self.begin_command(now, out);
        let lot = LotId(self.lots.opened() as u32);
        let begun = matches!(opening.start, Start::At(begin) if begin <= at);
        let start = if begun { Start::Usable } else { opening.start };
        let terms =
            Terms::Lot { earned_at: opening.earned_at, start, expires_at: opening.expires_at, origin: None };
        let lines = vec![Line { pot: Pot::Issued, amount: -amount }, lot_line(lot, amount)];
        self.post(at, kind, cause, lines, vec![terms], out);
        self.settle_debt(at, out);
        // A fact so late that its points have already run out leaves its trace, and nothing to spend.
        self.advance(at, out);
        Ok(lot)
    }

    // What may still be added before a counter could overflow.
    fn headroom(&self) -> i64 {
        let totals = &self.totals;
        let most =
            [totals.earned, totals.adjusted_up, totals.refunded, totals.reinstated, totals.transferred_in];
        most.iter().fold(i64::MAX / 4, |left, used| left.saturating_sub(*used))
    }

    /// Spend points at once. The cause's id names the redemption.
    pub fn spend(
        &mut self,
        now: Timestamp,
        points: Points,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Result<(), Refused> {
        self.refuse_used_id(&cause.id)?;
        let at = self.begin_command(now, out);
        let mut lines = self.take_usable(at, points)?;
        lines.push(Line { pot: Pot::Redeemed, amount: points.units() });
        self.post(at, Posted::Spend, cause, lines, Vec::new(), out);
        Ok(())
    }

    /// Set points aside until `expires_at`. The cause's id names the hold and the redemption it may become.
    pub fn hold(
        &mut self,
        now: Timestamp,
        points: Points,
        expires_at: Timestamp,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Result<(), Refused> {
        self.refuse_used_id(&cause.id)?;
        let at = self.begin_command(now, out);
        let id = cause.id.clone();
        if expires_at <= at {
            return Err(Refused::EndsBeforeItBegins(id));
        }
        let mut lines = self.take_usable(at, points)?;
        lines.push(Line { pot: Pot::Held(id.clone()), amount: points.units() });
        self.post(at, Posted::Hold, cause, lines, vec![Terms::Hold { hold: id, expires_at }], out);
        Ok(())
    }

    fn refuse_used_id(&self, id: &Name) -> Result<(), Refused> {
        let used = self.holds.contains_key(id) || self.spent.contains_key(id);
        if used { Err(Refused::IdTaken(id.clone())) } else { Ok(()) }
    }

    /// Make a hold final, whole or in part; the rest goes back to its lots.
    pub fn capture(
        &mut self,
        now: Timestamp,
        id: &Name,
        points: Option<Points>,
        out: &mut Vec<Posting>,
    ) -> Result<Points, Refused> {
        let at = self.begin_command(now, out);
        let hold = self.holds.get(id).ok_or_else(|| Refused::NoSuchHold(id.clone()))?;
        let held: i64 = hold.parts.iter().map(|(_, amount)| amount).sum();
        let held = Points::new(held).expect("a hold is not negative");
        let points = points.unwrap_or(held);
        if points.units() == 0 {
            return Err(Refused::NothingToMove);
        }
        if points > held {
            return Err(Refused::BeyondHold { hold: id.clone(), held, requested: points });
        }
        let mut parts = hold.parts.clone();
        let cause = hold.cause.clone();
        let rest = take_last(&mut parts, held.units() - points.units());
        let mut lines: Vec<Line> = rest.into_iter().map(|(lot, amount)| lot_line(lot, amount)).collect();
        lines.push(Line { pot: Pot::Redeemed, amount: points.units() });
        lines.push(Line { pot: Pot::Held(id.clone()), amount: -held.units() });
        self.post(at, Posted::Capture, cause, lines, Vec::new(), out);
        self.settle_debt(at, out);
        self.advance(at, out);
        Ok(points)
    }

    /// Give a hold back to its lots.
    pub fn release(&mut self, now: Timestamp, id: &Name, out: &mut Vec<Posting>) -> Result<(), Refused> {
        let at = self.begin_command(now, out);
        let hold = self.holds.get(id).ok_or_else(|| Refused::NoSuchHold(id.clone()))?;
        let cause = hold.cause.clone();
        let mut lines: Vec<Line> = hold.parts.iter().map(|&(lot, amount)| lot_line(lot, amount)).collect();
        lines.push(Line { pot: Pot::Held(id.clone()), amount: -sum(&lines) });
        self.post(at, Posted::Release, cause, lines, Vec::new(), out);
        self.settle_debt(at, out);
        self.advance(at, out);
        Ok(())
    }

    /// Give spent points back to the lots they came from, last taken first. Points whose lot ends before `at_least`
    /// (now plus the grace) come back as a lot of their own that lives until then.
    pub fn refund(
        &mut self,
        now: Timestamp,
        redemption: &Name,
        points: Points,
        at_least: Timestamp,
        out: &mut Vec<Posting>,
    ) -> Result<(), Refused> {
        if points.units() == 0 {
            return Err(Refused::NothingToMove);
        }
        let at = self.begin_command(now, out);
        let spent = self.spent.get(redemption).filter(|_| !self.holds.contains_key(redemption));
        let left = spent.map_or(0, |spent| spent.amount - spent.refunded);
        if points.units() > left {
            let left = Points::new(left).unwrap_or_default();
            return Err(Refused::BeyondSpent { redemption: redemption.clone(), left, requested: points });
        }
        let mut parts = spent.map(|spent| spent.parts.clone()).unwrap_or_default();
        let back = take_last(&mut parts, points.units());
        let cause = Cause::new("redemption", redemption.as_str());
        self.give_back(at, Posted::Refund, Pot::Redeemed, &back, at_least, cause, out);
        Ok(())
    }

    /// Undo a clawback: points come back to `lot`, or live at least until `at_least` as [`Account::refund`] does.
    pub fn reinstate(
        &mut self,
        now: Timestamp,
        lot: LotId,
        points: Points,
        at_least: Timestamp,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Result<(), Refused> {
        if points.units() == 0 {
            return Err(Refused::NothingToMove);
        }
        if self.lot(lot).is_none() {
            return Err(Refused::NotPending(lot.0));
        }
        let at = self.begin_command(now, out);
        self.give_back(
            at,
            Posted::Reinstate,
            Pot::ClawedBack,
            &[(lot, points.units())],
            at_least,
            cause,
            out,
        );
        Ok(())
    }

    /// Give points back whose lot is with another member, as after a merge: a new lot. `kind` says what is undone: a
    /// clawback, or spending.
    pub fn restore(
        &mut self,
        now: Timestamp,
        kind: Posted,
        points: Points,
        opening: Opening,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Result<LotId, Refused> {
        if points.units() == 0 {
            return Err(Refused::NothingToMove);
        }
        if self.headroom() < points.units() || self.lots.opened() >= u32::MAX as usize {
            return Err(Refused::TooLarge);
        }
        let at = self.begin_command(now, out);
        let lot = LotId(self.lots.opened() as u32);
        let from = if kind == Posted::Refund { Pot::Redeemed } else { Pot::ClawedBack };
        let lines = vec![lot_line(lot, points.units()), Line { pot: from, amount: -points.units() }];
        let Opening { earned_at, start, expires_at } = opening;
        let terms = vec![Terms::Lot { earned_at, start, expires_at, origin: None }];
        self.post(at, kind, cause, lines, terms, out);
        self.settle_debt(at, out);
        self.advance(at, out);
        Ok(lot)
    }

    #[expect(clippy::too_many_arguments, reason = "one posting, said in full")]
    fn give_back(
        &mut self,
        at: Timestamp,
        kind: Posted,
        from: Pot,
        back: &[(LotId, i64)],
        at_least: Timestamp,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) {
        let (mut lines, mut terms) = (Vec::new(), Vec::new());
        for &(id, amount) in back {
            let lot = &self.lots[id];
            let short = lot.expires_at.is_some_and(|end| end < at_least);
            let origin = lot.origin.unwrap_or(id);
            if !short {
                lines.push(lot_line(id, amount));
                continue;
            }
            let fresh = LotId((self.lots.opened() + terms.len()) as u32);
            lines.push(lot_line(fresh, amount));
            terms.push(Terms::Lot {
                earned_at: lot.earned_at,
                start: lot.start.clone(),
                expires_at: Some(at_least),
                origin: Some(origin),
            });
        }
        lines.push(Line { pot: from, amount: -sum(&lines) });
        self.post(at, kind, cause, lines, terms, out);
        self.settle_debt(at, out);
        self.advance(at, out);
    }

    /// Take earned points back: from `own` lots first (those of the order), then by the policy.
    pub fn claw_back(
        &mut self,
        now: Timestamp,
        points: Points,
        own: &[LotId],
        deficit: Deficit,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Result<Taken, Refused> {
        if points.units() == 0 {
            return Err(Refused::NothingToMove);
        }
        let at = self.begin_command(now, out);
        let mut due = points.units();
        let mut lines: Vec<Line> = Vec::new();
        let usable = |lot: &super::Lot| lot.start == Start::Usable;
        // A lot that was given back under new dates is still the order's own.
        let is_own = |id: &LotId| {
            own.contains(id) || self.lot(*id).and_then(|lot| lot.origin).is_some_and(|o| own.contains(&o))
        };
        let family: Vec<LotId> =
            if own.is_empty() { Vec::new() } else { self.live_lots().filter(is_own).collect() };
        let others = self.usable_lots().filter(|id| !family.contains(id));
        for id in family.iter().copied().chain(others.collect::<Vec<_>>()) {
            let lot = &self.lots[id];
            if deficit == Deficit::PendingOnly && usable(lot) {
                continue;
            }
            let take = due.min(lot.left);
            if take > 0 {
                lines.push(lot_line(id, -take));
                due -= take;
            }
        }
        let taken = -sum(&lines);
        let mut result = Taken { taken, owed: 0, forgone: 0 };
        if due > 0 {
            match deficit {
                Deficit::Negative => {
                    lines.push(Line { pot: Pot::Owed, amount: -due });
                    result.owed = due;
                }
                Deficit::Clamp | Deficit::PendingOnly => result.forgone = due,
                Deficit::Refuse => {
                    let available = Points::new(taken).unwrap_or_default();
                    return Err(Refused::InsufficientPoints { requested: points, available });
                }
            }
        }
        if !lines.is_empty() {
            lines.push(Line { pot: Pot::ClawedBack, amount: -sum(&lines) });
            self.post(at, Posted::Clawback, cause, lines, Vec::new(), out);
        }
        Ok(result)
    }

    /// The event a pending lot waited for has come: it becomes usable at `start_at` (now or later).
    pub fn activate(
        &mut self,
        now: Timestamp,
        id: LotId,
        start_at: Timestamp,
        out: &mut Vec<Posting>,
    ) -> Result<(), Refused> {
        let at = self.begin_command(now, out);
        let lot = self.pending(id)?;
        let start = if start_at <= at { Start::Usable } else { Start::At(start_at) };
        let kind = if start == Start::Usable { Posted::Activate } else { Posted::Extend };
        let (cause, expires_at) = (lot.cause.clone(), lot.expires_at);
        self.post(at, kind, cause, Vec::new(), vec![Terms::Dates { lot: id, start, expires_at }], out);
        self.settle_debt(at, out);
        self.advance(at, out);
        Ok(())
    }

    /// Cancel what is left of a pending lot.
    pub fn cancel(
        &mut self,
        now: Timestamp,
        id: LotId,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Result<Points, Refused> {
        let at = self.begin_command(now, out);
        let left = self.pending(id)?.left;
        let lines = vec![lot_line(id, -left), Line { pot: Pot::Cancelled, amount: left }];
        self.post(at, Posted::Cancel, cause, lines, Vec::new(), out);
        Ok(Points::new(left).expect("a lot is not negative"))
    }

    fn pending(&self, id: LotId) -> Result<&super::Lot, Refused> {
        self.lot(id).filter(|lot| lot.left > 0 && lot.start != Start::Usable).ok_or(Refused::NotPending(id.0))
    }

    /// Give lots other ends. Lots that have nothing left are passed over; where nothing changes, nothing is posted.
    pub fn set_expiry(
        &mut self,
        now: Timestamp,
        ends: &[(LotId, Option<Timestamp>)],
        cause: Cause,
        out: &mut Vec<Posting>,
    ) {
        let at = self.begin_command(now, out);
        let change = |&(id, expires_at): &(LotId, Option<Timestamp>)| {
            let lot = self.lot(id).filter(|lot| lot.left > 0 && lot.expires_at != expires_at)?;
            Some(Terms::Dates { lot: id, start: lot.start.clone(), expires_at })
        };
        let terms: Vec<Terms> = ends.iter().filter_map(change).collect();
        if !terms.is_empty() {
            self.post(at, Posted::Extend, cause, Vec::new(), terms, out);
            self.advance(at, out);
        }
    }

    /// Send usable points away; they keep their dates.
    pub fn transfer_out(
        &mut self,
        now: Timestamp,
        points: Points,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Result<Vec<Moved>, Refused> {
        let at = self.begin_command(now, out);
        let lines = self.take_usable(at, points)?;
        Ok(self.send(at, Posted::TransferOut, lines, cause, out))
    }

    /// Send everything away, pending points too, because this member becomes part of another. Holds are released
    /// first; what is owed goes along.
    pub fn merge_out(&mut self, now: Timestamp, cause: Cause, out: &mut Vec<Posting>) -> (Vec<Moved>, i64) {
        let at = self.begin_command(now, out);
        for id in self.holds.keys().cloned().collect::<Vec<_>>() {
            self.release(at, &id, out).expect("the hold is open");
        }
        let lines = self.live_lots().map(|id| lot_line(id, -self.lots[id].left)).collect();
        let owed = self.owed();
        let moved = self.send_with_debt(at, Posted::MergeOut, lines, owed, cause, out);
        (moved, owed)
    }

    fn send(
        &mut self,
        at: Timestamp,
        kind: Posted,
        lines: Vec<Line>,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Vec<Moved> {
        self.send_with_debt(at, kind, lines, 0, cause, out)
    }

    fn send_with_debt(
        &mut self,
        at: Timestamp,
        kind: Posted,
        mut lines: Vec<Line>,
        owed: i64,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Vec<Moved> {
        let moved = |line: &Line| {
            let Pot::Lot(from) = line.pot else { return None };
            let lot = self.lot(from)?;
            let (earned_at, start, expires_at) = (lot.earned_at, lot.start.clone(), lot.expires_at);
            Some(Moved { amount: -line.amount, earned_at, start, expires_at, from })
        };
        let moved: Vec<Moved> = lines.iter().filter_map(moved).collect();
        if owed > 0 {
            lines.push(Line { pot: Pot::Owed, amount: owed });
        }
        if !lines.is_empty() {
            lines.push(Line { pot: Pot::Transferred, amount: -sum(&lines) });
            self.post(at, kind, cause, lines, Vec::new(), out);
        }
        moved
    }

    /// Receive what another member sent, lot by lot with its own dates. `kind` is a transfer or a merge.
    pub fn receive(
        &mut self,
        now: Timestamp,
        kind: Posted,
        moved: &[Moved],
        owed: i64,
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Result<Vec<LotId>, Refused> {
        let total =
            moved.iter().try_fold(0i64, |sum, part| sum.checked_add(part.amount)).ok_or(Refused::TooLarge)?;
        if self.headroom() < total || self.lots.opened() + moved.len() > u32::MAX as usize {
            return Err(Refused::TooLarge);
        }
        let at = self.begin_command(now, out);
        let (mut lines, mut terms, mut lots) = (Vec::new(), Vec::new(), Vec::new());
        for (place, part) in moved.iter().enumerate() {
            let lot = LotId((self.lots.opened() + place) as u32);
            lots.push(lot);
            lines.push(lot_line(lot, part.amount));
            terms.push(Terms::Lot {
                earned_at: part.earned_at,
                start: part.start.clone(),
                expires_at: part.expires_at,
                origin: None,
            });
        }
        if owed > 0 {
            lines.push(Line { pot: Pot::Owed, amount: -owed });
        }
        if !lines.is_empty() {
            lines.push(Line { pot: Pot::Transferred, amount: -sum(&lines) });
            self.post(at, kind, cause, lines, terms, out);
            self.settle_debt(at, out);
            self.advance(at, out);
        }
        Ok(lots)
    }

    /// Send back what is left of the lots that a merge brought: the merged member leaves again.
    pub fn unmerge_out(
        &mut self,
        now: Timestamp,
        lots: &[LotId],
        cause: Cause,
        out: &mut Vec<Posting>,
    ) -> Vec<Moved> {
        let at = self.begin_command(now, out);
        let part_of = |id: &LotId| {
            let lot = &self.lots[*id];
            lots.contains(id) || lot.origin.is_some_and(|origin| lots.contains(&origin))
        };
        let lines: Vec<Line> =
            self.live_lots().filter(part_of).map(|id| lot_line(id, -self.lots[id].left)).collect();
        self.send(at, Posted::MergeOut, lines, cause, out)
    }

    /// Lines that take `points` from usable lots in spend order.
    fn take_usable(&self, at: Timestamp, points: Points) -> Result<Vec<Line>, Refused> {
        let mut due = points.units();
        if due == 0 {
            return Err(Refused::NothingToMove);
        }
        let mut lines = Vec::new();
        for id in self.usable_lots() {
            let lot = &self.lots[id];
            debug_assert!(lot.expires_at.is_none_or(|end| end > at), "advance came first");
            let take = due.min(lot.left);
            lines.push(lot_line(id, -take));
            due -= take;
            if due == 0 {
                return Ok(lines);
            }
        }
        let available = Points::new(self.usable()).unwrap_or_default();
        Err(Refused::InsufficientPoints { requested: points, available })
    }
}
