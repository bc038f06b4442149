//! What is planted is found again by the project's own estimators.

use std::collections::BTreeMap;

use stats::accuracy::{area_under_curve, spearman};
use stats::affinity::{Rules, affinity};
use stats::baskets::Baskets;
use stats::cadence::{self, Habit, Population, cadence};
use stats::lifetime::fit::{Family, fit};
use stats::lifetime::history::History as Repeats;
use stats::lifetime::model::Model;
use world::{Config, History, PLANTED_PAIRS, Process, ResponseKind, World};

/// Days of a history from the start, one per order.
fn order_days(world: &World, history: &History) -> Vec<i32> {
    let mut last = None;
    history
        .lines
        .iter()
        .filter(|line| last.replace(&line.order_id) != Some(&line.order_id))
        .map(|line| line.at.date().since(world.config().start).unwrap().get_days())
        .collect()
}

/// Frequency, recency and age in weeks, from the exact moments: rounding to days would hide a second order on one.
fn summary(world: &World) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let end = f64::from(world.config().days());
    let (mut frequency, mut recency, mut age) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..world.config().customers {
        let moments = world.order_moments(number);
        let (first, last) = (moments[0], moments[moments.len() - 1]);
        frequency.push(moments.len() as f64 - 1.0);
        recency.push((last - first) / 7.0);
        age.push((end - first) / 7.0);
    }
    (frequency, recency, age)
}

/// Fits a family to a planted process and compares the estimates with what was planted, by their standard errors.
fn check(process: Process, family: Family, planted: [f64; 4]) {
    let config = Config { rate_shape: 0.6, rate_weeks: 6.0, ..Config::plain(20_000, 78, 11, process) };
    let world = World::new(config).unwrap();
    let (frequency, recency, age) = summary(&world);
    let found = fit(family, &Repeats::new(&frequency, &recency, &age)).unwrap();
    for (estimate, planted) in found.estimates.iter().zip(planted) {
        let error = estimate.standard_error.unwrap();
        assert!((estimate.value - planted).abs() < 3.0 * error, "{estimate:?}, planted {planted}");
        assert!(error < 0.35 * planted, "{estimate:?} says nothing about {planted}");
    }
}

#[test]
fn planted_bg_nbd_is_found() {
    check(Process::BetaGeometric { a: 0.8, b: 2.5 }, Family::BG_NBD, [0.6, 6.0, 0.8, 2.5]);
}

#[test]
fn planted_mbg_nbd_is_found() {
    check(Process::ModifiedBetaGeometric { a: 0.8, b: 2.5 }, Family::MBG_NBD, [0.6, 6.0, 0.8, 2.5]);
}

#[test]
fn planted_pareto_nbd_is_found() {
    check(Process::Pareto { s: 0.6, beta: 12.0 }, Family::PARETO_NBD, [0.6, 6.0, 0.6, 12.0]);
}

#[test]
fn the_model_ranks_the_planted_future() {
    let config = Config::plain(4_000, 78, 12, Process::ModifiedBetaGeometric { a: 0.8, b: 4.0 });
    let world = World::new(config).unwrap();
    let (frequency, recency, age) = summary(&world);
    let model: Model = fit(Family::MBG_NBD, &Repeats::new(&frequency, &recency, &age)).unwrap().model;
    let expected: Vec<f64> =
        (0..frequency.len()).map(|i| model.expected_orders(frequency[i], recency[i], age[i], 52.0)).collect();
    let future: Vec<f64> = world.truths().map(|truth| f64::from(truth.future_orders)).collect();
    let (sum_expected, sum_future): (f64, f64) = (expected.iter().sum(), future.iter().sum());
    assert!((sum_expected / sum_future - 1.0).abs() < 0.1, "expected {sum_expected}, came {sum_future}");
    assert!(spearman(&expected, &future).unwrap().unwrap() > 0.6);
}

#[test]
fn order_values_are_gamma_gamma_on_average() {
    let world = World::new(Config { customers: 3_000, ..Config::corner_shop(13) }).unwrap();
    let (mut paid, mut orders, mut ratio) = (0.0, 0.0, Vec::new());
    for number in 0..3_000 {
        let history = world.history(number);
        let full: f64 = history.lines.iter().map(|l| (l.unit_price_minor * l.quantity) as f64).sum();
        let count = order_days(&world, &history).len() as f64;
        if count >= 20.0 {
            ratio.push(full / count / history.truth.unwrap().mean_spend);
        }
        paid += full;
        orders += count;
    }
    let mean = paid / orders / world.config().spend.mean();
    assert!((0.9..1.2).contains(&mean), "mean order over planted {mean}");
    let median = stats::describe::median(&ratio).unwrap();
    assert!((0.9..1.2).contains(&median), "median customer over planted {median}");
}

#[test]
fn planted_pairs_lead_the_affinities() {
    let world = World::new(Config { customers: 3_000, ..Config::corner_shop(14) }).unwrap();
    let number: BTreeMap<&str, u32> =
        world.products().iter().enumerate().map(|(i, product)| (product.key.as_str(), i as u32)).collect();
    let mut baskets = Baskets::new();
    for history in world.histories() {
        for order in history.lines.chunk_by(|a, b| a.order_id == b.order_id) {
            let products: Vec<u32> = order.iter().map(|line| number[line.product]).collect();
            baskets.push(&products).unwrap();
        }
    }
    let found = affinity(&baskets, &Rules::default()).unwrap();
    let leading: Vec<(u32, u32)> =
        found.pairs.iter().take(10).map(|pair| (pair.first, pair.second)).collect();
    for (first, second) in PLANTED_PAIRS {
        let (a, b) = (number[first], number[second]);
        let pair = (a.min(b), a.max(b));
        let lift = found.pairs.iter().find(|p| (p.first, p.second) == pair).map(|p| (p.lift, p.lift_low));
        assert!(lift.is_some_and(|(_, low)| low > 1.5), "{first} and {second}: {lift:?}");
    }
    let planted = PLANTED_PAIRS.map(|(a, b)| (number[a].min(number[b]), number[a].max(number[b])));
    assert!(planted.iter().filter(|pair| leading.contains(pair)).count() >= 4, "{leading:?}");
}

#[test]
fn lateness_tells_the_departed_from_the_staying() {
    let world = World::new(Config::corner_shop(15)).unwrap();
    let today = world.config().days() as i32 - 1;
    let (mut habits, mut has_left) = (Vec::new(), Vec::new());
    for number in 0..world.config().customers {
        let history = world.history(number);
        habits.push(Habit::new(&order_days(&world, &history)).unwrap());
        has_left.push(history.truth.unwrap().alive_until.is_some());
    }
    let population = Population::new(&habits).unwrap();
    let lateness: Vec<f64> = habits
        .iter()
        .map(|habit| cadence(habit, &population, &cadence::Rules::default(), today).unwrap().lateness)
        .collect();
    let area = area_under_curve(&lateness, &has_left).unwrap().unwrap();
    assert!(area > 0.8, "area under the curve {area}");
}

#[test]
fn regularity_is_in_the_gaps() {
    let spread = |regularity: f64| {
        let config = Config { regularity, ..Config::plain(400, 300, 16, Process::Never) };
        let world = World::new(Config { rate_shape: 50.0, rate_weeks: 100.0, ..config }).unwrap();
        let mut gaps = Vec::new();
        for number in 0..400 {
            let days = order_days(&world, &world.history(number));
            gaps.extend(days.windows(2).map(|pair| f64::from(pair[1] - pair[0])));
        }
        stats::describe::standard_deviation(&gaps) / stats::describe::mean(&gaps)
    };
    // Erlang-k gaps have a coefficient of variation of 1/√k; rates differ a little, which widens it.
    assert!((spread(1.0) - 1.0).abs() < 0.06 && (spread(4.0) - 0.52).abs() < 0.04);
}

#[test]
fn the_week_before_the_lunar_new_year_sells_most() {
    let world = World::new(Config { customers: 4_000, ..Config::corner_shop(17) }).unwrap();
    let mut weeks: BTreeMap<i32, u32> = BTreeMap::new();
    for history in world.histories() {
        for day in order_days(&world, &history) {
            *weeks.entry(day / 7).or_default() += 1;
        }
    }
    // 20 to 26 January 2025 is week 29 from 1 July 2024; the year began on the 29th.
    let around: Vec<u32> = (25..35).map(|week| weeks[&week]).collect();
    assert_eq!(around.iter().max(), Some(&weeks[&29]), "{around:?}");
    assert!(f64::from(weeks[&29]) > 1.3 * f64::from(weeks[&25]), "{around:?}");
}

#[test]
fn nothing_against_nothing_is_nothing_and_offers_do_what_was_planted() {
    let world = World::new(Config { customers: 20_000, ..Config::corner_shop(18) }).unwrap();
    let (mut with, mut without, mut planted) = (0.0, 0.0, 0.0);
    let mut by_kind: BTreeMap<ResponseKind, (f64, f64)> = BTreeMap::new();
    for (number, truth) in world.truths().enumerate() {
        let number = number as u32;
        assert_eq!(world.responds(number, 1, false), world.responds(number, 1, false));
        let answer = |with_offer| f64::from(u8::from(world.responds(number, 1, with_offer)));
        with += answer(true);
        without += answer(false);
        planted += truth.offer_effect;
        let sum = by_kind.entry(truth.response).or_default();
        sum.0 += answer(true) - answer(false);
        sum.1 += 1.0;
    }
    let (found, planted) = ((with - without) / 20_000.0, planted / 20_000.0);
    assert!((found - planted).abs() < 0.01, "found {found}, planted {planted}");
    let effect = |kind| by_kind[&kind].0 / by_kind[&kind].1;
    assert!(effect(ResponseKind::Persuadable) > 0.2 && effect(ResponseKind::DoNotDisturb) < -0.15);
    assert!(by_kind.values().all(|(_, customers)| *customers > 1_000.0), "{by_kind:?}");
}
