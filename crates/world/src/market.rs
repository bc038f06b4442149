//! The market: stores, products, seasons, and the way to every history.

use jiff::ToSpan;
use jiff::civil::Date;
use rand::RngExt;

use crate::action::Action;
use crate::catalogue::{PLANTED_PAIRS, Product, catalogue};
use crate::config::{Config, Refused};
use crate::history::{History, acted_history, customer_history, order_moments, walk_in_history};
use crate::person::person;
use crate::random::{Purpose, stream};
use crate::row::{CustomerRow, Truth};
use crate::season::Season;

/// A store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Its code.
    pub code: String,
    /// Its name, in Vietnamese.
    pub name: String,
}

/// A market of which everything can be asked.
#[derive(Debug, Clone)]
pub struct World {
    config: Config,
    products: Vec<Product>,
    /// Running total of the products' weights, up to 1.
    cumulative: Vec<f64>,
    /// For each product, the one it asks for.
    partner: Vec<Option<usize>>,
    stores: Vec<Store>,
    dates: Vec<Date>,
    season: Season,
}

impl World {
    /// Makes a world, or says which setting is impossible.
    pub fn new(config: Config) -> Result<World, Refused> {
        config.check()?;
        let too_long = || Refused::TooLong { start: config.start, weeks: config.weeks };
        // Returns come up to two weeks after the end of the orders.
        let last = config.start.checked_add(i64::from(config.days() + 30).days()).map_err(|_| too_long())?;
        let dates: Vec<Date> = config.start.series(1.day()).take_while(|date| *date <= last).collect();
        let products = catalogue(config.products, config.seed);
        let total: f64 = products.iter().map(|product| product.weight).sum();
        let mut sum = 0.0;
        let cumulative = products
            .iter()
            .map(|product| {
                sum += product.weight / total;
                sum
            })
            .collect();
        let find = |key: &str| products.iter().position(|product| product.key == key);
        let mut partner = vec![None; products.len()];
        for (first, second) in PLANTED_PAIRS {
            if let (Some(first), Some(second)) = (find(first), find(second)) {
                partner[first] = Some(second);
            }
        }
        let season = Season::new(&dates[..config.days() as usize], config.seasonality);
        Ok(World { stores: stores(config.stores), config, products, cumulative, partner, dates, season })
    }

    /// What it was made of.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What is sold.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// Where.
    pub fn stores(&self) -> &[Store] {
        &self.stores
    }

    /// The last day seen.
    pub fn last_day(&self) -> Date {
        self.dates[self.config.days() as usize - 1]
    }

    /// Everything about customer number `number`, from 0. Numbers at or past `customers` are people who never came;
    /// asking for them is allowed and changes nothing.
    pub fn history(&self, number: u32) -> History<'_> {
        customer_history(self, u64::from(number))
    }

    /// The same where an action was done to the customer: everything as untouched, and what the action brought on top.
    /// Orders it brings are not in the truth of the future, and none of them comes back.
    pub fn acted_history(&self, number: u32, action: &Action) -> History<'_> {
        acted_history(self, u64::from(number), action)
    }

    /// The exact moments at which customer number `number` came, in days from the start of the first day. Files know
    /// the day only; several orders can fall on one.
    pub fn order_moments(&self, number: u32) -> Vec<f64> {
        order_moments(self, u64::from(number))
    }

    /// All histories: the customers in order, then one day after another of sales without a customer. Each history is
    /// made when it is asked for; skipping with `nth` is as cheap as a history.
    pub fn histories(&self) -> impl Iterator<Item = History<'_>> {
        let customers = (0..self.config.customers).map(|number| self.history(number));
        customers.chain(self.walk_ins())
    }

    /// Sales without a customer, one history per day.
    pub fn walk_ins(&self) -> impl Iterator<Item = History<'_>> {
        let days = if self.config.anonymous_share > 0.0 { self.config.days() } else { 0 };
        (0..days).map(|day| walk_in_history(self, day))
    }

    /// What the shop knows of its customers, without their orders.
    pub fn customers(&self) -> impl Iterator<Item = CustomerRow<'_>> {
        (0..self.config.customers).map(|number| {
            let person = self.person(u64::from(number));
            crate::history::customer_row(self, &person)
        })
    }

    /// What was planted, customer by customer.
    pub fn truths(&self) -> impl Iterator<Item = Truth> {
        (0..self.config.customers).filter_map(|number| self.history(number).truth)
    }

    /// Whether customer number `number` orders within four weeks of an occasion, with an offer or without. Both
    /// answers to the same occasion hang on the same draw.
    pub fn responds(&self, number: u32, occasion: u32, with_offer: bool) -> bool {
        let response = self.person(u64::from(number)).response;
        let name = u64::from(number) << 32 | u64::from(occasion);
        let draw: f64 = stream(self.config.seed, Purpose::Response, name).random();
        draw < response.base + if with_offer { response.effect } else { 0.0 }
    }

    pub(crate) fn person(&self, number: u64) -> crate::person::Person {
        person(&self.config, number, |place| self.product_at(place))
    }

    /// The product at a place in [0, 1) of the popularity.
    pub(crate) fn product_at(&self, place: f64) -> usize {
        self.cumulative.partition_point(|sum| *sum <= place).min(self.products.len() - 1)
    }

    pub(crate) fn partner(&self, product: usize) -> Option<usize> {
        self.partner[product]
    }

    pub(crate) fn season(&self) -> &Season {
        &self.season
    }

    /// The date of a day from the start; days past the calendar kept are its last.
    pub(crate) fn date(&self, day: u32) -> Date {
        self.dates[(day as usize).min(self.dates.len() - 1)]
    }
}

fn stores(count: u32) -> Vec<Store> {
    let named = [("river", "Bờ Sông"), ("market", "Chợ Cũ"), ("station", "Nhà Ga")];
    (0..count as usize)
        .map(|number| match named.get(number) {
            Some((code, name)) => Store { code: (*code).to_owned(), name: (*name).to_owned() },
            None => Store {
                code: format!("store-{:03}", number + 1),
                name: format!("Cửa hàng {}", number + 1),
            },
        })
        .collect()
}
