//! Missions and referrals in words.

use super::{Book, Entry, entry};
use crate::program::spec;
use crate::words::{length, number};

impl Book<'_> {
    pub(super) fn mission(&self, mission: &crate::program::Mission) -> Entry {
        let spec = &mission.spec;
        let target = match spec.counts {
            spec::MissionCounts::Spend => self.money(spec.target),
            _ => number(&spec.target.to_string(), self.lang),
        };
        let event = spec.event.as_ref().map_or("", |event| event.as_str());
        let mut what = self.word("mission", spec.counts, &[&target, &self.per(spec.period), event]);
        if spec.streak > 1 {
            what = self.say("mission streak", &[&what, &self.periods(spec.streak, spec.period)]);
        }
        let mut more = Vec::new();
        if let Some(gift) = &spec.gift {
            more.push(self.say("mission gift", &[&self.wallet_points(&gift.wallet, gift.points)]));
            more.extend(self.funder(&gift.funder));
        }
        if let Some(badge) = &spec.badge {
            more.push(self.say("mission badge", &[badge.in_language(self.lang.code())]));
        }
        if !spec.again {
            more.push(self.say("mission once", &[]));
        }
        for (key, source) in [("rule when", &spec.when), ("rule lines", &spec.lines)] {
            if let Some(source) = source {
                more.push(self.say(key, &[source]));
            }
        }
        if let Some(from) = spec.from {
            more.push(self.say("rule from", &[&from.to_string()]));
        }
        if let Some(last) = spec.until.and_then(|until| until.yesterday().ok()) {
            more.push(self.say("rule until", &[&last.to_string()]));
        }
        let space = if self.lang.is_chinese() { "" } else { " " };
        let name = spec.name.in_language(self.lang.code());
        entry(
            format!("mission {}", spec.id),
            name,
            vec![self.say("mission line", &[name, &what, &more.join(space)])],
            self.lang,
        )
    }

    pub(super) fn referral(&self, spec: &spec::Referral) -> Entry {
        let gift = |gift: &Option<spec::Gift>| match gift {
            Some(gift) => self.wallet_points(&gift.wallet, gift.points),
            None => self.say("referral none", &[]),
        };
        let within = length(spec.within, self.lang);
        let parts = [&gift(&spec.referrer), &gift(&spec.friend), &self.money(spec.minimum), &within];
        let mut text = vec![self.say("referral line", &parts.map(String::as_str))];
        if let Some(delay) = spec.delay {
            text.push(self.say("referral delay", &[&length(delay, self.lang)]));
        }
        if let Some(most) = spec.per_month {
            text.push(self.say("referral month", &[&most.to_string()]));
        }
        if !spec.flag_same.is_empty() {
            text.push(self.say("referral same", &[&self.kinds("mark", &spec.flag_same)]));
        }
        entry(format!("referral {}", spec.id), &self.say("title referral", &[]), text, self.lang)
    }
}
