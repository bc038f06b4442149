//! Measuring on planted truth: experiments, markets and roll-outs in a world whose effects are known.

#[expect(dead_code, reason = "shared with the tests of deciding, which learn from trials")]
mod trial;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use stats::experiment::arm::Arm;
use stats::experiment::cuped::adjust;
use stats::experiment::effect::{Scale, compare};
use stats::experiment::fieller::Set;
use stats::experiment::geo;
use stats::experiment::moments::Moments;
use stats::experiment::plan::Plan;
use stats::experiment::roi::incremental_return;
use stats::experiment::staggered::{By, Controls, Panel, group_time};
use stats::experiment::synthetic::{Setting, placebo};
use trial::{Customers, mean};
use world::{Config, World};

/// Two arms of a world's customers, drawn anew each time.
fn arms(customers: &Customers, occasion: u32) -> [Vec<usize>; 2] {
    let mut random = Pcg64Mcg::seed_from_u64(u64::from(occasion));
    let drawn: Vec<bool> = (0..customers.len()).map(|_| random.random()).collect();
    [false, true].map(|arm| (0..customers.len()).filter(|customer| drawn[*customer] == arm).collect())
}

/// What the offer does on average is found at its rate by Welch's interval, and a covariate from before the start
/// narrows it without moving it.
#[test]
fn effects_planted_in_a_world_lie_in_their_intervals() {
    let customers = Customers::new(6_000, 21);
    let planted = mean(customers.effect.iter().copied());
    let (mut plain, mut adjusted, mut ratio) = (0, 0, 0.0);
    let times = 400;
    for occasion in 0..times {
        let [control, treatment] = arms(&customers, occasion);
        let both = |rows: &[usize], offer: bool| {
            let orders: Vec<f64> = rows.iter().map(|row| customers.orders(*row, occasion, offer)).collect();
            let before: Vec<f64> =
                rows.iter().map(|row| customers.features[row * trial::COLUMNS + trial::CAME]).collect();
            Moments::from_columns([&orders, &before]).unwrap()
        };
        let (control, treatment) = (both(&control, false), both(&treatment, true));
        let plan = Plan::completed(0.95).unwrap();
        let found = adjust(&control, &treatment).unwrap();
        let cuped = plan.judge(&found.effect(Scale::Absolute).unwrap()).unwrap();
        let arm = |both: &Moments<2>| {
            let orders = (both.means[0] * both.count as f64).round();
            Arm::proportion(orders as u64, both.count).unwrap()
        };
        let welch = plan.judge(&compare(&arm(&control), &arm(&treatment), Scale::Absolute).unwrap()).unwrap();
        plain += usize::from(welch.interval.low <= planted && planted <= welch.interval.high);
        adjusted += usize::from(cuped.interval.low <= planted && planted <= cuped.interval.high);
        ratio += found.variance_ratio / f64::from(times);
    }
    // Customers are the same each time and only draws differ, so intervals for a population hold at least as often as
    // 380 times of 400; fewer than 366 is a chance of one in a thousand.
    assert!(plain >= 366 && adjusted >= 366, "{plain} and {adjusted} of 400");
    assert!(ratio < 0.85, "what customers did before says something: {ratio}");
}

/// Nothing against nothing, looked at ten times: Welch at each look cries wolf, the sequence does not.
#[test]
fn looking_every_day_at_nothing_finds_nothing_by_a_sequence() {
    let customers = Customers::new(4_000, 22);
    let (mut naive, mut sequence) = (0, 0);
    let times = 100;
    for occasion in 0..times {
        let [control, treatment] = arms(&customers, 1_000 + occasion);
        let draw = |rows: &[usize]| -> Vec<f64> {
            rows.iter().map(|row| customers.orders(*row, 1_000 + occasion, false)).collect()
        };
        let (control, treatment) = (draw(&control), draw(&treatment));
        let found = |plan: Plan| {
            (1..=10).any(|look| {
                let arm = |orders: &[f64]| {
                    let rows = orders.len() * look / 10;
                    Arm::proportion(orders[..rows].iter().sum::<f64>() as u64, rows as u64).unwrap()
                };
                let effect = compare(&arm(&control), &arm(&treatment), Scale::Absolute).unwrap();
                plan.judge(&effect).unwrap().is_detected
            })
        };
        naive += usize::from(found(Plan::completed(0.95).unwrap()));
        sequence += usize::from(found(Plan::sequence(0.95, 4_000).unwrap()));
    }
    assert!(naive >= 10, "{naive} of 100 by peeking");
    assert!(sequence <= 5, "{sequence} of 100 by the sequence");
}

/// An offer that costs more than it brings: orders rise, the return is below zero and its set says so.
#[test]
fn the_return_of_an_offer_that_sells_at_a_loss_is_negative() {
    let customers = Customers::new(12_000, 23);
    let [control, treatment] = arms(&customers, 5);
    let both = |rows: &[usize], offer: bool| {
        let margin: Vec<f64> = rows.iter().map(|row| 20_000.0 * customers.orders(*row, 5, offer)).collect();
        let cost: Vec<f64> =
            margin.iter().map(|margin| if offer && *margin > 0.0 { 9_000.0 } else { 0.0 }).collect();
        Moments::from_columns([&margin, &cost]).unwrap()
    };
    let found = incremental_return(&both(&control, false), &both(&treatment, true), 0.95).unwrap();
    let planted = 20_000.0 * mean(customers.effect.iter().copied());
    assert!(found.margin > 0.0 && (found.margin - planted).abs() < 700.0, "{found:?}, planted {planted}");
    let Set::Between { high, .. } = found.roi_set else { panic!("{found:?}") };
    assert!(found.roi < 0.0 && high < 0.0, "{found:?}");
}

/// Sales of each store by week.
fn weekly(stores: u32, seed: u64) -> Vec<Vec<f64>> {
    let config = Config { stores, joining_weeks: 10, ..Config::corner_shop(seed) };
    let world = World::new(Config { customers: 400 * stores, weeks: 60, ..config }).unwrap();
    let place = |code: &str| world.stores().iter().position(|store| store.code == code).unwrap();
    let mut sales = vec![vec![0.0; 60]; stores as usize];
    for line in world.histories().flat_map(|history| history.lines) {
        let week = line.at.date().since(world.config().start).unwrap().get_days() / 7;
        sales[place(line.store)][week as usize] += line.total_minor as f64;
    }
    sales.iter_mut().for_each(|series| series.drain(..16).for_each(drop));
    sales
}

fn lifted(series: &[f64], from: usize, lift: f64) -> Vec<f64> {
    series
        .iter()
        .enumerate()
        .map(|(week, sold)| if week < from { *sold } else { sold * (1.0 + lift) })
        .collect()
}

/// A lift of a fifth in two of twelve stores is found by the geo test and by a synthetic control, and no lift is not.
#[test]
fn a_lift_planted_in_stores_is_found() {
    let sales = weekly(12, 24);
    let test = |lift: f64| {
        let series: Vec<Vec<f64>> = sales
            .iter()
            .enumerate()
            .map(|(store, s)| if store < 2 { lifted(s, 32, lift) } else { s.clone() })
            .collect();
        let markets: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
        let placebo = placebo(markets[0], &markets[2..], Setting { before: 32, is_centred: true }).unwrap();
        (geo::measure(&markets, &[0, 1], 32, 0.9).unwrap(), placebo)
    };
    let (found, placebo) = test(0.2);
    let planted = mean(sales[..2].iter().flat_map(|series| series[32..].iter().map(|sold| 0.2 * sold)));
    assert!(found.p_value < 0.1 && (found.lift - 0.2).abs() < 0.08, "{found:?}");
    assert!(found.interval.low <= planted && planted <= found.interval.high, "{planted} {found:?}");
    assert!(placebo.p_value <= 0.2, "{}", placebo.p_value);
    let (nothing, _) = test(0.0);
    assert!(nothing.p_value > 0.1 && nothing.lift.abs() < 0.08, "{nothing:?}");
}

/// Stores start one after the other: difference in differences finds what was planted, and nothing before the start.
#[test]
fn a_roll_out_by_stores_finds_what_was_planted() {
    let sales = weekly(24, 25);
    let months = |series: &[f64]| -> Vec<f64> {
        series.chunks_exact(4).map(|four| four.iter().sum::<f64>() / 1e6).collect()
    };
    let starts = [None, Some(4), Some(6), Some(8)];
    let (mut outcomes, mut first, mut planted) = (Vec::new(), Vec::new(), Vec::new());
    for (store, series) in sales.iter().enumerate() {
        let start: Option<usize> = starts[store % 4];
        let before = months(series);
        let after = start.map_or(before.clone(), |start| lifted(&before, start, 0.15));
        if let Some(start) = start {
            planted.extend(after[start..].iter().zip(&before[start..]).map(|(after, before)| after - before));
        }
        outcomes.extend(after);
        first.push(start);
    }
    let panel = Panel { periods: 11, outcomes: &outcomes, first_treated: &first, clusters: None };
    let found = group_time(&panel, Controls::NeverTreated).unwrap();
    let all = found.averages(By::All)[0];
    let planted = mean(planted);
    assert!((all.effect - planted).abs() < 3.0 * all.standard_error, "{all:?}, planted {planted}");
    assert!(all.effect > 2.0 * all.standard_error, "{all:?}");
    let before = found.averages(By::Age).into_iter().filter(|average| average.key < 0);
    let strange = before.filter(|average| average.effect.abs() > 3.5 * average.standard_error).count();
    assert_eq!(strange, 0, "no effect before the start");
}
