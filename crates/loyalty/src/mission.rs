//! Missions: a target in a period, alone or so many periods in a row.
//!
//! Progress is kept by period, so a return takes off what its order had counted and a mission that is not complete any
//! more gives its points back. Periods are calendar periods of the program's zone: a streak over a clock change or a
//! journey is counted by the shop's days, not by the phone's.

use crate::earning::{Occasion, What};
use crate::fact::{Custom, Order};
use crate::judge::{Output, give};
use crate::ledger::{Cause, LotId};
use crate::member::{LineRecord, Member, OrderRecord};
use crate::name::Name;
use crate::number::share;
use crate::program::spec::MissionCounts;
use crate::program::{self, Program};
use crate::time::{Moment, Period};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A member's progress on a mission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What each order or event counted: its day, how much, and the amount of the order it counted on.
    pub counted: BTreeMap<Name, (Date, i64)>,
    /// What came back: order and how much less it counts.
    pub off: BTreeMap<Name, i64>,
    /// The lines of each order that count: their place, and how much each counts.
    #[serde(default)]
    pub lines: BTreeMap<Name, Vec<(usize, i64)>>,
    /// Prizes given: the period that completed the streak, and the points.
    pub given: BTreeMap<Date, Option<(usize, LotId)>>,
}

impl Progress {
    /// What counts by period.
    pub fn by_period(&self, counts: MissionCounts, period: Period) -> BTreeMap<Date, i64> {
        let mut sums: BTreeMap<Date, i64> = BTreeMap::new();
        let mut days: BTreeSet<Date> = BTreeSet::new();
        for (id, (day, amount)) in &self.counted {
            let left = amount - self.off.get(id).copied().unwrap_or(0);
            let counts_once = counts != MissionCounts::Visits || (left > 0 && days.insert(*day));
            if counts_once {
                *sums.entry(period.first_day(*day)).or_default() += left;
            }
        }
        sums
    }
}

/// The periods that complete a streak of `streak` periods in a row; streaks do not share periods. Where the mission
/// is not `again`, only the first.
pub fn prizes(
    by_period: &BTreeMap<Date, i64>,
    target: i64,
    period: Period,
    streak: u32,
    again: bool,
) -> Vec<Date> {
    let mut prizes = Vec::new();
    let (mut run, mut expected) = (0u32, None);
    for (first, amount) in by_period {
        if *amount < target {
            continue;
        }
        run = if expected == Some(*first) { run + 1 } else { 1 };
        expected = Some(period.next_first_day(*first));
        if run == streak {
            prizes.push(*first);
            run = 0;
            expected = None;
            if !again {
                break;
            }
        }
    }
    prizes
}

pub(crate) fn after_order(
    program: &Program,
    member: &mut Member,
    order: &Order,
    occasion: &Occasion,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    for mission in &program.missions {
        let Some(lines) = lines(mission, order, occasion) else { continue };
        let amount = match mission.spec.counts {
            MissionCounts::Spend | MissionCounts::Units => lines.iter().map(|(_, amount)| amount).sum(),
            _ => 1,
        };
        let progress = member.missions.entry(mission.spec.id.clone()).or_default();
        progress.counted.insert(order.id.clone(), (occasion.moment.day, amount));
        progress.lines.insert(order.id.clone(), lines);
        settle(program, member, mission, now, out);
    }
}

/// The lines of an order that count, where it counts at all.
fn lines(mission: &program::Mission, order: &Order, occasion: &Occasion) -> Option<Vec<(usize, i64)>> {
    let spec = &mission.spec;
    let day = occasion.moment.day;
    let inside = spec.from.is_none_or(|from| from <= day) && spec.until.is_none_or(|until| day < until);
    let fits = inside && mission.when.as_ref().is_none_or(|when| when.holds(&occasion.facts()));
    let is_foreign = crate::judge::is_foreign(order, occasion.currency);
    if !fits || spec.counts == MissionCounts::Events || (spec.counts == MissionCounts::Spend && is_foreign) {
        return None;
    }
    let mut facts = occasion.facts();
    let mut lines = Vec::new();
    for (place, line) in order.lines.iter().enumerate() {
        facts.line = Some(line);
        if mission.lines.as_ref().is_none_or(|condition| condition.holds(&facts)) {
            lines.push((
                place,
                if spec.counts == MissionCounts::Spend { line.paid_minor() } else { line.quantity_milli },
            ));
        }
    }
    (!lines.is_empty()).then_some(lines)
}

pub(crate) fn after_event(
    program: &Program,
    member: &mut Member,
    custom: &Custom,
    moment: &Moment,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let seen = crate::judge::seen_by_rules(program, member, moment.day);
    for mission in &program.missions {
        let spec = &mission.spec;
        let day = moment.day;
        let inside = spec.from.is_none_or(|from| from <= day) && spec.until.is_none_or(|until| day < until);
        let what = What::Event(&custom.name, custom.store.as_ref());
        let birthday = member.birthday;
        let occasion = Occasion { moment, what, seen: &seen, birthday, currency: program.head.currency };
        let fits = inside
            && spec.event.as_ref() == Some(&custom.name)
            && mission.when.as_ref().is_none_or(|when| when.holds(&occasion.facts()));
        if fits {
            let progress = member.missions.entry(spec.id.clone()).or_default();
            progress.counted.insert(custom.id.clone(), (day, 1));
            settle(program, member, mission, now, out);
        }
    }
}

pub(crate) fn after_return(
    program: &Program,
    member: &mut Member,
    order: &Name,
    record: &OrderRecord,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let returned = |place: usize| record.lines.get(place).map_or((0, 1), LineRecord::returned);
    for mission in &program.missions {
        let Some(progress) = member.missions.get_mut(&mission.spec.id) else { continue };
        let Some(lines) = progress.lines.get(order) else { continue };
        let off = match mission.spec.counts {
            MissionCounts::Spend | MissionCounts::Units => lines
                .iter()
                .map(|(place, amount)| share(*amount, returned(*place).0, returned(*place).1))
                .sum(),
            // An order counts while any of the goods that made it count is kept.
            _ => i64::from(lines.iter().all(|(place, _)| returned(*place).0 >= returned(*place).1)),
        };
        progress.off.insert(order.clone(), off);
        settle(program, member, mission, now, out);
    }
}

/// Forget what an order counted: it is told anew.
pub(crate) fn order_gone(member: &mut Member, order: &Name) {
    for progress in member.missions.values_mut() {
        progress.counted.remove(order);
        progress.off.remove(order);
        progress.lines.remove(order);
    }
}

/// Bring the prizes of all missions in line with what they have counted.
pub(crate) fn settle_all(program: &Program, member: &mut Member, now: Timestamp, out: &mut Vec<Output>) {
    for mission in program
        .missions
        .iter()
        .filter(|mission| member.missions.contains_key(&mission.spec.id))
        .collect::<Vec<_>>()
    {
        settle(program, member, mission, now, out);
    }
}

/// Give prizes that are due and take back those that are not any more.
fn settle(
    program: &Program,
    member: &mut Member,
    mission: &program::Mission,
    now: Timestamp,
    out: &mut Vec<Output>,
) {
    let spec = &mission.spec;
    let progress = &member.missions[&spec.id];
    let by_period = progress.by_period(spec.counts, spec.period);
    let due = prizes(&by_period, mission.target, spec.period, spec.streak, spec.again);
    let given: Vec<Date> = progress.given.keys().copied().collect();
    let told = |member: &Member, period: Date, is_undone: bool| Output::Mission {
        member: member.id.clone(),
        mission: spec.id.clone(),
        period,
        is_undone,
    };
    for period in given.iter().filter(|period| !due.contains(period)) {
        let prize =
            member.missions.get_mut(&spec.id).and_then(|progress| progress.given.remove(period)).flatten();
        out.push(told(member, *period, true));
        if let Some((wallet, lot)) = prize {
            let amount = member.accounts[wallet].lot(lot).map_or(0, |lot| lot.amount);
            let cause = Cause {
                rule: Some(spec.id.clone()),
                funder: spec.gift.as_ref().map(|gift| gift.funder.clone()),
                ..Cause::new("mission", &period.to_string())
            };
            crate::judge::take_back(program, member, wallet, lot, amount, cause, now, out);
        }
    }
    for period in due.iter().filter(|period| !given.contains(period)) {
        out.push(told(member, *period, false));
        let prize = spec.gift.as_ref().and_then(|gift| {
            let cause = Cause {
                rule: Some(spec.id.clone()),
                funder: Some(gift.funder.clone()),
                ..Cause::new("mission", &period.to_string())
            };
            give(program, member, gift, cause, None, now, out)
        });
        member.missions.entry(spec.id.clone()).or_default().given.insert(*period, prize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn streaks_count_periods_in_a_row_and_do_not_share_them() {
        let weeks = |done: &[(i16, i8, i8)]| -> BTreeMap<Date, i64> {
            done.iter().map(|(y, m, d)| (date(*y, *m, *d), 1)).collect()
        };
        // Four weeks over the end of the year and over the clock change of 29 March 2026 in Europe.
        let year_end = weeks(&[(2025, 12, 15), (2025, 12, 22), (2025, 12, 29), (2026, 1, 5)]);
        assert_eq!(prizes(&year_end, 1, Period::Week, 4, true), [date(2026, 1, 5)]);
        let spring = weeks(&[(2026, 3, 16), (2026, 3, 23), (2026, 3, 30), (2026, 4, 6)]);
        assert_eq!(prizes(&spring, 1, Period::Week, 2, true), [date(2026, 3, 23), date(2026, 4, 6)]);
        assert_eq!(prizes(&spring, 1, Period::Week, 2, false), [date(2026, 3, 23)]);
        let gap = weeks(&[(2026, 3, 16), (2026, 3, 30), (2026, 4, 6)]);
        assert_eq!(prizes(&gap, 1, Period::Week, 3, true), []);
        assert_eq!(prizes(&gap, 1, Period::Week, 2, true), [date(2026, 4, 6)]);
        assert_eq!(prizes(&gap, 2, Period::Week, 1, true), []);
    }
}
