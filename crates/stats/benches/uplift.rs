//! How long learning, gating and resampling take: `cargo bench -p stats --bench uplift`.
//!
//! Sizes are those of public mailing data: 21,000 customers with 12 features for one fit, 64,000 in three arms for the
//! gate with five folds, a log of a million decisions for a thousand resamples.

#[expect(dead_code, reason = "shared with the goals, which measure by another clock")]
mod shared;

use criterion::{Criterion, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shared::trial;
use stats::bootstrap;
use stats::policy::explore::{draw, inverse_gap};
use stats::policy::gate::{self, Objective, judge};
use stats::policy::off_policy;
use stats::table::Table;
use stats::uplift::{Base, Learner, Meta, Settings, fit};
use std::hint::black_box;
use std::time::Duration;

fn learning(c: &mut Criterion) {
    let mut group = c.benchmark_group("21,000 customers of 12 features");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    let trial = trial(21_000, 2);
    group.bench_function("T-logistic", |b| {
        b.iter(|| Learner::usual(true).fit(black_box(&trial), 2, 1).unwrap())
    });
    group.bench_function("T-logistic, cross-fitted, calibrated", |b| {
        b.iter(|| fit(black_box(&trial), &Learner::usual(true), &Settings::default()).unwrap())
    });
    for (name, meta) in [("S-boosted", Meta::S), ("DR-boosted", Meta::Dr)] {
        let learner = Learner { meta, base: Base::boosted() };
        group.bench_function(name, |b| b.iter(|| learner.fit(black_box(&trial), 2, 1).unwrap()));
    }
    group.finish();
}

fn gating(c: &mut Criterion) {
    let mut group = c.benchmark_group("64,000 customers in 3 arms");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let trial = trial(64_000, 3);
    let objective = Objective { value: 1.0, costs: vec![0.0, 0.02, 0.03] };
    group.bench_function("gate, 5 folds", |b| {
        b.iter(|| judge(black_box(&trial), &objective, &gate::Settings::default()).unwrap())
    });
    group.finish();
}

fn resampling(c: &mut Criterion) {
    let mut group = c.benchmark_group("1,000,000 decisions");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let mut random = Pcg64Mcg::seed_from_u64(2);
    let rows = Table::new(2, (0..2_000_000).map(|_| random.random::<f64>()).collect()).unwrap();
    group.bench_function("1,000 resamples of a ratio", |b| {
        b.iter(|| bootstrap::sums(black_box(&rows), 1_000, 3).unwrap())
    });
    let (actions, even) = (vec![0; 1_000_000], Table::new(2, vec![0.5; 2_000_000]).unwrap());
    let rewards = vec![1.0; 1_000_000];
    let log = off_policy::Log::new(&actions, &rewards, &even, &even).unwrap();
    group.bench_function("SNIPS, bare", |b| {
        b.iter(|| off_policy::estimate(black_box(&log), &off_policy::Estimator::Snips).unwrap())
    });
    group.finish();
}

fn deciding(c: &mut Criterion) {
    let scores: Vec<f64> = (0..50).map(|i| f64::from(i * 37 % 50)).collect();
    c.bench_function("one decision among 50 actions", |b| {
        b.iter(|| draw(&inverse_gap(black_box(&scores), 20.0).unwrap(), 0.37).unwrap())
    });
}

criterion_group!(benches, learning, gating, resampling, deciding);
criterion_main!(benches);
