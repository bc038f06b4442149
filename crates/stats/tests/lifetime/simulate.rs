//! Customers by the book of each model, from a seed.

use rand::SeedableRng;
use rand_distr::{Beta, Distribution, Exp1, Gamma};
use rand_pcg::Pcg64Mcg;
use stats::lifetime::history::History;

#[derive(Clone, Copy)]
pub enum Truth {
    Nbd,
    Bg {
        k: u32,
    },
    Mbg {
        k: u32,
    },
    Pareto,
    /// All customers leave at the rate third / fourth.
    CommonDeath,
    /// All customers leave after an order with probability third / (third + fourth).
    CommonCoin,
}

#[derive(Default)]
pub struct People {
    pub frequency: Vec<f64>,
    pub recency: Vec<f64>,
    pub age: Vec<f64>,
    pub log_gaps: Vec<f64>,
    /// Orders in the holdout that follows.
    pub later: Vec<f64>,
    /// Share active at the end of observation.
    pub alive: f64,
}

impl People {
    pub fn history(&self) -> History<'_> {
        History::new(&self.frequency, &self.recency, &self.age).with_log_gaps(&self.log_gaps)
    }
}

/// `p` are the four parameters in the order of the literature; all customers are seen for `age` and then for `holdout`.
pub fn simulate(truth: Truth, p: [f64; 4], customers: usize, age: f64, holdout: f64, seed: u64) -> People {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let rates = Gamma::new(p[0], 1.0 / p[1]).unwrap();
    let exp = |random: &mut Pcg64Mcg| -> f64 { Exp1.sample(random) };
    let mut people = People::default();
    for _ in 0..customers {
        let rate: f64 = rates.sample(&mut random);
        let (k, leave, death) = match truth {
            Truth::Nbd => (1, 0.0, f64::INFINITY),
            Truth::Bg { k } | Truth::Mbg { k } => {
                (k, Beta::new(p[2], p[3]).unwrap().sample(&mut random), f64::INFINITY)
            }
            Truth::CommonCoin => (1, p[2] / (p[2] + p[3]), f64::INFINITY),
            Truth::Pareto => {
                let death: f64 = Gamma::new(p[2], 1.0 / p[3]).unwrap().sample(&mut random);
                (1, 0.0, exp(&mut random) / death)
            }
            Truth::CommonDeath => (1, 0.0, exp(&mut random) * p[3] / p[2]),
        };
        // A coin is an exponential variate against a threshold: P(Exp < −ln leave) = 1 − leave.
        let keeps = |random: &mut Pcg64Mcg| leave == 0.0 || exp(random) < -leave.ln();
        let (mut x, mut last, mut gaps, mut later) = (0.0, 0.0, 0.0, 0.0);
        let mut now = 0.0;
        let mut active = !matches!(truth, Truth::Mbg { .. }) || keeps(&mut random);
        let mut alive = active && death > age;
        while active {
            let gap: f64 = (0..k).map(|_| exp(&mut random)).sum::<f64>() / rate;
            now += gap;
            if now > (age + holdout).min(death) {
                break;
            }
            if now <= age {
                x += 1.0;
                gaps += gap.ln();
                last = now;
            } else {
                later += 1.0;
            }
            active = keeps(&mut random);
            if now <= age && !active {
                alive = false;
            }
        }
        people.frequency.push(x);
        people.recency.push(last);
        people.age.push(age);
        people.log_gaps.push(gaps);
        people.later.push(later);
        people.alive += f64::from(u8::from(alive)) / customers as f64;
    }
    people
}
