//! Whether a rule is for an occasion: dates, windows, places, tiers, conditions. Cheap tests first.

use crate::condition::{Facts, Seen};
use crate::fact::Order;
use crate::lunar;
use crate::name::Name;
use crate::program::Rule;
use crate::program::spec::{Around, Festival};
use crate::time::{Moment, MonthDay};
use domain::Currency;
use jiff::ToSpan;
use jiff::civil::Date;

/// What happened, as a rule sees it.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// When it happened, in the program's zone.
    pub moment: &'a Moment,
    /// The order or the event's name.
    pub what: What<'a>,
    /// What the rules see of the member.
    pub seen: &'a Seen,
    /// The member's birthday.
    pub birthday: Option<MonthDay>,
    /// The program's currency.
    pub currency: Currency,
}

/// An order or an event.
#[derive(Debug, Clone, Copy)]
pub enum What<'a> {
    /// An order.
    Order(&'a Order),
    /// An event, and where.
    Event(&'a Name, Option<&'a Name>),
}

impl<'a> Occasion<'a> {
    /// The order, where it is one.
    pub fn order(&self) -> Option<&'a Order> {
        match self.what {
            What::Order(order) => Some(order),
            What::Event(..) => None,
        }
    }

    /// The store.
    pub fn store(&self) -> Option<&'a Name> {
        match self.what {
            What::Order(order) => order.store.as_ref(),
            What::Event(_, store) => store,
        }
    }

    /// The facts conditions see.
    pub fn facts(&self) -> Facts<'a> {
        let event = match self.what {
            What::Order(_) => None,
            What::Event(name, _) => Some(name),
        };
        Facts { order: self.order(), line: None, event, seen: self.seen, day: self.moment.day }
    }
}

pub(super) fn matches(rule: &Rule, occasion: &Occasion) -> bool {
    let spec = &rule.spec;
    let day = occasion.moment.day;
    let kind = match occasion.what {
        What::Order(order) => {
            spec.event.is_none() && order.currency.unwrap_or(occasion.currency) == rule.currency
        }
        What::Event(name, _) => spec.event.as_ref() == Some(name),
    };
    let listed =
        |list: &[Name], name: Option<&Name>| list.is_empty() || name.is_some_and(|name| list.contains(name));
    let channel = || occasion.order().and_then(|order| order.channel.as_ref());
    let tier = || spec.tiers.is_empty() || occasion.seen.tiers.values().any(|tier| spec.tiers.contains(tier));
    kind && spec.from.is_none_or(|from| from <= day)
        && spec.until.is_none_or(|until| day < until)
        && listed(&spec.stores, occasion.store())
        && listed(&spec.channels, channel())
        && (spec.days.is_empty() || spec.days.iter().any(|known| known.weekday() == day.weekday()))
        && spec.hours.is_none_or(|hours| hours.holds(occasion.moment.clock))
        && tier()
        && spec
            .birthday
            .is_none_or(|around| occasion.birthday.is_some_and(|birth| near_birthday(around, birth, day)))
        && spec.festival.as_ref().is_none_or(|festival| near_festival(festival, day))
        && rule.when.as_ref().is_none_or(|when| when.holds(&occasion.facts()))
}

/// Whether `day` is within the window around a birthday, also over New Year.
pub(crate) fn near_birthday(around: Around, birthday: MonthDay, day: Date) -> bool {
    if around.month {
        return day.month() == birthday.month;
    }
    let earliest = day.saturating_sub(i64::from(around.days_after).days());
    let next = birthday.on_or_after(earliest);
    next <= day.saturating_add(i64::from(around.days_before).days())
}

/// Whether `day` is within the window around a festival.
pub(crate) fn near_festival(festival: &Festival, day: Date) -> bool {
    let earliest = day.saturating_sub(i64::from(festival.days_after).days());
    let next = match (festival.on, festival.lunar) {
        (Some(on), _) => Some(on.on_or_after(earliest)),
        (None, Some(lunar)) => lunar::on_or_after(festival.almanac, lunar, earliest),
        (None, None) => None,
    };
    next.is_some_and(|next| next <= day.saturating_add(i64::from(festival.days_before).days()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn birthday_windows_run_over_new_year_and_know_the_leap_day() {
        let around = |before, after| Around { days_before: before, days_after: after, month: false };
        let birthday = |text: &str| text.parse::<MonthDay>().unwrap();
        for (window, birth, day, inside) in [
            (around(0, 0), "03-10", date(2026, 3, 10), true),
            (around(0, 0), "03-10", date(2026, 3, 11), false),
            (around(3, 3), "01-01", date(2025, 12, 29), true),
            (around(3, 3), "01-01", date(2025, 12, 28), false),
            (around(3, 3), "12-31", date(2026, 1, 3), true),
            (around(3, 3), "12-31", date(2026, 1, 4), false),
            (around(0, 0), "02-29", date(2026, 2, 28), true),
            (around(0, 0), "02-29", date(2028, 2, 28), false),
            (around(0, 0), "02-29", date(2028, 2, 29), true),
            (Around { days_before: 0, days_after: 0, month: true }, "02-29", date(2026, 2, 1), true),
        ] {
            assert_eq!(near_birthday(window, birthday(birth), day), inside, "{birth} on {day}");
        }
    }

    #[test]
    fn festival_windows_follow_the_moon() {
        let tet = Festival {
            on: None,
            lunar: Some("01-01".parse().unwrap()),
            almanac: lunar::Almanac::Vietnam,
            days_before: 30,
            days_after: 3,
        };
        for (day, inside) in [
            (date(2026, 1, 17), false),
            (date(2026, 1, 18), true),
            (date(2026, 2, 17), true),
            (date(2026, 2, 20), true),
            (date(2026, 2, 21), false),
            (date(2027, 1, 7), true),
        ] {
            assert_eq!(near_festival(&tet, day), inside, "{day}");
        }
    }
}
