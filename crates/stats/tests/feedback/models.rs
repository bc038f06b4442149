//! MaxDiff, conjoint and key drivers.

use super::data::{cars, catholic_swiss, swiss};
use super::scores::near;
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;
use stats::feedback::*;
use stats::table::Table;

/// R's bwsTools 1.2: closed form of Lipovetsky and Conklin (2014).
#[test]
fn maxdiff_of_lipovetsky_conklin_2014() {
    let of = |shown, best, worst| Counts { shown, best, worst };
    let found = closed_form(&[of(7_145, 1_733, 1_324), of(100, 40, 10)]).unwrap();
    near(found[0].utility, 0.115, 5e-4);
    near(found[0].standard_error, 0.017, 5e-4);
    near(found[0].utility, 0.11461, 5e-6);
    near(found[1].utility, 0.619, 5e-4);
    near(found[1].standard_error, 0.148, 5e-4);
    assert_eq!(found[1].score, 0.3);
    near(found.iter().map(|item| item.share).sum(), 1.0, 1e-12);
    assert!(closed_form(&[of(10, 6, 5)]).is_err() && closed_form(&[of(0, 0, 0)]).is_err());
    assert!(closed_form(&[of(10, 10, 0)]).is_err());
}

fn tasks(utilities: &[f64], people: u32, seed: u64) -> Vec<Task> {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut tasks = Vec::new();
    for respondent in 0..people {
        for _ in 0..12 {
            let mut items: Vec<u32> = (0..utilities.len() as u32).collect();
            items.shuffle(&mut random);
            items.truncate(4);
            let pick = |among: &[u32], sign: f64, draw: f64| {
                let weights: Vec<f64> = among.iter().map(|i| (sign * utilities[*i as usize]).exp()).collect();
                let mut left = draw * weights.iter().sum::<f64>();
                let found = among.iter().zip(weights).find(|(_, w)| {
                    left -= w;
                    left < 0.0
                });
                found.map_or(among[0], |(item, _)| *item)
            };
            let best = pick(&items, 1.0, random.random());
            let rest: Vec<u32> = items.iter().copied().filter(|item| *item != best).collect();
            let worst = pick(&rest, -1.0, random.random());
            tasks.push(Task { respondent, items, best, worst });
        }
    }
    tasks
}

#[test]
fn planted_preferences_are_ranked_and_predicted() {
    let truth = [1.5, 0.8, 0.3, 0.0, -0.4, -0.9, -1.3];
    let tasks = tasks(&truth, 200, 3);
    let group = closed_form(&count(&tasks, 7).unwrap()).unwrap();
    assert!(group.windows(2).all(|pair| pair[0].utility > pair[1].utility));
    let people = individual(&tasks, 7, 1.0, 0.1).unwrap();
    assert_eq!(people.len(), 200);
    let mean = people.iter().map(|person| person.root_likelihood).sum::<f64>() / 200.0;
    assert!(mean > 0.3, "root likelihood {mean}; guessing gives a quarter");
    near(root_likelihood(&tasks, &[0.0; 7]).unwrap(), 0.25, 1e-12);
    // More weight on the group draws people together (bwsTools tests the same).
    let spread = |alpha: f64| {
        let people = individual(&tasks, 7, alpha, 0.1).unwrap();
        let first: Vec<f64> = people.iter().map(|person| person.utilities[0]).collect();
        let mean = first.iter().sum::<f64>() / 200.0;
        first.iter().map(|u| (u - mean).powi(2)).sum::<f64>()
    };
    assert!(spread(10.0) < spread(1.0) && spread(1.0) < spread(0.1));
    assert!(design(&tasks, 7).unwrap().missing_pairs.is_empty());
}

/// p' = (own + alpha × group) / (1 + alpha), with own 1 replaced by 1 − edge: by hand.
#[test]
fn individual_utilities_by_hand() {
    let task = |respondent, best, worst| Task { respondent, items: vec![0, 1, 2], best, worst };
    let people = individual(&[task(0, 0, 2), task(1, 1, 2), task(2, 2, 0)], 3, 1.0, 0.1).unwrap();
    // Item 0: shown 3, best once, worst once: group ½. Person 0 always best: 0.9. (0.9 + 0.5) / 2 = 0.7.
    near(people[0].utilities[0], (0.7_f64 / 0.3).ln(), 1e-12);
    // Person 1 picked it neither way: ½.
    near(people[1].utilities[0], 0.0, 1e-12);
    assert!(count(&[Task { respondent: 0, items: vec![0, 0], best: 0, worst: 0 }], 2).is_err());
    assert!(count(&[Task { respondent: 0, items: vec![0, 1], best: 0, worst: 2 }], 3).is_err());
    let uneven =
        design(&[task(0, 0, 1), Task { respondent: 0, items: vec![0, 3], best: 0, worst: 3 }], 4).unwrap();
    assert_eq!((uneven.block, uneven.shown, uneven.is_balanced), (None, (1, 2), false));
    assert_eq!(uneven.missing_pairs, [(1, 3), (2, 3)]);
}

/// Two alternatives, one attribute: the logit is ln(k / (n − k)) with standard error √(1/k + 1/(n − k)).
#[test]
fn conjoint_of_a_single_attribute_is_the_log_odds() {
    let (n, k) = (200, 130);
    let table = Table::new(1, [1.0, 0.0].repeat(n)).unwrap();
    let chosen = (0..n).map(|set| usize::from(set >= k)).collect();
    let found = conjoint(&Choices::new(table, &vec![2; n], chosen).unwrap()).unwrap();
    near(found.coefficients[0], (130.0_f64 / 70.0).ln(), 1e-9);
    near(found.standard_errors[0], (1.0_f64 / 130.0 + 1.0 / 70.0).sqrt(), 1e-9);
    near(found.null_log_likelihood, -200.0 * 2.0_f64.ln(), 1e-9);
    near(found.log_likelihood, 130.0 * 0.65_f64.ln() + 70.0 * 0.35_f64.ln(), 1e-9);
}

/// Constants alone reproduce the shares chosen (McFadden 1974).
#[test]
fn conjoint_constants_reproduce_the_shares() {
    let counts: [f64; 4] = [402.0, 29.0, 229.0, 340.0];
    let table =
        Table::new(3, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0; 3]].concat().repeat(1_000));
    let chosen = (0..4).flat_map(|j| vec![j; counts[j] as usize]).collect();
    let found = conjoint(&Choices::new(table.unwrap(), &[4; 1_000], chosen).unwrap()).unwrap();
    for j in 0..3 {
        near(found.coefficients[j], (counts[j] / counts[3]).ln(), 1e-9);
        near(found.standard_errors[j], (1.0 / counts[j] + 1.0 / counts[3]).sqrt(), 1e-9);
    }
    let alternatives =
        Table::new(3, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0; 3]].concat()).unwrap();
    let shares = shares(&found.coefficients, &alternatives).unwrap();
    shares.iter().zip(counts).for_each(|(share, count)| near(*share, count / 1_000.0, 1e-9));
}

/// Choices drawn from the coefficients fitted to the yogurt data of R's logitr: truth within three standard
/// errors, and the worth of attributes in money (1.34 per feature there).
#[test]
fn planted_conjoint_is_recovered() {
    let truth = [-0.366_584, 0.491_433, -3.7156, -0.641_184];
    let mut random = Pcg64Mcg::seed_from_u64(11);
    let (mut rows, mut chosen) = (Vec::new(), Vec::new());
    for _ in 0..4_000 {
        let mut utilities = Vec::new();
        for brand in 0..3 {
            let row = [
                2.0 + 10.0 * random.random::<f64>(),
                f64::from(u8::from(random.random::<f64>() < 0.2)),
                f64::from(u8::from(brand == 1)),
                f64::from(u8::from(brand == 2)),
            ];
            let gumbel = -(-random.random::<f64>().ln()).ln();
            utilities.push(row.iter().zip(truth).map(|(x, b)| x * b).sum::<f64>() + gumbel);
            rows.extend(row);
        }
        chosen.push((0..3).max_by(|a, b| utilities[*a].total_cmp(&utilities[*b])).unwrap());
    }
    let found = conjoint(&Choices::new(Table::new(4, rows).unwrap(), &[3; 4_000], chosen).unwrap()).unwrap();
    for ((b, error), planted) in found.coefficients.iter().zip(&found.standard_errors).zip(truth) {
        assert!((b - planted).abs() < 3.0 * error, "{found:?}");
    }
    let worth = found.willingness_to_pay(0, 0.99).unwrap();
    assert_eq!(worth.len(), 3);
    assert!(worth[0].attribute == 1 && worth[0].worth.low < 1.34057 && 1.34057 < worth[0].worth.high);
    assert!(worth[1].worth.low < -10.1357 && -10.1357 < worth[1].worth.high);
    assert!(found.willingness_to_pay(9, 0.95).is_err() && found.willingness_to_pay(1, 0.95).is_err());
}

#[test]
fn conjoint_refuses_what_has_no_answer() {
    let of = |columns, values: Vec<f64>, chosen: Vec<usize>| {
        let sets = chosen.len();
        conjoint(&Choices::new(Table::new(columns, values).unwrap(), &vec![2; sets], chosen).unwrap())
    };
    // Always the cheaper: price decides, its coefficient has no end.
    assert!(of(1, [1.0, 2.0].repeat(30), vec![0; 30]).is_err());
    // The attribute does not differ within sets; the two columns are the same.
    assert!(of(1, vec![1.0; 60], (0..30).map(|i| i % 2).collect()).is_err());
    assert!(of(2, [1.0, 1.0, 2.0, 2.0].repeat(30), (0..30).map(|i| i % 2).collect()).is_err());
    let table = || Table::new(1, vec![1.0, 2.0]).unwrap();
    assert!(Choices::new(table(), &[1, 1], vec![0, 0]).is_err());
    assert!(Choices::new(table(), &[2], vec![2]).is_err());
    assert!(Choices::new(table(), &[3], vec![0]).is_err());
    assert!(shares(&[f64::NAN], &table()).is_err() && shares(&[1.0, 2.0], &table()).is_err());
}

/// R's relaimpo 2.2-7 on `swiss`.
#[test]
fn lmg_of_relaimpo() {
    let (table, outcome) = swiss();
    let found = drivers(&table, &outcome, 1).unwrap();
    near(found.r_squared, 0.706735, 5e-7);
    let lmg = [0.0570912, 0.1711730, 0.2601347, 0.1055702, 0.1127659];
    let last = [0.0428696, 0.0073874, 0.1619627, 0.0623726, 0.0569453];
    let first = [0.1246649, 0.4171645, 0.4406156, 0.2150035, 0.1735189];
    for (j, driver) in found.drivers.iter().enumerate() {
        near(driver.lmg, lmg[j], 1e-7);
        near(driver.last, last[j], 1e-7);
        near(driver.first, first[j], 1e-7);
    }
    near(found.drivers[0].pratt, -0.110486, 1e-6);
    let (table, outcome) = catholic_swiss();
    let found = drivers(&table, &outcome, 1).unwrap();
    near(found.r_squared, 0.809344, 5e-7);
    let lmg = [0.1148658, 0.1719006, 0.3050803, 0.3149432, 0.0932100];
    // relaimpo prints shares of R² here (rela = TRUE).
    found.drivers.iter().zip(lmg).for_each(|(driver, share)| near(driver.lmg / found.r_squared, share, 1e-6));
}

/// R's relaimpo and rwa on `mtcars`.
#[test]
fn relative_weights_of_rwa() {
    let (table, outcome) = cars();
    let found = drivers(&table, &outcome, 1).unwrap();
    near(found.r_squared, 0.7791896, 5e-8);
    let lmg = [0.2470520, 0.2434996, 0.2109129, 0.0777251];
    let johnson = [0.2284797, 0.2221469, 0.2321744, 0.0963886];
    for (j, driver) in found.drivers.iter().enumerate() {
        near(driver.lmg, lmg[j], 1e-7);
        near(driver.johnson, johnson[j], 1e-7);
    }
    let intervals = bootstrap_drivers(&table, &outcome, 200, 0.9, 5).unwrap();
    for (driver, interval) in found.drivers.iter().zip(&intervals) {
        assert!(interval.lmg.0 < driver.lmg && driver.lmg < interval.lmg.1, "{interval:?}");
    }
    assert_eq!(intervals, bootstrap_drivers(&table, &outcome, 200, 0.9, 5).unwrap());
}

/// Beyond fifteen drivers orders are sampled: the sum is exact all the same, and the planted order of size is
/// found.
#[test]
fn sampled_orders_sum_to_r_squared() {
    let mut random = Pcg64Mcg::seed_from_u64(2);
    let (rows, columns) = (800, 17);
    let mut values = Vec::new();
    let mut outcome = Vec::new();
    for _ in 0..rows {
        let row: Vec<f64> = (0..columns).map(|_| random.random::<f64>()).collect();
        outcome.push(3.0 * row[0] + 1.5 * row[1] + random.random::<f64>());
        values.extend(row);
    }
    let found = drivers(&Table::new(columns, values).unwrap(), &outcome, 4).unwrap();
    assert!(found.is_sampled);
    near(found.drivers.iter().map(|driver| driver.lmg).sum(), found.r_squared, 1e-9);
    assert!(found.drivers[0].lmg > found.drivers[1].lmg);
    assert!(found.drivers[2..].iter().all(|driver| driver.lmg < 0.02));
}

#[test]
fn drivers_that_cannot_be_told_apart_are_refused() {
    let table = Table::new(2, (0..20).flat_map(|i| [f64::from(i), 2.0 * f64::from(i)]).collect()).unwrap();
    let outcome: Vec<f64> = (0..20).map(|i| f64::from(i % 7)).collect();
    assert!(drivers(&table, &outcome, 1).is_err());
    let table = Table::new(2, (0..20).flat_map(|i| [f64::from(i), 0.1]).collect()).unwrap();
    assert!(drivers(&table, &outcome, 1).is_err());
    assert!(drivers(&Table::new(2, vec![1.0, 2.0, 3.0, 5.0]).unwrap(), &[1.0, 2.0], 1).is_err());
}
