//! What outstanding points mean in the accounts: the ledger's months, the chain ladder's estimates, a named policy.
//!
//! The ladder works on estimates and belongs to `stats`; the accounts work on integers and belong to `loyalty`. What
//! passes from one to the other is a whole number of points per month, so that the journal ties to the ledger to the
//! unit whatever the estimate.

use jiff::Timestamp;
use jiff::civil::Date;
use loyalty::judge::Output;
use loyalty::ledger::Posting;
use loyalty::liability::{
    JournalLine, Month, Months, Movement, Policy, Vintage, count_months, journal, liability, movement,
};
use loyalty::name::Name;
use loyalty::number::Ratio;
use loyalty::program::Program;
use loyalty::time::start_of;
use serde::Serialize;
use stats::chain_ladder::{Tail, chain_ladder};
use std::collections::BTreeMap;

/// A month's points in the accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The month, `2026-03`.
    pub month: String,
    /// Smallest units issued.
    pub issued: i64,
    /// Redeemed.
    pub redeemed: i64,
    /// Run out.
    pub expired: i64,
    /// Still there, held points among them.
    pub outstanding: i64,
    /// Units expected to be redeemed in the end.
    pub expected: i64,
    /// The liability, minor units.
    pub liability_minor: i64,
    /// Redeemed by age: in the month itself, the month after, and so on. All months together are the triangle.
    pub redeemed_by_age: Vec<i64>,
}

/// What the accounts say of one wallet at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The wallet.
    pub wallet: String,
    /// The movement of the month before the instant, smallest units.
    pub movement: Movement,
    /// Whether the estimate is the chain ladder's; else nothing has been redeemed long enough to tell, and everything is
    /// expected to be.
    pub is_estimated: bool,
    /// By month the points were issued in.
    pub months: Vec<Row>,
    /// The liability of all months, minor units.
    pub liability_minor: i64,
    /// What it was at the beginning of the month.
    pub before_minor: i64,
    /// The month-end journal.
    pub journal: Vec<JournalLine>,
}

/// What is asked of the accounts.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The beginning of the month.
    pub from: Timestamp,
    /// Its end, exclusive.
    pub to: Timestamp,
    /// The policy.
    pub policy: Policy,
    /// How many months a point lives, where it has an end.
    pub life_months: Option<usize>,
    /// What was sold to members by month (`2026-03`), minor units: what a relative price is a share of.
    pub sales_minor: BTreeMap<String, i64>,
}

/// The statement of every wallet from the outputs of a simulation.
pub fn statements(program: &Program, outputs: &[Output], asked: &Asked) -> Vec<Statement> {
    let mut chains: BTreeMap<(&Name, &Name), Vec<Posting>> = BTreeMap::new();
    for output in outputs {
        if let Output::Posted { member, wallet, posting, .. } = output {
            chains.entry((wallet, member)).or_default().push(posting.clone());
        }
    }
    let mut accounts = Accounts::new(program, asked.from, asked.to);
    for ((wallet, _), chain) in &chains {
        accounts.take(wallet.as_str(), chain);
    }
    accounts.statements(asked)
}

/// The ledger as the accounts need it, counted chain by chain, so that a whole shop's postings are never held at once.
pub struct Accounts<'a> {
    program: &'a Program,
    from: Timestamp,
    to: Timestamp,
    wallets: Vec<Counted>,
}

/// One wallet's months as they stood at the end of each month.
#[derive(Default)]
struct Counted {
    ends: BTreeMap<Timestamp, Months>,
    movement: Movement,
}

impl<'a> Accounts<'a> {
    /// For the movement from `from`, which is the beginning of a month, to `to`, exclusive, and the liability at `to`.
    pub fn new(program: &'a Program, from: Timestamp, to: Timestamp) -> Accounts<'a> {
        Accounts { program, from, to, wallets: program.wallets.iter().map(|_| Counted::default()).collect() }
    }

    /// Count all postings of one account, in their order. A wallet that is not in the program is passed over.
    pub fn take(&mut self, wallet: &str, chain: &[Posting]) {
        let Some(first) = chain.first() else { return };
        let Some(place) = self.program.wallet(wallet) else { return };
        let (zone, counted) = (&self.program.zone, &mut self.wallets[place]);
        let mut end = first.at;
        while end < self.to {
            end = start_of(after(&self.program.day(end).strftime("%Y-%m").to_string()), zone).min(self.to);
            count_months(counted.ends.entry(end).or_default(), chain, zone, end);
        }
        counted.movement += movement(chain.iter(), self.from, self.to);
    }

    /// The statement of every wallet under a policy.
    pub fn statements(&self, asked: &Asked) -> Vec<Statement> {
        let one = |(place, counted): (usize, &Counted)| {
            let books = Books { program: self.program, wallet: place, counted, asked };
            books.statement()
        };
        self.wallets.iter().enumerate().map(one).collect()
    }
}

/// One wallet under a policy.
struct Books<'a> {
    program: &'a Program,
    wallet: usize,
    counted: &'a Counted,
    asked: &'a Asked,
}

impl Books<'_> {
    fn statement(&self) -> Statement {
        let asked = self.asked;
        let first = self.first_estimates();
        let (now, is_estimated) = self.rows(asked.to, &first);
        let (before, _) = self.rows(asked.from, &first);
        let sum = |rows: &[Row]| rows.iter().map(|row| row.liability_minor).sum::<i64>();
        let (liability_minor, before_minor) = (sum(&now), sum(&before));
        let name = self.program.day(asked.from).strftime("%Y-%m").to_string();
        Statement {
            wallet: self.program.wallets[self.wallet].id.to_string(),
            movement: self.counted.movement,
            is_estimated,
            months: now,
            liability_minor,
            before_minor,
            journal: journal(&name, before_minor, liability_minor, asked.policy),
        }
    }

    /// The months as they stood at an instant.
    fn months(&self, until: Timestamp) -> Months {
        self.counted.ends.get(&until).cloned().unwrap_or_default()
    }

    /// For each month, what share of its points was expected to be redeemed when it ended: what its sales were parted
    /// by.
    fn first_estimates(&self) -> BTreeMap<String, Ratio> {
        let all = self.months(self.asked.to);
        let mut shares = BTreeMap::new();
        for name in all.keys() {
            let end = start_of(after(name), &self.program.zone).min(self.asked.to);
            let then = self.months(end);
            let estimates = expected(&then, self.asked.life_months);
            let place = then.keys().position(|known| known == name);
            let units = estimates.zip(place).map(|(units, place)| units[place]);
            let issued = then.get(name).map_or(0, |month| month.issued);
            shares.insert(name.clone(), share(units.unwrap_or(issued), issued));
        }
        shares
    }

    fn rows(&self, until: Timestamp, first: &BTreeMap<String, Ratio>) -> (Vec<Row>, bool) {
        let months = self.months(until);
        let estimates = expected(&months, self.asked.life_months);
        let none = Ratio::new(0, 1).unwrap_or(Ratio::ONE);
        let cost = self.program.worth(self.wallet);
        let worth = self.program.value(self.wallet).or(cost);
        let mut rows = Vec::new();
        for (place, (name, month)) in months.iter().enumerate() {
            let units = estimates.as_ref().map_or(month.issued, |all| all[place]);
            let vintage = Vintage {
                name: name.clone(),
                issued: month.issued,
                redeemed: month.redeemed,
                expired: month.expired,
                sales_minor: self.asked.sales_minor.get(name).copied().unwrap_or(0),
                expected: share(units, month.issued),
                worth: worth.unwrap_or(none),
                cost: cost.unwrap_or(none),
            };
            let first = first.get(name).copied().unwrap_or(vintage.expected);
            rows.push(Row {
                month: name.clone(),
                issued: month.issued,
                redeemed: month.redeemed,
                expired: month.expired,
                outstanding: vintage.outstanding(),
                expected: vintage.expected_units().unwrap_or(month.issued),
                liability_minor: liability(&vintage, first, self.asked.policy).unwrap_or(0),
                redeemed_by_age: month.redeemed_by_age.clone(),
            });
        }
        (rows, estimates.is_some())
    }
}

/// An estimate in whole points is an exact ratio of them.
fn share(units: i64, issued: i64) -> Ratio {
    Ratio::new(i128::from(units), i128::from(issued.max(1))).unwrap_or(Ratio::ONE)
}

/// The first day of the month after.
fn after(name: &str) -> Date {
    let number = month_number(name) + 1;
    let year = i16::try_from(number.div_euclid(12)).unwrap_or(9999);
    Date::new(year, number.rem_euclid(12) as i8 + 1, 1).unwrap_or(Date::MAX)
}

/// Units of each month expected to be redeemed, by the chain ladder over what was redeemed at which age; `None` where
/// the triangle tells nothing.
fn expected(months: &Months, life_months: Option<usize>) -> Option<Vec<i64>> {
    let numbers: Vec<i32> = months.keys().map(|name| month_number(name)).collect();
    let last = *numbers.last()?;
    let triangle: Vec<Vec<f64>> = months
        .values()
        .zip(&numbers)
        .map(|(month, number)| {
            let ages = usize::try_from(last - number).unwrap_or(0) + 1;
            let mut sum = 0i64;
            (0..ages)
                .map(|age| {
                    sum += month.redeemed_by_age.get(age).copied().unwrap_or(0);
                    sum.max(0) as f64
                })
                .collect()
        })
        .collect();
    // Ages at which nobody had redeemed anything tell no development: the ladder begins after them.
    let begin = (0..triangle[0].len())
        .find(|age| triangle.iter().any(|row| row.get(*age).is_some_and(|sum| *sum > 0.0)))?;
    let known: Vec<Vec<f64>> =
        triangle.iter().filter(|row| row.len() > begin).map(|row| row[begin..].to_vec()).collect();
    let ends_at = life_months.map(|life| life.saturating_sub(begin));
    let ladder = chain_ladder(&known, Tail::Exponential { ends_at }).ok()?;
    // Months too young for the ladder are taken to become like the others.
    let issued: f64 = months.values().take(known.len()).map(|month| month.issued.max(0) as f64).sum();
    let usual = ladder.rows.iter().map(|row| row.ultimate).sum::<f64>() / issued.max(1.0);
    let whole = |(place, month): (usize, &Month)| {
        let ultimate = ladder.rows.get(place).map_or(usual * month.issued.max(0) as f64, |row| row.ultimate);
        (ultimate.round() as i64).clamp(month.redeemed.max(0), month.issued.max(month.redeemed).max(0))
    };
    Some(months.values().enumerate().map(whole).collect())
}

fn month_number(name: &str) -> i32 {
    let (year, month) = name.split_once('-').unwrap_or(("0", "1"));
    year.parse::<i32>().unwrap_or(0) * 12 + month.parse::<i32>().unwrap_or(1) - 1
}
