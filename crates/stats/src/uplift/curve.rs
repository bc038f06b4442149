//! One name per convention, and a standard error for each.

use rand::SeedableRng;
use rand::seq::index::sample;
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use super::{Causalml, Ranking, Refused, Sklift};
use crate::inputs::BadInput;

/// A metric of a ranking, under the name of the package that defines it so. They are not comparable to one another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// As scikit-uplift 0.5.1 has it.
    Sklift(Sklift),
    /// As causalml 0.18.0 has it.
    Causalml(Causalml),
}

impl Metric {
    /// The package's own name, with arguments.
    pub fn name(&self) -> String {
        match self {
            Metric::Sklift(metric) => metric.name(),
            Metric::Causalml(metric) => metric.name(),
        }
    }
}

/// A number and how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WithError {
    /// The number.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// A metric of a ranking.
pub fn measure(ranking: &Ranking, metric: &Metric) -> Result<f64, Refused> {
    match metric {
        Metric::Sklift(metric) => metric.of(ranking),
        Metric::Causalml(metric) => metric.of(ranking),
    }
}

/// A metric with its standard error over half-samples. causalml's unnormalised scores are in customers of the sample,
/// so those of half-samples are doubled.
pub fn measure_with_error(
    ranking: &Ranking,
    metric: &Metric,
    replicates: usize,
    seed: u64,
) -> Result<WithError, Refused> {
    let value = measure(ranking, metric)?;
    let unnormalised = [Causalml::Auuc { normalize: false }, Causalml::Qini { normalize: false }];
    let counts_rows = unnormalised.iter().any(|of| *metric == Metric::Causalml(*of));
    let standard_error = half_samples(ranking.rows(), replicates, seed, |keep| {
        let part = ranking.part(keep)?;
        let scale = if counts_rows { ranking.rows() as f64 / part.rows() as f64 } else { 1.0 };
        measure(&part, metric).ok().map(|value| value * scale)
    })?;
    Ok(WithError { value, standard_error })
}

/// The spread of a statistic over random halves of the rows, which estimates its standard error on all of them
/// (Præstgaard and Wellner 1993; the bootstrap of rank-weighted effects in Yadlowsky et al. 2025). Halves on which the
/// statistic is not defined are left out; fewer than half of them defined is a refusal.
pub(super) fn half_samples(
    rows: usize,
    replicates: usize,
    seed: u64,
    statistic: impl Fn(&[bool]) -> Option<f64>,
) -> Result<f64, Refused> {
    if !(2..=100_000).contains(&replicates) {
        let (setting, value) = ("replicates", replicates as f64);
        return Err(BadInput::Setting { setting, value, range: "2 to 100000" }.into());
    }
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut values = Vec::with_capacity(replicates);
    for _ in 0..replicates {
        let mut keep = vec![false; rows];
        sample(&mut random, rows, rows / 2).into_iter().for_each(|row| keep[row] = true);
        values.extend(statistic(&keep));
    }
    if values.len() * 2 < replicates || values.len() < 2 {
        let why = "it is not defined on most halves of the rows; collect more rows";
        return Err(BadInput::Uninformative { what: "standard error", why }.into());
    }
    Ok(crate::describe::standard_deviation(&values))
}
