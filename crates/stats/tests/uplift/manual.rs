//! The worked examples of `docs/manual/stats/uplift.md`: what the page prints is what the functions give.

use stats::table::Table;
use stats::uplift::{
    Assignment, Causalml, Metric, Ranking, Sklift, Strategy, Trial, Weighting, aipw, cost_curve, measure,
    rate,
};

/// The page, with its line breaks as spaces.
fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/manual/stats/uplift.md");
    std::fs::read_to_string(path).unwrap().replace('\n', " ")
}

#[test]
fn the_table_of_metrics_is_what_eight_customers_give() {
    let page = page();
    let treated = [1, 0, 1, 1, 0, 1, 0, 0].map(|is| is == 1);
    let outcome = [1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
    let score = [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0];
    assert!(page.contains("treated `1 0 1 1 0 1 0 0`, outcome `1 0 1 1 1 0 0 0`"));
    let ranking = Ranking::new(&score, &treated, &outcome).unwrap();
    let at = |strategy| Metric::Sklift(Sklift::UpliftAt { strategy, share: 0.5 });
    for metric in [
        Metric::Sklift(Sklift::QiniAuc),
        Metric::Sklift(Sklift::QiniAucNoNegative),
        Metric::Sklift(Sklift::UpliftAuc),
        at(Strategy::Overall),
        at(Strategy::ByGroup),
        Metric::Sklift(Sklift::WeightedAverage { strategy: Strategy::Overall, bins: 2 }),
        Metric::Causalml(Causalml::Auuc { normalize: false }),
        Metric::Causalml(Causalml::Auuc { normalize: true }),
        Metric::Causalml(Causalml::Qini { normalize: false }),
        Metric::Causalml(Causalml::Qini { normalize: true }),
    ] {
        let line = format!("| `{}` | {:.4} |", metric.name(), measure(&ranking, &metric).unwrap());
        assert!(page.contains(&line), "the page should have: {line}");
    }
    let scores: Vec<f64> =
        treated.iter().zip(outcome).map(|(is, y)| if *is { 2.0 * y } else { -2.0 * y }).collect();
    let of = |weighting| rate(&score, &scores, weighting).unwrap();
    let words = format!("AUTOC {:.4} and QINI {:.4}", of(Weighting::Autoc), of(Weighting::Qini));
    assert!(page.contains(&words), "the page should have: {words}");
}

#[test]
fn the_scores_of_one_customer() {
    let table = Table::new(1, vec![0.0; 4]).unwrap();
    let trial =
        Trial::new(table, &[1, 1, 0, 0], &[1.0, 0.0, 0.0, 1.0], &Assignment::equal(2).unwrap()).unwrap();
    let scores = aipw(&trial, &Table::new(2, [0.2, 0.5].repeat(4)).unwrap()).unwrap();
    assert_eq!(scores.row(0), [0.2, 1.5]);
    assert!(page().contains("0.2 and 0.5 + (1 − 0.5) / 0.5 = 1.5, their effect score is 1.3"));
    assert!((scores.row(0)[1] - scores.row(0)[0] - 1.3).abs() < 1e-12);
}

#[test]
fn the_shrunk_score() {
    let served = 0.05 + 0.4 * (0.12 - 0.06);
    assert!(page().contains(&format!("is served {served:.3}")));
}

#[test]
fn the_cost_curve_of_three_customers() {
    let predicted = Table::new(2, vec![4.0, 6.0, 1.0, 3.0, -1.0, -2.0]).unwrap();
    let costs = Table::new(2, [1.0, 2.0].repeat(3)).unwrap();
    let scores = Table::new(2, vec![3.0, 9.0, 0.0, 6.0, 0.0, 0.0]).unwrap();
    let curve = cost_curve(&predicted, &costs, &scores).unwrap();
    let list = |of: fn(&stats::uplift::CostPoint) -> f64| -> String {
        curve.points[1..].iter().map(|point| format!("{:.0}", 3.0 * of(point))).collect::<Vec<_>>().join(", ")
    };
    let words = format!("costs of {} and gains of {}", list(|p| p.cost), list(|p| p.gain));
    assert!(page().contains(&words), "the page should have: {words}");
    let words = format!("its area is {:.3}", curve.area.unwrap());
    assert!(page().contains(&words), "the page should have: {words}");
}
