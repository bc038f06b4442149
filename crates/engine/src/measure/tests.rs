//! What was planted is found again, and where nothing was planted nothing is: on worlds, through the whole reading.

use super::lift::{Frame, Measured, People, Unit, measure};
use super::people::{Outcomes, Person};
use super::rollout::{self, Promised};
use super::{decide, page};
use crate::act::followed::Came;
use crate::act::plan::{Metric, Plan, parse};
use assets::{Assets, Lang};
use decide::{Reason, Verdict};
use domain::column::{Batch, Column};
use domain::port::{Failure, Insights};
use domain::{Currency, Id, Kind};
use jiff::civil::{Date, date};
use rayon::prelude::*;
use world::{Action, Config, History, Process, World};

const WEEKS: u32 = 26;
const DAYS: u32 = 28;

fn vnd() -> Currency {
    "VND".parse().unwrap()
}

fn plan(more: &str) -> Plan {
    let text = format!(
        "name = \"win-back\"\nsentence = \"best_late\"\npromise = \"unannounced\"\nchannel = \"email\"\n\
         action = \"Coffee\"\ncost_per_contact = \"2000\"\ncost_per_use = \"5000\"\nhold_out = 0.3\n{more}"
    );
    parse("plan.toml", &text, vnd()).unwrap()
}

/// Order days and margin between two days.
fn between(history: &History<'_>, from: Date, until: Date) -> (f64, f64) {
    let mut days: Vec<Date> = Vec::new();
    let mut margin = 0;
    for line in history.lines.iter().filter(|line| line.at.date() >= from && line.at.date() < until) {
        margin += line.total_minor - line.cost_minor;
        if days.last() != Some(&line.at.date()) {
            days.push(line.at.date());
        }
    }
    (days.len() as f64, margin as f64)
}

/// One campaign on one world: its units, and what the lift of each metric truly was over all of its people.
fn campaign(seed: u64, people: u32, lift: f64, days: u32) -> (Vec<Unit>, [f64; 2]) {
    let process = Process::ModifiedBetaGeometric { a: 0.7, b: 6.0 };
    let world = World::new(Config::plain(people, WEEKS, seed, process)).unwrap();
    let start = (WEEKS * 7) - DAYS;
    let day = |number: u32| crate::act::days_after(world.config().start, i64::from(number));
    let action = Action { from_day: start, days: DAYS, lift };
    let ids: Vec<(Id, usize)> =
        (0..people).map(|n| (Id::from_body(Kind::Customer, u128::from(n) + 1), 0)).collect();
    let salt = *blake3::hash(&seed.to_be_bytes()).as_bytes();
    let parts = crate::act::deal_for_tests(&salt, &ids, 0.3);
    let mut truth = [0.0; 2];
    let units = (0..people)
        .map(|number| {
            let (untouched, acted) = (world.history(number), world.acted_history(number, &action));
            let after = |history: &History<'_>| between(history, day(start), day(start + days));
            let (plain, with) = (after(&untouched), after(&acted));
            truth[0] += (with.1 - plain.1) / f64::from(people);
            truth[1] += (with.0 - plain.0) / f64::from(people);
            let is_contact = parts[number as usize] == 1;
            let (orders, margin) = if is_contact { with } else { plain };
            let (orders_before, margin_before) = between(&untouched, day(start - 84), day(start));
            let person = Person { orders, margin, orders_before, margin_before };
            let cost = if is_contact { 2_000.0 + 5_000.0 * f64::from(u8::from(orders > 0.0)) } else { 0.0 };
            Unit { is_contact, tier: u8::from(orders_before > 2.0) + 1, person, cost }
        })
        .collect();
    (units, truth)
}

fn frame(units: &[Unit]) -> Frame {
    let contact = units.iter().filter(|unit| unit.is_contact).count() as u64;
    let people = People { contact, held_out: units.len() as u64 - contact, ..People::default() };
    Frame {
        shop: Some("Corner".into()),
        currency: vnd(),
        decimals: 0,
        from: date(2026, 1, 5),
        until: date(2026, 2, 2),
        is_complete: true,
        people,
        planned_variance: 0.0,
        break_even: 5_000.0,
    }
}

fn read(more: &str, units: &[Unit]) -> Measured {
    measure(&plan(more), &frame(units), units).unwrap()
}

const RUNS: u64 = 500;

#[test]
fn five_hundred_campaigns_recover_the_planted_lift_as_often_as_they_say() {
    let runs: Vec<(Measured, [f64; 2])> = (0..RUNS)
        .into_par_iter()
        .map(|seed| {
            let (units, truth) = campaign(1_000 + seed, 240, 0.6, DAYS);
            (read("", &units), truth)
        })
        .collect();
    for (at, metric) in [Metric::Margin, Metric::Orders].into_iter().enumerate() {
        let truth = runs.iter().map(|(_, truth)| truth[at]).sum::<f64>() / RUNS as f64;
        let found: Vec<_> = runs
            .iter()
            .map(|(read, _)| read.effects.iter().find(|one| one.metric == metric).unwrap())
            .collect();
        let covered = found.iter().filter(|one| one.lift.low <= truth && truth <= one.lift.high).count();
        let mean = found.iter().map(|one| one.lift.value).sum::<f64>() / RUNS as f64;
        let error = found.iter().map(|one| one.standard_error).sum::<f64>() / RUNS as f64;
        // 95 % of 500 is 475, with a standard deviation of 5; three of them to each side.
        println!("{metric:?}: truth {truth:.3}, mean {mean:.3}, covered {covered} of {RUNS}");
        assert!((460..=490).contains(&covered), "{metric:?}: {covered} of {RUNS}");
        assert!((mean - truth).abs() < 4.0 * error / (RUNS as f64).sqrt(), "{metric:?}: {mean} for {truth}");
    }
}

#[test]
fn a_campaign_that_does_nothing_finds_nothing() {
    let found = (0..RUNS).into_par_iter().filter(|seed| {
        let (units, _) = campaign(9_000 + seed, 160, 0.0, DAYS);
        read("", &units).effects[0].is_detected
    });
    let found = found.count();
    // 5 % of 500 is 25, with a standard deviation of 5.
    println!("nothing planted: found {found} of {RUNS}");
    assert!(found <= 40, "{found} of {RUNS}");
}

#[test]
fn a_sequence_looked_at_every_week_still_finds_nothing_where_nothing_is() {
    let (once, often) = (plan(""), plan("reading = \"sequence\""));
    let found = (0..300u64).into_par_iter().filter(|seed| {
        let end = campaign(20_000 + seed, 160, 0.0, DAYS).0;
        let fixed = measure(&once, &frame(&end), &end).unwrap();
        // Planned from the spread of the end, as the sizing does from the past.
        let planned = fixed.effects[0].standard_error.powi(2);
        [7, 14, 21, 28].into_iter().any(|days| {
            let (units, _) = campaign(20_000 + seed, 160, 0.0, days);
            let frame = Frame { planned_variance: planned, is_complete: days == DAYS, ..frame(&units) };
            measure(&often, &frame, &units).is_ok_and(|read| read.effects[0].is_detected)
        })
    });
    let found = found.count();
    // At most 5 % of 300 is 15, with a standard deviation of 4.
    println!("four looks at nothing: found {found} of 300");
    assert!(found <= 27, "{found} of 300");
}

#[test]
fn a_large_lift_is_kept_and_a_leak_is_not_trusted() {
    let (units, truth) = campaign(3, 900, 1.5, DAYS);
    let found = read("", &units);
    assert!(found.effects[0].is_detected && found.draw.is_sound);
    assert!((found.effects[0].lift.value - truth[0]).abs() < 4.0 * found.effects[0].standard_error);
    assert_eq!((found.decision.verdict, found.decision.reason), (Verdict::Keep, Reason::Pays));
    let money = found.money.as_ref().unwrap();
    assert!(money.profit.low > 0.0 && money.profit.value < money.margin.value);
    assert_eq!(money.roi.as_ref().unwrap().kind, "between");
    assert_eq!(found.tiers.len(), 2);

    let leaked = Frame { people: People { leaked: 12, ..frame(&units).people }, ..frame(&units) };
    let found = measure(&plan(""), &leaked, &units).unwrap();
    assert_eq!((found.decision.verdict, found.decision.reason), (Verdict::Change, Reason::Leaked));

    let missing = measure(&plan(""), &frame(&units), &units[..700]).unwrap();
    assert_eq!(missing.decision.reason, Reason::DrawBroken);
}

#[test]
fn nothing_told_says_how_many_would_be_needed() {
    let (units, _) = campaign(4, 160, 0.05, DAYS);
    let found = read("", &units);
    assert!(!found.effects[0].is_detected);
    assert!(found.effects[0].needed.unwrap() > 160);
    assert!(found.decision.verdict != Verdict::Keep);
}

#[test]
fn every_page_is_rendered_in_every_language() {
    let assets = Assets::open(None).unwrap();
    let mut pages: Vec<Measured> = Vec::new();
    for (lift, more) in [
        (1.5, ""),
        (1.5, "metric = \"orders\""),
        (1.5, "metric = \"bought\""),
        (0.0, ""),
        (0.0, "reading = \"sequence\""),
    ] {
        let (units, _) = campaign(3, 600, lift, DAYS);
        pages.push(read(more, &units));
    }
    pages.push(rolled_out(1.0).1);
    for reason in [
        Reason::DrawBroken,
        Reason::Leaked,
        Reason::DoesNotPay,
        Reason::LiftButUnclear,
        Reason::Harms,
        Reason::TooEarly,
        Reason::NotAlike,
        Reason::CannotBeTold,
        Reason::RolloutWorks,
    ] {
        let mut one = pages[0].clone();
        one.decision.reason = reason;
        one.people.sent = Some(3);
        one.is_complete = false;
        for kind in ["outside", "at_least", "at_most", "anything"] {
            one.money.as_mut().unwrap().roi.as_mut().unwrap().kind = kind.to_owned();
        }
        pages.push(one);
    }
    for outcome in
        ["sent", "failed", "answered", "reached", "no_answer", "will_come", "declined", "opted_out"]
    {
        let ordered = if outcome == "failed" { 0 } else { 3 };
        pages[0].followed.push(Came {
            outcome: outcome.to_owned(),
            people: 9,
            ordered,
            total_minor: 120_000 * ordered as i64,
            median_days: (ordered > 0).then_some(4),
        });
    }
    for (lang, words) in [
        (Lang::En, ["Left alone, by lot", "brought between", "Of them, ordered afterwards"]),
        (Lang::Vi, ["Để yên, do rút thăm", "mang lại từ", "Trong đó, có mua sau đó"]),
        (Lang::Zh, ["抽签后不打扰", "它带来了", "其中随后下单"]),
    ] {
        let first = page::render(&pages[0], &assets, lang).unwrap();
        assert!(words.iter().all(|word| first.contains(word)), "{first}");
        for one in &pages {
            let text = page::render(one, &assets, lang).unwrap();
            assert!(text.contains("</html>") && !text.contains("NaN") && !text.contains("{ $"));
            assert!(page::headline(one, &assets, lang).unwrap().lines().count() == 2);
        }
    }
}

/// Answers `campaign.outcomes` from rows made beforehand.
struct Given(Batch);

impl Insights for Given {
    fn provide(&self, _: &str, _: Batch) -> Result<(), Failure> {
        Ok(())
    }
    fn run(&self, _: &str) -> Result<Batch, Failure> {
        Ok(self.0.clone())
    }
    fn keep(&self, _: &str) -> Result<u64, Failure> {
        Ok(0)
    }
}

/// A promise to all that starts in three waves of stores; `lift` orders more a person and week from then on.
fn rolled_out(lift: f64) -> (rollout::RolledOut, Measured) {
    let waves: Vec<String> = (0..3)
        .map(|wave| {
            let stores: Vec<String> = (0..8).map(|store| format!("\"s{}\"", wave * 8 + store)).collect();
            format!("{{ on = 2026-01-{:02}, stores = [{}] }}", 5 + 7 * wave, stores.join(", "))
        })
        .collect();
    let text = format!(
        "name = \"all\"\nsegment = \"all\"\npromise = \"public\"\nchannel = \"till\"\naction = \"Refill\"\n\
         cost_per_contact = \"0\"\nmetric = \"orders\"\nbefore_days = 28\ndays = 14\n[rollout]\nby = \"store\"\nwaves = [{}]",
        waves.join(", ")
    );
    let plan = parse("p", &text, vnd()).unwrap();
    let rule = plan.rollout.clone().unwrap();
    let periods = plan.periods(&rule);
    let (mut people, mut rows): (Vec<Promised>, Vec<(i64, String, i64)>) = (Vec::new(), Vec::new());
    for store in 0..32usize {
        let wave = (store < 24).then_some(store / 8);
        for person in 0..40usize {
            let id = Id::from_body(Kind::Customer, (store * 1_000 + person) as u128);
            people.push(Promised { customer: id, wave, store: Some(format!("s{store}")) });
            for (at, period) in periods.iter().enumerate() {
                let has_it = wave.is_some_and(|wave| period.0 >= rule.waves[wave].on);
                // Weather of the week, a habit of the store, and dice that a hash throws.
                let dice = blake3::hash(format!("{store} {person} {at}").as_bytes()).as_bytes()[0];
                let base = at as i64 % 3 + store as i64 % 4 + i64::from(dice % 3);
                let more =
                    if has_it { lift as i64 + i64::from(f64::from(dice) < 256.0 * lift.fract()) } else { 0 };
                rows.push((at as i64, id.to_string(), base + more));
            }
        }
    }
    let batch = Batch::new(vec![
        Column::ints("number", rows.iter().map(|row| Some(row.0))),
        Column::texts("customer_id", rows.iter().map(|row| Some(row.1.as_str()))),
        Column::ints("orders", rows.iter().map(|row| Some(row.2))),
        Column::ints("margin_minor", rows.iter().map(|row| Some(row.2 * 100))),
    ]);
    let outcomes = Outcomes::read(&Given(batch), &periods).unwrap();
    let found = rollout::measure(&plan, &rule, &people, &periods, &outcomes).unwrap();
    let (units, _) = campaign(3, 600, 0.5, DAYS);
    let mut measured = read("metric = \"orders\"", &units);
    measured.effects.truncate(1);
    measured.effects[0].lift = found.overall;
    measured.money = None;
    measured.decision = decide::of_rollout(&found, true);
    measured.rollout = Some(found.clone());
    (found, measured)
}

#[test]
fn a_public_promise_is_measured_by_who_has_it_later() {
    let (found, measured) = rolled_out(1.0);
    assert!((found.overall.value - 1.0).abs() < 0.05, "{:?}", found.overall);
    assert!(found.is_detected && found.was_alike && !found.has_few_units);
    assert_eq!((found.units, found.people, found.period_days), (32, 1_280, 7));
    assert_eq!(measured.decision.reason, Reason::RolloutWorks);
    let (nothing, _) = rolled_out(0.0);
    assert!(nothing.overall.low < 0.0 && nothing.overall.high > 0.0, "{:?}", nothing.overall);
}
