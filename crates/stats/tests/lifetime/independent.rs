//! The same numbers by other roads: brute integration over customers' hidden rates, sums over counts, bounds.

use crate::cdnow;
use crate::simulate::{Truth, simulate};
use stats::lifetime::coin::{Coin, Dropout};
use stats::lifetime::contract::Contract;
use stats::lifetime::fit::{Family, fit, fit_regularity, log_likelihood};
use stats::lifetime::history::{History, group};
use stats::lifetime::model::Model;
use stats::lifetime::split::split;
use stats::lifetime::value::{Season, Terms, continuous_rate, lifetime_value, newcomer_value};
use stats::special::ln_gamma;

/// ∫∫ f over the density of a gamma variate and of a second hidden variate, by the trapezoid rule in logarithms. `power`
/// is the power of the gamma variate that f falls with towards zero.
fn mean_over_hidden(first: (f64, f64), power: f64, second: Hidden, f: impl Fn(f64, f64) -> f64) -> f64 {
    const N: usize = 700;
    let gamma_at = |(shape, rate): (f64, f64), y: f64| {
        (shape * (rate.ln() + y) - rate * y.exp() - ln_gamma(shape)).exp()
    };
    let axis = |(shape, rate): (f64, f64), power: f64| {
        let (low, high) =
            (-38.0 / (shape + power) - rate.ln(), ((shape + 60.0 + 14.0 * shape.sqrt()) / rate).ln());
        (low, (high - low) / N as f64)
    };
    let (low, step) = axis(first, power);
    let mut sum = 0.0;
    for i in 0..=N {
        let y = low + step * i as f64;
        let density = gamma_at(first, y) * step;
        if density < 1e-300 {
            continue;
        }
        sum += density
            * match second {
                Hidden::Rate(shape, rate) => {
                    let (low2, step2) = axis((shape, rate), 0.0);
                    (0..=N)
                        .map(|j| low2 + step2 * j as f64)
                        .map(|z| gamma_at((shape, rate), z) * step2 * f(y.exp(), z.exp()))
                        .sum::<f64>()
                }
                Hidden::Chance(a, b) => {
                    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
                    let (low2, high2) = (-38.0 / a, 38.0 / b);
                    let step2 = (high2 - low2) / N as f64;
                    (0..=N)
                        .map(|j| low2 + step2 * j as f64)
                        .map(|z| {
                            let p = 1.0 / (1.0 + (-z).exp());
                            let ln = -a * (-z).exp().ln_1p() - b * z.exp().ln_1p() - ln_beta;
                            ln.exp() * step2 * f(y.exp(), p)
                        })
                        .sum::<f64>()
                }
            };
    }
    sum
}

#[derive(Clone, Copy)]
enum Hidden {
    Rate(f64, f64),
    Chance(f64, f64),
}

const CUSTOMERS: [(f64, f64, f64); 6] = [
    (0.0, 0.0, 20.0),
    (1.0, 0.5, 30.0),
    (2.0, 0.43, 42.9),
    (3.0, 25.0, 39.0),
    (12.0, 20.0, 21.0),
    (40.0, 30.0, 39.0),
];

#[test]
fn likelihoods_equal_integrals_over_hidden_rates() {
    for (x, tx, age) in CUSTOMERS {
        let column = [[x], [tx], [age]];
        let history = History::new(&column[0], &column[1], &column[2]);
        for (r, alpha, s, beta) in [(0.55, 10.6, 0.61, 11.7), (2.0, 3.0, 1.5, 40.0), (0.3, 30.0, 0.9, 0.5)] {
            let by_hand = mean_over_hidden((r, alpha), x, Hidden::Rate(s, beta), |rate, death| {
                let sum = rate + death;
                ((x * rate.ln() - sum * tx).exp() * death + (x * rate.ln() - sum * age).exp() * rate) / sum
            });
            let model = Model::from_parts("pareto-nbd", &[r, alpha, s, beta]).unwrap();
            let ours = log_likelihood(&model, &history).unwrap();
            assert!((ours - by_hand.ln()).abs() < 1e-7, "{model:?} {x} {tx} {age}: {ours} {}", by_hand.ln());
        }
        for dropout in [Dropout::AfterRepeats, Dropout::AfterAll] {
            for regularity in [1, 2, 4] {
                let k = f64::from(regularity);
                let (r, alpha, a, b) = (0.6, 7.0 / k, 0.8, 2.2);
                let survivals = if dropout == Dropout::AfterAll { x + 1.0 } else { x };
                let by_hand = mean_over_hidden((r, alpha), k * x, Hidden::Chance(a, b), |rate, leave| {
                    let gap = rate * (age - tx);
                    let here: f64 = (0..regularity)
                        .scan(1.0, |term, j| {
                            let now = *term;
                            *term *= gap / f64::from(j + 1);
                            Some(now)
                        })
                        .sum();
                    let orders = k * x * rate.ln();
                    let stay = (survivals * (-leave).ln_1p() + orders - rate * age).exp() * here;
                    let left = if survivals > 0.0 {
                        ((survivals - 1.0) * (-leave).ln_1p() + orders - rate * tx).exp() * leave
                    } else {
                        0.0
                    };
                    stay + left
                });
                let model = Model::Coin(Coin { dropout, regularity, r, alpha, a, b });
                let ours = log_likelihood(&model, &history).unwrap();
                assert!(
                    (ours - by_hand.ln()).abs() < 1e-7,
                    "{model:?} {x} {tx} {age}: {ours} {}",
                    by_hand.ln()
                );
            }
        }
    }
}

/// Parameters of Pareto/NBD, a customer, and the log-likelihood by adaptive quadrature with thirty digits (mpmath).
const EXTREMES: [([f64; 4], [f64; 3], f64); 24] = [
    ([0.55315, 10.5763, 0.60625, 11.6715], [0.0, 0.0, 39.0], -0.52162350158154),
    ([0.55315, 10.5763, 0.60625, 11.6715], [2.0, 0.43, 42.9], -6.67121069379449),
    ([0.55315, 10.5763, 0.60625, 11.6715], [1.0, 0.01, 500.0], -4.27138517598035),
    ([0.55315, 10.5763, 0.60625, 11.6715], [26.0, 30.857, 31.0], -39.1303147979664),
    ([0.55315, 10.5763, 0.60625, 11.6715], [260.0, 20.0, 300.0], 289.965420186782),
    ([0.55315, 10.5763, 0.60625, 11.6715], [400.0, 5.0, 6.0], 892.055496531392),
    ([0.05, 0.02, 0.03, 200.0], [0.0, 0.0, 39.0], -0.378512332975225),
    ([0.05, 0.02, 0.03, 200.0], [2.0, 0.43, 42.9], -10.3094123072401),
    ([0.05, 0.02, 0.03, 200.0], [1.0, 0.01, 500.0], -9.1293981406893),
    ([0.05, 0.02, 0.03, 200.0], [26.0, 30.857, 31.0], -34.4753600003777),
    ([0.05, 0.02, 0.03, 200.0], [260.0, 20.0, 300.0], 390.265809728691),
    ([0.05, 0.02, 0.03, 200.0], [400.0, 5.0, 6.0], 1332.98559313423),
    ([3.0, 500.0, 40.0, 0.1], [0.0, 0.0, 39.0], -1.53844098461554e-05),
    ([3.0, 500.0, 40.0, 0.1], [2.0, 0.43, 42.9], -76.657016288618),
    ([3.0, 500.0, 40.0, 0.1], [1.0, 0.01, 500.0], -8.9285055643798),
    ([3.0, 500.0, 40.0, 0.1], [26.0, 30.857, 31.0], -325.534368156782),
    ([3.0, 500.0, 40.0, 0.1], [260.0, 20.0, 300.0], -638.559181614207),
    ([3.0, 500.0, 40.0, 0.1], [400.0, 5.0, 6.0], -635.427248652408),
    ([10.465, 0.00799, 3.0516, 2.82], [0.0, 0.0, 39.0], -6.99959058651511),
    ([10.465, 0.00799, 3.0516, 2.82], [2.0, 0.43, 42.9], -39.2743592557381),
    ([10.465, 0.00799, 3.0516, 2.82], [1.0, 0.01, 500.0], -8.43178599419197),
    ([10.465, 0.00799, 3.0516, 2.82], [26.0, 30.857, 31.0], -103.399217918921),
    ([10.465, 0.00799, 3.0516, 2.82], [260.0, 20.0, 300.0], 356.540565306468),
    ([10.465, 0.00799, 3.0516, 2.82], [400.0, 5.0, 6.0], 1323.19427208912),
];

#[test]
fn pareto_likelihoods_of_extreme_customers_match_thirty_digit_quadrature() {
    for ([r, alpha, s, beta], [x, tx, age], known) in EXTREMES {
        let column = [[x], [tx], [age]];
        let history = History::new(&column[0], &column[1], &column[2]);
        let model = Model::from_parts("pareto-nbd", &[r, alpha, s, beta]).unwrap();
        let ours = log_likelihood(&model, &history).unwrap();
        assert!(
            (ours - known).abs() < 1e-10 * (1.0 + known.abs()),
            "{model:?} {x} {tx} {age}: {ours} {known}"
        );
    }
}

#[test]
fn splitting_the_orders_gives_the_histories_of_the_papers() {
    let c = cdnow::sample();
    let (customer, time): (Vec<u32>, Vec<f64>) = c.orders.iter().copied().unzip();
    let split = split(&customer, &time, 272.0 / 7.0, 272.0 / 7.0 + 39.0).unwrap();
    assert_eq!(split.frequency, c.frequency);
    assert_eq!(split.later, c.later);
    for (ours, theirs) in [(&split.recency, &c.recency), (&split.age, &c.age), (&split.first_order, &c.born)]
    {
        assert!(ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1e-9));
    }
    let regular = fit_regularity(Dropout::AfterAll, &split.history(), 3).unwrap();
    assert_eq!(regular[0].model.name(), "mbg-nbd", "music is bought at random times");
}

fn models() -> Vec<Model> {
    let parts: [(&str, &[f64]); 13] = [
        ("nbd", &[0.385, 12.07]),
        ("bg-nbd", &[0.2426, 4.4136, 0.7929, 2.4259]),
        ("bg-nbd", &[0.9, 4.0, 1.0, 3.0]),
        ("bg-nbd", &[12.0, 40.0, 0.2, 0.3]),
        ("mbg-nbd", &[0.525, 6.18, 0.891, 1.614]),
        ("mbg-nbd", &[1.3, 6.18, 60.0, 900.0]),
        ("pareto-nbd", &[0.553, 10.58, 0.606, 11.67]),
        ("pareto-nbd", &[1.5, 10.0, 1.0, 30.0]),
        ("cnbd-k", &[2.0, 0.5, 5.0]),
        ("bg-cnbd-k", &[3.0, 0.9, 2.0, 0.6, 3.0]),
        ("mbg-cnbd-k", &[2.0, 1.4, 3.0, 0.5, 2.0]),
        ("mbg-cnbd-k", &[5.0, 2.4, 1.0, 30.0, 400.0]),
        ("bg-bb", &[1.2, 0.75, 0.66, 2.78]),
    ];
    parts.iter().map(|(name, p)| Model::from_parts(name, p).unwrap()).collect()
}

#[test]
fn expectations_are_the_means_of_the_distributions() {
    for model in models() {
        for (x, tx, age) in [(0.0, 0.0, 20.0), (3.0, 25.0, 39.0), (12.0, 20.0, 21.0)] {
            for horizon in [0.0, 1.0, 13.0, 52.0] {
                let standing = model.standing(x, tx, age);
                let chances = standing.order_chances(horizon, 6_000);
                let (sum, mean) = chances
                    .iter()
                    .enumerate()
                    .fold((0.0, 0.0), |(sum, mean), (n, chance)| (sum + chance, mean + n as f64 * chance));
                let expected = standing.expected_orders(horizon);
                let what = format!("{model:?} {x} {tx} {age} {horizon}");
                assert!((sum - 1.0).abs() < 1e-8, "{what}: chances sum to {sum}");
                assert!((mean - expected).abs() < 1e-7 * (1.0 + expected), "{what}: {mean} {expected}");
                assert!((standing.p_no_order(horizon) - chances[0]).abs() < 1e-12, "{what}");
                let range = standing.order_range(horizon, 0.9);
                let inside: f64 = chances[range.low as usize..=range.high as usize].iter().sum();
                assert!(inside >= 0.9 - 1e-9, "{what}: {range:?} holds {inside}");
            }
        }
    }
}

#[test]
fn the_past_is_the_future_of_a_newcomer() {
    // What a newcomer is expected to do within t+h is what they do within t plus, averaged over what they may have
    // done by then, what they do after. With the law of total expectation over simulated customers.
    for (truth, name) in
        [(Truth::Bg { k: 1 }, "bg-nbd"), (Truth::Pareto, "pareto-nbd"), (Truth::Mbg { k: 3 }, "mbg-cnbd-k")]
    {
        let fourth = if matches!(truth, Truth::Pareto) { 30.0 } else { 3.0 };
        let people = simulate(truth, [0.8, 6.0, 0.7, fourth], 200_000, 30.0, 0.0, 11);
        let mut parameters = vec![0.8, 6.0, 0.7, fourth];
        if let Truth::Mbg { k } = truth {
            parameters.insert(0, f64::from(k));
        }
        let model = Model::from_parts(name, &parameters).unwrap();
        let history = people.history();
        let n = people.frequency.len() as f64;
        let mean = |f: &dyn Fn(usize) -> f64| (0..people.frequency.len()).map(f).sum::<f64>() / n;
        let at = |i: usize| (history.frequency[i], history.recency[i], history.age[i]);
        let before = mean(&|i| history.frequency[i]);
        let after = mean(&|i| model.expected_orders(at(i).0, at(i).1, at(i).2, 20.0));
        let whole = model.expected_orders_new(50.0);
        assert!((before - model.expected_orders_new(30.0)).abs() < 0.03, "{name}: {before}");
        assert!((before + after - whole).abs() < 0.03, "{name}: {before} + {after}, {whole}");
        let alive = mean(&|i| model.p_alive(at(i).0, at(i).1, at(i).2));
        let later = mean(&|i| model.p_alive_at(at(i).0, at(i).1, at(i).2, 20.0));
        assert!((alive - model.newcomer().p_alive_at(30.0)).abs() < 4e-3, "{name}: {alive}");
        assert!((later - model.newcomer().p_alive_at(50.0)).abs() < 4e-3, "{name}: {later}");
        assert!((alive - people.alive).abs() < 4e-3, "{name}: {alive} {}", people.alive);
    }
}

#[test]
fn discounted_orders_are_the_sum_over_small_steps() {
    for model in models() {
        let standing = model.standing(3.0, 25.0, 39.0);
        let rate = continuous_rate(0.15, 52.0).unwrap();
        for (from, to) in [(0.0, 52.0), (10.0, 26.0), (0.0, 400.0)] {
            let steps = if model.name() == "bg-bb" { (to - from) as u32 } else { 8_000 };
            let width = (to - from) / f64::from(steps);
            let by_hand: f64 = (0..steps)
                .map(|i| {
                    let start = from + width * f64::from(i);
                    let paid = if model.name() == "bg-bb" { start + width } else { start + 0.5 * width };
                    (standing.expected_orders(start + width) - standing.expected_orders(start))
                        * (-rate * paid).exp()
                })
                .sum();
            let ours = standing.discounted_orders(from, to, rate);
            assert!((ours / by_hand - 1.0).abs() < 1e-5, "{model:?} {from} {to}: {ours} {by_hand}");
        }
        let forever = standing.discounted_orders(0.0, f64::INFINITY, rate);
        let long = standing.discounted_orders(0.0, 11_000.0, rate);
        assert!((forever / long - 1.0).abs() < 1e-5, "{model:?}: {forever} {long}");
        let undiscounted = standing.discounted_orders(10.0, 26.0, 0.0);
        let difference = standing.expected_orders(26.0) - standing.expected_orders(10.0);
        assert!((undiscounted - difference).abs() < 1e-12);
    }
}

#[test]
fn discounted_for_ever_is_the_integral_to_ten_digits() {
    // Given alive: Σ over the stage j of the gap of ∫∫ gamma(λ) beta(p) φ^(k−j) / (1 − φ^k (1 − p)) dp dλ with
    // φ = λ / (λ + rate), by adaptive quadrature in 20 digits.
    let rate = continuous_rate(0.15, 52.0).unwrap();
    for (name, parameters, integral) in [
        ("cnbd-k", &[2.0, 0.5, 5.0][..], 30.418_144_239_662_06),
        ("mbg-cnbd-k", &[5.0, 2.4, 1.0, 30.0, 400.0], 10.732_801_486_063_33),
    ] {
        let standing = Model::from_parts(name, parameters).unwrap().standing(3.0, 25.0, 39.0);
        let ours = standing.discounted_orders(0.0, f64::INFINITY, rate) / standing.p_alive();
        assert!((ours / integral - 1.0).abs() < 1e-10, "{name}: {ours}");
    }
}

#[test]
fn derivatives_and_grouping_do_not_move_the_optimum() {
    let c = cdnow::sample();
    let raw = History::new(&c.frequency, &c.recency, &c.age);
    let grouped = group(&raw).unwrap();
    let split: Vec<f64> = c.frequency.iter().map(|_| 0.5).collect();
    let twice = |v: &[f64]| [v, v].concat();
    let (x, tx, age, weights) = (twice(&c.frequency), twice(&c.recency), twice(&c.age), twice(&split));
    let halves = History::new(&x, &tx, &age).weighted(&weights);
    for family in [Family::NBD, Family::BG_NBD, Family::MBG_NBD, Family::PARETO_NBD] {
        let one = fit(family, &raw).unwrap();
        for other in [fit(family, &grouped.history()).unwrap(), fit(family, &halves).unwrap()] {
            assert!((one.log_likelihood - other.log_likelihood).abs() < 1e-8);
            for (a, b) in one.estimates.iter().zip(&other.estimates) {
                assert!((a.value / b.value - 1.0).abs() < 1e-6, "{family:?} {a:?} {b:?}");
            }
        }
        // The unit of time changes the time parameters by the unit and nothing else.
        let days = |v: &[f64]| v.iter().map(|t| t * 7.0).collect::<Vec<f64>>();
        let (tx, age) = (days(&c.recency), days(&c.age));
        let daily = fit(family, &History::new(&c.frequency, &tx, &age)).unwrap();
        let shift = c.frequency.iter().sum::<f64>() * 7f64.ln();
        assert!((one.log_likelihood - daily.log_likelihood - shift).abs() < 1e-6);
        for (a, b) in one.estimates.iter().zip(&daily.estimates) {
            let unit = if a.name == "alpha" || a.name == "beta" { 7.0 } else { 1.0 };
            assert!((a.value * unit / b.value - 1.0).abs() < 1e-6, "{family:?} {a:?} {b:?}");
        }
        // No model can beat one that knows each customer's own rate and that they left at their last order.
        let bound: f64 = (0..c.frequency.len())
            .filter(|i| c.frequency[*i] > 0.0)
            .map(|i| c.frequency[i] * (c.frequency[i] / c.recency[i]).ln() - c.frequency[i])
            .sum();
        assert!(one.log_likelihood <= bound);
        // And the reported likelihood is that of the reported model.
        assert!((log_likelihood(&one.model, &raw).unwrap() - one.log_likelihood).abs() < 1e-6);
    }
}

#[test]
fn value_is_margin_times_spend_times_discounted_orders() {
    let model = Model::from_parts("mbg-nbd", &[0.525, 6.18, 0.891, 1.614]).unwrap();
    let standing = model.standing(3.0, 25.0, 39.0);
    let rate = continuous_rate(0.1, 52.0).unwrap();
    assert!(((rate * 52.0).exp() - 1.1).abs() < 1e-12);
    let terms = Terms { spend: 40.0, margin: 0.3, rate, season: 1.1 };
    let value = lifetime_value(&standing, &terms, 0.0, 52.0);
    assert!((value - 1.1 * 12.0 * standing.discounted_orders(0.0, 52.0, rate)).abs() < 1e-12);
    let halves = lifetime_value(&standing, &terms, 0.0, 26.0) + lifetime_value(&standing, &terms, 26.0, 52.0);
    assert!((halves / value - 1.0).abs() < 1e-6);
    let new = newcomer_value(&model, &Terms { season: 1.0, ..terms }, 52.0);
    assert!(new > 12.0 && new < 12.0 * (1.0 + model.expected_orders_new(52.0)));
    assert!(continuous_rate(-1.0, 52.0).is_err() && continuous_rate(0.1, 0.0).is_err());
}

#[test]
fn contract_lifetimes_are_the_sums_of_their_survivals() {
    let model = Contract { alpha: 0.764, beta: 1.296 };
    assert!((model.survival(1.0) - 1.296 / 2.06).abs() < 1e-12);
    assert!((model.survival_from(2.0, 3.0) - model.survival(5.0) / model.survival(2.0)).abs() < 1e-12);
    let mut by_hand = 0.0;
    for m in 1..2000 {
        by_hand += model.survival_from(3.0, f64::from(m)) / 1.1f64.powi(m);
    }
    assert!((model.expected_renewals(3.0, f64::INFINITY, 0.1) - by_hand).abs() < 1e-9);
    assert!(model.expected_renewals(4.0, 5.0, 0.1) > model.expected_renewals(0.0, 5.0, 0.1));
    assert_eq!(model.expected_renewals(0.0, f64::INFINITY, 0.0), f64::INFINITY);
    assert_eq!(Contract { alpha: 3.0, beta: 4.0 }.expected_renewals(0.0, f64::INFINITY, 0.0), 2.0);
}

#[test]
fn a_planted_season_is_found_and_noise_is_not() {
    let months: Vec<usize> = (0..36).map(|m| m % 12).collect();
    let expected = vec![400.0; 36];
    let planted: Vec<f64> = (0..12).map(|m| if m == 11 { 2.1 } else { 0.9 }).collect();
    let wobble = |i: usize| [18.0, -18.0, 0.0, 11.0, -11.0][i * 7 % 5];
    let actual: Vec<f64> = (0..36).map(|i| 480.0 * planted[months[i]] + wobble(i)).collect();
    let season = Season::from_tracking(12, &months, &actual, &expected).unwrap();
    for (found, known) in season.factors.iter().zip(&planted) {
        assert!((found - known).abs() < 0.06, "{found} {known}");
    }
    assert!(
        (season.factor(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 5.0]) - 1.5).abs() < 0.05
    );
    let level: Vec<f64> = (0..36).map(|i| 300.0 + wobble(i)).collect();
    let none = Season::from_tracking(12, &months, &level, &expected).unwrap();
    assert!(none.factors.iter().all(|f| (f - 1.0).abs() < 0.02), "{:?}", none.factors);
    assert_eq!(Season::from_tracking(12, &[], &[], &[]).unwrap(), Season::flat(12));
    assert!(Season::from_tracking(12, &[12], &[1.0], &[1.0]).is_err());
}
