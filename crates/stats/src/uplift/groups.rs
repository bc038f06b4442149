//! The effect in each group of customers.

use serde::Serialize;

use super::{Refused, mean_and_error};
use crate::discoveries::two_sided;
use crate::inputs::{between, finite, not_empty, same_rows};
use statrs::distribution::{ContinuousCDF, Normal};

/// The effect in one group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GroupEffect {
    /// The group's number.
    pub group: usize,
    /// Its rows.
    pub rows: usize,
    /// The mean effect in it.
    pub effect: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The chance of an effect this far from that of all other rows, were they the same; `None` where the group is all
    /// rows or nothing varies. Correct for many groups with [`crate::discoveries`].
    pub p_different: Option<f64>,
}

/// The mean of effect scores (Γ(a) − Γ(0), see [`super::aipw`]) by group, with normal intervals at `level`, groups in
/// rising order. A group needs two rows.
pub fn effect_by_group(
    group: &[usize],
    effect_scores: &[f64],
    level: f64,
) -> Result<Vec<GroupEffect>, Refused> {
    not_empty("group", group)?;
    same_rows("group", group, "effect_scores", effect_scores)?;
    finite("effect_scores", effect_scores)?;
    between("level", level, 0.0, 1.0)?;
    let reach = Normal::standard().inverse_cdf(0.5 + level / 2.0);
    let mut groups: Vec<usize> = group.to_vec();
    groups.sort_unstable();
    groups.dedup();
    let effects = groups.into_iter().map(|number| {
        let of = |inside: bool| -> Vec<f64> {
            let rows = group.iter().zip(effect_scores);
            rows.filter(|(g, _)| (**g == number) == inside).map(|(_, score)| *score).collect()
        };
        let (inside, outside) = (of(true), of(false));
        if inside.len() < 2 {
            return Err(Refused::FewRows { arm: number, rows: inside.len(), needed: 2 });
        }
        let (effect, error) = mean_and_error(&inside);
        let (rest, rest_error) = mean_and_error(&outside);
        let spread = error.hypot(rest_error);
        let p_different = (outside.len() > 1 && spread > 0.0).then(|| two_sided((effect - rest) / spread));
        Ok(GroupEffect {
            group: number,
            rows: inside.len(),
            effect,
            standard_error: error,
            low: effect - reach * error,
            high: effect + reach * error,
            p_different,
        })
    });
    effects.collect()
}
