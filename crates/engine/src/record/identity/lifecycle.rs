//! Where a customer stands, from the days on which they bought: prospect, new, active, at risk, lapsed, won back. Each
//! change has its day and its reason, and depends on nothing but those days and the day it is asked.

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Where a customer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Has not bought yet.
    Prospect,
    /// Has bought once, lately.
    New,
    /// Buys.
    Active,
    /// Has been away longer than usual.
    AtRisk,
    /// Has gone.
    Lapsed,
    /// Was gone and came back.
    WonBack,
}

/// How long is long: days without an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// From so many days on a customer is at risk.
    pub at_risk_days: i32,
    /// From so many days on a customer has gone.
    pub lapsed_days: i32,
}

impl State {
    /// The stable code, as written in rows.
    pub fn code(self) -> &'static str {
        match self {
            State::Prospect => "prospect",
            State::New => "new",
            State::Active => "active",
            State::AtRisk => "at_risk",
            State::Lapsed => "lapsed",
            State::WonBack => "won_back",
        }
    }
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// From this day.
    pub on: Date,
    /// The state.
    pub state: State,
    /// Why, in a sentence.
    pub reason: String,
}

/// The whole story until `today`, the oldest first. `days` are the days with an order, ascending; `limits` says how long
/// is long for somebody who ordered on the days until then: everybody has a clock of their own.
pub fn story(
    limits: impl Fn(&[Date]) -> Limits,
    known_since: Date,
    days: &[Date],
    today: Date,
) -> Vec<Transition> {
    let mut story = vec![Transition { on: known_since, state: State::Prospect, reason: "known".to_owned() }];
    // Where nobody is ever late, the limit is beyond all days there are.
    let after = |day: Date, days: i32| {
        Span::new().try_days(days).and_then(|span| day.checked_add(span)).unwrap_or(Date::MAX)
    };
    let mut move_to = |on: Date, state: State, reason: String| {
        if on <= today && story.last().is_none_or(|last| last.state != state) {
            story.push(Transition { on, state, reason });
        }
    };
    let mut state = State::Prospect;
    for (place, &day) in days.iter().enumerate().filter(|(_, day)| **day <= today) {
        state = match (place, state) {
            (0, _) => State::New,
            (_, State::Lapsed) => State::WonBack,
            _ => State::Active,
        };
        let reason = match state {
            State::New => "first order",
            State::WonBack => "an order after having gone",
            _ => "another order",
        };
        move_to(day, state, reason.to_owned());
        let next = days.get(place + 1).copied().unwrap_or(Date::MAX);
        let limits = limits(&days[..=place]);
        for (limit, later) in [(limits.at_risk_days, State::AtRisk), (limits.lapsed_days, State::Lapsed)] {
            if after(day, limit) < next && after(day, limit) <= today {
                state = later;
                move_to(after(day, limit), later, format!("{limit} days without an order"));
            }
        }
    }
    story
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_has_its_days_and_depends_on_nothing_else() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        let limits = Limits { at_risk_days: 30, lapsed_days: 90 };
        let days: Vec<Date> = ["2026-01-10", "2026-01-20", "2026-03-01", "2026-08-01"].map(date).to_vec();
        let told: Vec<String> = story(|_| limits, date("2026-01-01"), &days, date("2026-08-15"))
            .into_iter()
            .map(|step| format!("{} {:?}", step.on, step.state))
            .collect();
        assert_eq!(
            told,
            [
                "2026-01-01 Prospect",
                "2026-01-10 New",
                "2026-01-20 Active",
                "2026-02-19 AtRisk",
                "2026-03-01 Active",
                "2026-03-31 AtRisk",
                "2026-05-30 Lapsed",
                "2026-08-01 WonBack",
            ]
        );
        // Asked on an earlier day the story is the beginning of the same.
        let earlier = story(|_| limits, date("2026-01-01"), &days, date("2026-03-31"));
        let whole = story(|_| limits, date("2026-01-01"), &days, date("2026-08-15"));
        assert_eq!(earlier[..], whole[..6]);
        assert_eq!(story(|_| limits, date("2026-01-01"), &[], date("2026-12-31")).len(), 1);
        let never = Limits { at_risk_days: i32::MAX, lapsed_days: i32::MAX };
        assert_eq!(story(|_| never, date("2026-01-01"), &days[..1], date("2026-12-31")).len(), 2);
    }
}
