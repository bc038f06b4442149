//! The worked examples of `docs/manual/stats/policy.md`: what the page prints is what the functions give.

use stats::policy::context::{EffectPrior, Reading, effects};
use stats::policy::explore::{draw, epsilon_greedy, inverse_gap, softmax};
use stats::policy::off_policy::{Estimator, Log, coverage, estimate};
use stats::policy::sequence::Plan;
use stats::policy::thompson::{Belief, thompson};
use stats::table::Table;

/// The page, with its line breaks as spaces.
fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/manual/stats/policy.md");
    std::fs::read_to_string(path).unwrap().replace('\n', " ")
}

fn says(words: &str) {
    assert!(page().contains(words), "the page should say: {words}");
}

#[test]
fn the_reach_of_the_sequence() {
    let plan = Plan { alpha: 0.05, planned_rows: 20_000.0 };
    let (early, late) = (plan.reach(10_000.0), plan.reach(20_000.0));
    says(&format!("lies {early:.3} standard errors below the mean at 10,000 rows and {late:.3} at 20,000"));
    assert!(0.03 / 0.01 > early && 0.02 / 0.01 < late && 0.02 / 0.01 > 1.645);
}

#[test]
fn the_table_of_probabilities() {
    let scores = [0.0, 0.5, 0.25];
    let list = |p: &[f64]| p.iter().map(|p| format!("{p:.3}")).collect::<Vec<_>>().join(", ");
    let gaps = inverse_gap(&scores, 4.0).unwrap();
    says(&format!("Rakhlin 2020) | {} |", list(&gaps)));
    says(&format!("exp(score / temperature) | {} |", list(&softmax(&scores, 0.5).unwrap())));
    says(&format!("1 − ε more | {} |", list(&epsilon_greedy(&scores, 0.3).unwrap())));
    let drawn = draw(&gaps, 0.3).unwrap();
    says(&format!("at u = 0.3 the first vector gives action {}", drawn.action));
    says(&format!("whose probability {:.3} is what to log", drawn.probability));
}

#[test]
fn the_two_beliefs() {
    let beliefs =
        [Belief::Normal { mean: 1.0, deviation: 0.6 }, Belief::Normal { mean: 0.5, deviation: 0.8 }];
    let found = thompson(&beliefs, 400_000, 1).unwrap()[0];
    says("Φ(0.5) = 0.691");
    assert!((found - 0.691_46).abs() < 0.003, "{found}");
}

#[test]
fn the_four_decisions() {
    let (actions, rewards) = ([0, 1, 0, 1], [0.0, 1.0, 1.0, 0.0]);
    let logged = Table::new(2, [0.8, 0.2].repeat(4)).unwrap();
    let even = Table::new(2, vec![0.5; 8]).unwrap();
    let model = Table::new(2, [0.4, 0.6].repeat(4)).unwrap();
    let log = Log::new(&actions, &rewards, &logged, &even).unwrap().expecting(&model).unwrap();
    for (source, estimator) in [
        ("Horvitz and Thompson 1952 |", Estimator::Ips),
        ("Swaminathan and Joachims 2015 |", Estimator::Snips),
        ("| mean of Σπ·q | |", Estimator::Dm),
        ("Dudík, Langford and Li 2011 |", Estimator::Dr),
        ("| the same, w over its mean | |", Estimator::Sndr),
        ("Wang, Agarwal and Dudík 2017 |", Estimator::SwitchDr { limit: 2.0 }),
        ("Su et al. 2020 |", Estimator::Dros { limit: 2.0 }),
    ] {
        // Half a unit of the last digit is rounded up on the page.
        let value = (estimate(&log, &estimator).unwrap() * 1e4 + 1e-6).round() / 1e4;
        says(&format!("{source} {value:.4} |"));
    }
    let found = coverage(&log).unwrap();
    says(&format!("average {} and are worth {:.2} rows", found.mean_weight, found.effective_sample));
}

#[test]
fn the_expectation_and_the_reading() {
    let prior = EffectPrior { mean: 0.03, deviation: 0.02, between: 0.0 };
    let found = effects(&prior, 1, &[Reading { segment: 0, effect: 0.05, standard_error: 0.02 }]).unwrap();
    let segment = found.segments[0];
    says(&format!("make {:.4} ± {:.4}", segment.mean, segment.deviation));
    let (mean, deviation) = segment.net(100.0, 3.0);
    says(&format!("is worth {mean:.2} ± {deviation:.2}"));
    says(&format!("with a chance of {:.3}", segment.chance_worthwhile(100.0, 3.0)));
}
