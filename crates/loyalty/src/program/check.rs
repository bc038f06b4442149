//! Checking: every name exists, every amount is exact, nothing contradicts; then compiled.

use super::compile::{self, Quantity, Rule, Wrong};
use super::load::{Placed, Problem, Tables};
use super::spec::{self, RewardKind, Window};
use super::{Mission, Program, Surprise};
use crate::condition::Condition;
use crate::name::Name;
use crate::number::Number;
use domain::Currency;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// The names other tables may use.
struct Known {
    wallets: Vec<(Name, u32)>,
    tiers: BTreeSet<Name>,
    groups: BTreeSet<Name>,
    funders: BTreeSet<Name>,
    rules: BTreeSet<Name>,
    currency: Currency,
}

impl Known {
    fn precision(&self, wallet: &Name) -> Option<u32> {
        self.wallets.iter().find(|(id, _)| id == wallet).map(|(_, precision)| *precision)
    }
}

/// Problems found, with the words that name a missing thing.
struct Found(Vec<Problem>);

impl Found {
    fn add<T>(&mut self, placed: &Placed<T>, what: impl Into<String>, mend: impl Into<String>) {
        self.0.push(placed.problem(what, mend));
    }

    fn keep<T, V>(&mut self, placed: &Placed<T>, result: Result<V, Wrong>) -> Option<V> {
        result.map_err(|(what, mend)| self.add(placed, what, mend)).ok()
    }

    fn exists<'a, T>(
        &mut self,
        placed: &Placed<T>,
        kind: &str,
        name: &Name,
        known: impl IntoIterator<Item = &'a Name>,
    ) -> bool {
        let known: Vec<&Name> = known.into_iter().collect();
        if known.contains(&name) {
            return true;
        }
        let list: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
        let list =
            if list.is_empty() { "there is none".to_owned() } else { format!("known: {}", list.join(", ")) };
        self.add(placed, format!("{kind} '{name}' does not exist"), list);
        false
    }

    fn condition<T>(&mut self, placed: &Placed<T>, key: &str, source: &Option<String>) -> Option<Condition> {
        let source = source.as_ref()?;
        match Condition::compile(source) {
            Ok(condition) => Some(condition),
            Err(error) => {
                let what = format!("{key} = '{source}': {error}");
                self.add(placed, what, "see the conditions page of the manual".to_owned());
                None
            }
        }
    }

    fn unique<'a, T: 'a>(&mut self, kind: &str, all: &'a [Placed<T>], id: impl Fn(&'a T) -> &'a Name) {
        let mut seen = BTreeSet::new();
        for placed in all {
            let name = id(&placed.item);
            if !seen.insert(name) {
                self.add(placed, format!("{kind} '{name}' is there twice"), "give each an id of its own");
            }
            let plain = !name.as_str().is_empty()
                && name.as_str().chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
            if !plain {
                self.add(placed, format!("'{name}' is not an id"), "use letters, digits, - and _");
            }
        }
    }

    fn gift<T>(&mut self, placed: &Placed<T>, gift: &spec::Gift, known: &Known) {
        let wallets = known.wallets.iter().map(|(id, _)| id);
        self.exists(placed, "funder", &gift.funder, &known.funders);
        if self.exists(placed, "wallet", &gift.wallet, wallets) {
            self.points(placed, "points", gift.points, &gift.wallet, known);
        }
    }

    fn points<T>(&mut self, placed: &Placed<T>, key: &str, number: Number, wallet: &Name, known: &Known) {
        let precision = known.precision(wallet).unwrap_or(0);
        if number.units(precision).is_none_or(|units| units <= 0) {
            let what =
                format!("{key} = {number} does not exist in wallet '{wallet}' of precision {precision}");
            self.add(placed, what, "write a number above zero with that many decimals");
        }
    }

    fn money<T>(&mut self, placed: &Placed<T>, key: &str, number: Option<Number>, known: &Known) {
        let Some(number) = number else { return };
        let decimals = known.currency.decimals();
        if number.units(decimals).is_none_or(|minor| minor < 0) {
            let what = format!("{key} = {number} is not an amount of {}", known.currency);
            self.add(placed, what, format!("write zero or more with at most {decimals} decimals"));
        }
    }

    fn interval<T>(&mut self, placed: &Placed<T>, from: Option<Date>, until: Option<Date>) {
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            let mend = "until is the day after the last: it comes after from";
            self.add(placed, format!("it ends on {until}, before it begins on {from}"), mend);
        }
    }
}

fn items<T>(placed: Vec<Placed<T>>) -> Vec<T> {
    placed.into_iter().map(|placed| placed.item).collect()
}

pub(super) fn compile(tables: Tables) -> Result<Program, Vec<Problem>> {
    let mut found = Found(Vec::new());
    let nowhere = |what: &str, mend: &str| {
        vec![Problem {
            file: "program.toml".to_owned(),
            line: 0,
            what: what.to_owned(),
            mend: mend.to_owned(),
        }]
    };
    let Some(head) = tables.heads.first() else {
        return Err(nowhere("there is no [program]", "add [program] with id, name, zone and currency"));
    };
    for again in &tables.heads[1..] {
        found.add(again, "[program] is there twice", "keep one");
    }
    let zone = TimeZone::get(&head.item.zone).unwrap_or_else(|_| {
        let what = format!("'{}' is not a time zone", head.item.zone);
        found.add(head, what, "write an IANA name such as Asia/Ho_Chi_Minh");
        TimeZone::UTC
    });
    if tables.wallets.is_empty() {
        found.add(head, "the program has no wallet", "add [[wallet]]");
    }
    let mut known = Known {
        wallets: tables
            .wallets
            .iter()
            .map(|wallet| (wallet.item.id.clone(), wallet.item.precision))
            .collect(),
        tiers: tables
            .ladders
            .iter()
            .flat_map(|ladder| &ladder.item.tier)
            .map(|tier| tier.id.clone())
            .collect(),
        groups: tables.groups.iter().map(|group| group.item.id.clone()).collect(),
        funders: tables.funders.iter().map(|funder| funder.item.id.clone()).collect(),
        rules: tables.earnings.iter().map(|rule| rule.item.id.clone()).collect(),
        currency: head.item.currency,
    };
    known.funders.insert("shop".into());
    found.unique("wallet", &tables.wallets, |wallet| &wallet.id);
    found.unique("group", &tables.groups, |group| &group.id);
    found.unique("funder", &tables.funders, |funder| &funder.id);
    found.unique("ladder", &tables.ladders, |ladder| &ladder.id);
    found.unique("reward", &tables.rewards, |reward| &reward.id);
    found.unique("mission", &tables.missions, |mission| &mission.id);
    found.unique("surprise", &tables.surprises, |surprise| &surprise.id);
    found.unique("referral", &tables.referrals, |referral| &referral.id);
    found.unique("pool", &tables.pools, |pool| &pool.id);

    wallets(&tables, &known, &mut found);
    expiries(&tables, &known, &mut found);
    ladders(&tables, &known, &mut found);
    rewards(&tables, &known, &mut found);
    let rules = rules(&tables, &known, &mut found);
    let missions = missions(&tables, &known, &mut found);
    let surprises = surprises(&tables, &known, &mut found);
    others(&tables, &known, &mut found);

    if !found.0.is_empty() {
        found.0.sort();
        found.0.dedup();
        return Err(found.0);
    }
    Ok(Program {
        head: tables.heads.into_iter().next().expect("checked above").item,
        zone,
        wallets: items(tables.wallets),
        expiries: items(tables.expiries),
        rules,
        groups: items(tables.groups),
        funders: items(tables.funders),
        ladders: items(tables.ladders),
        rewards: items(tables.rewards),
        missions,
        referrals: items(tables.referrals),
        surprises,
        pools: items(tables.pools),
        limits: items(tables.limits),
    })
}

fn wallets(tables: &Tables, known: &Known, found: &mut Found) {
    for wallet in &tables.wallets {
        let spec = &wallet.item;
        if spec.precision > 6 {
            found.add(wallet, format!("precision = {} is too fine", spec.precision), "write 0 to 6");
        }
        if let Some(worth) = spec.worth
            && !worth.is_positive()
        {
            found.add(
                wallet,
                format!("worth = {worth} is not above zero"),
                "write what one point costs the shop",
            );
        }
        if let Some(most) = spec.transfer_per_month {
            found.points(wallet, "transfer_per_month", most, &spec.id, known);
        }
    }
}

fn expiries(tables: &Tables, known: &Known, found: &mut Found) {
    for placed in &tables.expiries {
        let spec = &placed.item;
        found.exists(placed, "wallet", &spec.wallet, known.wallets.iter().map(|(id, _)| id));
        for tier in &spec.tiers {
            found.exists(placed, "tier", tier, &known.tiers);
        }
        let ways = [spec.never, spec.after.is_some(), spec.on.is_some(), spec.idle.is_some()];
        if ways.iter().filter(|way| **way).count() != 1 {
            let mend = "give it exactly one of never = true, after, on, idle";
            found.add(placed, "an expiry says when in no way, or in several", mend);
        }
        for (key, length) in [("after", spec.after), ("idle", spec.idle), ("extend", spec.extend)] {
            if length.is_some_and(|length| length.count == 0) {
                found.add(placed, format!("{key} is no time at all"), "write at least one day, 1D");
            }
        }
        if spec.at_least.is_some() && spec.on.is_none() {
            found.add(placed, "at_least needs on", "say the day of the year, or remove at_least");
        }
        if spec.extend.is_some() && spec.after.is_none() {
            found.add(placed, "extend needs after", "say after, or remove extend");
        }
    }
    for wallet in &tables.wallets {
        let general = |spec: &spec::Expiry| spec.wallet == wallet.item.id && spec.tiers.is_empty();
        if !tables.expiries.iter().any(|placed| general(&placed.item)) {
            let mend = format!("add [[expiry]] wallet = \"{}\", never = true if they do not", wallet.item.id);
            found.add(wallet, format!("nothing says when points of '{}' run out", wallet.item.id), mend);
        }
    }
}

fn rules(tables: &Tables, known: &Known, found: &mut Found) -> Vec<Rule> {
    let mut rules = Vec::new();
    for placed in &tables.earnings {
        let spec = &placed.item;
        let wallets = known.wallets.iter().map(|(id, _)| id);
        let there = found.exists(placed, "wallet", &spec.wallet, wallets);
        found.exists(placed, "funder", &spec.funder, &known.funders);
        found.interval(placed, spec.from, spec.until);
        for tier in spec.tiers.iter().chain(spec.by_tier.keys()) {
            found.exists(placed, "tier", tier, &known.tiers);
        }
        if let Some(group) = &spec.group {
            found.exists(placed, "group", group, &known.groups);
        }
        check_pending(placed, found);
        check_windows(placed, found);
        let (when, lines) =
            (found.condition(placed, "when", &spec.when), found.condition(placed, "lines", &spec.lines));
        let precision = known.precision(&spec.wallet).unwrap_or(0);
        let currency = spec.currency.unwrap_or(known.currency);
        let quantity = found.keep(placed, compile::quantity(spec, precision, currency));
        let caps = found.keep(placed, compile::caps(&spec.caps, precision));
        let budgets = found.keep(placed, compile::budgets(spec, precision));
        let by_tier = found.keep(placed, compile::by_tier(spec));
        let (Some(quantity), Some(caps), Some(budgets), Some(by_tier), true) =
            (quantity, caps, budgets, by_tier, there)
        else {
            continue;
        };
        check_quantity(placed, &quantity, tables, known, found);
        rules.push(Rule {
            spec: spec.clone(),
            version: compile::version(spec),
            wallet: known.wallets.iter().position(|(id, _)| *id == spec.wallet).unwrap_or(0),
            quantity,
            when,
            lines,
            by_tier,
            currency,
            caps,
            budgets,
        });
    }
    versions(tables, found);
    rules
}

fn check_quantity(
    placed: &Placed<spec::Earning>,
    quantity: &Quantity,
    tables: &Tables,
    known: &Known,
    found: &mut Found,
) {
    let spec = &placed.item;
    if let Quantity::Multiply { of, .. } = quantity {
        if of.is_empty() {
            found.add(placed, "multiply names no rule", "write of = [\"…\"]");
        }
        for rule in of {
            if !found.exists(placed, "rule", rule, &known.rules) {
                continue;
            }
            let all = || tables.earnings.iter().map(|other| &other.item).filter(|other| other.id == *rule);
            if all().any(|other| other.multiply.is_some()) {
                found.add(
                    placed,
                    format!("rule '{rule}' is itself a multiple"),
                    "multiply the rule it multiplies",
                );
            }
            if all().any(|other| other.wallet != spec.wallet) {
                found.add(placed, format!("rule '{rule}' gives another wallet's points"), "use one wallet");
            }
            if all().any(|other| other.group.is_some() && other.group == spec.group) {
                let mend = "a rule and a multiple of it cannot compete: take one out of the group";
                found.add(placed, format!("rule '{rule}' is in the same group"), mend);
            }
        }
    }
    let by_amount = matches!(quantity, Quantity::PerAmount { .. } | Quantity::Bands(_));
    if spec.sum_over.is_some() && !by_amount {
        found.add(placed, "sum_over needs amounts", "use it with per_amount or bands");
    }
    if let Quantity::PerAmount { per: spec::Scope::Line, .. } = quantity
        && spec.sum_over.is_some()
    {
        found.add(placed, "sum_over counts whole bills", "remove per = \"line\"");
    }
    if spec.event.is_some() && !matches!(quantity, Quantity::Fixed { .. }) {
        found.add(placed, "an event has no amount", "use fixed with event");
    }
    if spec.event.is_some() && spec.lines.is_some() {
        found.add(placed, "an event has no lines", "remove lines");
    }
}

fn check_pending(placed: &Placed<spec::Earning>, found: &mut Found) {
    let Some(pending) = &placed.item.pending else { return };
    if pending.delay.is_none() && pending.until.is_none() && pending.event.is_none() {
        found.add(placed, "pending waits for nothing", "give it delay, until or event");
    }
    if pending.until.is_some() && (pending.delay.is_some() || pending.event.is_some()) {
        found.add(placed, "pending waits for a day and for something else", "keep until, or delay and event");
    }
    if pending.within.is_some() && pending.event.is_none() {
        found.add(placed, "within needs event", "name the event, or remove within");
    }
}

fn check_windows(placed: &Placed<spec::Earning>, found: &mut Found) {
    if let Some(festival) = &placed.item.festival
        && festival.on.is_some() == festival.lunar.is_some()
    {
        found.add(placed, "a festival has no day, or two", "give it on or lunar");
    }
    if let Some(around) = &placed.item.birthday
        && around.month
        && (around.days_before > 0 || around.days_after > 0)
    {
        found.add(
            placed,
            "a birthday window is a month and days",
            "keep month, or days_before and days_after",
        );
    }
}

/// Versions of a rule do not overlap.
fn versions(tables: &Tables, found: &mut Found) {
    for (place, placed) in tables.earnings.iter().enumerate() {
        let spec = &placed.item;
        for before in &tables.earnings[..place] {
            let other = &before.item;
            if other.id != spec.id {
                continue;
            }
            let apart = spec.until.is_some_and(|until| other.from.is_some_and(|from| until <= from))
                || other.until.is_some_and(|until| spec.from.is_some_and(|from| until <= from));
            if !apart {
                let what = format!("two versions of rule '{}' are in force at once", spec.id);
                let mend = match spec.from {
                    Some(from) => {
                        format!("end the earlier one: until = {from} in {}:{}", before.file, before.line)
                    }
                    None => "give the later version from, and the earlier one until".to_owned(),
                };
                found.add(placed, what, mend);
            }
        }
    }
}

fn ladders(tables: &Tables, known: &Known, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for placed in &tables.ladders {
        let spec = &placed.item;
        let by_points = spec.counts == spec::Counted::Points;
        match (&spec.wallet, by_points) {
            (Some(wallet), true) => {
                found.exists(placed, "wallet", wallet, known.wallets.iter().map(|(id, _)| id));
            }
            (None, true) => {
                found.add(placed, "counts = \"points\" needs wallet", "name the wallet that counts")
            }
            (Some(_), false) => found.add(placed, "wallet needs counts = \"points\"", "remove wallet"),
            (None, false) => {}
        }
        if (spec.window == Window::Rolling) != spec.length.is_some() {
            found.add(
                placed,
                "length belongs to a rolling window, and a rolling window needs it",
                "write length = \"12M\"",
            );
        }
        let ends = spec.lasts.is_some() || spec.lasts_next_year;
        if spec.downgrade != spec::Downgrade::None && !ends {
            found.add(
                placed,
                "nothing says how long a tier lasts",
                "add lasts or lasts_next_year, or downgrade = \"none\"",
            );
        }
        if spec.lasts.is_some() && spec.lasts_next_year {
            found.add(placed, "a tier lasts in two ways", "keep lasts or lasts_next_year");
        }
        let scale = match spec.counts {
            spec::Counted::Points => {
                spec.wallet.as_ref().and_then(|wallet| known.precision(wallet)).unwrap_or(0)
            }
            spec::Counted::Spend => known.currency.decimals(),
            spec::Counted::Orders | spec::Counted::Visits => 0,
        };
        let mut before: Option<i64> = None;
        for tier in &spec.tier {
            if !seen.insert(tier.id.clone()) {
                found.add(
                    placed,
                    format!("tier '{}' is there twice", tier.id),
                    "tiers of all ladders have ids of their own",
                );
            }
            let threshold = tier.threshold.units(scale);
            match (threshold, before) {
                (None, _) => found.add(
                    placed,
                    format!("threshold {} is not exact", tier.threshold),
                    "use fewer decimals",
                ),
                (Some(0), None) => {}
                (Some(_), None) => found.add(
                    placed,
                    "the lowest tier has a threshold",
                    "begin with a tier of threshold = \"0\"",
                ),
                (Some(now), Some(before)) if now <= before => {
                    let what = format!("tier '{}' takes no more than the one below", tier.id);
                    found.add(placed, what, "write tiers lowest first");
                }
                _ => {}
            }
            before = threshold.or(before);
            if let Some(bonus) = &tier.bonus {
                found.gift(placed, bonus, known);
            }
        }
        if spec.tier.is_empty() {
            found.add(placed, "the ladder has no tier", "add [[ladder.tier]]");
        }
    }
}

fn rewards(tables: &Tables, known: &Known, found: &mut Found) {
    for placed in &tables.rewards {
        let spec = &placed.item;
        found.exists(placed, "funder", &spec.funder, &known.funders);
        found.interval(placed, spec.from, spec.until);
        found.money(placed, "value", spec.value, known);
        found.money(placed, "cost", spec.cost, known);
        if spec.prices.is_empty() {
            found.add(placed, "the reward has no price", "add prices = [{ wallet = …, points = … }]");
        }
        for price in &spec.prices {
            if found.exists(placed, "wallet", &price.wallet, known.wallets.iter().map(|(id, _)| id)) {
                found.points(placed, "points", price.points, &price.wallet, known);
                let spendable =
                    |wallet: &&Placed<spec::Wallet>| wallet.item.id == price.wallet && !wallet.item.spendable;
                if tables.wallets.iter().any(|wallet| spendable(&wallet)) {
                    found.add(
                        placed,
                        format!("points of '{}' buy nothing", price.wallet),
                        "use a spendable wallet",
                    );
                }
            }
            for tier in &price.tiers {
                found.exists(placed, "tier", tier, &known.tiers);
            }
        }
        let needs_value =
            matches!(spec.kind, RewardKind::Discount | RewardKind::StoredValue | RewardKind::PartialPayment);
        if needs_value && spec.value.is_none() {
            found.add(placed, "the reward has no value", "add value, the money it is worth");
        }
        if spec.kind == RewardKind::Choice && spec.products.len() < 2 {
            found.add(placed, "a choice of fewer than two products", "name the products");
        }
        if spec.kind == RewardKind::Product && spec.products.len() != 1 {
            found.add(
                placed,
                "a product reward names one product",
                "write products = [\"…\"], or kind = \"choice\"",
            );
        }
        if spec.share_percent.is_some_and(|share| share == 0 || share > 100) {
            found.add(
                placed,
                "share_percent is not 1 to 100",
                "write the largest share of a bill that points may pay",
            );
        }
        if let Some(wallet) = spec.prices.first().map(|price| &price.wallet) {
            for (key, number) in [("minimum", spec.minimum), ("confirm_above", spec.confirm_above)] {
                if let Some(number) = number {
                    found.points(placed, key, number, wallet, known);
                }
            }
            let precision = known.precision(wallet).unwrap_or(0);
            found.keep(placed, compile::caps(&spec.limits, precision));
        }
        if let Some(voucher) = &spec.voucher {
            check_pattern(placed, voucher, found);
            found.money(placed, "voucher.minimum", voucher.minimum, known);
        }
    }
}

fn check_pattern(placed: &Placed<spec::Reward>, voucher: &spec::Voucher, found: &mut Found) {
    let free = voucher.pattern.matches('#').count();
    if !(6..=16).contains(&free) {
        let what = format!("pattern '{}' has {free} free places", voucher.pattern);
        found.add(placed, what, "use 6 to 16 #, so that codes cannot be guessed");
    }
    if voucher.pattern.len() > 40 || !voucher.pattern.is_ascii() {
        found.add(
            placed,
            "the pattern is long or not plain ASCII",
            "use at most 40 letters, digits, - and #",
        );
    }
    if voucher.uses == 0 {
        found.add(placed, "the voucher can never be used", "write uses = 1 or more");
    }
}

fn missions(tables: &Tables, known: &Known, found: &mut Found) -> Vec<Mission> {
    let mut missions = Vec::new();
    for placed in &tables.missions {
        let spec = &placed.item;
        found.interval(placed, spec.from, spec.until);
        let by_event = spec.counts == spec::MissionCounts::Events;
        if by_event != spec.event.is_some() {
            found.add(
                placed,
                "event belongs to counts = \"events\"",
                "name the event, or count something else",
            );
        }
        if spec.gift.is_none() && spec.badge.is_none() {
            found.add(placed, "the mission gives nothing", "add gift or badge");
        }
        if spec.streak == 0 {
            found.add(placed, "a streak of no periods", "write streak = 1 or more");
        }
        if let Some(gift) = &spec.gift {
            found.gift(placed, gift, known);
        }
        let scale = match spec.counts {
            spec::MissionCounts::Spend => known.currency.decimals(),
            spec::MissionCounts::Units => 3,
            _ => 0,
        };
        let target = spec.target.units(scale).filter(|target| *target > 0);
        if target.is_none() {
            found.add(
                placed,
                format!("target = {} cannot be counted", spec.target),
                "write a number above zero",
            );
        }
        let (when, lines) =
            (found.condition(placed, "when", &spec.when), found.condition(placed, "lines", &spec.lines));
        missions.push(Mission { spec: spec.clone(), when, lines, target: target.unwrap_or(1) });
    }
    missions
}

fn surprises(tables: &Tables, known: &Known, found: &mut Found) -> Vec<Surprise> {
    let mut surprises = Vec::new();
    for placed in &tables.surprises {
        let spec = &placed.item;
        found.interval(placed, spec.from, spec.until);
        found.gift(placed, &spec.gift, known);
        if known.precision(&spec.gift.wallet).is_some() {
            found.points(placed, "budget", spec.budget, &spec.gift.wallet, known);
        }
        if spec.one_in == 0 || spec.holdout_percent > 90 {
            found.add(
                placed,
                "one_in is 0, or holdout_percent above 90",
                "write one_in = 1 or more, holdout 0 to 90",
            );
        }
        let when = found.condition(placed, "when", &spec.when);
        surprises.push(Surprise { spec: spec.clone(), when });
    }
    surprises
}

fn others(tables: &Tables, known: &Known, found: &mut Found) {
    let wallets = || known.wallets.iter().map(|(id, _)| id);
    for placed in &tables.groups {
        for other in &placed.item.excludes {
            found.exists(placed, "group", other, &known.groups);
            if *other == placed.item.id {
                found.add(placed, "a group excludes itself", "name other groups");
            }
        }
    }
    for placed in &tables.referrals {
        let spec = &placed.item;
        found.money(placed, "minimum", Some(spec.minimum), known);
        for gift in spec.referrer.iter().chain(&spec.friend) {
            found.gift(placed, gift, known);
        }
    }
    for placed in &tables.pools {
        found.exists(placed, "wallet", &placed.item.wallet, wallets());
        if let Some(most) = placed.item.take_per_month {
            found.points(placed, "take_per_month", most, &placed.item.wallet, known);
        }
    }
    for placed in &tables.limits {
        let spec = &placed.item;
        if found.exists(placed, "wallet", &spec.wallet, wallets()) {
            for (key, number) in [("points", spec.points), ("points_per_till", spec.points_per_till)] {
                if let Some(number) = number {
                    found.points(placed, key, number, &spec.wallet, known);
                }
            }
        }
    }
}
