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
    let mut all = Vec::new();
    for (place, wallet) in program.wallets.iter().enumerate() {
        let mine: Vec<&[Posting]> = chains
            .iter()
            .filter(|((id, _), _)| **id == wallet.id)
            .map(|(_, chain)| chain.as_slice())
            .collect();
        let books = Books { program, wallet: place, chains: mine, asked };
        let first = books.first_estimates();
        let (now, is_estimated) = books.rows(asked.to, &first);
        let (before, _) = books.rows(asked.from, &first);
        let sum = |rows: &[Row]| rows.iter().map(|row| row.liability_minor).sum::<i64>();
        let (liability_minor, before_minor) = (sum(&now), sum(&before));
        let name = program.day(asked.from).strftime("%Y-%m").to_string();
        let postings = books.chains.iter().flat_map(|chain| chain.iter());
        all.push(Statement {
            wallet: wallet.id.to_string(),
            movement: movement(postings, asked.from, asked.to),
            is_estimated,
            months: now,
            liability_minor,
            before_minor,
            journal: journal(&name, before_minor, liability_minor, asked.policy),
        });
    }
    all
}

/// One wallet's chains.
struct Books<'a> {
    program: &'a Program,
    wallet: usize,
    chains: Vec<&'a [Posting]>,
    asked: &'a Asked,
}

impl Books<'_> {
    fn months(&self, until: Timestamp) -> Months {
        let mut months = Months::new();
        self.chains.iter().for_each(|chain| count_months(&mut months, chain, &self.program.zone, until));
        months
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
