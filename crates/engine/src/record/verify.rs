//! Proof that what is kept is what happened: every account is replayed from its first posting and compared with what
//! is kept of it, and what members share is held against what the program allows.
//!
//! It works on a live system: everything is read as of one instant.

use super::books::{account_row, by_name, lot_rows, member, micros, posting, value};
use jiff::Timestamp;
use loyalty::ledger::{Account, Fault, LotId, Posting, Pot, verify};
use loyalty::member::Member;
use loyalty::name::Name;
use loyalty::program::Program;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use store::{Failure, PostingRow, Session, Writing};

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What must hold and does not.
    pub rule: String,
    /// Where: an owner and a wallet, a counter, an order.
    pub what: String,
    /// What was found there.
    pub detail: String,
    /// Since when, where the rows tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// What was looked at.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Owners of accounts: customers and households.
    pub owners: u64,
    /// Postings replayed.
    pub postings: u64,
    /// Members whose state was compared.
    pub members: u64,
    /// What does not hold.
    pub findings: Vec<Finding>,
}

/// How many owners are read at once.
const PAGE: i64 = 500;
/// How many findings are listed; a broken table would otherwise list itself.
const LISTED: usize = 1000;

/// Check the record of a program. Reads everything, changes nothing.
pub fn verify_record(session: &mut Session, program: &Program) -> Result<Report, Failure> {
    session.snapshot(|reading| prove(reading, program))
}

fn prove(reading: &Writing<'_>, program: &Program) -> Result<Report, Failure> {
    let mut proof =
        Proof { program, report: Report::default(), on_the_way: BTreeMap::new(), given: BTreeMap::new() };
    let id = program.head.id.as_str();
    let mut after = String::new();
    loop {
        let owners = reading.owners_after(id, &after, PAGE)?;
        let Some(last) = owners.last() else { break };
        after = last.clone();
        proof.owners(reading, &owners)?;
    }
    let mut after = String::new();
    loop {
        let rows = reading.members_after(id, &after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = last.customer_id.clone();
        for row in &rows {
            proof.report.members += 1;
            proof.merged_into_somebody(reading, row)?;
        }
    }
    for what in reading.orphaned_projections(id, LISTED as i64)? {
        proof.find("every balance has its postings", &what, "there is no posting", None);
    }
    for what in reading.orphaned_orders(id, LISTED as i64)? {
        proof.find("every order belongs to a member", &what, "there is no such member", None);
    }
    proof.counters(reading)?;
    let on_the_way: Vec<(Name, i64)> = proof
        .on_the_way
        .iter()
        .filter(|(_, units)| **units != 0)
        .map(|(name, units)| (name.clone(), *units))
        .collect();
    for (wallet, units) in on_the_way {
        let detail = format!("{units} units left one member and reached nobody");
        proof.find("transfers sum to zero over all members", wallet.as_str(), &detail, None);
    }
    proof.report.findings.truncate(LISTED);
    Ok(proof.report)
}

struct Proof<'a> {
    program: &'a Program,
    report: Report,
    /// Points on their way between members, by wallet.
    on_the_way: BTreeMap<Name, i64>,
    /// Rewards that are out: redemptions that were not given back, by reward.
    given: BTreeMap<Name, i64>,
}

impl Proof<'_> {
    fn find(&mut self, rule: &str, what: &str, detail: &str, since: Option<Timestamp>) {
        if self.report.findings.len() <= LISTED {
            let (rule, what, detail) = (rule.to_owned(), what.to_owned(), detail.to_owned());
            self.report.findings.push(Finding { rule, what, detail, since });
        }
    }

    fn owners(&mut self, reading: &Writing<'_>, owners: &[String]) -> Result<(), Failure> {
        let id = self.program.head.id.as_str();
        let names: Vec<&str> = owners.iter().map(String::as_str).collect();
        let mut states =
            by_name(reading.find_members(id, &names)?.into_iter().map(|row| (row.customer_id.clone(), row)));
        for owner in owners {
            self.report.owners += 1;
            let postings = reading.postings_of(owner, id)?;
            self.report.postings += postings.len() as u64;
            let accounts = reading.accounts_of(owner, id)?;
            let lots = reading.lots_of(owner, id)?;
            let member = match states.remove(owner.as_str()) {
                None => None,
                Some(row) => Some(member(self.program, &row)?),
            };
            let mut from = 0;
            while from < postings.len() {
                let wallet = &postings[from].wallet;
                let until = from + postings[from..].iter().take_while(|row| row.wallet == *wallet).count();
                let kept = Kept {
                    account: accounts.iter().find(|row| row.wallet == *wallet),
                    lots: lots.iter().filter(|row| row.wallet == *wallet).collect(),
                    member: member.as_ref(),
                };
                self.account(owner, wallet, &postings[from..until], &kept)?;
                from = until;
            }
            if let Some(member) = &member {
                self.redemptions(member);
            }
        }
        Ok(())
    }

    fn account(
        &mut self,
        owner: &str,
        wallet: &str,
        rows: &[PostingRow],
        kept: &Kept<'_>,
    ) -> Result<(), Failure> {
        let what = format!("{owner} {wallet}");
        let postings: Vec<Posting> = rows.iter().map(posting).collect::<Result<_, _>>()?;
        let faults = verify(self.program.head.id.as_str(), owner, wallet, &postings);
        let is_sound = faults.is_empty();
        for fault in faults {
            let since =
                postings.iter().find(|posting| posting.number == number(&fault)).map(|posting| posting.at);
            self.find(rule(&fault), &what, &fault.to_string(), since);
        }
        if !is_sound {
            // What is kept of a broken chain cannot be compared with it.
            return Ok(());
        }
        let mut account = Account::open(self.program.head.id.as_str(), owner, wallet);
        for posting in &postings {
            account.apply(posting);
            let moved: i64 = posting.on(&Pot::Transferred);
            *self.on_the_way.entry(wallet.into()).or_default() += moved;
        }
        let (owner, wallet) = (Name::from(owner), Name::from(wallet));
        let id = self.program.head.id.to_string();
        let since = postings.last().map(|posting| posting.at);
        if kept.account != Some(&account_row(&id, &owner, &wallet, &account)) {
            let detail = format!(
                "kept {:?}, replayed {:?}",
                kept.account,
                account_row(&id, &owner, &wallet, &account)
            );
            self.find("balances equal a replay", &what, &detail, since);
        }
        let all: BTreeSet<LotId> = (0..account.lots().len() as u32).map(LotId).collect();
        let replayed: Vec<_> = lot_rows(&id, &owner, &wallet, &account, &all).collect();
        if !kept.lots.iter().copied().eq(replayed.iter()) {
            let differs = replayed.iter().zip(&kept.lots).find(|(replayed, kept)| replayed != *kept);
            self.find("lots equal a replay", &what, &format!("{differs:?}"), since);
        }
        let place = self.program.wallet(wallet.as_str());
        let of_member = kept.member.zip(place).and_then(|(member, place)| member.accounts.get(place));
        if let Some(of_member) = of_member.filter(|of_member| **of_member != account) {
            let detail = format!("{} postings there, {} here", of_member.postings(), account.postings());
            self.find("members equal a replay", &what, &detail, since);
        }
        if account.usable() < 0 || account.owed() < 0 {
            self.find("nobody has less than nothing", &what, &format!("{} usable", account.usable()), since);
        }
        Ok(())
    }

    fn redemptions(&mut self, member: &Member) {
        for (redemption, held) in &member.redemptions {
            *self.given.entry(held.reward.clone()).or_default() += 1;
            let account = &member.accounts[held.wallet.min(member.accounts.len() - 1)];
            let lapsed = account.holds().get(redemption).is_none();
            // An open redemption may have lapsed: its points are free, and its place in the stock is given back when
            // somebody asks for it.
            if held.is_open
                && !lapsed
                && account.holds()[redemption].parts.iter().map(|(_, units)| units).sum::<i64>() != held.units
            {
                let what = format!("{} {redemption}", member.id);
                self.find("a hold holds what it says", &what, &format!("{} units", held.units), None);
            }
        }
    }

    fn merged_into_somebody(&mut self, reading: &Writing<'_>, row: &store::MemberRow) -> Result<(), Failure> {
        let member = member(self.program, row)?;
        if member.id != row.customer_id.as_str() || micros(member.joined_at) != row.joined_at {
            self.find("a member's state is the member's own", &row.customer_id, member.id.as_str(), None);
        }
        let due = loyalty::judge::due_at(self.program, &member).map(micros);
        if due != row.due_at {
            let detail = format!("kept {:?}, computed {due:?}", row.due_at);
            self.find("what is due is known", &row.customer_id, &detail, None);
        }
        let Some(into) = &row.merged_into else { return Ok(()) };
        if reading.find_members(self.program.head.id.as_str(), &[into.as_str()])?.is_empty() {
            self.find("a merged member leads to another", &row.customer_id, into, None);
        }
        Ok(())
    }

    /// Stock and budgets: never below zero, never beyond what the program allows, and as many given as are out.
    fn counters(&mut self, reading: &Writing<'_>) -> Result<(), Failure> {
        for (name, used) in reading.list_counters(self.program.head.id.as_str())? {
            let parts: Vec<Json> = value(&name, || format!("counter {name}"))?;
            let text = |at: usize| parts.get(at).and_then(Json::as_str).unwrap_or_default();
            let most = match text(0) {
                "given" => {
                    let out = self.given.get(text(1)).copied().unwrap_or(0);
                    if out != used {
                        let detail = format!("{used} counted, {out} redemptions are out");
                        self.find("as many rewards are counted as are out", &name, &detail, None);
                    }
                    let reward = self.program.rewards.iter().find(|reward| reward.id == *text(1));
                    reward.and_then(|reward| reward.stock).map(i64::from)
                }
                "budget" => {
                    let place = parts.get(2).and_then(Json::as_u64).unwrap_or(0) as usize;
                    let budgets = self.program.versions(text(1)).filter_map(|rule| rule.budgets.get(place));
                    budgets.map(|(most, ..)| *most).max()
                }
                _ => None,
            };
            if used < 0 || most.is_some_and(|most| used > most) {
                let detail = format!("{used} used of {most:?}");
                self.find("no budget and no stock is exceeded", &name, &detail, None);
            }
        }
        Ok(())
    }
}

/// What is kept of an account.
struct Kept<'a> {
    account: Option<&'a store::AccountRow>,
    lots: Vec<&'a store::LotRow>,
    member: Option<&'a Member>,
}

fn number(fault: &Fault) -> u64 {
    match fault {
        Fault::OutOfPlace { found: number, .. }
        | Fault::Altered(number)
        | Fault::Unbalanced { number, .. }
        | Fault::Backwards(number)
        | Fault::Impossible { number, .. } => *number,
    }
}

fn rule(fault: &Fault) -> &'static str {
    match fault {
        Fault::OutOfPlace { .. } => "no posting is missing, doubled or out of place",
        Fault::Altered(_) => "no posting was changed",
        Fault::Unbalanced { .. } => "the lines of a posting sum to zero",
        Fault::Backwards(_) => "an account's time does not run backwards",
        Fault::Impossible { .. } => "nothing is spent that is not there",
    }
}
