//! BG/BB: occasions come round by themselves (a yearly appeal, a weekly market) and a customer takes them or not.
//!
//! While active a customer orders at each occasion with their own probability (beta over customers: `alpha`, `beta`);
//! before each occasion a coin with their own probability (beta: `gamma`, `delta`) ends it. Recency and age count
//! occasions. Source: Fader, Hardie & Shang 2010. Their closed forms divide by `gamma` − 1; the sums behind them are
//! taken instead, which have no such hole.

use super::history::{History, Refused, group};
use crate::special::{Rising, ln_sum_exp, rise};

/// Most occasions a history may span; more are better served by continuous time.
const MOST_PERIODS: f64 = 5_000.0;

/// The model with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct BgBb {
    /// Beta parameter of ordering.
    pub alpha: f64,
    /// Beta parameter of passing.
    pub beta: f64,
    /// Beta parameter of leaving.
    pub gamma: f64,
    /// Beta parameter of staying.
    pub delta: f64,
}

/// What the model believes of one customer before the next occasion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Probability of being active at the next occasion.
    pub alive: f64,
    /// Probability of having been active at the last one.
    was_alive: f64,
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
}

/// Distinct rows of whole numbers.
pub(crate) struct Cells {
    rows: Vec<(usize, usize, usize, f64)>,
    periods: usize,
}

impl Cells {
    pub fn new(history: &History) -> Result<Cells, Refused> {
        history.check()?;
        for row in 0..history.rows() {
            let (frequency, recency, age) = (history.frequency[row], history.recency[row], history.age[row]);
            for (column, value) in [("recency", recency), ("age", age)] {
                if value.fract() != 0.0 || value > MOST_PERIODS {
                    return Err(Refused::NotACount { column, row, value });
                }
            }
            if frequency > recency {
                return Err(Refused::FrequencyBeyondRecency { row, frequency, recency });
            }
        }
        let grouped = group(history)?;
        let rows: Vec<_> = (0..grouped.weights.len())
            .map(|i| {
                (
                    grouped.frequency[i] as usize,
                    grouped.recency[i] as usize,
                    grouped.age[i] as usize,
                    grouped.weights[i],
                )
            })
            .collect();
        let periods = rows.iter().map(|r| r.2).max().unwrap_or(0);
        Ok(Cells { rows, periods })
    }
}

/// Rising products of one parameter for 0, 1, … factors.
struct Table(Vec<Rising>);

impl Table {
    fn new(z: f64, most: usize) -> Table {
        let mut sums = vec![Rising::default()];
        for j in 0..most as u64 {
            sums.push(rise(sums[j as usize], z, j, j + 1));
        }
        Table(sums)
    }
}

/// Log-likelihood and gradient in (ln alpha, ln beta, ln gamma, ln delta); with two parameters nobody ever leaves.
pub(crate) fn evaluate(cells: &Cells, theta: &[f64], gradient: &mut [f64]) -> f64 {
    let p: Vec<f64> = theta.iter().map(|t| t.exp()).collect();
    let most = cells.periods + 1;
    let (order, pass, all) = (Table::new(p[0], most), Table::new(p[1], most), Table::new(p[0] + p[1], most));
    let leaving = (p.len() == 4).then(|| (Table::new(p[3], most), Table::new(p[2] + p[3], most)));
    let mut value = 0.0;
    gradient.fill(0.0);
    let mut lns = Vec::with_capacity(most);
    for &(x, last, n, weight) in &cells.rows {
        // Possibility `active` = n is being there still; otherwise the last active occasion was `active`.
        let taken = |active: usize| order.0[x].ln + pass.0[active - x].ln - all.0[active].ln;
        lns.clear();
        lns.push(taken(n));
        if let Some((stay, life)) = &leaving {
            lns[0] += stay.0[n].ln - life.0[n].ln;
            lns.extend((last..n).map(|m| taken(m) + theta[2] + stay.0[m].ln - life.0[m + 1].ln));
        }
        let total = ln_sum_exp(&lns);
        value += weight * total;
        for (i, ln) in lns.iter().enumerate() {
            let share = weight * (ln - total).exp();
            let active = if i == 0 { n } else { last + i - 1 };
            gradient[0] += share * (order.0[x].inverse - all.0[active].inverse);
            gradient[1] += share * (pass.0[active - x].inverse - all.0[active].inverse);
            if let Some((stay, life)) = &leaving {
                let lived = if i == 0 { n } else { active + 1 };
                gradient[2] += share * (if i == 0 { 0.0 } else { 1.0 / p[2] } - life.0[lived].inverse);
                gradient[3] += share * (stay.0[active].inverse - life.0[lived].inverse);
            }
        }
    }
    gradient.iter_mut().zip(&p).for_each(|(g, p)| *g *= p);
    value
}

impl BgBb {
    /// What the model believes of a customer with orders at `frequency` of `age` occasions, the last at `recency`.
    /// Values outside the domain are moved to its edge.
    pub fn standing(&self, frequency: f64, recency: f64, age: f64) -> Standing {
        let n = age.clamp(0.0, MOST_PERIODS).floor();
        let last = recency.clamp(0.0, n).floor();
        let x = frequency.clamp(0.0, last).floor();
        // Odds of each moment of leaving against being there still, walking back from the end.
        let (mut odds, mut term) = (0.0, 1.0);
        let mut m = n;
        let mut is_first = true;
        while m > last {
            m -= 1.0;
            // From "active to m+1" to "active to m": one pass fewer, one stay fewer; the first step adds the leaving.
            term *= (self.alpha + self.beta + m) / (self.beta + m - x);
            if is_first {
                term *= self.gamma / (self.delta + m);
                is_first = false;
            } else {
                term *= (self.gamma + self.delta + m + 1.0) / (self.delta + m);
            }
            odds += term;
        }
        let was_alive = 1.0 / (1.0 + odds);
        let (gamma, delta) = (self.gamma, self.delta + n);
        let alive = was_alive * delta / (gamma + delta);
        Standing { alive, was_alive, alpha: self.alpha + x, beta: self.beta + n - x, gamma, delta }
    }
}

impl Standing {
    /// Expected orders at the next `horizon` occasions (fractions are dropped).
    pub fn expected_orders(&self, horizon: f64) -> f64 {
        self.discounted(0.0, horizon, 0.0)
    }

    /// Expected orders within each of `horizons`.
    pub fn expected_orders_at(&self, horizons: &[f64], answers: &mut [f64]) {
        answers.iter_mut().zip(horizons).for_each(|(e, t)| *e = self.expected_orders(*t));
    }

    /// Expected orders at the occasions after `from` up to `to`, the m-th discounted by e^(−rate m).
    pub fn discounted(&self, from: f64, to: f64, rate: f64) -> f64 {
        let chance = self.was_alive * self.alpha / (self.alpha + self.beta);
        let (mut stayed, mut sum, mut m) = (1.0, 0.0, 0.0);
        while m + 1.0 <= to && m < 1e6 {
            stayed *= (self.delta + m) / (self.gamma + self.delta + m);
            m += 1.0;
            if m > from {
                let term = stayed * (-rate * m).exp();
                sum += term;
                if term <= 1e-14 * sum {
                    break;
                }
            }
        }
        chance * sum
    }

    /// Probability of being active at the occasion after the next `horizon` ones.
    pub fn alive_at(&self, horizon: f64) -> f64 {
        let mut kept = self.alive;
        for m in 1..=horizon.clamp(0.0, 1e6) as u32 {
            kept *= (self.delta + f64::from(m)) / (self.gamma + self.delta + f64::from(m));
        }
        kept
    }

    /// Probability of no order at the next `horizon` occasions.
    pub fn no_order(&self, horizon: f64) -> f64 {
        let periods = horizon.clamp(0.0, MOST_PERIODS) as u32;
        // Reaching each occasion and passing it, plus leaving before it.
        let (mut reached, mut none) = (self.was_alive, 1.0 - self.was_alive);
        for m in 0..periods {
            let m = f64::from(m);
            none += reached * self.gamma / (self.gamma + self.delta + m);
            reached *= (self.delta + m) / (self.gamma + self.delta + m) * (self.beta + m)
                / (self.alpha + self.beta + m);
        }
        (none + reached).clamp(0.0, 1.0)
    }

    /// Probabilities of 0, 1, 2, … orders at the next `horizon` occasions, without end.
    pub fn orders(&self, horizon: f64) -> impl Iterator<Item = f64> + use<> {
        let periods = horizon.clamp(0.0, MOST_PERIODS) as usize;
        let mut chances = vec![0.0; periods + 1];
        // Beta-binomial chances of 0..=m orders at m occasions, one occasion longer each round.
        let mut taken = vec![1.0];
        let mut reached = self.was_alive;
        chances[0] += 1.0 - self.was_alive;
        for m in 0..=periods {
            let at = m as f64;
            let stays = if m == periods { 0.0 } else { (self.delta + at) / (self.gamma + self.delta + at) };
            for (chance, t) in chances.iter_mut().zip(&taken) {
                *chance += reached * (1.0 - stays) * t;
            }
            reached *= stays;
            let all = self.alpha + self.beta + at;
            let mut next = vec![0.0; m + 2];
            for (x, t) in taken.iter().enumerate() {
                next[x] += t * (self.beta + at - x as f64) / all;
                next[x + 1] += t * (self.alpha + x as f64) / all;
            }
            taken = next;
        }
        chances.into_iter().chain(std::iter::repeat(0.0))
    }
}
