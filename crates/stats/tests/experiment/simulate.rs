//! Seeded draws the tests share.

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;

pub fn seeded(seed: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed)
}

pub fn normal(random: &mut Pcg64Mcg) -> f64 {
    StandardNormal.sample(random)
}

pub fn normals(random: &mut Pcg64Mcg, count: usize) -> Vec<f64> {
    (0..count).map(|_| normal(random)).collect()
}

/// Share of `runs` in which `is_hit`.
pub fn share(runs: u64, mut is_hit: impl FnMut(u64) -> bool) -> f64 {
    (0..runs).filter(|run| is_hit(*run)).count() as f64 / runs as f64
}

#[track_caller]
pub fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected} to {tolerance}");
}
