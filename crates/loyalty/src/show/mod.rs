//! The rule book: a program in words, made from the rules themselves so that it cannot differ from what the engine
//! does. Markdown. Surprises are left out: they are not announced.

mod campaigns;
mod earning;
mod points;
mod rewards;
mod tiers;

use crate::explain::shown;
use crate::name::Name;
use crate::number::{Number, Ratio};
use crate::program::{Lang, Program, Rule};
use crate::time::{Length, MonthDay, Period, Unit};
use crate::words::{knows, length, list, money, money_of, number, points_of, say};

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

/// One rule in words; `key` names it across programs, `title` for people.
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
}

fn entry(key: impl Into<String>, title: &str, sentences: Vec<String>, lang: Lang) -> Entry {
    let space = if lang.is_chinese() { "" } else { " " };
    let line = format!("- {}", sentences.join(space));
    Entry { key: key.into(), title: title.to_owned(), lines: vec![line] }
}

pub(crate) fn sections(program: &Program, lang: Lang) -> Vec<Section> {
    let book = Book { program, lang };
    let name = program.head.name.in_language(lang.code());
    let mut intro: Vec<Entry> = Vec::new();
    let mut tell = |key: &str, line: String| {
        let title = say(lang, &format!("title {key}"), &[]);
        intro.push(Entry { key: key.to_owned(), title, lines: vec![line] });
    };
    tell("program", book.say("book intro", &[&program.head.zone, program.head.currency.code()]));
    if let Some(within) = program.head.claim_within {
        tell("claims", book.say("book claim", &[&length(within, lang)]));
    }
    if let Some(within) = program.head.return_within {
        tell("returns", book.say("book return", &[&length(within, lang)]));
    }
    if !program.head.sources.is_empty() {
        tell("sources", format!("{}: {}", book.say("book sources", &[]), program.head.sources.join("; ")));
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

    /// `31 December`.
    fn day_of_year(&self, on: MonthDay) -> String {
        let month = self.say(&format!("month {}", on.month), &[]);
        self.say("day of year", &[&on.day.to_string(), &month])
    }

    fn points(&self, wallet: usize, number: Number) -> String {
        let units = self.program.units(wallet, number);
        let spec = &self.program.wallets[wallet];
        let scale = Ratio::new(i128::from(units), 10i128.pow(spec.precision)).unwrap_or(Ratio::ONE);
        points_of(spec, &shown(scale), self.lang)
    }

    fn exact(&self, wallet: usize, units: Ratio) -> String {
        let spec = &self.program.wallets[wallet];
        let scale =
            units.per(Ratio::new(10i128.pow(spec.precision), 1).unwrap_or(Ratio::ONE)).unwrap_or(units);
        points_of(spec, &shown(scale), self.lang)
    }

    fn wallet_points(&self, wallet: &Name, number: Number) -> String {
        self.points(self.program.known_wallet(wallet), number)
    }

    fn money(&self, number: Number) -> String {
        money(self.program, self.program.minor(number), self.lang)
    }

    fn money_of(&self, rule: &Rule, minor: i64) -> String {
        money_of(rule.currency, minor, self.lang)
    }

    fn factor(&self, ratio: Ratio) -> String {
        number(&shown(ratio), self.lang)
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

    /// Words of ours in the reader's language, the shop's own as they are.
    fn kinds(&self, prefix: &str, names: &[Name]) -> String {
        let kind = |name: &Name| match format!("{prefix} {name}") {
            key if knows(&key) => self.say(&key, &[]),
            _ => name.to_string(),
        };
        list(&names.iter().map(kind).collect::<Vec<_>>(), self.lang)
    }

    /// `4 weeks`.
    fn periods(&self, count: u32, period: Period) -> String {
        let unit = match period {
            Period::Day => Unit::Day,
            Period::Week => Unit::Week,
            Period::Month => Unit::Month,
            // A lifetime comes once: the checker refuses a streak of them.
            Period::Year | Period::Lifetime => Unit::Year,
        };
        length(Length { count, unit }, self.lang)
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
}
