//! Deciding on planted truth: what offers really do to the customers of a world is known, so a policy's true worth is.

#[expect(dead_code, reason = "shared with the tests of measuring, which name a column")]
mod trial;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use stats::allocation::{Offers, Rules, allocate};
use stats::policy::context::{EffectPrior, Reading, effects};
use stats::policy::explore::{draw, inverse_gap};
use stats::policy::gate::{Bound, Objective, Settings, judge, worth};
use stats::policy::off_policy::{self, Estimator, Log, evaluate};
use stats::policy::{Refused, sequence::Plan};
use stats::table::Table;
use stats::uplift::{self, Learner, best_linear_predictor, fit};
use trial::{Customers, mean};

/// Served scores are held against what was planted, so that nothing but the score can be wrong: in every world the
/// true effect rises by 0.7 to 1.3 when the score rises by one, and the average is right.
#[test]
fn the_slope_of_true_effects_on_served_scores_is_near_one_in_every_world() {
    let (mut slopes, mut raw) = (Vec::new(), Vec::new());
    for seed in 0..5 {
        let customers = Customers::new(26_000, 100 + seed);
        let seen = 20_000;
        let trial = customers.experiment(2, 1, seed as u32);
        let learnt = trial.take(&(0..seen).collect::<Vec<_>>()).unwrap();
        let served = fit(&learnt, &Learner::usual(true), &uplift::Settings { folds: 5, seed }).unwrap();
        let fresh = customers.table().take(&(seen..customers.len()).collect::<Vec<_>>());
        let slope = |scores: Table| {
            let scores: Vec<f64> = scores.iter().map(|row| row[0]).collect();
            let line =
                best_linear_predictor(&scores, &customers.effect[seen..], &vec![0; scores.len()]).unwrap();
            line.slope.unwrap()
        };
        slopes.push(slope(served.effects(&fresh).unwrap()));
        raw.push(slope(served.effects.of(&fresh).unwrap()));
        let line = &served.calibration[0].line;
        let planted = mean(customers.effect.iter().copied());
        assert!((line.average - planted).abs() < 4.0 * line.average_error, "{line:?}, planted {planted}");
    }
    println!("served {slopes:.3?}, raw {raw:.3?}");
    assert!(slopes.iter().all(|slope| (0.7..=1.3).contains(slope)), "{slopes:?}");
}

/// An offer that pays for some and not for others: the gate opens, what it says the policy gains is what the planted
/// effects say, and no uniform action earns as much.
#[test]
fn the_gate_opens_where_the_offer_pays_for_some_and_its_gain_is_true() {
    let customers = Customers::new(20_000, 7);
    let trial = customers.experiment(2, 1, 1);
    let objective = Objective { value: 1.0, costs: vec![0.0, mean(customers.effect.iter().copied())] };
    let planned = Bound::Sequence(Plan { alpha: 0.05, planned_rows: 20_000.0 });
    let verdict = judge(&trial, &objective, &Settings { bound: planned, ..Settings::default() }).unwrap();
    assert!(verdict.is_open, "{verdict:?}");
    let served = fit(&trial, &Learner::usual(true), &uplift::Settings::default()).unwrap();
    let gives: Vec<bool> =
        worth(&served, &customers.table(), &objective).unwrap().iter().map(|row| row[1] > row[0]).collect();
    let net = |customer: usize| customers.effect[customer] - objective.costs[1];
    let truth = mean((0..customers.len()).map(|i| if gives[i] { net(i) } else { 0.0 }));
    let found = verdict.gains[0];
    assert!((found.gain - truth).abs() < 4.0 * found.standard_error, "{found:?}, planted {truth}");
    assert!(truth > 0.01, "{truth}");
}

/// Two wordings of one offer, as the ratios of a matching gift: neither is better for anybody, and the gate says so.
#[test]
fn the_gate_stays_shut_between_two_wordings_of_one_offer() {
    let customers = Customers::new(6_000, 8);
    for occasion in 0..25 {
        let trial = customers.experiment(2, 0, occasion);
        let verdict = judge(&trial, &Objective::outcome(2), &Settings::default()).unwrap();
        assert!(!verdict.is_open, "{verdict:?}");
    }
}

/// More orders at a loss: the offer sells and costs more than it brings, so nothing is to be given to all.
#[test]
fn an_offer_that_sells_at_a_loss_is_not_given() {
    let customers = Customers::new(12_000, 9);
    let trial = customers.experiment(2, 1, 3);
    let means = uplift::cross_fit_means(&trial, &uplift::Base::linear(true), 5, 1).unwrap();
    let lift = uplift::average_effects(&uplift::aipw(&trial, &means).unwrap())[0];
    assert!(lift.effect > 3.0 * lift.standard_error, "it sells: {lift:?}");
    // An order brings 20,000 and the offer costs 9,000 each time: even the most persuadable bring 6,000.
    let objective = Objective { value: 20_000.0, costs: vec![0.0, 9_000.0] };
    let verdict = judge(&trial, &objective, &Settings::default()).unwrap();
    assert!(!verdict.is_open && verdict.best_uniform == 0, "{verdict:?}");
}

/// A log of decisions by inverse-gap weighting on the share of discounts, judged for the opposite policy.
struct Logged {
    action: Vec<usize>,
    reward: Vec<f64>,
    logged: Table,
    policy: Table,
    /// What the policy would truly earn.
    worth: f64,
}

fn logged(customers: &Customers, gamma: f64, occasion: u32) -> Logged {
    let mut random = Pcg64Mcg::seed_from_u64(u64::from(occasion));
    let (mut action, mut reward, mut logged, mut policy) = (vec![], vec![], vec![], vec![]);
    let mut worth = 0.0;
    for (customer, seen) in customers.table().iter().enumerate() {
        let p = inverse_gap(&[0.1, seen[1]], gamma).unwrap();
        let drawn = draw(&p, random.random()).unwrap().action;
        action.push(drawn);
        reward.push(customers.orders(customer, occasion, drawn == 1));
        let judged = if seen[1] > 0.05 { [0.2, 0.8] } else { [0.9, 0.1] };
        worth += customers.base[customer] + judged[1] * customers.effect[customer];
        logged.extend(p);
        policy.extend(judged);
    }
    let table = |values| Table::new(2, values).unwrap();
    let worth = worth / customers.len() as f64;
    Logged { action, reward, logged: table(logged), policy: table(policy), worth }
}

/// Nine in ten intervals at 95 % must hold the truth in forty logs; exact coverage would be 38, and below 34 is a
/// chance of one in a hundred.
#[test]
fn off_policy_intervals_hold_what_the_policy_would_earn() {
    let customers = Customers::new(5_000, 10);
    let estimators = [Estimator::Ips, Estimator::Snips, Estimator::Dr];
    let mut held = [0; 3];
    let expected = Table::new(2, [0.25, 0.35].repeat(customers.len())).unwrap();
    for occasion in 0..40 {
        let Logged { action, reward, logged, policy, worth } = logged(&customers, 4.0, occasion);
        let log = Log::new(&action, &reward, &logged, &policy).unwrap().expecting(&expected).unwrap();
        let settings = off_policy::Settings { replicates: 300, ..off_policy::Settings::default() };
        let found = evaluate(&log, &estimators, &settings).unwrap();
        for (held, one) in held.iter_mut().zip(&found.estimates) {
            *held += usize::from((one.low..=one.high).contains(&worth));
        }
    }
    assert!(held.iter().all(|held| *held >= 34), "{held:?} of 40");
}

/// A log that hardly explored is refused, as the women's campaign of ZOZO must be: its few rows that resemble the
/// policy would say anything.
#[test]
fn a_log_that_hardly_explored_is_refused() {
    let customers = Customers::new(3_000, 11);
    let Logged { action, reward, logged, policy, .. } = logged(&customers, 20_000.0, 1);
    let log = Log::new(&action, &reward, &logged, &policy).unwrap();
    let refused = evaluate(&log, &[Estimator::Snips], &off_policy::Settings::default()).unwrap_err();
    assert!(
        matches!(refused, Refused::FewEffective { .. } | Refused::WrongProbabilities { .. }),
        "{refused}"
    );
}

/// A budget for a fifth of the customers: those served by price truly order more than as many drawn in any order, and
/// the budget holds to the unit.
#[test]
fn a_budget_goes_to_those_whom_the_offer_truly_moves() {
    let customers = Customers::new(16_000, 12);
    let half = customers.len() / 2;
    let trial = customers.experiment(2, 1, 5).take(&(0..half).collect::<Vec<_>>()).unwrap();
    let served = fit(&trial, &Learner::usual(true), &uplift::Settings::default()).unwrap();
    let fresh = customers.table().take(&(half..customers.len()).collect::<Vec<_>>());
    let value: Vec<f64> = served.effects(&fresh).unwrap().iter().map(|row| 30_000.0 * row[0]).collect();
    let cost = vec![2_000; half];
    let budget = 2_000 * half as i64 / 5 + 999;
    let found = allocate(&Offers::even(1, 1, value, cost).unwrap(), &Rules::budget(budget)).unwrap();
    let left = i128::from(budget) - found.plan.uses[0];
    assert!((0..2_000).contains(&left), "{left} left over");
    let effect = &customers.effect[half..];
    let gains = mean(found.chosen.iter().zip(effect).filter(|(offer, _)| offer.is_some()).map(|(_, e)| *e));
    let all = mean(effect.iter().copied());
    assert!(gains > 1.5 * all, "served {gains}, everybody {all}");
}

/// Small experiments in many segments: drawn towards each other they are nearer the truth than by themselves, and the
/// truth lies where they say.
#[test]
fn segments_learn_from_each_other() {
    let prior = EffectPrior { mean: 0.05, deviation: 0.1, between: 0.05 };
    let (mut alone, mut together, mut held, mut all) = (0.0, 0.0, 0, 0);
    for seed in 0..8 {
        let customers = Customers::new(9_000, 200 + seed);
        // Segments by how often customers order: thirty of three hundred each.
        let mut order: Vec<usize> = (0..customers.len()).collect();
        order.sort_by(|a, b| {
            customers.features[a * trial::COLUMNS].total_cmp(&customers.features[b * trial::COLUMNS])
        });
        let (mut readings, mut planted) = (Vec::new(), Vec::new());
        for (segment, members) in order.chunks(300).enumerate() {
            let arm = |offer: bool| -> (f64, f64) {
                let rows = members.iter().skip(usize::from(offer)).step_by(2);
                let orders: Vec<f64> = rows.map(|customer| customers.orders(*customer, 9, offer)).collect();
                let share = mean(orders.iter().copied());
                (share, share * (1.0 - share) / orders.len() as f64)
            };
            let ((without, its), (with, theirs)) = (arm(false), arm(true));
            readings.push(Reading { segment, effect: with - without, standard_error: (its + theirs).sqrt() });
            planted.push(mean(members.iter().map(|customer| customers.effect[*customer])));
        }
        let found = effects(&prior, planted.len(), &readings).unwrap();
        for ((one, reading), truth) in found.segments.iter().zip(&readings).zip(&planted) {
            alone += (reading.effect - truth).powi(2);
            together += (one.mean - truth).powi(2);
            held += usize::from((one.mean - truth).abs() <= 1.96 * one.deviation);
            all += 1;
        }
    }
    assert!(together < 0.6 * alone, "squared errors {together} and {alone}");
    assert!(held as f64 >= 0.9 * f64::from(all), "{held} of {all}");
}
