//! The master problem of column generation: the best mixture of allocations seen so far.
//!
//! maximise Σ αⱼ valueⱼ − penalty × τ, subject to Σ αⱼ usesⱼₖ + slackₖ − τ [limitₖ < 0] = limitₖ, Σ αⱼ = 1,
//! all ≥ 0. There are few limits and some hundred columns, so this is the textbook revised simplex with a
//! dense basis that is solved anew at every step (Chvátal 1983, chapter 7), Bland's rule where it stalls.

/// One allocation seen: its value and what it uses, in units of the rows' scales.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub value: f64,
    pub uses: Vec<f64>,
}

/// What a basis is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Column(usize),
    Slack(usize),
    /// The measure of what is over the limits.
    Over,
}

#[derive(Debug)]
pub(super) struct Master {
    limits: Vec<f64>,
    pub columns: Vec<Column>,
    basis: Vec<Part>,
    pub penalty: f64,
}

/// The optimum of a master problem.
#[derive(Debug, Clone)]
pub(super) struct Optimum {
    pub value: f64,
    /// One price per limit, not negative.
    pub prices: Vec<f64>,
    /// The columns in the mixture and their shares.
    pub mixture: Vec<(usize, f64)>,
    /// How far the mixture is over the limits.
    pub over: f64,
}

const TOLERANCE: f64 = 1e-12;

impl Master {
    /// Starts from doing nothing for everybody.
    pub fn new(limits: Vec<f64>, penalty: f64) -> Master {
        let nothing = Column { value: 0.0, uses: vec![0.0; limits.len()] };
        let mut basis: Vec<Part> = (0..limits.len()).map(Part::Slack).collect();
        let worst = (0..limits.len()).min_by(|a, b| limits[*a].total_cmp(&limits[*b]));
        if let Some(row) = worst.filter(|row| limits[*row] < 0.0) {
            basis[row] = Part::Over;
        }
        basis.push(Part::Column(0));
        Master { limits, columns: vec![nothing], basis, penalty }
    }

    /// The best mixture; `None` where rounding has destroyed the basis.
    pub fn solve(&mut self) -> Option<Optimum> {
        let rows = self.limits.len() + 1;
        let mut right = self.limits.clone();
        right.push(1.0);
        let most = 200 + 20 * (rows + self.columns.len());
        let (mut best, mut stalled) = (f64::NEG_INFINITY, 0);
        for _ in 0..most {
            let basis: Vec<Vec<f64>> = self.basis.iter().map(|part| self.entries(*part)).collect();
            let worth: Vec<f64> = self.basis.iter().map(|part| self.worth(*part)).collect();
            // Rows of `basis` are the columns of the matrix, so duals solve it as it stands.
            let duals = solve(&basis, &worth)?;
            let matrix: Vec<Vec<f64>> = (0..rows).map(|r| (0..rows).map(|c| basis[c][r]).collect()).collect();
            let levels = solve(&matrix, &right)?;
            let value: f64 = levels.iter().zip(&worth).map(|(level, worth)| level * worth).sum();
            stalled = if value > best + TOLERANCE * value.abs() { 0 } else { stalled + 1 };
            best = best.max(value);
            let Some(entering) = self.entering(&duals, stalled > 10) else {
                return Some(self.optimum(value, &duals, &levels));
            };
            let direction = solve(&matrix, &self.entries(entering))?;
            let Some(leaving) = self.leaving(&levels, &direction, stalled > 10) else {
                return Some(self.optimum(value, &duals, &levels));
            };
            self.basis[leaving] = entering;
        }
        None
    }

    fn optimum(&self, value: f64, duals: &[f64], levels: &[f64]) -> Optimum {
        let mut mixture = Vec::new();
        let mut over = 0.0;
        for (part, level) in self.basis.iter().zip(levels) {
            match part {
                Part::Column(column) if *level > TOLERANCE => mixture.push((*column, *level)),
                Part::Over => over = level.max(0.0),
                _ => {}
            }
        }
        let prices = duals[..self.limits.len()].iter().map(|price| price.max(0.0)).collect();
        Optimum { value, prices, mixture, over }
    }

    fn entries(&self, part: Part) -> Vec<f64> {
        let rows = self.limits.len();
        let mut entries = vec![0.0; rows + 1];
        match part {
            Part::Column(column) => {
                entries[..rows].copy_from_slice(&self.columns[column].uses);
                entries[rows] = 1.0;
            }
            Part::Slack(row) => entries[row] = 1.0,
            Part::Over => (0..rows).filter(|row| self.limits[*row] < 0.0).for_each(|row| entries[row] = -1.0),
        }
        entries
    }

    fn worth(&self, part: Part) -> f64 {
        match part {
            Part::Column(column) => self.columns[column].value,
            Part::Slack(_) => 0.0,
            Part::Over => -self.penalty,
        }
    }

    /// The part with the largest gain per unit, or with Bland's rule the first with any.
    fn entering(&self, duals: &[f64], is_careful: bool) -> Option<Part> {
        let slacks = (0..self.limits.len()).map(Part::Slack);
        let parts = slacks.chain((0..self.columns.len()).map(Part::Column));
        let mut best: Option<(Part, f64)> = None;
        for part in parts.filter(|part| !self.basis.contains(part)) {
            let worth = self.worth(part);
            let (mut gain, mut size) = (worth, worth.abs());
            for (dual, entry) in duals.iter().zip(self.entries(part)) {
                gain -= dual * entry;
                size = size.max((dual * entry).abs());
            }
            if gain > TOLERANCE * size.max(f64::MIN_POSITIVE) && best.is_none_or(|(_, most)| gain > most) {
                best = Some((part, gain));
                if is_careful {
                    break;
                }
            }
        }
        best.map(|(part, _)| part)
    }

    /// The first part to reach zero; of several, the one with the largest pivot, or with Bland's rule the
    /// first.
    fn leaving(&self, levels: &[f64], direction: &[f64], is_careful: bool) -> Option<usize> {
        let largest = direction.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
        let can_leave = (0..levels.len()).filter(|row| direction[*row] > 1e-11 * largest);
        let ratio = |row: usize| levels[row].max(0.0) / direction[row];
        let least = can_leave.clone().map(ratio).fold(f64::INFINITY, f64::min);
        let mut tied = can_leave.filter(|row| ratio(*row) <= least + TOLERANCE * least.abs());
        if is_careful {
            return tied.min_by_key(|row| match self.basis[*row] {
                Part::Over => (0, 0),
                Part::Slack(row) => (1, row),
                Part::Column(column) => (2, column),
            });
        }
        let first = tied.next()?;
        Some(tied.fold(first, |best, row| if direction[row] > direction[best] { row } else { best }))
    }
}

/// Gauss's elimination with row pivots; `None` where the matrix is singular.
fn solve(matrix: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let size = right.len();
    let mut rows: Vec<Vec<f64>> = matrix.to_vec();
    let mut right = right.to_vec();
    for step in 0..size {
        let pivot = (step..size).max_by(|a, b| rows[*a][step].abs().total_cmp(&rows[*b][step].abs()))?;
        let size_of_pivot = rows[pivot][step].abs();
        if size_of_pivot.is_nan() || size_of_pivot <= 1e-300 {
            return None;
        }
        rows.swap(step, pivot);
        right.swap(step, pivot);
        for below in step + 1..size {
            let factor = rows[below][step] / rows[step][step];
            if factor != 0.0 {
                let (upper, lower) = rows.split_at_mut(below);
                lower[0][step..].iter_mut().zip(&upper[step][step..]).for_each(|(l, u)| *l -= factor * u);
                right[below] -= factor * right[step];
            }
        }
    }
    for step in (0..size).rev() {
        let known: f64 = (step + 1..size).map(|c| rows[step][c] * right[c]).sum();
        right[step] = (right[step] - known) / rows[step][step];
    }
    right.iter().all(|value| value.is_finite()).then_some(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_allocations_are_mixed_to_meet_the_limit() {
        let mut master = Master::new(vec![1.0], 0.0);
        master.columns.push(Column { value: 10.0, uses: vec![2.0] });
        master.columns.push(Column { value: 6.0, uses: vec![0.5] });
        let found = master.solve().unwrap();
        // A third of the first and two thirds of the second: 22/3, at 8/3 per unit.
        assert!((found.value - 22.0 / 3.0).abs() < 1e-12);
        assert!((found.prices[0] - 8.0 / 3.0).abs() < 1e-12);
        assert_eq!(found.mixture.len(), 2);
    }

    #[test]
    fn a_negative_limit_needs_a_column_that_brings_in() {
        let mut master = Master::new(vec![-1.0, 1.0], 100.0);
        let over = master.solve().unwrap();
        assert!((over.over - 1.0).abs() < 1e-12);
        master.columns.push(Column { value: -3.0, uses: vec![-2.0, 0.0] });
        let kept = master.solve().unwrap();
        assert!(kept.over < 1e-12 && (kept.value + 1.5).abs() < 1e-12);
    }
}
