//! Kano.

use super::scores::near;
use stats::feedback::*;

fn counts(m: u64, o: u64, a: u64, i: u64, r: u64, q: u64) -> KanoCounts {
    KanoCounts { must_be: m, one_dimensional: o, attractive: a, indifferent: i, reverse: r, questionable: q }
}

/// Cohn, Agile Estimating and Planning (2005), table 11.1: shares in tenths of a percent; the third is a tie.
#[test]
fn features_of_cohn_2005() {
    let graph = kano(&counts(228, 438, 184, 128, 17, 5)).unwrap();
    assert_eq!(graph.category, Category::OneDimensional);
    near(graph.better.unwrap(), 0.636, 5e-4);
    near(graph.worse.unwrap(), -0.681, 5e-4);
    let photos = kano(&counts(543, 309, 83, 42, 14, 9)).unwrap();
    assert_eq!(photos.leading, [Category::MustBe]);
    near(photos.better.unwrap(), 0.401, 5e-4);
    near(photos.worse.unwrap(), -0.872, 5e-4);
    let book = kano(&counts(366, 148, 391, 82, 2, 11)).unwrap();
    assert_eq!(book.leading, [Category::MustBe, Category::Attractive]);
    near(book.better.unwrap(), 0.546, 5e-4);
    near(book.worse.unwrap(), -0.521, 5e-4);
}

/// Car features of the example of R's stp25stat, computed by an independent script.
#[test]
fn car_features() {
    let safety = kano(&counts(18, 5, 1, 1, 1, 1)).unwrap();
    near(safety.better.unwrap(), 0.240, 5e-4);
    near(safety.worse.unwrap(), -0.920, 5e-4);
    assert_eq!((safety.fong.difference, safety.fong.is_significant), (13.0, true));
    near(safety.fong.threshold, 6.0, 0.05);
    let acceleration = kano(&counts(3, 11, 6, 6, 1, 0)).unwrap();
    near(acceleration.better.unwrap(), 0.654, 5e-4);
    near(acceleration.worse.unwrap(), -0.538, 5e-4);
    near(acceleration.fong.threshold, 5.6, 0.05);
    assert!(!acceleration.fong.is_significant);
    let consumption = kano(&counts(8, 11, 4, 4, 0, 0)).unwrap();
    near(consumption.better.unwrap(), 0.556, 5e-4);
    near(consumption.worse.unwrap(), -0.704, 5e-4);
    near(consumption.fong.threshold, 5.8, 0.05);
    // The question about rust is to be turned round: no coefficient exists.
    let rust = kano(&counts(0, 0, 0, 0, 27, 0)).unwrap();
    assert_eq!((rust.better, rust.worse, rust.category), (None, None, Category::Reverse));
}

/// Center for Quality Management Journal 2(4), 1993, and the variants.
#[test]
fn tables_by_name() {
    let table = KanoTable::cqm_1993();
    let letter = |table: &KanoTable, f: usize, d: usize| table.category(f, d).unwrap();
    assert_eq!(letter(&table, 0, 4), Category::OneDimensional);
    assert_eq!(letter(&table, 0, 1), Category::Attractive);
    assert_eq!(letter(&table, 2, 4), Category::MustBe);
    assert_eq!(letter(&table, 1, 1), Category::Indifferent);
    assert_eq!(letter(&KanoTable::pouliot_1993(), 1, 1), Category::Questionable);
    assert_eq!(letter(&KanoTable::three_answers(), 0, 2), Category::OneDimensional);
    assert_eq!(table.category(5, 0), None);
    let counted = classify(&[(0, 4), (0, 4), (2, 4), (4, 0), (0, 0)], &table).unwrap();
    assert_eq!(counted, counts(1, 2, 0, 0, 1, 1));
    assert!(classify(&[(0, 5)], &table).is_err() && classify(&[], &table).is_err());
    assert!(KanoTable::parse("short", "AA/A").is_err() && KanoTable::parse("odd", "X").is_err());
    assert!(kano(&counts(0, 0, 0, 0, 0, 9)).is_err() && kano(&KanoCounts::default()).is_err());
}

#[test]
fn categories_of_blauth_and_strengths() {
    let found = kano(&counts(10, 2, 3, 12, 1, 2)).unwrap();
    // 15 want it, 15 do not: not more, so the largest of those who do not.
    assert_eq!((found.category, found.blauth), (Category::Indifferent, Category::Indifferent));
    near(found.total_strength, 0.5, 1e-12);
    near(found.category_strength, 2.0 / 30.0, 1e-12);
    let wanted = kano(&counts(10, 3, 3, 12, 1, 2)).unwrap();
    assert_eq!(wanted.blauth, Category::MustBe);
}

/// The same mean can hide two groups: one half delighted, the other half against it.
#[test]
fn continuous_reading_finds_two_groups() {
    let scores = KanoScores::DUMOUCHEL_1993;
    let one: Vec<(u8, u8)> =
        (0..60).map(|i| [(1, 3), (1, 4), (2, 3), (0, 3), (1, 2), (1, 3)][i % 6]).collect();
    let found = continuous(&one, &scores).unwrap();
    near(found.functional.mean, (2.0 + 2.0 + 0.0 + 4.0 + 2.0 + 2.0) / 6.0, 1e-12);
    near(found.dysfunctional.mean, (2.0 + 4.0 + 2.0 + 2.0 + 0.0 + 2.0) / 6.0, 1e-12);
    assert_eq!((found.quadrant, found.is_split), (Quadrant::Performance, false));
    let two: Vec<(u8, u8)> = (0..60).map(|i| if i % 2 == 0 { (0, 4) } else { (4, 0) }).collect();
    let split = continuous(&two, &scores).unwrap();
    assert!(split.is_split && split.functional.deviation > 2.9);
    assert_eq!(continuous(&two, &KanoScores::UNIT).unwrap().functional.mean * 4.0, split.functional.mean);
    assert!(continuous(&[(0, 0)], &scores).is_err() && continuous(&[(0, 5), (0, 0)], &scores).is_err());
}
