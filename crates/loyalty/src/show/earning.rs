//! Earning rules in words: how much, when, of what, and what holds it down.

use super::{Book, Entry, entry};
use crate::number::Ratio;
use crate::program::spec::{self, Counts, Side};
use crate::program::{Quantity, Rule};
use crate::time::{MonthDay, Period};
use crate::words::{length, list, points};

impl Book<'_> {
    pub(super) fn rule(&self, rule: &Rule) -> Entry {
        let spec = &rule.spec;
        let colon = if self.lang.is_chinese() { "：" } else { ":" };
        let mut text = vec![format!("**{}**{colon}", self.rule_name(rule))];
        text.extend(self.how_much(rule));
        text.extend(self.when(rule));
        text.extend(self.counted(&spec.basis));
        text.extend(self.limited(rule));
        let key = match spec.from {
            Some(from) => format!("rule {} {from}", spec.id),
            None => format!("rule {}", spec.id),
        };
        let mut made = entry(key, self.rule_name(rule), text, self.lang);
        if let Quantity::Bands(bands) = &rule.quantity {
            let money = |minor: i64| self.money_of(rule, minor);
            for (from, below, units) in bands {
                let given = points(self.program, rule.wallet, *units, self.lang);
                made.lines.push(match below {
                    Some(below) => {
                        format!("  - {}", self.say("rule band", &[&money(*from), &money(*below), &given]))
                    }
                    None => format!("  - {}", self.say("rule band last", &[&money(*from), &given])),
                });
            }
        }
        made
    }

    pub(super) fn how_much(&self, rule: &Rule) -> Vec<String> {
        let spec = &rule.spec;
        let summed = spec.sum_over.map(|period| self.per(period));
        let mut text = match &rule.quantity {
            Quantity::PerAmount { every, points, whole, minimum, per } => {
                let key = match (whole, per) {
                    (true, spec::Scope::Bill) if summed.is_some() => "rule amount summed",
                    (true, spec::Scope::Bill) => "rule amount whole",
                    (true, spec::Scope::Line) => "rule amount line",
                    (false, spec::Scope::Bill) => "rule amount",
                    (false, spec::Scope::Line) => "rule amount line rate",
                };
                let (given, every) = (self.exact(rule.wallet, *points), self.money_of(rule, *every));
                let mut text = vec![self.say(key, &[&given, &every, summed.as_deref().unwrap_or_default()])];
                if *minimum > 0 {
                    text.push(self.say("rule minimum", &[&self.money_of(rule, *minimum)]));
                }
                text
            }
            Quantity::Bands(_) => vec![match &summed {
                Some(period) => self.say("rule bands summed", &[period]),
                None => self.say("rule bands", &[]),
            }],
            Quantity::PerUnit(points) => vec![self.say("rule unit", &[&self.exact(rule.wallet, *points)])],
            Quantity::Fixed { points, minimum } => {
                let given = self.exact(rule.wallet, Ratio::new(i128::from(*points), 1).unwrap_or(Ratio::ONE));
                let mut text = vec![match &spec.event {
                    Some(event) => self.say("rule fixed event", &[&given, event.as_str()]),
                    None => self.say("rule fixed order", &[&given]),
                }];
                if *minimum > 0 {
                    text.push(self.say("rule minimum", &[&self.money_of(rule, *minimum)]));
                }
                text
            }
            Quantity::Multiply { of, .. } => {
                let by = spec
                    .multiply
                    .as_ref()
                    .map_or_else(String::new, |multiply| self.factor(multiply.by.ratio()));
                vec![self.say("rule multiply", &[&by, &self.rules(|rule| of.contains(&rule.spec.id))])]
            }
        };
        let is_said = matches!(
            rule.quantity,
            Quantity::Bands(_) | Quantity::PerAmount { whole: true, per: spec::Scope::Bill, .. }
        );
        if let Some(period) = summed.filter(|_| !is_said) {
            text.push(self.say("rule sum", &[&period]));
        }
        for (tier, factor) in &rule.by_tier {
            text.push(
                self.say("rule tier", &[&self.tiers(std::slice::from_ref(tier)), &self.factor(*factor)]),
            );
        }
        text
    }

    pub(super) fn when(&self, rule: &Rule) -> Vec<String> {
        let spec = &rule.spec;
        let mut text = Vec::new();
        if let Some(from) = spec.from {
            text.push(self.say("rule from", &[&from.to_string()]));
        }
        if let Some(last) = spec.until.and_then(|until| until.yesterday().ok()) {
            text.push(self.say("rule until", &[&last.to_string()]));
        }
        if spec.currency.is_some() {
            text.push(self.say("rule currency", &[rule.currency.code()]));
        }
        if !spec.tiers.is_empty() {
            text.push(self.say("rule only tiers", &[&self.tiers(&spec.tiers)]));
        }
        for (key, names) in [("rule stores", &spec.stores), ("rule channels", &spec.channels)] {
            if !names.is_empty() {
                text.push(self.say(key, &[&self.names(names)]));
            }
        }
        if !spec.days.is_empty() {
            let days: Vec<String> = spec.days.iter().map(|day| self.word("day", day, &[])).collect();
            text.push(self.say("rule days", &[&list(&days, self.lang)]));
        }
        if let Some(hours) = spec.hours {
            let text_of = hours.to_string();
            let (from, until) = text_of.split_once('-').unwrap_or((&text_of, ""));
            text.push(self.say("rule hours", &[from, until]));
        }
        if let Some(around) = spec.birthday {
            text.push(self.around(around));
        }
        if let Some(festival) = &spec.festival {
            let day = match (festival.on, festival.lunar) {
                (Some(on), _) => self.day_of_year(on),
                (_, Some(MonthDay { month, day })) => {
                    self.word("festival", festival.almanac, &[&day.to_string(), &month.to_string()])
                }
                _ => String::new(),
            };
            let (before, after) = (festival.days_before.to_string(), festival.days_after.to_string());
            text.push(self.say("rule festival", &[&day, &before, &after]));
        }
        for (key, source) in [("rule when", &spec.when), ("rule lines", &spec.lines)] {
            if let Some(source) = source {
                text.push(self.say(key, &[source]));
            }
        }
        text
    }

    pub(super) fn around(&self, around: spec::Around) -> String {
        match (around.month, around.days_before, around.days_after) {
            (true, ..) => self.say("rule birthday month", &[]),
            (_, 0, 0) => self.say("rule birthday day", &[]),
            (_, before, after) => self.say("rule birthday", &[&before.to_string(), &after.to_string()]),
        }
    }

    pub(super) fn counted(&self, basis: &spec::Basis) -> Vec<String> {
        let mut text = Vec::new();
        if basis.discount == Side::Before {
            text.push(self.say("rule before discount", &[]));
        }
        if basis.tax == Counts::Excluded {
            text.push(self.say("rule no tax", &[]));
        }
        if basis.shipping == Counts::Included {
            text.push(self.say("rule shipping", &[]));
        }
        if basis.points_paid == Counts::Included {
            text.push(self.say("rule points paid", &[]));
        }
        if !basis.exclude_tenders.is_empty() {
            text.push(self.say("rule tenders", &[&self.kinds("tender", &basis.exclude_tenders)]));
        }
        for (key, names) in
            [("rule categories", &basis.exclude_categories), ("rule products", &basis.exclude_products)]
        {
            if !names.is_empty() {
                text.push(self.say(key, &[&self.names(names)]));
            }
        }
        text
    }

    pub(super) fn limited(&self, rule: &Rule) -> Vec<String> {
        let spec = &rule.spec;
        let mut text = self.caps(rule.wallet, &spec.caps);
        for budget in &spec.budgets {
            let most = self.points(rule.wallet, budget.points);
            let per = match budget.period {
                Period::Lifetime => self.say("rule budget all", &[]),
                period => self.per(period),
            };
            text.push(self.say("rule budget", &[&most, &per]));
            if budget.per_store {
                text.push(self.say("rule budget store", &[]));
            }
        }
        if let Some(pending) = &spec.pending {
            if let Some(event) = &pending.event {
                text.push(self.say("rule pending event", &[event.as_str()]));
            }
            if let Some(delay) = pending.delay {
                text.push(self.say("rule pending delay", &[&length(delay, self.lang)]));
            }
            if let Some(until) = pending.until {
                text.push(self.say("rule pending until", &[&until.to_string()]));
            }
            if let Some(within) = pending.within {
                text.push(self.say("rule pending within", &[&length(within, self.lang)]));
            }
        }
        if let Some(after) = spec.expires_after {
            text.push(self.say("rule expires", &[&length(after, self.lang)]));
        }
        text.extend(self.funder(&spec.funder));
        text
    }

    pub(super) fn caps(&self, wallet: usize, caps: &[spec::Cap]) -> Vec<String> {
        let mut text = Vec::new();
        for cap in caps {
            let per = self.say(&format!("per {}", crate::earning::label(cap.per)), &[]);
            if let Some(most) = cap.points {
                text.push(self.say("rule cap points", &[&self.points(wallet, most), &per]));
            }
            if let Some(times) = cap.times {
                text.push(self.say("rule cap times", &[&times.to_string(), &per]));
            }
        }
        text
    }

    pub(super) fn group(&self, group: &spec::Group) -> Option<Entry> {
        let members = self.rules(|rule| rule.spec.group.as_ref() == Some(&group.id));
        if members.is_empty() {
            return None;
        }
        let mut text = vec![self.word("group", group.policy, &[&members])];
        let others =
            self.rules(|rule| rule.spec.group.as_ref().is_some_and(|id| group.excludes.contains(id)));
        if !others.is_empty() {
            text.push(self.say("group excludes", &[&others]));
        }
        let title = self.say("title group", &[&members]);
        Some(entry(format!("group {}", group.id), &title, text, self.lang))
    }
}
