//! An independent slow model: it keeps every single point as a thing of its own and recomputes the whole story from
//! the list of events each time it is asked. Random programs and random histories must give the same balances.

use crate::story::Story;
use loyalty::judge::Output;
use loyalty::ledger::{Posted, Pot};
use proptest::prelude::*;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// 2026-01-05 00:00 in Asia/Ho_Chi_Minh, a Monday.
const BEGIN: i64 = 1_767_546_000;

#[derive(Debug, Clone)]
struct Rules {
    every: i64,
    points: i64,
    whole: bool,
    per_line: bool,
    visit: Option<(i64, i64, i64)>,
    double_tuesday: bool,
    gold_from: i64,
    delay_days: i64,
    expiry_days: i64,
    deficit: &'static str,
    budget: i64,
}

impl Rules {
    fn text(&self) -> String {
        let money = |minor: i64| format!("\"{}.{:02}\"", minor / 100, minor % 100);
        let mut text = format!(
            r#"
            [program]
            id = "random"
            name = "Random"
            zone = "Asia/Ho_Chi_Minh"
            currency = "USD"
            [[wallet]]
            id = "beans"
            name = "Beans"
            deficit = "{}"
            [[expiry]]
            wallet = "beans"
            after = "{}D"
            [[earning]]
            id = "base"
            wallet = "beans"
            per_amount = {{ every = {}, points = {}, whole = {}, per = "{}" }}
            by_tier = {{ gold = "1.5" }}
            budgets = [{{ points = {} }}]
            "#,
            self.deficit,
            self.expiry_days,
            money(self.every),
            self.points,
            self.whole,
            if self.per_line { "line" } else { "bill" },
            self.budget,
        );
        if self.delay_days > 0 {
            text += &format!("pending = {{ delay = \"{}D\" }}\n", self.delay_days);
        }
        if let Some((points, minimum, cap)) = self.visit {
            text += &format!(
                "[[earning]]\nid = \"visit\"\nwallet = \"beans\"\nfixed = {{ points = {points}, minimum = {} }}\n\
                 caps = [{{ per = \"day\", points = {cap} }}]\n",
                money(minimum)
            );
        }
        if self.double_tuesday {
            text += "[[earning]]\nid = \"double\"\nwallet = \"beans\"\ndays = [\"tue\"]\n\
                     multiply = { of = [\"base\"], by = \"2.5\" }\n";
        }
        text += &format!(
            "[[ladder]]\nid = \"status\"\nname = \"Status\"\ncounts = \"spend\"\nwindow = \"rolling\"\nlength = \"100Y\"\n\
             downgrade = \"none\"\n[[ladder.tier]]\nid = \"green\"\nname = \"Green\"\nthreshold = 0\n\
             [[ladder.tier]]\nid = \"gold\"\nname = \"Gold\"\nthreshold = {}\n",
            money(self.gold_from)
        );
        text += "[[reward]]\nid = \"cup\"\nname = \"Cup\"\nkind = \"product\"\nproducts = [\"cup\"]\n\
                 prices = [{ wallet = \"beans\", points = 7 }]\n";
        text
    }
}

#[derive(Debug, Clone)]
enum Happening {
    Order(Vec<(i64, i64)>),
    Return { order: usize, line: usize, quantity: i64 },
    ReturnAll { order: usize },
    Keep { back: usize },
    Redeem,
}

/// One point.
#[derive(Debug, Clone, PartialEq)]
struct Point {
    lot: usize,
    starts: i64,
    ends: i64,
    earned: i64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Mine,
    Spent,
    Back,
    Gone,
}

#[derive(Debug, Clone)]
struct Bought {
    day: i64,
    lines: Vec<(i64, i64)>,
    returned: Vec<i64>,
    awards: Vec<Given>,
}

/// What one rule gave for one order.
#[derive(Debug, Clone)]
struct Given {
    lot: usize,
    by_line: Vec<i64>,
    by_visit: bool,
    /// Called for by returns so far, and how much of that the policy let go.
    called: i64,
    let_go: i64,
}

#[derive(Debug, Default)]
struct Model {
    points: Vec<Point>,
    lots: usize,
    owed: i64,
    bought: Vec<Bought>,
    /// Order, quantities by line, whether it still stands.
    backs: Vec<(usize, Vec<i64>, bool)>,
    given: i64,
    budget_left: i64,
}

impl Model {
    fn usable(point: &Point, now: i64) -> bool {
        point.state == State::Mine && point.starts <= now && now < point.ends
    }

    fn settle(&mut self, now: i64) {
        for point in &mut self.points {
            if point.state == State::Mine && point.ends <= now && point.starts <= now {
                point.state = State::Gone;
            }
        }
        while self.owed > 0 {
            let Some(place) = self.next(now, |_| true) else { break };
            self.points[place].state = State::Back;
            self.owed -= 1;
        }
    }

    fn next(&self, now: i64, wanted: impl Fn(&Point) -> bool) -> Option<usize> {
        let fits = |place: &usize| Model::usable(&self.points[*place], now) && wanted(&self.points[*place]);
        (0..self.points.len()).filter(fits).min_by_key(|place| {
            let point = &self.points[*place];
            (point.ends, point.earned, point.lot)
        })
    }

    fn earn(&mut self, rules: &Rules, now: i64, count: i64, delayed: bool) -> usize {
        let lot = self.lots;
        self.lots += 1;
        let starts = if delayed { now + rules.delay_days * DAY } else { now };
        let ends = now + rules.expiry_days * DAY;
        for _ in 0..count {
            self.points.push(Point { lot, starts, ends, earned: now, state: State::Mine });
        }
        self.settle(now);
        lot
    }

    fn spent_on(&self, order: usize) -> i64 {
        let bought = &self.bought[order];
        bought
            .lines
            .iter()
            .zip(&bought.returned)
            .map(|((paid, quantity), back)| paid - paid * back / quantity)
            .sum()
    }

    fn order(&mut self, rules: &Rules, now: i64, lines: &[(i64, i64)]) {
        let day = (now - BEGIN).div_euclid(DAY);
        let total: i64 = lines.iter().map(|(paid, _)| paid).sum();
        let before: i64 = (0..self.bought.len()).map(|order| self.spent_on(order)).sum();
        let gold = before >= rules.gold_from;
        let amounts: Vec<i64> = lines.iter().map(|(paid, _)| *paid).collect();
        let by_amount = |amount: i64| {
            // Thirds of halves: everything over 2 × every.
            let factor = if gold { 3 } else { 2 };
            if rules.whole {
                (amount / rules.every) * rules.points * factor / 2
            } else {
                amount * rules.points * factor / (2 * rules.every)
            }
        };
        let mut awards: Vec<(Vec<i64>, bool, bool)> = Vec::new();
        let base_lines: Vec<i64> = if rules.per_line {
            amounts.iter().map(|amount| by_amount(*amount)).collect()
        } else {
            allot(by_amount(total), &amounts)
        };
        let asked: i64 = base_lines.iter().sum();
        let base = asked.min(self.budget_left);
        self.budget_left -= base;
        if base > 0 {
            let shares = if base == asked {
                base_lines.clone()
            } else {
                allot(base, if rules.per_line { &base_lines } else { &amounts })
            };
            awards.push((shares, rules.delay_days > 0, false));
        }
        if let Some((points, minimum, cap)) = rules.visit
            && total >= minimum
        {
            let today: i64 = self.bought.iter().filter(|bought| bought.day == day).map(visit_points).sum();
            let given = points.min((cap - today).max(0));
            if given > 0 {
                awards.push((allot(given, &amounts), false, true));
            }
        }
        if rules.double_tuesday && day.rem_euclid(7) == 1 {
            // The bonus counts what the base rule gave before the budget cut it.
            let bonus = asked * 3 / 2;
            if bonus > 0 {
                awards.push((allot(bonus, &base_lines), false, false));
            }
        }
        let mut kept = Vec::new();
        for (by_line, delayed, by_visit) in awards {
            let count = by_line.iter().sum();
            self.given += count;
            let lot = self.earn(rules, now, count, delayed);
            kept.push(Given { lot, by_line, by_visit, called: 0, let_go: 0 });
        }
        let returned = vec![0; lines.len()];
        self.bought.push(Bought { day, lines: lines.to_vec(), returned, awards: kept });
    }

    fn after_return(&mut self, rules: &Rules, now: i64, order: usize) {
        let bought = self.bought[order].clone();
        for (place, given) in bought.awards.iter().enumerate() {
            let part = |(line, units): (usize, &i64)| {
                let (paid, quantity) = bought.lines[line];
                let back = bought.returned[line];
                if back == quantity { *units } else { units * (paid * back / quantity) / paid }
            };
            let due: i64 = given.by_line.iter().enumerate().map(part).sum();
            let mut let_go = given.let_go;
            for _ in given.called..due {
                if !self.take(rules, now, given.lot) {
                    match rules.deficit {
                        "negative" => self.owed += 1,
                        _ => let_go += 1,
                    }
                }
            }
            for _ in due..given.called {
                if let_go > 0 {
                    let_go -= 1;
                } else {
                    self.give_again(now, given.lot);
                }
            }
            self.bought[order].awards[place] = Given { called: due, let_go, ..given.clone() };
        }
    }

    fn take(&mut self, rules: &Rules, now: i64, lot: usize) -> bool {
        let pending = |point: &Point| point.state == State::Mine && point.starts > now;
        if rules.deficit == "pending_only" {
            let found = self.points.iter().position(|point| point.lot == lot && pending(point));
            return found.map(|place| self.points[place].state = State::Back).is_some();
        }
        let own = self
            .points
            .iter()
            .position(|point| point.lot == lot && (pending(point) || Model::usable(point, now)));
        let found = own.or_else(|| self.next(now, |_| true));
        found.map(|place| self.points[place].state = State::Back).is_some()
    }

    fn give_again(&mut self, now: i64, lot: usize) {
        let place = self.points.iter().position(|point| point.lot == lot).expect("the lot had points");
        let point = Point { state: State::Mine, ..self.points[place].clone() };
        self.points.push(point);
        self.settle(now);
    }
}

fn visit_points(bought: &Bought) -> i64 {
    bought.awards.iter().filter(|given| given.by_visit).flat_map(|given| &given.by_line).sum()
}

/// Largest remainder, done slowly: floors first, then one by one to whoever is furthest behind.
fn allot(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i64 = weights.iter().sum();
    if sum == 0 {
        let mut parts = vec![0; weights.len()];
        parts[0] = total;
        return parts;
    }
    let mut parts: Vec<i64> = weights.iter().map(|weight| total * weight / sum).collect();
    let mut served = vec![false; weights.len()];
    while parts.iter().sum::<i64>() < total {
        let behind = |place: &usize| (total * weights[*place]) % sum;
        let next = (0..weights.len()).filter(|place| !served[*place]).rev().max_by_key(behind).unwrap();
        parts[next] += 1;
        served[next] = true;
    }
    parts
}

/// Recompute everything from the list of events and tell the balance at `now`.
fn recompute(rules: &Rules, events: &[(i64, Happening)], now: i64) -> (i64, i64, i64, i64) {
    let mut model = Model { budget_left: rules.budget, ..Model::default() };
    for (at, happening) in events {
        // Points begin and end in between; debts are paid when points begin.
        let mut times: Vec<i64> = model
            .points
            .iter()
            .flat_map(|point| [point.starts, point.ends])
            .filter(|time| time <= at)
            .collect();
        times.sort_unstable();
        times.dedup();
        times.into_iter().for_each(|time| model.settle(time));
        model.settle(*at);
        match happening {
            Happening::Order(lines) => model.order(rules, *at, lines),
            Happening::Return { order, line, quantity } => {
                let Some(bought) = model.bought.get_mut(*order) else { continue };
                let Some((_, whole)) = bought.lines.get(*line).copied() else { continue };
                if bought.returned[*line] + quantity > whole {
                    continue;
                }
                bought.returned[*line] += quantity;
                let mut back = vec![0; bought.lines.len()];
                back[*line] = *quantity;
                model.backs.push((*order, back, true));
                model.after_return(rules, *at, *order);
            }
            Happening::ReturnAll { order } => {
                let Some(bought) = model.bought.get_mut(*order) else { continue };
                let back: Vec<i64> = bought
                    .lines
                    .iter()
                    .zip(&bought.returned)
                    .map(|((_, whole), returned)| whole - returned)
                    .collect();
                bought.returned = bought.lines.iter().map(|(_, whole)| *whole).collect();
                model.backs.push((*order, back, true));
                model.after_return(rules, *at, *order);
            }
            Happening::Keep { back } => {
                let Some((order, quantities, stands)) = model.backs.get_mut(*back) else { continue };
                if !*stands {
                    continue;
                }
                *stands = false;
                let (order, quantities) = (*order, quantities.clone());
                for (returned, quantity) in model.bought[order].returned.iter_mut().zip(quantities) {
                    *returned -= quantity;
                }
                model.after_return(rules, *at, order);
            }
            Happening::Redeem => {
                let usable = model.points.iter().filter(|point| Model::usable(point, *at)).count();
                if usable >= 7 {
                    for _ in 0..7 {
                        let place = model.next(*at, |_| true).unwrap();
                        model.points[place].state = State::Spent;
                    }
                }
            }
        }
    }
    let mut times: Vec<i64> = model
        .points
        .iter()
        .flat_map(|point| [point.starts, point.ends])
        .filter(|time| *time <= now)
        .collect();
    times.sort_unstable();
    times.into_iter().for_each(|time| model.settle(time));
    model.settle(now);
    let count =
        |wanted: &dyn Fn(&Point) -> bool| model.points.iter().filter(|point| wanted(point)).count() as i64;
    let usable = count(&|point| Model::usable(point, now));
    let pending = count(&|point| point.state == State::Mine && point.starts > now);
    (usable, pending, model.owed, model.given)
}

fn rules() -> impl Strategy<Value = Rules> {
    let visit = prop::option::of((1i64..9, 0i64..2_000, 1i64..20));
    let deficit = prop_oneof![Just("clamp"), Just("negative"), Just("pending_only")];
    let amounts = (1i64..700, 1i64..5, any::<bool>(), any::<bool>());
    let times = (0i64..4, 2i64..40, 500i64..9_000, prop_oneof![Just(1_000_000i64), 10i64..200]);
    (amounts, visit, any::<bool>(), times, deficit).prop_map(
        |(amounts, visit, double_tuesday, times, deficit)| Rules {
            every: amounts.0.max(20),
            points: amounts.1,
            whole: amounts.2,
            per_line: amounts.3,
            visit,
            double_tuesday,
            gold_from: times.2,
            delay_days: times.0,
            expiry_days: times.1 + times.0,
            deficit,
            budget: times.3,
        },
    )
}

fn happening() -> impl Strategy<Value = Happening> {
    let lines = prop::collection::vec((1i64..3_000, 1i64..5), 1..4);
    prop_oneof![
        4 => lines.prop_map(Happening::Order),
        3 => (0usize..6, 0usize..4, 1i64..4).prop_map(|(order, line, quantity)| Happening::Return { order, line, quantity }),
        1 => (0usize..6).prop_map(|order| Happening::ReturnAll { order }),
        1 => (0usize..6).prop_map(|back| Happening::Keep { back }),
        3 => Just(Happening::Redeem),
    ]
}

fn time(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap();
    at.to_zoned(jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap()).datetime().to_string()
}

/// The same events as facts for the engine; an event the model passes over is refused by the engine.
fn tell(story: &mut Story, number: usize, at: i64, happening: &Happening, backs: &mut Vec<(usize, String)>) {
    let id = |order: usize| format!("o-{order}");
    let orders = story.books.shared.owners.len();
    let line = match happening {
        Happening::Order(lines) => {
            let words: Vec<String> = lines
                .iter()
                .map(|(paid, quantity)| format!("{quantity}xa:x={}.{:02}", paid / 100, paid % 100))
                .collect();
            format!("order ana {} {}", id(orders), words.join(" "))
        }
        Happening::Return { order, line, quantity } => {
            if *order >= orders {
                return;
            }
            let record = &story.books.members[&loyalty::name::Name::new("ana")].orders
                [&loyalty::name::Name::new(&id(*order))];
            let Some(row) = record.lines.get(*line).filter(|row| row.id != "") else { return };
            if row.returned_milli + quantity * 1_000 > row.quantity_milli {
                return;
            }
            backs.push((*order, format!("r-{number}")));
            format!("return {} r-{number} {}:{quantity}", id(*order), line + 1)
        }
        Happening::ReturnAll { order } => {
            if *order >= orders {
                return;
            }
            backs.push((*order, format!("r-{number}")));
            format!("return {} r-{number}", id(*order))
        }
        Happening::Keep { back } => {
            let Some((order, back)) = backs.get(*back) else { return };
            format!("keep {} {back}", id(*order))
        }
        Happening::Redeem => {
            let usable = story.books.members[&loyalty::name::Name::new("ana")].accounts[0]
                .balance(jiff::Timestamp::from_second(at).unwrap())
                .available;
            let refused = if usable < 7 { " refused insufficient_points" } else { "" };
            format!("redeem ana cup c-{number}{refused}")
        }
    };
    story.tell(&format!("{} {line}", time(at)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_and_the_slow_model_agree(
        rules in rules(),
        steps in prop::collection::vec((0i64..60, happening()), 1..25),
    ) {
        let mut story = Story::new(&rules.text());
        story.tell(&format!("{} join ana", time(BEGIN)));
        let mut at = BEGIN;
        let mut events: Vec<(i64, Happening)> = Vec::new();
        let mut backs = Vec::new();
        for (number, (wait, happening)) in steps.into_iter().enumerate() {
            at += wait * HOUR;
            tell(&mut story, number, at, &happening, &mut backs);
            events.push((at, happening));
            let account = &story.books.members[&loyalty::name::Name::new("ana")].accounts[0];
            let balance = account.balance(jiff::Timestamp::from_second(at).unwrap());
            let fast = (balance.available, balance.pending, balance.owed, balance.totals.earned);
            prop_assert_eq!(fast, recompute(&rules, &events, at), "after {:?}\n{}", events, rules.text());
        }
        // Later, without anything happening.
        let later = at + 30 * DAY;
        let account = &story.books.members[&loyalty::name::Name::new("ana")].accounts[0];
        let balance = account.balance(jiff::Timestamp::from_second(later).unwrap());
        let fast = (balance.available, balance.pending, balance.owed, balance.totals.earned);
        prop_assert_eq!(fast, recompute(&rules, &events, later));

        // Bounds, counted from the entries alone.
        let mut given: std::collections::BTreeMap<String, i64> = Default::default();
        for output in &story.outputs {
            if let Output::Posted { posting, .. } = output
                && posting.kind == Posted::Earn
            {
                let rule = posting.cause.rule.as_ref().unwrap().to_string();
                *given.entry(rule).or_default() -= posting.on(&Pot::Issued);
            }
        }
        prop_assert!(given.get("base").copied().unwrap_or(0) <= rules.budget, "the budget holds");
        for record in story.books.members[&loyalty::name::Name::new("ana")].orders.values() {
            for award in &record.awards {
                let earned: i64 = award.per_line.iter().sum();
                prop_assert!(0 <= award.forgone && award.forgone <= award.clawed && award.clawed <= earned);
                prop_assert_eq!(earned, award.working.units);
            }
        }
        story.prove();
    }
}
