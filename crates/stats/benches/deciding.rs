//! Our side of the race with the Python packages: `just peers-deciding`, see benches/peers/README.md.
//!
//! The script writes the data (columns of little-endian f64) into the folder named by `PERENNIAL_RACE`; this does the
//! same work on them and prints one line of JSON per piece: its name, the best time in seconds, and the answer, which
//! the script holds against the peer's. Without the folder there is nothing to do.

#![expect(clippy::disallowed_methods, reason = "a race is measured by the clock")]

#[expect(dead_code, reason = "shared with benches that make customers")]
mod shared;

use shared::processor_seconds;
use stats::allocation::{Offers, Rules, allocate};
use stats::bootstrap;
use stats::describe::standard_deviation;
use stats::experiment::cuped::adjust;
use stats::experiment::effect::Scale;
use stats::experiment::interrupted::{Setting, interrupted};
use stats::experiment::metrics;
use stats::experiment::moments::Moments;
use stats::experiment::plan::Plan;
use stats::experiment::power::{Design, Outcome, sample_size};
use stats::experiment::staggered::{By, Controls, Panel, group_time};
use stats::experiment::synthetic::{self, synthetic};
use stats::feedback::{Choices, conjoint};
use stats::policy::explore::{draw, softmax};
use stats::policy::off_policy::{Estimator, Log, estimates};
use stats::table::Table;
use stats::uplift::{
    Assignment, Base, Causalml, Learner, Meta, Metric, Ranking, Sklift, Strategy, Trial, measure,
};
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn main() {
    let Some(folder) = std::env::var_os("PERENNIAL_RACE").map(PathBuf::from) else { return };
    let race = Race { folder };
    race.uplift();
    race.experiments();
    race.designs();
    race.feedback();
    race.policy();
    race.allocation();
}

struct Race {
    folder: PathBuf,
}

impl Race {
    fn column(&self, name: &str) -> Vec<f64> {
        let path = self.folder.join(format!("{name}.f64"));
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        bytes.as_chunks::<8>().0.iter().map(|number| f64::from_le_bytes(*number)).collect()
    }

    fn whole(&self, name: &str) -> Vec<usize> {
        self.column(name).into_iter().map(|number| number as usize).collect()
    }

    fn table(&self, name: &str, columns: usize) -> Table {
        Table::new(columns, self.column(name)).expect("a table")
    }

    fn uplift(&self) {
        let (table, arm, outcome) = (self.table("features", 12), self.whole("arm"), self.column("visited"));
        let assignment = Assignment::equal(2).expect("two arms");
        let trial = Trial::new(table, &arm, &outcome, &assignment).expect("a trial");
        let of = |learner: Learner| {
            let effects = learner.fit(&trial, 2, 1).expect("a fit").of(trial.table()).expect("effects");
            effects.by_column()
        };
        run("t_logistic", || of(Learner::usual(true)));
        run("x_linear", || of(Learner { meta: Meta::X, base: Base::Ridge { ridge: 1e-6 } }));
        run("dr_linear", || of(Learner { meta: Meta::Dr, base: Base::Ridge { ridge: 1e-6 } }));
        let (score, treated) = (self.column("score"), arm.iter().map(|arm| *arm == 1).collect::<Vec<_>>());
        let all = |metrics: &[Metric]| -> Vec<f64> {
            let ranking = Ranking::new(&score, &treated, &outcome).expect("a ranking");
            metrics.iter().map(|metric| measure(&ranking, metric).expect("a metric")).collect()
        };
        let at = Sklift::UpliftAt { strategy: Strategy::ByGroup, share: 0.3 };
        run("sklift_metrics", || all(&[Sklift::QiniAuc, Sklift::UpliftAuc, at].map(Metric::Sklift)));
        let normalize = true;
        let causalml = [Causalml::Auuc { normalize }, Causalml::Qini { normalize }].map(Metric::Causalml);
        run("causalml_metrics", || all(&causalml));
    }

    fn experiments(&self) {
        let sums = self.table("sums", 12);
        let arm = |row: &[f64]| {
            let [n, y, yy, x, xx, xy] = *row else { panic!("six sums") };
            Moments::from_sums(n as u64, [y, x], [[yy, xy], [xy, xx]]).expect("an arm")
        };
        let judge = |plan: Plan| -> Vec<f64> {
            let of = |row: &[f64]| {
                let adjusted = adjust(&arm(&row[..6]), &arm(&row[6..])).expect("arms");
                plan.judge(&adjusted.effect(Scale::Absolute).expect("an effect")).expect("a reading")
            };
            sums.iter().map(of).flat_map(|r| [r.effect.value, r.interval.low, r.interval.high]).collect()
        };
        run("cuped", || judge(Plan::completed(0.95).expect("a plan")));
        run("cuped_sequential", || judge(Plan::sequence(0.95, 5_000).expect("a plan")));
        let effects = self.column("effects");
        let outcome = Outcome::Mean { control_deviation: 1.0, treatment_deviation: 1.0 };
        let size = |effect: &f64| sample_size(&Design::default(), outcome, *effect, 0.8).expect("sizes");
        run("power", || effects.iter().map(|effect| size(effect).control as f64).collect());
        let p = self.column("p");
        run("fdr", || metrics::adjust(&p, 0.05).expect("p-values").iter().map(|one| one.adjusted).collect());
        let spend = Table::new(1, self.column("spend")).expect("rows");
        run("bootstrap", || {
            let drawn = bootstrap::sums(&spend, 1_000, 7).expect("replicates");
            vec![standard_deviation(&drawn.iter().map(|row| row[0] / row[1]).collect::<Vec<_>>())]
        });
    }

    fn designs(&self) {
        let (outcomes, first) = (self.column("panel"), self.whole("first_treated"));
        let first: Vec<Option<usize>> = first.iter().map(|period| (*period > 0).then_some(*period)).collect();
        let panel = Panel { periods: 8, outcomes: &outcomes, first_treated: &first, clusters: None };
        run("did", || {
            let found = group_time(&panel, Controls::NeverTreated).expect("cells");
            let all = found.averages(By::All);
            vec![all[0].effect, all[0].standard_error]
        });
        let series = self.column("series");
        let setting = Setting { start: 700, season: None, lags: Some(7), level: 0.95 };
        run("interrupted", || {
            let found = interrupted(&series, setting).expect("a fit");
            vec![found.step.value, found.step.standard_error, found.bend.value, found.bend.standard_error]
        });
        let markets = self.table("markets", 40).by_column();
        let markets: Vec<&[f64]> = markets.chunks(120).collect();
        let setting = synthetic::Setting { before: 90, is_centred: false };
        run("synthetic", || vec![synthetic(markets[0], &markets[1..], setting).expect("a fit").error_before]);
    }

    fn feedback(&self) {
        let (table, chosen) = (self.table("alternatives", 5), self.whole("chosen"));
        let sizes = vec![4; chosen.len()];
        let choices = Choices::new(table, &sizes, chosen).expect("choices");
        run("conjoint", || conjoint(&choices).expect("a fit").coefficients);
    }

    fn policy(&self) {
        let (action, reward) = (self.whole("action"), self.column("reward"));
        let [logged, policy, expected] = ["logged", "policy", "expected"].map(|name| self.table(name, 10));
        run("ope", || {
            let log = Log::new(&action, &reward, &logged, &policy).expect("a log");
            let log = log.expecting(&expected).expect("a model");
            let limit = 5.0;
            let all = [
                Estimator::Ips,
                Estimator::Snips,
                Estimator::Dm,
                Estimator::Dr,
                Estimator::Sndr,
                Estimator::SwitchDr { limit },
                Estimator::Dros { limit },
            ];
            estimates(&log, &all).expect("estimates")
        });
        let worth = self.column("worth");
        run("decide", || {
            let decide = |u: u32| {
                let drawn = draw(&softmax(&worth, 1.0).expect("probabilities"), f64::from(u) / 1_000.0);
                drawn.expect("an action").action
            };
            vec![(0..1_000).map(decide).sum::<usize>() as f64]
        });
    }

    fn allocation(&self) {
        let (value, cost) = (self.column("value"), self.column("cost"));
        let budget = self.column("budget")[0] as i64;
        let cost = cost.into_iter().map(|cost| cost as i64).collect();
        let offers = Offers::even(1, 10, value, cost).expect("offers");
        run("knapsack", || {
            let found = allocate(&offers, &Rules::budget(budget)).expect("an allocation");
            vec![found.plan.bound, found.plan.prices[0]]
        });
    }
}

/// Processor seconds of one run, the best of three rounds of about a fifth of a second, and the answer.
fn run(name: &str, work: impl Fn() -> Vec<f64>) {
    let (mut best, mut answer) = (f64::MAX, work());
    for _ in 0..3 {
        let (clock, before, mut runs) = (Instant::now(), processor_seconds(), 0);
        while runs == 0 || clock.elapsed() < Duration::from_millis(200) {
            answer = work();
            runs += 1;
        }
        let wall = clock.elapsed().as_secs_f64();
        let took = before.zip(processor_seconds()).map_or(wall, |(before, after)| after - before);
        best = best.min(took / f64::from(runs));
    }
    let answer: Vec<String> = answer.iter().take(2_000).map(f64::to_string).collect();
    println!("{{\"name\": \"{name}\", \"seconds\": {best}, \"answer\": [{}]}}", answer.join(", "));
}
