//! How a program runs: members, what their points mean in the accounts, missions, referrals, vouchers. Everything is
//! walked once, some hundred members at a time, as of one instant; nothing is held but sums and what needs a look.

use super::liabilities::{Accounts, Asked, Statement};
use crate::record::books;
use crate::record::program::InForce;
use jiff::Timestamp;
use jiff::civil::Date;
use loyalty::ledger::Posting;
use loyalty::liability::{Policy, Shares};
use loyalty::member::Member;
use loyalty::program::Program;
use loyalty::referral::State;
use loyalty::tier::{outlook, thresholds};
use loyalty::time::start_of;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{Failure, PostingRow, VoucherSum, Writing};

/// Members that are walked at once.
const PAGE: i64 = 500;
/// How many flagged referrals are told of.
const FLAGGED: usize = 500;

/// How many members who are about to drop are told of, and how many days before.
const DROPPING: usize = 200;
const SOON_DAYS: i32 = 30;

/// The policies that are offered, by a word.
pub const POLICIES: [(&str, Policy); 3] = [
    ("fair_value", Policy::FairValue),
    ("relative_price", Policy::RelativePrice { shares: Shares::Exact }),
    ("provision", Policy::Provision),
];

/// How a program runs.
#[derive(Debug, Clone, Serialize)]
pub struct Running {
    /// Members who are still members under their own name.
    pub members: u64,
    /// Months with their accounts under each policy: last month and this month so far.
    pub months: Vec<MonthEnd>,
    /// Missions by id.
    pub missions: BTreeMap<String, MissionSum>,
    /// Friends who were brought, by how that stands.
    pub referrals: BTreeMap<String, u64>,
    /// Those that wait for a look, the oldest members first; at most some hundred.
    pub flagged: Vec<Flagged>,
    /// Vouchers by reward.
    pub vouchers: Vec<VoucherSum>,
    /// By ladder, how many members stand on each tier, the lowest first.
    pub tiers: Vec<Vec<u64>>,
    /// How many lose their tier within a month unless something happens.
    pub dropping: u64,
    /// Those who lose it first; at most some hundred.
    pub next_to_drop: Vec<Dropping>,
}

/// A member whose tier ends soon and is not kept yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dropping {
    /// The last day of the tier.
    pub ends_on: Date,
    /// Who.
    pub member: String,
    /// The place of the ladder, and of the tier on it.
    pub ladder: usize,
    /// The tier's place on its ladder.
    pub level: usize,
    /// What is missing to keep it, in what the ladder counts.
    pub to_keep: i64,
}

/// A month in the accounts.
#[derive(Debug, Clone, Serialize)]
pub struct MonthEnd {
    /// Its first day.
    pub month: Date,
    /// By the policy's word, a statement for each wallet.
    pub policies: BTreeMap<&'static str, Vec<Statement>>,
}

/// What members did for a mission.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MissionSum {
    /// Members who have counted something towards it.
    pub on_it: u64,
    /// Prizes that were given.
    pub prizes: u64,
}

/// A referral that looks like one person twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flagged {
    /// The friend.
    pub friend: String,
    /// Who brought them.
    pub by: String,
    /// The order that made it good.
    pub order: Option<String>,
    /// What raised the flag: `same card`.
    pub flags: Vec<String>,
    /// When the friend joined.
    pub joined_at: Timestamp,
}

/// Walk over a program. `told` hears how many members were walked.
pub fn running(
    reading: &Writing<'_>,
    in_force: &InForce,
    now: Timestamp,
    told: &mut dyn FnMut(u64),
) -> Result<Running, Failure> {
    let program = &in_force.program;
    let id = program.head.id.as_str();
    let mut walked = Walked::new(program, now);
    let mut after = String::new();
    loop {
        let until = reading.owner_at(id, &after, PAGE)?;
        walked.postings(&reading.postings_between(id, &after, until.as_deref())?)?;
        match until {
            Some(until) => after = until,
            None => break,
        }
    }
    after.clear();
    loop {
        let rows = reading.members_after(id, &after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = last.customer_id.clone();
        for row in &rows {
            walked.member(&books::member(program, row)?);
        }
        told(walked.members);
    }
    let sales_minor = reading.sales_by_month(id)?;
    Ok(walked.over(sales_minor, reading.sum_vouchers(id, now.as_microsecond())?))
}

struct Walked<'a> {
    program: &'a Program,
    /// First days: of the month before, of this month, of the next.
    months: [Date; 3],
    accounts: [Accounts<'a>; 2],
    members: u64,
    missions: BTreeMap<String, MissionSum>,
    referrals: BTreeMap<String, u64>,
    flagged: Vec<Flagged>,
    today: Date,
    /// For each ladder what its tiers take.
    thresholds: Vec<Vec<i64>>,
    tiers: Vec<Vec<u64>>,
    dropping: u64,
    next_to_drop: BTreeSet<(Date, String, usize, usize, i64)>,
}

impl<'a> Walked<'a> {
    fn new(program: &'a Program, now: Timestamp) -> Walked<'a> {
        let this = program.day(now).first_of_month();
        let months = [this.yesterday().unwrap_or(this).first_of_month(), this, next_month(this)];
        let [before, begin, end] = months.map(|day| start_of(day, &program.zone));
        Walked {
            program,
            months,
            accounts: [Accounts::new(program, before, begin), Accounts::new(program, begin, end)],
            members: 0,
            missions: program
                .missions
                .iter()
                .map(|one| (one.spec.id.to_string(), MissionSum::default()))
                .collect(),
            referrals: BTreeMap::new(),
            flagged: Vec::new(),
            today: program.day(now),
            thresholds: program.ladders.iter().map(|ladder| thresholds(program, ladder)).collect(),
            tiers: program.ladders.iter().map(|ladder| vec![0; ladder.tier.len()]).collect(),
            dropping: 0,
            next_to_drop: BTreeSet::new(),
        }
    }

    /// Where a member stands on each ladder, and whether that ends soon.
    fn standing(&mut self, member: &Member) {
        for (place, (ladder, standing)) in self.program.ladders.iter().zip(&member.standings).enumerate() {
            let found = outlook(ladder, &self.thresholds[place], member.joined_on, standing, self.today);
            if let Some(count) = self.tiers[place].get_mut(found.level) {
                *count += 1;
            }
            let Some(ends_on) = found.ends_on.filter(|_| found.to_keep > 0) else { continue };
            let days = self.today.until(ends_on).map_or(i32::MAX, |span| span.get_days());
            if (0..=SOON_DAYS).contains(&days) {
                self.dropping += 1;
                self.next_to_drop.insert((ends_on, member.id.to_string(), place, found.level, found.to_keep));
                if self.next_to_drop.len() > DROPPING {
                    self.next_to_drop.pop_last();
                }
            }
        }
    }

    /// Rows of some owners, whole, in the order of owner, wallet and number.
    fn postings(&mut self, rows: &[PostingRow]) -> Result<(), Failure> {
        for account in rows.chunk_by(|a, b| a.owner_id == b.owner_id && a.wallet == b.wallet) {
            let chain: Vec<Posting> = account.iter().map(books::posting).collect::<Result<_, _>>()?;
            for accounts in &mut self.accounts {
                accounts.take(&account[0].wallet, &chain);
            }
        }
        Ok(())
    }

    fn member(&mut self, member: &Member) {
        if member.merged.is_some() {
            return;
        }
        self.members += 1;
        self.standing(member);
        for (id, progress) in &member.missions {
            let sum = self.missions.entry(id.to_string()).or_default();
            sum.on_it += u64::from(!progress.counted.is_empty());
            sum.prizes += progress.given.len() as u64;
        }
        let Some(brought) = &member.referral else { return };
        *self.referrals.entry(books::word(&brought.state)).or_default() += 1;
        if brought.state == State::Flagged && self.flagged.len() < FLAGGED {
            self.flagged.push(flagged(member, brought));
        }
    }

    fn over(self, sales_minor: BTreeMap<String, i64>, vouchers: Vec<VoucherSum>) -> Running {
        let ends = self.months.windows(2).zip(&self.accounts);
        let months = ends.map(|(days, accounts)| {
            let asked = |policy| Asked {
                from: start_of(days[0], &self.program.zone),
                to: start_of(days[1], &self.program.zone),
                policy,
                life_months: None,
                sales_minor: sales_minor.clone(),
            };
            let policies = POLICIES.map(|(word, policy)| (word, accounts.statements(&asked(policy))));
            MonthEnd { month: days[0], policies: BTreeMap::from(policies) }
        });
        Running {
            members: self.members,
            months: months.collect(),
            missions: self.missions,
            referrals: self.referrals,
            flagged: self.flagged,
            vouchers,
            tiers: self.tiers,
            dropping: self.dropping,
            next_to_drop: self
                .next_to_drop
                .into_iter()
                .map(|(ends_on, member, ladder, level, to_keep)| Dropping {
                    ends_on,
                    member,
                    ladder,
                    level,
                    to_keep,
                })
                .collect(),
        }
    }
}

fn next_month(first: Date) -> Date {
    first.last_of_month().tomorrow().unwrap_or(Date::MAX)
}

fn flagged(member: &Member, brought: &loyalty::referral::Brought) -> Flagged {
    Flagged {
        friend: member.id.to_string(),
        by: brought.by.to_string(),
        order: brought.order.as_ref().map(ToString::to_string),
        flags: brought.flags.iter().map(ToString::to_string).collect(),
        joined_at: member.joined_at,
    }
}

/// The referrals among `friends`, which are sorted, that wait for a look as of now.
pub fn still_flagged(
    reading: &Writing<'_>,
    in_force: &InForce,
    friends: &[&str],
) -> Result<Vec<Flagged>, Failure> {
    let rows = reading.find_members(in_force.program.head.id.as_str(), friends)?;
    let mut found = Vec::new();
    for row in &rows {
        let member = books::member(&in_force.program, row)?;
        let brought = member.referral.as_ref().filter(|brought| brought.state == State::Flagged);
        found.extend(brought.map(|brought| flagged(&member, brought)));
    }
    Ok(found)
}
