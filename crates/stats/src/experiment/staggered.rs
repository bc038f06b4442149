//! Difference in differences where groups start at different times.
//!
//! Callaway and Sant'Anna (2021), without covariates: the effect ATT(g, t) on the group first treated in
//! period g is its change since period g − 1, minus the same change among units not treated. Two-way fixed
//! effects would take already treated groups for controls and can turn a sign; this never does. Cells before
//! g compare neighbouring periods and should be about zero: a test of parallel trends. Standard errors come
//! from the influence functions, summed over clusters where there are any, and those of averages carry the
//! chance in the groups' sizes (their section 4).

use crate::inputs::{BadInput, finite, not_empty, same_rows};
use serde::Serialize;
use std::collections::BTreeMap;

/// The same units seen in the same periods.
#[derive(Debug, Clone, Copy)]
pub struct Panel<'a> {
    /// Number of periods.
    pub periods: usize,
    /// Outcomes, unit by unit: `outcomes[unit * periods + period]`.
    pub outcomes: &'a [f64],
    /// The period in which each unit is first treated, from 0; `None` for never. Units treated in period 0
    /// have no before and are left out.
    pub first_treated: &'a [Option<usize>],
    /// The cluster of each unit, where units were treated by cluster.
    pub clusters: Option<&'a [u64]>,
}

/// Who stands in for the treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Controls {
    /// Units never treated.
    NeverTreated,
    /// Also those treated after the period in question.
    NotYetTreated,
}

/// The effect on one group in one period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cell {
    /// The group, by its first treated period.
    pub group: usize,
    /// The period.
    pub period: usize,
    /// ATT(g, t).
    pub effect: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Units of the group.
    pub treated: usize,
    /// Units they are compared with.
    pub controls: usize,
}

/// How cells are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Over all groups and periods from treatment on, by group size: one number, with key 0.
    All,
    /// Within each group over its treated periods; the key is the group.
    Group,
    /// By periods since treatment, before it too; the key is negative there.
    Age,
    /// By period, over groups treated by then; the key is the period.
    Period,
}

/// An average of cells.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Average {
    /// Group, age or period.
    pub key: i64,
    /// The average effect.
    pub effect: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// Effects by group and period.
#[derive(Debug, Clone)]
pub struct GroupTime {
    /// The cells that can be estimated, by group and then period.
    pub cells: Vec<Cell>,
    /// Influence of each unit on each cell.
    influences: Vec<Vec<f64>>,
    /// The unit's group; units treated from the start are not among them.
    groups: Vec<Option<usize>>,
    /// Unit → number of its cluster.
    clusters: Option<Vec<usize>>,
}

/// Estimates ATT(g, t) for every group and period from 1 on that has controls.
///
/// Refuses panels without a treated group or without controls for any cell.
pub fn group_time(panel: &Panel, controls: Controls) -> Result<GroupTime, BadInput> {
    check(panel)?;
    let kept: Vec<usize> =
        (0..panel.first_treated.len()).filter(|unit| panel.first_treated[*unit] != Some(0)).collect();
    let groups: Vec<Option<usize>> =
        kept.iter().map(|unit| panel.first_treated[*unit].filter(|first| *first < panel.periods)).collect();
    let clusters =
        panel.clusters.map(|all| numbered(&kept.iter().map(|unit| all[*unit]).collect::<Vec<_>>()));
    let mut starts: Vec<usize> = groups.iter().flatten().copied().collect();
    starts.sort_unstable();
    starts.dedup();

    let mut found = GroupTime { cells: Vec::new(), influences: Vec::new(), groups, clusters };
    for group in starts {
        for period in 1..panel.periods {
            let base = if period < group { period - 1 } else { group - 1 };
            let is_control = |first: Option<usize>| match (first, controls) {
                (None, _) => true,
                (Some(_), Controls::NeverTreated) => false,
                (Some(first), Controls::NotYetTreated) => first > period && first != group,
            };
            let change = |unit: usize| {
                let row = &panel.outcomes[unit * panel.periods..];
                row[period] - row[base]
            };
            found.add(&kept, group, period, &is_control, &change);
        }
    }
    if found.cells.is_empty() {
        let why = "no group has both a period before treatment and untreated units beside it";
        return Err(BadInput::Uninformative { what: "the difference in differences", why });
    }
    Ok(found)
}

fn check(panel: &Panel) -> Result<(), BadInput> {
    not_empty("first_treated", panel.first_treated)?;
    finite("outcome", panel.outcomes)?;
    if panel.periods < 2 {
        let (setting, range) = ("periods", "at least 2");
        return Err(BadInput::Setting { setting, value: panel.periods as f64, range });
    }
    if Some(panel.outcomes.len()) != panel.first_treated.len().checked_mul(panel.periods) {
        let (left, right) = ("outcomes", "first_treated times periods");
        let right_rows = panel.first_treated.len().saturating_mul(panel.periods);
        return Err(BadInput::Lengths { left, left_rows: panel.outcomes.len(), right, right_rows });
    }
    panel
        .clusters
        .map_or(Ok(()), |clusters| same_rows("first_treated", panel.first_treated, "clusters", clusters))
}

/// Clusters as numbers from 0.
fn numbered(clusters: &[u64]) -> Vec<usize> {
    let mut numbers = BTreeMap::new();
    for cluster in clusters {
        let next = numbers.len();
        numbers.entry(*cluster).or_insert(next);
    }
    clusters.iter().map(|cluster| numbers[cluster]).collect()
}

impl GroupTime {
    fn add(
        &mut self,
        kept: &[usize],
        group: usize,
        period: usize,
        is_control: &dyn Fn(Option<usize>) -> bool,
        change: &dyn Fn(usize) -> f64,
    ) {
        // 0 for the treated, 1 for controls: count and sum of changes.
        let side = |first: Option<usize>| {
            if first == Some(group) { Some(0) } else { is_control(first).then_some(1) }
        };
        let (mut counts, mut sums) = ([0usize; 2], [0.0; 2]);
        for (unit, first) in kept.iter().zip(&self.groups) {
            if let Some(side) = side(*first) {
                counts[side] += 1;
                sums[side] += change(*unit);
            }
        }
        let [treated, controls] = counts;
        // One unit has no spread to judge by.
        if treated < 2 || controls < 2 {
            return;
        }
        let means = [sums[0] / treated as f64, sums[1] / controls as f64];
        let all = kept.len() as f64;
        let influence = |(unit, first): (&usize, &Option<usize>)| match side(*first) {
            Some(0) => all / treated as f64 * (change(*unit) - means[0]),
            Some(_) => -all / controls as f64 * (change(*unit) - means[1]),
            None => 0.0,
        };
        let influences: Vec<f64> = kept.iter().zip(&self.groups).map(influence).collect();
        let (effect, standard_error) = (means[0] - means[1], self.error(&influences));
        self.cells.push(Cell { group, period, effect, standard_error, treated, controls });
        self.influences.push(influences);
    }

    /// √(Σ ψ²) / n, with ψ summed within clusters first.
    fn error(&self, influences: &[f64]) -> f64 {
        let squares: f64 = match &self.clusters {
            None => influences.iter().map(|influence| influence * influence).sum(),
            Some(clusters) => {
                let mut sums = vec![0.0; clusters.iter().max().map_or(0, |last| last + 1)];
                clusters.iter().zip(influences).for_each(|(cluster, influence)| sums[*cluster] += influence);
                sums.iter().map(|sum| sum * sum).sum()
            }
        };
        squares.sqrt() / influences.len() as f64
    }

    /// Averages of the cells.
    pub fn averages(&self, by: By) -> Vec<Average> {
        let mut sets: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (place, cell) in self.cells.iter().enumerate() {
            let age = cell.period as i64 - cell.group as i64;
            let key = match by {
                By::Age => Some(age),
                _ if age < 0 => None,
                By::All => Some(0),
                By::Group => Some(cell.group as i64),
                By::Period => Some(cell.period as i64),
            };
            if let Some(key) = key {
                sets.entry(key).or_default().push(place);
            }
        }
        sets.into_iter().map(|(key, set)| self.average(key, &set)).collect()
    }

    /// One average, weighted by group size, with the chance in those sizes in its error.
    fn average(&self, key: i64, set: &[usize]) -> Average {
        let total: f64 = set.iter().map(|place| self.cells[*place].treated as f64).sum();
        let weight = |place: usize| self.cells[place].treated as f64 / total;
        let effect: f64 = set.iter().map(|place| weight(*place) * self.cells[*place].effect).sum();
        let all = self.groups.len() as f64;
        // Σ over the cells of a group of (effect − average): what one more unit of the group does to the
        // weights.
        let mut pulls: BTreeMap<usize, f64> = BTreeMap::new();
        for place in set {
            *pulls.entry(self.cells[*place].group).or_default() += self.cells[*place].effect - effect;
        }
        let influences: Vec<f64> = (0..self.groups.len())
            .map(|unit| {
                let own: f64 = set.iter().map(|place| weight(*place) * self.influences[*place][unit]).sum();
                let pull = self.groups[unit].and_then(|group| pulls.get(&group)).copied().unwrap_or(0.0);
                own + pull * all / total
            })
            .collect();
        Average { key, effect, standard_error: self.error(&influences) }
    }
}
