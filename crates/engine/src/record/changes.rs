//! Record: what the judge has changed, as rows, in a handful of statements.

use super::books::{
    account_row, bill_row, lapses_at, lot_rows, member_row, order_row, posting_row, state, text, voucher_row,
};
use super::gather::Gathered;
use loyalty::gift_card::CARD;
use loyalty::judge::Output;
use loyalty::ledger::{Account, LotId, Pot, Terms};
use loyalty::name::Name;
use loyalty::program::Program;
use std::collections::{BTreeMap, BTreeSet};
use store::{
    AccountRow, EarlyReturnRow, Failure, LotRow, MemberRow, OrderRow, PostingRow, StateRow, VoucherRow,
    Writing,
};

/// The rows that a batch leaves behind.
#[derive(Default)]
pub(super) struct Changes {
    postings: Vec<PostingRow>,
    accounts: Vec<AccountRow>,
    lots: Vec<LotRow>,
    new_members: Vec<MemberRow>,
    members: Vec<MemberRow>,
    lapses: Vec<(String, Option<i64>)>,
    new_orders: Vec<OrderRow>,
    orders: Vec<OrderRow>,
    early: Vec<(String, Vec<EarlyReturnRow>)>,
    counters: Vec<(String, i64)>,
    vouchers: Vec<VoucherRow>,
    vouchers_gone: Vec<String>,
    cards: Vec<StateRow>,
    households: Vec<(StateRow, Vec<String>)>,
    codes_gone: Vec<(String, Vec<String>)>,
}

/// An account whose entries are written, and the lots they moved.
struct Touched<'a> {
    account: Option<&'a Account>,
    lots: BTreeSet<LotId>,
}

impl Changes {
    /// What differs between what was gathered and what the judge left, given all his outputs.
    pub fn of(program: &Program, gathered: &mut Gathered, outputs: &[Output]) -> Changes {
        let mut changes = Changes::default();
        changes.ledger(program, gathered, outputs);
        changes.members_and_orders(program, gathered);
        changes.shared(program, gathered);
        changes
    }

    fn ledger(&mut self, program: &Program, gathered: &Gathered, outputs: &[Output]) {
        let id = program.head.id.as_str();
        let card_wallet = Name::from(CARD);
        let cards = &gathered.books.shared.cards;
        let mut touched: BTreeMap<(&Name, &Name), Touched<'_>> = BTreeMap::new();
        for output in outputs {
            let (owner, wallet, posting, working) = match output {
                Output::Posted { member, wallet, posting, working } => {
                    (member, wallet, posting, working.as_ref())
                }
                Output::Card { card, posting } => (card, &card_wallet, posting, None),
                _ => continue,
            };
            let find = || match output {
                Output::Card { card, .. } => cards.get(card),
                _ => account(program, gathered, owner, wallet),
            };
            let fresh = || Touched { account: find(), lots: BTreeSet::new() };
            let lots = &mut touched.entry((owner, wallet)).or_insert_with(fresh).lots;
            lots.extend(posting.lines.iter().filter_map(|line| match line.pot {
                Pot::Lot(lot) => Some(lot),
                _ => None,
            }));
            lots.extend(posting.terms.iter().filter_map(|terms| match terms {
                Terms::Dates { lot, .. } => Some(*lot),
                _ => None,
            }));
            let working = working.map(|working| text(working.as_ref()));
            self.postings.push(posting_row(id, owner, wallet, posting, working));
        }
        for ((owner, wallet), Touched { account, lots }) in &touched {
            let Some(account) = account else { continue };
            self.accounts.push(account_row(id, owner, wallet, account));
            self.lots.extend(lot_rows(id, owner, wallet, account, lots));
        }
    }

    fn members_and_orders(&mut self, program: &Program, gathered: &mut Gathered) {
        let shared = &gathered.books.shared;
        for member in gathered.books.members.values_mut() {
            let lapses_at = lapses_at(member);
            if gathered.lapses.get(&member.id).copied() != lapses_at {
                self.lapses.push((member.id.to_string(), lapses_at));
            }
            let state = state(member);
            match gathered.states.get(&member.id) {
                None => self.new_members.push(member_row(program, member, state)),
                Some(before) if *before != state => self.members.push(member_row(program, member, state)),
                Some(_) => {}
            }
            for (id, record) in &member.orders {
                let owner = shared.owners.get(id).unwrap_or(&member.id);
                let mut row = order_row(program, &member.id, owner, id, record);
                match gathered.orders.get(id) {
                    None => self.new_orders.push(row),
                    Some(before) => {
                        row.invoice = before.invoice.clone();
                        if row != *before {
                            self.orders.push(row);
                        }
                    }
                }
            }
        }
        for (id, (at, order)) in &shared.anonymous {
            let row = bill_row(program, *at, order, shared.bills_updated.get(id).copied());
            match gathered.orders.get(id) {
                None => self.new_orders.push(row),
                Some(before) if row != *before => self.orders.push(row),
                Some(_) => {}
            }
        }
        for (id, before) in &gathered.early {
            let now = shared.early.get(id).map_or(&[][..], Vec::as_slice);
            if now != before.as_slice() {
                let row = |(place, back): (i64, &loyalty::fact::Return)| EarlyReturnRow {
                    order_id: id.to_string(),
                    program_id: program.head.id.to_string(),
                    return_id: back.id.to_string(),
                    place,
                    body: text(back),
                };
                self.early.push((id.to_string(), (0..).zip(now).map(row).collect()));
            }
        }
    }

    fn shared(&mut self, program: &Program, gathered: &Gathered) {
        let id = program.head.id.as_str();
        let shared = &gathered.books.shared;
        self.counters = gathered.counters.changed(shared);
        for (code, voucher) in &shared.vouchers {
            if gathered.vouchers.get(code) != Some(voucher) {
                self.vouchers.push(voucher_row(id, code, voucher));
            }
        }
        let gone = gathered.vouchers.keys().filter(|code| !shared.vouchers.contains_key(*code));
        self.vouchers_gone = gone.map(ToString::to_string).collect();
        for (code, card) in &shared.cards {
            let state = text(card);
            if gathered.cards.get(code) != Some(&state) {
                self.cards.push(StateRow { id: code.to_string(), state });
            }
        }
        for (household, row) in &shared.households {
            let state = text(row);
            if gathered.households.get(household) != Some(&state) {
                let members = row.members().into_iter().map(ToString::to_string).collect();
                self.households.push((StateRow { id: household.to_string(), state }, members));
            }
        }
        for (reward, before) in &gathered.codes {
            let left = shared.codes.get(reward).map_or(0, Vec::len);
            let taken: Vec<String> = before[..before.len() - left].iter().map(ToString::to_string).collect();
            if !taken.is_empty() {
                self.codes_gone.push((reward.to_string(), taken));
            }
        }
    }

    /// Write everything.
    pub fn record(&self, program: &Program, writing: &Writing<'_>) -> Result<(), Failure> {
        let id = program.head.id.as_str();
        if !self.new_members.is_empty() {
            writing.insert_members(&self.new_members)?;
        }
        if !self.members.is_empty() {
            writing.put_members(&self.members)?;
        }
        if !self.lapses.is_empty() {
            writing.put_lapses(id, &self.lapses)?;
        }
        if !self.new_orders.is_empty() {
            writing.insert_orders(&self.new_orders)?;
        }
        if !self.orders.is_empty() {
            writing.put_orders(&self.orders)?;
        }
        if !self.postings.is_empty() {
            writing.insert_postings(&self.postings)?;
            writing.put_accounts(&self.accounts)?;
            writing.put_lots(&self.lots)?;
        }
        if !self.counters.is_empty() {
            writing.put_counters(id, &self.counters)?;
        }
        self.record_rare(id, writing)
    }

    fn record_rare(&self, id: &str, writing: &Writing<'_>) -> Result<(), Failure> {
        for (order, rows) in &self.early {
            writing.replace_early_returns(id, &[order.as_str()], rows)?;
        }
        if !self.vouchers.is_empty() {
            writing.put_vouchers(&self.vouchers)?;
        }
        if !self.vouchers_gone.is_empty() {
            let gone: Vec<&str> = self.vouchers_gone.iter().map(String::as_str).collect();
            writing.delete_vouchers(id, &gone)?;
        }
        if !self.cards.is_empty() {
            writing.put_gift_cards(id, &self.cards)?;
        }
        if !self.households.is_empty() {
            writing.put_households(id, &self.households)?;
        }
        for (reward, codes) in &self.codes_gone {
            let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            writing.delete_external_codes(id, reward, &codes)?;
        }
        Ok(())
    }
}

/// The account of a member or a household.
pub(super) fn account<'a>(
    program: &Program,
    gathered: &'a Gathered,
    owner: &Name,
    wallet: &Name,
) -> Option<&'a Account> {
    if let Some(member) = gathered.books.members.get(owner) {
        return member.accounts.get(program.wallet(wallet.as_str())?);
    }
    gathered.books.shared.households.get(owner).map(|household| &household.account)
}
