//! Wallets, what runs out when, returns, pools and limits, in words.

use super::{Book, Entry, entry};
use crate::program::spec;
use crate::words::length;

impl Book<'_> {
    pub(super) fn wallets(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (place, wallet) in self.program.wallets.iter().enumerate() {
            let name = wallet.name.in_language(self.lang.code());
            let rounding = self.word("rounding", wallet.rounding, &[]);
            let mut text = vec![match wallet.precision {
                0 => self.say("wallet whole", &[name, &rounding]),
                digits => self.say("wallet", &[name, &digits.to_string(), &rounding]),
            }];
            if !wallet.spendable {
                text.push(self.say("wallet status", &[name]));
            }
            if let Some(most) = wallet.transfer_per_month {
                text.push(self.say("wallet transfer", &[&self.points(place, most)]));
            }
            entries.push(entry(format!("wallet {}", wallet.id), name, text, self.lang));
        }
        let mut count = 0;
        for spec in &self.program.expiries {
            count += 1;
            let wallet = &self.program.wallets[self.program.known_wallet(&spec.wallet)];
            let title = self.say("title expiry", &[wallet.name.in_language(self.lang.code())]);
            let key = format!("expiry {} {count}", spec.wallet);
            entries.push(entry(key, &title, self.expiry(spec), self.lang));
        }
        entries
    }

    pub(super) fn expiry(&self, spec: &spec::Expiry) -> Vec<String> {
        let wallet = &self.program.wallets[self.program.known_wallet(&spec.wallet)];
        let name = wallet.name.in_language(self.lang.code());
        let mut text = Vec::new();
        if let Some(from) = spec.from {
            text.push(self.say("from day", &[&from.to_string()]));
        }
        text.push(match (spec.after, spec.on, spec.idle) {
            (Some(after), ..) => self.say("expiry after", &[name, &length(after, self.lang)]),
            (_, Some(on), _) => self.say("expiry on", &[name, &self.day_of_year(on)]),
            (_, _, Some(idle)) => self.say("expiry idle", &[name, &length(idle, self.lang)]),
            _ => self.say("expiry never", &[name]),
        });
        if let Some(least) = spec.at_least {
            text.push(self.say("expiry least", &[&length(least, self.lang)]));
        }
        if let Some(round) = spec.round {
            text.push(self.say("expiry round", &[&self.per(round)]));
        }
        if let Some(extend) = spec.extend {
            text.push(self.say("expiry extend", &[&length(extend, self.lang)]));
        }
        if !spec.tiers.is_empty() {
            text.push(self.say("expiry tiers", &[&self.tiers(&spec.tiers)]));
        }
        if spec.from.is_some() {
            text.push(self.word("applies", spec.applies_to, &[]));
        }
        text
    }

    pub(super) fn returns(&self) -> Vec<Entry> {
        let one = |wallet: &spec::Wallet| {
            let name = wallet.name.in_language(self.lang.code());
            let mut text = vec![self.word("deficit", wallet.deficit, &[name])];
            if wallet.restore_grace.count > 0 {
                text.push(self.say("restore grace", &[&length(wallet.restore_grace, self.lang)]));
            }
            let title = self.say("title deficit", &[name]);
            entry(format!("returns {}", wallet.id), &title, text, self.lang)
        };
        self.program.wallets.iter().map(one).collect()
    }

    pub(super) fn pool(&self, pool: &spec::Pool) -> Entry {
        let wallet = &self.program.wallets[self.program.known_wallet(&pool.wallet)];
        let name = wallet.name.in_language(self.lang.code());
        let mut text = vec![self.say("pool line", &[&pool.members.to_string(), name])];
        if let Some(most) = pool.take_per_month {
            text.push(self.say("pool take", &[&self.wallet_points(&pool.wallet, most)]));
        }
        entry(format!("pool {}", pool.id), &self.say("title pool", &[name]), text, self.lang)
    }

    pub(super) fn limit(&self, limit: &spec::Limit) -> Entry {
        let per = self.per(limit.per);
        let mut text = Vec::new();
        if let Some(most) = limit.points {
            text.push(self.say("limit points", &[&self.wallet_points(&limit.wallet, most), &per]));
        }
        if let Some(times) = limit.times {
            text.push(self.say("limit times", &[&times.to_string(), &per]));
        }
        if let Some(most) = limit.points_per_till {
            text.push(self.say("limit till", &[&self.wallet_points(&limit.wallet, most), &per]));
        }
        let wallet = &self.program.wallets[self.program.known_wallet(&limit.wallet)];
        let title = self.say("title limit", &[wallet.name.in_language(self.lang.code())]);
        entry(format!("limit {} {per}", limit.wallet), &title, text, self.lang)
    }
}
