//! How long fits and scores take: `cargo bench -p stats --bench lifetime`.
//!
//! Day-level data repeat rows and shrink when grouped; continuous times do not, so both are timed. Customers are planted
//! with the parameters of the CDNOW sample.

#[path = "../tests/lifetime/cdnow.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod cdnow;
#[path = "../tests/lifetime/simulate.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod simulate;

use criterion::{Criterion, criterion_group, criterion_main};
use simulate::{People, Truth, simulate};
use stats::lifetime::fit::{Family, fit};
use stats::lifetime::history::History;
use stats::lifetime::model::Model;
use stats::lifetime::score::{Request, order_ranges, score_all};
use stats::lifetime::spend::fit_spend;
use std::hint::black_box;
use std::time::Duration;

const BG: [f64; 4] = [0.243, 4.414, 0.793, 2.426];
const PARETO: [f64; 4] = [0.553, 10.58, 0.606, 11.67];

/// The same customers with recency and age in whole days, ages spread over a year.
fn by_day(people: &People) -> People {
    let mut days = People::default();
    for i in 0..people.frequency.len() {
        let recency = (people.recency[i] * 7.0).ceil();
        days.frequency.push(people.frequency[i].min(recency));
        days.recency.push(recency);
        days.age.push(people.age[i] * 7.0 + (i % 84) as f64);
    }
    days
}

/// Ages spread continuously, so that no two rows are equal.
fn continuous(mut people: People) -> People {
    for (i, age) in people.age.iter_mut().enumerate() {
        *age += i as f64 * 1e-5;
    }
    people
}

fn fits(c: &mut Criterion) {
    let master = cdnow::master();
    let history = History::new(&master.frequency, &master.recency, &master.age);
    let mut group = c.benchmark_group("fit CDNOW master, 23,570 customers");
    for (name, family) in
        [("bg-nbd", Family::BG_NBD), ("mbg-nbd", Family::MBG_NBD), ("pareto-nbd", Family::PARETO_NBD)]
    {
        group.bench_function(name, |b| b.iter(|| fit(family, black_box(&history))));
    }
    group.bench_function("gamma-gamma", |b| {
        b.iter(|| fit_spend(black_box(&master.frequency), &master.spend, None))
    });
    group.finish();

    let people = continuous(simulate(Truth::Bg { k: 1 }, BG, 1_000_000, 39.0, 0.0, 1));
    let days = by_day(&people);
    let mut group = c.benchmark_group("fit 1,000,000 customers");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    for (name, people) in [("continuous", &people), ("day-level", &days)] {
        let history = people.history();
        let history = History::new(history.frequency, history.recency, history.age);
        group.bench_function(format!("bg-nbd, {name}"), |b| {
            b.iter(|| fit(Family::BG_NBD, black_box(&history)))
        });
        group.bench_function(format!("mbg-nbd, {name}"), |b| {
            b.iter(|| fit(Family::MBG_NBD, black_box(&history)))
        });
    }
    group.finish();

    let people = continuous(simulate(Truth::Pareto, PARETO, 100_000, 39.0, 0.0, 2));
    let history = History::new(&people.frequency, &people.recency, &people.age);
    let mut group = c.benchmark_group("fit 100,000 customers");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    group.bench_function("pareto-nbd, continuous", |b| {
        b.iter(|| fit(Family::PARETO_NBD, black_box(&history)))
    });
    group.finish();
}

fn scores(c: &mut Criterion) {
    let people = continuous(simulate(Truth::Bg { k: 1 }, BG, 1_000_000, 39.0, 0.0, 3));
    let days = by_day(&people);
    let history = History::new(&people.frequency, &people.recency, &people.age);
    let daily = History::new(&days.frequency, &days.recency, &days.age);
    let mut group = c.benchmark_group("score 1,000,000 customers, 52 weeks");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let requests = [
        ("alive, none, expected", Request { horizon: 52.0, rate: 0.0 }),
        ("with discounted", Request { horizon: 52.0, rate: 0.002 }),
    ];
    for (model, parameters) in [("bg-nbd", BG), ("pareto-nbd", PARETO)] {
        let fitted = Model::from_parts(model, &parameters).expect("known parameters");
        for (name, request) in &requests {
            group.bench_function(format!("{model}, {name}"), |b| {
                b.iter(|| score_all(&fitted, black_box(&history), request))
            });
            group.bench_function(format!("{model}, by day, {name}"), |b| {
                b.iter(|| score_all(&fitted, black_box(&daily), request))
            });
        }
        group.bench_function(format!("{model}, range"), |b| {
            b.iter(|| order_ranges(&fitted, black_box(&history), 52.0, 0.9))
        });
    }
    group.finish();
}

criterion_group!(benches, fits, scores);
criterion_main!(benches);
