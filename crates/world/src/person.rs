//! Who a customer is: everything about them that does not change.

use std::sync::Arc;

use rand::RngExt;
use rand_distr::{Beta, Distribution, Gamma, StandardNormal};

use crate::config::{Config, Process};
use crate::feedback::Language;
use crate::random::{Purpose, stream};
use crate::response::{Response, draw};

/// How one customer leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Leaving {
    /// A coin after every repeat order.
    AfterRepeat(f64),
    /// A coin after every order.
    AfterEvery(f64),
    /// A constant risk per week.
    Risk(f64),
    /// Not at all.
    Never,
}

/// One customer.
#[derive(Debug, Clone)]
pub struct Person {
    pub key: Arc<str>,
    pub handle: String,
    pub language: Language,
    /// Moment of the first order, in days from the start.
    pub joined: f64,
    pub rate_per_week: f64,
    pub leaving: Leaving,
    /// Rate of the gamma law of order value.
    pub spend_rate: f64,
    pub home_store: usize,
    /// How often an order is placed at home rather than in the store.
    pub likes_home: f64,
    pub likes_discounts: f64,
    pub accepts_messages: bool,
    /// Products bought again and again.
    pub favourites: Vec<usize>,
    /// How often a product is one of them.
    pub loyalty: f64,
    pub response: Response,
}

/// The shop's key of customer number `number`, from 0.
pub fn key(number: u64) -> Arc<str> {
    format!("K{:07}", number + 1).into()
}

/// Makes customer number `number`. `pick_product` draws a product by popularity.
pub fn person(config: &Config, number: u64, pick_product: impl Fn(f64) -> usize) -> Person {
    let random = &mut stream(config.seed, Purpose::Traits, number);
    let joined = random.random::<f64>() * f64::from(config.joining_weeks) * 7.0;
    let rate_per_week = gamma(random, config.rate_shape) / config.rate_weeks;
    let leaving = match config.process {
        Process::BetaGeometric { a, b } => Leaving::AfterRepeat(beta(random, a, b)),
        Process::ModifiedBetaGeometric { a, b } => Leaving::AfterEvery(beta(random, a, b)),
        Process::Pareto { s, beta } => Leaving::Risk(gamma(random, s) / beta),
        Process::Never => Leaving::Never,
    };
    let spend_rate = (gamma(random, config.spend.q) / config.spend.gamma).max(1e-12);
    let home_store = random.random_range(0..config.stores as usize);
    let likes_home = beta(random, 0.6, 2.4);
    let likes_discounts = beta(random, 1.0, 2.0);
    let language = match random.random::<f64>() {
        x if x < 0.86 => Language::Vietnamese,
        x if x < 0.94 => Language::English,
        _ => Language::Chinese,
    };
    let favourites = (0..random.random_range(2..6)).map(|_| pick_product(random.random())).collect();
    let loyalty = beta(random, 4.0, 3.0);
    let accepts_messages = random.random::<f64>() < 0.62;
    let handle = handle(random.random(), random.random());
    let response = draw(random, rate_per_week, likes_discounts);
    Person {
        key: key(number),
        handle,
        language,
        joined,
        rate_per_week,
        leaving,
        spend_rate,
        home_store,
        likes_home,
        likes_discounts,
        accepts_messages,
        favourites,
        loyalty,
        response,
    }
}

/// A gamma draw of rate 1. Small shapes can round to nothing; the floor keeps logarithms and divisions finite.
pub fn gamma(random: &mut rand_pcg::Pcg64Mcg, shape: f64) -> f64 {
    match Gamma::new(shape, 1.0) {
        Ok(law) => law.sample(random).max(1e-12),
        // Shapes are checked when the world is made.
        Err(_) => 1e-12,
    }
}

/// A beta draw.
pub fn beta(random: &mut rand_pcg::Pcg64Mcg, a: f64, b: f64) -> f64 {
    match Beta::new(a, b) {
        Ok(law) => law.sample(random).clamp(0.0, 1.0),
        Err(_) => a / (a + b),
    }
}

/// A standard normal draw.
pub fn normal(random: &mut rand_pcg::Pcg64Mcg) -> f64 {
    StandardNormal.sample(random)
}

/// Two plants or things and a number: a handle nobody bears.
fn handle(one: u32, other: u32) -> String {
    const THINGS: [&str; 24] = [
        "sen", "tre", "lua", "dua", "che", "quat", "mai", "dao", "bang", "cau", "que", "gung", "rain",
        "river", "cloud", "paper", "stone", "lamp", "kite", "boat", "moss", "salt", "clay", "reed",
    ];
    let pick = |number: u32| THINGS[number as usize % THINGS.len()];
    format!("{}-{}-{}", pick(one), pick(other), one / 97 % 1_000)
}
