//! How alike two groupings are.

use std::collections::BTreeMap;

use crate::inputs::{BadInput, not_empty, same_rows};

/// The adjusted Rand index of two groupings of the same rows: 1 when they are the same up to names, 0 on average for
/// groupings that have nothing to do with each other.
pub fn adjusted_rand(left: &[u32], right: &[u32]) -> Result<f64, BadInput> {
    not_empty("groups", left)?;
    same_rows("left", left, "right", right)?;
    let (mut both, mut lefts, mut rights) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (l, r) in left.iter().zip(right) {
        *both.entry((l, r)).or_insert(0_u64) += 1;
        *lefts.entry(l).or_insert(0_u64) += 1;
        *rights.entry(r).or_insert(0_u64) += 1;
    }
    let pairs = |count: &u64| *count as f64 * (*count as f64 - 1.0) / 2.0;
    let all = pairs(&(left.len() as u64));
    let index: f64 = both.values().map(pairs).sum();
    let (a, b): (f64, f64) = (lefts.values().map(pairs).sum(), rights.values().map(pairs).sum());
    let expected = if all > 0.0 { a * b / all } else { 0.0 };
    let most = (a + b) / 2.0;
    // Both groupings trivial (all rows together, or each alone): they agree.
    Ok(if most == expected { 1.0 } else { (index - expected) / (most - expected) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_groups_under_other_names_agree() {
        assert_eq!(adjusted_rand(&[0, 0, 1, 1], &[5, 5, 2, 2]).unwrap(), 1.0);
        assert_eq!(adjusted_rand(&[0, 0, 0], &[1, 1, 1]).unwrap(), 1.0);
        // The worked example of scikit-learn's page on the measure.
        assert!((adjusted_rand(&[0, 0, 1, 2], &[0, 0, 1, 1]).unwrap() - 0.571_428_571).abs() < 1e-8);
        assert!((adjusted_rand(&[0, 0, 1, 1], &[0, 1, 0, 1]).unwrap() + 0.5).abs() < 1e-12);
        assert!(adjusted_rand(&[], &[]).is_err());
    }
}
