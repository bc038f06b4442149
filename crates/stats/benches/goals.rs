//! The speed goals of deciding and measuring, one line each: `just goals`.
//!
//! Seconds are of the processor, all threads together, so that a busy machine stretches none; the clock's are beside them.
//! Memory is the most this process has held so far, which is why the budget of a million customers comes first.

#![expect(clippy::disallowed_methods, reason = "goals are measured by the clock")]

#[path = "../tests/allocation/instances.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod instances;
mod shared;

use instances::portable;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shared::{processor_seconds, trial};
use stats::allocation::{Rules, allocate};
use stats::bootstrap;
use stats::policy::gate::{self, Objective, judge};
use stats::table::Table;
use stats::uplift::Learner;
use std::hint::black_box;
use std::time::Instant;

fn main() {
    println!("| work | goal | processor | clock | memory so far |\n|---|---|---|---|---|");
    let (offers, budget) = portable(1_000_000, 100.0);
    line("offers under a budget, 1,000,000 × 10, exact", "< 1 s, < 400 MB", || {
        let found = allocate(black_box(&offers), &Rules::budget(budget)).expect("an allocation");
        assert!(found.plan.uses[0] <= i128::from(budget) && found.plan.gap() < 1e-6);
    });
    drop(offers);
    let one = trial(21_000, 2);
    line("T-logistic, 21,000 × 12", "< 0.3 s", || {
        Learner::usual(true).fit(black_box(&one), 2, 1).expect("a fit");
    });
    let three = trial(64_000, 3);
    let objective = Objective { value: 1.0, costs: vec![0.0, 0.02, 0.03] };
    line("gate, 5 folds, 64,000 × 3 arms", "< 10 s", || {
        judge(black_box(&three), &objective, &gate::Settings::default()).expect("a verdict");
    });
    let mut random = Pcg64Mcg::seed_from_u64(2);
    let rows = Table::new(1, (0..1_000_000).map(|_| random.random::<f64>()).collect()).expect("rows");
    line("bootstrap, 1,000,000 × 1,000", "< 10 s on 2 cores", || {
        bootstrap::sums(black_box(&rows), 1_000, 3).expect("replicates");
    });
}

/// The best of three runs.
fn line(work: &str, goal: &str, run: impl Fn()) {
    let (mut processor, mut clock) = (f64::MAX, f64::MAX);
    for _ in 0..3 {
        let (start, before) = (Instant::now(), processor_seconds());
        run();
        clock = clock.min(start.elapsed().as_secs_f64());
        processor = processor.min(before.zip(processor_seconds()).map_or(f64::NAN, |(from, to)| to - from));
    }
    println!("| {work} | {goal} | {processor:.3} s | {clock:.3} s | {} |", most_memory());
}

/// The most this process has held, where the system tells.
fn most_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").trim().parse::<f64>().ok());
    kib.map_or("unknown".to_owned(), |kib| format!("{:.0} MB", kib * 1024.0 / 1e6))
}
