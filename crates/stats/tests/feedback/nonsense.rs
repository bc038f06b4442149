//! Whatever comes in, what comes out is a finite number or a refusal; and order and units do not matter.

use proptest::prelude::*;
use stats::feedback::*;
use stats::table::Table;

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![6 => -10.0..10.0f64, 2 => (0..5i32).prop_map(f64::from), 1 => Just(1e200), 1 => Just(-3e-200)]
}

fn is_sound(estimate: &Estimate) -> bool {
    estimate.value.is_finite() && estimate.low <= estimate.high && estimate.standard_error >= 0.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn scores_are_sound(p in 0..400u64, n in 0..400u64, d in 0..400u64, level in 0.5..0.999f64) {
        match nps(p, n, d, level) {
            Ok(found) => {
                prop_assert!(is_sound(&found.wald) && is_sound(&found.adjusted));
                prop_assert!(found.adjusted.low >= -100.0 && found.adjusted.high <= 100.0);
                // Promoters and detractors exchanged: the mirror image.
                let turned = nps(d, n, p, level).unwrap();
                prop_assert!((turned.adjusted.value + found.adjusted.value).abs() < 1e-9);
                prop_assert!((turned.adjusted.low + found.adjusted.high).abs() < 1e-9);
            }
            Err(_) => prop_assert_eq!(p + n + d, 0),
        }
        let counts = [p, n, d, 1, 0, 3, p];
        for form in [CesForm::ShareAgreeing, CesForm::Mean, CesForm::TopLessBottom] {
            prop_assert!(is_sound(&ces(&counts, form, level).unwrap().score));
        }
    }

    #[test]
    fn kano_is_sound([m, o, a, i, r, q] in [0..40u64, 0..40u64, 0..40u64, 0..40u64, 0..40u64, 0..40u64]) {
        let (must_be, one_dimensional, attractive) = (m, o, a);
        let (indifferent, reverse, questionable) = (i, r, q);
        let counts =
            KanoCounts { must_be, one_dimensional, attractive, indifferent, reverse, questionable };
        if let Ok(found) = kano(&counts) {
            prop_assert!((found.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(found.better.is_none_or(|b| (0.0..=1.0).contains(&b)));
            prop_assert!(found.worse.is_none_or(|w| (-1.0..=0.0).contains(&w)));
            prop_assert!(found.leading.contains(&found.category) && found.fong.threshold.is_finite());
        } else {
            prop_assert_eq!(m + o + a + i + r, 0);
        }
    }

    #[test]
    fn drivers_sum_to_r_squared(
        values in prop::collection::vec(number(), 40),
        outcome in prop::collection::vec(number(), 10),
    ) {
        let table = Table::new(4, values).unwrap();
        if let Ok(found) = drivers(&table, &outcome, 1) {
            for sum in [
                found.drivers.iter().map(|d| d.lmg).sum::<f64>(),
                found.drivers.iter().map(|d| d.johnson).sum::<f64>(),
                found.drivers.iter().map(|d| d.pratt).sum::<f64>(),
            ] {
                prop_assert!((sum - found.r_squared).abs() < 1e-6, "{} {}", sum, found.r_squared);
            }
            let is_sound = |d: &Driver| d.lmg > -1e-9 && d.johnson >= 0.0 && d.inflation >= 1.0 - 1e-9;
            prop_assert!(found.drivers.iter().all(is_sound));
        }
    }

    #[test]
    fn units_and_order_of_ratings_do_not_matter(
        values in prop::collection::vec(-5.0..5.0f64, 60),
        outcome in prop::collection::vec(-5.0..5.0f64, 20),
        scale in 0.01..100.0f64,
        shift in -50.0..50.0f64,
    ) {
        let plain = drivers(&Table::new(3, values.clone()).unwrap(), &outcome, 1).unwrap();
        let rows = values.chunks(3).rev();
        let moved: Vec<f64> = rows.flat_map(|r| [r[0] * scale + shift, r[1], r[2]]).collect();
        let turned: Vec<f64> = outcome.iter().rev().map(|y| 2.0 * y - shift).collect();
        let other = drivers(&Table::new(3, moved).unwrap(), &turned, 1).unwrap();
        for (one, two) in plain.drivers.iter().zip(&other.drivers) {
            prop_assert!((one.lmg - two.lmg).abs() < 1e-7 && (one.johnson - two.johnson).abs() < 1e-7);
        }
    }

    #[test]
    fn reliability_is_sound(values in prop::collection::vec(number(), 24)) {
        if let Ok(found) = alpha(&Table::new(4, values).unwrap(), 0.95) {
            prop_assert!(found.raw <= 1.0 + 1e-9 && found.low <= found.high);
            for item in &found.items {
                for number in [item.item_total, item.item_rest].into_iter().flatten() {
                    prop_assert!((-1.0..=1.0).contains(&number));
                }
            }
        }
    }

    #[test]
    fn raked_margins_hold(
        groups in prop::collection::vec((0..3u32, 0..2u32), 30..80),
        weights in prop::collection::vec(0.1..10.0f64, 80),
        sizes in (1.0..9.0f64, 1.0..9.0f64, 1.0..9.0f64, 0.1..0.9f64),
    ) {
        let (first, second): (Vec<u32>, Vec<u32>) = groups.into_iter().unzip();
        let total = sizes.0 + sizes.1 + sizes.2;
        let (one, two) = ([sizes.0, sizes.1, sizes.2], [total * sizes.3, total * (1.0 - sizes.3)]);
        let margins = [Margin { groups: &first, sizes: &one }, Margin { groups: &second, sizes: &two }];
        if let Ok(found) = rake(&weights[..first.len()], &margins) {
            for (groups, sizes) in [(&first, &one[..]), (&second, &two[..])] {
                for (group, size) in sizes.iter().enumerate() {
                    let of_group = found.weights.iter().zip(groups).filter(|(_, g)| **g as usize == group);
                    let sum: f64 = of_group.map(|(w, _)| w).sum();
                    prop_assert!((sum / size - 1.0).abs() < 1e-6);
                }
            }
            prop_assert!(found.design_effect >= 1.0 - 1e-12 && found.weights.iter().all(|w| *w > 0.0));
            let trimmed = trim(&found.weights, 3.0).unwrap();
            prop_assert!((trimmed.weights.iter().sum::<f64>() / total - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn surveys_are_sound(
        values in prop::collection::vec(number(), 12),
        weights in prop::collection::vec(prop_oneof![5 => 0.1..9.0f64, 1 => Just(0.0), 1 => Just(f64::NAN)], 12),
        groups in prop::collection::vec(0..4u32, 12),
    ) {
        let by = [groups.as_slice()];
        let clusters = Some(groups.as_slice());
        let survey = Survey { weights: &weights, clusters, calibrated: &by, ..Survey::default() };
        let both = [estimate_mean(&values, &survey, 0.9), estimate_total(&values, &survey, 0.9)];
        for found in both.into_iter().flatten() {
            prop_assert!(is_sound(&found.estimate));
        }
    }

    #[test]
    fn shrunk_stores_lie_between_their_own_and_the_common_share(
        counts in prop::collection::vec((0..60u64, 0..60u64), 2..20),
    ) {
        let (successes, trials): (Vec<u64>, Vec<u64>) =
            counts.into_iter().map(|(k, more)| (k, k + more)).unzip();
        if let Ok(prior) = SharePrior::by_likelihood(&successes, &trials) {
            for store in shrink_shares(&successes, &trials, &prior, 0.9).unwrap() {
                let (a, b) = (store.own.unwrap_or(prior.mean()), prior.mean());
                prop_assert!(store.value >= a.min(b) - 1e-9 && store.value <= a.max(b) + 1e-9);
                prop_assert!(0.0 <= store.low && store.low <= store.high && store.high <= 1.0);
            }
        }
    }

    #[test]
    fn shrunk_means_are_sound(
        means in prop::collection::vec(number(), 2..12),
        errors in prop::collection::vec(0.0..5.0f64, 12),
    ) {
        let errors = &errors[..means.len()];
        if let Ok(prior) = MeanPrior::paule_mandel(&means, errors) {
            prop_assert!(prior.between >= 0.0 && prior.mean.is_finite());
            for store in shrink_means(&means, errors, &prior, 0.9).unwrap() {
                prop_assert!(store.value.is_finite() && store.low <= store.high);
            }
        }
    }

    #[test]
    fn choices_are_sound(
        values in prop::collection::vec(number(), 24),
        chosen in prop::collection::vec(0..3usize, 4),
    ) {
        let table = Table::new(2, values).unwrap();
        if let Ok(found) = conjoint(&Choices::new(table.clone(), &[3; 4], chosen).unwrap()) {
            prop_assert!(found.coefficients.iter().chain(&found.standard_errors).all(|b| b.is_finite()));
            prop_assert!(found.log_likelihood >= found.null_log_likelihood - 1e-9);
        }
        if let Ok(found) = shares(&[1.0, -1.0], &table) {
            prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }
}
