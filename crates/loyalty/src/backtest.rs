//! The back-test: the shop's own history through two programs, side by side.
//!
//! Members are independent of one another but for budgets, so the history comes member by member (sorted by member,
//! then by time) and only one member's books are held at a time: memory does not grow with the number of orders.
//! Budgets are shared over members in the order they come; a program with budgets is thus rated as if each member's
//! whole history came before the next member's, which the report says by naming its budgets.

use crate::fact::{Event, Fact, Join};
use crate::judge::{Books, Output, judge};
use crate::ledger::{Posted, Pot};
use crate::name::Name;
use crate::number::{Ratio, Rounding};
use crate::program::Program;
use crate::tier::Move;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one program would have done, over all members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The program.
    pub program: String,
    /// By wallet: smallest units.
    pub wallets: BTreeMap<String, Movement>,
    /// What the points given cost in minor units of the program's currency, where wallets have a worth; rounded up.
    pub cost_minor: i64,
    /// The same by funder.
    pub cost_by_funder: BTreeMap<String, i64>,
    /// What points outstanding at the end are worth in minor units; rounded up.
    pub outstanding_minor: i64,
    /// Members by tier at the end.
    pub tiers: BTreeMap<String, u64>,
    /// Tier moves: reached, kept, lost.
    pub moves: BTreeMap<String, u64>,
    /// Whether the program has budgets, which a back-test can only follow in the order of members.
    pub has_budgets: bool,
}

/// Points of a wallet over the period: what was there at the end is what came less what went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Earned.
    pub earned: i64,
    /// Taken back by returns, net of what was given again.
    pub clawed_back: i64,
    /// Ran out or never became usable.
    pub expired: i64,
    /// Spent, net of what came back.
    pub spent: i64,
    /// There at the end: usable, pending and held, less what is owed.
    pub outstanding: i64,
}

/// One member under both programs, in minor units of worth.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Difference {
    /// What the second program gives more than the first; negative where less.
    pub more_minor: i64,
    /// Who.
    pub member: String,
    /// Under the first.
    pub first_minor: i64,
    /// Under the second.
    pub second_minor: i64,
}

/// The report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Members seen.
    pub members: u64,
    /// Orders seen.
    pub orders: u64,
    /// What was paid for them, minor units.
    pub sales_minor: i64,
    /// Returns seen.
    pub returns: u64,
    /// Facts that both programs refused, such as returns of unknown orders.
    pub refused: u64,
    /// The first program.
    pub first: Side,
    /// The second.
    pub second: Side,
    /// Members who gain, lose and stay.
    pub gain: u64,
    /// Members who lose.
    pub lose: u64,
    /// Members who neither gain nor lose.
    pub same: u64,
    /// Who gains most, most first.
    pub gain_most: Vec<Difference>,
    /// Who loses most, most first.
    pub lose_most: Vec<Difference>,
}

impl Report {
    /// Cost as a share of sales, in hundredths of a per cent, of the first and the second program.
    pub fn cost_rates(&self) -> (i64, i64) {
        let rate = |side: &Side| {
            let exact = Ratio::new(i128::from(side.cost_minor) * 10_000, i128::from(self.sales_minor.max(1)));
            exact.and_then(|exact| exact.round(Rounding::HalfUp)).unwrap_or(0)
        };
        (rate(&self.first), rate(&self.second))
    }
}

/// A back-test under way.
pub struct Backtest<'a> {
    programs: [&'a Program; 2],
    until: Timestamp,
    /// Budgets and the rest that members share, per program.
    books: [Books; 2],
    report: Report,
    listed: usize,
}

/// A member's history: when the member joined and what happened, in order of time.
#[derive(Debug, Clone)]
pub struct History {
    /// Who.
    pub member: Name,
    /// When the member joined; orders before count from then on, so it is no later than the first of them.
    pub joined_at: Timestamp,
    /// Orders, returns and events.
    pub events: Vec<Event>,
}

impl<'a> Backtest<'a> {
    /// Begin: `first` against `second`, through the instant `until`; `listed` members at each end of the list of who
    /// gains and loses.
    pub fn begin(first: &'a Program, second: &'a Program, until: Timestamp, listed: usize) -> Backtest<'a> {
        let mut report = Report::default();
        for (program, side) in [(first, &mut report.first), (second, &mut report.second)] {
            side.program = program.head.id.to_string();
            side.has_budgets = program.rules.iter().any(|rule| !rule.budgets.is_empty());
        }
        Backtest {
            programs: [first, second],
            until,
            books: [Books::default(), Books::default()],
            report,
            listed,
        }
    }

    /// Take one member's history through both programs.
    pub fn add(&mut self, history: &History) {
        self.report.members += 1;
        let mut worth = [0i64; 2];
        let mut refusals = [0u64; 2];
        for (place, program) in self.programs.into_iter().enumerate() {
            let side = if place == 0 { &mut self.report.first } else { &mut self.report.second };
            let (value, refused) = run(program, &mut self.books[place], history, self.until, side);
            worth[place] = value;
            refusals[place] = refused;
        }
        self.report.refused += refusals[0].min(refusals[1]);
        for event in &history.events {
            match &event.fact {
                Fact::Order(order) => {
                    self.report.orders += 1;
                    self.report.sales_minor = self.report.sales_minor.saturating_add(order.paid_minor());
                }
                Fact::Return(_) => self.report.returns += 1,
                _ => {}
            }
        }
        let more_minor = worth[1] - worth[0];
        match more_minor.signum() {
            1 => self.report.gain += 1,
            -1 => self.report.lose += 1,
            _ => self.report.same += 1,
        }
        let difference = || Difference {
            more_minor,
            member: history.member.to_string(),
            first_minor: worth[0],
            second_minor: worth[1],
        };
        if more_minor > 0 {
            list(&mut self.report.gain_most, difference, self.listed, |row| -row.more_minor, -more_minor);
        } else if more_minor < 0 {
            list(&mut self.report.lose_most, difference, self.listed, |row| row.more_minor, more_minor);
        }
    }

    /// Add what another part of the members gave: back-tests of parts can run beside one another.
    pub fn join(&mut self, other: Backtest) {
        let (a, b) = (&mut self.report, other.report);
        a.members += b.members;
        a.orders += b.orders;
        a.sales_minor = a.sales_minor.saturating_add(b.sales_minor);
        a.returns += b.returns;
        a.refused += b.refused;
        a.gain += b.gain;
        a.lose += b.lose;
        a.same += b.same;
        for (side, more) in [(&mut a.first, b.first), (&mut a.second, b.second)] {
            side.cost_minor += more.cost_minor;
            side.outstanding_minor += more.outstanding_minor;
            for (wallet, movement) in more.wallets {
                let total = side.wallets.entry(wallet).or_default();
                total.earned += movement.earned;
                total.clawed_back += movement.clawed_back;
                total.expired += movement.expired;
                total.spent += movement.spent;
                total.outstanding += movement.outstanding;
            }
            sum(&mut side.cost_by_funder, more.cost_by_funder);
            sum(&mut side.tiers, more.tiers);
            sum(&mut side.moves, more.moves);
        }
        for row in b.gain_most {
            let key = -row.more_minor;
            list(&mut a.gain_most, || row, self.listed, |row| -row.more_minor, key);
        }
        for row in b.lose_most {
            let key = row.more_minor;
            list(&mut a.lose_most, || row, self.listed, |row| row.more_minor, key);
        }
    }

    /// The report.
    pub fn end(self) -> Report {
        self.report
    }
}

/// Run whole histories.
pub fn backtest(
    first: &Program,
    second: &Program,
    until: Timestamp,
    listed: usize,
    histories: impl Iterator<Item = History>,
) -> Report {
    let mut backtest = Backtest::begin(first, second, until, listed);
    for history in histories {
        backtest.add(&history);
    }
    backtest.end()
}

fn sum<T: std::ops::AddAssign + Default>(into: &mut BTreeMap<String, T>, more: BTreeMap<String, T>) {
    for (key, value) in more {
        *into.entry(key).or_default() += value;
    }
}

fn list(
    rows: &mut Vec<Difference>,
    row: impl FnOnce() -> Difference,
    most: usize,
    key: impl Fn(&Difference) -> i64,
    mine: i64,
) {
    if rows.len() == most && rows.last().is_none_or(|last| key(last) <= mine) {
        return;
    }
    let place = rows.partition_point(|known| key(known) <= mine);
    rows.insert(place, row());
    rows.truncate(most);
}

/// One member through one program: what the points given are worth in minor units, and how many facts were refused.
fn run(
    program: &Program,
    books: &mut Books,
    history: &History,
    until: Timestamp,
    side: &mut Side,
) -> (i64, u64) {
    let mut out = Vec::new();
    let member = history.member.clone();
    let join =
        Join { member: member.clone(), birthday: None, segments: vec![], referred_by: None, marks: vec![] };
    judge(program, books, &Event { at: history.joined_at, fact: Fact::Join(join) }, &mut out);
    for event in history.events.iter().take_while(|event| event.at < until) {
        judge(program, books, event, &mut out);
    }
    judge(program, books, &Event { at: until, fact: Fact::Tick }, &mut out);
    let mut refused = 0;
    let mut given: BTreeMap<(usize, &str), i64> = BTreeMap::new();
    for output in &out {
        match output {
            Output::Posted { wallet, posting, .. } => {
                let funder = posting.cause.funder.as_ref().map_or("shop", |funder| funder.as_str());
                let place = program.known_wallet(wallet);
                if posting.kind == Posted::Earn {
                    *given.entry((place, funder)).or_default() -= posting.on(&Pot::Issued);
                }
            }
            Output::Refused { .. } => refused += 1,
            Output::Tier { why, .. } => {
                let key = match why {
                    Move::Up => "reached",
                    Move::Kept => "kept",
                    Move::Down => "lost",
                    Move::Joined => continue,
                };
                *side.moves.entry(key.to_owned()).or_default() += 1;
            }
            _ => {}
        }
    }
    let value = |wallet: usize, units: i64| -> i64 {
        let exact = program.worth(wallet).and_then(|worth| worth.times(Ratio::new(i128::from(units), 1)?));
        exact.and_then(|exact| exact.round(Rounding::Up)).unwrap_or(0)
    };
    let mut worth = 0;
    for ((wallet, funder), units) in given {
        let cost = value(wallet, units);
        worth += cost;
        *side.cost_by_funder.entry(funder.to_owned()).or_default() += cost;
    }
    side.cost_minor += worth;
    let row = &books.members[&member];
    for (wallet, account) in row.accounts.iter().enumerate() {
        let balance = account.balance(until.max(account.at()));
        let totals = balance.totals;
        let movement = side.wallets.entry(program.wallets[wallet].id.to_string()).or_default();
        let outstanding = balance.available + balance.pending + balance.held - balance.owed;
        movement.earned += totals.earned;
        movement.clawed_back += totals.clawed_back - totals.reinstated;
        movement.expired += totals.expired + totals.cancelled;
        movement.spent += totals.spent - totals.refunded;
        movement.outstanding += outstanding;
        side.outstanding_minor += value(wallet, outstanding.max(0));
    }
    for tier in row.tiers_on(program, program.day(until)) {
        *side.tiers.entry(tier.to_string()).or_default() += 1;
    }
    // Only what members share goes on to the next: this member's books are let go.
    let budgets = std::mem::take(&mut books.shared.budgets);
    let seed = books.shared.seed;
    *books = Books::default();
    books.shared.budgets = budgets;
    books.shared.seed = seed;
    (worth, refused)
}
