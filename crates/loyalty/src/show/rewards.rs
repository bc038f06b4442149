//! Rewards in words.

use super::{Book, Entry, entry};
use crate::program::spec::{self, RewardKind};
use crate::words::{length, list, number};

impl Book<'_> {
    pub(super) fn reward(&self, reward: &spec::Reward) -> Entry {
        let name = reward.name.in_language(self.lang.code());
        let is_for_some =
            reward.prices.iter().any(|price| !price.tiers.is_empty() || !price.segments.is_empty());
        let price = |price: &spec::Price| {
            let cost = self.wallet_points(&price.wallet, price.points);
            let mut who: Vec<String> = Vec::new();
            if !price.tiers.is_empty() {
                who.push(self.tiers(&price.tiers));
            }
            if !price.segments.is_empty() {
                who.push(self.names(&price.segments));
            }
            match who.is_empty() {
                true if is_for_some => self.say("reward price rest", &[&cost]),
                true => self.say("reward price", &[&cost]),
                false => self.say("reward price tier", &[&cost, &who.join(" / ")]),
            }
        };
        let prices = list(&reward.prices.iter().map(price).collect::<Vec<_>>(), self.lang);
        let what = match reward.kind {
            RewardKind::Product | RewardKind::Choice => self.names(&reward.products),
            RewardKind::ExternalCode => String::new(),
            _ => reward.value.map_or_else(String::new, |value| self.money(value)),
        };
        let mut text = vec![self.word("reward", reward.kind, &[name, &what, &prices])];
        if let Some(from) = reward.from {
            text.push(self.say("rule from", &[&from.to_string()]));
        }
        if let Some(last) = reward.until.and_then(|until| until.yesterday().ok()) {
            text.push(self.say("rule until", &[&last.to_string()]));
        }
        if let Some(stock) = reward.stock {
            text.push(self.say("reward stock", &[&number(&stock.to_string(), self.lang)]));
        }
        let wallet = reward.prices.first().map_or(0, |price| self.program.known_wallet(&price.wallet));
        if let Some(minimum) = reward.minimum {
            text.push(self.say("reward minimum", &[&self.points(wallet, minimum)]));
        }
        if reward.whole_bill {
            text.push(self.say("reward whole", &[]));
        }
        if let Some(share) = reward.share_percent {
            text.push(self.say("reward share", &[&share.to_string()]));
        }
        text.extend(self.caps(wallet, &reward.limits));
        if let Some(voucher) = &reward.voucher {
            text.push(self.say("reward voucher", &[&length(voucher.valid, self.lang)]));
            if voucher.uses > 1 {
                text.push(self.say("reward uses", &[&voucher.uses.to_string()]));
            }
            if voucher.alone {
                text.push(self.say("reward alone", &[]));
            }
            if let Some(group) = &voucher.exclusive {
                let same = |other: &&spec::Reward| {
                    other.voucher.as_ref().and_then(|other| other.exclusive.as_ref()) == Some(group)
                };
                let names = self.program.rewards.iter().filter(same);
                let names: Vec<String> =
                    names.map(|other| other.name.in_language(self.lang.code()).to_owned()).collect();
                text.push(match &names[..] {
                    [_] => self.say("reward exclusive one", &[]),
                    _ => self.say("reward exclusive", &[&list(&names, self.lang)]),
                });
            }
            if let Some(minimum) = voucher.minimum {
                text.push(self.say("reward bill", &[&self.money(minimum)]));
            }
        }
        if let Some(above) = reward.confirm_above {
            text.push(self.say("reward confirm", &[&self.points(wallet, above)]));
        }
        text.extend(self.funder(&reward.funder));
        entry(format!("reward {}", reward.id), name, text, self.lang)
    }
}
