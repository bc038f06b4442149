//! How long an allocation takes: `cargo bench -p stats --bench allocation`.
//!
//! The portable instance of the tests: customers with ten offers each, a budget of a fifth of what
//! everybody's most valuable offer costs; then the same with message and call slots. One core.

#[path = "../tests/allocation/instances.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod instances;

use criterion::{Criterion, criterion_group, criterion_main};
use instances::{portable, with_slots};
use stats::allocation::{Rules, allocate, choose};
use std::hint::black_box;

fn budgets(c: &mut Criterion) {
    let mut group = c.benchmark_group("one budget, ten offers");
    group.sample_size(10);
    for customers in [100_000, 1_000_000] {
        let (offers, budget) = portable(customers, 100.0);
        let rules = Rules::budget(budget);
        group.bench_function(format!("{customers} customers"), |b| {
            b.iter(|| allocate(black_box(&offers), &rules))
        });
    }
    group.finish();

    let (offers, budget) = portable(1_000, 100.0);
    let prices = allocate(&offers, &Rules::budget(budget)).expect("a plain budget").plan.prices;
    c.bench_function("one customer at given prices", |b| {
        b.iter(|| choose(black_box(&prices), black_box(&offers.customer(17))))
    });
}

fn limits(c: &mut Criterion) {
    let mut group = c.benchmark_group("three limits, ten offers");
    group.sample_size(10);
    for customers in [100_000, 1_000_000] {
        let (offers, limits) = with_slots(customers, 100.0);
        let rules = Rules { limits, roi_floor: None };
        group.bench_function(format!("{customers} customers"), |b| {
            b.iter(|| allocate(black_box(&offers), &rules))
        });
    }
    group.finish();
}

criterion_group!(benches, budgets, limits);
criterion_main!(benches);
