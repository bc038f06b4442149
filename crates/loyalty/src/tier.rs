//! Tiers: a member's standing on a ladder as a function of what counted on which day.
//!
//! [`timeline`] recomputes the whole story each time it is asked, so that a return, which takes away what counted on
//! the day of its order, changes the tier as if the order had been smaller from the start. A balance never counts:
//! spending points demotes nobody.
//!
//! A tier is reached on the day its threshold is; it ends at the beginning of the day its time is up (grace
//! included), and what the window then gives decides, by the ladder's downgrade policy.

use crate::number::Number;
use crate::program::Program;
use crate::program::spec::{Counted, Downgrade, Ladder, Window};
use crate::time::MonthDay;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a step was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// The member joined.
    Joined,
    /// The threshold was reached.
    Up,
    /// Time was up and the window gives the same or more again.
    Kept,
    /// Time was up and the window gives less.
    Down,
}

/// A step of a member's story on a ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The first day.
    pub day: Date,
    /// Place of the tier on the ladder.
    pub level: usize,
    /// The day on which it ends unless kept; absent means never.
    pub ends_on: Option<Date>,
    /// Why.
    pub why: Move,
}

/// A member's standing on one ladder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What counted, by day.
    pub counted: BTreeMap<Date, i64>,
    /// The story so far.
    pub steps: Vec<Step>,
    /// Levels whose bonus was given, and the lots: wallet and lot, for taking back.
    pub bonuses: BTreeMap<usize, (usize, crate::ledger::LotId)>,
    /// The end of tier for which a warning was given.
    pub warned: Option<Date>,
    /// The standing that another system gave, where the program was taken over from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<Opening>,
}

/// A standing that another system gave: it stands as it is, and what counts from a day on moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The tier with its dates.
    pub step: Step,
    /// The day of the take-over: what counted before is in the standing already.
    pub on: Date,
}

impl Standing {
    /// The level on a day, as known now; the lowest before the member joined.
    pub fn level_on(&self, day: Date) -> usize {
        self.steps.iter().rev().find(|step| step.day <= day).map_or(0, |step| step.level)
    }

    /// The present step.
    pub fn present(&self) -> Option<&Step> {
        self.steps.last()
    }
}

/// What it takes to reach each level, in what the ladder counts.
pub fn thresholds(program: &Program, ladder: &Ladder) -> Vec<i64> {
    let scale = match ladder.counts {
        Counted::Points => ladder
            .wallet
            .as_ref()
            .and_then(|wallet| program.wallet(wallet.as_str()))
            .map_or(0, |wallet| program.wallets[wallet].precision),
        Counted::Spend => program.decimals(),
        Counted::Orders | Counted::Visits => 0,
    };
    let exact = |number: Number| number.units(scale).unwrap_or(i64::MAX);
    ladder.tier.iter().map(|tier| exact(tier.threshold)).collect()
}

/// The story of a member who joined on `joined_on`, through the beginning of `today`; it begins with the standing that
/// was taken over, where one was.
pub fn timeline(
    ladder: &Ladder,
    thresholds: &[i64],
    opening: Option<Opening>,
    joined_on: Date,
    counted: &BTreeMap<Date, i64>,
    today: Date,
) -> Vec<Step> {
    let joined = Step { day: joined_on, level: 0, ends_on: None, why: Move::Joined };
    let mut steps = vec![opening.map_or(joined, |opening| opening.step)];
    let from = opening.map_or(Date::MIN, |opening| opening.on);
    let mut days = counted.keys().copied().filter(|day| (from..=today).contains(day)).peekable();
    loop {
        let present = *steps.last().expect("there is always one");
        let end = present.ends_on.filter(|end| *end <= today);
        match (end, days.peek().copied()) {
            (Some(end), day) if day.is_none_or(|day| end <= day) => {
                steps.push(at_end(ladder, thresholds, joined_on, counted, &steps, end));
            }
            (_, Some(day)) => {
                days.next();
                let since = since(&steps);
                let total = total(ladder, counted, joined_on, since, day, day);
                let level = level_of(thresholds, total);
                if level > present.level {
                    let day = day.max(present.day);
                    let ends_on = ends_on(ladder, joined_on, level, day);
                    steps.push(Step { day, level, ends_on, why: Move::Up });
                }
            }
            (_, None) => return steps,
        }
    }
}

fn at_end(
    ladder: &Ladder,
    thresholds: &[i64],
    joined_on: Date,
    counted: &BTreeMap<Date, i64>,
    steps: &[Step],
    end: Date,
) -> Step {
    let present = steps.last().expect("there is always one");
    let graceless = ladder.grace.map_or(end, |grace| grace.before_day(end));
    let last = end.saturating_sub(1.days());
    let total = total(ladder, counted, joined_on, since(steps), judged_on(ladder, graceless), last);
    let earned = level_of(thresholds, total);
    let target = match ladder.downgrade {
        Downgrade::None => present.level,
        Downgrade::OneStep => earned.max(present.level.saturating_sub(1)),
        Downgrade::ReEvaluate => earned,
    };
    // A level marked keep, once reached, is a floor.
    let floor =
        steps.iter().map(|step| step.level).filter(|level| ladder.tier[*level].keep).max().unwrap_or(0);
    let level = target.max(floor);
    let why = if level >= present.level { Move::Kept } else { Move::Down };
    // A tier kept runs on from where it ended without grace, so that grace does not add up.
    let from = if why == Move::Kept { graceless } else { end };
    let next = ends_on(ladder, joined_on, level, from);
    Step { day: end, level, ends_on: next.filter(|next| *next > end), why }
}

/// The day whose window decides at the end of a tier: the end itself for a rolling window, so that the day on which
/// the tier was reached does not count a second time; the last day for windows that are years.
fn judged_on(ladder: &Ladder, end: Date) -> Date {
    if ladder.window == Window::Rolling { end } else { end.saturating_sub(1.days()) }
}

/// The day the present run of a level began: what a window from tier start counts from.
fn since(steps: &[Step]) -> Date {
    steps.last().expect("there is always one").day
}

fn level_of(thresholds: &[i64], total: i64) -> usize {
    thresholds.iter().rposition(|threshold| total >= *threshold).unwrap_or(0)
}

/// What the window that holds `day` sums to, counting through `last`.
fn total(
    ladder: &Ladder,
    counted: &BTreeMap<Date, i64>,
    joined_on: Date,
    since: Date,
    day: Date,
    last: Date,
) -> i64 {
    let first = match ladder.window {
        Window::Rolling => {
            ladder.length.map_or(Date::MIN, |length| length.before_day(day).saturating_add(1.days()))
        }
        Window::CalendarYear => year_begin(ladder.year_begins, day),
        Window::Anniversary => year_begin(MonthDay { month: joined_on.month(), day: joined_on.day() }, day),
        Window::TierStart => since,
    };
    if first > last {
        return 0;
    }
    counted.range(first..=last).fold(0i64, |sum, (_, units)| sum.saturating_add(*units))
}

fn year_begin(begins: MonthDay, day: Date) -> Date {
    let this = begins.in_year(day.year());
    if this <= day { this } else { begins.in_year(day.year() - 1) }
}

fn ends_on(ladder: &Ladder, joined_on: Date, level: usize, day: Date) -> Option<Date> {
    if level == 0 || ladder.downgrade == Downgrade::None || ladder.tier[level].keep {
        return None;
    }
    let end = if ladder.lasts_next_year {
        let begins = match ladder.window {
            Window::Anniversary => MonthDay { month: joined_on.month(), day: joined_on.day() },
            _ => ladder.year_begins,
        };
        begins.in_year(year_begin(begins, day).year() + 2)
    } else {
        ladder.lasts?.after_day(day)
    };
    Some(ladder.grace.map_or(end, |grace| grace.after_day(end)))
}

/// How far a member is from the next tier, and from keeping the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// Place of the present tier.
    pub level: usize,
    /// What the window holds today.
    pub total: i64,
    /// What is missing to the next tier; absent on the highest.
    pub to_next: Option<i64>,
    /// The day on which the present tier ends unless kept.
    pub ends_on: Option<Date>,
    /// What is missing to keep it.
    pub to_keep: i64,
}

/// The outlook on a day.
pub fn outlook(
    ladder: &Ladder,
    thresholds: &[i64],
    joined_on: Date,
    standing: &Standing,
    today: Date,
) -> Outlook {
    let present = standing.steps.iter().rev().find(|step| step.day <= today).copied();
    let present = present.unwrap_or(Step { day: joined_on, level: 0, ends_on: None, why: Move::Joined });
    let now = total(ladder, &standing.counted, joined_on, present.day, today, today);
    // What will still be in the window on the last day of the tier.
    let then = present.ends_on.map_or(now, |end| {
        let graceless = ladder.grace.map_or(end, |grace| grace.before_day(end));
        total(ladder, &standing.counted, joined_on, present.day, judged_on(ladder, graceless).max(today), end)
    });
    Outlook {
        level: present.level,
        total: now,
        to_next: thresholds.get(present.level + 1).map(|next| (next - now).max(0)),
        ends_on: present.ends_on,
        to_keep: thresholds.get(present.level).map_or(0, |threshold| (threshold - then).max(0)),
    }
}
