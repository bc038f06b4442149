//! Ladders and their tiers in words.

use super::{Book, Entry, entry};
use crate::program::spec::{self, Window};
use crate::words::{length, number};

impl Book<'_> {
    pub(super) fn ladder(&self, ladder: &spec::Ladder) -> Vec<Entry> {
        let name = ladder.name.in_language(self.lang.code());
        let wallet = ladder.wallet.as_ref().map(|wallet| self.program.known_wallet(wallet));
        let mut text = vec![format!("**{name}**{}", if self.lang.is_chinese() { "。" } else { "." })];
        let counted =
            wallet.map_or("", |wallet| self.program.wallets[wallet].name.in_language(self.lang.code()));
        text.push(self.word("ladder", ladder.counts, &[counted]));
        text.push(match ladder.window {
            Window::Rolling => {
                let over = ladder.length.map_or_else(String::new, |over| length(over, self.lang));
                self.say("window rolling", &[&over])
            }
            Window::CalendarYear => {
                self.say("window calendar_year", &[&self.day_of_year(ladder.year_begins)])
            }
            Window::Anniversary => self.say("window anniversary", &[]),
            Window::TierStart => self.say("window tier_start", &[]),
        });
        if let Some(lasts) = ladder.lasts {
            text.push(self.say("ladder lasts", &[&length(lasts, self.lang)]));
        }
        if ladder.lasts_next_year {
            text.push(self.say("ladder lasts next year", &[]));
        }
        if let Some(grace) = ladder.grace {
            text.push(self.say("ladder grace", &[&length(grace, self.lang)]));
        }
        text.push(self.word("downgrade", ladder.downgrade, &[]));
        text.push(self.word("as of", ladder.as_of, &[]));
        if let Some(warn) = ladder.warn {
            text.push(self.say("ladder warn", &[&length(warn, self.lang)]));
        }
        let mut entries = vec![entry(format!("ladder {}", ladder.id), name, text, self.lang)];
        entries.extend(ladder.tier.iter().map(|tier| self.tier(ladder, tier, wallet)));
        entries
    }

    pub(super) fn tier(&self, ladder: &spec::Ladder, tier: &spec::Tier, wallet: Option<usize>) -> Entry {
        let name = tier.name.in_language(self.lang.code());
        let threshold = match (ladder.counts, wallet) {
            (spec::Counted::Points, Some(wallet)) => self.points(wallet, tier.threshold),
            (spec::Counted::Spend, _) => self.money(tier.threshold),
            (counts, _) => self.word("tier", counts, &[&number(&tier.threshold.to_string(), self.lang)]),
        };
        let mut text = vec![match tier.threshold.is_positive() {
            true => self.say("ladder tier", &[name, &threshold]),
            false => self.say("ladder tier none", &[name]),
        }];
        if tier.keep {
            text.push(self.say("ladder keep", &[]));
        }
        if let Some(bonus) = &tier.bonus {
            text.push(self.say("ladder bonus", &[&self.wallet_points(&bonus.wallet, bonus.points)]));
            text.extend(self.funder(&bonus.funder));
        }
        let title = self.say("title tier", &[name]);
        let mut made = entry(format!("tier {}", tier.id), &title, text, self.lang);
        for benefit in &tier.benefits {
            let name = benefit.name.in_language(self.lang.code());
            let words = match benefit.quota {
                Some(quota) => {
                    self.say("ladder benefit quota", &[name, &quota.to_string(), &self.per(benefit.per)])
                }
                None => self.say("ladder benefit", &[name]),
            };
            let around = benefit.birthday.map(|around| format!(". {}", self.around(around)));
            made.lines.push(format!("  - {words}{}", around.unwrap_or_default()));
        }
        made
    }
}
