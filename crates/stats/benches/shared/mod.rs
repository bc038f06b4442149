//! What several benches need: customers to learn from, and a clock that other programs do not stretch.

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;
use stats::table::Table;
use stats::uplift::{Assignment, Trial};

/// Customers of twelve features, a visit or none, and actions that help those with a high first feature.
pub fn trial(rows: usize, arms: usize) -> Trial {
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let (mut values, mut arm, mut outcome) = (vec![], vec![], vec![]);
    for _ in 0..rows {
        let x: Vec<f64> = (0..12).map(|_| StandardNormal.sample(&mut random)).collect();
        let drawn = random.random_range(0..arms);
        let odds = -2.0 + 0.4 * x[1] - 0.3 * x[2] + if drawn > 0 { 0.4 + 0.2 * x[0] } else { 0.0 };
        outcome.push(f64::from(u8::from(random.random::<f64>() < 1.0 / (1.0 + f64::exp(-odds)))));
        values.extend(x);
        arm.push(drawn);
    }
    Trial::new(Table::new(12, values).unwrap(), &arm, &outcome, &Assignment::equal(arms).unwrap()).unwrap()
}

/// What all threads of this process have had of the processor, where the system tells: a busy machine stretches the
/// clock and not this.
pub fn processor_seconds() -> Option<f64> {
    let mut sum = 0.0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        sum += text.split_whitespace().next()?.parse::<f64>().ok()?;
    }
    Some(sum / 1e9)
}
