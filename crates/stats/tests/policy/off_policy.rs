//! Estimates find what a policy would have earned, and refuse what cannot be told.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use stats::policy::Refused;
use stats::policy::explore::{draw, epsilon_greedy, softmax};
use stats::policy::off_policy::{Estimator, Log, Settings, coverage, estimate, evaluate};
use stats::table::Table;

const ALL: [Estimator; 8] = [
    Estimator::Ips,
    Estimator::ClippedIps { limit: 50.0 },
    Estimator::Snips,
    Estimator::Dm,
    Estimator::Dr,
    Estimator::Sndr,
    Estimator::SwitchDr { limit: 50.0 },
    Estimator::Dros { limit: 1e4 },
];

/// Logs of a cautious policy, a keener one to judge, and the truth.
struct Planted {
    actions: Vec<usize>,
    rewards: Vec<f64>,
    logged: Table,
    keen: Table,
    /// The chance of a reward of each action, in truth.
    chances: Table,
    customers: Vec<usize>,
    value: f64,
}

/// Each customer decides `visits` times with the same luck: their rows resemble each other.
fn planted(customers: usize, visits: usize, seed: u64) -> Planted {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let (mut actions, mut rewards, mut who) = (vec![], vec![], vec![]);
    let (mut logged, mut keen, mut chances) = (vec![], vec![], vec![]);
    let mut value = 0.0;
    for customer in 0..customers {
        let (taste, luck) = (random.random::<f64>(), random.random::<f64>() - 0.5);
        for _ in 0..visits {
            let chance = [0.15, 0.10 + 0.25 * taste, 0.35 - 0.25 * taste].map(|c| c + 0.15 * luck);
            let behaviour = softmax(&[0.2, 0.4, 0.1], 0.5).unwrap();
            let policy = epsilon_greedy(&chance, 0.1).unwrap();
            let action = draw(&behaviour, random.random()).unwrap().action;
            value += policy.iter().zip(chance).map(|(p, c)| p * c).sum::<f64>();
            actions.push(action);
            rewards.push(f64::from(u8::from(random.random::<f64>() < chance[action])));
            who.push(customer);
            logged.extend(behaviour);
            keen.extend(policy);
            chances.extend(chance);
        }
    }
    let table = |values| Table::new(3, values).unwrap();
    let value = value / actions.len() as f64;
    let (logged, keen, chances) = (table(logged), table(keen), table(chances));
    Planted { actions, rewards, logged, keen, chances, customers: who, value }
}

impl Planted {
    fn log(&self) -> Log<'_> {
        let log = Log::new(&self.actions, &self.rewards, &self.logged, &self.keen).unwrap();
        log.expecting(&self.chances).unwrap().clustered(&self.customers).unwrap()
    }
}

#[test]
fn every_estimator_finds_the_planted_value() {
    let planted = planted(5_000, 4, 1);
    let found = evaluate(&planted.log(), &ALL, &Settings { replicates: 300, ..Settings::default() }).unwrap();
    for estimate in &found.estimates {
        let off = (estimate.value - planted.value).abs();
        assert!(off < 4.0 * estimate.standard_error.max(1e-4), "{estimate:?} {}", planted.value);
        assert!(estimate.low < estimate.value && estimate.value < estimate.high);
    }
    assert!((found.coverage.mean_weight - 1.0).abs() < 0.03);
    assert!(found.logged_value < planted.value, "the keener policy earns more");
    let error = |place: usize| found.estimates[place].standard_error;
    assert!(error(4) < error(0), "a model that is right makes DR surer than IPS");
}

#[test]
fn intervals_by_customer_cover_nineteen_of_twenty() {
    let settings = Settings { replicates: 200, ..Settings::default() };
    let estimators = [Estimator::Ips, Estimator::Snips, Estimator::Dr];
    let (mut covered, mut refused) = ([0; 3], 0);
    for seed in 0..200 {
        let planted = planted(400, 4, 100 + seed);
        // The mean weight of a right log lies beyond three errors once in some hundred logs.
        let Ok(found) = evaluate(&planted.log(), &estimators, &settings) else {
            refused += 1;
            continue;
        };
        for (covered, estimate) in covered.iter_mut().zip(&found.estimates) {
            *covered += usize::from(estimate.low < planted.value && planted.value < estimate.high);
        }
    }
    assert!(refused <= 4, "{refused} of 200");
    // 19 of 20 expected; four binomial standard deviations are 12.
    let least = 178 - refused;
    assert!(covered.iter().all(|covered| (least..=200).contains(covered)), "{covered:?} of 200");
}

#[test]
fn wrong_probabilities_missing_support_and_small_samples_are_refused() {
    let planted = planted(2_000, 1, 3);
    let rows = planted.actions.len();
    let settings = Settings { replicates: 50, ..Settings::default() };
    let judge = |logged: &Table, policy: &Table| {
        let log = Log::new(&planted.actions, &planted.rewards, logged, policy).unwrap();
        evaluate(&log, &[Estimator::Ips], &settings)
    };
    // A writer that logs 1/n whatever was drawn from.
    let even = Table::new(3, vec![1.0 / 3.0; 3 * rows]).unwrap();
    let first = Table::new(3, [1.0, 0.0, 0.0].repeat(rows)).unwrap();
    assert!(matches!(judge(&even, &first), Err(Refused::WrongProbabilities { .. })));
    assert!(judge(&planted.logged, &first).is_ok());
    let mut never = planted.logged.by_column();
    let row = planted.actions.iter().position(|action| *action != 2).unwrap();
    let mut values: Vec<f64> = planted.logged.iter().flatten().copied().collect();
    values[3 * row..3 * row + 3].copy_from_slice(&[0.5, 0.5, 0.0]);
    let unsupported = Table::new(3, values).unwrap();
    let refused = judge(&unsupported, &planted.keen).unwrap_err();
    assert_eq!(refused, Refused::NoSupport { action: 2, row, rows: 1 });
    never.truncate(3 * 100);
    let part = Table::new(3, planted.logged.iter().take(100).flatten().copied().collect()).unwrap();
    let log = Log::new(&planted.actions[..100], &planted.rewards[..100], &part, &part).unwrap();
    assert!(matches!(evaluate(&log, &[Estimator::Ips], &settings), Err(Refused::FewEffective { .. })));
}

#[test]
fn logs_that_contradict_themselves_are_refused() {
    let even = Table::new(2, vec![0.5; 4]).unwrap();
    let sure = Table::new(2, vec![1.0, 0.0, 1.0, 0.0]).unwrap();
    let odd = Table::new(2, vec![0.5, 0.6, 0.5, 0.5]).unwrap();
    let wide = Table::new(4, vec![0.25; 8]).unwrap();
    let log =
        |actions: &[usize], rewards: &[f64], logged, policy| Log::new(actions, rewards, logged, policy).err();
    assert_eq!(
        log(&[0, 1], &[1.0, 0.0], &sure, &even),
        Some(Refused::ImpossibleAction { row: 1, action: 1 })
    );
    assert!(matches!(log(&[0, 1], &[1.0, 0.0], &even, &odd), Some(Refused::NotProbabilities { row: 0, .. })));
    assert!(matches!(log(&[0, 2], &[1.0, 0.0], &even, &even), Some(Refused::UnknownAction { row: 1, .. })));
    assert!(log(&[0, 1], &[1.0, f64::NAN], &even, &even).is_some());
    assert!(log(&[0], &[1.0], &even, &even).is_some() && log(&[], &[], &even, &even).is_some());
    assert!(log(&[0, 1], &[1.0, 0.0], &even, &wide).is_some());
    let (actions, rewards) = ([0, 1], [1.0, 0.0]);
    let good = Log::new(&actions, &rewards, &even, &sure).unwrap();
    assert!(matches!(estimate(&good, &Estimator::Dr), Err(Refused::NoRewardModel { estimator: "DR" })));
    assert!(good.clone().expecting(&wide).is_err() && good.clone().clustered(&[1]).is_err());
    assert!(estimate(&good, &Estimator::ClippedIps { limit: f64::NAN }).is_err());
}

proptest! {
    #[test]
    fn estimators_agree_where_they_must(
        rows in prop::collection::vec((0..3usize, 0.0..5.0f64, 0.1..1.0f64, 0.1..1.0f64, 0.1..1.0f64), 1..40),
        factor in 0.5..20.0f64,
    ) {
        let actions: Vec<usize> = rows.iter().map(|row| row.0).collect();
        let rewards: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let probabilities = |turn: usize| {
            let values = rows.iter().flat_map(|row| {
                let raw = [row.2, row.3, row.4];
                let sum: f64 = raw.iter().sum();
                (0..3).map(move |place| raw[(place + turn) % 3] / sum)
            });
            Table::new(3, values.collect()).unwrap()
        };
        let (logged, policy) = (probabilities(0), probabilities(1));
        let nothing = Table::new(3, vec![0.0; 3 * rows.len()]).unwrap();
        let log = Log::new(&actions, &rewards, &logged, &policy).unwrap().expecting(&nothing).unwrap();
        let of = |log: &Log, estimator| estimate(log, &estimator).unwrap();
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * a.abs().max(1.0);
        // A model that expects nothing leaves weighting alone; extreme limits leave one or the other.
        prop_assert!(near(of(&log, Estimator::Dr), of(&log, Estimator::Ips)));
        prop_assert!(near(of(&log, Estimator::Sndr), of(&log, Estimator::Snips)));
        let [all, none] = [f64::INFINITY, 0.0].map(|limit| of(&log, Estimator::Dros { limit }));
        prop_assert!(near(all, of(&log, Estimator::Dr)));
        prop_assert!(near(none, of(&log, Estimator::Dm)));
        let limit = 1e12;
        let switched = of(&log, Estimator::SwitchDr { limit });
        let clipped = of(&log, Estimator::ClippedIps { limit });
        prop_assert!(near(switched, of(&log, Estimator::Dr)));
        prop_assert!(near(clipped, of(&log, Estimator::Ips)));
        // Units of the reward carry through; the same policy earns what it earned.
        let scaled: Vec<f64> = rewards.iter().map(|reward| factor * reward).collect();
        let in_cents = Log::new(&actions, &scaled, &logged, &policy).unwrap();
        prop_assert!(near(factor * of(&log, Estimator::Snips), of(&in_cents, Estimator::Snips)));
        let same = Log::new(&actions, &rewards, &logged, &logged).unwrap();
        prop_assert!(near(of(&same, Estimator::Ips), stats::describe::mean(&rewards)));
        prop_assert!(near(coverage(&same).unwrap().effective_sample, rows.len() as f64));
    }
}
