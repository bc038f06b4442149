//! MaxDiff (best–worst scaling): which items matter most, from picks of the best and the worst of a few.
//!
//! The closed form of the multinomial logit is that of Lipovetsky and Conklin (2014, Model Assisted
//! Statistics and Applications 9:7), the individual estimates their empirical Bayes (2015, Advances in
//! Adaptive Data Analysis 7:1550002).

use serde::Serialize;

use crate::inputs::{BadInput, not_empty};
use crate::special::ln_sum_exp;

/// One block shown to one respondent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Who answered.
    pub respondent: u32,
    /// The items shown, each counted from 0.
    pub items: Vec<u32>,
    /// The item picked as best.
    pub best: u32,
    /// The item picked as worst.
    pub worst: u32,
}

/// How often an item was shown, and picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Times shown.
    pub shown: u64,
    /// Times picked as best.
    pub best: u64,
    /// Times picked as worst.
    pub worst: u64,
}

impl Counts {
    /// (n − worst + best) / 2n, the choice probability of the closed form.
    fn probability(&self) -> f64 {
        let (n, best, worst) = (self.shown as f64, self.best as f64, self.worst as f64);
        (n - worst + best) / (2.0 * n)
    }

    fn check(&self, item: usize) -> Result<(), BadInput> {
        let range = "shown at least once and at least as often as picked";
        if self.shown == 0 || self.best.checked_add(self.worst).is_none_or(|picked| picked > self.shown) {
            return Err(BadInput::OutOfRange {
                what: "maxdiff counts",
                row: item,
                value: self.shown as f64,
                range,
            });
        }
        Ok(())
    }
}

/// An item's scores over all respondents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ItemScore {
    /// (best − worst) / shown, −1 to 1.
    pub score: f64,
    /// Log-odds of being chosen: ln(p / (1 − p)) with p = (n − worst + best) / 2n.
    pub utility: f64,
    /// 1 / √(2n p (1 − p)).
    pub standard_error: f64,
    /// Share of preference, e^utility over the sum of all; the shares sum to 1.
    pub share: f64,
}

/// Counts the picks of each of `items` items.
///
/// # Errors
/// [`BadInput`] for a task that shows an unknown item, or one twice, whose best or worst was not shown, or
/// are the same.
pub fn count(tasks: &[Task], items: usize) -> Result<Vec<Counts>, BadInput> {
    not_empty("maxdiff tasks", tasks)?;
    let mut counts = vec![Counts::default(); items];
    for (row, task) in tasks.iter().enumerate() {
        check(row, task, items)?;
        task.items.iter().for_each(|item| counts[*item as usize].shown += 1);
        counts[task.best as usize].best += 1;
        counts[task.worst as usize].worst += 1;
    }
    Ok(counts)
}

fn check(row: usize, task: &Task, items: usize) -> Result<(), BadInput> {
    let bad = |item: u32, range| {
        Err(BadInput::OutOfRange { what: "maxdiff task", row, value: f64::from(item), range })
    };
    for (place, item) in task.items.iter().enumerate() {
        if *item as usize >= items {
            return bad(*item, "an item below the number of items");
        }
        if task.items[..place].contains(item) {
            return bad(*item, "a set of different items");
        }
    }
    if !task.items.contains(&task.best) || task.best == task.worst {
        return bad(task.best, "a shown item as best, another than the worst");
    }
    if !task.items.contains(&task.worst) {
        return bad(task.worst, "a shown item as worst");
    }
    Ok(())
}

/// Scores of all items in closed form.
///
/// # Errors
/// [`BadInput`] for counts that contradict themselves, and for an item that was always best or always worst,
/// whose utility is infinite.
pub fn closed_form(counts: &[Counts]) -> Result<Vec<ItemScore>, BadInput> {
    not_empty("maxdiff counts", counts)?;
    let mut scores = Vec::with_capacity(counts.len());
    for (item, count) in counts.iter().enumerate() {
        count.check(item)?;
        let (n, p) = (count.shown as f64, count.probability());
        if p <= 0.0 || p >= 1.0 {
            let why = "an item was best or worst every time it was shown; collect more answers or drop it";
            return Err(BadInput::Uninformative { what: "maxdiff", why });
        }
        scores.push(ItemScore {
            score: (count.best as f64 - count.worst as f64) / n,
            utility: (p / (1.0 - p)).ln(),
            standard_error: 1.0 / (2.0 * n * p * (1.0 - p)).sqrt(),
            share: 0.0,
        });
    }
    let utilities: Vec<f64> = scores.iter().map(|score| score.utility).collect();
    let total = ln_sum_exp(&utilities);
    scores.iter_mut().for_each(|score| score.share = (score.utility - total).exp());
    Ok(scores)
}

/// One respondent's utilities.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Personal {
    /// Who.
    pub respondent: u32,
    /// Log-odds per item; the group's where the respondent never saw it.
    pub utilities: Vec<f64>,
    /// Geometric mean probability of the best and the worst picks under these utilities; see
    /// [`root_likelihood`].
    pub root_likelihood: f64,
}

/// Individual utilities by empirical Bayes: p = (own + alpha × group) / (1 + alpha), where an own probability
/// of 0 or 1 is first replaced by `edge` or 1 − `edge`. 1 and 0.1 are the usual `alpha` and `edge`. In order
/// of respondents.
///
/// # Errors
/// As [`count`] and [`closed_form`]; and for an alpha below 0 or an edge outside (0, ½).
pub fn individual(tasks: &[Task], items: usize, alpha: f64, edge: f64) -> Result<Vec<Personal>, BadInput> {
    if !(alpha >= 0.0 && alpha.is_finite()) {
        return Err(BadInput::Setting { setting: "alpha", value: alpha, range: "0 or more" });
    }
    if !(edge > 0.0 && edge < 0.5) {
        return Err(BadInput::Setting { setting: "edge", value: edge, range: "above 0 and below 0.5" });
    }
    let counts = count(tasks, items)?;
    closed_form(&counts)?;
    let group: Vec<f64> = counts.iter().map(Counts::probability).collect();
    let mut of = std::collections::BTreeMap::<u32, Vec<Task>>::new();
    tasks.iter().for_each(|task| of.entry(task.respondent).or_default().push(task.clone()));
    of.into_iter()
        .map(|(respondent, own)| {
            let counts = count(&own, items)?;
            let utility = |(count, group): (&Counts, &f64)| {
                let seen = if count.shown == 0 {
                    *group
                } else {
                    count.probability().clamp(edge_of(count, edge), 1.0 - edge_of(count, edge))
                };
                let p = (seen + alpha * group) / (1.0 + alpha);
                (p / (1.0 - p)).ln()
            };
            let utilities: Vec<f64> = counts.iter().zip(&group).map(utility).collect();
            let root_likelihood = root_likelihood(&own, &utilities)?;
            Ok(Personal { respondent, utilities, root_likelihood })
        })
        .collect()
}

/// Only probabilities of exactly 0 and 1 are moved to the edge.
fn edge_of(count: &Counts, edge: f64) -> f64 {
    let p = count.probability();
    if p == 0.0 || p == 1.0 { edge } else { 0.0 }
}

/// Root likelihood: the geometric mean, over all picks, of the probability of the best (e^u over those shown)
/// and of the worst (e^−u over those shown). Guessing gives one over the number of items shown.
///
/// # Errors
/// As [`count`]; and for utilities that are not finite.
pub fn root_likelihood(tasks: &[Task], utilities: &[f64]) -> Result<f64, BadInput> {
    crate::inputs::finite("utilities", utilities)?;
    not_empty("maxdiff tasks", tasks)?;
    let mut sum = 0.0;
    for (row, task) in tasks.iter().enumerate() {
        check(row, task, utilities.len())?;
        for (picked, sign) in [(task.best, 1.0), (task.worst, -1.0)] {
            let shown: Vec<f64> = task.items.iter().map(|item| sign * utilities[*item as usize]).collect();
            sum += sign * utilities[picked as usize] - ln_sum_exp(&shown);
        }
    }
    Ok((sum / (2.0 * tasks.len() as f64)).exp())
}

/// What a set of tasks is like as a design.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Design {
    /// Items per task; `None` where it differs.
    pub block: Option<usize>,
    /// Fewest and most times an item was shown.
    pub shown: (u64, u64),
    /// Pairs of items never shown together.
    pub missing_pairs: Vec<(u32, u32)>,
    /// Whether blocks are equal, items are shown equally often and every pair appears.
    pub is_balanced: bool,
}

/// Checks the design behind tasks.
///
/// # Errors
/// As [`count`].
pub fn design(tasks: &[Task], items: usize) -> Result<Design, BadInput> {
    let counts = count(tasks, items)?;
    let mut together = vec![false; items * items];
    for task in tasks {
        for one in &task.items {
            task.items.iter().for_each(|other| together[*one as usize * items + *other as usize] = true);
        }
    }
    let pairs = (0..items).flat_map(|one| (one + 1..items).map(move |other| (one, other)));
    let missing_pairs: Vec<(u32, u32)> = pairs
        .filter(|(one, other)| !together[one * items + other])
        .map(|(one, other)| (one as u32, other as u32))
        .collect();
    let first = tasks[0].items.len();
    let block = tasks.iter().all(|task| task.items.len() == first).then_some(first);
    let shown = counts.iter().map(|count| count.shown);
    let shown = (shown.clone().min().unwrap_or(0), shown.max().unwrap_or(0));
    let is_balanced = block.is_some() && shown.0 == shown.1 && missing_pairs.is_empty();
    Ok(Design { block, shown, missing_pairs, is_balanced })
}
