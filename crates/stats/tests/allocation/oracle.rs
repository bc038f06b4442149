//! The linear relaxation and the whole-offer optimum of small instances, by another solver (microlp).

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome, Variable};
use stats::allocation::{Offers, Rules};

/// The optimum of the relaxation (`whole` false) or of whole offers; `None` where nothing keeps the rules.
pub fn optimum(offers: &Offers, rules: &Rules, whole: bool) -> Option<f64> {
    let limits = rules.limits.len();
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let mut columns: Vec<(Variable, f64, Vec<i64>)> = Vec::new();
    for index in 0..offers.len() {
        let customer = offers.customer(index);
        let mut one = Vec::new();
        for (place, value) in customer.value.iter().enumerate() {
            let uses = customer.uses[place * limits..(place + 1) * limits].to_vec();
            if uses[0] > customer.cap {
                continue;
            }
            let variable =
                if whole { problem.add_binary_var(*value) } else { problem.add_var(*value, (0.0, 1.0)) };
            one.push((variable, 1.0));
            columns.push((variable, *value, uses));
        }
        problem.add_constraint(one, ComparisonOp::Le, 1.0);
    }
    for (k, limit) in rules.limits.iter().enumerate().filter(|(_, limit)| **limit != i64::MAX) {
        let row: Vec<(Variable, f64)> = columns.iter().map(|(v, _, uses)| (*v, uses[k] as f64)).collect();
        problem.add_constraint(row, ComparisonOp::Le, *limit as f64);
    }
    if let Some(floor) = rules.roi_floor {
        let row: Vec<(Variable, f64)> =
            columns.iter().map(|(v, value, uses)| (*v, floor * uses[0] as f64 - value)).collect();
        problem.add_constraint(row, ComparisonOp::Le, 0.0);
    }
    match problem.solve() {
        Ok(SolveOutcome::Solution(solution)) => Some(solution.objective()),
        _ => None,
    }
}
