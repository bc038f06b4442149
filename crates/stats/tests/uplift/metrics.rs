//! Every metric against its package's definition: computed by hand in fractions, and on a published fixture.

use proptest::prelude::*;
use stats::table::Table;
use stats::uplift::{
    Causalml, Metric, Ranking, Sklift, Strategy as Cut, Weighting, cost_curve, effect_by_group, measure,
    measure_with_error, rate, rate_with_error, toc,
};

use crate::reference;

const TREATED: [bool; 8] = [true, false, true, true, false, true, false, false];
const OUTCOME: [f64; 8] = [1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
const SCORE: [f64; 8] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2];
const SCORE_WITH_TIES: [f64; 8] = [0.9, 0.9, 0.7, 0.7, 0.7, 0.4, 0.3, 0.3];

const HALF_OVERALL: Metric = Metric::Sklift(Sklift::UpliftAt { strategy: Cut::Overall, share: 0.5 });
const HALF_BY_GROUP: Metric = Metric::Sklift(Sklift::UpliftAt { strategy: Cut::ByGroup, share: 0.5 });

fn all() -> [Metric; 9] {
    [
        Metric::Sklift(Sklift::QiniAuc),
        Metric::Sklift(Sklift::QiniAucNoNegative),
        Metric::Sklift(Sklift::UpliftAuc),
        HALF_OVERALL,
        HALF_BY_GROUP,
        Metric::Causalml(Causalml::Auuc { normalize: false }),
        Metric::Causalml(Causalml::Qini { normalize: false }),
        Metric::Causalml(Causalml::Auuc { normalize: true }),
        Metric::Causalml(Causalml::Qini { normalize: true }),
    ]
}

/// Fractions worked out from the definitions for eight customers.
#[test]
fn eight_customers_by_hand() {
    let plain = [
        25.0 / 66.0,
        25.0 / 36.0,
        5.0 / 21.0,
        1.0,
        0.5,
        245.0 / 108.0,
        11.0 / 27.0,
        245.0 / 432.0,
        11.0 / 54.0,
    ];
    let tied =
        [1.0 / 11.0, 1.0 / 6.0, 1.0 / 49.0, 0.5, 0.5, 203.0 / 108.0, -1.0 / 27.0, 203.0 / 432.0, -1.0 / 54.0];
    for (score, expected) in [(SCORE, plain), (SCORE_WITH_TIES, tied)] {
        let ranking = Ranking::new(&score, &TREATED, &OUTCOME).unwrap();
        for (metric, expected) in all().iter().zip(expected) {
            let found = measure(&ranking, metric).unwrap();
            assert!((found - expected).abs() < 1e-12, "{}: {found} for {expected}", metric.name());
        }
    }
}

#[test]
fn rank_weighted_effects_of_eight_customers_by_hand() {
    let scores: Vec<f64> =
        TREATED.iter().zip(OUTCOME).map(|(treated, y)| if *treated { 2.0 * y } else { -2.0 * y }).collect();
    assert!((rate(&SCORE, &scores, Weighting::Autoc).unwrap() - 153.0 / 280.0).abs() < 1e-12);
    assert!((rate(&SCORE, &scores, Weighting::Qini).unwrap() - 3.0 / 16.0).abs() < 1e-12);
    let curve = toc(&SCORE, &scores).unwrap();
    assert!((curve[0] - 1.5).abs() < 1e-12 && curve[7].abs() < 1e-12);
    // Customers nobody tells apart: the curve is flat.
    assert!(rate(&[1.0; 8], &scores, Weighting::Autoc).unwrap().abs() < 1e-12);
}

/// The fixture of scikit-uplift 0.5.1 and causalml 0.18.0 on the Hillstrom mailing (21,347 rows).
#[test]
fn hillstrom_fixture_to_nine_digits() {
    let Some(text) = reference::read("causal/hillstrom/metric_fixture.csv.gz") else { return };
    let expected = reference::read("causal/hillstrom/metric_fixture_expected.json").unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let expected = &expected["values"]["score_noties"];
    let rows = reference::rows(&text);
    let column = |name: &str| -> Vec<f64> { rows.iter().map(|row| reference::number(row, name)).collect() };
    let treated: Vec<bool> = column("w").iter().map(|w| *w == 1.0).collect();
    let score = column("score_noties");
    let ranking = Ranking::new(&score, &treated, &column("visit")).unwrap();
    let at = |strategy, share| Metric::Sklift(Sklift::UpliftAt { strategy, share });
    let mut metrics: Vec<Metric> =
        all().into_iter().filter(|m| ![HALF_OVERALL, HALF_BY_GROUP].contains(m)).collect();
    metrics.extend([
        at(Cut::Overall, 0.1),
        at(Cut::Overall, 0.3),
        at(Cut::ByGroup, 0.1),
        at(Cut::ByGroup, 0.3),
    ]);
    metrics.push(Metric::Sklift(Sklift::WeightedAverage { strategy: Cut::Overall, bins: 10 }));
    for metric in metrics {
        let expected = expected[metric.name()].as_f64().unwrap();
        let found = measure(&ranking, &metric).unwrap();
        assert!(
            (found - expected).abs() < 1e-9 * expected.abs().max(1.0),
            "{}: {found} {expected}",
            metric.name()
        );
    }
    let spend = Ranking::new(&score, &treated, &column("spend")).unwrap();
    let found = measure(&spend, &at(Cut::ByGroup, 0.3)).unwrap();
    assert!((found - expected["spend uplift@30 by_group"].as_f64().unwrap()).abs() < 1e-9);
    for (key, outcome) in
        [("visit AUTOC,QINI (RATE, e=.5, stable sort desc)", "visit"), ("spend AUTOC,QINI", "spend")]
    {
        let sign = |(treated, y): (&bool, f64)| if *treated { 2.0 * y } else { -2.0 * y };
        let scores: Vec<f64> = treated.iter().zip(column(outcome)).map(sign).collect();
        for (place, weighting) in [Weighting::Autoc, Weighting::Qini].into_iter().enumerate() {
            let found = rate(&score, &scores, weighting).unwrap();
            let expected = expected[key][place].as_f64().unwrap();
            assert!((found - expected).abs() < 1e-9, "{key} {found} {expected}");
        }
    }
}

/// A planted ranking, many times over: the spread of the estimates is what one of them says of itself.
#[test]
fn standard_errors_are_the_spread_of_repeated_trials() {
    let metrics = [
        Metric::Sklift(Sklift::QiniAuc),
        Metric::Sklift(Sklift::UpliftAt { strategy: Cut::ByGroup, share: 0.3 }),
        Metric::Causalml(Causalml::Qini { normalize: false }),
    ];
    let trials: Vec<_> = (0..60).map(|seed| ranked(1_500, seed)).collect();
    for metric in metrics {
        let values: Vec<f64> = trials
            .iter()
            .map(|(s, t, y)| measure(&Ranking::new(s, t, y).unwrap(), &metric).unwrap())
            .collect();
        let errors: Vec<f64> = trials[..12]
            .iter()
            .map(|(s, t, y)| {
                measure_with_error(&Ranking::new(s, t, y).unwrap(), &metric, 100, 7).unwrap().standard_error
            })
            .collect();
        let ratio = stats::describe::mean(&errors) / stats::describe::standard_deviation(&values);
        assert!((0.75..1.35).contains(&ratio), "{}: {ratio}", metric.name());
    }
    let rates = |(s, t, y): &(Vec<f64>, Vec<bool>, Vec<f64>)| {
        let scores: Vec<f64> = t.iter().zip(y).map(|(t, y)| if *t { 2.0 * y } else { -2.0 * y }).collect();
        rate_with_error(s, &scores, Weighting::Autoc, 100, 7).unwrap()
    };
    let found: Vec<_> = trials.iter().map(rates).collect();
    let spread = stats::describe::standard_deviation(&found.iter().map(|r| r.value).collect::<Vec<_>>());
    let said = stats::describe::mean(&found.iter().map(|r| r.standard_error).collect::<Vec<_>>());
    assert!((0.75..1.35).contains(&(said / spread)), "{said} {spread}");
}

/// Scores that know the effect in part, as plain columns.
fn ranked(rows: usize, seed: u64) -> (Vec<f64>, Vec<bool>, Vec<f64>) {
    let planted = crate::planted::draw(&crate::planted::one_action_on_a_chance(), rows, seed);
    let treated = planted.trial.arm().iter().map(|arm| *arm == 1).collect();
    (planted.truth.iter().map(|row| row[0]).collect(), treated, planted.trial.outcome().to_vec())
}

#[test]
fn effects_by_group_cover_the_planted_ones_and_find_the_one_that_differs() {
    let scores: Vec<f64> =
        (0..3_000).map(|i| f64::from(i % 7) - 3.0 + if i % 3 == 2 { 0.5 } else { 0.0 }).collect();
    let groups: Vec<usize> = (0..3_000).map(|i| i % 3).collect();
    let effects = effect_by_group(&groups, &scores, 0.95).unwrap();
    for (found, truth) in effects.iter().zip([0.0, 0.0, 0.5]) {
        assert!(found.low < truth && truth < found.high && found.rows == 1_000, "{found:?}");
        let half = (found.high - found.low) / 2.0;
        assert!((half / found.standard_error - 1.959_964).abs() < 1e-5);
    }
    assert!(effects[2].p_different.unwrap() < 1e-4);
    assert!(effect_by_group(&[1, 1, 2], &[0.0, 1.0, 2.0], 0.95).is_err());
}

/// Three customers, two actions: hulls worked out by hand.
#[test]
fn a_cost_curve_by_hand() {
    // Ana: 4 for 1, then 6 for 2 (prices 4 and 2); Ben: only the dear one lies on the hull (3 for 2, price 1.5);
    // Chi: loses by either.
    let predicted = Table::new(2, vec![4.0, 6.0, 1.0, 3.0, -1.0, -2.0]).unwrap();
    let costs = Table::new(2, vec![1.0, 2.0, 1.0, 2.0, 1.0, 2.0]).unwrap();
    let scores = Table::new(2, vec![3.0, 9.0, 0.0, 6.0, 5.0, 5.0]).unwrap();
    let curve = cost_curve(&predicted, &costs, &scores).unwrap();
    let found: Vec<[f64; 3]> = curve.points.iter().map(|p| [3.0 * p.cost, 3.0 * p.gain, p.price]).collect();
    assert_eq!(found[1..], [[1.0, 3.0, 4.0], [2.0, 9.0, 2.0], [4.0, 15.0, 1.5]]);
    // (0 + 3)/2 + (3 + 9)/2 + 2·(9 + 15)/2 = 31.5 of 4 · 15.
    assert!((curve.area.unwrap() - 31.5 / 60.0).abs() < 1e-12);
    assert!((curve.gain_at(0.5) - (3.0 + 6.0 * 0.5) / 3.0).abs() < 1e-12);
    assert_eq!((curve.gain_at(0.0), curve.gain_at(99.0)), (0.0, 5.0));
    let last = curve.points.last().unwrap().standard_error;
    assert!((last - (((9.0 - 5.0_f64).powi(2) + 1.0 + 25.0) / 2.0 / 3.0).sqrt()).abs() < 1e-12);
}

proptest! {
    #[test]
    fn units_of_the_score_and_order_of_the_rows_do_not_matter(
        rows in prop::collection::vec((-1.0..1.0f64, prop::bool::ANY, prop::bool::ANY), 8..60), turn in 0..60_usize,
    ) {
        let columns = |rows: &[(f64, bool, bool)], unit: f64| -> (Vec<f64>, Vec<bool>, Vec<f64>) {
            (
                rows.iter().map(|row| unit * row.0 + 3.0).collect(),
                rows.iter().map(|row| row.1).collect(),
                rows.iter().map(|row| f64::from(u8::from(row.2))).collect(),
            )
        };
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        let (plain, other) = (columns(&rows, 1.0), columns(&turned, 1_000.0));
        let of = |(s, t, y): &(Vec<f64>, Vec<bool>, Vec<f64>), metric: &Metric| {
            Ranking::new(s, t, y).and_then(|ranking| measure(&ranking, metric)).ok()
        };
        for metric in all() {
            match (of(&plain, &metric), of(&other, &metric)) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9, "{}: {} {}", metric.name(), a, b),
                (a, b) => prop_assert!(a.is_none() && b.is_none()),
            }
        }
    }

    #[test]
    fn a_cost_curve_never_falls_in_cost_nor_rises_in_price(
        rows in prop::collection::vec((-2.0..2.0f64, -2.0..2.0f64, 0.0..2.0f64, 0.0..2.0f64), 1..40),
    ) {
        let predicted = Table::new(2, rows.iter().flat_map(|r| [r.0, r.1]).collect()).unwrap();
        let costs = Table::new(2, rows.iter().flat_map(|r| [r.2, r.3]).collect()).unwrap();
        let curve = cost_curve(&predicted, &costs, &predicted).unwrap();
        prop_assert!(curve.points.windows(2).all(|p| p[0].cost <= p[1].cost && p[0].price >= p[1].price));
        // Judged by its own predictions the curve is concave and ends at everyone's best.
        let best: f64 = rows.iter().map(|r| r.0.max(r.1).max(0.0)).sum();
        prop_assert!((curve.points.last().unwrap().gain * rows.len() as f64 - best).abs() < 1e-9);
        prop_assert!(curve.area.is_none_or(|area| (0.5 - 1e-9..=1.0 + 1e-9).contains(&area)));
    }
}
