//! What it brought: everybody chosen against everybody left alone, as they were drawn.
//!
//! Intention to treat: who was to be contacted counts as such whether the message arrived or not, because the draw is
//! what makes the arms alike. What was known before the start is taken out of the outcome (CUPED, Deng et al. 2013), and
//! the return on what was spent has Fieller's interval, since cost varies with who came.
//!
//! A fixed plan is read once, at its end. A sequence may be read on any day, and is a little wider for it. Its looks add
//! days to the same people, so what grows is the variance V of the difference so far and not the number of people: the
//! normal mixture for a sum with that clock is crossed at √((V + η)(ln((V + η)/η) + 2 ln(1/α))) (Robbins 1970; Howard et
//! al. 2021), which is `Plan::mixture` with a spread of V/√η. What people do in one week goes with what they do in the
//! next, so that true looks cross no more often than independent ones (Slepian 1962). η is fixed before the start.

use super::decide::{Decision, decide};
use super::people::Person;
use crate::act::plan::{Metric, Plan, Reading};
use domain::Currency;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use stats::experiment::cuped;
use stats::experiment::effect::{Effect, Scale, compare};
use stats::experiment::fieller::Set;
use stats::experiment::moments::Moments;
use stats::experiment::plan::{Plan as Rule, Reading as Read};
use stats::experiment::power::{Design, Outcome, sample_size};
use stats::experiment::roi::incremental_return;
use stats::experiment::srm::{self, Limits, Verdict};
use stats::experiment::{arm::Arm, metrics, sequence};
use stats::inputs::BadInput;

/// Everything that is read of a campaign. All money is minor units of the currency; figures a person are means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The campaign.
    pub campaign: String,
    /// What it is called on pages.
    pub title: String,
    /// What was offered.
    pub action: String,
    /// The channel.
    pub channel: String,
    /// The shop.
    pub shop: Option<String>,
    /// The currency.
    pub currency: Currency,
    /// Digits after the point of its minor units.
    pub decimals: u32,
    /// The first day on which people could answer.
    pub from: Date,
    /// The day after the last that was counted.
    pub until: Date,
    /// Days before the start that were taken out.
    pub before_days: i64,
    /// Once, or at any time.
    pub reading: Reading,
    /// Whether all days are over.
    pub is_complete: bool,
    /// Confidence of the intervals.
    pub level: f64,
    /// Share held out, as planned.
    pub hold_out: f64,
    /// People.
    pub people: People,
    /// Whether the draw survived.
    pub draw: Draw,
    /// The deciding metric first.
    pub effects: Vec<MetricEffect>,
    /// Money, all people contacted together.
    pub money: Option<Money>,
    /// By value before the start. Looked at after the fact: hints, not findings.
    pub tiers: Vec<TierEffect>,
    /// For a public promise: by start and time.
    pub rollout: Option<super::rollout::RolledOut>,
    /// What came back, and the order that followed. Not what it brought: people come anyway.
    #[serde(default)]
    pub followed: Vec<crate::act::followed::Came>,
    /// What to do, and why.
    pub decision: Decision,
}

/// How many were what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct People {
    /// Drawn to be contacted.
    pub contact: u64,
    /// Drawn to be left alone.
    pub held_out: u64,
    /// Left out of the draw.
    pub left_out: u64,
    /// Reported as sent or reached; `None` where no results came back.
    pub sent: Option<u64>,
    /// Reported as failed.
    pub failed: u64,
    /// Answered.
    pub answered: u64,
    /// Asked not to be written to again.
    pub opted_out: u64,
    /// Held out and contacted all the same.
    pub leaked: u64,
    /// Reported though nobody had listed them.
    pub strangers: u64,
}

/// Whether the people are there in the shares that were drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Draw {
    /// Of the difference from the drawn shares, by chance.
    pub p_value: f64,
    /// Whether the reading can be trusted.
    pub is_sound: bool,
}

/// A number with the bounds of its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounded {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What it did to one metric, a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricEffect {
    /// The metric.
    pub metric: Metric,
    /// Mean of those left alone.
    pub control: f64,
    /// Mean of those chosen.
    pub treated: f64,
    /// The lift.
    pub lift: Bounded,
    /// Its standard error.
    pub standard_error: f64,
    /// Of no lift.
    pub p_value: f64,
    /// Whether it is told from nothing.
    pub is_detected: bool,
    /// Variance left after what was known before: 0.5 means half the people would do.
    pub variance_ratio: f64,
    /// People, both arms, who would make the break-even lift visible with the plan's power; absent where it is seen.
    pub needed: Option<u64>,
}

/// Money of all people contacted together, in minor units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Money {
    /// Margin that would not have come otherwise.
    pub margin: Bounded,
    /// What it cost.
    pub cost_minor: f64,
    /// Margin less cost.
    pub profit: Bounded,
    /// Profit for each unit spent; absent where it cost nothing.
    pub roi: Option<Roi>,
}

/// Return on what was spent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Roi {
    /// The estimate.
    pub value: f64,
    /// Fieller's set: `between`, `outside`, `at_least`, `at_most`, `anything`.
    pub kind: String,
    /// Its ends, where it has them.
    pub ends: Vec<f64>,
}

/// The deciding metric within one tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TierEffect {
    /// `none`, `small`, `large`: what they had brought before the start.
    pub tier: String,
    /// People contacted.
    pub contact: u64,
    /// People left alone.
    pub held_out: u64,
    /// The lift a person.
    pub lift: Bounded,
    /// Whether it stands after all tiers were looked at (Benjamini and Hochberg 1995).
    pub is_detected: bool,
}

/// One person of the campaign as it is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// Drawn to be contacted, or left alone.
    pub is_contact: bool,
    /// Which tier.
    pub tier: u8,
    /// What they did.
    pub person: Person,
    /// What they cost, in minor units.
    pub cost: f64,
}

/// The names of tiers, by number.
pub const TIERS: [&str; 3] = ["none", "small", "large"];

/// What stands around the people when a campaign is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// The shop.
    pub shop: Option<String>,
    /// The currency.
    pub currency: Currency,
    /// Digits after the point.
    pub decimals: u32,
    /// The first day.
    pub from: Date,
    /// The day after the last counted.
    pub until: Date,
    /// Whether all days are over.
    pub is_complete: bool,
    /// How many were what.
    pub people: People,
    /// Variance of the difference expected at the end, for a sequence; from the sizing.
    pub planned_variance: f64,
    /// The lift a person, in the deciding metric, at which it pays.
    pub break_even: f64,
}

/// Reads a campaign.
///
/// # Errors
/// Where an arm has fewer than two people or nobody did anything.
pub fn measure(plan: &Plan, frame: &Frame, units: &[Unit]) -> Result<Measured, BadInput> {
    let mut order = vec![plan.metric];
    order.extend(Metric::ALL.into_iter().filter(|metric| *metric != plan.metric));
    let all: Vec<&Unit> = units.iter().collect();
    let draw = draw(plan, &frame.people, units)?;
    let mut effects = Vec::new();
    for metric in order {
        match one_metric(plan, frame, metric, &all) {
            Ok(effect) => effects.push(effect),
            Err(error) if metric == plan.metric => return Err(error),
            Err(_) => {}
        }
    }
    let money = money(plan, &all)?;
    let tiers = tiers(plan, frame, units);
    let decision = decide(&frame.people, draw, &effects, money.as_ref(), frame);
    Ok(Measured {
        campaign: plan.name.clone(),
        title: plan.title.clone(),
        action: plan.action.clone(),
        channel: plan.channel.clone(),
        shop: frame.shop.clone(),
        currency: frame.currency,
        decimals: frame.decimals,
        from: frame.from,
        until: frame.until,
        before_days: plan.before_days,
        reading: plan.reading,
        is_complete: frame.is_complete,
        level: plan.level,
        hold_out: plan.hold_out,
        people: frame.people,
        draw,
        effects,
        money,
        tiers,
        rollout: None,
        followed: Vec::new(),
        decision,
    })
}

fn draw(plan: &Plan, people: &People, units: &[Unit]) -> Result<Draw, BadInput> {
    let contact = units.iter().filter(|unit| unit.is_contact).count() as u64;
    let counts = [units.len() as u64 - contact, contact];
    let found = srm::check(&counts, &[plan.hold_out, 1.0 - plan.hold_out], Limits::default())?;
    let is_whole = counts == [people.held_out, people.contact];
    Ok(Draw { p_value: found.p_value, is_sound: is_whole && found.verdict != Verdict::Mismatched })
}

/// Outcome and covariate of one arm.
fn columns(units: &[&Unit], metric: Metric, is_contact: bool) -> (Vec<f64>, Vec<f64>) {
    let of = units.iter().filter(|unit| unit.is_contact == is_contact);
    of.map(|unit| (unit.person.after(metric), unit.person.before(metric))).unzip()
}

struct Compared {
    effect: Effect,
    control: Arm,
    treated: Arm,
    theta: f64,
    variance_ratio: f64,
}

fn compared(units: &[&Unit], metric: Metric) -> Result<Compared, BadInput> {
    let (control, before) = columns(units, metric, false);
    let control = Moments::from_columns([&control, &before])?;
    let (treated, before) = columns(units, metric, true);
    let treated = Moments::from_columns([&treated, &before])?;
    if let Ok(adjusted) = cuped::adjust(&control, &treated) {
        return Ok(Compared {
            effect: adjusted.effect(Scale::Absolute)?,
            control: adjusted.control,
            treated: adjusted.treatment,
            theta: adjusted.theta,
            variance_ratio: adjusted.variance_ratio,
        });
    }
    // Nobody did anything before the start: there is nothing to take out.
    let plain = |both: &Moments<2>| {
        let one = Moments { count: both.count, means: [both.means[0]], products: [[both.products[0][0]]] };
        Arm::mean(&one)
    };
    let (control, treated) = (plain(&control)?, plain(&treated)?);
    let effect = compare(&control, &treated, Scale::Absolute)?;
    Ok(Compared { effect, control, treated, theta: 0.0, variance_ratio: 1.0 })
}

/// The interval of an effect, by the rule the plan has chosen. `share` is the part of the people it is read on.
fn read(plan: &Plan, frame: &Frame, effect: &Effect, share: f64) -> Result<Read, BadInput> {
    let rule = match plan.reading {
        Reading::Fixed => Rule::completed(plan.level)?,
        Reading::Sequence => {
            let variance = effect.standard_error * effect.standard_error;
            let planned =
                if frame.planned_variance > 0.0 { frame.planned_variance / share } else { variance };
            let clock = planned / sequence::tuning(1.0 - plan.level, 1.0).powi(2);
            Rule::mixture(plan.level, variance / clock.sqrt())?
        }
    };
    rule.judge(effect).map_err(|refused| match refused {
        stats::experiment::plan::Refused::Input(input) => input,
        other => unreachable!("a completed plan is not refused: {other}"),
    })
}

fn bounded(read: &Read) -> Bounded {
    Bounded { value: read.effect.value, low: read.interval.low, high: read.interval.high }
}

fn one_metric(plan: &Plan, frame: &Frame, metric: Metric, units: &[&Unit]) -> Result<MetricEffect, BadInput> {
    let found = compared(units, metric)?;
    // A sequence's clock is planned for the deciding metric; the others are read at the end of the same rule.
    let own = Frame { planned_variance: 0.0, ..frame.clone() };
    let read = read(plan, if metric == plan.metric { frame } else { &own }, &found.effect, 1.0)?;
    let needed = (metric == plan.metric && !read.is_detected).then(|| needed(plan, frame, &found)).flatten();
    Ok(MetricEffect {
        metric,
        control: found.control.value,
        treated: found.treated.value,
        lift: bounded(&read),
        standard_error: found.effect.standard_error,
        p_value: read.p_value,
        is_detected: read.is_detected,
        variance_ratio: found.variance_ratio,
        needed,
    })
}

/// How many people would show the break-even lift, by the spread that was seen.
fn needed(plan: &Plan, frame: &Frame, found: &Compared) -> Option<u64> {
    let deviation = |arm: &Arm| arm.adjusted_variance.sqrt();
    let outcome = Outcome::Mean {
        control_deviation: deviation(&found.control),
        treatment_deviation: deviation(&found.treated),
    };
    let design =
        Design { level: plan.level, ratio: found.treated.units / found.control.units, ..Design::default() };
    let sizes = sample_size(&design, outcome, frame.break_even, plan.power).ok()?;
    Some(sizes.control + sizes.treatment)
}

/// Money of all contacted together; `None` where the margin did not vary.
fn money(plan: &Plan, units: &[&Unit]) -> Result<Option<Money>, BadInput> {
    let Ok(found) = compared(units, Metric::Margin) else { return Ok(None) };
    let all = units.len() as f64;
    let centre = units.iter().map(|unit| unit.person.margin_before).sum::<f64>() / all;
    let side = |is_contact: bool| {
        let of = units.iter().filter(|unit| unit.is_contact == is_contact);
        let (margin, cost): (Vec<f64>, Vec<f64>) = of
            .map(|unit| {
                let known = found.theta * (unit.person.margin_before - centre);
                (unit.person.margin - known, unit.cost)
            })
            .unzip();
        Moments::from_columns([&margin, &cost])
    };
    let (control, treated) = (side(false)?, side(true)?);
    let contact = treated.count as f64;
    let whole = |one: Bounded| Bounded {
        value: one.value * contact,
        low: one.low * contact,
        high: one.high * contact,
    };
    let lift = Rule::completed(plan.level)?.judge(&found.effect);
    let lift = lift.map(|read| whole(bounded(&read))).unwrap_or(Bounded { value: 0.0, low: 0.0, high: 0.0 });
    let cost = (treated.means[1] - control.means[1]) * contact;
    let Ok(back) = incremental_return(&control, &treated, plan.level) else {
        let profit = Bounded { value: lift.value - cost, low: lift.low - cost, high: lift.high - cost };
        return Ok(Some(Money { margin: lift, cost_minor: cost, profit, roi: None }));
    };
    let profit =
        Bounded { value: back.profit, low: back.profit_interval.low, high: back.profit_interval.high };
    let (kind, ends) = match back.roi_set {
        Set::Between { low, high } => ("between", vec![low, high]),
        Set::Outside { below, above } => ("outside", vec![below, above]),
        Set::AtLeast { low } => ("at_least", vec![low]),
        Set::AtMost { high } => ("at_most", vec![high]),
        Set::Anything => ("anything", Vec::new()),
    };
    let roi = Some(Roi { value: back.roi, kind: kind.to_owned(), ends });
    Ok(Some(Money { margin: lift, cost_minor: cost, profit: whole(profit), roi }))
}

/// The deciding metric by tier; tiers in which nothing can be compared are left out.
fn tiers(plan: &Plan, frame: &Frame, units: &[Unit]) -> Vec<TierEffect> {
    let mut found: Vec<(TierEffect, f64)> = Vec::new();
    for (number, name) in TIERS.iter().enumerate() {
        let of: Vec<&Unit> = units.iter().filter(|unit| usize::from(unit.tier) == number).collect();
        let share = of.len() as f64 / units.len().max(1) as f64;
        let Ok(compared) = compared(&of, plan.metric) else { continue };
        let Ok(read) = read(plan, frame, &compared.effect, share) else { continue };
        let tier = TierEffect {
            tier: (*name).to_owned(),
            contact: compared.treated.units as u64,
            held_out: compared.control.units as u64,
            lift: bounded(&read),
            is_detected: false,
        };
        found.push((tier, read.p_value));
    }
    let p_values: Vec<f64> = found.iter().map(|(_, p_value)| *p_value).collect();
    let adjusted = metrics::adjust(&p_values, 1.0 - plan.level).unwrap_or_default();
    let judged = found.into_iter().enumerate();
    judged
        .map(|(at, (tier, _))| TierEffect {
            is_detected: adjusted.get(at).is_some_and(|one| one.is_discovery),
            ..tier
        })
        .collect()
}
