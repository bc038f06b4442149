//! Many looks at once: which of many differences are found, and which are chance.
//!
//! Among a thousand products without any effect fifty differ "significantly". Benjamini and Hochberg (1995, theorem 1)
//! keep the expected share of false findings under a rate, whatever their number.

/// Probability that a standard normal deviates from 0 by |z| or more, to either side.
pub fn two_sided(z: f64) -> f64 {
    statrs::function::erf::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// How many of these p-values, in rising order, are findings of which at most the share `rate` is expected to be false;
/// they are the first so many. What is not a number is no finding.
pub fn discoveries(rising: &[f64], rate: f64) -> usize {
    let all = rising.len() as f64;
    let is_found = |(place, p): &(usize, &f64)| **p <= rate * (*place as f64 + 1.0) / all;
    rising.iter().enumerate().rev().find(is_found).map_or(0, |(place, _)| place + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Benjamini and Hochberg (1995), section 4.1: fifteen p-values of the myocardial infarction trial, four found.
    #[test]
    fn infarction_trial_benjamini_hochberg_1995() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0,
        ];
        assert_eq!(discoveries(&p, 0.05), 4);
    }

    #[test]
    fn nothing_is_found_where_there_is_nothing() {
        let even: Vec<f64> = (1..=100).map(|place| f64::from(place) / 100.0).collect();
        assert_eq!(discoveries(&even, 0.05), 0);
        assert_eq!(discoveries(&[], 0.05), 0);
        assert_eq!(discoveries(&[f64::NAN], 0.05), 0);
    }

    #[test]
    fn deviations_of_the_textbook() {
        assert!((two_sided(1.959_963_984_540_054) - 0.05).abs() < 1e-9);
        assert!((two_sided(-2.575_829_303_548_901) - 0.01).abs() < 1e-9);
        assert_eq!(two_sided(0.0), 1.0);
    }
}
