//! The back-test: the shop's own history through two programs, side by side.
//!
//! Members are independent of one another but for budgets and surprises, so the history comes member by member (sorted
//! by member, then by time) and only one member's books are held at a time: memory does not grow with the number of
//! orders. What members share is followed in the order in which they come: as if each member's whole history came
//! before the next member's, which the report says by [`Side::has_budgets`].
//!
//! Points are counted in smallest units from the entries; money is made of the sums once, at the end, so that it ties
//! to the ledger.

use crate::fact::{Event, Fact, Join};
use crate::judge::{Books, Output, judge};
use crate::ledger::{Posted, Pot};
use crate::name::Name;
use crate::number::{Ratio, Rounding};
use crate::program::Program;
use crate::tier::Move;
use crate::time::MonthDay;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one program would have done, over all members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The program.
    pub program: String,
    /// By wallet: smallest units.
    pub wallets: BTreeMap<String, Movement>,
    /// By month of the program's zone and wallet: smallest units.
    pub months: BTreeMap<String, BTreeMap<String, Movement>>,
    /// Smallest units earned less what returns took back, by funder and wallet.
    pub given_by_funder: BTreeMap<String, BTreeMap<String, i64>>,
    /// What the points given, less those returns took back, cost in minor units if all of them are spent, where wallets
    /// have a worth; rounded up.
    pub cost_minor: i64,
    /// The same by funder, each rounded up.
    pub cost_by_funder: BTreeMap<String, i64>,
    /// What points that ran out would have cost, minor units, rounded down: the least they took off the cost.
    pub expired_minor: i64,
    /// What points outstanding at the end are worth in minor units; rounded up.
    pub outstanding_minor: i64,
    /// Members by tier at the end.
    pub tiers: BTreeMap<String, u64>,
    /// Tier moves: reached, kept, lost.
    pub moves: BTreeMap<String, u64>,
    /// Whether the program has something that all members share (budgets, surprises, stock), which a back-test can only
    /// follow in the order of members.
    pub has_budgets: bool,
}

/// Points of a wallet over a time: what was there at the end is what came less what went.
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

impl Movement {
    fn add(&mut self, more: &Movement) {
        self.earned += more.earned;
        self.clawed_back += more.clawed_back;
        self.expired += more.expired;
        self.spent += more.spent;
        self.outstanding += more.outstanding;
    }

    /// What the parts sum to; equals `outstanding`.
    pub fn sum(&self) -> i64 {
        self.earned - self.clawed_back - self.expired - self.spent
    }
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

/// Members who spent about as much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// How many members.
    pub members: u64,
    /// What they spent, minor units.
    pub sales_minor: i64,
    /// What the first program gave them, minor units.
    pub first_minor: i64,
    /// What the second gave them, minor units.
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
    /// Members who gain.
    pub gain: u64,
    /// Members who lose.
    pub lose: u64,
    /// Members who neither gain nor lose.
    pub same: u64,
    /// What those who gain get more, minor units.
    pub gain_minor: i64,
    /// What those who lose get less, minor units.
    pub lose_minor: i64,
    /// Members by what they spent: from this many minor units up to the next (1, 2 or 5 times a power of ten).
    pub by_spend: BTreeMap<i64, Band>,
    /// Who gains most, most first.
    pub gain_most: Vec<Difference>,
    /// Who loses most, most first.
    pub lose_most: Vec<Difference>,
}

impl Report {
    /// Whether members of a program share something that is counted over all of them, so that its members must be taken
    /// one after another.
    pub fn shares(program: &Program) -> bool {
        program.rules.iter().any(|rule| !rule.budgets.is_empty()) || !program.surprises.is_empty()
    }

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
    sides: [Counts; 2],
}

/// What is counted by place of wallet, before it gets its names.
#[derive(Debug, Clone, Default)]
struct Counts {
    wallets: Vec<Movement>,
    /// By months since year 0 and place of wallet.
    months: BTreeMap<(i32, usize), Movement>,
    funders: BTreeMap<(Name, usize), i64>,
    tiers: BTreeMap<Name, u64>,
    moves: [u64; 3],
}

/// A member's history: when the member joined and what happened, in order of time.
#[derive(Debug, Clone)]
pub struct History {
    /// Who.
    pub member: Name,
    /// When the member joined; orders before count from then on, so it is no later than the first of them.
    pub joined_at: Timestamp,
    /// The member's birthday, where it is known.
    pub birthday: Option<MonthDay>,
    /// Orders, returns and events.
    pub events: Vec<Event>,
}

impl<'a> Backtest<'a> {
    /// Begin: `first` against `second`, through the instant `until`; `listed` members at each end of the list of who
    /// gains and loses.
    pub fn begin(first: &'a Program, second: &'a Program, until: Timestamp, listed: usize) -> Backtest<'a> {
        let side = |program: &Program| Side {
            program: program.head.id.to_string(),
            has_budgets: Report::shares(program),
            ..Side::default()
        };
        let counts = |program: &Program| Counts {
            wallets: vec![Movement::default(); program.wallets.len()],
            ..Counts::default()
        };
        Backtest {
            programs: [first, second],
            until,
            books: [Books::default(), Books::default()],
            report: Report { first: side(first), second: side(second), ..Report::default() },
            listed,
            sides: [counts(first), counts(second)],
        }
    }

    /// Take one member's history through both programs.
    pub fn add(&mut self, history: &History) {
        self.report.members += 1;
        let mut worth = [0i64; 2];
        let mut refusals = [0u64; 2];
        for place in 0..2 {
            let (program, counts) = (self.programs[place], &mut self.sides[place]);
            (worth[place], refusals[place]) =
                run(program, &mut self.books[place], history, self.until, counts);
        }
        self.report.refused += refusals[0].min(refusals[1]);
        let mut sales = 0i64;
        for event in history.events.iter().take_while(|event| event.at < self.until) {
            match &event.fact {
                Fact::Order(order) => {
                    self.report.orders += 1;
                    sales = sales.saturating_add(order.paid_minor());
                }
                Fact::Return(_) => self.report.returns += 1,
                _ => {}
            }
        }
        self.report.sales_minor = self.report.sales_minor.saturating_add(sales);
        let band = self.report.by_spend.entry(round_below(sales)).or_default();
        band.members += 1;
        band.sales_minor = band.sales_minor.saturating_add(sales);
        band.first_minor += worth[0];
        band.second_minor += worth[1];
        self.compare(history, worth);
    }

    fn compare(&mut self, history: &History, worth: [i64; 2]) {
        let report = &mut self.report;
        let more_minor = worth[1] - worth[0];
        match more_minor.signum() {
            1 => (report.gain, report.gain_minor) = (report.gain + 1, report.gain_minor + more_minor),
            -1 => (report.lose, report.lose_minor) = (report.lose + 1, report.lose_minor - more_minor),
            _ => report.same += 1,
        }
        let difference = || Difference {
            more_minor,
            member: history.member.to_string(),
            first_minor: worth[0],
            second_minor: worth[1],
        };
        if more_minor > 0 {
            list(&mut report.gain_most, self.listed, more_minor, history.member.as_str(), difference);
        } else if more_minor < 0 {
            list(&mut report.lose_most, self.listed, more_minor, history.member.as_str(), difference);
        }
    }

    /// Add what another part of the members gave: back-tests of parts can run beside one another, where neither program
    /// has what [`Side::has_budgets`] means.
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
        a.gain_minor += b.gain_minor;
        a.lose_minor += b.lose_minor;
        for (from, more) in b.by_spend {
            let band = a.by_spend.entry(from).or_default();
            band.members += more.members;
            band.sales_minor = band.sales_minor.saturating_add(more.sales_minor);
            band.first_minor += more.first_minor;
            band.second_minor += more.second_minor;
        }
        for (counts, more) in self.sides.iter_mut().zip(other.sides) {
            for (movement, more) in counts.wallets.iter_mut().zip(&more.wallets) {
                movement.add(more);
            }
            for (key, more) in more.months {
                counts.months.entry(key).or_default().add(&more);
            }
            sum(&mut counts.funders, more.funders);
            sum(&mut counts.tiers, more.tiers);
            for (count, more) in counts.moves.iter_mut().zip(more.moves) {
                *count += more;
            }
        }
        for row in b.gain_most {
            let member = row.member.clone();
            list(&mut a.gain_most, self.listed, row.more_minor, &member, || row);
        }
        for row in b.lose_most {
            let member = row.member.clone();
            list(&mut a.lose_most, self.listed, row.more_minor, &member, || row);
        }
    }

    /// The report.
    pub fn end(self) -> Report {
        let mut report = self.report;
        let sides = [&mut report.first, &mut report.second];
        for ((side, program), counts) in sides.into_iter().zip(self.programs).zip(self.sides) {
            fill(side, program, counts);
        }
        report
    }
}

/// Give the counts their names, and make money of the sums.
fn fill(side: &mut Side, program: &Program, counts: Counts) {
    let id = |wallet: usize| program.wallets[wallet].id.to_string();
    let mut expired = Money::default();
    let mut outstanding = Money::default();
    for (wallet, movement) in counts.wallets.iter().enumerate() {
        side.wallets.insert(id(wallet), *movement);
        expired.add(program, wallet, movement.expired);
        outstanding.add(program, wallet, movement.outstanding);
    }
    let mut left: Vec<i64> = vec![0; program.wallets.len()];
    for ((month, wallet), movement) in counts.months {
        let name = format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1);
        left[wallet] += movement.sum();
        let movement = Movement { outstanding: left[wallet], ..movement };
        side.months.entry(name).or_default().insert(id(wallet), movement);
    }
    let mut all = Money::default();
    let mut by_funder: BTreeMap<Name, Money> = BTreeMap::new();
    for ((funder, wallet), units) in counts.funders {
        all.add(program, wallet, units);
        by_funder.entry(funder.clone()).or_default().add(program, wallet, units);
        *side.given_by_funder.entry(funder.to_string()).or_default().entry(id(wallet)).or_default() += units;
    }
    side.cost_by_funder =
        by_funder.into_iter().map(|(funder, money)| (funder.to_string(), money.up())).collect();
    side.cost_minor = all.up();
    side.expired_minor = expired.down();
    side.outstanding_minor = outstanding.up();
    side.tiers = counts.tiers.into_iter().map(|(tier, members)| (tier.to_string(), members)).collect();
    let moves = ["reached", "kept", "lost"].map(str::to_owned);
    side.moves = moves.into_iter().zip(counts.moves).filter(|(_, count)| *count > 0).collect();
}

/// Worth of points of several wallets: one sum per wallet, rounded at the end.
#[derive(Debug, Default)]
struct Money {
    up: i64,
    down: i64,
}

impl Money {
    fn add(&mut self, program: &Program, wallet: usize, units: i64) {
        let exact = program.worth(wallet).and_then(|worth| worth.times(Ratio::new(i128::from(units), 1)?));
        let round = |rounding| exact.and_then(|exact| exact.round(rounding)).unwrap_or(0);
        self.up += round(Rounding::Up);
        self.down += round(Rounding::Down);
    }

    fn up(&self) -> i64 {
        self.up
    }

    fn down(&self) -> i64 {
        self.down
    }
}

fn sum<K: Ord, T: std::ops::AddAssign + Default>(into: &mut BTreeMap<K, T>, more: BTreeMap<K, T>) {
    for (key, value) in more {
        *into.entry(key).or_default() += value;
    }
}

/// The largest of 1, 2 and 5 times a power of ten that is not above an amount; 0 below 1.
fn round_below(amount: i64) -> i64 {
    if amount < 1 {
        return 0;
    }
    let power = 10i64.pow(amount.ilog10());
    [5, 2, 1]
        .into_iter()
        .filter_map(|times| power.checked_mul(times))
        .find(|edge| *edge <= amount)
        .unwrap_or(power)
}

/// Keep the `most` rows of the largest differences; where equal, of the first members, so that the order in which parts
/// come makes no difference.
fn list(
    rows: &mut Vec<Difference>,
    most: usize,
    more_minor: i64,
    member: &str,
    row: impl FnOnce() -> Difference,
) {
    let mine = (std::cmp::Reverse(more_minor.abs()), member);
    let is_before =
        |known: &Difference| (std::cmp::Reverse(known.more_minor.abs()), known.member.as_str()) <= mine;
    if rows.len() == most && rows.last().is_none_or(is_before) {
        return;
    }
    let place = rows.partition_point(is_before);
    rows.insert(place, row());
    rows.truncate(most);
}

/// One member through one program: what the points given are worth in minor units, and how many facts were refused.
fn run(
    program: &Program,
    books: &mut Books,
    history: &History,
    until: Timestamp,
    counts: &mut Counts,
) -> (i64, u64) {
    let mut out = Vec::new();
    let member = history.member.clone();
    let join = Join {
        member: member.clone(),
        birthday: history.birthday,
        segments: vec![],
        referred_by: None,
        marks: vec![],
    };
    judge(program, books, &Event { at: history.joined_at, fact: Fact::Join(join) }, &mut out);
    for event in history.events.iter().take_while(|event| event.at < until) {
        judge(program, books, event, &mut out);
    }
    judge(program, books, &Event { at: until, fact: Fact::Tick }, &mut out);
    let last = program.day(until.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(until));
    let mut refused = 0;
    let mut given: BTreeMap<(Option<&Name>, usize), i64> = BTreeMap::new();
    for output in &out {
        match output {
            // What falls due at the end itself is after the time that is looked at.
            Output::Posted { wallet, posting, .. } if posting.at < until => {
                let place = program.known_wallet(wallet);
                let funder = posting.cause.funder.as_ref();
                let mut moved = Movement::default();
                for line in &posting.lines {
                    match line.pot {
                        Pot::Issued => moved.earned -= line.amount,
                        Pot::ClawedBack => moved.clawed_back += line.amount,
                        Pot::Expired | Pot::Cancelled => moved.expired += line.amount,
                        Pot::Redeemed => moved.spent += line.amount,
                        _ => {}
                    }
                }
                if matches!(posting.kind, Posted::Earn | Posted::Clawback | Posted::Reinstate) {
                    *given.entry((funder, place)).or_default() += moved.earned - moved.clawed_back;
                }
                if moved != Movement::default() {
                    moved.outstanding = moved.sum();
                    counts.wallets[place].add(&moved);
                    counts.months.entry((month_of(program.day(posting.at)), place)).or_default().add(&moved);
                }
            }
            Output::Refused { .. } => refused += 1,
            Output::Tier { why, on, .. } if *on <= last => match why {
                Move::Up => counts.moves[0] += 1,
                Move::Kept => counts.moves[1] += 1,
                Move::Down => counts.moves[2] += 1,
                Move::Joined => {}
            },
            _ => {}
        }
    }
    let mut worth = 0;
    let mut by_wallet = vec![0i64; program.wallets.len()];
    for ((funder, wallet), units) in given {
        by_wallet[wallet] += units;
        let funder = funder.cloned().unwrap_or_else(|| "shop".into());
        *counts.funders.entry((funder, wallet)).or_default() += units;
    }
    for (wallet, units) in by_wallet.into_iter().enumerate() {
        let exact = program.worth(wallet).and_then(|worth| worth.times(Ratio::new(i128::from(units), 1)?));
        worth += exact.and_then(|exact| exact.round(Rounding::HalfUp)).unwrap_or(0);
    }
    let row = &books.members[&member];
    for tier in row.tiers_on(program, last) {
        *counts.tiers.entry(tier.clone()).or_default() += 1;
    }
    forget(books);
    (worth, refused)
}

/// Only what members share goes on to the next: this member's books are let go.
fn forget(books: &mut Books) {
    let shared = &mut books.shared;
    let (budgets, surprises) = (std::mem::take(&mut shared.budgets), std::mem::take(&mut shared.surprises));
    let (given, seed) = (std::mem::take(&mut shared.given), shared.seed);
    *books = Books::default();
    books.shared.budgets = budgets;
    books.shared.surprises = surprises;
    books.shared.given = given;
    books.shared.seed = seed;
}

fn month_of(day: Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month()) - 1
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
