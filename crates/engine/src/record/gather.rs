//! Gather: the rows a batch of commands may touch, in a handful of statements, locked, and put into the judge's books.

use super::books::{Kept, by_name, kept, lapses_at, make_whole, member, micros, order_day, value, voucher};
use super::command::{Act, Command};
use super::counters::{self, Counter, Counters};
use jiff::Timestamp;
use loyalty::fact::{Fact, Return};
use loyalty::judge::Books;
use loyalty::ledger::Account;
use loyalty::member::Member;
use loyalty::name::Name;
use loyalty::program::Program;
use loyalty::program::spec::{Counted, RewardKind};
use loyalty::reward::Voucher;
use std::collections::{BTreeMap, BTreeSet};
use store::{Failure, OrderRow, Writing};

/// What was gathered, as it was: what the judge has changed of it is what will be recorded.
#[derive(Default)]
pub(super) struct Gathered {
    /// For the judge.
    pub books: Books,
    /// When each command takes effect: now, or when its members last moved, where the clock has stepped back.
    pub at: Vec<Timestamp>,
    /// Members' states.
    pub states: BTreeMap<Name, String>,
    /// When the first open hold of members is over.
    pub lapses: BTreeMap<Name, i64>,
    /// Orders and bills.
    pub orders: BTreeMap<Name, OrderRow>,
    /// Orders for which early returns were looked up, with what was found.
    pub early: BTreeMap<Name, Vec<Return>>,
    /// Budgets, stock and draws.
    pub counters: Counters,
    /// Vouchers.
    pub vouchers: BTreeMap<Name, Voucher>,
    /// Gift cards' states.
    pub cards: BTreeMap<Name, String>,
    /// Households' states.
    pub households: BTreeMap<Name, String>,
    /// Codes of other companies, by reward.
    pub codes: BTreeMap<Name, Vec<Name>>,
}

/// So many members with lapsed holds are looked at by one who asks for a reward; the next looks at the next.
const LAPSED_AT_ONCE: i64 = 1_000;

/// Gather for `commands`, and for the members `also`.
pub(super) fn gather(
    writing: &Writing<'_>,
    program: &Program,
    seed: u64,
    commands: &[&Command],
    also: &[String],
    now: Timestamp,
) -> Result<Gathered, Failure> {
    let mut gathered = Gathered::default();
    gathered.books.shared.seed = seed;
    gathered.orders(writing, program, commands)?;
    let asks = |command: &&Command| matches!(command.act, Act::Fact(Fact::Hold(_) | Fact::Redeem(_)));
    let lapsed = match commands.iter().any(asks) {
        true => lapsed(writing, program, now)?,
        false => Vec::new(),
    };
    let also: Vec<String> = also.iter().chain(&lapsed).cloned().collect();
    gathered.members(writing, program, commands, &also)?;
    gathered.orders_of_members(writing, program, commands, now)?;
    gathered.attach_orders(program)?;
    gathered.whole_accounts(writing, program, commands)?;
    gathered.at = commands.iter().map(|command| gathered.takes_effect(command, now)).collect();
    gathered.guards(writing, program, commands)?;
    gathered.cards(writing, program, commands)?;
    gathered.pools(writing, program, commands)?;
    Ok(gathered)
}

/// Members with a hold that is over and was neither captured nor released: what it had set aside of the stock and of a
/// till's limit is free for whoever asks.
pub(super) fn lapsed(
    writing: &Writing<'_>,
    program: &Program,
    now: Timestamp,
) -> Result<Vec<String>, Failure> {
    writing.members_lapsed(program.head.id.as_str(), micros(now), LAPSED_AT_ONCE)
}

impl Gathered {
    /// Orders that are named, bills that are claimed, and returns that wait for them.
    fn orders(
        &mut self,
        writing: &Writing<'_>,
        program: &Program,
        commands: &[&Command],
    ) -> Result<(), Failure> {
        let id = program.head.id.as_str();
        let named: BTreeSet<String> = commands.iter().filter_map(|command| command.names().1).collect();
        let names: Vec<&str> = named.iter().map(String::as_str).collect();
        let mut rows = writing.lock_orders(id, &names)?;
        if has_return_without_order(commands, &rows) {
            writing.hold_orders_off()?;
            rows = writing.lock_orders(id, &names)?;
        }
        for command in commands {
            let Act::Fact(Fact::Claim(claim)) = &command.act else { continue };
            if let Some(invoice) = claim.invoice.as_ref().filter(|_| claim.order.is_none()) {
                rows.extend(writing.unclaimed_by_invoice(id, invoice.as_str())?);
            } else if let (None, Some(on), Some(amount)) = (&claim.order, claim.on, claim.amount_minor) {
                rows.extend(writing.unclaimed_on(id, &on.to_string(), amount)?);
            }
        }
        self.orders = by_name(rows.into_iter().map(|row| (row.order_id.clone(), row)));
        let may_wait: BTreeSet<&str> =
            named.iter().map(String::as_str).chain(self.orders.keys().map(Name::as_str)).collect();
        let may_wait: Vec<&str> = may_wait.into_iter().collect();
        self.early = may_wait.iter().map(|id| (Name::from(*id), Vec::new())).collect();
        for row in writing.lock_early_returns(id, &may_wait)? {
            let back: Return = value(&row.body, || format!("return {}", row.return_id))?;
            self.early.entry(row.order_id.as_str().into()).or_default().push(back);
        }
        let waiting = self.early.iter().filter(|(_, backs)| !backs.is_empty());
        self.books.shared.early = waiting.map(|(id, backs)| (id.clone(), backs.clone())).collect();
        Ok(())
    }

    /// Members that are named or have a named order, and everyone those point to.
    fn members(
        &mut self,
        writing: &Writing<'_>,
        program: &Program,
        commands: &[&Command],
        also: &[String],
    ) -> Result<(), Failure> {
        let named = commands.iter().flat_map(|command| command.names().0.into_iter().map(str::to_owned));
        let of_orders = self.orders.values().flat_map(|row| [row.customer_id.clone(), row.owner_id.clone()]);
        let mut wanted: BTreeSet<String> = named.chain(of_orders).chain(also.iter().cloned()).collect();
        wanted.remove("");
        let mut asked: BTreeSet<String> = BTreeSet::new();
        while !wanted.is_empty() {
            let ids: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let mut further = BTreeSet::new();
            for row in writing.lock_members(program.head.id.as_str(), &ids)? {
                let member = member(program, &row)?;
                further.extend(points_to(&member));
                self.states.insert(member.id.clone(), row.state);
                self.books.members.insert(member.id.clone(), member);
            }
            asked.append(&mut wanted);
            wanted = further.difference(&asked).cloned().collect();
        }
        let members = || self.books.members.values();
        self.lapses = members().filter_map(|row| Some((row.id.clone(), lapses_at(row)?))).collect();
        self.books.shared.lapses = members().flat_map(loyalty::redemption::lapses).collect();
        Ok(())
    }

    /// Orders that a merge takes along or an unmerge gives back, and a day's orders where a ladder counts visits.
    fn orders_of_members(
        &mut self,
        writing: &Writing<'_>,
        program: &Program,
        commands: &[&Command],
        now: Timestamp,
    ) -> Result<(), Failure> {
        let id = program.head.id.as_str();
        let counts_visits = program.ladders.iter().any(|ladder| ladder.counts == Counted::Visits);
        let mut rows = Vec::new();
        for command in commands {
            let Act::Fact(fact) = &command.act else { continue };
            match fact {
                Fact::Merge { member, .. } => rows.extend(writing.orders_of(id, member.as_str())?),
                Fact::Unmerge { member } => {
                    if let Some(into) = self.merged_into(member) {
                        let all = writing.orders_of(id, into.as_str())?;
                        rows.extend(all.into_iter().filter(|row| row.owner_id == member.as_str()));
                    }
                }
                _ => {}
            }
            if counts_visits {
                for (holder, day) in self.visits(program, command, now) {
                    rows.extend(writing.orders_on(id, holder.as_str(), &day)?);
                }
            }
        }
        for row in rows {
            self.orders.entry(row.order_id.as_str().into()).or_insert(row);
        }
        Ok(())
    }

    /// Whose visits on which day a command may change.
    fn visits(&self, program: &Program, command: &Command, now: Timestamp) -> Vec<(Name, String)> {
        let mut days = Vec::new();
        if let (Act::Fact(Fact::Order(order) | Fact::OrderUpdated { order, .. }), (names, _)) =
            (&command.act, command.names())
        {
            let day = program.day(order.ordered_at.unwrap_or(now).min(now)).to_string();
            days.extend(names.into_iter().map(|name| (self.resolve(&name.into()), day.clone())));
        }
        if let (Act::Fact(Fact::Claim(claim)), bills) = (&command.act, self.orders.values()) {
            days.extend(bills.map(|row| (self.resolve(&claim.member), row.ordered_on.clone())));
        }
        if let Some(row) = command.names().1.and_then(|id| self.orders.get(id.as_str())) {
            days.push((row.customer_id.as_str().into(), row.ordered_on.clone()));
        }
        days
    }

    /// Bring back the spent lots of those whose points a command may take back or give back.
    fn whole_accounts(
        &mut self,
        writing: &Writing<'_>,
        program: &Program,
        commands: &[&Command],
    ) -> Result<(), Failure> {
        let mut concerned: BTreeSet<String> = BTreeSet::new();
        for command in commands {
            let (names, order) = command.names();
            let waits = order.as_ref().and_then(|id| self.early.get(id.as_str()));
            if !command.looks_back() && waits.is_none_or(Vec::is_empty) {
                continue;
            }
            concerned.extend(names.into_iter().map(str::to_owned));
            let row = order.and_then(|id| self.orders.get(id.as_str()));
            concerned.extend(row.into_iter().flat_map(|row| [row.customer_id.clone(), row.owner_id.clone()]));
        }
        let mut whole: BTreeSet<String> = BTreeSet::new();
        while let Some(id) = concerned.pop_first() {
            let Some(member) = self.books.members.get_mut(id.as_str()) else { continue };
            if !member.accounts.iter().all(Account::is_whole) {
                make_whole(writing, program, member)?;
            }
            concerned.extend(points_to(member).filter(|other| !whole.contains(other)));
            whole.insert(id);
        }
        Ok(())
    }

    fn attach_orders(&mut self, program: &Program) -> Result<(), Failure> {
        for (id, row) in &self.orders {
            match kept(program, row)? {
                Kept::Bill(at, order, updated_at) => {
                    self.books.shared.anonymous.insert(id.clone(), (at, order));
                    self.books.shared.bills_updated.extend(updated_at.map(|at| (id.clone(), at)));
                }
                Kept::Record(record) => {
                    self.books.shared.owners.insert(id.clone(), row.owner_id.as_str().into());
                    if let Some(holder) = self.books.members.get_mut(row.customer_id.as_str()) {
                        holder.orders.insert(id.clone(), record);
                    }
                }
            }
        }
        Ok(())
    }

    /// Now, or when the members concerned last moved, whichever is later: no account's time runs backwards.
    fn takes_effect(&self, command: &Command, now: Timestamp) -> Timestamp {
        let (names, order) = command.names();
        let holder = order.and_then(|id| self.orders.get(id.as_str())).map(|row| row.customer_id.as_str());
        let members = names.into_iter().chain(holder).map(|name| self.resolve(&name.into()));
        let moved = members.filter_map(|id| self.books.members.get(&id).map(|member| member.advanced_to));
        moved.max().map_or(now, |moved| moved.max(now))
    }

    /// Budgets, stock, draws, vouchers and codes.
    fn guards(
        &mut self,
        writing: &Writing<'_>,
        program: &Program,
        commands: &[&Command],
    ) -> Result<(), Failure> {
        let id = program.head.id.as_str();
        let mut wanted: BTreeSet<Counter> = BTreeSet::new();
        let mut codes: BTreeSet<String> = BTreeSet::new();
        for (command, at) in commands.iter().zip(&self.at) {
            counters::touched(program, command, *at, &mut wanted);
            match &command.act {
                Act::UseVouchers(ask) => codes.extend(ask.codes.iter().cloned()),
                Act::Fact(Fact::Order(order)) => codes.extend(paying(&order.tenders, "voucher")),
                Act::Fact(Fact::Claim(_)) => {
                    for row in self.orders.values().filter(|row| row.body.is_some()) {
                        let bill = self.books.shared.anonymous.get(row.order_id.as_str());
                        let store = bill.and_then(|(_, order)| order.store.as_ref());
                        if let Some(day) = order_day(row) {
                            counters::earning(program, day, store, true, &mut wanted);
                        }
                        codes.extend(bill.iter().flat_map(|(_, order)| paying(&order.tenders, "voucher")));
                    }
                }
                Act::Fact(Fact::OrderUpdated { order, .. }) => {
                    codes.extend(paying(&order.tenders, "voucher"));
                    // It is rated again on the day it was rated on at first.
                    let row = self.orders.get(command.scoped(order.id.as_str()).as_str());
                    if let Some(day) = row.and_then(order_day) {
                        counters::earning(program, day, order.store.as_ref(), true, &mut wanted);
                    }
                }
                Act::Fact(
                    Fact::Capture { member, id } | Fact::Release { member, id } | Fact::Refund { member, id },
                ) => {
                    let member = self.books.members.get(&self.resolve(member));
                    if let Some(held) = member.and_then(|member| member.redemptions.get(id)) {
                        counters::held(program, held, &mut wanted);
                        codes.extend(held.code.iter().map(ToString::to_string));
                    }
                }
                Act::Fact(Fact::Merge { member, .. }) => {
                    let held =
                        self.books.members.get(member).into_iter().flat_map(|row| row.redemptions.values());
                    held.filter(|held| held.is_open)
                        .for_each(|held| counters::held(program, held, &mut wanted));
                }
                Act::Fact(_) => {}
            }
        }
        for (_, owner, id) in &self.books.shared.lapses {
            let held = self.books.members.get(owner).and_then(|member| member.redemptions.get(id));
            held.into_iter().for_each(|held| counters::held(program, held, &mut wanted));
        }
        let shown = codes.clone();
        let records = self.books.members.values().flat_map(|member| member.orders.values());
        codes.extend(records.flat_map(|record| record.vouchers.iter().map(|used| used.code.to_string())));
        let external: Vec<Name> = (program.rewards.iter())
            .filter(|reward| reward.kind == RewardKind::ExternalCode)
            .filter(|reward| wanted.contains(&Counter::Given(reward.id.clone())))
            .map(|reward| reward.id.clone())
            .collect();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let rows = writing.lock_vouchers(id, &codes)?;
        self.vouchers = by_name(rows.into_iter().map(|row| (row.code.clone(), voucher(&row))));
        self.books.shared.vouchers = self.vouchers.clone();
        // Codes that are shown may be other companies'; one that this batch gives out is ours and not there yet.
        let gives = |command: &&Command| {
            matches!(command.act, Act::Fact(Fact::Redeem(_) | Fact::Hold(_) | Fact::Capture { .. }))
        };
        let may_give = commands.iter().any(gives);
        let shown = shown.iter().map(|code| Name::from(code.as_str()));
        let ours = shown.filter(|code| may_give || self.vouchers.contains_key(code));
        wanted.extend(ours.map(Counter::UsedAhead));
        self.counters = Counters::gather(wanted, writing, program, &mut self.books.shared)?;
        for reward in external {
            let most = commands.len() as i64;
            let codes = writing.lock_external_codes(id, reward.as_str(), most)?;
            self.codes.insert(reward, codes.iter().map(|code| Name::from(code.as_str())).collect());
        }
        self.books.shared.codes = self.codes.clone();
        Ok(())
    }

    /// Gift cards that pay, are paid back, or were given for points.
    fn cards(
        &mut self,
        writing: &Writing<'_>,
        program: &Program,
        commands: &[&Command],
    ) -> Result<(), Failure> {
        let mut codes: BTreeSet<String> = BTreeSet::new();
        for command in commands {
            match &command.act {
                Act::Fact(Fact::Order(order) | Fact::OrderUpdated { order, .. }) => {
                    codes.extend(paying(&order.tenders, "gift_card"));
                }
                Act::Fact(Fact::Refund { member, id }) => {
                    let member = self.books.members.get(&self.resolve(member));
                    let held = member.and_then(|member| member.redemptions.get(id));
                    codes.extend(held.and_then(|held| held.code.as_ref()).map(ToString::to_string));
                }
                _ => {}
            }
        }
        let bills = self.books.shared.anonymous.values();
        codes.extend(bills.flat_map(|(_, order)| paying(&order.tenders, "gift_card")));
        let records = self.books.members.values().flat_map(|member| member.orders.values());
        codes.extend(records.flat_map(|record| record.cards.iter().map(|card| card.code.to_string())));
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        for row in writing.lock_gift_cards(program.head.id.as_str(), &codes)? {
            let card = value(&row.state, || format!("gift card {}", row.id))?;
            self.books.shared.cards.insert(row.id.as_str().into(), card);
            self.cards.insert(row.id.as_str().into(), row.state);
        }
        Ok(())
    }

    /// Households that are named, and those their members belong to, or take along when they are merged or parted.
    fn pools(
        &mut self,
        writing: &Writing<'_>,
        program: &Program,
        commands: &[&Command],
    ) -> Result<(), Failure> {
        let (mut ids, mut members) = (BTreeSet::new(), BTreeSet::new());
        for command in commands {
            match &command.act {
                Act::Fact(Fact::Pool(ask)) => {
                    ids.insert(ask.household.to_string());
                    members.insert(self.resolve(&ask.member).to_string());
                }
                // One command may part whom another has merged: whoever the member was before or will be.
                Act::Fact(Fact::Merge { member, .. } | Fact::Unmerge { member }) => {
                    members.insert(member.to_string());
                    members.extend(self.merged_into(member).map(|into| into.to_string()));
                }
                _ => {}
            }
        }
        if ids.is_empty() && members.is_empty() {
            return Ok(());
        }
        let id = program.head.id.as_str();
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        ids.extend(writing.households_of(id, &members)?);
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        for row in writing.lock_households(id, &ids)? {
            let household = value(&row.state, || format!("household {}", row.id))?;
            self.books.shared.households.insert(row.id.as_str().into(), household);
            self.households.insert(row.id.as_str().into(), row.state);
        }
        Ok(())
    }

    fn merged_into(&self, member: &Name) -> Option<Name> {
        self.books.members.get(member)?.merged.as_ref().map(|(into, _)| into.clone())
    }

    /// Who answers for a member after merges.
    pub(super) fn resolve(&self, member: &Name) -> Name {
        let mut id = member.clone();
        for _ in 0..64 {
            match self.merged_into(&id) {
                Some(into) => id = into,
                None => break,
            }
        }
        id
    }
}

/// Whether a return is among them whose order neither was recorded nor comes with them.
fn has_return_without_order(commands: &[&Command], recorded: &[OrderRow]) -> bool {
    let mut known: BTreeSet<String> = recorded.iter().map(|row| row.order_id.clone()).collect();
    let is_return = |command: &&&Command| {
        use Fact::{OrderCancelled, Return, ReturnUndone};
        matches!(&command.act, Act::Fact(Return(_) | OrderCancelled { .. } | ReturnUndone { .. }))
    };
    known.extend(
        commands.iter().filter(|command| !is_return(command)).filter_map(|command| command.names().1),
    );
    commands.iter().filter(is_return).filter_map(|command| command.names().1).any(|id| !known.contains(&id))
}

fn points_to(member: &Member) -> impl Iterator<Item = String> + '_ {
    let merged = member.merged.iter().map(|(into, _)| into.to_string());
    let brought = member.referral.iter().flat_map(|brought| {
        let given = brought.given.iter().map(|(id, ..)| id.to_string());
        std::iter::once(brought.by.to_string()).chain(given)
    });
    merged.chain(brought)
}

/// The codes of a kind that a bill was paid with.
fn paying<'a>(tenders: &'a [loyalty::fact::Tender], kind: &'a str) -> impl Iterator<Item = String> + 'a {
    let paid = tenders.iter().filter(move |tender| tender.kind == *kind);
    paid.filter_map(|tender| tender.code.as_ref().map(ToString::to_string))
}
