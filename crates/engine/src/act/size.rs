//! Before the start: could the lift at which it pays be seen at all?
//!
//! The shop's own past answers. The same people are looked for as of an earlier day, so many days back as the plan
//! counts orders; what they then did is the spread the campaign will have to be told from, and what they had done before
//! says how much of it was known anyway. A plan whose smallest visible lift is above its break-even is refused, with
//! what would help.

use super::plan::{Metric, Plan, Reading};
use super::{Refused, Stopped};
use crate::measure::people::Person;
use domain::port::Failure;
use serde::{Deserialize, Serialize};
use stats::experiment::moments::Moments;
use stats::experiment::power::{Design, Outcome, minimum_effect, sample_size};
use stats::experiment::sequence;
use stats::experiment::student::critical;

/// What the past says of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sizing {
    /// People the campaign would have now: contacted and held out.
    pub people: u64,
    /// Of them, to be contacted.
    pub contact: u64,
    /// Of them, to be left alone.
    pub held_out: u64,
    /// People the spread was learnt from, as of an earlier day.
    pub learnt_from: u64,
    /// The deciding metric.
    pub metric: Metric,
    /// What such people do untouched: its mean a person.
    pub usual: f64,
    /// Standard deviation a person.
    pub deviation: f64,
    /// Correlation with the same metric before the start.
    pub correlation: f64,
    /// The lift a person, in the metric, at which the campaign pays for itself.
    pub break_even: f64,
    /// The smallest lift a person it would find with the wanted power.
    pub smallest: f64,
    /// What one more order is worth, in minor units.
    pub margin_per_order_minor: f64,
    /// What would make the break-even lift visible.
    pub helps: Vec<Help>,
}

/// Something that would make the break-even lift visible, or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Help {
    /// So many people in all, at the same share held out.
    MorePeople {
        /// Contacted and held out.
        people: u64,
    },
    /// Half held out.
    LargerHoldout {
        /// The smallest lift then.
        smallest: f64,
        /// Whether that is enough.
        is_enough: bool,
    },
    /// Another metric, on which the same break-even stands out more.
    OtherMetric {
        /// Which.
        metric: Metric,
        /// The smallest lift then, as a multiple of the break-even.
        of_break_even: f64,
        /// Whether that is enough.
        is_enough: bool,
    },
    /// Counting orders for longer.
    Longer {
        /// Days.
        days: i64,
        /// The smallest lift then.
        smallest: f64,
        /// Whether that is enough.
        is_enough: bool,
    },
    /// The time before as covariate already saves this share of the people.
    BeforeSaves {
        /// From 0 to 1.
        share: f64,
    },
}

impl Help {
    /// Whether it alone makes the break-even visible.
    pub fn is_enough(&self) -> bool {
        match self {
            Help::MorePeople { .. } => true,
            Help::LargerHoldout { is_enough, .. }
            | Help::OtherMetric { is_enough, .. }
            | Help::Longer { is_enough, .. } => *is_enough,
            Help::BeforeSaves { .. } => false,
        }
    }
}

impl Sizing {
    /// Whether the lift at which it pays would be seen.
    pub fn is_visible(&self) -> bool {
        self.smallest <= self.break_even
    }
}

/// Fewer people than this say nothing about a spread.
const LEAST: usize = 30;

/// Sizes a plan: `people` would be in it now, `past` are those it would have had earlier, with what they did then and
/// before; `longer` the same with twice the days, where history reaches back so far.
///
/// # Errors
/// Refused where there is too little past to learn from, or nothing varies in it.
pub fn size(plan: &Plan, people: u64, past: &[Person], longer: Option<&[Person]>) -> Result<Sizing, Stopped> {
    let refuse = |detail: String| Refused::CannotBeSeen { campaign: plan.name.clone(), detail };
    let held_out = (plan.hold_out * people as f64).round() as u64;
    let contact = people - held_out;
    if held_out < 2 || contact < 2 {
        return Err(refuse(format!(
            "{people} people at hold_out = {} leave {held_out} alone and {contact} to contact; two of each are the least that \
             can be compared. Choose a wider segment or another share",
            plan.hold_out
        ))
        .into());
    }
    if past.len() < LEAST {
        return Err(refuse(format!(
            "only {} such people were there {} days ago; from fewer than {LEAST} nothing can be told of how much they differ. \
             Choose a wider segment, or fewer days",
            past.len(),
            plan.days
        ))
        .into());
    }
    let learnt = Learnt::of(plan.metric, past).ok_or_else(|| {
        refuse(format!("such people all did the same in the {} days looked at: nothing can be told apart; count more days or choose a wider segment", plan.days))
    })?;
    let orders: f64 = past.iter().map(|one| one.orders).sum();
    let margin: f64 = past.iter().map(|one| one.margin).sum();
    let per_order = if orders > 0.0 { margin / orders } else { 0.0 };
    let came = past.iter().filter(|one| one.orders > 0.0).count() as f64 / past.len() as f64;
    let cost = plan.cost_per_contact_minor as f64 + plan.cost_per_use_minor as f64 * came;
    let in_metric = |metric: Metric, money: f64| match metric {
        Metric::Margin => money,
        // One more who comes brings one order, if not more.
        Metric::Orders | Metric::Bought => money / per_order.max(f64::MIN_POSITIVE),
    };
    let break_even = in_metric(plan.metric, cost);
    let smallest = |learnt: &Learnt, held: f64| -> Result<f64, Failure> {
        let contact = people as f64 - held;
        minimum_effect(&learnt.design(plan, contact / held), learnt.outcome(), held, plan.power)
            .map(|effect| effect * widening(plan))
            .map_err(|error| Failure::because(format!("campaign {} cannot be sized", plan.name), error))
    };
    let smallest_now = smallest(&learnt, held_out as f64)?;
    let mut helps = Vec::new();
    if smallest_now > break_even {
        let half = smallest(&learnt, people as f64 / 2.0)?;
        if plan.hold_out < 0.5 {
            helps.push(Help::LargerHoldout { smallest: half, is_enough: half <= break_even });
        }
        let ratio = contact as f64 / held_out as f64;
        if break_even > 0.0
            && let Ok(sizes) =
                sample_size(&learnt.design(plan, ratio), learnt.outcome(), break_even, plan.power)
        {
            helps.push(Help::MorePeople { people: sizes.control + sizes.treatment });
        }
        for metric in Metric::ALL.into_iter().filter(|metric| *metric != plan.metric) {
            let goal = in_metric(metric, cost);
            if let Some(other) = Learnt::of(metric, past).filter(|_| goal > 0.0 && per_order > 0.0)
                && let Ok(smallest) = smallest(&other, held_out as f64)
                && smallest / goal < smallest_now / break_even.max(f64::MIN_POSITIVE)
            {
                let of_break_even = smallest / goal;
                helps.push(Help::OtherMetric { metric, of_break_even, is_enough: of_break_even <= 1.0 });
            }
        }
        if let Some(learnt) = longer.and_then(|past| Learnt::of(plan.metric, past)) {
            let smallest = smallest(&learnt, held_out as f64)?;
            helps.push(Help::Longer { days: 2 * plan.days, smallest, is_enough: smallest <= break_even });
        }
    }
    helps.push(Help::BeforeSaves { share: learnt.correlation * learnt.correlation });
    Ok(Sizing {
        people,
        contact,
        held_out,
        learnt_from: past.len() as u64,
        metric: plan.metric,
        usual: learnt.mean,
        deviation: learnt.deviation,
        correlation: learnt.correlation,
        break_even,
        smallest: smallest_now,
        margin_per_order_minor: per_order,
        helps,
    })
}

/// How much larger a lift must be where the plan may be read at any time: by the widths of the two rules at the end.
fn widening(plan: &Plan) -> f64 {
    if plan.reading == Reading::Fixed {
        return 1.0;
    }
    let alpha = 1.0 - plan.level;
    let (fixed, found) = (critical(plan.level, 1e9), critical(2.0 * plan.power - 1.0, 1e9));
    (sequence::half_width(alpha, 1.0, sequence::tuning(alpha, 1.0)) + found) / (fixed + found)
}

/// Refuses a plan that could not see its break-even lift, unless it says that it knows.
///
/// # Errors
/// Says what would make it visible.
pub fn check(plan: &Plan, sizing: &Sizing) -> Result<(), Refused> {
    if sizing.is_visible() {
        return Ok(());
    }
    let accepted = plan.accept_unseen_below_minor.is_some_and(|minor| {
        let lift = match plan.metric {
            Metric::Margin => minor as f64,
            Metric::Orders | Metric::Bought => minor as f64 / sizing.margin_per_order_minor.max(1e-9),
        };
        sizing.smallest <= lift
    });
    if accepted {
        return Ok(());
    }
    let mut detail = format!(
        "it pays from {} {} a person on, and with {} people contacted and {} left alone the smallest lift that would be found \
         is {}. Running it would end in \"cannot be told\". What would help: ",
        short(sizing.break_even),
        unit(plan.metric),
        sizing.contact,
        sizing.held_out,
        short(sizing.smallest)
    );
    let helps: Vec<String> = sizing.helps.iter().map(|help| said(help, plan)).collect();
    detail += &helps.join("; ");
    detail += &format!(
        ". To run it all the same, write accept_unseen_below = \"{}\" into the plan: then a smaller lift may stay unseen",
        sizing.smallest_in_money().ceil()
    );
    Err(Refused::CannotBeSeen { campaign: plan.name.clone(), detail })
}

impl Sizing {
    /// The smallest lift in minor units a person.
    pub fn smallest_in_money(&self) -> f64 {
        match self.metric {
            Metric::Margin => self.smallest,
            Metric::Orders | Metric::Bought => self.smallest * self.margin_per_order_minor,
        }
    }
}

fn unit(metric: Metric) -> &'static str {
    match metric {
        Metric::Margin => "minor units of margin",
        Metric::Orders => "orders",
        Metric::Bought => "(as a share who come)",
    }
}

fn said(help: &Help, plan: &Plan) -> String {
    let verdict = |is_enough: &bool| if *is_enough { "enough" } else { "not enough alone" };
    match help {
        Help::MorePeople { people } => {
            format!("{people} people in all (a wider segment, or the same action again and again)")
        }
        Help::LargerHoldout { smallest, is_enough } => {
            format!("hold_out = 0.5 (smallest then {}: {})", short(*smallest), verdict(is_enough))
        }
        Help::OtherMetric { metric, of_break_even, is_enough } => format!(
            "metric = \"{}\" (smallest then {} times the break-even: {})",
            metric.word(),
            short(*of_break_even),
            verdict(is_enough)
        ),
        Help::Longer { days, smallest, is_enough } => {
            format!("days = {days} (smallest then {}: {})", short(*smallest), verdict(is_enough))
        }
        Help::BeforeSaves { share } => format!(
            "the {} days before the start already save {:.0}% of the people",
            plan.before_days,
            100.0 * share
        ),
    }
}

/// A number with as many digits as it needs.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// What the past says of one metric.
struct Learnt {
    mean: f64,
    deviation: f64,
    correlation: f64,
}

impl Learnt {
    fn of(metric: Metric, past: &[Person]) -> Option<Learnt> {
        let after: Vec<f64> = past.iter().map(|one| one.after(metric)).collect();
        let before: Vec<f64> = past.iter().map(|one| one.before(metric)).collect();
        let both = Moments::from_columns([&after, &before]).ok()?;
        let (deviation, other) = (both.covariance(0, 0).sqrt(), both.covariance(1, 1).sqrt());
        if !(deviation > 0.0 && deviation.is_finite()) {
            return None;
        }
        let correlation = if other > 0.0 { both.covariance(0, 1) / (deviation * other) } else { 0.0 };
        Some(Learnt { mean: both.means[0], deviation, correlation: correlation.clamp(-0.999, 0.999) })
    }

    fn outcome(&self) -> Outcome {
        // With a covariate a share, too, is judged as a mean: of noughts and ones.
        Outcome::Mean { control_deviation: self.deviation, treatment_deviation: self.deviation }
    }

    fn design(&self, plan: &Plan, ratio: f64) -> Design {
        Design { level: plan.level, ratio, covariate: self.correlation, clusters: None }
    }
}
