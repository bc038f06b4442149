//! What outstanding points mean in the accounts: deferred revenue or a provision, under a policy that is named.
//!
//! The share of points that will be redeemed in the end is estimated elsewhere (a chain ladder over vintages, with a
//! tail and the truncation of expiry, in `stats`) and comes in as an exact ratio per vintage: here nothing is
//! estimated and no float is used, so that the journal ties to the ledger to the unit.
//!
//! Sources: IFRS 15 paragraphs B39–B43 and Illustrative Example 52 (the same in ASC 606); Vietnam's Circular
//! 200/2014/TT-BTC, article 79, for the fair value of the obligation deferred until a definite time.

use crate::ledger::{LotId, Posted, Posting, Pot, Terms};
use crate::name::Name;
use crate::number::{Ratio, Rounding};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// How shares of a price are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shares {
    /// Exact shares; the amount is rounded to the minor unit (IFRS 15, Example 52).
    Exact,
    /// Shares are first rounded to whole per cent (as in KPMG's Revenue – IFRS 15 handbook, Example 10A).
    WholePercent,
}

/// What a shop's accounts say of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Policy {
    /// The price is shared between goods and points by their stand-alone prices; the points' part is revenue as they
    /// are redeemed, out of those expected to be (IFRS 15, ASC 606).
    RelativePrice {
        /// How shares are rounded.
        shares: Shares,
    },
    /// The fair value of all outstanding points is deferred until they are used or their time is over (Vietnam).
    FairValue,
    /// What the points are expected to cost is a provision.
    Provision,
    /// Nothing: points are an expense when they are used.
    None,
}

/// Share a price between goods and points by stand-alone prices. All amounts in minor units; the two parts sum to the
/// price. `None` where the prices are not above zero or do not fit.
pub fn share_price(price: i64, goods_alone: i64, points_alone: i64, shares: Shares) -> Option<(i64, i64)> {
    let all = goods_alone.checked_add(points_alone).filter(|all| *all > 0)?;
    let exact = Ratio::new(i128::from(points_alone), i128::from(all))?;
    let share = match shares {
        Shares::Exact => exact,
        Shares::WholePercent => {
            let percent = exact.times(Ratio::new(100, 1)?)?.round(Rounding::HalfUp)?;
            Ratio::new(i128::from(percent), 100)?
        }
    };
    let points = share.times(Ratio::new(i128::from(price), 1)?)?.round(Rounding::HalfUp)?;
    Some((price - points, points))
}

/// Points issued together (a month's), as the accounts follow them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vintage {
    /// What it is called: `2026-03`.
    pub name: String,
    /// Smallest units issued, returns taken off.
    pub issued: i64,
    /// Of those redeemed so far.
    pub redeemed: i64,
    /// Of those run out or cancelled so far.
    pub expired: i64,
    /// What the sales came to, minor units.
    pub sales_minor: i64,
    /// What share of what was issued will be redeemed in the end, by the estimate handed in.
    pub expected: Ratio,
    /// What a smallest unit is worth to the member, minor units.
    pub worth: Ratio,
    /// What it costs the shop, minor units.
    pub cost: Ratio,
}

impl Vintage {
    /// Units outstanding.
    pub fn outstanding(&self) -> i64 {
        self.issued - self.redeemed - self.expired
    }

    /// Units expected to be redeemed in all, rounded to the unit: never fewer than were, never more than can be.
    pub fn expected_units(&self) -> Option<i64> {
        let exact = self.expected.times(Ratio::new(i128::from(self.issued), 1)?)?;
        let least = self.redeemed;
        Some(exact.round(Rounding::HalfUp)?.clamp(least, (self.issued - self.expired).max(least)))
    }

    /// What the points' part of the sales was at first, by the estimate of that time.
    pub fn allocated(&self, first_expected: Ratio, shares: Shares) -> Option<i64> {
        let units = Ratio::new(i128::from(self.issued), 1)?;
        let alone = self.worth.times(units)?.times(first_expected)?.round(Rounding::HalfUp)?;
        share_price(self.sales_minor, self.sales_minor, alone, shares).map(|(_, points)| points)
    }
}

/// Revenue recognised so far of an allocated amount: in proportion to what was redeemed out of what is expected to be.
/// Where nothing more is expected, all of it.
pub fn recognised(allocated: i64, redeemed: i64, expected: i64) -> Option<i64> {
    if redeemed >= expected {
        return Some(allocated);
    }
    let part = Ratio::new(i128::from(redeemed), i128::from(expected))?;
    part.times(Ratio::new(i128::from(allocated), 1)?)?.round(Rounding::HalfUp)
}

/// The liability of a vintage at the end of a month. `first_expected` is the estimate when it was issued.
pub fn liability(vintage: &Vintage, first_expected: Ratio, policy: Policy) -> Option<i64> {
    let times =
        |ratio: Ratio, units: i64| ratio.times(Ratio::new(i128::from(units), 1)?)?.round(Rounding::HalfUp);
    match policy {
        Policy::RelativePrice { shares } => {
            let allocated = vintage.allocated(first_expected, shares)?;
            Some(allocated - recognised(allocated, vintage.redeemed, vintage.expected_units()?)?)
        }
        Policy::FairValue => times(vintage.worth, vintage.outstanding()),
        Policy::Provision => times(vintage.cost, vintage.expected_units()? - vintage.redeemed),
        Policy::None => Some(0),
    }
}

/// Points of a wallet by the month they were earned in, counted from the ledger. All smallest units.
///
/// Over all months and members, issued less redeemed less expired is what members have, held points among it; less what
/// they owe it is the closing line of [`movement`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// Came in: earned, given by hand, brought by transfers; less what returns, staff and transfers took.
    pub issued: i64,
    /// Redeemed, less what came back.
    pub redeemed: i64,
    /// Ran out or cancelled.
    pub expired: i64,
    /// Redeemed by age: in the month itself, the month after, and so on.
    pub redeemed_by_age: Vec<i64>,
}

/// Months by what they are called (`2026-03`), in order.
pub type Months = BTreeMap<String, Month>;

/// Count one account's postings before `to` into the months its points were earned in.
pub fn count_months(months: &mut Months, postings: &[Posting], zone: &TimeZone, to: Timestamp) {
    let mut earned: Vec<(i32, String)> = Vec::new();
    let mut holds: BTreeMap<&Name, Vec<(LotId, i64)>> = BTreeMap::new();
    for posting in postings.iter().take_while(|posting| posting.at < to) {
        for terms in &posting.terms {
            if let Terms::Lot { earned_at, .. } = terms {
                let day = crate::time::day_of(*earned_at, zone);
                earned.push((month_number(day), format!("{:04}-{:02}", day.year(), day.month())));
            }
        }
        let now = month_number(crate::time::day_of(posting.at, zone));
        let lots = posting.lines.iter().filter_map(|line| match line.pot {
            Pot::Lot(lot) => Some((lot, line.amount)),
            _ => None,
        });
        let changed: Vec<(LotId, i64)> = match posting.kind {
            // Points set aside are still there; what of them was used is known when the hold is captured.
            Posted::Hold => {
                holds.insert(&posting.cause.id, lots.map(|(lot, amount)| (lot, -amount)).collect());
                continue;
            }
            Posted::Release => {
                holds.remove(&posting.cause.id);
                continue;
            }
            Posted::Capture => {
                let mut used = holds.remove(&posting.cause.id).unwrap_or_default();
                for (lot, back) in lots {
                    used.push((lot, -back));
                }
                used.into_iter().map(|(lot, amount)| (lot, -amount)).collect()
            }
            _ => lots.collect(),
        };
        for (lot, amount) in changed {
            let Some((first, name)) = earned.get(lot.0 as usize) else { continue };
            let month = months.entry(name.clone()).or_default();
            match posting.kind {
                Posted::Spend | Posted::Refund | Posted::Capture => {
                    month.redeemed -= amount;
                    let age = usize::try_from(now - first).unwrap_or(0);
                    if month.redeemed_by_age.len() <= age {
                        month.redeemed_by_age.resize(age + 1, 0);
                    }
                    month.redeemed_by_age[age] -= amount;
                }
                Posted::Expire | Posted::Cancel => month.expired -= amount,
                _ => month.issued += amount,
            }
        }
    }
}

fn month_number(day: jiff::civil::Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month()) - 1
}

/// An account of the books of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookAccount {
    /// Revenue.
    Revenue,
    /// Deferred revenue (contract liability).
    DeferredRevenue,
    /// Cost of the program.
    ProgramExpense,
    /// Provision for points.
    Provision,
}

/// A line of the month-end journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLine {
    /// The account.
    pub account: BookAccount,
    /// Minor units.
    pub debit_minor: i64,
    /// Minor units.
    pub credit_minor: i64,
    /// What for.
    pub what: String,
}

/// The month-end journal of a vintage: from the liability before to the liability now. Debits equal credits.
pub fn journal(vintage: &str, before: i64, now: i64, policy: Policy) -> Vec<JournalLine> {
    let (owed, against) = match policy {
        Policy::RelativePrice { .. } | Policy::FairValue => {
            (BookAccount::DeferredRevenue, BookAccount::Revenue)
        }
        Policy::Provision => (BookAccount::Provision, BookAccount::ProgramExpense),
        Policy::None => return Vec::new(),
    };
    let change = now - before;
    if change == 0 {
        return Vec::new();
    }
    let what = match (policy, change > 0) {
        (Policy::Provision, true) => format!("points of {vintage}: provision raised"),
        (Policy::Provision, false) => format!("points of {vintage}: provision used or released"),
        (_, true) => format!("points of {vintage}: revenue deferred"),
        (_, false) => format!("points of {vintage}: revenue recognised"),
    };
    let line = |account, debit: i64, credit: i64| JournalLine {
        account,
        debit_minor: debit,
        credit_minor: credit,
        what: what.clone(),
    };
    let amount = change.abs();
    if change > 0 {
        vec![line(against, amount, 0), line(owed, 0, amount)]
    } else {
        vec![line(owed, amount, 0), line(against, 0, amount)]
    }
}

/// Points of a wallet over a period, in smallest units: what was there, what came, what went, what is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// There at the beginning: usable, pending and held, less what was owed.
    pub opening: i64,
    /// Earned under rules.
    pub earned: i64,
    /// Given by hand, less taken.
    pub adjusted: i64,
    /// Spent, less given back.
    pub spent: i64,
    /// Taken back by returns, less given again.
    pub clawed_back: i64,
    /// Ran out.
    pub expired: i64,
    /// Never became usable.
    pub cancelled: i64,
    /// Came from other members, less went to them; zero over all members.
    pub transferred: i64,
    /// There at the end.
    pub closing: i64,
}

impl Movement {
    /// What the lines of the table sum to; equals `closing`.
    pub fn sum(&self) -> i64 {
        self.opening + self.earned + self.adjusted
            - self.spent
            - self.clawed_back
            - self.expired
            - self.cancelled
            + self.transferred
    }
}

impl AddAssign for Movement {
    fn add_assign(&mut self, other: Movement) {
        self.opening += other.opening;
        self.earned += other.earned;
        self.adjusted += other.adjusted;
        self.spent += other.spent;
        self.clawed_back += other.clawed_back;
        self.expired += other.expired;
        self.cancelled += other.cancelled;
        self.transferred += other.transferred;
        self.closing += other.closing;
    }
}

/// The movement table of any postings (of one member or of all) over `from <= at < to`. Points set aside are still
/// there until they are captured. The closing balance is counted from the member's own pots, the lines between from the
/// others: they tie because every posting balances.
pub fn movement<'a>(postings: impl Iterator<Item = &'a Posting>, from: Timestamp, to: Timestamp) -> Movement {
    let mut table = Movement::default();
    for posting in postings.filter(|posting| posting.at < to) {
        table.closing += posting.change();
        if posting.at < from {
            table.opening += posting.change();
            continue;
        }
        for line in &posting.lines {
            match line.pot {
                Pot::Issued if posting.kind == Posted::AdjustUp => table.adjusted -= line.amount,
                Pot::Issued => table.earned -= line.amount,
                Pot::Adjusted => table.adjusted -= line.amount,
                Pot::Redeemed => table.spent += line.amount,
                Pot::ClawedBack => table.clawed_back += line.amount,
                Pot::Expired => table.expired += line.amount,
                Pot::Cancelled => table.cancelled += line.amount,
                Pot::Transferred => table.transferred -= line.amount,
                Pot::Lot(_) | Pot::Held(_) | Pot::Owed => {}
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(over: i128, under: i128) -> Ratio {
        Ratio::new(over, under).unwrap()
    }

    fn sold(redeemed: i64, expected: Ratio) -> Vintage {
        // 100,000 of sales with 10,000 points worth one each; amounts in whole units of money.
        Vintage {
            name: "year 1".to_owned(),
            issued: 10_000,
            redeemed,
            expired: 0,
            sales_minor: 100_000,
            expected,
            worth: Ratio::ONE,
            cost: ratio(1, 2),
        }
    }

    #[test]
    fn deferred_revenue_matches_ifrs_15_illustrative_example_52() {
        let first = ratio(95, 100);
        let policy = Policy::RelativePrice { shares: Shares::Exact };
        assert_eq!(share_price(100_000, 100_000, 9_500, Shares::Exact), Some((91_324, 8_676)));
        let one = sold(4_500, first);
        assert_eq!(recognised(8_676, 4_500, 9_500), Some(4_110));
        assert_eq!(liability(&one, first, policy), Some(4_566));
        let two = sold(8_500, ratio(97, 100));
        assert_eq!(recognised(8_676, 8_500, 9_700).map(|so_far| so_far - 4_110), Some(3_493));
        assert_eq!(liability(&two, first, policy), Some(1_073));
    }

    #[test]
    fn deferred_revenue_matches_kpmg_handbook_2019_examples_10a_and_10b() {
        let shares = Shares::WholePercent;
        assert_eq!(share_price(100_000, 100_000, 9_700, shares), Some((91_000, 9_000)));
        let first = ratio(97, 100);
        let allocated = sold(0, first).allocated(first, shares).unwrap();
        assert_eq!(recognised(allocated, 4_500, 9_700), Some(4_175));
        assert_eq!(recognised(allocated, 8_500, 9_900).map(|so_far| so_far - 4_175), Some(3_552));
        assert_eq!(recognised(allocated, 8_500, 9_200).map(|so_far| so_far - 4_175), Some(4_140));
        // The same example with exact shares: 8,842 and not 9,000.
        assert_eq!(share_price(100_000, 100_000, 9_700, Shares::Exact), Some((91_158, 8_842)));
    }

    #[test]
    fn the_other_policies() {
        let first = ratio(95, 100);
        let vintage = Vintage { expired: 300, ..sold(4_500, first) };
        assert_eq!(
            liability(&vintage, first, Policy::FairValue),
            Some(5_200),
            "10,000 − 4,500 − 300 at one each"
        );
        assert_eq!(
            liability(&vintage, first, Policy::Provision),
            Some(2_500),
            "5,000 more expected at a half each"
        );
        assert_eq!(liability(&vintage, first, Policy::None), Some(0));
        // All expired: nothing is owed under any policy.
        let over = Vintage { expired: 5_500, ..sold(4_500, first) };
        for policy in [Policy::RelativePrice { shares: Shares::Exact }, Policy::FairValue, Policy::Provision]
        {
            assert_eq!(liability(&over, first, policy), Some(0), "{policy:?}");
        }
    }

    #[test]
    fn journals_balance_and_say_what_they_are() {
        let policy = Policy::RelativePrice { shares: Shares::Exact };
        for (before, now, policy) in [
            (0, 8_676, policy),
            (8_676, 4_566, policy),
            (0, 100, Policy::Provision),
            (100, 0, Policy::Provision),
        ] {
            let lines = journal("2026-03", before, now, policy);
            let debit: i64 = lines.iter().map(|line| line.debit_minor).sum();
            let credit: i64 = lines.iter().map(|line| line.credit_minor).sum();
            assert_eq!((debit, credit), ((now - before).abs(), (now - before).abs()));
            let owed = lines
                .iter()
                .find(|line| matches!(line.account, BookAccount::DeferredRevenue | BookAccount::Provision));
            assert_eq!(owed.unwrap().credit_minor - owed.unwrap().debit_minor, now - before);
        }
        assert_eq!(journal("2026-03", 5, 5, policy), []);
        assert_eq!(journal("2026-03", 0, 5, Policy::None), []);
    }
}
