//! A world's customers as an experiment sees them: what the shop knows, which arm, what happened, and what was planted.

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use stats::table::Table;
use stats::uplift::{Assignment, Trial};
use world::{Config, History, World};

/// Customers of one world with what was planted in them.
pub struct Customers {
    pub world: World,
    /// What the shop sees of each: `COLUMNS` numbers.
    pub features: Vec<f64>,
    /// The chance of an order untouched, and what an offer adds.
    pub base: Vec<f64>,
    pub effect: Vec<f64>,
}

/// Orders a week, the share of lines sold at a discount, recency, order value, and on how many of eight earlier occasions
/// they came without an offer and with one.
pub const COLUMNS: usize = 6;
/// The column of occasions on which they came without an offer.
pub const CAME: usize = 4;
const EARLIER: u32 = 8;

impl Customers {
    pub fn new(count: u32, seed: u64) -> Customers {
        let world = World::new(Config { customers: count, ..Config::corner_shop(seed) }).unwrap();
        let (mut features, mut base, mut effect) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..count {
            let history = world.history(number);
            features.extend(seen(&world, number, &history));
            let truth = history.truth.unwrap();
            base.push(truth.base_chance);
            effect.push(truth.offer_effect);
        }
        Customers { world, features, base, effect }
    }

    pub fn len(&self) -> usize {
        self.base.len()
    }

    pub fn table(&self) -> Table {
        Table::new(COLUMNS, self.features.clone()).unwrap()
    }

    /// Whether a customer orders within four weeks of an occasion, 1 or 0.
    pub fn orders(&self, customer: usize, occasion: u32, with_offer: bool) -> f64 {
        f64::from(u8::from(self.world.responds(customer as u32, occasion, with_offer)))
    }

    /// An experiment with arms of equal chance, of which those from `first_with_offer` on are the same offer.
    pub fn experiment(&self, arms: usize, first_with_offer: usize, occasion: u32) -> Trial {
        let mut random = Pcg64Mcg::seed_from_u64(u64::from(occasion) + 1_000);
        let drawn: Vec<usize> = (0..self.len()).map(|_| random.random_range(0..arms)).collect();
        let orders =
            |(customer, arm): (usize, &usize)| self.orders(customer, occasion, *arm >= first_with_offer);
        let outcome: Vec<f64> = drawn.iter().enumerate().map(orders).collect();
        Trial::new(self.table(), &drawn, &outcome, &Assignment::equal(arms).unwrap()).unwrap()
    }
}

fn seen(world: &World, number: u32, history: &History) -> [f64; COLUMNS] {
    let day = |line: &world::OrderLine| line.at.date().since(world.config().start).unwrap().get_days();
    let lines = &history.lines;
    let orders: BTreeSet<&str> = lines.iter().map(|line| &*line.order_id).collect();
    let count = orders.len() as f64;
    let end = world.config().days() as i32;
    let (first, last) = (day(&lines[0]), lines.iter().map(day).max().unwrap());
    let share = |of: &dyn Fn(&world::OrderLine) -> bool| {
        lines.iter().filter(|line| of(line)).count() as f64 / lines.len() as f64
    };
    let came = |from: u32, with_offer: bool| {
        let occasions = from..from + EARLIER;
        occasions.filter(|occasion| world.responds(number, *occasion, with_offer)).count() as f64
    };
    let spent: i64 = lines.iter().map(|line| line.total_minor).sum();
    [
        (7.0 * count / f64::from(last - first + 14)).ln(),
        share(&|line| line.discount_minor > 0),
        f64::from(end - last + 1).ln(),
        (spent.max(1) as f64 / count).ln(),
        came(1_000_000, false),
        came(2_000_000, true),
    ]
}

pub fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.into_iter().collect();
    values.iter().sum::<f64>() / values.len() as f64
}
