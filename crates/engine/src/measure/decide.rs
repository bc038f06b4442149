//! Keep, change or stop, with the reason: read off the interval, by a rule that is the same for every campaign.

use super::lift::{Draw, Frame, MetricEffect, Money, People};
use serde::{Deserialize, Serialize};

/// What to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What.
    pub verdict: Verdict,
    /// Why, as a code with words in `locales/` under `cam-why-CODE`.
    pub reason: Reason,
}

/// Keep, change, stop, or wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Go on with it.
    Keep,
    /// Do it otherwise.
    Change,
    /// Do it no more.
    Stop,
    /// Its days are not over.
    Wait,
}

impl Verdict {
    /// The word in documents and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Keep => "keep",
            Verdict::Change => "change",
            Verdict::Stop => "stop",
            Verdict::Wait => "wait",
        }
    }
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The people are not those that were drawn.
    DrawBroken,
    /// People who were to be left alone were contacted.
    Leaked,
    /// It brought more than it cost, by the whole interval.
    Pays,
    /// It brought less than it cost, by the whole interval.
    DoesNotPay,
    /// It brought something, and whether it pays cannot be told.
    LiftButUnclear,
    /// Nothing can be told: too few people for what was there to be seen.
    CannotBeTold,
    /// It drove people away.
    Harms,
    /// The days that were planned are not over.
    TooEarly,
    /// Those who had a promise did more than those who did not have it yet.
    RolloutWorks,
    /// The groups went apart before anything began.
    NotAlike,
}

impl Reason {
    /// The code of its words.
    pub fn code(self) -> &'static str {
        match self {
            Reason::DrawBroken => "draw-broken",
            Reason::Leaked => "leaked",
            Reason::Pays => "pays",
            Reason::DoesNotPay => "does-not-pay",
            Reason::LiftButUnclear => "lift-but-unclear",
            Reason::CannotBeTold => "cannot-be-told",
            Reason::Harms => "harms",
            Reason::TooEarly => "too-early",
            Reason::RolloutWorks => "rollout-works",
            Reason::NotAlike => "not-alike",
        }
    }
}

/// A share of the held out above which a leak is no accident.
const LEAK: f64 = 0.01;

/// The rule. Trust first, then money, then the lift itself.
pub fn decide(
    people: &People,
    draw: Draw,
    effects: &[MetricEffect],
    money: Option<&Money>,
    frame: &Frame,
) -> Decision {
    let made = |verdict, reason| Decision { verdict, reason };
    if !draw.is_sound {
        return made(Verdict::Change, Reason::DrawBroken);
    }
    if people.leaked as f64 > LEAK * people.held_out as f64 {
        return made(Verdict::Change, Reason::Leaked);
    }
    let decisive = effects.first();
    if decisive.is_some_and(|effect| effect.lift.high < 0.0) {
        return made(Verdict::Stop, Reason::Harms);
    }
    match money {
        Some(money) if money.profit.low > 0.0 && decisive.is_some_and(|effect| effect.is_detected) => {
            made(Verdict::Keep, Reason::Pays)
        }
        Some(money) if money.profit.high < 0.0 => made(Verdict::Stop, Reason::DoesNotPay),
        _ if !frame.is_complete => made(Verdict::Wait, Reason::TooEarly),
        _ if decisive.is_some_and(|effect| effect.is_detected) => {
            made(Verdict::Change, Reason::LiftButUnclear)
        }
        _ => made(Verdict::Change, Reason::CannotBeTold),
    }
}

/// The rule for a public promise, which cannot be taken from some: it is kept or changed for all.
pub fn of_rollout(found: &super::rollout::RolledOut, is_complete: bool) -> Decision {
    let made = |verdict, reason| Decision { verdict, reason };
    match found {
        found if !found.was_alike => made(Verdict::Change, Reason::NotAlike),
        found if found.overall.high < 0.0 => made(Verdict::Stop, Reason::Harms),
        found if found.is_detected => made(Verdict::Keep, Reason::RolloutWorks),
        _ if !is_complete => made(Verdict::Wait, Reason::TooEarly),
        _ => made(Verdict::Change, Reason::CannotBeTold),
    }
}
