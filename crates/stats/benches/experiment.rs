//! How long a million customers take: `cargo bench -p stats --bench experiment`.

use criterion::{Criterion, criterion_group, criterion_main};
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;
use stats::bootstrap;
use stats::experiment::arm::Arm;
use stats::experiment::cuped::adjust;
use stats::experiment::effect::{Scale, compare};
use stats::experiment::moments::Moments;
use stats::experiment::plan::Plan;
use stats::table::Table;
use std::hint::black_box;
use std::time::Duration;

const ROWS: usize = 1_000_000;

/// Spend after the start and before it.
fn columns() -> (Vec<f64>, Vec<f64>) {
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let mut draw = || -> f64 { StandardNormal.sample(&mut random) };
    let before: Vec<f64> = (0..ROWS).map(|_| draw().exp()).collect();
    let after = before.iter().map(|before| 0.6 * before + draw().exp()).collect();
    (after, before)
}

fn judging(c: &mut Criterion) {
    let (after, before) = columns();
    let half = ROWS / 2;
    let plan = Plan::completed(0.95).expect("a level");
    let mut group = c.benchmark_group("1,000,000 rows");
    group.bench_function("welch", |b| {
        b.iter(|| {
            let arm = |rows| Arm::mean(&Moments::from_columns([black_box(rows)]).expect("rows"));
            let (control, treatment) = (arm(&after[..half]), arm(&after[half..]));
            let effect = compare(&control.expect("an arm"), &treatment.expect("an arm"), Scale::Relative);
            plan.judge(&effect.expect("an effect"))
        })
    });
    group.bench_function("cuped", |b| {
        b.iter(|| {
            let arm = |from: usize, to: usize| {
                Moments::from_columns([black_box(&after[from..to]), &before[from..to]]).expect("rows")
            };
            let adjusted = adjust(&arm(0, half), &arm(half, ROWS)).expect("arms");
            plan.judge(&adjusted.effect(Scale::Relative).expect("an effect"))
        })
    });
    let one = Table::new(1, after.clone()).expect("rows");
    let two = after.iter().zip(&before).flat_map(|(after, before)| [*after, *before]).collect();
    let two = Table::new(2, two).expect("rows");
    group.sample_size(10).measurement_time(Duration::from_secs(20));
    group.bench_function("bootstrap of a mean, 1,000 replicates", |b| {
        b.iter(|| bootstrap::sums(black_box(&one), 1_000, 7))
    });
    group.bench_function("bootstrap of a ratio, 1,000 replicates", |b| {
        b.iter(|| bootstrap::sums(black_box(&two), 1_000, 7))
    });
    group.finish();
}

criterion_group!(benches, judging);
criterion_main!(benches);
