//! What a campaign brought, as one page to print and one sentence to say, in the reader's language.

use super::lift::{Bounded, Measured, MetricEffect, Roi};
use crate::act::followed::Came;
use crate::act::plan::Metric;
use assets::{Assets, Failure, Habit, Lang, Words};
use jiff::civil::Date;
use serde::Serialize;

/// What the template is given.
#[derive(Serialize)]
struct Page<'a> {
    lang: &'static str,
    currency: &'a str,
    decimals: u32,
    shop: String,
    m: &'a Measured,
    until: Date,
    days: i64,
    level: String,
    sentence: String,
    why: String,
    money: Option<Whole>,
    roi: Option<String>,
    effects: Vec<Shown>,
    tiers: Vec<Shown>,
    ages: Vec<Shown>,
    followed: Vec<Followed>,
}

/// What came back and the order that followed, in words.
#[derive(Serialize)]
struct Followed {
    outcome: String,
    people: u64,
    ordered: u64,
    total: String,
    median: String,
}

/// Amounts in whole minor units.
#[derive(Serialize)]
struct Whole {
    margin: i64,
    cost: i64,
    profit: i64,
}

/// One line of a table, in words.
#[derive(Serialize, Default)]
struct Shown {
    metric: &'static str,
    tier: String,
    periods: i64,
    contact: u64,
    held_out: u64,
    control: String,
    treated: String,
    lift: String,
    range: String,
    is_detected: bool,
}

/// The page.
///
/// # Errors
/// Where a template or a message is wrong, never because of a number.
pub fn render(m: &Measured, assets: &Assets, lang: Lang) -> Result<String, Failure> {
    let words = assets.words(lang)?;
    let habit = Habit::new(lang, m.currency.code(), m.decimals);
    let said = Said { m, words, habit: &habit };
    let metric = m.effects.first().map_or(Metric::Margin, |effect| effect.metric);
    let range = |metric: Metric, one: &Bounded| (said.lift(metric, one.value), said.range(metric, one));
    let page = Page {
        lang: lang.tag(),
        currency: m.currency.code(),
        decimals: m.decimals,
        shop: match &m.shop {
            Some(shop) => shop.clone(),
            None => words.text("report-shop-unnamed", &[])?,
        },
        m,
        until: m.until.yesterday().unwrap_or(m.until),
        days: m.from.until(m.until).map_or(0, |span| i64::from(span.get_days())),
        level: habit.percent(m.level, 0),
        sentence: said.sentence()?,
        why: said.why()?,
        money: m.money.as_ref().map(|money| Whole {
            margin: money.margin.value.round() as i64,
            cost: money.cost_minor.round() as i64,
            profit: money.profit.value.round() as i64,
        }),
        roi: m.money.as_ref().and_then(|money| money.roi.as_ref()).map(|roi| said.roi(roi)).transpose()?,
        effects: m.effects.iter().map(|effect| said.effect(effect)).collect::<Result<_, _>>()?,
        tiers: m
            .tiers
            .iter()
            .map(|tier| {
                let (lift, range) = range(metric, &tier.lift);
                Ok(Shown {
                    tier: tier.tier.clone(),
                    contact: tier.contact,
                    held_out: tier.held_out,
                    lift: lift?,
                    range,
                    is_detected: tier.is_detected,
                    ..Shown::default()
                })
            })
            .collect::<Result<_, Failure>>()?,
        ages: m
            .rollout
            .iter()
            .flat_map(|rollout| &rollout.ages)
            .map(|age| {
                let (lift, range) = range(metric, &age.effect);
                Ok(Shown { periods: age.periods, lift: lift?, range, ..Shown::default() })
            })
            .collect::<Result<_, Failure>>()?,
        followed: m.followed.iter().map(|came| said.followed(came)).collect::<Result<_, _>>()?,
    };
    assets.render("report/campaign.html", lang, &page)
}

/// One honest sentence, and what to do with it: for the terminal.
///
/// # Errors
/// As [`render`].
pub fn headline(m: &Measured, assets: &Assets, lang: Lang) -> Result<String, Failure> {
    let words = assets.words(lang)?;
    let habit = Habit::new(lang, m.currency.code(), m.decimals);
    let said = Said { m, words, habit: &habit };
    let verdict = words.text(&format!("cam-verdict-{}", m.decision.verdict.word()), &[])?;
    Ok(format!("{}\n{verdict}. {}", said.sentence()?, said.why()?))
}

struct Said<'a> {
    m: &'a Measured,
    words: &'a Words,
    habit: &'a Habit,
}

impl Said<'_> {
    fn sentence(&self) -> Result<String, Failure> {
        let m = self.m;
        let Some(effect) = m.effects.first() else { return self.words.text("cam-nothing-plain", &[]) };
        let had = (m.people.contact + m.people.held_out) as i64;
        if !effect.is_detected {
            return match effect.needed {
                Some(needed) => {
                    let args = [
                        ("needed", self.habit.count(needed as i64).into()),
                        ("had", self.habit.count(had).into()),
                    ];
                    self.words.text("cam-nothing", &args)
                }
                None => self.words.text("cam-nothing-plain", &[("had", self.habit.count(had).into())]),
            };
        }
        let is_more = effect.lift.value > 0.0;
        let (near, far) =
            if is_more { (effect.lift.low, effect.lift.high) } else { (-effect.lift.high, -effect.lift.low) };
        if let Some(rollout) = &m.rollout {
            let key = if is_more { "cam-rollout-more" } else { "cam-rollout-less" };
            let args = [
                ("low", self.amount(effect.metric, near, false).into()),
                ("high", self.amount(effect.metric, far, false).into()),
                ("days", rollout.period_days.into()),
            ];
            return self.words.text(key, &args);
        }
        let people = m.people.contact as f64;
        let whole = |value: f64| match effect.metric {
            Metric::Margin => self.habit.short_money((value * people).round() as i64),
            Metric::Orders | Metric::Bought => self.habit.count((value * people).round() as i64),
        };
        let what = match effect.metric {
            Metric::Margin => "money",
            Metric::Orders => "orders",
            Metric::Bought => "people",
        };
        let key = format!("cam-{}-{what}", if is_more { "brought" } else { "lost" });
        self.words.text(&key, &[("low", whole(near).into()), ("high", whole(far).into())])
    }

    fn why(&self) -> Result<String, Failure> {
        let people = &self.m.people;
        let args = [
            ("leaked", self.habit.count(people.leaked as i64).into()),
            ("held_out", self.habit.count(people.held_out as i64).into()),
        ];
        self.words.text(&format!("cam-why-{}", self.m.decision.reason.code()), &args)
    }

    fn roi(&self, roi: &Roi) -> Result<String, Failure> {
        let end = |place: usize| self.habit.number(roi.ends.get(place).copied().unwrap_or(0.0), 2);
        let last = roi.ends.len().saturating_sub(1);
        let key = format!("cam-roi-{}", roi.kind.replace('_', "-"));
        self.words.text(&key, &[("low", end(0).into()), ("high", end(last).into())])
    }

    fn effect(&self, effect: &MetricEffect) -> Result<Shown, Failure> {
        Ok(Shown {
            metric: effect.metric.word(),
            control: self.amount(effect.metric, effect.control, false),
            treated: self.amount(effect.metric, effect.treated, false),
            lift: self.lift(effect.metric, effect.lift.value)?,
            range: self.range(effect.metric, &effect.lift),
            is_detected: effect.is_detected,
            ..Shown::default()
        })
    }

    fn followed(&self, came: &Came) -> Result<Followed, Failure> {
        let days = |days: i64| self.words.text("cam-followed-days", &[("days", days.into())]);
        Ok(Followed {
            outcome: self.words.text(&format!("console-outcome-{}", came.outcome.replace('_', "-")), &[])?,
            people: came.people,
            ordered: came.ordered,
            total: self.habit.short_money(came.total_minor),
            median: came.median_days.map(days).transpose()?.unwrap_or_else(|| "–".to_owned()),
        })
    }

    /// A difference of shares is said in points: a share of a share would be something else.
    fn lift(&self, metric: Metric, value: f64) -> Result<String, Failure> {
        if metric != Metric::Bought {
            return Ok(self.amount(metric, value, true));
        }
        let sign = if value > 0.0 { "+" } else { "" };
        let number = format!("{sign}{}", self.habit.number(100.0 * value, 1));
        self.words.text("cam-points", &[("number", number.into())])
    }

    fn amount(&self, metric: Metric, value: f64, is_signed: bool) -> String {
        match (metric, is_signed) {
            (Metric::Margin, true) => self.habit.signed_short_money(value.round() as i64),
            (Metric::Margin, false) => self.habit.short_money(value.round() as i64),
            (Metric::Orders, _) => self.habit.number(value, 3),
            (Metric::Bought, true) => self.habit.signed_percent(value, 1),
            (Metric::Bought, false) => self.habit.percent(value, 1),
        }
    }

    fn range(&self, metric: Metric, one: &Bounded) -> String {
        match metric {
            Metric::Margin => self.habit.short_money_range(one.low.round() as i64, one.high.round() as i64),
            Metric::Orders => self.habit.number_range(one.low, one.high, 3),
            Metric::Bought => self.habit.percent_range(one.low, one.high, 1),
        }
    }
}
