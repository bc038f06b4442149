//! The rule book is enough to count by: a reader who knows only its words rates baskets as the engine does.
//!
//! The reader here takes the English rule book apart sentence by sentence and knows nothing of the program's files. A
//! sentence it does not know fails the test, so that nothing the book says is passed over.

use crate::programs::{NAMES, shipped};
use loyalty::condition::{Asked, Condition, Facts, Seen};
use loyalty::earning::{Budgets, Occasion, Tallies, What, rate};
use loyalty::fact::{Line, Order, Tender};
use loyalty::name::Name;
use loyalty::program::{Lang, Program};
use loyalty::show::show;
use loyalty::time::{Moment, MonthDay};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;

/// An exact number: over, under.
type Exact = (i128, i128);

fn exact(text: &str) -> Exact {
    let text = &text.replace(',', "");
    if let Some((over, under)) = text.split_once('/') {
        return (over.parse().unwrap(), under.parse().unwrap());
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    (
        format!("{whole}{part}").parse().unwrap_or_else(|_| panic!("'{text}' is no number")),
        10i128.pow(part.len() as u32),
    )
}

fn times(a: Exact, b: Exact) -> Exact {
    (a.0 * b.0, a.1 * b.1)
}

/// The parts of a text where a pattern has `{}`.
fn read<'a>(text: &'a str, pattern: &str) -> Option<Vec<&'a str>> {
    let mut pieces = pattern.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut parts = Vec::new();
    let pieces: Vec<&str> = pieces.collect();
    for (place, piece) in pieces.iter().enumerate() {
        let is_last = place + 1 == pieces.len();
        let at = if is_last { rest.len().checked_sub(piece.len())? } else { rest.find(piece)? };
        if !rest[at..].starts_with(piece) {
            return None;
        }
        parts.push(&rest[..at]);
        rest = &rest[at + piece.len()..];
    }
    rest.is_empty().then_some(parts)
}

/// Sentences of a line; a full stop within back-quotes or a number ends none.
fn sentences(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut is_code = false;
    let letters: Vec<char> = text.chars().collect();
    for (place, letter) in letters.iter().enumerate() {
        let ends = |place: usize, is_code: bool| {
            !is_code && letters[place] == '.' && letters.get(place + 1).is_none_or(|c| *c == ' ')
        };
        if *letter == '`' {
            is_code = !is_code;
        }
        let last = found.last_mut().unwrap();
        if *letter == ' ' && last.is_empty() {
            continue;
        }
        last.push(*letter);
        if ends(place, is_code) {
            found.push(String::new());
        }
    }
    found.retain(|sentence| !sentence.is_empty());
    found
}

fn names(text: &str) -> Vec<String> {
    text.split(", ").flat_map(|part| part.split(" and ")).map(str::to_owned).collect()
}

#[derive(Debug, Default)]
struct Wallet {
    digits: u32,
    rounding: String,
}

#[derive(Debug, Default)]
struct Rule {
    name: String,
    /// Points of what wallet.
    wallet: String,
    points: Option<Exact>,
    every: Option<i128>,
    whole: bool,
    by_line: bool,
    by_unit: bool,
    by_order: bool,
    by_event: bool,
    bands: Vec<(i128, Option<i128>, Exact)>,
    multiplies: Option<(Exact, Vec<String>)>,
    tiers: BTreeMap<String, Exact>,
    only_tiers: Vec<String>,
    stores: Vec<String>,
    channels: Vec<String>,
    days: Vec<String>,
    hours: Option<(String, String)>,
    from: Option<String>,
    until: Option<String>,
    birthday: Option<(i64, i64)>,
    when: Vec<String>,
    lines: Vec<String>,
    minimum: i128,
    before_discount: bool,
    no_tax: bool,
    shipping: bool,
    points_count: bool,
    tenders_out: Vec<String>,
    categories_out: Vec<String>,
    products_out: Vec<String>,
    caps: Vec<Exact>,
}

/// The book as its reader knows it.
#[derive(Debug, Default)]
struct Book {
    decimals: u32,
    wallets: BTreeMap<String, Wallet>,
    rules: Vec<Rule>,
    /// Policy and rules.
    groups: Vec<(String, Vec<String>)>,
}

impl Book {
    fn of(text: &str, decimals: u32) -> Book {
        let mut book = Book { decimals, ..Book::default() };
        let mut chapter = "";
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(title) = line.strip_prefix("## ") {
                chapter = title;
            } else if chapter == "Points" {
                book.wallet(line);
            } else if chapter == "How points are earned" {
                book.earning(line);
            }
        }
        book
    }

    fn minor(&self, money: &str) -> i128 {
        let (over, under) = exact(money.split(' ').next().unwrap());
        over * 10i128.pow(self.decimals) / under
    }

    /// `12.3 Stars` as a number and the wallet's name.
    fn points(&self, text: &str) -> (Exact, String) {
        let (number, name) =
            text.split_once(' ').unwrap_or_else(|| panic!("'{text}' is no number of points"));
        // One of them may have a name of its own: `1 bean` of the beans.
        let is_known = self.wallets.contains_key(name);
        let whole = self.wallets.keys().find(|known| !is_known && known.starts_with(&name[..name.len() - 1]));
        (exact(number), whole.map_or(name, String::as_str).to_owned())
    }

    fn wallet(&mut self, line: &str) {
        let line = line.trim_start_matches("- ");
        let first = sentences(line).remove(0);
        if let Some(parts) = read(&first, "**{}** have {} digit{} after the point; fractions below are {}.") {
            let wallet = Wallet { digits: parts[1].parse().unwrap(), rounding: parts[3].to_owned() };
            self.wallets.insert(parts[0].to_owned(), wallet);
        } else if let Some(parts) = read(&first, "**{}** are whole; fractions are {}.") {
            self.wallets.insert(parts[0].to_owned(), Wallet { digits: 0, rounding: parts[1].to_owned() });
        }
    }

    fn earning(&mut self, line: &str) {
        if let Some(band) = line.strip_prefix("  - ") {
            return self.band(band);
        }
        let line = line.strip_prefix("- ").unwrap_or_else(|| panic!("no rule: {line}"));
        if let Some(parts) = read(line, "**{}**: {}") {
            let mut rule = Rule { name: parts[0].to_owned(), ..Rule::default() };
            for sentence in sentences(parts[1]) {
                self.sentence(&mut rule, &sentence);
            }
            return self.rules.push(rule);
        }
        for (pattern, policy) in [
            ("Of {}, the one that gives most counts.", "best"),
            ("Of {}, the first that fits counts.", "first"),
            ("Of {}, all that fit count.", "sum"),
        ] {
            if let Some(parts) = read(line, pattern) {
                return self.groups.push((policy.to_owned(), names(parts[0])));
            }
        }
        panic!("the reader does not know: {line}");
    }

    fn band(&mut self, band: &str) {
        let (from, below, points) = match (read(band, "from {} and below {}: {}"), read(band, "from {}: {}"))
        {
            (Some(parts), _) => (self.minor(parts[0]), Some(self.minor(parts[1])), parts[2]),
            (_, Some(parts)) => (self.minor(parts[0]), None, parts[1]),
            _ => panic!("the reader does not know: {band}"),
        };
        let (points, wallet) = self.points(points);
        let rule = self.rules.last_mut().unwrap();
        rule.wallet = wallet;
        rule.bands.push((from, below, points));
    }

    fn sentence(&self, rule: &mut Rule, text: &str) {
        for (pattern, whole, by_line) in [
            ("{} for every whole {} of a bill.", true, false),
            ("{} for every whole {} of a line of the bill.", true, true),
            ("{} for every {}, in proportion.", false, false),
            (
                "{} for every {} of each line of the bill, in proportion and rounded line by line.",
                false,
                true,
            ),
        ] {
            if let Some(parts) = read(text, pattern) {
                let (points, wallet) = self.points(parts[0]);
                (rule.points, rule.wallet, rule.every) = (Some(points), wallet, Some(self.minor(parts[1])));
                (rule.whole, rule.by_line) = (whole, by_line);
                return;
            }
        }
        for (pattern, kind) in [("{} for each unit.", 0), ("{} for each order.", 1), ("{} for each '{}'.", 2)]
        {
            if let Some(parts) = read(text, pattern) {
                let (points, wallet) = self.points(parts[0]);
                (rule.points, rule.wallet) = (Some(points), wallet);
                (rule.by_unit, rule.by_order, rule.by_event) = (kind == 0, kind == 1, kind == 2);
                return;
            }
        }
        if text == "By the amount of the bill:" {
        } else if let Some(parts) = read(text, "{} times the points of {}: the bonus comes on top.") {
            rule.multiplies = Some((exact(parts[0]), names(parts[1])));
        } else if let Some(parts) = read(text, "Only where the amount that counts is at least {}.") {
            rule.minimum = self.minor(parts[0]);
        } else if let Some(parts) = read(text, "Tier {}: times {}.") {
            rule.tiers.insert(parts[0].to_owned(), exact(parts[1]));
        } else if let Some(parts) = read(text, "Only for tier {}.") {
            rule.only_tiers = names(parts[0]);
        } else if let Some(parts) = read(text, "Only in store {}.") {
            rule.stores = names(parts[0]);
        } else if let Some(parts) = read(text, "Only through {}.") {
            rule.channels = names(parts[0]);
        } else if let Some(parts) = read(text, "Only on {}.") {
            rule.days = names(parts[0]);
        } else if let Some(parts) = read(text, "Only where `{}`.") {
            rule.when.push(parts[0].to_owned());
        } else if let Some(parts) = read(text, "Only lines where `{}`.") {
            rule.lines.push(parts[0].to_owned());
        } else if let Some(parts) = read(text, "Only from {} to {}.") {
            rule.hours = Some((parts[0].to_owned(), parts[1].to_owned()));
        } else if let Some(parts) = read(text, "From {} day{} before to {} day{} after the birthday.") {
            rule.birthday = Some((parts[0].parse().unwrap(), parts[2].parse().unwrap()));
        } else if let Some(parts) = read(text, "From {}.") {
            rule.from = Some(parts[0].to_owned());
        } else if let Some(parts) = read(text, "Until the end of {}.") {
            rule.until = Some(parts[0].to_owned());
        } else if let Some(parts) = read(text, "The part paid by {} does not count.") {
            rule.tenders_out = names(parts[0]).iter().map(|name| name.replace(' ', "_")).collect();
        } else if read(text, "At most {} time{} per {}.").is_some() {
            // A member who buys for the first time has not reached it.
        } else if let Some(parts) = read(text, "At most {} per {}.") {
            rule.caps.push(self.points(parts[0]).0);
        } else if let Some(parts) = read(text, "Goods of category {} do not count.") {
            rule.categories_out = names(parts[0]);
        } else if let Some(parts) = read(text, "The products {} do not count.") {
            rule.products_out = names(parts[0]);
        } else {
            match text {
                "Discounts are not taken off before counting." => rule.before_discount = true,
                "Tax does not count." => rule.no_tax = true,
                "Shipping counts." => rule.shipping = true,
                "The part paid with points counts too." => rule.points_count = true,
                // When points can be used, and who pays, changes nothing of how many there are.
                _ if text.starts_with("The points can be used")
                    || text.starts_with("These points run out")
                    || text.starts_with("Paid by") => {}
                _ => panic!("the reader does not know: {text}"),
            }
        }
    }

    fn round(&self, wallet: &str, points: Exact) -> i128 {
        let wallet = &self.wallets[wallet];
        let (over, under) = (points.0 * 10i128.pow(wallet.digits), points.1);
        match wallet.rounding.as_str() {
            "rounded down" => over.div_euclid(under),
            "rounded up" => -(-over).div_euclid(under),
            "rounded to the nearest, halves up" => (2 * over + under).div_euclid(2 * under),
            other => panic!("the reader does not know: {other}"),
        }
    }

    /// Smallest units by wallet for a basket.
    fn rate(&self, basket: &Basket) -> BTreeMap<String, i128> {
        let mut given: Vec<(usize, i128)> = Vec::new();
        for (place, rule) in self.rules.iter().enumerate() {
            if rule.multiplies.is_none() && basket.fits(rule) {
                given.push((place, self.gives(rule, basket)));
            }
        }
        for (policy, members) in &self.groups {
            let mine = |given: &(usize, i128)| members.contains(&self.rules[given.0].name) && given.1 > 0;
            let chosen = match policy.as_str() {
                "best" => given.iter().filter(|one| mine(one)).max_by_key(|one| (one.1, -(one.0 as i128))),
                "first" => given
                    .iter()
                    .filter(|one| mine(one))
                    .min_by_key(|one| members.iter().position(|name| *name == self.rules[one.0].name)),
                _ => continue,
            };
            let Some(chosen) = chosen.map(|one| one.0) else { continue };
            given.retain(|one| one.0 == chosen || !mine(one));
        }
        let mut extra = Vec::new();
        for rule in self.rules.iter().filter(|rule| basket.fits(rule)) {
            let Some((by, of)) = &rule.multiplies else { continue };
            let fits = |one: &&(usize, i128)| of.contains(&self.rules[one.0].name);
            let base: i128 = given.iter().filter(fits).map(|one| one.1).sum();
            let wallet = given.iter().find(fits).map(|one| self.rules[one.0].wallet.clone());
            if let Some(wallet) = wallet {
                let scale = 10i128.pow(self.wallets[&wallet].digits);
                extra.push((wallet.clone(), self.round(&wallet, (base * (by.0 - by.1), by.1 * scale))));
            }
        }
        let mut sums = BTreeMap::new();
        for (place, units) in given {
            *sums.entry(self.rules[place].wallet.clone()).or_default() += units;
        }
        for (wallet, units) in extra {
            *sums.entry(wallet).or_default() += units;
        }
        sums.retain(|_, units| *units > 0);
        sums
    }

    fn gives(&self, rule: &Rule, basket: &Basket) -> i128 {
        let Some(amounts) = basket.amounts(rule) else { return 0 };
        let total: i128 = amounts.iter().sum();
        let held =
            rule.tiers.iter().find(|(tier, _)| basket.tiers.contains(tier)).map_or((1, 1), |(_, by)| *by);
        let by_amount = |amount: i128| {
            let (every, points) = (rule.every.unwrap(), rule.points.unwrap());
            if amount <= 0 || amount < rule.minimum {
                return (0, 1);
            }
            let steps = if rule.whole { (amount / every, 1) } else { (amount, every) };
            times(times(steps, points), held)
        };
        let units = if rule.every.is_some() && rule.by_line {
            amounts.iter().map(|amount| self.round(&rule.wallet, by_amount(*amount))).sum()
        } else if rule.every.is_some() {
            self.round(&rule.wallet, by_amount(total))
        } else if !rule.bands.is_empty() {
            let band =
                rule.bands.iter().find(|band| total >= band.0 && band.1.is_none_or(|below| total < below));
            band.map_or(0, |band| self.round(&rule.wallet, times(band.2, held)))
        } else if rule.by_unit {
            let units = basket.units(rule);
            self.round(&rule.wallet, times(times(rule.points.unwrap(), (units, 1000)), held))
        } else if rule.by_order && total >= rule.minimum {
            self.round(&rule.wallet, times(rule.points.unwrap(), held))
        } else {
            0
        };
        rule.caps.iter().fold(units, |units, cap| units.min(self.round(&rule.wallet, *cap)))
    }
}

/// A basket and who buys it, when.
struct Basket<'a> {
    program: &'a Program,
    order: Order,
    moment: Moment,
    /// By name, as the book has them.
    tiers: Vec<String>,
    seen: Seen,
    birthday: MonthDay,
}

impl Basket<'_> {
    fn fits(&self, rule: &Rule) -> bool {
        let day = self.moment.day.to_string();
        let listed = |list: &[String], name: Option<&Name>| {
            list.is_empty() || name.is_some_and(|name| list.iter().any(|known| known == name.as_str()))
        };
        let weekday = format!("{:?}", self.moment.day.weekday());
        let clock = self.moment.clock.strftime("%H:%M").to_string();
        let hours = |(from, until): &(String, String)| {
            if from <= until { *from <= clock && clock < *until } else { *from <= clock || clock < *until }
        };
        let near = |(before, after): (i64, i64)| {
            (-400..400).any(|year| {
                let Some(year) = self.moment.day.year().checked_add(year) else { return false };
                let birthday = self.birthday.in_year(year);
                let days = birthday.until(self.moment.day).unwrap().get_days();
                -before <= i64::from(days) && i64::from(days) <= after
            })
        };
        !rule.by_event
            && rule.from.as_ref().is_none_or(|from| *from <= day)
            && rule.until.as_ref().is_none_or(|until| day <= *until)
            && listed(&rule.stores, self.order.store.as_ref())
            && listed(&rule.channels, self.order.channel.as_ref())
            && (rule.days.is_empty() || rule.days.contains(&weekday))
            && rule.hours.as_ref().is_none_or(hours)
            && (rule.only_tiers.is_empty() || rule.only_tiers.iter().any(|tier| self.tiers.contains(tier)))
            && rule.birthday.is_none_or(near)
            && rule.when.iter().all(|text| self.holds(text, None))
            && (rule.lines.is_empty() || self.order.lines.iter().any(|line| self.counts(rule, line)))
    }

    fn holds(&self, text: &str, line: Option<&Line>) -> bool {
        let facts =
            Facts { order: Some(&self.order), line, event: None, seen: &self.seen, day: self.moment.day };
        Condition::compile(text, Asked::OfLines).unwrap().holds(&facts)
    }

    fn counts(&self, rule: &Rule, line: &Line) -> bool {
        let is_out = rule.categories_out.iter().any(|name| line.category == name.as_str())
            || rule.products_out.iter().any(|name| line.product == name.as_str());
        !is_out && rule.lines.iter().all(|text| self.holds(text, Some(line)))
    }

    fn units(&self, rule: &Rule) -> i128 {
        let lines = self.order.lines.iter().filter(|line| self.counts(rule, line));
        lines.map(|line| i128::from(line.quantity_milli)).sum()
    }

    /// What counts by line, shipping last, the part paid in ways that do not count taken off in proportion.
    fn amounts(&self, rule: &Rule) -> Option<Vec<i128>> {
        let counted: Vec<bool> = self.order.lines.iter().map(|line| self.counts(rule, line)).collect();
        if !rule.lines.is_empty() && !counted.contains(&true) {
            return None;
        }
        let paid: Vec<i64> =
            self.order.lines.iter().map(|line| line.gross_minor - line.discount_minor).collect();
        let mut all: Vec<i64> = paid.clone();
        all.push(self.order.shipping_minor);
        let unpaid: i64 = self
            .order
            .tenders
            .iter()
            .filter(|tender| {
                let kind = tender.kind.as_str();
                rule.tenders_out.iter().any(|out| out == kind) || (kind == "points" && !rule.points_count)
            })
            .map(|tender| tender.amount_minor)
            .sum();
        let off = largest_remainder(unpaid.min(all.iter().sum()), &all);
        let mut amounts = Vec::new();
        for (place, line) in self.order.lines.iter().enumerate() {
            let value = if rule.before_discount { line.gross_minor } else { paid[place] };
            let value = value - if rule.no_tax { line.tax_minor } else { 0 };
            amounts.push(if counted[place] { i128::from((value.max(0) - off[place]).max(0)) } else { 0 });
        }
        let shipping = if rule.shipping { self.order.shipping_minor } else { 0 };
        amounts.push(i128::from((shipping - off[all.len() - 1]).max(0)));
        Some(amounts)
    }
}

fn largest_remainder(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i64 = weights.iter().sum();
    if sum == 0 {
        return weights.iter().enumerate().map(|(place, _)| if place == 0 { total } else { 0 }).collect();
    }
    let mut parts: Vec<i64> = weights.iter().map(|weight| total * weight / sum).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse(total * weights[*place] % sum));
    let missing = total - parts.iter().sum::<i64>();
    for place in order.into_iter().take(missing as usize) {
        parts[place] += 1;
    }
    parts
}

/// Words a basket may be made of: those the program's conditions and exclusions name, and some others.
fn words(program: &Program) -> Vec<String> {
    let text = show(program, Lang::En);
    let mut words: Vec<String> = ["latte", "bun", "x"].map(str::to_owned).to_vec();
    for (place, _) in text.match_indices('"') {
        let rest = &text[place + 1..];
        let word = &rest[..rest.find('"').unwrap_or(0)];
        if !word.is_empty() && !word.contains([' ', '`', ',']) {
            words.push(word.to_owned());
        }
    }
    for rule in &program.rules {
        let basis = &rule.spec.basis;
        words.extend(basis.exclude_categories.iter().chain(&basis.exclude_products).map(ToString::to_string));
    }
    words.sort();
    words.dedup();
    words
}

#[derive(Debug, Clone)]
struct Drawn {
    lines: Vec<(usize, usize, i64, i64, i64, i64)>,
    shipping: i64,
    tenders: Vec<(usize, i64)>,
    day: i64,
    minute: i64,
    store: usize,
    tier: usize,
    birthday: usize,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let line = (0usize..50, 0usize..50, 1i64..200_000, 0i64..100, 0i64..20, 1i64..4_000);
    (
        prop::collection::vec(line, 1..5),
        prop_oneof![Just(0i64), 1i64..5_000],
        prop::collection::vec((0usize..6, 1i64..60_000), 0..3),
        (0i64..2_000, 0i64..1_440),
        (0usize..4, 0usize..20, 0usize..3),
    )
        .prop_map(|(lines, shipping, tenders, (day, minute), (store, tier, birthday))| Drawn {
            lines,
            shipping,
            tenders,
            day,
            minute,
            store,
            tier,
            birthday,
        })
}

fn basket<'a>(program: &'a Program, drawn: &Drawn, words: &[String]) -> Basket<'a> {
    let pick = |place: usize| Name::new(&words[place % words.len()]);
    let kinds = ["card", "cash", "voucher", "points", "gift_card", "card"];
    let line = |(place, (product, category, gross, discount, tax, quantity)): (
        usize,
        &(usize, usize, i64, i64, i64, i64),
    )| Line {
        id: Name::new(&place.to_string()),
        product: pick(*product),
        category: pick(*category),
        quantity_milli: *quantity,
        gross_minor: *gross,
        discount_minor: gross * discount / 100,
        tax_minor: (gross - gross * discount / 100) * tax / 100,
    };
    let order = Order {
        id: "o-1".into(),
        member: Some("ana".into()),
        ordered_at: None,
        store: [None, Some("north"), Some("south"), Some("station")][drawn.store].map(Name::new),
        till: None,
        channel: ["till", "web", "app"].get(drawn.store).map(|channel| Name::new(channel)),
        currency: None,
        lines: drawn.lines.iter().enumerate().map(line).collect(),
        tenders: drawn
            .tenders
            .iter()
            .map(|(kind, amount)| Tender { kind: kinds[*kind].into(), amount_minor: *amount, code: None })
            .collect(),
        shipping_minor: drawn.shipping,
        invoice: None,
    };
    let at: jiff::Timestamp = "2022-01-01T00:00:00Z".parse().unwrap();
    let at = at + jiff::SignedDuration::from_mins(drawn.day * 1_440 + drawn.minute);
    let mut seen = Seen { days_joined: 10, ..Seen::default() };
    let mut tiers = Vec::new();
    for ladder in &program.ladders {
        let tier = &ladder.tier[drawn.tier % ladder.tier.len()];
        seen.tiers.insert(ladder.id.clone(), tier.id.clone());
        tiers.push(tier.name.in_language("en").to_owned());
    }
    let birthday = ["01-01", "06-15", "02-29"][drawn.birthday].parse().unwrap();
    Basket { program, order, moment: Moment::new(at, &program.zone), tiers, seen, birthday }
}

fn engine(basket: &Basket) -> BTreeMap<String, i128> {
    let occasion = Occasion {
        moment: &basket.moment,
        what: What::Order(&basket.order),
        seen: &basket.seen,
        birthday: Some(basket.birthday),
        currency: basket.program.head.currency,
    };
    let awards = rate(basket.program, &occasion, &mut Tallies::default(), &mut Budgets::default());
    let mut sums = BTreeMap::new();
    for award in awards {
        let name = basket.program.wallets[award.wallet].name.in_language("en").to_owned();
        *sums.entry(name).or_default() += i128::from(award.units);
    }
    sums
}

#[test]
fn a_hundred_baskets_counted_by_the_book_are_what_the_engine_gives() {
    for name in NAMES {
        let program = shipped(name);
        let book = Book::of(&show(&program, Lang::En), program.decimals());
        assert!(!book.rules.is_empty(), "{name} has no rules in its book");
        let words = words(&program);
        let mut runner = TestRunner::new_with_rng(
            Config { cases: 100, failure_persistence: None, ..Config::default() },
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
        );
        let mut earning = 0;
        let result = runner.run(&drawn(), |drawn| {
            let basket = basket(&program, &drawn, &words);
            let found = engine(&basket);
            prop_assert_eq!(&found, &book.rate(&basket), "{}: {:?}", name, basket.order);
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{name}: {error}"));
        for step in 0..100 {
            let line = (step, step + 1, 50_000 + 977 * step as i64, 0, 0, 1_000);
            let drawn = Drawn {
                lines: vec![line],
                shipping: 0,
                tenders: vec![],
                day: 1_600,
                minute: 600,
                store: 1,
                tier: step,
                birthday: 0,
            };
            earning += usize::from(!engine(&basket(&program, &drawn, &words)).is_empty());
        }
        assert!(earning > 20, "{name}: the baskets earn something, {earning} of 100");
    }
}
