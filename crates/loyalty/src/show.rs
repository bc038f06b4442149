//! The rule book: a program in words, made from the rules themselves so that it cannot differ from what the engine
//! does. Markdown. Surprises are left out: they are not announced.

use crate::explain::shown;
use crate::name::Name;
use crate::number::{Number, Ratio};
use crate::program::spec::{self, Counts, RewardKind, Side, Window};
use crate::program::{Lang, Program, Quantity, Rule};
use crate::time::Period;
use crate::words::{length, list, money, money_of, points, say};

/// The rule book of a program.
pub fn show(program: &Program, lang: Lang) -> String {
    sections(program, lang)
        .into_iter()
        .map(|section| {
            let lines: Vec<String> = section.rules.into_iter().flat_map(|rule| rule.lines).collect();
            format!("{}\n\n{}\n", section.title, lines.join("\n"))
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// A part of the rule book.
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) rules: Vec<Entry>,
}

/// One rule in words; `key` names it across programs.
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) lines: Vec<String>,
}

fn entry(key: impl Into<String>, sentences: Vec<String>, lang: Lang) -> Entry {
    let space = if lang == Lang::Zh { "" } else { " " };
    Entry { key: key.into(), lines: vec![format!("- {}", sentences.join(space))] }
}

pub(crate) fn sections(program: &Program, lang: Lang) -> Vec<Section> {
    let book = Book { program, lang };
    let name = program.head.name.in_language(lang.code());
    let mut intro = vec![Entry {
        key: "program".into(),
        lines: vec![book.say("book intro", &[&program.head.zone, program.head.currency.code()])],
    }];
    if let Some(within) = program.head.claim_within {
        intro.push(Entry {
            key: "claims".into(),
            lines: vec![book.say("book claim", &[&length(within, lang)])],
        });
    }
    if let Some(within) = program.head.return_within {
        intro.push(Entry {
            key: "returns".into(),
            lines: vec![book.say("book return", &[&length(within, lang)])],
        });
    }
    if !program.head.sources.is_empty() {
        let sources = format!("{}: {}", book.say("book sources", &[]), program.head.sources.join("; "));
        intro.push(Entry { key: "sources".into(), lines: vec![sources] });
    }
    let mut sections =
        vec![Section { title: format!("# {}", book.say("book title", &[name])), rules: intro }];
    let mut add = |key: &str, rules: Vec<Entry>| {
        if !rules.is_empty() {
            sections.push(Section { title: format!("## {}", say(lang, key, &[])), rules });
        }
    };
    add("book points", book.wallets());
    let mut earning: Vec<Entry> = program.rules.iter().map(|rule| book.rule(rule)).collect();
    earning.extend(program.groups.iter().filter_map(|group| book.group(group)));
    add("book earning", earning);
    add("book returns", book.returns());
    add("book tiers", program.ladders.iter().flat_map(|ladder| book.ladder(ladder)).collect());
    add("book rewards", program.rewards.iter().map(|reward| book.reward(reward)).collect());
    add("book missions", program.missions.iter().map(|mission| book.mission(mission)).collect());
    add("book referral", program.referrals.iter().map(|referral| book.referral(referral)).collect());
    add("book pools", program.pools.iter().map(|pool| book.pool(pool)).collect());
    add("book limits", program.limits.iter().map(|limit| book.limit(limit)).collect());
    sections
}

struct Book<'a> {
    program: &'a Program,
    lang: Lang,
}

impl Book<'_> {
    fn say(&self, key: &str, parts: &[&str]) -> String {
        say(self.lang, key, parts)
    }

    fn points(&self, wallet: usize, number: Number) -> String {
        let units = self.program.units(wallet, number);
        let spec = &self.program.wallets[wallet];
        let scale = Ratio::new(i128::from(units), 10i128.pow(spec.precision)).unwrap_or(Ratio::ONE);
        format!("{} {}", shown(scale), spec.name.in_language(self.lang.code()))
    }

    fn exact(&self, wallet: usize, units: Ratio) -> String {
        let spec = &self.program.wallets[wallet];
        let scale =
            units.per(Ratio::new(10i128.pow(spec.precision), 1).unwrap_or(Ratio::ONE)).unwrap_or(units);
        format!("{} {}", shown(scale), spec.name.in_language(self.lang.code()))
    }

    fn wallet_points(&self, wallet: &Name, number: Number) -> String {
        self.points(self.program.known_wallet(wallet), number)
    }

    fn money(&self, number: Number) -> String {
        money(self.program, self.program.minor(number))
    }

    fn tiers(&self, tiers: &[Name]) -> String {
        let name = |tier: &Name| match self.program.tier(tier.as_str()) {
            Some((ladder, level)) => {
                self.program.ladders[ladder].tier[level].name.in_language(self.lang.code()).to_owned()
            }
            None => tier.to_string(),
        };
        list(&tiers.iter().map(name).collect::<Vec<_>>(), self.lang)
    }

    /// Rules by the names people know them by, each once.
    fn rules(&self, wanted: impl Fn(&Rule) -> bool) -> String {
        let mut rules: Vec<&Rule> = self.program.rules.iter().filter(|rule| wanted(rule)).collect();
        // Where the first that fits counts, they are told in the order in which they are asked.
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.spec.priority));
        let mut names: Vec<String> = Vec::new();
        for rule in rules {
            let name = self.rule_name(rule).to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        list(&names, self.lang)
    }

    fn rule_name<'b>(&self, rule: &'b Rule) -> &'b str {
        let name = rule.spec.name.as_ref();
        name.map_or(rule.spec.id.as_str(), |name| name.in_language(self.lang.code()))
    }

    fn names(&self, names: &[Name]) -> String {
        list(&names.iter().map(ToString::to_string).collect::<Vec<_>>(), self.lang)
    }

    fn per(&self, period: Period) -> String {
        let key = match period {
            Period::Day => "per day",
            Period::Week => "per week",
            Period::Month => "per month",
            Period::Year => "per year",
            Period::Lifetime => "per lifetime",
        };
        self.say(key, &[])
    }

    fn funder(&self, funder: &Name) -> Option<String> {
        let spec = self.program.funders.iter().find(|spec| spec.id == *funder)?;
        Some(self.say("rule funder", &[spec.name.in_language(self.lang.code())]))
    }

    fn word<T: serde::Serialize>(&self, prefix: &str, value: T, parts: &[&str]) -> String {
        let value = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned));
        self.say(&format!("{prefix} {}", value.unwrap_or_default()), parts)
    }

    fn wallets(&self) -> Vec<Entry> {
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
            entries.push(entry(format!("wallet {}", wallet.id), text, self.lang));
        }
        let mut count = 0;
        for spec in &self.program.expiries {
            count += 1;
            entries.push(entry(format!("expiry {} {count}", spec.wallet), self.expiry(spec), self.lang));
        }
        entries
    }

    fn expiry(&self, spec: &spec::Expiry) -> Vec<String> {
        let wallet = &self.program.wallets[self.program.known_wallet(&spec.wallet)];
        let name = wallet.name.in_language(self.lang.code());
        let mut text = Vec::new();
        if let Some(from) = spec.from {
            text.push(self.say("from day", &[&from.to_string()]));
        }
        text.push(match (spec.after, spec.on, spec.idle) {
            (Some(after), ..) => self.say("expiry after", &[name, &length(after, self.lang)]),
            (_, Some(on), _) => self.say("expiry on", &[name, &on.to_string()]),
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

    fn rule(&self, rule: &Rule) -> Entry {
        let spec = &rule.spec;
        let mut text = vec![format!("**{}**:", self.rule_name(rule))];
        text.extend(self.how_much(rule));
        text.extend(self.when(rule));
        text.extend(self.counted(&spec.basis));
        text.extend(self.limited(rule));
        let key = match spec.from {
            Some(from) => format!("rule {} {from}", spec.id),
            None => format!("rule {}", spec.id),
        };
        let mut made = entry(key, text, self.lang);
        if let Quantity::Bands(bands) = &rule.quantity {
            let money = |minor: i64| money_of(rule.currency, minor);
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

    fn how_much(&self, rule: &Rule) -> Vec<String> {
        let spec = &rule.spec;
        let mut text = match &rule.quantity {
            Quantity::PerAmount { every, points, whole, minimum, per } => {
                let key = match (whole, per) {
                    (true, spec::Scope::Bill) => "rule amount whole",
                    (true, spec::Scope::Line) => "rule amount line",
                    (false, spec::Scope::Bill) => "rule amount",
                    (false, spec::Scope::Line) => "rule amount line rate",
                };
                let (given, every) = (self.exact(rule.wallet, *points), money_of(rule.currency, *every));
                let mut text = vec![self.say(key, &[&given, &every])];
                if *minimum > 0 {
                    text.push(self.say("rule minimum", &[&money_of(rule.currency, *minimum)]));
                }
                text
            }
            Quantity::Bands(_) => vec![self.say("rule bands", &[])],
            Quantity::PerUnit(points) => vec![self.say("rule unit", &[&self.exact(rule.wallet, *points)])],
            Quantity::Fixed { points, minimum } => {
                let given = self.exact(rule.wallet, Ratio::new(i128::from(*points), 1).unwrap_or(Ratio::ONE));
                let mut text = vec![match &spec.event {
                    Some(event) => self.say("rule fixed event", &[&given, event.as_str()]),
                    None => self.say("rule fixed order", &[&given]),
                }];
                if *minimum > 0 {
                    text.push(self.say("rule minimum", &[&money_of(rule.currency, *minimum)]));
                }
                text
            }
            Quantity::Multiply { of, .. } => {
                let by =
                    spec.multiply.as_ref().map_or_else(String::new, |multiply| shown(multiply.by.ratio()));
                vec![self.say("rule multiply", &[&by, &self.rules(|rule| of.contains(&rule.spec.id))])]
            }
        };
        if let Some(period) = spec.sum_over {
            text.push(self.say("rule sum", &[&self.per(period)]));
        }
        for (tier, factor) in &rule.by_tier {
            text.push(self.say("rule tier", &[&self.tiers(std::slice::from_ref(tier)), &shown(*factor)]));
        }
        text
    }

    fn when(&self, rule: &Rule) -> Vec<String> {
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
                (Some(on), _) => self.say("festival solar", &[&on.to_string()]),
                (_, Some(lunar)) => self.word("festival", festival.almanac, &[&lunar.to_string()]),
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

    fn around(&self, around: spec::Around) -> String {
        match (around.month, around.days_before, around.days_after) {
            (true, ..) => self.say("rule birthday month", &[]),
            (_, 0, 0) => self.say("rule birthday day", &[]),
            (_, before, after) => self.say("rule birthday", &[&before.to_string(), &after.to_string()]),
        }
    }

    fn counted(&self, basis: &spec::Basis) -> Vec<String> {
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
            text.push(self.say("rule tenders", &[&self.names(&basis.exclude_tenders)]));
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

    fn limited(&self, rule: &Rule) -> Vec<String> {
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

    fn caps(&self, wallet: usize, caps: &[spec::Cap]) -> Vec<String> {
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

    fn group(&self, group: &spec::Group) -> Option<Entry> {
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
        Some(entry(format!("group {}", group.id), text, self.lang))
    }

    fn returns(&self) -> Vec<Entry> {
        let one = |wallet: &spec::Wallet| {
            let mut text =
                vec![self.word("deficit", wallet.deficit, &[wallet.name.in_language(self.lang.code())])];
            if wallet.restore_grace.count > 0 {
                text.push(self.say("restore grace", &[&length(wallet.restore_grace, self.lang)]));
            }
            entry(format!("returns {}", wallet.id), text, self.lang)
        };
        self.program.wallets.iter().map(one).collect()
    }

    fn ladder(&self, ladder: &spec::Ladder) -> Vec<Entry> {
        let name = ladder.name.in_language(self.lang.code());
        let wallet = ladder.wallet.as_ref().map(|wallet| self.program.known_wallet(wallet));
        let mut text = vec![format!("**{name}**.")];
        let counted =
            wallet.map_or("", |wallet| self.program.wallets[wallet].name.in_language(self.lang.code()));
        text.push(self.word("ladder", ladder.counts, &[counted]));
        text.push(match ladder.window {
            Window::Rolling => {
                let over = ladder.length.map_or_else(String::new, |over| length(over, self.lang));
                self.say("window rolling", &[&over])
            }
            Window::CalendarYear => self.say("window calendar_year", &[&ladder.year_begins.to_string()]),
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
        let mut entries = vec![entry(format!("ladder {}", ladder.id), text, self.lang)];
        entries.extend(ladder.tier.iter().map(|tier| self.tier(ladder, tier, wallet)));
        entries
    }

    fn tier(&self, ladder: &spec::Ladder, tier: &spec::Tier, wallet: Option<usize>) -> Entry {
        let name = tier.name.in_language(self.lang.code());
        let threshold = match (ladder.counts, wallet) {
            (spec::Counted::Points, Some(wallet)) => self.points(wallet, tier.threshold),
            (spec::Counted::Spend, _) => self.money(tier.threshold),
            _ => tier.threshold.to_string(),
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
        let mut made = entry(format!("tier {}", tier.id), text, self.lang);
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

    fn reward(&self, reward: &spec::Reward) -> Entry {
        let name = reward.name.in_language(self.lang.code());
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
            text.push(self.say("reward stock", &[&stock.to_string()]));
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
                text.push(self.say("reward exclusive", &[&list(&names, self.lang)]));
            }
            if let Some(minimum) = voucher.minimum {
                text.push(self.say("reward bill", &[&self.money(minimum)]));
            }
        }
        if let Some(above) = reward.confirm_above {
            text.push(self.say("reward confirm", &[&self.points(wallet, above)]));
        }
        text.extend(self.funder(&reward.funder));
        entry(format!("reward {}", reward.id), text, self.lang)
    }

    fn mission(&self, mission: &crate::program::Mission) -> Entry {
        let spec = &mission.spec;
        let target = match spec.counts {
            spec::MissionCounts::Spend => self.money(spec.target),
            _ => spec.target.to_string(),
        };
        let event = spec.event.as_ref().map_or("", |event| event.as_str());
        let mut what = self.word("mission", spec.counts, &[&target, &self.per(spec.period), event]);
        if spec.streak > 1 {
            what = self.say("mission streak", &[&what, &spec.streak.to_string()]);
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
        let space = if self.lang == Lang::Zh { "" } else { " " };
        let name = spec.name.in_language(self.lang.code());
        entry(
            format!("mission {}", spec.id),
            vec![self.say("mission line", &[name, &what, &more.join(space)])],
            self.lang,
        )
    }

    fn referral(&self, spec: &spec::Referral) -> Entry {
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
            text.push(self.say("referral same", &[&self.names(&spec.flag_same)]));
        }
        entry(format!("referral {}", spec.id), text, self.lang)
    }

    fn pool(&self, pool: &spec::Pool) -> Entry {
        let wallet = &self.program.wallets[self.program.known_wallet(&pool.wallet)];
        let name = wallet.name.in_language(self.lang.code());
        let mut text = vec![self.say("pool line", &[&pool.members.to_string(), name])];
        if let Some(most) = pool.take_per_month {
            text.push(self.say("pool take", &[&self.wallet_points(&pool.wallet, most)]));
        }
        entry(format!("pool {}", pool.id), text, self.lang)
    }

    fn limit(&self, limit: &spec::Limit) -> Entry {
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
        entry(format!("limit {} {per}", limit.wallet), text, self.lang)
    }
}
